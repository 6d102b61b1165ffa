"""What a person can do with the network's graph."""

from viewer.actions import Action, always
from viewer.state.network import COLOUR_BY
from viewer.views.network.build import FOLDED_FROM
from viewer.views.network.colouring import WORDS
from viewer.views.network.find import following, matches
from viewer.views.network.walking import BACK, DEEPER, LEFT, RIGHT

MENU = "Network"


def _layers(facts):
    return None if facts.network is None else facts.network.layers


def _folding(folding):
    def wish(state, facts):
        return ("network.folding", {"folding": folding}) if facts.network is not None else None

    return wish


def folds(state, facts):
    """Whether repetitions are one block, but for those that a person chose by themselves."""
    layers, folding = _layers(facts), state.network.folding
    if layers is None:
        return False
    return folding == "all" or (folding == "automatic" and len(layers) > FOLDED_FROM)


def match_after(facts, text, focus, step):
    """The layer found after the focused one (``step`` 1) or before it (-1); None without any."""
    layers = _layers(facts)
    if layers is None or not text.strip():
        return None
    names = [layer.name for layer in layers]
    active = names.index(focus) if focus in names else None
    index = following(matches(layers, text), active, step)
    return None if index is None else names[index]


def _match(step):
    """A wish for the next layer that the search finds."""

    def wish(state, facts):
        layer = match_after(facts, state.network.find, state.focus.layer, step)
        return None if layer is None else ("focus.layer", {"layer": layer})

    return wish


def _has_network(kind, **args):
    return lambda state, facts: (kind, args) if facts.network is not None else None


def _turn(state, facts):
    other = "down" if state.network.orientation == "right" else "right"
    return "network.orientation", {"orientation": other}


ACTIONS = (
    Action("network.find", "Find Layer...", MENU, ("Ctrl+F",), method="find_layer"),
    Action("network.next_match", "Next Match", MENU, ("F3",), _match(1)),
    Action("network.previous_match", "Previous Match", MENU, ("Shift+F3",), _match(-1)),
    Action("network.deeper", "Along the Wire", f"{MENU}/Walk", ("Alt+Shift+Down",),
           method=f"walk_graph {DEEPER}"),
    Action("network.back", "Back along the Wire", f"{MENU}/Walk", ("Alt+Shift+Up",),
           method=f"walk_graph {BACK}"),
    Action("network.left", "Branch to the Left", f"{MENU}/Walk", ("Alt+Shift+Left",),
           method=f"walk_graph {LEFT}"),
    Action("network.right", "Branch to the Right", f"{MENU}/Walk", ("Alt+Shift+Right",),
           method=f"walk_graph {RIGHT}"),
    Action("network.start", "First Layers", f"{MENU}/Look", ("Alt+Home",),
           _has_network("network.look", framing="start")),
    Action("network.end", "Last Layers", f"{MENU}/Look", ("Alt+End",),
           _has_network("network.look", framing="end")),
    Action("network.whole", "Whole Graph", f"{MENU}/Look", ("G",),
           _has_network("network.look", framing="whole")),
    Action("network.nearer", "Nearer", f"{MENU}/Look", (), method="zoom_graph in"),
    Action("network.farther", "Farther", f"{MENU}/Look", (), method="zoom_graph out"),
    Action("network.scroll.deeper", "Scroll Deeper", f"{MENU}/Look", ("Alt+PgDown",),
           method="scroll_graph deeper"),
    Action("network.scroll.back", "Scroll Back", f"{MENU}/Look", ("Alt+PgUp",),
           method="scroll_graph back"),
    Action("network.scroll.left", "Scroll to Branches on the Left", f"{MENU}/Look", (),
           method="scroll_graph left"),
    Action("network.scroll.right", "Scroll to Branches on the Right", f"{MENU}/Look", (),
           method="scroll_graph right"),
    Action("network.fold", "Fold or Unfold Here", MENU, ("Ctrl+E",), method="fold_here"),
    Action("network.fold_all", "Fold All Repetitions", MENU, (), _folding("all"),
           checked=lambda state: state.network.folding == "all"),
    Action("network.unfold_all", "Unfold All Repetitions", MENU, (), _folding("none"),
           checked=lambda state: state.network.folding == "none"),
    Action("network.fold_large", "Fold Only Large Networks", MENU, (), _folding("automatic"),
           checked=lambda state: state.network.folding == "automatic"),
    Action("network.orientation", "Depth to the Right", MENU, (), _turn,
           checked=lambda state: state.network.orientation == "right"),
    *(
        Action(f"network.colour.{by}", WORDS[by].capitalize(), f"{MENU}/Colour by", (),
               always("network.colour", by=by),
               checked=lambda state, by=by: state.network.colour_by == by)
        for by in COLOUR_BY
    ),
)  # fmt: skip
