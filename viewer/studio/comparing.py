"""What the comparison asks about: several methods for several samples or layers.

A cell asks what the sample view's overlay would ask, under the same key: what is found for one is
there for the other. Rows are asked one after the other, those in sight first.
"""

from dataclasses import dataclass

import numpy as np

from viewer.state.attribution import LABEL, PREDICTED
from viewer.state.comparison import LRP
from viewer.state.layout import in_front
from viewer.studio import attributing
from viewer.studio.attributing import METHOD_WORDS, Aim, explained, method_words, options_of
from viewer.studio.facts import READY
from viewer.studio.predictions import class_name, predicted_class
from viewer.studio.questions import Question, key_of

PANE = "comparison"
MOST_SAMPLES = 64
NEIGHBOURS = 8
"""Samples in a block: the one that the focused sample is in is shown, so that a click on another
one of it moves nothing."""

AT_ONCE = 16
"""Rows that are asked, from the first in sight on."""


@dataclass(frozen=True)
class Row:
    """One row: what its cells explain.

    Attributes
    ----------
    sample : int
    aim : viewer.studio.attributing.Aim
    layer : str or None
        None where the rows are samples.
    channel : int or None
    value : float
        Of a layer's row: the channel's largest activation.
    waits : bool
        The target will be known.
    """

    sample: int
    aim: Aim
    layer: str | None = None
    channel: int | None = None
    value: float = 0.0
    waits: bool = False


def questions(state, facts):
    """The `Question`s that follow from a state and what exists, the most urgent first."""
    if not is_seen(state) or not can_ask(facts):
        return ()
    rows = rows_of(state, facts)
    if state.comparison.rows == "layers" and facts.is_late(state):
        return ()
    prefix = key_of(facts, "attribution")
    methods, first = state.comparison.methods, int(state.comparison_camera.column)
    found = (
        question(state, facts, rows[at], method, prefix)
        for at in asked_rows(state, rows)
        for method in (*methods[first:], *methods[:first])
    )
    return tuple(each for each in found if each is not None)


def is_seen(state):
    """Whether the comparison can be seen."""
    return PANE in in_front(state.window.layout, state.window.only)


def can_ask(facts):
    """Whether there are a network and pictures to explain."""
    return facts.phase == READY and facts.data is not None and facts.recording is None


def asked_rows(state, rows):
    """Numbers of the rows that are asked about, the first in sight first.

    Where the view follows the focus these are the rows round the one in focus, that one first.
    """
    camera, count = state.comparison_camera, len(rows)
    at = focused_row(state.focus, rows) if camera.follows(state.focus) else None
    if at is None:
        first = min(int(camera.row), max(0, count - AT_ONCE))
        return list(range(first, min(count, first + AT_ONCE)))
    first = max(0, min(at - AT_ONCE // 2, count - AT_ONCE))
    asked = range(first, min(count, first + AT_ONCE))
    return sorted(asked, key=lambda row: (row < at, abs(row - at)))


def focused_row(focus, rows):
    """The number of the row that the whole program looks at, or None."""
    for at, row in enumerate(rows):
        if row.layer is None and row.sample == focus.sample:
            return at
        if row.layer is not None and (row.layer, row.channel) == (focus.layer, focus.channel):
            return at
    return None


def question(state, facts, row, column, prefix=None):
    """The `Question` of one cell; None where there is nothing to explain (yet).

    Parameters
    ----------
    row : Row
    column : str
        Of `viewer.state.comparison.COLUMNS`.
    prefix : tuple, optional
        ``key_of(facts, "attribution")``, made once for many cells.
    """
    if not row.aim.target:
        return None
    method, options = method_of(column), options_for(state, column)
    prefix = prefix or key_of(facts, "attribution")
    # As `attributing` names what the overlay asks: nothing is kept of the layers.
    key = (*prefix, row.sample, method, row.aim.target, tuple(options.items()), False)
    network, preprocessing, data = facts.network, facts.preprocessing, facts.data

    def find(tools, task):
        inputs = preprocessing(data.image(row.sample))
        found = tools.explainer.attribute(inputs, method, row.aim.target, task=task, **options)
        return explained(found, row.sample, network, preprocessing)

    return Question(key, f"{method_words(method, options)} of {row.aim.words}", find)


def method_of(column):
    """The method of a column."""
    return "lrp" if column.startswith(LRP) else column


def options_for(state, column):
    """Its settings: those of the attribution, LRP's rule by the column."""
    method = method_of(column)
    options = options_of(state.attribution, method, state.focus)
    return options | {"rule": column.removeprefix(LRP)} if method == "lrp" else options


def column_words(column):
    """A column's name: ``'LRP epsilon-plus'``."""
    if column.startswith(LRP):
        return method_words("lrp", {"rule": column.removeprefix(LRP)})
    return METHOD_WORDS[column]


# rows


def rows_of(state, facts):
    """The `Row`s, from the first on; empty where there is nothing to show."""
    if not can_ask(facts):
        return ()
    if state.comparison.rows == "samples":
        return tuple(row_of(state, facts, sample) for sample in samples_of(state, facts))
    answer = facts.answer
    if answer is None or not answer.maps:
        return ()
    return tuple(_layers_rows(state, facts, answer))


def samples_of(state, facts):
    """Samples in the rows: the first of those selected, else the focused one's block."""
    selected = facts.selected
    if selected is not None and selected.samples.any():
        return [int(each) for each in np.flatnonzero(selected.samples)[:MOST_SAMPLES]]
    count = facts.sample_count
    focused = min(state.focus.sample, max(0, count - 1))
    first = focused // NEIGHBOURS * NEIGHBOURS
    return list(range(first, min(count, first + NEIGHBOURS)))


def row_of(state, facts, sample):
    """One sample's row: the attribution's target, for this sample."""
    target, scores = state.attribution.target, facts.network.scores
    if target not in (PREDICTED, LABEL) or scores is None:
        return Row(sample, attributing.aim_of(state, facts))
    waits = False
    if target == LABEL:
        index = -1 if facts.labels is None else int(facts.labels[sample])
        said, why = "its label", "This sample has no label."
    else:
        index, said = prediction_of(facts, sample), "as predicted"
        waits = index < 0 and facts.extraction.phase == "running"
        why = "" if waits else "Its prediction is not known yet: it was not run."
    if not 0 <= index < scores.classes:
        return Row(sample, Aim(why=why), waits=waits)
    words = f"{class_name(index, facts.class_names)}, {said}"
    return Row(sample, Aim(attributing.class_target(scores, index), words))


def prediction_of(facts, sample):
    """The predicted class of a sample, by its own run, the study or a trial; -1: not known."""
    answer, predicted = facts.answer, facts.summary.predicted
    if answer is not None and answer.question.sample == sample and answer.scores is not None:
        return predicted_class(facts.network, answer.scores)
    if predicted is not None and sample < len(predicted) and predicted[sample] >= 0:
        return int(predicted[sample])
    for trial in facts.trials:  # while the preprocessing waits to be confirmed
        if trial.preprocessing is facts.preprocessing and sample < len(trial.scores):
            return predicted_class(facts.network, trial.scores[sample])
    return -1


def _layers_rows(state, facts, answer):
    focus = state.focus
    for name, channel, value in _strongest(facts.network, answer):
        if name == focus.layer and focus.channel is not None:
            maps = answer.maps[name]
            if focus.channel < len(maps) and focus.channel != channel:
                channel = focus.channel
                value = float(np.max(maps[channel]))
        aim = Aim(f"{name}:{channel}", f"{name}:{channel}")
        yield Row(answer.question.sample, aim, name, channel, value)


_last = []


def _strongest(network, answer):
    """(layer, channel, maximum) of the strongest channel of each layer, by depth.

    Of the last answer it is remembered: state and facts change often, and these are passes over
    all activations.
    """
    if _last and _last[0][0] is network and _last[0][1] is answer:
        return _last[0][2]
    found = []
    for layer in network.layers:
        values = answer.maps.get(layer.name)
        if values is None or not np.size(values):
            continue
        maxima = np.asarray(values).reshape(len(values), -1).max(1).astype(float)
        maxima = np.where(np.isnan(maxima), -np.inf, maxima)
        channel = int(np.argmax(maxima))
        found.append((layer.name, channel, float(maxima[channel])))
    _last[:] = [(network, answer, tuple(found))]
    return tuple(found)
