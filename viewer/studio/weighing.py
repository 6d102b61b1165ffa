"""Importance of filters, and what happens without them: questions, and what was found.

Questions follow from state and facts alone. The most urgent come first: the focused sample's scores
with the filters that are off, then error rates, then importance, table and curve. Where the data
set is large importance is first estimated over some samples, spread evenly, and said so.
"""

from dataclasses import dataclass

import numpy as np

from viewer.state.layout import in_front
from viewer.studio.attributing import failure_words
from viewer.studio.facts import READY
from viewer.studio.questions import Question, key_of
from viewer.studio.weighed import Scored, Table, measure_words, off_words, weighed

PANE = "importance"
FEW = 200
"""Samples of a first estimate, where the data set has more than twice as many."""

UNCONFIRMED = "The preprocessing is only guessed: once it is confirmed all samples are run."

STEPS, RANDOMS = 20, 10
"""Of the curve: thresholds, and random orders."""

# what is asked


def scores_asked(state, facts):
    """Scores of the focused sample with the filters that are off, at once on a click."""
    if not can_ask(facts) or not is_seen(state):
        return ()
    return _given(scores_question(state, facts), ready_question(state, facts))


def rates_asked(state, facts):
    """Error rates: with the filters that are off first, then of the whole network."""
    if not can_ask(facts) or not is_seen(state):
        return ()
    if not set(state.importance.shown) & {"rates", "table", "curve"}:
        return ()
    off = known_off(state, facts)
    changed = rates_question(state, facts, off) if off else None
    return _given(changed, rates_question(state, facts, ()))


def importance_asked(state, facts):
    """Importance of the active layer, of all layers where they are wanted; table and curve."""
    if not can_ask(facts):
        return ()
    asked = _importance_asked(state, facts)
    if is_seen(state):
        shown = state.importance.shown
        asked += [curve_question(state, facts)] if "curve" in shown else []
        asked += [table_question(state, facts)] if "table" in shown else []
    return _given(*asked)


ASKING = (scores_asked, rates_asked, importance_asked)
"""What is asked, in three lists that are answered beside each other."""


def questions(state, facts):
    """All `Question`s that follow from a state and what exists, the most urgent first."""
    return tuple(question for ask in ASKING for question in ask(state, facts))


def _given(*asked):
    """Those that there are, each once."""
    return tuple({each.key: each for each in asked if each is not None}.values())


def is_seen(state):
    """Whether the importance view can be seen."""
    return PANE in in_front(state.window.layout, state.window.only)


def can_ask(facts):
    """Whether there are a network and pictures to weigh its filters with."""
    return facts.phase == READY and facts.data is not None and facts.recording is None


def layer_of(state, facts):
    """The active layer of the network (an engine Layer), or None."""
    if facts.network is None:
        return None
    return next((each for each in facts.network.layers if each.name == state.focus.layer), None)


def scores_question(state, facts):
    """The focused sample's scores with the filters that are off, or None."""
    settings, answer = state.importance, facts.answer
    if not settings.off or facts.network.scores is None or facts.is_late(state):
        return None
    if answer.picture is None:
        return None
    sample, off = answer.question.sample, known_off(state, facts)
    preprocessing = facts.preprocessing
    if not off:
        return None

    def find(tools, task):
        inputs = preprocessing(answer.picture)
        ablation = tools.ablation(facts.data, facts.labels)
        return Scored(np.asarray(ablation.scores(inputs, dict(off), settings.by, task=task)))

    key = key_of(facts, "scores without", sample, off, settings.by)
    return Question(key, f"Scores with {off_words(off)}", find)


def ready_question(state, facts):
    """What makes the first click on a filter quick: the network is cut there; or None."""
    layer, answer = layer_of(state, facts), facts.answer
    if layer is None or facts.network.scores is None or facts.is_late(state):
        return None
    if answer.picture is None or not layer.output_shape:
        return None
    off, settings = known_off(state, facts), state.importance
    names = tuple(sorted({layer.name, *dict(off)}))
    preprocessing = facts.preprocessing

    def find(tools, task):
        inputs = preprocessing(answer.picture)
        ablation = tools.ablation(facts.data, facts.labels)
        cut = {name: dict(off).get(name, ()) for name in names}
        return Scored(np.asarray(ablation.scores(inputs, cut, settings.by, task=task)))

    return Question(key_of(facts, "ready to cut", names), f"Cutting at {layer.name}", find)


def known_off(state, facts):
    """What is switched off in layers that the network has, as the state writes it."""
    shapes = {layer.name: layer.output_shape for layer in facts.network.layers}
    found = []
    for name, channels in state.importance.off:
        within = tuple(channel for channel in channels if channel < _channels(shapes.get(name)))
        found += [(name, within)] if within else []
    return tuple(found)


def _channels(shape):
    return 0 if not shape else shape[0]


def rates_question(state, facts, off):
    """Error rates with filters off (those of the whole network with none), or None."""
    if not facts.confirmed:
        return None
    if facts.labels is None or facts.network.scores is None or not (facts.labels >= 0).any():
        return None
    by = state.importance.by

    def find(tools, task, tell):
        ablation = tools.ablation(facts.data, facts.labels)
        if not off:
            return ablation.base(task=task, partial=tell)
        return ablation.rates(dict(off), by, task=task, partial=tell)

    key = key_of(facts, "rates", off, by if off else "")
    said = f"with {off_words(off)}" if off else "of the whole network"
    return Question(key, f"Error rate {said}", find, tells=True)


def settings_key(state):
    """What of the settings importance depends on."""
    settings = state.importance
    norm = settings.norm if settings.measure == "gradient" else ""
    return settings.measure, norm, settings.of_class


def _importance_asked(state, facts):
    """Of the active layer first, estimates before the whole; then of all layers."""
    every, active = wants_all(state), layer_of(state, facts)
    single = [active.name] if active is not None and is_seen(state) else []
    single += [name for name, choice in state.orders.layers if choice.method == "importance"]
    known = {layer.name for layer in facts.network.layers}
    asked = []
    if _answer(state, facts, None, None) is None:
        for name in single:
            asked += _with_estimate(state, facts, name) if name in known else []
    return asked + (_with_estimate(state, facts, None) if every else [])


def _with_estimate(state, facts, layer):
    few = few_of(state, facts)
    estimate = None if few is None else importance_question(state, facts, layer, few)
    return [estimate, importance_question(state, facts, layer)]


def wants_all(state):
    """Whether the importance of every layer is wanted."""
    by_colour = state.network.colour_by == "importance"
    by_colour = by_colour and "network" in in_front(state.window.layout, state.window.only)
    in_table = is_seen(state) and "table" in state.importance.shown
    return by_colour or in_table or state.orders.choice.method == "importance"


def few_of(state, facts):
    """How many samples the first estimate has; None: it is not worth it."""
    return FEW if eligible_count(state, facts) > 2 * FEW else None


def eligible_count(state, facts):
    """How many samples importance is averaged over, when all are done."""
    of_class = state.importance.of_class
    if of_class is None:
        return facts.sample_count
    return 0 if facts.labels is None else int(np.count_nonzero(facts.labels == of_class))


def eligible(state, facts, few=None):
    """Samples that importance is averaged over: int64[n], ascending.

    Parameters
    ----------
    few : int, optional
        At most so many, spread evenly.
    """
    of_class, count = state.importance.of_class, facts.sample_count
    if of_class is None or facts.labels is None:
        chosen = np.arange(count)
    else:
        chosen = np.flatnonzero(facts.labels == of_class)
    if few is None or len(chosen) <= few:
        return chosen
    return chosen[np.linspace(0, len(chosen) - 1, few).round().astype(int)]


def importance_question(state, facts, layer, few=None):
    """Importance of one layer's filters; of all layers' with None."""
    settings = state.importance
    if not facts.confirmed:
        return None
    if settings.of_class is not None and facts.labels is None:
        return None
    if settings.measure.startswith("gradient") and facts.network.scores is None:
        return None
    data, labels = facts.data, facts.labels
    names = None if layer is None else (layer,)
    total = eligible_count(state, facts)
    said = measure_words(settings, facts)

    def find(tools, task):
        samples = eligible(state, facts, few)
        found = tools.engine.importance(
            tools.network, data, names, of_class=settings.of_class, norm=settings.norm,
            measure=settings.measure, samples=samples, labels=labels,
            preprocessing=facts.preprocessing, explainer=tools.explainer, task=task,
        )  # fmt: skip
        return weighed(found, said, total, few)

    key = key_of(facts, "importance", layer or "", few or 0, *settings_key(state))
    title = f"Importance, {layer or 'all layers'}"
    title += f", over {few:,} of {total:,} samples" if few else ""
    return Question(key, title, find)


def table_question(state, facts):
    """Error rates without the least and the most important filter of each layer, or None."""
    found = all_weighed(state, facts)
    if found is None or rates_question(state, facts, ()) is None:
        return None
    settings = state.importance
    values = {
        name: each.values for name, each in found.layers.items() if np.isfinite(each.values).any()
    }

    def find(tools, task, tell):
        ablation, rows = tools.ablation(facts.data, facts.labels), []
        for name in values:
            rows += ablation.table({name: values[name]}, settings.by, task=task)
            tell(Table(tuple(rows), len(values)))
        return Table(tuple(rows), len(values))

    key = key_of(facts, "table without", settings.by, *settings_key(state))
    title = "Least and most important filter of each layer"
    return Question(key, title, find, tells=True)


def curve_question(state, facts):
    """Error rates against the share of filters removed, or None."""
    layer = layer_of(state, facts)
    found = None if layer is None else final_of(state, facts, layer.name)
    if found is None or rates_question(state, facts, ()) is None:
        return None
    settings = state.importance

    def find(tools, task, tell):
        ablation = tools.ablation(facts.data, facts.labels)
        return ablation.curve(
            layer.name, found.values, steps=STEPS + 1, of_class=settings.of_class,
            randoms=RANDOMS, by=settings.by, task=task, partial=tell,
        )  # fmt: skip

    key = key_of(facts, "curve without", layer.name, settings.by, *settings_key(state))
    return Question(key, f"Threshold curve of {layer.name}", find, tells=True)


# what was found


def _answer(state, facts, layer, few):
    """The `Found` of a question about importance, or None."""
    asked = importance_question(state, facts, layer, few)
    return None if asked is None else facts.measured.get(asked.key)


def found_of(state, facts, layer, finals=True):
    """The best `Found` there is about a layer: of all samples before estimates."""
    best = None
    for few in (None,) if finals else (None, few_of(state, facts)):
        for asked in (layer, None):
            answer = _answer(state, facts, asked, few)
            if answer is None:
                continue
            if answer.value is not None and layer in answer.value.layers:
                return answer
            best = best or answer
    return best


def weighed_of(state, facts, layer):
    """What is known of a layer's filters, an estimate too: `Weighed` or None."""
    found = found_of(state, facts, layer, finals=False)
    value = None if found is None else found.value
    return None if value is None else value.layers.get(layer)


def final_of(state, facts, layer):
    """`Weighed` over all samples, or None."""
    found = found_of(state, facts, layer)
    value = None if found is None else found.value
    return None if value is None else value.layers.get(layer)


def all_weighed(state, facts):
    """`AllWeighed` of every layer over all samples, or None."""
    found = _answer(state, facts, None, None)
    return None if found is None else found.value


@dataclass(frozen=True)
class Overview:
    """What is known of the importance of every layer's filters.

    Attributes
    ----------
    found : AllWeighed or None
    words : str
        Over what, or why there is nothing (yet).
    late : bool
        It, or the rest of it, is still to come.
    """

    found: object = None
    words: str = ""
    late: bool = False


def overview_of(state, facts):
    """The `Overview` of all layers: over all samples before an estimate."""
    if not can_ask(facts):
        return Overview(words="none without the network and pictures")
    for few in (None, few_of(state, facts)):
        answer = _answer(state, facts, None, few)
        if answer is not None and answer.value is not None and answer.value.layers:
            one = next(iter(answer.value.layers.values()))
            return Overview(answer.value, one.over, few is not None)
    failure = failure_of_all(state, facts)
    return Overview(words=failure or "being weighed", late=not failure)


def failure_of(state, facts, layer):
    """Why a layer's filters have no importance, one sentence; empty where they have, or will."""
    found = found_of(state, facts, layer)
    if found is None:
        return why_not(state, facts)
    if found.value is not None and layer in found.value.layers:
        return ""
    said = failure_words(found, facts) or f"{layer} has no filters."
    by_gradient = state.importance.measure.startswith("gradient")
    if by_gradient and not found.passing:
        said = f"{said.rstrip('.')}. Any layer's channels can be weighed by their activation."
    return said


def failure_of_all(state, facts):
    """Why not all layers have importance, one sentence; empty where they have, or will."""
    found = _answer(state, facts, None, None)
    if found is not None:
        return failure_words(found, facts)
    return why_not(state, facts)


def why_not(state, facts):
    """Why importance is not asked for, one sentence; empty where it is."""
    settings = state.importance
    if facts.recording is not None:
        return "Importance needs the network itself, and this study was opened without it."
    if not facts.confirmed:
        return UNCONFIRMED
    if settings.of_class is not None and facts.labels is None:
        return "The samples have no labels: choose each own prediction."
    if settings.measure.startswith("gradient") and facts.network.scores is None:
        return "The network gives no class scores: weigh filters by their activation."
    return ""


def importance_of(state, facts, layer):
    """Importance of a layer's filters over all samples.

    Returns
    -------
    float64[F] or None
        None: not there (yet), or not possible. The same object while nothing changes.
    """
    found = final_of(state, facts, layer) if can_ask(facts) else None
    return None if found is None else found.values


def importance_waits(state, facts, layer):
    """Whether the importance of a layer's filters will be known without doing anything."""
    if not can_ask(facts) or final_of(state, facts, layer) is not None:
        return False
    return not failure_of(state, facts, layer)
