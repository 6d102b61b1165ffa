"""Gradients of operators that pick elements: dy goes to where they were, summed where one was
picked more than once."""

import numpy as np

from engine.gradient.rules import rule
from engine.gradient.rules.movement import widened
from engine.gradient.rules.reach import (
    along,
    cannot,
    counted,
    settled,
    shape_for,
    whole_numbers,
    zeros,
)

MOST = 1 << 22
"""Elements of a matrix that picks; what would be larger is scattered."""


@rule("Slice")
def cut(back, node, gradients):
    """A part of each axis: zeros around dy, and between it where the step is not 1."""
    x = node.inputs[0]
    shape, rank = back.sizes(x), len(back.shape(x))
    starts, ends = (whole_numbers(back, node, i, n) for i, n in ((1, "starts"), (2, "ends")))
    axes = whole_numbers(back, node, 3, "axes") or list(range(len(starts)))
    steps = whole_numbers(back, node, 4, "steps") or [1] * len(starts)
    dy, places = gradients[0], {}
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        axis %= rank
        if back.shape(x)[axis] is None:
            if (start, step) != (0, 1) or end < np.iinfo(np.int32).max:
                raise cannot(back, node, "it picks samples")
            continue
        kept = range(*slice(start, _end(end, step, shape[axis]), step).indices(shape[axis]))
        if kept.step < 0:
            dy = _reversed(back, dy, axis)
            kept = kept[::-1]
        if kept.step > 1 and len(kept) > 1:
            dy = _stretched(back, dy, node.outputs[0], axis, kept.step, places)
        length = (len(kept) - 1) * kept.step + 1 if kept else 0
        places[axis] = (kept.start if kept else 0, length)
    return [widened(back, dy, x, places)]


def _end(end, step, size):
    """ONNX's end as Python's: one that lies before the first element stops after it."""
    return None if step < 0 and end < -size else end


def _reversed(back, gradient, axis):
    words = [[-1], [-(1 << 62)], [axis], [-1]]
    return back.op("Slice", gradient, *(back.constant(each) for each in words))


def _stretched(back, gradient, of, axis, step, places):
    """Put step - 1 zeros between the elements of an axis.

    ``places`` has the axes that were stretched before, whose sizes are no longer those of the
    forward tensor ``of``.
    """
    shape = list(back.shape(of))
    for other, (_, length) in places.items():
        shape[other] = length
    size = shape[axis]
    apart = back.reshape(gradient, (*shape[:axis], size, 1, *shape[axis + 1 :]))
    pads = [0] * (2 * len(shape) + 2)
    pads[len(shape) + 1 + axis + 1] = step - 1
    padded = back.op("Pad", apart, back.constant(pads))
    joined = back.reshape(padded, (*shape[:axis], size * step, *shape[axis + 1 :]))
    words = [[0], [(size - 1) * step + 1], [axis]]
    return back.op("Slice", joined, *(back.constant(each) for each in words))


@rule("Gather")
def gather(back, node, gradients):
    """y[.., j, ..] = x[.., i_j, ..]: dx_i sums dy_j over all j that took i."""
    x, indices = node.inputs
    shape, rank = back.shape(x), len(back.shape(x))
    axis = node.attributes.get("axis", 0) % rank
    size = back.sizes(x)[axis]
    if shape[axis] is None:
        raise cannot(back, node, "it picks samples")
    picked = int(np.prod(back.sizes(indices), dtype=np.int64))
    flat = (*shape[:axis], picked, *shape[axis + 1 :])
    value = settled(back, indices)
    if value is None:
        return [_scattered(back, node, gradients[0], axis, flat)]
    dy = back.reshape(gradients[0], flat)
    places = value.reshape(-1) % max(size, 1)
    if picked and np.array_equal(places, places[0] + np.arange(picked)):
        return [widened(back, dy, x, {axis: (int(places[0]), picked)})]
    if picked * size > MOST:
        return [_scattered(back, node, gradients[0], axis, flat)]
    matrix = np.zeros((picked, size))
    matrix[np.arange(picked), places] = 1
    return [along(back, dy, back.number(matrix, x), axis, rank)]


def _scattered(back, node, gradient, axis, flat):
    """The gradient of a Gather, by adding up at the indices."""
    x, indices = node.inputs
    if back.batch_axis(indices) is not None:
        if None in flat:
            raise cannot(back, node, "each sample picks something else")
        flat = (*flat[:axis], None, *flat[axis + 1 :])
    dy = back.reshape(gradient, flat)
    ones = [1] * len(flat)
    ones[axis] = -1
    places = back.op("Reshape", back.forward(indices), back.constant(ones))
    places = back.op("Expand", places, back.op("Shape", dy))
    target = zeros(back, x, gradient, node.outputs[0])
    return back.op("ScatterElements", target, places, dy, axis=axis, reduction="add")


@rule("GatherElements")
def gather_elements(back, node, gradients):
    """y[j] = x[.., i_j, ..], element by element: dx sums dy over all j that took i."""
    x, indices = node.inputs
    return [_added(back, node, gradients[0], x, node.outputs[0], back.forward(indices))]


@rule("TopK")
def largest(back, node, gradients):
    """The k largest (smallest), and where they were: dy goes there."""
    places = back.forward(node.outputs[1])
    if gradients[0] is None:
        return [None]
    return [_added(back, node, gradients[0], node.inputs[0], node.outputs[0], places)]


def _added(back, node, gradient, x, y, places):
    if back.batch_axis(x) is None and back.batch_axis(y) is not None:
        raise cannot(back, node, "each sample picks something else of a constant")
    axis = node.attributes.get("axis", -1 if node.op_type == "TopK" else 0)
    target = zeros(back, x, gradient, y)
    places = back.op("Expand", places, shape_for(back, y, gradient, y))
    return back.op("ScatterElements", target, places, gradient, axis=axis, reduction="add")


@rule("GatherND")
def gather_nd(back, node, gradients):
    """Elements or blocks at index tuples: dx sums dy at the same tuples."""
    if node.attributes.get("batch_dims", 0):
        raise cannot(back, node, "it has batch_dims")
    x, indices = node.inputs
    target = back.op("Expand", back.number(0, x), back.op("Shape", back.forward(x)))
    places = back.forward(indices)
    return [back.op("ScatterND", target, places, gradients[0], reduction="add")]


@rule("ScatterElements")
def scatter_elements(back, node, gradients):
    """y is x, with updates put in (or added) at places: these take dy there, x takes the rest."""
    x, _, updates = node.inputs
    how, axis = node.attributes.get("reduction", "none"), node.attributes.get("axis", 0)
    if how not in ("none", "add"):
        raise cannot(back, node, f"its reduction is {how}")
    dy, y = gradients[0], node.outputs[0]
    places = back.op("Expand", node.inputs[1], shape_for(back, updates, dy, y))
    found = [None, None, None]
    if back.wants(x):
        found[0] = dy
        if how == "none":
            nothing = zeros(back, updates, dy, y)
            found[0] = back.op("ScatterElements", dy, places, nothing, axis=axis)
    if back.wants(updates):
        found[2] = back.op("GatherElements", dy, places, axis=axis)
    return found


@rule("ScatterND")
def scatter_nd(back, node, gradients):
    """y is x, with updates put in (or added) at index tuples: these take dy there, x the rest.

    The tuples name samples too, so gradients of updates need a forward pass for every seed.
    """
    x, indices, updates = node.inputs
    how = node.attributes.get("reduction", "none")
    if how not in ("none", "add"):
        raise cannot(back, node, f"its reduction is {how}")
    dy, places = gradients[0], back.forward(indices)
    found = [None, None, None]
    if back.wants(x):
        found[0] = back.op("Mul", dy, _kept(back, x, places, updates)) if how == "none" else dy
    if back.wants(updates):
        found[2] = back.op("GatherND", dy, places)
    return found


def _kept(back, x, places, updates):
    """1 where nothing was put in, else 0."""
    ones = back.op("Expand", back.number(1, x), back.op("Shape", back.forward(x)))
    nothing = back.op("Expand", back.number(0, x), back.op("Shape", back.forward(updates)))
    return back.op("ScatterND", ones, places, nothing)


@rule("MaxUnpool")
def max_unpool(back, node, gradients):
    """Values put at the places of a pool's maxima: each takes dy there."""
    x, places, y = node.inputs[0], back.forward(node.inputs[1]), node.outputs[0]
    one, many = (int(np.prod(back.sizes(name)[1:])) for name in (y, x))
    places = back.reshape(back.op("Mod", places, back.constant(one)), (None, many))
    flat = back.reshape(gradients[0], (None, one))
    batch = back.op("Shape", flat, start=0, end=1)
    shape = back.op("Concat", batch, back.constant([many]), axis=0)
    taken = back.op("GatherElements", flat, back.op("Expand", places, shape), axis=1)
    return [back.reshape(taken, back.shape(x))]


@rule("Compress")
def compress(back, node, gradients):
    """Elements where a condition holds: dy goes there."""
    axis = node.attributes.get("axis")
    kept = settled(back, node.inputs[1])
    if kept is None or axis is None:
        raise cannot(back, node, "what it keeps depends on the data")
    x = node.inputs[0]
    axis = counted([axis], len(back.shape(x)))[0]
    matrix = np.eye(back.sizes(x)[axis])[np.flatnonzero(kept)]
    return [along(back, gradients[0], back.number(matrix, x), axis, len(back.shape(x)))]
