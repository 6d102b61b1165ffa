"""Quantiles of every activation map: NumPy's vectorised sort, then one look-up a quantile."""

import numpy as np
from numba import njit

AT_ONCE = 1 << 20  # values sorted at a time: 4 MB, so that the copy stays in cache


def quantiles(maps, count, *, channels_last=False, pool=None, threads=1):
    """Quantiles of each map's finite values at the fractions 0, 1/(Q-1) ... 1.

    Parameters
    ----------
    maps : float32[n, C, P] or, with `channels_last`, float32[n, P, C]
    count : int
        Quantiles wanted, Q >= 2.
    pool : concurrent.futures.Executor, optional
        Where to run `threads` parts at the same time (the sort holds no GIL).

    Returns
    -------
    float32[n, C, Q]
        Ascending, linearly interpolated (as `numpy.quantile`); NaN for a map without finite
        values.
    """
    if count < 2:
        raise ValueError(f"at least 2 quantiles are needed, got {count}")
    if channels_last:
        maps = maps.transpose(0, 2, 1)
    samples, channels, positions = maps.shape
    found = np.empty((samples, channels, count), np.float32)
    flat = found.reshape(-1, count)
    step = max(1, AT_ONCE // max(1, positions))
    jobs = [
        (maps, first, min(first + step, len(flat)), flat) for first in range(0, len(flat), step)
    ]
    if pool is None or threads == 1:
        for job in jobs:
            _part(*job)
    else:
        list(pool.map(lambda job: _part(*job), jobs))
    return found


def warm():
    """Compile the kernel of this module."""
    quantiles(np.zeros((1, 1, 2), np.float32), 2)


def _part(maps, first, stop, found):
    channels, positions = maps.shape[1:]
    sample, channel = np.divmod(np.arange(first, stop), channels)
    values = maps[sample, channel]  # a copy
    values.sort(axis=1)
    _look_up(values, found[first:stop])


@njit(nogil=True, cache=True)
def _look_up(values, found):
    count = found.shape[1]
    for row in range(values.shape[0]):
        start, stop = 0, values.shape[1]
        while start < stop and not np.isfinite(values[row, stop - 1]):
            stop -= 1
        while start < stop and values[row, start] == -np.inf:
            start += 1
        for q in range(count):
            if start == stop:
                found[row, q] = np.nan
                continue
            place = (stop - start - 1) * (q / (count - 1))
            lower = int(place)
            upper = min(lower + 1, stop - start - 1)
            a = np.float64(values[row, start + lower])
            b = np.float64(values[row, start + upper])
            found[row, q] = a + (b - a) * (place - lower)
