"""What the matrix is made of, and where its cells stand on the screen. No Qt, no GL.

A cell of row i and column j (places in the order) fills ``[j, j + 1] x [i, i + 1]`` of the
matrix; channel ``column_order[j]`` lies along x, ``row_order[i]`` along y, upwards. Inside a cell
the points have a margin of `PAD`, so that discs at the ends of a range are whole. Spaces: cells
(right and down), pixels (physical, from the box's upper left), inner (0 to 1 along x and up
along y of the part of a cell that shows its range), codes (16 bit, `engine.embedding.columns`).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

PAD = 0.025
FULL_RANGE = (0, 65536)
# Codes that a range set by hand may reach to: 256 times as far as a channel's own range.
FARTHEST = 1 << 24
FORMS = ("auto", "density", "points")
BINS_LEAST, BINS_MOST = 4, 256
# Cells of fewer pixels have one colour.
SUMMARY_BELOW = 4.0
ZOOM_MOST = 7


@dataclass(frozen=True, eq=False)
class Scene:
    """What the matrix shows; a new one is another picture.

    Attributes
    ----------
    rows, columns : Columns
        Channels along y and along x. The same object: cells on both sides of the diagonal are
        counted once.
    row_order, column_order : int32[R], int32[S]
        Channels shown, from the top and from the left.
    groups : uint8[P]
        What colours each point; 255: left out.
    colours : float32[G, 3]
        Of the groups, sRGB 0 to 1.
    selected : uint8[P] or None
        1 where a point is selected; None: nothing is.
    size : float
        Diameter of a disc, logical pixels.
    opacity : float
        Of a disc, 0 to 1.
    form : str
        One of `FORMS`: density with points where they are few, or always one of them.
    ranges : mapping of int to (int, int)
        By channel of the rows: the codes from which to which its axes reach (half open), where a
        person has set it; others show their whole range.
    column_ranges : mapping, optional
        The same for the columns; None: `ranges` (a matrix of one layer).
    """

    rows: object
    columns: object
    row_order: np.ndarray
    column_order: np.ndarray
    groups: np.ndarray
    colours: np.ndarray
    selected: np.ndarray | None = None
    size: float = 3.0
    opacity: float = 0.7
    form: str = "auto"
    ranges: Mapping = field(default_factory=dict)
    column_ranges: Mapping | None = None

    @property
    def count(self):
        """Points, P."""
        return self.columns.count

    @property
    def is_symmetric(self):
        """Whether rows and columns are the channels of one layer."""
        return self.rows is self.columns

    @property
    def shape(self):
        """Rows and columns shown."""
        return len(self.row_order), len(self.column_order)

    def row_range(self, channel):
        """Codes (low, high) that the axis of a row's channel shows, half open."""
        return _whole(self.ranges.get(int(channel), FULL_RANGE))

    def column_range(self, channel):
        """Codes (low, high) that the axis of a column's channel shows, half open."""
        ranges = self.ranges if self.column_ranges is None else self.column_ranges
        return _whole(ranges.get(int(channel), FULL_RANGE))

    def is_diagonal(self, row, column):
        """Whether the cell at two places shows one channel alone."""
        return self.is_symmetric and self.row_order[row] == self.column_order[column]


def _whole(ends):
    """Whole codes, of which kernels and shaders can count the difference."""
    low, high = (min(max(end, -FARTHEST), FARTHEST) for end in ends)
    low = min(math.floor(low), FARTHEST - 1)
    return low, max(math.ceil(high), low + 1)


@dataclass(frozen=True)
class Spot:
    """A place in a cell.

    Attributes
    ----------
    row, column : int
        Places in the orders.
    across, up : float
        Inner: 0 to 1 where the range is, beyond in the margin.
    x, y : float
        The same in codes of the two channels.
    """

    row: int
    column: int
    across: float
    up: float
    x: float
    y: float


@dataclass(frozen=True)
class Sight:
    """A camera over a matrix in a box of the framebuffer.

    Attributes
    ----------
    left, top, width, height : int
        The box, pixels of the framebuffer from its upper left.
    size : float
        Pixels a cell.
    x, y : float
        The box's upper left corner, cells.
    rows, columns : int
        Of the matrix.
    """

    left: int
    top: int
    width: int
    height: int
    size: float
    x: float
    y: float
    rows: int
    columns: int

    @property
    def row_span(self):
        """First and one past the last row in sight."""
        return _span(self.y, self.height / self.size, self.rows)

    @property
    def column_span(self):
        """First and one past the last column in sight."""
        return _span(self.x, self.width / self.size, self.columns)

    @property
    def cells(self):
        """How many cells are in sight."""
        rows, columns = self.row_span, self.column_span
        return (rows[1] - rows[0]) * (columns[1] - columns[0])

    def cell_box(self, row, column):
        """Left, top, width and height of a cell, pixels of the framebuffer."""
        left = self.left + (column - self.x) * self.size
        top = self.top + (row - self.y) * self.size
        return left, top, self.size, self.size

    def inner_box(self, row, column):
        """The part of a cell that shows its range: left, top, width, height."""
        left, top, size, _ = self.cell_box(row, column)
        inner = size * (1 - 2 * PAD)
        return left + size * PAD, top + size * PAD, inner, inner

    def place_at(self, x, y):
        """(row, column, across, up) at a pixel of the framebuffer, or None beside the matrix."""
        column = self.x + (x - self.left) / self.size
        row = self.y + (y - self.top) / self.size
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            return None
        i, j = int(row), int(column)
        return i, j, inner_of(column - j), 1.0 - inner_of(row - i)

    def pixel_of(self, row, column, across, up):
        """The pixel of the framebuffer of a place in a cell."""
        left, top, width, height = self.inner_box(row, column)
        return left + across * width, top + (1.0 - up) * height


def inner_of(share):
    """From a share of a cell's side (0 to 1) to inner, which leaves the margin outside."""
    return (share - PAD) / (1 - 2 * PAD)


def _span(start, length, count):
    first = min(max(0, math.floor(start)), count)
    return first, max(first, min(count, math.ceil(start + length)))


def sight_of(box_px, camera, shape):
    """The `Sight` of a camera (x, y, span) in a box (left, top, width, height), pixels.

    Parameters
    ----------
    box_px : tuple of int
    camera : MatrixCamera
        Its span None: the whole matrix, in the middle.
    shape : (int, int)
        Rows and columns of the matrix.
    """
    left, top, width, height = (round(part) for part in box_px)
    width, height = max(1, width), max(1, height)
    rows, columns = max(1, shape[0]), max(1, shape[1])
    if camera.span is None:
        size = min(width / columns, height / rows)
        x, y = columns / 2, rows / 2
    else:
        size = min(width, height) / camera.span
        x, y = camera.x, camera.y
    return Sight(
        left, top, width, height, size, x - width / 2 / size, y - height / 2 / size, *shape
    )


def codes_in_range(share, ends):
    """Codes at inner places 0 to 1 of a range (low, high)."""
    return ends[0] + np.asarray(share, float) * (ends[1] - ends[0])


def share_of_range(codes, ends):
    """Inner places of codes in a range; a point of code c lies in the middle of [c, c + 1]."""
    return (np.asarray(codes, float) - ends[0]) / (ends[1] - ends[0])


@dataclass(frozen=True)
class Detail:
    """How finely cells of one size are counted.

    Attributes
    ----------
    bins : int
        Of a tile, along each side.
    zoom : int
        A cell is ``2**zoom`` tiles wide.
    """

    bins: int
    zoom: int = 0

    @property
    def tiles(self):
        """Tiles along a cell's side."""
        return 1 << self.zoom


def detail_for(size):
    """The `Detail` of cells of so many pixels, or None: one colour a cell.

    As many bins as the power of two nearest the number of pixels.
    """
    if size < SUMMARY_BELOW:
        return None
    power = round(math.log2(size * (1 - 2 * PAD)))
    if power <= 8:
        return Detail(max(BINS_LEAST, 1 << power))
    return Detail(BINS_MOST, min(power - 8, ZOOM_MOST))


def tile_spans(sight, tiles):
    """First and one past the last tile in sight, down and across; tiles are counted through.

    Tile n lies in cell ``n // tiles``; down the matrix tiles are counted from the top.

    Returns
    -------
    ((int, int), (int, int))
    """
    return (
        _tile_span(sight.y, sight.height / sight.size, sight.rows, tiles),
        _tile_span(sight.x, sight.width / sight.size, sight.columns, tiles),
    )


def _tile_span(start, length, count, tiles):
    first, last = _span(start, length, count)
    if first == last:
        return first * tiles, first * tiles
    low = first * tiles + _tile_of(start - first, tiles)
    high = (last - 1) * tiles + _tile_of(start + length - (last - 1), tiles)
    return low, high + 1


def _tile_of(share, tiles):
    return min(max(math.floor(inner_of(share) * tiles), 0), tiles - 1)
