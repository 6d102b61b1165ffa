"""Statistics of activation maps: per map, per channel, and a histogram; every value read once.

The loops and how they work are in `engine.kernels.pieces`. The work is split over threads by
channels, never inside one, so no result depends on the number of threads. NaN and infinite values
are counted and enter nothing else, except that the largest value of a map may be +Inf.
Reference: ``tests/reference/statistics.py``.
"""

from typing import NamedTuple

import numpy as np

from engine.kernels import pieces
from engine.kernels.pieces import BINS, GROUP


class MapSummary(NamedTuple):
    """What `summarise` finds; n samples, C channels, 256 bins.

    Attributes
    ----------
    maximum : float32[n, C]
        Largest value of the map that is not NaN (it may be infinite); NaN when there is none.
    argmax : int32[n, C]
        Its first place in the map, counted row by row; -1 when there is none.
    mean, std : float32[n, C]
        Mean and population standard deviation of the map's finite values; NaN without any.
    count : int64[C]
        Finite values.
    lowest, highest : float32[C]
        Range of the finite values; NaN without any.
    sum : float64[C]
        Sum of the finite values.
    deviations : float64[C]
        Sum of their squared differences to their mean.
    zeros, nans, posinfs, neginfs : int64[C]
        How many values are zero (of either sign), NaN, +Inf, -Inf.
    histogram : uint32[C, 256]
        Finite values in [low, high], by equal bins; the last one holds ``high``.
    below, above : int64[C]
        Finite values outside of it.
    """

    maximum: np.ndarray
    argmax: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    count: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    sum: np.ndarray
    deviations: np.ndarray
    zeros: np.ndarray
    nans: np.ndarray
    posinfs: np.ndarray
    neginfs: np.ndarray
    histogram: np.ndarray
    below: np.ndarray
    above: np.ndarray


def summarise(maps, low, high, *, channels_last=False, pool=None, threads=1):
    """Summarise the activation maps of one layer for a few samples.

    Parameters
    ----------
    maps : float32[n, C, P] or, with `channels_last`, float32[n, P, C]
        C-contiguous; P is the number of positions (rows times columns), 0 and 1 included.
    low, high : float
        The histogram's range, finite, ``low <= high``, taken as float32.
    channels_last : bool
        Whether the channels are the last axis, as in NHWC files and tokens.
    pool : concurrent.futures.Executor, optional
        Where to run `threads` parts of the channels at the same time (the kernels hold no GIL).

    Returns
    -------
    MapSummary
        Equal bit by bit for every number of threads.

    Raises
    ------
    ValueError
        When the array or the range is not as above.
    """
    maps = _checked(maps)
    low, high = _checked_range(low, high)
    if channels_last:
        samples, positions, channels = maps.shape
    else:
        samples, channels, positions = maps.shape
    tables = _tables(samples, channels)
    if not maps.size:
        _fill_empty(tables)
    elif positions == 1:  # one value a map: let the samples play the positions
        _run(maps.reshape(1, samples, channels), True, low, high, tables, pool, threads)
        pieces.single(maps.reshape(-1), *(t.reshape(-1) for t in (*tables[0], tables[1])))
    elif channels == 1:
        _run(maps.reshape(samples, 1, positions), False, low, high, tables, pool, threads)
    else:
        _run(maps, channels_last, low, high, tables, pool, threads)
    return _summary(*tables)


def finite_range(maps):
    """Smallest and largest finite value of float32 values of any shape; ``(0.0, 0.0)`` if none."""
    values = np.ascontiguousarray(maps, np.float32).reshape(-1)
    low, high = pieces.finite_range(values)
    return (float(low), float(high)) if low <= high else (0.0, 0.0)


def warm():
    """Compile the kernels of this module for both layouts."""
    maps = np.zeros((1, 2, 2), np.float32)
    summarise(maps, 0, 1)
    summarise(maps, 0, 1, channels_last=True)
    summarise(maps[:, :, :1].copy(), 0, 1)
    finite_range(maps)


def _checked(maps):
    if maps.dtype != np.float32 or maps.ndim != 3 or not maps.flags.c_contiguous:
        raise ValueError(
            f"maps must be C-contiguous float32 with 3 axes, got {maps.dtype}{list(maps.shape)}"
        )
    return maps


def _checked_range(low, high):
    low, high = np.float32(low), np.float32(high)
    if not (np.isfinite(low) and np.isfinite(high) and low <= high):
        raise ValueError(f"a histogram needs a finite range, got {low} to {high}")
    return low, high


def _tables(samples, channels):
    """Arrays for the kernels: a few tables, because every array costs at every call."""
    return (
        np.empty((3, samples, channels), np.float32),  # maximum, mean, std
        np.empty((samples, channels), np.int32),  # argmax
        np.empty((2, channels), np.float32),  # lowest, highest
        np.empty((2, channels), np.float64),  # sum, deviations
        np.empty((7, channels), np.int64),  # count, zeros, NaN, +Inf, -Inf, below, above
        np.empty((channels, BINS), np.uint32),
    )


def _summary(found, argmax, extremes, sums, integers, histogram):
    """The tables under their names."""
    count, zeros, nans, posinfs, neginfs, below, above = integers
    return MapSummary(
        found[0], argmax, found[1], found[2], count, *extremes, *sums,
        zeros, nans, posinfs, neginfs, histogram, below, above,
    )  # fmt: skip


def _run(maps, last, low, high, tables, pool, threads):
    """Run a kernel over ranges of channels, each a multiple of a cache line of channels."""
    samples, channels, positions = maps.shape
    if last:
        channels, positions = positions, channels
    groups = -(-channels // GROUP)
    threads = max(1, min(threads if pool is not None else 1, groups))
    edges = [min(channels, GROUP * (groups * i // threads)) for i in range(threads + 1)]
    width = float(high) - float(low)
    exact = not (1e-30 < width < 1e30 and abs(float(low)) < 1e30)
    scale = BINS / width if width else 1e300  # one value wide: all above it go to the last bin
    kernel = pieces.summarise_last if last else pieces.summarise_first
    shape = (samples, channels, positions)
    given = (maps.reshape(-1), shape, (low, high, scale, exact))
    if threads == 1:
        kernel(*given, 0, channels, *tables)
        return
    ranges = zip(edges, edges[1:], strict=False)
    jobs = [pool.submit(kernel, *given, a, b, *tables) for a, b in ranges]
    for job in jobs:
        job.result()


def _fill_empty(tables):
    """Results of maps without values."""
    found, argmax, extremes, sums, integers, histogram = tables
    found[:], argmax[:], extremes[:] = np.nan, -1, np.nan
    sums[:], integers[:], histogram[:] = 0, 0, 0
