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
            values[node.output[0]] = made
        return values

    # -- operators -----------------------------------------------------------------------------

    def op_Constant(self, node, given):
        return self._tensor(numpy_helper.to_array(given["value"]))

    def op_Conv(self, node, given, x, w, b=None):
        rank = w.ndim - 2
        x, pads = _padded(x, given, rank)
        return [F.conv1d, F.conv2d, F.conv3d][rank - 1](
            x, w, b, given.get("strides", 1), pads, given.get("dilations", 1), given.get("group", 1)
        )

    def op_Relu(self, node, given, x):
        mask = self.switches.get(node.output[0])
        return F.relu(x) if mask is None else x * torch.from_numpy(mask).to(self.dtype)

    def op_Clip(self, node, given, x, low=None, high=None):
        low = given.get("min", low)
        return torch.clamp(x, low, given.get("max", high))

    def op_LeakyRelu(self, node, given, x):
        return F.leaky_relu(x, given.get("alpha", 0.01))

    def op_Sigmoid(self, node, given, x):
        return torch.sigmoid(x)

    def op_MaxPool(self, node, given, x):
        places = self.switches.get(node.output[0])
        if places is not None:
            return x.reshape(-1)[torch.from_numpy(places).reshape(-1)].reshape(places.shape)
        x, pads = _padded(x, given, len(given["kernel_shape"]), -np.inf)
        ceil = bool(given.get("ceil_mode", 0))
        return F.max_pool2d(x, given["kernel_shape"], given.get("strides", 1), pads, 1, ceil)

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
        axis = given.get("axis", 1)
        return F.softmax(x.reshape(*x.shape[:axis], -1), -1).reshape(x.shape)

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


def _padded(x, given, rank, fill=0.0):
    """The input, padded where the two sides differ, and the padding that is left to do."""
    pads = given.get("pads", [0] * (2 * rank))
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
