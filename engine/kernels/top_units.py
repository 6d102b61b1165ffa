"""The units of each filter that are nearly as strong as its strongest, and which of them touch."""

import numpy as np
from numba import njit

BLOCK = 256
TOO_MANY = 2048
"""Units of a filter from which on they are one group: comparing all pairs would take too long."""


def top_units(maps, share, most=None):
    """Choose the units of each channel with at least a share of its maximum.

    Parameters
    ----------
    maps : float32[C, H, W]
        Activations of one sample, C-contiguous.
    share : float
        In 0 to 1: 0.98 after Jacquemod 2017, 6.3.
    most : int, optional
        At most so many of a channel, the first in reading order.

    Returns
    -------
    units : int64[n, 3]
        Channel, row, column; by channel, then in reading order. Channels without a positive value
        have none; NaN is never chosen.
    maxima : float32[C]
        NaN left out; -inf where there is nothing else.
    """
    channels, height, width = maps.shape
    flat = maps.reshape(channels, height * width)
    blocks = np.empty((channels, -(-(height * width) // BLOCK)), np.float32)
    maxima = np.empty(channels, np.float32)
    counts = np.empty(channels, np.int64)
    _measure(flat, blocks, maxima, counts, np.float32(share))
    if most is not None:
        np.minimum(counts, most, out=counts)
    ends = np.cumsum(counts)
    units = np.empty((int(ends[-1]) if channels else 0, 3), np.int64)
    _collect(flat, blocks, maxima, ends - counts, counts, np.float32(share), width, units)
    return units, maxima


def groups(channels, boxes):
    """Put units of a channel whose boxes overlap into one group, and so on.

    Parameters
    ----------
    channels : int64[n]
        In ascending order.
    boxes : int64[n, 4]
        First row, first column, row and column after the last, of each unit's receptive field.

    Returns
    -------
    int64[n]
        The group of each unit, counted from 0 in the order of their first units.
    """
    found = np.empty(len(channels), np.int64)
    _group(np.ascontiguousarray(channels), np.ascontiguousarray(boxes), found)
    return found


def warm():
    """Compile the kernels of this module."""
    units, _ = top_units(np.ones((1, 2, 2), np.float32), 0.98)
    groups(units[:, 0], np.zeros((len(units), 4), np.int64))


@njit(nogil=True, cache=True, fastmath={"nsz", "contract"})
def _measure(flat, blocks, maxima, counts, share):
    for c in range(flat.shape[0]):
        best = np.float32(-np.inf)
        for b in range(blocks.shape[1]):
            part = flat[c, b * BLOCK : (b + 1) * BLOCK]
            high = np.float32(-np.inf)
            for i in range(part.size):
                high = part[i] if part[i] > high else high
            blocks[c, b] = high
            best = max(best, high)
        maxima[c] = best
        counts[c] = 0
        if not best > 0:
            continue
        for b in range(blocks.shape[1]):
            if blocks[c, b] >= share * best:
                part = flat[c, b * BLOCK : (b + 1) * BLOCK]
                for i in range(part.size):
                    counts[c] += part[i] >= share * best


@njit(nogil=True, cache=True)
def _collect(flat, blocks, maxima, starts, counts, share, width, units):
    for c in range(flat.shape[0]):
        at, end = starts[c], starts[c] + counts[c]
        for b in range(blocks.shape[1]):
            if at == end:
                break
            if blocks[c, b] < share * maxima[c]:
                continue
            for i in range(b * BLOCK, min((b + 1) * BLOCK, flat.shape[1])):
                if at < end and flat[c, i] >= share * maxima[c]:
                    units[at, 0] = c
                    units[at, 1] = i // width
                    units[at, 2] = i % width
                    at += 1


@njit(nogil=True, cache=True)
def _group(channels, boxes, found):
    start, total = 0, 0
    while start < channels.size:
        end = start
        while end < channels.size and channels[end] == channels[start]:
            end += 1
        total += _connect(boxes[start:end], found[start:end], total)
        start = end


@njit(nogil=True, cache=True)
def _connect(boxes, found, offset):
    """Number the connected units of one channel from an offset; returns how many groups."""
    count = len(boxes)
    if count > TOO_MANY:
        found[:] = offset
        return 1
    root = np.arange(count)
    for i in range(count):
        for j in range(i):
            apart = boxes[i, 0] >= boxes[j, 2] or boxes[j, 0] >= boxes[i, 2]
            apart = apart or boxes[i, 1] >= boxes[j, 3] or boxes[j, 1] >= boxes[i, 3]
            if not apart:
                a, b = _root(root, i), _root(root, j)
                root[max(a, b)] = min(a, b)
    groups = 0
    for i in range(count):
        if root[i] == i:
            found[i] = offset + groups
            groups += 1
        else:
            found[i] = found[_root(root, i)]
    return groups


@njit(nogil=True, cache=True)
def _root(root, i):
    while root[i] != i:
        root[i] = root[root[i]]
        i = root[i]
    return i
