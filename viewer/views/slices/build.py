"""From a volume to the pictures of its cuts; no Qt, no GL.

A cell of a picture is one value, drawn as a rectangle of one colour; colours are those of the
stack's colour maps. Where there are more cells than pixels the value farthest from zero stands for
those that share a pixel.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from viewer.visuals.transfer import (
    ABOVE,
    BELOW,
    INFINITE,
    NAN,
    NEGATIVE_INFINITE,
    SIGNED,
    UNSIGNED,
    Transfer,
    index_from_value,
    table,
)

XY, XC, YC = "xy", "xc", "yc"
# A volume whose lowest value is nearer zero than this part of its highest counts as unsigned.
NEARLY_UNSIGNED = 0.005
# What a value may lie beyond the range over the study, which was stored and rounded, of its width.
ROUNDING = 1e-3


@dataclass(frozen=True)
class Range:
    """The ends of the colour map, and what it does not hold.

    Attributes
    ----------
    low, high : float
    signed : bool
        Centred on zero.
    nan, infinite, negative_infinite : int
        Values of the volume that are not finite.
    below, above : int
        Finite ones beyond the ends.
    by_hand : bool
    """

    low: float = 0.0
    high: float = 0.0
    signed: bool = False
    nan: int = 0
    infinite: int = 0
    negative_infinite: int = 0
    below: int = 0
    above: int = 0
    by_hand: bool = False


def range_of(values, signed=None, over=None, by_hand=None):
    """The `Range` of a volume.

    Parameters
    ----------
    values : float32[C, rows, columns]
    signed : bool or None
        None: by its values.
    over : (float, float), optional
        Lowest and highest value of the layer over the study.
    by_hand : (float, float), optional
        Ends that a person chose.
    """
    lowest, highest, odd = finite_range(values)
    low, high = (lowest, highest) if over is None else _rounded(over, lowest, highest)
    if by_hand is not None:
        low, high = by_hand
        signed = low < 0
    elif signed is None:
        signed = low < -NEARLY_UNSIGNED * abs(high)
    signed = signed and max(-low, high) > 0  # zeros alone have no middle
    if signed:
        high = max(-low, high)
        low = -high
    elif by_hand is None:
        low, high = 0.0, max(high, 0.0)
    below = above = 0
    if lowest < low:
        below = int(np.count_nonzero((values < low) & np.isfinite(values)))
    if highest > high:
        above = int(np.count_nonzero((values > high) & np.isfinite(values)))
    ends = float(low), float(high), bool(signed)
    return Range(*ends, *odd, below, above, by_hand is not None)


def _rounded(over, lowest, highest):
    """A range over the study that a value misses by no more than a rounding holds that value."""
    low, high = over
    near = ROUNDING * (high - low)
    low = lowest if low - near <= lowest < low else low
    return low, (highest if high < highest <= high + near else high)


def finite_range(values):
    """Lowest and highest finite value, and how many are NaN, infinite, negative infinite.

    Returns
    -------
    (float, float, (int, int, int))
    """
    low, high = float(values.min()), float(values.max())
    if np.isfinite(low) and np.isfinite(high):
        return low, high, (0, 0, 0)
    odd = tuple(int(np.count_nonzero(is_odd(values))) for is_odd in _ODD)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    return low, high, odd


_ODD = (np.isnan, np.isposinf, np.isneginf)


def cut_values(values, kind, at, channels=None):
    """The values of one cut.

    Parameters
    ----------
    values : float32[C, rows, columns]
    kind : str
        `XY`, `XC` or `YC`.
    at : int
        Channel of an XY cut, row of an XC cut, column of a YC cut.
    channels : int[C] or None
        The channel at each place; None: as in the file.

    Returns
    -------
    float32[rows, columns], float32[C, columns] or float32[C, rows]
    """
    if kind == XY:
        return values[at]
    found = values[:, at, :] if kind == XC else values[:, :, at]
    return found if channels is None else found[channels]


def strongest(values, rows, columns):
    """Values on fewer rows and columns: the one farthest from zero of those that share a cell.

    Parameters
    ----------
    values : float32[R, K]
    rows, columns : int
        At most so many.

    Returns
    -------
    float32[min(R, rows), min(K, columns)]
        NaN where any value is.
    """
    for axis, most in enumerate((rows, columns)):
        count = values.shape[axis]
        if count > most > 0:
            edges = (np.arange(most) * count) // most
            high = np.maximum.reduceat(values, edges, axis=axis)
            low = np.minimum.reduceat(values, edges, axis=axis)
            values = np.where(high >= -low, high, low)
            values = np.where(np.isnan(high), high, values)
    return values


def coloured(values, range, theme):
    """Values as colours of a theme.

    Parameters
    ----------
    values : float32[R, K]
    range : Range
    theme : Theme

    Returns
    -------
    uint8[R, K, 3]
        What is not finite, and what lies beyond the ends, in the theme's own colours for it.
    """
    finite = np.isfinite(values)
    factor, offset = index_from_value(range.low, range.high, range.signed)
    with np.errstate(invalid="ignore", over="ignore"):
        places = np.floor(np.where(finite, values, 0.0) * np.float64(factor) + offset)
    places = np.clip(places, BELOW, ABOVE).astype(np.intp)
    places[finite & (values > range.high)] = ABOVE
    places[finite & (values < range.low)] = BELOW
    if not finite.all():
        codes = (NAN, INFINITE, NEGATIVE_INFINITE)
        for is_odd, code in zip(_ODD, codes, strict=True):
            places[is_odd(values)] = code
    return _colours(theme, range.signed)[places]


@lru_cache(maxsize=8)
def _colours(theme, signed):
    rows = table(Transfer(theme=theme))[SIGNED if signed else UNSIGNED, :, :3]
    return np.rint(np.clip(rows, 0, 1) * 255).astype(np.uint8)


def absent_in(volume, kind, at):
    """Where a cut of unfolded weights has none: bool of the cut's shape, or None."""
    if volume.absent is None:
        return None
    if kind == XY:
        return volume.absent
    line = volume.absent[at] if kind == XC else volume.absent[:, at]
    return np.broadcast_to(line, (len(volume.values), len(line)))


def table_of(wish, cut):
    """A cut as `viewer.studio.slice_table.write_slice` takes it, without path and task.

    Parameters
    ----------
    wish : SlicesWish
    cut : Cut

    Returns
    -------
    dict
    """
    volume, channels = wish.volume, cut.channels
    heads = np.arange(volume.values.shape[1 if cut.kind == XY else 0])
    number, along = {
        XY: ("row", "channel"),
        XC: ("channel", "row"),
        YC: ("channel", "column"),
    }[cut.kind]
    number = f"{number} of {volume.layer}, {along} {cut.at}, {volume.words}"
    return {
        "values": cut_values(volume.values, cut.kind, cut.at, channels),
        "heads": heads if channels is None else channels,
        "first": ("place", number),
        "across": "row" if cut.kind == YC else "column",
        "absent": absent_in(volume, cut.kind, cut.at),
    }
