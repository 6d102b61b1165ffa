"""Where on the graph a view stands: pure arithmetic between the state's camera and pixels."""

from dataclasses import dataclass

import numpy as np

from viewer.state.network import NetworkCamera

MARGIN = 10.0
READABLE = 0.84
LARGEST_WHOLE = 1.25


@dataclass(frozen=True)
class Standing:
    """The point of the graph in the middle of a view, and the scale.

    Attributes
    ----------
    across, along : float
        In the graph.
    scale : float
        Logical pixels of the view for each of the graph.
    """

    across: float
    along: float
    scale: float


@dataclass(frozen=True)
class Placing:
    """From the graph to pixels of a view.

    Attributes
    ----------
    scale : float
        Pixels for each of the graph.
    offset : (float, float)
        Pixels, across and along, of the graph's origin.
    swap : bool
        Whether along is from left to right.
    """

    scale: float
    offset: tuple[float, float]
    swap: bool

    def to_view(self, place):
        """Pixels (x, y) of places (across, along): float[..., 2] both."""
        moved = np.asarray(place, float) * self.scale + self.offset
        return moved[..., ::-1] if self.swap else moved

    def to_graph(self, x, y):
        """The place (across, along) under a pixel."""
        a, b = (y, x) if self.swap else (x, y)
        return (a - self.offset[0]) / self.scale, (b - self.offset[1]) / self.scale


def extent(width, height, swap):
    """The view's size across and along."""
    return (height, width) if swap else (width, height)


def placing(standing, width, height, swap, ratio=1.0):
    """The transformation for a view of logical pixels, into physical ones."""
    across, along = extent(width, height, swap)
    scale = standing.scale * ratio
    offset = (
        across / 2 * ratio - standing.across * scale,
        along / 2 * ratio - standing.along * scale,
    )
    return Placing(scale, offset, swap)


def standing(camera, graph, width, height, swap, focus=None):
    """Where a view stands for the state's camera, the focused layer in sight.

    Parameters
    ----------
    camera : NetworkCamera
    graph : Graph
    width, height : float
        Of the view, logical pixels.
    swap : bool
    focus : str or None
        The focused layer: brought in sight when the camera was chosen before it.
    """
    across, along = extent(width, height, swap)
    found = _framed(camera, graph, across, along)
    if focus is not None and focus != camera.seen and focus in graph.node_of:
        found = showing(found, graph, graph.node_of[focus], across, along)
    return found


def _framed(camera, graph, across, along):
    if camera.framing == "free":
        # Whatever is opened or folded since: the middle of the view is over the graph.
        x, y = np.clip((camera.x, camera.y), graph.low, graph.high).tolist()
        return Standing(x, y, camera.scale)
    middle, size = (graph.low + graph.high) / 2, graph.high - graph.low
    fits = (across - 2 * MARGIN) / size[0], (along - 2 * MARGIN) / size[1]
    if camera.framing == "whole":
        return Standing(*middle, float(np.clip(min(fits), 0.002, LARGEST_WHOLE)))
    scale = float(np.clip(fits[0], READABLE, 1.0))
    if size[0] * scale > across - 2 * MARGIN:
        middle[0] = 0.0
    first = graph.low[1] + (along / 2 - MARGIN) / scale
    last = graph.high[1] - (along / 2 - MARGIN) / scale
    return Standing(middle[0], first if camera.framing == "start" else max(first, last), scale)


def showing(found, graph, node, across, along):
    """The nearest standing from which a node and something of its neighbours is in sight."""
    sizes = np.array(graph.sizes.block)
    half = sizes / 2 + (8 / found.scale, graph.sizes.row - sizes[1] / 2)
    room = np.array([across, along]) / found.scale / 2
    centre = np.array([found.across, found.along])
    place = graph.centre[node]
    # With less room than the block wants, the block stands in the middle.
    slack = np.maximum(room - half, 0.0)
    moved = np.clip(centre, place - slack, place + slack)
    return Standing(float(moved[0]), float(moved[1]), found.scale)


def moved(found, swap, dx, dy):
    """The standing after the graph was dragged by pixels of the view."""
    across, along = (dy, dx) if swap else (dx, dy)
    return Standing(
        found.across - across / found.scale, found.along - along / found.scale, found.scale
    )


def zoomed(found, factor, x, y, width, height, swap):
    """The standing after zooming so that what is under a pixel stays there."""
    scale = float(np.clip(found.scale * factor, 0.002, 8.0))
    across, along = extent(width, height, swap)
    a, b = extent(x, y, swap)
    change = 1 / found.scale - 1 / scale
    return Standing(
        found.across + (a - across / 2) * change, found.along + (b - along / 2) * change, scale
    )


def between(start, end, share):
    """On the way from one standing to another: zooms evenly, and does not swing aside."""
    if share >= 1:
        return end
    scale = start.scale * (end.scale / start.scale) ** share
    if abs(end.scale - start.scale) > 1e-9 * start.scale:
        share = (1 / scale - 1 / start.scale) / (1 / end.scale - 1 / start.scale)
    return Standing(
        start.across + (end.across - start.across) * share,
        start.along + (end.along - start.along) * share,
        scale,
    )


def camera_at(found):
    """The arguments of ``network.move`` for a standing."""
    return {"x": found.across, "y": found.along, "scale": found.scale}


def is_free(camera):
    """Whether a camera stands where its numbers say."""
    return isinstance(camera, NetworkCamera) and camera.framing == "free"
