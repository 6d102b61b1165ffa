"""Gradient volumes of weights and their series: what is asked, and what was found.

A step's question is the mean of one source (gradient of weights, gradient or relevance of
activations) over the step's samples; the focused sample without a series is a step of one sample.
All steps are asked, the one shown first, then those after it, as far as they fit into
`SERIES_BYTES`: of a large network only the layers that fit, the active one first, and where even
one layer of all steps does not fit, the steps after the one shown. What is left out is said.
"""

import time
from dataclasses import dataclass

import numpy as np

from viewer.state.attribution import FOCUS, PREDICTED
from viewer.state.layout import in_front
from viewer.state.series import SOURCES, is_in_force
from viewer.state.stack import ACTIVATIONS
from viewer.studio import comparing
from viewer.studio.attributing import (
    STACK_METHODS,
    failure_words,
    kept_value,
    options_of,
    volumes_of,
)
from viewer.studio.questions import Question, key_of
from viewer.studio.series_words import (
    SOURCE_WORDS,
    WEIGHT_GRADIENT,
    WEIGHTS,
    aim_words,
    badges_of,
    has_filters,
    series_words,
    unfolded_words,
    verdict,
)
from viewer.studio.step_values import Ranges, StepValues, ranges_of

PANE = "series"
SERIES_BYTES = 320 * 2**20
"""Of the values of all steps; and of weights, or one sample's gradient, by themselves."""


# what is asked


def questions(state, facts):
    """The `Question`s that follow from a state and what exists, the most urgent first."""
    if not comparing.can_ask(facts) or not state.series.steps:
        forget()
    if not comparing.can_ask(facts):
        return ()
    asked, seen = [], in_front(state.window.layout, state.window.only)
    source = state.stack.values if "stack" in seen else None
    if source == WEIGHTS or ("slices" in seen and state.slices.source == WEIGHTS):
        asked.append(weights_question(state, facts))
    in_force = "stack" in seen and is_in_force(state)
    alone = PANE in seen and state.series.check != "none" and not state.series.steps
    if (source == WEIGHT_GRADIENT and not in_force) or alone:
        asked.append(own_question(state, facts))
    if state.series.steps and (PANE in seen or in_force):
        asked += step_questions(state, facts)
    return tuple({each.key: each for each in asked if each is not None}.values())


def forget():
    """Hold nothing of a series that is no more."""
    _last.clear()
    _last_plan.clear()
    _last_shown.clear()


def series_source(state):
    """The source of the series: what the stack shows, where there are series of it."""
    return state.stack.values if state.stack.values in SOURCES else WEIGHT_GRADIENT


def weights_question(state, facts):
    """The weights of the network's layers, as far as they fit: a `Question`."""
    layers = layers_within(state, facts, WEIGHTS, 1)
    network = facts.network

    def find(tools, task):
        maps = {}
        for done, name in enumerate(layers):
            task.report(done, len(layers), "weights")
            found = tools.engine.weights_of(network, name)
            if found is not None:
                maps[name] = np.ascontiguousarray(found, np.float32)
        return StepValues(WEIGHTS, maps)

    return Question(key_of(facts, WEIGHTS, layers), "Reading the weights", find)


def weights_found(state, facts):
    """The answer to `weights_question`: `Found`, or None (yet)."""
    return facts.explanations.get(weights_question(state, facts).key)


def own_question(state, facts):
    """The gradient of weights of the focused sample by itself: a `Question`, or None."""
    layers = layers_within(state, facts, WEIGHT_GRADIENT, 1)
    return _question(state, facts, WEIGHT_GRADIENT, (_focused(state, facts),), layers)


def _focused(state, facts):
    return min(state.focus.sample, max(0, facts.sample_count - 1))


def step_questions(state, facts):
    """A `Question` for each step that is computed, the one shown first; see `kept_steps`."""
    plan = _plan_of(state, facts)
    kept = kept_steps(state, facts, plan.source, plan.layers)
    return [plan.asked[at][0] for at in kept if plan.asked[at][0] is not None]


@dataclass(frozen=True, eq=False)
class _Plan:
    """What is asked about all steps.

    Attributes
    ----------
    source : str
    layers : tuple of str
    asked : tuple of (Question or None, str, bool)
        Of each step: what is asked, or why nothing is, and whether something will be.
    """

    source: str
    layers: tuple
    asked: tuple


_last_plan = []


def _plan_of(state, facts):
    """The `_Plan` of a state; remembered, as state and facts change often."""
    source, steps, target = series_source(state), state.series.steps, state.attribution.target
    layers = layers_within(state, facts, source, len(steps))
    chosen = (source, layers, state.attribution, state.focus if target == FOCUS else None)
    parts = (
        steps, facts.network, facts.data, facts.preprocessing, facts.labels, facts.summary,
        facts.trials, facts.extraction, facts.answer if target == PREDICTED else None,
    )  # fmt: skip
    if _last_plan and _last_plan[0] == chosen:
        if all(one is other for one, other in zip(_last_plan[1], parts, strict=True)):
            return _last_plan[2]
    asked = tuple(_asked(state, facts, source, step.samples, layers) for step in steps)
    _last_plan[:] = [chosen, parts, _Plan(source, layers, asked)]
    return _last_plan[2]


def _asked(state, facts, source, samples, layers):
    if any(not 0 <= sample < facts.sample_count for sample in samples):
        return None, "The data set has no such sample.", False
    _, _, why, waits = aims(state, facts, samples)
    if why or waits:
        return None, why, waits
    return _question(state, facts, source, samples, layers), "", False


def layers_within(state, facts, source, steps):
    """Layers whose values of so many steps fit, by depth; the active one always.

    Returns
    -------
    tuple of str
    """
    sizes = {
        layer.name: _bytes_of(layer, source)
        for layer in facts.network.layers
        if source not in (WEIGHTS, WEIGHT_GRADIENT) or has_filters(layer)
    }
    if sum(sizes.values()) * steps <= SERIES_BYTES:
        return tuple(sizes)
    first = state.focus.layer if state.focus.layer in sizes else next(iter(sizes), None)
    kept, room = {first}, SERIES_BYTES // steps - sizes[first]
    for name, size in sizes.items():
        if name != first and size <= room:
            kept.add(name)
            room -= size
    return tuple(name for name in sizes if name in kept)


def _bytes_of(layer, source):
    if source in (WEIGHTS, WEIGHT_GRADIENT):
        return 4 * int(layer.params)
    return 4 * int(np.prod(layer.output_shape, dtype=np.int64))


def kept_steps(state, facts, source, layers):
    """Numbers of the steps that are computed, the one shown first, then those after it.

    With them the reference step, where differences are taken to it.
    """
    series, sizes = state.series, {layer.name: layer for layer in facts.network.layers}
    each = sum(_bytes_of(sizes[name], source) for name in layers)
    count = len(series.steps)
    room = max(2, SERIES_BYTES // max(1, each))
    ahead = [(series.step + place) % count for place in range(count)]
    needed = [series.step, *_subtracted(series, series.step)]
    return list(dict.fromkeys([*needed, *ahead]))[: max(room, len(set(needed)))]


def _subtracted(series, step):
    """The number of the step that is subtracted from a step, in a list; empty for none."""
    if series.difference == "reference":
        return [series.reference]
    return [step - 1] if series.difference == "before" and step > 0 else []


def aims(state, facts, samples):
    """(targets of samples, words of all, why one has none, whether it will be known)."""
    rows = [comparing.row_of(state, facts, sample) for sample in samples]
    for row in rows:
        if not row.aim.target:
            return (), "", row.aim.why, row.waits
    targets = tuple(row.aim.target for row in rows)
    return targets, aim_words(state, facts), "", False


def _question(state, facts, source, samples, layers):
    if any(not 0 <= sample < facts.sample_count for sample in samples):
        return None
    targets, words, _, _ = aims(state, facts, samples)
    if not targets:
        return None
    method = STACK_METHODS.get(source)
    options = options_of(state.attribution, method) if method else {}
    key = key_of(facts, "step", source, samples, targets, tuple(options.items()), layers)
    network, preprocessing, data = facts.network, facts.preprocessing, facts.data

    def find(tools, task):
        begun, total, seen, notes = time.perf_counter(), {}, None, ()
        for done, (sample, target) in enumerate(zip(samples, targets, strict=True)):
            task.report(done, len(samples), "samples")
            picture = data.image(sample)
            inputs = preprocessing(picture)
            if seen is None:
                seen = preprocessing.as_seen(picture)
            if method is None:
                found = _weight_gradients(tools, inputs, target, layers, task)
            else:
                result = tools.explainer.attribute(
                    inputs, method, target, keep="all", task=task, **options
                )
                kept = {name: values for name, values in result.kept.items() if name in layers}
                found, notes = volumes_of(kept, network, seen).maps, result.notes
            for name, values in found.items():
                if name in total:
                    total[name] += values
                else:
                    total[name] = np.array(values, np.float32)
        for values in total.values():
            values /= len(samples)
        made = StepValues(
            source, total, len(samples), seen, targets, time.perf_counter() - begun, notes
        )
        for name in total:
            made.numbers(name)
        return made

    return Question(key, f"{SOURCE_WORDS[source].capitalize()}, of {words}", find)


def _weight_gradients(tools, inputs, target, layers, task):
    """Of one sample, by the layers that lie before the target."""
    explainer, engine = tools.explainer, tools.engine
    layers = engine.filters_before(explainer, target, layers)
    if not layers:
        return {}
    found = engine.weight_gradients(explainer, inputs, target, layers, task)
    return {name: values[0] for name, values in found.items()}


# what was found


@dataclass(frozen=True, eq=False)
class Step:
    """What there is of one step.

    Attributes
    ----------
    number : int
        From 0.
    step : SeriesStep
    values : StepValues or None
    minus : StepValues or None
        What is subtracted.
    failure : str
        Why there is nothing, one sentence.
    is_late : bool
        It is asked for and not there yet.
    """

    number: int
    step: object
    values: StepValues | None = None
    minus: StepValues | None = None
    failure: str = ""
    is_late: bool = False

    @property
    def is_there(self):
        """Whether its values are there."""
        return self.values is not None


@dataclass(frozen=True, eq=False)
class Series:
    """All steps, and the range that is common to those that are there.

    Attributes
    ----------
    source : str
    steps : tuple of Step
    ranges : Ranges
    layers : tuple of str
        That are computed.
    left_out : int
        Layers with values that are not, for want of room.
    """

    source: str
    steps: tuple
    ranges: Ranges
    layers: tuple = ()
    left_out: int = 0

    @property
    def known(self):
        """How many steps are there."""
        return sum(step.is_there for step in self.steps)

    @property
    def is_late(self):
        """Whether one of them will come."""
        return any(step.is_late for step in self.steps)


_last = []


def series_of(state, facts):
    """The `Series` for a state and what exists; the same object while nothing differs.

    Returns
    -------
    Series or None
        None without steps, and where nothing can be asked.
    """
    if not state.series.steps or not comparing.can_ask(facts):
        return None
    plan = _plan_of(state, facts)
    source, layers, found = plan.source, plan.layers, _found_of(state, facts, plan)
    key = (source, state.series.difference, state.series.reference, layers)
    parts = tuple((step.values, step.minus, step.failure, step.is_late) for step in found)
    if _last:
        old_key, old_steps, old_parts, series = _last[0]
        same = old_key == key and old_steps is state.series.steps and len(parts) == len(old_parts)
        if same and all(_same(one, other) for one, other in zip(parts, old_parts, strict=True)):
            return series
    there = [(step.values, step.minus) for step in found if step.is_there]
    ranges = _steady(ranges_of(there))
    left_out = len(layers_within(state, facts, source, 0)) - len(layers)
    series = Series(source, found, ranges, layers, left_out)
    _last[:] = [(key, state.series.steps, parts, series)]
    return series


def _same(one, other):
    return one[0] is other[0] and one[1] is other[1] and one[2:] == other[2:]


def _steady(ranges):
    """The former ranges where they are equal: what is drawn need not be made anew."""
    if _last:
        old = _last[0][3].ranges
        if (old.ends, old.means, old.steps) == (ranges.ends, ranges.means, ranges.steps):
            return old
    return ranges


def _found_of(state, facts, plan):
    steps = state.series.steps
    kept = set(kept_steps(state, facts, plan.source, plan.layers))
    known = [
        (None if asked is None else facts.explanations.get(asked.key), why, waits)
        for asked, why, waits in plan.asked
    ]
    made = []
    for at, (step, (found, why, waits)) in enumerate(zip(steps, known, strict=True)):
        value = None if found is None else found.value
        failure = why if found is None else failure_words(found, facts) if found.failure else ""
        late = (found is None and not why and at in kept) or (waits and found is None)
        minus = None
        for other in _subtracted(state.series, at):
            first = known[other][0]
            minus = None if first is None else first.value
            if minus is None:
                failure = failure or (known[other][1] or (first.failure if first else ""))
                value, late = None, late or (not failure and other in kept)
        made.append(Step(at, step, value, minus, failure, late))
    return tuple(made)


@dataclass(frozen=True, eq=False)
class Shown:
    """What the stack shows of weights and gradients.

    Attributes
    ----------
    volumes : StepVolumes or None
    why : str
        Why there are none, one sentence; empty where there are or will be.
    title : str
    badges : tuple of str
    over : str
        Whose range: ``'over 14 of 16 steps'``.
    what : str
        Of a series: what its steps are.
    detail : str
        For the title of the pane.
    """

    volumes: object = None
    why: str = ""
    title: str = ""
    badges: tuple = ()
    over: str = ""
    what: str = ""
    detail: str = ""

    @property
    def waits(self):
        """Whether volumes will be there."""
        return self.volumes is None and not self.why


_last_shown = []


def shown(state, facts):
    """What stands in the stack where it is not `viewer.studio.attributing`'s to say.

    Returns
    -------
    Shown or None
        None: activations, or gradient or relevance of the focused sample by themselves. The same
        object for the same state and facts.
    """
    if _last_shown and _last_shown[0] is state and _last_shown[1] is facts:
        return _last_shown[2]
    found = _shown(state, facts)
    _last_shown[:] = [state, facts, found]
    return found


def _shown(state, facts):
    source = state.stack.values
    if source == ACTIVATIONS or not comparing.can_ask(facts):
        return None
    if is_in_force(state):
        return _shown_step(state, facts)
    if source == WEIGHTS:
        return _shown_weights(state, facts)
    return _shown_own(state, facts) if source == WEIGHT_GRADIENT else None


def _shown_step(state, facts):
    series = series_of(state, facts)
    step = series.steps[state.series.step]
    volumes = None
    if step.is_there:
        volumes = step.values.volumes(state.series.unfolding, series.ranges, step.minus)
    why = step.failure
    if volumes is None and not why and not step.is_late:
        why = "This step is not computed: there is no room for it."
    place = f"step {step.number + 1} of {len(series.steps)}"
    badges = badges_of(facts, series.source, series.layers, volumes, series.left_out)
    return Shown(
        volumes,
        why,
        f"{place}, {step.step.name}: {verdict(facts, step.step)}",
        badges,
        f"over {_of(series.known, len(series.steps))} steps, centred on zero",
        series_words(state, facts, series.source),
        f"{SOURCE_WORDS[series.source]}, {place}",
    )


def _of(known, total):
    return f"all {total:,}" if known == total else f"{known:,} of {total:,}"


def _shown_weights(state, facts):
    layers = layers_within(state, facts, WEIGHTS, 1)
    left_out = len(layers_within(state, facts, WEIGHTS, 0)) - len(layers)
    return _shown_alone(
        facts, WEIGHTS, weights_found(state, facts), "", f"weights{unfolded_words(state)}",
        (state, layers, left_out),
    )  # fmt: skip


def _shown_own(state, facts):
    sample, source = _focused(state, facts), WEIGHT_GRADIENT
    layers = layers_within(state, facts, source, 1)
    left_out = len(layers_within(state, facts, source, 0)) - len(layers)
    _, _, why, waits = aims(state, facts, (sample,))
    asked = own_question(state, facts)
    found = None if asked is None else facts.explanations.get(asked.key)
    aim = comparing.row_of(state, facts, sample).aim.words
    title = f"gradient of {aim}, by weights{unfolded_words(state)}"
    title += f": sample {sample + 1:,} of {facts.sample_count:,}"
    why = "" if waits else why
    return _shown_alone(facts, source, found, why, title, (state, layers, left_out))


def _shown_alone(facts, source, found, why, title, kept):
    state, layers, left_out = kept
    detail = SOURCE_WORDS[source]
    value = None if found is None else found.value
    if value is None:
        why = why or ("" if found is None else failure_words(found, facts))
        return Shown(None, why, title, detail=detail)
    if not value.maps:
        why = "No layer of this network has filters before the target."
        return Shown(None, why, title, detail=detail)
    volumes = value.volumes(state.series.unfolding, value.own_ranges)
    over = "centred on zero" if source == WEIGHTS else "this sample, centred on zero"
    badges = badges_of(facts, source, layers, volumes, left_out)
    return Shown(volumes, "", title, badges, over, detail=detail)


def value_at(state, facts, layer, channel, unit):
    """What the stack shows of a unit beside its activation: (word, value), or None.

    Weights are not units: of them there is None.
    """
    found = shown(state, facts)
    if found is None:
        return kept_value(state, facts, layer, channel, unit)
    volumes = found.volumes
    if volumes is None or volumes.unfolding or layer not in volumes.shapes or channel is None:
        return None
    value = volumes.value_at(layer, channel, unit or ())
    return None if value is None else (state.stack.values, value)
