"""A data set that the child process of a network evaluates many times: predictions, means.

The parent's end of `evaluating`. Work goes in slices of a quarter of a second, so that others
can ask the same process in between, progress is told, and a cancel is heard.
"""

import hashlib
import json
import time

import numpy as np

from engine.data.memory import available_memory
from engine.errors import MachineError
from engine.network import cost
from engine.run import measure
from engine.run.plan import check_fit, repeated_inputs
from engine.tasks import Task

UNKNOWN = -2
"""Predicted class of a sample that could not be read, or was not run."""

SLICE = 0.25
"""Seconds of one request, about."""

TURN = 0.002
"""Seconds between two requests, in which somebody who waits for the child process gets his turn."""

FIRST_RUNS = 8
"""Runs of the first request, before it is known how long they take."""

PATIENCE = 10
"""How many times as long as a single run a slice may be silent."""

SHARE_OF_MEMORY = 0.25
MOST_PARALLEL = 16_000_000
"""Parameters of a network whose batches run side by side."""

AT_LEAST = 128
SMALL_WORK = 300e6
"""Multiply-adds of a batch that may be that large whatever its tensors' sizes: runs have a price of
their own."""

MOST_MEMORY = 2 << 30
"""Bytes of what crosses a cut that are kept: this much, at most that share of what is free."""


class Survey:
    """Evaluates graphs of a network on a data set.

    Parameters
    ----------
    network : engine.network.network.Network
        With class scores.
    runner : engine.run.runner.Runner
        Of its file.
    data : engine.data.DataSet
    preprocessing : engine.network.preprocessing.Preprocessing, optional
        By default the network's own.
    samples : int, optional
        The first so many; all by default.
    batch : int, optional
        Samples at a time; by default it follows from the network's size.
    memory : int, optional
        Bytes of what crosses a cut that stay in memory between evaluations.

    Attributes
    ----------
    samples, batch, memory : int
    kept : int or None
        Samples whose tensors at the last cut are in memory.
    parallel : bool
        Batches run side by side, each on a thread of its own: graphs want ``threads`` = 1. What is
        small runs twice as fast so; large networks would need too much memory.
    notes : list of str
        Samples that could not be read.
    """

    def __init__(
        self, network, runner, data, *, preprocessing=None, samples=None, batch=None, memory=None
    ):
        preprocessing = preprocessing or network.preprocessing
        check_fit(network, preprocessing)
        self._network, self._runner, self._data = network, runner, data
        self.samples = len(data) if samples is None else min(samples, len(data))
        self.batch = batch_of(network, self.samples, batch)
        if memory is None:
            memory = min(MOST_MEMORY, int(SHARE_OF_MEMORY * available_memory()))
        self.memory, self.kept, self.notes = memory, None, []
        self.parallel = cost.total(network.layers)[0] <= MOST_PARALLEL
        self._request = {
            "preprocessing": preprocessing.as_json(),
            "image_input": network.image_input,
            "repeated": repeated_inputs(network),
            "batch_of_file": None if network.batch_is_free else network.batch,
            "batch": self.batch,
            "samples": self.samples,
            "scores": network.scores.as_json(),
            "memory": memory,
        }
        self._key, self._pid = None, None
        count = -(-self.samples // self.batch)
        self._places = list(range(count))
        if data.kind != "video":  # in any order, so that the first ones are a fair sample
            self._places = np.random.default_rng(0).permutation(count).tolist()

    def predictions(self, before, after, inputs, runs, *, what="", partial=None, task=None):
        """Predicted classes of all samples, for several settings of the inputs.

        Parameters
        ----------
        before : engine.run.graphs.Graph or None
            From the pictures to what crosses the cut; None: ``after`` takes the pictures.
        after : engine.run.graphs.Graph
            The rest; its one output is the class scores.
        inputs : dict of str to ndarray[M, ...]
            Its inputs that do not cross, one row for each run.
        runs : int
            M.
        what : str
            For the progress.
        partial : callable(int32[M, N]), optional
            Told what is known after each slice.
        task : Task, optional

        Returns
        -------
        int32[M, N]
            -1 without a class, -2 for samples that could not be read.
        """
        task = task or Task()
        found = np.full((runs, self.samples), UNKNOWN, np.int32)
        total, done, waiting = runs * self.samples, 0, list(self._places)
        arguments = {
            "before": None if before is None else before.key,
            "after": after.key,
            "output": after.outputs[0],
            "parallel": self.parallel,
        }
        graphs = [graph for graph in (before, after) if graph is not None]
        seconds = None
        while waiting:
            task.report(done, total, what)
            places, rows = self._slice(waiting, runs, seconds)
            started, cells = time.perf_counter(), 0
            for row in range(0, runs, rows):
                stop = min(row + rows, runs)
                facts, arrays = self._ask(
                    "predict",
                    graphs,
                    {name: value[row:stop] for name, value in inputs.items()},
                    task,
                    batches=places,
                    runs=stop - row,
                    again=stop < runs,
                    progress=[done + cells, total, what],
                    **arguments,
                )
                self._put(found[row:stop], places, arrays["classes"])
                cells += arrays["classes"].size
                if before is not None:
                    self.kept = facts["kept"]
                self._note(facts["skipped"])
            done += cells
            seconds = (time.perf_counter() - started) / (runs * len(places))
            del waiting[: len(places)]
            if partial is not None:
                partial(found)
        task.report(total, total, what)
        return found

    @property
    def words(self):
        """What is kept of the last cut, for a person; empty where it is everything."""
        if self.kept in (None, self.samples):
            return ""
        return (
            f"what enters the rest of the network is kept for {self.kept:,} of {self.samples:,} "
            "samples; for the others it is computed anew each time"
        )

    def means(self, graph, layout, *, what="", task=None):
        """The mean of each channel's finite values over all samples and positions.

        Parameters
        ----------
        graph : engine.run.graphs.Graph
            From the pictures to the tensor, its one output.
        layout : str
            Of the tensor, as `engine.network.layers.Layer.file_layout`.

        Returns
        -------
        float64[C]
            0 for a channel that is finite nowhere.
        """
        task = task or Task()
        sums, counts, done, waiting, seconds = 0.0, 0, 0, list(self._places), None
        while waiting:
            task.report(done, self.samples, what)
            places, _ = self._slice(waiting, 1, seconds)
            started = time.perf_counter()
            _, arrays = self._ask(
                "sums",
                [graph],
                {},
                task,
                graph=graph.key,
                output=graph.outputs[0],
                layout=layout,
                batches=places,
                progress=[done, self.samples, what],
            )
            if arrays:
                sums, counts = sums + arrays["sums"], counts + arrays["counts"]
            seconds = (time.perf_counter() - started) / len(places)
            done += sum(stop - first for first, stop in map(self._span, places))
            del waiting[: len(places)]
        return np.asarray(sums / np.maximum(counts, 1))

    def _slice(self, waiting, runs, seconds):
        """Batches of one slice, and how many runs of them one request does."""
        least = self._runner.threads if self.parallel else 1
        if seconds is None:
            return waiting[:least], min(runs, FIRST_RUNS)
        batches = int(SLICE / max(runs * seconds, 1e-9))
        if batches >= least:
            return waiting[:batches], runs
        return waiting[:least], max(1, int(SLICE / (least * seconds)))

    def _span(self, place):
        first = place * self.batch
        return first, min(first + self.batch, self.samples)

    def _put(self, found, places, classes):
        """Batches that lie one behind the other into the order of the samples."""
        at = 0
        for first, stop in map(self._span, places):
            found[:, first:stop] = classes[:, at : at + stop - first]
            at += stop - first

    def _note(self, skipped):
        for name, reason in skipped:
            text = f"left out {name}: {reason}"
            if text not in self.notes:
                self.notes.append(text)

    # -- the child process ---------------------------------------------------------------------

    def _ask(self, op, graphs, arrays, task, **arguments):
        """One request; what the child has dropped meanwhile is handed over again."""
        time.sleep(TURN)
        self._hand_over(task)
        for graph in graphs:
            graph.open(task)
        limit = PATIENCE * self._runner.seconds
        for _ in range(3):
            facts, found = self._runner.ask(
                op, arrays, seconds=limit, task=task, key=self._key, **arguments
            )
            if facts["known"]:
                return facts, found
            self._pid = None
            self._hand_over(task)
            for graph in graphs:
                graph.open_again(task)
        raise MachineError(
            "its child process drops graphs before they can run",
            where=self._network.path,
            remedy="close other views, or start again",
        )

    def _hand_over(self, task):
        if self._pid == self._runner.pid:
            return
        if self._key is None:
            self._data.identify(task)
            self._request["data"] = self._data.describe()
            text = json.dumps(self._request, sort_keys=True, default=str)
            self._key = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        feeds = self._network.feeds.items()
        arrays = {f"feed/{name}": np.asarray(value) for name, value in feeds}
        request = {**self._request, "key": self._key}
        self._runner.ask("survey", arrays, task=task, request=request)
        self._pid = self._runner.pid


def batch_of(network, samples, wished=None):
    """Samples at a time, by the rule of `measure.choose_batch` without its measuring."""
    if not network.batch_is_free:
        return max(1, network.batch)
    if wished:
        return wished
    if any("N" not in layer.file_layout for layer in network.layers):
        return 1
    _, macs = cost.total(network.layers)
    sizes = [4 * int(np.prod(layer.output_shape)) for layer in network.layers]
    useful = max(measure.FEW, measure.CACHED // max(1, max(sizes, default=1)))
    useful = max(useful, min(AT_LEAST, int(SMALL_WORK // max(1, macs))))
    most = max(1, min(measure.MOST, int(measure.WORK // max(1, macs)), useful, samples))
    return 1 << (most.bit_length() - 1)
