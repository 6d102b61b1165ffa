"""What a person can do with the comparison."""

from viewer.actions import Action, always
from viewer.state.comparison import COLUMNS, LARGEST, LRP, SMALLEST, ComparisonCamera
from viewer.studio.comparing import column_words
from viewer.views.comparison.resolve import resolve

MENU = "Compare"
ROW_WORDS = {"samples": "Samples", "layers": "Layers"}
RANGE_WORDS = {
    "cell": "Each Cell",
    "row": "Each Row",
    "column": "Each Column",
    "all": "All Cells",
}
OPACITIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
STEP = 1.25


def title_of(column):
    """A column's name as in a menu."""
    words = column_words(column)
    return words.removeprefix("LRP ") if column.startswith(LRP) else words


def _switched(column):
    """A wish: a column more, or less."""

    def wish(state, facts):
        shown = column not in state.comparison.methods
        return "comparison.method", {"method": column, "shown": shown}

    return wish


def _sized(factor):
    """A wish for larger or smaller cells."""

    def wish(state, facts):
        size = min(LARGEST, max(SMALLEST, state.comparison_camera.size * factor))
        changes = size != state.comparison_camera.size
        return ("comparison.look", {"size": size}) if changes else None

    return wish


def _scrolled(axis, steps):
    """A wish: the next row or column first, or the one before."""

    def wish(state, facts):
        now = getattr(state.comparison_camera, axis)
        wanted = max(0.0, float(int(now) + steps))
        return ("comparison.look", {axis: wanted}) if wanted != now else None

    return wish


def _ranged(factor):
    """A wish for a wider or narrower range, where all cells share one."""

    def wish(state, facts):
        if state.comparison.range != "all":
            return None
        now = max((cell.limit for cell in resolve(state, facts).cells.values()), default=0.0)
        return ("comparison.limit", {"limit": now * factor}) if now else None

    return wish


def _own_range(state, facts):
    return ("comparison.limit", {"limit": None}) if state.comparison.limit is not None else None


def _usual(state, facts):
    changes = state.comparison_camera != ComparisonCamera()
    return ("comparison.reset", {}) if changes else None


def _choice(name, words, submenu):
    """Actions for the values of one setting."""
    return tuple(
        Action(
            f"comparison.{name}.{value}", word, f"{MENU}/{submenu}", (),
            always(f"comparison.{name}", **{name: value}),
            checked=lambda state, value=value: getattr(state.comparison, name) == value,
        )
        for value, word in words.items()
    )  # fmt: skip


ACTIONS = (
    *(
        Action(
            f"comparison.method.{column}", title_of(column),
            f"{MENU}/LRP" if column.startswith(LRP) else f"{MENU}/Methods", (),
            _switched(column),
            checked=lambda state, column=column: column in state.comparison.methods,
        )
        for column in COLUMNS
    ),
    *_choice("rows", ROW_WORDS, "Rows"),
    *_choice("range", RANGE_WORDS, "Value Range"),
    Action("comparison.limit.wider", "Wider Range", f"{MENU}/Value Range", (), _ranged(STEP)),
    Action("comparison.limit.narrower", "Narrower Range", f"{MENU}/Value Range", (),
           _ranged(1 / STEP)),
    Action("comparison.limit.own", "Forget the Range Set by Hand", f"{MENU}/Value Range", (),
           _own_range),
    *(
        Action(
            f"comparison.background.{opacity}", f"{opacity:.0%}", f"{MENU}/Picture Behind", (),
            always("comparison.background", opacity=opacity),
            checked=lambda state, opacity=opacity: state.comparison.background == opacity,
        )
        for opacity in OPACITIES
    ),
    Action("comparison.larger", "Larger Cells", MENU, (), _sized(STEP)),
    Action("comparison.smaller", "Smaller Cells", MENU, (), _sized(1 / STEP)),
    Action("comparison.down", "Next Row", MENU, (), _scrolled("row", 1)),
    Action("comparison.up", "Row Before", MENU, (), _scrolled("row", -1)),
    Action("comparison.right", "Next Column", MENU, (), _scrolled("column", 1)),
    Action("comparison.left", "Column Before", MENU, (), _scrolled("column", -1)),
    Action("comparison.usual", "Usual Size and Place", MENU, (), _usual),
    Action("comparison.export", "Export Numbers (CSV)...", MENU, (), method="export_comparison"),
)  # fmt: skip
