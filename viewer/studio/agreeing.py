"""What is asked about the stability of orders: of cuts, of samples, of classes, of methods.

Rank correlations are of the channels that have a place of their own in both orders. An order that
is reversed is the same order: its correlation is negative, and as strong as its magnitude.
"""

import hashlib

import numpy as np

from viewer.studio import bases, slicing
from viewer.studio.gathering import (
    class_means,
    compared,
    is_stored,
    of_cuts,
    orders_of,
    sourced,
)
from viewer.studio.ordering import METHOD_WORDS
from viewer.studio.predictions import class_name
from viewer.studio.questions import Question

MOST_SAMPLES, MOST_CLASSES, CLASS_SAMPLES = 32, 64, 16
SUMS_BYTES = 256 * 2**20
"""Of the sums of classes' maps that are made at the same time."""


def question(state, facts, layer, method, note=""):
    """What is asked about a layer.

    Parameters
    ----------
    method : str
        That orders maps of samples and of classes.
    note : str
        Why it is not the one in force.

    Returns
    -------
    (Question or None, str)
        None and why, one sentence; None and nothing where it waits.
    """
    return _ASK[state.stability.between](state, facts, layer, method, [note] if note else [])


def of_methods(orders, words):
    """The orders of several methods, compared: `Compared`."""
    varied = []
    for order in orders.values():
        mine = np.ones(len(order.channels), bool)
        mine[np.asarray(order.apart, np.intp)] = False
        varied.append(mine)
    rows = np.stack([order.channels for order in orders.values()])
    names = [words[method] for method in orders]
    return compared(rows, varied, names, orders, f"orders of {len(names)} methods")


# cuts


def _cuts(axis):
    """Orders of the cuts along one axis."""

    def ask(state, facts, layer, method, notes):
        volume = slicing.volume(state, facts)
        if volume is None:
            return None, _why_no_volume(state, facts)
        count = volume.values.shape[1 if axis == "row" else 2]
        if count < 2:
            return None, f"The volume has one {axis}: there is nothing to compare."
        key = ("orders-of-cuts", *bases.begun(facts), layer, axis, _digest(volume), volume.words)
        values, words = volume.values, volume.words
        title = f"Orders of {layer} by {axis}"
        return Question(key, title, lambda tools, task: of_cuts(values, axis, words, task)), ""

    return ask


def _why_no_volume(state, facts):
    why = slicing.why_none(state, facts)
    is_asked = state.slices.source not in slicing.METHODS or slicing.is_seen(state)
    if why or is_asked:
        return why
    return f"The {state.slices.source} is made while the slices can be seen."


_LAST = [None, ""]


def _digest(volume):
    """A hash of a volume's values, remembered for the last one."""
    if _LAST[0] is not volume.made_of:
        values = np.ascontiguousarray(volume.values)
        _LAST[:] = volume.made_of, hashlib.sha1(values.tobytes()).hexdigest()
    return _LAST[1]


# samples and classes


def samples_compared(facts):
    """The samples whose orders are compared, and words: the first of those selected, or of all."""
    selected = facts.selected
    chosen = np.arange(facts.sample_count)
    words = "samples"
    if selected is not None and selected.samples.any():
        chosen, words = np.flatnonzero(selected.samples), "selected samples"
    total, some = len(chosen), chosen[:MOST_SAMPLES]
    said = (
        f"{total:,} {words}"
        if len(some) == total
        else f"the first {len(some)} of {total:,} {words}"
    )
    return tuple(int(each) for each in some), said


def _samples(state, facts, layer, method, notes):
    samples, words = samples_compared(facts)
    if len(samples) < 2:
        return None, "There is one sample: there is nothing to compare."
    source = sourced(facts, layer, facts.recording is not None)
    if isinstance(source, str):
        return None, source
    names = {each: _short(str(facts.data.names[each]), each) for each in samples}
    said = f"{METHOD_WORDS[method]} orders of {words}"

    def find(tools, task):
        items = []

        def one_by_one(maps):
            for sample, values in maps:
                items.append(sample)
                yield values

        def reduced(maps):
            return orders_of(one_by_one(maps), method, task)

        orders, varied = source(tools, samples, task, reduced)
        left = len(samples) - len(items)
        lacks = [f"{left:,} that cannot be read left out"] if left else []
        shown = [names[each] for each in items]
        return compared(orders, varied, shown, items, said, [*notes, *lacks])

    key = ("orders-of-samples", *bases.begun(facts), layer, method, samples)
    return Question(key, f"Orders of {layer} by sample", find), ""


def _short(name, sample):
    """A sample's name without folders and extension, its number where it has none."""
    plain = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return plain or f"{sample + 1:,}"


def classes_known(facts):
    """The class of each sample and what it is by: (int[N], 'label' or 'prediction'), or None."""
    labels, predicted = facts.labels, facts.summary.predicted
    if labels is not None and (np.asarray(labels) >= 0).any():
        return np.asarray(labels), "label"
    if predicted is not None and (np.asarray(predicted) >= 0).any():
        return np.asarray(predicted), "prediction"
    return None


def _classes(state, facts, layer, method, notes):
    known = classes_known(facts)
    if known is None:
        return None, "No sample has a label or a prediction."
    of_samples, by = known
    present = np.unique(of_samples[of_samples >= 0])
    if len(present) < 2:
        return None, "All samples are of one class: there is nothing to compare."
    whole = is_stored(facts, layer)
    source = sourced(facts, layer, whole)
    if isinstance(source, str):
        return None, source
    shown, most = present[:MOST_CLASSES], None if whole else CLASS_SAMPLES
    members = [np.flatnonzero(of_samples == each)[:most] for each in shown]
    total, some = int(np.isin(of_samples, shown).sum()), sum(map(len, members))
    at_once = max(1, SUMS_BYTES // (8 * units_of(facts, layer)))
    words = f"the mean maps of {_of(len(shown), len(present))} classes"
    said = f"{METHOD_WORDS[method]} orders of {words}"
    notes = [*notes, f"classes by {by}, {_share(some, total, most)}"]
    names = {int(each): class_name(int(each), facts.class_names) for each in shown}

    def find(tools, task):
        found = []
        for first in range(0, len(members), at_once):
            samples = np.sort(np.concatenate(members[first : first + at_once])).tolist()
            belongs = {sample: int(of_samples[sample]) for sample in samples}
            found.append(_of_means(source, belongs, method, tools, task))
        classes, orders, varied = (np.concatenate(parts) for parts in zip(*found, strict=True))
        items = classes.tolist()
        return compared(orders, varied, [names[each] for each in items], items, said, notes)

    digest = hashlib.sha1(np.ascontiguousarray(of_samples).tobytes()).hexdigest()
    key = ("orders-of-classes", *bases.begun(facts), layer, method, digest, most)
    return Question(key, f"Orders of {layer} by class", find), ""


def _of_means(source, belongs, method, tools, task):
    """Orders of the mean maps of some classes.

    Parameters
    ----------
    source : callable
        Of `sourced`.
    belongs : dict of int to int
        The class of each sample, by rising samples.
    method : str
    tools : Tools
    task : Task

    Returns
    -------
    (int[n], int32[n, C], bool[n, C])
        The classes, and as `orders_of`.
    """
    samples = tuple(belongs)
    means = source(tools, samples, task, lambda maps: class_means(maps, belongs))
    orders, varied = orders_of((mean for mean, _ in means.values()), method, task)
    return np.array(list(means), int), orders, varied


def units_of(facts, layer):
    """How many values a layer has for a sample."""
    known = {one.name: one.output_shape for one in facts.network.layers}
    return max(1, int(np.prod(known[layer], dtype=np.int64)))


def _of(some, total):
    return f"{total:,}" if some == total else f"the first {some:,} of {total:,}"


def _share(some, total, most):
    if some == total:
        return f"of all {total:,} samples"
    return f"of the first {most} samples of each class, {some:,} of {total:,}"


_ASK = {"rows": _cuts("row"), "columns": _cuts("column"), "samples": _samples, "classes": _classes}
