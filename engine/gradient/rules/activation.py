"""Gradients of activation functions: element by element, dx = dy f'(x).

At a kink the slope is that of the flat side, as PyTorch has it: Relu(x) has none at x = 0. Slopes
are taken from the output where that is enough, because it is there anyway.
"""

import math

from engine.gradient.rules import rule


@rule("Relu")
def relu(back, node, gradients):
    """y = max(x, 0): dy where y > 0, else 0 (also at x = 0)."""
    y = back.forward(node.outputs[0])
    return [where_positive(back, y, gradients[0])]


def where_positive(back, name, gradient):
    """The gradient where a forward tensor is above zero, else 0."""
    zero = back.number(0, name)
    return back.op("Where", back.op("Greater", name, zero), gradient, zero)


@rule("LeakyRelu")
def leaky_relu(back, node, gradients):
    """y = x where x > 0, else alpha x: dy or alpha dy."""
    x = back.forward(node.inputs[0])
    scaled = back.op("Mul", gradients[0], back.number(node.attributes.get("alpha", 0.01), x))
    return [back.op("Where", back.op("Greater", x, back.number(0, x)), gradients[0], scaled)]


@rule("PRelu")
def prelu(back, node, gradients):
    """y = x where x > 0, else slope x: dx = dy or slope dy; dslope = x dy where x <= 0."""
    x, slope = node.inputs[:2]
    zero = back.number(0, x)
    positive = back.op("Greater", x, zero)
    result = [None, None]
    if back.wants(x):
        scaled = back.op("Mul", gradients[0], slope)
        result[0] = back.op("Where", positive, gradients[0], scaled)
    if back.wants(slope):
        product = back.op("Mul", gradients[0], x)
        result[1] = back.unbroadcast(back.op("Where", positive, zero, product), x, slope)
    return result


@rule("Clip")
def clip(back, node, gradients):
    """y = min(max(x, low), high): dy strictly between the limits, which get what lies beyond."""
    x, y = node.inputs[0], node.outputs[0]
    zero = back.number(0, y)
    low, high = node.input(1), node.input(2)
    above = back.op("Greater", y, low) if low else None
    below = back.op("Less", y, high) if high else None
    inside = above or below
    if above and below:
        inside = back.op("And", above, below)
    result = [None, None, None]
    if back.wants(x):
        result[0] = back.op("Where", inside, gradients[0], zero) if inside else gradients[0]
    for place, within in ((1, above), (2, below)):
        if within and back.wants(node.input(place)):
            beyond = back.op("Where", within, zero, gradients[0])
            result[place] = back.unbroadcast(beyond, y, node.inputs[place])
    return result


@rule("Sigmoid")
def sigmoid(back, node, gradients):
    """y = 1 / (1 + exp(-x)): the slope y (1 - y) is e / (1 + e)^2 with e = exp(-|x|).

    From y itself it would have few digits near 1, where a score that people ask about lies, and
    near 0, where ONNX Runtime's Sigmoid has few.
    """
    x = node.inputs[0]
    e = back.op("Exp", back.op("Neg", back.op("Abs", x)))
    wide = back.op("Add", e, back.number(1, x))
    slope = back.op("Div", e, back.op("Mul", wide, wide))
    return [back.op("Mul", gradients[0], slope)]


@rule("HardSigmoid")
def hard_sigmoid(back, node, gradients):
    """y = min(max(alpha x + beta, 0), 1): alpha dy strictly between 0 and 1."""
    y = back.forward(node.outputs[0])
    zero, one = back.number(0, y), back.number(1, y)
    alpha = back.number(node.attributes.get("alpha", 0.2), y)
    inside = back.op("And", back.op("Greater", y, zero), back.op("Less", y, one))
    return [back.op("Where", inside, back.op("Mul", gradients[0], alpha), zero)]


@rule("Tanh")
def tanh(back, node, gradients):
    """dx = dy (1 - y^2)."""
    y = back.forward(node.outputs[0])
    slope = back.op("Sub", back.number(1, y), back.op("Mul", y, y))
    return [back.op("Mul", gradients[0], slope)]


@rule("Elu")
def elu(back, node, gradients):
    """y = x where x > 0, else alpha (exp x - 1), whose slope is y + alpha."""
    alpha = node.attributes.get("alpha", 1.0)
    return [_bent(back, node, gradients[0], 1.0, 1.0, alpha)]


@rule("Selu")
def selu(back, node, gradients):
    """y = gamma x where x > 0, else gamma alpha (exp x - 1), whose slope is y + gamma alpha."""
    gamma = node.attributes.get("gamma", 1.05070102214813232421875)
    alpha = node.attributes.get("alpha", 1.67326319217681884765625)
    return [_bent(back, node, gradients[0], gamma, 1.0, gamma * alpha)]


@rule("Celu")
def celu(back, node, gradients):
    """y = x where x > 0, else alpha (exp(x / alpha) - 1), whose slope is y / alpha + 1."""
    alpha = node.attributes.get("alpha", 1.0)
    return [_bent(back, node, gradients[0], 1.0, 1.0 / alpha, 1.0)]


def _bent(back, node, gradient, right, factor, offset):
    """Slope ``right`` where x > 0, else ``factor y + offset``."""
    x, y = node.inputs[0], node.outputs[0]
    left = y if factor == 1 else back.op("Mul", y, back.number(factor, y))
    left = back.op("Add", left, back.number(offset, y))
    positive = back.op("Greater", x, back.number(0, x))
    return back.op("Mul", gradient, back.op("Where", positive, back.number(right, y), left))


@rule("Softplus")
def softplus(back, node, gradients):
    """y = log(1 + exp x): the slope is the sigmoid of x."""
    return [back.op("Mul", gradients[0], back.op("Sigmoid", node.inputs[0]))]


@rule("Softsign")
def softsign(back, node, gradients):
    """y = x / (1 + |x|): the slope is 1 / (1 + |x|)^2."""
    x = node.inputs[0]
    wide = back.op("Add", back.op("Abs", x), back.number(1, x))
    return [back.op("Div", gradients[0], back.op("Mul", wide, wide))]


@rule("ThresholdedRelu")
def thresholded_relu(back, node, gradients):
    """y = x where x > alpha, else 0."""
    x = node.inputs[0]
    above = back.op("Greater", x, back.number(node.attributes.get("alpha", 1.0), x))
    return [back.op("Where", above, gradients[0], back.number(0, x))]


@rule("Shrink")
def shrink(back, node, gradients):
    """y = x -+ bias where |x| > lambd, else 0: dy outside, 0 inside."""
    x = node.inputs[0]
    limit = back.number(node.attributes.get("lambd", 0.5), x)
    outside = back.op("Greater", back.op("Abs", x), limit)
    return [back.op("Where", outside, gradients[0], back.number(0, x))]


@rule("Erf")
def erf(back, node, gradients):
    """The slope is 2 / sqrt(pi) exp(-x^2)."""
    x = node.inputs[0]
    bell = back.op("Exp", back.op("Neg", back.op("Mul", x, x)))
    slope = back.op("Mul", bell, back.number(2 / math.sqrt(math.pi), x))
    return [back.op("Mul", gradients[0], slope)]


@rule("Gelu")
def gelu(back, node, gradients):
    """y = x P(x), P the normal distribution or its tanh approximation: slope P + x P'."""
    x = node.inputs[0]
    approximate = node.attributes.get("approximate", "none")
    slope = _tanh_gelu(back, x) if approximate == "tanh" else _erf_gelu(back, x)
    return [back.op("Mul", gradients[0], slope)]


@rule("Gelu", domain="com.microsoft")
def microsoft_gelu(back, node, gradients):
    """As Gelu, exact."""
    return [back.op("Mul", gradients[0], _erf_gelu(back, node.inputs[0]))]


def _erf_gelu(back, x):
    """P = (1 + erf(x / sqrt 2)) / 2 and P' = exp(-x^2 / 2) / sqrt(2 pi)."""
    half, one = back.number(0.5, x), back.number(1, x)
    inner = back.op("Erf", back.op("Mul", x, back.number(math.sqrt(0.5), x)))
    share = back.op("Mul", back.op("Add", inner, one), half)
    square = back.op("Mul", back.op("Mul", x, x), back.number(-0.5, x))
    bell = back.op("Mul", back.op("Exp", square), back.number(1 / math.sqrt(2 * math.pi), x))
    return back.op("Add", share, back.op("Mul", x, bell))


def _tanh_gelu(back, x):
    """P = (1 + t) / 2, t = tanh(u), u = c (x + a x^3): P' = (1 - t^2) c (1 + 3 a x^2) / 2."""
    c, a = math.sqrt(2 / math.pi), 0.044715
    one, half = back.number(1, x), back.number(0.5, x)
    square = back.op("Mul", x, x)
    inner = back.op("Add", back.op("Mul", square, back.number(a, x)), one)
    t = back.op("Tanh", back.op("Mul", back.op("Mul", x, inner), back.number(c, x)))
    share = back.op("Mul", back.op("Add", t, one), half)
    rise = back.op("Add", back.op("Mul", square, back.number(3 * a, x)), one)
    bend = back.op("Sub", one, back.op("Mul", t, t))
    slope = back.op("Mul", back.op("Mul", bend, rise), back.number(0.5 * c, x))
    return back.op("Add", share, back.op("Mul", x, slope))


@rule("FastGelu", domain="com.microsoft")
def fast_gelu(back, node, gradients):
    """Gelu's tanh approximation of x, or of x + bias."""
    x = node.inputs[0]
    biased = back.op("Add", x, node.inputs[1]) if node.input(1) else x
    slope = _tanh_gelu_of(back, biased, x)
    gradient = back.op("Mul", gradients[0], slope)
    bias = node.input(1)
    return [gradient, back.unbroadcast(gradient, x, bias) if back.wants(bias) else None]


def _tanh_gelu_of(back, name, like):
    if name == like:
        return _tanh_gelu(back, name)
    return _tanh_gelu(_Like(back, like), name)


class _Like:
    """A back whose numbers have the dtype of another tensor: an emitted one has none of its own."""

    def __init__(self, back, like):
        self.op = back.op
        self.number = lambda value, _: back.number(value, like)


@rule("HardSwish")
def hard_swish(back, node, gradients):
    """y = x min(max(x / 6 + 1/2, 0), 1): slope 0 below -3, 1 above 3, x / 3 + 1/2 between."""
    x = node.inputs[0]
    zero, one = back.number(0, x), back.number(1, x)
    line = back.op("Mul", x, back.number(1 / 3, x))
    line = back.op("Add", line, back.number(0.5, x))
    upper = back.op("Where", back.op("Less", x, back.number(3, x)), line, one)
    slope = back.op("Where", back.op("Greater", x, back.number(-3, x)), upper, zero)
    return [back.op("Mul", gradients[0], slope)]


@rule("Mish")
def mish(back, node, gradients):
    """y = x t with t = tanh(softplus x): slope t + x (1 - t^2) sigmoid(x)."""
    x = node.inputs[0]
    t = back.op("Tanh", back.op("Softplus", x))
    bend = back.op("Sub", back.number(1, x), back.op("Mul", t, t))
    slope = back.op("Mul", back.op("Mul", x, bend), back.op("Sigmoid", x))
    return [back.op("Mul", gradients[0], back.op("Add", t, slope))]


@rule("Swish")
def swish(back, node, gradients):
    """y = x s with s = sigmoid(alpha x): slope s + alpha y (1 - s)."""
    return [_swish(back, node, gradients[0], node.attributes.get("alpha", 1.0))]


@rule("QuickGelu", domain="com.microsoft")
def quick_gelu(back, node, gradients):
    """As Swish, with its own alpha."""
    return [_swish(back, node, gradients[0], node.attributes.get("alpha", 1.702))]


def _swish(back, node, gradient, alpha):
    x, y = node.inputs[0], node.outputs[0]
    factor = back.number(alpha, x)
    s = back.op("Sigmoid", back.op("Mul", x, factor))
    rest = back.op("Mul", back.op("Mul", y, factor), back.op("Sub", back.number(1, x), s))
    return back.op("Mul", gradient, back.op("Add", s, rest))
