"""Runs the graphs of importance and of weight gradients over samples, in batches."""

import numpy as np

from engine.analysis.importance import (
    MEASURE_WORDS,
    MOST_BYTES,
    MOST_TOGETHER,
    NORM_WORDS,
    Importance,
)
from engine.attribution.starts import start_of
from engine.errors import InputError
from engine.gradient.filters import filters_of, forward_of, needed_filters
from engine.gradient.weighing import (
    CLASSES,
    PREDICTED,
    SEED,
    importance_graph,
    weight_gradient_graph,
)
from engine.run.feed import Feed
from engine.run.plan import check_fit

COPIES = 3
"""Tensors of the size of a forward tensor that a run holds: itself, its gradient, one between."""


class Weigher:
    """Chooses samples and layers, and measures.

    Parameters
    ----------
    network : engine.network.network.Network
    data : engine.data.DataSet
    preprocessing : Preprocessing
    labels : int[N] or None
        In place of the data set's, which are made to fit the class scores.
    """

    def __init__(self, network, data, preprocessing, labels=None):
        check_fit(network, preprocessing)
        self._network, self._data, self._preprocessing = network, data, preprocessing
        self._notes = []
        if labels is None:
            labels, self._notes = _own_labels(network, data)
        elif len(labels) != len(data):
            raise InputError(f"{len(labels):,} labels for {len(data):,} samples", where=data.path)
        self._labels = None if labels is None else np.asarray(labels)

    # -- what is measured ----------------------------------------------------------------------

    def layers(self, layers, measure):
        """Names of the layers; an error where one has nothing to measure."""
        network = self._network
        if layers is None:
            forward = forward_of(network)
            return [
                e.name for e in network.layers if filters_of(network, forward, e.name) is not None
            ]
        names = [layers] if isinstance(layers, str) else list(dict.fromkeys(layers))
        for name in names:
            network.layer(name)
            if measure == "gradient":
                needed_filters(network, forward_of(network), name)
        return names

    def choose(self, samples, of_class, measure):
        """Samples, each once and in order, and their classes (-1: the predicted one): int64[n]."""
        count = len(self._data)
        chosen = np.arange(count) if samples is None else np.asarray(samples, np.int64).ravel()
        if len(chosen) and not (0 <= chosen.min() and chosen.max() < count):
            raise InputError(f"there are {count:,} samples, counted from 0", where=self._data.path)
        chosen = np.unique(chosen.astype(np.int64))
        scores = self._network.scores
        if scores is None and not measure.startswith("activation"):
            raise InputError(
                f"it gives no class scores: {self._network.scores_reason}",
                where=self._network.path,
                remedy="name the output with --scores, or measure activity: activation-mean, "
                "activation-max",
            )
        if of_class is not None:
            chosen = self._labelled(chosen, of_class)
        if not len(chosen):
            raise InputError("there is no sample to measure with", where=self._data.path)
        known = self._labels is not None and scores is not None
        classes = np.asarray(self._labels)[chosen].astype(np.int64) if known else None
        if classes is None:
            return chosen, np.full(len(chosen), -1, np.int64)
        return chosen, np.where((classes >= 0) & (classes < scores.classes), classes, -1)

    def _labelled(self, chosen, of_class):
        """Of the chosen samples those that are labelled so."""
        scores = self._network.scores
        classes = None if scores is None else scores.classes
        if classes is not None and not 0 <= of_class < classes:
            raise InputError(
                f"there is no class {of_class}",
                where=self._network.path,
                expected=f"0 to {classes - 1}",
            )
        if self._labels is None:
            raise InputError(
                "its samples have no labels, which a class needs",
                where=self._data.path,
                got=next(iter(self._notes), None),
                remedy="give them with --labels, or leave --class out",
            )
        found = chosen[np.asarray(self._labels)[chosen] == of_class]
        if not len(found):
            raise InputError(
                f"none of the {len(chosen):,} samples is labelled {of_class}",
                where=self._data.path,
                remedy="choose another class, or leave --class out",
            )
        return found

    # -- measuring -----------------------------------------------------------------------------

    def weigh(self, explainer, names, chosen, measure, norm, of_class, per_sample, task):
        """Measure: an `Importance`."""
        samples, classes = chosen
        key = ("importance", tuple(names), measure, norm if measure == "gradient" else "")
        built, graph = explainer.graph(
            key,
            lambda: importance_graph(self._network, explainer.forward, names, measure, norm),
        )
        wanted = list(dict.fromkeys(built.outputs.values()))
        if built.predicts:
            wanted.append(PREDICTED)
        totals = _Totals(names, per_sample)
        together = samples_together(self._network, built)
        for batch in self._batches(samples, together, totals.skipped, task):
            ours = classes[np.searchsorted(samples, batch.samples)] if built.predicts else None
            found = self._run(explainer, graph, built, batch.inputs, ours, wanted, task)
            numbers = {name: found[built.outputs[name]] for name in names}
            totals.add(batch.samples, ours, found.get(PREDICTED), numbers)
        notes = (*built.notes, *self._notes)
        return totals.finish(self._network, measure, norm, of_class, notes, len(samples))

    def _run(self, explainer, graph, built, inputs, classes, wanted, task):
        """One run; ``[n, F]`` of each output, padding taken off."""
        count = len(inputs)
        more = {}
        if classes is not None:
            rows = self._rows(count)
            more[CLASSES] = np.concatenate([classes, np.repeat(classes[-1:], rows - count)])
        pictures = inputs if "N" in self._preprocessing.layout else inputs[0]
        found = explainer.run(graph, pictures, wanted, task=task, **more)
        if built.alone:
            found = {n: v if n == PREDICTED else v / self._rows(1) for n, v in found.items()}
        return {name: value[:count] for name, value in found.items()}

    def _rows(self, count):
        network = self._network
        free = network.batch_is_free or "N" not in network.input_layout
        return count if free else max(count, network.batch)

    def _batches(self, samples, together, skipped, task):
        """Batches of so many samples that can be read, in order; told and cancelled between."""
        feed = Feed(self._data, self._preprocessing, self._network.image_input)
        done = 0
        try:
            waiting = None
            for batch in feed.batches(_runs(samples, together)):
                done += batch.stop - batch.first
                skipped += batch.skipped
                if batch.inputs is None:
                    continue
                waiting = batch if waiting is None else _joined(waiting, batch)
                while len(waiting.samples) >= together:
                    ready, waiting = _split(waiting, together)
                    yield ready
                    if task is not None:
                        task.report(done, len(samples), "importance")
                    if waiting is None:
                        break
            if waiting is not None:
                yield waiting
        finally:
            feed.close()
        if task is not None:
            task.report(len(samples), len(samples), "importance")


class _Totals:
    """Sums up numbers of samples."""

    def __init__(self, names, per_sample):
        self.skipped = []
        self._sums = dict.fromkeys(names, 0.0)
        self._not_finite = dict.fromkeys(names, 0)
        self._kept = {name: [] for name in names} if per_sample else {}
        self._samples, self._classes = [], []
        self._labelled = self._predicted = 0

    def add(self, samples, classes, predicted, numbers):
        """One batch."""
        self._samples.append(samples)
        if classes is None:
            self._classes.append(np.full(len(samples), -1, np.int64))
        else:
            own = classes >= 0
            self._classes.append(np.where(own, classes, predicted))
            self._labelled += int(own.sum())
            self._predicted += int((~own).sum())
        for name, values in numbers.items():
            self._sums[name] = self._sums[name] + values.sum(0, dtype=np.float64)
            self._not_finite[name] += int((~np.isfinite(values)).any(1).sum())
            if name in self._kept:
                self._kept[name].append(np.asarray(values, np.float32))

    def finish(self, network, measure, norm, of_class, notes, wanted):
        """The result."""
        count = sum(len(each) for each in self._samples)
        if not count:
            _, name, reason = self.skipped[0]
            raise InputError(f"none of the {wanted:,} samples can be read; {name}: {reason}")
        return Importance(
            values={name: total / count for name, total in self._sums.items()},
            samples=count,
            measure=measure,
            norm=norm,
            of_class=of_class,
            labelled=self._labelled,
            predicted=self._predicted,
            skipped=tuple(self.skipped),
            not_finite={name: bad for name, bad in self._not_finite.items() if bad},
            indices=np.concatenate(self._samples),
            classes=np.concatenate(self._classes),
            per_sample={name: np.concatenate(kept) for name, kept in self._kept.items()},
            words=_words(measure, norm, of_class, count, self._labelled, self._predicted),
            notes=(*notes, *_softmax_note(network, measure)),
        )


def _own_labels(network, data):
    """The data set's labels as the scores count, or None, and notes on that."""
    from engine.data import fit_labels

    if network.scores is None:
        return data.labels, []
    labels, _, notes = fit_labels(data, network.scores.classes)
    return labels, notes


def _words(measure, norm, of_class, count, labelled, predicted):
    """What was measured, in one sentence."""
    if of_class is not None:
        score, over = f"the score of class {of_class}", f"{count:,} samples labelled {of_class}"
    else:
        score, over = "a class's score", f"{count:,} samples"
        if labelled or predicted:
            score = "the score of each sample's own class"
        if labelled and predicted:
            over += f" ({labelled:,} by their label, {predicted:,} by their prediction)"
        elif labelled or predicted:
            over += " (by their label)" if labelled else " (by their prediction)"
    said = MEASURE_WORDS[measure].format(norm=NORM_WORDS[norm], score=score)
    return f"{said}, mean over {over}"


def _softmax_note(network, measure):
    scores = network.scores
    ends = scores is not None and scores.activation in ("softmax", "log-softmax")
    derived = not measure.startswith("activation")
    return ("the score is that before the softmax",) if ends and derived else ()


def gradients_by_weights(explainer, inputs, target, layers, task=None):
    """See `engine.analysis.importance.weight_gradients`."""
    network, forward = explainer.network, explainer.forward
    inputs = _with_batch(network, np.asarray(inputs))
    start = start_of(network, forward, target)
    if start is None:
        key, given = ("weights", target, layers), {"target": target}
    else:
        key, given = ("weights", "seed", start.tensor, layers), {"tensor": start.tensor}
    built, graph = explainer.graph(
        key, lambda: weight_gradient_graph(network, forward, layers, **given)
    )
    together = samples_together(network, built)
    parts = {name: [] for name in layers}
    for first in range(0, len(inputs), together):
        if task is not None:
            task.report(first, len(inputs), "gradients of weights")
        part = inputs[first : first + together]
        more = {} if start is None else {SEED: np.repeat(start.seed, len(part), 0)}
        pictures = part if "N" in network.input_layout else part[0]
        found = explainer.run(graph, pictures, list(built.outputs.values()), task=task, **more)
        for name in layers:
            values = found[built.outputs[name]]
            if built.alone:
                values = values[None] / (1 if network.batch_is_free else max(1, network.batch))
            values = built.filters[name].first(values[: len(part)])
            parts[name].append(np.ascontiguousarray(values, np.float32))
    return {name: np.concatenate(each) for name, each in parts.items()}


def samples_together(network, built):
    """How many samples go into one run, by an estimate of what a run takes."""
    if built.alone or "N" not in network.input_layout:
        return 1
    if not network.batch_is_free:
        return max(1, network.batch)
    sizes = sum(np.prod(shape) for shape in network.shapes.values())
    each = 4 * (COPIES * sizes + 2 * built.made)
    return int(np.clip(MOST_BYTES // max(1, each), 1, MOST_TOGETHER))


def _with_batch(network, inputs):
    """Samples with N in front, also where the network's input has none."""
    shape = tuple(network.input_shape)
    one = shape[1:] if "N" in network.input_layout else shape
    if inputs.shape == shape[1:] and shape[0] == 1:
        inputs = inputs.reshape(one)
    inputs = inputs[None] if inputs.shape == one else inputs
    if inputs.shape[1:] != one or not len(inputs):
        raise InputError("the samples do not fit the input", expected=("N", *one), got=inputs.shape)
    return inputs


def _runs(samples, most):
    """Ranges (first, stop) of neighbouring samples, none longer than a batch."""
    ends = np.flatnonzero(np.diff(samples) != 1) + 1
    for part in np.split(samples, ends):
        for first in range(0, len(part), most):
            chosen = part[first : first + most]
            yield int(chosen[0]), int(chosen[-1]) + 1


def _joined(a, b):
    a.samples = np.concatenate([a.samples, b.samples])
    a.inputs = np.concatenate([a.inputs, b.inputs])
    return a


def _split(batch, count):
    """The first so many of a batch, and the rest or None."""
    from dataclasses import replace

    first = replace(batch, samples=batch.samples[:count], inputs=batch.inputs[:count])
    if len(batch.samples) == count:
        return first, None
    return first, replace(batch, samples=batch.samples[count:], inputs=batch.inputs[count:])
