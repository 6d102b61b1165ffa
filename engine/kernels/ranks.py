"""Rank correlations of orders: Kendall's tau by merging (Knight 1966), Spearman's rho."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def agreements(places, varied, first, stop, kendall, spearman):
    """Rank correlations of some orders with those before them.

    Parameters
    ----------
    places : int32[n, C]
        The place of each channel in each order.
    varied : bool[n, C]
        Of two orders those channels are compared that have a place in both.
    first, stop : int
        Orders, half open.
    kendall, spearman : float64[n, n]
        Filled on and below the diagonal; NaN where fewer than two channels are compared.
    """
    channels = places.shape[1]
    by_place = np.empty(channels, np.int32)
    rank, line = np.empty(channels, np.int64), np.empty(channels, np.int64)
    spare = np.empty(channels, np.int64)
    for a in range(first, stop):
        for b in range(a + 1):
            for c in range(channels):
                by_place[places[b, c]] = c
            count = 0
            for c in by_place:
                if varied[a, c] and varied[b, c]:
                    rank[c] = count
                    count += 1
            for c in range(channels):
                by_place[places[a, c]] = c
            at, squares = 0, 0.0
            for c in by_place:
                if varied[a, c] and varied[b, c]:
                    line[at] = rank[c]
                    squares += (rank[c] - at) ** 2
                    at += 1
            if count < 2:
                kendall[a, b] = spearman[a, b] = np.nan
                continue
            whole = count * (count - 1.0)
            kendall[a, b] = 1.0 - 4.0 * _exchanges(line[:count], spare) / whole
            spearman[a, b] = 1.0 - 6.0 * squares / (whole * (count + 1.0))


@njit(nogil=True, cache=True)
def _exchanges(line, spare):
    """How many pairs stand the wrong way around; the line is sorted by merging."""
    count, found, size = line.size, 0, 1
    while size < count:
        for low in range(0, count - size, 2 * size):
            middle, high = low + size, min(low + 2 * size, count)
            i, j = low, middle
            for k in range(low, high):
                if j >= high or (i < middle and line[i] < line[j]):
                    spare[k] = line[i]
                    i += 1
                else:
                    spare[k] = line[j]
                    found += middle - i
                    j += 1
            line[low:high] = spare[low:high]
        size *= 2
    return found


def warm():
    """Compile the kernel of this module."""
    out = np.zeros((1, 1))
    agreements(np.zeros((1, 1), np.int32), np.ones((1, 1), np.bool_), 0, 1, out, out)
