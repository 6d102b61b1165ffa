"""Small random networks over every operator that moves or mixes positions, from a seed."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper


class Builder:
    """An ONNX model built node by node; shapes are found by running it.

    Parameters
    ----------
    shape : tuple of int
        Shape of the input `x`, float32.
    opset : int
    """

    def __init__(self, shape, opset=18):
        self.shape = tuple(shape)
        self.opset = opset
        self.nodes, self.initializers = [], []
        self.random = np.random.default_rng(0)

    def constant(self, value, dtype=np.int64):
        """Name of a new initializer."""
        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def weights(self, *shape):
        """Name of a new initializer of random weights."""
        return self.constant(self.random.normal(size=shape) / np.prod(shape[1:]) ** 0.5, np.float32)

    def node(self, kind, inputs, outputs=1, **attributes):
        """Name(s) of a new node's output(s)."""
        names = [f"t{len(self.nodes)}" + (f"_{i}" if i else "") for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def conv(self, x, channels, filters, kernel, group=1, **attributes):
        """A convolution with random weights."""
        kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
        return self.node(
            "Conv",
            [x, self.weights(filters, channels // group, *kernel)],
            group=group,
            **attributes,
        )

    def model(self):
        """The ModelProto, with the last node's output as output."""
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            self.nodes,
            "random",
            [value("x", TensorProto.FLOAT, self.shape)],
            [value(self.nodes[-1].output[0], TensorProto.FLOAT, None)],
            self.initializers,
        )
        opsets = [helper.make_opsetid("", self.opset)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def random_model(seed):
    """A model of 3 to 8 random steps on a [1, 2, H, W] picture."""
    rng = np.random.default_rng(seed)
    shape = (1, int(rng.choice([2, 4])), int(rng.integers(9, 17)), int(rng.integers(9, 17)))
    builder = Builder(shape, opset=int(rng.choice([13, 18, 19])))
    builder.random = rng
    live = [("x", shape)]
    for _ in range(int(rng.integers(3, 9))):
        for _ in range(20):  # steps that would leave nothing are drawn again
            step = STEPS[int(rng.integers(len(STEPS)))]
            name, shape = live[-1] if rng.random() < 0.75 else live[int(rng.integers(len(live)))]
            made = step(builder, rng, name, shape, live)
            if made is not None:
                live.append(made)
                break
    return builder.model()


def _out(size, kernel, stride, dilation, pads, ceil=False):
    room = size + sum(pads) - (dilation * (kernel - 1) + 1)
    if room < 0:
        return 0
    count = (-(-room // stride) if ceil else room // stride) + 1
    if ceil and (count - 1) * stride >= size + pads[0]:
        count -= 1
    return count


def _window(rng, shape, most_pad=2):
    kernel = [int(k) for k in rng.integers(1, 5, 2)]
    stride = [int(s) for s in rng.integers(1, 4, 2)]
    dilation = [int(d) for d in rng.integers(1, 3, 2)]
    pads = [int(min(rng.integers(0, most_pad + 1), kernel[i % 2] - 1)) for i in range(4)]
    return kernel, stride, dilation, pads


def _conv(b, rng, name, shape, live):
    kernel, stride, dilation, pads = _window(rng, shape)
    group = int(rng.choice([1, 2])) if shape[1] % 2 == 0 else 1
    filters = int(rng.choice([2, 4]))
    auto = str(rng.choice(["NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    attributes = {"strides": stride, "dilations": dilation, "auto_pad": auto}
    if auto == "NOTSET":
        attributes["pads"] = pads
    elif auto == "VALID":
        pads = [0] * 4
    if auto.startswith("SAME"):
        attributes["dilations"] = [1, 1]
        out = [-(-shape[2 + i] // stride[i]) for i in range(2)]
    else:
        both = [(pads[i], pads[i + 2]) for i in range(2)]
        out = [_out(shape[2 + i], kernel[i], stride[i], dilation[i], both[i]) for i in range(2)]
    if min(out) < 1:
        return None
    y = b.conv(name, shape[1], filters, tuple(kernel), group, **attributes)
    return y, (1, filters, *out)


def _pool(b, rng, name, shape, live):
    kernel, stride, _, pads = _window(rng, shape, 1)
    kind = str(rng.choice(["MaxPool", "AveragePool"]))
    ceil = int(rng.integers(2))
    out = [
        _out(shape[2 + i], kernel[i], stride[i], 1, (pads[i], pads[i + 2]), ceil) for i in range(2)
    ]
    if min(out) < 1:
        return None
    y = b.node(kind, [name], kernel_shape=kernel, strides=stride, pads=pads, ceil_mode=ceil)
    return y, (1, shape[1], *out)


def _transposed(b, rng, name, shape, live):
    kernel, stride, dilation, pads = _window(rng, shape)
    extra = [int(rng.integers(0, max(stride[i], dilation[i]))) for i in range(2)]
    out = [
        stride[i] * (shape[2 + i] - 1)
        + extra[i]
        + (kernel[i] - 1) * dilation[i]
        + 1
        - pads[i]
        - pads[i + 2]
        for i in range(2)
    ]
    if min(out) < 1 or max(out) > 40:
        return None
    w = b.weights(shape[1], 2, *kernel)
    how = int(rng.integers(3))
    attributes = {"strides": stride, "dilations": dilation}
    if how == 0:
        attributes |= {"pads": pads, "output_padding": extra}
    elif how == 1:
        out = [shape[2 + i] * stride[i] for i in range(2)]
        attributes = {"strides": stride, "auto_pad": str(rng.choice(["SAME_UPPER", "SAME_LOWER"]))}
        if any(kernel[i] < stride[i] or kernel[i] % 2 == 0 for i in range(2)):
            return None
    else:
        out = [out[i] + pads[i] + pads[i + 2] - extra[i] - int(rng.integers(2)) for i in range(2)]
        if any(out[i] < shape[2 + i] for i in range(2)):
            return None
        attributes |= {"output_shape": out}
    y = b.node("ConvTranspose", [name, w], **attributes)
    return y, (1, 2, *out)


COORDINATES = ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"]


def _resize(b, rng, name, shape, live):
    mode = str(rng.choice(["nearest", "linear"]))
    how = str(rng.choice(COORDINATES))
    rounding = str(rng.choice(["round_prefer_floor", "floor", "ceil", "round_prefer_ceil"]))
    attributes = {"mode": mode, "coordinate_transformation_mode": how, "nearest_mode": rounding}
    if rng.random() < 0.5:
        out = [int(rng.integers(2, 24)) for _ in range(2)]
        inputs = [name, "", "", b.constant([1, shape[1], *out])]
    else:
        scales = rng.choice([0.5, 0.75, 1.5, 2.0, 3.0], 2)
        out = [int(shape[2 + i] * scales[i]) for i in range(2)]
        inputs = [name, "", b.constant([1, 1, *scales], np.float32)]
    if min(out) < 2 or min(shape[2:]) < 2 or max(out) > 40:
        return None
    return b.node("Resize", inputs, **attributes), (1, shape[1], *out)


def _pad(b, rng, name, shape, live):
    mode = str(rng.choice(["constant", "edge", "reflect"]))
    low = 0 if mode == "reflect" else -1
    pads = [int(p) for p in rng.integers(low, 3, 4)]
    if min(shape[2:]) < 4:
        return None
    out = [shape[2 + i] + pads[i] + pads[i + 2] for i in range(2)]
    all_pads = [0, 0, *pads[:2], 0, 0, *pads[2:]]
    return b.node("Pad", [name, b.constant(all_pads)], mode=mode), (1, shape[1], *out)


def _slice(b, rng, name, shape, live):
    out, starts, ends, steps = [], [], [], []
    for size in shape[2:]:
        step = int(rng.choice([1, 2, -1]))
        start = int(rng.integers(0, max(1, size // 3)))
        starts.append(start if step > 0 else size - 1 - start)
        ends.append(size if step > 0 else -size - 1)
        steps.append(step)
        out.append(len(range(starts[-1], size if step > 0 else -1, step)))
    if min(out) < 2:
        return None
    lists = [b.constant(v) for v in (starts, ends, [2, 3], steps)]
    return b.node("Slice", [name, *lists]), (1, shape[1], *out)


def _join(b, rng, name, shape, live):
    same = [(n, s) for n, s in live if s == shape and n != name]
    if not same:
        return None
    other = same[int(rng.integers(len(same)))][0]
    if rng.random() < 0.4:
        return b.node(str(rng.choice(["Add", "Mul"])), [name, other]), shape
    axis = int(rng.integers(1, 4))
    out = list(shape)
    out[axis] *= 2
    if max(out[2:]) > 40:
        return None
    return b.node("Concat", [name, other], axis=axis), tuple(out)


def _shifted_join(b, rng, name, shape, live):
    y = b.conv(
        name, shape[1], shape[1], (3, 3), pads=[int(p) for p in rng.permutation([2, 0, 1, 1])]
    )
    size = [shape[2], shape[3]]
    pads = b.nodes[-1].attribute
    values = next(list(a.ints) for a in pads if a.name == "pads")
    out = [size[i] + values[i] + values[i + 2] - 2 for i in range(2)]
    if out != size:
        b.nodes.pop()
        return None
    return b.node("Concat", [name, y], axis=1), (1, 2 * shape[1], *size)


def _tokens(b, rng, name, shape, live):
    _, c, h, w = shape
    flat = b.node("Reshape", [name, b.constant([1, c, h * w])])
    tokens = b.node("Transpose", [flat], perm=[0, 2, 1])
    if rng.random() < 0.5:
        tokens = b.node("MatMul", [tokens, b.weights(c, c)])
    if rng.random() < 0.3:
        tokens = (
            b.node("LayerNormalization", [tokens, b.constant(np.ones(c), np.float32)])
            if (b.opset >= 17)
            else tokens
        )
    back = b.node("Transpose", [tokens], perm=[0, 2, 1])
    return b.node("Reshape", [back, b.constant([1, c, h, w])]), shape


def _attention(b, rng, name, shape, live):
    _, c, h, w = shape
    if h * w > 60:
        return None
    flat = b.node("Reshape", [name, b.constant([1, c, h * w])])
    tokens = b.node("Transpose", [flat], perm=[0, 2, 1])
    scores = b.node("MatMul", [tokens, flat])
    weights = b.node("Softmax", [scores], axis=-1)
    mixed = b.node("MatMul", [weights, tokens])
    back = b.node("Transpose", [mixed], perm=[0, 2, 1])
    return b.node("Reshape", [back, b.constant([1, c, h, w])]), shape


def _windows(b, rng, name, shape, live):
    """Attention-like mixing inside windows, as shifted-window transformers do."""
    _, c, h, w = shape
    if h % 2 or w % 3:
        return None
    parts = b.node("Reshape", [name, b.constant([1, c, h // 2, 2, w // 3, 3])])
    parts = b.node("Transpose", [parts], perm=[0, 2, 4, 3, 5, 1])
    parts = b.node("Reshape", [parts, b.constant([h * w // 6, 6, c])])
    mixed = b.node("Softmax", [parts], axis=1)
    parts = b.node("Reshape", [mixed, b.constant([1, h // 2, w // 3, 2, 3, c])])
    parts = b.node("Transpose", [parts], perm=[0, 5, 1, 3, 2, 4])
    return b.node("Reshape", [parts, b.constant([1, c, h, w])]), shape


def _blocks(b, rng, name, shape, live):
    _, c, h, w = shape
    if c % 4 == 0:
        mode = str(rng.choice(["DCR", "CRD"]))
        y = b.node("DepthToSpace", [name], blocksize=2, mode=mode)
        return y, (1, c // 4, 2 * h, 2 * w)
    if h % 2 or w % 2:
        return None
    return b.node("SpaceToDepth", [name], blocksize=2), (1, 4 * c, h // 2, w // 2)


def _shuffle(b, rng, name, shape, live):
    _, c, h, w = shape
    if c % 2 or c < 4:
        return None
    y = b.node("Reshape", [name, b.constant([1, 2, c // 2, h, w])])
    y = b.node("Transpose", [y], perm=[0, 2, 1, 3, 4])
    y = b.node("Reshape", [y, b.constant(shape)])
    first, _ = b.node("Split", [y, b.constant([c // 2, c // 2])], 2, axis=1)
    return first, (1, c // 2, h, w)


def _roll(b, rng, name, shape, live):
    size = shape[3]
    places = np.roll(np.arange(size), int(rng.integers(1, size))) if size > 1 else [0]
    return b.node("Gather", [name, b.constant(places)], axis=3), shape


def _squeeze(b, rng, name, shape, live):
    pooled = b.node("GlobalAveragePool", [name])
    gate = b.node("Sigmoid", [b.conv(pooled, shape[1], shape[1], 1)])
    return b.node("Mul", [name, gate]), shape


def _strip(b, rng, name, shape, live):
    axis = int(rng.integers(2, 4))
    axes = b.constant([axis])
    if b.opset >= 18:
        y = b.node("ReduceMax", [name, axes], keepdims=1)
    else:
        y = b.node("ReduceMax", [name], axes=[axis], keepdims=1)
    return b.node("Add", [name, y]), shape


def _repeat(b, rng, name, shape, live):
    if max(shape[2:]) > 12:
        return None
    y = b.node("Tile", [name, b.constant([1, 1, 2, 1])])
    return y, (1, shape[1], 2 * shape[2], shape[3])


STEPS = [
    _conv,
    _conv,
    _conv,
    _pool,
    _pool,
    _transposed,
    _transposed,
    _resize,
    _resize,
    _pad,
    _slice,
    _join,
    _join,
    _shifted_join,
    _tokens,
    _attention,
    _windows,
    _blocks,
    _shuffle,
    _roll,
    _squeeze,
    _strip,
    _repeat,
]
