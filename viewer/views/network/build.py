"""From a network's layers to blocks and wires with places; no Qt, no GL.

Places are (across, along): along grows with the depth, from the input on, in logical pixels of
the view at scale 1. Which of the two is upright on the screen is the view's business.
"""

import re
from dataclasses import dataclass

import numpy as np

from viewer.views.network.folding import repetitions
from viewer.views.network.last import Last
from viewer.views.network.layout import Layout, lay_out, longest_paths

INPUT = "input"
PORT = 10.0
FOLDED_FROM = 150


@dataclass(frozen=True)
class Sizes:
    """Sizes of a graph, in pixels at scale 1, across the depth first.

    Attributes
    ----------
    block : (float, float)
    row : float
        From one depth to the next.
    room : (float, float)
        Width of a block and of a lane with the gaps beside them.
    """

    block: tuple[float, float]
    row: float
    room: tuple[float, float]


SIZES = {
    "down": Sizes((180.0, 40.0), 62.0, (200.0, 11.0)),
    "right": Sizes((40.0, 172.0), 214.0, (56.0, 11.0)),
}


@dataclass(frozen=True)
class Node:
    """A block: the input, a layer, or a repetition that is folded.

    Attributes
    ----------
    name : str
        The layer's; of a repetition see `common_name`.
    members : tuple of int
        Indices of its layers; empty: the input.
    repetition : Repetition or None
    """

    name: str
    members: tuple[int, ...]
    repetition: object = None


@dataclass(frozen=True, eq=False)
class Frame:
    """Where an unfolded repetition stands: it can be folded again.

    Attributes
    ----------
    repetition : Repetition
    low, high : float64[2]
        Round its blocks.
    """

    repetition: object
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, eq=False)
class Graph:
    """What is drawn of a network.

    Attributes
    ----------
    layers : tuple of engine Layer
    nodes : tuple of Node
    sources : tuple of tuple of int
        Of each node.
    node_of : dict of str to int
        The node in which each layer stands.
    layout : Layout
    centre : float64[N, 2]
    curves, lanes : float32[M, 4]
        Pieces of wires, from (across, along) to (across, along).
    curve_wires, lane_wires : int64[M, 2]
        The nodes that each piece comes from and goes to.
    frames : tuple of Frame
    sizes : Sizes
    low, high : float64[2]
        Round everything.
    made_of : tuple
        Folding, exceptions and orientation.
    """

    layers: tuple
    nodes: tuple
    sources: tuple
    node_of: dict
    layout: Layout
    centre: np.ndarray
    curves: np.ndarray
    lanes: np.ndarray
    curve_wires: np.ndarray
    lane_wires: np.ndarray
    frames: tuple
    sizes: Sizes
    low: np.ndarray
    high: np.ndarray
    made_of: tuple


@Last
def repetitions_of(layers):
    """Every repetition of a network, and the sources of its layers as indices (-1: the input)."""
    number = {layer.name: index for index, layer in enumerate(layers)}
    number[INPUT] = -1
    sources = [
        list(dict.fromkeys(number[name] for name in layer.sources if name in number))
        for layer in layers
    ]
    return repetitions(layers, sources), sources


def folded_of(layers, folding, exceptions):
    """Which repetitions are one block, by id.

    Parameters
    ----------
    layers : tuple of engine Layer
    folding, exceptions : str, tuple of str
        As in `viewer.state.network.NetworkSettings`.
    """
    every = frozenset(each.id for each in repetitions_of(layers)[0])
    folds = folding == "all" or (folding == "automatic" and len(layers) > FOLDED_FROM)
    return (every if folds else frozenset()) ^ (every & frozenset(exceptions))


@Last
def graph_of(layers, folding, exceptions, orientation):
    """The graph of a network.

    Parameters
    ----------
    layers : tuple of engine Layer
        In order of depth.
    folding, exceptions, orientation : str, tuple of str, str
        As in `viewer.state.network.NetworkSettings`.

    Returns
    -------
    Graph
    """
    found, layer_sources = repetitions_of(layers)
    folded = folded_of(layers, folding, exceptions)
    nodes, owner = _nodes(layers, [each for each in found if each.id in folded])
    sources = _node_sources(nodes, owner, layer_sources)
    nodes, sources, owner = _in_order(nodes, sources, owner)
    sizes = SIZES[orientation]
    layout = lay_out(_ranks(layers, nodes, sources), sources, *sizes.room)
    centre = np.stack([layout.x, (layout.rank + 0.5) * sizes.row], 1)
    curves, lanes = wires(layout, sources, sizes)
    half = np.array(sizes.block) / 2
    frames = []
    for each in found:
        if each.id not in folded:
            places = centre[[owner[member] for member in each.members]]
            frames.append(Frame(each, places.min(0) - half - 7, places.max(0) + half + 7))
    lane = layout.lane[~np.isnan(layout.lane)]
    low, high = centre.min(0) - half, centre.max(0) + half
    if len(lane):
        low[0], high[0] = min(low[0], lane.min() - 6), max(high[0], lane.max() + 6)
    node_of = {layer.name: owner[index] for index, layer in enumerate(layers)}
    return Graph(
        layers, nodes, sources, node_of, layout, centre,
        curves[0], lanes[0], curves[1], lanes[1], tuple(frames), sizes, low, high,
        (folding, exceptions, orientation),
    )  # fmt: skip


def _nodes(layers, folded):
    """The input, layers and folded repetitions; and in which of them each layer is."""
    owner, nodes = {}, [Node(INPUT, ())]
    for each in folded:
        names = [layers[member].name for member in each.members[:: each.unit]]
        owner.update((member, len(nodes)) for member in each.members)
        nodes.append(Node(common_name(names), each.members, each))
    for index, layer in enumerate(layers):
        if index not in owner:
            owner[index] = len(nodes)
            nodes.append(Node(layer.name, (index,)))
    return nodes, owner


def _node_sources(nodes, owner, layer_sources):
    found = [[] for _ in nodes]
    for index, sources in enumerate(layer_sources):
        node = owner[index]
        for source in sources:
            other = owner[source] if source >= 0 else 0
            if other != node and other not in found[node]:
                found[node].append(other)
    return found


def _in_order(nodes, sources, owner):
    """The same with nodes numbered so that sources come before, else by their first layer."""
    waiting = [len(found) for found in sources]
    targets = [[] for _ in nodes]
    for node, found in enumerate(sources):
        for source in found:
            targets[source].append(node)

    order, ready = [], [node for node, count in enumerate(waiting) if not count]
    while ready:
        following = []
        for node in sorted(ready, key=lambda node: nodes[node].members[:1]):
            order.append(node)
            for target in targets[node]:
                waiting[target] -= 1
                if not waiting[target]:
                    following.append(target)
        ready = following
    new = {node: place for place, node in enumerate(order)}
    sources = tuple(tuple(sorted(new[source] for source in sources[node])) for node in order)
    return (
        tuple(nodes[node] for node in order),
        sources,
        {layer: new[node] for layer, node in owner.items()},
    )


def _ranks(layers, nodes, sources):
    """Rows: the layers' depth where nothing is folded, else the longest path of what is drawn."""
    if any(node.repetition is not None for node in nodes):
        return longest_paths(len(nodes), sources)
    depths = [layers[node.members[0]].depth if node.members else 0 for node in nodes]
    return np.array(depths, int)


def common_name(names):
    """The name of a repetition from those of its blocks' first layers: ``'layer1.0–5'``."""
    first, last = names[0], names[-1]
    same = next(
        (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b),
        min(len(first), len(last)),
    )
    shared = first[:same].rstrip("0123456789")
    numbers = [re.match(r"\d+(?:[a-z](?![a-z]))?", name[len(shared) :]) for name in (first, last)]
    if not all(numbers):
        return f"{first} …"
    return f"{shared}{numbers[0].group()}–{numbers[1].group()}".lstrip("_")


def wires(layout, sources, sizes):
    """The pieces of all wires: a curve to the next row, or a curve, a lane and a curve.

    Returns
    -------
    curves, lanes : (float32[M, 4], int64[M, 2])
        Ends, and the nodes that a piece comes from and goes to.
    """
    pairs = [(source, node) for node, found in enumerate(sources) for source in found]
    if not pairs:
        empty = np.zeros((0, 4), np.float32), np.zeros((0, 2), int)
        return empty, empty
    pairs = np.array(pairs)
    start, end = pairs.T
    far = layout.rank[end] - layout.rank[start] > 1
    way = np.where(far, layout.lane[start], layout.x[end])
    back = np.where(far, layout.lane[start], layout.x[start])
    leave = _port(layout.x[start], way, sizes)
    arrive = _port(layout.x[end], back, sizes)
    half = sizes.block[1] / 2
    below = (layout.rank[start] + 0.5) * sizes.row + half
    above = (layout.rank[end] + 0.5) * sizes.row - half
    gap = sizes.row - sizes.block[1]
    near = np.stack([leave, below, arrive, above], 1)[~far]
    out = np.stack([leave, below, way, below + gap], 1)[far]
    into = np.stack([way, above - gap, arrive, above], 1)[far]
    lane = np.stack([way, below + gap, way, above - gap], 1)[far]
    curves = np.concatenate([near, out, into]).astype(np.float32)
    curve_wires = np.concatenate([pairs[~far], pairs[far], pairs[far]])
    return (curves, curve_wires), (lane.astype(np.float32), pairs[far])


def _port(middle, other, sizes):
    """Where on a block's side a wire begins that goes towards ``other``."""
    reach = sizes.block[0] / 2 - PORT
    return middle + np.clip(other - middle, -reach, reach)


def curve(ends, share):
    """A point on a curved piece; the twin of ``shaders/graph/wire.vert``.

    Parameters
    ----------
    ends : float[..., 4]
    share : float
        0 to 1.

    Returns
    -------
    float64[..., 2]
        (across, along).
    """
    ends = np.asarray(ends, float)
    u, t = 1 - share, share
    half_way = (ends[..., 1] + ends[..., 3]) / 2
    across = ends[..., 0] + (ends[..., 2] - ends[..., 0]) * t * t * (3 - 2 * t)
    along = u**3 * ends[..., 1] + 3 * u * t * half_way + t**3 * ends[..., 3]
    return np.stack([across, along], -1)
