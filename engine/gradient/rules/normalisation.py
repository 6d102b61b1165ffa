"""Gradients of normalisations.

Of those that take mean and deviation from the data, with h = (x - mean) / deviation and the mean
m over the same axes: dx = (g - m(g) - h m(g h)) / deviation, where g = dy times the scale.
"""

import numpy as np

from engine.gradient.rules import rule
from engine.gradient.rules.reach import cannot, count


class _Normalised:
    """A tensor normalised over axes: h and 1 / deviation, worked out again.

    Parameters
    ----------
    back : engine.gradient.backward.Backward
    x : str
    axes : list of int
    size, epsilon : str
        Scalars: how many elements lie along the axes, and what is added to the variance.
    centred : bool
        Whether the mean is taken away first.
    """

    def __init__(self, back, x, axes, size, epsilon, centred=True):
        self._back, self._axes, self._size, self._centred = back, axes, size, centred
        if centred:
            x = back.op("Sub", x, self._mean(x))
        variance = self._mean(back.op("Mul", x, x))
        self._inverse = back.op("Reciprocal", back.op("Sqrt", back.op("Add", variance, epsilon)))
        self.h = back.op("Mul", x, self._inverse)

    def _mean(self, name):
        return self._back.op("Div", self._back.reduce_sum(name, self._axes), self._size)

    def back(self, g):
        """dx from g = dh."""
        back = self._back
        along_h = back.op("Mul", self.h, self._mean(back.op("Mul", g, self.h)))
        rest = back.op("Sub", g, along_h)
        if self._centred:
            rest = back.op("Sub", rest, self._mean(g))
        return back.op("Mul", rest, self._inverse)


def _per_channel(back, name, rank):
    """A vector [C], shaped to be broadcast with [N, C, ...]."""
    return back.reshape(name, (-1, *(1,) * (rank - 2)))


def _sum_per_channel(back, gradient, rank, of):
    """[N, C, ...] summed to [C], the gradient of a parameter."""
    return back.sum_samples(back.reduce_sum(gradient, range(2, rank), keepdims=False), of)


def _epsilon(back, node):
    return back.number(node.attributes.get("epsilon", 1e-5), node.inputs[0])


@rule("BatchNormalization")
def batch_normalization(back, node, gradients):
    """y = s (x - m) / r + b with r = sqrt(v + e): dx = dy s / r, ds = dy (x - m) / r, db = dy.

    Mean and variance are constants of the file; their gradients are dm = -dy s / r and
    dv = -dy s (x - m) / (2 r^3).
    """
    if node.attributes.get("training_mode", 0):
        raise cannot(back, node, "it is in training mode; export the network for inference")
    x, scale = node.inputs[:2]
    rank = len(back.shape(x))
    factor, inverse = _batch_norm_factor(back, node)
    sent = back.op("Mul", gradients[0], _per_channel(back, factor, rank))
    found = [sent if back.wants(x) else None, None, None, None, None]
    if any(back.wants(name) for name in node.inputs[1:]):
        _parameters_of_batch_norm(back, node, gradients[0], sent, inverse, found)
    return found


def _batch_norm_factor(back, node):
    """s / r and 1 / r, worked out here where they are constant."""
    x, scale, _, _, variance = node.inputs
    epsilon = node.attributes.get("epsilon", 1e-5)
    values = [back.constant_of(name) for name in (scale, variance)]
    if all(value is not None for value in values):
        s, v = (value.astype(np.float64) for value in values)
        inverse = 1 / np.sqrt(v + epsilon)
        return back.number(s * inverse, x), back.number(inverse, x)
    moved = back.op("Add", back.forward(variance), back.number(epsilon, variance))
    inverse = back.op("Reciprocal", back.op("Sqrt", moved))
    return back.op("Mul", back.forward(scale), inverse), inverse


def _parameters_of_batch_norm(back, node, dy, sent, inverse, found):
    x, scale, bias, mean, variance = node.inputs
    rank = len(back.shape(x))
    centred = back.op("Sub", back.forward(x), _per_channel(back, back.forward(mean), rank))
    h = back.op("Mul", centred, _per_channel(back, inverse, rank))
    if back.wants(scale):
        found[1] = _sum_per_channel(back, back.op("Mul", dy, h), rank, scale)
    if back.wants(bias):
        found[2] = _sum_per_channel(back, dy, rank, bias)
    if back.wants(mean):
        found[3] = back.op("Neg", _sum_per_channel(back, sent, rank, mean))
    if back.wants(variance):
        half = back.op("Mul", inverse, back.number(-0.5, x))
        total = _sum_per_channel(back, back.op("Mul", sent, h), rank, variance)
        found[4] = back.op("Mul", total, half)


@rule("InstanceNormalization")
def instance_normalization(back, node, gradients):
    """y = s h + b, h normalised over the positions of each sample's channel."""
    x, scale, bias = node.inputs
    dy, rank = gradients[0], len(back.shape(x))
    axes = list(range(2, rank))
    normalised = _Normalised(
        back, back.forward(x), axes, count(back, x, axes), _epsilon(back, node)
    )
    found = [None, None, None]
    if back.wants(x):
        factor = _per_channel(back, back.forward(scale), rank)
        found[0] = normalised.back(back.op("Mul", dy, factor))
    if back.wants(scale):
        found[1] = _sum_per_channel(back, back.op("Mul", dy, normalised.h), rank, scale)
    if back.wants(bias):
        found[2] = _sum_per_channel(back, dy, rank, bias)
    return found


@rule("GroupNormalization")
def group_normalization(back, node, gradients):
    """y = s h + b, h normalised over channels and positions of each sample's group."""
    x, scale, bias = node.inputs
    dy, shape, groups = gradients[0], back.shape(x), node.attributes["num_groups"]
    by_group = (shape[0], groups, int(np.prod(shape[1:])) // groups)
    grouped = back.reshape(back.forward(x), by_group)
    size = back.number(by_group[2], x)
    normalised = _Normalised(back, grouped, [2], size, _epsilon(back, node))
    found = [None, None, None]
    if back.wants(x):
        g = back.op("Mul", dy, _per_channel(back, back.forward(scale), len(shape)))
        found[0] = back.reshape(normalised.back(back.reshape(g, by_group)), shape)
    if back.wants(scale):
        slope = back.op("Mul", dy, back.reshape(normalised.h, shape))
        found[1] = _sum_per_channel(back, slope, len(shape), scale)
    if back.wants(bias):
        found[2] = _sum_per_channel(back, dy, len(shape), bias)
    return found


@rule("LayerNormalization")
def layer_normalization(back, node, gradients):
    """y = s h + b, h normalised over all axes from the given one on."""
    return _layer_norm(back, node, gradients, centred=True)


@rule("RMSNormalization")
def rms_normalization(back, node, gradients):
    """y = s h, h = x / sqrt(mean of x^2 + e) over all axes from the given one on."""
    return _layer_norm(back, node, gradients, centred=False)


def _layer_norm(back, node, gradients, centred):
    if any(gradient is not None for gradient in gradients[1:]):
        raise cannot(back, node, "a gradient reaches its mean or its deviation")
    x, scale, bias = node.inputs[0], node.input(1), node.input(2)
    dy, rank = gradients[0], len(back.shape(x))
    axes = list(range(node.attributes.get("axis", -1) % rank, rank))
    size, epsilon = count(back, x, axes), _epsilon(back, node)
    normalised = _Normalised(back, back.forward(x), axes, size, epsilon, centred)
    found = [None, None, None]
    if back.wants(x):
        found[0] = normalised.back(back.op("Mul", dy, back.forward(scale)))
    if back.wants(scale):
        slope = back.op("Mul", dy, normalised.h)
        found[1] = back.unbroadcast(slope, node.outputs[0], scale)
    if bias and back.wants(bias):
        found[2] = back.unbroadcast(dy, node.outputs[0], bias)
    return found


@rule("MeanVarianceNormalization")
def mean_variance_normalization(back, node, gradients):
    """y = (x - mean) / (d + 1e-9) with the deviation d; the 1e-9 is taken as part of d."""
    x = node.inputs[0]
    axes = sorted(axis % len(back.shape(x)) for axis in node.attributes.get("axes", (0, 2, 3)))
    size, epsilon = count(back, x, axes), back.number(1e-18, x)
    return [_Normalised(back, back.forward(x), axes, size, epsilon).back(gradients[0])]


@rule("LpNormalization")
def lp_normalization(back, node, gradients):
    """y = x / r with the norm r over an axis: dx = (dy - n sum(dy y)) / r.

    n is the slope of the norm: y where p = 2, sign(x) where p = 1. Where r = 0, y is 0 and
    nothing passes.
    """
    x, y = back.forward(node.inputs[0]), back.forward(node.outputs[0])
    axes = [node.attributes.get("axis", -1) % len(back.shape(x))]
    if node.attributes.get("p", 2) == 2:
        norm = back.op("Sqrt", back.reduce_sum(back.op("Mul", x, x), axes))
        slope = y
    else:
        norm = back.reduce_sum(back.op("Abs", x), axes)
        slope = back.op("Sign", x)
    total = back.reduce_sum(back.op("Mul", gradients[0], y), axes)
    rest = back.op("Sub", gradients[0], back.op("Mul", slope, total))
    zero = back.number(0, x)
    is_zero = back.op("Equal", norm, zero)
    safe = back.op("Where", is_zero, back.number(1, x), norm)
    return [back.op("Where", is_zero, zero, back.op("Div", rest, safe))]


@rule("LRN")
def local_response_normalization(back, node, gradients):
    """y = x D^-b with D = k + a/n (sum of x^2 over n neighbouring channels).

    dx = dy D^-b - (2 a b / n) x B(dy x D^(-b-1)), where B sums over the channels in whose
    neighbourhood a channel lies: a matrix of ones in a band, transposed.
    """
    x = back.forward(node.inputs[0])
    attributes, shape = node.attributes, back.shape(x)
    size, alpha = attributes["size"], attributes.get("alpha", 1e-4)
    beta, bias = attributes.get("beta", 0.75), attributes.get("bias", 1.0)
    flat = (shape[0], shape[1], int(np.prod(shape[2:])))
    band = _band(shape[1], size)

    def summed(name, matrix):
        product = back.op("MatMul", back.number(matrix, x), back.reshape(name, flat))
        return back.reshape(product, shape)

    squares = summed(back.op("Mul", x, x), band * (alpha / size))
    denominator = back.op("Add", squares, back.number(bias, x))
    scale = back.op("Pow", denominator, back.number(-beta, x))
    factor = back.op("Div", back.op("Mul", x, scale), denominator)
    across = summed(back.op("Mul", gradients[0], factor), band.T * (2 * alpha * beta / size))
    direct = back.op("Mul", gradients[0], scale)
    return [back.op("Sub", direct, back.op("Mul", x, across))]


def _band(channels, size):
    """float64[C, C]: row c has ones at the neighbours of channel c that LRN sums over."""
    place = np.arange(channels)
    offset = place[None, :] - place[:, None]
    return ((offset >= -((size - 1) // 2)) & (offset <= size // 2)).astype(np.float64)
