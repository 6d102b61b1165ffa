"""Gradients of Resize and Upsample.

Along each axis a resize is a linear map, whatever its mode and its way of counting coordinates.
The operator itself makes the matrix of this map from a unit matrix, one axis at a time, so that
its rounding is the same to the last bit; dx is the transpose of the maps, one MatMul an axis.
"""

import numpy as np

from engine.gradient.rules import rule
from engine.gradient.rules.reach import along, cannot, whole_numbers

_KEPT = (
    "coordinate_transformation_mode",
    "mode",
    "nearest_mode",
    "cubic_coeff_a",
    "exclude_outside",
    "antialias",
)


@rule("Resize", "Upsample")
def resize(back, node, gradients):
    """dx = the map of each axis, transposed, of dy; what was extrapolated takes nothing."""
    rank, found = len(back.shape(node.inputs[0])), gradients[0]
    for axis, matrix in axis_maps(back, node):
        found = along(back, found, matrix, axis, rank)
    return [found]


def axis_maps(back, node):
    """The axes that a Resize or Upsample changes, each with its map.

    Returns
    -------
    list of (int, str)
        The axis, and the name of its matrix [outputs, inputs].
    """
    x = node.inputs[0]
    rank = len(back.shape(x))
    axes = [axis % rank for axis in node.attributes.get("axes", range(rank))]
    attributes = {key: node.attributes[key] for key in _KEPT if key in node.attributes}
    crops = attributes.get("coordinate_transformation_mode") == "tf_crop_and_resize"
    maps = []
    for place, axis in enumerate(axes):
        if _is_untouched(back, node, place, axis) and not crops:
            continue
        if back.shape(x)[axis] is None:
            if crops:
                continue
            raise cannot(back, node, "it adds samples")
        unit = back.number(np.eye(back.sizes(x)[axis]), x)
        words = _words(back, node, place, len(axes), axis, crops)
        maps.append((axis, back.op("Resize", unit, *words, **attributes)))
    return maps


def _is_untouched(back, node, place, axis):
    if back.sizes(node.inputs[0])[axis] != back.sizes(node.outputs[0])[axis]:
        return False
    if node.input(3) or back.shape(node.inputs[0])[axis] is None:
        return True
    scales = back.constant_of(node.inputs[-1])
    return scales is not None and scales[place] == 1


def _words(back, node, place, count, axis, crops):
    """The inputs roi, scales and sizes of the Resize of a unit matrix."""
    roi = None
    if crops:
        rois = back.forward(node.inputs[1])
        low, high = (_one_of(back, rois, i) for i in (place, place + count))
        zero, one = (back.number(np.full(1, value), rois) for value in (0, 1))
        roi = back.op("Concat", low, zero, high, one, axis=0)
    size, sizes = back.sizes(node.inputs[0])[axis], node.input(3)
    if not sizes:
        scales = back.forward(node.inputs[-1])
        scale = _one_of(back, scales, place)
        return roi, back.op("Concat", scale, back.number(np.ones(1), scales), axis=0)
    if node.attributes.get("keep_aspect_ratio_policy", "stretch") == "stretch":
        return roi, None, back.constant([back.sizes(node.outputs[0])[axis], size])
    scale = np.float32(_common_scale(back, node))
    if int(size * scale) != back.sizes(node.outputs[0])[axis]:
        raise cannot(back, node, "its sizes are rounded up to keep the proportions")
    return roi, back.constant(np.array([scale, 1], np.float32))


def _one_of(back, name, place):
    return back.op("Slice", name, back.constant([place]), back.constant([place + 1]))


def _common_scale(back, node):
    """The one scale of all axes that keeps the picture's proportions."""
    x = back.sizes(node.inputs[0])
    axes = [axis % len(x) for axis in node.attributes.get("axes", range(len(x)))]
    wanted = whole_numbers(back, node, 3)
    ratios = [size / x[axis] for size, axis in zip(wanted, axes, strict=True)]
    larger = node.attributes["keep_aspect_ratio_policy"] == "not_smaller"
    return max(ratios) if larger else min(ratios)
