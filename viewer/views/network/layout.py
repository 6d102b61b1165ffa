"""Where the blocks of a graph stand: rows by depth, chains straight, skips in lanes beside them.

The idea: a graph of a network is a few long chains. Each row holds the blocks of one depth. Nodes
are joined to chains, the longest path from the input first (the trunk); a chain is one straight
column. What leaves a chain and comes back later (a skip) runs in a lane of its own, one for each
tensor however many layers take it. Lanes and side chains are put beside the chain that they leave,
the short ones near, the long ones outside, so that what is nested does not cross; on the side
where it crosses fewer lanes, then where its other neighbours stand (their barycentre), then where
there is more room. A side chain is placed with everything that hangs on it, as one piece whose
outline is known row by row, so no two things of one row overlap, and between rows only curves run.

Cost: a few array operations for each chain and lane, whatever their length.
"""

from dataclasses import dataclass, field

import numpy as np

PASSES = 3
BELOW_CHAIN = 4


@dataclass(frozen=True, eq=False)
class Layout:
    """Places, across the direction of depth; rows are whole numbers.

    Attributes
    ----------
    x : float64[N]
        Middle of each node.
    rank : int64[N]
        Its row.
    lane : float64[N]
        Where a node's tensor runs down to layers that are more than one row below; NaN without
        such layers.
    chain : int64[N]
        The chain that each node is in; 0 is the trunk.
    """

    x: np.ndarray
    rank: np.ndarray
    lane: np.ndarray
    chain: np.ndarray


@dataclass
class _Item:
    """A lane, or a chain with all that hangs on it: its outline from row ``first`` on.

    ``below`` is the chain whose last node a lane goes on from.
    """

    first: int
    left: np.ndarray
    right: np.ndarray
    node: int = -1
    chain: int = -1
    below: object = None
    last: int = 0
    ends: list = field(default_factory=list)
    shift: float = 0.0


def longest_paths(count, sources):
    """For each node the number of steps on the longest path that leads to it.

    Parameters
    ----------
    count : int
    sources : sequence of sequence of int
        Nodes are numbered so that sources come before.
    """
    ranks = np.zeros(count, int)
    for node in range(count):
        if sources[node]:
            ranks[node] = 1 + max(ranks[source] for source in sources[node])
    return ranks


def lay_out(ranks, sources, block, lane):
    """Places for the nodes of a graph.

    Parameters
    ----------
    ranks : int[N]
        Row of each node, larger than those of its sources.
    sources : sequence of sequence of int
    block, lane : float
        Width of a block and of a lane with the room around them.

    Returns
    -------
    Layout
    """
    ranks = np.asarray(ranks, int)
    targets = [[] for _ in sources]
    for node, found in enumerate(sources):
        for source in found:
            targets[source].append(node)
    chains, chain_of = _chains(ranks, sources, targets)
    best, places = None, None
    for _ in range(PASSES):
        found = _placed(ranks, sources, targets, chains, chain_of, (block, lane), places)
        width = _bends(found, sources)
        if best is None or width < best[0] - 1e-6:
            best = (width, found)
        elif places is not None:
            break
        places = found.x
    return best[1]


def _bends(layout, sources):
    """How far all curves go sideways."""
    total = 0.0
    for node, found in enumerate(sources):
        for source in found:
            far = layout.rank[node] - layout.rank[source] > 1
            way = layout.lane[source] if far else layout.x[source]
            total += abs(layout.x[source] - way) + abs(way - layout.x[node])
    return total


def _chains(ranks, sources, targets):
    """Straight columns: lists of nodes of rows that follow each other; the trunk first."""
    count = len(ranks)
    height = np.zeros(count, int)
    for node in np.argsort(-ranks, kind="stable"):
        if targets[node]:
            height[node] = 1 + max(height[target] for target in targets[node])
    chain_of, chains = np.full(count, -1), []
    for start in np.lexsort((np.arange(count), -height, ranks)):
        if chain_of[start] >= 0:
            continue
        node, chain = int(start), []
        while node >= 0:
            chain.append(node)
            chain_of[node] = len(chains)
            below = [
                (-height[target], target)
                for target in targets[node]
                if chain_of[target] < 0 and ranks[target] == ranks[node] + 1
            ]
            node = min(below)[1] if below else -1
        chains.append(chain)
    return chains, chain_of


def _placed(ranks, sources, targets, chains, chain_of, widths, places):
    """One pass: every chain's hangers beside it, the last chains first, the trunk last."""
    block, lane = widths[0] / 2, widths[1] / 2
    hangers = [[] for _ in chains]
    items = []
    for number, chain in enumerate(chains):
        items.append(_column(number, chain, ranks, targets, block, lane))
        for node in chain[:-1]:
            far = [target for target in targets[node] if ranks[target] > ranks[node] + 1]
            if far:
                hangers[number].append(_lane(node, far, ranks, lane))
    # A chain that hangs on another begins below its source, so it is complete before it is placed.
    for number in sorted(range(1, len(chains)), key=lambda n: (-ranks[chains[n][0]], n)):
        _hang(items[number], hangers[number], chain_of, places, chains)
        above = sources[chains[number][0]]
        parent = chain_of[max(above, key=lambda node: (ranks[node], -node))] if above else 0
        items[number].ends += above
        hangers[parent].append(items[number])
        last = chains[number][-1]
        far = [target for target in targets[last] if ranks[target] > ranks[last] + 1]
        if far and items[number].last == ranks[last]:
            hangers[parent].append(_lane(last, far, ranks, lane))
            hangers[parent][-1].below = items[number]
    _hang(items[0], hangers[0], chain_of, places, chains)
    return _positions(ranks, targets, chains, chain_of, items, hangers)


def _column(number, chain, ranks, targets, block, lane):
    """A chain by itself, and the lane below its last node when that is taken a little later.

    A long lane would keep the whole chain out of everything that it passes: it has a place of
    its own.
    """
    first, last = ranks[chain[0]], ranks[chain[-1]]
    end = max([last, *(ranks[target] - 1 for target in targets[chain[-1]])])
    if number and end - last > BELOW_CHAIN:
        end = last
    half = np.full(end - first + 1, block)
    half[last - first + 1 :] = lane
    ends = list(targets[chain[-1]])
    return _Item(first, -half, half, chain=number, last=end, ends=ends)


def _lane(node, far, ranks, lane):
    first, last = ranks[node] + 1, max(ranks[target] for target in far) - 1
    half = np.full(last - first + 1, lane)
    return _Item(first, -half, half, node=node, last=last, ends=list(far))


def _hang(item, hangers, chain_of, places, chains):
    """Put hangers beside a chain, near ones first, and widen its outline by them."""
    if not hangers:
        return
    hangers.sort(key=lambda hanger: (hanger.last - hanger.first, hanger.first, hanger.node))
    first = min([item.first, *(hanger.first for hanger in hangers)])
    end = max(each.first + len(each.left) for each in (item, *hangers))
    left, right = np.full(end - first, np.inf), np.full(end - first, -np.inf)
    begin = item.first - first
    left[begin : begin + len(item.left)] = item.left
    right[begin : begin + len(item.right)] = item.right
    passing = np.zeros((2, end - first + 1), int)
    middle = 0.0 if places is None else places[chains[item.chain][0]]
    for hanger in hangers:
        rows = slice(hanger.first - first, hanger.first - first + len(hanger.left))
        to_right = max(0.0, float(np.max(right[rows] - hanger.left)))
        to_left = min(0.0, float(np.min(left[rows] - hanger.right)))
        top, bottom = hanger.first - first, hanger.last - first + 1
        crossed = passing[:, top] + passing[:, bottom]
        if hanger.below is not None:
            crossed[0 if hanger.below.shift > 0 else 1] += 1
        pull = 0.0
        if places is not None and hanger.ends:
            others = [places[node] - middle for node in hanger.ends]
            pull = float(np.mean(others))
        costs = (
            (crossed[1], abs(to_right - pull), abs(to_right)),
            (crossed[0], abs(to_left - pull), abs(to_left)),
        )
        side = 0 if costs[1] < costs[0] else 1
        hanger.shift = to_right if side else to_left
        passing[side, top + 1 : bottom] += 1
        left[rows] = np.minimum(left[rows], hanger.left + hanger.shift)
        right[rows] = np.maximum(right[rows], hanger.right + hanger.shift)
    item.first, item.left, item.right = first, left, right


def _positions(ranks, targets, chains, chain_of, items, hangers):
    """Absolute places, from the trunk outwards."""
    x, lane = np.zeros(len(ranks)), np.full(len(ranks), np.nan)
    waiting = [(0, 0.0)]
    while waiting:
        number, middle = waiting.pop()
        chain = chains[number]
        x[chain] = middle
        if items[number].last > ranks[chain[-1]]:
            lane[chain[-1]] = middle
        for hanger in hangers[number]:
            if hanger.chain >= 0:
                waiting.append((hanger.chain, middle + hanger.shift))
            else:
                lane[hanger.node] = middle + hanger.shift
    return Layout(x, ranks, lane, np.asarray(chain_of))
