"""What a person draws over a cell: a stroke, and the region of values that it selects.

A stroke belongs to the cell in which it begins. Its polygon is kept in values of the two channels,
so it means the same in any view and at any time. On the diagonal a cell shows one channel alone:
there a stroke selects a range of it. No Qt, no GL.
"""

import numpy as np

from viewer.views.outline import Outline, simplified


class Stroke(Outline):
    """A lasso or a rectangle that is being drawn in a cell.

    Parameters
    ----------
    shape : str
    row, column : int
        The cell, places in the orders.
    x, y : float
        Where it begins, logical pixels.
    mode : str
    """

    def __init__(self, shape, row, column, x, y, mode="replace"):
        super().__init__(shape, x, y, mode)
        self.row, self.column = row, column

    def polygon(self, cells, is_diagonal):
        """Its polygon in codes of the cell's two channels, float64[V, 2]."""
        path = simplified(self.outline)
        codes = cells.path_in_codes(self.row, self.column, path)
        if is_diagonal:
            low, high = codes[:, 0].min(), codes[:, 0].max()
            return np.array([[low, low], [high, low], [high, high], [low, high]])
        return codes


def combined(mode, present, inside):
    """What would be selected: uint8[P].

    Parameters
    ----------
    mode : str
    present : uint8[P] or None
        What is selected; None: nothing.
    inside : uint8[P]
        What is enclosed.
    """
    if mode == "replace" or (present is None and mode == "add"):
        return inside
    if present is None:
        return np.zeros_like(inside)
    if mode == "add":
        return present | inside
    return present & (inside ^ 1) if mode == "subtract" else present & inside


def region_of(polygon, rows, columns, row_channel, column_channel):
    """The region of a polygon, for ``select.brush``.

    Parameters
    ----------
    polygon : float64[V, 2]
        In codes of the column's channel (x) and the row's (y).
    rows, columns : engine Columns
    row_channel, column_channel : int
    """
    x = values_at(columns, column_channel, polygon[:, 0])
    y = values_at(rows, row_channel, polygon[:, 1])
    return {
        "kind": "lasso",
        "layer": rows.layer,
        "other": None if columns is rows else columns.layer,
        "which": rows.which,
        "x": int(column_channel),
        "y": int(row_channel),
        "polygon": [[float(a), float(b)] for a, b in zip(x, y, strict=True)],
    }


def values_at(columns, channel, codes):
    """Values at places between codes; a constant channel's neighbourhood is its value ± 1.

    A point of code c lies in the middle of [c, c + 1] on the screen.
    """
    step = columns.step[channel]
    if step == 0:
        return columns.low[channel] + (np.asarray(codes, float) - 0.5)
    return columns.low[channel] + (np.asarray(codes, float) - 0.5) * step
