"""What an order of channels is made from: one file for every `viewer.state.orders.BASES`.

A basis knows what it depends on, so that an order is made once; it is read in a job's thread.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from engine.errors import InputError
from viewer.studio import pairs, slicing, weighing
from viewer.studio.embedding import numbered, origin_of

NETWORK_MISSING = "The network of this study is not at hand."


@dataclass(frozen=True)
class Lack:
    """Why there is no basis.

    Attributes
    ----------
    words : str
        One sentence; empty where nothing is missing.
    waits : bool
        Whether it will come by itself.
    """

    words: str = ""
    waits: bool = False


NOTHING, COMING = Lack(), Lack(waits=True)


@dataclass(frozen=True, eq=False)
class Basis:
    """What an order is made from.

    Attributes
    ----------
    key : tuple
        Everything it depends on, beside network, data and preprocessing.
    likeness : callable(Tools, Task) -> engine Likeness
    numbers_of : callable(method, Tools, Task) -> float64[C], optional
        A number for each channel, where the likeness does not have it.
    study : Path or None
        The whole study that it depends on.
    channels : int
        C, where there is a study.
    """

    key: tuple
    likeness: Callable = field(repr=False)
    numbers_of: Callable | None = field(default=None, repr=False)
    study: object = None
    channels: int = 0

    def numbers(self, likeness, method, tools, task):
        """What channels are ordered by, float64[C]: the largest comes first."""
        if self.numbers_of is not None:
            return self.numbers_of(method, tools, task)
        return getattr(likeness, _STATISTICS[method])


_STATISTICS = {"mean": "means", "maximum": "maxima", "variance": "variances"}


def begun(facts):
    """How the key of everything about this network, data and preprocessing begins."""
    return facts.network.sha256, facts.data.hash, _digest(facts.preprocessing)


_DIGESTS = [None, None]


def _digest(preprocessing):
    """Its digest, remembered for the one that is in force: it is asked many times a change."""
    if _DIGESTS[0] is not preprocessing or preprocessing is None:
        _DIGESTS[:] = preprocessing, None if preprocessing is None else preprocessing.digest()
    return _DIGESTS[1]


def basis_of(state, facts, layer, choice):
    """The `Basis` of a layer's order, or a `Lack`."""
    if facts.network is None or facts.data is None:
        return NOTHING
    if all(known.name != layer for known in facts.network.layers):
        return NOTHING
    of = "correlation" if choice.method == "separation" else choice.basis
    basis = _MADE[of](state, facts, layer, choice)
    if isinstance(basis, Basis):
        basis = replace(basis, key=(layer, *basis.key))
    if choice.method == "importance" and isinstance(basis, Basis):
        return _weighed(state, facts, layer, basis)
    return basis


def _sample(state, facts, layer, choice):
    answer = facts.answer
    if facts.is_late(state):
        return COMING
    if answer.failure is not None:
        return Lack(answer.failure)
    if layer not in answer.maps:
        return Lack(f"{layer} was not kept in full.")
    sample = answer.question.sample
    return _of_values(("sample", sample), answer.maps[layer], f"maps of sample {sample + 1}")


def _selection(state, facts, layer, choice):
    means = facts.means
    if means is None or (means.running and layer not in means.maps):
        return COMING
    if layer not in means.maps:
        return Lack(means.failure or f"There is no mean of {layer}.")
    if means.running:
        return COMING
    key = ("selection", means.key, means.counts.get(layer))
    return _of_values(key, means.maps[layer], f"maps, {means.words_of([layer])}")


def _of_values(key, values, words):
    """A basis of a layer's values: float[C, *positions]."""

    def likeness(tools, task):
        from engine.analysis.orders import likeness_of

        return likeness_of(np.asarray(values), words)

    return Basis(key, likeness)


def _samples(state, facts, layer, choice):
    origin = origin_of(facts, layer)
    if isinstance(origin, str):
        return Lack(origin.replace("\n", " "), waits=facts.extraction.phase == "running")
    if origin.samples is not None:
        return Lack("The study is not complete yet.", waits=origin.grows)

    def likeness(tools, task):
        from engine.analysis.orders import likeness_of_study

        return tools.read(
            origin.path, lambda study, task: likeness_of_study(study, layer, task=task), task
        )

    channels = facts.network.layer(layer).output_shape[0]
    return Basis(("samples",), likeness, None, origin.path, channels)


def _weights(state, facts, layer, choice):
    if facts.recording is not None:
        return Lack(NETWORK_MISSING)

    def likeness(tools, task):
        from engine.analysis.importance import weights_of
        from engine.analysis.orders import likeness_of

        weights = weights_of(tools.network, layer)
        if weights is None:
            raise InputError(f"{layer} has no weights")
        return likeness_of(weights, "filters\u2019 weights")

    return Basis(("weights",), likeness)


def _correlation(state, facts, layer, choice):
    points, origin = facts.points.get(layer), origin_of(facts, layer)
    if isinstance(origin, str):
        return Lack(origin.replace("\n", " "), waits=facts.extraction.phase == "running")
    path, key = None, ()
    if origin.samples is None:
        path = origin.path
    elif points is not None:
        key = (points.key,)
    else:
        return Lack("The study is not complete yet.", waits=origin.grows)
    if choice.method == "separation":
        key = (*key, _classes_key(facts))

    def read(study, task):
        from engine.embedding.points import make_points

        return numbered(make_points(study, layer, task=task), facts.data)

    def points_of(tools, task):
        return points or tools.read(origin.path, read, task)

    def likeness(tools, task):
        from engine.analysis.orders import likeness_of_correlation
        from engine.analysis.pairs import made

        found = points_of(tools, task)
        most = pairs.most_points("correlation", found.columns)
        correlation = made("correlation", found.columns, None, None, 0, most, task)
        over = f"{correlation.count:,} points"
        if correlation.count < correlation.total:
            over = f"{correlation.count:,} of {correlation.total:,} points"
        words = f"channels by their correlation over {over}"
        return likeness_of_correlation(correlation.values, words)

    def numbers_of(method, tools, task):
        return _numbers_of_points(points_of(tools, task), method, facts)

    channels = facts.network.layer(layer).output_shape[0]
    return Basis(("correlation", *key), likeness, numbers_of, path, channels)


def _classes_key(facts):
    """Which classes samples have, as a number: labels, or else predictions."""
    labels = facts.labels
    if labels is None or not (np.asarray(labels) >= 0).any():
        labels = facts.summary.predicted
    return 0 if labels is None else zlib.crc32(np.asarray(labels, np.int64).tobytes())


def _numbers_of_points(points, method, facts):
    """A statistic of every channel over embedding points, float64[C]."""
    from engine.analysis.deviations import Deviations
    from engine.analysis.orders import points as by_points

    columns = points.columns
    if method == "variance":
        return by_points.variances(columns)
    if method == "separation":
        groups, count = pairs.classes_of(points, facts)
        if count < 2:
            raise InputError("class separation needs labels of two classes")
        return by_points.separations(columns, groups, count)
    if method == "maximum":
        return np.asarray(columns.high, np.float64)
    return columns.low + columns.step * Deviations(columns, columns.count).means[:, 0]


def _slice(state, facts, layer, choice):
    if layer != state.focus.layer:
        return Lack("The slice is of the active layer.")
    volume = slicing.volume(state, facts)
    if volume is None:
        why = slicing.why_none(state, facts)
        return Lack(why, waits=not why)
    row, _ = slicing.cut_of(state, volume)
    key = ("slice", volume.source, volume.words, row, _number_of(volume.made_of))
    words = f"rows of the slice at row {row} of {volume.words}"
    return _of_values(key, volume.values[:, row, :], words)


_NUMBERS = [0, None]


def _number_of(values):
    """A number that changes whenever the array is another one."""
    if _NUMBERS[1] is not values:
        _NUMBERS[:] = _NUMBERS[0] + 1, values
    return _NUMBERS[0]


def _weighed(state, facts, layer, basis):
    """A basis with the importance of the layer's filters as numbers."""
    importance = weighing.importance_of(state, facts, layer)
    if importance is None:
        found = weighing.found_of(state, facts, layer)
        if found is not None and found.value is not None and layer not in found.value.layers:
            return Lack(f"The filters of {layer} have no importance.")
        if weighing.importance_waits(state, facts, layer):
            return COMING
        return Lack(
            weighing.failure_of(state, facts, layer)
            or weighing.why_not(state, facts)
            or f"There is no importance of the filters of {layer}."
        )
    numbers = np.asarray(importance, np.float64)
    return Basis(
        (*basis.key, zlib.crc32(numbers.tobytes())),
        basis.likeness,
        lambda method, tools, task: numbers,
        basis.study,
        basis.channels,
    )


KEPT_BYTES = 256 * 2**20


def likeness_of(basis, tools, task):
    """A basis' likeness; a few are remembered, for the same channels in another order.

    Returns
    -------
    engine Likeness
    """
    kept = tools.kept
    if basis.key not in kept:
        kept[basis.key] = basis.likeness(tools, task)
    kept.move_to_end(basis.key)
    total = sum(likeness.nbytes for likeness in kept.values())
    while total > KEPT_BYTES and len(kept) > 1:
        total -= kept.popitem(last=False)[1].nbytes
    return kept[basis.key]


_MADE = {
    "sample": _sample,
    "selection": _selection,
    "samples": _samples,
    "weights": _weights,
    "correlation": _correlation,
    "slice": _slice,
}
