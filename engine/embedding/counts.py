"""Counts of points by group and bin: one cell of two channels, or one channel alone; exact.

Axes are codes. A code's bin is ``floor((code - x0) * B / (x1 - x0))``, as in
``numpy.histogram2d`` of the codes with that range.
"""

import numpy as np

from engine.embedding.columns import FINITE
from engine.embedding.threads import spread
from engine.kernels import counting

RANGE = 65536
"""Fine codes of a whole axis; the uppermost 256 stand for no value."""
LEFT_OUT = 255
"""The group of points that are not counted."""


def cell_counts(x, y, groups, group_count, bins, window=None, first=0, last=None, out=None):
    """Count the points of one cell by group and bin; many points in several threads.

    Parameters
    ----------
    x, y : uint16[P] or uint8[P]
        Fine or coarse codes of the channels on x and on y. Points that are not finite in either
        are left out.
    groups : uint8[P]
        0 to G - 1; others (`LEFT_OUT`) are left out.
    group_count : int
        G, at most 255.
    bins : int
        B, a power of two; at most 256 for coarse codes.
    window : (x0, x1, y0, y1), optional
        In fine codes, half open; the whole range by default. Fine codes only.
    first, last : int, optional
        The range of points, half open; a first part of permuted points is a fair sample.
    out : uint32[G, B, B], optional
        Added to; contiguous.

    Returns
    -------
    uint32[G, B, B]
        Group, y, x. Equal to ``numpy.histogram2d`` of each group's points.

    Raises
    ------
    ValueError
        When the arrays, bins or window do not fit.
    """
    bits = _bits(bins, x.dtype)
    if x.dtype != y.dtype or not len(x) == len(y) == len(groups):
        raise ValueError("x, y and groups are not of one length and type")
    if out is not None and not out.flags.c_contiguous:
        raise ValueError("counts that are added to are contiguous")
    span = slice(first, len(x) if last is None else last)
    x, y, groups = x[span], y[span], groups[span]
    more = (bits, np.iinfo(x.dtype).max)
    if window is None:
        kernel, more = counting.count_cell, (8 * x.dtype.itemsize - bits, *more)
    else:
        x0, x1, y0, y1 = _checked(window, x.dtype)
        axes = np.array([x0, x1 - x0, bins, 0]), np.array([y0, y1 - y0, bins, 0])
        kernel, more = counting.count_window, (*axes, *more)

    def count(a, b):
        lanes = counting.lanes_for(b - a, group_count, bits)
        kernel(x[a:b], y[a:b], groups[a:b], group_count, *more, lanes)
        return lanes

    parts = spread(count, len(x))
    if out is None:  # the first table is the answer; others are added
        size = group_count * bins * bins
        out = parts[0][0, :size].reshape(group_count, bins, bins)
        parts[0] = parts[0][1:]
    for lanes in parts:
        if len(lanes):
            counting.merge(lanes, out.reshape(-1), True)
    return out


def tile_counts(columns, rows, cells, groups, group_count, bins, first=0, last=None, out=None):
    """Count many cells on coarse codes, in one call of a kernel that lets other threads run.

    Parameters
    ----------
    columns, rows : uint8[C, P]
        Coarse codes for x and for y.
    cells : int32[n, 2]
        Channel on x, channel on y.
    groups, group_count, bins, first, last
        As for `cell_counts`.
    out : uint32[n, G, B, B], optional
        Overwritten.

    Returns
    -------
    uint32[n, G, B, B]
    """
    bits = _bits(bins, columns.dtype)
    cells = np.ascontiguousarray(cells, np.int32).reshape(-1, 2)
    last = columns.shape[1] if last is None else last
    for side, table in enumerate((columns, rows)):
        used = cells[:, side]
        if used.size and not (0 <= used.min() and used.max() < len(table)):
            raise ValueError(f"a cell of a channel outside of {len(table)}")
    if out is None:
        out = np.empty((len(cells), group_count, bins, bins), np.uint32)
    lanes = counting.lanes_for(last - first, group_count, bits)
    counting.count_tiles(columns, rows, cells, groups, bits, first, last, lanes, out)
    return out


def channel_counts(column, groups, group_count, bins, zero=-1, window=None):
    """Count one channel's points by group and bin, and those at exactly zero.

    Parameters
    ----------
    column : uint16[P]
        Fine codes.
    groups, group_count, bins
        As for `cell_counts`.
    zero : int
        The channel's `Columns.zero`.
    window : (low, high), optional
        In fine codes, half open.

    Returns
    -------
    counts : uint32[G, B]
        Those at zero included: ``counts[:, bin of zero] - zeros`` leaves them out.
    zeros : uint32[G]
        Of all points, wherever the window is.
    """
    low, high = (0, RANGE) if window is None else (int(edge) for edge in window)
    if not low < high:
        raise ValueError(f"an empty window: {low} to {high}")
    counts = np.zeros((group_count + 1, bins), np.uint32)
    zeros = np.zeros(group_count + 1, np.uint32)
    _bits(bins, column.dtype)
    axis = np.array([low, high - low, bins, 0])
    counting.count_channel(column, groups, group_count, int(zero), axis, counts, zeros)
    return counts[:-1], zeros[:-1]


def with_selection(groups, group_count, selected):
    """Groups for a second set of counts of the selected points, made in the same pass.

    Parameters
    ----------
    groups : uint8[P]
    group_count : int
        G, at most 127.
    selected : uint8[P] or bool[P]

    Returns
    -------
    uint8[P]
        0 to G - 1: not selected; G to 2 G - 1: selected; `LEFT_OUT` stays.
    """
    if group_count > 127:
        raise ValueError(f"{group_count} groups cannot be doubled in a byte")
    moved = groups + np.uint8(group_count) * (np.asarray(selected) != 0)
    return np.where(groups < group_count, moved, np.uint8(LEFT_OUT)).astype(np.uint8)


def _bits(bins, dtype):
    """The logarithm of a number of bins that is a power of two."""
    bits = int(bins).bit_length() - 1
    if bins < 1 or 1 << bits != bins or bits > 8 * np.dtype(dtype).itemsize:
        raise ValueError(f"{bins} bins of {np.dtype(dtype)} codes; wanted a power of two")
    return bits


def _checked(window, dtype):
    if dtype != np.uint16:
        raise ValueError("a window is in fine codes")
    window = np.array([int(edge) for edge in window], np.int64)
    if not (window[0] < window[1] and window[2] < window[3]):
        raise ValueError(f"an empty window: {window.tolist()}")
    if not (abs(window) <= 2 * RANGE).all():
        raise ValueError(f"a window far outside of the codes: {window.tolist()}")
    return window


def bin_of(code, bins):
    """The bin of a fine code on the whole axis; -1 for what is not finite."""
    return -1 if code >= FINITE else (int(code) * bins) // RANGE
