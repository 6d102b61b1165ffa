"""Batches of network inputs, read and prepared ahead of the inference that needs them.

Lives in the child process. Arrays are prepared batch by batch, files one by one in a small thread
pool (Pillow decodes without the GIL); the next batches are under way while one is computed.
"""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from engine.errors import InputError, LamellaError

AHEAD = 2
SEPARATE = frozenset(("folder", "list", "file"))


@dataclass
class Batch:
    """Samples `first` to `stop` of the data set, as far as they could be read.

    Attributes
    ----------
    first, stop : int
    samples : int64[n]
        Indices of those that could be read, ascending.
    inputs : ndarray[n, ...] or None
        Prepared pictures, one a sample; None when n is 0. `Feed.feeds` makes inputs of them.
    skipped : list of (sample index, name, reason)
    """

    first: int
    stop: int
    samples: np.ndarray
    inputs: np.ndarray | None
    skipped: list = field(default_factory=list)


class Feed:
    """Reads samples and makes network inputs of them.

    Parameters
    ----------
    data : engine.data.DataSet
    preprocessing : engine.network.preprocessing.Preprocessing
    image_input : str
        The input that gets the picture.
    constants : dict of str to ndarray
        The other inputs, for a batch of one sample.
    repeated : iterable of str
        Those of `constants` that have one row for each sample.
    fixed_batch : int, optional
        The only batch that the network takes; shorter ones are padded with their last sample.
    threads : int
    """

    def __init__(
        self,
        data,
        preprocessing,
        image_input,
        *,
        constants=None,
        repeated=(),
        fixed_batch=None,
        threads=2,
    ):
        self._data = data
        self._prepare = preprocessing
        self._image_input = image_input
        self._constants = constants or {}
        self._repeated = frozenset(repeated)
        self._fixed = fixed_batch
        self.has_batch = "N" in preprocessing.layout
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="feed")

    def batches(self, ranges):
        """`Batch` for each (first, stop), in order; the next ones are prepared meanwhile."""
        ranges = iter(ranges)
        under_way = deque()
        try:
            for _ in range(AHEAD):
                self._start(ranges, under_way)
            while under_way:
                ready = under_way.popleft()
                self._start(ranges, under_way)
                yield ready()
        finally:
            for ready in under_way:
                ready(cancel=True)

    def first(self, count, among):
        """A batch of the first `count` samples that can be read.

        Raises
        ------
        InputError
            When none of the data set can be.
        """
        reasons = []
        step = max(count, 8)
        for start in range(0, among, step):
            batch = next(iter(self.batches([(start, min(start + step, among))])))
            if len(batch.samples):
                samples, inputs = batch.samples[:count], batch.inputs[:count]
                return Batch(start, start + step, samples, inputs, batch.skipped)
            reasons += batch.skipped
        _, name, reason = reasons[0]
        raise InputError(
            f"none of the {among} samples can be read; {name}: {reason}",
            where=self._data.path,
            remedy="check the files, or choose --preprocess and --layout",
        )

    def feeds(self, inputs):
        """All inputs for prepared pictures [n, ...] (without an axis N: for the first of them)."""
        rows = len(inputs) if self.has_batch else 1
        if self._fixed and self.has_batch and rows < self._fixed:
            inputs = np.concatenate([inputs, np.repeat(inputs[-1:], self._fixed - rows, axis=0)])
            rows = self._fixed
        feeds = {self._image_input: inputs if self.has_batch else inputs[0]}
        for name, value in self._constants.items():
            if name in self._repeated and len(value) != rows:
                value = np.repeat(value[:1], rows, axis=0)
            feeds[name] = value
        return feeds

    def close(self):
        """End the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self, ranges, under_way):
        span = next(ranges, None)
        if span is None:
            return
        first, stop = span
        if self._data.kind in SEPARATE:
            jobs = [self._pool.submit(self._one, i) for i in range(first, stop)]
        else:
            jobs = [self._pool.submit(self._several, first, stop)]

        def ready(cancel=False):
            if cancel:
                return [job.cancel() for job in jobs]
            return self._batch(first, stop, [found for job in jobs for found in job.result()])

        under_way.append(ready)

    def _one(self, i):
        """One sample as a list of one (index, input or error)."""
        try:
            return [(i, self._prepare(self._data.image(i)))]
        except LamellaError as error:
            return [(i, error)]

    def _several(self, first, stop):
        """Samples of an array or a video: (index, input or error) of each."""
        pictures = self._data.images(first, stop)
        if isinstance(pictures, np.ndarray):
            return [(range(first, first + len(pictures)), self._prepare.batch(pictures))]
        found = []
        for i, picture in enumerate(pictures, first):
            try:
                if isinstance(picture, LamellaError):
                    raise picture
                found.append((i, self._prepare(picture)))
            except LamellaError as error:
                found.append((i, error))
        return found

    def _batch(self, first, stop, found):
        if len(found) == 1 and isinstance(found[0][0], range):
            samples, inputs = np.array(found[0][0], np.int64), found[0][1]
            skipped = []
        else:
            good = [(i, x) for i, x in found if not isinstance(x, LamellaError)]
            skipped = [
                (i, self._data.names[i], x.what) for i, x in found if isinstance(x, LamellaError)
            ]
            samples = np.array([i for i, _ in good], np.int64)
            inputs = np.stack([x for _, x in good]) if good else None
        return Batch(first, stop, samples, inputs, skipped)
