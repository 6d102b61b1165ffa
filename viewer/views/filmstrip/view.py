"""The filmstrip, drawn through `viewer.gl`: only what is in sight has a texture."""

from collections import OrderedDict

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import CLASS_COLOURS, rgb
from viewer.studio.thumbnails import thumbnail_of
from viewer.views.filmstrip.build import MARGIN, Strip
from viewer.views.filmstrip.resolve import FilmWish, class_colour, is_wrong, resolve
from viewer.views.gestures import LEFT, NO_BUTTON
from viewer.views.pen import Pen
from viewer.views.view import View
from viewer.visuals.flat import FlatPicture
from viewer.visuals.overlay import Overlay

KEPT = 128
WRONG = CLASS_COLOURS[3]


class FilmstripView(View):
    """All samples in a row."""

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
        self.show_wish(resolve(state, facts))

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
            self._follows = self._follows or wish.focused != old.focused
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

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        for picture in self._gone:
            picture.release()
        self._gone = []
        strip = Strip(self.width, self.height, self.wish.count)
        if self._follows:
            self._scroll = strip.showing(self.wish.focused, self._scroll)
            self._follows = False
        self._scroll = strip.clipped(self._scroll)
        self._overlay.clear()
        pen = Pen(self._overlay, ratio, self.theme)
        missing = []
        for sample in strip.visible(self._scroll):
            picture = self._pictures.get(sample)
            left = strip.left(sample, self._scroll)
            if picture is None:
                missing.append(sample)
                pen.rectangle(left, MARGIN, strip.cell, strip.cell, self.theme.panel)
            else:
                self._pictures.move_to_end(sample)
                place = _placed(picture.shape, left, strip.cell, ratio)
                picture.draw(context, width_px, height_px, place)
            self._mark(pen, strip, sample, left)
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
        cell, below = strip.cell, MARGIN + strip.cell + 2
        colour = class_colour(self.wish, sample)
        if colour is not None:
            pen.rectangle(left, below, cell, 3, colour)
        if is_wrong(self.wish, sample):
            pen.frame((left, MARGIN, left + cell, MARGIN + cell), WRONG, 1.0, 2)
        if sample == self.wish.focused:
            box = (left - 2, MARGIN - 2, left + cell + 2, MARGIN + cell + 2)
            pen.frame(box, self.theme.accent, 1.0, 2)

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
        return Strip(self.width, self.height, self.wish.count)

    def press(self, pointer):
        self._grip = (pointer, self._scroll)

    def move(self, pointer):
        if self._grip is not None and pointer.button != NO_BUTTON:
            start, scroll = self._grip
            dx, _ = pointer.from_start(start)
            if abs(dx) > 4:
                self._scroll = self._strip().clipped(scroll - dx)
                self.outdated.emit()

    def lift(self, pointer):
        grip, self._grip = self._grip, None
        if grip is None or pointer.button != LEFT:
            return
        dx, _ = pointer.from_start(grip[0])
        sample = self._strip().at(pointer.x, self._scroll)
        if abs(dx) <= 4 and sample is not None:
            self.wished.emit("focus.sample", {"sample": sample})

    def wheel(self, pointer, steps):
        strip = self._strip()
        self._scroll = strip.clipped(self._scroll - 2 * steps * strip.step)
        self.outdated.emit()


def _placed(shape, left, cell, ratio):
    """A picture inside its square cell, its shape kept; physical pixels."""
    rows, columns = shape
    scale = cell / max(rows, columns)
    width, height = columns * scale, rows * scale
    x, y = left + (cell - width) / 2, MARGIN + (cell - height) / 2
    return tuple(round(part * ratio) for part in (x, y, width, height))
