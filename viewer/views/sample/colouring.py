"""Attribution as colours: a signed map centred on zero over the picture in grey; no Qt, no GL."""

import numpy as np

from viewer.gl.theme import rgb
from viewer.visuals.transfer import colours


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
