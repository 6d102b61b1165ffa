"""Orders of channels that were saved under a name; in a study they lie in ``orders.json``."""

from dataclasses import dataclass

from engine.errors import InputError
from engine.study.named import NamedFile

MOST_CHANNELS = 1 << 20
LONGEST_WORDS = 500


@dataclass(frozen=True)
class NamedOrder:
    """An order that was saved under a name.

    Attributes
    ----------
    layer : str
        Whose channels it orders.
    channels : tuple of int
        A permutation: which channel stands at each place.
    clusters : tuple of int
        First place of every cluster; empty where there are none.
    words : str
        How it was made, and how good it is.
    """

    layer: str
    channels: tuple
    clusters: tuple = ()
    words: str = ""


def order_from_json(order):
    """A `NamedOrder` of plain values.

    Raises
    ------
    InputError
        It is no permutation, or something is missing.
    """
    if not isinstance(order, dict):
        raise InputError("not an order", where="order", got=order)
    layer, words = order.get("layer"), order.get("words") or ""
    if not isinstance(layer, str) or not layer or not isinstance(words, str):
        raise InputError("not an order of a layer", where="order", got=layer)
    channels = _places("channels", order.get("channels"))
    if not channels or sorted(channels) != list(range(len(channels))):
        raise InputError("not a permutation of channels", where="channels")
    clusters = _places("clusters", order.get("clusters", ()))
    if list(clusters) != sorted(set(clusters)) or any(at >= len(channels) for at in clusters):
        raise InputError("not the first places of clusters", where="clusters", got=clusters)
    return NamedOrder(layer, channels, clusters, words[:LONGEST_WORDS])


def order_as_json(order):
    """A `NamedOrder` as plain values."""
    return {
        "layer": order.layer,
        "channels": list(order.channels),
        "clusters": list(order.clusters),
        "words": order.words,
    }


def read_named_orders(study):
    """The named orders of a study: dict of str to `NamedOrder`; see `NamedFile.read`."""
    return _ORDERS.read(study)


def change_named_orders(study, changes):
    """Change some named orders of a study (None: forget); see `NamedFile.change`."""
    _ORDERS.change(study, changes)


def _places(name, values):
    if not isinstance(values, (list, tuple)) or len(values) > MOST_CHANNELS:
        raise InputError("not a list of places", where=name)
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise InputError("not a place", where=name, expected="0 or more", got=value)
    return tuple(values)


_ORDERS = NamedFile("orders.json", "orders", order_as_json, order_from_json)
