"""A data set through a network cut in two: what lies before the cut once, the rest many times.

Lives in the child process. What crosses the cut stays in memory, batch by batch, as far as its
budget goes; what does not fit is computed anew when it is asked for again. Networks, batches and
what is switched off come with each request, so that the process is free for others in between.
"""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
import onnxruntime

from engine.network.axes import batch_axis, channel_axis, layout_letters
from engine.network.scores import Scores
from engine.run.feed import Feed
from engine.run.survey import UNKNOWN


class Evaluating:
    """Runs batches of one data set.

    Parameters
    ----------
    runtime : engine.run.sessions.Runtime
    conversation : engine.run.child.Conversation
    graphs : engine.run.computing.Computing
    arrays : dict of str to ndarray
        Constant inputs of the network (``feed/NAME``).
    request : dict
        ``key, data, preprocessing, image_input, repeated, batch_of_file, batch, samples, scores,
        memory``.

    Attributes
    ----------
    key : str
        Of the request.
    """

    def __init__(self, runtime, conversation, graphs, arrays, request):
        from engine.data import reopen
        from engine.network.preprocessing import Preprocessing

        self.key = request["key"]
        self._runtime, self._conversation = runtime, conversation
        self._graphs = graphs
        self._batch, self._samples = request["batch"], request["samples"]
        self._memory = request["memory"]
        self._scores = Scores.from_json(request["scores"])
        self._data = reopen(request["data"])
        self._feed = Feed(
            self._data,
            Preprocessing.from_json(request["preprocessing"]),
            request["image_input"],
            constants={name.removeprefix("feed/"): value for name, value in arrays.items()},
            repeated=request["repeated"],
            fixed_batch=request["batch_of_file"],
            threads=runtime.threads,
        )
        self._kept, self._kept_of, self._kept_bytes = {}, None, 0
        self._latest, self._again = {}, False
        self._pool = ThreadPoolExecutor(runtime.threads, thread_name_prefix="evaluating")
        self._lock = threading.Lock()

    def close(self):
        """End the threads, and free what was kept."""
        self._feed.close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._kept = {}

    def predict(self, arrays, before, after, output, batches, runs, again, parallel, progress):
        """Predicted classes of some batches, for several things switched off.

        Parameters
        ----------
        arrays : dict of str to ndarray
            Inputs of the rest, one for each run along the first axis.
        before, after : str
            Keys of graphs; no ``before``: the rest takes the pictures.
        output : str
            Its class scores.
        batches : list of int
        runs : int
            Along the first axis of ``arrays``.
        again : bool
            The same batches come again with the next request: what crosses is kept till then.
        parallel : bool
            Batches side by side, each on a thread of its own.
        progress : (int, int, str)
            Runs of a sample that are done, in all, and of what.

        Returns
        -------
        (dict, dict) or (None, dict)
            ``skipped`` (name, reason) and ``kept`` samples; ``classes`` int32[runs, n] of the
            samples of these batches, one batch behind the other. None when a graph is not here.
        """
        rest = self._graphs.session(after)
        first = None if before is None else self._graphs.session(before)
        if rest is None or (before is not None and first is None):
            return None, {}
        if before is not None and before != self._kept_of:
            self._kept, self._kept_of, self._kept_bytes = {}, before, 0
            self._latest = {}
        self._again = again
        rows = [{name: _own(value[run]) for name, value in arrays.items()} for run in range(runs)]
        parallel = parallel and not self._runtime.choice.on_gpu
        work = self._side_by_side if parallel else self._one_by_one
        found, skipped, (done, total, what) = [], [], progress
        with closing(work(_Runs(first, rest, output, rows), batches, progress)) as results:
            for fed, classes in results:
                skipped += [[name, reason] for _, name, reason in fed.skipped]
                found.append(classes)
                done += classes.size
                self._conversation.report(done, total, what)
        if not again:
            self._latest = {}
        kept = sum(fed.stop - fed.first for fed, _ in self._kept.values())
        return {"skipped": skipped, "kept": kept}, {"classes": np.concatenate(found, axis=1)}

    def _one_by_one(self, asked, batches, progress):
        """Batch after batch, run after run; every operator has all threads."""
        done, total, what = progress
        for place, fed in self._fed(asked, batches):
            crossing = self._crossing(asked, place, fed, asked.handles)
            scores = []
            for row in asked.rows if len(fed.samples) else ():
                self._conversation.report(done, total, what)
                scores.append(asked.scores(crossing, row, asked.rest.handles))
                done += fed.stop - fed.first
            yield fed, self._classes(fed, scores, len(asked.rows))

    def _side_by_side(self, asked, batches, progress):
        """Batches in threads; every operator has one."""
        with self._runtime.stoppable() as options:

            def rest(names, given):
                return asked.rest.together(names, given, options)

            def first(names, given):
                given = {name: _own(value) for name, value in given.items()}
                return asked.first.together(names, given, options)

            def work(place, fed):
                crossing = self._crossing(asked, place, fed, first)
                rows = asked.rows if len(fed.samples) else ()
                scores = [asked.scores(crossing, row, rest) for row in rows]
                return fed, self._classes(fed, scores, len(asked.rows))

            jobs = []
            try:
                for place, fed in self._fed(asked, batches):
                    jobs.append(self._pool.submit(work, place, fed))
                for job in jobs:
                    yield job.result()
            finally:
                self._ended(jobs)

    def _ended(self, jobs):
        """Wait until none runs: what a late one keeps would belong to another cut."""
        running = [job for job in jobs if not job.cancel()]
        wait(running)

    def _fed(self, asked, batches):
        """Each batch: what was kept of it, or fresh pictures."""
        kept = {} if asked.first is None else self._kept | self._latest
        fresh = self._feed.batches(self._span(place) for place in batches if place not in kept)
        for place in batches:
            yield place, kept[place][0] if place in kept else next(fresh)

    def _crossing(self, asked, place, fed, run):
        """What goes into the rest of the network for a batch: OrtValues by name."""
        if not len(fed.samples):
            return {}
        if fed.inputs is None:
            return (self._kept.get(place) or self._latest[place])[1]
        feeds = self._feed.feeds(fed.inputs)
        if asked.first is None:
            return {name: _own(value) for name, value in feeds.items()}
        found = run(list(asked.first.outputs), feeds)
        size = sum(value.tensor_size_in_bytes() for value in found.values())
        with self._lock:
            if self._kept_bytes + size <= self._memory:
                self._kept[place] = (replace(fed, inputs=None), found)
                self._kept_bytes += size
            elif self._again:
                self._latest[place] = (replace(fed, inputs=None), found)
        return found

    def _classes(self, fed, scores, runs):
        """Predicted classes int32[runs, n] of a batch from the tensors of its scores."""
        classes = np.full((runs, fed.stop - fed.first), UNKNOWN, np.int32)
        if scores:
            count = len(fed.samples)
            read = np.concatenate([self._scores.read(each)[:count] for each in scores])
            classes[:, fed.samples - fed.first] = self._scores.predict(read).reshape(runs, count)
        return classes

    def sums(self, arrays, graph, output, layout, batches, progress):
        """Sums of the finite values of each channel over some batches.

        Returns
        -------
        (dict, dict) or (None, dict)
            ``sums`` float64[C] and ``counts`` int64[C]; None when the graph is not here.
        """
        session = self._graphs.session(graph)
        if session is None:
            return None, {}
        letters = layout_letters(layout)
        sums, counts, (done, total, what) = 0.0, 0, progress
        for fed in self._feed.batches(self._span(place) for place in batches):
            self._conversation.report(done, total, what)
            done += fed.stop - fed.first
            if not len(fed.samples):
                continue
            values = session.handles([output], self._feed.feeds(fed.inputs))[output].numpy()
            added, counted = _sums(values, letters, len(fed.samples))
            sums, counts = sums + added, counts + counted
        if np.ndim(counts) == 0:
            return {}, {}
        return {}, {"sums": sums, "counts": counts}

    def _span(self, place):
        first = place * self._batch
        return first, min(first + self._batch, self._samples)


@dataclass(frozen=True)
class _Runs:
    """The two graphs' sessions, and what is switched off in each run."""

    first: object
    rest: object
    output: str
    rows: list

    def handles(self, names, feeds):
        """The tensors that cross the cut, for pictures."""
        return self.first.handles(names, feeds)

    def scores(self, crossing, row, run):
        """The tensor of class scores for one run."""
        return run([self.output], crossing | row)[self.output].numpy()


def _own(array):
    return onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(array))


def _sums(values, letters, count):
    """Sums and counts of the finite values of each channel, the first ``count`` samples."""
    values = values.astype(np.float32, copy=False)
    axis, batch = channel_axis(letters), batch_axis(letters)
    if batch is not None and len(letters[batch]) == 1:
        values = values.take(range(count), axis=batch)
    flat = np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)
    finite = np.isfinite(flat)
    if finite.all():
        return flat.sum(axis=1, dtype=np.float64), np.full(len(flat), flat.shape[1], np.int64)
    return np.where(finite, flat, 0).sum(axis=1, dtype=np.float64), finite.sum(axis=1)
