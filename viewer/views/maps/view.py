"""The feature maps view: every channel of every layer as a small picture, scrolled and zoomed."""

import time
from dataclasses import replace

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.views.maps import marks
from viewer.views.maps.build import INPUT, layer_ends
from viewer.views.maps.hands import MapsHands
from viewer.views.maps.loading import Loader, Sight, boxes_px, first_texels
from viewer.views.maps.reordering import Reordering
from viewer.views.maps.resolve import resolve
from viewer.views.pen import Pen
from viewer.views.range_bar import Bar
from viewer.visuals.flat import FlatPicture
from viewer.visuals.overlay import Overlay
from viewer.visuals.tiles import TileSet, fill
from viewer.visuals.transfer import Transfer

# A picture whose maps take longer is drawn coarser while it moves.
SLOW_SECONDS = 0.025
ROW = 18
# What of a wish changes the picture, beside the maps themselves.
SEEN = (
    "message", "ranges", "folded", "place", "size", "focus", "kept", "exactness", "badges",
)  # fmt: skip


class MapsView(MapsHands):
    """The maps of the focused sample, or their mean over the selection.

    Attributes
    ----------
    share_sharp : float
        Which part of the maps in sight the last picture had at their own level of detail.
    """

    name = "maps"

    def __init__(self):
        super().__init__()
        self._maps_of = None
        self._builds = False
        self._summaries = (None, {})
        self._builder = None
        self._hovered = None
        self.share_sharp = 1.0
        self._is_slow = self._coarse = False
        self._ratio = 1.0
        self._loader, self._reordering = Loader(), Reordering()
        self._tiles = TileSet()
        self._picture = FlatPicture()
        self._over, self._foot = Overlay(), Overlay()  # an overlay's letters lie over its shapes

    # what is shown

    def follow(self, state, hovered, facts, builder):
        self._builder = builder
        wish = resolve(state, facts)
        self.detail = wish.detail
        self._follow_maps(self._in_order(wish.maps))
        self._show(wish, hovered)

    @property
    def pending(self):
        return self.wish.late or self._builds

    def _in_order(self, wanted):
        """Maps in the order that layers had, where the one asked for is still being made."""
        if wanted is None or self._maps_of is None:
            return wanted
        return replace(wanted, orders=wanted.orders.after(self._maps_of.orders))

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
        if self.animates:
            self._reordering.begin(self.contents, contents)
        self.contents = contents
        self._walls = {}
        self._bar = None if contents is None else self._bar
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
        if self._motion is not None or self._reordering.runs:
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
        tiles = self._loader.tiles(sight, wish.ranges, -scroll, ratio, self._reordering)
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
