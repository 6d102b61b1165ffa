"""Gradients of arithmetic with broadcasting: what was broadcast takes the sum."""

import numpy as np

from engine.gradient.rules import rule
from engine.gradient.rules.reach import dtype_code


def _to(back, node, place, gradient):
    """A gradient of the output's shape, summed to the shape of an input."""
    return back.unbroadcast(gradient, node.outputs[0], node.inputs[place])


def _wanted(back, node):
    return [place for place, name in enumerate(node.inputs) if back.wants(name)]


def _by_place(node, found):
    return [found.get(place) for place in range(len(node.inputs))]


@rule("Add", "Sum")
def add(back, node, gradients):
    """y = a + b + ...: each takes dy."""
    return _by_place(node, {i: _to(back, node, i, gradients[0]) for i in _wanted(back, node)})


@rule("Sub")
def subtract(back, node, gradients):
    """y = a - b, so da = dy and db = -dy."""
    found = {}
    for place in _wanted(back, node):
        sent = _to(back, node, place, gradients[0])
        found[place] = back.op("Neg", sent) if place else sent
    return _by_place(node, found)


@rule("Mul")
def multiply(back, node, gradients):
    """y = a b, so da = dy b and db = dy a."""
    found = {}
    for place in _wanted(back, node):
        other = back.forward(node.inputs[1 - place])
        found[place] = _to(back, node, place, back.op("Mul", gradients[0], other))
    return _by_place(node, found)


@rule("Div")
def divide(back, node, gradients):
    """y = a / b, so da = dy / b and db = -dy y / b."""
    a, b = node.inputs
    by_b = back.op("Div", gradients[0], back.forward(b))
    found = {}
    if back.wants(a):
        found[0] = _to(back, node, 0, by_b)
    if back.wants(b):
        slope = back.op("Mul", by_b, back.forward(node.outputs[0]))
        found[1] = back.op("Neg", _to(back, node, 1, slope))
    return _by_place(node, found)


@rule("Pow")
def power(back, node, gradients):
    """y = x^p, so dx = dy p x^(p-1), nothing where p = 0, and dp = dy y ln x, nothing at x <= 0."""
    x, p = (back.forward(name) for name in node.inputs)
    found = {}
    if back.wants(x):
        found[0] = _to(back, node, 0, back.op("Mul", gradients[0], _slope_of_power(back, x, p)))
    if back.wants(p):
        zero, one = back.number(0, x), back.number(1, x)
        above = back.op("Where", back.op("Greater", x, zero), x, one)
        slope = back.op("Mul", back.forward(node.outputs[0]), back.op("Log", above))
        sent = back.op("Mul", gradients[0], slope)
        if back.dtype(p) != back.dtype(x):
            sent = back.op("Cast", sent, to=dtype_code(back.dtype(p)))
        found[1] = _to(back, node, 1, sent)
    return _by_place(node, found)


def _slope_of_power(back, x, p):
    """p x^(p-1), of the dtype of x."""
    value = back.constant_of(p)
    if value is not None:
        value = value.astype(np.float64)
        if value.size == 1 and value.item() == 2:
            return back.op("Mul", x, back.number(np.full(value.shape, 2), x))
        lower = back.number(np.where(value == 0, 0, value - 1), x)
        return back.op("Mul", back.op("Pow", x, lower), back.number(value, x))
    if back.dtype(p) != back.dtype(x):
        p = back.op("Cast", p, to=dtype_code(back.dtype(x)))
    zero, one = back.number(0, x), back.number(1, x)
    lower = back.op("Where", back.op("Equal", p, zero), zero, back.op("Sub", p, one))
    return back.op("Mul", back.op("Pow", x, lower), p)


@rule("Mod")
def remainder(back, node, gradients):
    """y = a - b n with a whole n (rounded down, or towards 0: fmod), so da = dy, db = -dy n."""
    a, b = node.inputs
    found = {}
    if back.wants(a):
        found[0] = _to(back, node, 0, gradients[0])
    if back.wants(b):
        taken = back.op("Sub", back.forward(a), back.forward(node.outputs[0]))
        times = back.op("Round", back.op("Div", taken, back.forward(b)))
        found[1] = back.op("Neg", _to(back, node, 1, back.op("Mul", gradients[0], times)))
    return _by_place(node, found)


@rule("Mean")
def mean(back, node, gradients):
    """y = (a + b + ...) / n: each takes dy / n."""
    share = back.op("Div", gradients[0], back.number(len(node.inputs), node.outputs[0]))
    return _by_place(node, {i: _to(back, node, i, share) for i in _wanted(back, node)})


@rule("Max", "Min")
def extreme(back, node, gradients):
    """The largest (smallest) takes dy; those that are equal share it evenly, as in PyTorch."""
    y = back.forward(node.outputs[0])
    if len(node.inputs) == 1:
        return [gradients[0]]
    code = dtype_code(back.dtype(y))
    masks = [back.op("Cast", back.op("Equal", name, y), to=code) for name in node.inputs]
    shares = back.op("Sum", *masks)
    found = {}
    for place in _wanted(back, node):
        slope = back.op("Div", masks[place], shares)
        found[place] = _to(back, node, place, back.op("Mul", gradients[0], slope))
    return _by_place(node, found)


@rule("Where")
def where(back, node, gradients):
    """y = a where the condition holds, else b: each takes dy where it was taken."""
    condition = back.forward(node.inputs[0])
    zero = back.number(0, node.outputs[0])
    found = {}
    for place in _wanted(back, node):
        taken = (gradients[0], zero) if place == 1 else (zero, gradients[0])
        found[place] = _to(back, node, place, back.op("Where", condition, *taken))
    return _by_place(node, found)
