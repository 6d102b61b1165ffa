"""Gathers orders that are compared: of cuts, of samples, of class means; in a job's thread."""

from dataclasses import dataclass

import numpy as np

from engine.errors import InputError, LamellaError

ROWS_AT_A_TIME = 64


@dataclass(frozen=True, eq=False)
class Compared:
    """Orders of one layer's channels, and how they agree.

    Attributes
    ----------
    orders : int32[n, C]
        Channels by place.
    varied : bool[n, C]
        Which channels have a place of their own in each order; the others stand last.
    names : tuple of str
        Of each order: ``'row 3'``.
    items : tuple
        What each is of: rows or columns, samples, classes (int), methods (str).
    words : str
        ``'PCA orders of 28 cuts by row'``.
    kendall, spearman : float64[n, n]
        Rank correlations, of two orders over the channels that have a place in both; NaN where
        fewer than two have.
    notes : tuple of str
        Of what they are, and what was left out.
    """

    orders: np.ndarray
    varied: np.ndarray
    names: tuple
    items: tuple
    words: str
    kendall: np.ndarray
    spearman: np.ndarray
    notes: tuple = ()

    @property
    def nbytes(self):
        """Bytes of all arrays."""
        return sum(a.nbytes for a in (self.orders, self.varied, self.kendall, self.spearman))

    def common(self, one, other):
        """Channels that have a place in two of the orders, int[V] ascending."""
        return np.flatnonzero(self.varied[one] & self.varied[other])

    def ranks(self, at, channels):
        """Places of some channels among each other in an order, int[V]."""
        places = np.empty(self.orders.shape[1], np.int64)
        places[self.orders[at]] = np.arange(self.orders.shape[1])
        found = np.empty(len(channels), np.int64)
        found[np.argsort(places[channels])] = np.arange(len(channels))
        return found


def compared(orders, varied, names, items, words, notes=()):
    """Orders with their rank correlations: `Compared`."""
    from engine.analysis.orders import agreement

    orders = np.ascontiguousarray(orders, np.int32)
    varied = np.ascontiguousarray(varied, bool)
    kendall, spearman = agreement(orders, varied)
    return Compared(
        orders, varied, tuple(names), tuple(items), words, kendall, spearman, tuple(notes)
    )


def of_cuts(values, axis, words, task):
    """The orders of every cut along the rows or the columns of a volume: `Compared`.

    Parameters
    ----------
    values : float32[C, H, W]
    axis : str
        ``'row'`` or ``'column'``.
    words : str
        What the volume is.
    task : Task
    """
    from engine.analysis.orders import orders_of_slices, varied_in_slices

    values = np.ascontiguousarray(values, np.float32)
    orders = orders_of_slices(values, axis, task=task)
    names = [f"{axis} {at}" for at in range(len(orders))]
    said = f"PCA orders of {len(orders):,} cuts by {axis}"
    varied = varied_in_slices(values, axis)
    return compared(orders, varied, names, range(len(orders)), said, [words])


def orders_of(maps, method, task):
    """An order of each of several maps, and which channels have a place in it.

    Parameters
    ----------
    maps : iterable of float[C, ...]
    method : str
        Of `engine.analysis.orders.METHODS` or ``STATISTICS``.
    task : Task

    Returns
    -------
    (int32[n, C], bool[n, C])
    """
    from engine.analysis.orders import likeness_of, order

    orders, varied = [], []
    for values in maps:
        task.check()
        likeness = likeness_of(np.asarray(values))
        orders.append(order(likeness, method, compare=False, task=task).channels)
        mine = np.zeros(likeness.count, bool)
        mine[likeness.varied] = True
        varied.append(mine)
    return np.stack(orders), np.stack(varied)


def maps_run(tools, data, samples, layer, task):
    """A layer's maps of some samples, by running them: yields (sample, float32[C, ...]).

    Samples that cannot be read are left out.

    Raises
    ------
    InputError, MachineError
        None can be read.
    """
    network, fault, count = tools.network, None, 0
    runner = tools.explainer.runner
    for done, sample in enumerate(samples):
        task.check()
        task.report(done, len(samples), "samples")
        try:
            picture = data.image(int(sample))
        except LamellaError as error:
            fault = error
            continue
        maps, _ = tools.engine.run_sample(
            runner, network, network.preprocessing, picture, layers=[layer]
        )
        count += 1
        yield int(sample), maps[layer]
    if not count:
        raise fault or InputError("there are no samples")


def maps_stored(study, layer, rows, task):
    """A layer's maps of some rows of a study that kept it whole: yields (row, float32[C, P]).

    Parameters
    ----------
    study : engine Study
    layer : str
    rows : int[n]
        Rising.
    task : Task
    """
    from engine.embedding.reading import Source

    source = Source(study, layer)
    for first in range(0, len(rows), ROWS_AT_A_TIME):
        task.report(first, len(rows), "samples")
        some = rows[first : first + ROWS_AT_A_TIME]
        low, high = int(some[0]), int(some[-1]) + 1
        if high - low > 2 * len(some):
            blocks = [(row, source.values(row, row + 1)[0]) for row in map(int, some)]
        else:
            block = source.values(low, high)
            blocks = [(int(row), block[row - low]) for row in some]
        for row, values in blocks:
            yield row, _in_places(source, row, values)


def _in_places(source, row, values):
    """The values of a map in the order of its positions: sampled ones are stored shuffled."""
    if source.kind != "sampled":
        return values
    return values[:, np.argsort(source.places(row, row + 1)[0])]


def class_means(maps, classes):
    """The mean maps of some classes.

    Parameters
    ----------
    maps : iterable of (int, float32[C, ...])
        A sample and its maps.
    classes : dict of int to int
        The class of each sample.

    Returns
    -------
    dict of int to (float64[C, ...], int)
        By class, ascending: the mean, and of how many samples.
    """
    sums = {}
    for sample, values in maps:
        index = classes[sample]
        total, count = sums.get(index, (0.0, 0))
        sums[index] = (total + np.asarray(values, np.float64), count + 1)
    return {index: (total / count, count) for index, (total, count) in sorted(sums.items())}


def is_stored(facts, layer):
    """Whether a complete study has all maps of a layer."""
    is_complete = facts.extraction.phase in ("done", "opened") and facts.study_path is not None
    return is_complete and layer in facts.summary.whole


def sourced(facts, layer, stored):
    """Where a layer's maps of samples come from.

    Parameters
    ----------
    facts : Facts
    layer : str
    stored : bool
        From the study; else the network is run.

    Returns
    -------
    callable(tools, samples, task, reduce) or str
        Gives what ``reduce(maps)`` makes of (sample, float32[C, ...]) one after the other; or why
        there are no maps, one sentence.
    """
    if stored and not is_stored(facts, layer):
        return f"{layer} was not kept in full, and the network of this study is not at hand."
    return _from_study(facts, layer) if stored else _from_network(facts.data, layer)


def _from_network(data, layer):
    def read(tools, samples, task, reduce):
        return reduce(maps_run(tools, data, samples, layer, task))

    return read


def _from_study(facts, layer):
    path, index = facts.study_path, getattr(facts.data, "index", None)

    def read(tools, samples, task, reduce):
        chosen = np.asarray(samples)
        wanted = chosen if index is None else np.asarray(index)[chosen]
        sample_of = dict(zip(wanted.tolist(), chosen.tolist(), strict=True))

        def work(study, task):
            numbers = np.asarray(study.samples.index)
            rows = np.flatnonzero(np.isin(numbers, wanted))
            maps = maps_stored(study, layer, rows, task)
            return reduce((sample_of[int(numbers[row])], values) for row, values in maps)

        return tools.read(path, work, task)

    return read
