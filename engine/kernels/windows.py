"""The backward pass in windows: from single units only what can reach them is touched.

Many windows of one tensor lie one behind the other in a flat float32 buffer, each ``[h, w, C]``
(channels last, so that a unit's weights are one run of numbers). ``at`` int64[n] says where each
starts, ``box`` int64[n, 4] which rows and columns of the whole map it is: first row, first column,
row and column after the last. A step reads the windows of an output and fills those of an input.

Zeros are skipped: after a rectifier half of a gradient is zero, after an unpooling three quarters.
"""

import numpy as np
from numba import njit

GRADIENT, DECONVNET, GUIDED = 0, 1, 2


def warm():
    """Compile the kernels of this module."""
    box = np.array([[0, 0, 1, 1]], np.int64)
    at = np.zeros(1, np.int64)
    source, result = np.ones(2, np.float32), np.zeros(2, np.float32)
    weights = np.ones((2, 1, 1, 2), np.float32)
    place = np.array([1, 1, 0, 0, 1, 1], np.int64)
    for group, narrow in ((1, weights), (2, weights[..., :1].copy())):
        convolution(source, at, box, result, at, box, narrow, place, group)
    flipped = np.ones((2, 1, 1, 2), np.float32)
    convolution_to_few(source, at, box, result, at, box, flipped, place)
    switches = first_maxima(np.ones((2, 1, 1), np.float32), (1, 1), place)
    max_pool(source, at, box, result, at, box, switches, (1, 1), place)
    maps = np.ones((2, 1, 1), np.float32)
    rectify(result, at, box, maps, DECONVNET, 0.0, np.inf)
    multiply(result, at, box, np.ones(2, np.float32))
    sow(result, at, box, np.zeros((1, 4), np.int64), np.ones(1, np.float32), 2)


@njit(nogil=True, cache=True, fastmath=True)
def convolution(source, source_at, source_box, result, at, box, weights, place, group):
    """Add to an input's windows what a convolution's output sends back.

    Parameters
    ----------
    source, source_at, source_box
        Windows of the gradient of the output, M channels.
    result, at, box
        Windows of the gradient of the input, ``C = group * Cg`` channels, to be added to; what
        falls outside of them is dropped.
    weights : float32[M, kh, kw, Cg]
    place : int64[6]
        Strides, padding at the beginning, dilations: rows and columns of each.
    group : int
    """
    filters, tall, wide, width = weights.shape
    channels = width * group
    flat = weights.ravel()
    joined = group == 1 and place[5] == 1
    chosen = np.empty(filters, np.int64)
    value = np.empty(filters, np.float32)
    for n in range(source_at.size):
        rows = source_box[n, 2] - source_box[n, 0]
        columns = source_box[n, 3] - source_box[n, 1]
        across = box[n, 3] - box[n, 1]
        for y in range(rows):
            top = (source_box[n, 0] + y) * place[0] - place[2]
            for x in range(columns):
                left = (source_box[n, 1] + x) * place[1] - place[3]
                start = source_at[n] + (y * columns + x) * filters
                count = 0
                for m in range(filters):
                    g = source[start + m]
                    if g != 0:
                        chosen[count] = m
                        value[count] = g
                        count += 1
                if count == 0:
                    continue
                first, last = 0, wide
                while first < wide and left + first * place[5] < box[n, 1]:
                    first += 1
                while last > first and left + (last - 1) * place[5] >= box[n, 3]:
                    last -= 1
                for i in range(tall):
                    row = top + i * place[4]
                    if row < box[n, 0] or row >= box[n, 2] or last == first:
                        continue
                    to = at[n] + ((row - box[n, 0]) * across + left - box[n, 1]) * channels
                    if joined:
                        run = (last - first) * channels
                        target = result[to + first * channels : to + first * channels + run]
                        _add_runs(target, flat, chosen, value, count, i, first, tall, wide, width)
                    else:
                        for j in range(first, last):
                            at_tap = to + j * place[5] * channels
                            target = result[at_tap : at_tap + channels]
                            _add_groups(target, flat, chosen, value, count, i, j, weights, group)


@njit(nogil=True, cache=True, fastmath=True)
def _add_runs(target, flat, chosen, value, count, row, first, tall, wide, width):
    """Add the chosen filters' weights of one kernel row, times their values; four at a time."""
    run = target.size
    stride = tall * wide * width
    skip = (row * wide + first) * width
    k = 0
    while k + 4 <= count:
        a = flat[chosen[k] * stride + skip : chosen[k] * stride + skip + run]
        b = flat[chosen[k + 1] * stride + skip : chosen[k + 1] * stride + skip + run]
        c = flat[chosen[k + 2] * stride + skip : chosen[k + 2] * stride + skip + run]
        d = flat[chosen[k + 3] * stride + skip : chosen[k + 3] * stride + skip + run]
        u, v, w, z = value[k], value[k + 1], value[k + 2], value[k + 3]
        for j in range(run):
            target[j] += u * a[j] + v * b[j] + w * c[j] + z * d[j]
        k += 4
    while k < count:
        a = flat[chosen[k] * stride + skip : chosen[k] * stride + skip + run]
        u = value[k]
        for j in range(run):
            target[j] += u * a[j]
        k += 1


@njit(nogil=True, cache=True, fastmath=True)
def _add_groups(target, flat, chosen, value, count, row, column, weights, group):
    """The same for one tap where filters read only their group's channels."""
    filters, tall, wide, width = weights.shape
    per_group = filters // group
    for k in range(count):
        m = chosen[k]
        start = ((m * tall + row) * wide + column) * width
        part = flat[start : start + width]
        to = target[(m // per_group) * width : (m // per_group + 1) * width]
        g = value[k]
        for j in range(width):
            to[j] += g * part[j]


@njit(nogil=True, cache=True, fastmath=True)
def convolution_to_few(source, source_at, source_box, result, at, box, flipped, place):
    """As `convolution`, for an input of few channels, one group, stride and dilation 1.

    Parameters
    ----------
    flipped : float32[C, kh, kw, M]
        The weights, rows and columns reversed: an input pixel then takes runs of the output.
    """
    channels, tall, wide, filters = flipped.shape
    for n in range(source_at.size):
        rows = source_box[n, 2] - source_box[n, 0]
        columns = source_box[n, 3] - source_box[n, 1]
        across = box[n, 3] - box[n, 1]
        for y in range(box[n, 2] - box[n, 0]):
            top = box[n, 0] + y + place[2] - (tall - 1) - source_box[n, 0]
            for x in range(across):
                left = box[n, 1] + x + place[3] - (wide - 1) - source_box[n, 1]
                first, last = max(0, -left), min(wide, columns - left)
                if last <= first:
                    continue
                run = (last - first) * filters
                to = at[n] + (y * across + x) * channels
                for i in range(max(0, -top), min(tall, rows - top)):
                    start = source_at[n] + ((top + i) * columns + left + first) * filters
                    part = source[start : start + run]
                    for c in range(channels):
                        row = flipped[c, i].ravel()[first * filters : first * filters + run]
                        total = np.float32(0)
                        for j in range(run):
                            total += part[j] * row[j]
                        result[to + c] += total


@njit(nogil=True, cache=True)
def first_maxima(maps, kernel, place):
    """Which tap of each window of a max pooling is the first largest: its switches.

    Parameters
    ----------
    maps : float32[C, H, W]
        What goes into the pooling.
    kernel : (int, int)
    place : int64[6]
        As for `convolution`.

    Returns
    -------
    int16[C, h, w]
        Row of the tap times the kernel's width plus its column; h and w such that every window
        begins inside of the map. A window of NaN alone gives its first tap.
    """
    channels, height, width = maps.shape
    tall, wide = kernel
    rows = (height + place[2] - 1) // place[0] + 1
    columns = (width + place[3] - 1) // place[1] + 1
    switches = np.zeros((channels, rows, columns), np.int16)
    for c in range(channels):
        for y in range(rows):
            top = y * place[0] - place[2]
            for x in range(columns):
                left = x * place[1] - place[3]
                best = np.float32(-np.inf)
                tap, found = 0, False
                for i in range(tall):
                    row = top + i * place[4]
                    if row < 0 or row >= height:
                        continue
                    for j in range(wide):
                        column = left + j * place[5]
                        if column < 0 or column >= width:
                            continue
                        if maps[c, row, column] > best or not found:
                            best = maps[c, row, column]
                            tap, found = i * wide + j, True
                switches[c, y, x] = tap
    return switches


@njit(nogil=True, cache=True)
def max_pool(source, source_at, source_box, result, at, box, switches, kernel, place):
    """Add to an input's windows what a max pooling's output sends back, by its switches."""
    channels = switches.shape[0]
    wide = kernel[1]
    for n in range(source_at.size):
        columns = source_box[n, 3] - source_box[n, 1]
        across = box[n, 3] - box[n, 1]
        for y in range(source_box[n, 0], source_box[n, 2]):
            for x in range(source_box[n, 1], source_box[n, 3]):
                start = (y - source_box[n, 0]) * columns + x - source_box[n, 1]
                start = source_at[n] + start * channels
                for c in range(channels):
                    g = source[start + c]
                    if g == 0:
                        continue
                    tap = switches[c, y, x]
                    row = y * place[0] - place[2] + (tap // wide) * place[4]
                    column = x * place[1] - place[3] + (tap % wide) * place[5]
                    if box[n, 0] <= row < box[n, 2] and box[n, 1] <= column < box[n, 3]:
                        to = (row - box[n, 0]) * across + column - box[n, 1]
                        result[at[n] + to * channels + c] += g


@njit(nogil=True, cache=True)
def rectify(windows, at, box, maps, method, slope, most):
    """An activation function's rule, in place.

    Parameters
    ----------
    maps : float32[C, H, W]
        What the function gave; its values are not read for DeconvNet, its shape is.
    method : int
        `GRADIENT`, `DECONVNET` or `GUIDED`.
    slope, most : float
        The derivative where the function gave nothing positive, and the value from which on it
        is 0 (Clip); 0 and infinity for Relu.
    """
    channels = maps.shape[0]
    slope = np.float32(slope)
    for n in range(at.size):
        across = box[n, 3] - box[n, 1]
        size = (box[n, 2] - box[n, 0]) * across * channels
        if method != GRADIENT:
            for j in range(at[n], at[n] + size):
                windows[j] = max(windows[j], np.float32(0))
        if method == DECONVNET:
            continue
        for c in range(channels):
            for y in range(box[n, 0], box[n, 2]):
                start = at[n] + (y - box[n, 0]) * across * channels + c
                for x in range(box[n, 1], box[n, 3]):
                    value = maps[c, y, x]
                    to = start + (x - box[n, 1]) * channels
                    if value >= most:
                        windows[to] = 0
                    elif not value > 0:
                        windows[to] *= slope


@njit(nogil=True, cache=True)
def multiply(windows, at, box, factor):
    """Each channel times its factor, in place: float32[C]."""
    channels = factor.size
    for n in range(at.size):
        pixels = (box[n, 2] - box[n, 0]) * (box[n, 3] - box[n, 1])
        for p in range(pixels):
            start = at[n] + p * channels
            for c in range(channels):
                windows[start + c] *= factor[c]


@njit(nogil=True, cache=True)
def sow(windows, at, box, units, values, channels):
    """Add the seeds to windows: ``units`` int64[k, 4] of window, channel, row, column."""
    for k in range(len(units)):
        n, c, y, x = units[k]
        across = box[n, 3] - box[n, 1]
        windows[at[n] + ((y - box[n, 0]) * across + x - box[n, 1]) * channels + c] += values[k]
