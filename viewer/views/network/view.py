"""The network view: the graph with its camera from the state, gestures and keys."""

import time

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import SPACE_PX, rgb
from viewer.state.hover import Hovered
from viewer.views.gestures import NO_BUTTON
from viewer.views.network import legend
from viewer.views.network.build import graph_of
from viewer.views.network.labels import text_size
from viewer.views.network.painting import (
    add_block_text,
    block_boxes,
    blocks_in,
    frame_box,
    looks_of,
    marked,
    seen_box,
    sign_of_block,
    sign_of_frame,
    sign_text,
    wires_in,
)
from viewer.views.network.placing import (
    Standing,
    between,
    camera_at,
    moved,
    placing,
    standing,
    zoomed,
)
from viewer.views.network.resolve import NetworkWish, resolve
from viewer.views.network.walking import BACK, DEEPER, walk
from viewer.views.pen import Pen
from viewer.views.view import View
from viewer.visuals.graph import GraphPicture
from viewer.visuals.overlay import Overlay
from viewer.visuals.words import Words

CLICK_PX = 4
ZOOM_PER_NOTCH = 1.18
MOTION_SECONDS = 0.15
NEAR = 1.0
LEAST_FRAMED = 0.05


class NetworkView(View):
    """The network's layers as blocks in order of depth, joined by their wires."""

    name = "network"

    def __init__(self):
        super().__init__()
        self.wish = NetworkWish()
        self.graph = None
        self._asked_for = None
        self._looks = None
        self._looks_of = None
        self._grip = None
        self._pointer = None
        self._own_hover = None
        self._elided = None
        self._signs = ()
        self._motion = None
        self._stood = None
        self._jumps = True
        self._picture, self._words = GraphPicture(), Words()
        self._under, self._over = Overlay(), Overlay()

    # what is shown

    def follow(self, state, hovered, facts, builder):
        old, self.wish = self.wish, resolve(state, hovered, facts)
        wish = self.wish
        if wish.message:
            self._asked_for, self.graph = None, None
        elif self._asked_for is None or not wish.same_graph_as(self._asked_for):
            self._ask(builder)
        if wish.camera != old.camera or wish.focus != old.focus:
            self._begin_motion()
        self.detail = self._detail()
        if not wish.same_as(old):
            self.outdated.emit()

    def _ask(self, builder):
        wish = self._asked_for = self.wish
        if self.graph is not None and self.graph.layers is not wish.layers:
            self.graph = None

        def came(graph):
            if wish is self._asked_for:
                self._jumps = self.graph is None
                self.graph = graph
                self.detail = self._detail()
                self.outdated.emit()

        builder.ask(self.name, lambda: graph_of(wish.layers, *wish.graph_settings), came)

    @property
    def pending(self):
        return not self.wish.message and (
            self.graph is None or self._asked_for is None or self._is_late()
        )

    def _is_late(self):
        made = self.graph.layers, *self.graph.made_of
        wanted = self._asked_for.layers, *self._asked_for.graph_settings
        return made[0] is not wanted[0] or made[1:] != wanted[1:]

    def _detail(self):
        if self.graph is None:
            return ""
        layers, blocks = len(self.graph.layers), len(self.graph.nodes) - 1
        words = f"{layers:,} layers" if blocks == layers else f"{layers:,} layers, folded"
        return f"{words}, {len(self.wish.found):,} found" if self.wish.found is not None else words

    # where the person stands

    @property
    def _swap(self):
        return self.graph.made_of[2] == "right"

    def _room(self):
        """Width and height that the graph has: the view without the legend."""
        looks = self._present_looks()
        pen = Pen(self._over, 1.0, self.theme)
        tall = legend.height_of(looks.found, self.width, pen.width_of)
        return self.width, max(20.0, self.height - tall)

    def standing(self):
        """Where the state's camera stands for this view: `Standing`."""
        focus = self.wish.focus
        return standing(self.wish.camera, self.graph, *self._room(), self._swap, focus)

    def _begin_motion(self):
        if self.animates and self._stood is not None and not self._jumps and self._grip is None:
            self._motion = (time.monotonic(), self._stood)
        self._jumps = False

    def _present_standing(self):
        target = self.standing()
        if self._motion is None:
            return target
        began, start = self._motion
        share = min(1.0, (time.monotonic() - began) / MOTION_SECONDS)
        if share >= 1.0 or not self.animates:
            self._motion = None
            return target
        return between(start, target, share * share * (3 - 2 * share))

    def _placing(self, ratio=1.0):
        width, height = self._room()
        return placing(self._stood or self.standing(), width, height, self._swap, ratio)

    def place_of(self, layer):
        """Where the middle of a layer's block stands in the view: (x, y) logical pixels."""
        x, y = self._placing().to_view(self.graph.centre[self.graph.node_of[layer]])
        return float(x), float(y)

    # drawing

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        self._under.clear()
        self._over.clear()
        self._words.clear()
        if self.graph is None:
            self._say(ratio)
        else:
            self._stood = self._present_standing()
            self._paint_graph(context, width_px, height_px, ratio)
        self._over.draw(context, width_px, height_px)
        if self._motion is not None:
            self.outdated.emit()

    def _say(self, ratio):
        pen = Pen(self._over, ratio, self.theme)
        text = self.wish.message or "Laying out the graph ..."
        pen.text(
            self.width / 2, self.height / 2, text, self.theme.dim, align=0.5,
            room=self.width - 2 * SPACE_PX,
        )  # fmt: skip

    def _present_looks(self):
        wish, graph = self.wish, self.graph
        key = (graph, wish.settings.colour_by, wish.summary, self.theme)
        if self._looks_of is None or any(
            a is not b for a, b in zip(key, self._looks_of, strict=True)
        ):
            self._looks = looks_of(graph, wish.settings.colour_by, wish.summary, self.theme)
            self._looks_of = key
        return self._looks

    def _paint_graph(self, context, width_px, height_px, ratio):
        graph, wish, looks = self.graph, self.wish, self._present_looks()
        place = self._placing(ratio)
        box = seen_box(place, width_px, height_px)
        focus = wish.focus if wish.focus in graph.node_of else None
        hovered = wish.hovered if wish.hovered in graph.node_of else None
        marks = marked(graph, looks, focus, hovered, wish.found)
        blocks, nodes = blocks_in(graph, looks, marks, box)
        lit = {graph.node_of[layer] for layer in (focus, hovered) if layer is not None}
        fades = wish.found is not None
        pieces = [
            wires_in(ends, wires, box, self.theme, lit, fades)
            for ends, wires in (
                (graph.curves, graph.curve_wires),
                (graph.lanes, graph.lane_wires),
            )
        ]
        self._signs = tuple(self._frames(place, box, ratio))
        self._under.draw(context, width_px, height_px)
        sizes = (*graph.sizes.block, graph.sizes.row - graph.sizes.block[1])
        self._picture.draw(
            context, width_px, height_px, ratio, place, self.theme, blocks, *pieces, sizes
        )
        self._write(place, nodes, looks, focus, ratio)
        self._words.draw(context, width_px, height_px)
        self._finish(looks, ratio)

    def _frames(self, place, box, ratio):
        """Draw a ground under each unfolded repetition; its sign is an area to click."""
        pen = Pen(self._under, 1.0, self.theme)
        scale = place.scale / ratio
        if scale < LEAST_FRAMED:
            return
        for frame in self.graph.frames:
            if (frame.high < box[0]).any() or (frame.low > box[1]).any():
                continue
            left, top, right, bottom = frame_box(frame, place)
            pen.frame((left, top, right, bottom), self.theme.line, 1.0, ratio)
            sign = sign_of_frame((left, top, right, bottom), frame.repetition, scale, ratio)
            if sign is not None:
                yield sign, frame.repetition

    def _write(self, place, nodes, looks, focus, ratio):
        """Names and facts of the blocks in sight, and the signs of repetitions."""
        graph, scale = self.graph, place.scale / ratio
        self._elided = None
        if not text_size(scale):
            return
        active = None if focus is None else graph.node_of[focus]
        elided, signs = [], list(self._signs)
        for node, box in zip(nodes.tolist(), block_boxes(graph, nodes, place), strict=True):
            each = graph.nodes[node]
            whole = add_block_text(
                self._words, graph, looks, node, box, self.theme, scale, ratio,
                focus if node == active else None, self.wish.input_shape,
            )  # fmt: skip
            if not whole:
                elided.append(node)
            if each.repetition is not None:
                sign = sign_of_block(box, each.repetition, scale, ratio)
                if sign is not None:
                    signs.append((sign, each.repetition))
        self._elided, self._signs = frozenset(elided), tuple(signs)

    def _finish(self, looks, ratio):
        """Signs, the legend and the card of the block under the pointer."""
        whole = Pen(self._over, 1.0, self.theme)
        for (left, top, right, bottom), repetition in self._signs:
            whole.rectangle(left, top, right - left, bottom - top, self.theme.panel)
            whole.frame((left, top, right, bottom), self.theme.edge, 1.0, ratio)
            size = round((bottom - top) / 1.4)
            middle = (left + right) / 2
            base = (top + bottom) / 2 + 0.36 * size
            self._over.text(middle, base, sign_text(repetition), self.theme.text, size, align=0.5)
        pen = Pen(self._over, ratio, self.theme)
        legend.draw(pen, looks.found, self.width, self.height)
        node = self._own_hover
        if node is not None and self._is_elided(node) and self._grip is None:
            lines = legend.card_lines(self.graph, node, looks.found)
            if lines:
                at = self._pointer
                legend.draw_card(pen, lines, at.x, at.y, self.width, self.height)

    def _is_elided(self, node):
        """Whether a block's name is not written in full; None of them is, far out."""
        return self._elided is None or node in self._elided

    def release(self):
        for owned in (self._picture, self._words, self._under, self._over):
            owned.release()

    # gestures

    def node_at(self, pointer):
        """The block under the pointer, or None."""
        width, height = self._room()
        if self.graph is None or not 0 <= pointer.y < height or not 0 <= pointer.x < width:
            return None
        place = self._placing().to_graph(pointer.x, pointer.y)
        # Far out, where blocks are specks, the pointer need not be exact.
        slack = np.array(self.graph.sizes.block) / 2
        slack = np.maximum(slack, 3 / self._placing().scale)
        away = np.abs(self.graph.centre - place)
        inside = np.flatnonzero((away <= slack).all(1))
        if not len(inside):
            return None
        return int(inside[np.argmin(away[inside].sum(1))])

    def _sign_at(self, pointer):
        ratio = self._ratio
        x, y = pointer.x * ratio, pointer.y * ratio
        for (left, top, right, bottom), repetition in self._signs:
            if left - 2 <= x <= right + 2 and top - 2 <= y <= bottom + 2:
                return repetition
        return None

    def draw(self, context, width_px, height_px, ratio=1.0):
        self._ratio = ratio
        super().draw(context, width_px, height_px, ratio)

    _ratio = 1.0

    def press(self, pointer):
        if self.graph is not None:
            self._motion = None
            self._grip = _Grip(pointer, self._stood or self.standing())

    def move(self, pointer):
        self._pointer = pointer
        grip = self._grip
        if pointer.button == NO_BUTTON or grip is None:
            self._hover(self.node_at(pointer))
            return
        dx, dy = pointer.from_start(grip.start)
        grip.moved = grip.moved or max(abs(dx), abs(dy)) >= CLICK_PX
        if grip.moved:
            self._jumps = True
            self.dragged.emit("network.move", camera_at(moved(grip.stood, self._swap, dx, dy)))

    def _hover(self, node):
        if node == self._own_hover:
            if node is not None and self._is_elided(node):
                self.outdated.emit()
            return
        self._own_hover = node
        members = self.graph.nodes[node].members if node is not None else ()
        self.hovered.emit(Hovered(self.graph.layers[members[-1]].name) if members else None)
        self.outdated.emit()

    def leave(self):
        if self._grip is None and self._own_hover is not None:
            self._hover(None)

    def lift(self, pointer):
        grip, self._grip = self._grip, None
        if grip is None:
            return
        if grip.moved:
            self.drag_ended.emit()
        else:
            self._click(pointer)

    def _click(self, pointer):
        repetition = self._sign_at(pointer)
        if repetition is not None:
            self.wished.emit("network.fold", {"group": repetition.id})
            return
        node = self.node_at(pointer)
        if node is not None:
            members = self.graph.nodes[node].members
            names = [self.graph.layers[member].name for member in members]
            if not names:
                self.choose(None)
            elif self.wish.focus not in names:
                self.choose(names[-1])

    def choose(self, layer):
        """Make a layer active without moving."""
        base = standing(self.wish.camera, self.graph, *self._room(), self._swap)
        if base == self.standing():
            self.wished.emit("focus.layer", {"layer": layer})
        else:
            self.wished.emit("network.choose", {"layer": layer, **camera_at(self.standing())})

    def wheel(self, pointer, steps):
        if self.graph is None:
            return
        stood = self.standing()
        if "shift" in pointer.modifiers:
            there = moved(stood, self._swap, 0, 60 * steps)
        elif "alt" in pointer.modifiers:
            there = moved(stood, self._swap, 60 * steps, 0)
        else:
            factor = ZOOM_PER_NOTCH**steps
            size = self._room()
            there = zoomed(stood, factor, pointer.x, pointer.y, *size, self._swap)
        self._jumps, self._motion = True, None
        self.wished.emit("network.move", camera_at(there))

    def double_press(self, pointer):
        self._grip = None
        node = self.node_at(pointer)
        if node is None:
            if self.graph is not None:
                self.wished.emit("network.look", {"framing": "whole"})
            return
        each = self.graph.nodes[node]
        if each.repetition is not None:
            self.wished.emit("network.fold", {"group": each.repetition.id})
        else:
            there = Standing(*self.graph.centre[node].tolist(), NEAR)
            self.wished.emit("network.move", camera_at(there))

    def key(self, name, modifiers=frozenset()):
        if self.graph is None:
            return False
        if name in ("up", "down", "return", "enter", "home", "end", "f"):
            return self._do_key(name)
        return False

    def _do_key(self, name):
        framing = {"home": "start", "end": "end", "f": "whole"}.get(name)
        if framing is not None:
            self.wished.emit("network.look", {"framing": framing})
            return True
        if name in ("up", "down"):
            return self.walk(DEEPER if name == "down" else BACK)
        return self.fold_here()

    def walk(self, way):
        """Make the layer active that is one step away; returns whether there is one.

        Parameters
        ----------
        way : str
            As `viewer.views.network.walking.step`.
        """
        layer = None if self.graph is None else walk(self.graph, self.wish.focus, way)
        if layer is not None:
            self.wished.emit("focus.layer", {"layer": layer})
        return layer is not None

    def fold_here(self):
        """Fold or unfold the repetition of the active layer; returns whether it is in one."""
        repetition = self.repetition_here()
        if repetition is not None:
            self.wished.emit("network.fold", {"group": repetition.id})
        return repetition is not None

    def repetition_here(self):
        """The repetition in which the active layer is, folded or not; None outside of any."""
        return self.repetition_of(self.wish.focus)

    def repetition_of(self, layer):
        """The repetition in which a layer is, folded or not; None outside of any."""
        if self.graph is None or layer not in self.graph.node_of:
            return None
        node = self.graph.nodes[self.graph.node_of[layer]]
        if node.repetition is not None:
            return node.repetition
        for frame in self.graph.frames:
            members = frame.repetition.members
            if any(self.graph.layers[member].name == layer for member in members):
                return frame.repetition
        return None


class _Grip:
    """A button held: where it went down and where the view stood."""

    def __init__(self, start, stood):
        self.start = start
        self.stood = stood
        self.moved = False
