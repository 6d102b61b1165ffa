"""The point nearest to a place among all of a cell's points, by looking at each."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def nearest_point(x, y, box, at, radius, allowed, group):
    """The nearest point in an ellipse, and its squared distance in radii.

    Parameters
    ----------
    x, y : uint16[P]
    box : int64[4]
        x0, x1, y0, y1: codes outside, half open, are not looked at.
    at, radius : float64[2]
        In codes.
    allowed : uint8[P]
        Only points other than 0; of length 0: all.
    group : int
        Added to the index.

    Returns
    -------
    index : int
        -1 when there is none; the first of several equally near ones.
    distance : float
        Squared, 1 at the ellipse.
    """
    x0, y0 = np.int32(box[0]), np.int32(box[2])
    width, height = np.uint32(box[1] - box[0]), np.uint32(box[3] - box[2])
    best, least = -1, 1.0
    for i in range(x.size):
        across = np.uint32(np.int32(x[i]) - x0)
        if across >= width:
            continue
        up = np.uint32(np.int32(y[i]) - y0)
        if up >= height or (allowed.size and not allowed[i]):
            continue
        a, b = (x[i] - at[0]) / radius[0], (y[i] - at[1]) / radius[1]
        distance = a * a + b * b
        if distance < least or (distance == least and best < 0):
            best, least = i + group, distance
    return best, least


def warm():
    """Compile the kernel of this module."""
    codes, place = np.zeros(1, np.uint16), np.ones(2)
    box = np.array([0, 1, 0, 1])
    nearest_point(codes, codes, box, place, place, np.zeros(0, np.uint8), 0)
