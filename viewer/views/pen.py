"""Draws words, bars and frames into an overlay in logical pixels, sharp at any scaling."""

from viewer.gl.theme import TEXT_PX
from viewer.visuals.glyphs import measure, shorten, shorten_middle


class Pen:
    """Draws into an overlay in logical pixels."""

    def __init__(self, overlay, ratio, theme):
        self.overlay = overlay
        self.ratio = ratio
        self.theme = theme

    def width_of(self, string, size=TEXT_PX, face="regular"):
        """Width of a line of text, logical pixels."""
        return measure(string, round(size * self.ratio), face) / self.ratio

    def lines_of(self, string, width):
        """A text in lines no longer than a width, broken between words: list of str."""
        lines = [""]
        for word in string.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.width_of(longer) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def text(
        self, x, y, string, colour, *,
        size=TEXT_PX, face="regular", align=0.0, room=None, both_ends=False,
    ):  # fmt: skip
        """A line of text on a base line, shortened by three dots to the room it has.

        ``both_ends``: the dots stand in the middle, as for names of layers, which differ at their
        ends.
        """
        letters = round(size * self.ratio)
        if room is not None:
            cut = shorten_middle if both_ends else shorten
            string = cut(string, room * self.ratio, letters, face)
        self.overlay.text(
            x * self.ratio, y * self.ratio, string, colour, letters, face=face, align=align
        )

    def rectangle(self, x, y, width, height, colour, opacity=1.0):
        """A filled rectangle with sharp edges."""
        left, top = round(x * self.ratio), round(y * self.ratio)
        right, bottom = round((x + width) * self.ratio), round((y + height) * self.ratio)
        self.overlay.rectangle(left, top, right - left, bottom - top, colour, opacity)

    def frame(self, box, colour, opacity, width):
        """The four sides of a box (left, top, right, bottom)."""
        left, top, right, bottom = (round(part * self.ratio) for part in box)
        thick = max(1, round(width * self.ratio))
        out = thick // 2
        left, top, right, bottom = left - out, top - out, right + out, bottom + out
        for x, y, across, down in (
            (left, top, right - left, thick),
            (left, bottom - thick, right - left, thick),
            (left, top + thick, thick, bottom - top - 2 * thick),
            (right - thick, top + thick, thick, bottom - top - 2 * thick),
        ):
            self.overlay.rectangle(x, y, across, max(0, down), colour, opacity)
