"""Colours of the steps of a continuous value, for points: never as dark as the background."""

import numpy as np

from viewer.visuals.transfer import colours

# Where along the theme's colour map the quietest step lies: nearer zero it would vanish.
_QUIETEST = 0.3


def steps_of(theme, low, high, count, *, signed):
    """Colours of equal steps between two values.

    Parameters
    ----------
    theme : Theme
    low, high : float
    count : int
    signed : bool
        Whether zero has a place of its own: two colours grow away from it, alike on both sides.

    Returns
    -------
    float64[count, 3]
        sRGB, 0 to 1.
    """
    table = colours(theme, signed)
    if signed:
        edges = np.linspace(low, high, count + 1)
        middles = (edges[:-1] + edges[1:]) / 2 / max(abs(low), abs(high))
        far = _QUIETEST + (1 - _QUIETEST) * np.abs(middles)
        place = 0.5 + 0.5 * np.where(middles < 0, -far, far)
    else:
        place = np.linspace(_QUIETEST, 1.0, count) if count > 1 else np.array([1.0])
    return table[np.rint(place * (len(table) - 1)).astype(int)]
