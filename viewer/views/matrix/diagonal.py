"""A diagonal cell: one channel's distribution by class, counted once, drawn tile by tile.

Above, a curve a class over the finite values that are not zero: its height is the square root of
the count in a bin, so that thin tails are seen beside a peak, in one scale for all classes.
Beside it a solid bar at zero: as high as the share of points that are exactly zero (the whole
height is all points), split by class. Below, a row a class: where its points lie, denser where
there are more (logarithm of the count), zeros included. Small cells have no rows.
"""

import math

import numpy as np

from engine.kernels.counting import count_channel
from engine.kernels.distribution import distribution_tile
from engine.kernels.mixing import UNSELECTED, count_column

CURVE_BINS_LEAST = 16
# Fewer points than this have no curve: they are seen in their rows.
CURVE_POINTS = 30
ROWS_FROM_BINS = 32


def rows_share(group_count, bins):
    """Which part of the cell's height the rows take, from below; 0 in small cells."""
    return min(0.4, 0.08 + 0.04 * group_count) if bins >= ROWS_FROM_BINS else 0.0


class Distribution:
    """One channel's counts by class, ready to be drawn at some number of bins.

    Parameters
    ----------
    x : uint16[P]
    codes : uint8[P]
        Of `engine.kernels.mixing.plane_codes`.
    points : int
        How many are counted, from the first.
    ends : (int, int)
        Codes shown, half open.
    zero : int
        Code of exactly zero; -1: out of range.
    total : int
        Bins over the whole cell.
    group_count : int
        G.
    selecting : bool

    Attributes
    ----------
    counts : uint32[K, total]
        Without zeros; K = G, or 2 G with the selected ones last.
    zeros : uint32[K]
    """

    def __init__(self, x, codes, points, ends, zero, total, group_count, selecting):
        planes = (group_count + 1) * (2 if selecting else 1)
        low, width = ends[0], ends[1] - ends[0]
        if (low, width) == (0, 65536):
            both = np.zeros((planes + 1, total + 2), np.uint32)
            count_column(x, codes, points, 17 - total.bit_length(), zero, both)
            counts, zeros = both[:, :total], both[:, total]
        else:
            counts = np.zeros((planes + 1, total), np.uint32)
            zeros = np.zeros(planes + 1, np.uint32)
            axis = np.array([low, width, total, 0], np.int64)
            count_channel(x[:points], codes[:points], planes, zero, axis, counts, zeros)
            if low <= zero < ends[1]:
                counts[:planes, (zero - low) * total // width] -= zeros[:planes]
        left_out = [group_count, 2 * group_count + 1][: 1 + selecting]
        shown = np.delete(np.arange(planes), left_out)
        self.counts, self.zeros = counts[shown], zeros[shown]
        self.group_count, self.selecting, self.total = group_count, selecting, total
        self.zero_at = (zero + 0.5 - low) / width if low <= zero < ends[1] else -1.0

    def curves(self):
        """Heights of the curves, 0 to 1: float32[K, n]; n grows with the points' cube root."""
        wholes = self.counts.sum(1, dtype=np.int64)
        parts = [wholes[part] for part in self._parts() if wholes[part].sum() >= CURVE_POINTS]
        points = min((part.sum() / (part > 0).sum() for part in parts), default=1.0)
        bins = max(CURVE_BINS_LEAST, 1 << round(math.log2(3 * points ** (1 / 3))))
        every = max(1, self.total // bins)
        sums = self.counts.reshape(len(self.counts), -1, every).sum(2, dtype=np.float64)
        heights = np.zeros(sums.shape, np.float32)
        for part in self._parts():
            most = sums[part].max(initial=0)
            if sums[part].sum() >= CURVE_POINTS:
                heights[part] = np.sqrt(sums[part] / most)
        return heights

    def rows(self):
        """Opacities of the rows, float32[K, total]."""
        counts = self.counts.astype(np.float64)
        if self.zero_at >= 0:
            counts[:, min(int(self.zero_at * self.total), self.total - 1)] += self.zeros
        shades = np.zeros(counts.shape, np.float32)
        for part in self._parts():
            most = counts[part].max(initial=0)
            if most:
                strength = 0.3 + 0.7 * np.log1p(counts[part]) / np.log1p(most)
                shades[part] = np.where(counts[part] > 0, strength, 0)
        return shades

    def bars(self):
        """Shares of all points that are exactly zero, float32[K]."""
        whole = int(self.counts.sum()) + int(self.zeros.sum())
        return (self.zeros / max(1, whole)).astype(np.float32)

    def _parts(self):
        count = self.group_count
        return (slice(0, count), slice(count, None)) if self.selecting else (slice(None),)

    def draw(self, colours, across, up, bins, texels):
        """Write one tile.

        Parameters
        ----------
        colours : float32[G, 3]
            sRGB.
        across, up : int
            Which tile of the cell, from its lower left.
        bins : int
            Texels of the tile's side; ``total`` is a multiple of it.
        texels : uint8[bins, bins, 4]
            Written to; premultiplied, the lowest row first.
        """
        if not self.group_count:
            texels[:] = 0
            return
        colours = np.tile(np.asarray(colours, np.float32), (1 + self.selecting, 1))
        strengths = np.ones(len(colours), np.float32)
        if self.selecting:
            strengths[: self.group_count] = UNSELECTED
        share = rows_share(self.group_count, bins)
        parts = (self.curves(), self.rows(), self.bars(), self.zero_at)
        distribution_tile(
            *parts, colours, strengths, self.group_count, share, (across, up), bins, texels
        )
