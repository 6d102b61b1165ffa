"""Preprocessing from its formula, in float64, one step after the other: slow and simple.

The resize is the definition of an antialiased bilinear filter: each output pixel is the weighted
mean of the input pixels under a triangle whose half width is one output pixel, or one input pixel
when enlarging.
"""

import numpy as np


def resize_axis(values, count):
    """Resize axis 0 of float64[n, ...] to `count`."""
    scale = len(values) / count
    half = max(scale, 1.0)
    out = np.empty((count, *values.shape[1:]))
    for i in range(count):
        centre = (i + 0.5) * scale
        weights = np.maximum(0.0, 1 - np.abs(np.arange(len(values)) + 0.5 - centre) / half)
        out[i] = np.tensordot(weights / weights.sum(), values, axes=(0, 0))
    return out


def resize(picture, shape):
    """float64[rows, columns, C] from any picture."""
    rows = resize_axis(picture.astype(np.float64), shape[0])
    return resize_axis(rows.swapaxes(0, 1), shape[1]).swapaxes(0, 1)


def covering(shape, size, crop):
    """The shape after the resize, before the crop."""
    if crop is None:
        return size
    wanted = [max(size[i], round(size[i] / crop)) for i in (0, 1)]
    factor = [wanted[i] / shape[i] for i in (0, 1)]
    deciding = 0 if factor[0] >= factor[1] else 1
    other = 1 - deciding
    resized = [0, 0]
    resized[deciding] = wanted[deciding]
    # whole-number arithmetic, so that no rounding of the factor can cut a pixel off
    resized[other] = max(wanted[other], wanted[deciding] * shape[other] // shape[deciding])
    return tuple(resized)


def to_channels(picture, channels, count):
    """float64[H, W, count]: luma, repetition, alpha over black, in the order of the network."""
    values = picture.astype(np.float64)
    values = values[:, :, None] if values.ndim == 2 else values
    top = {"u": 255.0, "i": 255.0, "f": 1.0}[picture.dtype.kind]
    if picture.dtype.kind in "iu":
        top = float(np.iinfo(picture.dtype).max)
    if channels != "as-is" and values.shape[2] in (2, 4):
        values = values[:, :, :-1] * values[:, :, -1:] / top
    if channels == "gray" and values.shape[2] == 3:
        values = values @ np.array([[0.299], [0.587], [0.114]])
    if values.shape[2] == 1:
        values = np.repeat(values, count, axis=2)
    return values[:, :, ::-1] if channels == "bgr" else values


def preprocess(picture, p):
    """float64[C, rows, columns] for a `Preprocessing` of the layout NCHW."""
    values = to_channels(picture, p.channels, p.channel_count)
    resized = covering(picture.shape[:2], p.size, p.crop)
    values = resize(values, resized)
    top, left = (round((resized[i] - p.size[i]) / 2) for i in (0, 1))
    values = values[top : top + p.size[0], left : left + p.size[1]]
    if picture.dtype.kind in "iu":
        largest = float(np.iinfo(picture.dtype).max)
        if p.integers == "unit":
            values = values / largest
        elif p.integers == "int8":
            values = values / largest * 255
    if p.integers == "int8":
        values = values - 128
    values = (values * p.scale - np.array(p.mean)) / np.array(p.std)
    return values.transpose(2, 0, 1)
