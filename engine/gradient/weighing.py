"""Graphs of gradients of weights for every sample, and of norms of them for every filter.

One graph serves all classes: which class is chosen is an input of the graph, one number a sample
(`CLASSES`), or the seed itself is (`SEED`). Norms are taken in the graph, so that one number a
filter leaves the child process instead of the gradients.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.gradient.assemble import Output, assemble
from engine.gradient.backward import Backward
from engine.gradient.filters import needed_filters
from engine.gradient.norms import activity, filter_norms, taylor
from engine.gradient.targets import Targets, Term, parse_target
from engine.gradient.wanted import find_wanted

CLASSES = "lamella/chosen_class"
"""Input int64[N]: the class of each sample; -1 for the one that is predicted."""

SEED = "lamella/seed"
"""Input: the gradient of the target's tensor."""

VALUE = "lamella/value"
PREDICTED = "lamella/predicted_class"


@dataclass(frozen=True, eq=False)
class Weighing:
    """A graph.

    Attributes
    ----------
    model : onnx.ModelProto
    outputs : dict of str to str
        By layer: its gradients ``[N, *operand]`` (`Filters.first` turns them) or its numbers
        ``[N, F]``.
    filters : dict of str to Filters
        Of the layers whose weights are derived.
    alone : bool
        One sample a run, its gradients without ``N`` in front.
    predicts : bool
        Whether `PREDICTED`, int64[N], is an output.
    made : int
        Numbers of gradients by weights that a run makes for each sample.
    notes : tuple of str
    """

    model: Any
    outputs: dict
    filters: dict = field(default_factory=dict)
    alone: bool = False
    predicts: bool = False
    made: int = 0
    notes: tuple = ()


def weight_gradient_graph(network, forward, layers, *, target=None, tensor=None):
    """The graph of gradients by the weights of layers.

    Parameters
    ----------
    network : engine.network.network.Network
    forward : engine.gradient.forward.Forward
    layers : sequence of str
    target : str, optional
        What is derived (see `engine.gradient.targets`).
    tensor : str, optional
        In place of a target: a tensor of the forward graph whose gradient is the input `SEED`.

    Returns
    -------
    Weighing

    Raises
    ------
    InputError
        Where a layer has no weights, or an operator has no rule.
    """
    work = _Work(network, forward, layers)
    if tensor is not None:
        seeds = work.take_seed(tensor)
    else:
        terms = parse_target(target)
        value, seeds = Targets(network, work.back, forward).emit(terms, target)
        work.add(VALUE, value, next(iter(seeds)), ("N",))
    found = work.walk(seeds)
    for place, each in enumerate(work.filters.values()):
        gradient = found[each.tensor]
        lead = () if work.alone else (None,)
        gradient = work.back.reshape(gradient, (*lead, *each.sizes))
        work.made += int(np.prod(each.sizes))
        shape = each.sizes if work.alone else ("N", *each.sizes)
        work.add(f"lamella/gradient_{place}", gradient, each.tensor, shape, each.layer)
    return work.finish()


def importance_graph(network, forward, layers, measure, norm):
    """The graph of one number for every filter and sample: of the chosen class's score.

    Parameters
    ----------
    network : engine.network.network.Network
    forward : engine.gradient.forward.Forward
    layers : sequence of str
    measure : {"gradient", "activation-mean", "activation-max", "gradient-x-activation"}
    norm : {"l1", "l2", "max"}
        Of the gradient by a filter's weights.

    Returns
    -------
    Weighing
        Its graph takes `CLASSES` unless it is activity alone that is measured.
    """
    by_weights = measure == "gradient"
    work = _Work(network, forward, layers if by_weights else ())
    if measure.startswith("activation"):
        for place, name in enumerate(layers):
            found, tensor = activity(work.back, work.place(name), measure), work.post(name)
            work.add(f"lamella/number_{place}", found, tensor, ("N", None), name)
        return work.finish()
    seeds = work.take_classes()
    if by_weights:
        found = work.walk(seeds)
        for place, each in enumerate(work.filters.values()):
            numbers, made = filter_norms(work.back, each, found[each.tensor], norm, work.alone)
            work.made += int(np.prod(each.sizes)) if made else 0
            work.add(f"lamella/number_{place}", numbers, each.tensor, ("N", each.count), each.layer)
        return work.finish()
    found = work.back.run(seeds, [work.post(name) for name in layers])
    for place, name in enumerate(layers):
        tensor = work.post(name)
        numbers = taylor(work.back, work.place(name), found[tensor])
        work.add(f"lamella/number_{place}", numbers, tensor, ("N", None), name)
    return work.finish()


class _Work:
    """A walk and its outputs."""

    def __init__(self, network, forward, layers):
        self.network = network
        self.forward = forward
        self.filters = {name: needed_filters(network, forward, name) for name in layers}
        self.alone = any(each.alone for each in self.filters.values())
        self.back = Backward(forward, per_sample=not self.alone)
        self._targets = Targets(network, self.back, forward)
        self._outputs, self._by_layer = [], {}
        self._seed = None
        self._predicts = False
        self.made = 0

    def post(self, layer):
        """The tensor of the forward graph that is a layer's activation."""
        return find_wanted(layer, self.network, self.forward).tensor

    def place(self, layer):
        """Where a layer's activations lie."""
        return self._targets.place(Term(1.0, layer, 0))

    def take_seed(self, tensor):
        """Make the gradient of a tensor an input."""
        shape = tuple("N" if size is None else size for size in self.forward.shape(tensor))
        self._seed = Output(SEED, SEED, self.forward.dtype(tensor), self._fixed(shape))
        return {tensor: SEED}

    def take_classes(self):
        """Make the classes an input: the seeds are those of the chosen classes' scores."""
        back, place = self.back, self._targets.place(Term(1.0, "logit", 0))
        shape = self._fixed(("N",))
        self._seed = Output(CLASSES, CLASSES, "int64", shape)
        scores = place.layout.turn(back, place.tensor)
        predicted = self._predicted(scores, place)
        self._outputs.append(Output(PREDICTED, predicted, "int64", shape))
        self._predicts = True
        own = back.op("Less", CLASSES, back.constant(0))
        chosen = back.op("Where", own, predicted, CLASSES)
        chosen = back.op("Unsqueeze", chosen, back.constant([1]))
        if self.network.scores.binary:
            second = back.op("Equal", chosen, back.constant(1))
            one, less = back.number(1, place.tensor), back.number(-1, place.tensor)
            seed = back.op("Where", second, one, less)
        else:
            hit = back.op("Equal", chosen, back.constant(np.arange(place.layout.channels)[None]))
            one, zero = back.number(1, place.tensor), back.number(0, place.tensor)
            seed = back.op("Where", hit, one, zero)
        return {place.tensor: place.layout.turn_back(back, seed)}

    def _predicted(self, scores, place):
        """int64[N]: the class that the scores say."""
        back, found = self.back, self.network.scores
        if not found.binary:
            return back.op("ArgMax", scores, axis=1, keepdims=0)
        limit = back.number(found.threshold, place.tensor)
        second = back.op("Cast", back.op("Greater", scores, limit), to=_INT64)
        return back.reshape(second, (None,))

    def walk(self, seeds):
        """Gradients by the operands of all layers: names, zeros where none arrives."""
        tensors = [each.tensor for each in self.filters.values()]
        found = self.back.run(seeds, tensors)
        for tensor in tensors:
            if found[tensor] is None:
                found[tensor] = self._zeros(tensor, next(iter(seeds.values())))
        return found

    def _zeros(self, tensor, seed):
        back, zero = self.back, self.back.number(0, tensor)
        shape = back.op("Shape", tensor)
        if not self.alone:
            rows = back.op("Shape", seed, start=0, end=1)
            shape = back.op("Concat", rows, shape, axis=0)
        return back.op("Expand", zero, shape)

    def add(self, name, tensor, like, shape, layer=None):
        """One more output."""
        dtype = self.forward.dtype(like)
        self._outputs.append(Output(name, tensor, dtype, self._fixed(shape)))
        if layer is not None:
            self._by_layer[layer] = name

    def _fixed(self, shape):
        free = self.network.batch_is_free
        return tuple(self.forward.batch if n == "N" and not free else n for n in shape)

    def finish(self):
        """The graph."""
        model, _ = assemble(
            self.network, self.forward, self.back.emitter, self._outputs, seed=self._seed
        )
        return Weighing(
            model=model,
            outputs=self._by_layer,
            filters=self.filters,
            alone=self.alone,
            predicts=self._predicts,
            made=self.made,
            notes=self.forward.notes,
        )


_INT64 = 7
