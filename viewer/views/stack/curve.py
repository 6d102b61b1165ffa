"""The transfer curve as a person edits it: points over a histogram; no Qt.

A curve has 2 to 32 points: how far a value is from zero (0 to 1 of the layer's range) and how dense
it is drawn there (0 to 1). Without a curve the built-in law holds; editing begins from `LAW`, the
points that come nearest to it.
"""

from dataclasses import dataclass

import numpy as np

from viewer.session.drawing import MOST_POINTS
from viewer.visuals.transfer import Transfer, density

LAW = tuple((place / 8, round((place / 8) ** 2, 4)) for place in (0, 1, 2, 3, 4, 6, 8))
SOFT = ((0.0, 0.0), (1.0, 1.0))
CONTRAST = ((0.0, 0.0), (0.5, 0.0), (0.6, 1.0), (1.0, 1.0))
BINS = 128
# Of larger layers so many values are counted, evenly chosen.
COUNTED = 200_000


def heights_of(curve, places):
    """Density of a curve (None: the law) at distances from zero; float64[P]."""
    return density(np.asarray(places, float), False, Transfer(curve=curve))


def moved(curve, index, place, height):
    """The curve after one point moved: between its neighbours, the outer ones anywhere."""
    points = list(curve)
    low = points[index - 1][0] if index else 0.0
    high = points[index + 1][0] if index + 1 < len(points) else 1.0
    points[index] = (_within(place, low, high), _within(height, 0.0, 1.0))
    return tuple(points)


def added(curve, place, height):
    """(curve, index) with one point more; as it was, and None, when there are enough."""
    if len(curve) >= MOST_POINTS:
        return curve, None
    point = (_within(place, 0.0, 1.0), _within(height, 0.0, 1.0))
    index = sum(other[0] <= point[0] for other in curve)
    return (*curve[:index], point, *curve[index:]), index


def removed(curve, index):
    """The curve without a point; two always stay."""
    return curve if len(curve) <= 2 else (*curve[:index], *curve[index + 1 :])


def nearest(curve, place, height, width_px, height_px, reach_px=9.0):
    """Index of the point nearest to a place of the editor, within reach, or None."""
    distances = [np.hypot((place - x) * width_px, (height - y) * height_px) for x, y in curve]
    index = int(np.argmin(distances))
    return index if distances[index] <= reach_px else None


def _within(value, low, high):
    return round(float(min(high, max(low, value))), 4)


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often values occur over a range.

    Attributes
    ----------
    counts : int64[B]
        Equal bins from low to high.
    low, high : float
    signed : bool
        The range is symmetric about zero.
    values, of : int
        How many values were counted, of how many finite ones there are.
    outside : int
        Counted values beyond the range.
    over : str
        Of what: ``'this sample'``, ``'320 samples'``.
    """

    counts: np.ndarray
    low: float
    high: float
    signed: bool
    values: int
    of: int
    outside: int = 0
    over: str = "this sample"

    def heights(self):
        """Logarithms of the counts, 0 to 1; float64[B]."""
        logs = np.log1p(self.counts)
        return logs / max(1e-12, logs.max(initial=0.0))


def histogram_of(values, low, high, signed):
    """The histogram of a layer's values for one sample.

    Parameters
    ----------
    values : float[C, *positions]
    low, high : float
        Ends of the colour map.
    signed : bool

    Returns
    -------
    Histogram
    """
    flat = np.asarray(values).reshape(-1)
    step = -(-flat.size // COUNTED) or 1
    # An odd step does not keep to the same columns of every map.
    some = flat[:: step | 1].astype(np.float32) if step > 1 else flat.astype(np.float32)
    some = some[np.isfinite(some)]
    high = high if high > low else low + 1.0
    counts, _ = np.histogram(some, BINS, (low, high))
    return Histogram(counts, low, high, signed, some.size, flat.size, int(some.size - counts.sum()))


def summed(counts, first, last, low, high, signed, over):
    """The histogram of a layer over a study, from bins that were chosen before its range was known.

    Counts are spread evenly inside the study's bins; what lay outside them was not counted there.

    Parameters
    ----------
    counts : int64[K]
        Equal bins from ``first`` to ``last``.
    low, high : float
        Ends of the colour map.
    signed : bool
    over : str
        Of how many samples, in words.

    Returns
    -------
    Histogram
    """
    high = high if high > low else low + 1.0
    last = last if last > first else first + 1.0
    below = np.concatenate([[0.0], np.cumsum(counts)])
    at = np.interp(np.linspace(low, high, BINS + 1), np.linspace(first, last, len(below)), below)
    placed = np.diff(np.rint(at)).astype(np.int64)  # sums stay what they are
    total = int(np.sum(counts))
    return Histogram(placed, low, high, signed, total, total, total - int(placed.sum()), over)
