"""Draws what of a graph is in sight: grounds of repetitions, wires, blocks, words, the legend."""

from viewer.views.network import legend
from viewer.views.network.labels import text_size
from viewer.views.network.painting import (
    add_block_text,
    block_boxes,
    blocks_in,
    frame_box,
    marked,
    seen_box,
    sign_of_block,
    sign_of_frame,
    sign_text,
    wires_in,
)
from viewer.views.pen import Pen
from viewer.visuals.graph import GraphPicture
from viewer.visuals.overlay import Overlay
from viewer.visuals.words import Words

LEAST_FRAMED = 0.05


class NetworkPicture:
    """The GL objects of a network view, and what the last picture had where.

    Attributes
    ----------
    signs : tuple of ((left, top, right, bottom), Repetition)
        Pixels: areas that fold or unfold.
    """

    def __init__(self):
        self.signs = ()
        self._elided = None
        self._blocks, self._words = GraphPicture(), Words()
        self._under, self._over = Overlay(), Overlay()

    def draw(self, context, size_px, ratio, graph, wish, looks, place, theme):
        """Draw a graph into the bound framebuffer, but for `finish`.

        Parameters
        ----------
        size_px : (int, int)
            Width and height of the framebuffer.
        graph : Graph
        wish : NetworkWish
        looks : Looks
        place : Placing
            In pixels.
        """
        box = seen_box(place, *size_px)
        focus = wish.focus if wish.focus in graph.node_of else None
        hovered = wish.hovered if wish.hovered in graph.node_of else None
        marks = marked(graph, looks, focus, hovered, wish.found)
        blocks, nodes = blocks_in(graph, looks, marks, box)
        lit = {graph.node_of[layer] for layer in (focus, hovered) if layer is not None}
        fades = wish.found is not None
        pieces = [
            wires_in(ends, wires, box, theme, lit, fades)
            for ends, wires in (
                (graph.curves, graph.curve_wires),
                (graph.lanes, graph.lane_wires),
            )
        ]
        for part in (self._under, self._words):
            part.clear()
        self.signs = tuple(self._frames(graph, place, box, ratio, theme))
        self._under.draw(context, *size_px)
        sizes = (*graph.sizes.block, graph.sizes.row - graph.sizes.block[1])
        self._blocks.draw(context, *size_px, ratio, place, theme, blocks, *pieces, sizes)
        self._write(graph, wish, looks, place, nodes, focus, ratio, theme)
        self._words.draw(context, *size_px)

    def _frames(self, graph, place, box, ratio, theme):
        """Draw a frame round each unfolded repetition; its sign is an area to click."""
        pen = Pen(self._under, 1.0, theme)
        scale = place.scale / ratio
        if scale < LEAST_FRAMED:
            return
        for frame in graph.frames:
            if (frame.high < box[0]).any() or (frame.low > box[1]).any():
                continue
            area = frame_box(frame, place)
            pen.frame(area, theme.line, 1.0, ratio)
            sign = sign_of_frame(area, frame.repetition, scale, ratio)
            if sign is not None:
                yield sign, frame.repetition

    def _write(self, graph, wish, looks, place, nodes, focus, ratio, theme):
        """Names and facts of the blocks in sight; where the signs of folded ones stand."""
        scale = place.scale / ratio
        self._elided = None
        if not text_size(scale):
            return
        active = None if focus is None else graph.node_of[focus]
        elided, signs = [], list(self.signs)
        for node, box in zip(nodes.tolist(), block_boxes(graph, nodes, place), strict=True):
            each = graph.nodes[node]
            whole = add_block_text(
                self._words, graph, looks, node, box, theme, scale, ratio,
                focus if node == active else None, wish.input_shape,
            )  # fmt: skip
            if not whole or each.repetition is not None:
                elided.append(node)
            if each.repetition is not None:
                signs.append((sign_of_block(box, each.repetition, scale, ratio), each.repetition))
        self._elided, self.signs = frozenset(elided), tuple(signs)

    def is_elided(self, node):
        """Whether a block has more to tell than is written on it: all of them, far out."""
        return self._elided is None or node in self._elided

    def finish(self, context, size_px, ratio, found, theme, card=None):
        """Draw the signs, the legend and a card over the graph.

        Parameters
        ----------
        found : Colouring or None
        card : (tuple of str, float, float) or None
            Lines, and the place beside which they stand, logical pixels.
        """
        width, height = size_px[0] / ratio, size_px[1] / ratio
        whole, pen = Pen(self._over, 1.0, theme), Pen(self._over, ratio, theme)
        for (left, top, right, bottom), repetition in self.signs:
            whole.rectangle(left, top, right - left, bottom - top, theme.panel)
            whole.frame((left, top, right, bottom), theme.edge, 1.0, ratio)
            size = round((bottom - top) / 1.4)
            base = (top + bottom) / 2 + 0.36 * size
            middle = (left + right) / 2
            self._over.text(middle, base, sign_text(repetition), theme.text, size, align=0.5)
        if found is not None:
            legend.draw(pen, found, width, height)
        self._over.draw(context, *size_px)
        self._over.clear()
        if card is not None:  # an overlay draws its letters last: the card is one of its own
            legend.draw_card(pen, *card, width, height)
            self._over.draw(context, *size_px)
            self._over.clear()

    def say(self, context, size_px, ratio, text, theme):
        """Draw a sentence in the middle of an empty view."""
        self.signs = ()
        pen = Pen(self._over, ratio, theme)
        width, height = size_px[0] / ratio, size_px[1] / ratio
        pen.text(width / 2, height / 2, text, theme.dim, align=0.5, room=width - 16)
        self._over.draw(context, *size_px)
        self._over.clear()

    def release(self):
        """Delete every GL object; the context is current."""
        for owned in (self._blocks, self._words, self._under, self._over):
            owned.release()
