"""Mean maps over the selected samples: from the study where it kept a layer whole, else by running.

Samples are taken in a fixed shuffled order, so that the mean of those done so far is that of a
fair sample, shown while the rest goes on and kept when a person cancels. Finished means are
remembered, bounded in bytes. All work is a job with progress and Cancel; the study is read by its
one thread, a block of rows at a time; the network runs in a child of its own.
"""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace

import numpy as np

from engine.errors import Cancelled, LamellaError
from viewer.state.layout import in_front
from viewer.state.orders import of_mean
from viewer.studio.facts import READY
from viewer.studio.inputs import input_of
from viewer.studio.jobs import sentence
from viewer.studio.recorded import is_whole

INPUT = "input"
SEEN = "seen"
CACHE_BYTES = 256 * 2**20
BLOCK_BYTES = 16 * 2**20
SEEK_BYTES = 2**18  # what could be read in the time that looking for a row takes
SECONDS_BETWEEN_NEWS = 1.0


@dataclass(frozen=True, eq=False)
class MeanMaps:
    """The mean of every layer's maps over some samples.

    Attributes
    ----------
    key : str
        Of the network, data, preprocessing and samples.
    maps : dict of str to float32[C, *positions]
        By layer, `INPUT` included where there are pictures. NaN where any sample is NaN.
    counts : dict of str to int
        Of how many samples each is the mean.
    wanted : int
        How many samples were asked for.
    running : bool
    failure : str or None
    seen : uint8[H, W, 3] or None
        The mean of the pictures as the network gets them, to look at.
    whole : bool
        False: only the input was asked for.
    """

    key: str
    maps: dict = field(default_factory=dict)
    counts: dict = field(default_factory=dict)
    wanted: int = 0
    running: bool = True
    failure: str | None = None
    seen: np.ndarray | None = None
    whole: bool = True

    @property
    def nbytes(self):
        """Bytes of all maps."""
        return sum(values.nbytes for values in self.maps.values())

    @property
    def is_exact(self):
        """Whether every layer's mean is over all samples asked for."""
        counts = self.counts.values()
        return bool(counts) and all(count == self.wanted for count in counts)

    @property
    def words(self):
        """What it is, in words: ``'mean of 120 of 300 samples'``."""
        return self.words_of(self.maps)

    @property
    def layers(self):
        """Names of the layers whose mean is there; the input is none."""
        return tuple(name for name in self.maps if name != INPUT)

    def words_of(self, names):
        """The same of some layers or the input."""
        counts = [self.counts[name] for name in names if name in self.counts]
        samples = f"{self.wanted:,} sample{'' if self.wanted == 1 else 's'}"
        if not counts:
            return f"The mean over {samples} is being made."
        count = min(counts)
        return f"mean of {samples}" if count == self.wanted else f"mean of {count:,} of {samples}"


def chosen_samples(selected, count):
    """Samples that are selected, or all where none is; in a fixed shuffled order.

    Parameters
    ----------
    selected : Selected or None
    count : int
        N.

    Returns
    -------
    int64[S]
    """
    samples = np.arange(count) if selected is None else np.flatnonzero(selected.samples)
    if not len(samples):
        samples = np.arange(count)
    return np.random.default_rng(len(samples)).permutation(samples)


def wanted_means(state):
    """What the state shows means of: ``'maps'`` (all layers), ``'input'`` (it alone) or None."""
    seen = in_front(state.window.layout, state.window.only)
    if ("maps" in seen and state.maps.set == "mean") or (
        {"stack", "slices"} & set(seen) and state.stack.set == "mean"
    ):
        return "maps"
    if seen and orders_mean(state):
        return "maps"
    return "input" if "sample" in seen and state.sample.set == "mean" else None


def orders_mean(state):
    """Whether an order of the mean is in force, or listed in the orders pane."""
    is_listed = "orders" in in_front(state.window.layout, state.window.only)
    is_listed = is_listed and state.orders.of(state.focus.layer).basis == "selection"
    return is_listed or of_mean(state.orders)


class Sums:
    """Sums of maps in float64, and how many samples are in each."""

    def __init__(self):
        self._sums, self.counts = {}, {}

    def add(self, name, values, samples=1):
        """Add the sum of so many samples' maps."""
        with np.errstate(invalid="ignore", over="ignore"):
            if name in self._sums:
                self._sums[name] += values
            else:
                self._sums[name] = np.array(values, np.float64)
        self.counts[name] = self.counts.get(name, 0) + samples

    def means(self):
        """float32 means by name."""
        with np.errstate(invalid="ignore", over="ignore"):
            return {
                name: (total / self.counts[name]).astype(np.float32)
                for name, total in self._sums.items()
            }


class MeanKeeper:
    """Keeps ``facts.means`` what the state asks for.

    Parameters
    ----------
    studio : Studio
    reader : StudyReader
    tell : callable(MeanMaps or None)
        Puts it into the facts; main thread.
    """

    def __init__(self, studio, reader, tell):
        self._studio = studio
        self._reader = reader
        self._tell = tell
        self._job = self._begun = self._inputs = None
        self._remembered = OrderedDict()
        studio.session.holder.changed.connect(self._changed)
        studio.changed.connect(self._changed)

    def close(self):
        """Listen no more."""
        self._studio.session.holder.changed.disconnect(self._changed)
        self._studio.changed.disconnect(self._changed)

    def _changed(self, new, old):
        state, facts = self._studio.session.state, self._studio.facts
        is_set = "mean" in (state.maps.set, state.stack.set, state.sample.set)
        is_set = is_set or orders_mean(state)
        if not is_set or facts.phase != READY or facts.data is None:
            self._stop()
            self._inputs = None
            if facts.means is not None:
                self._tell(None)
            return
        wanted, selected = wanted_means(state), facts.selected
        if wanted is None or facts.preprocessing is None:
            return
        if selected is None and state.selection or selected is not None and selected.running:
            return  # it follows
        inputs = (facts.network, facts.data, facts.preprocessing, selected)
        if self._inputs is None or any(
            here is not there for here, there in zip(inputs, self._inputs[0], strict=True)
        ):
            samples = chosen_samples(selected, facts.sample_count)
            self._inputs = inputs, samples, key_of(facts, samples)
        _, samples, key = self._inputs
        means = facts.means
        if means is None or means.key != key or (wanted == "maps" and not means.whole):
            self._begin(facts, samples, key, wanted == "maps")

    def _stop(self):
        self._begun = None
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _begin(self, facts, samples, key, whole):
        self._stop()
        for known in ((key, True), *(() if whole else ((key, False),))):
            if known in self._remembered:
                self._remembered.move_to_end(known)
                self._tell(self._remembered[known])
                return
        begun = self._begun = MeanMaps(key, wanted=len(samples), whole=whole)
        self._tell(begun)
        studio = self._studio
        work = MeanWork(studio.engine, self._reader, facts, samples, begun)
        self._job = studio.jobs.start(
            f"Averaging {len(samples):,} samples",
            lambda task: work.run(task, lambda means: studio.inbox.post(self._came, begun, means)),
            unit="samples",
            done=lambda means: self._came(begun, means),
            failed=lambda error: self._failed(begun, error),
            ended=lambda: self._ended(begun),
        )

    def _came(self, begun, means):
        if begun is not self._begun:
            return
        if not means.running:
            self._remembered[means.key, means.whole] = means
            total = sum(found.nbytes for found in self._remembered.values())
            while total > CACHE_BYTES and len(self._remembered) > 1:
                total -= self._remembered.popitem(last=False)[1].nbytes
        self._tell(means)

    def _failed(self, begun, error):
        if begun is not self._begun:
            return
        text, foreseen = sentence(error)
        self._tell(replace(self._studio.facts.means, running=False, failure=text))
        if not foreseen:
            self._studio.failed.emit("Averaging samples", error)

    def _ended(self, begun):
        """When a person cancelled it, what was done is kept."""
        means = self._studio.facts.means
        if begun is self._begun and means is not None and means.running:
            failure = None if means.maps else "Cancelled before the first sample."
            self._tell(replace(means, running=False, failure=failure))


def key_of(facts, samples):
    """What a mean depends on, as a hash."""
    parts = (facts.network.sha256, facts.data.hash, str(len(facts.data)))
    known = hashlib.sha256("\n".join((*parts, facts.preprocessing.digest())).encode())
    known.update(np.sort(samples).astype(np.int64).tobytes())
    return known.hexdigest()


def row_blocks(rows, row_bytes):
    """How rows of a file are read: about `BLOCK_BYTES` at a time.

    Where most rows are wanted, or rows are so small that looking for each takes longer, whole
    stretches are read.

    Parameters
    ----------
    rows : int64[S]
        Rising.
    row_bytes : int

    Yields
    ------
    (slice or int64[n], slice or int64[n])
        What to read, and which rows of that are wanted.
    """
    if not len(rows):
        return
    step = max(1, BLOCK_BYTES // max(1, row_bytes))
    low, high = int(rows[0]), int(rows[-1]) + 1
    if (high - low) * row_bytes > len(rows) * (row_bytes + SEEK_BYTES):
        for first in range(0, len(rows), step):
            yield rows[first : first + step], slice(None)
        return
    for first in range(low, high, step):
        some = rows[slice(*np.searchsorted(rows, (first, first + step)))]
        if len(some):
            start = int(some[0])
            yield slice(start, int(some[-1]) + 1), some - start


class MeanWork:
    """The work of one mean, in a thread of its own.

    Parameters
    ----------
    engine : EngineDoor
    reader : StudyReader
    facts : Facts
    samples : int64[S]
        In the order in which they are taken.
    means : MeanMaps
        Without maps.
    """

    def __init__(self, engine, reader, facts, samples, means):
        self._engine = engine
        self._reader = reader
        self._facts = facts
        self._samples = samples
        self._means = means
        self._sums = Sums()
        self._told = time.monotonic()

    def run(self, task, news):
        """Make the mean; ``news(MeanMaps)`` is called with what there is about once a second."""
        read = self._read_study(task) if self._means.whole else ()
        if read:
            news(self._so_far())
        names = [layer.name for layer in self._facts.network.layers if layer.name not in read]
        if self._facts.recording is not None or not self._means.whole:
            names = []
        try:
            self._run_network(names, task, news)
        except Cancelled:
            news(self._so_far())
            raise
        return replace(self._so_far(), running=False)

    def _so_far(self):
        maps, counts = self._sums.means(), dict(self._sums.counts)
        counts.pop(SEEN, None)
        seen = maps.pop(SEEN, None)
        if seen is not None:
            seen = np.rint(seen).astype(np.uint8)
        return replace(self._means, maps=maps, counts=counts, seen=seen)

    def _read_study(self, task):
        """Add the layers that a complete study kept whole; returns their names."""
        facts = self._facts
        if facts.study_path is None or facts.extraction.phase not in ("done", "opened"):
            return ()
        return self._reader.read(lambda: self._sum_study(facts.study_path, task))

    def _sum_study(self, path, task):
        """In the study's thread: between two blocks of rows it looks whether to stop."""
        with self._engine.open_study(path) as study:
            index = np.asarray(study.samples.index)
            rows = np.flatnonzero(np.isin(index, self._samples))
            if self._facts.recording is not None:
                rows = np.sort(self._samples)
            plans = {name: study.kept(name) for name in study.layers}
            names = [name for name, plan in plans.items() if is_whole(plan)]
            if len(rows) < len(self._samples) or not names:
                return ()
            for name in names:
                task.report(0, len(self._samples), f"reading {name}")
                self._sum_layer(study, name, plans[name], rows, task)
            return names

    def _sum_layer(self, study, name, plan, rows, task):
        values = study.activations(name)
        places = None
        if plan.policy == "sampled" and plan.positions:
            places = study.places(name)
        for window, some in row_blocks(rows, values.nbytes // max(1, len(values))):
            task.check()
            self._reader.let_others()
            block = np.asarray(values[window])[some]
            if places is not None:
                order = np.argsort(np.asarray(places[window])[some], axis=1)
                block = np.take_along_axis(block, order[:, None], axis=2)
            total = np.zeros(block.size // len(block))
            self._engine.add_rows(np.ascontiguousarray(block).reshape(len(block), -1), total)
            total = total.reshape(plan.channels, *plan.positions)
            self._sums.add(name, total, len(block))

    def _run_network(self, names, task, news):
        """Add the other layers and the input, one sample after the other."""
        facts, runner = self._facts, None
        try:
            for done, sample in enumerate(self._samples):
                task.check()
                task.report(done, len(self._samples), "")
                picture = self._picture(int(sample))
                if picture is None:
                    continue
                if names and runner is None:
                    runner = self._engine.runner(facts.network.path)
                if names:
                    maps, _ = self._engine.run_sample(
                        runner, facts.network, facts.preprocessing, picture, names
                    )
                    for name, values in maps.items():
                        self._sums.add(name, values)
                self._sums.add(INPUT, input_of(facts.preprocessing, picture))
                self._sums.add(SEEN, facts.preprocessing.as_seen(picture))
                if time.monotonic() - self._told > SECONDS_BETWEEN_NEWS:
                    news(self._so_far())
                    self._told = time.monotonic()
            task.report(len(self._samples), len(self._samples), "")
        finally:
            if runner is not None:
                runner.close()

    def _picture(self, sample):
        """The picture of a sample; None where it cannot be read (told by the data set)."""
        try:
            return self._facts.data.image(sample)
        except LamellaError:
            return None
