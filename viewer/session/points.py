"""Kinds of commands about how points are drawn: colour, size, opacity."""

from viewer.session.checks import number, one_of
from viewer.session.command import kind
from viewer.state.points import COLOURS


@kind("points.colour")
def points_colour(state, *, colour):
    """What colours the points."""
    return state.with_part("points", colour=one_of("colour", colour, COLOURS))


@kind("points.size", merges=True)
def points_size(state, *, size):
    """Diameter of a point, logical pixels."""
    return state.with_part("points", size=number("size", size, 0.5, 40.0))


@kind("points.opacity", merges=True)
def points_opacity(state, *, opacity):
    """Opacity of a point."""
    return state.with_part("points", opacity=number("opacity", opacity, 0.01, 1.0))
