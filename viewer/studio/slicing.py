"""The volume that the slices view cuts: activations, gradient, relevance or weights of one layer.

Gradient and relevance are asked for by the stack's own question, so that nothing is computed
twice.
"""

import weakref
from dataclasses import dataclass

import numpy as np

from viewer.state.layout import in_front
from viewer.state.slices import ACTIVATIONS, WEIGHTS
from viewer.studio import attributing
from viewer.studio.facts import READY

METHODS = attributing.STACK_METHODS


@dataclass(frozen=True, eq=False)
class Volume:
    """What is cut.

    Attributes
    ----------
    layer : str
    source : str
        One of `viewer.state.slices.SOURCES`.
    values : float32[C, rows, columns]
        Without positions ``[C, 1, 1]``; with one axis of them ``[C, 1, T]``; of more than two all
        but the last are rows.
    positions : tuple of int
        Of the layer, as it has them; of weights the tile's rows and columns.
    signed : bool or None
        Whether it is centred on zero; None: where it has values clearly below zero.
    words : str
        Of what: ``'sample 3 of 500'``, ``'mean of 120 samples'``.
    made_of : ndarray
        As it was before it was folded.
    """

    layer: str
    source: str
    values: np.ndarray
    positions: tuple
    signed: bool | None
    words: str
    made_of: object = None

    def unit_at(self, row, column):
        """The position in the layer of a place in a map: tuple of int; empty without positions."""
        if not self.positions:
            return ()
        across = self.positions[-1]
        above = np.unravel_index(row, self.positions[:-1]) if len(self.positions) > 1 else ()
        return (*(int(place) for place in above), min(int(column), across - 1))

    def place_of(self, unit):
        """(row, column) of a position in the layer, or None where it has no such one."""
        unit = tuple(unit or ())
        inside = all(0 <= at < size for at, size in zip(unit, self.positions, strict=False))
        if len(unit) != len(self.positions) or not inside:
            return None
        if not unit:
            return 0, 0
        rows = np.ravel_multi_index(unit[:-1], self.positions[:-1]) if len(unit) > 1 else 0
        return int(rows), int(unit[-1])


def folded(values):
    """Any ``[C, *positions]`` as ``float32[C, rows, columns]``; no copy where none is needed."""
    values = np.asarray(values, np.float32)
    if values.ndim < 2:
        return values.reshape(-1, 1, 1)
    return values.reshape(values.shape[0], -1, values.shape[-1])


_MADE = weakref.WeakValueDictionary()
"""Volumes that somebody still has, by what they are made of; each keeps its source alive."""


def _volume(layer, source, values, signed, words):
    """The `Volume` of some values; the same object while somebody has it."""
    key = id(values), layer, source, signed, words
    made = _MADE.get(key)
    if made is None:
        positions = tuple(np.shape(values)[1:])
        made = Volume(layer, source, folded(values), positions, signed, words, values)
        _MADE[key] = made
    return made


def volume(state, facts):
    """What the slices view cuts, where it is there.

    Returns
    -------
    Volume or None
        The same object while nothing changes.
    """
    layer = active_layer(state, facts)
    if layer is None or facts.answer is None:
        return None
    source = state.slices.source
    found = _FINDERS[source](state, facts, layer)
    if found is None:
        return None
    values, signed, words = found
    return None if 0 in np.shape(values) else _volume(layer, source, values, signed, words)


def volume_of(state, facts):
    """The values that the slices view cuts.

    Returns
    -------
    (float32[C, rows, columns], bool, str) or None
        Values, whether they are centred on zero, and of what they are.
    """
    found = volume(state, facts)
    if found is None:
        return None
    signed = bool(found.values.min() < 0) if found.signed is None else found.signed
    return found.values, signed, found.words


def cut_of(state, volume):
    """Where a volume is cut: (row, column) of its maps."""
    settings, shape = state.slices, volume.values.shape[1:]
    place = volume.place_of(state.focus.unit) if settings.follows(state.focus) else None
    if place is not None:
        return place
    shares = zip((settings.row, settings.column), shape, strict=True)
    return tuple(min(size - 1, int(share * size)) for share, size in shares)


def active_layer(state, facts):
    """Name of the active layer of the network that is open, or None."""
    names = () if facts.network is None else (layer.name for layer in facts.network.layers)
    return state.focus.layer if state.focus.layer in names else None


# where values come from


def _activations(state, facts, layer):
    if state.stack.set == "mean":
        means = facts.means
        if means is None or layer not in means.maps:
            return None
        return means.maps[layer], None, means.words_of([layer])
    values = facts.answer.maps.get(layer)
    return None if values is None else (values, None, _sample(facts))


def _explained(state, facts, layer):
    found = explained(state, facts)
    volumes = None if found is None or found.value is None else found.value.volumes
    if volumes is None or layer not in volumes.maps:
        return None
    aim = attributing.aim_of(state, facts).words
    return volumes.maps[layer], True, f"{state.slices.source} of {aim}, {_sample(facts)}"


def _weights(state, facts, layer):
    return None


_FINDERS = {
    ACTIVATIONS: _activations,
    "gradient": _explained,
    "relevance": _explained,
    WEIGHTS: _weights,
}


def _sample(facts):
    return f"sample {facts.answer.question.sample + 1:,} of {facts.sample_count:,}"


# what is asked


def is_seen(state):
    """Whether the slices view can be seen."""
    return "slices" in in_front(state.window.layout, state.window.only)


def questions(state, facts):
    """The `Question`s that follow from a state and what exists, the most urgent first."""
    asked = question(state, facts) if is_seen(state) else None
    return () if asked is None else (asked,)


def question(state, facts):
    """What the source in force needs to have answered, or None."""
    source = state.slices.source
    if source in METHODS:
        return attributing.kept_question(state, facts, METHODS[source])
    return None


def explained(state, facts):
    """The answer to what the source in force asks: `Found`, or None (yet)."""
    asked = question(state, facts)
    return None if asked is None else facts.explanations.get(asked.key)


def why_none(state, facts):
    """Why there is no volume, one sentence; empty where there is one, or will be."""
    source, layer = state.slices.source, active_layer(state, facts)
    if layer is None or facts.answer is None:
        return ""
    if source == ACTIVATIONS:
        return _why_no_activations(state, facts, layer)
    if facts.recording is not None:
        return "The network of this study is not at hand."
    if facts.is_late(state):
        return ""
    found = explained(state, facts)
    if source in METHODS:
        aim = attributing.aim_of(state, facts)
        if aim.why:
            return aim.why
    if found is None:
        return ""
    if found.value is None:
        return attributing.failure_words(found, facts)
    return f"There is no {source} of {layer}: it does not lie before what is explained."


def _why_no_activations(state, facts, layer):
    if state.stack.set == "mean":
        means = facts.means
        if means is None or means.running or layer in means.maps:
            return ""
        return means.failure or f"There is no mean of {layer}: it was not kept in full."
    if facts.is_late(state) or layer in facts.answer.maps:
        return ""
    return facts.answer.failure or f"{layer} was not kept in full."


def is_late(state, facts):
    """Whether what is asked for is still being opened, run, averaged or explained."""
    if facts.is_late(state):
        return True
    if facts.phase != READY or facts.data is None or active_layer(state, facts) is None:
        return False
    if state.slices.source == ACTIVATIONS:
        averages = facts.means is None or facts.means.running
        return state.stack.set == "mean" and averages
    return volume(state, facts) is None and not why_none(state, facts)
