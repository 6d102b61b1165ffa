"""The point under the pointer: the nearest one of a cell within a few pixels."""

import math

import numpy as np

from engine.embedding.columns import FINITE
from engine.embedding.threads import spread
from engine.kernels.nearest import nearest_point

_NONE = np.zeros(0, np.uint8)


def nearest(x, y, at, radius, allowed=None):
    """The point nearest to a place within an ellipse.

    Parameters
    ----------
    x, y : uint16[P]
        Fine codes; points that are not finite are never found.
    at : (float, float)
        The place in codes.
    radius : (float, float)
        Across and up, in codes, above 0; distances are measured in these, so that on the screen
        they are in pixels when both stand for as many pixels.
    allowed : uint8[P] or bool[P], optional
        Only points other than 0.

    Returns
    -------
    int
        Its index, or -1. Of several equally near ones the first.
    """
    at, radius = np.asarray(at, np.float64), np.asarray(radius, np.float64)
    if not (np.isfinite(at).all() and (radius > 0).all()):
        return -1
    box = np.array([edge for k in range(2) for edge in _span(at[k], radius[k])])
    allowed = _NONE if allowed is None else np.ascontiguousarray(allowed, bool).view(np.uint8)

    def search(first, stop):
        some = allowed[first:stop]
        return nearest_point(x[first:stop], y[first:stop], box, at, radius, some, first)

    found = [each for each in spread(search, len(x), 1 << 19) if each[0] >= 0]
    return int(min(found, key=lambda each: (each[1], each[0]))[0]) if found else -1


def _span(at, radius):
    low = min(max(math.ceil(at - min(radius, 1e9)), 0), FINITE)
    return low, max(low, min(math.floor(at + min(radius, 1e9)) + 1, FINITE))
