"""What a person can do with the matrix."""

from viewer.actions import Action, always
from viewer.views.matrix.resolve import columns_from
from viewer.views.matrix.stepping import pair_after, stands

MENU = "Matrix"
FORM_WORDS = {"auto": "Density, Points from Near", "density": "Density", "points": "Points"}
TOOL_WORDS = {"pan": "Pan", "lasso": "Lasso", "rectangle": "Rectangle", "points": "Single Points"}
TOOL_KEYS = {"lasso": ("L",), "points": ("P",)}
MODE_WORDS = {
    "replace": "Instead",
    "add": "In Addition",
    "subtract": "Without",
    "intersect": "Only Among",
}
STATISTIC_WORDS = {
    "density": "Density",
    "correlation": "Correlation",
    "separation": "Class Separation",
    "distance": "Distance Correlation",
}
STEP = 1.5


def _choice(name, words, submenu, keys=None):
    """Actions for the values of one setting."""
    return tuple(
        Action(
            f"matrix.{name}.{value}", word, f"{MENU}/{submenu}", (keys or {}).get(value, ()),
            always(f"matrix.{name}", **{name: value}),
            checked=lambda state, value=value: getattr(state.matrix, name) == value,
        )
        for value, word in words.items()
    )  # fmt: skip


def _switch(kind, argument, setting):
    """A wish to turn a setting on or off."""
    return lambda state, facts: (kind, {argument: not getattr(state.matrix, setting)})


def _looked(look_after):
    """A wish to look elsewhere: ``look_after(frame, look)``."""

    def wish(state, facts):
        found = stands(state, facts)
        if found is None:
            return None
        frame, _, look, _ = found
        wanted = frame.clipped(look_after(frame, look))
        return ("matrix.look", wanted.args) if wanted != look else None

    return wish


def _zoomed(factor):
    return _looked(lambda frame, look: frame.zoomed(look, factor, 0.5, 0.5))


def _stepped(right, down):
    return _looked(lambda frame, look: frame.stepped(look, right, down))


def _cell(frame, look):
    return frame.cell(*frame.nearest_cell(look))


def _pair(steps):
    """A wish for the next of the ranked pairs."""

    def wish(state, facts):
        found = stands(state, facts)
        if found is None or found[3] is None:
            return None
        frame, arrangement, look, table = found
        place = pair_after(table.ranked, arrangement, frame, look, steps)
        return None if place is None else ("matrix.look", frame.cell(*place).args)

    return wish


def _columns_before(state, facts):
    """Columns from the layer before the active one."""
    names = [] if facts.network is None else [layer.name for layer in facts.network.layers]
    if state.focus.layer not in names[1:]:
        return None
    return "matrix.columns", {"layer": names[names.index(state.focus.layer) - 1]}


def _own_columns(state, facts):
    return None if columns_from(state) is None else ("matrix.columns", {"layer": None})


def _reset_ranges(state, facts):
    return ("matrix.range.reset", {}) if state.matrix.ranges else None


def _whole(state, facts):
    return None if stands(state, facts) is None else ("matrix.fit", {})


ACTIONS = (
    *_choice("tool", TOOL_WORDS, "Drag", TOOL_KEYS),
    *_choice("mode", MODE_WORDS, "Select"),
    Action(
        "matrix.constant", "Hide Constant Channels", f"{MENU}/Draw", (),
        _switch("matrix.constant", "hidden", "hides_constant"),
        checked=lambda state: state.matrix.hides_constant,
    ),
    *_choice("form", FORM_WORDS, "Draw"),
    *_choice("statistic", STATISTIC_WORDS, "Overview"),
    Action(
        "matrix.overview.show", "Show the Overview", f"{MENU}/Overview", (),
        _switch("matrix.overview", "shown", "shows_overview"),
        checked=lambda state: state.matrix.shows_overview,
    ),
    Action(
        "matrix.overview.legend", "Show the Legend", f"{MENU}/Overview", (),
        _switch("matrix.legend", "shown", "shows_legend"),
        checked=lambda state: state.matrix.shows_legend,
    ),
    Action("matrix.columns.own", "From the Active Layer", f"{MENU}/Columns", (), _own_columns,
           checked=lambda state: columns_from(state) is None),
    Action("matrix.columns.before", "From the Layer Before", f"{MENU}/Columns", (),
           _columns_before),
    Action("matrix.pair.next", "Next Ranked Pair", MENU, ("Ctrl+J",), _pair(1)),
    Action("matrix.pair.previous", "Ranked Pair Before", MENU, ("Ctrl+Shift+J",), _pair(-1)),
    Action("matrix.look.whole", "See the Whole", MENU, ("Ctrl+Alt+W",), _whole),
    Action("matrix.look.cell", "Fit the Cell", MENU, (), _looked(_cell)),
    Action("matrix.look.nearer", "Nearer", MENU, (), _zoomed(STEP)),
    Action("matrix.look.farther", "Farther", MENU, (), _zoomed(1 / STEP)),
    Action("matrix.look.left", "One Cell Left", MENU, ("Ctrl+Alt+Left",), _stepped(-1, 0)),
    Action("matrix.look.right", "One Cell Right", MENU, ("Ctrl+Alt+Right",), _stepped(1, 0)),
    Action("matrix.look.up", "One Cell Up", MENU, ("Ctrl+Alt+Up",), _stepped(0, -1)),
    Action("matrix.look.down", "One Cell Down", MENU, ("Ctrl+Alt+Down",), _stepped(0, 1)),
    Action("matrix.pair.export", "Export Pairs (CSV)...", MENU, (), method="export_pairs"),
    Action("matrix.range.reset", "Whole Ranges on All Axes", MENU, (), _reset_ranges),
)  # fmt: skip
