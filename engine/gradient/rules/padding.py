"""Gradients of Pad."""

import numpy as np

from engine.gradient.rules import rule
from engine.gradient.rules.movement import widened
from engine.gradient.rules.reach import along, cannot, whole_numbers


@rule("Pad")
def pad(back, node, gradients):
    """Around x a constant, or x again (reflected, repeated at the edge, wrapped around).

    Constant: dx is the part of dy in the middle, and the constant takes the rest. Else each axis
    is a linear map, which the operator itself makes of a unit matrix: dx is its transpose of dy.
    """
    x = node.inputs[0]
    rank, pads = len(back.shape(x)), whole_numbers(back, node, 1, "pads")
    axes = whole_numbers(back, node, 3) or list(range(rank))
    ends = {a % rank: (pads[i], pads[i + len(axes)]) for i, a in enumerate(axes)}
    ends = {axis: each for axis, each in ends.items() if any(each)}
    if any(back.shape(x)[axis] is None for axis in ends):
        raise cannot(back, node, "it adds samples")
    mode = node.attributes.get("mode", "constant")
    if mode == "constant":
        return _around_constant(back, node, gradients[0], ends)
    found = gradients[0]
    for axis, (before, after) in ends.items():
        unit = back.number(np.eye(back.sizes(x)[axis]), x)
        matrix = back.op("Pad", unit, back.constant([before, 0, after, 0]), mode=mode)
        found = along(back, found, matrix, axis, rank)
    return [found]


def _around_constant(back, node, gradient, ends):
    x, value = node.inputs[0], node.input(2)
    middle = gradient
    if ends:
        starts = [max(before, 0) for before, _ in ends.values()]
        stops = [
            max(before, 0) + back.sizes(x)[axis] + min(before, 0) + min(after, 0)
            for axis, (before, after) in ends.items()
        ]
        words = (starts, stops, list(ends))
        middle = back.op("Slice", gradient, *(back.constant(each) for each in words))
    lost = {
        axis: (max(-before, 0), back.sizes(x)[axis] + min(before, 0) + min(after, 0))
        for axis, (before, after) in ends.items()
    }
    found = [widened(back, middle, x, lost)]
    if value and back.wants(value):
        axes = range(len(back.shape(x)))
        whole, kept = (back.reduce_sum(each, axes, keepdims=False) for each in (gradient, middle))
        found += [None, back.reshape(back.op("Sub", whole, kept), back.shape(value))]
    return found
