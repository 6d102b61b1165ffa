"""Points of three channels that appear inside a polygon on a picture of them, by the even-odd rule.

A picture of a cloud is a projection: values go by a matrix to a plane, and what lies behind the
eye is nowhere. Reference: ``tests/reference/projected.py``.
"""

import numpy as np

_BLOCK = 1 << 16


def inside_projection(columns, channels, matrix, polygon):
    """Which points appear inside a polygon.

    Parameters
    ----------
    columns : Columns
    channels : sequence of int
        One to three.
    matrix : float[3, 4]
        From values along the channels (missing ones 0) and 1 to (u, v, w): a point appears at
        ``(u / w, v / w)`` where w is above 0.
    polygon : float[V, 2]
        On that plane; closed by itself.

    Returns
    -------
    bool[P]
        Never for points with a value that is not finite. Values are those of the 16-bit codes.
    """
    matrix, polygon = np.asarray(matrix, float), np.asarray(polygon, float).reshape(-1, 2)
    found = np.zeros(columns.count, bool)
    for first in range(0, columns.count, _BLOCK):
        block = slice(first, min(columns.count, first + _BLOCK))
        values = [columns.values(channel, columns.fine[channel, block]) for channel in channels]
        # Sums in a fixed order: the same everywhere, whatever a matrix product does.
        u, v, w = (
            sum((row[axis] * value for axis, value in enumerate(values)), start=np.float64(row[3]))
            for row in matrix
        )
        before = w > 0  # NaN is not
        with np.errstate(invalid="ignore", divide="ignore"):
            found[block] = before & inside_polygon(polygon, u / w, v / w)
    return found


def inside_polygon(polygon, x, y):
    """Which places lie inside a polygon, by the even-odd rule: bool[n]; NaN never does.

    Parameters
    ----------
    polygon : float64[V, 2]
    x, y : float[n]
    """
    found = np.zeros(np.shape(x), bool)
    if len(polygon) < 3:
        return found
    low, high = polygon.min(0), polygon.max(0)
    near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    across, up = x[near].astype(np.float64), y[near].astype(np.float64)
    odd = np.zeros(len(near), bool)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y0 != y1:
            crosses = (y0 > up) != (y1 > up)
            odd ^= crosses & (across < (x1 - x0) * ((up - y0) / (y1 - y0)) + x0)
    found[near] = odd
    return found
