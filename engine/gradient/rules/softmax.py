"""Gradients of Softmax and LogSoftmax. (Hardmax is constant between its steps: none.)

Older operator sets, where all axes from the given one on are one, are rewritten before the walk.
"""

from engine.gradient.rules import rule


def _axis(back, node):
    rank = len(back.shape(node.outputs[0]))
    return [node.attributes.get("axis", -1) % rank] if rank else []


@rule("Softmax")
def softmax(back, node, gradients):
    """y = e^x / sum e^x, so dx = y (dy - sum(dy y)): zeros where it is saturated."""
    y = back.forward(node.outputs[0])
    mean = back.reduce_sum(back.op("Mul", gradients[0], y), _axis(back, node))
    return [back.op("Mul", back.op("Sub", gradients[0], mean), y)]


@rule("LogSoftmax")
def log_softmax(back, node, gradients):
    """y = x - ln(sum e^x), so dx = dy - e^y sum(dy)."""
    share = back.op("Exp", back.forward(node.outputs[0]))
    total = back.reduce_sum(gradients[0], _axis(back, node))
    return [back.op("Sub", gradients[0], back.op("Mul", share, total))]


@rule("Hardmax")
def hardmax(back, node, gradients):
    """1 at the largest, 0 elsewhere: constant between its steps, no gradient."""
    return [None]
