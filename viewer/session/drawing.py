"""Kinds of commands that say how the stack is drawn: its settings."""

from dataclasses import replace

from engine.errors import InputError
from viewer.session.checks import number, one_of, text_or_none
from viewer.session.command import CAMERA, kind
from viewer.state.camera import Camera
from viewer.state.stack import AXES, FASTEST, MODES, RANGES, SCALES, SETS, SLOWEST, SOURCES, WHOLE

MOST_POINTS = 32
# The least part of a volume that clipping leaves.
THINNEST = 0.002
_LARGEST = 1e30


@kind("stack.set")
def stack_set(state, *, set):
    """Volumes of the focused sample, or their mean over the selection."""
    return state.with_part("stack", set=one_of("set", set, SETS))


@kind("stack.source")
def stack_source(state, *, source):
    """Activations, or the focused sample's gradient or relevance of what is explained."""
    return state.with_part("stack", source=one_of("source", source, SOURCES), set="sample")


@kind("stack.mode")
def stack_mode(state, *, mode):
    """How volumes become a picture."""
    return state.with_part("stack", mode=one_of("mode", mode, MODES))


@kind("stack.scale")
def stack_scale(state, *, scale):
    """Each layer in its own value range, or all in one."""
    return state.with_part("stack", scale=one_of("scale", scale, SCALES))


@kind("stack.range")
def stack_range(state, *, range):
    """Value ranges over the study, or of the sample shown; those set by hand are forgotten."""
    one_of("range", range, RANGES)
    return state.with_part("stack", range=range, limits=(), common_limits=None)


@kind("stack.limits", merges=True)
def stack_limits(state, *, layer, low, high):
    """Set the value range of a layer (None: the common one) by hand."""
    text_or_none("layer", layer)
    low, high = (number("limits", end, -_LARGEST, _LARGEST) for end in (low, high))
    if not low < high:
        raise InputError("a range ends above where it begins", where="limits", got=[low, high])
    if layer is None:
        return state.with_part("stack", common_limits=(low, high))
    others = [entry for entry in state.stack.limits if entry[0] != layer]
    return state.with_part("stack", limits=tuple(sorted([*others, (layer, low, high)])))


@kind("stack.limits.reset")
def stack_limits_reset(state, *, layer=None):
    """Forget the range that was set by hand, of one layer or (None) all of them."""
    if text_or_none("layer", layer) is None:
        return state.with_part("stack", limits=(), common_limits=None)
    others = tuple(entry for entry in state.stack.limits if entry[0] != layer)
    return state.with_part("stack", limits=others)


@kind("stack.spacing", merges=True)
def stack_spacing(state, *, spacing):
    """Pull the layers apart or push them together."""
    return state.with_part("stack", spacing=number("spacing", spacing, 0.0, 4.0))


@kind("stack.opacity", merges=True)
def stack_opacity(state, *, opacity):
    """Denser or thinner volumes."""
    return state.with_part("stack", opacity=number("opacity", opacity, 0.05, 8.0))


@kind("stack.iso", merges=True)
def stack_iso(state, *, iso):
    """Move the isosurface: 0 to 1 of the range."""
    return state.with_part("stack", iso=number("iso", iso, 0.0, 1.0))


@kind("stack.attenuation", merges=True)
def stack_attenuation(state, *, attenuation):
    """Let what lies in front attenuate a maximum more or less."""
    value = number("attenuation", attenuation, 0.0, 8.0)
    return state.with_part("stack", attenuation=value)


@kind("stack.clip", merges=True)
def stack_clip(state, *, axis, low, high):
    """Draw only a part of every volume along its columns, rows or channels."""
    at = AXES.index(one_of("axis", axis, AXES))
    low, high = number("clip", low, 0.0, 1.0), number("clip", high, 0.0, 1.0)
    if high - low < THINNEST:
        raise InputError("nothing is left between the planes", where="clip", got=[low, high])
    clip = state.stack.clip
    return state.with_part("stack", clip=(*clip[:at], (low, high), *clip[at + 1 :]))


@kind("stack.clip.reset")
def stack_clip_reset(state):
    """Draw whole volumes."""
    return state.with_part("stack", clip=WHOLE)


@kind("stack.curve", merges=True)
def stack_curve(state, *, points):
    """Set the transfer curve of all layers by its points; None: the built-in law."""
    return state.with_part("stack", curve=None if points is None else _curve(points))


def _curve(points):
    """Control points from JSON: places rising (equal ones: a step), densities, each 0 to 1."""
    if not isinstance(points, (list, tuple)) or not 2 <= len(points) <= MOST_POINTS:
        raise InputError("not a curve", where="points", expected=f"2 to {MOST_POINTS} points")
    curve = []
    for point in points:
        if not isinstance(point, (list, tuple)) or len(point) != 2:
            raise InputError("not a place and a density", where="points", got=point)
        curve.append(tuple(number("points", part, 0.0, 1.0) for part in point))
    if any(after[0] < before[0] for before, after in zip(curve, curve[1:], strict=False)):
        raise InputError("the places do not rise", where="points")
    return tuple(curve)


@kind("stack.hide")
def stack_hide(state, *, layer):
    """Leave a layer out of the picture."""
    stack = state.stack
    hidden = tuple(sorted({*stack.hidden, _layer(layer)}))
    solo = None if stack.solo == layer else stack.solo
    return state.with_part("stack", hidden=hidden, solo=solo)


@kind("stack.show")
def stack_show(state, *, layer=None):
    """Draw a hidden layer again, or (None) all of them."""
    if text_or_none("layer", layer) is None:
        return state.with_part("stack", hidden=(), solo=None)
    hidden = tuple(name for name in state.stack.hidden if name != layer)
    return state.with_part("stack", hidden=hidden, solo=None)


@kind("stack.solo")
def stack_solo(state, *, layer):
    """Draw one layer only, or (None) those that are not hidden."""
    return state.with_part("stack", solo=text_or_none("layer", layer))


def _layer(name):
    if not isinstance(name, str):
        raise InputError("not a layer's name", where="layer", got=name)
    return name


@kind("stack.labels")
def stack_labels(state, *, labels):
    """Show or hide the layers' names."""
    return state.with_part("stack", labels=bool(labels))


@kind("stack.picture")
def stack_picture(state, *, picture):
    """Show or hide the input's picture, which covers the layers when seen from the front."""
    return state.with_part("stack", picture=bool(picture))


@kind("stack.rate", merges=True)
def stack_rate(state, *, rate):
    """How many samples a second are played."""
    return state.with_part("stack", rate=number("rate", rate, SLOWEST, FASTEST))


@kind("camera.stand", undo=CAMERA)
def camera_stand(state, *, azimuth, elevation):
    """See the whole stack from a direction: from the front (0, 0), the side, above."""
    turned = (number("azimuth", azimuth, -1e6, 1e6) + 180.0) % 360.0 - 180.0
    tilted = number("elevation", elevation, -89.0, 89.0)
    camera = Camera(azimuth=turned, elevation=tilted, fitted=(turned, tilted))
    return replace(state, camera=camera)
