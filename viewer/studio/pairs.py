"""Statistics of pairs of channels, for the matrix in sight.

One job at a time, with progress and Cancel; what was made is remembered, bounded in bytes. Where
a statistic over all points would take long it is of a fair sample, and says so.
"""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from viewer.state.layout import in_front
from viewer.studio.facts import READY
from viewer.studio.jobs import sentence
from viewer.studio.table_file import written

CACHE_BYTES = 256 * 2**20
JOINT_BYTES = 256 * 2**20
MOST_RANKED = 10
MOST_CLASSES = 254
LEFT_OUT = 255
# Multiplications, and points of cells, that a statistic may take: well below a second on two cores,
# because the cells in sight are counted at the same time.
PRODUCTS, VISITS = 3e10, 5e8
FEWEST, FEWEST_DISTANCES = 2_000, 250
WORDS = {
    "density": "density",
    "correlation": "correlation",
    "separation": "class separation",
    "distance": "distance correlation",
}


@dataclass(frozen=True, eq=False)
class PairTable:
    """A statistic of every pair of channels.

    Attributes
    ----------
    statistic : str
        One of `viewer.state.matrix.STATISTICS`.
    values : float32[R, C] or None
        By channel; NaN where there is none. None: see ``failure``.
    low, high : float
        What values can be.
    words : str
        Of how many points.
    ranked : tuple of (row channel, column channel, value)
        The largest first.
    failure : str
        Why there are no values.
    """

    statistic: str
    values: object = None
    low: float = 0.0
    high: float = 1.0
    words: str = ""
    ranked: tuple = ()
    failure: str = ""

    @property
    def nbytes(self):
        """Bytes of the values."""
        return 0 if self.values is None else self.values.nbytes


class PairKeeper:
    """Keeps ``facts.pairs`` what the state asks for.

    Parameters
    ----------
    studio : Studio
    tell : callable(dict)
        Puts tables into the facts; main thread.
    """

    def __init__(self, studio, tell):
        self._studio = studio
        self._tell = tell
        self._tables = OrderedDict()
        self._making = self._job = None
        studio.session.holder.changed.connect(self._changed)
        studio.changed.connect(self._changed)

    def close(self):
        """Listen no more."""
        self._studio.session.holder.changed.disconnect(self._changed)
        self._studio.changed.disconnect(self._changed)

    def _changed(self, *_):
        wanted = wanted_of(self._studio.session.state, self._studio.facts)
        if self._making is not None and self._making not in wanted:
            self._making = None
            self._job.cancel()
        for key in wanted:
            if key in self._tables:
                self._tables.move_to_end(key)
        if self._making is None:
            missing = [key for key in wanted if key not in self._tables]
            if missing:
                self._begin(missing[0], wanted[missing[0]])

    def _begin(self, key, wish):
        self._making = key
        self._job = self._studio.jobs.start(
            wish.title,
            wish.make,
            done=lambda made: self._came(key, made),
            failed=lambda error: self._failed(key, wish, error),
            ended=lambda: self._ended(key, wish),
        )

    def _failed(self, key, wish, error):
        text, foreseen = sentence(error)
        self._came(key, wish.nothing(text))
        if not foreseen:
            self._studio.failed.emit(wish.title, error)

    def _ended(self, key, wish):
        """A person has cancelled it: it is not begun again by itself."""
        if key == self._making:
            self._came(key, wish.nothing("cancelled"))

    def _came(self, key, made):
        if key != self._making:
            return
        self._making = None
        self._tables[key] = made
        total = sum(table.nbytes for table in self._tables.values())
        while total > CACHE_BYTES and len(self._tables) > 1:
            total -= self._tables.popitem(last=False)[1].nbytes
        self._tell(dict(self._tables))
        self._changed()


def wanted_of(state, facts):
    """What is to be there: wishes by their keys in the facts, the most urgent first."""
    window = state.window
    if facts.phase != READY or "matrix" not in in_front(window.layout, window.only):
        return {}
    layer, other = state.focus.layer, state.matrix.columns_from
    points = facts.points.get(layer)
    others = None if other in (None, layer) else facts.points.get(other)
    if points is None or (other not in (None, layer) and others is None):
        return {}
    found, settings = {}, state.matrix
    if settings.shows_overview:
        key = (points.key, "" if others is None else others.key, settings.statistic)
        found[key] = TableWish(settings.statistic, points, others, facts)
    return found


class TableWish:
    """A statistic to be made.

    Attributes
    ----------
    title : str
        Of the job.
    """

    def __init__(self, statistic, points, others, facts):
        self._statistic, self._points, self._others = statistic, points, others
        self._facts = facts
        between = "" if others is None else f" and {others.columns.layer}"
        self.title = f"{WORDS[statistic].capitalize()} of {points.columns.layer}{between}"

    def make(self, task):
        """The `PairTable`; in a job's thread."""
        from engine.analysis import pairs  # Numba is loaded when it is needed
        from engine.embedding.across import joined

        rows, columns, points = self._points.columns, None, self._points
        if self._others is not None:
            joint = joined(self._facts.network, points, self._others, task, JOINT_BYTES)
            rows, columns, points = joint.rows, joint.columns, joint.points
        groups, count = None, 0
        if self._statistic == "separation":
            groups, count = classes_of(points, self._facts)
            if count < 2:
                return self.nothing("needs labels of two classes")
        most = most_points(self._statistic, rows, columns)
        made = pairs.made(self._statistic, rows, columns, groups, count, most, task)
        ranked = tuple(pairs.ranked(made, MOST_RANKED, columns is None))
        words = f"{made.count:,} points"
        if made.count < made.total:
            words = f"{made.count:,} of {made.total:,} points"
        return PairTable(self._statistic, made.values, made.low, made.high, words, ranked)

    def nothing(self, failure):
        """In place of values: why there are none."""
        return PairTable(self._statistic, failure=failure)


def write_pairs(path, table, rows, columns, task):
    """Write a statistic as a CSV file: a line a channel of the rows, a field a channel of the
    columns, which the first line names; empty where there is no value.

    Parameters
    ----------
    path : Path
    table : PairTable
    rows, columns : str
        Names of the layers.
    task : Task

    Returns
    -------
    int
        Lines below the heading.

    Raises
    ------
    InputError, MachineError, Cancelled
        Nothing is left behind.
    """
    count = len(table.values)
    with written(path) as writer:
        said = f"{WORDS[table.statistic]} of {table.words}"
        writer.writerow([said, *(f"{columns}:{c}" for c in range(table.values.shape[1]))])
        for channel, values in enumerate(table.values.tolist()):
            task.report(channel, count, "channels")
            fields = ("" if value != value else f"{value:.7g}" for value in values)
            writer.writerow([f"{rows}:{channel}", *fields])
    return count


def most_points(statistic, rows, columns=None):
    """Of how many points a statistic is made; distances are of all pairs of points."""
    cells = max(1, rows.channels * (columns or rows).channels)
    if statistic == "distance":
        return min(rows.count, FEWEST, max(FEWEST_DISTANCES, int((2 * PRODUCTS / cells) ** 0.5)))
    affordable = VISITS if statistic == "density" else PRODUCTS
    return min(rows.count, max(FEWEST, int(affordable / cells)))


def classes_of(points, facts):
    """The class of each point by its sample's label, else by its prediction.

    Returns
    -------
    (uint8[P], int)
        `LEFT_OUT` without a class, or one of the rarest beyond `MOST_CLASSES`; how many classes.
    """
    classes = facts.labels
    if classes is None or not (np.asarray(classes) >= 0).any():
        classes = facts.summary.predicted
    if classes is None:
        return np.full(points.count, LEFT_OUT, np.uint8), 0
    classes = np.asarray(classes)
    counts = np.bincount(classes[classes >= 0])
    shown = np.argsort(-counts, kind="stable")[: min(MOST_CLASSES, np.count_nonzero(counts))]
    table = np.full(len(counts) + 1, LEFT_OUT, np.uint8)
    table[shown] = np.arange(len(shown))
    most = max(len(classes), int(points.sample.max(initial=-1)) + 1)
    of_samples = np.full(most, -1, np.int64)
    of_samples[: len(classes)] = classes
    return table[of_samples[points.sample]], len(shown)
