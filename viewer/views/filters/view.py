"""The Top filters view: the strongest units of filters, projected back to the picture."""

from dataclasses import replace

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.views.filters import marks
from viewer.views.filters.build import draw
from viewer.views.filters.hands import FiltersHands
from viewer.views.filters.places import MARGIN, ROW, places
from viewer.views.filters.resolve import resolve
from viewer.views.filters.weights import WeightsBeside
from viewer.views.pen import Pen
from viewer.visuals.flat import FlatPicture
from viewer.visuals.overlay import Overlay

STOPS = ("escape", "esc")


class FiltersView(FiltersHands):
    """The picture with what its strongest filters rest on, and the ordered histogram."""

    name = "filters"

    def __init__(self):
        super().__init__()
        self._orders = {}
        self._source = self._asked = self._shown = None
        self._waits = False
        self._picture = FlatPicture()
        self._weights = WeightsBeside()
        self._squares, self._over = Overlay(), Overlay()

    # what is shown

    def follow(self, state, hovered, facts, builder):
        self._show(self._standing(resolve(state, hovered, facts, self._orders)), builder)

    def _standing(self, wish):
        """What is shown of a wish: weights stay until others come; all stays while it is played.

        A frame that is played appears as a whole, histogram and projections together.
        """
        old = self.wish
        active = any(layer.name == wish.focus.layer for layer in wish.layers)
        if wish.kernel_late and active and old.kernel and old.kernel.layer == wish.focus.layer:
            wish = replace(wish, kernel=old.kernel)
        names = [layer.name for layer in wish.layers]
        same = names == [layer.name for layer in old.layers] and old.has_projections
        self._waits = self.is_playing and wish.late and same
        if not self._waits:
            return wish
        layers = []
        for layer in old.layers:  # the range can be dragged meanwhile
            ends = layer.ordered.within(wish.settings.first, wish.settings.last)
            layers.append(replace(layer, first=ends[0], last=ends[1]))
        now = {name: getattr(wish, name) for name in ("settings", "camera", "focus", "alone")}
        return replace(old, layers=tuple(layers), late=False, **now)

    @property
    def pending(self):
        if self._waits or self._weights.pending:
            return True
        if self.wish.kernel_late and self.drawn is not None and self.places().listed is not None:
            return True
        return self.wish.late or (self._asked is not None and self._asked is not self._shown)

    def _show(self, wish, builder):
        old, self.wish = self.wish, wish
        self.detail = wish.detail
        if wish.picture is None:
            builder.forget(self.name)
            self._source = self._asked = self._shown = self.drawn = None
        else:
            self._compose(wish, builder)
        self._weights.show(wish.kernel, self.theme, builder, self.outdated.emit)
        if not _same(wish, old):
            self.outdated.emit()

    def _compose(self, wish, builder):
        """Have the picture made anew where something in it is different.

        While something is still being found the former picture stays, as it is wanted now.
        """
        if not wish.late or self._source is None or not self._source.has_projections:
            self._source = wish
        elif self._source is not wish:
            self._source = replace(self._source, settings=wish.settings, alone=wish.alone)
        source, theme = self._source, self.theme
        key = _Look(source, theme)
        if self._asked is not None and key.same_as(self._asked):
            return
        self._asked = key
        work = (source.picture, source.layers, source.settings, source.alone, theme)
        builder.ask(self.name, lambda: draw(*work), lambda made: self._take(key, made))

    def _take(self, key, made):
        self._shown, self.drawn = key, made
        self._picture.set_pixels(made.pixels)
        self.outdated.emit()

    # drawing

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        self._squares.clear()
        self._over.clear()
        pen = Pen(self._over, ratio, self.theme)
        if not self.wish.layers or self.drawn is None:
            self._message(pen)
        else:
            self._everything(context, width_px, height_px, ratio, pen)
        self._over.draw(context, width_px, height_px)

    def _message(self, pen):
        words = self.wish.message or ("computing" if self.pending else "")
        lines = words.split("\n")
        top = self.height / 2 - len(lines) * ROW / 2
        for place, line in enumerate(lines):
            base = top + (place + 0.7) * ROW
            room = self.width - 2 * MARGIN
            pen.text(self.width / 2, base, line, self.theme.dim, align=0.5, room=room)

    def _everything(self, context, width_px, height_px, ratio, pen):
        wish, spots = self.wish, self.places(ratio)
        self._draw_picture(context, width_px, height_px, ratio, spots)
        for layer, bars in zip(wish.layers, spots.bars, strict=False):
            marks.draw_bars(pen, wish, layer, bars, self.held)
        if spots.listed is not None:
            marks.draw_list(pen, wish, wish.layers, spots.listed)
            self._weights.draw(context, (width_px, height_px), pen, self._below_list(spots))
        marks.draw_foot(pen, self._words(), self.drawn.limit, self.width, spots.foot)

    def _below_list(self, spots):
        """The room below the list of filters."""
        left, top, width, height = spots.listed
        used = ROW * (len(marks.rows_of(self.wish.layers, height)) + 0.5)
        bottom = spots.area[1] + spots.area[3]
        return left, top + used, width, bottom - top - used

    def _draw_picture(self, context, width_px, height_px, ratio, spots):
        """The picture and the squares, cut off at their area."""
        left, top, width, height = (round(part * ratio) for part in spots.area)
        GL.glEnable(GL.GL_SCISSOR_TEST)
        GL.glScissor(left - 1, height_px - top - height - 1, width + 2, height + 2)
        box = tuple(round(part * ratio) for part in spots.picture)
        self._picture.draw(context, width_px, height_px, box)
        if self.wish.settings.squares != "none":
            shown, pen = self._shown.wish, Pen(self._squares, ratio, self.theme)
            marks.draw_squares(pen, shown, shown.layers, spots.picture)
            self._squares.draw(context, width_px, height_px)
        GL.glDisable(GL.GL_SCISSOR_TEST)

    def places(self, ratio=1.0):
        """Where everything stands now."""
        counts = [len(layer.ordered.order) for layer in self.wish.layers]
        shape = self.drawn.pixels.shape
        return places(self.width, self.height, shape, counts, ratio, self.wish.camera)

    def _words(self):
        wish = self.wish
        words = [wish.failure] if wish.failure else []
        words += [self.said] if self.said else []
        if self.is_playing:
            words.append(self.playing.words)
        elif wish.late:
            words.append("computing")
        took = [f"{wish.seconds:.2g} s"] if self.animates and wish.seconds else []
        return " · ".join((*words, *wish.words, *took))  # a movie does not tell times

    def takes(self, name, modifiers=frozenset()):
        return (name in STOPS and self.is_playing) or super().takes(name, modifiers)

    def key(self, name, modifiers=frozenset()):
        """Escape stops playing."""
        if name in STOPS and self.is_playing:
            self.playing.stop()
            return True
        return super().key(name, modifiers)

    def release(self):
        self._picture.release()
        self._weights.release()
        self._squares.release()
        self._over.release()


class _Look:
    """What a composed picture follows from."""

    def __init__(self, wish, theme):
        self.wish = wish
        self.theme = theme

    def same_as(self, other):
        """Whether it gives the same picture."""
        mine, theirs = self.wish, other.wish
        return (
            self.theme is other.theme
            and mine.picture is theirs.picture
            and mine.alone == theirs.alone
            and _drawing(mine) == _drawing(theirs)
            and len(mine.layers) == len(theirs.layers)
            and all(
                a.projected is b.projected and a.channels == b.channels and a.name == b.name
                for a, b in zip(mine.layers, theirs.layers, strict=True)
            )
        )


def _drawing(wish):
    settings = wish.settings
    return settings.colour, settings.squares, settings.background


def _same(wish, old):
    """Whether two wishes look the same beside the composed picture."""
    parts = ("message", "settings", "camera", "focus", "alone", "words", "late", "failure")
    return (
        all(getattr(wish, part) == getattr(old, part) for part in parts)
        and wish.picture is old.picture
        and wish.kernel is old.kernel
        and len(wish.layers) == len(old.layers)
        and all(
            a.ordered is b.ordered and a.projected is b.projected
            for a, b in zip(wish.layers, old.layers, strict=True)
        )
    )
