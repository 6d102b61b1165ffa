"""What a person can do in the orders pane."""

from viewer.actions import Action, always
from viewer.studio import stability
from viewer.views.orders import resolve as orders
from viewer.views.orders.hands import stepped

MENU = "Order/Stability"
BETWEEN_WORDS = {
    "rows": "Of Cuts by Row",
    "columns": "Of Cuts by Column",
    "samples": "Of Samples",
    "classes": "Of Classes",
    "methods": "Of Methods",
}
CORRELATION_WORDS = {"kendall": "Kendall’s τ", "spearman": "Spearman’s ρ"}
PICTURE_WORDS = {"distances": "Pictures of Distances", "correlations": "Pictures of Correlations"}
PAGE_WORDS = {"quality": "Show How Good Orders Are", "stability": "Show How Stable Orders Are"}
STEPS = {
    "down": "Next Order of the Pair",
    "up": "Order of the Pair Before",
    "right": "Next Order Beside It",
    "left": "Order Beside It Before",
}


def _choices(name, words):
    """Actions for the values of one setting."""
    return tuple(
        Action(
            f"stability.{name}.{value}", word, MENU, (),
            always(f"stability.{name}", **{name: value}),
            checked=lambda state, value=value: getattr(state.stability, name) == value,
        )
        for value, word in words.items()
    )  # fmt: skip


_NOTHING = orders.OrdersWish()


def _shown(state, facts):
    """What the pane shows, while it can be seen: menus ask after every change."""
    return orders.resolve(state, facts) if stability.is_seen(state) else _NOTHING


def _stepped(direction):
    """A wish: the pair beside the one that is shown."""

    def wish(state, facts):
        shown = _shown(state, facts)
        if shown.matrix is None:
            return None
        pair = stepped(shown, direction)
        return ("stability.pair", {"pair": list(pair)}) if pair != shown.pair else None

    return wish


def _alone(state, facts):
    return ("stability.pair", {"pair": None}) if state.stability.pair is not None else None


def _of_pair(which, give):
    """A wish for the first or the second order of the pair."""

    def wish(state, facts):
        shown = _shown(state, facts)
        return None if shown.pair is None else give(shown, shown.pair[which])

    return wish


def _costly(state, facts):
    layer = state.focus.layer
    if layer is None or layer in state.stability.costly:
        return None
    rows = _shown(state, facts).rows
    waits = any(row.status == orders.COSTLY for row in rows)
    return ("stability.costly", {"layer": layer}) if waits else None


ACTIONS = (
    *_choices("between", BETWEEN_WORDS),
    *_choices("correlation", CORRELATION_WORDS),
    *_choices("picture", PICTURE_WORDS),
    *_choices("page", PAGE_WORDS),
    *(
        Action(f"stability.step.{way}", word, MENU, (), _stepped(way))
        for way, word in STEPS.items()
    ),
    Action("stability.pair.none", "No Pair", MENU, (), _alone),
    Action("stability.use.first", "Use the First Order of the Pair", MENU, (),
           _of_pair(0, orders.applied)),
    Action("stability.use.second", "Use the Second Order of the Pair", MENU, (),
           _of_pair(1, orders.applied)),
    Action("stability.visit.first", "Go to What the First Order Is Of", MENU, (),
           _of_pair(0, orders.visited)),
    Action("stability.visit.second", "Go to What the Second Order Is Of", MENU, (),
           _of_pair(1, orders.visited)),
    Action("stability.costly", "Make Orders That Take Long", MENU, (), _costly),
    Action("stability.export.quality", "Export Qualities (CSV)...", MENU, (),
           method="export_qualities"),
    Action("stability.export.agreement", "Export Agreement (CSV)...", MENU, (),
           method="export_agreement"),
)  # fmt: skip
