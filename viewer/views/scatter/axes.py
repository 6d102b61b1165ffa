"""The axes of the cube: which edges carry them as it is turned, and where their words stand."""

from dataclasses import dataclass

import numpy as np

from viewer.gl.camera import pixel_from_world
from viewer.gl.theme import TEXT_PX
from viewer.views.point_marks import DROP, draw_path
from viewer.visuals.legend import number

TICK_PX, NAME_PX = 12.0, 30.0
LETTERS = ("x", "y", "z")
TICK_OPACITY = 0.9
# Zero is told where it stands so far from both ends, of the range.
_AWAY = 0.12


@dataclass(frozen=True)
class Mark:
    """Words beside an axis.

    Attributes
    ----------
    text : str
    x, y : float
        Where they are aligned to, logical pixels.
    align : float
        0: they begin there, 0.5, 1.
    is_name : bool
        The channel's name; else a value.
    start, end : (float, float) or None
        Of a value's short line.
    """

    text: str
    x: float
    y: float
    align: float
    is_name: bool
    start: tuple | None = None
    end: tuple | None = None


def edge_of(axis, camera, area):
    """The edge along which an axis is told: its ends, float64[2, 3], or None from inside the cube.

    x and z have the lowest edge on the picture, y the leftmost.
    """
    best = None
    for one in (-0.5, 0.5):
        for other in (-0.5, 0.5):
            ends = np.zeros((2, 3))
            ends[:, axis] = -0.5, 0.5
            ends[:, (axis + 1) % 3], ends[:, (axis + 2) % 3] = one, other
            pixels, before = pixel_from_world(camera, ends, *area)
            if not before.all():
                return None
            middle = pixels.mean(0)
            rank = -middle[0] if axis == 1 else middle[1]
            if best is None or rank > best[0]:
                best = (rank, ends)
    return best[1]


def marks_of(cloud, camera, area):
    """Words beside the axes; those of values first find room, then do without.

    Parameters
    ----------
    cloud : Cloud
    camera : Camera
    area : (float, float)
        Width and height, logical pixels.

    Returns
    -------
    list of Mark
    """
    marks = []
    layer = cloud.points.columns.layer
    middle, before = pixel_from_world(camera, np.zeros(3), *area)
    for axis, channel in enumerate(cloud.channels):
        ends = edge_of(axis, camera, area)
        if ends is None or not before:
            continue
        pixels, _ = pixel_from_world(camera, ends, *area)
        out = pixels.mean(0) - middle
        out /= max(1.0, float(np.hypot(*out)))
        at = pixels.mean(0) + NAME_PX * out
        marks.append(Mark(f"{LETTERS[axis]}  {layer}:{channel}", *at, _align(out), True))
        for share, text in values_of(cloud, axis):
            place, _ = pixel_from_world(camera, ends[0] + share * (ends[1] - ends[0]), *area)
            far = place + TICK_PX * out
            tip = place + 0.4 * TICK_PX * out
            marks.append(Mark(text, *far, _align(out), False, tuple(place), tuple(tip)))
    return marks


def values_of(cloud, axis):
    """(share of the edge, words) of the values told along an axis."""
    low, high = cloud.ends(axis)
    if not high > low:
        return [(0.5, number(low))]
    told = [(0.0, number(low)), (1.0, number(high))]
    zero = -low / (high - low)
    if _AWAY < zero < 1 - _AWAY:
        told.append((zero, "0"))
    return told


def _align(out):
    if out[0] < -0.35:
        return 1.0
    return 0.0 if out[0] > 0.35 else 0.5


def box_of(mark, width, size):
    """(left, top, right, bottom) of words of a width and size."""
    left = mark.x - mark.align * width
    return left, mark.y - size / 2, left + width, mark.y + size / 2


def placed(marks, width_of, size, area):
    """Marks that have room: inside the area and over no other, names before values.

    Parameters
    ----------
    width_of : callable(str) -> float

    Returns
    -------
    list of (Mark, box)
    """
    kept = []
    for mark in sorted(marks, key=lambda mark: not mark.is_name):
        box = box_of(mark, width_of(mark.text), size)
        if mark.is_name:  # pushed back inside
            shift = max(0.0, 2 - box[0]) - max(0.0, box[2] - area[0] + 2)
            drop = max(0.0, 2 - box[1]) - max(0.0, box[3] - area[1] + 2)
            box = (box[0] + shift, box[1] + drop, box[2] + shift, box[3] + drop)
        inside = box[0] >= 0 and box[1] >= 0 and box[2] <= area[0] and box[3] <= area[1]
        if inside and not any(_meet(box, other) for _, other in kept):
            kept.append((mark, box))
    return kept


def _meet(one, other):
    return (
        one[0] < other[2] + 4
        and other[0] < one[2] + 4
        and one[1] < other[3] + 1
        and other[1] < one[3] + 1
    )


def draw_axes(pen, cloud, camera, area, top):
    """Channel names and values along three edges of the cube, whose area begins at ``top``."""
    theme = pen.theme
    marks = marks_of(cloud, camera, area)
    for mark, (left, upper, _, lower) in placed(marks, pen.width_of, TEXT_PX, area):
        if mark.start is not None:
            draw_path(
                pen, np.array((mark.start, mark.end)) + (0, top), theme.edge, TICK_OPACITY, 1.0
            )
        colour = theme.text if mark.is_name else theme.dim
        face = "medium" if mark.is_name else "regular"
        pen.text(left, top + (upper + lower) / 2 + DROP, mark.text, colour, face=face)
