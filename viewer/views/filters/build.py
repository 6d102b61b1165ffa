"""From projected filters to one picture, and where everything stands; no Qt, no GL."""

from dataclasses import dataclass

import numpy as np

from viewer.gl.theme import rgb
from viewer.views.signed_map import signed_over

FILL = 0.3
"""Opacity of a filled receptive field (Jacquemod 2017, 6.3.2)."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture made, and what it was made of.

    Attributes
    ----------
    pixels : uint8[H, W, 3]
    limit : float
        Largest value, by magnitude: the end of the diverging map.
    """

    pixels: np.ndarray
    limit: float


def background(picture, opacity, theme):
    """The picture behind, mixed with the view's background: float32[H, W, 3]."""
    view = np.array(rgb(theme.view), np.float32)
    return view * (1 - opacity) + picture.astype(np.float32) * (opacity / 255)


def parts_of(layers, alone=None):
    """What is drawn of some layers: (channel's colour, pictures, boxes, fields) of each filter.

    Parameters
    ----------
    layers : sequence of LayerShown
    alone : (str, int) or None
        Only this filter.

    Returns
    -------
    list of (float64[3], list of (box, float32[h, w]), int64[n, 4])
    """
    found = []
    for layer in layers:
        made = layer.projected
        if made is None:
            continue
        for channel, colour in zip(layer.channels, layer.colours, strict=True):
            if alone is not None and alone != (layer.name, channel):
                continue
            pictures = [
                (box, picture)
                for of, box, picture in zip(made.channel, made.box, made.pictures, strict=True)
                if of == channel and picture.size
            ]
            fields = np.zeros((0, 4), np.int64)
            if made.fields is not None:
                fields = made.fields[made.units[:, 0] == channel]
            found.append((colour, pictures, fields))
    return found


def draw_own(base, parts, fills):
    """Every filter in its colour over the picture behind.

    The colour covers as the root of the magnitude, against the filter's own largest.

    Parameters
    ----------
    base : float32[H, W, 3]
    parts : as `parts_of` gives them
    fills : bool
        Whether receptive fields are filled at an opacity of `FILL`, those of one filter once.
    """
    result = base.copy()
    if fills:
        for colour, _, fields in parts:
            covered = np.zeros(base.shape[:2], bool)
            for y0, x0, y1, x1 in fields:
                covered[y0:y1, x0:x1] = True
            result[covered] += FILL * (colour.astype(np.float32) - result[covered])
    clear = np.ones((*base.shape[:2], 1), np.float32)
    mixed = np.zeros((*base.shape[:2], 4), np.float32)
    for colour, pictures, _ in parts:
        largest = max((_largest(each) for _, each in pictures), default=0.0)
        if not largest:
            continue
        shade = np.array([*colour, 1.0], np.float32)
        for (y0, x0, y1, x1), picture in pictures:
            share = np.nan_to_num(np.abs(picture) / largest, nan=0.0, posinf=1.0)
            strength = np.sqrt(share)[..., None]
            mixed[y0:y1, x0:x1] += strength * shade
            clear[y0:y1, x0:x1] *= 1 - strength
    shown = mixed[..., :3] / np.maximum(mixed[..., 3:], 1e-9)
    return result * clear + shown * (1 - clear)


def _largest(picture):
    """The largest finite magnitude."""
    return float(np.abs(picture[np.isfinite(picture)]).max(initial=0.0))


def total_of(shape, parts):
    """What came back of all filters, added up: float32[H, W]."""
    total = np.zeros(shape, np.float32)
    for _, pictures, _ in parts:
        for (y0, x0, y1, x1), picture in pictures:
            total[y0:y1, x0:x1] += picture
    return total


def draw(picture, layers, settings, alone, theme):
    """The `Drawn` picture of some layers' filters.

    Parameters
    ----------
    picture : uint8[H, W, 3]
    layers : sequence of LayerShown
    settings : FilterSettings
    alone : (str, int) or None
    theme : Theme
    """
    parts = parts_of(layers, alone)
    if settings.colour == "signed":
        total = total_of(picture.shape[:2], parts)
        limit = _largest(total)
        pixels = signed_over(picture, total, limit, settings.background, theme)
        return Drawn(pixels, limit)
    base = background(picture, settings.background, theme)
    made = draw_own(base, parts, settings.squares == "filled")
    return Drawn(np.rint(np.clip(made, 0, 1) * 255).astype(np.uint8), 0.0)
