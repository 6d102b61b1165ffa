"""Half-precision networks in single precision: weights and inputs are cast where they come in.

The weights stay as they lie in the file; a Cast behind each is done once, when a session is made.
"""

import numpy as np

_HALVES = (10, 16)  # FLOAT16, BFLOAT16
_FLOAT = 1
SUFFIX = "/float32"


def is_half(model):
    """Whether a model computes in half precision."""
    return any(tensor.data_type in _HALVES for tensor in model.graph.initializer) or any(
        value.type.tensor_type.elem_type in _HALVES for value in model.graph.input
    )


def widen(model):
    """Compute in float32 what a model computes in float16 or bfloat16.

    Parameters
    ----------
    model : onnx.ModelProto
        Edited in place.

    Returns
    -------
    dict of str to str
        Inputs and initializers of half precision, and the float32 tensors that stand for them.
    """
    from onnx import helper

    graph = model.graph
    halves = [tensor.name for tensor in graph.initializer if tensor.data_type in _HALVES]
    halves += [v.name for v in graph.input if v.type.tensor_type.elem_type in _HALVES]
    wide = {name: name + SUFFIX for name in dict.fromkeys(halves)}
    nodes = [_node(each, wide) for each in graph.node]
    casts = [helper.make_node("Cast", [a], [b], b, to=_FLOAT) for a, b in wide.items()]
    del graph.node[:]
    graph.node.extend(casts + nodes)
    for value in graph.output:
        if value.type.tensor_type.elem_type in _HALVES:
            value.type.tensor_type.elem_type = _FLOAT
    return wide


def _node(node, wide):
    """A node that reads the wide tensors; its constants and casts are wide, too."""
    copy = type(node)()
    copy.CopyFrom(node)
    copy.input[:] = [wide.get(name, name) for name in copy.input]
    for attribute in copy.attribute:
        if attribute.name in ("to", "dtype") and attribute.i in _HALVES:
            attribute.i = _FLOAT
        if attribute.HasField("t") and attribute.t.data_type in _HALVES:
            _widen_tensor(attribute.t)
        for body in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
            inner = [_node(each, wide) for each in body.node]
            del body.node[:]
            body.node.extend(inner)
            for tensor in body.initializer:
                if tensor.data_type in _HALVES:
                    _widen_tensor(tensor)
    return copy


def _widen_tensor(tensor):
    from onnx import numpy_helper

    values = numpy_helper.to_array(tensor).astype(np.float32)
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
