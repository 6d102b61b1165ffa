"""A quantised network as the network of real numbers that its integers stand for.

Each quantised tensor becomes the real values behind it under the same name, limited to the range
that its integers have (a converter often leaves a ReLU6 to that), but not rounded: a step function
has no useful gradient. Integer weights stay as they are, behind their own DequantizeLinear.
"""

import numpy as np

from engine.network.graph import Graph
from engine.rewrite.expose import OUTPUT_SCALES, scale_of

SUFFIX = "/real"
PIXELS = "/pixels"
_INTEGERS = ("uint8", "int8", "uint16", "int16", "int32")
_MARKS = frozenset(OUTPUT_SCALES) | {
    "DequantizeLinear",
    "DynamicQuantizeLinear",
    "ConvInteger",
    "MatMulInteger",
}


def is_quantised(model):
    """Whether a model computes with quantised activations (quantised weights alone do not)."""
    return any(node.op_type in _MARKS for node in model.graph.node)


def dequantise(model, path):
    """Rewrite a model to compute with real numbers.

    Parameters
    ----------
    model : onnx.ModelProto
        Of operator set 13 or newer; edited in place.
    path : Path
        Its file, for external data.

    Returns
    -------
    (set of str, dict of str to str)
        Tensors that hold real numbers now instead of integers; integer inputs and the float32
        tensors of the same values that stand for them.
    """
    return _Rewriting(model, path).rewrite()


class _Rewriting:
    def __init__(self, model, path):
        self.model = model
        self.graph = Graph(model, path)
        self.nodes = []
        self.real = {}
        self.aliases = {}
        self.changed = set()
        self.count = 0

    def rewrite(self):
        protos = {}
        for proto in self.model.graph.node:
            protos[tuple(proto.output)] = proto
        for tensor in self.graph.inputs:
            if tensor.dtype in _INTEGERS:
                self._enter(tensor)
        for node in self.graph.nodes:
            self._node(node, protos[node.outputs])
        del self.model.graph.node[:]
        self.model.graph.node.extend(self.nodes)
        return self.changed, self.aliases

    def _enter(self, tensor):
        """An integer input: its values as float32, and what they stand for where that is known."""
        pixels = self._emit("Cast", [tensor.name], tensor.name + PIXELS, to=1)
        self.aliases[tensor.name] = pixels
        found = self._scale_behind(tensor.name)
        if found is None:
            return
        scale, zero = found
        centred = self._emit("Sub", [pixels, self._constant(zero.astype(np.float32))])
        self.real[tensor.name] = self._emit(
            "Mul", [centred, self._constant(scale)], tensor.name + SUFFIX
        )

    def _scale_behind(self, name):
        """Scale and zero point of what an input's readers take it for, or None."""
        waiting, seen = [name], set()
        while waiting:
            each = waiting.pop()
            for node in self.graph.consumers.get(each, ()):
                if node.op_type == "DequantizeLinear" and node.inputs[0] == each:
                    return self._scale(node.input(1), node.input(2))
                if node.op_type in ("QLinearConv", "QLinearMatMul") and node.inputs[0] == each:
                    return self._scale(node.input(1), node.input(2))
                if node.op_type in _HANDS_ON and node.outputs[0] not in seen:
                    seen.add(node.outputs[0])
                    waiting.append(node.outputs[0])
        return None

    def _scale(self, scale, zero):
        """Values of a scale and a zero point; None where the scale is worked out at run time."""
        value = self.graph.constant(scale)
        if value is None:
            return None
        zeros = self.graph.constant(zero) if zero else np.zeros((), np.uint8)
        return np.asarray(value, np.float32), np.asarray(zeros)

    # -- emitting ------------------------------------------------------------------------------

    def _emit(self, op_type, inputs, output=None, name=None, **attributes):
        from onnx import helper

        self.count += 1
        output = output or f"lamella/real_{self.count}"
        attributes = {key: value for key, value in attributes.items() if value is not None}
        made = helper.make_node(op_type, inputs, [output], name or output, **attributes)
        self.nodes.append(made)
        return output

    def _constant(self, value):
        from onnx import numpy_helper

        self.count += 1
        name = f"lamella/constant_{self.count}"
        self.model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def _limited(self, values, scale, zero, output, name, axis=1, rank=None):
        """Limit real values to what the integers of an output can stand for."""
        found = self._scale(scale, zero)
        if found is None:
            self._emit("Identity", [values], output, name)
        else:
            steps, zeros = found
            info = np.iinfo(zeros.dtype)
            low = (np.float32(info.min) - zeros.astype(np.float32)) * steps
            high = (np.float32(info.max) - zeros.astype(np.float32)) * steps
            if steps.size == 1:
                limits = [self._constant(np.float32(v.reshape(()))) for v in (low, high)]
                self._emit("Clip", [values, *limits], output, name)
            else:
                shape = [-1 if i == axis else 1 for i in range(rank or 4)]
                upper = self._emit("Min", [values, self._constant(high.reshape(shape))])
                self._emit("Max", [upper, self._constant(low.reshape(shape))], output, name)
        self._is_real(output)

    def _is_real(self, name):
        self.real[name] = name
        self.changed.add(name)

    def _input(self, name, scale="", zero="", axis=None):
        """The real values of an operand: a computed tensor, or a constant behind its scale."""
        if name in self.real:
            return self.real[name]
        if self.graph.is_constant(name) and scale:
            inputs = [name, scale, zero] if zero else [name, scale]
            return self._emit("DequantizeLinear", inputs, axis=axis)
        return name

    # -- nodes ---------------------------------------------------------------------------------

    def _node(self, node, proto):
        if all(self.graph.is_constant(name) for name in node.outputs if name):
            self.nodes.append(_copy(proto))
            return
        rule = _RULES.get(node.op_type)
        if rule is not None:
            rule(self, node)
        elif node.op_type in _HANDS_ON and node.input(0) in self.real:
            self._handed_on(node, proto)
        else:
            copy = _copy(proto)
            copy.input[:] = [self.real.get(n) or self.aliases.get(n, n) for n in copy.input]
            if node.op_type in ("Shape", "Size"):
                copy.input[:] = node.inputs
            self.nodes.append(copy)

    def _handed_on(self, node, proto):
        copy = _copy(proto)
        for place, name in enumerate(node.inputs):
            if name in self.real:
                copy.input[place] = self.real[name]
            elif name and self._is_value(node, place):
                copy.input[place] = self._dequantised(name, node)
        self.nodes.append(copy)
        for name in node.outputs[: 1 if node.op_type == "MaxPool" else None]:
            self._is_real(name)

    def _is_value(self, node, place):
        """Whether an operand holds values of the same scale: a pad's value, a part of a Concat."""
        return node.op_type == "Concat" or (node.op_type == "Pad" and place == 2)

    def _dequantised(self, name, node):
        found = scale_of(node.inputs[0], self.graph.producer, self.graph.consumers)
        found = found or scale_of(node.outputs[0], self.graph.producer, self.graph.consumers)
        if found is None:
            return self._emit("Cast", [name], to=1)
        inputs = [name, found[0], found[1]] if found[1] else [name, found[0]]
        return self._emit("DequantizeLinear", inputs)

    def quantize(self, node):
        """Real values go on, limited."""
        axis = node.attributes.get("axis", 1)
        zero = node.input(2)
        self._limited(
            self._input(node.inputs[0]), node.input(1), zero, node.outputs[0], node.name, axis
        )

    def dequantize(self, node):
        """Real values are real already."""
        name = node.inputs[0]
        if name in self.real:
            self._emit("Identity", [self.real[name]], node.outputs[0], node.name)
            return
        centred = self._emit("Cast", [self.aliases.get(name, name)], to=1)
        if node.input(2):
            zero = self._emit("Cast", [node.input(2)], to=1)
            centred = self._emit("Sub", [centred, zero])
        self._emit("Mul", [centred, node.input(1)], node.outputs[0], node.name)

    def dynamic(self, node):
        """The values themselves, with the scale 1 and the zero point 0."""
        y, scale, zero = (*node.outputs, "", "")[:3]
        self._emit("Identity", [self._input(node.inputs[0])], y, node.name)
        self._is_real(y)
        if scale:
            self._emit("Identity", [self._constant(np.float32(1))], scale)
        if zero:
            self._emit("Identity", [self._constant(np.uint8(0))], zero)

    def conv(self, node):
        """QLinearConv: a Conv of real numbers; the bias counts steps of x times those of w."""
        x, xs, xz, w, ws, wz, ys, yz = node.inputs[:8]
        bias = node.input(8)
        inputs = [self._input(x, xs, xz), self._input(w, ws, wz, 0)]
        if bias:
            step = self._emit("Mul", [xs, ws])
            real = self._emit("Cast", [bias], to=1)
            inputs.append(self._emit("Mul", [real, step]))
        values = self._emit("Conv", inputs, **dict(node.attributes))
        self._limited(values, ys, yz, node.outputs[0], node.name)

    def matmul(self, node):
        a, a_s, a_z, b, b_s, b_z, ys, yz = node.inputs[:8]
        inputs = [self._input(a, a_s, a_z), self._input(b, b_s, b_z, 1)]
        values = self._emit("MatMul", inputs)
        self._limited(values, ys, yz, node.outputs[0], node.name)

    def gemm(self, node):
        """QGemm: alpha A B + C, where C counts steps of A times those of B."""
        a, a_s, a_z, b, b_s, b_z = node.inputs[:6]
        turned = node.attributes.get("transB", 0)
        inputs = [self._input(a, a_s, a_z), self._input(b, b_s, b_z, 0 if turned else 1)]
        alpha = node.attributes.get("alpha", 1.0)
        if node.input(6):
            step = self._emit("Mul", [a_s, b_s])
            real = self._emit("Cast", [node.input(6)], to=1)
            scaled = self._emit("Mul", [real, step])
            inputs.append(self._emit("Mul", [scaled, self._constant(np.float32(alpha))]))
        kept = {name: node.attributes.get(name, 0) for name in ("transA", "transB")}
        values = self._emit("Gemm", inputs, alpha=alpha, **kept)
        self._finish(values, node, 7, 8)

    def _finish(self, values, node, scale, zero):
        if node.input(scale):
            self._limited(values, node.input(scale), node.input(zero), node.outputs[0], node.name)
        else:
            self._emit("Identity", [values], node.outputs[0], node.name)

    def two(self, node):
        """QLinearAdd and QLinearMul."""
        a = self._input(*node.inputs[:3])
        b = self._input(*node.inputs[3:6])
        values = self._emit(node.op_type.removeprefix("QLinear"), [a, b])
        self._finish(values, node, 6, 7)

    def one(self, node):
        """QLinear operators of one operand."""
        x = self._input(*node.inputs[:3])
        given = dict(node.attributes)
        last = given.pop("channels_last", 0)
        plain = node.op_type.removeprefix("QLinear")
        if plain == "Softmax":
            given = {"axis": given.get("axis", -1)}
        if last:
            x = self._emit("Transpose", [x], perm=[0, 3, 1, 2])
        inputs = [x]
        if plain == "ReduceMean" and "axes" in given:
            inputs.append(self._constant(np.array(given.pop("axes"), np.int64)))
        values = self._emit(plain, inputs, **given)
        if last:
            values = self._emit("Transpose", [values], perm=[0, 2, 3, 1])
        self._finish(values, node, 3, 4)

    def concat(self, node):
        parts = [
            self._input(*node.inputs[place : place + 3]) for place in range(2, len(node.inputs), 3)
        ]
        values = self._emit("Concat", parts, axis=node.attributes["axis"])
        self._finish(values, node, 0, 1)

    def integer_product(self, node):
        """ConvInteger and MatMulInteger: products of the values less their zero points."""
        weight = node.inputs[1]
        if self.graph.is_constant(weight):
            real = self._emit("Cast", [weight], to=1)
            if node.input(3):
                zero = self._emit("Cast", [node.input(3)], to=1)
                value = self.graph.constant_shape(node.input(3))
                if node.op_type == "ConvInteger" and value and len(value) == 1:
                    shape = self._constant(np.array([-1, 1, 1, 1], np.int64))
                    zero = self._emit("Reshape", [zero, shape])
                real = self._emit("Sub", [real, zero])
        else:
            real = self._input(weight)
        plain = node.op_type.removesuffix("Integer")
        self._emit(
            plain,
            [self._input(node.inputs[0]), real],
            node.outputs[0],
            node.name,
            **dict(node.attributes),
        )
        self._is_real(node.outputs[0])


def _copy(proto):
    copy = type(proto)()
    copy.CopyFrom(proto)
    return copy


_HANDS_ON = frozenset(
    "Identity Reshape Transpose Flatten Squeeze Unsqueeze Slice Split Gather MaxPool Pad Expand "
    "DepthToSpace SpaceToDepth Tile Dropout Concat ChannelShuffle Resize".split()
)

_RULES = {
    "QuantizeLinear": _Rewriting.quantize,
    "DequantizeLinear": _Rewriting.dequantize,
    "DynamicQuantizeLinear": _Rewriting.dynamic,
    "QLinearConv": _Rewriting.conv,
    "QLinearMatMul": _Rewriting.matmul,
    "QGemm": _Rewriting.gemm,
    "QLinearAdd": _Rewriting.two,
    "QLinearMul": _Rewriting.two,
    "QLinearAveragePool": _Rewriting.one,
    "QLinearGlobalAveragePool": _Rewriting.one,
    "QLinearReduceMean": _Rewriting.one,
    "QLinearLeakyRelu": _Rewriting.one,
    "QLinearSigmoid": _Rewriting.one,
    "QLinearSoftmax": _Rewriting.one,
    "QLinearConcat": _Rewriting.concat,
    "ConvInteger": _Rewriting.integer_product,
    "MatMulInteger": _Rewriting.integer_product,
}
