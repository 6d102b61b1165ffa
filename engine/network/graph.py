"""The real graph of a network: nodes in order, who makes and who reads each tensor, constants.

A `Graph` is read-only and knows no meaning: layers, axes and costs are worked out from it by the
other modules of this room.
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.errors import InputError
from engine.network import tensors
from engine.network.fold import evaluate

MAX_FOLDED = 1 << 28
"""Most elements of a constant that is worked out from others (weights behind DequantizeLinear)."""

_SAME_SHAPE = {"Identity", "Cast", "CastLike", "QuantizeLinear", "DequantizeLinear", "Dropout"}

_RANDOM = {
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
    "Multinomial",
    "Bernoulli",
}


@dataclass(frozen=True)
class Tensor:
    """An input or output as the file declares it.

    ``shape`` has a number, a symbol's name or None for each axis, and is None when the file says
    nothing; ``dtype`` is NumPy's name, or ``"sequence"``, ``"map"``, ``"optional"``, ``"unknown"``.
    """

    name: str
    dtype: str
    shape: tuple[int | str | None, ...] | None


@dataclass(frozen=True)
class Node:
    """One operator: ``index`` is its place in `Graph.nodes`; an absent optional input is ``""``.

    ``domain`` is ``""`` for standard ONNX. ``reads`` lists the tensors it depends on: its inputs
    without the absent ones, then what the bodies of If, Loop and Scan read from outside.
    """

    index: int
    name: str
    op_type: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    reads: tuple[str, ...]

    def input(self, position):
        """The name of an input, or ``""`` when the node does not have it."""
        return self.inputs[position] if position < len(self.inputs) else ""


class Graph:
    """The nodes and tensors of a model.

    Parameters
    ----------
    model : onnx.ModelProto
        As `engine.network.load.read_model` gave it.
    path : str or Path
        The file it was read from; external data is read from its folder.

    Attributes
    ----------
    nodes : tuple of Node
        In topological order; the file's own order wherever that is one.
    inputs, outputs : tuple of Tensor
        As declared; inputs without initializers.
    opset : int
        Version of the main operator set (0 when only other domains are used).
    producer : dict of str to Node
        Who makes a tensor.
    consumers : dict of str to list of Node
        Who reads a tensor, each node once, in order; present for every tensor of the graph.
    metadata : dict of str to str
    """

    def __init__(self, model, path):
        from engine.network.load import opset_of

        self.path = Path(path)
        self.opset = opset_of(model) or 0
        self.metadata = {entry.key: entry.value for entry in model.metadata_props}
        self._initializers = {each.name: each for each in model.graph.initializer}
        self._initializers |= {
            each.values.name: each.values for each in model.graph.sparse_initializer
        }
        self._sparse = {
            each.values.name: tuple(each.dims) for each in model.graph.sparse_initializer
        }
        self.inputs = tuple(
            declared(value) for value in model.graph.input if value.name not in self._initializers
        )
        self.outputs = tuple(declared(value) for value in model.graph.output)
        self.nodes = self._ordered(
            [_node(each, i, self.path) for i, each in enumerate(model.graph.node)]
        )
        self.producer = {name: node for node in self.nodes for name in node.outputs if name}
        self.consumers = {name: [] for name in (*self._initializers, *self.producer)}
        self.consumers |= {each.name: [] for each in self.inputs}
        for node in self.nodes:
            for name in dict.fromkeys(node.reads):
                self.consumers[name].append(node)
        for output in self.outputs:
            if output.name not in self.consumers:
                self._fault(f"nothing makes its output {output.name!r}")
        self._constant_names = self._find_constants()
        self._folded = {}

    def _fault(self, what):
        raise InputError(what, where=self.path, remedy="the graph is damaged: export it again")

    def _ordered(self, nodes):
        """Kahn's order, the file's place first; refuses cycles, doubles and missing tensors."""
        maker = {}
        known = {*self._initializers, *(each.name for each in self.inputs)}
        for node in nodes:
            for name in node.outputs:
                if name and (name in maker or name in known):
                    self._fault(f"the tensor {name!r} is made twice")
                if name:
                    maker[name] = node.index
        waiting, readers = {}, {node.index: [] for node in nodes}
        for node in nodes:
            for name in node.reads:
                if name not in maker and name not in known:
                    reader = node.name or node.op_type
                    self._fault(f"nothing makes the tensor {name!r} that {reader!r} reads")
            sources = {maker[name] for name in node.reads if name in maker}
            waiting[node.index] = len(sources)
            for source in sources:
                readers[source].append(node.index)
        ready = [node.index for node in nodes if not waiting[node.index]]
        heapq.heapify(ready)
        order = []
        while ready:
            place = heapq.heappop(ready)
            order.append(place)
            for reader in readers[place]:
                waiting[reader] -= 1
                if not waiting[reader]:
                    heapq.heappush(ready, reader)
        if len(order) < len(nodes):
            self._fault("its nodes form a cycle")
        return tuple(
            nodes[place] if place == i else replace(nodes[place], index=i)
            for i, place in enumerate(order)
        )

    def _find_constants(self):
        constant = set(self._initializers)
        for node in self.nodes:
            if node.op_type not in _RANDOM and all(name in constant for name in node.reads):
                constant.update(name for name in node.outputs if name)
        return constant

    def is_constant(self, name):
        """Whether a tensor depends on no graph input; weights behind DequantizeLinear count."""
        return name in self._constant_names

    def constant(self, name):
        """The value of a constant tensor.

        Returns
        -------
        ndarray or None
            Read-only. None when the tensor is not constant, is larger than `MAX_FOLDED` elements
            after folding, or depends on an operator that is not folded here.

        Notes
        -----
        Initializers are read anew each time (external data: mapped); folded values of up to
        65,536 elements are remembered.
        """
        if not self.is_constant(name) or name in self._sparse:
            return None
        if name in self._initializers:
            return self._read(name)
        if name not in self._folded:
            value = self._fold(name)
            if value is not None and value.size > 1 << 16:
                return value
            self._folded[name] = value
        return self._folded[name]

    def constant_shape(self, name):
        """The shape of a constant tensor without loading it, or None when it is not known."""
        if not self.is_constant(name):
            return None
        turns = []
        while name not in self._initializers:
            node = self.producer[name]
            if node.op_type == "Transpose":
                turns.append(node.attributes.get("perm"))
            elif node.op_type == "Constant":
                break
            elif node.op_type not in _SAME_SHAPE:
                return self._worked_out_shape(name, turns)
            name = node.inputs[0]
        if name in self._sparse:
            shape = self._sparse[name]
        elif name in self._initializers:
            shape = tuple(self._initializers[name].dims)
        else:
            value = self.constant(name)
            shape = None if value is None else value.shape
        return _turned(shape, turns)

    def _worked_out_shape(self, name, turns):
        value = self.constant(name)
        return None if value is None else _turned(value.shape, turns)

    def _read(self, name):
        value = tensors.values(self._initializers[name], self.path.parent, self.path.name)
        value.flags.writeable = False
        return value

    def _fold(self, name):
        values = {}
        for node in self._constant_ancestors(name):
            operands = []
            for each in node.inputs:
                if each and each not in values:
                    values[each] = (
                        self._folded.get(each) if each in self.producer else self._operand(each)
                    )
                operands.append(values[each] if each else None)
            known = all(
                value is not None for value, each in zip(operands, node.inputs, strict=True) if each
            )
            value = evaluate(node, operands, MAX_FOLDED) if known else None
            if value is not None:
                value.flags.writeable = False
            values[node.outputs[0]] = value
        return values.get(name)

    def _operand(self, name):
        return None if name in self._sparse else self._read(name)

    def _constant_ancestors(self, name):
        found, waiting = {}, [name]
        while waiting:
            each = waiting.pop()
            node = self.producer.get(each)
            if node is None or node.index in found or (each in self._folded and each != name):
                continue
            found[node.index] = node
            waiting.extend(each for each in node.inputs if each)
        return [found[index] for index in sorted(found)]


class _Attributes(Mapping):
    """A node's attributes as Python values; tensors are decoded when they are asked for."""

    def __init__(self, node, path):
        self._protos = {each.name: each for each in node.attribute}
        self._path = path

    def __getitem__(self, name):
        return _value(self._protos[name], self._path)

    def __iter__(self):
        return iter(self._protos)

    def __len__(self):
        return len(self._protos)

    def __repr__(self):
        return repr({name: self[name] for name in self})


def _value(proto, path):
    kinds = proto.AttributeType
    match proto.type:
        case kinds.FLOAT:
            return proto.f
        case kinds.INT:
            return proto.i
        case kinds.STRING:
            return proto.s.decode("utf-8", "replace")
        case kinds.TENSOR:
            return tensors.values(proto.t, path.parent, path.name)
        case kinds.FLOATS:
            return tuple(proto.floats)
        case kinds.INTS:
            return tuple(proto.ints)
        case kinds.STRINGS:
            return tuple(each.decode("utf-8", "replace") for each in proto.strings)
        case kinds.TENSORS:
            return tuple(tensors.values(each, path.parent, path.name) for each in proto.tensors)
        case kinds.GRAPH:
            return proto.g
        case kinds.GRAPHS:
            return tuple(proto.graphs)
        case kinds.UNDEFINED:
            return _untyped_value(proto)
    return proto


def _untyped_value(proto):
    """Files of IR version 1 do not state an attribute's type; the field that is set does."""
    if proto.HasField("f"):
        return proto.f
    if proto.HasField("i"):
        return proto.i
    if proto.HasField("s"):
        return proto.s.decode("utf-8", "replace")
    return tuple(proto.ints) or tuple(proto.floats) or proto


def _node(proto, index, path):
    inputs = tuple(proto.input)
    domain = "" if proto.domain == "ai.onnx" else proto.domain
    reads = [name for name in inputs if name]
    for attribute in proto.attribute:
        for body in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
            reads += _read_from_outside(body)
    attributes = _Attributes(proto, path)
    return Node(
        index,
        proto.name,
        proto.op_type,
        domain,
        inputs,
        tuple(proto.output),
        attributes,
        tuple(reads),
    )


def _read_from_outside(body):
    """Names that a subgraph reads and does not make itself, in order."""
    inside = {value.name for value in body.input} | {each.name for each in body.initializer}
    found = {}
    for node in body.node:
        names = [name for name in node.input if name]
        for attribute in node.attribute:
            for inner in ([attribute.g] if attribute.HasField("g") else []) + list(
                attribute.graphs
            ):
                names += _read_from_outside(inner)
        found.update((name, None) for name in names if name not in inside)
        inside.update(node.output)
    found.update((value.name, None) for value in body.output if value.name not in inside)
    return list(found)


def declared(value):
    """A ValueInfoProto as a `Tensor`."""
    kind = value.type.WhichOneof("value")
    if kind not in ("tensor_type", "sparse_tensor_type"):
        return Tensor(value.name, kind.removesuffix("_type") if kind else "unknown", None)
    typed = getattr(value.type, kind)
    shape = None
    if typed.HasField("shape"):
        shape = tuple(_dimension(each) for each in typed.shape.dim)
    return Tensor(value.name, tensors.dtype_name(typed.elem_type), shape)


def _dimension(proto):
    which = proto.WhichOneof("value")
    if which == "dim_value":
        return proto.dim_value if proto.dim_value >= 0 else None
    return proto.dim_param or None if which else None


def _turned(shape, turns):
    if shape is None:
        return None
    for perm in reversed(turns):
        perm = tuple(reversed(range(len(shape)))) if perm is None else perm
        if sorted(perm) != list(range(len(shape))):
            return None
        shape = tuple(shape[axis] for axis in perm)
    return shape
