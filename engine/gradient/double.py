"""A forward graph in float64, for ONNX Runtime's CPU: what finite differences are taken of.

ONNX Runtime has no float64 Conv, pool by averages, LRN, Erf or Resize. They are written out in
operators that it has; whatever else lacks a float64 form stays in float32, which is said.
"""

import itertools

import numpy as np

from engine.gradient.backward import Backward
from engine.gradient.emit import Emitter
from engine.gradient.rules.convolution import _of_transposed as window_of_transposed
from engine.gradient.rules.reach import along
from engine.gradient.rules.resizing import axis_maps
from engine.gradient.rules.windows import Window, window_of

FLOAT, DOUBLE = 1, 11
SUFFIX = "/float64"
NARROW = frozenset(
    "LpPool GlobalLpPool MaxRoiPool RoiAlign GridSample AffineGrid Celu MaxUnpool Hardmax LSTM GRU "
    "RNN QuantizeLinear DequantizeLinear DynamicQuantizeLinear MeanVarianceNormalization "
    "TfIdfVectorizer NonMaxSuppression DeformConv RotaryEmbedding Attention".split()
)
"""Operators that stay in float32."""


def double(model, forward, moved=None):
    """A model in float64.

    Parameters
    ----------
    model : onnx.ModelProto
        In float32: the needed part of ``forward``'s graph, and what was emitted beside it.
    forward : engine.gradient.forward.Forward
    moved : str, optional
        A constant of the forward graph of which one number is replaced: `PLACE`, int64[1, rank],
        says which, `NUMBER`, float64[1], by what.

    Returns
    -------
    (onnx.ModelProto, tuple of str)
        The model, whose outputs are float64, and the operators that stayed in float32.
    """
    work = _Doubler(model, forward)
    return work.run(moved)


PLACE, NUMBER = "lamella/moved_place", "lamella/moved_number"


class _Doubler:
    def __init__(self, model, forward):
        self.model, self.forward = model, forward
        self.back = Backward(forward)
        taken = {name for node in model.graph.node for name in node.output}
        taken |= {each.name for each in model.graph.initializer}
        self.back.emitter = Emitter(taken | forward.names, "double")
        self.narrow = []
        self.nodes = self.back.emitter.nodes
        self.wide = {}
        self.floats = {name for name, dtype in forward.dtypes.items() if dtype == "float32"}

    def run(self, moved):
        import onnx
        from onnx import helper, numpy_helper

        graph = self.model.graph
        for each in (*graph.initializer, *graph.input):
            typed = getattr(each, "data_type", None) or each.type.tensor_type.elem_type
            if typed == FLOAT:
                self._cast(each.name, each.name + SUFFIX)
                self.wide[each.name] = each.name + SUFFIX
        made = {name for node in graph.node for name in node.output}
        if moved is not None and moved not in made:
            self._move(moved)
        by_output = {node.outputs[0]: node for node in self.forward.graph.nodes}
        for proto in graph.node:
            self._node(proto, by_output.get(proto.output[0]))
            if moved is not None and moved in proto.output:
                self._move(moved)
        result = onnx.ModelProto()
        result.CopyFrom(self.model)
        del result.graph.node[:], result.graph.value_info[:]
        result.graph.node.extend(self.nodes)
        for name, value in self.back.emitter.constants.items():
            result.graph.initializer.append(numpy_helper.from_array(value, name))
        for value in result.graph.output:
            if value.type.tensor_type.elem_type == FLOAT:
                value.type.tensor_type.elem_type = DOUBLE
        if moved is not None:
            rank = len(self.forward.sizes(moved))
            result.graph.input.extend(
                [
                    helper.make_tensor_value_info(PLACE, onnx.TensorProto.INT64, [1, rank]),
                    helper.make_tensor_value_info(NUMBER, DOUBLE, [1]),
                ]
            )
        return result, tuple(dict.fromkeys(self.narrow))

    def _move(self, name):
        """Readers of a constant get it with one number replaced."""
        before = self.wide.get(name, name)
        self.wide[name] = self.back.op("ScatterND", before, PLACE, NUMBER)

    def _cast(self, source, name, to=DOUBLE):
        from onnx import helper

        self.nodes.append(helper.make_node("Cast", [source], [name], to=to))

    def _node(self, proto, node):
        rule = RULES.get(proto.op_type) if not proto.domain else None
        if rule is not None and node is not None:
            self._name(rule(self, node, [self.wide.get(name, name) for name in proto.input]), proto)
        elif rule is None and proto.op_type in NARROW:
            self._narrow(proto)
        else:
            self.nodes.append(self._widened(proto))

    def _name(self, made, proto):
        from onnx import helper

        name = proto.output[0]
        self.nodes.append(helper.make_node("Identity", [made], [name]))

    def _narrow(self, proto):
        """A node in float32: its inputs are cast, and what it makes is cast back."""
        copy = type(proto)()
        copy.CopyFrom(proto)
        made = {value for node in self.model.graph.node for value in node.output}
        for place, name in enumerate(copy.input):
            if name in made and name in self.floats:
                copy.input[place] = self.back.op("Cast", name, to=FLOAT)
        for place, name in enumerate(copy.output):
            if name in self.floats:
                copy.output[place] = name + "/float32"
        self.nodes.append(copy)
        for name in proto.output:
            if name in self.floats:
                self._cast(name + "/float32", name)
        if proto.op_type != "DequantizeLinear":
            self.narrow.append(proto.op_type)

    def _widened(self, proto):
        """A node that reads wide tensors; its constants and casts are wide, too."""
        copy = type(proto)()
        copy.CopyFrom(proto)
        copy.input[:] = [self.wide.get(name, name) for name in copy.input]
        for attribute in copy.attribute:
            self._widen_attribute(attribute)
        if copy.op_type == "ConstantOfShape" and not copy.attribute:
            copy.attribute.append(_attribute("value", np.zeros(1)))
        return copy

    def _widen_attribute(self, attribute):
        from onnx import numpy_helper

        if attribute.name in ("to", "dtype") and attribute.i == FLOAT:
            attribute.i = DOUBLE
        if attribute.name in ("value_float", "value_floats"):
            given = attribute.f if attribute.name == "value_float" else list(attribute.floats)
            attribute.CopyFrom(_attribute("value", np.asarray(given, np.float64)))
        elif attribute.HasField("t") and attribute.t.data_type == FLOAT:
            value = numpy_helper.to_array(attribute.t).astype(np.float64)
            attribute.t.CopyFrom(numpy_helper.from_array(value, attribute.t.name))
        for body in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
            inner = [self._widened(each) for each in body.node]
            del body.node[:]
            body.node.extend(inner)


def _attribute(name, value):
    from onnx import helper, numpy_helper

    return helper.make_attribute(name, numpy_helper.from_array(np.asarray(value)))


# -- operators that are written out: rule(doubler, node, wide inputs) -> name ----------------------


def _conv(work, node, inputs):
    """One product with the weights of what lies under each tap, the taps side by side."""
    back = work.back
    sizes = back.sizes(node.inputs[1])
    window = window_of(back, node, sizes[2:])
    return _convolved(
        back,
        inputs,
        sizes,
        window,
        node.attributes.get("group", 1),
        work.back.shape(node.outputs[0]),
    )


def _convolved(back, inputs, sizes, window, group, shape):
    data, weights, *bias = inputs
    m, c, taps = sizes[0] // group, sizes[1], int(np.prod(sizes[2:]))
    parts = _under_taps(back, data, window)
    count = int(np.prod(window.outputs))
    rows = [back.reshape(part, (None, group, c, count)) for part in parts]
    rows = rows[0] if len(rows) == 1 else back.op("Concat", *rows, axis=2)
    split = back.reshape(weights, (group, m, c, taps))
    kernel = back.op("Transpose", split, perm=[0, 1, 3, 2])
    kernel = back.reshape(kernel, (group, m, taps * c))
    found = back.reshape(back.op("MatMul", kernel, rows), shape)
    if bias and bias[0]:
        ones = (1,) * len(window.outputs)
        found = back.op("Add", found, back.reshape(bias[0], (1, group * m, *ones)))
    return found


def _under_taps(back, data, window):
    """For each tap, what lies under it: ``[N, C, *outputs]``."""
    rank = len(window.kernel)
    reach = zip(
        window.inputs, window.outputs, window.strides, window.reach, window.before, strict=True
    )
    after = [s * (o - 1) + r + 1 - b - n for n, o, s, r, b in reach]
    if any((*window.before, *after)):
        pads = [0, 0, *window.before, 0, 0, *after]
        data = back.op("Pad", data, back.constant(pads))
    axes, steps = back.constant(list(range(2, 2 + rank))), back.constant(list(window.strides))
    parts = []
    for tap in itertools.product(*(range(size) for size in window.kernel)):
        starts = [t * d for t, d in zip(tap, window.dilations, strict=True)]
        spans = zip(starts, window.strides, window.outputs, strict=True)
        ends = [start + s * (o - 1) + 1 for start, s, o in spans]
        parts.append(
            back.op("Slice", data, back.constant(starts), back.constant(ends), axes, steps)
        )
    return parts


def _conv_transpose(work, node, inputs):
    """Zeros between the inputs, then the convolution with the kernel turned round."""
    back = work.back
    data, weights, *bias = inputs
    sizes = back.sizes(node.inputs[1])
    group, rank = node.attributes.get("group", 1), len(sizes) - 2
    window = window_of_transposed(back, node, sizes[2:])
    small, large, c = window.outputs, window.inputs, sizes[0]
    apart = back.reshape(data, (None, c, *itertools.chain(*((n, 1) for n in small))))
    pads = [0, 0] + [0] * (2 * rank) + [0, 0]
    pads += list(itertools.chain(*((0, s - 1) for s in window.strides)))
    apart = back.op("Pad", apart, back.constant(pads))
    wide = [n * s for n, s in zip(small, window.strides, strict=True)]
    apart = back.reshape(apart, (None, c, *wide))
    before = tuple(r - b for r, b in zip(window.reach, window.before, strict=True))
    ones = (1,) * rank
    stride_one = Window(sizes[2:], ones, window.dilations, before, ones, tuple(wide), large)
    m = sizes[1]
    split = back.reshape(weights, (group, c // group, m, *sizes[2:]))
    kernel = back.op("Transpose", split, perm=[0, 2, 1, *range(3, 3 + rank)])
    kernel = back.reshape(kernel, (group * m, c // group, *sizes[2:]))
    if any(size > 1 for size in sizes[2:]):
        ends = back.constant([-(1 << 31)] * rank)
        starts, axes = back.constant([-1] * rank), back.constant(list(range(2, 2 + rank)))
        kernel = back.op("Slice", kernel, starts, ends, axes, back.constant([-1] * rank))
    shape = (group * m, c // group, *sizes[2:])
    return _convolved(
        back, [apart, kernel, *bias], shape, stride_one, group, work.back.shape(node.outputs[0])
    )


def _average_pool(work, node, inputs):
    """What lies under the taps, added and divided by how many of them count."""
    back = work.back
    kernel = tuple(node.attributes["kernel_shape"])
    window = window_of(back, node, kernel)
    summed = back.sum(_under_taps(back, inputs[0], window))
    return back.op("Div", summed, back.constant(_counted(window, node)[None, None]))


def _counted(window, node):
    """How many places count under each window, float64[*outputs]."""
    padded = bool(node.attributes.get("count_include_pad", 0))
    total = np.ones(())
    rows = zip(
        window.inputs, window.outputs, window.strides, window.dilations, window.kernel,
        window.before, window.after, strict=True,
    )  # fmt: skip
    for n, o, s, d, k, before, after in rows:
        low, high = (-before, n + after) if padded else (0, n)
        at = s * np.arange(o)[:, None] + d * np.arange(k)[None] - before
        total = np.multiply.outer(total, ((at >= low) & (at < high)).sum(1).astype(np.float64))
    return total


def _global(reduce):
    def rule(work, node, inputs):
        axes = list(range(2, len(work.back.sizes(node.inputs[0]))))
        return work.back.op(reduce, inputs[0], work.back.constant(axes), keepdims=1)

    return rule


def _lrn(work, node, inputs):
    """x / (k + a / n times the sum of squares over n neighbouring channels) ** b."""
    back, given = work.back, node.attributes
    size, alpha = given["size"], given.get("alpha", 1e-4)
    beta, bias = given.get("beta", 0.75), given.get("bias", 1.0)
    shape = back.sizes(node.inputs[0])
    before, rest = (size - 1) // 2, [0] * (len(shape) - 2)
    squares = back.op("Mul", inputs[0], inputs[0])
    squares = back.op(
        "Pad", squares, back.constant([0, before, *rest, 0, size - 1 - before, *rest])
    )
    axes = back.constant([1])
    parts = [
        back.op("Slice", squares, back.constant([i]), back.constant([i + shape[1]]), axes)
        for i in range(size)
    ]
    scaled = back.op("Mul", back.sum(parts), back.constant(np.float64(alpha / size)))
    scaled = back.op("Add", scaled, back.constant(np.float64(bias)))
    power = back.op("Pow", scaled, back.constant(np.float64(-beta)))
    return back.op("Mul", inputs[0], power)


def _instance_normalization(work, node, inputs):
    back = work.back
    rank = len(back.sizes(node.inputs[0]))
    axes = back.constant(list(range(2, rank)))
    centred = back.op("Sub", inputs[0], back.op("ReduceMean", inputs[0], axes, keepdims=1))
    spread = back.op("ReduceMean", back.op("Mul", centred, centred), axes, keepdims=1)
    epsilon = back.constant(np.float64(node.attributes.get("epsilon", 1e-5)))
    spread = back.op("Sqrt", back.op("Add", spread, epsilon))
    ones = (1,) * (rank - 2)
    scale, bias = (back.reshape(name, (-1, *ones)) for name in inputs[1:3])
    return back.op("Add", back.op("Mul", back.op("Div", centred, spread), scale), bias)


def _clip(work, node, inputs):
    """As Max and Min: ONNX Runtime fuses a Relu with a Clip, and refuses float64 there."""
    found = inputs[0]
    for op_type, limit in zip(("Max", "Min"), inputs[1:3], strict=False):
        found = work.back.op(op_type, found, limit) if limit else found
    return found


def _mean(work, node, inputs):
    summed = work.back.sum(inputs)
    return work.back.op("Div", summed, work.back.constant(np.float64(len(inputs))))


def _resize(work, node, inputs):
    """The map of each axis, from the operator itself, as a matrix."""
    back, found = work.back, inputs[0]
    rank = len(back.sizes(node.inputs[0]))
    for axis, matrix in axis_maps(back, node):
        turned = back.op("Transpose", back.op("Cast", matrix, to=DOUBLE), perm=[1, 0])
        found = along(back, found, turned, axis, rank)
    return found


def _erf(work, node, inputs):
    return error_function(work.back, inputs[0])


def error_function(back, x):
    """erf in float64: 1 - t exp(-z z + c(t)) with t = 2 / (2 + z) for z = |x|, sign restored.

    Chebyshev coefficients of Press et al., *Numerical Recipes*, third edition, 6.2.2; off by at
    most 1.2e-16.
    """

    def number(value):
        return back.constant(np.float64(value))

    z = back.op("Abs", x)
    t = back.op("Div", number(2), back.op("Add", z, number(2)))
    ty = back.op("Sub", back.op("Mul", t, number(4)), number(2))
    d, dd = back.op("Mul", z, number(0)), back.op("Mul", z, number(0))
    for coefficient in reversed(_ERFC[1:]):
        raised = back.op("Sub", back.op("Mul", ty, d), dd)
        d, dd = back.op("Add", raised, number(coefficient)), d
    half = back.op("Mul", ty, d)
    half = back.op("Mul", back.op("Add", half, number(_ERFC[0])), number(0.5))
    exponent = back.op("Sub", back.op("Sub", half, dd), back.op("Mul", z, z))
    rest = back.op("Mul", t, back.op("Exp", exponent))
    return back.op("Mul", back.op("Sign", x), back.op("Sub", number(1), rest))


_ERFC = (
    -1.3026537197817094,
    6.4196979235649026e-1,
    1.9476473204185836e-2,
    -9.561514786808631e-3,
    -9.46595344482036e-4,
    3.66839497852761e-4,
    4.2523324806907e-5,
    -2.0278578112534e-5,
    -1.624290004647e-6,
    1.303655835580e-6,
    1.5626441722e-8,
    -8.5238095915e-8,
    6.529054439e-9,
    5.059343495e-9,
    -9.91364156e-10,
    -2.27365122e-10,
    9.6467911e-11,
    2.394038e-12,
    -6.886027e-12,
    8.94487e-13,
    3.13092e-13,
    -1.12708e-13,
    3.81e-16,
    7.106e-15,
    -1.523e-15,
    -9.4e-17,
    1.21e-16,
    -2.8e-17,
)


def _gelu(work, node, inputs):
    """x times the normal distribution, or its approximation by tanh."""
    back, x = work.back, inputs[0]

    def number(value):
        return back.constant(np.float64(value))

    if node.attributes.get("approximate", "none") == "tanh":
        cube = back.op("Mul", back.op("Mul", x, x), back.op("Mul", x, number(0.044715)))
        inner = back.op("Mul", back.op("Add", x, cube), number(np.sqrt(2 / np.pi)))
        share = back.op("Tanh", inner)
    else:
        share = error_function(back, back.op("Mul", x, number(np.sqrt(0.5))))
    half = back.op("Mul", x, number(0.5))
    return back.op("Mul", half, back.op("Add", share, number(1)))


RULES = {
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "AveragePool": _average_pool,
    "GlobalAveragePool": _global("ReduceMean"),
    "GlobalMaxPool": _global("ReduceMax"),
    "LRN": _lrn,
    "InstanceNormalization": _instance_normalization,
    "Clip": _clip,
    "Mean": _mean,
    "Resize": _resize,
    "Upsample": _resize,
    "Erf": _erf,
    "Gelu": _gelu,
}
