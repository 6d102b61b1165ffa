"""Three channels as a cloud in a cube: places in codes, orders of drawing, what is where; no GL.

The cube has side 1 and its middle at the origin: x to the right, y up, z towards the person. The
range of each channel fills it. Points are drawn from the farthest to the nearest, those selected
after all others, so that opacity is exact; what lies under the pointer is what was drawn last.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from viewer.gl.camera import Camera, clip_from_world

CODES = 65280  # engine.kernels.quantising.FINITE, without loading Numba
RADIUS = 0.5 * 3**0.5
FIELD = 30.0
MARGIN = 0.94
_BLOCK = 1 << 18


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points along three channels.

    Attributes
    ----------
    points : engine Points
    channels : tuple of int
        Along x, y and z; fewer where the layer has fewer.
    usable : int32[n] or None
        Points whose three values are finite, in order; None: all are.
    scale, offset : float64[3]
        From codes to the cube.
    """

    points: object
    channels: tuple
    usable: object
    scale: np.ndarray
    offset: np.ndarray

    @property
    def count(self):
        """Points that can be drawn."""
        return self.points.count if self.usable is None else len(self.usable)

    @property
    def not_finite(self):
        """Points left out because a value is not finite."""
        return self.points.count - self.count

    @cached_property
    def columns(self):
        """Codes along x, y and z: three uint16[P]."""
        fine = self.points.columns.fine
        channels = (*self.channels, *(self.channels[:1] * (3 - len(self.channels))))
        return tuple(fine[channel] for channel in channels)

    def first(self, count):
        """The first so many points that can be drawn: a slice, or int32[n]."""
        return slice(0, count) if self.usable is None else self.usable[:count]

    def ends(self, axis):
        """Lowest and highest value along an axis."""
        columns, channel = self.points.columns, self.channels[axis]
        low = float(columns.low[channel])
        return low, low + (CODES - 1) * float(columns.step[channel])


def cloud_of(points, channels):
    """The `Cloud` of some channels; some milliseconds a million points."""
    columns = points.columns
    finite = np.ones(points.count, bool)
    for channel in channels:
        if columns.not_finite[channel]:
            finite &= columns.fine[channel] < CODES
    usable = None if finite.all() else np.flatnonzero(finite).astype(np.int32)
    scale, offset = np.zeros(3), np.zeros(3)
    for axis, channel in enumerate(channels):
        if columns.step[channel] > 0:
            scale[axis], offset[axis] = 1.0 / CODES, 0.5 / CODES - 0.5
    return Cloud(points, tuple(channels), usable, scale, offset)


def point_of(points, focus):
    """The point of the focused sample and unit, or -1: a sample has many where there are units."""
    if not points.positions:
        return points.index(focus.sample)
    unit, shape = focus.unit, points.positions
    if unit is None or len(unit) != len(shape):
        return -1
    if not all(at < size for at, size in zip(unit, shape, strict=True)):
        return -1
    return points.index(focus.sample, int(np.ravel_multi_index(unit, shape)))


@dataclass(frozen=True, eq=False)
class Coloured:
    """Groups of points, and how many points each has.

    Attributes
    ----------
    groups : Groups
    counts : int64[G]
    left_out : int
    """

    groups: object
    counts: np.ndarray
    left_out: int = 0


def coloured(wish):
    """The `Coloured` of a `GroupWish`; some milliseconds a million points."""
    groups = wish.groups()
    counts = np.bincount(groups.codes, minlength=256)
    return Coloured(groups, counts[: groups.count], int(counts[groups.count :].sum()))


# seen from somewhere


def camera_of(state, aspect):
    """The turntable for a `ScatterCamera`: at zoom 1 the cube fits however it is turned.

    Parameters
    ----------
    aspect : float
        Width by height of the part of the view where the cube stands.
    """
    half = np.radians(FIELD) / 2
    slope = min(half, np.arctan(np.tan(half) * aspect))
    distance = RADIUS / np.sin(slope) / MARGIN / state.zoom
    return Camera(state.azimuth, state.elevation, float(distance), tuple(state.shift), FIELD)


def clip_from_codes(cloud, camera, aspect):
    """float64[4, 4] from codes along the three axes to clip space."""
    matrix = clip_from_world(camera, aspect)
    found = matrix.copy()
    found[:, :3] = matrix[:, :3] * cloud.scale
    found[:, 3] = matrix[:, 3] + matrix[:, :3] @ cloud.offset
    return found


def depths_of(camera):
    """View distance of the nearest and the farthest corner that a cube turned so may have."""
    middle = float(camera.eye_in_world @ camera.back_in_world)
    return max(1e-3, middle - RADIUS), middle + RADIUS


def _mixed(codes, weights):
    """Weighted sum of three codes and a constant, float32; the order of sums is fixed."""
    found = codes[0].astype(np.float32)
    found *= np.float32(weights[0])
    found += np.float32(weights[3])
    for column, weight in zip(codes[1:], weights[1:3], strict=True):
        found += column * np.float32(weight)
    return found


def far_first(cloud, matrix, index):
    """Some points in the order in which they are drawn: from the farthest to the nearest.

    Parameters
    ----------
    matrix : float64[4, 4]
        Of `clip_from_codes`.
    index : slice or int[n]

    Returns
    -------
    uint32[n]
        Of equally far ones (to 1/65,535 of the depth) those that come first in the points.
    """
    distance = _mixed([column[index] for column in cloud.columns], matrix[3])
    if isinstance(index, slice):
        index = np.arange(len(distance), dtype=np.uint32)
    if not len(distance):
        return np.zeros(0, np.uint32)
    low, high = float(distance.min()), float(distance.max())
    rate = 65535 / (high - low) if high > low else 0.0
    keys = ((np.float32(high) - distance) * np.float32(rate)).astype(np.uint16)
    return np.asarray(index, np.uint32)[np.argsort(keys, kind="stable")]


@dataclass(frozen=True, eq=False)
class Shown:
    """Which points are drawn, in which order.

    Attributes
    ----------
    others, selected : uint32[n]
        Those drawn first, and over them.
    """

    others: np.ndarray
    selected: np.ndarray

    @property
    def count(self):
        """Points drawn."""
        return len(self.others) + len(self.selected)

    @property
    def index(self):
        """All of them as they are drawn, uint32[n]."""
        return np.concatenate([self.others, self.selected])


def parted(cloud, count, mask):
    """The points drawn of a cloud, not yet in order: (others, selected).

    Parameters
    ----------
    count : int
        At most so many of each.
    mask : uint8[P] or None
        Selected points.

    Returns
    -------
    (slice or int[n], int[m])
    """
    if mask is None:
        return cloud.first(count), np.zeros(0, np.int64)
    first = np.arange(cloud.count)[:count] if cloud.usable is None else cloud.usable[:count]
    chosen = np.flatnonzero(mask)
    if cloud.usable is not None:
        chosen = chosen[np.isin(chosen, cloud.usable, assume_unique=True)]
    return first[mask[first] == 0], chosen[:count]


def shown_of(cloud, matrix, parts):
    """The points drawn in order: `Shown`."""
    return Shown(*(far_first(cloud, matrix, part) for part in parts))


def pixels_of(cloud, matrix, index, width, height):
    """Where points appear.

    Parameters
    ----------
    matrix : float64[4, 4]
    index : int[n] or slice
    width, height : float

    Returns
    -------
    float32[n], float32[n], float32[n]
        x and y in pixels from the upper left corner, and the view distance, which is at most 0
        for points behind the eye.
    """
    codes = [column[index] for column in cloud.columns]
    x, y, distance = (_mixed(codes, matrix[row]) for row in (0, 1, 3))
    before = np.where(distance > 0, distance, np.float32(1.0))
    x = (x / before * np.float32(0.5) + np.float32(0.5)) * np.float32(width)
    y = (np.float32(0.5) - y / before * np.float32(0.5)) * np.float32(height)
    return x, y, distance


def point_at(places, split, at, diameters, near):
    """What lies under the pointer, of points in the order in which they were drawn.

    Parameters
    ----------
    places : (float32[n], float32[n], float32[n])
        As `pixels_of` gives them.
    split : int
        How many are drawn before the selected ones.
    at : (float, float)
        Pixels.
    diameters : (float, float)
        Of the others and of the selected.
    near : float
        How far beside a disc the pointer may be, pixels from its middle.

    Returns
    -------
    int
        Place in the order: the disc on top of those that cover the pointer, else the one whose
        middle is nearest, the topmost of equally near ones; -1: none is near.
    """
    x, y, distance = places
    reach = max(near, *(diameter / 2 for diameter in diameters))
    close = np.flatnonzero((np.abs(x - at[0]) <= reach) & (np.abs(y - at[1]) <= reach))
    close = close[distance[close] > 0]
    if not len(close):
        return -1
    away = np.hypot(x[close].astype(float) - at[0], y[close].astype(float) - at[1])
    radius = np.where(close < split, diameters[0] / 2, diameters[1] / 2)
    covering = close[away <= radius]
    if len(covering):
        return int(covering[-1])
    if away.min() > near:
        return -1
    return int(close[np.flatnonzero(away == away.min())[-1]])


# selecting


def plane_from_values(cloud, camera):
    """Where values appear on the picture, whatever its size.

    Returns
    -------
    float64[3, 4]
        From the values of the cloud's channels (and 1) to (u, v, w): the point appears at
        ``u / w`` and ``v / w``, in halves of the view's height from its middle, right and up;
        w is at most 0 behind the eye.
    """
    matrix = clip_from_world(camera, 1.0)[[0, 1, 3]]
    columns = cloud.points.columns
    found = np.zeros((3, 4))
    found[:, 3] = matrix[:, 3] + matrix[:, :3] @ cloud.offset
    for axis, channel in enumerate(cloud.channels):
        step = float(columns.step[channel])
        if step > 0:
            weight = matrix[:, axis] * cloud.scale[axis] / step
            found[:, axis] = weight
            found[:, 3] -= weight * float(columns.low[channel])
    return found


def on_plane(path, width, height):
    """Places in pixels as those of `plane_from_values`: float64[V, 2]."""
    path = np.asarray(path, float)
    return np.stack([(2 * path[:, 0] - width) / height, (height - 2 * path[:, 1]) / height], axis=1)
