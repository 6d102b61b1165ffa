"""Accounts of relevance: what arrives at every step, what its inputs explain, what leaves it.

What biases and epsilon absorb is what arrives less what inputs explain; conservation holds where
what leaves equals what they explain.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Entry:
    """One node's account: names of ``[N]`` tensors of the graph.

    ``explained`` is worked out from the outputs' side (sum of s (z - b)), ``left`` from the
    inputs'.
    """

    node: str
    tensor: str
    arrived: str
    explained: str
    left: str


class Ledger:
    """Collects the entries of one walk."""

    def __init__(self):
        self.entries = []

    def note_linear(self, back, step, relevance, result, explained, epsilon):
        """A linear step: ``explained`` has (s, z, name of the bias, R or None) for each share.

        The sum of s z is that of R less epsilon times that of s, where z is never negative: R is
        then given, and saves a pass over both.
        """
        parts = []
        for s, z, bias, arriving in explained:
            if arriving is None:
                parts.append(dot(back, s, z))
            else:
                number = back.emitter.constant(np.asarray(-epsilon, np.float32))
                parts.append(total(back, arriving))
                parts.append(back.op("Mul", total(back, self._by_channel(back, step, s)), number))
            if bias:
                parts.append(back.op("Neg", self._of_bias(back, step, s, bias)))
        self._note(back, step.node, relevance, back.sum(parts), [result])

    def _by_channel(self, back, step, s):
        rank = len(back.sizes(step.node.outputs[0]))
        if step.node.op_type in ("Gemm", "MatMul"):
            return s
        return back.reduce_sum(s, list(range(2, rank)), keepdims=False)

    def _of_bias(self, back, step, s, bias):
        """The sum of s b."""
        node = step.node
        if node.op_type == "Gemm":
            beta = node.attributes.get("beta", 1.0)
            product = back.op("Mul", s, bias)
            if beta != 1:
                product = back.op("Mul", product, back.number(beta, node.outputs[0]))
            return total(back, product)
        by_channel = self._by_channel(back, step, s)
        return total(back, back.op("Mul", by_channel, bias))

    def note(self, back, node, relevance, explained, results):
        """Another node that absorbs: ``explained`` is a ``[N]`` tensor."""
        self._note(back, node, relevance, explained, [name for name in results if name])

    def note_end(self, back, node, relevance):
        """A node whose inputs are all constants: they absorb what arrives (a class token)."""
        arrived = total(back, relevance)
        nothing = back.op("Sub", arrived, arrived)
        name = node.name or node.outputs[0]
        self.entries.append(Entry(name, node.outputs[0], arrived, nothing, nothing))

    def _note(self, back, node, relevance, explained, results):
        left = back.sum([total(back, name) for name in results])
        if left is None:
            return
        arrived = total(back, relevance)
        name = node.name or node.outputs[0]
        self.entries.append(Entry(name, node.outputs[0], arrived, explained, left))


def total(back, name):
    """The sum of each sample: ``[N]``."""
    flat = back.op("Flatten", name, axis=1)
    return back.op("ReduceSum", flat, back.constant(np.array([1], np.int64)), keepdims=0)


def dot(back, a, b):
    """The sum of each sample's products: ``[N]``."""
    rows = back.op("Unsqueeze", back.op("Flatten", a, axis=1), back.constant([1]))
    columns = back.op("Unsqueeze", back.op("Flatten", b, axis=1), back.constant([2]))
    product = back.op("MatMul", rows, columns)
    return back.op("Squeeze", product, back.constant([1, 2]))
