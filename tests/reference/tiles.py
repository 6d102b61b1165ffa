"""The feature maps' tiles done slowly, in float64, one pixel and one unit at a time."""

import numpy as np

from viewer.visuals import transfer

MOST_TEXELS = 8.0


def covered(place, wide, size):
    """The part of 0..size that a pixel covers; texels."""
    halfway = 0.5 * min(wide, MOST_TEXELS)
    return max(0.0, min(size, place - halfway)), max(0.0, min(size, place + halfway))


def share_of_texel(number, span):
    """How much of a texel lies in a range."""
    return max(0.0, min(number + 1.0, span[1]) - max(number, span[0]))


def area_mean(values, row_span, column_span, missing=None):
    """The mean of units [H, W] over an area given in units; NaN wins, then infinite."""
    total, weight = 0.0, 0.0
    found = []
    for row in range(int(np.floor(row_span[0])), int(np.ceil(row_span[1]))):
        for column in range(int(np.floor(column_span[0])), int(np.ceil(column_span[1]))):
            share = share_of_texel(row, row_span) * share_of_texel(column, column_span)
            if share <= 0 or (missing is not None and missing[row, column]):
                continue
            value = float(values[row, column])
            if np.isfinite(value):
                total += share * value
                weight += share
            else:
                found.append(value)
    for special in (np.nan, np.inf, -np.inf):
        if any(np.array_equal(value, special, equal_nan=True) for value in found):
            return special
    return total / weight if weight else None


def pooled(values, factor, missing=None):
    """Means over squares of a map [H, W]; None where there is no unit."""
    rows, columns = values.shape
    return [
        [
            area_mean(
                values,
                (row, min(row + factor, rows)),
                (column, min(column + factor, columns)),
                missing,
            )
            for column in range(0, columns, factor)
        ]
        for row in range(0, rows, factor)
    ]


def index_of(value, low, high):
    """Table index of one value."""
    if np.isnan(value):
        return float(transfer.NAN)
    if np.isinf(value):
        return float(transfer.INFINITE if value > 0 else transfer.NEGATIVE_INFINITE)
    span = high - low if high > low else 1.0
    place = (value - low) / span * (transfer.STEPS - 2) + 2.0
    return min(max(place, 0.0), float(transfer.ABOVE))


def picture(values, box, low, high, colours, row, missing=None):
    """A map [H, W] drawn into a box (width, height) of whole pixels.

    Returns
    -------
    uint8[height, width, 3], and bool[height, width]: where nothing is drawn.
    """
    rows, columns = values.shape
    width, height = box
    out, empty = np.zeros((height, width, 3), np.uint8), np.zeros((height, width), bool)
    for y in range(height):
        for x in range(width):
            if columns <= width and rows <= height:  # enlarged: the unit in the pixel's middle
                at = (int((y + 0.5) / height * rows), int((x + 0.5) / width * columns))
                value = None if missing is not None and missing[at] else float(values[at])
            else:
                row_span = (y / height * rows, (y + 1) / height * rows)
                column_span = (x / width * columns, (x + 1) / width * columns)
                value = area_mean(values, row_span, column_span, missing)
            if value is None:
                empty[y, x] = True
            else:
                entry = colours[row, int(index_of(value, low, high)), :3]
                out[y, x] = np.round(255 * entry)
    return out, empty
