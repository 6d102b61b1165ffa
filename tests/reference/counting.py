"""Counts of points by group and bin with NumPy's histograms of the codes, explicit ranges."""

import numpy as np


def cell_counts(x, y, groups, group_count, bins, window=None):
    """Reference of `engine.embedding.counts.cell_counts` for all points."""
    mark = np.iinfo(x.dtype).max
    x0, x1, y0, y1 = window or (0, mark + 1, 0, mark + 1)
    counts = np.zeros((group_count, bins, bins), np.int64)
    for group in range(group_count):
        # the last edge of NumPy's histograms belongs to the last bin: half open here
        here = (groups == group) & (x != mark) & (y != mark)
        here &= (x >= x0) & (x < x1) & (y >= y0) & (y < y1)
        counts[group] = np.histogram2d(
            y[here].astype(float), x[here].astype(float), bins, [[y0, y1], [x0, x1]]
        )[0]
    return counts


def channel_counts(column, groups, group_count, bins, zero=-1, window=None):
    """Reference of `engine.embedding.counts.channel_counts`."""
    low, high = window or (0, 65536)
    counts, zeros = np.zeros((group_count, bins), np.int64), np.zeros(group_count, np.int64)
    for group in range(group_count):
        codes = column[groups == group].astype(int)
        inside = codes[(codes != 65535) & (codes >= low) & (codes < high)]
        counts[group] = np.histogram(inside, bins, (low, high))[0]
        zeros[group] = np.count_nonzero(codes == zero)
    return counts, zeros
