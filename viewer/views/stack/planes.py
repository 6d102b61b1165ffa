"""The planes in which the slices view cuts the active layer, as thin surfaces over the stack."""

from dataclasses import dataclass

import numpy as np

from viewer.gl.camera import pixel_from_world
from viewer.studio import slicing
from viewer.views.stack.marking import box_of_voxel

FILL, LINE = 0.10, 0.9


@dataclass(frozen=True)
class Planes:
    """Where a layer's volume is cut.

    Attributes
    ----------
    layer : str
    shape : (int, int, int)
        Channels, rows and columns of the volume that is cut.
    at : (int, int, int)
        Channel, row and column.
    """

    layer: str
    shape: tuple[int, int, int]
    at: tuple[int, int, int]


def planes_of(state, facts):
    """The `Planes` while the slices view can be seen; None where nothing is cut."""
    volume = slicing.volume(state, facts) if slicing.is_seen(state) else None
    if volume is None or min(volume.values.shape[1:]) < 2:
        return None
    shape = tuple(int(size) for size in volume.values.shape)
    channel = min(state.focus.channel or 0, shape[0] - 1)
    return Planes(volume.layer, shape, (channel, *slicing.cut_of(state, volume)))


def quads_of(planes, contents):
    """Corners of the planes in the world, those of the channel first.

    Parameters
    ----------
    planes : Planes or None
    contents : StackContents
        As drawn; where its box of the layer holds other rows and columns than are cut, only the
        channel's plane is there.

    Returns
    -------
    list of float64[4, 3]
        Each round its plane.
    """
    slab = None if planes is None else contents.slab(planes.layer)
    if slab is None or slab.values.shape[0] != planes.shape[0]:
        return []
    channel, row, column = planes.at
    same = slab.values.shape == planes.shape
    low, high = box_of_voxel(slab, (channel, row, column) if same else (channel, 0, 0))
    middle = (low + high) / 2
    return [_quad(*slab.box, axis, middle[axis]) for axis in ((2, 1, 0) if same else (2,))]


def _quad(low, high, axis, place):
    """The section of a box at a place of one of its axes."""
    across, up = (other for other in range(3) if other != axis)
    corners = np.tile(np.asarray(low, float), (4, 1))
    corners[:, axis] = place
    corners[1:3, across] = high[across]
    corners[2:, up] = high[up]
    return corners


def draw(pen, camera, quads, width_px, height_px):
    """Draw the planes: a faint surface with a thin edge each.

    Parameters
    ----------
    pen : Pen
    camera : viewer.gl.camera.Camera
    quads : list of float64[4, 3]
    width_px, height_px : int
        Of the view.
    """
    colour = pen.theme.accent
    for corners in quads:
        places, before = pixel_from_world(camera, corners, width_px, height_px)
        if not before.all():
            continue
        pen.overlay.quad(places, colour, FILL)
        for start, end in zip(places, np.roll(places, -1, axis=0), strict=True):
            pen.overlay.line(*start, *end, colour, LINE, max(1.0, pen.ratio))
