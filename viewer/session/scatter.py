"""Kinds of commands of the 3D scatter: its channels, its tools, and from where it is seen."""

from dataclasses import replace

from viewer.session.checks import index, number, one_of, text_or_none
from viewer.session.command import CAMERA, kind
from viewer.state.focus import Focus
from viewer.state.scatter import AXES, STEEPEST, TOOLS, ScatterCamera
from viewer.state.selection import MODES

NEAREST, FARTHEST = 200.0, 0.05
MOST_SHIFT = 4.0


@kind("scatter.channels")
def scatter_channels(state, *, x, y, z):
    """The channels along the three axes."""
    channels = tuple(index(name, value) for name, value in (("x", x), ("y", y), ("z", z)))
    return state.with_part("scatter", channels=channels)


@kind("scatter.axis", merges=True)
def scatter_axis(state, *, axis, channel):
    """The channel along one axis; where another axis has it, the two change places."""
    place = AXES.index(one_of("axis", axis, AXES))
    channels = list(state.scatter.channels)
    wanted = index("channel", channel)
    if wanted in channels:
        channels[channels.index(wanted)] = channels[place]
    channels[place] = wanted
    return state.with_part("scatter", channels=tuple(channels))


@kind("scatter.point", merges=True)
def scatter_point(state, *, sample, layer, unit=None):
    """Look at the sample of a point, and at its unit (None: the whole map); the channel stays."""
    if unit is not None:
        unit = tuple(index("unit", place) for place in unit)
    channel = state.focus.channel if layer == state.focus.layer else None
    focus = Focus(index("sample", sample), text_or_none("layer", layer), channel, unit)
    return replace(state, focus=focus)


@kind("scatter.tool")
def scatter_tool(state, *, tool):
    """What a drag does."""
    return state.with_part("scatter", tool=one_of("tool", tool, TOOLS))


@kind("scatter.mode")
def scatter_mode(state, *, mode):
    """How what is drawn changes the selection."""
    return state.with_part("scatter", mode=one_of("mode", mode, MODES))


@kind("scatter.legend")
def scatter_legend(state, *, shown):
    """Show the legend, or not."""
    return state.with_part("scatter", shows_legend=bool(shown))


@kind("scatter.look", undo=CAMERA, merges=True)
def scatter_look(state, *, azimuth=None, elevation=None, zoom=None, shift=None):
    """Turn, zoom and move: what is given is set, the rest stays."""
    changes = {}
    if azimuth is not None:
        turned = number("azimuth", azimuth, -1e6, 1e6)
        changes["azimuth"] = (turned + 180.0) % 360.0 - 180.0
    if elevation is not None:
        changes["elevation"] = number("elevation", elevation, -STEEPEST, STEEPEST)
    if zoom is not None:
        changes["zoom"] = number("zoom", zoom, FARTHEST, NEAREST)
    if shift is not None:
        x, y, z = (number("shift", value, -MOST_SHIFT, MOST_SHIFT) for value in shift)
        changes["shift"] = (x, y, z)
    return replace(state, scatter_camera=replace(state.scatter_camera, **changes))


@kind("scatter.fit", undo=CAMERA)
def scatter_fit(state):
    """See the whole cube from the present direction."""
    camera = replace(state.scatter_camera, zoom=1.0, shift=(0.0, 0.0, 0.0))
    return replace(state, scatter_camera=camera)


@kind("scatter.reset", undo=CAMERA)
def scatter_reset(state):
    """From where it is first seen."""
    return replace(state, scatter_camera=ScatterCamera())
