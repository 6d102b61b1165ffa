"""Kinds of commands of the Top filters view."""

from dataclasses import replace

from engine.errors import InputError
from viewer.session.checks import index, number, one_of, place
from viewer.session.command import CAMERA, kind
from viewer.state.filters import COLOURS, METHODS, MOST_LAYERS, SQUARES, FiltersCamera

ZOOMS = (1.0, 64.0)


@kind("filters.method")
def filters_method(state, *, method):
    """How units are projected back to the picture."""
    return state.with_part("filters", method=one_of("method", method, METHODS))


@kind("filters.share", merges=True)
def filters_share(state, *, share):
    """The share of its filter's maximum that a unit needs to be projected."""
    return state.with_part("filters", share=number("share", share, 0.0, 1.0))


@kind("filters.range", merges=True)
def filters_range(state, *, first, last):
    """Filters, ordered by maximum activation, from the first to the last of the range."""
    first, last = sorted((index("first", first), index("last", last)))
    return state.with_part("filters", first=first, last=last)


@kind("filters.layers")
def filters_layers(state, *, layers):
    """Layers that are shown beside the active one."""
    if not isinstance(layers, (list, tuple)) or not all(isinstance(n, str) for n in layers):
        raise InputError("not a list of layers", where="layers", got=layers)
    layers = tuple(dict.fromkeys(layers))
    if len(layers) > MOST_LAYERS:
        raise InputError(
            "too many layers", where="layers", expected=f"at most {MOST_LAYERS}", got=len(layers)
        )
    return state.with_part("filters", layers=layers)


@kind("filters.colour")
def filters_colour(state, *, colour):
    """Each filter in its own colour, or the values by a diverging map."""
    return state.with_part("filters", colour=one_of("colour", colour, COLOURS))


@kind("filters.squares")
def filters_squares(state, *, squares):
    """Receptive fields filled, outlined, or not drawn."""
    return state.with_part("filters", squares=one_of("squares", squares, SQUARES))


@kind("filters.background", merges=True)
def filters_background(state, *, opacity):
    """How much of the picture is seen behind."""
    return state.with_part("filters", background=number("opacity", opacity, 0.0, 1.0))


@kind("filters.look", undo=CAMERA, merges=True)
def filters_look(state, *, zoom=None, center=None):
    """Look at another part of the picture: what is given is set, the rest stays."""
    camera = state.filters_camera
    if zoom is not None:
        camera = replace(camera, zoom=number("zoom", zoom, *ZOOMS))
    if center is not None:
        camera = replace(camera, center=place("center", center))
    return replace(state, filters_camera=camera)


@kind("filters.fit", undo=CAMERA)
def filters_fit(state):
    """See the whole picture."""
    return replace(state, filters_camera=FiltersCamera())
