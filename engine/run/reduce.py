"""From the tensors of one batch to what is kept of them: statistics, pooled and kept values.

Lives in the child process. Layers are worked on side by side in a pool of threads (the kernels
hold no GIL), the largest first; no number depends on how many threads there are.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from engine.errors import InputError
from engine.kernels.half import Loss, to_half, to_single
from engine.kernels.maps import finite_range, summarise
from engine.kernels.positions import gather, sample_positions
from engine.kernels.quantiles import quantiles
from engine.network.axes import layout_letters, turned
from engine.study.blocks import LayerBlock

SHARE = 0.4
"""A layer with more than this part of all bytes a thread is itself cut over the threads."""


@dataclass(frozen=True)
class Tensor:
    """One tensor of a layer, as the file has it.

    Attributes
    ----------
    name, which : str
        The layer, 'pre' or 'post'.
    output : str
        What the session calls it.
    layout : str
        Letters of its axes in the file.
    shape : tuple of int
        ``(C, *positions)``.
    """

    name: str
    which: str
    output: str
    layout: str
    shape: tuple

    @property
    def key(self):
        """(name, which)."""
        return self.name, self.which

    @property
    def nbytes(self):
        """Bytes of one sample, as float32."""
        return 4 * int(np.prod(self.shape, dtype=np.int64))

    def maps(self, array, rows):
        """The tensor as ``float32[n, C, P]``, or ``[n, P, C]`` where the channels lie last.

        Returns
        -------
        maps : float32, C-contiguous
            A view where the file's layout allows it.
        channels_last : bool

        Raises
        ------
        InputError
            When its shape is not that of every sample.
        """
        view = turned(array, layout_letters(self.layout), self.shape)[:rows]
        if view.shape != (rows, *self.shape):
            raise InputError(
                f"layer {self.name} changes its shape from sample to sample",
                expected=self.shape,
                got=view.shape[1:],
                remedy="leave it out with --layers",
            )
        channels, units = self.shape[0], int(np.prod(self.shape[1:], dtype=np.int64))
        last = np.moveaxis(view, 1, -1)
        if last.flags.c_contiguous and not view.flags.c_contiguous:
            return to_single(last.reshape(rows, units, channels))[0], True
        return to_single(np.ascontiguousarray(view).reshape(rows, channels, units))[0], False


@dataclass(frozen=True)
class Range:
    """What the first batches show of a tensor: its finite range, and what half precision loses."""

    low: float = 0.0
    high: float = 0.0
    loss: Loss = Loss(0.0, 0.0, 0, 0, 0)
    empty: bool = True

    def merge(self, other):
        """Both as one."""
        if self.empty or other.empty:
            return other if self.empty else self
        low, high = min(self.low, other.low), max(self.high, other.high)
        return Range(low, high, self.loss.merge(other.loss), False)


class Reducer:
    """Reduces batches in a pool of threads.

    Parameters
    ----------
    tensors : sequence of Tensor
        May be replaced later.
    threads : int
    """

    def __init__(self, tensors, threads):
        self.tensors = list(tensors)
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reduce")

    @property
    def outputs(self):
        """What the session has to be asked for."""
        return list(dict.fromkeys(tensor.output for tensor in self.tensors))

    def ranges(self, runs):
        """`Range` of each tensor of some runs (see `reduce`), by key."""

        def one(tensor, arrays, inner):
            maps, _ = together(tensor, arrays)
            if not maps.size:
                return Range()
            low, high = finite_range(maps)
            return Range(low, high, to_half(maps, **inner)[1], False)

        return self._each(runs, one)

    def reduce(self, runs, samples, plans):
        """What is kept of some runs.

        Parameters
        ----------
        runs : list of (dict of str to ndarray, int)
            Of each run what it computed, by the session's names, and how many samples count;
            emptied on the way, so that memory is free early.
        samples : int64[n]
            Indices of all of them in the data set; positions are chosen by them.
        plans : dict of key to LayerPlan

        Returns
        -------
        blocks : dict of key to LayerBlock
        overflowed : list of key
            Layers kept in half precision that have finite values too large for it.
        """

        def one(tensor, arrays, inner):
            maps, last = together(tensor, arrays)
            return reduced(maps, last, samples, plans[tensor.key], inner)

        found = self._each(runs, one)
        overflowed = [key for key, (_, loss) in found.items() if loss is not None and loss > 0]
        return {key: block for key, (block, _) in found.items()}, overflowed

    def _each(self, runs, one):
        """`one(tensor, its arrays, how to cut it over threads)` of every tensor, by key."""
        readers = {}
        for tensor in self.tensors:
            readers.setdefault(tensor.output, []).append(tensor)
        sizes = {name: sum(run[name].nbytes for run, _ in runs) for name in readers}
        total = sum(sizes.values())
        jobs = {}
        for name in sorted(readers, key=lambda name: -sizes[name]):
            arrays = [(run.pop(name), rows) for run, rows in runs]
            if self._threads > 1 and sizes[name] > SHARE * total:
                inner = {"pool": self._pool, "threads": self._threads}
                for tensor in readers[name]:
                    jobs[tensor.key] = one(tensor, arrays, inner)
            else:
                for tensor in readers[name]:
                    jobs[tensor.key] = self._pool.submit(one, tensor, arrays, {})
            del arrays
        return {t.key: _result(jobs[t.key]) for t in self.tensors}

    def close(self):
        """End the threads."""
        self._pool.shutdown(wait=True)


def together(tensor, arrays):
    """`Tensor.maps` of several runs, put together."""
    pieces = [tensor.maps(array, rows) for array, rows in arrays]
    if len(pieces) == 1:
        return pieces[0]
    return np.concatenate([maps for maps, _ in pieces]), pieces[0][1]


def _result(job):
    return job.result() if hasattr(job, "result") else job


def reduced(maps, channels_last, samples, plan, inner):
    """`LayerBlock` of one tensor of one batch, and its overflows (None: not half precision)."""
    summary = summarise(maps, plan.low, plan.high, channels_last=channels_last, **inner)
    kept, lost = {}, None
    if plan.quantiles and plan.positions:
        kept["quantiles"] = quantiles(maps, plan.quantiles, channels_last=channels_last)
    if plan.policy == "sampled" and plan.positions:
        places = sample_positions(samples, plan.positions, plan.sampled, plan.name)
        kept["positions"] = places
        values = gather(maps, places, channels_last=channels_last)
        kept["values"], lost = _stored(values, plan, inner)
    elif plan.policy != "pooled":
        values, lost = _stored(maps, plan, inner)
        if channels_last:
            values = np.ascontiguousarray(values.transpose(0, 2, 1))
        kept["values"] = values.reshape(len(samples), plan.channels, *plan.positions)
    return LayerBlock.from_summary(summary, plan.low, plan.high, **kept), lost


def _stored(values, plan, inner):
    """Values in the dtype that is kept, never a view, and how many overflowed."""
    if plan.dtype == "float16":
        half, loss = to_half(values, **inner)
        return half, loss.overflowed
    return np.array(values, plan.dtype), None
