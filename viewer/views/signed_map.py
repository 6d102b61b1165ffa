"""Signed values by the diverging map over a picture: zero is the background; no Qt, no GL."""

import numpy as np

from viewer.gl.theme import rgb
from viewer.visuals.transfer import colours


def grey(picture):
    """A picture without its colours: uint8[H, W, 3] to uint8[H, W, 3] of equal channels."""
    luma = np.rint(picture[..., :3] @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    return np.repeat(luma[..., None], 3, axis=2)


def signed_over(picture, values, limit, opacity, theme):
    """Values over a picture that is seen the less the farther they are from zero.

    Parameters
    ----------
    picture : uint8[H, W, 3] or None
    values : float32[h, w] or None
        Of the whole picture; with other rows or columns each one covers its share.
    limit : float
        The value with the last colour, and with a minus the first.
    opacity : float
        Of the picture behind.
    theme : Theme

    Returns
    -------
    uint8[H, W, 3]
        What is not finite in the theme's own colours for it.
    """
    view = np.array(rgb(theme.view), np.float32)
    shape = np.shape(values) if picture is None else picture.shape[:2]
    if picture is None or not opacity:
        behind = np.broadcast_to(np.float32(0), (*shape, 3))
        opacity = 0.0
    else:
        behind = picture.astype(np.float32) * np.float32(opacity / 255)
    if values is None:
        return _bytes(view * (1 - opacity) + behind)
    values = _fitted(values, shape)
    finite = np.isfinite(values)
    share = np.clip(np.where(finite, values, 0) / (limit or 1.0), -1, 1).astype(np.float32)
    table = colours(theme, True).astype(np.float32)
    clear = opacity * (1 - np.abs(share))[..., None]
    place = np.rint((share + 1) / 2 * (len(table) - 1)).astype(np.intp)
    mixed = table[place] * (1 - clear) + behind * (1 - np.abs(share))[..., None]
    if not finite.all():
        odd = ((np.isnan(values), theme.nan), (np.isposinf(values), theme.infinite))
        for where, colour in (*odd, (np.isneginf(values), theme.negative_infinite)):
            mixed[where] = rgb(colour)
    return _bytes(mixed)


def _bytes(mixed):
    return np.rint(np.clip(mixed, 0, 1) * 255).astype(np.uint8)


def _fitted(values, shape):
    """Values repeated, or picked, to as many rows and columns as a picture has."""
    if np.shape(values) == tuple(shape):
        return values
    down = (np.arange(shape[0]) * values.shape[0]) // shape[0]
    across = (np.arange(shape[1]) * values.shape[1]) // shape[1]
    return values[down[:, None], across]
