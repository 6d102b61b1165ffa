"""Patches of the picture in place of the whole: units of any local part of a network.

A unit reads its receptive field alone. A patch that holds the field, starts at a multiple of the
layer's stride and ends at the picture's border where the field does gives the same forward and
backward pass, exactly; many patches go together as one batch.
"""

import math
import tempfile
from pathlib import Path

import numpy as np

from engine.network.axes import from_channels_first, layout_letters

_LOCAL = frozenset(
    "Conv MaxPool AveragePool BatchNormalization Relu LeakyRelu PRelu Clip Sigmoid HardSigmoid "
    "Tanh Elu Selu Celu Softplus Softsign HardSwish Mish Gelu Erf LRN Add Sub Mul Div Concat "
    "Identity Dropout Cast Pad".split()
)
MARGIN = 3
"""Strides that a patch is longer than a field: room for neighbouring units of one filter."""


class Patches:
    """The part of a network up to one layer, at the size of a patch.

    Parameters
    ----------
    network : engine.network.network.Network
    layer : engine.network.layers.Layer
        One that `fits` finds nothing against.
    device : {None, "cpu", "cuda"}
    threads : int, optional
    task : engine.tasks.Task, optional

    Attributes
    ----------
    size : (int, int)
    """

    def __init__(self, network, layer, *, device=None, threads=None, task=None):
        from engine.attribution.explainer import Explainer
        from engine.network.network import open_network
        from engine.run.runner import Runner

        self._network, self._layer = network, layer
        self.size = patch_size(layer)
        self._stride = [int(step) for step in layer.receptive_field.stride]
        self._folder = tempfile.TemporaryDirectory(prefix="lamella-patch-")
        path = Path(self._folder.name) / "patch.onnx"
        path.write_bytes(_part(network, layer, self.size).SerializeToString())
        small = open_network(path, preprocess=network.preprocessing, device=device, task=task)
        self._runner = Runner(path, device=device, threads=threads, task=task)
        self._explainer = Explainer(small, self._runner)

    def close(self):
        """End the child process and remove the file."""
        self._runner.close()
        self._folder.cleanup()

    def starts(self, boxes):
        """Where patches for fields begin: int64[n, 2], and which fields fit one: bool[n].

        Parameters
        ----------
        boxes : int64[n, 4]
            Not clipped to the picture.
        """
        whole = self._picture_size()
        begins, fit = np.empty((len(boxes), 2), np.int64), np.ones(len(boxes), bool)
        for axis in (0, 1):
            step, size = self._stride[axis], self.size[axis]
            first = np.clip(boxes[:, axis] // step * step, 0, whole[axis] - size)
            fit &= np.minimum(boxes[:, 2 + axis], whole[axis]) <= first + size
            begins[:, axis] = first
        return begins, fit

    def project(self, picture, units, values, group, begins, method, task=None):
        """Project groups of units back.

        Parameters
        ----------
        picture : the input's dtype and shape, a batch of one
        units : int64[n, 3]
            Channel, row, column.
        values : float32[n]
        group : int64[n]
        begins : int64[g, 2]
            From `starts`, for every group.
        method : {"deconvnet", "guided", "gradient"}

        Returns
        -------
        list of float32[h, w, C]
        """
        from engine.attribution.graphs import build_seeded
        from engine.attribution.top_filters import SEEDS, pictures_of

        explainer, name = self._explainer, f"tensor={self._layer.post}"
        built, graph = explainer.graph(
            (method, "patch"),
            lambda: build_seeded(
                explainer.network,
                explainer.forward,
                name,
                ("input",),
                rules=explainer._rules(method),
            ),
        )
        shape = self._local_shape()
        found = []
        for first in range(0, len(begins), SEEDS):
            last = min(first + SEEDS, len(begins))
            seeds = np.zeros((last - first, *shape), np.float32)
            chosen = (group >= first) & (group < last)
            place = units[chosen, 1:] - begins[group[chosen]] // self._stride
            at = (group[chosen] - first, units[chosen, 0], place[:, 0], place[:, 1])
            seeds[at] = values[chosen]
            seeds = np.ascontiguousarray(from_channels_first(seeds, self._layer))
            patches = np.concatenate([self._cut(picture, begin) for begin in begins[first:last]])
            results = explainer.run(graph, patches, task=task, seed=seeds)
            gradients = results[built.gradients["input"]]
            found += pictures_of(explainer.network, gradients, last - first)
        return found

    def _picture_size(self):
        letters = layout_letters(self._network.input_layout)
        return [self._network.input_shape[letters.index(axis)] for axis in "HW"]

    def _local_shape(self):
        sizes = [size // step for size, step in zip(self.size, self._stride, strict=True)]
        return (self._layer.output_shape[0], *sizes)

    def _cut(self, picture, begin):
        letters = layout_letters(self._network.input_layout)
        part = [slice(None)] * picture.ndim
        for axis, start, size in zip("HW", begin, self.size, strict=True):
            part[letters.index(axis)] = slice(start, start + size)
        return picture[tuple(part)]


def patch_size(layer):
    """Rows and columns of a layer's patches."""
    field = layer.receptive_field
    return tuple(
        math.ceil((size + MARGIN * step) / step) * int(step)
        for size, step in zip(field.size, field.stride, strict=True)
    )


def fits(network, layer):
    """Why a layer's units do not go in patches, as words; ``""`` where they do."""
    field = layer.receptive_field
    letters = layout_letters(network.input_layout)
    if field is None or field.status != "exact" or not field.uniform:
        return "its receptive fields are not all of one size"
    if "H" not in letters or "W" not in letters or len(layer.output_shape) != 3:
        return "it has no rows and columns"
    whole = [network.input_shape[letters.index(axis)] for axis in "HW"]
    for axis in (0, 1):
        step = field.stride[axis]
        if step < 1 or step != int(step) or whole[axis] != step * layer.output_shape[1 + axis]:
            return "its stride does not divide the picture"
    if any(p > w for p, w in zip(patch_size(layer), whole, strict=True)):
        return "its receptive field is as large as the picture"
    for node in _nodes(network.graph, layer.post):
        if node.op_type not in _LOCAL or node.domain:
            return f"{node.op_type} (node {node.name or node.outputs[0]!r}) may read more"
        if any(_is_spread(network, node, name) for name in node.inputs if name):
            return f"a constant of {node.name or node.outputs[0]!r} has rows and columns"
    return ""


def _is_spread(network, node, name):
    """Whether a constant that is added or multiplied differs from place to place."""
    if node.op_type not in ("Add", "Sub", "Mul", "Div", "Concat", "PRelu"):
        return False
    shape = network.graph.constant_shape(name) if network.graph.is_constant(name) else ()
    if shape is None or node.op_type == "Concat":
        return network.graph.is_constant(name)
    return len(shape) > 1 and sum(size > 1 for size in shape) > 1


def _nodes(graph, tensor):
    """The nodes that a tensor depends on, constants' own left out; in the order of the file."""
    found, waiting = {}, [tensor]
    while waiting:
        node = graph.producer.get(waiting.pop())
        if node is None or node.index in found:
            continue
        if all(graph.is_constant(name) for name in node.outputs if name):
            continue
        found[node.index] = node
        waiting.extend(node.reads)
    return [found[index] for index in sorted(found)]


def _part(network, layer, size):
    """The model up to a layer, for patches, its batch free."""
    from onnx import helper

    from engine.network.load import read_model

    model = read_model(network.path)
    graph = model.graph
    maker = {name: node for node in graph.node for name in node.output}
    needed, waiting = set(), [layer.post]
    while waiting:
        name = waiting.pop()
        if name and name not in needed:
            needed.add(name)
            waiting.extend(maker[name].input if name in maker else ())
    kept = [node for node in graph.node if any(name in needed for name in node.output)]
    kept = [type(node).FromString(node.SerializeToString()) for node in kept]
    weights = [each for each in graph.initializer if each.name in needed]
    weights = [type(each).FromString(each.SerializeToString()) for each in weights]
    image = next(value for value in graph.input if value.name == network.image_input)
    code = image.type.tensor_type.elem_type
    letters = layout_letters(network.input_layout)
    shape = list(network.input_shape)
    for axis, length in zip("HW", size, strict=True):
        shape[letters.index(axis)] = length
    shape[letters.index("N")] = "N"
    for field in (graph.node, graph.initializer, graph.input, graph.output, graph.value_info):
        del field[:]
    graph.node.extend(kept)
    graph.initializer.extend(weights)
    graph.input.append(helper.make_tensor_value_info(network.image_input, code, shape))
    graph.output.add(name=layer.post)
    return model
