"""From a step's volume to one small picture; no Qt, no GL.

Two ways: of each place in the plane the value farthest from zero of all filters (what one sees
looking straight along the stack), or a row for each filter with its places one after the other.
"""

from dataclasses import dataclass

import numpy as np

from engine.errors import LamellaError
from viewer.gl.theme import rgb
from viewer.views.signed_map import coloured, reduced

PICTURE_WORDS = {
    "strongest": "each place shows the {one} farthest from zero there",
    "filters": "a row for each {one}, its places side by side",
}
MOST_PIXELS = 512
"""A picture's longer side; larger ones show the strongest of several values."""


@dataclass(frozen=True, eq=False)
class Flat:
    """A step's values in a plane.

    Attributes
    ----------
    values : float32[rows, columns]
    absent : bool[rows, columns] or None
        Where there is no value at all.
    factor : int
        So many values across and down became the strongest of them.
    """

    values: np.ndarray
    absent: np.ndarray | None = None
    factor: int = 1


def ordered(volume, order):
    """A volume with its filters in an order: float32[C, ...]; as it is without one that fits."""
    fits = order is not None and len(order.channels) == len(volume)
    return volume[order.channels] if fits else volume


def flat_of(volume, absent, way):
    """A volume as one picture of values.

    Parameters
    ----------
    volume : float32[C, *positions]
    absent : bool[rows, columns] or None
        Places of every map that hold no value.
    way : str
        One of `viewer.state.series.PICTURES`.

    Returns
    -------
    Flat
    """
    values = np.asarray(volume)
    if values.ndim == 1 or values[0].size == 1:
        values, absent = _sheet(values.ravel())
    elif values.ndim == 2:
        absent = None
    else:
        values, absent = _plane(values, absent, way)
    factor = -(-max(values.shape) // MOST_PIXELS)
    if factor > 1:
        if absent is not None:
            absent = _all_absent(absent, factor)
        values = reduced(np.asarray(values, np.float32), factor)
    return Flat(np.ascontiguousarray(values, np.float32), absent, factor)


def _plane(values, absent, way):
    channels = len(values)
    if way == "filters":
        if absent is not None:  # the same places of each filter are left out
            return values.reshape(channels, -1)[:, ~absent.ravel()], None
        return values.reshape(channels, -1), None
    maps = values.reshape(-1, *values.shape[-2:])
    if absent is not None:
        maps = np.where(absent, np.float32(0), maps)
    return strongest(maps), absent


def strongest(maps):
    """Of each place the value farthest from zero: float32[N, H, W] to float32[H, W].

    What is not a number counts as the farthest.
    """
    low, high = maps.min(0), maps.max(0)
    return np.where(-low > high, low, high) if not np.isnan(high).any() else _with_nan(maps)


def _with_nan(maps):
    sizes = np.where(np.isnan(maps), np.inf, np.abs(maps))
    return np.take_along_axis(maps, sizes.argmax(0)[None], 0)[0]


def _sheet(units):
    from engine.gradient.unfolding import near_square

    rows, columns = near_square(len(units))
    values = np.zeros(rows * columns, np.float32)
    values[: len(units)] = units
    absent = (np.arange(rows * columns) >= len(units)).reshape(rows, columns)
    return values.reshape(rows, columns), absent if absent.any() else None


def _all_absent(absent, factor):
    rows, columns = absent.shape
    padded = np.pad(absent, ((0, -rows % factor), (0, -columns % factor)), mode="edge")
    blocks = padded.reshape(padded.shape[0] // factor, factor, -1, factor)
    return blocks.all((1, 3))


def unit_at(volume, absent, way, factor, row, column):
    """(channel, row and column of the map) that a pixel of a picture shows, or None.

    Parameters
    ----------
    volume : float32[C, rows, columns]
        Of unfolded weights or of maps.
    absent, way : as `flat_of`
    factor : int
        Of the `Flat`.
    row, column : int
        Of the picture.
    """
    if volume.ndim != 3 or volume[0].size == 1:
        return None
    if way == "filters":
        places = np.flatnonzero(~absent.ravel()) if absent is not None else None
        count = volume[0].size if places is None else len(places)
        part = volume.reshape(len(volume), -1)
        part = part if places is None else part[:, places]
        found = _strongest_of(part, row * factor, column * factor, factor)
        if found is None or found[1] >= count:
            return None
        place = found[1] if places is None else int(places[found[1]])
        return found[0], *divmod(place, volume.shape[2])
    rows = slice(row * factor, (row + 1) * factor)
    columns = slice(column * factor, (column + 1) * factor)
    part = volume[:, rows, columns]
    if not part.size or (absent is not None and absent[rows, columns].all()):
        return None
    at = np.unravel_index(int(np.nan_to_num(np.abs(part), nan=-1.0).argmax()), part.shape)
    return int(at[0]), int(at[1]) + rows.start, int(at[2]) + columns.start


def _strongest_of(part, row, column, factor):
    block = part[row : row + factor, column : column + factor]
    if not block.size:
        return None
    at = np.unravel_index(int(np.nan_to_num(np.abs(block), nan=-1.0).argmax()), block.shape)
    return int(at[0]) + row, int(at[1]) + column


def picture_of(flat, limit, theme):
    """A `Flat` in the colours of a theme: uint8[rows, columns, 3]."""
    picture = coloured(flat.values, limit, theme)
    if flat.absent is not None:
        picture[flat.absent] = np.rint(255 * np.array(rgb(theme.panel)))
    return picture


def seen_of(data, preprocessing, sample):
    """A sample as the network gets it: uint8[H, W, 3], or None where it cannot be read."""
    try:
        return preprocessing.as_seen(data.image(sample))
    except LamellaError:  # told where samples are listed
        return None
