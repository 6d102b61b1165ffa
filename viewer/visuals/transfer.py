"""Transfer functions: from a value to a colour and a density, as a small table.

A table row has ``STEPS`` entries from the low to the high end of the range, one entry below and
one above for what is clipped, and one each for NaN and the two infinities. The colour maps are
perceptually uniform ones, made to start (signed: to have their middle) at the view's background
and to change lightness evenly from there, so that small values disappear into it rather than
stand as boxes, and a value that is larger never looks smaller.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from viewer.gl.theme import DARK, rgb

STEPS = 1024
BELOW, FIRST, ABOVE = 0, 1, STEPS + 1
NAN, INFINITE, NEGATIVE_INFINITE = STEPS + 2, STEPS + 3, STEPS + 4
ENTRIES = STEPS + 5
# Optical thickness of full values along the scene's unit of length, at normal opacity.
DENSITY = 16.0
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
        Density at full value against the normal density. Averages, which are small because most
        values are zero, are multiplied by it before they are coloured: the colour map then ends at
        the range's end divided by it.
    gamma : float
        Density grows as the distance from zero to this power.
    threshold : float
        Values nearer zero than this fraction of the range are not drawn.
    gray : bool
        Plain grey from black to white instead of the theme's maps (for measuring).
    curve : tuple of (float, float), or None
        Instead of gamma and threshold: density (0 to 1) at distances from zero (0 to 1 of the
        range, rising), straight lines between, level before the first and after the last point.
        Signed values use it on both sides of zero. Of the modes that show one value for a ray it
        is the opacity of that value; isosurfaces and slabs are solid without it.
    """

    opacity: float = 1.0
    gamma: float = 2.0
    threshold: float = 0.0
    gray: bool = False
    theme: object = field(default=DARK)
    curve: tuple[tuple[float, float], ...] | None = None

    def __post_init__(self):
        if self.curve is not None:
            places = [place for place, _ in self.curve]
            if not places or places != sorted(places):
                raise ValueError(f"the places of a transfer curve must rise: {places}")


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
    if transfer.curve is not None:
        places, densities = zip(*transfer.curve, strict=True)
        return np.interp(strength, places, densities)
    shown = strength >= transfer.threshold
    return np.where(shown, strength**transfer.gamma, 0.0)


def colours(theme, signed, gray=False):
    """float64[STEPS, 3] colours from the low to the high end."""
    if gray:
        return np.repeat(_places()[:, None], 3, 1)
    import cmap

    # The maps come as 256 steps; between them the table is smooth.
    stops = np.asarray(cmap.Colormap(theme.signed if signed else theme.unsigned).lut(256))[:, :3]
    background, place = np.array(rgb(theme.view)), _places()
    if not signed:
        return _evened(stops, background, place)
    halves = stops[127::-1], stops[128:]
    # Both ends as far from the background as the nearer of the two: equal values look equal.
    reach = min(abs(lightness(half[-1]) - lightness(background)) for half in halves)
    down, up = (_evened(half, background, np.abs(2 * place - 1), reach) for half in halves)
    return np.where(place[:, None] < 0.5, down, up)


def _evened(stops, background, place, reach=None):
    """A colour map that starts at the background and changes lightness evenly to its end.

    Parameters
    ----------
    stops : float[N, 3]
        From the quiet end on; lightness changes one way.
    background : float[3]
    place : float[P]
        0 to 1.
    reach : float, optional
        Change of lightness from start to end; by default up to the map's end.
    """
    light, start = lightness(stops), lightness(background)
    sign = 1 if light[-1] > start else -1
    reach = abs(light[-1] - start) if reach is None else reach
    wanted = start + sign * reach * place
    along = np.maximum.accumulate(sign * light)
    index = np.interp(sign * wanted, along, np.arange(len(stops)))
    colour = np.stack([np.interp(index, np.arange(len(stops)), part) for part in stops.T], 1)
    lean = np.clip(1 - place / _LEAN, 0, 1)[:, None]
    return colour * (1 - lean) + background * lean


def lightness(colour):
    """CIE lightness 0 to 100 of sRGB colours [..., 3] (0 to 1), D65."""
    colour = np.asarray(colour, float)
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    y = linear @ [0.2126, 0.7152, 0.0722]
    return np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27)


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
