"""Distances between points in each channel, centred: what distance covariances are made of."""

import numpy as np

from engine.analysis.deviations import Stored, columns_of
from engine.embedding.threads import spread
from engine.kernels.pairs import centred_distances
from engine.kernels.quantising import NOT_FINITE

_VALUES = 16 << 20  # float32 values of a block, about


def blocks_of(count, channels):
    """Ranges of rows of the matrices that are made at a time: list of (first, stop)."""
    step = max(1, _VALUES // max(1, count * channels))
    return [(a, min(a + step, count)) for a in range(0, count, step)]


class Distances:
    """Distances between the first n points in each channel (Székely, Rizzo and Bakirov 2007, 2.3).

    Parameters
    ----------
    source : Columns or Stored
    count : int
        Points, n.
    """

    def __init__(self, source, count):
        columns = columns_of(source)
        if isinstance(source, Stored):
            values = source.points.stored(source.study, np.arange(count)).T.astype(np.float64)
            there = np.isfinite(values)
        else:
            codes = columns.fine[:, :count]
            values, there = codes.astype(np.float64), codes != NOT_FINITE
        self.channels, self.count = values.shape
        self.there = there
        present = np.maximum(there.sum(axis=1, keepdims=True), 1)
        values = np.where(there, values, 0.0)
        values = np.where(there, values - values.sum(axis=1, keepdims=True) / present, 0.0)
        scale = np.sqrt((values**2).sum(axis=1, keepdims=True) / present)
        self.values = values / np.where(scale > 0, scale, 1.0)
        self.means = _mean_distances(self.values, there)
        self.grand = (self.means * there).sum(axis=1) / present[:, 0]

    def centred(self, first, stop):
        """Rows first to stop of each centred matrix from column first on.

        The matrices are symmetric: what lies right of `stop` stands for its mirror too, times the
        root of two, so that products of two such rows add up as those of whole ones.

        Returns
        -------
        float32[C, (stop - first) * (n - first)]
            0 where a value is not finite.
        """
        size = (stop - first) * (self.count - first)
        out = np.empty((self.channels, size), np.float32)
        tables = (self.values, self.means, self.grand, self.there)
        spread(lambda a, b: centred_distances(*tables, first, stop, a, b, out), self.channels, 1)
        return out


def _mean_distances(values, there):
    """Mean distance of each point from all that are there, itself included, by sorting."""
    means = np.zeros_like(values)
    for k in range(len(values)):
        x = values[k, there[k]]
        order = np.argsort(x, kind="stable")
        x, n = x[order], len(x)
        sums, places = np.cumsum(x), np.arange(n)
        below = places * x - (sums - x)
        above = (np.sum(x) - sums) - (n - 1 - places) * x
        found = np.empty(n)
        found[order] = (below + above) / max(1, n)
        means[k, there[k]] = found
    return means
