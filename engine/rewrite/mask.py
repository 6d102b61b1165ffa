"""Lets channels of tensors be replaced when a graph runs: which ones, and by what, are inputs.

A Where, not a product: what stood there leaves no trace, whatever it was (NaN and Inf times zero
are NaN). With nothing replaced every bit passes unchanged.
"""

from dataclasses import dataclass

# what Where takes in every runtime, as numbers of onnx.proto: others go through a wider type
_FLOAT, _INT32, _BOOL = 1, 6, 9
_TAKEN = frozenset((1, 2, 6, 7, 10, 11))  # uint8 (2) too, FLOAT16 (10) by the runtime's own casts
_BFLOAT16 = 16
_WIDER = {_BFLOAT16: _FLOAT, 3: _INT32, 4: _INT32, 5: _INT32}

OFF, VALUE, MASKED = "/off", "/value", "/masked"


@dataclass(frozen=True)
class Mask:
    """Two new inputs of a model that replace channels of a tensor.

    Attributes
    ----------
    tensor : str
    off : str
        bool, 1 along every axis but the channels': true where a channel is replaced.
    value : str
        By what, of the tensor's own dtype (float32 for bfloat16) and of the same shape.
    """

    tensor: str
    off: str
    value: str


def mask(model, tensors):
    """Let channels of some tensors be replaced.

    Parameters
    ----------
    model : onnx.ModelProto
        Of operator set 9 or newer; **edited in place**.
    tensors : dict of str to (int, tuple of int)
        ONNX's number of the dtype and the shape of ``off`` for each tensor: outputs of nodes, or
        inputs of the graph.

    Returns
    -------
    dict of str to Mask
        All readers of a tensor read ``TENSOR/masked`` then, subgraphs and the graph's outputs too
        (an output is renamed so).
    """
    from onnx import helper

    graph = model.graph
    renamed = {name: name + MASKED for name in tensors}
    inputs = {value.name for value in graph.input}
    nodes, masks = [], {}
    for name in tensors:
        if name in inputs:
            nodes += _replacing(name, tensors[name][0])
    for node in graph.node:
        copy = type(node)()
        copy.CopyFrom(node)
        _read(copy, renamed)
        nodes.append(copy)
        for name in node.output:
            if name in tensors:
                nodes += _replacing(name, tensors[name][0])
    del graph.node[:]
    graph.node.extend(nodes)
    for value in graph.output:
        value.name = renamed.get(value.name, value.name)
    for name, (code, shape) in tensors.items():
        masks[name] = Mask(name, name + OFF, name + VALUE)
        graph.input.append(helper.make_tensor_value_info(name + OFF, _BOOL, list(shape)))
        code = _FLOAT if code == _BFLOAT16 else code
        graph.input.append(helper.make_tensor_value_info(name + VALUE, code, list(shape)))
    return masks


def _replacing(name, code):
    """Nodes that make ``name/masked``."""
    from onnx import helper

    off, value, masked = name + OFF, name + VALUE, name + MASKED
    if code in _TAKEN:
        return [helper.make_node("Where", [off, value, name], [masked], masked)]
    wide, given, chosen = f"{name}/wide", f"{value}/wide", f"{masked}/wide"
    to = _WIDER[code]
    return [
        helper.make_node("Cast", [name], [wide], wide, to=to),
        helper.make_node("Cast", [value], [given], given, to=to),
        helper.make_node("Where", [off, given, wide], [chosen], chosen),
        helper.make_node("Cast", [chosen], [masked], masked, to=code),
    ]


def _read(node, renamed):
    """Let a node, and bodies of If, Loop and Scan in it, read under other names."""
    node.input[:] = [renamed.get(name, name) for name in node.input]
    for attribute in node.attribute:
        for body in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
            inside = {value.name for value in body.input}
            inside |= {each.name for each in body.initializer}
            inside |= {name for inner in body.node for name in inner.output}
            outside = {name: new for name, new in renamed.items() if name not in inside}
            for inner in body.node:
                _read(inner, outside)
            for value in body.output:
                value.name = outside.get(value.name, value.name)
