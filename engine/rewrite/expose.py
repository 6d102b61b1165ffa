"""Make chosen tensors of a model its outputs, quantised ones as the real numbers they stand for.

The function of the graph stays the same: nodes are only added, at its end. Weights are not touched,
so that a model with external data can be edited without loading them and run from its folder
(``session.model_external_initializers_file_folder_path``).
"""

import difflib

from engine.errors import InputError

# Operators with a quantised output: where the scale and the zero point stand among their inputs.
OUTPUT_SCALES = {
    "QuantizeLinear": (1, 2),
    "QLinearConv": (6, 7),
    "QLinearConvTranspose": (6, 7),
    "QLinearMatMul": (6, 7),
    "QLinearAdd": (6, 7),
    "QLinearMul": (6, 7),
    "QLinearAveragePool": (3, 4),
    "QLinearGlobalAveragePool": (3, 4),
    "QLinearReduceMean": (3, 4),
    "QLinearLeakyRelu": (3, 4),
    "QLinearSigmoid": (3, 4),
    "QLinearSoftmax": (3, 4),
    "QLinearConcat": (0, 1),
    "QLinearWhere": (7, 8),
    "QGemm": (7, 8),
}

# Operators that hand values on unchanged, so that their output has the scale of their first input.
_HANDS_ON = frozenset(
    "Identity Reshape Transpose Flatten Squeeze Unsqueeze Slice Split Gather MaxPool Pad Expand "
    "DepthToSpace SpaceToDepth Tile Dropout Concat ChannelShuffle Resize".split()
)

_SUFFIX = "/real"


def expose(model, tensors):
    """Give a model exactly the outputs ``tensors``, in this order.

    Parameters
    ----------
    model : onnx.ModelProto
        As `engine.network.load.read_model` gave it. It is **edited in place** (no weight is
        copied) and may be exposed again with other tensors: nodes of an earlier call are reused.
    tensors : sequence of str
        Raw tensor names, each once. Inputs and initializers are allowed too.

    Returns
    -------
    onnx.ModelProto
        The same object. ``graph.output[i]`` stands for ``tensors[i]``; it has the same name, but
        where the tensor is quantised (the output of a QLinear operator or of QuantizeLinear, or
        what data movement makes of one) it is a new float32 tensor ``NAME/real`` with the real
        values, by a DequantizeLinear with the file's own scale and zero point.

    Raises
    ------
    InputError
        When the graph has no tensor of that name.
    ValueError
        When a name is given twice.

    Examples
    --------
    >>> outputs = [value.name for value in expose(model, names).graph.output]
    >>> values = dict(zip(names, session.run(outputs, feeds)))
    """
    if len(set(tensors)) != len(tensors):
        raise ValueError("each tensor can be exposed once")
    names = _Names(model.graph)
    outputs = [_output_for(name, names, model) for name in tensors]
    types = {value.name: value for value in model.graph.output}
    kept = [types[name] for name in outputs if name in types]
    kept = {value.name: value for value in (_copy(value) for value in kept)}
    del model.graph.output[:]
    for name in outputs:
        if name in kept:
            model.graph.output.append(kept[name])
        else:
            model.graph.output.add(name=name)
    return model


def scale_of(tensor, producer, consumers):
    """Find the scale and zero point of a quantised tensor.

    Parameters
    ----------
    tensor : str
    producer : mapping of str to node
        Any object with ``op_type`` and ``input`` or ``inputs`` will do as node.
    consumers : mapping of str to sequence of node

    Returns
    -------
    (scale, zero_point, node) or None
        Tensor names (zero point ``""`` when there is none) and the node they were taken from;
        None for a tensor that is not quantised.
    """
    seen = set()
    name = tensor
    while name and name not in seen:
        seen.add(name)
        node = producer.get(name)
        if node is None:
            break
        inputs = _inputs(node)
        if node.op_type in OUTPUT_SCALES:
            at = OUTPUT_SCALES[node.op_type]
            scale, zero = (inputs[i] if i < len(inputs) else "" for i in at)
            return (scale, zero, node) if scale else None
        if node.op_type == "DynamicQuantizeLinear":
            outputs = list(getattr(node, "outputs", None) or node.output)
            return (outputs[1], outputs[2], node) if outputs[0] == name else None
        if node.op_type not in _HANDS_ON or not inputs:
            break
        name = inputs[0]
    for node in consumers.get(tensor, ()):
        inputs = _inputs(node)
        if node.op_type == "DequantizeLinear" and inputs[0] == tensor:
            return inputs[1], inputs[2] if len(inputs) > 2 else "", node
    return None


def _inputs(node):
    return list(node.inputs) if hasattr(node, "inputs") else list(node.input)


def _copy(value):
    copy = type(value)()
    copy.CopyFrom(value)
    return copy


class _Names:
    """Who makes and who reads each tensor of a GraphProto."""

    def __init__(self, graph):
        self.producer = {name: node for node in graph.node for name in node.output if name}
        self.consumers = {}
        for node in graph.node:
            for name in node.input:
                self.consumers.setdefault(name, []).append(node)
        self.sources = {value.name for value in graph.input}
        self.sources |= {tensor.name for tensor in graph.initializer}
        self.sources |= {tensor.values.name for tensor in graph.sparse_initializer}

    def __contains__(self, name):
        return name in self.producer or name in self.sources


def _output_for(name, names, model):
    if name not in names:
        near = difflib.get_close_matches(name, [*names.producer, *names.sources], 3)
        raise InputError(
            f"the network has no tensor {name!r}",
            remedy=f"did you mean {', '.join(near)}?" if near else "see `lamella info`",
        )
    real = name + _SUFFIX
    if real in names.producer:
        return real
    found = scale_of(name, names.producer, names.consumers)
    if found is not None and not name.endswith(_SUFFIX):
        _dequantize(name, real, found, model, names)
        return real
    if name in names.sources:
        model.graph.node.add(op_type="Identity", name=real, input=[name], output=[real])
        names.producer[real] = model.graph.node[-1]
        return real
    return name


def _dequantize(name, real, found, model, names):
    scale, zero, source = found
    node = model.graph.node.add(op_type="DequantizeLinear", name=real, output=[real])
    node.input.extend([name, scale, zero] if zero else [name, scale])
    if source.op_type in ("DequantizeLinear", "QuantizeLinear"):
        node.domain = source.domain
        for attribute in source.attribute:
            if attribute.name in ("axis", "block_size"):
                node.attribute.add().CopyFrom(attribute)
    names.producer[real] = node
