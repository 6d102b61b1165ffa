"""What a person can do with the 3D scatter, and with points wherever they are."""

from viewer.actions import Action, always
from viewer.state.points import COLOURS, LARGEST, LEAST_OPACITY, SMALLEST, PointSettings
from viewer.state.scatter import AXES, ScatterCamera
from viewer.views.grouping import TITLES
from viewer.views.scatter.choosing import cell_in_sight, most_separating

MENU, POINTS = "Scatter", "Points"
TOOL_WORDS = {"turn": "Turn", "lasso": "Lasso", "rectangle": "Rectangle", "points": "Single Points"}
MODE_WORDS = {
    "replace": "Instead",
    "add": "In Addition",
    "subtract": "Without",
    "intersect": "Only Among",
}
SIDES = {"x": ("Along x", 90.0, 0.0), "y": ("Along y", 0.0, 89.0), "z": ("Along z", 0.0, 0.0)}
STEP, TURN = 1.25, 15.0


def _choice(name, words, submenu):
    """Actions for the values of one setting."""
    return tuple(
        Action(
            f"scatter.{name}.{value}", word, f"{MENU}/{submenu}", (),
            always(f"scatter.{name}", **{name: value}),
            checked=lambda state, value=value: getattr(state.scatter, name) == value,
        )
        for value, word in words.items()
    )  # fmt: skip


def _points(state, facts):
    return facts.points.get(state.focus.layer)


def _shown(state, facts, x, y, z):
    """The wish for three channels, or None where they are shown already."""
    channels = {"x": x, "y": y, "z": z}
    return None if (x, y, z) == state.scatter.channels else ("scatter.channels", channels)


def separating(state, facts):
    """The wish for the three channels that separate the classes best."""
    points = _points(state, facts)
    found = None if points is None else most_separating(points, facts.labels)
    return None if found is None or len(found) < 3 else _shown(state, facts, *found)


def _from_cell(state, facts):
    """The matrix's cell along x and y; z stays where it can."""
    points, cell = _points(state, facts), cell_in_sight(state, facts)
    if points is None or cell is None or points.channels < 3:
        return None
    y, x = cell
    if x == y:
        y = next(channel for channel in (*state.scatter.channels, 0, 1) if channel != x)
    left = (*state.scatter.channels[2:], *range(3))
    z = next(c for c in left if c not in (x, y) and c < points.channels)
    return _shown(state, facts, x, y, z)


def _in_focus(axis):
    """A wish to have the channel in focus along an axis."""

    def wish(state, facts):
        channel = state.focus.channel
        if channel is None or state.scatter.channels[AXES.index(axis)] == channel:
            return None
        return "scatter.axis", {"axis": axis, "channel": channel}

    return wish


def _stepped(axis, by):
    """A wish for the next channel along an axis that no other axis has."""

    def wish(state, facts):
        points = _points(state, facts)
        if points is None or points.channels <= 3:
            return None
        shown = state.scatter.channels_of(points.channels)
        channel = (shown[AXES.index(axis)] + by) % points.channels
        while channel in shown:
            channel = (channel + by) % points.channels
        return "scatter.axis", {"axis": axis, "channel": channel}

    return wish


def _seen_along(azimuth, elevation):
    def wish(state, facts):
        camera = state.scatter_camera
        if (camera.azimuth, camera.elevation) == (azimuth, elevation):
            return None
        return "scatter.look", {"azimuth": azimuth, "elevation": elevation}

    return wish


def _turned(right, up):
    def wish(state, facts):
        camera = state.scatter_camera
        elevation = min(89.0, max(-89.0, camera.elevation + up))
        return "scatter.look", {"azimuth": camera.azimuth + right, "elevation": elevation}

    return wish


def _nearer(factor):
    return lambda state, facts: ("scatter.look", {"zoom": state.scatter_camera.zoom * factor})


def _fit(state, facts):
    camera, usual = state.scatter_camera, ScatterCamera()
    is_there = (camera.zoom, camera.shift) == (usual.zoom, usual.shift)
    return None if is_there else ("scatter.fit", {})


def _legend(state, facts):
    return "scatter.legend", {"shown": not state.scatter.shows_legend}


def _colour_word(colour):
    words = {"channel": "Channel in Focus"}.get(colour) or TITLES[colour]
    return words[:1].upper() + words[1:]


def _coloured(colour):
    """A wish to colour points; by the channel in focus, where it is a channel."""

    def wish(state, facts):
        if colour != "channel":
            return "points.colour", {"colour": colour}
        if state.focus.channel is None:
            return None
        return "points.colour", {"colour": colour, "channel": state.focus.channel}

    return wish


def _sized(factor):
    def wish(state, facts):
        size = min(LARGEST, max(SMALLEST, state.points.size * factor))
        return ("points.size", {"size": size}) if size != state.points.size else None

    return wish


def _more_opaque(factor):
    def wish(state, facts):
        opacity = min(1.0, max(LEAST_OPACITY, state.points.opacity * factor))
        return ("points.opacity", {"opacity": opacity}) if opacity != state.points.opacity else None

    return wish


def _usual(state, facts):
    return ("points.reset", {}) if state.points != PointSettings() else None


ACTIONS = (
    *_choice("tool", TOOL_WORDS, "Drag"),
    *_choice("mode", MODE_WORDS, "Select"),
    Action("scatter.separating", "Most Separating Three Channels", f"{MENU}/Channels", (),
           separating),
    Action("scatter.cell", "From the Cell in the Matrix", f"{MENU}/Channels", (), _from_cell),
    *(
        Action(f"scatter.focus.{axis}", f"Channel in Focus along {axis}", f"{MENU}/Channels", (),
               _in_focus(axis))
        for axis in AXES
    ),
    *(
        Action(f"scatter.step.{axis}.{name}", f"{word} along {axis}", f"{MENU}/Channels", (),
               _stepped(axis, by))
        for axis in AXES
        for name, word, by in (("next", "Next Channel", 1), ("previous", "Channel Before", -1))
    ),
    *(
        Action(f"scatter.side.{axis}", word, f"{MENU}/Look", (), _seen_along(azimuth, elevation))
        for axis, (word, azimuth, elevation) in SIDES.items()
    ),
    Action("scatter.turn.left", "Turn Left", f"{MENU}/Look", (), _turned(-TURN, 0)),
    Action("scatter.turn.right", "Turn Right", f"{MENU}/Look", (), _turned(TURN, 0)),
    Action("scatter.turn.up", "Turn Up", f"{MENU}/Look", (), _turned(0, TURN)),
    Action("scatter.turn.down", "Turn Down", f"{MENU}/Look", (), _turned(0, -TURN)),
    Action("scatter.nearer", "Nearer", MENU, (), _nearer(STEP)),
    Action("scatter.farther", "Farther", MENU, (), _nearer(1 / STEP)),
    Action("scatter.fit", "Fit", MENU, (), _fit),
    Action("scatter.reset", "From Where It Was First Seen", MENU, (), always("scatter.reset")),
    Action("scatter.legend", "Show the Legend", MENU, (), _legend,
           checked=lambda state: state.scatter.shows_legend),
    *(
        Action(f"points.colour.{colour}", _colour_word(colour), f"{POINTS}/Colour", (),
               _coloured(colour), checked=lambda state, c=colour: state.points.colour == c)
        for colour in COLOURS
    ),
    Action("points.larger", "Larger", POINTS, (), _sized(STEP)),
    Action("points.smaller", "Smaller", POINTS, (), _sized(1 / STEP)),
    Action("points.opaque", "More Opaque", POINTS, (), _more_opaque(STEP)),
    Action("points.faint", "Fainter", POINTS, (), _more_opaque(1 / STEP)),
    Action("points.usual", "Usual Colour, Size and Opacity", POINTS, (), _usual),
)  # fmt: skip
