"""The rules of LRP for one network and composite: canonised, variants made, ready to walk."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.attribution.lrp.ledger import Ledger
from engine.attribution.lrp.linear import Facts, Shares, emit_linear
from engine.attribution.lrp.others import Others
from engine.attribution.lrp.signs import never_negative, stays_silent
from engine.attribution.lrp.weights import Variants, linear_steps
from engine.gradient.backward import FLOATS
from engine.rewrite.fold_scales import fold_scales

_RECTIFIERS = ("Relu",)
_BEFORE_IMAGE = frozenset(
    "Identity Dropout Cast Reshape Flatten Squeeze Unsqueeze Transpose Pad Add Sub Mul Div Slice "
    "Concat Gather BatchNormalization Clip Scaler ImageScaler Affine".split()
)


_PREPARES = frozenset("Add Sub Mul Div BatchNormalization Clip Scaler ImageScaler Affine".split())
"""What only shifts and scales the image: a pixel keeps its relevance."""


@dataclass(frozen=True, eq=False)
class Relevance:
    """What a walk of LRP needs.

    Attributes
    ----------
    forward : engine.gradient.forward.Forward
        The canonised network, with the variants of weights.
    rules : callable
        For `Backward(rules=...)`.
    ledger : Ledger
    others : Others
    folded : int
        How many BatchNorms and scales were folded into weights.
    """

    forward: Any
    rules: Any
    ledger: Ledger = field(repr=False)
    others: Others = field(repr=False)
    folded: int = 0


def canonised(forward, keep=()):
    """The forward graph with BatchNorm and scales folded into weights.

    Parameters
    ----------
    forward : engine.gradient.forward.Forward
    keep : iterable of str
        Tensors that must stay.

    Returns
    -------
    (Forward, int)
        And how many nodes are gone.
    """
    model = type(forward.model)()
    model.CopyFrom(forward.model)
    gone = fold_scales(model, forward.path, keep)
    return forward.replaced(model), len(gone)


def relevance(forward, composite, image, bounds=None, keep=()):
    """Prepare LRP for a network.

    Parameters
    ----------
    forward : engine.gradient.forward.Forward
    composite : engine.attribution.lrp.composites.Composite
    image : str
        The image input of the forward graph.
    bounds : (ndarray, ndarray), optional
        The smallest and the largest values of the image, each broadcast to its shape: for z-box.
    keep : iterable of str
        Tensors that must stay in the graph, those at which relevance starts among them.

    Returns
    -------
    Relevance
    """
    prepared = _reads_image(forward.graph, image)
    forward, folded = canonised(forward, [*keep, *prepared])
    graph = forward.graph
    steps = linear_steps(graph)
    reads = _reads_image(graph, image)
    variants = Variants(graph)
    shares = Shares(variants)
    chosen = {}
    for output, step in steps.items():
        rule = composite.rule_for(step.node, step.data in reads)
        shares.prepare(step, rule)
        chosen[output] = rule
    forward = forward.replaced(variants.add_to(forward.model))
    flows = _flows(forward, image)
    kept = frozenset(keep)
    rules = _Rules(forward.graph, steps, chosen, shares, image, bounds, kept, reads, flows)
    return Relevance(forward, rules.choose, rules.ledger, rules.others, folded)


def _reads_image(graph, image):
    """Tensors that are the image, moved and scaled but not mixed."""
    found = {image}
    for node in graph.nodes:
        if node.op_type in _BEFORE_IMAGE and not node.domain:
            computed = [name for name in node.inputs if name and not graph.is_constant(name)]
            if computed and all(name in found for name in computed):
                found.update(node.outputs)
    return found


def _prepared(back, node, gradients):
    return [
        back.unbroadcast(gradients[0], node.outputs[0], name) if name and back.wants(name) else None
        for name in node.inputs
    ]


def _flows(forward, image):
    """Tensors of real numbers that depend on the image through real numbers, not through shapes."""
    found = {image}
    for node in forward.graph.nodes:
        if any(name in found for name in node.reads):
            real = (n for n in node.outputs if forward.dtypes.get(n, "float32") in FLOATS)
            found.update(name for name in real if name)
    return found


class _Rules:
    """Chooses a rule for every node, and holds what the rules share."""

    def __init__(self, graph, steps, chosen, shares, image, bounds, keep, reads, flows):
        self._graph = graph
        self._steps = steps
        self._chosen = chosen
        self._shares = shares
        self._image = image
        self._bounds = bounds
        self._keep = keep
        self._reads = reads
        self._positive = never_negative(graph)
        self.ledger = Ledger()
        epsilon = min((rule.epsilon for rule in chosen.values()), default=1e-6)
        self.others = Others(min(epsilon, 1e-6), self.ledger, flows)

    def choose(self, node):
        """The rule of a node."""
        if node.outputs[0] in self._steps:
            return self._linear
        if node.outputs[0] in self._reads and node.op_type in _PREPARES:
            return _prepared
        return self.others.rule

    def _linear(self, back, node, gradients):
        step = self._steps[node.outputs[0]]
        if not back.wants(step.data):
            return [None]
        rule = self._chosen[node.outputs[0]]
        facts = Facts(
            step.data in self._positive,
            self._is_silent(node),
            lambda back: self._limits(back, step.data),
        )
        shares = self._shares.of(back, step, rule, facts)
        found = emit_linear(back, step, gradients[0], shares, rule.epsilon, self.ledger)
        result = [None] * len(node.inputs)
        result[step.place] = found
        return result

    def _is_silent(self, node):
        """Whether only rectifiers read a step, whose zeros take no relevance."""
        y = node.outputs[0]
        readers = self._graph.consumers.get(y, ())
        rectified = bool(readers) and all(each.op_type in _RECTIFIERS for each in readers)
        return (
            rectified
            and y not in self._keep
            and all(
                stays_silent(self._graph, each.outputs[0], self._multiplies) for each in readers
            )
        )

    def _multiplies(self, node):
        rule = self._chosen.get(node.outputs[0])
        return rule is not None and rule.multiplies

    def _limits(self, back, tensor):
        """The smallest and largest values of a tensor that is the image, moved and scaled."""
        if self._bounds is None:
            low, high = (back.op(op, tensor, keepdims=1) for op in ("ReduceMin", "ReduceMax"))
            return tuple(back.op("Expand", name, back.op("Shape", tensor)) for name in (low, high))
        sizes = list(back.sizes(self._image))
        made = []
        for bound in self._bounds:
            full = np.broadcast_to(np.asarray(bound, np.float64), sizes)
            made.append(self._moved(back, back.number(full, self._image), tensor))
        low, high = made
        return back.op("Min", low, high), back.op("Max", low, high)

    def _moved(self, back, name, tensor):
        """What becomes of other pixels on the way to a tensor."""
        if tensor == self._image:
            return name
        node = self._graph.producer.get(tensor)
        inputs = [
            each if not each or self._graph.is_constant(each) else self._moved(back, name, each)
            for each in node.inputs
        ]
        place = node.outputs.index(tensor)
        count = len(node.outputs)
        made = back.op(
            node.op_type, *inputs, outputs=count, domain=node.domain, **dict(node.attributes)
        )
        return made if count == 1 else made[place]
