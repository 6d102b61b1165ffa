"""What an extraction hands to the study: blocks of samples, layer by layer, with statistics.

Plain data. A block is a fixed range of the data set; its float sums are kept by themselves and
merged in the order of samples when the study is read, so that a study written in one go and one
written with interruptions are equal in every byte.
"""

from dataclasses import dataclass, field

import numpy as np

BINS = 256


@dataclass(frozen=True)
class ChannelStatistics:
    """Statistics of C channels over the samples and positions that were read.

    Attributes
    ----------
    count : int64[C]
        Finite values. NaN and infinite ones are counted below and enter nothing else.
    minimum, maximum : float32[C]
        Range of the finite values, NaN without any.
    sum : float64[C]
        Sum of the finite values.
    deviations : float64[C]
        Sum of their squared differences to the channel's mean.
    zeros, nans, posinfs, neginfs : int64[C]
    histogram : int64[C, 256] (uint32 in a block)
        Finite values in equal bins over ``[low, high]``; the last bin holds ``high``.
    below, above : int64[C]
        Finite values outside of that range.
    low, high : float
        The layer's histogram range, that of the first batches.
    """

    count: np.ndarray
    minimum: np.ndarray
    maximum: np.ndarray
    sum: np.ndarray
    deviations: np.ndarray
    zeros: np.ndarray
    nans: np.ndarray
    posinfs: np.ndarray
    neginfs: np.ndarray
    histogram: np.ndarray
    below: np.ndarray
    above: np.ndarray
    low: float
    high: float

    @property
    def values(self):
        """Values seen, finite or not, int64[C]."""
        return self.count + self.nans + self.posinfs + self.neginfs

    @property
    def edges(self):
        """Edges of the histogram's bins, float64[257]."""
        return np.linspace(self.low, self.high, BINS + 1)

    def mean(self):
        """Mean of the finite values, float64[C]; NaN without any."""
        return _divide(self.sum, self.count)

    def std(self):
        """Population standard deviation of the finite values, float64[C]; NaN without any."""
        return np.sqrt(_divide(self.deviations, self.count))

    def fraction_of_zeros(self):
        """Zeros among all values, float64[C], 0 to 1; NaN without any."""
        return _divide(self.zeros, self.values)

    def layer_histogram(self):
        """Histogram of the whole layer, int64[256]."""
        return self.histogram.sum(axis=0)

    @classmethod
    def empty(cls, channels, low, high):
        """Statistics of nothing yet."""
        integers = {
            name: np.zeros(channels, np.int64)
            for name in ("count", "zeros", "nans", "posinfs", "neginfs", "below", "above")
        }
        return cls(
            minimum=np.full(channels, np.nan, np.float32),
            maximum=np.full(channels, np.nan, np.float32),
            sum=np.zeros(channels),
            deviations=np.zeros(channels),
            histogram=np.zeros((channels, BINS), np.int64),
            low=float(low),
            high=float(high),
            **integers,
        )


POOLED = ("maximum", "argmax", "mean", "std", "quantiles")
INTEGERS = ("zeros", "nans", "posinfs", "neginfs", "below", "above")


def merge_sums(first, second):
    """Counts, sums and squared deviations of two sets as one (Chan, Golub, LeVeque 1979).

    Parameters
    ----------
    first, second : tuple of (int64[C], float64[C], float64[C])

    Returns
    -------
    tuple of (int64[C], float64[C], float64[C])
    """
    (n, total, deviations), (m, more, spread) = first, second
    step = _divide(more, m) - _divide(total, n)
    weight = _divide(n.astype(np.float64) * m, n + m)
    with np.errstate(over="ignore", invalid="ignore"):  # numbers of a damaged part
        between = np.where((n > 0) & (m > 0), step * step * weight, 0.0)
    return n + m, total + more, deviations + spread + between


@dataclass(frozen=True)
class Kept:
    """Activations of one layer for the n samples of a block.

    Attributes
    ----------
    values : float16 or float32 [n, C, *positions], or [n, C, S] when sampled
    positions : int32[n, S], optional
        Flat positions of sampled values.
    """

    values: np.ndarray
    positions: np.ndarray | None = None


@dataclass(frozen=True)
class Block:
    """Samples `first` to `stop` of the data set, as far as they could be read.

    Attributes
    ----------
    samples : int64[n]
        Indices in the data set, ascending.
    kept : dict of (layer name, 'pre' or 'post') to Kept
        Of every layer but those that are only pooled.
    pooled : dict of str to ndarray
        Rows of samples, columns the channels of all layers side by side: ``maximum`` float32[n, C];
        of those layers that have positions ``argmax`` int32[n, M] (flat position of the maximum, -1
        when the map holds NaN alone), ``mean`` and ``std`` float32[n, M]; of those whose quantiles
        are wanted ``quantiles`` float32[n, M', Q].
    statistics : dict of str to ndarray
        The arrays of `ChannelStatistics`, the channels side by side. The study may keep and change
        them.
    scores : float32[n, K], optional
    names : sequence of n str
        The samples' names; groups (None: no group) beside them.
    labels : int32[n], optional
        -1 where unknown.
    skipped : list of (sample index, name, reason)
    """

    first: int
    stop: int
    samples: np.ndarray
    kept: dict
    pooled: dict = field(default_factory=dict)
    statistics: dict = field(default_factory=dict)
    scores: np.ndarray | None = None
    names: tuple = ()
    groups: tuple | None = None
    labels: np.ndarray | None = None
    skipped: list = field(default_factory=list)


def _divide(a, b):
    """``a / b`` with NaN where b is 0."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return np.divide(a, b, out=np.full(np.broadcast_shapes(a.shape, b.shape), np.nan), where=b > 0)
