"""What is known of a graph's values: which are never negative, which are gates, which stay silent.

Each question spares work (a rule's terms for negative inputs) or decides a product (which factor
counts as a constant).
"""

from engine.gradient.chain import clip_bounds

_POSITIVE = frozenset(
    "Relu Sigmoid HardSigmoid Softmax Softplus Exp Abs Sqrt ReduceL1 ReduceL2".split()
)
_KEEPS_SIGN = frozenset(
    "Identity Dropout Cast Reshape Flatten Squeeze Unsqueeze Transpose Expand Tile Slice Split "
    "Gather MaxPool AveragePool GlobalAveragePool GlobalMaxPool ReduceMean ReduceSum ReduceMax "
    "ReduceMin DepthToSpace SpaceToDepth Pad Concat Add Sum Mul Max Mean Upsample LpPool".split()
)
_MOVES = frozenset(
    "Identity Dropout Cast Reshape Flatten Squeeze Unsqueeze Transpose Expand Tile Slice Split "
    "Gather Concat DepthToSpace SpaceToDepth MaxPool AveragePool GlobalAveragePool GlobalMaxPool "
    "Pad ReduceMean ReduceSum ReduceMax".split()
)
_GATES = frozenset("Sigmoid HardSigmoid Softmax Tanh Erf Softsign Reciprocal Hardmax".split())
_THROUGH = frozenset(
    "Identity Dropout Cast Reshape Flatten Squeeze Unsqueeze Transpose Expand Tile Slice Split "
    "Gather Concat".split()
)
_AFFINE = frozenset(("Add", "Sub", "Mul", "Div"))


def never_negative(graph):
    """The tensors of a graph whose values are 0 or more whatever comes in.

    Parameters
    ----------
    graph : engine.network.graph.Graph

    Returns
    -------
    set of str
    """
    found = set()
    for node in graph.nodes:
        if _is_positive(graph, node, found):
            found.update(name for name in node.outputs if name)
    return found


def _is_positive(graph, node, found):
    if node.domain:
        return False
    if node.op_type in _POSITIVE:
        return True
    if node.op_type == "Clip":
        low = clip_bounds(graph, node)[0]
        return low is not None and low >= 0
    if node.op_type not in _KEEPS_SIGN:
        return False
    if node.op_type == "Pad" and node.input(2):
        value = graph.constant(node.input(2))
        if value is None or (value < 0).any():
            return False
    data = node.inputs if node.op_type in _MANY else node.inputs[:1]
    return all(name in found or _positive_constant(graph, name) for name in data if name)


_MANY = frozenset("Concat Add Sum Mul Max Mean".split())


def _positive_constant(graph, name):
    if not graph.is_constant(name):
        return False
    value = graph.constant(name)
    return value is not None and value.dtype.kind in "fiu" and bool((value >= 0).all())


def is_gate(graph, name):
    """Whether a tensor is a bounded function's value, moved and scaled: it counts as a constant.

    Sigmoids, softmaxes, tanh, erf, a Clip with two bounds, reciprocals: the second factor of
    x sigmoid(x), of a squeeze-and-excitation block, of an exported GELU, of an attention product.
    """
    for _ in range(64):
        node = graph.producer.get(name)
        if node is None:
            return False
        if node.op_type in _GATES:
            return True
        if node.op_type == "Clip":
            bounds = clip_bounds(graph, node)
            return None not in bounds and max(map(abs, bounds)) < float("inf")
        if node.op_type in _THROUGH:
            name = node.inputs[0]
            continue
        computed = [each for each in node.inputs if not graph.is_constant(each)]
        if node.op_type not in _AFFINE or len(computed) != 1:
            return False
        if node.op_type == "Div" and node.inputs[1] == computed[0]:
            return True
        name = computed[0]
    return False


def stays_silent(graph, name, multiplies):
    """Whether a rectified tensor's zeros can never take relevance.

    True where every reader shares out in proportion to its inputs; then the negative outputs of
    the step before the rectifier need no terms of their own.

    Parameters
    ----------
    graph : engine.network.graph.Graph
    name : str
        The rectifier's output.
    multiplies : callable(node) -> bool
        Whether a linear node's rule gives nothing to an input of 0.
    """
    waiting, seen = [name], set()
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        readers = graph.consumers.get(each, ())
        for node in readers:
            if node.op_type in _MOVES or node.op_type == "Relu":
                waiting.extend(output for output in node.outputs if output)
            elif node.op_type not in ("Add", "Sum", "BatchNormalization") and not multiplies(node):
                return False
    return True
