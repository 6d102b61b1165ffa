"""A cloud seen by a camera, point by point: where each appears, and which one a pointer is over."""

import numpy as np

from viewer.gl.camera import clip_from_world


def place_of(columns, channels, point, camera, size):
    """(x, y, distance) of one point in pixels, or None where it has none."""
    world = []
    for axis in range(3):
        if axis >= len(channels):
            world.append(0.0)
            continue
        code = int(columns.fine[channels[axis], point])
        if code == 65535:
            return None
        constant = columns.step[channels[axis]] == 0
        world.append(0.0 if constant else (code + 0.5) / 65280 - 0.5)
    x, y, _, w = clip_from_world(camera, size[0] / size[1]) @ [*world, 1.0]
    if w <= 0:
        return None
    return (x / w + 1) / 2 * size[0], (1 - y / w) / 2 * size[1], w


def under(places, selected, at, diameters, near):
    """The points that may be the one under a pointer, best first, and why.

    Parameters
    ----------
    places : list of (x, y, distance) or None
    selected : sequence of bool
    """
    covering, close = [], []
    for point, place in enumerate(places):
        if place is None:
            continue
        away = float(np.hypot(place[0] - at[0], place[1] - at[1]))
        if away <= diameters[int(selected[point])] / 2:
            covering.append((not selected[point], place[2], point))
        if away <= near:
            close.append((away, point))
    if covering:
        return "covers", [point for _, _, point in sorted(covering)]
    return "near", [point for _, point in sorted(close)]
