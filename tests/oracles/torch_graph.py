"""An ONNX graph run by PyTorch, operator by operator, for its autograd; runs in `.oracles`.

With ``switches`` the kinks are those of another forward pass: which units of a Relu are on, which
place of a window a MaxPool takes. Two forward passes round differently; a near-tie then flips, and
a gradient's single pixels differ although both are right.
"""

import numpy as np
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper


class TorchGraph:
    """A model whose tensors are PyTorch's.

    Parameters
    ----------
    model : onnx.ModelProto
    dtype : torch.dtype
    switches : dict of str to ndarray, optional
        By the name of a node's output: bool of a Relu, int64 places of a MaxPool in the flat
        input, counted over batch and channels as ONNX counts them.
    """

    def __init__(self, model, dtype=torch.float64, switches=None):
        self.model = model
        self.dtype = dtype
        self.switches = switches or {}
        self.values = {}
        versions = [each.version for each in model.opset_import if not each.domain]
        self.opset = max(versions, default=17)
        for each in model.graph.initializer:
            self.values[each.name] = self._tensor(numpy_helper.to_array(each))

    def _tensor(self, array):
        tensor = torch.from_numpy(np.array(array))
        return tensor.to(self.dtype) if tensor.is_floating_point() else tensor

    def run(self, feeds):
        """All tensors by name; a feed that requires a gradient keeps it."""
        values = dict(self.values) | feeds
        for node in self.model.graph.node:
            given = {each.name: helper.get_attribute_value(each) for each in node.attribute}
            inputs = [values[name] if name else None for name in node.input]
            made = getattr(self, f"op_{node.op_type}")(node, given, *inputs)
            made = made if isinstance(made, (tuple, list)) else [made]
            values |= dict(zip(node.output, made, strict=False))
        return values

    # -- operators -----------------------------------------------------------------------------

    def op_Constant(self, node, given):
        return self._tensor(numpy_helper.to_array(given["value"]))

    def op_Conv(self, node, given, x, w, b=None):
        rank = w.ndim - 2
        x, pads = _padded(x, given, rank, w.shape[2:])
        return [F.conv1d, F.conv2d, F.conv3d][rank - 1](
            x, w, b, given.get("strides", 1), pads, given.get("dilations", 1), given.get("group", 1)
        )

    def op_Relu(self, node, given, x):
        mask = self.switches.get(node.output[0])
        return F.relu(x) if mask is None else x * torch.from_numpy(mask).to(self.dtype)

    def op_Clip(self, node, given, x, low=None, high=None):
        low, high = given.get("min", low), given.get("max", high)
        inside, limited = self.switches.get(node.output[0]), torch.clamp(x, low, high)
        if inside is None:
            return limited
        return torch.where(torch.from_numpy(inside), x, limited.detach())

    def op_LeakyRelu(self, node, given, x):
        return F.leaky_relu(x, given.get("alpha", 0.01))

    def op_Sigmoid(self, node, given, x):
        return torch.sigmoid(x)

    def op_MaxPool(self, node, given, x):
        places = self.switches.get(node.output[0])
        if places is not None:
            return x.reshape(-1)[torch.from_numpy(places).reshape(-1)].reshape(places.shape)
        kernel = given["kernel_shape"]
        x, pads = _padded(x, given, len(kernel), kernel, -np.inf)
        ceil = bool(given.get("ceil_mode", 0))
        return F.max_pool2d(x, kernel, given.get("strides", 1), pads, 1, ceil)

    def op_AveragePool(self, node, given, x):
        include = bool(given.get("count_include_pad", 0))
        kernel, strides = given["kernel_shape"], given.get("strides", [1, 1])
        top, left, bottom, right = given.get("pads", [0] * 4)
        ones = torch.ones_like(x[:1, :1])
        padded, counted = (F.pad(each, (left, right, top, bottom)) for each in (x, ones))
        if include:
            return F.avg_pool2d(padded, kernel, strides)
        return F.avg_pool2d(padded, kernel, strides) / F.avg_pool2d(counted, kernel, strides)

    def op_GlobalAveragePool(self, node, given, x):
        return x.mean(tuple(range(2, x.ndim)), keepdim=True)

    def op_LRN(self, node, given, x):
        size, alpha = given["size"], given.get("alpha", 1e-4)
        return F.local_response_norm(
            x, size, alpha, given.get("beta", 0.75), given.get("bias", 1.0)
        )

    def op_BatchNormalization(self, node, given, x, scale, bias, mean, var):
        return F.batch_norm(x, mean, var, scale, bias, False, 0.0, given.get("epsilon", 1e-5))

    def op_Gemm(self, node, given, a, b, c=None):
        a = a.T if given.get("transA", 0) else a
        b = b.T if given.get("transB", 0) else b
        y = given.get("alpha", 1.0) * (a @ b)
        return y if c is None else y + given.get("beta", 1.0) * c

    def op_MatMul(self, node, given, a, b):
        return a @ b

    def op_Softmax(self, node, given, x):
        if self.opset >= 13:
            return F.softmax(x, given.get("axis", -1))
        axis = given.get("axis", 1)
        return F.softmax(x.reshape(*x.shape[:axis], -1), -1).reshape(x.shape)

    def op_LogSoftmax(self, node, given, x):
        return torch.log(self.op_Softmax(node, given, x))

    def op_ConvTranspose(self, node, given, x, w, b=None):
        rank = w.ndim - 2
        pads = given.get("pads", [0] * (2 * rank))
        strides, dilations = given.get("strides", [1] * rank), given.get("dilations", 1)
        y = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d][rank - 1](
            x, w, None, strides, 0, given.get("output_padding", 0), given.get("group", 1), dilations
        )
        for axis in range(rank):
            size = y.shape[2 + axis] - pads[axis] - pads[rank + axis]
            y = y.narrow(2 + axis, pads[axis], size)
        return y if b is None else y + b.reshape(-1, *[1] * rank)

    def op_PRelu(self, node, given, x, slope):
        return torch.where(x > 0, x, slope * x)

    def op_LayerNormalization(self, node, given, x, scale, bias=None):
        axis = given.get("axis", -1) % x.ndim
        return F.layer_norm(x, x.shape[axis:], scale, bias, given.get("epsilon", 1e-5))

    def op_Sub(self, node, given, a, b):
        return a - b

    def op_Div(self, node, given, a, b):
        return a // b if not a.is_floating_point() else a / b

    def op_Pow(self, node, given, a, b):
        return a**b

    def op_Erf(self, node, given, x):
        return torch.erf(x)

    def op_Exp(self, node, given, x):
        return torch.exp(x)

    def op_Tanh(self, node, given, x):
        return torch.tanh(x)

    def op_Equal(self, node, given, a, b):
        return a == b

    def op_Where(self, node, given, condition, a, b):
        return torch.where(condition, a, b)

    def op_Shape(self, node, given, x):
        return torch.tensor(x.shape[given.get("start", 0) : given.get("end")], dtype=torch.int64)

    def op_Gather(self, node, given, x, places):
        axis = given.get("axis", 0)
        taken = x.index_select(axis, places.reshape(-1) % x.shape[axis])
        return taken.reshape([*x.shape[:axis], *places.shape, *x.shape[axis + 1 :]])

    def op_ConstantOfShape(self, node, given, shape):
        fill = numpy_helper.to_array(given["value"]).item() if "value" in given else 0.0
        filled = torch.full(shape.tolist(), fill)
        return filled.to(self.dtype) if filled.is_floating_point() else filled

    def op_Expand(self, node, given, x, shape):
        return x.expand(torch.broadcast_shapes(x.shape, tuple(shape.tolist())))

    def op_Cast(self, node, given, x):
        kind = helper.tensor_dtype_to_np_dtype(given["to"])
        if kind.kind == "f":
            return x.to(self.dtype)
        return x.to(getattr(torch, kind.name))

    def op_Pad(self, node, given, x, pads, value=None):
        pads = pads.tolist()
        both = [(pads[i], pads[x.ndim + i]) for i in reversed(range(x.ndim))]
        return F.pad(x, [n for pair in both for n in pair], value=float(value or 0))

    def op_Slice(self, node, given, x, starts=None, ends=None, axes=None, steps=None):
        if starts is None:
            starts, ends, axes = given["starts"], given["ends"], given.get("axes")
        starts, ends = list(map(int, starts)), list(map(int, ends))
        axes = list(range(len(starts))) if axes is None else list(map(int, axes))
        steps = [1] * len(starts) if steps is None else list(map(int, steps))
        for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
            places = range(*slice(start, end, step).indices(x.shape[axis]))
            x = x.index_select(axis, torch.tensor(places, dtype=torch.int64))
        return x

    def op_Split(self, node, given, x, sizes=None):
        axis = given.get("axis", 0)
        sizes = given.get("split", sizes)
        if sizes is None:
            return x.chunk(len(node.output), axis)
        return x.split([int(size) for size in sizes], axis)

    def op_Squeeze(self, node, given, x, axes=None):
        axes = given.get("axes") if axes is None else axes.tolist()
        return x.squeeze(tuple(axes))

    def op_Add(self, node, given, a, b):
        return a + b

    def op_Mul(self, node, given, a, b):
        return a * b

    def op_Sum(self, node, given, *parts):
        return sum(parts)

    def op_Concat(self, node, given, *parts):
        return torch.cat(parts, given["axis"])

    def op_Dropout(self, node, given, x, *ratio):
        return x

    def op_Identity(self, node, given, x):
        return x

    def op_Reshape(self, node, given, x, shape):
        return x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(shape.tolist())])

    def op_Flatten(self, node, given, x):
        return x.flatten(given.get("axis", 1))

    def op_Transpose(self, node, given, x):
        return x.permute(given["perm"])

    def op_Unsqueeze(self, node, given, x, axes=None):
        for axis in sorted(given["axes"] if axes is None else axes.tolist()):
            x = x.unsqueeze(axis)
        return x


def _padded(x, given, rank, kernel, fill=0.0):
    """The input, padded where the two sides differ, and the padding that is left to do."""
    pads = list(given.get("pads", [0] * (2 * rank)))
    auto = given.get("auto_pad", b"NOTSET").decode()
    if auto.startswith("SAME"):
        strides = given.get("strides", [1] * rank)
        rows = zip(x.shape[2:], strides, kernel, strict=True)
        total = [max(0, (-(-n // s) - 1) * s + k - n) for n, s, k in rows]
        less, more = [n // 2 for n in total], [-(-n // 2) for n in total]
        pads = less + more if auto == "SAME_UPPER" else more + less
    before, after = pads[:rank], pads[rank:]
    if before == after:
        return x, before
    both = [n for pair in reversed(list(zip(before, after, strict=True))) for n in pair]
    return F.pad(x, both, value=fill), [0] * rank


def gradient(model, feeds, output, place, wanted, switches=None):
    """The gradient of one element of a tensor by autograd, in float64.

    Parameters
    ----------
    model : onnx.ModelProto
    feeds : dict of str to ndarray
    output : str
    place : int
        In the flat tensor.
    wanted : sequence of str
        Inputs or initializers.
    switches : dict, optional

    Returns
    -------
    (float, dict of str to ndarray)
    """
    graph = TorchGraph(model, switches=switches)
    given = {name: graph._tensor(array) for name, array in feeds.items()}
    for name in wanted:
        (given if name in given else graph.values)[name].requires_grad_(True)
    values = graph.run(given)
    value = values[output].reshape(-1)[place]
    found = torch.autograd.grad(value, [values[name] for name in wanted])
    return value.item(), {n: each.numpy() for n, each in zip(wanted, found, strict=True)}
