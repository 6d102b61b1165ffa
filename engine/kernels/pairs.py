"""Sums and deviations of channels, and entropies of their pairs."""

import numpy as np
from numba import njit

_STRANGE = 65535
_BINS = 256  # 16 x 16 bins of a pair


@njit(nogil=True, cache=True)
def group_sums(codes, groups, first, last, counts, sums, squares):
    """Add up channels' codes by group, exactly.

    Parameters
    ----------
    codes : uint16[C, P]
    groups : uint8[P]
        Numbers beyond those of `counts` are left out, as are codes that stand for no value.
    first, last : int
        Channels, half open.
    counts, sums, squares : int64[C, G]
        Added to.
    """
    most = counts.shape[1]
    for c in range(first, last):
        row = codes[c]
        for p in range(groups.size):
            group = groups[p]
            if group < most and row[p] != _STRANGE:
                code = np.int64(row[p])
                counts[c, group] += 1
                sums[c, group] += code
                squares[c, group] += code * code


@njit(nogil=True, cache=True)
def standardise_codes(codes, groups, means, rates, first, last, out):
    """Deviations of codes from their group's mean, in standard deviations.

    Parameters
    ----------
    codes : uint16[C, n]
    groups : uint8[n]
        Numbers of a column of `means`.
    means : float64[C, G]
    rates : float64[C]
        One over the standard deviation; 0 for a constant channel.
    first, last : int
        Channels, half open.
    out : float32[C, n]
        0 where there is no value.
    """
    for c in range(first, last):
        rate = rates[c]
        for p in range(groups.size):
            code = codes[c, p]
            there = code != _STRANGE
            out[c, p] = (code - means[c, groups[p]]) * rate if there else np.float32(0)


@njit(nogil=True, cache=True)
def standardise_values(values, groups, means, rates, first, last, out):
    """As `standardise_codes`, for float32[C, n] values."""
    for c in range(first, last):
        rate = rates[c]
        for p in range(groups.size):
            value = values[c, p]
            there = np.isfinite(value)
            out[c, p] = (value - means[c, groups[p]]) * rate if there else np.float32(0)


@njit(nogil=True, cache=True)
def centred_distances(values, means, grand, there, first, stop, start, end, out):
    """Rows of matrices of distances between values, less the means of rows and columns.

    Parameters
    ----------
    values, means : float64[C, n]
        A channel's values, and each one's mean distance from all.
    grand : float64[C]
        Mean of the means.
    there : bool[C, n]
    first, stop : int
        Rows of the matrices, half open; columns begin at `first`, from `stop` on they are
        multiplied by the root of two.
    start, end : int
        Channels, half open.
    out : float32[C, (stop - first) * (n - first)]
    """
    double = np.sqrt(2.0)
    for c in range(start, end):
        k = 0
        for p in range(first, stop):
            for q in range(first, values.shape[1]):
                found = abs(values[c, p] - values[c, q]) - means[c, p] - means[c, q] + grand[c]
                found *= there[c, p] and there[c, q]
                out[c, k] = found * (double if q >= stop else 1.0)
                k += 1


@njit(nogil=True, cache=True)
def entropies(rows, columns, count, whole, first, last, out):
    """Entropy of pairs of channels in 16 x 16 bins, as a share of the largest.

    Parameters
    ----------
    rows, columns : uint8[R, P], uint8[C, P]
        Coarse codes.
    count : int
        Points from the first on.
    whole : bool
        False: rows and columns are the same, only pairs up to the diagonal are made.
    first, last : int
        Rows, half open.
    out : float32[R, C]
        0: all points in one bin, 1: as many in each; NaN without points.
    """
    table = np.zeros(count + 1)
    for n in range(1, count + 1):
        table[n] = n * np.log(n)
    lanes = np.zeros((4, _BINS + 16), np.uint32)
    bins = np.zeros(256, np.uint32)
    for r in range(first, last):
        y = rows[r]
        for c in range(columns.shape[0] if whole else r + 1):
            out[r, c] = _entropy(columns[c], y, count, lanes, bins, table)


@njit(nogil=True, cache=True)
def _entropy(x, y, count, lanes, bins, table):
    lanes[...] = 0
    a, b, c, d = lanes[0], lanes[1], lanes[2], lanes[3]
    for start in range(0, count, 256):
        size = min(256, count - start)
        xs, ys = x[start : start + size], y[start : start + size]
        for i in range(size):
            u, v = np.uint32(xs[i]), np.uint32(ys[i])
            place = (v & np.uint32(0xF0)) | (u >> np.uint32(4))
            bins[i] = np.uint32(_BINS) if max(u, v) == np.uint32(255) else place
        whole = size - size % 4
        for i in range(0, whole, 4):
            a[bins[i]] += np.uint32(1)
            b[bins[i + 1]] += np.uint32(1)
            c[bins[i + 2]] += np.uint32(1)
            d[bins[i + 3]] += np.uint32(1)
        for i in range(whole, size):
            a[bins[i]] += np.uint32(1)
    total, found = 0, 0.0
    for k in range(_BINS):
        n = a[k] + b[k] + c[k] + d[k]
        total += n
        found += table[n]
    if total == 0:
        return np.float32(np.nan)
    return np.float32(max(0.0, (np.log(total) - found / total) / np.log(_BINS)))


def warm():
    """Compile the kernels of this module."""
    sums = np.zeros((1, 1), np.int64)
    codes = np.zeros((1, 1), np.uint16)
    some = np.zeros((2, 2), np.uint16)[:, :1]  # a first part of the points lies apart in memory
    for each in (codes, some):
        group_sums(each, np.zeros(1, np.uint8), 0, 1, sums, sums.copy(), sums.copy())
    means, groups = np.zeros((1, 1)), np.zeros(1, np.uint8)
    coarse, out = np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.float32)
    entropies(coarse, coarse, 1, True, 0, 1, out)
    standardise_codes(codes, groups, means, means[0], 0, 1, out)
    standardise_values(out.copy(), groups, means, means[0], 0, 1, out)
    there = np.ones((1, 1), np.bool_)
    centred_distances(means, means, means[0], there, 0, 1, 0, 1, out)
