"""Where the stack is seen from: the state's camera as a turntable in the world, and back.

The state keeps a zoom against the distance at which everything fits, seen from the direction in
which it was last fitted. At zoom 1 nothing may leave the frame however it is turned: where the
present direction needs more room than the fitted one, the camera stands as far off as it needs.
From zoom 2 on the camera turns round a point that stays, for what is looked at is only a part;
between the two it changes over evenly.
"""

from dataclasses import replace

import numpy as np

from viewer.gl import camera as turntable
from viewer.state.camera import Camera
from viewer.visuals.scene import MARGIN

# Kept free above for title and badges and below for the colour bar, logical pixels, though never
# more than a part of the height.
TITLE_PX, LEGEND_PX, _MOST_FREE = 64.0, 76.0, 0.28
# How often zoom and fitting distance are brought together; each time ten times nearer or better.
_ROUNDS = 8


def boxes_of(contents):
    """Lowest and highest corners of all volumes and pictures; float64[N, 3] each."""
    boxes = [part.box for part in (*contents.slabs, *contents.pictures)]
    low = np.array([low for low, _ in boxes], float).reshape(-1, 3)
    return low, np.array([high for _, high in boxes], float).reshape(-1, 3)


def standing(boxes, camera, size):
    """The turntable in the world for the state's camera.

    Parameters
    ----------
    boxes : (float64[N, 3], float64[N, 3])
        Lowest and highest corners of everything, hidden layers too, so that hiding one moves
        nothing.
    camera : viewer.state.camera.Camera
    size : (float, float)
        Of the view, logical pixels.

    Returns
    -------
    viewer.gl.camera.Camera
    """
    if not len(boxes[0]):
        return turntable.Camera(camera.azimuth, camera.elevation)
    base = _base(boxes, camera, size)
    center = tuple(a + b for a, b in zip(base.center, camera.shift, strict=True))
    return replace(base, distance=base.distance / camera.zoom, center=center)


def _fit(camera, boxes, size):
    """The camera so near that boxes just fill what title and legend leave free."""
    width, height = size
    left, top, right, bottom = MARGIN
    top, bottom = (
        max(part, min(_MOST_FREE, pixels / height))
        for part, pixels in ((top, TITLE_PX), (bottom, LEGEND_PX))
    )
    return turntable.fit(camera, *boxes, width / height, (left, top, right, bottom))


def _base(boxes, camera, size):
    """Where zoom 1 without a shift stands, for the directions and the zoom of a camera."""
    azimuth, elevation = camera.fitted
    fitted = _fit(turntable.Camera(azimuth, elevation), boxes, size)
    here = turntable.Camera(camera.azimuth, camera.elevation)
    whole = min(1.0, max(0.0, 2.0 - camera.zoom))
    if not whole or (camera.azimuth, camera.elevation) == camera.fitted:
        return replace(here, distance=fitted.distance, center=fitted.center)
    present = _fit(here, boxes, size)
    distance = max(fitted.distance, present.distance)
    return replace(
        here,
        distance=_mix(fitted.distance, distance, whole),
        center=tuple(_mix(a, b, whole) for a, b in zip(fitted.center, present.center, strict=True)),
    )


def move_to(boxes, camera, size, wanted):
    """Arguments of ``camera.move`` that bring the state's camera to a turntable's place.

    Parameters
    ----------
    wanted : viewer.gl.camera.Camera
        In the direction of ``camera``; its distance and center are reached.

    Returns
    -------
    dict
        ``zoom`` and ``shift``.
    """
    zoom = camera.zoom
    for _ in range(_ROUNDS):
        zoom = _base(boxes, replace(camera, zoom=zoom), size).distance / wanted.distance
    base = _base(boxes, replace(camera, zoom=zoom), size)
    shift = [float(b - a) for a, b in zip(base.center, wanted.center, strict=True)]
    return {"zoom": float(zoom), "shift": shift}


def fly_to(boxes, camera, size, box):
    """Arguments of ``camera.move`` that let one box fill the view, from the same direction."""
    here = turntable.Camera(camera.azimuth, camera.elevation)
    return move_to(boxes, camera, size, _fit(here, box, size))


def between(start, end, share):
    """A camera of the state between two, the short way round."""
    turn = (end.azimuth - start.azimuth + 180.0) % 360.0 - 180.0
    return Camera(
        azimuth=start.azimuth + turn * share,
        elevation=_mix(start.elevation, end.elevation, share),
        zoom=start.zoom * (end.zoom / start.zoom) ** share,
        shift=tuple(_mix(a, b, share) for a, b in zip(start.shift, end.shift, strict=True)),
        fitted=tuple(_mix(a, b, share) for a, b in zip(start.fitted, end.fitted, strict=True)),
    )


def _mix(first, last, share):
    return first + (last - first) * share
