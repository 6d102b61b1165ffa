"""The graphs that methods run: a target's value, gradients or relevance, tensors beside them."""

from dataclasses import dataclass, field
from typing import Any

from engine.attribution.lrp.ledger import total
from engine.attribution.lrp.relevance import relevance
from engine.gradient.assemble import Output, assemble
from engine.gradient.backward import Backward
from engine.gradient.targets import Targets, parse_target
from engine.gradient.wanted import find_wanted


@dataclass(frozen=True, eq=False)
class Built:
    """A graph, and the names of its outputs.

    Attributes
    ----------
    model : onnx.ModelProto
    value : str
        The target's value ``[N]``.
    gradients : dict of str to str
        Output by what was asked for (``"input"``, layers).
    tensors : dict of str to str
        Outputs that are tensors of the forward pass.
    ledger : tuple of (str, str, str, str)
        Of each account: the node, and the outputs that hold what arrived, was explained and left.
    notes : tuple of str
    visited : tuple of str
        Tensors of the forward graph that the walk came by.
    seeds : tuple of str
        The tensors that the walk began with: where the graph can be halved.
    """

    model: Any
    value: str = ""
    gradients: dict = field(default_factory=dict)
    tensors: dict = field(default_factory=dict)
    ledger: tuple = ()
    notes: tuple = ()
    visited: tuple = ()
    seeds: tuple = ()


def build(network, forward, target, wrt, *, rules=None, tensors=()):
    """The graph of a target's value and gradients.

    Parameters
    ----------
    network : engine.network.network.Network
    forward : engine.gradient.forward.Forward
    target : str
    wrt : sequence of str
        ``input`` and layers; none for the value alone.
    rules : callable, optional
        A method's.
    tensors : sequence of str
        Layers whose values are wanted, too.

    Returns
    -------
    Built
    """
    work = _Work(network, forward, rules)
    value, seeds = Targets(network, work.back, forward).emit(parse_target(target), target)
    work.add("value", value, next(iter(seeds)), ("N",))
    return work.finish("value", work.walk(seeds, wrt), tensors)


def build_seeded(network, forward, source, wrt, *, rules=None, tensors=()):
    """The graph from a seed, an input ``seed`` of the shape of a tensor, to gradients.

    Its value is the sum of the tensor's values times the seed.
    """
    work = _Work(network, forward, rules)
    tensor = work.take_seed(source)
    value = total(work.back, work.back.op("Mul", tensor, "seed"))
    work.add("value", value, tensor, ("S",))
    return work.finish("value", work.walk({tensor: "seed"}, wrt), tensors)


def build_lrp(network, forward, target, wrt, composite, bounds=None, *, seeded=False):
    """The graph of LRP: the relevance that starts is the target's own value.

    Parameters
    ----------
    target : str
        A target; with ``seeded``, a layer or ``tensor=NAME`` whose values times the input ``seed``
        are the relevance that starts.
    composite : engine.attribution.lrp.composites.Composite
    bounds : (ndarray, ndarray), optional
        Smallest and largest values of the image, for z-box.
    """
    keep = [find_wanted(each, network, forward).tensor for each in wrt]
    places = Targets(network, Backward(forward), forward)
    if seeded:
        starts = [find_wanted(target, network, forward).tensor]
    else:
        starts = [places.place(term).tensor for term in parse_target(target)]
    found = relevance(
        forward, composite, forward.real(network.image_input), bounds, [*keep, *starts]
    )
    work = _Work(network, found.forward, found.rules)
    if seeded:
        tensor = work.take_seed(target)
        seeds = {tensor: work.back.op("Mul", tensor, "seed")}
        work.add("value", total(work.back, seeds[tensor]), tensor, ("S",))
    else:
        terms = Targets(network, work.back, found.forward)
        value, seeds = terms.emit(parse_target(target), target)
        seeds = {name: work.back.op("Mul", name, seed) for name, seed in seeds.items()}
        work.add("value", value, next(iter(seeds)), ("N",))
    gradients = work.walk(seeds, wrt)
    ledger = work.add_ledger(found.ledger)
    return work.finish("value", gradients, (), ledger, _words(composite, found))


def _words(composite, found):
    """What a person should know of LRP's choices in this network."""
    words = [composite.words] if composite.words else []
    if found.folded:
        words.append(f"{found.folded} normalisations and scales folded into weights")
    if found.others.even:
        some = ", ".join(found.others.even[:3])
        words.append(f"products of computed tensors split evenly: {some}")
    words.append("softmax, normalisations' deviations and gates count as constants")
    return tuple(words)


class _Work:
    """A walk and its outputs."""

    def __init__(self, network, forward, rules):
        self.network = network
        self.forward = forward
        self.back = Backward(forward, rules)
        self.outputs = []
        self.seed = None
        self.starts = ()

    def take_seed(self, source):
        """Make the gradient of a layer an input; returns the tensor."""
        tensor = find_wanted(source, self.network, self.forward).tensor
        shape = tuple("S" if size is None else size for size in self.forward.shape(tensor))
        self.seed = Output("seed", "seed", self.forward.dtype(tensor), shape)
        return tensor

    def add(self, name, tensor, like, shape):
        """One more output; shapes are declared where they are sure."""
        if not self.network.batch_is_free and shape == ("N",):
            shape = (self.forward.batch,)
        self.outputs.append(Output(name, tensor, self.forward.dtype(like), shape))

    def walk(self, seeds, wrt):
        """Gradients by what was asked for: names of outputs."""
        self.starts = tuple(seeds.values())
        if not wrt:
            return {}
        wanted = [find_wanted(each, self.network, self.forward) for each in wrt]
        found = self.back.run(seeds, [each.tensor for each in wanted])
        names = {}
        for place, each in enumerate(wanted):
            gradient = found[each.tensor]
            if gradient is None:
                zero = self.back.number(0, each.tensor)
                gradient = self.back.op("Expand", zero, self.back.op("Shape", each.tensor))
            names[each.text] = f"gradient_{place}"
            self._add_like(names[each.text], gradient, each.tensor, "N" if not self.seed else "S")
        return names

    def _add_like(self, name, tensor, like, letter):
        shape = [letter if size is None else size for size in self.forward.shape(like)]
        if letter == "N" and not self.network.batch_is_free:
            shape = [self.forward.batch if size == "N" else size for size in shape]
        self.outputs.append(Output(name, tensor, self.forward.dtype(like), tuple(shape)))

    def add_ledger(self, ledger):
        """The accounts' sums as outputs: one matrix, rows arrived, explained, left."""
        names = []
        for place, entry in enumerate(ledger.entries):
            row = []
            for part in ("arrived", "explained", "left"):
                name = f"account_{place}_{part}"
                batch = "S" if self.seed else "N"
                self.add(name, getattr(entry, part), entry.tensor, (batch,))
                row.append(name)
            names.append((entry.node, *row))
        return tuple(names)

    def finish(self, value, gradients, tensors=(), ledger=(), notes=()):
        shown = {}
        for place, layer in enumerate(tensors):
            tensor = find_wanted(layer, self.network, self.forward).tensor
            shown[layer] = f"tensor_{place}"
            self._add_like(shown[layer], tensor, tensor, "N")
        model, _ = assemble(
            self.network, self.forward, self.back.emitter, self.outputs, seed=self.seed
        )
        notes = (*self.forward.notes, *notes)
        visited = tuple(self.back.gradients)
        return Built(model, value, gradients, shown, ledger, notes, visited, self.starts)


def between(network, forward, target):
    """The layers that lie between the image and a target, in order of depth.

    Returns
    -------
    list of str
    """
    places = Targets(network, Backward(forward), forward)
    ends = {places.place(term).tensor for term in parse_target(target)}
    graph = forward.graph
    below, above = {forward.real(network.image_input)}, set(ends)
    for node in graph.nodes:
        if any(name in below for name in node.reads):
            below.update(name for name in node.outputs if name)
    for node in reversed(graph.nodes):
        if any(name in above for name in node.outputs):
            above.update(node.reads)
    return [
        layer.name
        for layer in network.layers
        if forward.real(layer.post) in below & above
        and forward.dtype(forward.real(layer.post)).startswith("float")
    ]
