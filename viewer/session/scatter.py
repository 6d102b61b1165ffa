"""Kinds of commands of the 3D scatter: its channels, and from where it is seen."""

from dataclasses import replace

from viewer.session.checks import index, number
from viewer.session.command import CAMERA, kind
from viewer.state.scatter import ScatterCamera


@kind("scatter.channels")
def scatter_channels(state, *, x, y, z):
    """The channels along the three axes."""
    channels = tuple(index(name, value) for name, value in (("x", x), ("y", y), ("z", z)))
    return state.with_part("scatter", channels=channels)


@kind("scatter.look", undo=CAMERA, merges=True)
def scatter_look(state, *, azimuth=None, elevation=None, distance=None):
    """Turn and zoom: what is given is set, the rest stays."""
    changes = {}
    if azimuth is not None:
        changes["azimuth"] = number("azimuth", azimuth, -1e6, 1e6)
    if elevation is not None:
        changes["elevation"] = number("elevation", elevation, -90.0, 90.0)
    if distance is not None:
        changes["distance"] = number("distance", distance, 0.01, 100.0)
    return replace(state, scatter_camera=replace(state.scatter_camera, **changes))


@kind("scatter.reset", undo=CAMERA)
def scatter_reset(state):
    """From where it is first seen."""
    return replace(state, scatter_camera=ScatterCamera())
