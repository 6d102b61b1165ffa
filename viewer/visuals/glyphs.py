"""Letters as small pictures in one texture, made with Pillow from the bundled font.

Every letter is drawn at the size it is shown and at one of four places within a pixel, so text
is as sharp and as even as a desktop's; figures all have the same width, so that numbers that
change do not jump.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from viewer.gl.api import GL
from viewer.gl.objects import Texture
from viewer.resources import find

FACES = {"regular": "Inter-Regular.otf", "medium": "Inter-Medium.otf"}
PLACES = 4
_SIZE = 1024
_DIGITS = "0123456789"


@dataclass(frozen=True)
class Glyph:
    """A letter in the atlas.

    Attributes
    ----------
    left, top : int
        From the pen's pixel on the base line to the picture's upper left corner.
    width, height : int
        Of the picture, pixels.
    column, row : int
        Where it stands in the atlas.
    """

    left: int
    top: int
    width: int
    height: int
    column: int
    row: int


@lru_cache(maxsize=64)
def _font(face, size):
    from PIL import ImageFont

    path = find(f"viewer/gl/fonts/{FACES[face]}")
    return ImageFont.truetype(str(path), size, layout_engine=_engine())


@lru_cache(maxsize=1)
def _engine():
    """Pillow's layout engine: Raqm knows the font's figures of equal width."""
    from PIL import ImageFont, features

    return ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC


def _features():
    from PIL import ImageFont

    return ["tnum"] if _engine() == ImageFont.Layout.RAQM else None


@lru_cache(maxsize=8192)
def advance(letter, face, size):
    """How far the pen moves after a letter, in pixels (a float)."""
    font, letter = _font(face, size), _on_one_line(letter)
    if letter in _DIGITS:
        return max(font.getlength(digit, features=_features()) for digit in _DIGITS)
    return font.getlength(letter)


def _on_one_line(letter):
    """A letter as it stands in a line: the ends of lines, which Raqm refuses, are spaces."""
    return " " if letter.isspace() else letter


@lru_cache(maxsize=64)
def line_metrics(face, size):
    """(pixels above, pixels below) the base line that a line of text takes."""
    font = _font(face, size)
    _, top, _, _ = font.getbbox("H", anchor="ls")
    _, _, _, bottom = font.getbbox("gpqy", anchor="ls")
    return -top, bottom


@lru_cache(maxsize=4096)
def measure(text, size, face="regular"):
    """Width of a line of text in pixels."""
    return sum(advance(letter, face, size) for letter in text)


def shorten(text, room, size, face="regular"):
    """The text, or as much of it as fits ``room`` pixels with an ellipsis at its end."""
    if measure(text, size, face) <= room:
        return text
    while text and measure(text + "…", size, face) > room:
        text = text[:-1]
    return text.rstrip() + "…" if text else ""


@lru_cache(maxsize=20_000)
def shorten_middle(text, room, size, face="regular"):
    """A text with its middle left out so that it fits; empty when not even two letters do.

    Parameters
    ----------
    room : float
        Pixels.
    size : int
        Of the letters, pixels.
    """
    if measure(text, size, face) <= room:
        return text
    low, high = 0, len(text) - 1
    while low < high:
        kept = (low + high + 1) // 2
        if measure(_without_middle(text, kept), size, face) <= room:
            low = kept
        else:
            high = kept - 1
    return _without_middle(text, low) if low >= 2 else ""


def _without_middle(text, kept):
    """``kept`` letters of both ends, more of the beginning."""
    head = (3 * kept + 4) // 5
    return f"{text[:head]}…{text[len(text) - (kept - head) :]}"


class GlyphSheet:
    """The atlas on the CPU: letters packed in rows; no GL.

    Attributes
    ----------
    pixels : uint8[1024, 1024]
    dirty : tuple of int or None
        Rows (first, last) that changed since they were last uploaded.
    """

    def __init__(self, size=_SIZE):
        self.pixels = np.zeros((size, size), np.uint8)
        self.start_over()

    def start_over(self):
        """Forget all letters."""
        self.pixels[:] = 0
        self.pixels[:4, :4] = 255
        self.dirty = (0, len(self.pixels))
        self._found = {}
        self._column, self._row, self._tall = 6, 0, 4

    @property
    def solid(self):
        """A place (u, v) 0 to 1 where the atlas is full, for plain surfaces."""
        return 2.0 / self.pixels.shape[1], 2.0 / self.pixels.shape[0]

    def glyph(self, letter, face, size, place):
        """The `Glyph` of a letter; None for one without ink; raises OverflowError when full."""
        key = (letter, face, size, place)
        if key not in self._found:
            self._found[key] = self._add(*key)
        return self._found[key]

    def _add(self, letter, face, size, place):
        font, letter = _font(face, size), _on_one_line(letter)
        shift, features = 0.0, None
        if letter in _DIGITS:
            features = _features()
            shift = (advance(letter, face, size) - font.getlength(letter, features=features)) / 2
        start = place / PLACES + shift
        whole = int(np.floor(start))
        mask, (left, top) = font.getmask2(
            letter, mode="L", anchor="ls", features=features, start=(start - whole, 0)
        )
        width, height = mask.size
        if not width or not height:
            return None
        picture = np.asarray(mask, np.uint8).reshape(height, width)
        column, row = self._room(width, height)
        self.pixels[row : row + height, column : column + width] = picture
        first, last = self.dirty or (row, row)
        self.dirty = (min(first, row), max(last, row + height))
        return Glyph(left + whole, top, width, height, column, row)

    def _room(self, width, height):
        size = self.pixels.shape[1]
        if self._column + width + 1 > size:
            self._column, self._row, self._tall = 1, self._row + self._tall + 1, 0
        if self._row + height + 1 > len(self.pixels):
            raise OverflowError("the letters do not fit the atlas")
        column = self._column
        self._column += width + 1
        self._tall = max(self._tall, height)
        return column, self._row


class GlyphAtlas:
    """A `GlyphSheet` and its texture in one context; take it with `Context.shared`."""

    def __init__(self, context):
        self.sheet = GlyphSheet()
        self.texture = Texture(context, self.sheet.pixels.shape, GL.GL_R8)

    def bind(self, unit):
        """Upload what changed, and make it readable at a texture unit."""
        if self.sheet.dirty is not None:
            first, last = self.sheet.dirty
            self.texture.write(self.sheet.pixels[first:last], at=(first, 0))
            self.sheet.dirty = None
        self.texture.bind(unit)
