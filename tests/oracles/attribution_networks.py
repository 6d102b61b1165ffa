"""Small networks written twice, in PyTorch and as ONNX with the same weights; runs in `.oracles`.

``plain``: convolutions, max poolings, two dense layers. ``residual``: BatchNorm after every
convolution, two residual sums with and without a convolution in the shortcut, average pooling.
``mixed``: strides, dilation, groups, a leaky rectifier, ReLU6, overlapping pooling, concatenation.
"""

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from tests.oracles.zennit_alone import Sum

SHAPE = (1, 3, 24, 24)


class Add(nn.Module):
    """A sum that Zennit knows as one."""

    def __init__(self):
        super().__init__()
        self.sum = Sum()

    def forward(self, a, b):
        return self.sum(torch.stack([a, b], dim=-1))


class Graph(nn.Module):
    """Named modules, each with the names of what it takes; "x" is the input."""

    def __init__(self, steps):
        super().__init__()
        self.names = [(name, sources) for name, _, sources in steps]
        for name, module, _ in steps:
            self.add_module(name, module)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.uniform_(module.bias, -0.5, 0.5)
                nn.init.uniform_(module.running_mean, -0.5, 0.5)
                nn.init.uniform_(module.running_var, 0.5, 1.5)
        self.double().eval()

    def forward(self, x):
        values = {"x": x}
        for name, sources in self.names:
            values[name] = getattr(self, name)(*(values[source] for source in sources))
        return values[self.names[-1][0]]


class Join(nn.Module):
    """Channels of two tensors, one after the other."""

    def forward(self, a, b):
        return torch.cat([a, b], 1)


def chain(*modules, source="x", prefix="n"):
    """Steps one after the other."""
    steps = []
    for place, module in enumerate(modules):
        name = f"{prefix}{place}"
        steps.append((name, module, [source]))
        source = name
    return steps


def plain():
    return Graph(
        chain(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 12, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(300, 20),
            nn.ReLU(),
            nn.Linear(20, 7),
        ),
    )


def residual():
    steps = chain(nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
    steps += chain(
        nn.Conv2d(8, 8, 3, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1, bias=False),
        nn.BatchNorm2d(8),
        source="n2",
        prefix="a",
    )
    steps += [("add_a", Add(), ["a4", "n2"]), ("relu_a", nn.ReLU(), ["add_a"])]
    steps += chain(
        nn.Conv2d(8, 12, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(12),
        nn.ReLU(),
        nn.Conv2d(12, 12, 3, padding=1, bias=False),
        nn.BatchNorm2d(12),
        source="relu_a",
        prefix="b",
    )
    steps += chain(
        nn.Conv2d(8, 12, 1, stride=2, bias=False), nn.BatchNorm2d(12), source="relu_a", prefix="s"
    )
    steps += [("add_b", Add(), ["b4", "s1"]), ("relu_b", nn.ReLU(), ["add_b"])]
    steps += chain(nn.AvgPool2d(6), nn.Flatten(), nn.Linear(12, 7), source="relu_b", prefix="e")
    return Graph(steps)


def mixed():
    steps = chain(
        nn.Conv2d(3, 8, 5, stride=2, padding=2),
        nn.LeakyReLU(0.1),
        nn.MaxPool2d(3, 2, 1),
        nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=2),
        nn.ReLU6(),
    )
    steps += [
        ("left", nn.Conv2d(8, 6, 1), ["n4"]),
        ("left_r", nn.ReLU(), ["left"]),
        ("right", nn.Conv2d(8, 6, 3, padding=1), ["n4"]),
        ("right_r", nn.ReLU(), ["right"]),
        ("join", Join(), ["left_r", "right_r"]),
    ]
    steps += chain(nn.Flatten(), nn.Linear(12 * 36, 7), source="join", prefix="e")
    return Graph(steps)


NETWORKS = {"plain": plain, "residual": residual, "mixed": mixed}


def made(name):
    """A network with its own weights, the same every time."""
    torch.manual_seed(list(NETWORKS).index(name))
    return NETWORKS[name]()


def as_onnx(network):
    """The same network as an ONNX model; layers are named as the modules."""
    nodes, weights = [], []

    def constant(name, values):
        array = values.detach().numpy().astype(np.float32)
        weights.append(numpy_helper.from_array(array, name))
        return name

    for name, sources in network.names:
        module = getattr(network, name)
        op, attributes, values = _operator(module)
        inputs = [*sources, *(constant(f"{name}.{key}", value) for key, value in values)]
        nodes.append(helper.make_node(op, inputs, [name], name, **attributes))
    with torch.no_grad():
        classes = network(torch.zeros(SHAPE).double()).shape[1]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", *SHAPE[1:]])],
        [helper.make_tensor_value_info(network.names[-1][0], TensorProto.FLOAT, ["N", classes])],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _operator(module):
    """Operator, attributes and constants of a module."""
    if isinstance(module, nn.Conv2d):
        pads = [*module.padding, *module.padding]
        given = {"strides": module.stride, "pads": pads, "dilations": module.dilation}
        given |= {"group": module.groups, "kernel_shape": module.kernel_size}
        values = [("w", module.weight)]
        return "Conv", given, values + ([("b", module.bias)] if module.bias is not None else [])
    if isinstance(module, nn.Linear):
        return "Gemm", {"transB": 1}, [("w", module.weight), ("b", module.bias)]
    if isinstance(module, nn.BatchNorm2d):
        keys = ("weight", "bias", "running_mean", "running_var")
        values = [(key, getattr(module, key)) for key in keys]
        return "BatchNormalization", {"epsilon": module.eps}, values
    if isinstance(module, nn.ReLU6):
        return "Clip", {}, [("low", torch.tensor(0.0)), ("high", torch.tensor(6.0))]
    if isinstance(module, nn.LeakyReLU):
        return "LeakyRelu", {"alpha": module.negative_slope}, []
    if isinstance(module, nn.MaxPool2d):
        size, stride, pad = module.kernel_size, module.stride, module.padding
        given = {"kernel_shape": [size] * 2, "strides": [stride] * 2, "pads": [pad] * 4}
        return "MaxPool", given, []
    if isinstance(module, nn.AvgPool2d):
        size = [module.kernel_size] * 2
        return "AveragePool", {"kernel_shape": size, "strides": size}, []
    named = {nn.ReLU: "Relu", nn.Flatten: "Flatten", Add: "Add"}
    if isinstance(module, Join):
        return "Concat", {"axis": 1}, []
    return named[type(module)], {}, []


def checked(network, model, x):
    """The network's scores in PyTorch, the ONNX evaluator's beside them."""
    from onnx.reference import ReferenceEvaluator

    with torch.no_grad():
        scores = network(torch.from_numpy(x).double()).numpy()
    found = ReferenceEvaluator(model).run(None, {"x": x.astype(np.float32)})[0]
    assert np.allclose(scores, found, atol=1e-4), np.abs(scores - found).max()
    return scores


def written(model, path):
    onnx.save(model, path)
