"""Kinds of commands that say how the network's graph is shown, and from where."""

from dataclasses import replace

from engine.errors import InputError
from viewer.session.checks import number, one_of, text_or_none
from viewer.session.command import CAMERA, kind
from viewer.state.network import COLOUR_BY, FOLDING, FRAMINGS, ORIENTATIONS, NetworkCamera

SCALES = (0.002, 8.0)


@kind("network.colour")
def network_colour(state, *, by):
    """Colour the blocks by a statistic."""
    return state.with_part("network", colour_by=one_of("by", by, COLOUR_BY))


@kind("network.folding")
def network_folding(state, *, folding):
    """Fold every repetition, none, or (automatic) those of large networks."""
    return state.with_part("network", folding=one_of("folding", folding, FOLDING), exceptions=())


@kind("network.fold")
def network_fold(state, *, group):
    """Fold or unfold one repetition, named by its first layer."""
    if text_or_none("group", group) is None:
        raise InputError("no repetition was named", where="group")
    exceptions = set(state.network.exceptions) ^ {group}
    return state.with_part("network", exceptions=tuple(sorted(exceptions)))


@kind("network.orientation")
def network_orientation(state, *, orientation):
    """Let depth grow downwards or to the right."""
    one_of("orientation", orientation, ORIENTATIONS)
    changed = state.with_part("network", orientation=orientation)
    return replace(changed, network_camera=NetworkCamera())


@kind("network.find", undo=None)
def network_find(state, *, text):
    """Mark the layers that match; an empty text marks none."""
    return state.with_part("network", find=text_or_none("text", text) or "")


@kind("network.look", undo=CAMERA)
def network_look(state, *, framing):
    """See the first layers, the last, or the whole graph."""
    one_of("framing", framing, FRAMINGS[:3])
    return replace(state, network_camera=NetworkCamera(framing, seen=state.focus.layer))


@kind("network.move", undo=CAMERA, merges=True)
def network_move(state, *, x, y, scale):
    """Stand elsewhere over the graph."""
    return replace(state, network_camera=_at(x, y, scale, state.focus.layer))


@kind("network.choose", merges=True)
def network_choose(state, *, layer, x, y, scale):
    """Make a layer active without moving: the view stays where it is."""
    text_or_none("layer", layer)
    focused = state if layer == state.focus.layer else _focused(state, layer)
    return replace(focused, network_camera=_at(x, y, scale, layer))


def _focused(state, layer):
    return state.with_part("focus", layer=layer, channel=None, unit=None)


def _at(x, y, scale, seen):
    x, y = (number(name, value, -1e7, 1e7) for name, value in (("x", x), ("y", y)))
    return NetworkCamera("free", x, y, number("scale", scale, *SCALES), seen)
