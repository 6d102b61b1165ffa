"""Which voxel of a stack the pointer is on: the ray of the picture, followed once more in NumPy.

Samples lie where the picture's do (the planes of voxels along the ray's main axis) and values are
as there: bilinear in a map, never between channels; clip planes, ranges and curve count. What is
named is the voxel in which the sample lies that decided the pixel, with the voxel's own value:

* emission: the sample that contributes most to the pixel
* maximum: the largest; attenuated: the sample that gave the result, the largest after dimming
* average: the largest, by distance from zero
* isosurface: at the first hit, of the voxels mixed there the one farthest from zero
* slabs: straight behind the face that is seen, the voxel farthest from zero

A NaN or infinite value that colours the pixel is the one named. Cost: a few dozen samples a slab
that the ray meets.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from viewer.gl.camera import ray_in_world
from viewer.views.stack.build import unit_of_cell
from viewer.visuals import transfer as colouring
from viewer.visuals.look import Look, clipped_edges, optical_density
from viewer.visuals.slab import ABSENT, INFINITE, NAN, NEGATIVE_INFINITE, decode

FAINTEST = 0.004
# As in shaders/volume: absorption of the attenuated maximum, halvings for an isosurface, how far
# inside a face a slab is sampled, and what a value above the range counts as.
ABSORPTION = 3.0
HALVINGS = 7
INSIDE = 0.01
ABOVE_RANGE = 1.25


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


def pick(contents, camera, x_px, y_px, width, height, look=None):
    """The voxel at a pixel, or None.

    Parameters
    ----------
    contents : StackContents
    camera : viewer.gl.camera.Camera
    x_px, y_px, width, height : float
        Pixel and size of the view.
    look : Look
        As it is drawn; its unit is taken from the contents.

    Returns
    -------
    Picked or None
    """
    look = look or Look()
    origin, direction = ray_in_world(camera, x_px, y_px, width, height)
    nearest = 0.0 if camera.fov else -np.inf
    aimed = crossed(contents, origin, direction)
    met = (meet(contents.slabs[n], origin, direction, look, nearest) for n in aimed)
    met = sorted((ray for ray in met if ray is not None), key=lambda ray: ray.enter)
    return _RULES[look.mode](met, look)


def crossed(contents, origin, direction):
    """Which slabs' boxes a line crosses: int[K]; all at once, because most are missed."""
    low, high = contents.boxes
    step = np.where(direction == 0, 1e-20, direction)
    to_low, to_high = (low - origin) / step, (high - origin) / step
    enter = np.minimum(to_low, to_high).max(1, initial=-np.inf)
    leave = np.maximum(to_low, to_high).min(1, initial=np.inf)
    return np.flatnonzero(leave > enter)


class Ray:
    """The samples of one ray in one slab.

    Attributes
    ----------
    slab : Slab
    enter : float
        Distance from the ray's origin, world units.
    length : float
        World length that one sample stands for.
    places : float64[S, 3]
        Voxel coordinates (columns, rows, channels; centres at halves), front to back.
    entry : float64[3]
        Where the ray enters.
    behind : float64[B, 3]
        Middles of the voxels straight behind the entry, through what is drawn of the slab.
    """

    def __init__(self, slab, enter, length, places, entry, behind):
        self.slab, self.enter, self.length = slab, enter, length
        self.places, self.entry, self.behind = places, entry, behind

    @cached_property
    def index(self):
        """Table indices of the samples: float64[S]; -1 where there is no value."""
        return indices(self.slab, self.at(self.places))

    def at(self, places):
        """Stored values at places, as drawn: float64[S]."""
        return stored_at(self.slab, places)

    def picked(self, place):
        """The voxel in which a place lies."""
        column, row, channel = (int(part) for part in cell_of(self.slab, place))
        if self.slab.order is not None:
            channel = int(self.slab.order[channel])
        own = self.slab.values[channel, row, column][None]
        return Picked(self.slab.name, (channel, row, column), float(decode(own, self.slab.unit)[0]))


def meet(slab, origin, direction, look, nearest=0.0):
    """A `Ray` through a slab, or None where it is missed.

    Parameters
    ----------
    slab : Slab
    origin, direction : float64[3]
        In the world; unit direction.
    look : Look
        Its clip planes count.
    nearest : float
        Nothing nearer than this is met.
    """
    channels, rows, columns = slab.values.shape
    voxels = np.array([columns, rows, channels], float)
    scale = voxels / np.asarray(slab.extent)
    start = (origin - np.asarray(slab.corner)) * scale
    step = direction * scale
    step = np.where(step == 0, 1e-20, step)
    low_edge, high_edge = clipped_edges(look, slab)
    to_low, to_high = (voxels * low_edge - start) / step, (voxels * high_edge - start) / step
    enter = max(float(np.minimum(to_low, to_high).max()), nearest)
    leave = float(np.maximum(to_low, to_high).min())
    if not leave > enter or (high_edge <= low_edge).any():
        return None
    axis = (
        2 if abs(step[2]) >= max(abs(step[0]), abs(step[1])) else int(abs(step[1]) > abs(step[0]))
    )
    # The voxels whose middle planes the ray crosses between entry and exit.
    ends = sorted((start[axis] + step[axis] * enter, start[axis] + step[axis] * leave))
    planes = np.arange(np.ceil(ends[0] - 0.5), np.floor(ends[1] - 0.5) + 1) + 0.5
    if step[axis] < 0:
        planes = planes[::-1]
    distances = (planes - start[axis]) / step[axis]
    if not len(planes):
        distances = np.array([(enter + leave) / 2])
    places = start + distances[:, None] * step
    entry = start + enter * step
    # Not on the face between two channels, where rounding would decide which one is seen.
    ends = voxels[2] * low_edge[2] + INSIDE, voxels[2] * high_edge[2] - INSIDE
    entry[2] = np.clip(entry[2], *ends)
    ends = voxels * low_edge, voxels * high_edge
    face = int(np.minimum(to_low, to_high)[::-1].argmax())
    behind = _behind(entry, 2 - face, *ends)
    return Ray(slab, enter, (leave - enter) / len(distances), places, entry, behind)


def _behind(entry, axis, low, high):
    """Middles of the voxels behind an entry along an axis, or of the one in a thinner part."""
    middles = np.arange(np.ceil(low[axis] - 0.5), np.floor(high[axis] - 0.5) + 1) + 0.5
    if not len(middles):
        middles = np.array([np.floor((low[axis] + high[axis]) / 2) + 0.5])
    places = np.repeat(entry[None], len(middles), 0)
    places[:, axis] = middles
    return places


def cell_of(slab, places):
    """Column, row and place of the channel of the voxels in which places lie: int[..., 3]."""
    channels, rows, columns = slab.values.shape
    return np.clip(np.floor(places).astype(int), 0, np.array([columns, rows, channels]) - 1)


def stored_at(slab, places):
    """Stored values at voxel coordinates: bilinear in a map, nearest across channels."""
    places = np.asarray(places, float)
    cells = cell_of(slab, places)
    channel = cells[..., 2]
    if slab.order is not None:
        channel = np.asarray(slab.order)[channel]
    own = slab.values[channel, cells[..., 1], cells[..., 0]].astype(float)
    if slab.opaque or slab.sharp:
        return own
    _, rows, columns = slab.values.shape
    x, y = places[..., 0] - 0.5, places[..., 1] - 0.5
    left, top = np.floor(x), np.floor(y)
    across, down = x - left, y - top
    x0, x1 = (np.clip(left + d, 0, columns - 1).astype(int) for d in (0, 1))
    y0, y1 = (np.clip(top + d, 0, rows - 1).astype(int) for d in (0, 1))
    upper, lower = (
        slab.values[channel, y, x0] * (1 - across) + slab.values[channel, y, x1] * across
        for y in (y0, y1)
    )
    mixed = upper * (1 - down) + lower * down
    return np.where((np.abs(own) > 1.5) | (np.abs(mixed) > 1.001), own, mixed)


def indices(slab, stored):
    """Real-numbered table indices of stored values; -1 where there is no value."""
    factor, offset = colouring.index_from_value(slab.low, slab.high, slab.signed, slab.unit)
    found = np.clip(stored * factor + offset, 0, colouring.ABOVE)
    for special, entry in (
        (NAN, colouring.NAN),
        (INFINITE, colouring.INFINITE),
        (NEGATIVE_INFINITE, colouring.NEGATIVE_INFINITE),
        (ABSENT, -1),
    ):
        found = np.where(stored == special, entry, found)
    return found


def strength(slab, index):
    """Distance from zero, 0 to 1 of the range, at table indices; 1.25 outside it."""
    place = (index - 2.0) / (colouring.STEPS - 2.0)
    size = np.clip(np.abs(2 * place - 1) if slab.signed else place, 0.0, 1.0)
    outside = (index >= colouring.ABOVE) | (slab.signed & (index < 1.0))
    return np.where(outside, ABOVE_RANGE, size)


def _heaviest(met, look):
    best, heaviest, light = None, FAINTEST, 1.0
    table = colouring.table(look.transfer)
    for ray in met:
        index, present = ray.index, ray.index >= 0
        row = int(ray.slab.signed) + 2 * int(ray.slab.opaque)
        relative = table[row, np.maximum(index, 0).astype(int), 3].astype(float)
        thick = optical_density(look, ray.slab) * ray.length
        weights = np.where(present, 1.0 - np.exp(-relative * thick), 0.0)
        shares = light * np.concatenate([[1.0], np.cumprod(1.0 - weights)[:-1]]) * weights
        at = int(shares.argmax())
        if shares[at] > heaviest:
            heaviest, best = shares[at], ray.picked(ray.places[at])
        light *= float(np.prod(1.0 - weights))
    return best


def _special(met):
    """The value that is not finite and colours a whole ray: NaN before +inf before -inf."""
    for entry in (colouring.NAN, colouring.INFINITE, colouring.NEGATIVE_INFINITE):
        for ray in met:
            found = np.flatnonzero(ray.index == entry)
            if len(found):
                return ray.picked(ray.places[found[0]])
    return None


def _largest(met, sizes):
    """The voxel of the largest of ``sizes(ray, index)``, unless a special value colours the ray."""
    best, highest = _special(met), -np.inf
    if best is not None:
        return best
    for ray in met:
        size = np.where(ray.index >= 0, sizes(ray, ray.index), -np.inf)
        at = int(size.argmax())
        if size[at] > highest:
            highest, best = size[at], ray.picked(ray.places[at])
    return best


def _maximum(met, look):
    def place(ray, index):
        along = (index - 2.0) / (colouring.STEPS - 2.0)
        along = 2 * along - 1 if ray.slab.signed else along
        return np.where(index >= colouring.ABOVE, 2.0, np.where(index < 1.0, -2.0, along))

    return _largest(met, place)


def _average(met, look):
    return _largest(met, lambda ray, index: strength(ray.slab, index))


def _attenuated(met, look):
    before = 0.0

    def dimmed(ray, index):
        nonlocal before
        size = np.where(index >= 0, strength(ray.slab, index), 0.0)
        rate = look.attenuation * ABSORPTION * ray.length / look.unit
        passed = before + rate * np.concatenate([[0.0], np.cumsum(np.minimum(size, 1.0))])
        before = passed[-1]
        return size * np.exp(-passed[:-1])

    return _largest(met, dimmed)


def _first_cell(ray):
    """The first present cell of a sheet, or None."""
    present = np.flatnonzero(ray.index >= 0)
    return ray.picked(ray.places[present[0]]) if len(present) else None


def _first_hit(met, look):
    def is_inside(ray, places):
        index = indices(ray.slab, ray.at(places))
        return (index > colouring.ABOVE + 0.5) | (strength(ray.slab, index) >= look.iso)

    for ray in met:
        if ray.slab.opaque:
            found = _first_cell(ray)
            if found is not None:
                return found
            continue
        places = np.concatenate([ray.entry[None], ray.places])
        inside = np.flatnonzero(is_inside(ray, places))
        if not len(inside):
            continue
        at = int(inside[0])
        low, high = places[max(at - 1, 0)], places[at]
        if at:
            high = _refined(low, high, lambda place, ray=ray: is_inside(ray, place[None])[0])
        return ray.picked(_bearer(ray.slab, high))
    return None


def _refined(low, high, is_inside):
    """The first place inside on the way between two samples, as shaders/volume/isosurface.glsl."""
    low, high = low.copy(), high.copy()
    before, after = np.floor(low[2]) + 0.5, np.floor(high[2]) + 0.5
    if before != after:
        edge = after + (-0.5 if after > before else 0.5)
        share = (edge - low[2]) / (high[2] - low[2])
        crossing = low[:2] + share * (high[:2] - low[:2])
        first, second = np.array([*crossing, before]), np.array([*crossing, after])
        if is_inside(first):
            high = first
        elif is_inside(second):
            return second
        else:
            low = second
    low[2] = high[2] = np.floor(high[2]) + 0.5
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if is_inside(middle) else (middle, high)
    return high


def _bearer(slab, place):
    """The middle of the voxel farthest from zero of those that are mixed at a place."""
    corners = place + np.array([[x, y, 0.0] for y in (-0.5, 0.5) for x in (-0.5, 0.5)])
    middles = cell_of(slab, np.concatenate([place[None], corners])) + 0.5
    return middles[int(strength(slab, indices(slab, stored_at(slab, middles))).argmax())]


def _face(met, look):
    for ray in met:
        if ray.slab.opaque:
            found = _first_cell(ray)
            if found is not None:
                return found
            continue
        index = indices(ray.slab, ray.at(ray.behind))
        odd = np.where(index > colouring.ABOVE + 0.5, colouring.NAN + 10 - index, 0)
        far = np.where(odd > 0, odd, strength(ray.slab, index))
        return ray.picked(ray.behind[int(far.argmax())])
    return None


_RULES = {
    "emission": _heaviest,
    "maximum": _maximum,
    "attenuated": _attenuated,
    "average": _average,
    "isosurface": _first_hit,
    "slabs": _face,
}


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
