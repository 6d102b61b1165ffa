"""A network's layers as plain data: names, tensors, shapes, costs, receptive fields, sources."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.network import cost
from engine.network.axes import (
    batch_axis,
    channel_axis,
    channels_first_shape,
    layout_letters,
    position_axes,
)
from engine.network.fold import dequantize
from engine.network.receptive_field import ReceptiveField

RESERVED = frozenset(("input", "class", "logit", "weights", "bias", "tensor"))
"""Words that sessions and commands use; a layer of that name becomes ``input~2``."""


@dataclass(frozen=True)
class Quantisation:
    """What the integers of a tensor stand for: ``(value - zero_point) * scale``.

    Attributes
    ----------
    scale : tuple of float
        One for the tensor, or one for each index along ``axis``.
    zero_point : tuple of int
    axis : int
    """

    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    axis: int = 1

    def real(self, values):
        """The real numbers, float32 of the same shape."""
        scale = np.asarray(self.scale, np.float32)
        return dequantize(values, scale, np.asarray(self.zero_point, np.int32), self.axis)


@dataclass(frozen=True)
class Layer:
    """One layer; every shape is for one sample at the network's chosen input size.

    Attributes
    ----------
    name : str
        Unique in the network, of ``[A-Za-z0-9_.-]`` and perhaps ``~2``.
    kind : str
        ``conv``, ``conv-transpose``, ``linear``, ``pool``, ``add``, ``mul``, ``max``, ``concat``,
        ``norm``, ``activation``, ``attention``, ``matmul``, ``softmax``, ``resize``, ``reduce``,
        ``recurrent``, ``unpool``, or the operator's name in small letters.
    op_types : tuple of str
        In the order of the file.
    nodes : tuple of int
        Indices into ``graph.nodes``.
    pre, post : str
        Raw tensors before and after the activation function; equal when there is none.
    raw : tuple of str
        Every tensor that the layer's nodes make.
    file_layout, pre_layout : str
        Letters of the axes of ``post`` and ``pre`` in the file (see `engine.network.axes`).
    output_shape : tuple of int
        ``(C, *positions)``.
    size_is_free : bool
        Whether ``output_shape`` changes with the size of the input.
    params, macs : int
    sources : tuple of str
        Layers whose outputs it takes (through data movement), or ``"input"``.
    depth : int
        Layers on the longest path from the input, this one included.
    receptive_field : ReceptiveField or None
        None when the network's input is no picture.
    quantised : dict of str to Quantisation
        For ``"pre"`` and ``"post"`` where the file keeps these as integers.
    """

    name: str
    kind: str
    op_types: tuple[str, ...]
    nodes: tuple[int, ...]
    pre: str
    post: str
    raw: tuple[str, ...]
    file_layout: str
    pre_layout: str
    output_shape: tuple[int, ...]
    size_is_free: bool
    params: int
    macs: int
    sources: tuple[str, ...]
    depth: int
    receptive_field: ReceptiveField | None
    quantised: Mapping[str, Quantisation] = field(default_factory=dict)

    @property
    def channel_axis(self):
        """The axis of the channels in the file's ``post`` tensor, or None."""
        return channel_axis(layout_letters(self.file_layout))

    @property
    def batch_axis(self):
        """The axis of the batch in the file's ``post`` tensor, or None."""
        return batch_axis(layout_letters(self.file_layout))

    def as_json(self):
        """The entry of `lamella info --json`."""
        return {
            "name": self.name,
            "kind": self.kind,
            "op_types": list(self.op_types),
            "tensors": {"pre": self.pre, "post": self.post, "raw": list(self.raw)},
            "file_layout": self.file_layout,
            "output_shape": list(self.output_shape),
            "size_is_free": self.size_is_free,
            "params": self.params,
            "macs": self.macs,
            "receptive_field": None
            if self.receptive_field is None
            else self.receptive_field.as_json(),
            "sources": list(self.sources),
            "depth": self.depth,
        }


def layer_names(groups):
    """Unique names for groups, by the rule of DESIGN, *Names and selection*.

    Parameters
    ----------
    groups : sequence of Group
        In the order of the file.

    Returns
    -------
    list of str
    """
    used = dict.fromkeys(RESERVED, 1)
    names = []
    for group in groups:
        base = plain_name(group.main.name or group.main.outputs[0])
        used[base] = used.get(base, 0) + 1
        names.append(base if used[base] == 1 else f"{base}~{used[base]}")
    return names


def plain_name(text):
    """A name with every character outside ``[A-Za-z0-9_.-]`` replaced by ``_``."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text) or "_"


class LayerBuilder:
    """Turns groups of nodes into `Layer` objects.

    Parameters
    ----------
    graph : Graph
    groups : list of Group
    data : set of str
        Tensors that depend on the input's values.
    axes : Axes
    shapes : dict of str to tuple of int
        From the probe.
    batch : int
        The batch at which ``shapes`` were found.
    fields : ReceptiveFields or None
    other_shapes : dict of str to tuple of int, optional
        From a probe at another input size.
    """

    def __init__(self, graph, groups, data, axes, shapes, batch, fields, other_shapes=None):
        self.graph = graph
        self.groups = groups
        self.data = data
        self.axes = axes
        self.shapes = shapes
        self.batch = batch
        self.fields = fields
        self.other_shapes = other_shapes
        self.names = layer_names(groups)
        self.owner = {node.index: i for i, group in enumerate(groups) for node in group.nodes}

    def build(self):
        """The layers in order of depth: longest path from the input, then place in the file."""
        sources = [self._sources(group, i) for i, group in enumerate(self.groups)]
        depths = self._depths(sources)
        layers = [self._layer(i, sources[i], depths[i]) for i in range(len(self.groups))]
        order = sorted(range(len(layers)), key=lambda i: (depths[i], self.groups[i].main.index))
        return tuple(layers[i] for i in order)

    def _layer(self, i, sources, depth):
        group = self.groups[i]
        letters = self.axes[group.post]
        shape = channels_first_shape(self.shapes[group.post], letters, self.batch)
        nodes = sorted(group.nodes, key=lambda node: node.index)
        return Layer(
            name=self.names[i],
            kind=group.kind,
            op_types=tuple(node.op_type for node in nodes),
            nodes=tuple(node.index for node in nodes),
            pre=group.pre,
            post=group.post,
            raw=group.raw,
            file_layout=self.axes.layout(group.post),
            pre_layout=self.axes.layout(group.pre),
            output_shape=shape,
            size_is_free=self._is_free(group.post),
            params=cost.parameters(self.graph, group, shape[0]),
            macs=cost.multiply_adds(self.graph, group, self.shapes, self.batch),
            sources=tuple("input" if each is None else self.names[each] for each in sources),
            depth=depth,
            receptive_field=self._field(group.post, letters),
            quantised=self._quantised(group),
        )

    def _is_free(self, tensor):
        other = self.other_shapes
        return other is not None and other.get(tensor) not in (None, self.shapes[tensor])

    def _field(self, tensor, letters):
        if self.fields is None:
            return None
        return self.fields.of(tensor, position_axes(letters))

    def _quantised(self, group):
        names = {"pre": group.pre, "post": group.post}
        found = {which: quantisation(self.graph, name) for which, name in names.items()}
        return {which: value for which, value in found.items() if value is not None}

    def _sources(self, group, i):
        """Indices of the groups (None: the input) whose outputs a group takes, in order."""
        found, seen = {}, set()
        waiting = [name for node in group.nodes for name in node.reads][::-1]
        while waiting:
            name = waiting.pop()
            if name not in self.data or name in seen:
                continue
            seen.add(name)
            node = self.graph.producer.get(name)
            if node is None:
                found[None] = None
            elif self.owner.get(node.index) == i:
                continue
            elif node.index in self.owner:
                found[self.owner[node.index]] = None
            else:
                waiting.extend(reversed(node.reads))
        return list(found)

    def _depths(self, sources):
        depths = {}
        waiting = list(range(len(sources)))
        while waiting:
            i = waiting[-1]
            if i in depths:
                waiting.pop()
                continue
            needed = [each for each in sources[i] if each is not None and each not in depths]
            if needed:
                waiting.extend(needed)
                continue
            depths[i] = 1 + max(
                (depths[each] for each in sources[i] if each is not None), default=0
            )
            waiting.pop()
        return depths


def quantisation(graph, tensor):
    """What the integers of a tensor stand for, or None when it is not quantised.

    A scale that is worked out at run time (DynamicQuantizeLinear) is not known here: None.
    """
    from engine.rewrite.expose import scale_of

    found = scale_of(tensor, graph.producer, graph.consumers)
    if found is None:
        return None
    scale, zero = (graph.constant(name) if name else None for name in found[:2])
    if scale is None:
        return None
    zeros = np.zeros(scale.shape, np.int32) if zero is None else zero.astype(np.int32)
    axis = found[2].attributes.get("axis", 1)
    return Quantisation(
        tuple(scale.astype(float).ravel().tolist()), tuple(zeros.ravel().tolist()), axis
    )
