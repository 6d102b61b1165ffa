"""How receptive fields pass through operators that only move units: reshape, transpose, pad,
gather.

Each rule takes an `Operation` and returns the `Field` of every output, or a list with one for each.
"""

from fractions import Fraction
from math import prod

import numpy as np

from engine.network import receptive_field_bounds as of
from engine.network import receptive_field_tables as tables
from engine.network.receptive_field_bounds import Undetermined


def reshape(op):
    """Reshape, Flatten, Squeeze, Unsqueeze: the same units in the same order."""
    if op.node.op_type == "Reshape" and op.field(1) is not None:
        raise Undetermined("the new shape")
    return of.reshaped(op.field(), op.shape(), op.out_shape())


def transpose(op):
    """Transpose."""
    rank = len(op.shape())
    return of.transposed(op.field(), tuple(op.get("perm", reversed(range(rank)))))


def concat(op):
    """Concat, and QLinearConcat whose tensors come with scale and zero point."""
    quantised = op.node.op_type == "QLinearConcat"
    indices = range(2, len(op.node.inputs), 3) if quantised else range(len(op.node.inputs))
    rank = len(op.out_shape())
    axis = op.axis(1, rank)
    sizes = [op.shape(i)[axis] for i in indices]
    return of.joined_along([op.field(i) for i in indices], sizes, axis, rank)


def split(op):
    """Split."""
    axis = op.axis(0)
    size = op.shape()[axis]
    fields, start = [], 0
    for i, name in enumerate(op.node.outputs):
        if not name:
            raise Undetermined("a Split with an unnamed part")
        count = op.out_shape(i)[axis]
        table = tables.chosen(np.arange(start, start + count), Fraction(1))
        fields.append(of.window(op.field(), axis, size, table))
        start += count
    return fields


def slicing(op):
    """Slice."""
    shape = op.shape()
    starts, ends = (np.ravel(op.parameter(i, name)) for i, name in ((1, "starts"), (2, "ends")))
    axes, steps = op.parameter(3, "axes"), op.parameter(4)
    axes = range(len(starts)) if axes is None else [int(a) % len(shape) for a in np.ravel(axes)]
    steps = [1] * len(starts) if steps is None else [int(s) for s in np.ravel(steps)]
    field = op.field()
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        chosen = np.arange(shape[axis])[int(start) : int(end) : step]
        if chosen.size == 0:
            raise Undetermined("an empty slice")
        if chosen.size < shape[axis] or step != 1:
            table = tables.chosen(chosen, Fraction(step))
            field = of.window(field, axis, shape[axis], table)
    return field


def crop(op):
    """Crop (an operator of old exporters): a border off the last two axes, or a size from there."""
    left, top, right, bottom = (int(b) for b in op.get("border", (0, 0, 0, 0)))
    shape = op.shape()
    field = op.field()
    scale = op.get("scale")
    for axis, before, after in ((2, top, bottom), (3, left, right)):
        stop = before + int(scale[axis - 2]) if scale else shape[axis] - after
        table = tables.chosen(np.arange(before, min(stop, shape[axis])), Fraction(1))
        field = of.window(field, axis, shape[axis], table)
    return field


def tile(op):
    """Tile."""
    shape, out = op.shape(), op.out_shape()
    field = op.field()
    for axis, (size, count) in enumerate(zip(shape, out, strict=True)):
        if count != size and size > 1:
            table = tables.chosen(np.arange(count) % size)
            field = of.window(field, axis, size, table)
    return field


def gather(op):
    """Gather: chosen places along an axis; places that depend on the picture join all of them."""
    shape, out = op.shape(), op.out_shape()
    axis = op.axis(0)
    if op.field() is None:
        return _looked_up(op, axis, len(shape))
    places = op.parameter(1)
    chosen = np.ravel(places).astype(np.int64) % shape[axis]
    if chosen.size == 0:
        raise Undetermined("an empty gather")
    field = of.window(op.field(), axis, shape[axis], tables.chosen(chosen, _even_step(chosen)))
    middle = shape[:axis] + (chosen.size,) + shape[axis + 1 :]
    return of.reshaped(field, middle, out)


def _even_step(chosen):
    steps = np.unique(np.diff(chosen))
    return Fraction(int(steps[0])) if steps.size == 1 and steps[0] else None


def _looked_up(op, axis, rank):
    """A table of constants read at places that depend on the picture."""
    after = rank - axis - 1

    def one(bounds):
        extents = [4] + [1] * axis + list(bounds.values.shape[1:]) + [1] * after
        axes = frozenset(a + axis for a in bounds.axes)
        return of.Bounds(bounds.values.reshape(extents), axes, bounds.period, bounds.regular)

    return op.field(1).map(one)


def gather_elements(op):
    """GatherElements with constant places."""
    places = op.parameter(1).astype(np.int64)
    shape = op.shape()
    axis = op.axis(0)
    _within_memory(places.shape, shape)

    def one(bounds):
        full = np.broadcast_to(bounds.values, (4, *shape))
        values = np.take_along_axis(full, (places % shape[axis])[None], axis=axis + 1)
        return of.settled(
            of.Bounds(of.without_repeats(values, range(len(shape))), bounds.axes, bounds.period)
        )

    return op.field().map(one)


def scatter(op):
    """ScatterND and ScatterElements with constant places: units replaced (or added to) there."""
    places = op.parameter(1).astype(np.int64)
    shape = op.shape()
    _within_memory(shape)
    replaces = op.get("reduction", "none") == "none"
    fields = [op.field(0), op.field(2)]

    def one(data, updates):
        known = data if data is not None else updates
        full = _full(data, shape)
        new = _full(updates, op.shape(2))
        target, new = _targets(op, places, shape, new)
        if replaces:
            full[(slice(None), *target)] = new
        else:
            for row in range(4):
                np.minimum.at(full[row], target, new[row])
        axes = known.axes if data is not None else frozenset()
        return of.settled(
            of.Bounds(of.without_repeats(full, range(len(shape))), axes, known.period)
        )

    rows = one(*[f and f.rows for f in fields])
    cols = one(*[f and f.cols for f in fields])
    return of.Field(rows, cols, any(f is not None and f.is_loose for f in fields))


def _full(bounds, shape):
    if bounds is None:
        return np.full((4, *shape), of.NOTHING, dtype=np.int32)
    return np.broadcast_to(bounds.values, (4, *shape)).copy()


def _targets(op, places, shape, new):
    """Index arrays into the data, and the updates in their shape."""
    if op.node.op_type == "ScatterND":
        last = places.shape[-1]
        target = tuple(places[..., i] % shape[i] for i in range(last))
        return target, new
    axis = op.axis(0)
    target = list(np.indices(places.shape))
    target[axis] = places % shape[axis]
    return tuple(target), new


def _within_memory(*shapes):
    if any(prod(shape) > of.LARGEST for shape in shapes):
        raise Undetermined("a tensor too large to follow unit by unit")


def depth_to_space(op):
    """DepthToSpace: channels become positions inside a block."""
    n, c, h, w = op.shape()
    b = int(op.get("blocksize"))
    if op.get("mode", "DCR") == "CRD":
        inside, order = (n, c // (b * b), b, b, h, w), (0, 1, 4, 2, 5, 3)
    else:
        inside, order = (n, b, b, c // (b * b), h, w), (0, 3, 4, 1, 5, 2)
    field = of.reshaped(op.field(), op.shape(), inside)
    field = of.transposed(field, order)
    turned = tuple(inside[axis] for axis in order)
    return of.reshaped(field, turned, op.out_shape())


def space_to_depth(op):
    """SpaceToDepth: positions inside a block become channels."""
    n, c, h, w = op.shape()
    b = int(op.get("blocksize"))
    inside, order = (n, c, h // b, b, w // b, b), (0, 3, 5, 1, 2, 4)
    field = of.reshaped(op.field(), op.shape(), inside)
    field = of.transposed(field, order)
    turned = tuple(inside[axis] for axis in order)
    field = of.reshaped(field, turned, op.out_shape())
    return of.Field(_along(field.rows, 2), _along(field.cols, 3), field.is_loose)


def _along(bounds, axis):
    """The bounds with positions along one axis only: what lay inside a block is channels now."""
    axes = bounds.axes & {axis}
    return of.settled(of.Bounds(bounds.values, axes, bounds.period))


def padding(op):
    """Pad: constant, edge, reflect, wrap; negative numbers crop."""
    shape = op.shape()
    pads = op.parameter(1, "pads")
    if pads is None:
        pads = op.get("paddings")
    if pads is None:
        raise Undetermined("the pads")
    axes = op.parameter(3)
    axes = range(len(shape)) if axes is None else [int(a) % len(shape) for a in axes]
    pads = [int(p) for p in np.ravel(pads)]
    field, mode = op.field(), op.get("mode", "constant")
    for i, axis in enumerate(axes):
        before, after = pads[i], pads[i + len(axes)]
        if before or after:
            table = tables.padded(shape[axis], before, after, mode)
            field = of.window(field, axis, shape[axis], table)
    return field
