"""Gradients of activation functions: element by element, dx = dy f'(x)."""

from engine.gradient.rules import rule


@rule("Relu")
def relu(back, node, gradients):
    """y = max(x, 0): dy where y > 0, else 0 (also at x = 0, as PyTorch)."""
    y = back.forward(node.outputs[0])
    zero = back.number(0, y)
    return [back.op("Where", back.op("Greater", y, zero), gradients[0], zero)]


@rule("Sigmoid")
def sigmoid(back, node, gradients):
    """y = 1 / (1 + exp(-x)), so dx = dy y (1 - y)."""
    y = back.forward(node.outputs[0])
    slope = back.op("Mul", y, back.op("Sub", back.number(1, y), y))
    return [back.op("Mul", gradients[0], slope)]
