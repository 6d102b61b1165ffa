"""Colours of single values: a perceptually uniform map from zero up, signed where values are."""

from functools import lru_cache

import numpy as np

from viewer.gl.theme import rgb
from viewer.visuals.transfer import colours


def limits_of(values):
    """(low, high) of the colour map: from zero to the largest, or symmetric about zero.

    Parameters
    ----------
    values : float64[F]
    """
    finite = values[np.isfinite(values)]
    high = float(np.abs(finite).max(initial=0.0))
    return (-high if (finite < 0).any() else 0.0), high


def shades_of(values, theme, limits=None):
    """A colour for each value: float64[F, 3]; what is not finite in the theme's own colours.

    Parameters
    ----------
    values : float64[F]
    theme : Theme
    limits : (float, float), optional
        Of the colour map; by default those of the values.
    """
    low, high = limits or limits_of(values)
    table = table_of(theme, low < 0)
    finite = np.isfinite(values)
    span = (high - low) or 1.0
    place = (np.where(finite, values, low) - low) / span
    found = table[np.rint(np.clip(place, 0, 1) * (len(table) - 1)).astype(int)]
    for where, colour in (
        (np.isnan(values), theme.nan),
        (np.isposinf(values), theme.infinite),
        (np.isneginf(values), theme.negative_infinite),
    ):
        found[where] = rgb(colour)
    return found


@lru_cache(maxsize=8)
def table_of(theme, signed):
    """The theme's colour map: float64[STEPS, 3]."""
    return colours(theme, signed)


def text_on(shades, theme):
    """Which text is read best on each colour: True for the darker of the theme's two ends."""
    shades = np.asarray(shades)
    luminance = np.where(shades <= 0.04045, shades / 12.92, ((shades + 0.055) / 1.055) ** 2.4)
    return luminance @ [0.2126, 0.7152, 0.0722] > 0.18
