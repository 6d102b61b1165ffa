"""What a person can do with the stack, by name: how it is drawn, from where, what is played.

Steps of numbers are as a person expects of a key: a notch of a slider. Turning, moving sideways
and stepping through a map are the keyboard's ways for what the pointer drags and picks.
"""

import numpy as np

from viewer.actions import Action, always
from viewer.gl.camera import Camera
from viewer.state.series import is_in_force
from viewer.state.stack import ACTIVATIONS, AXES, FASTEST, MODES, SLOWEST, SOURCES, WHOLE
from viewer.views.stack.curve import CONTRAST, SOFT
from viewer.views.stack.resolve import over_study

MENU = "Stack"
TURN_DEGREES = 10.0
ZOOM = 1.25
# Steps: of a clip plane, of the isosurface, of a pan (of the input's width at zoom 1).
CLIP_STEP, ISO_STEP, PAN_STEP = 0.05, 0.05, 0.15
RATES = (1.0, 2.0, 4.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0)
MODE_TEXTS = {
    "emission": ("Emission and Absorption", ("E",)),
    "maximum": ("Maximum", ("M",)),
    "attenuated": ("Attenuated Maximum", ("Shift+M",)),
    "average": ("Average", ("V",)),
    "isosurface": ("Isosurface", ("I",)),
    "slabs": ("Slabs", ("B",)),
}
DIRECTIONS = {
    "front": ("Front", ("Alt+1",), 0.0, 0.0),
    "side": ("Side", ("Alt+2",), 90.0, 0.0),
    "top": ("Top", ("Alt+3",), 90.0, 89.0),
    "back": ("Back", ("Alt+4",), 180.0, 0.0),
}


def _has_volumes(facts):
    return facts.answer is not None and bool(facts.answer.maps)


def _changed(name, kind, change, low, high):
    """A wish that changes one number of the settings, within its bounds."""

    def wish(state, facts):
        value = getattr(state.stack, name)
        wanted = min(high, max(low, change(value)))
        return (kind, {name: wanted}) if wanted != value else None

    return wish


def _other_set(state, facts):
    return "stack.set", {"set": "sample" if state.stack.set == "mean" else "mean"}


def _next_source(state, facts):
    at = (SOURCES.index(state.stack.values) + 1) % len(SOURCES)
    return "stack.source", {"source": SOURCES[at]}


def _toggled_labels(state, facts):
    return "stack.labels", {"labels": not state.stack.labels}


def _toggled_picture(state, facts):
    return "stack.picture", {"picture": not state.stack.picture}


def _only_when(possible, kind, **args):
    return lambda state, facts: (kind, args) if possible(state) else None


# the camera


def _turned(azimuth, elevation):
    def wish(state, facts):
        camera = state.camera
        args = {"azimuth": camera.azimuth + azimuth, "elevation": camera.elevation + elevation}
        return ("camera.move", args) if _has_volumes(facts) else None

    return wish


def _zoomed(factor):
    def wish(state, facts):
        args = {"zoom": state.camera.zoom * factor}
        return ("camera.move", args) if _has_volumes(facts) else None

    return wish


def _panned(across, up):
    """A wish that moves what is seen: a share of the input's width, less when nearer."""

    def wish(state, facts):
        if not _has_volumes(facts) or facts.answer.seen is None:
            return None
        camera = state.camera
        world = Camera(camera.azimuth, camera.elevation)
        step = PAN_STEP * max(facts.answer.seen.shape[:2]) / camera.zoom
        by = -step * (across * world.right_in_world + up * world.up_in_world)
        return "camera.move", {"shift": [float(part) for part in by + camera.shift]}

    return wish


# layers and units


def _focused(state, facts):
    names = () if facts.network is None else {layer.name for layer in facts.network.layers}
    return state.focus.layer if state.focus.layer in names else None


def _solo(state, facts):
    layer = _focused(state, facts)
    if layer is None:
        return None
    return "stack.solo", {"layer": None if state.stack.solo == layer else layer}


def _hide(state, facts):
    layer = _focused(state, facts)
    if layer is None:
        return None
    return ("stack.hide" if state.stack.shows(layer) else "stack.show"), {"layer": layer}


def _forget_limits(state, facts):
    stack = state.stack
    if stack.scale == "common" or _focused(state, facts) is None:
        return ("stack.limits.reset", {}) if stack.limits or stack.common_limits else None
    layer = _focused(state, facts)
    return ("stack.limits.reset", {"layer": layer}) if stack.limits_of(layer) else None


def _widened(factor):
    """A wish that moves the upper end of the range under the colour bar (signed: both ends)."""

    def wish(state, facts):
        found = _range_now(state, facts)
        if found is None:
            return None
        layer, low, high = found
        if low < 0:
            low, high = low * factor, high * factor
        else:
            high = low + (high - low) * factor
        args = {"layer": layer, "low": low, "high": high}
        return ("stack.limits", args) if low < high else None

    return wish


def _range_now(state, facts):
    """(layer, low, high) of the range in force: by hand, of the study, or of the sample."""
    stack, layer = state.stack, _focused(state, facts)
    common = stack.scale == "common"
    if stack.values != ACTIVATIONS:
        return None
    if not _has_volumes(facts) or (layer is None and not common):
        return None
    by_hand = stack.common_limits if common else stack.limits_of(layer)
    if by_hand is not None:
        return (None if common else layer), *by_hand
    maps, names = facts.answer.maps, (layer,)
    if stack.set == "mean" and facts.means is not None:
        maps = {name: facts.means.maps[name] for name in facts.means.layers}
    if common:
        names = tuple(maps)
    known = facts.summary.ranges if over_study(state, facts) else {}
    ranges = [known.get(name) or _finite(maps.get(name)) for name in names]
    low = min((found[0] for found in ranges if found is not None), default=0.0)
    high = max((found[1] for found in ranges if found is not None), default=0.0)
    largest = max(-low, high)
    return (None if common else layer), *((-largest, largest) if low < 0 else (0.0, high))


def _finite(values):
    """Lowest and highest finite value, or None."""
    values = np.asarray([] if values is None else values)
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if values.size else None


def _next_unit(down, across):
    """A wish for the unit beside the focused one, from the middle of the map on."""

    def wish(state, facts):
        layer = _focused(state, facts)
        if layer is None:
            return None
        shape = facts.network.layer(layer).output_shape
        if len(shape) != 3 or min(shape) < 1:
            return None
        sizes, focus = np.array(shape[1:]), state.focus
        known = focus.unit is not None and len(focus.unit) == 2
        place = np.array(focus.unit) + (down, across) if known else sizes // 2
        place = np.clip(place, 0, sizes - 1)
        args = {"layer": layer, "channel": focus.channel or 0}
        return "focus.unit", args | {"unit": [int(part) for part in place]}

    return wish


# clip planes, curve, playing


def _clipped(axis, low, high):
    """A wish that moves a clip plane of an axis by a step."""

    def wish(state, facts):
        before = state.stack.clip[AXES.index(axis)]
        after = (
            round(min(max(0.0, before[0] + low), before[1] - CLIP_STEP), 4),
            round(max(min(1.0, before[1] + high), before[0] + CLIP_STEP), 4),
        )
        inside = 0.0 <= after[0] < after[1] <= 1.0
        if after == before or not inside:
            return None
        return "stack.clip", {"axis": axis, "low": after[0], "high": after[1]}

    return wish


def _curve(points):
    return always("stack.curve", points=None if points is None else [list(p) for p in points])


def _rate(steps):
    def wish(state, facts):
        of_series = is_in_force(state)  # its steps are played at their own rate
        rate = state.series.rate if of_series else state.stack.rate
        beyond = [other for other in RATES if (other > rate if steps > 0 else other < rate)]
        if not beyond:
            return None
        wanted = beyond[0] if steps > 0 else beyond[-1]
        kind = "series.rate" if of_series else "stack.rate"
        return kind, {"rate": min(FASTEST, max(SLOWEST, wanted))}

    return wish


MODE_ACTIONS = tuple(
    Action(
        f"stack.mode.{mode}", MODE_TEXTS[mode][0], MENU, MODE_TEXTS[mode][1],
        always("stack.mode", mode=mode),
        checked=lambda state, mode=mode: state.stack.mode == mode,
    )
    for mode in MODES
)  # fmt: skip
SOURCE_ACTIONS = (
    *(
        Action(
            f"stack.source.{source}", source.replace("-", " ").capitalize(), f"{MENU}/Values", (),
            always("stack.source", source=source),
            checked=lambda state, source=source: state.stack.values == source,
        )
        for source in SOURCES
    ),
    Action("stack.source.after", "Next Values", f"{MENU}/Values", ("U",), _next_source),
)  # fmt: skip
RANGE_ACTIONS = (
    Action("stack.scale.layer", "Range per Layer", f"{MENU}/Value Range", ("R",),
           always("stack.scale", scale="layer"),
           checked=lambda state: state.stack.scale == "layer"),
    Action("stack.scale.common", "Common Range", f"{MENU}/Value Range", ("C",),
           always("stack.scale", scale="common"),
           checked=lambda state: state.stack.scale == "common"),
    Action("stack.range.study", "Ranges over the Study", f"{MENU}/Value Range", ("T",),
           always("stack.range", range="study"),
           checked=lambda state: state.stack.range == "study"),
    Action("stack.range.sample", "Ranges of the Sample", f"{MENU}/Value Range", ("S",),
           always("stack.range", range="sample"),
           checked=lambda state: state.stack.range == "sample"),
    Action("stack.limits.wider", "Wider Range", f"{MENU}/Value Range", ("Alt+R",),
           _widened(1.25)),
    Action("stack.limits.narrower", "Narrower Range", f"{MENU}/Value Range", ("Shift+R",),
           _widened(0.8)),
    Action("stack.limits.reset", "Forget Ranges Set by Hand", f"{MENU}/Value Range", ("Ctrl+R",),
           _forget_limits),
)  # fmt: skip
LAYER_ACTIONS = (
    Action("stack.set.mean", "Mean over the Selection", MENU, (), _other_set,
           checked=lambda state: state.stack.set == "mean"),
    Action("stack.layer.solo", "Only the Focused Layer", f"{MENU}/Layers", ("O",), _solo,
           checked=lambda state: state.stack.solo is not None),
    Action("stack.layer.hide", "Hide or Show the Focused Layer", f"{MENU}/Layers", ("H",), _hide,
           checked=lambda state: state.focus.layer in state.stack.hidden),
    Action("stack.layer.all", "Show All Layers", f"{MENU}/Layers", ("Shift+H",),
           _only_when(lambda state: state.stack.hidden or state.stack.solo, "stack.show")),
    Action("stack.labels", "Names of Layers", f"{MENU}/Layers", ("N",), _toggled_labels,
           checked=lambda state: state.stack.labels),
    Action("stack.picture", "Picture of the Input", f"{MENU}/Layers", ("Shift+N",),
           _toggled_picture, checked=lambda state: state.stack.picture),
    *(
        Action(f"stack.unit.{word}", f"Unit {word.capitalize()}", f"{MENU}/Unit",
               (f"Alt+{word.capitalize()}",), _next_unit(down, across))
        for word, down, across in (("left", 0, -1), ("right", 0, 1), ("up", -1, 0), ("down", 1, 0))
    ),
)  # fmt: skip
LOOK_ACTIONS = (
    Action("stack.spacing.more", "Pull Layers Apart", f"{MENU}/Look", (".",),
           _changed("spacing", "stack.spacing", lambda value: value + 0.2, 0.0, 4.0)),
    Action("stack.spacing.less", "Push Layers Together", f"{MENU}/Look", (",",),
           _changed("spacing", "stack.spacing", lambda value: value - 0.2, 0.0, 4.0)),
    Action("stack.opacity.more", "Denser", f"{MENU}/Look", ("Shift+.", ">"),
           _changed("opacity", "stack.opacity", lambda value: value * 1.25, 0.05, 8.0)),
    Action("stack.opacity.less", "Thinner", f"{MENU}/Look", ("Shift+,", "<"),
           _changed("opacity", "stack.opacity", lambda value: value / 1.25, 0.05, 8.0)),
    Action("stack.iso.more", "Isosurface Higher", f"{MENU}/Look", ("Shift+I",),
           _changed("iso", "stack.iso", lambda value: round(value + ISO_STEP, 4), 0.0, 1.0)),
    Action("stack.iso.less", "Isosurface Lower", f"{MENU}/Look", ("Ctrl+I",),
           _changed("iso", "stack.iso", lambda value: round(value - ISO_STEP, 4), 0.0, 1.0)),
    Action("stack.attenuation.more", "More Attenuation", f"{MENU}/Look", (),
           _changed("attenuation", "stack.attenuation", lambda value: value + 0.25, 0.0, 8.0)),
    Action("stack.attenuation.less", "Less Attenuation", f"{MENU}/Look", (),
           _changed("attenuation", "stack.attenuation", lambda value: value - 0.25, 0.0, 8.0)),
    Action("stack.curve.law", "Usual Curve", f"{MENU}/Transfer Curve", (), _curve(None),
           checked=lambda state: state.stack.curve is None),
    Action("stack.curve.even", "Even Curve", f"{MENU}/Transfer Curve", (), _curve(SOFT),
           checked=lambda state: state.stack.curve == SOFT),
    Action("stack.curve.high", "High Values Only", f"{MENU}/Transfer Curve", (), _curve(CONTRAST),
           checked=lambda state: state.stack.curve == CONTRAST),
    *(
        Action(f"stack.clip.{axis}.{name}", f"{axis.capitalize()}: {text}", f"{MENU}/Clip", (),
               _clipped(axis, low, high))
        for axis in AXES
        for name, text, low, high in (
            ("first.on", "First Plane On", CLIP_STEP, 0.0),
            ("first.back", "First Plane Back", -CLIP_STEP, 0.0),
            ("last.on", "Last Plane On", 0.0, CLIP_STEP),
            ("last.back", "Last Plane Back", 0.0, -CLIP_STEP),
        )
    ),
    Action("stack.clip.reset", "Whole Volumes", f"{MENU}/Clip", ("Shift+C",),
           _only_when(lambda state: state.stack.clip != WHOLE, "stack.clip.reset")),
)  # fmt: skip
CAMERA_ACTIONS = (
    Action("camera.fit", "Fit", f"{MENU}/Camera", ("F",), always("camera.fit")),
    Action("camera.reset", "First View", f"{MENU}/Camera", ("Shift+F",), always("camera.reset")),
    *(
        Action(f"camera.stand.{name}", text, f"{MENU}/Camera", keys,
               always("camera.stand", azimuth=azimuth, elevation=elevation))
        for name, (text, keys, azimuth, elevation) in DIRECTIONS.items()
    ),
    Action("camera.turn.left", "Turn Left", f"{MENU}/Camera", ("Ctrl+Left",),
           _turned(TURN_DEGREES, 0.0)),
    Action("camera.turn.right", "Turn Right", f"{MENU}/Camera", ("Ctrl+Right",),
           _turned(-TURN_DEGREES, 0.0)),
    Action("camera.turn.up", "Tilt Up", f"{MENU}/Camera", ("Ctrl+Up",),
           _turned(0.0, TURN_DEGREES)),
    Action("camera.turn.down", "Tilt Down", f"{MENU}/Camera", ("Ctrl+Down",),
           _turned(0.0, -TURN_DEGREES)),
    Action("camera.nearer", "Nearer", f"{MENU}/Camera", ("+", "="), _zoomed(ZOOM)),
    Action("camera.farther", "Farther", f"{MENU}/Camera", ("-",), _zoomed(1 / ZOOM)),
    *(
        Action(f"camera.pan.{word}", f"Move {word.capitalize()}", f"{MENU}/Camera",
               (f"Ctrl+Shift+{word.capitalize()}",), _panned(across, up))
        for word, across, up in (("left", -1, 0), ("right", 1, 0), ("up", 0, 1), ("down", 0, -1))
    ),
)  # fmt: skip
PLAY_ACTIONS = (
    Action("play.toggle", "Play or Stop", "Sample/Play", ("Space",), method="play"),
    Action("play.faster", "Faster", "Sample/Play", ("Shift+]", "}"), _rate(1)),
    Action("play.slower", "Slower", "Sample/Play", ("Shift+[", "{"), _rate(-1)),
)
ACTIONS = (
    *MODE_ACTIONS,
    *SOURCE_ACTIONS,
    *RANGE_ACTIONS,
    *LOOK_ACTIONS,
    *LAYER_ACTIONS,
    *CAMERA_ACTIONS,
    *PLAY_ACTIONS,
)
