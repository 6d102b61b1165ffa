"""Repetitions in a network: runs of layers that stand several times one after the other.

The layers are put into an order in which branches are not interleaved and every layer comes after
its sources (a depth-first order). There each layer is written as a word: what it is, its shape, and
how many places before it its sources stand. Two blocks that are built alike then read alike,
residual and dense connections included, and a repetition is a text that is followed by itself.
Since a stretch of such an order can be drawn as one block without making a circle, every
repetition can be folded. Three looks, the strict one first: the same shapes and connections; the
same shapes; the same kinds of layers with branches among them (inception modules, dense blocks).
"""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

LEAST_HIDDEN = 3


@dataclass(frozen=True)
class Repetition:
    """One block of layers, several times in a row.

    Attributes
    ----------
    id : str
        The name of its first layer.
    members : tuple of int
        Layers in the order of the repetition: the first block, the second ...
    count : int
        How many times the block stands there.
    alike : bool
        Whether all blocks have the same shapes.
    """

    id: str
    members: tuple[int, ...]
    count: int
    alike: bool

    @property
    def unit(self):
        """Layers of one block."""
        return len(self.members) // self.count


def depth_first_order(sources):
    """An order in which each node follows its sources, and branches stand in one piece.

    Parameters
    ----------
    sources : sequence of sequence of int
        For each node.

    Returns
    -------
    int[N]
        Nodes in that order.
    """
    targets = [[] for _ in sources]
    for node, found in enumerate(sources):
        for source in found:
            targets[source].append(node)
    seen, finished = bytearray(len(sources)), []
    for root in reversed([node for node, found in enumerate(sources) if not found]):
        seen[root] = 1
        stack = [(root, iter(reversed(targets[root])))]
        while stack:
            node, rest = stack[-1]
            child = next((child for child in rest if not seen[child]), None)
            if child is None:
                finished.append(node)
                stack.pop()
            else:
                seen[child] = 1
                stack.append((child, iter(reversed(targets[child]))))
    return np.array(finished[::-1], int)


def repetitions(layers, sources):
    """Every repetition of a network, in the order of `depth_first_order`.

    Parameters
    ----------
    layers : sequence of engine Layer
    sources : sequence of sequence of int
        Indices into ``layers``; -1 for the network's input.

    Returns
    -------
    tuple of Repetition
        Without common layers.
    """
    shifted = [[]] + [[source + 1 for source in found] for found in sources]
    order = depth_first_order(shifted)
    order = order[order > 0] - 1
    place = np.empty(len(layers) + 1, int)
    place[order], place[-1] = np.arange(len(order)), -1
    offsets = [
        tuple(sorted(int(place[node] - place[source]) for source in sources[node]))
        for node in order
    ]
    joins = np.array([len(found) > 1 for found in offsets], bool)
    found, free = [], np.ones(len(order), bool)
    grows = [_grows(layers, node, sources[node]) for node in order]
    for look, words in enumerate(_looks([layers[node] for node in order], offsets, grows)):
        while True:
            runs = _chosen(_runs(words, free), joins if look == 2 else None)
            for start, unit, count, spare in runs:
                start += _best_start(start, unit, spare, place, order, sources)
                free[start : start + unit * count] = False
                members = tuple(int(node) for node in order[start : start + unit * count])
                found.append((start, Repetition(layers[members[0]].name, members, count, look < 2)))
            if not runs:
                break
    return tuple(repetition for _, repetition in sorted(found, key=lambda pair: pair[0]))


def _grows(layers, node, sources):
    """Whether it is a convolution that sees more of the input than its source: no 1 x 1."""
    field = layers[node].receptive_field if layers[node].kind == "conv" else None
    before = layers[sources[0]].receptive_field if sources and sources[0] >= 0 else None
    return field is not None and (before is None or before.size != field.size)


def _looks(layers, offsets, grows):
    """The three texts, as one number for each different word."""
    looks = [], [], []
    for layer, found, wider in zip(layers, offsets, grows, strict=True):
        looks[0].append((layer.kind, layer.op_types, layer.output_shape, found, wider))
        looks[1].append((layer.kind, layer.output_shape, len(found), found[:1], wider))
        looks[2].append((layer.kind, len(found) > 1, found[:1]))
    for words in looks:
        numbers = {}
        yield np.array([numbers.setdefault(word, len(numbers)) for word in words], int)


def _runs(words, free):
    """Every (start, length of the block, times, spare) with at least `LEAST_HIDDEN` hidden."""
    count = len(words)
    words = np.where(free, words, -1 - np.arange(count))
    for unit in range(1, count // 2 + 1):
        same = words[unit:] == words[:-unit]
        if np.count_nonzero(same) < unit:
            continue
        edges = np.flatnonzero(np.diff(np.concatenate([[0], same.view(np.int8), [0]])))
        edges = edges.reshape(-1, 2)
        for start, end in edges[edges[:, 1] - edges[:, 0] >= unit]:
            length = int(end - start) + unit
            times, spare = divmod(length, unit)
            if (times - 1) * unit >= LEAST_HIDDEN:
                yield int(start), unit, times, spare


def _chosen(runs, joins):
    """Runs that share no place and together hide the most layers; of equals the short blocks.

    Weighted interval scheduling: runs in the order of their ends, each taken with the best of
    those that end before it, or left.
    """
    able = [
        (start + unit * times + spare, start, unit, times, spare)
        for start, unit, times, spare in runs
        if joins is None or joins[start : start + unit].any()
    ]
    able.sort()
    ends = [run[0] for run in able]
    best, came = [(0, 0)], []
    for number, (_, start, unit, times, _) in enumerate(able):
        before = bisect_right(ends, start, 0, number)
        hidden, worth = best[before]
        taken = (hidden + (times - 1) * unit, worth - unit)
        came.append(before if taken > best[-1] else None)
        best.append(max(taken, best[-1]))
    chosen, number = [], len(able)
    while number:
        before = came[number - 1]
        if before is None:
            number -= 1
        else:
            chosen.append(able[number - 1][1:])
            number = before
    return chosen[::-1]


def _best_start(start, unit, spare, place, order, sources):
    """Where in its spare room a run begins: where the fewest wires pass from block to block."""
    if not spare:
        return 0
    window = range(start, min(len(order), start + 3 * unit + spare))
    wires = [(int(place[source]), at) for at in window for source in sources[order[at]]]

    def passing(shift):
        cut = start + shift + unit
        return len({source for source, at in wires if source < cut <= at})

    return min(range(spare + 1), key=lambda shift: (passing(shift), shift))
