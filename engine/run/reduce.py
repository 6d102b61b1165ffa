"""From the tensors of one batch to what is kept of them: statistics, pooled and kept values.

Lives in the child process. Statistics of all layers go into tables that last for a block, one call
a run and thread; values that are kept go to their place in arrays made beforehand. The kernels hold
no GIL, and no number depends on how many threads there are.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from engine.errors import InputError
from engine.kernels.half import Loss, to_half, to_single
from engine.kernels.maps import Maps, Tables, summarise
from engine.kernels.positions import gather, sample_positions
from engine.kernels.quantiles import quantiles
from engine.kernels.ranges import finite_range
from engine.network.axes import layout_letters, turned
from engine.study.blocks import INTEGERS, Kept

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


class Gathering:
    """What is kept of a block, filled group by group; the channels of all layers side by side.

    Parameters
    ----------
    plans : sequence of LayerPlan
        In the order of the study.
    rows : int
        Samples, at most.
    """

    def __init__(self, plans, rows):
        self.plans = {plan.key: plan for plan in plans}
        self.places, channel, mapped, quantile = {}, 0, 0, 0
        for plan in plans:
            self.places[plan.key] = channel, mapped if plan.positions else -1, quantile
            channel += plan.channels
            mapped += plan.channels if plan.positions else 0
            quantile += plan.channels if plan.positions and plan.quantiles else 0
        self.tables = Tables.empty(rows, channel, mapped)
        count = max((plan.quantiles for plan in plans), default=0)
        self.quantiles = np.empty((rows, quantile, count), np.float32)
        self.kept = {plan.key: _room(plan, rows) for plan in plans if plan.policy != "pooled"}
        self.rows = 0

    def placed(self, key, runs, channels_last):
        """`Maps` of a layer, for the next rows."""
        plan, (channel, mapped, _) = self.plans[key], self.places[key]
        return Maps(runs, channels_last, plan.low, plan.high, self.rows, channel, mapped)

    def arrays(self):
        """``kept, pooled, statistics`` of `engine.study.blocks.Block`."""
        rows, tables = self.rows, self.tables
        kept = {
            key: Kept(room.values[:rows], None if room.positions is None else room.positions[:rows])
            for key, room in self.kept.items()
        }
        pooled = {n: getattr(tables, n)[:rows] for n in ("maximum", "argmax", "mean", "std")}
        if self.quantiles.shape[1]:
            pooled["quantiles"] = self.quantiles[:rows]
        statistics = dict(zip(("minimum", "maximum"), tables.extremes, strict=True))
        statistics |= dict(zip(("sum", "deviations"), tables.sums, strict=True))
        statistics |= dict(zip(("count", *INTEGERS), tables.integers, strict=True))
        return kept, pooled, {**statistics, "histogram": tables.histogram}


def _room(plan, rows):
    """`Kept` of a layer to be filled."""
    sampled = plan.policy == "sampled" and plan.positions
    values = np.empty((rows, *plan.shape), plan.dtype)
    return Kept(values, np.empty((rows, plan.shape[1]), np.int32) if sampled else None)


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

    def ranges(self, values, rows):
        """`Range` of each tensor of one run, by key."""
        tensors = {tensor.key: tensor for tensor in self.tensors}

        def one(key, inner):
            maps, _ = tensors[key].maps(values[tensors[key].output], rows)
            if not maps.size:
                return Range()
            low, high = finite_range(maps)
            return Range(low, high, to_half(maps, **inner)[1], False)

        sizes = {key: values[tensor.output].nbytes for key, tensor in tensors.items()}
        return self._each(list(tensors), sizes, one)

    def reduce(self, runs, samples, gathering):
        """Gather what is kept of some runs.

        Parameters
        ----------
        runs : list of (dict of str to ndarray, int)
            Of each run what it computed, by the session's names, and how many samples count;
            emptied, so that the next run finds the memory free.
        samples : int64[n]
            Indices of all of them in the data set; positions are chosen by them.
        gathering : Gathering
            Gets n more rows.

        Returns
        -------
        list of key
            Layers kept in half precision that have finite values too large for it.
        """
        if not runs:
            return []
        found, counts = [], [rows for _, rows in runs]
        for values, rows in runs:
            found.append({t.key: t.maps(values[t.output], rows) for t in self.tensors})
        runs.clear()
        layers = [
            gathering.placed(key, [maps[key][0] for maps in found], found[0][key][1])
            for key in gathering.plans
        ]
        summarise(layers, gathering.tables, pool=self._pool, threads=self._threads)
        overflowed = []
        for maps, rows in zip(found, counts, strict=True):
            overflowed += self._keep(maps, samples[:rows], gathering)
            gathering.rows += rows
            samples = samples[rows:]
        return list(dict.fromkeys(overflowed))

    def _keep(self, maps, samples, gathering):
        """Put quantiles and kept values into the next rows; the keys that overflowed."""
        rows = slice(gathering.rows, gathering.rows + len(samples))

        def one(key, inner):
            plan, kept = gathering.plans[key], gathering.kept.get(key)
            if plan.quantiles and plan.positions:
                place = gathering.places[key][2]
                gathering.quantiles[rows, place : place + plan.channels] = quantiles(
                    maps[key][0], plan.quantiles, channels_last=maps[key][1]
                )
            return kept is not None and keep(*maps[key], samples, plan, kept, rows, inner)

        keys = [
            key for key, plan in gathering.plans.items() if key in gathering.kept or plan.quantiles
        ]
        found = self._each(keys, {key: maps[key][0].nbytes for key in keys}, one)
        return [key for key in keys if found[key]]

    def _each(self, keys, sizes, one):
        """`one(key, how to cut it over threads)` of every key, the largest first, by key."""
        total, jobs = sum(sizes.values()), {}
        for key in sorted(keys, key=lambda key: -sizes[key]):
            if self._threads > 1 and sizes[key] > SHARE * total:
                jobs[key] = one(key, {"pool": self._pool, "threads": self._threads})
            else:
                jobs[key] = self._pool.submit(one, key, {})
        return {key: _result(jobs[key]) for key in keys}

    def close(self):
        """End the threads."""
        self._pool.shutdown(wait=True)


def _result(job):
    return job.result() if hasattr(job, "result") else job


def keep(maps, channels_last, samples, plan, kept, rows, inner):
    """Keep the activations of one layer for some samples; whether half precision overflowed."""
    target = kept.values[rows]
    if kept.positions is not None:
        places = sample_positions(samples, plan.positions, plan.sampled, plan.name)
        kept.positions[rows] = places
        maps = gather(maps, places, channels_last=channels_last)
    elif channels_last:
        maps = maps.transpose(0, 2, 1)
    if plan.dtype != "float16":
        target[...] = maps.reshape(target.shape)
        return False
    return to_half(maps, out=target, **inner)[1].overflowed > 0
