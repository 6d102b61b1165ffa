"""The channels of a layer over its points, quantised to 16 and 8 bits; values of codes and back."""

from dataclasses import dataclass, fields

import numpy as np

from engine.kernels.quantising import FINITE, NOT_FINITE


@dataclass(frozen=True, eq=False)
class Columns:
    """The channels of a layer over its points, quantised; C channels, P points.

    Attributes
    ----------
    layer, which : str
    fine : uint16[C, P]
        0 to 65279, `NOT_FINITE` for NaN and infinities.
    coarse : uint8[C, P]
        ``fine >> 8``: 0 to 254, and 255.
    low, step : float64[C]
        A code stands for ``low + code * step``, at most one step from the stored value; the step
        of a constant channel is 0.
    zero : int32[C]
        The code of exactly zero, which no other value shares; -1 where zero is out of range.
    not_finite, zeros : int64[C]
        How many points are so.
    """

    layer: str
    which: str
    fine: np.ndarray
    coarse: np.ndarray
    low: np.ndarray
    step: np.ndarray
    zero: np.ndarray
    not_finite: np.ndarray
    zeros: np.ndarray

    @property
    def count(self):
        """Points, P."""
        return self.fine.shape[1]

    @property
    def channels(self):
        """Channels, C."""
        return self.fine.shape[0]

    @property
    def constant(self):
        """Channels with one finite value at most, bool[C]."""
        return self.step == 0

    @property
    def dead(self):
        """Channels that are zero for every point, bool[C]."""
        return (self.zeros == self.count) & (self.count > 0)

    @property
    def high(self):
        """The value of the last code, float64[C]."""
        return self.low + (FINITE - 1) * self.step

    @property
    def nbytes(self):
        """Bytes of all arrays."""
        arrays = (getattr(self, each.name) for each in fields(self))
        return sum(each.nbytes for each in arrays if isinstance(each, np.ndarray))

    def values(self, channel, codes):
        """Values of codes, which may lie between two: float64, NaN for `NOT_FINITE`."""
        codes = np.asarray(codes)
        found = self.low[channel] + np.asarray(codes, np.float64) * self.step[channel]
        return np.where(codes == NOT_FINITE, np.nan, found)

    def codes(self, channel, values):
        """Where values lie in codes, float64; not rounded, not clipped; 0 in a constant channel."""
        values = np.asarray(values, np.float64)
        if self.step[channel] == 0:
            return np.zeros_like(values)
        return (values - self.low[channel]) / self.step[channel]


def scales(low, high):
    """Of finite ranges, float64[C]: value of code 0, step, and code of zero; see `Columns`.

    With zero inside, the codes are moved by less than a step so that zero falls on one of them;
    the range keeps a code free for that. Channels without finite values have low > high.
    """
    empty = ~(low <= high)
    low, high = np.where(empty, 0.0, low), np.where(empty, 0.0, high)
    inside = (low <= 0) & (high >= 0) & ~empty
    both = (low < 0) & (high > 0)
    step = (high - low) / (FINITE - 1 - both)
    safe = np.where(step > 0, step, 1.0)
    ends = np.where(high > 0, 0, np.where(low < 0, FINITE - 1, 0))
    between = np.clip(np.ceil(-np.where(both, low, 0.0) / safe), 1, FINITE - 2)
    zero = np.where(inside, np.where(both, between, ends), -1).astype(np.int32)
    start = np.where(inside & (step > 0), 0.0 - zero * safe, low)
    return start, step, zero
