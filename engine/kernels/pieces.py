"""The loops behind `engine.kernels.maps`: one piece of a map after the other, in the first cache.

They read every activation of a network once, so they are written for the memory system. Values are
taken in pieces that stay in the first-level cache, and each piece is gone through four times there,
by loops that are simple enough for the compiler to vectorise:

1. *Bounds*, on the bit patterns. The bits of a float32, with the lower 31 flipped when the sign
   is set, are ordered like the numbers themselves (a *key*); integer minimum and maximum vectorise
   without any promise about NaN, and a NaN or Inf betrays itself as a key beyond that of infinity.
2. *Bins* of the histogram, all of them at once.
3. *Counting*, into several histograms in turn: after a ReLU half of all values fall into one bin,
   and increments of one counter in a row wait for each other's store.
4. *Sums*, in float64, of differences to the map's first finite value (the shift). Because the
   shift is one of the values, ``(shift - mean)**2 <= n * variance``, so the subtraction that
   gives the variance loses at most a relative ``n * 1e-16``, and a constant map gives exactly 0.
   Maps are merged into channels, and blocks into studies, by the pairwise update of Chan, Golub
   and LeVeque (1979), always in the order of samples.

A piece is a part of one map; or, where maps are small, the maps of several neighbouring channels;
or, where the channels are the last axis, some rows of 32 channels, a lane each. Pieces with NaN or
Inf take a slow way, value by value.

All kernels that call each other stand in this file: Numba's cache looks only at the file of the
kernel that is called. Slices and arrays with an owner are not passed on, because references to them
are counted, atomically, at every call: that took longer than small maps.
"""

import numpy as np
from numba import carray, njit, types
from numba.extending import intrinsic

BINS = 256
PIECE = 4096  # values that are worked on at a time: 16 KB
SMALL = PIECE // 8  # positions of a map up to which neighbouring channels share a piece
GROUP = 32  # channels worked on at a time when they are the last axis: two cache lines
STRIP = 256  # channels fetched together: memory brings along what lies beside
ROWS = PIECE // GROUP  # positions fetched together
_PART = 4 * PIECE
SCRATCH = 6 * _PART + 4 * STRIP * ROWS  # bytes

_INFINITY = np.int32(0x7F800000)  # the key of +Inf; keys above it are NaN
_NEGATIVE_INFINITY = np.int32(-0x7F800001)  # the key of -Inf; keys below it are NaN
_MAGNITUDE = np.int32(0x7FFFFFFF)
_LEAST, _MOST = np.int32(-0x80000000), np.int32(0x7FFFFFFF)
_SUM_MATH = {"reassoc", "contract", "nsz"}  # only finite values get there

# Columns of the two small tables that hold what is known of a map so far; rows of `integers`.
_BEST, _SHIFT, _SUM, _SQUARES = range(4)
_WHERE, _FINITE = range(2)
_COUNT, _ZEROS, _NANS, _POSINFS, _NEGINFS, _BELOW, _ABOVE = range(7)


@intrinsic
def _pointer(typing_context, address, like):
    """Pointer to values at an address, of the type of `like`."""
    pointer = types.CPointer(like)

    def code(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], context.get_value_type(pointer))

    return pointer(address, like), code


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
    highest = _LEAST
    lowest = _MOST
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
def _take_out(values, at, step, size, low, high, c, integers, histogram):
    """Count values outside of the range, and take them out of the outermost bins."""
    below = np.int32(0)
    above = np.int32(0)
    for i in range(size):
        below += np.int32(values[at + np.uint64(i * step)] < low)
        above += np.int32(values[at + np.uint64(i * step)] > high)
    integers[_BELOW, c] += below
    integers[_ABOVE, c] += above
    histogram[c * BINS] -= np.uint32(below)
    histogram[c * BINS + BINS - 1] -= np.uint32(above)


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
def _add_up(counters, shares, histogram, c):
    """Add the private histograms to a channel's and clear them."""
    first = np.uint64(c * BINS)
    for part in range(shares):
        at = np.uint64(part * BINS)
        for i in range(BINS):
            b = np.uint64(i)
            histogram[first + b] += counters[at + b]
            counters[at + b] = np.uint32(0)


@njit(nogil=True, cache=True, error_model="numpy")
def _count_neighbours(bins, size, c, maps, histogram):
    """Count the bins of `maps` small maps into the histograms of channel `c` and the next ones."""
    one, p, b = np.uint32(1), np.uint64(size), np.uint64(BINS)
    for g in range(0, maps - 3, 4):
        at, to = np.uint64(g * size), np.uint64((c + g) * BINS)
        for i in range(size):
            k = at + np.uint64(i)
            histogram[to + np.uint64(bins[k])] += one
            histogram[to + b + np.uint64(bins[k + p])] += one
            histogram[to + b + b + np.uint64(bins[k + p + p])] += one
            histogram[to + b + b + b + np.uint64(bins[k + p + p + p])] += one
    for g in range(maps // 4 * 4, maps):
        at, to = np.uint64(g * size), np.uint64((c + g) * BINS)
        for i in range(size):
            histogram[to + np.uint64(bins[at + np.uint64(i)])] += one


@njit(nogil=True, cache=True, error_model="numpy")
def _widen(c, lowest, highest, extremes):
    """Take the bounds of some values into their channel's, which are NaN before the first."""
    extremes[0, c] = extremes[0, c] if extremes[0, c] <= lowest else lowest
    extremes[1, c] = extremes[1, c] if extremes[1, c] >= highest else highest


@njit(nogil=True, cache=True, error_model="numpy")
def _begin_map(g, reals, counts):
    counts[g, _WHERE] = -1
    counts[g, _FINITE] = 0
    reals[g, _SUM] = 0.0
    reals[g, _SQUARES] = 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def _end_map(row, c, m, g, reals, counts, maximum, argmax, mean, std, sums, integers):
    """Merge a map into its channel and write its results (`m` < 0: do not)."""
    size = counts[g, _FINITE]
    average = deviation = np.nan
    if size:
        total = reals[g, _SUM]
        share = total / size
        average = reals[g, _SHIFT] + share
        deviations = max(0.0, reals[g, _SQUARES] - total * share)
        deviation = np.sqrt(deviations / size)
        before = integers[_COUNT, c]
        if before:
            step = average - sums[0, c] / before
            deviations += step * step * (float(before) * size / (before + size))
        sums[0, c] += total + reals[g, _SHIFT] * size
        sums[1, c] += deviations
        integers[_COUNT, c] = before + size
    if m >= 0:
        where = counts[g, _WHERE]
        argmax[row, m] = where
        maximum[row, c] = reals[g, _BEST] if where >= 0 else np.nan
        mean[row, m], std[row, m] = average, deviation


@njit(nogil=True, cache=True, error_model="numpy")
def _place(piece, at, size, largest):
    """Where the largest value stands first."""
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
    return place


@njit(nogil=True, cache=True, error_model="numpy")
def _place_in_small(bits, at, size, highest):
    """Where the largest key stands first, without a branch."""
    place = np.int32(size)
    for i in range(size):
        here = _key(bits[at + np.uint64(i)]) == highest
        place = min(place, np.int32(i) if here else np.int32(size))
    return place


@njit(nogil=True, cache=True, error_model="numpy", fastmath=_SUM_MATH)
def _add_sums(piece, at, size, reals, counts):
    """Take finite values into the sums of a map."""
    if counts[0, _FINITE] == 0:
        reals[0, _SHIFT] = piece[at]
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


@njit(nogil=True, cache=True, error_model="numpy")
def _absorb_value(value, position, g, c, hist, reals, counts, extremes, integers, histogram):
    """Take in one value, whatever it is: the slow way, for pieces with NaN or Inf."""
    low, high, scale, _ = hist
    if value != value:
        integers[_NANS, c] += 1
        return
    if counts[g, _WHERE] < 0 or value > reals[g, _BEST]:
        reals[g, _BEST] = value + 0.0
        counts[g, _WHERE] = position
    if value == np.inf:
        integers[_POSINFS, c] += 1
        return
    if value == -np.inf:
        integers[_NEGINFS, c] += 1
        return
    if counts[g, _FINITE] == 0:
        reals[g, _SHIFT] = value
    difference = np.float64(value) - reals[g, _SHIFT]
    reals[g, _SUM] += difference
    reals[g, _SQUARES] += difference * difference
    counts[g, _FINITE] += 1
    integers[_ZEROS, c] += value == 0
    _widen(c, value + np.float32(0), value + np.float32(0), extremes)
    if value < low:
        integers[_BELOW, c] += 1
    elif value > high:
        integers[_ABOVE, c] += 1
    else:
        place = min(max((np.float64(value) - np.float64(low)) * scale, 0.0), 255.0)
        histogram[np.uint64(c * BINS + np.int64(place))] += np.uint32(1)


@njit(nogil=True, cache=True, error_model="numpy")
def summarise(items, ranges, tables, scratch):
    """Summarise parts of several layers, one after the other; no two threads share a channel.

    Parameters
    ----------
    items : int64[K, 10]
        Address of C-contiguous float32 values, samples, channels, positions, whether the channels
        lie last, first row and first column of the results, that of the results of maps (-1: do not
        write a map's results), first channel and the one behind the last.
    ranges : float64[K, 4]
        The histogram's lower and upper end, bins a unit, whether float64 is needed to find a bin.
    tables : int64[11]
        Addresses of the fields of `engine.kernels.maps.Tables`, rows, columns, columns of maps.
    scratch : int
        Address of `SCRATCH` bytes.
    """
    rows, columns, mapped = tables[8], tables[9], tables[10]
    single, double, integer = np.float32(0), np.float64(0), np.int64(0)
    results = (
        carray(_pointer(tables[0], single), (rows, columns)),
        carray(_pointer(tables[1], np.int32(0)), (rows, mapped)),
        carray(_pointer(tables[2], single), (rows, mapped)),
        carray(_pointer(tables[3], single), (rows, mapped)),
        carray(_pointer(tables[4], single), (2, columns)),
        carray(_pointer(tables[5], double), (2, columns)),
        carray(_pointer(tables[6], integer), (7, columns)),
        carray(_pointer(tables[7], np.uint32(0)), columns * BINS),
    )
    # 16 kB apart; the last place of a piece turns keys into numbers
    work = (
        carray(_pointer(scratch, single), PIECE + 1),
        carray(_pointer(scratch + 2 * _PART, np.uint8(0)), PIECE),
        carray(_pointer(scratch + 3 * _PART, double), (STRIP, 4)),
        carray(_pointer(scratch + 4 * _PART, integer), (STRIP, 2)),
    )
    counters = carray(_pointer(scratch + 5 * _PART, np.uint32(0)), 8 * BINS)
    keys = carray(_pointer(scratch + 6 * _PART, np.int32(0)), 3 * PIECE)
    strip = carray(_pointer(scratch + 6 * _PART, single), STRIP * ROWS)
    counters[:] = 0
    for k in range(len(items)):
        address, samples, channels, positions, last, row, column, place, first, stop = items[k]
        values = carray(_pointer(address, single), samples * channels * positions)
        shape, target = (samples, channels, positions), (row, column, place)
        hist = (np.float32(ranges[k, 0]), np.float32(ranges[k, 1]), ranges[k, 2], ranges[k, 3] > 0)
        if last:
            _rows_of_lanes(values, shape, hist, target, first, stop, work, strip, results)
        elif positions > SMALL:
            _large_maps(values, shape, hist, target, first, stop, work, counters, results)
        else:
            _small_maps(values, shape, hist, target, first, stop, work, keys, results)


@njit(nogil=True, cache=True, error_model="numpy")
def _large_maps(values, shape, hist, place, first, stop, work, counters, tables):
    """Channels `first` to `stop` of maps[n, C, P], a part of a map at a time."""
    samples, channels, positions = shape
    low, high, scale, exact = hist
    row, column, mapped = place
    piece, bins, reals, counts = work
    maximum, argmax, mean, std, extremes, sums, integers, histogram = tables
    all_bits = values.view(np.int32)
    bits = piece.view(np.int32)
    words = bins.view(np.uint64)
    start_of_piece = np.uint64(0)
    shares = 8 if samples * positions >= 4096 else 4  # adding up eight pays for many values only
    for channel in range(first, stop):
        c = column + channel
        for s in range(samples):
            _begin_map(0, reals, counts)
            for start in range(0, positions, PIECE):
                size = min(PIECE, positions - start)
                at = np.uint64((s * channels + channel) * positions + start)
                lowest, highest, zeros = _fetch(all_bits, at, size, bits, start_of_piece)
                if highest >= _INFINITY or lowest <= _NEGATIVE_INFINITY:
                    for i in range(size):
                        _absorb_value(
                            piece[i], start + i, 0, c, hist,
                            reals, counts, extremes, integers, histogram,
                        )  # fmt: skip
                    continue
                integers[_ZEROS, c] += zeros
                smallest = _number(lowest, piece, bits)
                largest = _number(highest, piece, bits)
                _widen(c, smallest, largest, extremes)
                _bins(piece, start_of_piece, size, low, scale, exact, bins)
                _count_bins(bins, words, size, counters, shares)
                if smallest < low or largest > high:
                    _take_out(piece, start_of_piece, 1, size, low, high, c, integers, histogram)
                if counts[0, _WHERE] < 0 or largest > reals[0, _BEST]:
                    reals[0, _BEST] = largest
                    counts[0, _WHERE] = start + _place(piece, start_of_piece, size, largest)
                _add_sums(piece, start_of_piece, size, reals, counts)
            _end_map(
                row + s, c, mapped + channel, 0, reals, counts,
                maximum, argmax, mean, std, sums, integers,
            )  # fmt: skip
        _add_up(counters, shares, histogram, c)


@njit(nogil=True, cache=True, error_model="numpy")
def _small_maps(values, shape, hist, place, first, stop, work, keys, tables):
    """Channels `first` to `stop` of maps[n, C, P], the maps of several channels at a time."""
    samples, channels, positions = shape
    low, high, scale, exact = hist
    row, column, mapped = place
    piece, bins, reals, counts = work
    maximum, argmax, mean, std, extremes, sums, integers, histogram = tables
    all_bits = values.view(np.int32)
    bits = piece.view(np.int32)
    at_once = PIECE // positions
    for channel in range(first, stop, at_once):
        maps, c, m = min(at_once, stop - channel), column + channel, mapped + channel
        for s in range(samples):
            source = np.uint64((s * channels + channel) * positions)
            lowest, highest = _MOST, _LEAST
            for g in range(maps):
                at = np.uint64(g * positions)
                low_key, high_key, zeros = _fetch(all_bits, source + at, positions, bits, at)
                keys[g], keys[PIECE + g], keys[2 * PIECE + g] = low_key, high_key, zeros
                lowest, highest = min(lowest, low_key), max(highest, high_key)
            finite = highest < _INFINITY and lowest > _NEGATIVE_INFINITY
            if finite:
                _bins(piece, np.uint64(0), maps * positions, low, scale, exact, bins)
                _count_neighbours(bins, positions, c, maps, histogram)
            for g in range(maps):
                at = np.uint64(g * positions)
                _begin_map(0, reals, counts)
                if finite:
                    smallest = _number(keys[g], piece, bits)
                    largest = _number(keys[PIECE + g], piece, bits)
                    integers[_ZEROS, c + g] += keys[2 * PIECE + g]
                    _widen(c + g, smallest, largest, extremes)
                    if smallest < low or largest > high:
                        _take_out(piece, at, 1, positions, low, high, c + g, integers, histogram)
                    reals[0, _BEST] = largest
                    counts[0, _WHERE] = _place_in_small(bits, at, positions, keys[PIECE + g])
                    _add_sums(piece, at, positions, reals, counts)
                else:
                    for i in range(positions):
                        _absorb_value(
                            piece[at + np.uint64(i)], i, 0, c + g, hist,
                            reals, counts, extremes, integers, histogram,
                        )  # fmt: skip
                _end_map(
                    row + s, c + g, m + g, 0, reals, counts,
                    maximum, argmax, mean, std, sums, integers,
                )  # fmt: skip


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
        lanes[g] = _LEAST
        lanes[2 * GROUP + g] = _MOST
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
def _count_lanes(bins, rows, group, c, histogram):
    """Count bins into the histograms of channel `c` and the next ones."""
    for p in range(rows):
        source = np.uint64(p * group)
        for g in range(group):
            place = np.uint64((c + g) * BINS) + np.uint64(bins[source + np.uint64(g)])
            histogram[place] += np.uint32(1)


@njit(nogil=True, cache=True, error_model="numpy")
def _absorb_lanes(
    at, rows, base, group, lanes, lane_sums, piece, bits, strip, reals, counts, c, tables
):
    """Take some finite rows of `group` channels in, all but the histogram.

    Returns the smallest and largest value of all.
    """
    extremes, integers = tables[4], tables[6]
    smallest, largest = np.float32(np.inf), np.float32(-np.inf)
    for lane in range(group):
        g = base + lane
        low = _number(lanes[2 * GROUP + lane], piece, bits)
        high = _number(lanes[lane], piece, bits)
        smallest, largest = min(smallest, low), max(largest, high)
        _widen(c + lane, low, high, extremes)
        if counts[g, _WHERE] < 0 or high > reals[g, _BEST]:
            reals[g, _BEST] = high
            counts[g, _WHERE] = lanes[GROUP + lane]
        if counts[g, _FINITE] == 0:
            reals[g, _SHIFT] = strip[at + np.uint64(lane)]
        counts[g, _FINITE] += rows
        integers[_ZEROS, c + lane] += lanes[3 * GROUP + lane]
        lane_sums[lane] = reals[g, _SHIFT]
        lane_sums[GROUP + lane] = 0.0
        lane_sums[2 * GROUP + lane] = 0.0
    _sum_lanes(strip, at, rows, group, lane_sums)
    for lane in range(group):
        reals[base + lane, _SUM] += lane_sums[GROUP + lane]
        reals[base + lane, _SQUARES] += lane_sums[2 * GROUP + lane]
    return smallest, largest


@njit(nogil=True, cache=True, error_model="numpy")
def _rows_of_lanes(values, shape, hist, place, first, stop, work, strip, tables):
    """Channels `first` to `stop` of maps[n, P, C], a strip of rows and 32 channels at a time."""
    samples, channels, positions = shape
    low, high, scale, exact = hist
    row, column, mapped = place
    piece, bins, reals, counts = work
    maximum, argmax, mean, std, extremes, sums, integers, histogram = tables
    all_bits = values.view(np.int32)
    bits = piece.view(np.int32)
    strip_bits = strip.view(np.int32)
    lanes = np.empty(4 * GROUP, np.int32)
    lane_sums = np.empty(3 * GROUP)
    for channel in range(first, stop, STRIP):
        width, c = min(STRIP, stop - channel), column + channel
        for s in range(samples):
            for g in range(width):
                _begin_map(g, reals, counts)
            for start in range(0, positions, ROWS):
                rows = min(ROWS, positions - start)
                source = np.uint64((s * positions + start) * channels + channel)
                _fetch_strip(all_bits, source, channels, rows, width, strip_bits)
                for base in range(0, width, GROUP):
                    group = min(GROUP, width - base)
                    at = np.uint64(base * ROWS)
                    lowest, highest = _bound_lanes(strip_bits, at, rows, group, start, lanes)
                    if highest >= _INFINITY or lowest <= _NEGATIVE_INFINITY:
                        for p in range(rows):
                            for lane in range(group):
                                _absorb_value(
                                    strip[at + np.uint64(p * group + lane)], start + p,
                                    base + lane, c + base + lane, hist,
                                    reals, counts, extremes, integers, histogram,
                                )  # fmt: skip
                        continue
                    smallest, largest = _absorb_lanes(
                        at, rows, base, group, lanes, lane_sums, piece, bits, strip,
                        reals, counts, c + base, tables,
                    )  # fmt: skip
                    _bins(strip, at, rows * group, low, scale, exact, bins)
                    _count_lanes(bins, rows, group, c + base, histogram)
                    for lane in range(group if smallest < low or largest > high else 0):
                        first_of_lane, channel_of_lane = at + np.uint64(lane), c + base + lane
                        _take_out(
                            strip, first_of_lane, group, rows, low, high, channel_of_lane,
                            integers, histogram,
                        )  # fmt: skip
            for g in range(width):
                m = mapped + channel + g if mapped >= 0 else -1
                _end_map(
                    row + s, c + g, m, g, reals, counts,
                    maximum, argmax, mean, std, sums, integers,
                )  # fmt: skip
