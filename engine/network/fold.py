"""Work out constants that a file computes from constants: dequantised, cast or reshaped weights.

Only operators that exporters put between a weight and its use are here. Anything else stays
unknown (None) and is asked of ONNX Runtime in the child process where it matters.
"""

import math

import numpy as np

_UNARY = {
    "Identity": lambda x: x,
    "Dropout": lambda x: x,
    "Neg": np.negative,
    "Sqrt": np.sqrt,
    "Exp": np.exp,
    "Log": np.log,
    "Abs": np.abs,
    "Reciprocal": lambda x: (1 / x).astype(x.dtype),
    "Floor": np.floor,
    "Ceil": np.ceil,
    "Round": np.rint,
    "Not": np.logical_not,
}

_BINARY = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Pow": np.power,
    "Max": np.maximum,
    "Min": np.minimum,
    "Equal": np.equal,
}


def evaluate(node, operands, limit):
    """Compute the first output of a node from constant operands.

    Parameters
    ----------
    node : engine.network.graph.Node
    operands : list of (ndarray or None)
        One for each input; None for an absent one.
    limit : int
        Most elements of the result.

    Returns
    -------
    ndarray or None
        None when the operator is not folded here, the operands do not fit it, or the result would
        be larger than ``limit``.
    """
    if node.domain not in ("", "com.microsoft"):
        return None
    rule = _RULES.get(node.op_type)
    unary, binary = _UNARY.get(node.op_type), _BINARY.get(node.op_type)
    try:
        with np.errstate(all="ignore"):
            if unary is not None:
                value = unary(operands[0])
            elif binary is not None and len(operands) == 2:
                if _too_large(np.broadcast_shapes(operands[0].shape, operands[1].shape), limit):
                    return None
                value = binary(operands[0], operands[1])
            elif rule is not None:
                value = rule(node, operands, limit)
            else:
                return None
    except (ValueError, TypeError, IndexError, KeyError, OverflowError, ZeroDivisionError):
        return None  # the operands do not fit the operator: ONNX Runtime will say so
    return None if value is None else np.asarray(value).view()


def _too_large(shape, limit):
    return math.prod(int(size) for size in shape) > limit


def _constant(node, operands, limit):
    for name in ("value", "value_float", "value_int", "value_floats", "value_ints"):
        if name in node.attributes:
            value = node.attributes[name]
            kind = np.float32 if "float" in name else np.int64
            return value if name == "value" else np.asarray(value, kind)
    return None


def _constant_of_shape(node, operands, limit):
    shape = tuple(int(size) for size in operands[0].ravel())
    if any(size < 0 for size in shape) or _too_large(shape, limit):
        return None
    fill = node.attributes.get("value", np.zeros(1, np.float32))
    return np.broadcast_to(fill.reshape(()), shape)


def _cast(node, operands, limit):
    from engine.network.tensors import dtype_name

    name = dtype_name(node.attributes["to"])
    return operands[0].astype(np.dtype(name)) if name not in ("str", "bfloat16") else None


def _along(vector, shape, axis, block):
    """Spread a scale or zero point of one axis (or of blocks along it) over an array's shape."""
    if vector.ndim == 0 or vector.size == 1:
        return vector.reshape(())
    if block:
        return np.repeat(vector, block, axis=axis).take(np.arange(shape[axis]), axis=axis)
    return vector.reshape([-1 if i == axis % len(shape) else 1 for i in range(len(shape))])


def dequantize(values, scale, zero_point=None, axis=1, block=0):
    """(values - zero point) x scale, as DequantizeLinear does it.

    Parameters
    ----------
    values : integer[...]
    scale : float[] or float[n] or float[...]
        Per tensor, per slice along ``axis``, or per ``block`` values along it.
    zero_point : integer, same shape as ``scale``, optional

    Returns
    -------
    float[...], of the scale's dtype
    """
    wide = values.astype(np.int32 if values.dtype.itemsize < 4 else np.int64)
    if zero_point is not None:
        wide = wide - _along(zero_point, values.shape, axis, block).astype(wide.dtype)
    spread = _along(scale, values.shape, axis, block)
    return (wide.astype(np.float32) * spread).astype(scale.dtype)


def _dequantize_linear(node, operands, limit):
    zero = operands[2] if len(operands) > 2 else None
    if operands[0].dtype.kind not in "iu" or operands[0].dtype.kind == "V":
        return None
    return dequantize(
        operands[0],
        operands[1],
        zero,
        node.attributes.get("axis", 1),
        node.attributes.get("block_size", 0),
    )


def _quantize_linear(node, operands, limit):
    x, scale = operands[0], operands[1]
    zero = operands[2] if len(operands) > 2 and operands[2] is not None else np.uint8(0)
    zero = np.asarray(zero)
    if zero.dtype.kind not in "iu":
        return None
    axis, block = node.attributes.get("axis", 1), node.attributes.get("block_size", 0)
    level = np.rint(x / _along(scale, x.shape, axis, block))
    level = level + _along(zero, x.shape, axis, block)
    bounds = np.iinfo(zero.dtype)
    return np.clip(level, bounds.min, bounds.max).astype(zero.dtype)


def _div(node, operands, limit):
    a, b = operands
    if a.dtype.kind in "iu":
        return (np.sign(a) * np.sign(b) * (np.abs(a) // np.abs(b))).astype(a.dtype)
    return a / b


def _mod(node, operands, limit):
    return (np.fmod if node.attributes.get("fmod", 0) else np.mod)(*operands)


def _reshape(node, operands, limit):
    x = operands[0]
    wanted = operands[1].ravel().tolist() if len(operands) > 1 else list(node.attributes["shape"])
    if not node.attributes.get("allowzero", 0):
        wanted = [x.shape[i] if size == 0 else size for i, size in enumerate(wanted)]
    return x.reshape(wanted)


def _transpose(node, operands, limit):
    return operands[0].transpose(node.attributes.get("perm"))


def _axes(node, operands):
    if len(operands) > 1 and operands[1] is not None:
        return tuple(operands[1].ravel().tolist())
    axes = node.attributes.get("axes")
    return None if axes is None else tuple(axes)


def _squeeze(node, operands, limit):
    return np.squeeze(operands[0], _axes(node, operands))


def _unsqueeze(node, operands, limit):
    return np.expand_dims(operands[0], _axes(node, operands))


def _flatten(node, operands, limit):
    x, axis = operands[0], node.attributes.get("axis", 1)
    axis = axis + x.ndim if axis < 0 else axis
    return x.reshape(math.prod(x.shape[:axis]), -1)


def _concat(node, operands, limit):
    if sum(each.size for each in operands) > limit:
        return None
    return np.concatenate(operands, node.attributes["axis"])


def _gather(node, operands, limit):
    axis = node.attributes.get("axis", 0)
    size = operands[0].size // max(1, operands[0].shape[axis]) * operands[1].size
    return None if size > limit else np.take(operands[0], operands[1], axis)


def _slice(node, operands, limit):
    x = operands[0]
    if len(operands) > 2:
        starts, ends = operands[1].tolist(), operands[2].tolist()
        axes = operands[3].tolist() if len(operands) > 3 and operands[3] is not None else None
        steps = operands[4].tolist() if len(operands) > 4 and operands[4] is not None else None
    else:
        starts, ends, axes, steps = node.attributes["starts"], node.attributes["ends"], None, None
        axes = node.attributes.get("axes")
    axes = range(len(starts)) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    index = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        if step < 0 and end < -x.shape[axis]:
            end = None
        index[axis] = slice(start, end, step)
    return x[tuple(index)]


def _shape(node, operands, limit):
    shape = operands[0].shape
    return np.array(shape[node.attributes.get("start", 0) : node.attributes.get("end")], np.int64)


def _expand(node, operands, limit):
    shape = np.broadcast_shapes(operands[0].shape, tuple(operands[1].tolist()))
    return None if _too_large(shape, limit) else np.broadcast_to(operands[0], shape)


def _range(node, operands, limit):
    start, stop, step = (each.item() for each in operands)
    if (stop - start) / step > limit:
        return None
    return np.arange(start, stop, step, operands[0].dtype)


def _where(node, operands, limit):
    shape = np.broadcast_shapes(*(each.shape for each in operands))
    return None if _too_large(shape, limit) else np.where(*operands)


_RULES = {
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Cast": _cast,
    "DequantizeLinear": _dequantize_linear,
    "QuantizeLinear": _quantize_linear,
    "Div": _div,
    "Mod": _mod,
    "Reshape": _reshape,
    "Transpose": _transpose,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Flatten": _flatten,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
    "Shape": _shape,
    "Size": lambda node, operands, limit: np.int64(operands[0].size),
    "Expand": _expand,
    "Range": _range,
    "Where": _where,
}
