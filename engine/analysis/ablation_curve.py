"""Threshold curves: error rates against the share of a layer's filters that is removed."""

from dataclasses import dataclass

import numpy as np

from engine.analysis.rates import error_rates
from engine.errors import InputError

WITHIN = 0.95
"""Share of random orders that the band is to hold."""


@dataclass(frozen=True, eq=False)
class Line:
    """Error rates along a curve.

    Attributes
    ----------
    overall : float64[n]
    of_class : float64[n] or None
    """

    overall: np.ndarray
    of_class: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Band:
    """Error rates of random orders.

    Attributes
    ----------
    mean : Line
    low, high : Line
        Where 95 of 100 random orders are to lie: the mean and t sqrt(1 + 1/R) standard deviations
        of the R orders on either side (a prediction interval of Student's t), within 0 to 1.
    """

    mean: Line
    low: Line
    high: Line


@dataclass(frozen=True, eq=False)
class Curve:
    """Error rates against the share of filters removed.

    Attributes
    ----------
    share : float64[n]
        From 0 to 1.
    removed : int64[n]
        Filters.
    ascending, descending : Line
        The least important first, the most important first.
    random : Band or None
    samples, of : int
        Labelled samples that were run, and in all.
    """

    share: np.ndarray
    removed: np.ndarray
    ascending: Line
    descending: Line
    random: Band | None
    samples: int
    of: int

    @property
    def nbytes(self):
        """Bytes, about."""
        return 400 + 80 * len(self.share)


@dataclass(frozen=True, eq=False)
class Plan:
    """Which sets of filters a curve needs.

    Attributes
    ----------
    removed : int64[n]
    sets : list of tuple of int
        Each once, nothing and everything too.
    places : int64[R + 2, n]
        The set of each threshold of the ascending, descending and random orders.
    filters : int
    """

    removed: np.ndarray
    sets: list
    places: np.ndarray
    filters: int

    @classmethod
    def of(cls, importance, filters, steps, randoms, seed):
        """Plan a curve; filters without a number (NaN) count as the least important."""
        importance = np.asarray(importance, np.float64)
        if importance.shape != (filters,):
            raise InputError(
                "one importance for each filter", expected=(filters,), got=importance.shape
            )
        if steps < 2:
            raise InputError("a curve has at least two thresholds", got=steps)
        filled = np.where(np.isnan(importance), -np.inf, importance)
        ascending = np.argsort(filled, kind="stable")
        random = np.random.default_rng(seed)
        orders = [ascending, ascending[::-1]]
        orders += [random.permutation(filters) for _ in range(randoms)]
        removed = np.unique(np.rint(np.linspace(0, filters, steps)).astype(np.int64))
        sets, places = {}, []
        for order in orders:
            chosen = [tuple(sorted(order[:count].tolist())) for count in removed]
            places.append([sets.setdefault(each, len(sets)) for each in chosen])
        return cls(removed, list(sets), np.array(places), filters)

    def curve(self, predicted, labels, of_class=None):
        """The curve of what was predicted.

        Parameters
        ----------
        predicted : int32[M, N]
            For each of `sets`.
        labels : int[N]
        of_class : int, optional
        """
        overall, chosen = error_rates(predicted, labels, of_class)
        lines = [
            Line(overall[places], None if chosen is None else chosen[places])
            for places in self.places
        ]
        labelled = labels >= 0
        return Curve(
            share=self.removed / self.filters,
            removed=self.removed,
            ascending=lines[0],
            descending=lines[1],
            random=_band(lines[2:]),
            samples=int((labelled & (predicted[0] >= -1)).sum()),
            of=int(labelled.sum()),
        )


def _band(lines):
    if not lines:
        return None
    overall = _interval(np.stack([line.overall for line in lines]))
    chosen = (None, None, None)
    if lines[0].of_class is not None:
        chosen = _interval(np.stack([line.of_class for line in lines]))
    return Band(*(Line(a, b) for a, b in zip(overall, chosen, strict=True)))


def _interval(values):
    """Mean, low and high of rates float64[R, n]."""
    count, mean = len(values), values.mean(axis=0)
    if count < 2:
        return mean, mean, mean
    from scipy.special import stdtrit  # quicker to load than scipy.stats, and the same number

    t = stdtrit(count - 1, (1 + WITHIN) / 2)
    far = t * np.sqrt(1 + 1 / count) * values.std(axis=0, ddof=1)
    return mean, np.clip(mean - far, 0, 1), np.clip(mean + far, 0, 1)
