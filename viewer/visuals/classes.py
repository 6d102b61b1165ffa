"""Colours of classes: ten, or twenty, that any colour vision tells apart; beyond that a circle.

The first ten are Petroff's (Accessible Color Sequences for Data Visualization, arXiv:2107.02270);
the next ten were found by taking, again and again, the colour of CIE lightness 38 to 88 that is
farthest from all before it in the worst of normal vision, protanopia, deuteranopia and tritanopia
(Machado, Oliveira and Fernandes, TVCG 2009). The nearest two of twenty are 14.5 apart in CIELAB.
"""

import numpy as np

from viewer.gl.theme import rgb

COLOURS = (
    *("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6"),
    *("#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd"),
    *("#6c00fc", "#cce478", "#3c6090", "#9c54fc", "#00f0b4"),
    *("#ccb4fc", "#d830b4", "#a82454", "#cc6c3c", "#9c4830"),
)
CIRCLE_LIGHTNESS, CIRCLE_CHROMA = 0.72, 0.13


def class_colours(count):
    """A colour for each class.

    Parameters
    ----------
    count : int
        K, number of classes.

    Returns
    -------
    float64[K, 3]
        sRGB, 0 to 1. Beyond twenty classes hues follow the classes' order (lists of many classes
        have like ones together), at one lightness and chroma (OKLCH; Ottosson 2020).
    """
    if count <= len(COLOURS):
        return np.array([rgb(colour) for colour in COLOURS[:count]]).reshape(-1, 3)
    angle = 2 * np.pi * np.arange(count) / count
    a, b = CIRCLE_CHROMA * np.cos(angle), CIRCLE_CHROMA * np.sin(angle)
    root = np.stack(
        [
            CIRCLE_LIGHTNESS + 0.3963377774 * a + 0.2158037573 * b,
            CIRCLE_LIGHTNESS - 0.1055613458 * a - 0.0638541728 * b,
            CIRCLE_LIGHTNESS - 0.0894841775 * a - 1.2914855480 * b,
        ],
        1,
    )
    linear = root**3 @ np.transpose(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip(linear, 0.0, 1.0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def hex_of(colour):
    """sRGB of 0 to 1 as ``'#rrggbb'``."""
    return "#" + "".join(f"{round(255 * float(part)):02x}" for part in colour)
