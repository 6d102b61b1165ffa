"""The filmstrip, drawn through `viewer.gl`: only what is in sight has a texture.

Where it is scrolled is not part of a session: it follows the focus, and a person scrolls it only
to find a sample to focus.
"""

from collections import OrderedDict

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import TEXT_PX, rgb
from viewer.studio.thumbnails import thumbnail_of
from viewer.views.filmstrip.build import LEGEND_ROW, MARGIN, SWATCH, Strip, chip_places
from viewer.views.filmstrip.resolve import (
    LISTED_WORDS,
    FilmWish,
    class_colour,
    is_wrong,
    resolve,
)
from viewer.views.gestures import LEFT, NO_BUTTON
from viewer.views.pen import Pen
from viewer.views.view import View
from viewer.visuals.flat import FlatPicture
from viewer.visuals.overlay import Overlay

KEPT = 128
CLICK_PX = 4
FADED = 0.62


class FilmstripView(View):
    """All samples in a row, or those selected, or those predicted wrong."""

    name = "filmstrip"

    def __init__(self):
        super().__init__()
        self.wish = FilmWish()
        self._builder = None
        self._asked = ()
        self._scroll = 0.0
        self._pictures = OrderedDict()
        self._gone = []
        self._overlay = Overlay()
        self._grip = None
        self._follows = True

    def follow(self, state, hovered, facts, builder):
        self._builder = builder
        wish = resolve(state, facts)
        self.detail = _detail(wish, state.film.listed, facts.selected)
        self.show_wish(wish)

    @property
    def pending(self):
        return bool(self._asked)

    def show_wish(self, wish):
        """Follow the state."""
        old, self.wish = self.wish, wish
        if wish.data is not old.data:
            self._gone += self._pictures.values()
            self._pictures.clear()
            self._asked = ()
            self._scroll = 0.0
        if not wish.same_as(old):
            moved = wish.focused != old.focused or len(wish.samples) != len(old.samples)
            self._follows = self._follows or moved
            self.outdated.emit()

    def add_pictures(self, data, pictures):
        """Show pictures that were asked for.

        Parameters
        ----------
        data : engine DataSet
            Of which they are; those of another are dropped.
        pictures : dict of int to uint8[H, W, 3]
        """
        if data is not self.wish.data:
            return
        self._asked = ()
        for sample, pixels in pictures.items():
            self._pictures[sample] = FlatPicture()
            self._pictures[sample].set_pixels(pixels)
        self.outdated.emit()

    # drawing

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        for picture in self._gone:
            picture.release()
        self._gone = []
        strip = self._strip()
        if self._follows:
            self._scroll = strip.showing(self.wish.place, self._scroll)
            self._follows = False
        self._scroll = strip.clipped(self._scroll)
        self._overlay.clear()
        pen = Pen(self._overlay, ratio, self.theme)
        missing = []
        for place in strip.visible(self._scroll):
            sample = int(self.wish.samples[place])
            picture = self._pictures.get(sample)
            left = strip.left(place, self._scroll)
            if picture is None:
                missing.append(sample)
                pen.rectangle(left, MARGIN, strip.cell, strip.cell, self.theme.panel)
            else:
                self._pictures.move_to_end(sample)
                where = _placed(picture.shape, left, strip.cell, ratio)
                picture.draw(context, width_px, height_px, where)
            self._mark(pen, strip, sample, left)
        self._legend(pen, strip)
        if self.wish.message:
            pen.text(MARGIN, self.height / 2, self.wish.message, self.theme.dim)
        self._overlay.draw(context, width_px, height_px)
        self._forget()
        self._fetch(tuple(missing))

    def _fetch(self, missing):
        """Ask for the pictures in sight that are not there yet."""
        if missing == self._asked or self._builder is None:
            return
        self._asked = missing
        data = self.wish.data

        def work():
            return {sample: thumbnail_of(data, sample) for sample in missing}

        if missing:
            self._builder.ask(self.name, work, lambda found: self.add_pictures(data, found))

    def _mark(self, pen, strip, sample, left):
        cell, below, theme = strip.cell, MARGIN + strip.cell + 2, self.theme
        selected = self.wish.selected
        if selected is not None and not selected[sample]:
            pen.rectangle(left, MARGIN, cell, cell, theme.view, FADED)
        colour = class_colour(self.wish, sample)
        if colour is not None:
            pen.rectangle(left, below, cell, 3, colour)
        if is_wrong(self.wish, sample):
            pen.frame((left, MARGIN, left + cell, MARGIN + cell), theme.wrong, 1.0, 2)
        if sample == self.wish.focused:
            box = (left - 2, MARGIN - 2, left + cell + 2, MARGIN + cell + 2)
            pen.frame(box, theme.accent, 1.0, 2)

    def _legend(self, pen, strip):
        top = strip.legend_top
        if top is None:
            return
        base = top + LEGEND_ROW / 2 + TEXT_PX * 0.36
        for chip, (left, right) in zip(self.wish.chips, self._chips(pen.width_of), strict=False):
            pen.rectangle(left, base - SWATCH + 1, SWATCH, SWATCH, chip.colour)
            colour = self.theme.text if chip.selected else self.theme.dim
            pen.text(left + SWATCH + 5, base, chip.name, colour)
            if chip.selected:
                pen.rectangle(left, base + 4, right - left, 1, self.theme.accent)

    def _chips(self, width_of):
        return chip_places([width_of(chip.name) for chip in self.wish.chips], self.width)

    def _forget(self):
        while len(self._pictures) > KEPT:
            _, picture = self._pictures.popitem(last=False)
            picture.release()

    def release(self):
        for picture in (*self._pictures.values(), *self._gone):
            picture.release()
        self._gone = []
        self._overlay.release()

    # gestures

    def _strip(self):
        return Strip(self.width, self.height, len(self.wish.samples), bool(self.wish.chips))

    def press(self, pointer):
        self._grip = (pointer, self._scroll)

    def move(self, pointer):
        if self._grip is not None and pointer.button != NO_BUTTON:
            start, scroll = self._grip
            dx, _ = pointer.from_start(start)
            if abs(dx) > CLICK_PX:
                self._scroll = self._strip().clipped(scroll - dx)
                self.outdated.emit()

    def lift(self, pointer):
        grip, self._grip = self._grip, None
        if grip is None or pointer.button != LEFT:
            return
        dx, _ = pointer.from_start(grip[0])
        if abs(dx) <= CLICK_PX:
            self._click(pointer)

    def _click(self, pointer):
        top = self._strip().legend_top
        if top is not None and pointer.y >= top:
            self._click_legend(pointer)
            return
        place = self._strip().at(pointer.x, self._scroll)
        if place is None:
            return
        sample = int(self.wish.samples[place])
        if "shift" in pointer.modifiers:
            self._brush_range(place, "add" if "ctrl" in pointer.modifiers else "replace")
        elif "ctrl" in pointer.modifiers:
            chosen = self.wish.selected is not None and self.wish.selected[sample]
            self._brush("subtract" if chosen else "add", "samples", [sample])
        else:
            self.wished.emit("focus.sample", {"sample": sample})

    def _brush_range(self, place, mode):
        """All listed samples from the focused one to a place."""
        first, last = sorted((place, self.wish.place))
        self._brush(mode, "samples", self.wish.samples[first : last + 1].tolist())

    def _click_legend(self, pointer):
        places = self._chips(lambda name: Pen(self._overlay, 1.0, self.theme).width_of(name))
        for chip, (left, right) in zip(self.wish.chips, places, strict=False):
            if left <= pointer.x <= right:
                alone = chip.selected and sum(other.selected for other in self.wish.chips) == 1
                if {"shift", "ctrl"} & pointer.modifiers:
                    mode = "subtract" if chip.selected else "add"
                    self._brush(mode, "class", [chip.index])
                elif alone:
                    self.wished.emit("select.clear", {})
                else:
                    self._brush("replace", "class", [chip.index])

    def _brush(self, mode, kind, items):
        region = {"kind": kind, "items": items}
        self.wished.emit("select.brush", {"mode": mode, "region": region})

    def wheel(self, pointer, steps):
        strip = self._strip()
        self._scroll = strip.clipped(self._scroll - 2 * steps * strip.step)
        self.outdated.emit()


def _detail(wish, listed, selected):
    """What is listed, in words: ``'12 of 320 selected'``."""
    if wish.data is None:
        return ""
    count = len(wish.data)
    if selected is not None and (selected.running or selected.missing):
        return f"{count:,}, {selected.words}"
    if listed != "all":
        return f"{len(wish.samples):,} of {count:,}, {LISTED_WORDS[listed]}"
    if wish.selected is None:
        return f"{count:,}"
    return f"{count:,}, {int(wish.selected.sum()):,} selected"


def _placed(shape, left, cell, ratio):
    """A picture inside its square cell, its shape kept; physical pixels."""
    rows, columns = shape
    scale = cell / max(rows, columns)
    width, height = columns * scale, rows * scale
    x, y = left + (cell - width) / 2, MARGIN + (cell - height) / 2
    return tuple(round(part * ratio) for part in (x, y, width, height))
