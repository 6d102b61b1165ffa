"""Where a scene is seen from: a turntable as plain data, its moves and matrices as functions.

World: x to the right and y up as seen from the network's input, depth along -z; one unit is
one pixel of the network's input. View: the eye at the origin, looking along -z. Matrices act on
columns (``clip = projection_from_view @ view_from_world @ world``); pixels count from the top
left corner of the view, their centres at halves.
"""

from dataclasses import dataclass, replace
from math import cos, exp, log, radians, sin, tan

import numpy as np

_FLAT_FOV = 30.0
_STEEPEST = 89.9


@dataclass(frozen=True)
class Camera:
    """A turntable that looks at ``center`` from ``distance``.

    Attributes
    ----------
    azimuth : float
        Degrees around the vertical axis; 0: from the input's side along the stack; positive:
        from the right, so that the stack runs to the right.
    elevation : float
        Degrees above the horizontal plane, -90 to 90.
    distance : float
        From eye to center in world units, positive.
    center : tuple of float
        The point looked at (x, y, z), world units.
    fov : float
        Vertical angle of view in degrees; 0: orthographic, as large at ``center`` as an angle
        of 30 would show it.
    """

    azimuth: float = 52.0
    elevation: float = 16.0
    distance: float = 1000.0
    center: tuple[float, float, float] = (0.0, 0.0, 0.0)
    fov: float = _FLAT_FOV

    @property
    def back_in_world(self):
        """Unit vector from the center to the eye; float64[3]."""
        azimuth, elevation = radians(self.azimuth), radians(self.elevation)
        flat = cos(elevation)
        return np.array([sin(azimuth) * flat, sin(elevation), cos(azimuth) * flat])

    @property
    def right_in_world(self):
        """Unit vector to the right of the view; float64[3]."""
        azimuth = radians(self.azimuth)
        return np.array([cos(azimuth), 0.0, -sin(azimuth)])

    @property
    def up_in_world(self):
        """Unit vector up in the view; float64[3]."""
        return np.cross(self.back_in_world, self.right_in_world)

    @property
    def eye_in_world(self):
        """float64[3]; for an orthographic camera a point on its axis."""
        return np.asarray(self.center) + self.back_in_world * self.distance

    @property
    def half_height(self):
        """Half the height in world units of what is seen at the center's distance."""
        return self.distance * tan(radians(self.fov or _FLAT_FOV) / 2)

    @property
    def eye_or_direction(self):
        """What a ray starts from; float64[4]: (eye, 1), or (direction of the rays, 0)."""
        if self.fov:
            return np.append(self.eye_in_world, 1.0)
        return np.append(-self.back_in_world, 0.0)


def view_from_world(camera):
    """float64[4, 4] from world to view."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([camera.right_in_world, camera.up_in_world, camera.back_in_world])
    matrix[:3, 3] = -matrix[:3, :3] @ camera.eye_in_world
    return matrix


def projection_from_view(camera, aspect):
    """float64[4, 4] from view to clip space.

    Nothing is drawn with a depth test, so the near and far planes lie far apart: a thousandth
    and a thousand times the distance.

    Parameters
    ----------
    aspect : float
        Width by height of the view.
    """
    near, far = camera.distance * 1e-3, camera.distance * 1e3
    matrix = np.zeros((4, 4))
    if camera.fov:
        scale = 1.0 / tan(radians(camera.fov) / 2)
        matrix[0, 0], matrix[1, 1] = scale / aspect, scale
        matrix[2, 2], matrix[2, 3] = (far + near) / (near - far), 2 * far * near / (near - far)
        matrix[3, 2] = -1.0
    else:
        scale = 1.0 / camera.half_height
        matrix[0, 0], matrix[1, 1] = scale / aspect, scale
        matrix[2, 2] = -1.0 / far
        matrix[3, 3] = 1.0
    return matrix


def clip_from_world(camera, aspect):
    """float64[4, 4]: both matrices together."""
    return projection_from_view(camera, aspect) @ view_from_world(camera)


def pixel_from_world(camera, points, width, height):
    """Where world points appear.

    Parameters
    ----------
    points : float[..., 3]
    width, height : float
        Of the view, in pixels.

    Returns
    -------
    tuple
        float64[..., 2] pixels (x, y) and bool[...] whether the point lies before the eye.
    """
    points = np.asarray(points, float)
    matrix = clip_from_world(camera, width / height)
    clip = points @ matrix[:, :3].T + matrix[:, 3]
    before = clip[..., 3] > 1e-9
    ndc = clip[..., :2] / np.where(before, clip[..., 3], 1.0)[..., None]
    return (ndc * (0.5, -0.5) + 0.5) * (width, height), before


def ray_in_world(camera, x_px, y_px, width, height):
    """The ray through a pixel position: (origin, unit direction), float64[3] each."""
    across = (2 * x_px / width - 1) * camera.half_height * width / height
    up = (1 - 2 * y_px / height) * camera.half_height
    offset = across * camera.right_in_world + up * camera.up_in_world
    if not camera.fov:
        return camera.eye_in_world + offset, -camera.back_in_world
    direction = offset - camera.distance * camera.back_in_world
    return camera.eye_in_world, direction / np.linalg.norm(direction)


def orbit(camera, dx_px, dy_px, degrees_per_px=0.4):
    """The camera after a drag: what is seen follows the pointer."""
    elevation = np.clip(camera.elevation + dy_px * degrees_per_px, -_STEEPEST, _STEEPEST)
    azimuth = (camera.azimuth - dx_px * degrees_per_px + 180.0) % 360.0 - 180.0
    return replace(camera, azimuth=float(azimuth), elevation=float(elevation))


def pan(camera, dx_px, dy_px, height):
    """The camera after a sideways drag: the center's plane follows the pointer exactly."""
    unit = 2 * camera.half_height / height
    shift = unit * (dy_px * camera.up_in_world - dx_px * camera.right_in_world)
    return replace(camera, center=_triple(np.asarray(camera.center) + shift))


def zoom(camera, factor, at_px=None, size=None):
    """Nearer by ``factor`` (2: half the distance); what is under ``at_px`` stays there.

    Parameters
    ----------
    factor : float
        Positive.
    at_px : tuple of float, optional
        Pixel (x, y) that stays; by default the middle.
    size : tuple of float, optional
        (width, height) of the view, needed with ``at_px``.
    """
    center = np.asarray(camera.center)
    if at_px is not None:
        (x_px, y_px), (width, height) = at_px, size
        unit = 2 * camera.half_height / height
        offset = unit * (
            (x_px - width / 2) * camera.right_in_world - (y_px - height / 2) * camera.up_in_world
        )
        center = center + offset * (1 - 1 / factor)
    return replace(camera, distance=camera.distance / factor, center=_triple(center))


def fit(camera, low, high, aspect, margin=(0.06, 0.06, 0.06, 0.06)):
    """The same direction, so near that boxes just fill the view.

    Parameters
    ----------
    low, high : float[3] or float[N, 3]
        Corners of the boxes, world units.
    aspect : float
        Width by height.
    margin : tuple of float
        Left, top, right, bottom: fractions of the view that stay free.
    """
    low, high = np.atleast_2d(low).astype(float), np.atleast_2d(high).astype(float)
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    corners = (low[:, None] + corners * (high - low)[:, None]).reshape(-1, 3)
    middle = (corners.min(0) + corners.max(0)) / 2
    turn = np.stack([camera.right_in_world, camera.up_in_world, camera.back_in_world])
    seen = (corners - middle) @ turn.T
    left, top, right, bottom = margin
    tall = tan(radians(camera.fov or _FLAT_FOV) / 2)
    half = np.array([tall * aspect, tall])
    # The free part of the view reaches from `below` to `above`, as slopes of rays; a corner
    # (x, z) is inside when below * (distance - z) <= x - shift <= above * (distance - z).
    below = half * np.array([2 * left - 1, 2 * bottom - 1])
    above = half * np.array([1 - 2 * right, 1 - 2 * top])
    depth = seen[:, 2:] if camera.fov else 0.0
    upper = (seen[:, :2] + above * depth).max(0)
    lower = (seen[:, :2] + below * depth).min(0)
    distance = max(float(((upper - lower) / (above - below)).max()), 1e-6)
    shift = (upper - above * distance + lower - below * distance) / 2
    center = middle + turn[0] * shift[0] + turn[1] * shift[1]
    return replace(camera, distance=distance, center=_triple(center))


def interpolate(start, end, fraction):
    """A camera between two: the short way round, distances by their logarithm.

    Parameters
    ----------
    fraction : float
        0: ``start``, 1: ``end``.
    """
    turn = (end.azimuth - start.azimuth + 180.0) % 360.0 - 180.0
    mix = lambda a, b: a + (b - a) * fraction  # noqa: E731
    if fraction >= 1:
        return end
    return Camera(
        azimuth=(start.azimuth + turn * fraction + 180.0) % 360.0 - 180.0,
        elevation=mix(start.elevation, end.elevation),
        distance=exp(mix(log(start.distance), log(end.distance))),
        center=_triple(mix(np.asarray(start.center), np.asarray(end.center))),
        fov=end.fov if fraction > 0 else start.fov,
    )


def smooth(fraction):
    """Ease in and out: 0 to 1 with no speed at either end."""
    fraction = min(1.0, max(0.0, fraction))
    return fraction * fraction * (3 - 2 * fraction)


def seen_height_px(camera, world_size, height, at=None):
    """Pixels that a length at a point (by default the center) covers, upright."""
    distance = camera.distance
    if camera.fov and at is not None:
        distance = float((camera.eye_in_world - np.asarray(at)) @ camera.back_in_world)
    half = max(distance, 1e-9) * tan(radians(camera.fov or _FLAT_FOV) / 2)
    return world_size / (2 * half) * height


def _triple(vector):
    return tuple(float(part) for part in vector)
