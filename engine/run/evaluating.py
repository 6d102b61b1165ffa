"""A data set through a network cut in two: what lies before the cut once, the rest many times.

Lives in the child process. What crosses the cut stays in memory, batch by batch, as far as its
budget goes; what does not fit is computed anew when it is asked for again. Networks, batches and
what is switched off come with each request, so that the process is free for others in between.
"""

import numpy as np

from engine.network.axes import batch_axis, channel_axis, layout_letters
from engine.network.scores import Scores
from engine.run.feed import Feed

UNKNOWN = -2
"""Predicted class of a sample that could not be read, or was not run."""


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
        self._conversation = conversation
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

    def close(self):
        """End the threads, and free what was kept."""
        self._feed.close()
        self._kept = {}

    def predict(self, arrays, before, after, output, batches, runs, progress):
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
        found, skipped = [], []
        done, total, what = progress
        for fed, crossing in self._crossing(first, batches):
            skipped += [[name, reason] for _, name, reason in fed.skipped]
            classes = np.full((runs, fed.stop - fed.first), UNKNOWN, np.int32)
            for run in range(runs if len(fed.samples) else 0):
                self._conversation.report(done + run * classes.shape[1], total, what)
                given = crossing | {name: value[run] for name, value in arrays.items()}
                scores = rest.handles([output], given)[output].numpy()
                scores = self._scores.read(scores)[: len(fed.samples)]
                classes[run, fed.samples - fed.first] = self._scores.predict(scores)
            found.append(classes)
            done += classes.size
        kept = sum(len(fed.samples) for fed, _ in self._kept.values())
        return {"skipped": skipped, "kept": kept}, {"classes": np.concatenate(found, axis=1)}

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
        total, sums, counts = 0, 0.0, 0
        done, total, what = progress
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

    def _crossing(self, first, batches):
        """Each batch, and what goes into the rest of the network for it."""
        lacking = [place for place in batches if place not in self._kept]
        fresh = self._feed.batches(self._span(place) for place in lacking)
        for place in batches:
            if place in self._kept:
                yield self._kept[place]
                continue
            fed = next(fresh)
            if not len(fed.samples):
                yield fed, {}
                continue
            feeds = self._feed.feeds(fed.inputs)
            if first is None:
                yield fed, feeds
                continue
            names = list(first.outputs)
            found = first.handles(names, feeds)
            fed.inputs = None
            self._keep(place, fed, found)
            yield fed, found

    def _keep(self, place, fed, found):
        size = sum(value.tensor_size_in_bytes() for value in found.values())
        if self._kept_bytes + size <= self._memory:
            self._kept[place] = (fed, found)
            self._kept_bytes += size


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
