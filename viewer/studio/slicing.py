"""The volume that the slices view cuts: activations, gradient, relevance or weights of one layer.

Gradient and relevance are asked for by the stack's own question, so that nothing is computed
twice.
"""

import weakref
from dataclasses import dataclass

import numpy as np

from viewer.state.layout import in_front
from viewer.state.series import is_in_force
from viewer.state.slices import ACTIVATIONS, WEIGHT_GRADIENT, WEIGHTS
from viewer.studio import attributing, comparing, seriating
from viewer.studio.facts import READY
from viewer.studio.step_values import absent_places, weight_at, weight_words

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
    made_of : ndarray or StepVolumes
        What it was before it was folded.
    ends : (float, float) or None
        Of the colours where they are common to a series.
    absent : bool[rows, columns] or None
        Places of unfolded weights where there is none; zero in ``values``.
    unfolded : (tuple of int, str) or ()
        Of weights: their shape ``(F, I, *kernel)``, and how they were unfolded.
    """

    layer: str
    source: str
    values: np.ndarray
    positions: tuple
    signed: bool | None
    words: str
    made_of: object = None
    ends: tuple | None = None
    absent: object = None
    unfolded: tuple = ()

    def unit_at(self, row, column):
        """The position in the layer of a place in a map: tuple of int; empty without positions."""
        if not self.positions:
            return ()
        across = self.positions[-1]
        above = np.unravel_index(row, self.positions[:-1]) if len(self.positions) > 1 else ()
        return (*(int(place) for place in above), min(int(column), across - 1))

    @property
    def tile(self):
        """(rows, columns) of an input's kernel where these are tiles side by side, else None."""
        shape, how = self.unfolded or ((), "")
        if how != "tiles" or len(shape) < 3:
            return None
        return int(np.prod(shape[2:-1])), int(shape[-1])

    def weight_words(self, row, column):
        """Which weight of a filter is at a place: ``'input 3, row 1, column 0'``; empty: none."""
        shape, how = self.unfolded
        found = weight_at(shape, how, row, column)
        return "" if found is None else weight_words(shape, *found)

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


def _volume(layer, source, found, words):
    """The `Volume` of values, or of a layer of a `StepVolumes`; one object while it is had."""
    key = id(found), layer, source, words
    made = _MADE.get(key)
    if made is None:
        make = _of_values if isinstance(found, np.ndarray) else _of_step
        made = _MADE[key] = make(layer, source, found, words)
    return made


def _of_values(layer, source, values, words):
    signed = None if source == ACTIVATIONS else True
    return Volume(layer, source, folded(values), values.shape[1:], signed, words, values)


def _of_step(layer, source, volumes, words):
    from engine.gradient.unfolding import unfold

    raw, absent, unfolded = volumes.raw(layer), None, ()
    if volumes.unfolding:
        unfolded = volumes.shapes[layer], volumes.unfolding
        absent = absent_places(volumes.shapes[layer][1:], volumes.unfolding)
        raw = unfold(raw, volumes.unfolding, fill=0.0)
    ends, values = volumes.ranges.get(layer), folded(raw)
    shape = raw.shape[1:]
    return Volume(layer, source, values, shape, True, words, volumes, ends, absent, unfolded)


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
    values, words = found
    if isinstance(values, np.ndarray) and 0 in values.shape:
        return None
    return _volume(layer, source, values, words)


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
        return means.maps[layer], means.words_of([layer])
    values = facts.answer.maps.get(layer)
    return None if values is None else (values, _sample(facts))


def _explained(state, facts, layer):
    if steps(state):
        return _stepped(state, facts, layer)
    found = explained(state, facts)
    volumes = None if found is None or found.value is None else found.value.volumes
    if volumes is None or layer not in volumes.maps:
        return None
    aim = attributing.aim_of(state, facts).words
    return volumes.maps[layer], f"{state.slices.source} of {aim}, {_sample(facts)}"


def _stepped(state, facts, layer):
    """What the stack shows of the present step of a series."""
    shown = seriating.shown(state, facts)
    there = shown is not None and shown.volumes is not None and layer in shown.volumes.layers
    return (shown.volumes, "; ".join(filter(None, (shown.title, shown.what)))) if there else None


def _filters(state, facts, layer):
    """Weights or their gradient, unfolded as in the stack."""
    if steps(state):
        return _stepped(state, facts, layer)
    found = explained(state, facts)
    if found is None or found.value is None or layer not in found.value.maps:
        return None
    how = state.series.unfolding
    words = f"weights, unfolded as {how}"
    if state.slices.source == WEIGHT_GRADIENT:
        sample = facts.answer.question.sample
        aim = comparing.row_of(state, facts, sample).aim.words
        words = f"gradient of {aim} with respect to weights, unfolded as {how}, {_sample(facts)}"
    return found.value.volumes(how, found.value.own_ranges), words


_FINDERS = {
    ACTIVATIONS: _activations,
    "gradient": _explained,
    "relevance": _explained,
    WEIGHTS: _filters,
    WEIGHT_GRADIENT: _filters,
}


def _sample(facts):
    return f"sample {facts.answer.question.sample + 1:,} of {facts.sample_count:,}"


# what is asked


def is_seen(state):
    """Whether the slices view can be seen."""
    return "slices" in in_front(state.window.layout, state.window.only)


def questions(state, facts):
    """The `Question`s that follow from a state and what exists, the most urgent first."""
    asked = question(state, facts) if is_seen(state) and not steps(state) else None
    return () if asked is None else (asked,)


def question(state, facts):
    """What the source in force needs to have answered, or None."""
    source = state.slices.source
    if source in METHODS:
        return attributing.kept_question(state, facts, METHODS[source])
    if source == ACTIVATIONS or not comparing.can_ask(facts):
        return None
    if source == WEIGHTS:
        return seriating.weights_question(state, facts)
    return None if facts.is_late(state) else seriating.own_question(state, facts)


def steps(state):
    """Whether what is cut is the step of a series that the stack shows."""
    seen = "stack" in in_front(state.window.layout, state.window.only)
    return seen and state.slices.source == state.stack.values and is_in_force(state)


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
    if source != WEIGHTS and facts.answer.picture is None:
        return facts.answer.failure or "This sample has no picture."
    if steps(state):
        shown = seriating.shown(state, facts)
        there = shown.volumes is None or layer in shown.volumes.layers
        return shown.why if there else _not_of(layer, source)
    found = explained(state, facts)
    if found is None:
        return "" if source == WEIGHTS else _aimless(state, facts)
    if found.value is None:
        return attributing.failure_words(found, facts)
    return "" if _FINDERS[source](state, facts, layer) is not None else _not_of(layer, source)


def _aimless(state, facts):
    """Why nothing is explained; empty where something is."""
    if state.slices.source in METHODS:
        return attributing.aim_of(state, facts).why
    _, _, why, waits = seriating.aims(state, facts, (facts.answer.question.sample,))
    return "" if waits else why


def _not_of(layer, source):
    if source == WEIGHTS:
        return f"{layer} has no weights."
    what = "gradient of weights" if source == WEIGHT_GRADIENT else source
    more = ", or it has no weights" if source == WEIGHT_GRADIENT else ""
    return f"There is no {what} of {layer}: it does not lie before what is explained{more}."


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
