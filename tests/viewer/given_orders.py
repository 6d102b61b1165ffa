"""Orders for tests of views: answers to what a state asks, and orders under a name."""

import numpy as np

from engine.analysis.orders import Order
from viewer.studio.ordering import question_of
from viewer.studio.questions import Found


def order(channels, method="pca", **changes):
    """An `Order` of channels."""
    return Order(np.array(channels, np.int32), method, **changes)


def answered(state, facts, layer, channels, compared=False, **changes):
    """The facts with the order that a state asks of a layer."""
    key = question_of(state, facts, layer, compared=compared).key
    method = state.orders.of(layer).method
    found = Found(order(channels, method, **changes))
    return facts.but(channel_orders={**facts.channel_orders, key: found})


def apply_named(do, layer, channels, name="mine"):
    """Give commands (``do(kind, **args)``) that save an order under a name and apply it."""
    do("orders.save", name=name, order={"layer": layer, "channels": list(channels)})
    do("orders.apply", name=name)
