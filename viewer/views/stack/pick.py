"""Which voxel of a stack the pointer is on: the ray of the picture, followed once more in NumPy.

The voxel that contributes most to the pixel in emission and absorption, the largest one in maximum
intensity. Samples lie in the planes of voxels along the ray's main axis, nearest in the plane (the
picture is bilinear there), so that what is named is a voxel and its own value. Cost: a few dozen
samples a slab that the ray meets.
"""

from dataclasses import dataclass

import numpy as np

from viewer.gl.camera import ray_in_world
from viewer.views.stack.build import unit_of_cell
from viewer.visuals.slab import ABSENT, decode
from viewer.visuals.transfer import Transfer, density

# As viewer.visuals.volume draws: opacity of a full value along a stack's unit of length.
DENSITY = 30.0
FAINTEST = 0.004


@dataclass(frozen=True)
class Picked:
    """A voxel under the pointer.

    Attributes
    ----------
    name : str
        Of the slab.
    voxel : (int, int, int)
        Channel, row and column as drawn.
    value : float
    """

    name: str
    voxel: tuple[int, int, int]
    value: float


def pick(contents, camera, x_px, y_px, width, height, mode="emission", opacity=1.0):
    """The voxel at a pixel, or None.

    Parameters
    ----------
    contents : StackContents
    camera : viewer.gl.camera.Camera
    x_px, y_px, width, height : float
        Pixel and size of the view.
    mode : {'emission', 'maximum'}
    opacity : float
        Factor on the normal density.

    Returns
    -------
    Picked or None
    """
    origin, direction = ray_in_world(camera, x_px, y_px, width, height)
    hits = []
    for slab in contents.slabs:
        samples = along(slab, origin, direction)
        if samples is not None:
            hits.append((samples[0], slab, samples))
    hits.sort(key=lambda hit: hit[0])
    if mode == "maximum":
        return _largest(hits)
    return _heaviest(hits, contents.unit, opacity)


def along(slab, origin, direction):
    """Voxels of a slab along a ray, or None when it misses.

    Returns
    -------
    (distance, int[S, 3] channel row column, float32[S] stored values, world length of a sample)
    """
    channels, rows, columns = slab.values.shape
    voxels = np.array([columns, rows, channels], float)
    scale = voxels / np.asarray(slab.extent)
    start = (origin - np.asarray(slab.corner)) * scale
    step = direction * scale
    with np.errstate(divide="ignore", invalid="ignore"):
        near, far = (0.0 - start) / step, (voxels - start) / step
    low = np.nanmax(np.minimum(near, far))
    high = np.nanmin(np.maximum(near, far))
    outside = (step == 0) & ((start < 0) | (start > voxels))
    low = max(low, 0.0)
    if not high > low or outside.any():
        return None
    axis = int(np.abs(step).argmax())
    count = max(1, round((high - low) * abs(step[axis])))
    distances = low + (np.arange(count) + 0.5) * (high - low) / count
    places = start + distances[:, None] * step
    cells = np.clip(places.astype(int), 0, voxels.astype(int) - 1)
    at = (cells[:, 2], cells[:, 1], cells[:, 0])
    return low, np.stack(at, 1), slab.values[at], (high - low) / count


def strength(slab, stored):
    """Places 0 to 1 of stored values along the colour map; and the values, NaN where special."""
    values = decode(stored, slab.unit)
    low, high = (-slab.high, slab.high) if slab.signed else (slab.low, slab.high)
    span = high - low if high > low else 1.0
    return np.clip((values - low) / span, 0.0, 1.0), values


def _heaviest(hits, unit, opacity):
    best, heaviest, light = None, FAINTEST, 1.0
    for _, slab, (_, cells, stored, length) in hits:
        place, values = strength(slab, stored)
        present = stored != ABSENT
        if slab.opaque:
            weights = present.astype(float)
        else:
            relative = density(np.nan_to_num(place, nan=1.0), slab.signed, Transfer())
            thick = DENSITY * opacity * slab.density / unit * length
            weights = np.where(present, 1.0 - np.exp(-relative * thick), 0.0)
        before = light * np.concatenate([[1.0], np.cumprod(1.0 - weights)[:-1]])
        shares = before * weights
        at = int(shares.argmax())
        if shares[at] > heaviest:
            heaviest, best = shares[at], _picked(slab, cells[at], values[at])
        light *= float(np.prod(1.0 - weights))
    return best


def _largest(hits):
    best, highest = None, -np.inf
    for _, slab, (_, cells, stored, _) in hits:
        place, values = strength(slab, stored)
        place = np.where((stored == ABSENT) | np.isnan(place), -np.inf, place)
        if slab.signed:
            place = 2 * place - 1
        at = int(place.argmax())
        if place[at] > highest:
            highest, best = place[at], _picked(slab, cells[at], values[at])
    return best


def _picked(slab, cell, value):
    channel, row, column = (int(part) for part in cell)
    if slab.order is not None:
        channel = int(slab.order[channel])
    return Picked(slab.name, (channel, row, column), float(value))


def unit_from_voxel(shape, voxel):
    """Channel and position of a layer's unit at a voxel, undoing the folding of `build`.

    Parameters
    ----------
    shape : tuple of int
        The layer's (C, *positions).
    voxel : (int, int, int)
        Channel, row, column as drawn.

    Returns
    -------
    (int, tuple of int) or None
        None for cells that only fill up a sheet.
    """
    channel, row, column = voxel
    positions = tuple(shape[1:])
    if int(np.prod(positions)) <= 1:
        unit = unit_of_cell(row, column, shape[0])
        return None if unit is None else (unit, (0,) * len(positions))
    if len(positions) == 1:
        return row, (column,)
    if len(positions) == 2 and 1 in positions:
        return row, ((0, column) if positions[0] == 1 else (column, 0))
    if len(positions) == 2:
        return channel, (row, column)
    leading = np.unravel_index(channel, (shape[0], *positions[:-2]))
    return int(leading[0]), (*(int(part) for part in leading[1:]), row, column)
