"""Kinds of commands of the feature maps view: what is shown, how, and where a person is in it."""

from dataclasses import replace

from engine.errors import InputError
from viewer.session.checks import number, one_of
from viewer.session.command import CAMERA, kind
from viewer.state.maps import LARGEST, OVER, RANGES, SETS, SMALLEST, MapsCamera

MOST_LAYERS = 1e6


@kind("maps.set")
def maps_set(state, *, set):
    """Maps of the focused sample, or their mean over the selection."""
    return state.with_part("maps", set=one_of("set", set, SETS))


@kind("maps.range")
def maps_range(state, *, range):
    """One value range for each map, for each layer, or for all."""
    return state.with_part("maps", range=one_of("range", range, RANGES))


@kind("maps.over")
def maps_over(state, *, over):
    """Ranges of layers over the study, or of the maps shown."""
    return state.with_part("maps", over=one_of("over", over, OVER))


@kind("maps.dead")
def maps_dead(state, *, hidden):
    """Leave out maps that are zero everywhere, or show them."""
    return state.with_part("maps", hides_dead=bool(hidden))


@kind("maps.fold")
def maps_fold(state, *, layers, folded):
    """Fold layers to their headings, or unfold them."""
    if not isinstance(layers, (list, tuple)) or not all(isinstance(n, str) for n in layers):
        raise InputError("not a list of layers", where="layers", got=layers)
    present = frozenset(state.maps.folded)
    now = present | frozenset(layers) if folded else present - frozenset(layers)
    return state.with_part("maps", folded=tuple(sorted(now)))


@kind("maps.look", undo=CAMERA, merges=True)
def maps_look(state, *, place=None, size=None):
    """Scroll and zoom: what is given is set, the rest stays."""
    camera = state.maps_camera
    if place is not None:
        looked_at = (state.focus.layer, state.focus.channel)
        place = number("place", place, 0.0, MOST_LAYERS)
        camera = replace(camera, place=place, looked_at=looked_at)
    if size is not None:
        camera = replace(camera, size=number("size", size, SMALLEST, LARGEST))
    return replace(state, maps_camera=camera)


@kind("maps.reset", undo=CAMERA)
def maps_reset(state):
    """The first layer on top, maps of the usual size."""
    looked_at = (state.focus.layer, state.focus.channel)
    return replace(state, maps_camera=MapsCamera(looked_at=looked_at))
