"""Kinds of commands about how points are drawn: colour, size, opacity."""

from dataclasses import replace

from viewer.session.checks import index, number, one_of
from viewer.session.command import kind
from viewer.state.points import COLOURS, LARGEST, LEAST_OPACITY, SMALLEST, PointSettings


@kind("points.colour")
def points_colour(state, *, colour, channel=None):
    """What colours the points; the channel is that of ``colour="channel"``."""
    changes = {"colour": one_of("colour", colour, COLOURS)}
    if channel is not None:
        changes["channel"] = index("channel", channel)
    return state.with_part("points", **changes)


@kind("points.size", merges=True)
def points_size(state, *, size):
    """Diameter of a point, logical pixels."""
    return state.with_part("points", size=number("size", size, SMALLEST, LARGEST))


@kind("points.opacity", merges=True)
def points_opacity(state, *, opacity):
    """Opacity of a point."""
    return state.with_part("points", opacity=number("opacity", opacity, LEAST_OPACITY, 1.0))


@kind("points.reset")
def points_reset(state):
    """Colours by class, size and opacity as at first."""
    return replace(state, points=PointSettings())
