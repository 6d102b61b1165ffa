"""Statistics of activation maps: per map, per channel, and a histogram; every value read once.

The loops and how they work are in `engine.kernels.pieces`. Results are added to tables in which
the channels of many layers lie side by side, so that a network takes few calls and no memory that
has to be put together afterwards: allocating and joining cost more than counting. The work is split
over threads by channels, never inside one, so no result depends on the number of threads. NaN and
infinite values are counted and enter nothing else, except that the largest value of a map may be
+Inf.
Reference: ``tests/reference/statistics.py``.
"""

from typing import NamedTuple

import numpy as np

from engine.kernels import pieces
from engine.kernels.pieces import BINS, GROUP

PARTS = 4  # pieces of work a thread: the one that is ready first takes the next
LEAST = 250_000  # values of a piece of work, about: handing one over takes a while
A_CHANNEL = 100  # a channel costs about as much as so many values


class Tables(NamedTuple):
    """What `summarise` finds, for N samples and C channels, of which M belong to maps.

    Attributes
    ----------
    maximum : float32[N, C]
        Largest value of the map that is not NaN (it may be infinite); NaN when there is none.
    argmax : int32[N, M]
        Its first place in the map, counted row by row; -1 when there is none.
    mean, std : float32[N, M]
        Mean and population standard deviation of the map's finite values; NaN without any.
    extremes : float32[2, C]
        Smallest and largest finite value; NaN without any.
    sums : float64[2, C]
        Sum of the finite values, and of their squared differences to their mean.
    integers : int64[7, C]
        How many values are finite, zero (of either sign), NaN, +Inf, -Inf, and how many finite ones
        lie below and above the histogram's range.
    histogram : uint32[C, 256]
        Finite values in [low, high], by equal bins; the last one holds ``high``.
    """

    maximum: np.ndarray
    argmax: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    extremes: np.ndarray
    sums: np.ndarray
    integers: np.ndarray
    histogram: np.ndarray

    @classmethod
    def empty(cls, rows, channels, mapped):
        """Tables of nothing yet; the rows of samples hold anything."""
        return cls(
            np.empty((rows, channels), np.float32),
            np.empty((rows, mapped), np.int32),
            np.empty((rows, mapped), np.float32),
            np.empty((rows, mapped), np.float32),
            np.full((2, channels), np.nan, np.float32),
            np.zeros((2, channels)),
            np.zeros((7, channels), np.int64),
            np.zeros((channels, BINS), np.uint32),
        )


class Maps(NamedTuple):
    """A layer's activation maps, and where their results go.

    Attributes
    ----------
    runs : sequence of float32[n, C, P] or, with `channels_last`, float32[n, P, C]
        One behind the other in the tables; C-contiguous; P is the number of positions (rows times
        columns), 0 and 1 included.
    channels_last : bool
        Whether the channels are the last axis, as in NHWC files and tokens.
    low, high : float
        The histogram's range, finite, ``low <= high``, taken as float32.
    row, column : int
        The first row and column of the tables.
    mapped : int
        The first column of `argmax`, `mean` and `std`; -1: none (P is 1).
    """

    runs: tuple
    channels_last: bool
    low: float
    high: float
    row: int = 0
    column: int = 0
    mapped: int = 0


def summarise(layers, tables, *, pool=None, threads=1):
    """Add the statistics of some layers' maps to tables.

    Parameters
    ----------
    layers : sequence of Maps
        No two with the same columns.
    tables : Tables
        Per channel, numbers are added in the order of the calls; equal bit by bit for every number
        of threads.
    pool : concurrent.futures.Executor, optional
        Where to run `threads` parts of the channels at the same time (the kernels hold no GIL).

    Raises
    ------
    ValueError
        When an array or a range is not as above.
    """
    work = []
    for layer in layers:
        row, items = layer.row, []
        for values in layer.runs:
            _check(layer, values)
            _fill(layer, values, row, tables)
            if values.size:
                items.append(_item(layer, values, row))
            row += len(values)
        if items:
            work.append((items, _range(layer.low, layer.high)))
    parts = _cut(work, PARTS * threads if pool is not None and threads > 1 else 1)
    size = (len(tables.maximum), tables.maximum.shape[1], tables.argmax.shape[1])
    given = np.array([*(table.ctypes.data for table in tables), *size], np.int64)
    jobs = [pool.submit(_part, *part, given) for part in parts[1:]]
    for part in parts[:1]:
        _part(*part, given)
    for job in jobs:
        job.result()


def _part(items, ranges, tables):
    scratch = np.empty(pieces.SCRATCH, np.uint8)
    pieces.summarise(items, ranges, tables, scratch.ctypes.data)


def warm():
    """Compile the kernels of this module."""
    maps = np.zeros((1, 2, 2), np.float32)
    summarise([Maps([maps], False, 0, 1)], Tables.empty(1, 2, 2))


def _check(layer, maps):
    if maps.dtype != np.float32 or maps.ndim != 3 or not maps.flags.c_contiguous:
        raise ValueError(
            f"maps must be C-contiguous float32 with 3 axes, got {maps.dtype}{list(maps.shape)}"
        )
    low, high = np.float32(layer.low), np.float32(layer.high)
    if not (np.isfinite(low) and np.isfinite(high) and low <= high):
        raise ValueError(f"a histogram needs a finite range, got {low} to {high}")


def _item(layer, values, row):
    """A run of a layer as the kernel takes it."""
    samples, channels, positions = values.shape
    last, mapped = layer.channels_last, layer.mapped
    if last:
        channels, positions = positions, channels
    if positions == 1:  # one value a map: let the samples play the positions
        samples, positions, last, mapped = 1, samples, True, -1
    if channels == 1:  # it lies both ways, and rows of one lane are slow
        last = False
    place = (row, layer.column, mapped)
    return [values.ctypes.data, samples, channels, positions, last, *place, 0, channels]


def _range(low, high):
    """A histogram's range as the kernel takes it."""
    low, high = float(np.float32(low)), float(np.float32(high))
    width = high - low
    exact = not (1e-30 < width < 1e30 and abs(low) < 1e30)
    scale = BINS / width if width else 1e300  # one value wide: all above it go to the last bin
    return [low, high, scale, exact]


def _cut(work, most):
    """At most about `most` equal parts of the work: (items, ranges) of each.

    The runs of a channel stay together, in their order.
    """
    weights = [sum(i[2] * (i[1] * i[3] + A_CHANNEL) for i in items) for items, _ in work]
    share = max(LEAST if most > 1 else sum(weights), sum(weights) / most)
    parts, taken, done, full = [], [], 0, share
    for (items, limits), weight in zip(work, weights, strict=True):
        channels = items[0][2]
        groups = -(-channels // GROUP)  # threads share no line of the cache
        cuts = min(groups, max(1, round(weight / share)))
        edges = [min(channels, GROUP * (groups * i // cuts)) for i in range(cuts + 1)]
        for first, stop in zip(edges, edges[1:], strict=False):
            taken += [([*item[:8], first, stop], limits) for item in items]
            done += weight / cuts
            if done >= full:
                parts.append(taken)
                taken, full = [], full + share
    if taken:
        parts.append(taken)
    return [
        (np.array([x for x, _ in part], np.int64), np.array([x for _, x in part], np.float64))
        for part in parts
    ]


def _fill(layer, maps, row, tables):
    """Write the results of maps with one value, and of those without any."""
    samples, channels = len(maps), maps.shape[2 if layer.channels_last else 1]
    rows, columns = slice(row, row + samples), slice(layer.column, layer.column + channels)
    mapped = slice(layer.mapped, layer.mapped + channels)
    if not maps.size:
        tables.maximum[rows, columns] = np.nan
        if layer.mapped >= 0:
            tables.argmax[rows, mapped] = -1
            tables.mean[rows, mapped] = tables.std[rows, mapped] = np.nan
    elif maps.size == samples * channels:
        values = maps.reshape(samples, channels)
        np.add(values, np.float32(0), out=tables.maximum[rows, columns])  # -0 becomes 0
        if layer.mapped >= 0:
            finite = np.isfinite(values)
            tables.argmax[rows, mapped] = np.where(np.isnan(values), -1, 0)
            tables.mean[rows, mapped] = np.where(finite, values + np.float32(0), np.nan)
            tables.std[rows, mapped] = np.where(finite, 0, np.nan)
