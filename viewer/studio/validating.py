"""Checks gradients of weights against finite differences: of which weights, what is asked.

Checked are the weights with the largest gradients of the step shown, some taken at random (the
same each time), or the one that was clicked. A step of several samples is checked by its first.
"""

from dataclasses import dataclass

import numpy as np

from viewer.state.layout import in_front
from viewer.studio import comparing, seriating, series_words
from viewer.studio.attributing import failure_words
from viewer.studio.questions import Question, key_of
from viewer.studio.series_words import WEIGHT_GRADIENT
from viewer.studio.step_values import weight_words

NOT_OF_WEIGHTS = "Finite differences are of weights: show the gradient of weights."
NO_WEIGHT = "No weight of this layer is picked: click one in the stack or in a picture."
SEED = 0


@dataclass(frozen=True, eq=False)
class Checked:
    """Computed gradients beside finite differences: an answer.

    Attributes
    ----------
    validation : engine Validation
    layer : str
    shape : tuple of int
        Of its weights, (F, I, *kernel).
    sample : int
    words : str
        What was explained.
    """

    validation: object
    layer: str
    shape: tuple
    sample: int
    words: str

    @property
    def nbytes(self):
        """Bytes of all values."""
        return self.validation.nbytes

    def weight(self, row):
        """A row's weight: (filter, input, row and column in the kernel)."""
        return weight_of(self.shape, int(self.validation.places[row]))

    def name(self, row):
        """A row's weight in words: ``'filter 3, input 1, row 0, column 2'``."""
        filter_, *place = self.weight(row)
        return f"filter {filter_}, {weight_words(self.shape, *place)}"


def weight_of(shape, flat):
    """(filter, input, row and column in the kernel) of a flat index into ``[F, I, *kernel]``."""
    width = shape[-1] if len(shape) > 2 else 1
    size = int(np.prod(shape[2:], dtype=np.int64))
    filter_, rest = divmod(flat, shape[1] * size)
    each, place = divmod(rest, size)
    return (filter_, each, *divmod(place, width))


def step_checked(state, facts):
    """(samples, StepValues or None, failure) of the step that is checked."""
    series = seriating.series_of(state, facts)
    if series is not None:
        step = series.steps[state.series.step]
        return step.step.samples, step.values, step.failure
    asked = seriating.own_question(state, facts)
    found = None if asked is None else facts.explanations.get(asked.key)
    samples = (min(state.focus.sample, max(0, facts.sample_count - 1)),)
    if found is None:
        return samples, None, ""
    return samples, found.value, failure_words(found, facts) if found.failure else ""


def places_of(settings, layer, gradient):
    """Flat indices of the weights that are checked: tuple of int; empty where none is picked.

    Parameters
    ----------
    settings : SeriesSettings
    layer : str
    gradient : float32[F, I, *kernel]
    """
    if settings.check == "chosen":
        weight = settings.weight
        if weight is None or weight[0] != layer:
            return ()
        size = int(np.prod(gradient.shape[2:], dtype=np.int64))
        filter_, each, kernel = weight[1:]
        if filter_ >= gradient.shape[0] or each >= gradient.shape[1] or kernel >= size:
            return ()
        return ((filter_ * gradient.shape[1] + each) * size + kernel,)
    count = min(settings.checked, gradient.size)
    if settings.check == "random":
        chosen = np.random.default_rng(SEED).choice(gradient.size, count, replace=False)
        return tuple(int(place) for place in np.sort(chosen))
    sizes = np.nan_to_num(np.abs(gradient.ravel()), nan=-1.0)
    largest = np.argpartition(-sizes, count - 1)[:count] if count < sizes.size else range(count)
    return tuple(sorted((int(at) for at in largest), key=lambda at: (-sizes[at], at)))


def questions(state, facts):
    """The `Question`s that follow from a state and what exists."""
    is_seen = seriating.PANE in in_front(state.window.layout, state.window.only)
    if not is_seen or state.series.check == "none":
        _last.clear()
        return ()
    asked, _ = question(state, facts)
    return () if asked is None else (asked,)


_last = []


def _places(settings, layer, values):
    """`places_of`, the last ones remembered: state and facts change often."""
    key = (settings.check, settings.checked, settings.weight, layer)
    if not _last or _last[0] is not values or _last[1] != key:
        _last[:] = [values, key, places_of(settings, layer, values.maps[layer])]
    return _last[2]


def question(state, facts):
    """(`Question` or None, why there is none): what is asked of the layer that is shown."""
    settings = state.series
    if settings.check == "none" or not comparing.can_ask(facts):
        return None, ""
    if seriating.series_source(state) != WEIGHT_GRADIENT:
        return None, NOT_OF_WEIGHTS
    samples, values, failure = step_checked(state, facts)
    if values is None:
        return None, failure
    layer = active_layer(state, values)
    if layer is None:
        return None, "No layer with filters lies before the target."
    shape = values.maps[layer].shape
    places = _places(settings, layer, values)
    if not places:
        return None, NO_WEIGHT
    sample = samples[0]
    target, words = values.targets[0], series_words.aim_words(state, facts)
    preprocessing, data = facts.preprocessing, facts.data

    def find(tools, task):
        inputs = preprocessing(data.image(sample))
        found = tools.engine.finite_differences(
            tools.explainer, inputs, target, layer, np.array(places), task
        )
        return Checked(found, layer, shape, sample, words)

    key = key_of(facts, "differences", sample, target, layer, places)
    return Question(key, f"Finite differences of {layer}", find), ""


def active_layer(state, values):
    """The layer in focus where it has values, else the first one; None without any."""
    if state.focus.layer in values.maps:
        return state.focus.layer
    return next(iter(values.maps), None)


def checked(state, facts):
    """(Checked or None, why there is none, whether it will be there)."""
    asked, why = question(state, facts)
    if asked is None:
        waits = not why and state.series.check != "none" and comparing.can_ask(facts)
        return None, why, waits
    found = facts.explanations.get(asked.key)
    if found is None:
        return None, "", True
    return found.value, failure_words(found, facts) if found.failure else "", False
