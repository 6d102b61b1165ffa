"""Transfer functions: from a value to a colour and a density, as a small table.

A table row has ``STEPS`` entries from the low to the high end of the range, one entry below and
one above for what is clipped, and one each for NaN and the two infinities. The colour maps are
perceptually uniform ones; their dark end (unsigned) or middle (signed) is drawn to the view's
background, so that small values disappear into it rather than stand as grey boxes.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from viewer.gl.theme import DARK, rgb

STEPS = 1024
BELOW, FIRST, ABOVE = 0, 1, STEPS + 1
NAN, INFINITE, NEGATIVE_INFINITE = STEPS + 2, STEPS + 3, STEPS + 4
ENTRIES = STEPS + 5
# Rows of the table.
UNSIGNED, SIGNED, UNSIGNED_OPAQUE, SIGNED_OPAQUE = range(4)
# How far from the background's end a map still leans towards the background.
_LEAN = 0.18


@dataclass(frozen=True)
class Transfer:
    """How values become colour and opacity.

    Attributes
    ----------
    opacity : float
        Density at full value against the normal density.
    gamma : float
        Density grows as the distance from zero to this power.
    threshold : float
        Values nearer zero than this fraction of the range are not drawn.
    gray : bool
        Plain grey from black to white instead of the theme's maps (for measuring).
    """

    opacity: float = 1.0
    gamma: float = 2.0
    threshold: float = 0.0
    gray: bool = False
    theme: object = field(default=DARK)


def table(transfer):
    """The table of a transfer function.

    Returns
    -------
    float32[4, ENTRIES, 4]
        Rows `UNSIGNED`, `SIGNED` and their opaque twins; colour (0 to 1) and relative density.
    """
    return _table(transfer)


@lru_cache(maxsize=8)
def _table(transfer):
    rows = np.zeros((4, ENTRIES, 4), np.float32)
    place = _places()
    for row, signed in ((UNSIGNED, False), (SIGNED, True)):
        inside = slice(FIRST, FIRST + STEPS)
        rows[row, inside, :3] = colours(transfer.theme, signed, transfer.gray)
        rows[row, inside, 3] = density(place, signed, transfer)
        rows[row, BELOW] = rows[row, FIRST] if not signed else (*rgb(transfer.theme.clipped), 1)
        rows[row, ABOVE] = (*rgb(transfer.theme.clipped), 1)
        rows[row, NAN] = (*rgb(transfer.theme.nan), 1)
        rows[row, INFINITE] = (*rgb(transfer.theme.infinite), 1)
        rows[row, NEGATIVE_INFINITE] = (*rgb(transfer.theme.negative_infinite), 1)
        rows[row + 2] = rows[row]
        rows[row + 2, :, 3] = 1
    rows.flags.writeable = False
    return rows


def density(place, signed, transfer):
    """Relative density 0 to 1 at places 0 to 1 along the colour map."""
    strength = np.abs(2 * place - 1) if signed else place
    shown = strength >= transfer.threshold
    return np.where(shown, strength**transfer.gamma, 0.0)


def colours(theme, signed, gray=False):
    """float64[STEPS, 3] colours from the low to the high end."""
    if gray:
        return np.repeat(_places()[:, None], 3, 1)
    import cmap

    # The maps come as 256 steps; between them the table is smooth.
    stops = np.asarray(cmap.Colormap(theme.signed if signed else theme.unsigned).lut(256))
    place = _places()
    at = np.linspace(0, 1, 256)
    colour = np.stack([np.interp(place, at, stops[:, part]) for part in range(3)], 1)
    strength = np.abs(2 * place - 1) if signed else place
    lean = np.clip(1 - strength / _LEAN, 0, 1)[:, None] ** 1.5
    return colour * (1 - lean) + np.array(rgb(theme.view)) * lean


def _places():
    """Places 0 to 1 along the colour map of the table's entries; see `index_from_value`."""
    return np.clip((np.arange(STEPS) - 0.5) / (STEPS - 2), 0, 1)


def index_from_value(low, high, signed, unit=1.0):
    """Factor and offset from stored values to (real-numbered) table indices.

    The ends of the range fall a whole entry inside, so that half precision (2^-11) never clips
    a value that lies at one of them.
    """
    low, high = (-high, high) if signed else (low, high)
    span = high - low
    if not span > 0:
        span = 1.0
    factor = (STEPS - 2) / span
    return factor * unit, FIRST + 1.0 - low * factor
