"""The loops behind `engine.kernels.maps`: one piece of a map after the other, in the first cache.

They read every activation of a network once, so they are written for the memory system. A map is
cut into pieces that stay in the first-level cache, and each piece is gone through four times
there, by loops that are simple enough for the compiler to vectorise:

1. *Bounds*, on the bit patterns. The bits of a float32, with the lower 31 flipped when the sign
   is set, are ordered like the numbers themselves (a *key*); integer minimum and maximum vectorise
   without any promise about NaN, and a NaN or Inf betrays itself as a key beyond that of infinity.
2. *Bins* of the histogram, all of them at once.
3. *Counting*, eight bins at a time into up to eight private histograms: after a ReLU half of all
   values fall into one bin, and increments of one counter in a row wait for each other's store.
4. *Sums*, in float64, of differences to the map's first finite value (the shift). Because the
   shift is one of the values, ``(shift - mean)**2 <= n * variance``, so the subtraction that
   gives the variance loses at most a relative ``n * 1e-16``, and a constant map gives exactly 0.
   Maps are merged into channels, and blocks into studies, by the pairwise update of Chan, Golub
   and LeVeque (1979), always in the order of samples.

Where the channels are the last axis, the same is done for 32 channels at once, a lane each. Pieces
with NaN or Inf take a slow way, value by value.

All kernels that call each other stand in this file: Numba's cache looks only at the file of the
kernel that is called. Numbers and array lengths are passed instead of slices, because a slice is an
object whose references are counted.
"""

import numpy as np
from numba import njit

BINS = 256
PIECE = 4096  # values of a map that are worked on at a time: 16 KB
GROUP = 32  # channels worked on at a time when they are the last axis: two cache lines
STRIP = 256  # channels fetched together: memory brings along what lies beside
ROWS = PIECE // GROUP  # positions fetched together

_INFINITY = np.int32(0x7F800000)  # the key of +Inf; keys above it are NaN
_NEGATIVE_INFINITY = np.int32(-0x7F800001)  # the key of -Inf; keys below it are NaN
_MAGNITUDE = np.int32(0x7FFFFFFF)
_SUM_MATH = {"reassoc", "contract", "nsz"}  # only finite values get there

# Columns of the two small tables that hold what is known of a map and of its channel so far.
_BEST, _SHIFT, _SUM, _SQUARES, _LOWEST, _HIGHEST, _TOTAL, _DEVIATIONS = range(8)
_WHERE, _FINITE, _COUNT, _ZEROS, _NANS, _POSINFS, _NEGINFS, _BELOW, _ABOVE = range(9)


@njit(nogil=True, cache=True, error_model="numpy")
def single(values, maximum, mean, std, argmax):
    """Per-map results of maps with one value."""
    for i in range(values.size):
        value = values[i] + np.float32(0)
        finite = np.isfinite(value)
        maximum[i] = value
        mean[i] = value if finite else np.float32(np.nan)
        std[i] = np.float32(0) if finite else np.float32(np.nan)
        argmax[i] = np.int32(0) if value == value else np.int32(-1)


@njit(nogil=True, cache=True, error_model="numpy")
def _key(bits):
    """An integer ordered like the float32 with these bits; -0 and 0 are one."""
    bits = np.int32(0) if (bits & _MAGNITUDE) == np.int32(0) else bits
    return bits ^ ((bits >> np.int32(31)) & _MAGNITUDE)


@njit(nogil=True, cache=True, error_model="numpy")
def _number(key, piece, bits):
    """The float32 of a key, by way of the last place of a piece and of its bit patterns."""
    bits[PIECE] = key ^ ((key >> np.int32(31)) & _MAGNITUDE)
    return piece[PIECE]


@njit(nogil=True, cache=True, error_model="numpy")
def _fetch(bits, at, size, piece, to):
    """Copy bit patterns to `piece`; smallest and largest key, and how many are zero."""
    highest = np.int32(-0x80000000)
    lowest = np.int32(0x7FFFFFFF)
    zeros = np.int32(0)
    for i in range(size):
        value = bits[at + np.uint64(i)]
        piece[to + np.uint64(i)] = value
        key = _key(value)
        highest = max(highest, key)
        lowest = min(lowest, key)
        zeros += np.int32(key == np.int32(0))
    return lowest, highest, zeros


@njit(nogil=True, cache=True, error_model="numpy")
def _bins(values, at, size, low, scale, exact, bins):
    """Bin of every value, those outside of the range in the first or last one."""
    if exact:  # a range whose width or place float32 cannot hold
        for i in range(size):
            place = (np.float64(values[at + np.uint64(i)]) - np.float64(low)) * scale
            place = place if place > 0.0 else 0.0
            bins[i] = np.uint8(np.int32(place if place < 255.0 else 255.0))
        return
    factor = np.float32(scale)
    for i in range(size):
        part = (values[at + np.uint64(i)] - low) * factor
        part = part if part > np.float32(0) else np.float32(0)
        bins[i] = np.uint8(np.int32(part if part < np.float32(255) else np.float32(255)))


@njit(nogil=True, cache=True, error_model="numpy")
def _outside(values, size, low, high):
    """How many values lie below and above the range."""
    below = np.int32(0)
    above = np.int32(0)
    for i in range(size):
        below += np.int32(values[i] < low)
        above += np.int32(values[i] > high)
    return below, above


@njit(nogil=True, cache=True, error_model="numpy")
def _count_bins(bins, words, size, counters, shares):
    """Count bin numbers (and the same memory as uint64 words) into 1, 2, 4 or 8 histograms."""
    one = np.uint32(1)
    low_byte = np.uint64(255)
    o1, o2 = np.uint64(1 % shares * BINS), np.uint64(2 % shares * BINS)
    o3, o4 = np.uint64(3 % shares * BINS), np.uint64(4 % shares * BINS)
    o5, o6 = np.uint64(5 % shares * BINS), np.uint64(6 % shares * BINS)
    o7 = np.uint64(7 % shares * BINS)
    for i in range(size // 8):
        w = words[i]
        a = w & low_byte
        b = ((w >> np.uint64(8)) & low_byte) + o1
        c = ((w >> np.uint64(16)) & low_byte) + o2
        d = ((w >> np.uint64(24)) & low_byte) + o3
        e = ((w >> np.uint64(32)) & low_byte) + o4
        f = ((w >> np.uint64(40)) & low_byte) + o5
        g = ((w >> np.uint64(48)) & low_byte) + o6
        h = (w >> np.uint64(56)) + o7
        counters[a] += one
        counters[b] += one
        counters[c] += one
        counters[d] += one
        counters[e] += one
        counters[f] += one
        counters[g] += one
        counters[h] += one
    for i in range(size // 8 * 8, size):
        counters[np.uint64(bins[np.uint64(i)])] += one


@njit(nogil=True, cache=True, error_model="numpy")
def _add_up(counters, shares, histogram, c, below, above):
    """Add the private histograms and clear them; take out what lies outside."""
    for b in range(BINS):
        histogram[c, b] = counters[np.uint64(b)]
        counters[np.uint64(b)] = np.uint32(0)
    for part in range(1, shares):
        at = np.uint64(part * BINS)
        for b in range(BINS):
            histogram[c, b] += counters[at + np.uint64(b)]
            counters[at + np.uint64(b)] = np.uint32(0)
    histogram[c, 0] -= np.uint32(below)  # they were counted into the outermost bins
    histogram[c, BINS - 1] -= np.uint32(above)


@njit(nogil=True, cache=True, error_model="numpy")
def _begin_channel(reals, counts, g):
    for i in range(reals.shape[1]):
        reals[g, i] = 0.0
    for i in range(counts.shape[1]):
        counts[g, i] = 0
    reals[g, _LOWEST] = np.inf
    reals[g, _HIGHEST] = -np.inf


@njit(nogil=True, cache=True, error_model="numpy")
def _end_channel(c, reals, counts, g, extremes, sums, integers):
    """Write one channel's results, all but the histogram."""
    some = counts[g, _COUNT] > 0
    extremes[0, c] = reals[g, _LOWEST] if some else np.nan
    extremes[1, c] = reals[g, _HIGHEST] if some else np.nan
    sums[0, c] = reals[g, _TOTAL]
    sums[1, c] = reals[g, _DEVIATIONS]
    for i in range(7):
        integers[i, c] = counts[g, _COUNT + i]


@njit(nogil=True, cache=True, error_model="numpy")
def _merge(reals, counts, g, size, shift, total, squares):
    """Mean and deviation of a map of `size` finite values; it is merged into its channel."""
    if size == 0:
        return np.nan, np.nan
    share = total / size
    average = shift + share
    deviations = max(0.0, squares - total * share)
    std = np.sqrt(deviations / size)
    before = counts[g, _COUNT]
    if before:
        step = average - reals[g, _TOTAL] / before
        deviations += step * step * (float(before) * size / (before + size))
    reals[g, _DEVIATIONS] += deviations
    reals[g, _TOTAL] += total + shift * size
    counts[g, _COUNT] = before + size
    return average, std


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_SUM_MATH)
def _absorb_maps(
    piece, bits, maps, size, start, ends, highest, sample, c, reals, counts, found, argmax
):
    """Take in `maps` whole maps of `size` finite values, or one piece of a map from `start` on.

    `highest` is the largest key of them all.
    """
    for m in range(maps):
        at = np.uint64(m * size)
        if maps > 1:
            highest = np.int32(-0x80000000)
            for i in range(size):
                highest = max(highest, _key(bits[at + np.uint64(i)]))
        largest = _number(highest, piece, bits)
        if start == 0:
            counts[0, _WHERE] = -1
            counts[0, _FINITE] = 0
            reals[0, _SHIFT] = piece[at]
            reals[0, _SUM] = 0.0
            reals[0, _SQUARES] = 0.0
        elif counts[0, _FINITE] == 0:
            reals[0, _SHIFT] = piece[at]
        if counts[0, _WHERE] < 0 or largest > reals[0, _BEST]:
            reals[0, _BEST] = largest
            place = 0
            for chunk in range(size // 32):
                equal = np.int32(0)
                for i in range(32):
                    equal |= np.int32(piece[at + np.uint64(chunk * 32 + i)] == largest)
                if equal:
                    break
                place += 32
            while piece[at + np.uint64(place)] != largest:
                place += 1
            counts[0, _WHERE] = start + place
        shift = reals[0, _SHIFT]
        total = 0.0
        squares = 0.0
        for i in range(size):
            difference = np.float64(piece[at + np.uint64(i)]) - shift
            total += difference
            squares += difference * difference
        counts[0, _FINITE] += size
        reals[0, _SUM] += total
        reals[0, _SQUARES] += squares
        if ends:
            argmax[sample + m, c] = counts[0, _WHERE]
            found[0, sample + m, c] = reals[0, _BEST]
            found[1, sample + m, c], found[2, sample + m, c] = _merge(
                reals, counts, 0, counts[0, _FINITE],
                shift, reals[0, _SUM], reals[0, _SQUARES],
            )  # fmt: skip


@njit(nogil=True, cache=True, error_model="numpy")
def _absorb_value(value, position, g, low, high, scale, reals, counts, counters, first):
    """Take in one value, whatever it is: the slow way, for pieces with NaN or Inf."""
    if value != value:
        counts[g, _NANS] += 1
        return
    if counts[g, _WHERE] < 0 or value > reals[g, _BEST]:
        reals[g, _BEST] = value + 0.0
        counts[g, _WHERE] = position
    if value == np.inf:
        counts[g, _POSINFS] += 1
        return
    if value == -np.inf:
        counts[g, _NEGINFS] += 1
        return
    if counts[g, _FINITE] == 0:
        reals[g, _SHIFT] = value
    difference = np.float64(value) - reals[g, _SHIFT]
    reals[g, _SUM] += difference
    reals[g, _SQUARES] += difference * difference
    counts[g, _FINITE] += 1
    counts[g, _ZEROS] += value == 0
    reals[g, _LOWEST] = min(reals[g, _LOWEST], value + 0.0)
    reals[g, _HIGHEST] = max(reals[g, _HIGHEST], value + 0.0)
    counts[g, _BELOW] += value < low
    counts[g, _ABOVE] += value > high
    place = min(max((np.float64(value) - np.float64(low)) * scale, 0.0), 255.0)
    counters[np.uint64(first + np.int64(place))] += np.uint32(1)


@njit(nogil=True, cache=True, error_model="numpy")
def _absorb_slowly(
    piece, maps, size, start, ends, low, high, scale, sample, c,
    reals, counts, counters, found, argmax,
):  # fmt: skip
    """`_absorb_maps` and the histogram for values among which are NaN or Inf."""
    for m in range(maps):
        if start == 0:
            counts[0, _WHERE] = -1
            counts[0, _FINITE] = 0
            reals[0, _SUM] = 0.0
            reals[0, _SQUARES] = 0.0
        for i in range(size):
            value = piece[m * size + i]
            _absorb_value(value, start + i, 0, low, high, scale, reals, counts, counters, 0)
        if ends:
            where = counts[0, _WHERE]
            argmax[sample + m, c] = where
            found[0, sample + m, c] = reals[0, _BEST] if where >= 0 else np.nan
            found[1, sample + m, c], found[2, sample + m, c] = _merge(
                reals, counts, 0, counts[0, _FINITE],
                reals[0, _SHIFT], reals[0, _SUM], reals[0, _SQUARES],
            )  # fmt: skip


@njit(nogil=True, cache=True, error_model="numpy")
def summarise_first(
    values, shape, hist, first, stop, found, argmax, extremes, sums, integers, histogram
):
    """Channels `first` to `stop` of maps[n, C, P]; small maps of a channel are put together."""
    samples, channels, positions = shape
    low, high, scale, exact = hist
    all_bits = values.view(np.int32)
    piece = np.empty(PIECE + 1, np.float32)  # the last place turns keys into numbers
    bits = piece.view(np.int32)
    bins = np.empty(PIECE, np.uint8)
    words = bins.view(np.uint64)
    counters = np.zeros(8 * BINS, np.uint32)
    reals = np.empty((1, 8), np.float64)
    counts = np.empty((1, 9), np.int64)
    at_once = max(1, PIECE // positions)
    values_a_channel = samples * positions  # adding up eight histograms pays for many values only
    shares = 8 if values_a_channel >= 4096 else 4 if values_a_channel >= 1024 else 2
    for c in range(first, stop):
        _begin_channel(reals, counts, 0)
        for s in range(0, samples, at_once):
            maps = min(at_once, samples - s)
            for start in range(0, positions, PIECE):
                size = min(PIECE, positions - start)
                lowest, highest, zeros = np.int32(0x7FFFFFFF), np.int32(-0x80000000), 0
                for m in range(maps):
                    at = np.uint64(((s + m) * channels + c) * positions + start)
                    a, b, z = _fetch(all_bits, at, size, bits, np.uint64(m * size))
                    lowest, highest, zeros = min(lowest, a), max(highest, b), zeros + z
                ends = start + size == positions
                if highest >= _INFINITY or lowest <= _NEGATIVE_INFINITY:
                    _absorb_slowly(
                        piece, maps, size, start, ends, low, high, scale, s, c,
                        reals, counts, counters, found, argmax,
                    )  # fmt: skip
                    continue
                counts[0, _ZEROS] += zeros
                smallest = _number(lowest, piece, bits)
                largest = _number(highest, piece, bits)
                reals[0, _LOWEST] = min(reals[0, _LOWEST], smallest)
                reals[0, _HIGHEST] = max(reals[0, _HIGHEST], largest)
                _bins(piece, np.uint64(0), maps * size, low, scale, exact, bins)
                _count_bins(bins, words, maps * size, counters, shares)
                if smallest < low or largest > high:
                    below, above = _outside(piece, maps * size, low, high)
                    counts[0, _BELOW] += below
                    counts[0, _ABOVE] += above
                _absorb_maps(
                    piece, bits, maps, size, start, ends, highest, s, c,
                    reals, counts, found, argmax,
                )  # fmt: skip
        _end_channel(c, reals, counts, 0, extremes, sums, integers)
        _add_up(counters, shares, histogram, c, counts[0, _BELOW], counts[0, _ABOVE])


@njit(nogil=True, cache=True, error_model="numpy")
def _fetch_strip(bits, at, step, rows, width, strip):
    """Copy `rows` positions, which lie `step` apart, of `width` channels, 32 channels together."""
    for p in range(rows):
        source = at + np.uint64(p * step)
        for base in range(0, width, GROUP):
            group = min(GROUP, width - base)
            target = np.uint64(base * ROWS + p * group)
            for lane in range(group):
                strip[target + np.uint64(lane)] = bits[source + np.uint64(base + lane)]


@njit(nogil=True, cache=True, error_model="numpy")
def _bound_lanes(bits, at, rows, group, start, lanes):
    """Per channel: largest key, its position, smallest key, zeros, of some rows.

    They go to four stretches of one array, `lanes`, because the compiler would check several for
    overlap at every row. Returns the smallest and largest key of all.
    """
    best, where = np.uint64(0), np.uint64(GROUP)
    lowest, zeros = np.uint64(2 * GROUP), np.uint64(3 * GROUP)
    for g in range(group):
        lanes[g] = np.int32(-0x80000000)
        lanes[2 * GROUP + g] = np.int32(0x7FFFFFFF)
        lanes[3 * GROUP + g] = 0
    for p in range(rows):
        source = at + np.uint64(p * group)
        position = np.int32(start + p)
        for i in range(group):
            g = np.uint64(i)
            key = _key(bits[source + g])
            larger = key > lanes[best + g]
            lanes[best + g] = key if larger else lanes[best + g]
            lanes[where + g] = position if larger else lanes[where + g]
            lanes[lowest + g] = min(lanes[lowest + g], key)
            lanes[zeros + g] += np.int32(key == np.int32(0))
    smallest, largest = lanes[2 * GROUP], lanes[0]
    for g in range(1, group):
        smallest, largest = min(smallest, lanes[2 * GROUP + g]), max(largest, lanes[g])
    return smallest, largest


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_SUM_MATH)
def _sum_lanes(strip, at, rows, group, sums):
    """Per channel: sums of differences to the shift (first stretch) and of their squares."""
    for p in range(rows):
        source = at + np.uint64(p * group)
        for i in range(group):
            g = np.uint64(i)
            difference = np.float64(strip[source + g]) - sums[g]
            sums[np.uint64(GROUP) + g] += difference
            sums[np.uint64(2 * GROUP) + g] += difference * difference


@njit(nogil=True, cache=True, error_model="numpy")
def _count_lanes(bins, rows, base, group, counters):
    """Count bins into each channel's histogram; neighbours never share a counter."""
    for p in range(rows):
        source = np.uint64(p * group)
        for g in range(group):
            place = np.uint64((base + g) * BINS) + np.uint64(bins[source + np.uint64(g)])
            counters[place] += np.uint32(1)


@njit(nogil=True, cache=True, error_model="numpy")
def _absorb_lanes(at, rows, base, group, lanes, sums, piece, bits, strip, reals, counts):
    """Take the bounds of some rows into each channel, and its shift out of it, before `_sum_lanes`.

    Returns the smallest and largest value of all.
    """
    smallest, largest = np.float32(np.inf), np.float32(-np.inf)
    for lane in range(group):
        g = base + lane
        low = _number(lanes[2 * GROUP + lane], piece, bits)
        high = _number(lanes[lane], piece, bits)
        smallest, largest = min(smallest, low), max(largest, high)
        reals[g, _LOWEST] = min(reals[g, _LOWEST], low)
        reals[g, _HIGHEST] = max(reals[g, _HIGHEST], high)
        if counts[g, _WHERE] < 0 or high > reals[g, _BEST]:
            reals[g, _BEST] = high
            counts[g, _WHERE] = lanes[GROUP + lane]
        if counts[g, _FINITE] == 0:
            reals[g, _SHIFT] = strip[at + np.uint64(lane)]
        counts[g, _FINITE] += rows
        counts[g, _ZEROS] += lanes[3 * GROUP + lane]
        sums[lane] = reals[g, _SHIFT]
        sums[GROUP + lane] = 0.0
        sums[2 * GROUP + lane] = 0.0
    return smallest, largest


@njit(nogil=True, cache=True, error_model="numpy")
def _absorb_rest(strip, at, rows, base, group, within, low, high, sums, reals, counts):
    """Take the sums into each channel, and count values outside of the range if there are any."""
    for lane in range(group):
        reals[base + lane, _SUM] += sums[GROUP + lane]
        reals[base + lane, _SQUARES] += sums[2 * GROUP + lane]
    if not within:
        for p in range(rows):
            for lane in range(group):
                value = strip[at + np.uint64(p * group + lane)]
                counts[base + lane, _BELOW] += value < low
                counts[base + lane, _ABOVE] += value > high


@njit(nogil=True, cache=True, error_model="numpy")
def _begin_maps(reals, counts):
    for g in range(STRIP):
        counts[g, _WHERE] = -1
        counts[g, _FINITE] = 0
        reals[g, _SUM] = 0.0
        reals[g, _SQUARES] = 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def _end_maps(s, c, width, reals, counts, found, argmax):
    """Write the results of a sample's maps and merge them into their channels."""
    for g in range(width):
        where = counts[g, _WHERE]
        argmax[s, c + g] = where
        found[0, s, c + g] = reals[g, _BEST] if where >= 0 else np.nan
        found[1, s, c + g], found[2, s, c + g] = _merge(
            reals, counts, g, counts[g, _FINITE],
            reals[g, _SHIFT], reals[g, _SUM], reals[g, _SQUARES],
        )  # fmt: skip


@njit(nogil=True, cache=True, error_model="numpy")
def summarise_last(
    values, shape, hist, first, stop, found, argmax, extremes, sums, integers, histogram
):
    """Channels `first` to `stop` of maps[n, P, C], a strip of rows and 32 channels at a time."""
    samples, channels, positions = shape
    low, high, scale, exact = hist
    all_bits = values.view(np.int32)
    piece = np.empty(PIECE + 1, np.float32)
    bits = piece.view(np.int32)
    strip = np.empty(STRIP * ROWS, np.float32)
    strip_bits = strip.view(np.int32)
    bins = np.empty(PIECE, np.uint8)
    counters = np.zeros(STRIP * BINS, np.uint32)
    reals = np.empty((STRIP, 8), np.float64)
    counts = np.empty((STRIP, 9), np.int64)
    lanes = np.empty(4 * GROUP, np.int32)
    lane_sums = np.empty(3 * GROUP)
    for c in range(first, stop, STRIP):
        width = min(STRIP, stop - c)
        for g in range(width):
            _begin_channel(reals, counts, g)
        for s in range(samples):
            _begin_maps(reals, counts)
            for start in range(0, positions, ROWS):
                rows = min(ROWS, positions - start)
                source = np.uint64((s * positions + start) * channels + c)
                _fetch_strip(all_bits, source, channels, rows, width, strip_bits)
                for base in range(0, width, GROUP):
                    group = min(GROUP, width - base)
                    at = np.uint64(base * ROWS)
                    lowest, highest = _bound_lanes(strip_bits, at, rows, group, start, lanes)
                    if highest >= _INFINITY or lowest <= _NEGATIVE_INFINITY:
                        for p in range(rows):
                            for lane in range(group):
                                _absorb_value(
                                    strip[at + np.uint64(p * group + lane)],
                                    start + p, base + lane, low, high, scale,
                                    reals, counts, counters, (base + lane) * BINS,
                                )  # fmt: skip
                        continue
                    smallest, largest = _absorb_lanes(
                        at, rows, base, group, lanes, lane_sums, piece, bits, strip, reals, counts
                    )
                    _sum_lanes(strip, at, rows, group, lane_sums)
                    _bins(strip, at, rows * group, low, scale, exact, bins)
                    _count_lanes(bins, rows, base, group, counters)
                    within = smallest >= low and largest <= high
                    _absorb_rest(
                        strip, at, rows, base, group, within, low, high,
                        lane_sums, reals, counts,
                    )  # fmt: skip
            _end_maps(s, c, width, reals, counts, found, argmax)
        for g in range(width):
            _end_channel(c + g, reals, counts, g, extremes, sums, integers)
            for b in range(BINS):
                histogram[c + g, b] = counters[g * BINS + b]
                counters[g * BINS + b] = 0
            histogram[c + g, 0] -= np.uint32(counts[g, _BELOW])
            histogram[c + g, BINS - 1] -= np.uint32(counts[g, _ABOVE])


@njit(nogil=True, cache=True, error_model="numpy")
def finite_range(values):
    """Smallest and largest finite value of float32[P]; Inf and -Inf when there is none."""
    bits = values.view(np.int32)
    low = np.float32(np.inf)
    high = np.float32(-np.inf)
    piece = np.empty(PIECE + 1, np.float32)
    piece_bits = piece.view(np.int32)
    for start in range(0, values.size, PIECE):
        size = min(PIECE, values.size - start)
        lowest, highest, _ = _fetch(bits, np.uint64(start), size, piece_bits, np.uint64(0))
        if highest < _INFINITY and lowest > _NEGATIVE_INFINITY:
            low = min(low, _number(lowest, piece, piece_bits))
            high = max(high, _number(highest, piece, piece_bits))
            continue
        for i in range(size):
            if np.isfinite(piece[i]):
                low = min(low, piece[i])
                high = max(high, piece[i])
    return low, high
