"""Where a unit of a layer stands in the stack: the inverse of picking, for marking it."""

import numpy as np

from viewer.views.stack.build import sheet_shape


def voxel_of_unit(shape, channel, place):
    """The voxel (channel, row, column) that shows a unit; None when there is no such unit.

    Parameters
    ----------
    shape : tuple of int
        The layer's (C, *positions).
    channel : int
    place : tuple of int
        Position of the unit; empty or zeros for a layer without positions.
    """
    positions = tuple(shape[1:])
    if not 0 <= channel < shape[0]:
        return None
    if int(np.prod(positions)) <= 1:
        _, columns = sheet_shape(shape[0])
        return (0, channel // columns, channel % columns)
    if len(place) != len(positions) or any(
        not 0 <= at < size for at, size in zip(place, positions, strict=True)
    ):
        return None
    if len(positions) == 1:
        return (0, channel, place[0])
    if len(positions) == 2 and 1 in positions:
        return (0, channel, max(place))
    if len(positions) == 2:
        return (channel, *place)
    leading = np.ravel_multi_index((channel, *place[:-2]), (shape[0], *positions[:-2]))
    return (int(leading), *place[-2:])


def box_of_voxel(slab, voxel):
    """Lowest and highest corner of a voxel in the world; float64[3] each."""
    channel, row, column = voxel
    if slab.order is not None:
        channel = int(np.flatnonzero(np.asarray(slab.order) == channel)[0])
    channels, rows, columns = slab.values.shape
    size = np.asarray(slab.extent) / (columns, rows, channels)
    first = np.asarray(slab.corner) + size * (column, row, channel)
    return np.minimum(first, first + size), np.maximum(first, first + size)


def is_covered(pictures, origin, direction):
    """Whether a ray meets a picture's face before anything that stands behind it.

    Parameters
    ----------
    pictures : sequence of Picture
        Upright at one depth; what they cover lies along -z.
    origin, direction : float64[3]
        In the world.
    """
    for picture in pictures:
        depth = picture.corner[2]
        if direction[2] >= 0 or origin[2] <= depth:
            continue
        point = origin + direction * ((depth - origin[2]) / direction[2])
        across, down = (
            (point[axis] - picture.corner[axis]) / picture.extent[axis] for axis in (0, 1)
        )
        if 0 <= across <= 1 and 0 <= down <= 1:
            return True
    return False


def corners_of(low, high):
    """The eight corners of a box; float64[8, 3]."""
    low, high = np.asarray(low), np.asarray(high)
    return np.array(
        [np.where([x, y, z], high, low) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    )
