"""Builds the graph of gradients of a network: what `lamella gradient` writes."""

from dataclasses import dataclass, field
from typing import Any

from engine.errors import InputError
from engine.gradient.assemble import Output, assemble
from engine.gradient.backward import FLOATS, Backward
from engine.gradient.prepare import prepare
from engine.gradient.targets import Targets, parse_target
from engine.gradient.wanted import find_wanted, undone
from engine.network.layers import plain_name


@dataclass(frozen=True, eq=False)
class Gradients:
    """A graph of gradients.

    Attributes
    ----------
    model : onnx.ModelProto
        Its large weights are references to files in ``folder``; `save` makes a whole of it.
    folder : Path
        Where the network's file lies.
    source : Path
        That file.
    targets : tuple of (str, str)
        Each target and the output that holds its value, ``[N]``.
    gradients : tuple of dict
        ``target, wrt, output, shape``; in a shape ``"N"`` is the batch.
    opset : int
    notes : tuple of str
    inputs : tuple of str
        The network's, in its order.
    """

    model: Any
    folder: Any
    source: Any
    targets: tuple
    gradients: tuple
    opset: int
    notes: tuple = ()
    inputs: tuple = field(default=())

    @property
    def outputs(self):
        """The names of all outputs, values first."""
        return [output for _, output in self.targets] + [g["output"] for g in self.gradients]

    def save(self, path):
        """Write the graph so that plain ONNX Runtime runs it (see `engine.gradient.save`)."""
        from engine.gradient.save import save

        return save(self, path)

    def as_json(self):
        """The document of ``lamella gradient --json``."""
        return {
            "inputs": list(self.inputs),
            "targets": [{"target": text, "output": output} for text, output in self.targets],
            "gradients": [dict(each, shape=list(each["shape"])) for each in self.gradients],
            "opset": self.opset,
        }


def gradient_graph(network, targets, wrt=("input",), *, per_sample=False, rules=None, forward=None):
    """Build the graph that computes gradients.

    Parameters
    ----------
    network : engine.network.network.Network
    targets : sequence of str, or str
        What is derived (see `engine.gradient.targets`).
    wrt : sequence of str, or str
        With respect to what (see `engine.gradient.wanted`).
    per_sample : bool
        Gradients of weights and biases for each sample, ``[N, *shape]``, instead of their sum.
    rules : mapping or callable, optional
        A method's rules in place of the gradient's (see `engine.gradient`).
    forward : Forward, optional
        As `prepare` gave it, to build several graphs of one network.

    Returns
    -------
    Gradients

    Raises
    ------
    InputError
        When a target or a tensor is not there, does not depend on the other, or an operator
        between them has no rule.
    """
    targets = [targets] if isinstance(targets, str) else list(dict.fromkeys(targets))
    wrt = [wrt] if isinstance(wrt, str) else list(dict.fromkeys(wrt))
    parsed = [(text, parse_target(text)) for text in targets]
    forward = forward or prepare(network)
    builder = _Builder(network, forward, rules, per_sample)
    for text, terms in parsed:
        builder.add(text, terms, wrt)
    return builder.finish()


class _Builder:
    def __init__(self, network, forward, rules, per_sample):
        self.network = network
        self.forward = forward
        self.back = Backward(forward, rules, per_sample=per_sample)
        self.per_sample = per_sample
        self.values = []
        self.gradients = []

    def add(self, text, terms, wrt):
        """One target with all that is wanted of it."""
        found = Targets(self.network, self.back, self.forward)
        for term in terms:
            self._check_float(found.place(term).tensor, text)
        value, seeds = found.emit(terms, text)
        name = f"value_{len(self.values)}"
        tensor = next(iter(seeds))
        shape = ("N",) if self._is_batched(tensor) else (self.forward.batch,)
        self.values.append((text, Output(name, value, self.forward.dtype(tensor), shape)))
        self._walk(text, seeds, wrt, value, len(self.values) - 1)

    def _walk(self, text, seeds, wrt, value, number):
        wanted = [
            find_wanted(each, self.network, self.forward, per_sample=self.per_sample)
            for each in wrt
        ]
        for each in wanted:
            self._check_float(each.tensor, each.text)
            self._check_depends(text, seeds, each)
        found = self.back.run(seeds, [each.tensor for each in wanted])
        for each in wanted:
            self._add_gradient(text, each, found[each.tensor], value, number)

    def _add_gradient(self, text, wanted, gradient, value, number):
        back, tensor = self.back, wanted.tensor
        alone = self.per_sample and wanted.constant
        zero = gradient is None
        if zero:
            gradient = self._zeros(tensor, alone, value)
        if alone:
            gradient = back.reshape(gradient, (None, *self.forward.sizes(tensor)))
            gradient = undone(back, gradient, wanted.moves)
            root = wanted.moves[-1].inputs[0] if wanted.moves else tensor
            shape = ("N", *self.forward.sizes(root))
        else:
            shape = tuple("N" if n is None else n for n in self.forward.shape(tensor))
        if not self.network.batch_is_free:
            shape = tuple(self.forward.batch if n == "N" else n for n in shape)
        name = _unused(f"gradient_{number}_{plain_name(wanted.text)}", self._names())
        output = Output(name, gradient, self.forward.dtype(tensor), shape)
        self.gradients.append((text, wanted.text, output))

    def _names(self):
        return {output.name for _, _, output in self.gradients}

    def _zeros(self, tensor, alone, value):
        """A gradient that is zero everywhere: what the target does not depend on by slope."""
        back = self.back
        zero = back.number(0, tensor)
        if not alone:
            return back.op("Expand", zero, back.op("Shape", tensor))
        batch = back.op("Shape", value)
        shape = back.op("Concat", batch, back.op("Shape", tensor), axis=0)
        return back.op("Expand", zero, shape)

    def _is_batched(self, tensor):
        return self.network.batch_is_free and None in self.forward.shape(tensor)

    def _check_float(self, tensor, text):
        dtype = self.forward.dtype(tensor)
        if dtype not in FLOATS:
            raise InputError(
                f"{text!r} has no gradient: the tensor {tensor!r} holds {dtype} values",
                where=self.network.path,
                remedy="choose a layer before that decision",
            )

    def _check_depends(self, text, seeds, wanted):
        reached = {wanted.tensor}
        for node in self.forward.graph.nodes:
            if any(name in reached for name in node.reads):
                reached.update(name for name in node.outputs if name)
        if not any(tensor in reached for tensor in seeds):
            raise InputError(
                f"{text!r} does not depend on {wanted.text!r}",
                where=self.network.path,
                remedy="choose a layer between the input and the target",
            )

    def finish(self):
        """The graph as it stands."""
        outputs = [output for _, output in self.values]
        outputs += [output for _, _, output in self.gradients]
        model, inputs = assemble(self.network, self.forward, self.back.emitter, outputs)
        return Gradients(
            model=model,
            folder=self.network.graph.path.parent,
            source=self.network.graph.path,
            targets=tuple((text, output.name) for text, output in self.values),
            gradients=tuple(
                {"target": text, "wrt": wrt, "output": output.name, "shape": output.shape}
                for text, wrt, output in self.gradients
            ),
            opset=self.forward.opset,
            notes=(*self.forward.notes, *_size_note(self.network)),
            inputs=tuple(inputs),
        )


def _size_note(network):
    """What a person should know where the file takes pictures of any size."""
    if not network.size_is_free:
        return ()
    size = " x ".join(str(n) for n in network.input_shape)
    return (f"the graph takes inputs of {size} (the batch may be larger); --size chooses another",)


def _unused(name, taken):
    """The name, or the name and a number."""
    unused, count = name, 1
    while unused in taken:
        count += 1
        unused = f"{name}~{count}"
    return unused


def shares_forward(forward, tensors):
    """Whether seeds can share one forward pass of batch 1 on the way through some tensors.

    Parameters
    ----------
    forward : Forward
    tensors : iterable of str
        Those that the backward pass visits (`Backward.gradients`).

    Returns
    -------
    bool
        True where the batch is the first axis of all of them, and 1.
    """
    for name in tensors:
        if forward.graph.is_constant(name):
            continue
        shape = forward.shape(name)
        if not shape or shape[0] is not None or forward.sizes(name)[0] != 1:
            return False
        maker = forward.graph.producer.get(name)
        if maker is not None and maker.op_type in ("GatherND", "ScatterND"):
            return False  # their indices name samples
    return True
