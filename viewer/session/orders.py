"""Kinds of commands about the orders of channels."""

from dataclasses import replace

from viewer.session.checks import one_of, text_or_none
from viewer.session.command import kind
from viewer.state.orders import BASES, METHODS, OrderChoice


@kind("orders.choose")
def orders_choose(state, *, method, basis=None, clusters=None, layer=None):
    """Order the channels of all layers, or of one layer, by a method."""
    layer = text_or_none("layer", layer)
    former = state.orders.of(layer)
    choice = OrderChoice(
        one_of("method", method, METHODS),
        former.basis if basis is None else one_of("basis", basis, BASES),
        clusters,
    )
    if layer is None:
        return state.with_part("orders", choice=choice)
    others = tuple(entry for entry in state.orders.layers if entry[0] != layer)
    return replace(
        state, orders=replace(state.orders, layers=tuple(sorted((*others, (layer, choice)))))
    )
