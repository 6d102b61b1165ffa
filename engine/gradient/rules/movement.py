"""Gradients of operators that only move values: the gradient moves back."""

import numpy as np

from engine.gradient.rules import rule
from engine.gradient.rules.reach import cannot, dtype_code


@rule("Identity")
def identity(back, node, gradients):
    """y = x, so dx = dy."""
    return [gradients[0]]


@rule("Dropout")
def dropout(back, node, gradients):
    """As in inference, y = x, so dx = dy."""
    name = node.input(2)
    if name:
        training = back.constant_of(name)
        if training is None or bool(np.all(training)):
            raise cannot(back, node, "it is in training mode; export the network for inference")
    return [gradients[0]]


@rule("Cast", "CastLike")
def cast(back, node, gradients):
    """Between floats y = x, so dx = dy, in the dtype of x; rounding counts as none."""
    x, y = node.inputs[0], node.outputs[0]
    if back.dtype(x) == back.dtype(y):
        return [gradients[0]]
    return [back.op("Cast", gradients[0], to=dtype_code(back.dtype(x)))]


@rule("Reshape", "Flatten", "Squeeze", "Unsqueeze")
def reshape(back, node, gradients):
    """The same values in another shape: dx is dy in the shape of x."""
    return [back.reshape(gradients[0], back.shape(node.inputs[0]))]


@rule("Transpose")
def transpose(back, node, gradients):
    """Axes in another order: dx is dy with the order undone."""
    rank = len(back.shape(node.inputs[0]))
    perm = node.attributes.get("perm", tuple(reversed(range(rank))))
    return [back.op("Transpose", gradients[0], perm=[int(i) for i in np.argsort(perm)])]


@rule("Expand")
def expand(back, node, gradients):
    """Values repeated by broadcasting: dx sums over the copies."""
    return [back.unbroadcast(gradients[0], node.outputs[0], node.inputs[0])]


@rule("Tile")
def tile(back, node, gradients):
    """The whole repeated r times along each axis: dx sums over the copies."""
    x, y = node.inputs[0], node.outputs[0]
    apart, summed = [], []
    for axis, (inner, outer) in enumerate(zip(back.sizes(x), back.sizes(y), strict=True)):
        if outer != inner:
            if back.shape(x)[axis] is None:
                raise cannot(back, node, "it repeats the batch")
            summed.append(len(apart))
            apart.append(outer // inner if inner else 1)
        apart.append(back.shape(x)[axis])
    if not summed:
        return [gradients[0]]
    return [back.reduce_sum(back.reshape(gradients[0], apart), summed, keepdims=False)]


@rule("Concat")
def concat(back, node, gradients):
    """Tensors side by side: each takes its part of dy."""
    axis = node.attributes["axis"] % len(back.shape(node.outputs[0]))
    if back.shape(node.outputs[0])[axis] is None:
        raise cannot(back, node, "it joins samples")
    ends = np.cumsum([back.sizes(name)[axis] for name in node.inputs])
    starts = [0, *ends[:-1]]
    found = []
    for name, start, end in zip(node.inputs, starts, ends, strict=True):
        words = [back.constant([int(value)]) for value in (start, end, axis)]
        found.append(back.op("Slice", gradients[0], *words) if back.wants(name) else None)
    return found


@rule("Split")
def split(back, node, gradients):
    """Parts of a tensor: dx has their gradients side by side, zeros for those that got none."""
    x = node.inputs[0]
    axis = node.attributes.get("axis", 0) % len(back.shape(x))
    if back.shape(x)[axis] is None:
        raise cannot(back, node, "it parts samples")
    if all(gradient is not None for gradient in gradients):
        return [back.op("Concat", *gradients, axis=axis)]
    start, padded = 0, []
    for name, gradient in zip(node.outputs, gradients, strict=True):
        size = back.sizes(name)[axis]
        if gradient is not None:
            padded.append(widened(back, gradient, x, {axis: (start, size)}))
        start += size
    return [back.sum(padded)]


def widened(back, gradient, like, places):
    """Zeros around a gradient, so that it has the shape of a forward tensor.

    Parameters
    ----------
    places : dict of int to (int, int)
        By axis: where it starts, and its length.
    """
    sizes = back.sizes(like)
    before, after = [0] * len(sizes), [0] * len(sizes)
    for axis, (start, length) in places.items():
        before[axis], after[axis] = start, sizes[axis] - start - length
    if not any(before) and not any(after):
        return gradient
    return back.op("Pad", gradient, back.constant([int(each) for each in before + after]))


@rule("DepthToSpace")
def depth_to_space(back, node, gradients):
    """Channels laid out as blocks of positions: dx gathers the blocks again."""
    size = node.attributes["blocksize"]
    if node.attributes.get("mode", "DCR") == "DCR":
        return [back.op("SpaceToDepth", gradients[0], blocksize=size)]
    batch, channels, height, width = back.shape(node.inputs[0])
    channels //= size * size
    blocks = back.reshape(gradients[0], (batch, channels, height, size, width, size))
    turned = back.op("Transpose", blocks, perm=[0, 1, 3, 5, 2, 4])
    return [back.reshape(turned, back.shape(node.inputs[0]))]


@rule("SpaceToDepth")
def space_to_depth(back, node, gradients):
    """Blocks of positions laid out as channels: dx puts them back."""
    size = node.attributes["blocksize"]
    return [back.op("DepthToSpace", gradients[0], blocksize=size, mode="DCR")]


@rule("Trilu")
def triangle(back, node, gradients):
    """Zero outside a triangle: dy inside it."""
    upper = node.attributes.get("upper", 1)
    return [back.op("Trilu", gradients[0], node.input(1) or None, upper=upper)]


@rule("CumSum")
def running_sum(back, node, gradients):
    """y_i = sum of x_j, j <= i: dx is the running sum of dy from the other end."""
    attributes = node.attributes
    return [
        back.op(
            "CumSum",
            gradients[0],
            back.forward(node.inputs[1]),
            exclusive=attributes.get("exclusive", 0),
            reverse=1 - attributes.get("reverse", 0),
        )
    ]
