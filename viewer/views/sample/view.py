"""The sample view: picture, box, words and bars, drawn through `viewer.gl`."""

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import CLASS_COLOURS, TEXT_PX, TITLE_PX, rgb
from viewer.views.pen import Pen
from viewer.views.sample.build import MARGIN, ROW, box_in_view, layout, share_text
from viewer.views.sample.resolve import SampleWish, resolve
from viewer.views.view import View
from viewer.visuals.flat import FlatPicture
from viewer.visuals.overlay import Overlay

RIGHT, WRONG = CLASS_COLOURS[2], CLASS_COLOURS[3]


class SampleView(View):
    """The focused sample with its predictions."""

    name = "sample"

    def __init__(self):
        super().__init__()
        self.wish = SampleWish()
        self._picture = FlatPicture()
        self._late = False
        self._overlay = Overlay()

    def follow(self, state, hovered, facts, builder):
        self._late = facts.is_late(state)
        self.show_wish(resolve(state, hovered, facts))

    @property
    def pending(self):
        return self._late

    def show_wish(self, wish):
        """Show another sample, box or message."""
        if wish.picture is not self.wish.picture:
            self._picture.set_pixels(None if wish.picture is None else shown(wish.picture))
        self.wish = wish
        self.outdated.emit()

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        self._overlay.clear()
        pen = Pen(self._overlay, ratio, self.theme)
        if self.wish.picture is None:
            self._message(pen)
        else:
            places = layout(
                self.width, self.height, self.wish.picture.shape, len(self.wish.predictions), ratio
            )
            on_screen = tuple(round(part * ratio) for part in places.picture)
            self._picture.draw(context, width_px, height_px, on_screen)
            self._box(pen, places)
            self._words(pen, places)
            self._bars(pen, places)
        self._overlay.draw(context, width_px, height_px)

    def _message(self, pen):
        lines = (self.wish.message or ("computing" if self.wish.computing else "")).split("\n")
        top = self.height / 2 - len(lines) * ROW / 2
        for number, line in enumerate(lines):
            pen.text(
                self.width / 2, top + (number + 0.7) * ROW, line, self.theme.dim, align=0.5,
                room=self.width - 2 * MARGIN,
            )  # fmt: skip

    def _box(self, pen, places):
        if self.wish.box is None:
            return
        box = box_in_view(self.wish.box, self.wish.picture.shape, places.picture)
        if box is not None:
            pen.frame(box, "#000000", 0.6, 3)
            pen.frame(box, "#ffffff", 1.0, 1)

    def _words(self, pen, places):
        wish, theme = self.wish, self.theme
        left, right = MARGIN, self.width - MARGIN
        base = places.text_top + 0.7 * ROW
        state = "computing" if wish.computing else ""
        room = right - left - pen.width_of(state) - MARGIN
        pen.text(left, base, wish.name, theme.text, size=TITLE_PX, face="medium", room=room)
        pen.text(right, base, state, theme.dim, align=1.0)
        base += ROW
        if wish.message:
            pen.text(left, base, wish.message, theme.dim, room=right - left)
        elif wish.right is None:
            label = f"label {wish.label}" if wish.label else "no label"
            pen.text(left, base, label, theme.dim, room=right - left)
        else:
            word, colour = ("right", RIGHT) if wish.right else ("wrong", WRONG)
            pen.text(left, base, f"label {wish.label}", theme.text, room=right - left - 60)
            pen.text(right, base, word, colour, align=1.0, face="medium")
        bottom = self.height - MARGIN
        if wish.unit and bottom - ROW > (places.rows[-1] if places.rows else base):
            pen.text(left, bottom, f"box: field of {wish.unit}", theme.dim, room=right - left)

    def _bars(self, pen, places):
        wish, theme = self.wish, self.theme
        number_width = pen.width_of("< 0.001")
        names_width = 0.44 * (self.width - 2 * MARGIN)
        bar_left = MARGIN + names_width
        bar_width = max(10.0, self.width - MARGIN - number_width - 10 - bar_left)
        for middle, prediction in zip(places.rows, wish.predictions, strict=True):
            base = middle + TEXT_PX * 0.36
            is_label = wish.label == prediction.name
            colour = theme.text if is_label or not wish.label else theme.dim
            pen.text(MARGIN, base, prediction.name, colour, room=names_width - 10)
            pen.rectangle(bar_left, middle - 4, bar_width, 8, theme.line)
            length = bar_width * prediction.share
            if length * pen.ratio >= 1:
                shade = RIGHT if is_label else theme.dim
                pen.rectangle(bar_left, middle - 4, length, 8, shade)
            pen.text(self.width - MARGIN, base, share_text(prediction.share), theme.text, align=1.0)

    def release(self):
        self._picture.release()
        self._overlay.release()


def shown(picture):
    """A picture of any dtype and channels as uint8[H, W, 3] to look at."""
    from engine.data.pictures import shown as as_rgb

    return as_rgb(picture)
