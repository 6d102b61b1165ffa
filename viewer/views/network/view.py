"""The network view: the graph with its camera from the state, gestures and keys."""

import time

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.state.hover import Hovered
from viewer.views.gestures import LEFT, NO_BUTTON
from viewer.views.network import legend
from viewer.views.network.build import graph_of
from viewer.views.network.painting import looks_of
from viewer.views.network.picture import NetworkPicture
from viewer.views.network.placing import (
    Standing,
    between,
    camera_at,
    extent,
    moved,
    placing,
    standing,
    zoomed,
)
from viewer.views.network.resolve import NetworkWish, resolve
from viewer.views.network.walking import BACK, DEEPER, walk
from viewer.views.view import View

CLICK_PX = 4
ZOOM_PER_NOTCH = 1.18
MOTION_SECONDS = 0.15
NEAR = 1.0
AT_ONCE = 250
"""Layers whose layout takes a few milliseconds: it need not wait behind the builder's work."""


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
        self._motion = None
        self._stood = None
        self._jumps = False
        self._ratio = 1.0
        self._picture = NetworkPicture()

    # what is shown

    def follow(self, state, hovered, facts, builder):
        old, self.wish = self.wish, resolve(state, hovered, facts)
        wish = self.wish
        if wish.message:
            self._asked_for = None
            self._take(None)
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
            self._take(None)

        def came(graph):
            if wish is self._asked_for:
                self._take(graph)
                self.detail = self._detail()
                self.outdated.emit()

        def work():
            return graph_of(wish.layers, *wish.graph_settings)

        if len(wish.layers) <= AT_ONCE:
            came(work())
        else:
            builder.ask(self.name, work, came)

    def _take(self, graph):
        """Show another graph, or none: what the pointer holds and is over was of the old one."""
        self.graph = graph
        self._own_hover = None
        if graph is None:
            self._grip = self._motion = self._stood = None

    @property
    def pending(self):
        return not self.wish.message and (
            self.graph is None
            or self._asked_for is None
            or self._is_late()
            or self.wish.overview.late
        )

    def _is_late(self):
        made = self.graph.layers, *self.graph.made_of
        wanted = self._asked_for.layers, *self._asked_for.graph_settings
        return made[0] is not wanted[0] or made[1:] != wanted[1:]

    def _detail(self):
        wish = self.wish
        if wish.message:
            return ""
        words = f"{len(wish.layers):,} layers"
        if self.graph is not None and any(node.repetition for node in self.graph.nodes):
            words += ", folded"
        return words if wish.found is None else f"{words}, {len(wish.found):,} found"

    # where the person stands

    @property
    def _swap(self):
        return self.graph.made_of[2] == "right"

    def _room(self):
        """Width and height that the graph has: the view without the legend."""
        looks = self._present_looks()
        tall = legend.height_of(looks.found, self.width)
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
        size = width_px, height_px
        self._ratio = ratio
        if self.graph is None:
            text = self.wish.message or "Laying out the graph ..."
            self._picture.say(context, size, ratio, text, self.theme)
            return
        self._stood = self._present_standing()
        looks = self._present_looks()
        self._picture.draw(
            context, size, ratio, self.graph, self.wish, looks, self._placing(ratio), self.theme
        )
        self._picture.finish(context, size, ratio, looks.found, self.theme, self._card(looks))
        if self._motion is not None:
            self.outdated.emit()

    def _card(self, looks):
        """What is to be told of the block under the pointer, where its name is not in full."""
        node = self._own_hover
        if node is None or self._grip is not None or not self._picture.is_elided(node):
            return None
        lines = legend.card_lines(self.graph, node, looks.found)
        return (lines, self._pointer.x, self._pointer.y) if lines else None

    def release(self):
        self._picture.release()

    def _present_looks(self):
        wish, graph = self.wish, self.graph
        key = (graph, wish.settings.colour_by, wish.summary, self.theme, wish.overview)
        if self._looks_of is None or not _same_looks(key, self._looks_of):
            self._looks = looks_of(graph, *key[1:])
            self._looks_of = key
        return self._looks

    # gestures

    def node_at(self, pointer):
        """The block under the pointer, or None."""
        if self.graph is None:
            return None
        width, height = self._room()
        if not 0 <= pointer.y < height or not 0 <= pointer.x < width:
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
        for (left, top, right, bottom), repetition in self._picture.signs:
            if left - 2 <= x <= right + 2 and top - 2 <= y <= bottom + 2:
                return repetition
        return None

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
            if node is not None and self._picture.is_elided(node):
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
        elif grip.start.button == LEFT:
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

    def zoom_by(self, factor):
        """Stand nearer or farther over what is in the middle."""
        if self.graph is not None:
            width, height = self._room()
            size = width, height, self._swap
            there = zoomed(self.standing(), factor, width / 2, height / 2, *size)
            self.wished.emit("network.move", camera_at(there))

    def scroll_by(self, across, along):
        """Scroll by shares of the view, across the depth and along it."""
        if self.graph is not None:
            stood, size = self.standing(), extent(*self._room(), self._swap)
            there = Standing(
                stood.across + across * size[0] / stood.scale,
                stood.along + along * size[1] / stood.scale,
                stood.scale,
            )
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
        if name in ("esc", "escape") and self.wish.found is not None:
            self.wished.emit("network.find", {"text": ""})
            return True
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

    @property
    def has_repetitions(self):
        """Whether there is something to fold or unfold."""
        graph = self.graph
        return graph is not None and (
            bool(graph.frames) or any(node.repetition for node in graph.nodes)
        )

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


def _same_looks(key, other):
    """Whether blocks look alike: the same objects, and equal words of importance."""
    *same, overview = key
    *others, former = other
    return overview == former and all(a is b for a, b in zip(same, others, strict=True))
