"""The walk against the order of the nodes, and what rules use to emit the backward pass."""

import numpy as np

from engine.errors import InputError
from engine.gradient.emit import Emitter
from engine.gradient.rules import rule_of

FLOATS = frozenset(("float16", "float32", "float64", "bfloat16"))


class Backward:
    """The backward pass of one forward graph.

    Parameters
    ----------
    forward : engine.gradient.forward.Forward
    rules : mapping or callable, optional
        Rules in place of the gradient's: by operator, or ``function(node)`` that gives a rule or
        None.
    per_sample : bool
        Gradients of constants have the batch in front, ``[N, *shape]``, instead of its sum.

    Attributes
    ----------
    emitter : Emitter
        All that was emitted.
    gradients : dict of str to str
        After `run`: the gradient of every tensor that was visited.
    """

    def __init__(self, forward, rules=None, *, per_sample=False):
        self._forward = forward
        self._rules = rules
        self.per_sample = per_sample
        self.graph = forward.graph
        self.emitter = Emitter(forward.names)
        self.gradients = {}
        self._wanted = frozenset()

    # -- the walk ------------------------------------------------------------------------------

    def run(self, seeds, wanted):
        """Emit the gradients of tensors; may be called for one target after another.

        Parameters
        ----------
        seeds : dict of str to str
            Gradient by tensor.
        wanted : iterable of str
            Tensors, inputs or initializers.

        Returns
        -------
        dict of str to (str or None)
            The gradient of each wanted tensor; None where none arrives (it is zero).

        Raises
        ------
        InputError
            At an operator without a rule.
        """
        wanted = list(wanted)
        self._wanted = self._descendants(wanted)
        found = {}
        pending = {name: [gradient] for name, gradient in seeds.items()}
        for node in reversed(self.graph.nodes):
            if not any(name in pending for name in node.outputs):
                continue
            outgoing = [self._arrived(name, pending, found) for name in node.outputs]
            if not any(self.wants(name) for name in node.reads):
                continue
            if all(gradient is None for gradient in outgoing):
                continue
            for name, gradient in zip(node.inputs, self._through(node, outgoing), strict=False):
                if gradient is not None and self.wants(name):
                    pending.setdefault(name, []).append(gradient)
        for name in list(pending):
            self._arrived(name, pending, found)
        self.gradients = found
        return {name: found.get(name) for name in wanted}

    def _arrived(self, name, pending, found):
        """The sum of what consumers sent to a tensor, or None."""
        sent = pending.pop(name, None)
        if not sent:
            return None
        found[name] = self.sum(sent)
        return found[name]

    def _through(self, node, outgoing):
        chosen = None
        if callable(self._rules):
            chosen = self._rules(node)
        elif self._rules:
            chosen = self._rules.get(node.op_type)
        chosen = chosen or rule_of(node)
        if chosen is None:
            raise no_rule(node, self._forward.path)
        return chosen(self, node, outgoing)

    def _descendants(self, wanted):
        """Float tensors that depend on the wanted ones, and these."""
        reached = set(wanted)
        for node in self.graph.nodes:
            if any(name in reached for name in node.reads):
                reached.update(name for name in node.outputs if name)
        dtypes = self._forward.dtypes
        return frozenset(name for name in reached if dtypes.get(name, "float32") in FLOATS)

    # -- what rules ask ------------------------------------------------------------------------

    def wants(self, name):
        """Whether a gradient with respect to a tensor is needed."""
        return name in self._wanted

    def forward(self, name):
        """A tensor of the forward pass, to compute with."""
        return name

    def shape(self, name):
        """The shape of a forward tensor: a tuple with None at the axis of the batch."""
        return self._forward.shape(name)

    def sizes(self, name):
        """The shape of a forward tensor at a batch of one: all numbers."""
        return self._forward.sizes(name)

    def batch_axis(self, name):
        """The axis of the batch of a forward tensor, or None where it has none."""
        shape = self.shape(name)
        return shape.index(None) if None in shape else None

    def dtype(self, name):
        """NumPy's name of the dtype of a forward tensor."""
        return self._forward.dtype(name)

    def constant_of(self, name):
        """The value of a constant of the forward graph or of this one, or None."""
        if name in self.emitter.constants:
            return self.emitter.constants[name]
        return self.graph.constant(name) if name else None

    @property
    def batch(self):
        """Samples at which `sizes` are: 1, or what the file fixes."""
        return self._forward.batch

    @property
    def opset(self):
        """The operator set of what is written: 18 or newer."""
        return self._forward.opset

    # -- what rules emit -----------------------------------------------------------------------

    def op(self, op_type, *inputs, outputs=1, domain="", **attributes):
        """Emit a node; returns the name of its output (names, where ``outputs`` is above 1)."""
        return self.emitter.op(op_type, *inputs, outputs=outputs, domain=domain, **attributes)

    def constant(self, value):
        """The name of a constant; Python's whole numbers and lists of them become int64."""
        return self.emitter.constant(np.asarray(value))

    def number(self, value, like):
        """The name of a constant scalar (or array) of the dtype of a forward tensor."""
        return self.emitter.constant(np.asarray(value, self.dtype(like)))

    def sum(self, names):
        """The sum of tensors of one shape; None for none."""
        names = [name for name in names if name is not None]
        if not names:
            return None
        if len(names) > 2:
            return self.op("Sum", *names)
        return names[0] if len(names) == 1 else self.op("Add", *names)

    def reduce_sum(self, name, axes, keepdims=True):
        """Sum over axes; the tensor itself where there are none."""
        if not len(axes):
            return name
        axes = self.constant(np.asarray(sorted(axes), np.int64))
        return self.op("ReduceSum", name, axes, keepdims=int(keepdims))

    def reshape(self, name, shape):
        """Reshape; None in the shape is what is left (the batch)."""
        wanted = np.array([-1 if size is None else size for size in shape], np.int64)
        allowzero = 1 if 0 in wanted else None
        if allowzero:
            wanted = np.where(wanted < 0, 1, wanted)
        return self.op("Reshape", name, self.constant(wanted), allowzero=allowzero)

    def unbroadcast(self, gradient, of, to):
        """Sum a gradient down to the shape of what was broadcast.

        Parameters
        ----------
        gradient : str
            With the shape of the forward tensor ``of`` (or broadcast with it).
        of, to : str
            Forward tensors: an output, and the input that was broadcast to it.

        Returns
        -------
        str
            With the shape of ``to``; ``[N, *shape]`` for constants where gradients of weights are
            wanted for every sample.
        """
        return self.sum_to(gradient, self.shape(of), to)

    def sum_to(self, gradient, big, to):
        """As `unbroadcast`, from a shape instead of a forward tensor's.

        Parameters
        ----------
        gradient : str
        big : tuple of (int or None)
            Its shape.
        to : str
            The forward tensor whose gradient it is.
        """
        small = self.shape(to)
        lead = len(big) - len(small)
        aligned = (1,) * lead + tuple(small)
        axes = [i for i, (b, s) in enumerate(zip(big, aligned, strict=True)) if s == 1 and b != 1]
        if self.per_sample and self.graph.is_constant(to) and None in big:
            self._check_leading(big)
            gradient = self.reduce_sum(gradient, [axis for axis in axes if axis > 0])
            return self.reshape(gradient, (None, *small))
        gradient = self.reduce_sum(gradient, axes)
        return gradient if not lead else self.reshape(gradient, small)

    def sum_samples(self, gradient, of):
        """Sum ``[N, *shape]`` over the samples, unless they are wanted one by one.

        ``of`` is the forward tensor whose gradient it is; only constants have one for each sample.
        """
        if self.per_sample and self.graph.is_constant(of):
            return gradient
        return self.reduce_sum(gradient, [0], keepdims=False)

    def also(self, node, place):
        """The name of an output that a forward node can give but does not (switches of a pool)."""
        return self._forward.add_output(node, place)

    def _check_leading(self, shape):
        if shape[0] is not None:
            raise InputError(
                f"the samples are not the first axis of a tensor {list(shape)}",
                where=self._forward.path,
                remedy="gradients of weights for every sample need that; leave --per-sample out",
            )


def no_rule(node, where):
    """The error for an operator without a rule."""
    return InputError(
        f"no gradient passes through the operator {node.op_type} "
        f"(node {node.name or node.outputs[0]!r})",
        where=where,
        remedy="occlusion needs no gradients; gradients of layers after that node work",
    )
