"""Gradients of pooling: to the switch of a maximum, evenly under an average."""

import numpy as np

from engine.gradient.rules import rule
from engine.gradient.rules.windows import window_of


@rule("MaxPool")
def max_pool(back, node, gradients):
    """All of dy goes to the first maximum of its window, in the order of the file's rows.

    Switches are the second output of the forward pass's own MaxPool, so that ties are broken as
    ONNX Runtime and PyTorch break them: the first in row-major order. Where windows overlap, what
    they send to one place is added. Pools of 2 x 2 side by side, the most usual ones, need no
    switches (see `_by_taps`): a MaxPool that gives them is slow.
    """
    x, y = node.inputs[0], node.outputs[0]
    window = window_of(back, node, node.attributes["kernel_shape"])
    if window.tiles and window.kernel == (2, 2):
        return [_by_taps(back, x, y, gradients[0])]
    sizes, pooled = back.sizes(x), back.sizes(y)
    one, many = int(np.prod(sizes[1:])), int(np.prod(pooled[1:]))
    places = back.op("Mod", _switches(back, node), back.constant(one))
    places = back.reshape(places, (None, many))
    flat = back.reshape(gradients[0], (None, many))
    places = back.op("Expand", places, back.op("Shape", flat))
    batch = back.op("Shape", flat, start=0, end=1)
    shape = back.op("Concat", batch, back.constant([one]), axis=0)
    zeros = back.op("Expand", back.number(0, x), shape)
    reduction = None if window.is_apart else "add"
    scattered = back.op("ScatterElements", zeros, places, flat, axis=1, reduction=reduction)
    return [back.reshape(scattered, (None, *sizes[1:]))]


def _by_taps(back, x, y, gradient):
    """Each tap that equals the maximum takes what the taps before it have left.

    SpaceToDepth puts the four taps of all windows behind each other, ``[N, 4 C, rows, columns]``.
    """
    channels = back.sizes(x)[1]
    taps = back.op(
        "Split",
        back.op("SpaceToDepth", x, blocksize=2),
        back.constant([channels] * 4),
        outputs=4,
        axis=1,
    )
    zero, left, parts = back.number(0, x), gradient, []
    for tap in taps[:-1]:
        hit = back.op("Equal", tap, y)
        parts.append(back.op("Where", hit, left, zero))
        left = back.op("Where", hit, zero, left)
    stacked = back.op("Concat", *parts, left, axis=1)
    return back.op("DepthToSpace", stacked, blocksize=2, mode="DCR")


def _switches(back, node):
    """The places of the maxima in the flat input, counted over the whole batch."""
    given = node.attributes
    if given.get("storage_order", 0) == 0:
        return back.also(node, 1)
    given = {name: given[name] for name in given if name != "storage_order"}
    return back.op("MaxPool", node.inputs[0], outputs=2, **given)[1]


@rule("AveragePool")
def average_pool(back, node, gradients):
    """dx[i] = sum over the windows that cover i of dy[o] / count[o].

    ``count`` is the number of places under a window: inside the picture, or with
    ``count_include_pad`` inside picture and padding (never what a rounded-up size reads behind
    that).
    """
    x = node.inputs[0]
    window = window_of(back, node, node.attributes["kernel_shape"])
    counts = _counts(window, node.attributes.get("count_include_pad", 0))
    share = 1 / counts
    if np.ptp(share) == 0:
        share = share.reshape(-1)[:1].reshape((1,) * (2 + len(window.kernel)))
    scaled = back.op("Mul", gradients[0], back.number(share, x))
    return [spread(back, scaled, window, x)]


def _counts(window, include_pad):
    """Places that each window averages: ``[1, 1, *outputs]``."""
    counts = np.ones((1, 1))
    rows = zip(
        window.inputs,
        window.outputs,
        window.strides,
        window.dilations,
        window.kernel,
        window.before,
        window.after,
        strict=True,
    )
    for size, outputs, stride, dilation, kernel, before, after in rows:
        first = stride * np.arange(outputs)[:, None] - before
        places = first + dilation * np.arange(kernel)
        low, high = (-before, size + after) if include_pad else (0, size)
        inside = ((places >= low) & (places < high)).sum(1)
        counts = counts[..., None] * inside
    return np.maximum(counts, 1)


def spread(back, values, window, like):
    """Add every window's value to all places under it: ``[S, C, *outputs]`` to the inputs' size.

    Parameters
    ----------
    values : str
    window : Window
    like : str
        The forward tensor ``[N, C, *inputs]``.
    """
    channels, inputs = back.sizes(like)[1], window.inputs
    if window.tiles:
        scales = np.array([1, 1, *window.strides], np.float32)
        return back.op(
            "Resize",
            values,
            None,
            back.constant(scales),
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
    pads = window.flipped_pads()
    fits = all(p < k for p, k in zip(pads, window.kernel * 2, strict=True)) and min(pads) >= 0
    if set(window.strides) | set(window.dilations) == {1} and fits:
        mean = back.op(
            "AveragePool",
            values,
            kernel_shape=list(window.kernel),
            pads=pads,
            count_include_pad=1,
        )
        return back.op("Mul", mean, back.number(float(np.prod(window.kernel)), like))
    single = back.reshape(values, (None, 1, *window.outputs))
    ones = back.number(np.ones((1, 1, *window.kernel)), like)
    result = back.op("ConvTranspose", single, ones, **window.transposed())
    return back.reshape(result, (None, channels, *inputs))


@rule("GlobalAveragePool")
def global_average_pool(back, node, gradients):
    """Every place of P gets dy / P."""
    sizes = back.sizes(node.inputs[0])
    positions = sizes[2:]
    share = np.full((1, 1, *positions), 1 / max(1, int(np.prod(positions))))
    return [back.op("Mul", gradients[0], back.number(share, node.inputs[0]))]


@rule("GlobalMaxPool")
def global_max_pool(back, node, gradients):
    """All of dy goes to the first maximum of each map."""
    x = node.inputs[0]
    sizes = back.sizes(x)
    count = int(np.prod(sizes[2:]))
    flat = back.reshape(x, (None, sizes[1], count))
    best = back.op("ArgMax", flat, axis=2, keepdims=1, select_last_index=0)
    hit = back.op("Equal", back.constant(np.arange(count).reshape(1, 1, -1)), best)
    gradient = back.reshape(gradients[0], (None, sizes[1], 1))
    chosen = back.op("Where", hit, gradient, back.number(0, x))
    return [back.reshape(chosen, (None, *sizes[1:]))]


@rule("LpPool")
def lp_pool(back, node, gradients):
    """y = (sum |x|^p)^(1/p), so dx = sign(x) |x|^(p-1) times the sum of dy y^(1-p) over windows.

    Zero where y is zero.
    """
    x, y = node.inputs[0], node.outputs[0]
    power = node.attributes.get("p", 2)
    window = window_of(back, node, node.attributes["kernel_shape"])
    sent = back.op("Mul", gradients[0], _norm_slope(back, y, power))
    return [back.op("Mul", spread(back, sent, window, x), _power_slope(back, x, power))]


@rule("GlobalLpPool")
def global_lp_pool(back, node, gradients):
    """As LpPool, with one window over all positions."""
    x, y = node.inputs[0], node.outputs[0]
    power = node.attributes.get("p", 2)
    sent = back.op("Mul", gradients[0], _norm_slope(back, y, power))
    return [back.op("Mul", sent, _power_slope(back, x, power))]


def _norm_slope(back, y, power):
    """y^(1-p), zero where y is zero."""
    zero, one = back.number(0, y), back.number(1, y)
    positive = back.op("Greater", y, zero)
    safe = back.op("Where", positive, y, one)
    return back.op("Where", positive, back.op("Pow", safe, back.number(1 - power, y)), zero)


def _power_slope(back, x, power):
    """sign(x) |x|^(p-1)."""
    if power == 2:
        return x
    sign = back.op("Sign", x)
    if power == 1:
        return sign
    return back.op("Mul", sign, back.op("Pow", back.op("Abs", x), back.number(power - 1, x)))
