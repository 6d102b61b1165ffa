"""Steps along the wires of a graph: deeper, back, and among branches."""

import numpy as np

DEEPER, BACK, LEFT, RIGHT = "deeper", "back", "left", "right"


def step(graph, node, way):
    """The node one step away, or None at an end.

    Parameters
    ----------
    graph : Graph
    node : int
    way : str
        `DEEPER` and `BACK` follow a wire, along the chain where there is a choice; `LEFT` and
        `RIGHT` go to the next block of the same row.
    """
    layout = graph.layout
    if way in (LEFT, RIGHT):
        side = -1 if way == LEFT else 1
        beside = np.flatnonzero(layout.rank == layout.rank[node])
        away = (layout.x[beside] - layout.x[node]) * side
        there = beside[away > 0]
        return int(there[np.argmin(away[away > 0])]) if len(there) else None
    if way == BACK:
        nodes = list(graph.sources[node])
    else:
        nodes = [other for other, found in enumerate(graph.sources) if node in found]
    if not nodes:
        return None
    return min(
        nodes,
        key=lambda other: (
            abs(int(layout.rank[other]) - int(layout.rank[node])),
            layout.chain[other] != layout.chain[node],
            abs(layout.x[other] - layout.x[node]),
            other,
        ),
    )


def walk(graph, layer, way):
    """The layer one step from a focused one (None: from the input); None at an end.

    A folded repetition is one step: coming from before, its first layer is reached, coming from
    behind its last.
    """
    node = graph.node_of.get(layer, 0)
    found = step(graph, node, way)
    if found is None or not graph.nodes[found].members:
        return None
    members = graph.nodes[found].members
    return graph.layers[members[-1] if way == BACK else members[0]].name
