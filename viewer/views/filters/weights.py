"""One filter beside the picture: its weights, and of a first layer its map before and after."""

import math
from dataclasses import dataclass

import numpy as np

from viewer.gl.theme import rgb
from viewer.views.filters.places import ROW
from viewer.views.signed_map import coloured
from viewer.visuals.flat import FlatPicture
from viewer.visuals.legend import number

MOST_TILES = 36
TILE = 22
GAP = 8
LEAST_HEIGHT = 3 * ROW


@dataclass(frozen=True, eq=False)
class Sheet:
    """Pictures of a kernel.

    Attributes
    ----------
    tiles : uint8[h, w, 3]
        The weights' windows in a grid, one pixel between.
    words : str
        How many windows there are, how many are shown.
    limit : float
        The end of their colour map.
    maps : tuple of (str, uint8[H, W, 3], float)
        Title, picture, end of the colour map.
    """

    tiles: np.ndarray
    words: str
    limit: float
    maps: tuple = ()


def sheet_of(kernel, theme, across=6):
    """The `Sheet` of a kernel; of many windows those with the largest weights are shown.

    Parameters
    ----------
    kernel : viewer.studio.kernels.Kernel
    theme : Theme
    across : int
        Windows in a row.
    """
    windows = kernel.weights
    count, tall, wide = windows.shape
    limit = float(np.abs(windows).max(initial=0.0))
    size = np.abs(windows).reshape(count, -1).max(1, initial=0.0)
    shown = np.argsort(-size, kind="stable")[:MOST_TILES] if count > MOST_TILES else range(count)
    columns = min(across, len(shown))
    rows = math.ceil(len(shown) / columns)
    blank = np.rint(255 * np.array(rgb(theme.view))).astype(np.uint8)
    tiles = np.tile(blank, (rows * (tall + 1) - 1, columns * (wide + 1) - 1, 1))
    for place, which in enumerate(shown):
        top, left = place // columns * (tall + 1), place % columns * (wide + 1)
        tiles[top : top + tall, left : left + wide] = coloured(windows[which], limit, theme)
    words = f"{tall} × {wide} for {count:,}" if count > 1 else f"{tall} × {wide}"
    if len(shown) < count:
        words += f", largest {len(shown)}"
    maps = []
    for title, values in (("before", kernel.before), ("after", kernel.after)):
        if values is not None:
            finite = values[np.isfinite(values)]
            end = float(np.abs(finite).max(initial=0.0))
            maps.append((title, coloured(values, end, theme), end))
    return Sheet(tiles, words, limit, tuple(maps))


class WeightsBeside:
    """Draws a kernel's `Sheet` into a column of the Top filters view."""

    def __init__(self):
        self._kernel = self._theme = self.sheet = None
        self._asked = None
        self._pictures = [FlatPicture() for _ in range(3)]

    def show(self, kernel, theme, builder, outdated):
        """Have a kernel drawn (None: nothing)."""
        if kernel is None:
            self._asked = self.sheet = self._kernel = None
            builder.forget("filters.weights")
        elif (kernel, theme) != self._asked:
            self._asked = (kernel, theme)

            def take(made):
                self._kernel, self.sheet = kernel, made
                outdated()

            builder.ask("filters.weights", lambda: sheet_of(kernel, theme), take)

    @property
    def pending(self):
        """Whether what was asked for is not made yet."""
        return self._asked is not None and self._asked[0] is not self._kernel

    def draw(self, context, size_px, pen, box):
        """Draw below each other what finds room.

        Parameters
        ----------
        context : Context
        size_px : (int, int)
            Of the framebuffer.
        pen : Pen
        box : (left, top, width, height)
            Logical pixels.
        """
        left, top, width, height = box
        if self.sheet is None or height < LEAST_HEIGHT:
            return
        theme, sheet, kernel = pen.theme, self.sheet, self._kernel
        pen.text(left, top + 0.72 * ROW, f"weights of {kernel.channel}", theme.text, face="medium")
        said = f"{sheet.words}, ±{number(sheet.limit)}"
        pen.text(left, top + 1.72 * ROW, said, theme.dim, room=width)
        top, rest = top + 2 * ROW + 2, height - 2 * ROW - 2
        tall, wide = sheet.tiles.shape[:2]
        scale = min(width / wide, rest / tall, TILE * 6 / wide if wide > 6 else TILE)
        if scale * pen.ratio < 1:
            return
        scale = int(scale * pen.ratio) / pen.ratio
        self._draw(0, sheet.tiles, context, size_px, pen, (left, top, wide * scale, tall * scale))
        top += tall * scale + GAP
        self._maps(context, size_px, pen, (left, top, width, box[1] + height - top))

    def _maps(self, context, size_px, pen, box):
        """What the filter gives, before and after its activation function, side by side."""
        left, top, width, height = box
        maps = self.sheet.maps
        if not maps:
            return
        each = (width - GAP * (len(maps) - 1)) / len(maps)
        rows, columns = maps[0][1].shape[:2]
        if each * rows / columns + 2 * ROW > height:
            return
        for place, (title, picture, end) in enumerate(maps):
            at = left + place * (each + GAP)
            pen.text(at, top + 0.72 * ROW, title, pen.theme.text, room=each)
            tall = each * rows / columns
            spot = (at, top + ROW, each, tall)
            self._draw(1 + place, picture, context, size_px, pen, spot)
            said = f"±{number(end)}"
            pen.text(at, top + ROW + tall + 0.8 * ROW, said, pen.theme.dim, room=each)

    def _draw(self, which, pixels, context, size_px, pen, spot):
        box = tuple(round(part * pen.ratio) for part in spot)
        self._pictures[which].set_pixels(pixels)
        self._pictures[which].draw(context, *size_px, box)

    def release(self):
        """Delete its objects; the context must be current."""
        for picture in self._pictures:
            picture.release()
