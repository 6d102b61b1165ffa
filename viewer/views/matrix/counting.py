"""What has to be counted next, and the counting, in slices: a few jobs at a time, in threads.

All that is in sight is counted over 1,000 points first, then over ten times as many, and at last
over all: points are permuted, so that the first ones are a fair sample. A level is left out when a
later one is there at once, or, where something is shown already, soon. A slice ends after each
thread has worked for `SLICE_SECONDS`, so that what has left the view is not counted, and the
builder's thread is free for other views.
"""

import math
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.kernels.counting import lanes_for
from engine.kernels.mixing import cell_colours, density_tiles, plane_codes, window_tiles
from viewer.views.matrix.diagonal import Distribution
from viewer.views.matrix.layout import FULL_RANGE
from viewer.views.matrix.tiles import BLOCK, parts_of

LEVELS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
# Before the first level of very many cells: one of 8 x 8, over the points of the first level,
# which counts as one point less.
COARSE, COARSE_STEP, COARSE_FROM_SECONDS = LEVELS[0] - 1, 8, 0.4
SLICE_SECONDS = 0.03
AT_ONCE_SECONDS, SOON_SECONDS = 0.008, 0.12
THREADS = min(8, os.cpu_count() or 1)
JOB_SECONDS = 0.002


class Counted:
    """The points of a scene as the kernels take them.

    Attributes
    ----------
    codes : uint8[P]
        Planes: `engine.kernels.mixing.plane_codes`.
    colours, squares : float32[G, 3]
        Of the groups, and in linear light.
    selecting : bool
    planes : int
    """

    def __init__(self, scene):
        _check(scene)  # kernels do not
        groups = np.array(scene.groups, np.uint8)
        selected = np.zeros(0, np.uint8)
        if scene.selected is not None:
            selected = np.array(scene.selected, np.uint8)
        self.colours = np.array(scene.colours, np.float32).reshape(-1, 3)
        self.squares = self.colours**2
        self.group_count = len(self.colours)
        self.selecting = scene.selected is not None
        self.planes = (self.group_count + 1) * (1 + self.selecting)
        self.codes = np.empty(scene.count, np.uint8)
        plane_codes(groups, selected, self.group_count, self.codes)

    def seconds(self, tiles, points, detail):
        """About how long some tiles of a `Detail` take in all threads."""
        bins = detail.bins >> spread_of(detail, points)
        one = points * 1.2e-9 + bins * bins * (0.6e-9 * self.planes + 4e-9) + 0.6e-6
        return tiles * one / THREADS


def next_level(points, total, seconds):
    """Up to how many points to count next, or None when all is counted.

    Parameters
    ----------
    points : int64[T]
        Over how many each of the tiles in sight is counted.
    total : int
        Points there are.
    seconds : callable(tiles, points) -> float
    """
    levels = [level for level in LEVELS if level < total] + [total]
    lowest = int(points.min(initial=total))
    if lowest >= total:
        return None
    chosen = next(level for level in levels if level > lowest)
    patience = SOON_SECONDS if lowest else AT_ONCE_SECONDS
    for level in levels:
        if level > chosen and seconds(int((points < level).sum()), level) <= patience:
            chosen = level
    return chosen


def _check(scene):
    """Raise ValueError where a scene's arrays do not belong together."""
    lengths = {scene.rows.count, scene.columns.count, len(scene.groups)}
    if scene.selected is not None:
        lengths.add(len(scene.selected))
    if len(lengths) > 1:
        raise ValueError(f"points of rows, columns, groups and selection differ: {lengths}")


def spread_of(detail, points):
    """Over how many texels (a power of two) a bin reaches, so that bins hold enough points.

    There are at most about 1.5 times as many bins along a cell as the root of the points, or 32.
    """
    total = detail.bins * detail.tiles
    power = round(math.log2(total / max(32.0, 1.5 * math.sqrt(points))))
    return min(max(power, 0), detail.bins.bit_length() - 2)


@dataclass(frozen=True)
class Job:
    """A piece of work of a few milliseconds: ``run()``, then ``done()`` in the main thread."""

    run: Callable
    done: Callable


class Slice:
    """Jobs in the order in which they are wanted; as many are done as fit into the time.

    Parameters
    ----------
    jobs : sequence of Job
    seconds : float or None
        None: all of them.
    """

    def __init__(self, jobs, seconds=SLICE_SECONDS):
        self._jobs = iter(list(jobs))
        self._lock = threading.Lock()
        self._seconds = seconds
        self._finished = []
        self._cancelled = False

    def cancel(self):
        """No further job is begun."""
        self._cancelled = True

    def run(self):
        """Do them; returns those that were done. At least one is, unless cancelled."""
        waiting = [_pool().submit(self._work) for _ in range(THREADS)]
        for each in waiting:
            each.result()
        return self._finished

    def _work(self):
        began = time.thread_time()  # a busy machine is no reason for more pictures
        while not self._cancelled:
            with self._lock:
                job = next(self._jobs, None)
            if job is None:
                return
            job.run()
            with self._lock:
                self._finished.append(job)
            if self._seconds is not None and time.thread_time() - began > self._seconds:
                return


@lru_cache(maxsize=1)
def _pool():
    return ThreadPoolExecutor(THREADS, thread_name_prefix="matrix")


def tile_jobs(scene, counted, sheet, keys, points, stamp, picture):
    """Jobs that count tiles of a sheet; each tile has its place when this returns.

    Parameters
    ----------
    scene : Scene
    counted : Counted
    sheet : Sheet
    keys : int64[n]
        Each once, in the order wanted.
    points : int
    stamp : int
        Of the scene's generation.
    picture : int
        Number of the picture that they are for.
    """
    slots = sheet.find(keys)
    absent = np.flatnonzero(slots < 0)
    placed = sheet.place(keys[absent], picture)
    slots[absent[: len(placed)]] = placed
    keys, slots = keys[slots >= 0], slots[slots >= 0]
    x, y, across, up = parts_of(keys, scene.rows.channels, sheet.detail.tiles)
    diagonal = (x == y) if scene.is_symmetric else np.zeros(len(x), bool)
    windowed = _is_windowed(scene, x, y, sheet.detail)
    each = counted.seconds(1, points, sheet.detail) * THREADS
    step = max(1, int(JOB_SECONDS / each))
    jobs, epoch = [], sheet.epoch
    for first in range(0, len(keys), step):
        part = slice(first, first + step)
        for kind, mask in (
            (_coarse_tiles, ~diagonal & ~windowed),
            (_window_tiles, ~diagonal & windowed),
            (_diagonal_tiles, diagonal),
        ):
            chosen = np.arange(len(keys))[part][mask[part]]
            if len(chosen):
                which = tuple(values[chosen] for values in (slots, x, y, across, up))
                jobs.append(_tile_job(kind, scene, counted, sheet, which, points, stamp, epoch))
    return jobs


def _tile_job(kind, scene, counted, sheet, which, points, stamp, epoch):
    def run():
        kind(scene, counted, sheet, which, points)

    def done():
        if sheet.epoch == epoch:
            sheet.counted(which[0], points, stamp)

    return Job(run, done)


def _is_windowed(scene, x, y, detail):
    """Which tiles need 16-bit codes: inside a cell, or in a range set by hand."""
    if detail.zoom:
        return np.ones(len(x), bool)
    rows = np.array([c for c in scene.ranges if scene.row_range(c) != FULL_RANGE])
    ranges = scene.ranges if scene.column_ranges is None else scene.column_ranges
    columns = np.array([c for c in ranges if scene.column_range(c) != FULL_RANGE])
    return np.isin(y, rows) | np.isin(x, columns)


def _coarse_tiles(scene, counted, sheet, which, points):
    slots, x, y, _, _ = which
    spread = spread_of(sheet.detail, points)
    bits = sheet.detail.bins.bit_length() - 1 - spread
    density_tiles(
        scene.columns.coarse,
        scene.rows.coarse,
        counted.codes,
        points,
        np.stack([x, y], axis=1).astype(np.int32),
        sheet.origins(slots),
        bits,
        spread,
        counted.squares,
        counted.selecting,
        lanes_for(points, counted.planes, bits),
        sheet.texels,
    )


def _window_tiles(scene, counted, sheet, which, points):
    slots, x, y, across, up = which
    spread = spread_of(sheet.detail, points)
    bits = sheet.detail.bins.bit_length() - 1 - spread
    bins = 1 << bits
    total = bins * sheet.detail.tiles
    window_tiles(
        scene.columns.fine,
        scene.rows.fine,
        counted.codes,
        points,
        np.stack([x, y], axis=1).astype(np.int32),
        _axes([scene.column_range(c) for c in x], total, across * bins),
        _axes([scene.row_range(c) for c in y], total, up * bins),
        sheet.origins(slots),
        bits,
        spread,
        counted.squares,
        counted.selecting,
        lanes_for(points, counted.planes, bits),
        sheet.texels,
    )


def _axes(ranges, total, starts):
    axes = np.empty((len(ranges), 4), np.int64)
    axes[:, 0] = [low for low, _ in ranges]
    axes[:, 1] = [high - low for low, high in ranges]
    axes[:, 2], axes[:, 3] = total, starts
    return axes


def _diagonal_tiles(scene, counted, sheet, which, points):
    bins, total = sheet.detail.bins, sheet.detail.bins * sheet.detail.tiles
    for slot, channel, _, across, up in zip(*which, strict=True):
        found = Distribution(
            scene.columns.fine[channel],
            counted.codes,
            points,
            scene.column_range(channel),
            int(scene.columns.zero[channel]),
            total,
            counted.group_count,
            counted.selecting,
        )
        top, left = sheet.origins(slot)
        tile = sheet.texels[top : top + bins, left : left + bins]
        found.draw(counted.colours, int(across), int(up), bins, tile)


def summary_jobs(scene, counted, summary, blocks, points, stamp, is_coarse=False):
    """Jobs that count blocks of a summary, int64[n, 2]; or some of their cells."""
    return [
        _block_job(scene, counted, summary, block, points, stamp, is_coarse) for block in blocks
    ]


def _block_job(scene, counted, summary, block, points, stamp, is_coarse):
    step = COARSE_STEP if is_coarse else 1
    shape, channels = [], []
    for order, place in zip(summary.orders, block, strict=True):
        part = order[place * BLOCK : (place + 1) * BLOCK]
        shape.append(len(part))
        channels.append(np.ascontiguousarray(part[::step], np.int32))
    colours = np.zeros((len(channels[0]), len(channels[1]), 4), np.uint8)

    def run():
        cell_colours(
            scene.columns.coarse,
            scene.rows.coarse,
            counted.codes,
            points,
            channels[1],
            channels[0],
            bool(summary.is_mirrored and block[0] == block[1]),
            counted.squares,
            counted.selecting,
            colours,
        )

    def done():
        whole = colours.repeat(step, 0).repeat(step, 1)[: shape[0], : shape[1]]
        summary.counted(tuple(block), whole, COARSE if is_coarse else points, stamp)

    return Job(run, done)
