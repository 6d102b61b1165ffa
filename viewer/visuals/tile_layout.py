"""What a tile is to the graphics card, as plain data: one of many small pictures of one draw."""

import numpy as np

from viewer.visuals.transfer import ABOVE, FIRST, INFINITE, NAN, NEGATIVE_INFINITE, STEPS

# Rows and columns of texels of a sheet, the unit of uploading: 512 KB of half floats.
SHEET_ROWS, SHEET_COLUMNS = 256, 1024
# box: left, top, width, height in pixels of the view. source: first column and row in the sheet,
# columns and rows (real numbers: the last texel may stand for less). index: factor and offset from
# stored values to table indices. row: of the colour table. page: of the atlas, -1: none, drawn in
# the colour of table index `flat`.
TILE = np.dtype(
    [
        ("box", "f4", 4),
        ("source", "f4", 4),
        ("index", "f4", 2),
        ("row", "f4"),
        ("page", "f4"),
        ("flat", "f4"),
    ]
)


def index_of_value(low, high):
    """Factors and offsets from values to table indices, as `transfer.index_from_value`.

    Parameters
    ----------
    low, high : float[M]
        Ends of the colour map.
    """
    low, high = np.asarray(low, float), np.asarray(high, float)
    span = high - low
    factor = (STEPS - 2) / np.where(span > 0, span, 1.0)
    return factor, FIRST + 1.0 - low * factor


def index_of(values, low, high):
    """Table indices of values, those that are clipped or not finite included; float64[M]."""
    values = np.asarray(values, float)
    factor, offset = index_of_value(low, high)
    with np.errstate(invalid="ignore", over="ignore"):
        index = np.clip(values * factor + offset, 0.0, ABOVE)
    index = np.where(np.isnan(values), NAN, index)
    index = np.where(np.isposinf(values), INFINITE, index)
    return np.where(np.isneginf(values), NEGATIVE_INFINITE, index)
