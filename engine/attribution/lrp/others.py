"""How relevance passes operators without weights of their own."""

import numpy as np

from engine.attribution.lrp.ledger import dot, total
from engine.attribution.lrp.linear import stabilised
from engine.attribution.lrp.signs import is_gate
from engine.errors import InputError
from engine.gradient.rules import rule_of

PASSES = frozenset(
    "Relu LeakyRelu PRelu Clip Sigmoid HardSigmoid Tanh Elu Selu Celu Softplus Softsign "
    "ThresholdedRelu Shrink Erf Gelu FastGelu QuickGelu HardSwish Mish Swish Abs Exp Log Sqrt Pow "
    "Neg Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Round Floor Ceil Sign LRN "
    "LpNormalization".split()
)
"""One number in, one out: it keeps its relevance. LRN's and LpNormalization's divisors are
constants, so they are such functions, too."""

MOVES = frozenset(
    "Identity Dropout Cast CastLike Reshape Flatten Squeeze Unsqueeze Transpose Expand Tile Concat "
    "Split Slice Gather GatherElements GatherND DepthToSpace SpaceToDepth Trilu Pad Crop Where "
    "Max Min MaxPool GlobalMaxPool ReduceMax ReduceMin Compress TopK".split()
)
"""Values that are moved, or of which the largest is taken: relevance goes where a gradient goes."""

SHARES = frozenset(
    "Add Sub Sum Mean ReduceSum ReduceMean AveragePool GlobalAveragePool Resize Upsample CumSum "
    "BatchNormalization Scaler ImageScaler Affine Conv ConvTranspose Gemm".split()
)
"""Sums with constant factors: relevance in proportion to what each input contributes."""

_HIDES = frozenset(("Scaler", "ImageScaler", "Affine"))

_JOINS = frozenset(("Concat", "Where", "Max", "Min"))

CONSTANT = frozenset("Softmax LogSoftmax Hardmax Reciprocal".split())
"""Counted as constants: nothing passes."""

CENTRED = frozenset(
    "LayerNormalization InstanceNormalization GroupNormalization MeanVarianceNormalization "
    "RMSNormalization".split()
)
"""Normalisations: the mean that they take away is a share of theirs, the deviation a constant."""


class Others:
    """The rules of all operators but linear steps with constant weights.

    Parameters
    ----------
    epsilon : float
    ledger : engine.attribution.lrp.ledger.Ledger
    flows : set of str
        Tensors through which relevance comes to the image.

    Attributes
    ----------
    even : list of str
        Products that were split evenly, by node.
    constants : list of str
        Nodes at which relevance ended.
    """

    def __init__(self, epsilon, ledger, flows):
        self._epsilon = epsilon
        self._ledger = ledger
        self._flows = flows
        self.even = []
        self.constants = []

    def rule(self, back, node, gradients):
        """The rule of any node (a `Backward` rule)."""
        kind = node.op_type
        if kind in PASSES:
            return [gradients[0]]
        if kind in MOVES:
            return self._moved(back, node, gradients)
        if kind in SHARES:
            return self._shared(back, node, gradients)
        if kind in CONSTANT:
            self.constants.append(_name(node))
            return [None]
        if kind in CENTRED:
            return [self._centred(back, node, gradients[0])]
        if kind in ("Mul", "Div"):
            return self._product(back, node, gradients[0])
        if kind in ("MatMul", "Einsum"):
            return self._matrices(back, node, gradients)
        raise InputError(
            f"LRP has no rule for the operator {kind} (node {_name(node)!r})",
            where=back.graph.path,
            remedy="gradients and occlusion may work; so may layers after that node",
        )

    def _moved(self, back, node, gradients):
        """As a gradient; what goes to constants among the inputs is absorbed by them."""
        found = list(rule_of(node)(back, node, gradients))
        pairs = zip(node.inputs, found, strict=False)
        results = [name for each, name in pairs if name is not None and each in self._flows]
        if not results and len(gradients) == 1:
            self._ledger.note_end(back, node, gradients[0])
        elif node.op_type in _JOINS and not self._flows.issuperset(node.inputs):
            self._ledger.note(back, node, gradients[0], self._explained(back, results), results)
        return found

    def _shared(self, back, node, gradients):
        """R_i = x_i (the gradient of y, given R / y, with respect to x_i)."""
        y = node.outputs[0]
        s = back.op("Div", gradients[0], stabilised(back, y, self._epsilon))
        return self._times_inputs(back, node, gradients[0], s)

    def _times_inputs(self, back, node, relevance, s, factor=None):
        """Each wanted input times its gradient from s; entered into the ledger."""
        found = [None] * len(node.inputs)
        sent = rule_of(node)(back, node, [s] + [None] * (len(node.outputs) - 1))
        for place, gradient in enumerate(sent):
            if gradient is not None and back.wants(node.inputs[place]):
                part = back.op("Mul", node.inputs[place], gradient)
                if factor is not None:
                    part = back.op("Mul", part, back.number(factor, node.outputs[0]))
                found[place] = part
        self._enter(back, node, relevance, s, found)
        return found

    def _enter(self, back, node, relevance, s, found):
        results = [name for name in found if name is not None]
        if not results:
            return
        if node.op_type in _HIDES or any(back.graph.is_constant(n) for n in node.inputs if n):
            # what is constant absorbs its share: what is left is what computed inputs explain
            explained = self._explained(back, results)
        else:
            explained = dot(back, s, node.outputs[0])
        self._ledger.note(back, node, relevance, explained, results)

    def _explained(self, back, results):
        return back.sum([total(back, name) for name in results])

    def _product(self, back, node, relevance):
        """Products of computed tensors: a gate's other factor takes all, else each a half."""
        graph = back.graph
        wanted = [i for i, name in enumerate(node.inputs) if back.wants(name)]
        takers = self._takers(back, node, wanted)
        found = [None] * len(node.inputs)
        for place in takers:
            part = back.unbroadcast(relevance, node.outputs[0], node.inputs[place])
            if len(takers) > 1:
                part = back.op("Mul", part, back.number(0.5, node.outputs[0]))
            found[place] = part
        if not takers and any(not graph.is_constant(name) for name in node.inputs):
            self.constants.append(_name(node))
        return found

    def _takers(self, back, node, wanted):
        if node.op_type == "Div":
            return [place for place in wanted if place == 0]
        computed = [i for i, n in enumerate(node.inputs[:2]) if not back.graph.is_constant(n)]
        if len(computed) < 2:
            return wanted
        gates = [place for place in computed if is_gate(back.graph, node.inputs[place])]
        if len(gates) == 1:
            return [place for place in wanted if place not in gates]
        self.even.append(_name(node))
        return wanted

    def _matrices(self, back, node, gradients):
        """Products of two computed matrices: a softmax counts as weights, else a half each."""
        computed = [i for i, n in enumerate(node.inputs) if not back.graph.is_constant(n)]
        gates = [i for i in computed if is_gate(back.graph, node.inputs[i])]
        s = back.op("Div", gradients[0], stabilised(back, node.outputs[0], self._epsilon))
        if len(computed) < 2:
            return self._times_inputs(back, node, gradients[0], s)
        if len(gates) == 1:
            sent = rule_of(node)(back, node, [s])
            found = [None] * len(node.inputs)
            for place in computed:
                if place not in gates and sent[place] is not None:
                    found[place] = back.op("Mul", node.inputs[place], sent[place])
            self._enter(back, node, gradients[0], s, found)
            return found
        self.even.append(_name(node))
        return self._times_inputs(back, node, gradients[0], s, 1 / len(computed))

    def _centred(self, back, node, relevance):
        """y = g (x - mean) / d + b with d a constant: x times the gradient of that."""
        x, y = node.inputs[0], node.outputs[0]
        if not back.wants(x):
            return None
        shape, axes, groups = _normalised_axes(back, node)
        s = back.op("Div", relevance, stabilised(back, y, self._epsilon))
        scale = _scale_of(back, node)
        sent = s if scale is None else back.op("Mul", s, scale)
        data = x
        if groups:
            sent, data = (back.reshape(name, shape) for name in (sent, x))
        centred = data
        if node.op_type != "RMSNormalization":
            centred = back.op("Sub", data, _mean(back, data, axes))
        epsilon = back.number(node.attributes.get("epsilon", 1e-5), x)
        spread = _mean(back, back.op("Mul", centred, centred), axes)
        deviation = back.op("Sqrt", back.op("Add", spread, epsilon))
        sent = back.op("Div", sent, deviation)
        if node.op_type != "RMSNormalization":
            sent = back.op("Sub", sent, _mean(back, sent, axes))
        result = back.op("Mul", data, sent)
        explained = dot(back, sent, data)
        if groups:
            result = back.reshape(result, back.shape(x))
        self._ledger.note(back, node, relevance, explained, [result])
        return result


def _mean(back, name, axes):
    return back.op("ReduceMean", name, back.constant(list(axes)), keepdims=1)


def _normalised_axes(back, node):
    """The shape in which the axes lie, these axes, and whether that is a reshape."""
    shape = back.shape(node.inputs[0])
    rank = len(shape)
    if node.op_type == "GroupNormalization":
        groups = node.attributes["num_groups"]
        return (shape[0], groups, int(np.prod(shape[1:])) // groups), [2], True
    if node.op_type == "InstanceNormalization":
        return shape, list(range(2, rank)), False
    if node.op_type == "MeanVarianceNormalization":
        axes = node.attributes.get("axes", (0, 2, 3))
        return shape, sorted(axis % rank for axis in axes), False
    return shape, list(range(node.attributes.get("axis", -1) % rank, rank)), False


def _scale_of(back, node):
    """The normalisation's factors, shaped to be broadcast with the data, or None."""
    if node.op_type == "MeanVarianceNormalization" or not node.input(1):
        return None
    scale, rank = node.inputs[1], len(back.shape(node.inputs[0]))
    if node.op_type in ("LayerNormalization", "RMSNormalization"):
        return scale
    if node.op_type == "GroupNormalization":
        groups, channels = node.attributes["num_groups"], back.shape(node.inputs[0])[1]
        if back.sizes(scale)[0] == groups != channels:
            repeats = np.repeat(np.arange(groups), channels // groups)
            scale = back.op("Gather", scale, back.constant(repeats))
    return back.reshape(scale, (-1, *(1,) * (rank - 2)))


def _name(node):
    return node.name or node.outputs[0]
