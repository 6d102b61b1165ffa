"""Gradients of the operator Attention; attention that is written out in products needs no rule.

With L = s Q K' (K' transposed), a mask A added, and P = softmax(L): y = P V, so

    dV = P' dy,   dL = P (dP - sum(dP P)) with dP = dy V',   dQ = s dL K,   dK = s dL' Q.

P is worked out again. Heads of queries that share a head of keys send it their sum. A cap c on the
products, c tanh(L / c) before the mask, takes its slope 1 - tanh^2 between.
"""

import numpy as np

from engine.gradient.rules import rule
from engine.gradient.rules.reach import cannot


@rule("Attention")
def attention(back, node, gradients):
    """See above; caches of past keys, and the scores as an output, are refused."""
    if any(gradient is not None for gradient in gradients[1:]):
        raise cannot(back, node, "a gradient reaches its keys, values or scores as outputs")
    if any(node.input(place) for place in (4, 5, 6)):
        raise cannot(back, node, "it continues a sequence (past keys or lengths)")
    parts = _Parts(back, node)
    dy = parts.by_heads(gradients[0], "q")
    weights, capped = parts.weights()
    found = {}
    if back.wants(node.inputs[2]):
        sent = back.op("MatMul", _turned(back, weights), dy)
        found[2] = parts.as_given(sent, "v")
    if any(back.wants(node.input(place)) for place in (0, 1, 3) if node.input(place)):
        slope = back.op("MatMul", dy, _turned(back, parts.values))
        mean = back.reduce_sum(back.op("Mul", slope, weights), [3])
        scores = back.op("Mul", back.op("Sub", slope, mean), weights)
        if node.input(3) and back.wants(node.input(3)):
            found[3] = back.sum_to(scores, parts.score_shape, node.input(3))
        if capped is not None:
            scores = back.op("Mul", scores, capped)
        _send(back, node, parts, scores, found)
    return [found.get(place) for place in range(4)]


def _send(back, node, parts, scores, found):
    """The gradients of queries and keys from that of their products."""
    scaled = back.op("Mul", scores, parts.scale)
    if back.wants(node.inputs[0]):
        found[0] = parts.as_given(back.op("MatMul", scaled, parts.keys), "q")
    if back.wants(node.inputs[1]):
        sent = back.op("MatMul", _turned(back, scaled), parts.queries)
        found[1] = parts.as_given(sent, "k")


class _Parts:
    """Queries, keys and values by heads, ``[N, heads, T, d]``, keys and values repeated."""

    def __init__(self, back, node):
        self._back, self._node = back, node
        q, k, v = node.inputs[:3]
        self._flat = len(back.shape(q)) == 3
        given = node.attributes
        self._heads = given["q_num_heads"] if self._flat else back.sizes(q)[1]
        self._shared = given["kv_num_heads"] if self._flat else back.sizes(k)[1]
        width = back.sizes(q)[-1] // (self._heads if self._flat else 1)
        self._cap = given.get("softcap", 0.0)
        self.scale = back.number(given.get("scale") or 1 / np.sqrt(width), q)
        self.queries = self.by_heads(back.forward(q), "q")
        self.keys, self.values = (
            self._repeated(self.by_heads(back.forward(name), "k"), name) for name in (k, v)
        )
        self._lengths = tuple(back.sizes(name)[-2] for name in (q, k))
        self.score_shape = (back.shape(q)[0], self._heads, *self._lengths)

    def by_heads(self, name, which):
        """``[N, T, heads d]`` as ``[N, heads, T, d]``."""
        if not self._flat:
            return name
        heads = self._heads if which == "q" else self._shared
        apart = self._back.op("Reshape", name, self._back.constant([0, 0, heads, -1]))
        return self._back.op("Transpose", apart, perm=[0, 2, 1, 3])

    def _repeated(self, name, of):
        """Heads that several heads of queries share, once for each of them."""
        times = self._heads // self._shared
        if times == 1:
            return name
        back, (length, width) = self._back, self._inner(of)
        apart = back.reshape(name, (None, self._shared, 1, length, width))
        copies = back.op("Tile", apart, back.constant([1, 1, times, 1, 1]))
        return back.reshape(copies, (None, self._heads, length, width))

    def _inner(self, of):
        sizes = self._back.sizes(of)
        return sizes[-2], sizes[-1] // (self._shared if self._flat else 1)

    def as_given(self, gradient, which):
        """The gradient of queries, keys or values in the shape that the node takes."""
        back, place = self._back, "qkv".index(which)
        name, times = self._node.inputs[place], self._heads // self._shared
        if which != "q" and times > 1:
            length, width = self._inner(name)
            apart = back.reshape(gradient, (None, self._shared, times, length, width))
            gradient = back.reduce_sum(apart, [2], keepdims=False)
        if self._flat:
            turned = back.op("Transpose", gradient, perm=[0, 2, 1, 3])
            gradient = back.op("Reshape", turned, back.constant([0, 0, -1]))
        return gradient

    def weights(self):
        """P, and the slope of the cap (None without one)."""
        back = self._back
        products = back.op("MatMul", self.queries, _turned(back, self.keys))
        scores, capped = back.op("Mul", products, self.scale), None
        if self._cap:
            scores, capped = self._capped(scores)
        scores = self._masked(scores)
        return back.op("Softmax", scores, axis=-1), capped

    def _capped(self, scores):
        back, like = self._back, self._node.inputs[0]
        cap = back.number(self._cap, like)
        bent = back.op("Tanh", back.op("Div", scores, cap))
        slope = back.op("Sub", back.number(1, like), back.op("Mul", bent, bent))
        return back.op("Mul", bent, cap), slope

    def _masked(self, scores):
        back, mask, like = self._back, self._node.input(3), self._node.inputs[0]
        least = np.finfo(back.dtype(like)).min
        if self._node.attributes.get("is_causal", 0):
            allowed = np.tril(np.ones(self._lengths, bool))
            scores = back.op("Where", back.constant(allowed), scores, back.number(least, like))
        if not mask:
            return scores
        if back.dtype(mask) == "bool":
            return back.op("Where", back.forward(mask), scores, back.number(least, like))
        return back.op("Add", scores, back.forward(mask))


def _turned(back, name):
    return back.op("Transpose", name, perm=[0, 1, 3, 2])
