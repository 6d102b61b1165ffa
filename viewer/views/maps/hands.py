"""Where in the feature maps a person is, and what the hands do: gestures to commands."""

import time

import numpy as np

from viewer.state.hover import Hovered
from viewer.state.maps import LARGEST, SMALLEST, MapsCamera
from viewer.views.gestures import LEFT, MIDDLE, NO_BUTTON
from viewer.views.maps import marks
from viewer.views.maps.build import INPUT
from viewer.views.maps.grids import place_of, unit_at
from viewer.views.maps.loading import wall_of
from viewer.views.maps.resolve import MapsWish
from viewer.views.maps.wall import BAR, HEAD
from viewer.views.view import View

CLICK_PX = 4
WHEEL_PX = 110
ZOOM_PER_NOTCH = 1.2
MOTION_SECONDS = 0.15
# A unit this large on the screen can be meant by a click; else the map is.
AIMABLE_PX = 3.0


class MapsHands(View):
    """The part of the feature maps view that scrolls, zooms and points.

    Attributes
    ----------
    wish : MapsWish
    contents : Contents or None
        What is drawn.
    """

    def __init__(self):
        super().__init__()
        self.wish = MapsWish()
        self.contents = None
        self._own_hover = None
        self._words = ""
        self._bar = None
        self._brings = False
        self._place = 0.0
        self._size = MapsCamera().size
        self._walls = {}
        self._motion = None
        self._moving_until = 0.0
        self._grip = None

    # where things are

    def wall(self):
        """The `Wall` for the present contents, folding, size of view and of maps."""
        size = (self.width, self.height - marks.FOOT)
        key = (self.contents.number, size, self._size, self.wish.folded)
        if key not in self._walls:
            self._walls = {key: wall_of(self.contents, size, self._size, self.wish.folded)}
        return self._walls[key]

    def _begin_motion(self):
        if self.animates and self._grip is None and self.contents is not None:
            wall = self.wall()
            self._motion = (time.monotonic(), self._scroll_now(wall) / max(1.0, wall.total))

    def _scroll_now(self, wall):
        """The scroll that is drawn, on the way of a motion too."""
        target = wall.scroll_of(self._place)
        if self._motion is None:
            return target
        began, start = self._motion
        share = min(1.0, (time.monotonic() - began) / MOTION_SECONDS)
        if share >= 1.0:
            self._motion = None
            return target
        eased = share * share * (3 - 2 * share)
        return start * wall.total * (1 - eased) + target * eased

    def _bring_focus(self, wall):
        """Have the active layer, or its active map, in sight."""
        self._brings = False
        focus = self.wish.focus
        index = None if focus.layer is None else self.contents.index(focus.layer)
        if index is None:
            return
        slot, layer = None, self.contents.layers[index]
        if focus.channel is not None and wall.blocks[index].count:
            found = place_of(layer.grid, focus.channel, focus.unit)
            slot = None if found is None else layer.slot_of(found[0])
        now = wall.scroll_of(self._place)
        wanted = wall.showing(index, slot, now)
        if abs(wanted - now) > 0.5:
            self._begin_motion()
            self._place = wall.place_of(wanted)

    # gestures

    def _look(self, **args):
        """Scroll or zoom by a command."""
        self._moves()
        self._place = args.get("place", self._place)
        self._size = args.get("size", self._size)
        self.wished.emit("maps.look", args)

    def _moves(self):
        """Draw coarsely for a moment, where drawing is slow."""
        self._moving_until = time.monotonic() + MOTION_SECONDS

    def _scroll_by(self, pixels):
        wall = self.wall()
        wanted = wall.clipped(wall.scroll_of(self._place) + pixels)
        self._begin_motion()
        self._look(place=wall.place_of(wanted))

    def _zoom(self, factor, x, y):
        """Other sizes; what is at a point of the view stays there."""
        wall = self.wall()
        scroll = wall.scroll_of(self._place)
        limit = min(LARGEST, wall.largest)
        size = min(max(min(self._size, limit) * factor, SMALLEST), limit)
        anchor = wall.anchor(x, scroll + y)
        self._motion = None
        self._size = size
        after = self.wall()
        place = after.place_of(after.clipped(after.height_of(anchor) - y))
        self._look(place=place, size=size)

    def zoom_by(self, factor):
        """Larger or smaller maps; the middle of the view stays where it is."""
        if self.contents is not None:
            self._zoom(factor, self.width / 2, (self.height - marks.FOOT) / 2)

    def wheel(self, pointer, steps):
        if self.contents is None:
            return
        if "ctrl" in pointer.modifiers:
            self._zoom(ZOOM_PER_NOTCH**steps, pointer.x, pointer.y)
        else:
            self._scroll_by(-steps * WHEEL_PX)
        self._hover(None)

    def key(self, name, modifiers=frozenset()):
        if self.contents is None or modifiers - {"shift"}:
            return False
        page = max(40.0, self.height - marks.FOOT - 2 * HEAD)
        moves = {"pageup": -page, "pagedown": page, "home": -np.inf, "end": np.inf}
        zooms = {"+": ZOOM_PER_NOTCH, "=": ZOOM_PER_NOTCH, "-": 1 / ZOOM_PER_NOTCH}
        if name in moves:
            self._scroll_by(moves[name])
        elif name in zooms:
            self.zoom_by(zooms[name])
        else:
            return False
        return True

    def press(self, pointer):
        if self.contents is None:
            return
        wall = self.wall()
        on_bar = pointer.x >= self.width - BAR and wall.longest > 0
        self._motion = None
        self._grip = _Grip(pointer, wall.scroll_of(self._place), on_bar)
        if pointer.y >= wall.height:
            self._grip.end = self._bar and self._bar.end_at(pointer.x)
            self._grip.bar = self._bar
            return
        if on_bar:
            self._jump(pointer, wall)

    def _jump(self, pointer, wall):
        """A click beside the scroll bar's thumb: have the thumb's middle there."""
        top, length = marks.thumb(wall, self._grip.scroll)
        if not top <= pointer.y <= top + length:
            share = (pointer.y - length / 2) / max(1.0, wall.height - length)
            self._grip.scroll = wall.clipped(share * wall.longest)
            self._grip.moved = True
            self._drag_to(self._grip.scroll, wall)

    def _drag_to(self, scroll, wall):
        self._moves()
        self._place = wall.place_of(wall.clipped(scroll))
        self.dragged.emit("maps.look", {"place": self._place})
        self.outdated.emit()

    def move(self, pointer):
        if self.contents is None:
            return
        grip = self._grip
        if grip is None or pointer.button == NO_BUTTON:
            self._hover(self._hit(pointer))
            return
        dx, dy = pointer.from_start(grip.start)
        grip.moved = grip.moved or max(abs(dx), abs(dy)) >= CLICK_PX
        if not grip.moved:
            return
        if grip.bar is not None or grip.start.y >= self.height - marks.FOOT:
            if grip.end:
                low, high = grip.bar.dragged(grip.end, dx)
                args = {"layer": grip.bar.layer, "low": low, "high": high}
                self.dragged.emit("stack.limits", args)
            return
        self._hover(None)
        wall = self.wall()
        if grip.on_bar:
            length = marks.thumb(wall, grip.scroll)[1] if wall.longest > 0 else 0.0
            dy *= -wall.longest / max(1.0, wall.height - length)
        self._drag_to(grip.scroll - dy, wall)

    def lift(self, pointer):
        grip, self._grip = self._grip, None
        if grip is None:
            return
        if grip.moved:
            self.drag_ended.emit()
        elif self.contents is None or grip.start.y >= self.height - marks.FOOT:
            return
        elif pointer.button == LEFT and not grip.on_bar:
            self._click(self._hit(pointer))
        self.outdated.emit()

    def double_press(self, pointer):
        """Fill the view with the map under the pointer; again: the usual size.

        On the colour bar: forget the range that was set by hand.
        """
        self._grip = None
        if self._bar is not None and self._bar.holds(pointer, self.height - marks.FOOT):
            self.wished.emit("stack.limits.reset", {"layer": self._bar.layer})
            return
        hit = None if self.contents is None or pointer.button == MIDDLE else self._hit(pointer)
        if hit is None or hit.slot is None:
            return
        wall = self.wall()
        size = MapsCamera().size if self._size >= 0.9 * wall.largest else wall.largest
        self._size = size
        after = self.wall()
        block = after.blocks[hit.block.index]
        _, top, _, height = block.box(hit.slot)
        middle = top + height / 2 - HEAD / 2 - after.height / 2
        self._motion = None
        self._look(place=after.place_of(after.clipped(min(top - HEAD, middle))), size=size)

    def leave(self):
        if self._grip is None:
            self._hover(None)

    def _hit(self, pointer):
        """The `Hit` under the pointer; the heading that stays on top is above what it covers."""
        wall = self.wall()
        if pointer.x >= self.width - BAR or not 0 <= pointer.y < wall.height:
            return None
        scroll = wall.scroll_of(self._place)
        hit = wall.at(pointer.x, scroll + pointer.y)
        if pointer.y < HEAD:
            top = wall.at(pointer.x, scroll)
            first = wall.visible(scroll)[0][0] if wall.blocks else None
            if first is not None and (top is None or top.slot is not None):
                return wall.at(pointer.x, first.top)
        return hit

    def _click(self, hit):
        if hit is None:
            return
        layer = self.contents.layers[hit.block.index]
        if hit.slot is None and hit.x < marks.FOLD_WIDTH:
            folded = layer.name not in self.wish.folded
            self.wished.emit("maps.fold", {"layers": [layer.name], "folded": folded})
        elif layer.name == INPUT or (hit.slot or 0) >= len(layer.order):
            return
        elif hit.slot is None:
            self.wished.emit("focus.layer", {"layer": layer.name})
        else:
            channel, unit = self._unit_of(layer, hit)
            if unit is not None and self._can_aim(layer, hit.block):
                args = {"layer": layer.name, "channel": channel, "unit": list(unit)}
                self.wished.emit("focus.unit", args)
            else:
                self.wished.emit("focus.channel", {"layer": layer.name, "channel": channel})

    def _can_aim(self, layer, block):
        size = min(block.height_of_map / layer.grid.rows, block.width_of_map / layer.grid.columns)
        return size >= AIMABLE_PX

    def _unit_of(self, layer, hit):
        """(channel, unit or None) under the pointer."""
        number = int(layer.order[hit.slot])
        row, column = int(hit.down * layer.grid.rows), int(hit.across * layer.grid.columns)
        found = unit_at(layer.grid, number, row, column)
        return found or (number * layer.grid.shape[0] // layer.grid.maps, None)

    def _hover(self, hit):
        hovered, words = None, ""
        if hit is not None:
            layer = self.contents.layers[hit.block.index]
            words = layer.name
            if hit.slot is not None and hit.slot >= len(layer.order):
                words = f"{layer.name}, as the network gets it"
            elif hit.slot is not None:
                hovered, words = self._hovered_of(layer, hit)
            elif layer.name != INPUT:
                hovered = Hovered(layer.name)
        if words != self._words or hovered != self._own_hover:
            self._own_hover, self._words = hovered, words
            self.hovered.emit(hovered)
            self.outdated.emit()

    def _hovered_of(self, layer, hit):
        channel, unit = self._unit_of(layer, hit)
        if unit is None:
            return None, f"{layer.name}:{channel}"
        value = float(layer.values[(channel, *unit)])
        place = f"@{','.join(str(at) for at in unit)}" if unit else ""
        words = f"{layer.name}:{channel}{place} = {value:.6g}"
        return Hovered(layer.name, channel, unit or None, value), words


class _Grip:
    """A button held: where it went down and what the scroll was."""

    def __init__(self, start, scroll, on_bar):
        self.start = start
        self.scroll = scroll
        self.on_bar = on_bar
        self.moved = False
        self.end = self.bar = None
