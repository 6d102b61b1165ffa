"""Which axes an image input has, how many channels, and sizes to take where they are free."""

import numpy as np

from engine.errors import InputError


def layout_of(tensor, concrete_shape=None, classes=None, words="", layout=None):
    """Which axes an input has, how many channels, and its size.

    Returns
    -------
    layout : str
    channel_count : int
    size : (rows, columns)
    """
    declared = concrete_shape if concrete_shape is not None else tensor.shape
    if declared is None:
        declared = (None, 3, None, None)
    shape = [d if isinstance(d, (int, np.integer)) and d > 0 else None for d in declared]
    if layout is None or layout == "NK" or len(layout) != len(shape):
        layout = _axes(shape, tensor.name)
    if layout == "NK":
        return _flat(shape[1])
    place = {axis: shape[i] for i, axis in enumerate(layout)}
    channel_count = place.get("C", 1) or 3
    rows, columns = place["H"], place["W"]
    usual = usual_sizes(channel_count, classes, words)[0]
    return (
        layout,
        int(channel_count),
        (int(rows or columns or usual), int(columns or rows or usual)),
    )


def usual_sizes(channel_count=3, classes=None, words=""):
    """Sizes to try for an input whose size is free, the most plausible first."""
    if "yolox" in words or "416" in words:
        return [416, 640, 320]
    if "yolo" in words or "detr" in words:
        return [640, 416, 320]
    if channel_count == 1 and classes == 10:
        return [28, 32, 224]
    if classes:
        return [224, 256, 299, 384, 32]
    return [320, 640, 416, 224, 256, 512]


def _axes(shape, name):
    if len(shape) == 4:
        return _four_axes(shape[1:])
    if len(shape) == 3:
        first, _, last = shape
        if first in (3, 4) and (last is None or last > 4):
            return "CHW"
        return "HWC" if last in (3, 4) and (first is None or first > 4) else "NHW"
    if len(shape) == 2:
        rows, columns = shape
        return "HW" if rows and rows > 1 and rows == columns else "NK"
    what = {1: "one axis, so perhaps encoded bytes", 5: "five axes, so clips or volumes"}
    raise InputError(
        f"the input {name} takes {what.get(len(shape), f'{len(shape)} axes')}, not single pictures",
        expected="2, 3 or 4 axes",
        got=shape,
        remedy="export the part of the network that takes pictures",
    )


def _four_axes(shape):
    first, middle, last = shape
    few = (1, 2, 3, 4)
    if first in few and not (first not in (1, 3) and last in (1, 3)):
        return "NCHW"
    if last in few:
        return "NHWC"
    if first and last and middle and first != middle and middle == last:
        return "NCHW"
    if first and last and middle and first == middle and middle != last:
        return "NHWC"
    if last and not first and not middle:
        return "NHWC"
    return "NHWC" if first and last and last < min(first, middle or first) else "NCHW"


def _flat(length):
    if length is None:
        raise InputError(
            "the input is flat and its length is free", remedy="export it with a fixed length"
        )
    for channels in (1, 3):
        side = int(round((length / channels) ** 0.5))
        if side * side * channels == length and (channels == 1 or side >= 8):
            return "NK", channels, (side, side)
    return "NK", 1, (1, int(length))
