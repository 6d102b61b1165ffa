"""Targets as arrays: where the backward pass begins, so that one graph serves a layer's targets."""

from dataclasses import dataclass

import numpy as np

from engine.gradient.backward import Backward
from engine.gradient.targets import Targets, parse_target
from engine.network.axes import from_channels_first


@dataclass(frozen=True, eq=False)
class Start:
    """A target that is a sum of one tensor's values with constant factors.

    Attributes
    ----------
    tensor : str
        Of the forward graph.
    seed : float32
        The factors, in the tensor's own layout with a batch of one.
    """

    tensor: str
    seed: np.ndarray


def start_of(network, forward, target):
    """The start of a target.

    Parameters
    ----------
    network : engine.network.network.Network
    forward : engine.gradient.forward.Forward
    target : str

    Returns
    -------
    Start or None
        None where the factors depend on the picture (``:max``), where the terms lie in several
        tensors, or the tensor's layout is an unusual one.

    Raises
    ------
    InputError
        When the target is none of the network's.
    """
    terms = parse_target(target)
    found = Targets(network, Backward(forward), forward)
    found.emit(terms, target)
    places = [found.place(term) for term in terms]
    layout = places[0].layout
    if forward.batch != 1 or len({place.tensor for place in places}) > 1:
        return None
    seed = np.zeros((1, layout.channels, *layout.positions), np.float32)
    for term in terms:
        region = term.region or tuple((0, size) for size in layout.positions)
        count = int(np.prod([last - first for first, last in region], dtype=np.int64))
        if term.how == "max" and count > 1:
            return None
        share = term.factor if term.how == "sum" else term.factor / count
        seed[(0, term.channel, *(slice(*span) for span in region))] += share
    seed = _in_own_layout(network, terms[0], layout, seed)
    return None if seed is None else Start(places[0].tensor, np.ascontiguousarray(seed, np.float32))


def _in_own_layout(network, term, layout, seed):
    if layout.flat is not None:
        return seed.reshape(layout.sizes) if layout.sizes[:1] == (1,) else None
    if term.source.startswith("tensor="):
        plain = tuple(layout.letters[:2]) == ("N", "C") and len(seed.shape) == len(layout.sizes)
        return seed if plain else None
    layer = network.layer(term.source)
    return from_channels_first(seed, layer) if layer.batch_axis == 0 else None
