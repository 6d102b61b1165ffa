"""The feature maps view: every channel of every layer as a small picture, scrolled and zoomed."""

import time

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.state.hover import Hovered
from viewer.state.maps import LARGEST, SMALLEST, MapsCamera
from viewer.views.gestures import LEFT, MIDDLE, NO_BUTTON
from viewer.views.maps import marks
from viewer.views.maps.bar import Bar
from viewer.views.maps.build import INPUT, layer_ends
from viewer.views.maps.grids import place_of, unit_at
from viewer.views.maps.loading import Loader, Sight, boxes_px, first_texels, wall_of
from viewer.views.maps.resolve import MapsWish, resolve
from viewer.views.maps.wall import BAR, HEAD
from viewer.views.pen import Pen
from viewer.views.view import View
from viewer.visuals.flat import FlatPicture
from viewer.visuals.overlay import Overlay
from viewer.visuals.tiles import TileSet, fill
from viewer.visuals.transfer import Transfer

CLICK_PX = 4
WHEEL_PX = 110
ZOOM_PER_NOTCH = 1.2
MOTION_SECONDS = 0.15
# A picture whose maps take longer is drawn coarser while it moves.
SLOW_SECONDS = 0.025
ROW = 18
# What of a wish changes the picture, beside the maps themselves.
SEEN = ("message", "ranges", "folded", "place", "size", "focus", "kept", "exactness")
# A unit this large on the screen can be meant by a click; else the map is.
AIMABLE_PX = 3.0


class MapsView(View):
    """The maps of the focused sample, or their mean over the selection.

    Attributes
    ----------
    contents : Contents or None
        What is drawn.
    share_sharp : float
        Which part of the maps in sight the last picture had at their own level of detail.
    """

    name = "maps"

    def __init__(self):
        super().__init__()
        self.wish = MapsWish()
        self.contents = None
        self._maps_of = None
        self._builds = False
        self._summaries = (None, {})
        self._builder = None
        self._hovered = None
        self._own_hover = None
        self._brings = False
        self._place = 0.0
        self._size = MapsCamera().size
        self._walls = {}
        self._motion = None
        self._grip = None
        self.share_sharp = 1.0
        self._is_slow = self._coarse = False
        self._moving_until = 0.0
        self._bar = None
        self._words = ""
        self._ratio = 1.0
        self._loader = Loader()
        self._tiles = TileSet()
        self._picture = FlatPicture()
        self._over, self._foot = Overlay(), Overlay()  # an overlay's letters lie over its shapes

    # what is shown

    def follow(self, state, hovered, facts, builder):
        self._builder = builder
        wish = resolve(state, facts)
        self.detail = wish.detail
        self._follow_maps(wish.maps)
        self._show(wish, hovered)

    @property
    def pending(self):
        return self.wish.late or self._builds

    def _follow_maps(self, wanted):
        if wanted is None:
            if self.contents is not None or self._maps_of is not None:
                self._builder.forget(self.name)
                self._maps_of, self._builds = None, False
                self._take(None, None, ())
        elif not wanted.same_as(self._maps_of):
            self._maps_of, self._builds = wanted, True
            if self._summaries[0] is not wanted.source:
                self._summaries = (wanted.source, {})
            summaries, look = self._summaries[1], self._look_now()

            def work():
                contents = wanted.contents(summaries)
                return contents, first_texels(contents, look)

            self._builder.ask(self.name, work, lambda made: self._take(wanted, *made))

    def _look_now(self):
        """What decides which maps are in sight, for the builder."""
        size = (self.width, self.height - marks.FOOT)
        return size, self._place, self._size, self.wish.folded, self._ratio

    def _take(self, wanted, contents, texels):
        if wanted is self._maps_of:
            self._builds = False
        self.contents = contents
        self._walls = {}
        self._loader.forget()
        self._loader.add(list(texels))
        self._brings = self._brings or self.wish.place is None  # its map may stand elsewhere now
        self.outdated.emit()

    def _show(self, wish, hovered):
        old, self.wish = self.wish, wish
        if wish.place not in (None, self._place):
            self._moves()
            self._begin_motion()
            self._place = wish.place
        moved = (wish.focus.layer, wish.focus.channel) != (old.focus.layer, old.focus.channel)
        if wish.place is None and (moved or wish.size != self._size):
            self._brings = True
        self._size = wish.size
        others = hovered if hovered != self._own_hover else None
        changed = others != self._hovered or any(
            getattr(wish, part) != getattr(old, part) for part in SEEN
        )
        self._hovered = others
        if changed:
            self.outdated.emit()

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

    # drawing

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        self._ratio = ratio
        self._over.clear()
        self._foot.clear()
        pen = Pen(self._over, ratio, self.theme)
        if self.contents is None or not self.contents.layers:
            self._message(pen)
        else:
            self._maps(context, width_px, height_px, ratio, pen)
        self._over.draw(context, width_px, height_px)
        self._foot.draw(context, width_px, height_px)
        if self._motion is not None:
            self.outdated.emit()

    def _message(self, pen):
        lines = (self.wish.message or ("computing" if self.pending else "")).split("\n")
        top = self.height / 2 - len(lines) * ROW / 2
        for number, line in enumerate(lines):
            base = top + (number + 0.7) * ROW
            pen.text(self.width / 2, base, line, self.theme.dim, align=0.5, room=self.width - 20)

    def _maps(self, context, width_px, height_px, ratio, pen):
        wall, wish = self.wall(), self.wish
        if self._brings:
            self._bring_focus(wall)
        scroll = round(self._scroll_now(wall) * ratio) / ratio
        fill(marks.plates(wall, scroll, ratio), rgb(self.theme.line), height_px)
        self._coarse = self._is_slow and time.monotonic() < self._moving_until
        sight = Sight(self.contents, wall, scroll, ratio, self._coarse)
        builder = self._builder if self.animates else None
        self._loader.bring(context, sight, builder, self.outdated.emit)
        tiles = self._loader.tiles(sight, wish.ranges, -scroll, ratio)
        self.share_sharp = self._loader.share_sharp
        transfer = Transfer(theme=self.theme)
        began = time.perf_counter()
        self._tiles.draw(context, self._loader.atlas, tiles, width_px, height_px, transfer)
        if self.animates and context.capabilities.is_software and not self._coarse:
            GL.glFinish()
            self._is_slow = time.perf_counter() - began > SLOW_SECONDS
        self._draw_picture(context, width_px, height_px, wall, -scroll)
        marks.draw_marks(pen, wish, self._own_hover or self._hovered, self.contents, wall, scroll)
        marks.draw_headings(pen, wish, self.contents, wall, scroll, self.width)
        held = self._grip is not None and self._grip.on_bar
        marks.draw_bar(pen, wall, scroll, self.width, held)
        self._footer(Pen(self._foot, ratio, self.theme), wall, scroll)

    def _draw_picture(self, context, width_px, height_px, wall, down):
        """The input as a person sees it, behind its maps."""
        index = self.contents.index(INPUT)
        if index is None or self.contents.picture is None or not wall.blocks[index].count:
            return
        slot = np.array([len(self.contents.layers[index].order)])
        box = boxes_px(wall.blocks[index], slot, down, self._ratio)[0]
        if -box[3] < box[1] < height_px:
            self._picture.set_pixels(self.contents.picture)
            self._picture.draw(context, width_px, height_px, tuple(box))

    def _footer(self, pen, wall, scroll):
        layer = self._layer_of_footer(wall, scroll)
        ranges, ends = self.wish.ranges, None
        if ranges.mode != "channel":
            ends = layer_ends(self.contents, layer, ranges)
        words = self._words
        if self._loader.crowded:
            words = "more maps in sight than the budget holds: means shown"
        elif self._builds and not words:
            words = "computing"
        top = self.height - marks.FOOT
        by_hand = ranges.by_hand(layer.name) is not None
        box = marks.draw_footer(pen, layer, ends, by_hand, words, self.width, top)
        name = None if ranges.mode == "common" and layer.name != INPUT else layer.name
        self._bar = None if ends is None or box is None else Bar(name, *ends, *box)

    def _layer_of_footer(self, wall, scroll):
        """The layer under the pointer, else the active one, else the topmost."""
        names = [hovered.layer for hovered in (self._own_hover, self._hovered) if hovered]
        for name in (*names, self.wish.focus.layer):
            index = None if name is None else self.contents.index(name)
            if index is not None:
                return self.contents.layers[index]
        return self.contents.layers[int(wall.place_of(scroll))]

    def release(self):
        self._loader.release()
        self._tiles.release()
        self._picture.release()
        self._over.release()
        self._foot.release()

    @property
    def is_coarse(self):
        return self._coarse

    def rest(self):
        self._moving_until = 0.0
        if self._coarse:
            self.outdated.emit()

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
        elif grip.start.y >= self.height - marks.FOOT:
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
