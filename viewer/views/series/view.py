"""A series of gradients: all steps as small pictures, and the check by finite differences."""

from collections import OrderedDict

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.studio.step_values import weight_words
from viewer.studio.thumbnails import thumbnail_of
from viewer.views.asking import Asking
from viewer.views.pen import Pen
from viewer.views.series import checking, marks
from viewer.views.series.build import flat_of, ordered, picture_of, unit_at
from viewer.views.series.hands import SeriesHands
from viewer.views.series.places import FOOT, ROW, Places, fitted
from viewer.views.series.resolve import resolve
from viewer.visuals.flat import FlatPicture
from viewer.visuals.legend import number
from viewer.visuals.overlay import Overlay

BUDGET_BYTES = 96 * 2**20
"""Of pictures' textures and of the flat values that they are made of."""

TOGETHER = 6
"""Pictures made at a time: so many come before the next ones are asked for."""


class SeriesView(SeriesHands):
    """All steps of the series for the active layer."""

    name = "series"

    def __init__(self):
        super().__init__()
        self._ask = Asking(self.name)
        self._cells, self._over = Overlay(), Overlay()
        self._flats = OrderedDict()  # values of steps in a plane, by what they follow from
        self._made = OrderedDict()  # their pictures, by number of the step
        self._thumbs = OrderedDict()
        self._gone = []
        self._data = None
        self._volume = None

    # what is shown

    def follow(self, state, hovered, facts, builder):
        self._ask.builder = builder
        wish = resolve(state, facts)
        self.detail = wish.detail
        old, self.wish = self.wish, wish
        if wish.data is not self._data:
            self._forget_thumbs(wish.data)
        if not wish.same_as(old):
            self.outdated.emit()

    def _forget_thumbs(self, data):
        self._data = data
        self._gone += self._thumbs.values()
        self._thumbs.clear()

    def set_theme(self, theme):
        if theme is not self.theme:
            self._gone += [flat for _, flat in self._made.values()]
            self._made.clear()
        super().set_theme(theme)

    @property
    def pending(self):
        return self.wish.late or bool(self._ask)

    # where things are

    def places(self):
        """Where the cells stand now."""
        wish = self.wish
        flat = next(iter(self._flats.values()), None)
        shape = (1, 1) if flat is None else flat.values.shape
        return Places(
            self.width, self.height, len(wish.heads), shape, wish.settings.step,
            wish.settings.check != "none", wish.check.found is None,
        )  # fmt: skip

    # drawing

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        for flat in self._gone:
            flat.release()
        self._gone = []
        self._cells.clear()
        self._over.clear()
        self._fetch_flats()
        pen, places, wish = Pen(self._over, ratio, self.theme), self.places(), self.wish
        if wish.heads:
            self._draw_steps(context, width_px, height_px, ratio, places)
            marks.draw_bar(pen, places)
        else:
            self._message(pen, places)
        if places.check is not None:
            self.rows = checking.draw(pen, wish.check, places.check)
        words = self._pointed_words(places) or wish.words
        limit = wish.limit if wish.limit else None
        marks.draw_foot(pen, words, limit, self.width, self.height - FOOT)
        self._over.draw(context, width_px, height_px)
        self._bound(places)

    def _message(self, pen, places):
        _, top, wide, tall = places.room
        if places.check is not None:
            return
        lines = self.wish.message.split("\n")[: max(1, int(tall // (ROW + 3)))]
        top += (tall - len(lines) * (ROW + 3)) / 2
        for place, line in enumerate(lines):
            base = top + (place + 0.7) * (ROW + 3)
            pen.text(self.width / 2, base, line, self.theme.dim, align=0.5, room=wide)

    def _draw_steps(self, context, width_px, height_px, ratio, places):
        pen, wanted, thumbs = Pen(self._cells, ratio, self.theme), [], []
        _, top, _, tall = places.room
        lower = height_px - round((top + tall) * ratio)
        GL.glEnable(GL.GL_SCISSOR_TEST)
        GL.glScissor(0, lower, width_px, round((tall + 4) * ratio))
        for at in places.in_sight:
            step, head, box = self.wish.steps[at], self.wish.heads[at], places.picture(at)
            look = self._look(step)
            if look is not None:
                flat = self._picture(at, look, wanted)
                if flat is not None:
                    flat.draw(context, width_px, height_px, fitted(box, flat.shape, ratio))
            thumb = self._thumbs.get(head.sample)
            if thumb is None:
                thumbs.append(head.sample)
            else:
                self._thumbs.move_to_end(head.sample)
                place = fitted(marks.thumb_box(box), thumb.shape, ratio)
                thumb.draw(context, width_px, height_px, place)
            drawn = None
            if look in self._flats:
                drawn = [
                    part / ratio for part in fitted(box, self._flats[look].values.shape, ratio)
                ]
            marks.draw_step(pen, step, head, box, drawn, at == self.wish.settings.step)
        self._cells.draw(context, width_px, height_px)
        GL.glDisable(GL.GL_SCISSOR_TEST)
        self._fetch_pictures(wanted)
        self._fetch_thumbs(list(dict.fromkeys(thumbs)))

    # values in a plane, and their pictures

    def _look(self, step):
        """What a step's flat values follow from; None where there are none."""
        wish = self.wish
        if not step.is_there or wish.layer not in step.values.maps:
            return None
        settings = wish.settings
        order = wish.order if settings.picture == "filters" else None
        return step.values, step.minus, wish.layer, settings.unfolding, settings.picture, order

    def _picture(self, at, look, wanted):
        """The picture of a step: the right one, or the former one while that is made."""
        key = (look, self.wish.limit)
        known = self._made.get(at)
        if known is not None:
            self._made.move_to_end(at)
        if (known is None or known[0] != key) and look in self._flats:
            wanted.append((at, key))
        if known is None or known[0][0][2:] != look[2:]:
            return None  # that of another layer, or unfolded in another way
        return known[1]

    def _fetch_flats(self):
        """Have volumes of steps in sight laid flat, the first ones first."""
        wanted = [self._look(self.wish.steps[at]) for at in self.places().in_sight]
        wanted = [look for look in wanted if look is not None and look not in self._flats]
        if not wanted or self._ask.builder is None:
            return
        wanted = wanted[:TOGETHER]
        steps = {self._look(step): step for step in self.wish.steps if step.is_there}
        ranges = self.wish.series.ranges

        def work():
            return {look: _flat_of(steps[look], ranges, *look[2:]) for look in wanted}

        def came(made):
            self._flats.update(made)
            self.outdated.emit()

        self._ask.ask("flats", work, came)

    def _fetch_pictures(self, wanted):
        if not wanted or self._ask.builder is None:
            return
        theme = self.theme
        wanted = [(at, key, self._flats[key[0]]) for at, key in wanted[: 4 * TOGETHER]]

        def work():
            return [(at, key, picture_of(flat, key[1], theme)) for at, key, flat in wanted]

        def came(made):
            if theme is not self.theme:
                return
            for at, key, pixels in made:
                flat = self._made[at][1] if at in self._made else FlatPicture()
                flat.set_pixels(pixels)
                self._made[at] = (key, flat)
            self.outdated.emit()

        self._ask.ask("pictures", work, came)

    def _fetch_thumbs(self, samples):
        data = self._data
        if not samples or data is None or self._ask.builder is None:
            return
        samples = samples[: 4 * TOGETHER]

        def came(made):
            if data is not self._data:
                return
            for sample, pixels in made.items():
                if sample not in self._thumbs:
                    self._thumbs[sample] = FlatPicture()
                self._thumbs[sample].set_pixels(pixels)
            self.outdated.emit()

        self._ask.ask("thumbs", lambda: {at: thumbnail_of(data, at) for at in samples}, came)

    def _bound(self, places):
        """Keep textures and flat values within the budget; those in sight were used last."""
        least = 2 * len(places.in_sight) + 8
        each = 4 * max(1, places.shape[0] * places.shape[1])
        most = max(least, BUDGET_BYTES // (3 * each))
        present = {self._look(step) for step in self.wish.steps}
        for look in [look for look in self._flats if look not in present]:
            del self._flats[look]
        while len(self._made) > most or any(at >= len(self.wish.heads) for at in self._made):
            gone = next((at for at in self._made if at >= len(self.wish.heads)), None)
            gone = next(iter(self._made)) if gone is None else gone
            self._gone.append(self._made.pop(gone)[1])
        while len(self._thumbs) > max(least, 256):
            self._gone.append(self._thumbs.popitem(last=False)[1])

    # what is pointed at

    def weight_at(self, number_, pixel):
        """(channel, row, column, value) of the volume at a pixel of a step's picture, or None."""
        step, wish = self.wish.steps[number_], self.wish
        look = self._look(step)
        flat = None if look is None else self._flats.get(look)
        if flat is None:
            return None
        volume, absent = self._volume_of(step)
        found = unit_at(volume, absent, wish.settings.picture, flat.factor, *pixel)
        if found is None or absent is not None and absent[found[1:]]:
            return None
        channel = found[0] if look[-1] is None else int(look[-1].channels[found[0]])
        return channel, *found[1:], float(volume[found])

    def _volume_of(self, step):
        """The step's volume of the layer shown, the last one remembered."""
        look = self._look(step)
        if self._volume is None or self._volume[0] != look:
            volumes = step.values.volumes(
                self.wish.settings.unfolding, self.wish.series.ranges, step.minus
            )
            layer = self.wish.layer
            self._volume = (look, ordered(volumes.maps[layer], look[-1]), volumes.absent.get(layer))
        return self._volume[1:]

    def _pointed_words(self, places):
        """What is under the pointer, for the footer."""
        if self.pointed is None:
            return ""
        at, pixel = self.pointed
        head = self.wish.heads[at]
        place = f"step {at + 1}, {head.name}: {head.words}"
        found = None if pixel is None else self.weight_at(at, pixel)
        if found is None:
            return place
        channel, row, column, value = found
        weight = self.weight_named(channel, row, column)
        if weight is None:
            where = f"channel {channel}, row {row}, column {column}"
        else:
            where = f"filter {channel}, {weight_words(self.wish.shape, *weight)}"
        return f"{number(value, 4)} at {where} · {place}"

    def release(self):
        for flat in (*(flat for _, flat in self._made.values()), *self._thumbs.values()):
            flat.release()
        for flat in self._gone:
            flat.release()
        self._gone = []
        self._cells.release()
        self._over.release()


def _flat_of(step, ranges, layer, unfolding, way, order):
    volumes = step.values.volumes(unfolding, ranges, step.minus)
    return flat_of(ordered(volumes.maps[layer], order), volumes.absent.get(layer), way)
