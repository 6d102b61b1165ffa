"""Kinds of commands about the orders of channels: for all layers, for one, and under names."""

from dataclasses import replace

from engine.analysis.named_orders import order_from_json
from engine.errors import InputError
from viewer.session.checks import index, one_of, text_or_none
from viewer.session.command import kind
from viewer.state.orders import (
    BASES,
    FILE,
    METHODS,
    MOST_CLUSTERS,
    OrderChoice,
)
from viewer.state.selection import LONGEST_NAME


@kind("orders.choose")
def orders_choose(state, *, method=None, basis=None, clusters=None, layer=None):
    """Order the channels of all layers, or of one layer, by a method.

    Without ``method`` or ``basis`` it stays as it is; with a method and without ``clusters``
    k-means makes as many as are suggested.
    """
    layer = text_or_none("layer", layer)
    former = state.orders.choice if layer is None else state.orders.of(layer)
    choice = OrderChoice(
        former.method if method is None else one_of("method", method, METHODS),
        former.basis if basis is None else one_of("basis", basis, BASES),
        former.clusters if method is None and clusters is None else _clusters(clusters),
    )
    return replace(state, orders=state.orders.with_choice(choice, layer))


@kind("orders.own")
def orders_own(state, *, layer, own):
    """Give a layer a choice of its own, which is that of all to begin with; or take it away."""
    layer = _layer(layer)
    orders = state.orders
    if not own:
        return replace(state, orders=orders.without_own(layer))
    return replace(state, orders=orders.with_choice(orders.of(layer), layer))


@kind("orders.reset")
def orders_reset(state):
    """Every layer as in the file; named orders stay."""
    choice = replace(state.orders.choice, method=FILE, name="")
    return replace(state, orders=replace(state.orders, choice=choice, layers=()))


@kind("orders.save")
def orders_save(state, *, name, order):
    """Save an order under a name; ``order``: its layer, channels, clusters and words."""
    orders = state.orders.with_entry(_name(name), order_from_json(order))
    return replace(state, orders=orders)


@kind("orders.apply")
def orders_apply(state, *, name, order=None):
    """Order a layer by what was saved under a name; ``order``: as the study has it."""
    name, orders = _name(name), state.orders
    kept = orders.saved(name)
    if kept is None:
        if order is None:
            raise InputError("no order is called so", where="name", got=name)
        kept = order_from_json(order)
        orders = orders.with_entry(name, kept)
    choice = replace(orders.of(kept.layer), name=name)
    return replace(state, orders=orders.with_choice(choice, kept.layer))


@kind("orders.forget")
def orders_forget(state, *, name):
    """Forget what was saved under a name; a layer that has this order has that of all again."""
    name = _name(name)
    orders = state.orders.with_entry(name, None)
    for layer, choice in orders.layers:
        if choice.name == name:
            orders = orders.without_own(layer)
    return replace(state, orders=orders)


@kind("matrix.order")
def matrix_order(state, *, order):
    """The order of all layers, as sessions of earlier versions gave it to the matrix."""
    choice = OrderChoice(FORMER_OF_MATRIX[one_of("order", order, FORMER_OF_MATRIX)], "correlation")
    return replace(state, orders=state.orders.with_choice(choice))


@kind("maps.sort")
def maps_sort(state, *, sort):
    """The order of all layers, as sessions of earlier versions gave it to the maps."""
    basis = "selection" if state.maps.set == "mean" else "sample"
    choice = OrderChoice(one_of("sort", sort, FORMER_OF_MAPS), basis)
    return replace(state, orders=state.orders.with_choice(choice))


FORMER_OF_MATRIX = {
    "file": FILE,
    "variance": "variance",
    "separation": "separation",
    "correlation": "leaf",
}
FORMER_OF_MAPS = (FILE, "maximum", "mean")


def _clusters(value):
    if value is None:
        return None
    if not 1 <= index("clusters", value) <= MOST_CLUSTERS:
        raise InputError(
            "not a number of clusters", where="clusters", expected=f"1 to {MOST_CLUSTERS}"
        )
    return value


def _layer(layer):
    if not isinstance(layer, str) or not layer:
        raise InputError("not a layer", where="layer", got=layer)
    return layer


def _name(name):
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
        raise InputError(
            "not a name", where="name", expected=f"1 to {LONGEST_NAME} letters", got=name
        )
    return name.strip()
