"""Kinds of commands that say what is looked at and from where: focus and camera."""

from dataclasses import replace

from viewer.session.checks import index, number, text_or_none
from viewer.session.command import CAMERA, kind
from viewer.state.camera import Camera


@kind("focus.sample", merges=True)
def focus_sample(state, *, sample):
    """Look at another sample; layer, channel and unit stay."""
    return state.with_part("focus", sample=index("sample", sample))


@kind("focus.layer", merges=True)
def focus_layer(state, *, layer):
    """Make a layer active (None: none); its channel and unit are forgotten when it is another."""
    text_or_none("layer", layer)
    if layer == state.focus.layer:
        return state
    return state.with_part("focus", layer=layer, channel=None, unit=None)


@kind("focus.channel", merges=True)
def focus_channel(state, *, layer, channel):
    """Look at one channel of a layer (None: all)."""
    if channel is not None:
        index("channel", channel)
    text_or_none("layer", layer)
    return state.with_part("focus", layer=layer, channel=channel, unit=None)


@kind("focus.unit")
def focus_unit(state, *, layer, channel, unit):
    """Look at one unit: a channel and a position in its map (None: no unit)."""
    text_or_none("layer", layer)
    if channel is not None:
        index("channel", channel)
    if unit is not None:
        unit = tuple(index("unit", place) for place in unit)
    return state.with_part("focus", layer=layer, channel=channel, unit=unit)


@kind("camera.move", undo=CAMERA, merges=True)
def camera_move(state, *, azimuth=None, elevation=None, zoom=None, shift=None):
    """Stand elsewhere: what is given is set, the rest stays."""
    camera = state.camera
    if azimuth is not None:
        turned = number("azimuth", azimuth, -1e6, 1e6)
        camera = replace(camera, azimuth=(turned + 180.0) % 360.0 - 180.0)
    if elevation is not None:
        camera = replace(camera, elevation=number("elevation", elevation, -89.0, 89.0))
    if zoom is not None:
        camera = replace(camera, zoom=number("zoom", zoom, 0.05, 200.0))
    if shift is not None:
        x, y, z = (number("shift", value, -1e6, 1e6) for value in shift)
        camera = replace(camera, shift=(x, y, z))
    return replace(state, camera=camera)


@kind("camera.fit", undo=CAMERA)
def camera_fit(state):
    """See the whole stack from the present direction."""
    direction = (state.camera.azimuth, state.camera.elevation)
    return state.with_part("camera", zoom=1.0, shift=(0.0, 0.0, 0.0), fitted=direction)


@kind("camera.reset", undo=CAMERA)
def camera_reset(state):
    """See the whole stack from where it is first seen."""
    return replace(state, camera=Camera())
