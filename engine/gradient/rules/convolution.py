"""Gradients of convolutions, with respect to what they take and to their weights.

With y[m, o] = sum over channels c and taps t of w[m, c, t] x[c, s o + d t - p]:

* dx[c, i] = sum over m, t of w[m, c, t] dy[m, (i + p - d t) / s] where that is whole: a transposed
  convolution with the same weights; at stride 1 a convolution with the flipped, turned kernel,
  which ONNX Runtime does faster.
* dw[m, c, t] = sum over o of dy[m, o] x[c, s o + d t - p]: for each tap a strided slice of the
  padded input and a matrix product.
* db[m] = sum over o of dy[m, o].
"""

import itertools
from dataclasses import replace

import numpy as np

from engine.gradient.rules import rule
from engine.gradient.rules.windows import Window, window_of


@rule("Conv")
def conv(back, node, gradients):
    """dx, dw and db as the file's head says, for any group, stride, dilation and padding."""
    x, w = node.inputs[:2]
    gradient = gradients[0]
    window = window_of(back, node, back.sizes(w)[2:])
    group = node.attributes.get("group", 1)
    result = [None, None, None]
    if back.wants(x):
        result[0] = convolution_to_data(back, gradient, w, window, group)
    if back.wants(w):
        result[1] = back.sum_samples(tap_products(back, x, gradient, window, group, w), w)
    if back.wants(node.input(2)):
        result[2] = _to_bias(back, gradient, node.inputs[2], len(window.kernel))
    return result


@rule("ConvTranspose")
def conv_transpose(back, node, gradients):
    """y spreads x as a convolution gathers: dx is a Conv of dy with the same weights.

    dw[c, m, t] = sum over i of x[c, i] dy[m, s i + d t - p]: a convolution's, roles swapped.
    """
    x, w = node.inputs[:2]
    gradient = gradients[0]
    window = _of_transposed(back, node, back.sizes(w)[2:])
    group = node.attributes.get("group", 1)
    result = [None, None, None]
    if back.wants(x):
        result[0] = back.op(
            "Conv",
            _fitted(back, gradient, window),
            w,
            group=group,
            strides=list(window.strides),
            dilations=list(window.dilations),
            pads=[*window.before, *(max(0, each) for each in window.after)],
        )
    if back.wants(w):
        products = tap_products(back, gradient, x, window, group, w)
        result[1] = back.sum_samples(products, w)
    if back.wants(node.input(2)):
        result[2] = _to_bias(back, gradient, node.inputs[2], len(window.kernel))
    return result


def convolution_to_data(back, gradient, weights, window, group):
    """The transpose of a convolution: spread ``[S, M, *outputs]`` over ``[S, C, *inputs]``.

    Parameters
    ----------
    gradient : str
    weights : str
        ``[M, C / group, *kernel]``; a tensor of the forward graph or an emitted one of its shape.
    window : Window
    group : int
    """
    pads = window.flipped_pads()
    if set(window.strides) == {1} and min(pads, default=0) >= 0:
        kernel = turned_kernel(back, weights, len(window.kernel), group)
        return back.op(
            "Conv", gradient, kernel, group=group, dilations=list(window.dilations), pads=pads
        )
    return back.op("ConvTranspose", gradient, weights, group=group, **window.transposed())


def turned_kernel(back, weights, rank, group):
    """``[M, C / g, *k]`` as ``[C, M / g, *k]``, the taps in reverse order."""
    ends = back.constant([-(1 << 31)] * rank)
    starts, axes = back.constant([-1] * rank), back.constant(list(range(2, 2 + rank)))
    sizes = back.sizes(weights)
    if any(size > 1 for size in sizes[2:]):
        weights_turned = back.op("Slice", weights, starts, ends, axes, back.constant([-1] * rank))
    else:
        weights_turned = weights
    order = list(range(2, 2 + rank))
    if group == 1:
        return back.op("Transpose", weights_turned, perm=[1, 0, *order])
    if sizes[1] == 1 and sizes[0] == group:
        return weights_turned
    m, c = sizes[0] // group, sizes[1]
    split = back.reshape(weights_turned, (group, m, c, *sizes[2:]))
    split = back.op("Transpose", split, perm=[0, 2, 1, *(1 + axis for axis in order)])
    return back.reshape(split, (group * c, m, *sizes[2:]))


def tap_products(back, data, result, window, group, weights):
    """For each tap, the products of what lies under it with the results, summed over positions.

    Parameters
    ----------
    data : str
        ``[N, C, *inputs]``, what the window moves over.
    result : str
        ``[N, M, *outputs]``; the batches may differ where one of them is 1.
    weights : str
        The forward tensor ``[M, C / group, *kernel]`` for which it is done.

    Returns
    -------
    str
        ``[N, M, C / group, *kernel]``
    """
    m, c = back.sizes(weights)[0] // group, back.sizes(weights)[1]
    count = int(np.prod(window.outputs))
    rank = len(window.kernel)
    padded = _padded(back, data, window)
    rows = back.reshape(result, (None, group, m, count))
    axes = back.constant(list(range(2, 2 + rank)))
    steps = back.constant(list(window.strides))
    products = []
    for tap in itertools.product(*(range(size) for size in window.kernel)):
        starts = [t * d for t, d in zip(tap, window.dilations, strict=True)]
        spans = zip(starts, window.strides, window.outputs, strict=True)
        ends = [start + s * (o - 1) + 1 for start, s, o in spans]
        part = back.op("Slice", padded, back.constant(starts), back.constant(ends), axes, steps)
        part = back.reshape(part, (None, group, c, count))
        part = back.op("Transpose", part, perm=[0, 1, 3, 2])
        products.append(back.op("MatMul", rows, part))
    if len(products) == 1:
        return back.reshape(products[0], (None, group * m, c, *window.kernel))
    last = back.constant([4])
    stacked = back.op("Concat", *(back.op("Unsqueeze", each, last) for each in products), axis=4)
    return back.reshape(stacked, (None, group * m, c, *window.kernel))


def _padded(back, data, window):
    """Zeros around, so far as any window reaches."""
    rows = zip(
        window.inputs, window.outputs, window.strides, window.reach, window.before, strict=True
    )
    after = [max(0, s * (o - 1) + r + 1 - b - n) for n, o, s, r, b in rows]
    if not any((*window.before, *after)):
        return data
    return back.op("Pad", data, back.constant([0, 0, *window.before, 0, 0, *after]))


def _to_bias(back, gradient, bias, rank):
    summed = back.reduce_sum(gradient, list(range(2, 2 + rank)), keepdims=False)
    return back.sum_samples(summed, bias)


def _fitted(back, gradient, window):
    """The gradient without what lies behind the last window (a large output padding)."""
    if min(window.after) >= 0:
        return gradient
    rank = len(window.kernel)
    rows = zip(window.inputs, window.after, strict=True)
    ends = back.constant([size + min(0, extra) for size, extra in rows])
    starts, axes = back.constant([0] * rank), back.constant(list(range(2, 2 + rank)))
    return back.op("Slice", gradient, starts, ends, axes)


def _of_transposed(back, node, kernel):
    """The window of the convolution that a ConvTranspose undoes: from y to x."""
    rank = len(kernel)
    given = node.attributes
    small, large = back.sizes(node.inputs[0])[2:], back.sizes(node.outputs[0])[2:]
    strides = tuple(given.get("strides") or (1,) * rank)
    dilations = tuple(given.get("dilations") or (1,) * rank)
    more = tuple(given.get("output_padding") or (0,) * rank)
    window = Window(kernel, strides, dilations, (0,) * rank, (0,) * rank, large, small)
    auto = given.get("auto_pad", "NOTSET") or "NOTSET"
    if "output_shape" in given or auto in ("SAME_UPPER", "SAME_LOWER"):
        rows = zip(small, large, strides, window.reach, more, strict=True)
        total = [max(0, s * (n - 1) + m + r + 1 - y) for n, y, s, r, m in rows]
        if auto == "SAME_UPPER":
            before = tuple(each // 2 for each in total)
        else:
            before = tuple(each - each // 2 for each in total)
    elif auto == "VALID":
        before = (0,) * rank
    else:
        before = tuple((given.get("pads") or (0,) * (2 * rank))[:rank])
    rows = zip(small, large, strides, window.reach, before, strict=True)
    after = tuple(s * (n - 1) + r + 1 - b - y for n, y, s, r, b in rows)
    return replace(window, before=before, after=after)
