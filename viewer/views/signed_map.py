"""Signed values as colours: a map centred on zero over a picture in grey; no Qt, no GL."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from viewer.gl.theme import rgb
from viewer.visuals.transfer import colours


@dataclass(frozen=True)
class Scale:
    """The ends of the colour map.

    Attributes
    ----------
    limit : float
        The value with the last colour, and with a minus the first.
    beyond : int
        Finite values that lie outside.
    largest : float
        Of the finite magnitudes.
    odd : int
        Values that are not finite.
    count : int
        Of all values.
    by_hand : bool
        A person gave the ends.
    """

    limit: float
    beyond: int
    largest: float
    odd: int
    count: int
    by_hand: bool = False


def scale_of(heat, within, by_hand=None):
    """The `Scale` with a share of the values within its ends, or with ends that a person gave.

    Where that share is zero altogether, all values lie within.
    """
    sizes = np.abs(heat[np.isfinite(heat)])
    largest = float(sizes.max(initial=0.0))
    limit = by_hand
    if limit is None:
        limit = float(np.quantile(sizes, within)) if sizes.size and within < 1 else largest
        limit = limit or largest
    beyond = int(np.count_nonzero(sizes > limit))
    return Scale(limit, beyond, largest, heat.size - sizes.size, heat.size, by_hand is not None)


_limits = WeakKeyDictionary()


def own_limit(found, within):
    """End of the range of a result's own values; remembered, as state and facts change often.

    Parameters
    ----------
    found : viewer.studio.attributing.Explained
    within : float
    """
    known = _limits.setdefault(found, {})
    if within not in known:
        known[within] = scale_of(found.heat, within).limit
    return known[within]


def reduced(heat, factor):
    """Every square of ``factor`` x ``factor`` values as the strongest of them, sign kept.

    Averages of a small picture would cancel what changes its sign from pixel to pixel. What does
    not fill a square at the right and the bottom repeats the last value.
    """
    if factor < 2:
        return heat
    rows, columns = heat.shape
    padded = np.pad(heat, ((0, -rows % factor), (0, -columns % factor)), mode="edge")
    blocks = padded.reshape(padded.shape[0] // factor, factor, -1, factor).swapaxes(1, 2)
    blocks = blocks.reshape(*blocks.shape[:2], factor * factor)
    strongest = np.where(np.isnan(blocks), np.inf, np.abs(blocks)).argmax(2)
    return np.take_along_axis(blocks, strongest[..., None], 2)[..., 0]


def coloured(heat, largest, theme):
    """Signed values as colours of a theme: zero is the view's background.

    Parameters
    ----------
    heat : float32[H, W]
    largest : float
        The value with the last colour, and with a minus the first.
    theme : Theme

    Returns
    -------
    uint8[H, W, 3]
        What is not finite in the theme's own colours for it.
    """
    table = np.rint(np.clip(colours(theme, True), 0, 1) * 255).astype(np.uint8)
    finite = np.isfinite(heat)
    share = np.where(finite, heat, 0) / (largest or 1.0)
    place = np.rint((share + 1) / 2 * (len(table) - 1)).astype(np.intp)
    picture = table[np.clip(place, 0, len(table) - 1)]
    if not finite.all():
        odd = ((np.isnan(heat), theme.nan), (np.isposinf(heat), theme.infinite))
        for where, colour in (*odd, (np.isneginf(heat), theme.negative_infinite)):
            picture[where] = np.rint(np.array(rgb(colour)) * 255)
    return picture


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
    shape = np.shape(values) if picture is None else picture.shape[:2]
    if picture is None or not opacity:
        behind = np.broadcast_to(np.float32(0), (*shape, 3))
        opacity = 0.0
    else:
        behind = picture.astype(np.float32) * np.float32(opacity / 255)
    if values is None:
        return _bytes(np.array(rgb(theme.view), np.float32) * (1 - opacity) + behind)
    values = _fitted(values, shape)
    near = np.nan_to_num(np.abs(values), nan=np.inf) / np.float32(limit or 1.0)
    near = 1 - np.minimum(near, 1)[..., None]
    over = coloured(values, limit, theme).astype(np.float32) / 255
    return _bytes(over * (1 - opacity * near) + behind * near)


def _bytes(mixed):
    return np.rint(np.clip(mixed, 0, 1) * 255).astype(np.uint8)


def _fitted(values, shape):
    """Values repeated, or picked, to as many rows and columns as a picture has."""
    if np.shape(values) == tuple(shape):
        return values
    down = (np.arange(shape[0]) * values.shape[0]) // shape[0]
    across = (np.arange(shape[1]) * values.shape[1]) // shape[1]
    return values[down[:, None], across]
