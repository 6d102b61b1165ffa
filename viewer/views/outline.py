"""What a person draws over points with the pointer held: a lasso or a rectangle; no Qt, no GL.

Shared by the views of points. In pixels; what it selects, the view says in values.
"""

import numpy as np

LEAST_STEP_PX = 1.5
TOLERANCE_PX = 0.6
MOST_VERTICES = 200
MOVING = ("pan", "turn")


class Outline:
    """A lasso or a rectangle that is being drawn.

    Parameters
    ----------
    shape : str
        ``'lasso'`` or ``'rectangle'``.
    x, y : float
        Where it begins, logical pixels.
    mode : str
        How it will change the selection.

    Attributes
    ----------
    count : int or None
        Points inside, as far as known while it is drawn.
    """

    def __init__(self, shape, x, y, mode="replace"):
        self.shape = shape
        self.mode = mode
        self.path = [(x, y)]
        self.count = None

    def add(self, x, y):
        """Go on to a place; a rectangle has its corner there."""
        if self.shape == "rectangle":
            self.path = [self.path[0], (x, y)]
        elif max(abs(x - self.path[-1][0]), abs(y - self.path[-1][1])) >= LEAST_STEP_PX:
            self.path.append((x, y))

    @property
    def outline(self):
        """Its vertices over the view, float[V, 2]; at least three."""
        path = np.array(self.path, float)
        if self.shape == "rectangle":
            (x0, y0), (x1, y1) = path[0], path[-1]
            return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
        if len(path) < 3:
            path = np.concatenate([path, np.repeat(path[-1:], 3 - len(path), 0)])
        return path

    @property
    def is_empty(self):
        """Whether it encloses nothing."""
        spread = np.ptp(self.outline, axis=0)
        return bool(spread.min() < LEAST_STEP_PX)


def mode_of(modifiers, usual):
    """How a stroke changes the selection: keys first, else as the toolbar says.

    Parameters
    ----------
    modifiers : frozenset of str
    usual : str
    """
    held = ("ctrl" in modifiers, "alt" in modifiers)
    return {(True, False): "add", (False, True): "subtract", (True, True): "intersect"}.get(
        held, usual
    )


def shape_of(tool, modifiers):
    """What a drag draws: ``'lasso'``, ``'rectangle'``, or None where it moves the view."""
    if tool in ("lasso", "rectangle"):
        return tool
    return "lasso" if "shift" in modifiers and tool in MOVING else None


def simplified(path, tolerance=TOLERANCE_PX, most=MOST_VERTICES):
    """A closed path with fewer vertices that stays within a tolerance of the drawn one.

    Ramer, Douglas and Peucker's way; the tolerance grows until there are few enough.

    Parameters
    ----------
    path : float[V, 2]
        Logical pixels.

    Returns
    -------
    float[W, 2]
    """
    path = np.asarray(path, float)
    while True:
        kept = path[_kept(path, tolerance)]
        if len(kept) < 3:
            return path[:most]
        if len(kept) <= most:
            return kept
        tolerance *= 1.5


def _kept(path, tolerance):
    """Places of the vertices that are kept, in order."""
    keep = np.zeros(len(path), bool)
    keep[[0, -1]] = True
    stretches = [(0, len(path) - 1)]
    while stretches:
        first, last = stretches.pop()
        if last - first < 2:
            continue
        start, along = path[first], path[last] - path[first]
        offsets = path[first + 1 : last] - start
        length = np.hypot(*along)
        if length > 0:
            away = np.abs(offsets[:, 0] * along[1] - offsets[:, 1] * along[0]) / length
        else:
            away = np.hypot(offsets[:, 0], offsets[:, 1])
        at = int(away.argmax())
        if away[at] > tolerance:
            middle = first + 1 + at
            keep[middle] = True
            stretches += [(first, middle), (middle, last)]
    return np.flatnonzero(keep)
