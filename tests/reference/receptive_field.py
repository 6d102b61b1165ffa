"""Receptive fields found slowly: light one line of the picture and see which units change.

The network is run by ONNX Runtime after everything in it has been made linear and positive in a
way that keeps what depends on what: weights positive, no biases, activation functions gone,
products and normalisations replaced by sums over the same units. Then a unit is not zero exactly
when it depends on a lit pixel; nothing cancels.
"""

from itertools import chain as chained

import numpy as np
import onnx
from onnx import helper, numpy_helper

ELEMENTWISE = set(
    "Relu LeakyRelu PRelu Sigmoid Tanh HardSwish HardSigmoid Clip Elu Erf Softplus Dropout Cast "
    "BatchNormalization QuantizeLinear DequantizeLinear Sqrt Exp Log Abs Neg Identity Gelu Pow "
    "Reciprocal Affine ImageScaler LRN".split()
)
JOINS = set("Add Sub Mul Div Sum Mean Max Min Where".split())
REDUCTIONS = set("ReduceMean ReduceSum ReduceMax ReduceMin ReduceL2 ReduceSumSquare".split())


def all_tensors(model, feeds):
    """Values of every float and integer tensor of a model on one input."""
    import onnxruntime

    names = [name for node in model.graph.node for name in node.output if name]
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    del exposed.graph.output[:]
    exposed.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(exposed.SerializeToString(), options)
    return session, dict(zip(names, session.run(None, feeds), strict=True))


def positive_copy(model, shapes, constants, seed=0):
    """The model made linear and positive, every tensor's name kept.

    Parameters
    ----------
    model : onnx.ModelProto
    shapes : dict of str to tuple
        Shape of every tensor.
    constants : set of str
        Tensors that depend on no pixel (weights, shapes).
    """
    random = np.random.default_rng(seed)
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    del copy.graph.node[:]
    added = {}
    floats = {t.name for t in model.graph.initializer if t.data_type == onnx.TensorProto.FLOAT}
    floats |= {name for node in model.graph.node for name in node.output}

    def zero(name):
        values = np.zeros(shapes[name], np.float32)
        added[f"zero_{name}"] = numpy_helper.from_array(values, f"zero_{name}")
        return f"zero_{name}"

    def positive(shape):
        name = f"positive_{len(added)}"
        values = (random.uniform(0.5, 1.5, shape) / np.prod(shape[1:])).astype(np.float32)
        added[name] = numpy_helper.from_array(values, name)
        return name

    def axes_tensor(axes):
        name = f"axes_{len(added)}"
        added[name] = numpy_helper.from_array(np.array(axes, np.int64), name)
        return name

    opset = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
    for node in model.graph.node:
        if all(name in constants for name in node.output):
            copy.graph.node.append(node)
            continue
        made = _linear(node, shapes, constants, opset, positive, axes_tensor)
        if node.op_type in ("Concat", "Expand"):  # constants among units would hide what is faint
            for i, name in enumerate(node.input):
                if name in constants and name in floats and (i == 0 or node.op_type == "Concat"):
                    made[0].input[i] = zero(name)
        copy.graph.node.extend(made)
    copy.graph.initializer.extend(added.values())
    for name in added:
        if copy.ir_version < 4:
            tensor = added[name]
            copy.graph.input.append(
                helper.make_tensor_value_info(name, tensor.data_type, tensor.dims)
            )
    return copy


def _linear(node, shapes, constants, opset, positive, axes_tensor):
    """Nodes that depend on the same units as `node`, linear and positive."""
    kind, out = node.op_type, node.output[0]
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    computed = [name for name in node.input if name and name not in constants]
    if kind in ("Conv", "ConvTranspose"):
        weights = positive(shapes[node.input[1]])
        made = helper.make_node(kind, [node.input[0], weights], [out])
        made.attribute.extend(node.attribute)
        return [made]
    if kind in ("Gemm", "MatMul"):
        return _product(node, attributes, shapes, constants, positive)
    if kind in ELEMENTWISE and len(computed) == 1:
        return _same_shape(computed[0], out, shapes)
    if kind in JOINS:
        if len(computed) == 1:
            return _same_shape(computed[0], out, shapes)
        return [helper.make_node("Sum", computed, [out])]
    rank = len(shapes[node.input[0]])
    if kind in REDUCTIONS:
        return [_reduce_like(node, attributes, out)]
    if kind in ("Softmax", "LogSoftmax"):
        axis = attributes.get("axis", -1 if opset >= 13 else 1) % rank
        axes = [axis] if opset >= 13 else list(range(axis, rank))
        return _mixed(node, axes, opset, axes_tensor)
    if kind == "InstanceNormalization":
        return _mixed(node, list(range(2, rank)), opset, axes_tensor)
    if kind == "LayerNormalization":
        axis = attributes.get("axis", -1) % rank
        return _mixed(node, list(range(axis, rank)), opset, axes_tensor)
    kept = onnx.NodeProto()
    kept.CopyFrom(node)
    return [kept]


def _reduce_like(node, attributes, out):
    made = helper.make_node("ReduceSum" if len(node.input) > 1 else "ReduceMean", node.input, [out])
    made.attribute.extend(node.attribute)
    return made


def _same_shape(name, out, shapes):
    if shapes[name] == shapes[out]:
        return [helper.make_node("Identity", [name], [out])]
    zeros = helper.make_tensor("value", 1, [1], [0.0])
    shape = helper.make_tensor("value", 7, [len(shapes[out])], list(shapes[out]))
    return [
        helper.make_node("Constant", [], [out + "/shape"], value=shape),
        helper.make_node("ConstantOfShape", [out + "/shape"], [out + "/zeros"], value=zeros),
        helper.make_node("Sum", [name, out + "/zeros"], [out]),
    ]


def _mixed(node, axes, opset, axes_tensor):
    name, out = node.input[0], node.output[0]
    if opset >= 13:
        total = helper.make_node("ReduceSum", [name, axes_tensor(axes)], [out + "/total"])
    else:
        total = helper.make_node("ReduceSum", [name], [out + "/total"], axes=axes)
    return [total, helper.make_node("Sum", [name, out + "/total"], [out])]


def _product(node, attributes, shapes, constants, positive):
    out = node.output[0]
    parts, nodes = [], []
    gemm = {k: v for k, v in attributes.items() if k in ("transA", "transB")}
    for i in range(2):
        if node.input[i] in constants:
            continue
        operands = list(node.input[:2])
        operands[1 - i] = positive(shapes[node.input[1 - i]])
        parts.append(f"{out}/part{i}")
        nodes.append(helper.make_node(node.op_type, operands, [parts[-1]], **gemm))
    if len(node.input) > 2 and node.input[2] not in constants:
        parts.append(node.input[2])
    return [*nodes, helper.make_node("Sum", parts, [out])]


class Lighting:
    """Which rows and columns of the picture each unit of each tensor depends on.

    Parameters
    ----------
    model : onnx.ModelProto
        With float32 weights; small.
    name : str
        The input that takes the picture.
    shape : tuple of int
        Its concrete shape, batch 1.
    axes : (int or None, int)
        Its axes of rows and columns.
    constants : set of str
        Tensors that depend on no input.

    Attributes
    ----------
    shapes : dict of str to tuple
    values : dict of str to ndarray
        Integer tensors.
    """

    def __init__(self, model, name, shape, axes, constants):
        self._name, self._shape, self._axes = name, shape, axes
        first = np.random.default_rng(0).uniform(0, 1, shape).astype(np.float32)
        _, found = all_tensors(model, {name: first})
        self.shapes = {key: value.shape for key, value in found.items()}
        self.shapes[name] = tuple(shape)
        for tensor in model.graph.initializer:
            self.shapes[tensor.name] = tuple(tensor.dims)
        self.values = {k: v for k, v in found.items() if v.dtype.kind == "i" and v.size <= 64}
        kept = set(constants) | {k for k, v in found.items() if v.dtype != np.float32}
        copy = positive_copy(model, self.shapes, kept)
        self._session, found = all_tensors(copy, {name: first})
        wanted = {n for n in chained.from_iterable(node.output for node in model.graph.node) if n}
        self.tensors = [n for n, v in found.items() if n in wanted and v.dtype == np.float32]
        self.tensors = [n for n in self.tensors if n not in constants]

    def depends(self, direction, faint=0.0):
        """For every tensor, bool[lines, ...]: whether a unit depends on a line of the picture.

        Parameters
        ----------
        direction : int
            0 for rows, 1 for columns.
        faint : float
            What is less than this part of the largest unit counts as nothing: a Resize takes from
            its neighbour with a weight of 1e-7 when a whole position is rounded.
        """
        axis = self._axes[direction]
        count = 1 if axis is None else self._shape[axis]
        changed = {name: [] for name in self.tensors}
        for line in range(count):
            picture = np.zeros(self._shape, np.float32)
            place = [slice(None)] * len(self._shape)
            if axis is not None:
                place[axis] = line
            picture[tuple(place)] = 1
            values = self._session.run(self.tensors, {self._name: picture})
            for name, value in zip(self.tensors, values, strict=True):
                changed[name].append(value)
        return {name: _more_than(np.stack(lines), faint) for name, lines in changed.items()}


def _more_than(values, faint):
    return abs(values) > faint * abs(values).sum(axis=0).max()


def hull(changed):
    """First line and line after the last for every unit: int[2, ...]; (0, 0) where there is none.

    Parameters
    ----------
    changed : bool[lines, ...]
    """
    some = changed.any(axis=0)
    first = np.where(some, changed.argmax(axis=0), 0)
    stop = np.where(some, len(changed) - changed[::-1].argmax(axis=0), 0)
    return np.stack([first, stop])


def chain(steps):
    """Size, stride and centre of unit 0 of a chain of windows, by the recurrence of [ConvViz] 4.1.

    Parameters
    ----------
    steps : list of (kernel, stride, padding before)
    """
    size, jump, start = 1, 1, 0.0
    for kernel, stride, pad in steps:
        start += ((kernel - 1) / 2 - pad) * jump
        size += (kernel - 1) * jump
        jump *= stride
    return size, jump, start
