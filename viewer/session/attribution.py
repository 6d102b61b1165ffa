"""Kinds of commands about the attribution: method, target, how it is shown."""

from engine.attribution import METHODS
from viewer.session.checks import number, one_of
from viewer.session.command import kind


@kind("attribution.method")
def attribution_method(state, *, method):
    """The method by which the focused sample is explained."""
    return state.with_part("attribution", method=one_of("method", method, METHODS))


@kind("attribution.show")
def attribution_show(state, *, shown):
    """Lay the attribution over the sample's picture, or take it away."""
    return state.with_part("attribution", shown=bool(shown))


@kind("attribution.opacity", merges=True)
def attribution_opacity(state, *, opacity):
    """Opacity of what lies over the picture."""
    return state.with_part("attribution", opacity=number("opacity", opacity, 0.0, 1.0))
