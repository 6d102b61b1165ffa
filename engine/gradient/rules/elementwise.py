"""Gradients of elementary functions: element by element, dx = dy f'(x)."""

from engine.gradient.rules import rule


@rule("Neg")
def negative(back, node, gradients):
    """y = -x, so dx = -dy."""
    return [back.op("Neg", gradients[0])]


@rule("Abs")
def absolute(back, node, gradients):
    """y = |x|, so dx = dy sign(x), 0 at 0."""
    return [back.op("Mul", gradients[0], back.op("Sign", back.forward(node.inputs[0])))]


@rule("Exp")
def exponential(back, node, gradients):
    """y = e^x, so dx = dy y."""
    return [back.op("Mul", gradients[0], back.forward(node.outputs[0]))]


@rule("Log")
def logarithm(back, node, gradients):
    """y = ln x, so dx = dy / x."""
    return [back.op("Div", gradients[0], back.forward(node.inputs[0]))]


@rule("Sqrt")
def square_root(back, node, gradients):
    """y = sqrt(x), so dx = dy / (2 y); infinite at 0, as the slope is."""
    y = back.forward(node.outputs[0])
    return [back.op("Div", gradients[0], back.op("Mul", y, back.number(2, y)))]


@rule("Reciprocal")
def reciprocal(back, node, gradients):
    """y = 1 / x, so dx = -dy y^2."""
    y = back.forward(node.outputs[0])
    return [back.op("Mul", gradients[0], back.op("Neg", back.op("Mul", y, y)))]


@rule("Sign", "Floor", "Ceil", "Round")
def step(back, node, gradients):
    """Constant between its steps: no gradient."""
    return [None]


@rule("Sin")
def sine(back, node, gradients):
    """y = sin x, so dx = dy cos x."""
    return [back.op("Mul", gradients[0], back.op("Cos", back.forward(node.inputs[0])))]


@rule("Cos")
def cosine(back, node, gradients):
    """y = cos x, so dx = -dy sin x."""
    slope = back.op("Neg", back.op("Sin", back.forward(node.inputs[0])))
    return [back.op("Mul", gradients[0], slope)]


@rule("Tan")
def tangent(back, node, gradients):
    """y = tan x, so dx = dy (1 + y^2)."""
    return [back.op("Mul", gradients[0], _sum_with_square(back, 1, "Add", node.outputs[0]))]


@rule("Asin")
def arc_sine(back, node, gradients):
    """y = asin x, so dx = dy / sqrt(1 - x^2)."""
    inside = _sum_with_square(back, 1, "Sub", node.inputs[0])
    return [back.op("Div", gradients[0], back.op("Sqrt", inside))]


@rule("Acos")
def arc_cosine(back, node, gradients):
    """y = acos x, so dx = -dy / sqrt(1 - x^2)."""
    return [back.op("Neg", arc_sine(back, node, gradients)[0])]


@rule("Atan")
def arc_tangent(back, node, gradients):
    """y = atan x, so dx = dy / (1 + x^2)."""
    return [back.op("Div", gradients[0], _sum_with_square(back, 1, "Add", node.inputs[0]))]


@rule("Sinh")
def hyperbolic_sine(back, node, gradients):
    """y = sinh x, so dx = dy cosh x."""
    return [back.op("Mul", gradients[0], back.op("Cosh", back.forward(node.inputs[0])))]


@rule("Cosh")
def hyperbolic_cosine(back, node, gradients):
    """y = cosh x, so dx = dy sinh x."""
    return [back.op("Mul", gradients[0], back.op("Sinh", back.forward(node.inputs[0])))]


@rule("Asinh")
def area_sine(back, node, gradients):
    """y = asinh x, so dx = dy / sqrt(x^2 + 1)."""
    inside = _sum_with_square(back, 1, "Add", node.inputs[0])
    return [back.op("Div", gradients[0], back.op("Sqrt", inside))]


@rule("Acosh")
def area_cosine(back, node, gradients):
    """y = acosh x, so dx = dy / sqrt(x^2 - 1)."""
    inside = back.op("Neg", _sum_with_square(back, 1, "Sub", node.inputs[0]))
    return [back.op("Div", gradients[0], back.op("Sqrt", inside))]


@rule("Atanh")
def area_tangent(back, node, gradients):
    """y = atanh x, so dx = dy / (1 - x^2)."""
    return [back.op("Div", gradients[0], _sum_with_square(back, 1, "Sub", node.inputs[0]))]


def _sum_with_square(back, number, how, name):
    """number + x^2, or number - x^2."""
    x = back.forward(name)
    return back.op(how, back.number(number, x), back.op("Mul", x, x))
