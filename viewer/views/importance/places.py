"""Where the parts of the importance view stand; plain geometry in logical pixels."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

from viewer.state.importance import PARTS
from viewer.views.box import Box

MARGIN, GAP, HEAD, FOOT, ROW = 12, 18, 22, 24, 17
COLUMN = 0.3
"""What more room than is needed counts with each further column."""


LEAST = {
    "grid": (190.0, 132.0),
    "bars": (190.0, 112.0),
    "curve": (230.0, 160.0),
    "scores": (210.0, 136.0),
    "rates": (210.0, 128.0),
    "table": (300.0, 110.0),
}
"""Width and height that a part needs at least, its heading included."""

STRETCH = {"grid": 3.0, "bars": 2.0, "curve": 2.5, "scores": 0.15, "rates": 1.5, "table": 1.5}
"""Shares of the height that is left over."""


@dataclass(frozen=True)
class Arrangement:
    """Parts and where they stand.

    Attributes
    ----------
    boxes : dict of str to Box
    left_out : tuple of str
        Parts that have no room.
    foot : float
        Top of the line of words.
    """

    boxes: dict
    left_out: tuple
    foot: float


@lru_cache(maxsize=64)
def arranged(width, height, parts):
    """Put parts into a view.

    They stand in columns in their usual order, so that each has as much of what it needs as
    possible. Where not all have room, the last ones of ``parts`` have it; one always stands.

    Parameters
    ----------
    width, height : float
        Of the view.
    parts : tuple of str

    Returns
    -------
    Arrangement
    """
    room = width - 2 * MARGIN, height - FOOT - MARGIN
    kept = parts
    while True:
        names = tuple(name for name in PARTS if name in kept)
        columns = max(_splits(names), key=lambda split: _fit(split, *room), default=())
        if len(kept) <= 1 or _fit(columns, *room) >= 1:
            break
        kept = kept[1:]
    left_out = tuple(name for name in PARTS if name in parts and name not in kept)
    return Arrangement(_boxes(columns, *room), left_out, height - FOOT)


def _splits(names):
    """All ways to put names into columns without changing their order."""
    count = len(names)
    for cuts in range(count):
        for at in combinations(range(1, count), cuts):
            edges = (0, *at, count)
            yield tuple(
                names[first:last] for first, last in zip(edges[:-1], edges[1:], strict=True)
            )


def _fit(columns, width, height):
    """The least share of what it needs that any part gets; of the other side a little.

    Fewer columns are a little better: a grid that is narrow and tall leaves its room empty.
    """
    if not columns:
        return 0.0
    across = (width - GAP * (len(columns) - 1)) / sum(_wide(column) for column in columns)
    downs = [(height - GAP * (len(each) - 1)) / _tall(each) for each in columns]
    fit = min(across, *downs)
    if fit >= 1:
        fit = 1 + (fit - 1) * COLUMN ** (len(columns) - 1)
    return fit + 1e-3 * sum(downs) / len(downs)


def _wide(column):
    return max(LEAST[name][0] for name in column)


def _tall(column):
    return sum(LEAST[name][1] for name in column)


def _boxes(columns, width, height):
    boxes, left = {}, float(MARGIN)
    widths = _shared(width - GAP * (len(columns) - 1), [_wide(each) for each in columns])
    for column, wide in zip(columns, widths, strict=True):
        free = height - GAP * (len(column) - 1) - _tall(column)
        total, top = sum(STRETCH[name] for name in column), 0.0
        for name in column:
            least = LEAST[name][1]
            if free >= 0:
                tall = least + free * STRETCH[name] / total
            else:
                tall = max(HEAD + ROW, least + free * least / _tall(column))
            boxes[name] = Box(left, top + MARGIN / 2, wide, tall)
            top += tall + GAP
        left += wide + GAP
    return boxes


def _shared(room, parts):
    """Room in the proportion of what is needed."""
    total = sum(parts) or 1.0
    return [max(10.0, room * part / total) for part in parts]


def columns_of(count, chosen=None):
    """Columns of a grid of so many filters.

    As near to square as possible with full rows (96: 12 columns, 8 rows), wider than tall; where
    that would be more than twice as wide as a square the last row is not full.

    Parameters
    ----------
    count : int
    chosen : int, optional
        A person's choice.
    """
    if chosen is not None:
        return max(1, min(chosen, count))
    square = 1
    while square * square < count:
        square += 1
    for columns in range(square, min(count, 2 * square) + 1):
        if count % columns == 0:
            return columns
    return max(1, square)


@dataclass(frozen=True)
class Grid:
    """Cells of filters in a box.

    Attributes
    ----------
    left, top, side : float
        Of the first cell; cells are squares, a gap included.
    columns, rows, count : int
    """

    left: float
    top: float
    side: float
    columns: int
    rows: int
    count: int

    @property
    def gap(self):
        """Pixels between two cells."""
        return 2.0 if self.side >= 14 else 1.0 if self.side >= 5 else 0.0

    def cell(self, place):
        """(left, top, width, height) of a cell."""
        return tuple(self.cells()[place].tolist())

    def cells(self):
        """Left, top, width and height of all cells: float64[count, 4]."""
        row, column = np.divmod(np.arange(self.count), self.columns)
        size = np.full(self.count, self.side - self.gap)
        return np.stack([self.left + column * self.side, self.top + row * self.side, size, size], 1)

    def at(self, x, y):
        """The place under a point, or None."""
        column, row = (x - self.left) // self.side, (y - self.top) // self.side
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        place = int(row) * self.columns + int(column)
        return place if place < self.count else None


def grid_in(box, count, chosen=None):
    """The `Grid` of so many filters that fills a box.

    Parameters
    ----------
    box : Box
    count : int
    chosen : int, optional
        Columns, as a person wants them.
    """
    columns = columns_of(count, chosen)
    rows = -(-count // columns)
    side = max(0.5, min(box.width / columns, box.height / rows))
    if side >= 5:
        side = float(int(side))
    return Grid(box.left, box.top, side, columns, rows, count)
