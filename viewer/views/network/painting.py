"""What of a graph is in sight, as instances and words for a view's size: plain arithmetic."""

from dataclasses import dataclass

import numpy as np

from viewer.gl.theme import rgb
from viewer.views.network.colouring import Colouring, colouring, fills
from viewer.views.network.labels import cores_of, second_line, text_size
from viewer.views.network.resolve import by, field_text
from viewer.visuals.glyphs import measure, shorten_middle
from viewer.visuals.graph import ACTIVE, BLOCK, FADED, FOLDED, FOUND, HATCHED, HOVERED, WIRE

PAD = 9
SIGN_PAD = 5
SECOND_LINE, TWO_LINES = 0.92, 3.1
LEAST_SIGNED = 0.55


@dataclass(frozen=True, eq=False)
class Looks:
    """How every block looks, apart from where the person is.

    Attributes
    ----------
    found : Colouring
    fill, strip : uint8[N, 4]
    marks : int64[N]
        Of `viewer.visuals.graph`: hatched and folded.
    dark_text : bool[N]
    """

    found: Colouring
    fill: np.ndarray
    strip: np.ndarray
    marks: np.ndarray
    dark_text: np.ndarray


def looks_of(graph, colour_by, summary, theme, overview=None):
    """The `Looks` of a graph's blocks."""
    found = colouring(graph, colour_by, summary, overview)
    fill, strip, hatched, dark_text = fills(graph, found, theme)
    folded = np.array([node.repetition is not None for node in graph.nodes])
    return Looks(found, fill, strip, hatched * HATCHED + folded * FOLDED, dark_text)


def marked(graph, looks, focus, hovered, found):
    """The marks of every block, with the active, the hovered and the found ones.

    Parameters
    ----------
    focus, hovered : str or None
        Layers.
    found : sequence of int or None
        Layers that a search finds; the others fade.
    """
    marks = looks.marks.copy()
    if found is not None:
        hits = np.zeros(len(marks), bool)
        hits[[graph.node_of[graph.layers[index].name] for index in found]] = True
        marks[hits] |= FOUND
        marks[~hits] |= FADED
    for layer, mark in ((focus, ACTIVE), (hovered, HOVERED)):
        if layer is not None:
            marks[graph.node_of[layer]] |= mark
    return marks


def seen_box(place, width, height):
    """The part of the graph in a view of pixels: (low, high) across and along."""
    a = place.to_graph(0, 0)
    b = place.to_graph(width, height)
    return np.minimum(a, b), np.maximum(a, b)


def blocks_in(graph, looks, marks, box):
    """Instances of the blocks in sight, and which nodes they are."""
    half = np.array(graph.sizes.block) / 2 + 8
    low, high = box
    inside = ((graph.centre + half >= low) & (graph.centre - half <= high)).all(1)
    nodes = np.flatnonzero(inside)
    blocks = np.zeros(len(nodes), BLOCK)
    blocks["centre"] = graph.centre[nodes]
    blocks["fill"] = looks.fill[nodes]
    blocks["strip"] = looks.strip[nodes]
    blocks["marks"] = marks[nodes]
    return blocks, nodes


def wires_in(ends, wires, box, theme, lit, fades):
    """Instances of the pieces of wires in sight; those of lit nodes last, in the accent.

    Parameters
    ----------
    ends : float32[M, 4]
    wires : int64[M, 2]
        Nodes.
    lit : set of int
        Nodes whose wires are picked out.
    fades : bool
        Whether the others step back.
    """
    low, high = box
    left, right = np.minimum(ends[:, 0], ends[:, 2]), np.maximum(ends[:, 0], ends[:, 2])
    inside = (ends[:, 3] >= low[1]) & (ends[:, 1] <= high[1])
    inside &= (right >= low[0] - 4) & (left <= high[0] + 4)
    chosen = np.flatnonzero(inside)
    pieces = np.zeros(len(chosen), WIRE)
    pieces["ends"] = ends[chosen]
    pieces["colour"] = (*_bytes(theme.edge), 110 if fades else 255)
    if lit and len(chosen):
        bright = np.isin(wires[chosen], list(lit)).any(1)
        pieces["colour"][bright] = (*_bytes(theme.accent), 255)
        pieces = pieces[np.argsort(bright, kind="stable")]
    return pieces


def _bytes(colour):
    return tuple(round(255 * part) for part in rgb(colour))


def block_boxes(graph, nodes, place):
    """Blocks' (left, top, right, bottom) in pixels, rounded as they are drawn.

    Returns
    -------
    list of list of float
    """
    half, centre = np.array(graph.sizes.block) / 2, graph.centre[nodes]
    corners = [place.to_view(centre - half), place.to_view(centre + half)]
    return np.floor(np.concatenate(corners, 1) + 0.5).tolist()


def sign_text(repetition):
    """``'× 12'``."""
    return f"× {repetition.count}"


def sign_of_block(box, repetition, scale, ratio):
    """Where the sign of a folded block stands: (left, top, right, bottom), or None when unseen."""
    size = round(text_size(scale) * ratio)
    if not size:
        return None
    wide = measure(sign_text(repetition), size) + 2 * SIGN_PAD * ratio
    right, tall = box[2] - 5 * ratio, 1.35 * size
    down = box[3] - box[1]
    top = box[1] + (4 * ratio if down >= TWO_LINES * size else (down - tall) / 2)
    return right - wide, top, right, top + tall


def sign_of_frame(box, repetition, scale, ratio):
    """Where the sign of an unfolded repetition stands: on the upper left corner of its frame."""
    if scale < LEAST_SIGNED:
        return None
    size = round(0.85 * text_size(scale) * ratio)
    wide = measure(sign_text(repetition), size) + 2 * SIGN_PAD * ratio
    return box[0], box[1] - 0.7 * size, box[0] + wide, box[1] + 0.7 * size


def frame_box(frame, place):
    """A frame's (left, top, right, bottom) in pixels."""
    return tuple(float(part) for part in place.to_view(np.array([frame.low, frame.high])).ravel())


def add_block_text(words, graph, looks, node, box, theme, scale, ratio, active, input_shape):
    """Put a block's name, kind, shape and field, as much as fits, on the words.

    Returns
    -------
    bool
        Whether the name stands in full.
    """
    size = round(text_size(scale) * ratio)
    if not size:
        return False
    each = graph.nodes[node]
    light = looks.dark_text[node]
    colour = _bytes("#1d2126" if light else "#d7dae0") + (255,)
    dim = colour if looks.found.by not in ("none", "kind") else colour[:3] + (170,)
    pad = PAD * ratio * min(1.0, scale)
    left, right = box[0] + pad, box[2] - pad
    sign = None if each.repetition is None else sign_of_block(box, each.repetition, scale, ratio)
    value = looks.found.text(node) if sign is None and looks.found.by != "field" else ""
    taken = (sign[2] - sign[0] if sign else 0) + (measure(value, size) if value else 0)
    room = int(right - left - taken - (6 * ratio if taken else 0))
    name = active if each.repetition is not None and active is not None else each.name
    shown = name
    if measure(name, size, "medium") > room:
        core = cores_of(graph.layers).get(name, name)
        shown = shorten_middle(core if core == name else f"…{core}", room, size, "medium")
    two = (box[3] - box[1]) >= TWO_LINES * size
    middle = (box[1] + box[3]) / 2
    base = middle - 0.28 * size if two else middle + 0.35 * size
    words.add(left, base, shown, size, colour, face="medium")
    if value:
        words.add(right - measure(value, size), base, value, size, colour)
    if two:
        kind, shape, field = facts_of(graph, node, input_shape)
        low_size = max(round(SECOND_LINE * size), 7)
        first, last = second_line(kind, shape, field, int(right - left), low_size)
        words.add(left, middle + 1.15 * size, first, low_size, dim)
        words.add(right - measure(last, low_size), middle + 1.15 * size, last, low_size, dim)
    return shown == name


def facts_of(graph, node, input_shape):
    """A block's kind, output shape and receptive field in words."""
    each = graph.nodes[node]
    if not each.members:
        return "", by(input_shape), ""
    last = graph.layers[each.members[-1]]
    kind = last.kind if each.repetition is None else f"{each.repetition.unit} layers"
    return kind, by(last.output_shape), field_text(last.receptive_field)
