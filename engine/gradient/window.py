"""Units of a chain projected back in windows: what cannot be reached is not touched.

The same numbers as the backward graph from the same switches. Where windows cover most of the image
the graph is faster: `seconds` and `seconds_of_graph` say what to expect of either.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from engine.errors import InputError
from engine.kernels import windows as kernels
from engine.kernels.top_units import groups, top_units

METHODS = {
    "gradient": kernels.GRADIENT,
    "deconvnet": kernels.DECONVNET,
    "guided": kernels.GUIDED,
}
CHUNK_BYTES = 2_000_000
"""Windows that go through the chain together, so that they stay in the cache."""

FEW = 4
"""Channels up to which an input takes runs of the output, instead of the other way round."""

WINDOW_RATE, GRAPH_RATE = 9e9, 55e9
"""Multiplications a second of one thread, measured on VGG-16: the kernels, and ONNX Runtime."""

DENSE = {"gradient": 0.6, "deconvnet": 0.6, "guided": 0.4}
"""How much of a gradient is not zero after a rectifier, measured on VGG-16; a pooling's share of
inputs that won comes on top of it."""


@dataclass(frozen=True, eq=False)
class Seeds:
    """Units of one tensor to project back, together where they belong to one group.

    Attributes
    ----------
    units : int64[n, 3]
        Channel, row, column.
    values : float32[n]
        The gradient that each starts with.
    group : int64[n]
        Units of one group go back together, as one picture; ascending.
    maxima : float32[C] or None
        Of every channel, also of those that have no unit here.
    """

    units: np.ndarray
    values: np.ndarray
    group: np.ndarray
    maxima: np.ndarray | None = None

    def __len__(self):
        return int(self.group[-1]) + 1 if len(self.group) else 0

    def of_channels(self, channels):
        """Those of some channels, their groups numbered anew."""
        kept = np.isin(self.units[:, 0], channels)
        group = np.unique(self.group[kept], return_inverse=True)[1].astype(np.int64)
        return Seeds(self.units[kept], self.values[kept], group, self.maxima)


@dataclass(frozen=True, eq=False)
class Windows:
    """What came back to the network's input: a picture for each group of units.

    Attributes
    ----------
    channel : int64[g]
        The channel that each group's first unit is of.
    box : int64[g, 4]
        First row, first column, row and column after the last, in pixels of the input.
    values : tuple of float32[h, w, C]
    """

    channel: np.ndarray
    box: np.ndarray
    values: tuple

    def whole(self, shape, channel=None):
        """The pictures added up in one of the input's size: float32[C, H, W].

        Parameters
        ----------
        shape : (int, int, int)
        channel : int, optional
            Of this channel's groups alone.
        """
        total = np.zeros((shape[1], shape[2], shape[0]), np.float32)
        for of, box, part in zip(self.channel, self.box, self.values, strict=True):
            if channel is None or of == channel:
                total[box[0] : box[2], box[1] : box[3]] += part
        return np.ascontiguousarray(total.transpose(2, 0, 1))


def strongest(chain, maps, share=0.98, most=None):
    """The units of every channel above a share of its maximum, those that touch in one group.

    Parameters
    ----------
    chain : engine.gradient.chain.Chain
    maps : float32[C, H, W]
        Of the chain's tensor.
    share : float
    most : int, optional
        At most so many of a channel.

    Returns
    -------
    Seeds
        Each starts with its own activation, as DeconvNet has it; units whose receptive fields
        overlap, directly or through others, are in one group.
    """
    units, maxima = top_units(np.ascontiguousarray(maps, np.float32), share, most)
    found = groups(units[:, 0], chain.fields(units[:, 1:]))
    values = maps[tuple(units.T)].astype(np.float32)
    order = np.argsort(found, kind="stable")
    return Seeds(units[order], values[order], found[order], maxima)


def project(chain, seeds, tensors, method="deconvnet", threads=1, switches=None, task=None):
    """Project groups of units back to the network's input.

    Parameters
    ----------
    chain : engine.gradient.chain.Chain
    seeds : Seeds
    tensors : dict of str to float32[C, H, W]
        The forward pass: `Chain.needed`.
    method : {"deconvnet", "guided", "gradient"}
    threads : int
    switches : dict of str to int16[C, h, w], optional
        As `switches_of` gives them; worked out where they are left out.
    task : engine.tasks.Task, optional

    Returns
    -------
    Windows

    Raises
    ------
    InputError
        For another method.
    """
    if method not in METHODS:
        raise InputError(f"{method!r} does not go back in windows", expected=", ".join(METHODS))
    switches = switches_of(chain, tensors, switches)
    plan = _Plan(chain, seeds)
    chunks = plan.chunks()
    done = []

    def work(chunk):
        if task is not None:
            task.check()
        return _Pass(chain, tensors, switches, METHODS[method]).run(plan, *chunk)

    if threads > 1 and len(chunks) > 1:
        with ThreadPoolExecutor(threads, "windows") as pool:
            done = list(pool.map(work, chunks))
    else:
        done = [work(chunk) for chunk in chunks]
    values = tuple(part for parts in done for part in parts)
    firsts = np.searchsorted(seeds.group, np.arange(len(seeds)))
    return Windows(seeds.units[firsts, 0], plan.boxes[0], values)


def switches_of(chain, tensors, known=None, threads=1):
    """The switches of every pooling of a chain.

    Parameters
    ----------
    chain : engine.gradient.chain.Chain
    tensors : dict of str to float32[C, H, W]
    known : dict, optional
        Switches that need not be worked out.
    threads : int
        Each takes a part of the channels.

    Returns
    -------
    dict of str to int16[C, h, w]
        By the tensor that the pooling takes.
    """
    found = dict(known or {})
    for step in chain.steps:
        if step.kind != "max pool" or step.before in found:
            continue
        maps = np.ascontiguousarray(tensors[step.before], np.float32)

        def switch(part, step=step):
            return kernels.first_maxima(part, step.kernel, step.place)

        with ThreadPoolExecutor(threads, "switches") as pool:
            parts = np.array_split(maps, min(threads, len(maps)))
            found[step.before] = np.concatenate(list(pool.map(switch, parts)))
    return found


def seconds(chain, seeds, method="deconvnet", threads=1):
    """About how long `project` takes, from the windows' areas."""
    total = 0.0
    share = 1.0
    boxes = _bounds(seeds)
    first = True
    for step in reversed(chain.steps):
        if step.kind == "convolution":
            area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
            if first:
                total += len(seeds.units) * step.weights[0].size
            else:
                total += float(area.sum()) * step.weights.size * share
            first, share = False, 1.0
        elif step.kind == "rectifier":
            share = min(share, 1.0) * DENSE[method]
        elif step.kind == "max pool":
            share /= float(np.prod(step.place[:2]))
        boxes = step.reach(boxes)
    return total / WINDOW_RATE / threads


def seconds_of_graph(chain, seeds, threads=1):
    """About how long the backward graph takes for as many pictures."""
    pictures = len(np.unique(seeds.units[:, 0]))
    return pictures * sum(step.macs for step in chain.steps) / GRAPH_RATE / threads


def _bounds(seeds):
    """The box around each group's units: int64[g, 4]."""
    count = len(seeds)
    boxes = np.empty((count, 4), np.int64)
    if not count:
        return boxes
    starts = np.searchsorted(seeds.group, np.arange(count))
    for axis in (0, 1):
        places = np.ascontiguousarray(seeds.units[:, 1 + axis])
        boxes[:, axis] = np.minimum.reduceat(places, starts)
        boxes[:, 2 + axis] = np.maximum.reduceat(places, starts) + 1
    return boxes


class _Plan:
    """The windows of every group at every step.

    Attributes
    ----------
    boxes : list of int64[g, 4]
        At the input of each step, in the order of the chain, and at its end.
    """

    def __init__(self, chain, seeds):
        self.seeds = seeds
        self.shapes = [step.shape for step in chain.steps] + [chain.shape]
        self.boxes = [_bounds(seeds)]
        for step in reversed(chain.steps):
            self.boxes.append(step.reach(self.boxes[-1]))
        self.boxes.reverse()

    def chunks(self):
        """Runs of groups, (first, last), whose largest buffers fit `CHUNK_BYTES`."""
        sizes = np.max(
            [_areas(b) * s[0] for b, s in zip(self.boxes, self.shapes, strict=True)], axis=0
        )
        runs, start, total = [], 0, 0
        for i, size in enumerate(4 * sizes):
            if total and total + size > CHUNK_BYTES:
                runs.append((start, i))
                start, total = i, 0
            total += size
        if len(sizes) > start:
            runs.append((start, len(sizes)))
        return runs


def _areas(boxes):
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


class _Pass:
    """A run of groups on its way back through a chain."""

    def __init__(self, chain, tensors, switches, method):
        self.chain = chain
        self.tensors = tensors
        self.switches = switches
        self.method = method

    def run(self, plan, first, last):
        """The pictures of groups ``first`` to ``last``: list of float32[h, w, C]."""
        self.boxes = [boxes[first:last] for boxes in plan.boxes]
        self.place = len(self.boxes) - 1
        self.box = self.boxes[self.place]
        self.buffer, self.at = self._empty(self.chain.shape[0], self.box)
        seeds = plan.seeds
        low, high = np.searchsorted(seeds.group, (first, last))
        units = np.concatenate(
            [seeds.group[low:high, None] - first, seeds.units[low:high]], axis=1
        ).astype(np.int64)
        values = seeds.values[low:high]
        kernels.sow(self.buffer, self.at, self.box, units, values, self.chain.shape[0])
        for step in reversed(self.chain.steps):
            self._back(step)
        channels = self.chain.steps[0].shape[0] if self.chain.steps else self.chain.shape[0]
        return [
            self.buffer[start : start + (b[2] - b[0]) * (b[3] - b[1]) * channels].reshape(
                b[2] - b[0], b[3] - b[1], channels
            )
            for start, b in zip(self.at, self.box, strict=True)
        ]

    def _empty(self, channels, boxes):
        sizes = _areas(boxes) * channels
        at = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        return np.zeros(int(sizes.sum()), np.float32), at

    def _back(self, step):
        self.place -= 1
        if step.kind == "rectifier":
            self._rectify(step)
        elif step.kind == "scale":
            kernels.multiply(self.buffer, self.at, self.box, step.weights)
        else:
            self._move(step)

    def _rectify(self, step):
        maps = self.tensors.get(step.after)
        if maps is None:  # DeconvNet reads the shape alone
            maps = np.empty((step.shape[0], 1, 1), np.float32)
        kernels.rectify(
            self.buffer, self.at, self.box, maps, self.method, float(step.slope), float(step.most)
        )

    def _move(self, step):
        box = self.boxes[self.place]
        result, at = self._empty(step.shape[0], box)
        ends = (self.buffer, self.at, self.box, result, at, box)
        if step.kind == "max pool":
            kernels.max_pool(*ends, self.switches[step.before], step.kernel, step.place)
        elif _takes_runs(step):
            flipped = step.weights[:, ::-1, ::-1].transpose(3, 1, 2, 0)
            kernels.convolution_to_few(*ends, np.ascontiguousarray(flipped), step.place)
        else:
            kernels.convolution(*ends, step.weights, step.place, step.group)
        self.buffer, self.at, self.box = result, at, box


def _takes_runs(step):
    plain = step.group == 1 and (step.place[[0, 1, 4, 5]] == 1).all()
    return plain and step.shape[0] <= FEW
