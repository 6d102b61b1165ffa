"""What a gradient is taken with respect to: the input, a layer, the weights or the bias of one.

Written ``input``, ``LAYER`` (after its activation function), ``LAYER:pre`` (before it),
``weights:LAYER``, ``bias:LAYER``, or ``tensor=NAME`` for a raw tensor of the file.
"""

from dataclasses import dataclass

import numpy as np

from engine.errors import InputError

PRODUCTS = ("Conv", "ConvTranspose", "Gemm", "MatMul")
"""Operators that have weights."""
_MOVED = ("Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity")


@dataclass(frozen=True)
class Wanted:
    """One wanted tensor.

    Attributes
    ----------
    text : str
        As a person wrote it.
    tensor : str
        Of the forward graph: where the walk is to arrive.
    constant : bool
        Weights and biases: their gradients are summed over the batch.
    moves : tuple of engine.network.graph.Node
        What lies between the file's own tensor and ``tensor``, the last one first: undone where
        gradients are wanted for every sample.
    """

    text: str
    tensor: str
    constant: bool = False
    moves: tuple = ()


def find_wanted(text, network, forward, *, per_sample=False):
    """Read what a person wants a gradient with respect to.

    Parameters
    ----------
    text : str
    network : engine.network.network.Network
    forward : engine.gradient.forward.Forward
    per_sample : bool

    Returns
    -------
    Wanted

    Raises
    ------
    InputError
        When there is no such layer, or it has no weights.
    """
    if text == "input":
        return Wanted(text, forward.real(network.image_input))
    if text.startswith("tensor="):
        name = forward.real(text.removeprefix("tensor="))
        if name not in forward.names:
            raise InputError(f"the network has no tensor {name!r}", where=network.path)
        return Wanted(text, name, forward.graph.is_constant(name))
    kind, colon, layer = text.partition(":")
    if colon and kind in ("weights", "bias"):
        return _parameter(text, kind, network.layer(layer), network, forward, per_sample)
    if colon and layer not in ("pre", "post"):
        raise InputError(
            f"{text!r} is nothing to take a gradient with respect to",
            expected="input, LAYER, LAYER:pre, weights:LAYER or bias:LAYER",
        )
    found = network.layer(kind)
    return Wanted(text, forward.real(found.pre if layer == "pre" else found.post))


def _parameter(text, kind, layer, network, forward, per_sample):
    nodes = nodes_of(layer, network, forward)
    operand = _weights(nodes, forward) if kind == "weights" else _bias(nodes, forward)
    if operand is None:
        raise InputError(
            f"the layer {layer.name!r} ({layer.kind}) has no {kind} of a Conv, Gemm or MatMul",
            where=network.path,
            remedy="see `lamella info` for the layers and their parameters",
        )
    moves = _moves(operand, forward)
    if per_sample:
        _check_rows(operand, network, forward)
        return Wanted(text, operand, True, tuple(moves))
    root = moves[-1].inputs[0] if moves else operand
    return Wanted(text, root, True)


def nodes_of(layer, network, forward):
    """The nodes of the forward graph that make a layer's tensors, in their order."""
    producer, found = forward.graph.producer, {}
    waiting = list(layer.raw)
    while waiting:
        node = producer.get(waiting.pop())
        if node is None or node.index in found:
            continue
        found[node.index] = node
        added = [name for name in node.inputs if name and name not in network.shapes]
        waiting += [name for name in added if not forward.graph.is_constant(name)]
    return [found[index] for index in sorted(found)]


def _weights(nodes, forward):
    constant = forward.graph.is_constant
    for node in nodes:
        if node.op_type in PRODUCTS and not node.domain:
            for name in (node.inputs[1], node.inputs[0]):
                if constant(name):
                    return name
    return None


def _bias(nodes, forward):
    """The third operand of Conv and Gemm, or what a MatMul's (or Conv's) Add adds."""
    main = next((node for node in nodes if node.op_type in PRODUCTS), None)
    if main is None:
        return None
    if main.input(2):
        return main.input(2) if forward.graph.is_constant(main.input(2)) else None
    for node in nodes:
        if node.op_type == "Add" and node.index > main.index:
            constants = [name for name in node.inputs if forward.graph.is_constant(name)]
            if len(constants) == 1:
                return constants[0]
    return None


def _check_rows(operand, network, forward):
    """Refuse gradients for every sample where rows of different samples lie between each other."""
    letters = network.axes.letters if network.axes else {}
    for node in forward.graph.consumers.get(operand, ()):
        for name in node.inputs:
            first = letters.get(name, ("N",))[:1]
            if name != operand and first and not first[0].strip("(").startswith("N"):
                raise InputError(
                    f"the samples are not outermost in the tensor {name!r} ({first[0]} first)",
                    where=network.path,
                    remedy="leave --per-sample out, and give one sample at a time",
                )


def _moves(operand, forward):
    """Nodes that only move values between a stored tensor and an operand, the last one first."""
    moves = []
    while operand in forward.graph.producer:
        node = forward.graph.producer[operand]
        if node.op_type not in _MOVED or not forward.graph.is_constant(node.inputs[0]):
            break
        moves.append(node)
        operand = node.inputs[0]
    return moves


def undone(back, gradient, moves):
    """A gradient ``[N, *shape]`` of an operand as that of the tensor it was moved from."""
    for node in moves:
        if node.op_type == "Transpose":
            rank = len(back.sizes(node.inputs[0]))
            perm = node.attributes.get("perm") or tuple(reversed(range(rank)))
            order = [0, *(1 + int(axis) for axis in np.argsort(perm))]
            gradient = back.op("Transpose", gradient, perm=order)
        elif node.op_type != "Identity":
            gradient = back.reshape(gradient, (None, *back.sizes(node.inputs[0])))
    return gradient
