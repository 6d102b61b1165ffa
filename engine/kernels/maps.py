"""Statistics of activation maps in one pass: per map, per channel, and a histogram.

The loop reads every activation of a network once, so it is written for the memory system. A map
is cut into pieces that stay in the first-level cache, and each piece is read three times there:

1. *Bounds*, on the bit patterns. The bits of a float32, with the lower 31 flipped when the sign
   is set, are ordered like the numbers themselves; integer minimum and maximum vectorise without
   any promise about NaN, and a NaN or Inf betrays itself as a key beyond that of infinity.
2. *Sums*, in float64, of differences to the map's first finite value (the shift). Because the
   shift is one of the values, ``(shift - mean)**2 <= n * variance``, so the subtraction that
   gives the variance loses at most a relative ``n * 1e-16``, and a constant map gives exactly 0.
   Maps are merged into channels, and blocks into studies, by the pairwise update of Chan, Golub
   and LeVeque (1979), always in the order of samples.
3. *Histogram*. Bin numbers are computed for the whole piece (vectorised), then counted eight at
   a time into eight private histograms: after a ReLU half of all values fall into one bin, and
   eight increments of one counter in a row would wait for each other's store.

NaN and infinite values are counted and enter nothing else, except that the largest value of a map
may be +Inf. The work is split over threads by channels, never inside one, so no result depends on
the number of threads. Reference: ``tests/reference/statistics.py``.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

BINS = 256
PIECE = 4096  # values of a map that are worked on at a time: 16 KB
GROUP = 16  # channels turned at a time when they are the last axis: one cache line
TURNED = 512  # positions turned at a time

_INFINITY = np.int32(0x7F800000)  # the key of +Inf; keys above it are NaN
_NEGATIVE_INFINITY = np.int32(-0x7F800001)  # the key of -Inf; keys below it are NaN
_MAGNITUDE = np.int32(0x7FFFFFFF)
_SUM_MATH = {"reassoc", "contract", "nsz"}  # only finite values get there

# Columns of the two small tables that hold what is known of a map and of its channel so far.
_BEST, _SHIFT, _SUM, _SQUARES, _LOWEST, _HIGHEST, _TOTAL, _DEVIATIONS = range(8)
_WHERE, _FINITE, _COUNT, _ZEROS, _NANS, _POSINFS, _NEGINFS, _BELOW, _ABOVE = range(9)


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
    histogram : int64[C, 256]
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
    summary = _empty(samples, channels)
    if positions == 1 and samples:  # one value a map: let the samples play the positions
        _run(_summarise_last, maps.reshape(1, samples, channels), low, high, summary, pool, threads)
        return summary._replace(**_single(maps.reshape(samples, channels)))
    kernel = _summarise_last if channels_last else _summarise_first
    _run(kernel, maps, low, high, summary, pool, threads)
    return summary


def finite_range(maps):
    """Smallest and largest finite value of float32 values of any shape; ``(0.0, 0.0)`` if none."""
    values = np.ascontiguousarray(maps, np.float32).reshape(-1)
    low, high = _finite_range(values, values.view(np.int32))
    return (float(low), float(high)) if low <= high else (0.0, 0.0)


def warm():
    """Compile the kernels of this module for both layouts."""
    maps = np.zeros((1, 1, 2), np.float32)
    summarise(maps, 0, 1)
    summarise(maps, 0, 1, channels_last=True)
    summarise(maps, 0, 1e-40)
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


def _empty(samples, channels):
    by_map = [
        np.empty((samples, channels), dtype)
        for dtype in (np.float32, np.int32, np.float32, np.float32)
    ]
    reals = [np.empty(channels, t) for t in (np.float32, np.float32, np.float64, np.float64)]
    count, zeros, nans, posinfs, neginfs, below, above = np.empty((7, channels), np.int64)
    histogram = np.empty((channels, BINS), np.int64)
    return MapSummary(
        *by_map, count, *reals, zeros, nans, posinfs, neginfs, histogram, below, above
    )


def _run(kernel, maps, low, high, summary, pool, threads):
    """Run a kernel over ranges of channels, each a multiple of a cache line of channels."""
    channels = summary.count.size
    groups = -(-channels // GROUP)
    threads = max(1, min(threads if pool is not None else 1, groups))
    edges = [min(channels, GROUP * (groups * i // threads)) for i in range(threads + 1)]
    width = float(high) - float(low)
    exact = not (1e-30 < width < 1e30 and abs(float(low)) < 1e30)
    scale = BINS / width if width else 0.0
    given = (maps, maps.view(np.int32), low, high, scale, exact)
    if threads == 1:
        kernel(*given, 0, channels, *summary)
        return
    jobs = [
        pool.submit(kernel, *given, a, b, *summary) for a, b in zip(edges, edges[1:], strict=False)
    ]
    for job in jobs:
        job.result()


def _single(values):
    """Per-map results of maps with one position."""
    missing = np.isnan(values)
    finite = np.isfinite(values)
    return {
        "maximum": values + np.float32(0),
        "argmax": np.where(missing, np.int32(-1), np.int32(0)),
        "mean": np.where(finite, values + np.float32(0), np.float32(np.nan)),
        "std": np.where(finite, np.float32(0), np.float32(np.nan)),
    }


@njit(nogil=True, cache=True)
def _bounds(bits):
    """Smallest and largest key, and the number of zeros, of float32 bit patterns."""
    highest = np.int32(-0x80000000)
    lowest = np.int32(0x7FFFFFFF)
    zeros = np.int32(0)
    for i in range(bits.size):
        b = bits[i]
        key = b ^ ((b >> np.int32(31)) & _MAGNITUDE)
        highest = max(highest, key)
        lowest = min(lowest, key)
        zeros += np.int32((b & _MAGNITUDE) == np.int32(0))
    return lowest, highest, zeros


@njit(nogil=True, cache=True, fastmath=_SUM_MATH)
def _sums(values, shift):
    """Sum and sum of squares of ``values - shift``."""
    total = 0.0
    squares = 0.0
    for i in range(values.size):
        difference = np.float64(values[i]) - shift
        total += difference
        squares += difference * difference
    return total, squares


@njit(nogil=True, cache=True)
def _bins(values, low, scale, bins):
    """Bin of every value, those outside of the range in the first or last one."""
    factor = np.float32(scale)
    for i in range(values.size):
        place = (values[i] - low) * factor
        place = place if place > np.float32(0) else np.float32(0)
        place = place if place < np.float32(255) else np.float32(255)
        bins[i] = np.uint8(np.int32(place))


@njit(nogil=True, cache=True)
def _bins_exact(values, low, scale, bins):
    """The same in float64, for ranges whose width or place float32 cannot hold."""
    for i in range(values.size):
        place = (np.float64(values[i]) - np.float64(low)) * scale
        place = place if place > 0.0 else 0.0
        place = place if place < 255.0 else 255.0
        bins[i] = np.uint8(np.int32(place))


@njit(nogil=True, cache=True)
def _outside(values, low, high):
    """How many values lie below and above the range."""
    below = np.int32(0)
    above = np.int32(0)
    for i in range(values.size):
        below += np.int32(values[i] < low)
        above += np.int32(values[i] > high)
    return below, above


@njit(nogil=True, cache=True)
def _count_bins(bins, words, counters):
    """Count uint8 bin numbers (and the same memory as uint64 words) into 8 x 256 counters."""
    one = np.uint32(1)
    low_byte = np.uint64(255)
    for i in range(words.size):
        w = words[i]
        a = w & low_byte
        b = ((w >> np.uint64(8)) & low_byte) + np.uint64(256)
        c = ((w >> np.uint64(16)) & low_byte) + np.uint64(512)
        d = ((w >> np.uint64(24)) & low_byte) + np.uint64(768)
        e = ((w >> np.uint64(32)) & low_byte) + np.uint64(1024)
        f = ((w >> np.uint64(40)) & low_byte) + np.uint64(1280)
        g = ((w >> np.uint64(48)) & low_byte) + np.uint64(1536)
        h = (w >> np.uint64(56)) + np.uint64(1792)
        counters[a] += one
        counters[b] += one
        counters[c] += one
        counters[d] += one
        counters[e] += one
        counters[f] += one
        counters[g] += one
        counters[h] += one
    for i in range(8 * words.size, bins.size):
        counters[np.uint64(bins[i])] += one


@njit(nogil=True, cache=True)
def _value_of(key, word, as_float):
    """The float32 of a key; `word` int32[1] and `as_float` float32[1] share memory."""
    word[0] = key ^ ((key >> np.int32(31)) & _MAGNITUDE)
    return as_float[0] + np.float32(0)  # -0 becomes 0


@njit(nogil=True, cache=True)
def _first_equal(values, wanted):
    """Place of the first value equal to `wanted`, sixteen compared at a time."""
    size = values.size
    start = 0
    while start + 16 <= size:
        found = np.int32(0)
        for i in range(start, start + 16):
            found |= np.int32(values[i] == wanted)
        if found:
            break
        start += 16
    for i in range(start, size):
        if values[i] == wanted:
            return i
    return -1


@njit(nogil=True, cache=True)
def _keep_finite(values, start, reals, counts, kept):
    """Count NaN and Inf, take the largest value and its place, copy the finite ones to `kept`."""
    size = 0
    for i in range(values.size):
        value = values[i]
        if value != value:
            counts[_NANS] += 1
            continue
        if counts[_WHERE] < 0 or value > reals[_BEST]:
            reals[_BEST] = value + np.float32(0)
            counts[_WHERE] = start + i
        if value == np.inf:
            counts[_POSINFS] += 1
        elif value == -np.inf:
            counts[_NEGINFS] += 1
        else:
            kept[size] = value
            size += 1
    return size


@njit(nogil=True, cache=True)
def _absorb(values, bits, start, low, high, scale, exact, reals, counts, counters, scratch):
    """Take in one piece of a map that begins at position `start` of it."""
    kept, kept_bits, bins, words, word, as_float = scratch
    lowest, highest, zeros = _bounds(bits)
    if highest >= _INFINITY or lowest <= _NEGATIVE_INFINITY:
        size = _keep_finite(values, start, reals, counts, kept)
        if size == 0:
            return
        values = kept[:size]
        lowest, highest, zeros = _bounds(kept_bits[:size])
        smallest = _value_of(lowest, word, as_float)
        largest = _value_of(highest, word, as_float)
    else:
        smallest = _value_of(lowest, word, as_float)
        largest = _value_of(highest, word, as_float)
        if counts[_WHERE] < 0 or largest > reals[_BEST]:
            reals[_BEST] = largest
            counts[_WHERE] = start + _first_equal(values, largest)
    if counts[_FINITE] == 0:
        reals[_SHIFT] = values[0]
    if smallest < reals[_LOWEST]:
        reals[_LOWEST] = smallest
    if largest > reals[_HIGHEST]:
        reals[_HIGHEST] = largest
    counts[_FINITE] += values.size
    counts[_ZEROS] += zeros
    if smallest != largest or largest != reals[_SHIFT]:
        total, squares = _sums(values, reals[_SHIFT])
        reals[_SUM] += total
        reals[_SQUARES] += squares
    if exact:
        _bins_exact(values, low, scale, bins)
    else:
        _bins(values, low, scale, bins)
    _count_bins(bins[: values.size], words[: values.size // 8], counters)
    if smallest < low or largest > high:
        below, above = _outside(values, low, high)
        counts[_BELOW] += below
        counts[_ABOVE] += above


@njit(nogil=True, cache=True)
def _begin_channel(reals, counts, counters):
    reals[:] = 0.0
    counts[:] = 0
    reals[_LOWEST] = np.inf
    reals[_HIGHEST] = -np.inf
    counters[:] = 0


@njit(nogil=True, cache=True)
def _begin_map(reals, counts):
    counts[_WHERE] = -1
    counts[_FINITE] = 0
    reals[_SUM] = 0.0
    reals[_SQUARES] = 0.0


@njit(nogil=True, cache=True)
def _end_map(reals, counts, maximum, argmax, mean, std):
    """Write one map's results, element [0] of each, and merge it into its channel."""
    argmax[0] = counts[_WHERE]
    maximum[0] = reals[_BEST] if counts[_WHERE] >= 0 else np.nan
    size = counts[_FINITE]
    if size == 0:
        mean[0] = np.nan
        std[0] = np.nan
        return
    average = reals[_SHIFT] + reals[_SUM] / size
    deviations = max(0.0, reals[_SQUARES] - reals[_SUM] * (reals[_SUM] / size))
    mean[0] = average
    std[0] = np.sqrt(deviations / size)
    before = counts[_COUNT]
    if before:
        step = average - reals[_TOTAL] / before
        deviations += step * step * (float(before) * size / (before + size))
    reals[_DEVIATIONS] += deviations
    reals[_TOTAL] += reals[_SUM] + reals[_SHIFT] * size
    counts[_COUNT] = before + size


@njit(nogil=True, cache=True)
def _end_channel(c, reals, counts, counters, results):
    """Write one channel's results."""
    count, lowest, highest, sums, deviations = results[:5]
    zeros, nans, posinfs, neginfs, histogram, below, above = results[5:]
    some = counts[_COUNT] > 0
    count[c] = counts[_COUNT]
    lowest[c] = reals[_LOWEST] if some else np.nan
    highest[c] = reals[_HIGHEST] if some else np.nan
    sums[c] = reals[_TOTAL]
    deviations[c] = reals[_DEVIATIONS]
    zeros[c] = counts[_ZEROS]
    nans[c] = counts[_NANS]
    posinfs[c] = counts[_POSINFS]
    neginfs[c] = counts[_NEGINFS]
    below[c] = counts[_BELOW]
    above[c] = counts[_ABOVE]
    for b in range(BINS):
        total = np.int64(0)
        for part in range(8):
            total += counters[part * BINS + b]
        histogram[c, b] = total
    histogram[c, 0] -= counts[_BELOW]  # they were counted into the outermost bins
    histogram[c, BINS - 1] -= counts[_ABOVE]


@njit(nogil=True, cache=True)
def _scratch():
    kept = np.empty(PIECE, np.float32)
    bins = np.empty(PIECE, np.uint8)
    word = np.empty(1, np.int32)
    return kept, kept.view(np.int32), bins, bins.view(np.uint64), word, word.view(np.float32)


@njit(nogil=True, cache=True)
def _summarise_first(
    maps, bits, low, high, scale, exact, first, stop, maximum, argmax, mean, std, *results
):
    """Channels `first` to `stop` of maps[n, C, P]."""
    samples, _, positions = maps.shape
    scratch = _scratch()
    counters = np.empty(8 * BINS, np.uint32)
    reals = np.empty(8, np.float64)
    counts = np.empty(9, np.int64)
    for c in range(first, stop):
        _begin_channel(reals, counts, counters)
        for s in range(samples):
            _begin_map(reals, counts)
            for start in range(0, positions, PIECE):
                end = min(start + PIECE, positions)
                piece, piece_bits = maps[s, c, start:end], bits[s, c, start:end]
                _absorb(
                    piece, piece_bits, start, low, high, scale, exact,
                    reals, counts, counters, scratch,
                )  # fmt: skip
            _end_map(reals, counts, maximum[s, c:], argmax[s, c:], mean[s, c:], std[s, c:])
        _end_channel(c, reals, counts, counters, results)


@njit(nogil=True, cache=True)
def _summarise_last(
    maps, bits, low, high, scale, exact, first, stop, maximum, argmax, mean, std, *results
):
    """Channels `first` to `stop` of maps[n, P, C], a cache line of channels at a time."""
    samples, positions, _ = maps.shape
    scratch = _scratch()
    counters = np.empty((GROUP, 8 * BINS), np.uint32)
    reals = np.empty((GROUP, 8), np.float64)
    counts = np.empty((GROUP, 9), np.int64)
    turned = np.empty((GROUP, TURNED), np.float32)
    turned_bits = turned.view(np.int32)
    for c in range(first, stop, GROUP):
        group = min(GROUP, stop - c)
        for g in range(group):
            _begin_channel(reals[g], counts[g], counters[g])
        for s in range(samples):
            for g in range(group):
                _begin_map(reals[g], counts[g])
            for start in range(0, positions, TURNED):
                end = min(start + TURNED, positions)
                for p in range(start, end):
                    for g in range(group):
                        turned[g, p - start] = maps[s, p, c + g]
                for g in range(group):
                    piece, piece_bits = turned[g, : end - start], turned_bits[g, : end - start]
                    _absorb(
                        piece, piece_bits, start, low, high, scale, exact,
                        reals[g], counts[g], counters[g], scratch,
                    )  # fmt: skip
            for g in range(group):
                k = c + g
                _end_map(
                    reals[g], counts[g], maximum[s, k:], argmax[s, k:], mean[s, k:], std[s, k:]
                )
        for g in range(group):
            _end_channel(c + g, reals[g], counts[g], counters[g], results)


@njit(nogil=True, cache=True)
def _finite_range(values, bits):
    low = np.float32(np.inf)
    high = np.float32(-np.inf)
    word = np.empty(1, np.int32)
    as_float = word.view(np.float32)
    for start in range(0, values.size, PIECE):
        end = min(start + PIECE, values.size)
        lowest, highest, _ = _bounds(bits[start:end])
        if highest < _INFINITY and lowest > _NEGATIVE_INFINITY:
            low = min(low, _value_of(lowest, word, as_float))
            high = max(high, _value_of(highest, word, as_float))
            continue
        for i in range(start, end):
            if np.isfinite(values[i]):
                low = min(low, values[i])
                high = max(high, values[i])
    return low, high
