"""The light architectures of the onnx package with seeded He-normal weights; NumPy and onnx only.

The package keeps nine published networks as graphs without weights (ConstantOfShape stands for
each): squeezenet, resnet50, densenet121, inception v1 and v2, shufflenet, alexnet, zfnet512, vgg19.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

NAMES = (
    "squeezenet",
    "shufflenet",
    "inception_v1",
    "inception_v2",
    "densenet121",
    "resnet50",
    "bvlc_alexnet",
    "zfnet512",
    "vgg19",
)


def folder():
    """Where the package keeps them."""
    return Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


def light_network(name, seed=0):
    """One architecture with weights.

    Parameters
    ----------
    name : str
        Of `NAMES`.
    seed : int

    Returns
    -------
    onnx.ModelProto
        Weights are initializers: matrices and kernels normal with variance 2 / fan-in, biases and
        means normal times 0.1, scales and variances around 1.
    """
    model = onnx.load(folder() / f"light_{name}.onnx")
    graph = model.graph
    known = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    shapes = {}
    for node in graph.node:
        if node.op_type == "Constant":
            known[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        elif node.op_type == "ConstantOfShape":
            shapes[node.output[0]] = tuple(int(size) for size in known[node.input[0]])
    roles = _roles(graph)
    rng = np.random.default_rng(seed)
    kept = [node for node in graph.node if node.op_type != "ConstantOfShape"]
    made = {n: _values(rng, roles.get(n), shape) for n, shape in shapes.items()}
    for each in graph.initializer:
        if each.name in roles and known[each.name].dtype == np.float32:
            made[each.name] = _values(rng, roles[each.name], known[each.name].shape)
    rest = [each for each in graph.initializer if each.name not in made]
    new = [numpy_helper.from_array(value, name) for name, value in made.items()]
    taken = {each.name for each in rest} | set(made)
    inputs = [value for value in graph.input if value.name not in taken]
    fresh = helper.make_graph(kept, graph.name, inputs, list(graph.output), rest + new)
    imports = list(model.opset_import)
    return helper.make_model(fresh, opset_imports=imports, ir_version=8)


def _roles(graph):
    """What each weight is: by the operator that reads it (through Unsqueeze) and its place."""
    roles, passed = {}, {}
    for node in graph.node:
        if node.op_type in ("Unsqueeze", "Reshape"):
            passed[node.output[0]] = node.input[0]
    places = {
        "Conv": {1: "weight", 2: "bias"},
        "Gemm": {1: "weight", 2: "bias"},
        "BatchNormalization": {1: "scale", 2: "bias", 3: "bias", 4: "scale"},
        "Mul": {1: "scale"},
        "Add": {1: "bias"},
    }
    for node in graph.node:
        for place, role in places.get(node.op_type, {}).items():
            if place < len(node.input):
                name = node.input[place]
                roles[passed.get(name, name)] = role
    return roles


def _values(rng, role, shape):
    if role == "weight" or role is None and len(shape) > 1:
        fan_in = int(np.prod(shape[1:]))
        return (rng.standard_normal(shape, np.float32) * np.sqrt(2 / fan_in)).astype(np.float32)
    if role == "scale":
        return rng.uniform(0.8, 1.2, shape).astype(np.float32)
    return (0.1 * rng.standard_normal(shape)).astype(np.float32)


def picture(shape, seed=1):
    """The input on which they are compared: smooth noise of mean 0 and deviation 1."""
    rng = np.random.default_rng(seed)
    coarse = rng.standard_normal((shape[0], shape[1], 28, 28)).astype(np.float32)
    wide = coarse.repeat(8, 2).repeat(8, 3)[:, :, : shape[2], : shape[3]]
    return (wide + 0.3 * rng.standard_normal(shape)).astype(np.float32)


def before_softmax(model):
    """The tensor of logits: what enters the last Softmax, else the output."""
    output = model.graph.output[0].name
    for node in reversed(model.graph.node):
        if output in node.output:
            if node.op_type in ("Softmax", "LogSoftmax"):
                return node.input[0]
            if node.op_type not in ("Reshape", "Identity", "Flatten"):
                return output
            output = node.input[0]
    return output
