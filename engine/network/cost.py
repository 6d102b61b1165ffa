"""Parameters and multiply-adds of a layer, for one sample.

Parameters are the constants a training would change: weights, biases, and the scale and shift of a
normalisation; not running statistics, quantisation scales, sizes or the numbers inside an
activation function. A weight that two layers share counts in both. Multiply-adds are those of
convolutions and matrix products; pools, additions and normalisations count as 0. The slow second
implementation is in ``tests/reference/cost.py``.
"""

import math

from engine.network import operators

# Where an operator's parameters stand among its inputs.
_PARAMETERS = {
    "QLinearConv": (3, 8),
    "QLinearConvTranspose": (3, 8),
    "QLinearMatMul": (0, 3),
    "QGemm": (3, 6),
    "MatMulNBits": (1,),
    "MatMulBnb4": (1,),
    "BatchNormalization": (1, 2),
    "LayerNormalization": (1, 2),
    "InstanceNormalization": (1, 2),
    "GroupNormalization": (1, 2),
    "GroupNorm": (1, 2),
    "RMSNormalization": (1,),
    "SimplifiedLayerNormalization": (1,),
    "SkipLayerNormalization": (2, 3, 4),
    "SkipSimplifiedLayerNormalization": (2, 3),
    "PRelu": (1,),
    "BiasGelu": (1,),
    "FastGelu": (1,),
    "LSTM": (1, 2, 3, 7),
    "GRU": (1, 2, 3),
    "RNN": (1, 2, 3),
    "Attention": (1, 2),
    "QAttention": (1, 2),
    "MultiHeadAttention": (3,),
    "Conv": (1, 2),
    "FusedConv": (1, 2),
    "NhwcConv": (1, 2),
    "DeformConv": (1, 3),
    "ConvTranspose": (1, 2),
    "ConvInteger": (1,),
    "QLinearAdd": (0, 3),
    "QLinearMul": (0, 3),
    "DynamicQuantizeMatMul": (1, 4),
    "MatMulIntegerToFloat": (1, 6),
}
_PARAMETERS |= dict.fromkeys(("Gemm", "FusedGemm", "GemmFastGelu", "Einsum"), (0, 1, 2))
_PARAMETERS |= dict.fromkeys(
    (
        "MatMul",
        "FusedMatMul",
        "MatMulInteger",
        "TransposeMatMul",
        "Add",
        "Sub",
        "Sum",
        "Mul",
        "Div",
    ),
    (0, 1),
)
_PARAMETERS |= dict.fromkeys(("Affine", "Scaler", "ImageScaler"), ())

_AFFINE = frozenset("Add Sub Sum Mul Div QLinearAdd QLinearMul".split())


def parameters(graph, group, channels):
    """The number of parameters of a layer.

    Parameters
    ----------
    graph : Graph
    group : engine.network.grouping.Group
    channels : int
        Of the layer's output: a single number added or multiplied is a parameter only there where
        the layer has a single channel and a weight.

    Returns
    -------
    int
    """
    counted = {}
    if group.main.op_type in operators.LINEAR_MODELS:
        return len(group.main.attributes.get("coefficients", ()))
    for node in group.nodes:
        if node.op_type in operators.MOVEMENTS | operators.FUNCTIONS | operators.EXTREMES:
            continue
        if node.op_type in operators.ACTIVATIONS and node.op_type not in _PARAMETERS:
            continue
        places = _PARAMETERS.get(node.op_type, ())
        if not places and node is group.main and _is_unknown(node.op_type):
            places = range(len(node.inputs))
        for place in places:
            name = node.input(place)
            size = _size(graph, name)
            if node.op_type in _AFFINE and size == 1 and not _single(group, channels):
                continue
            if size:
                counted[_root(graph, name)] = size
    return sum(counted.values())


def _is_unknown(op_type):
    """Whether an operator is not in the tables: all its constants count then."""
    known = operators.REDUCTIONS | operators.SAME_SHAPE | {"Concat", "QLinearConcat"}
    return operators.kind_of(op_type) is None and op_type not in known


def _single(group, channels):
    weighted = ("conv", "conv-transpose", "linear")
    return channels == 1 and group.kind in weighted


def _size(graph, name):
    shape = graph.constant_shape(name) if name else None
    return 0 if shape is None else math.prod(shape)


def _root(graph, name):
    """The stored tensor behind a dequantised, cast or transposed constant."""
    while name in graph.producer and graph.producer[name].inputs:
        name = graph.producer[name].inputs[0]
    return name


def multiply_adds(graph, group, shapes, batch=1):
    """The multiply-adds of a layer for one sample.

    Parameters
    ----------
    graph : Graph
    group : Group
    shapes : dict of str to tuple of int
        Concrete shapes from the probe.
    batch : int
        The batch at which these shapes were found.

    Returns
    -------
    int
    """
    total = sum(_node_cost(graph, node, shapes) for node in group.nodes)
    return total // batch if total % batch == 0 else total


def _node_cost(graph, node, shapes):
    def shape(place):
        name = node.input(place)
        return shapes.get(name) or graph.constant_shape(name) if name else None

    out = shapes.get(node.outputs[0])
    op = node.op_type
    if out is None:
        return 0
    if op in operators.CONVOLUTIONS | operators.TRANSPOSED_CONVOLUTIONS:
        weight = shape(3 if op.startswith("QLinear") else 1)
        if weight is None:
            return 0
        each = shape(0) if op in operators.TRANSPOSED_CONVOLUTIONS else out
        return math.prod(each) * math.prod(weight[1:])
    if op in operators.PRODUCTS:
        left = shape(0)
        return math.prod(out) * left[-1] if left else 0
    if op in operators.GENERAL_PRODUCTS:
        left = shape(0)
        inner = left[0 if node.attributes.get("transA", 0) else 1] if left else 0
        return math.prod(out) * inner
    if op == "Einsum":
        return _einsum(node, shape)
    if op in operators.RECURRENT:
        return _recurrent(shape(0), shape(1), shape(2))
    if op in operators.ATTENTIONS:
        return _attention(op, shape(0), shape(1), shape(2), out)
    return 0


def _einsum(node, shape):
    subscripts = str(node.attributes.get("equation", "")).replace(" ", "").split("->")[0].split(",")
    sizes = {}
    for place, subscript in enumerate(subscripts):
        for symbol, size in zip(subscript, shape(place) or (), strict=False):
            sizes[symbol] = size
    return math.prod(sizes.values()) if sizes and len(subscripts) > 1 else 0


def _recurrent(x, weights, recurrence):
    """Steps x (input weights + recurrent weights), all gates and directions."""
    if x is None or weights is None or recurrence is None:
        return 0
    return x[0] * x[1] * (math.prod(weights) + math.prod(recurrence))


def _attention(op, query, second, third, out):
    """Scores and weighted sum; com.microsoft's Attention projects inside, too."""
    if query is None:
        return 0
    if op in ("Attention", "QAttention") and second is not None and len(second) == 2:
        tokens, batch = query[1], query[0]
        inner = second[1] // 3
        return batch * tokens * math.prod(second) + 2 * batch * tokens * tokens * inner
    keys = second[-2] if second else query[-2]
    return math.prod(query) * keys + math.prod(out) * keys


def total(layers):
    """Parameters and multiply-adds of a whole network, summed over its layers."""
    return sum(layer.params for layer in layers), sum(layer.macs for layer in layers)
