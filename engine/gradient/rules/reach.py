"""What rules of several families need: a node's axes, gradients spread over axes, selections."""

import numpy as np

from engine.errors import InputError
from engine.network.fold import evaluate


def cannot(back, node, why):
    """The error for a node whose operator has a rule, but not in this form."""
    return InputError(
        f"no gradient passes through {node.op_type} (node {node.name or node.outputs[0]!r}): {why}",
        where=back.graph.path,
        remedy="occlusion needs no gradients; gradients of layers after that node work",
    )


def whole_numbers(back, node, place, attribute=None):
    """Whole numbers that a node takes as an attribute or as a constant input.

    Parameters
    ----------
    back : engine.gradient.backward.Backward
    node : engine.network.graph.Node
    place : int
        Of the input.
    attribute : str, optional

    Returns
    -------
    list of int, or None where the node has neither

    Raises
    ------
    InputError
        Where the network computes them.
    """
    if attribute in node.attributes:
        return [int(value) for value in np.atleast_1d(node.attributes[attribute])]
    name = node.input(place)
    if not name:
        return None
    value = settled(back, name)
    if value is None:
        raise cannot(back, node, f"its input {name!r} is computed by the network")
    return [int(each) for each in np.atleast_1d(value)]


def settled(back, name):
    """A tensor's value where it follows from constants and shapes alone, whatever the batch.

    Returns
    -------
    ndarray or None
    """
    value = back.constant_of(name)
    if value is not None:
        return value
    first, second = (_of_shapes(back, name, batch, {}) for batch in (1, 2))
    same = first is not None and second is not None and np.array_equal(first, second)
    return first if same else None


def _of_shapes(back, name, batch, known):
    """As `settled`, with so many times the forward pass's batch."""
    if name not in known:
        known[name] = back.constant_of(name)
        node = back.graph.producer.get(name)
        if known[name] is None and node is not None:
            known[name] = _worked_out(back, node, batch, known)
    return known[name]


def _worked_out(back, node, batch, known):
    if node.op_type in ("Shape", "Size"):
        of = node.inputs[0]
        sizes = zip(back.shape(of), back.sizes(of), strict=True)
        sizes = np.array([n if size is not None else n * batch for size, n in sizes], np.int64)
        if node.op_type == "Size":
            return np.asarray(sizes.prod())
        return sizes[node.attributes.get("start", 0) : node.attributes.get("end")]
    operands = [_of_shapes(back, each, batch, known) if each else None for each in node.inputs]
    if any(value is None and each for value, each in zip(operands, node.inputs, strict=True)):
        return None
    return evaluate(node, operands, MOST)


MOST = 4096
"""Elements of what is worked out from shapes."""


def counted(axes, rank):
    """Axes counted from 0, in order."""
    return sorted(axis % rank for axis in axes)


def spread(back, gradient, like, axes):
    """Repeat a gradient, of size 1 along axes, to the shape of a forward tensor.

    Its batch stays as it is (several seeds), unless the batch is among the axes.
    """
    if not len(axes):
        return gradient
    shape, batch = back.shape(like), back.batch_axis(like)
    if batch in axes:
        return back.op("Expand", gradient, back.op("Shape", like))
    sizes = [1 if size is None else size for size in shape]
    return back.op("Expand", gradient, back.constant(np.array(sizes, np.int64)))


def with_ones(back, gradient, like, axes):
    """Give a gradient that lost axes these again, with size 1."""
    shape = [1 if i in axes else size for i, size in enumerate(back.shape(like))]
    return back.reshape(gradient, shape)


def count(back, name, axes):
    """How many elements of a forward tensor lie along axes, as a scalar of its dtype."""
    shape = back.shape(name)
    if all(shape[axis] is not None for axis in axes):
        return back.number(int(np.prod([shape[axis] for axis in axes], dtype=np.int64)), name)
    sizes = back.op("Gather", back.op("Shape", name), back.constant(list(axes)))
    product = back.op("ReduceProd", sizes, keepdims=0)
    return back.op("Cast", product, to=dtype_code(back.dtype(name)))


def dtype_code(dtype):
    """ONNX's number of a dtype's NumPy name."""
    from onnx import TensorProto, helper

    if dtype == "bfloat16":
        return TensorProto.BFLOAT16
    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))


def along(back, gradient, matrix, axis, rank):
    """A linear map of one axis, transposed: dx[.., i, ..] = sum over o of m[o, i] dy[.., o, ..].

    Parameters
    ----------
    gradient, matrix : str
        ``matrix`` is [outputs, inputs].
    axis, rank : int
        The axis, counted from 0, of how many.
    """
    if axis == rank - 1:
        return back.op("MatMul", gradient, matrix)
    if axis == rank - 2:
        return back.op("MatMul", back.op("Transpose", matrix, perm=[1, 0]), gradient)
    swapped = list(range(rank))
    swapped[axis], swapped[-1] = swapped[-1], swapped[axis]
    last = back.op("Transpose", gradient, perm=swapped)
    return back.op("Transpose", back.op("MatMul", last, matrix), perm=swapped)


def zeros(back, like, gradient, of):
    """Zeros of the shape of a forward tensor, its batch as large as that of a gradient.

    Parameters
    ----------
    like : str
        The forward tensor.
    gradient, of : str
        A gradient, and the forward tensor that it is the gradient of.
    """
    return back.op("Expand", back.number(0, like), shape_for(back, like, gradient, of))


def shape_for(back, like, gradient, of):
    """The shape of a forward tensor as int64, its batch as large as that of a gradient."""
    shape, batch = back.sizes(like), back.batch_axis(like)
    if batch is None:
        return back.constant(np.array(shape, np.int64))
    there = back.batch_axis(of)
    if there is None:
        return back.op("Shape", like)
    size = back.op("Shape", gradient, start=there, end=there + 1)
    ours, theirs = shape[batch], back.sizes(of)[there]
    if ours != theirs:
        size = back.op("Mul", size, back.constant([ours]))
        size = back.op("Div", size, back.constant([theirs]))
    parts = [size]
    if batch:
        parts.insert(0, back.constant(list(shape[:batch])))
    if batch + 1 < len(shape):
        parts.append(back.constant(list(shape[batch + 1 :])))
    return parts[0] if len(parts) == 1 else back.op("Concat", *parts, axis=0)
