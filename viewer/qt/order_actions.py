"""What a person can do with the order of channels; it counts in every view."""

from viewer.actions import Action
from viewer.state.orders import BASES, FILE, LIKENESS, METHODS, STATISTICS
from viewer.studio.ordering import order_of

MENU = "Order"
METHOD_WORDS = {
    "file": "As in the File",
    "pca": "PCA",
    "kmeans": "k-means",
    "leaf": "Optimal Leaf Order",
    "spectral": "Spectral",
    "path": "Shortest Path",
    "mean": "By Mean",
    "maximum": "By Maximum",
    "variance": "By Variance",
    "separation": "By Class Separation",
    "importance": "By Importance",
}
BASIS_WORDS = {
    "sample": "Maps of the Sample",
    "selection": "Mean of the Selection",
    "samples": "Maps of All Samples",
    "weights": "Weights",
    "correlation": "Correlation over the Data Set",
    "slice": "Slice in Sight",
}
CLUSTERS = (None, 2, 3, 4, 6, 8, 12, 16)
KEYS = {FILE: ("Ctrl+Alt+O",)}


def _in_force(state):
    return state.orders.of(state.focus.layer)


def _chosen(**given):
    """A wish for another choice: of the active layer where it has its own, else of all."""

    def wish(state, facts):
        return "orders.choose", {**given, "layer": state.orders.scope(state.focus.layer)}

    return wish


def _clustered(count):
    def wish(state, facts):
        if _in_force(state).method != "kmeans":
            return None
        return _chosen(method="kmeans", clusters=count)(state, facts)

    return wish


def _stepped(steps):
    """A wish for the next method of those that put like channels side by side, or the file's."""
    ring = (FILE, *LIKENESS)

    def wish(state, facts):
        method = _in_force(state).method
        at = ring.index(method) if method in ring else 0
        return _chosen(method=ring[(at + steps) % len(ring)])(state, facts)

    return wish


def _own(state, facts):
    layer = state.focus.layer
    if layer is None:
        return None
    return "orders.own", {"layer": layer, "own": state.orders.own(layer) is None}


def _has_own(state):
    return state.orders.scope(state.focus.layer) is not None


def _reset(state, facts):
    choice = state.orders.choice
    is_plain = choice.method == FILE and not state.orders.layers
    return None if is_plain else ("orders.reset", {})


def _method(method):
    group = "statistic" if method in STATISTICS else "method"
    return Action(
        f"order.{group}.{method}", METHOD_WORDS[method], MENU, KEYS.get(method, ()),
        _chosen(method=method),
        checked=lambda state: _in_force(state).method == method and not _in_force(state).name,
    )  # fmt: skip


def _basis(basis):
    return Action(
        f"order.basis.{basis}", BASIS_WORDS[basis], f"{MENU}/Made of", (), _chosen(basis=basis),
        checked=lambda state: _in_force(state).basis == basis,
    )  # fmt: skip


def _cluster(count):
    word = "As Many as Suggested" if count is None else f"{count} Clusters"
    return Action(
        f"order.clusters.{count or 'suggested'}", word, f"{MENU}/Clusters of k-means", (),
        _clustered(count),
        checked=lambda state: _in_force(state).clusters == count,
    )  # fmt: skip


def has_order(state, facts):
    """Whether the active layer has an order that is there."""
    return state.focus.layer is not None and order_of(state, facts, state.focus.layer) is not None


ACTIONS = (
    *(_method(method) for method in METHODS),
    *(_basis(basis) for basis in BASES),
    *(_cluster(count) for count in CLUSTERS),
    Action(
        "order.clusters.ask", "Number of Clusters...", f"{MENU}/Clusters of k-means", (),
        method="ask_clusters",
    ),
    Action("order.step.next", "Next Method", MENU, ("Shift+O",), _stepped(1)),
    Action("order.step.previous", "Method Before", MENU, ("Ctrl+Alt+Shift+O",), _stepped(-1)),
    Action(
        "order.scope.own", "Own Order for the Active Layer", MENU, (), _own, checked=_has_own
    ),
    Action("order.scope.reset", "All Layers as in the File", MENU, (), _reset),
    Action("order.named.save", "Save Order As...", MENU, (), method="save_order"),
    Action("order.named.export", "Export Order (CSV)...", MENU, (), method="export_order"),
)  # fmt: skip
