"""Pictures as arrays: what their axes mean, and how they become RGB, grey, or something to look at.

A picture is ``[H, W]`` (grey) or ``[H, W, C]``. Two channels are grey and alpha, three are red,
green and blue, four are RGB and alpha; any other number is kept as it is. Alpha is composited over
black, here and nowhere else: a transparent pixel of value v and alpha a counts as v * a.
"""

import numpy as np

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in grey: ITU-R BT.601, as Pillow's ``convert("L")``."""


def full_scale(dtype):
    """The value that stands for 1.0 in an integer dtype: 255, 65535, 127 ...; 1 for floats and
    bool."""
    dtype = np.dtype(dtype)
    return float(np.iinfo(dtype).max) if dtype.kind in "iu" else 1.0


def channels_of(picture):
    """Number of channels of ``[H, W]`` or ``[H, W, C]``."""
    return 1 if picture.ndim == 2 else picture.shape[2]


def without_alpha(picture):
    """Composite 2 (grey, alpha) or 4 (RGB, alpha) channels over black; others are returned as they
    are.

    Returns
    -------
    dtype[H, W] or dtype[H, W, C]
        In the dtype of `picture`, integers rounded to the nearest.
    """
    if picture.ndim == 2:
        return picture
    if picture.shape[2] == 1:
        return picture[:, :, 0]
    if picture.shape[2] not in (2, 4):
        return picture
    colour, alpha = picture[:, :, :-1], picture[:, :, -1:]
    if picture.dtype.kind in "iu":
        if (alpha == full_scale(picture.dtype)).all():
            composited = colour
        else:
            product = colour.astype(np.float64) * alpha / full_scale(picture.dtype)
            composited = np.rint(product).astype(picture.dtype)
    else:
        composited = (colour * alpha).astype(picture.dtype, copy=False)
    return composited[:, :, 0] if composited.shape[2] == 1 else composited


def to_grey(picture):
    """``[H, W]`` by luma (ITU-R BT.601) from RGB, alpha composited; the dtype stays, integers are
    rounded.

    Raises
    ------
    ValueError
        For a number of channels that has no grey.
    """
    picture = without_alpha(picture)
    if picture.ndim == 2:
        return picture
    if picture.shape[2] != 3:
        raise ValueError(f"{picture.shape[2]} channels have no grey")
    if picture.dtype == np.uint8:
        from PIL import Image

        return np.asarray(Image.fromarray(np.ascontiguousarray(picture)).convert("L"))
    grey = picture.astype(np.float64) @ np.array(LUMA)
    return np.rint(grey).astype(picture.dtype) if picture.dtype.kind in "iu" else _as_float(grey)


def to_rgb(picture):
    """``[H, W, 3]``: grey is repeated, alpha composited; the dtype stays.

    Raises
    ------
    ValueError
        For a number of channels that has no colour.
    """
    picture = without_alpha(picture)
    if picture.ndim == 2:
        return np.repeat(picture[:, :, None], 3, axis=2)
    if picture.shape[2] != 3:
        raise ValueError(f"{picture.shape[2]} channels have no colour")
    return picture


def shown(picture):
    """``uint8[H, W, 3]`` to show to a person.

    Integers are scaled by their dtype (int8 and int16: their middle is grey). Floats within 0..1,
    -1..1 or 0..255 are taken as such, others are stretched from their minimum to their maximum. NaN
    is black. Of more than four channels the first three are shown.
    """
    if picture.ndim == 3 and picture.shape[2] > 4:
        picture = picture[:, :, :3]
    picture = to_rgb(picture)
    kind = picture.dtype.kind
    if picture.dtype == np.uint8:
        return np.ascontiguousarray(picture)
    if kind == "b":
        return picture.astype(np.uint8) * 255
    if kind in "iu":
        info = np.iinfo(picture.dtype)
        values = (picture.astype(np.float64) - info.min) / (float(info.max) - info.min)
    else:
        values = _unit_range(picture.astype(np.float64))
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _unit_range(values):
    finite = np.isfinite(values)
    if not finite.any():
        return np.zeros_like(values)
    low, high = values[finite].min(), values[finite].max()
    values = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    if low >= 0 and high <= 1:
        return values
    if low >= -1 and high <= 1:
        return (values + 1) / 2
    if low >= 0 and high <= 255:
        return values / 255
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def _as_float(values):
    return values.astype(np.float32)
