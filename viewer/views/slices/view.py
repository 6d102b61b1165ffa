"""The slices: three linked cuts through the volume of the active layer."""

from dataclasses import replace

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.views.clipping import Clip
from viewer.views.pen import Pen
from viewer.views.slices import marks
from viewer.views.slices.build import (
    XY,
    absent_in,
    coloured,
    cut_values,
    range_of,
    strongest,
)
from viewer.views.slices.hands import SlicesHands
from viewer.views.slices.motion import Motion
from viewer.views.slices.places import FOOT, MARGIN, frames_of
from viewer.views.slices.resolve import has_units, resolve
from viewer.visuals.flat import FlatPicture
from viewer.visuals.overlay import Overlay

LINE = 18


class SlicesView(SlicesHands):
    """XY, XC and YC, linked by their cutting lines.

    Attributes
    ----------
    range : viewer.views.slices.build.Range or None
        Ends of the colour map in force.
    """

    name = "slices"

    def __init__(self):
        super().__init__()
        self.range = self._range_of = self._hovered = None
        self._pictures = {}
        self._motion = Motion()
        self._marks, self._over = Overlay(), Overlay()

    # what is shown

    def follow(self, state, hovered, facts, builder):
        wish = self._standing(resolve(state, facts))
        self.detail = wish.detail
        changed = self._choice.follow(wish.choices)
        old, self.wish = self.wish, wish
        others = hovered if hovered != self._own_hover else None
        if changed or others != self._hovered or _seen(wish) != _seen(old):
            self._hovered = others
            self.outdated.emit()
        self._follow_motion(old)
        self._follow_range()

    def _follow_motion(self, old):
        """Go, rather than jump, to another place and into another order of the same volume."""
        wish = self.wish
        same = wish.volume is not None and old.volume is not None
        if not (self.animates and same and wish.volume.layer == old.volume.layer):
            self._motion.stop()
            return
        if wish.camera != old.camera and self._grip is None:
            self._motion.turn_camera(self._motion.camera(old.camera))
        if wish.order is not old.order:
            before = None if old.order is None else old.order.channels
            self._motion.reorder(before, wish.shape[0])

    def _standing(self, wish):
        """While values are still on their way, those of the same layer and source stay."""
        old = self.wish.volume
        awaited = old is not None and wish.volume is None and wish.late
        if not awaited or wish.awaits != (old.layer, old.source):
            return wish
        return replace(self.wish, late=True, camera=wish.camera, bars=wish.bars)

    def _follow_range(self):
        wish = self.wish
        if wish.volume is None:
            self.range = self._range_of = None
            return
        wanted = (wish.volume, wish.over, wish.by_hand)
        if wanted != self._range_of:
            self._range_of = wanted
            values, signed = wish.volume.values, wish.volume.signed
            self.range = range_of(values, signed, wish.over, wish.by_hand)

    @property
    def pending(self):
        return self.wish.late

    # drawing

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        self._marks.clear()
        self._over.clear()
        pen = Pen(self._over, ratio, self.theme)
        self.bar = None
        if self._choice.choices:
            self.frames = ()
            self._choice.draw(pen, self.width, self.height)
        elif self.wish.volume is None:
            self.frames = ()
            self._message(pen)
        else:
            self.frames = frames_of(self.wish, self.width, self.height)
            self.pointed = self._under_pointer()
            drawn = self.frames
            if self._motion.runs:
                now = replace(self.wish, camera=self._motion.camera(self.wish.camera))
                drawn = frames_of(now, self.width, self.height)
                self.outdated.emit()
            self._cuts(context, width_px, height_px, ratio, drawn)
            self._words(pen, ratio, drawn)
        self._over.draw(context, width_px, height_px)

    def _message(self, pen):
        lines = [
            line
            for part in self.wish.message.split("\n")
            for line in pen.lines_of(part, max(60.0, self.width - 2 * MARGIN))
        ]
        top = self.height / 2 - len(lines) * LINE / 2
        for place, line in enumerate(lines):
            base, room = top + (place + 0.7) * LINE, self.width - 2 * MARGIN
            pen.text(self.width / 2, base, line, self.theme.dim, align=0.5, room=room)

    def _cuts(self, context, width_px, height_px, ratio, frames):
        for frame in frames:
            left, top, right, bottom = frame.box
            with Clip(ratio, height_px, left, top, right - left, bottom - top):
                flat, place = self._picture(frame, ratio)
                flat.draw(context, width_px, height_px, place)
                self._marks.clear()
                pen = Pen(self._marks, ratio, self.theme)
                if self.wish.volume.tile is not None:
                    marks.draw_tiles(pen, frame, self.wish.volume.tile)
                if self.wish.bars and frame.has_channels:
                    marks.draw_bars(pen, frame)
                marks.draw_lines(pen, self.wish, frame)
                self._draw_units(pen, frame)
                self._marks.draw(context, width_px, height_px)

    def _picture(self, frame, ratio):
        """The picture of the cells in sight, and where it stands in pixels."""
        rows, columns = frame.y.seen, frame.x.seen
        left, right = (round(frame.x.begin(end) * ratio) for end in columns)
        top, bottom = (round(frame.y.begin(end) * ratio) for end in rows)
        size = max(1, bottom - top), max(1, right - left)
        cut = frame.cut
        name = cut.kind, cut.order is None
        channels = cut.channels
        if cut.order is not None or (cut.kind != XY and self.wish.order is None):
            channels = self._motion.channels(channels, self.wish.shape[0])
        key = (self.wish.volume, cut.at, channels, self.range, self.theme, rows, columns, size)
        former, flat = self._pictures.get(name, (None, None))
        if former is None or not _same(former, key):
            flat = flat or FlatPicture(averages=False)
            flat.set_pixels(self._pixels(cut, channels, slice(*rows), slice(*columns), size))
            self._pictures[name] = key, flat
        return flat, (left, top, size[1], size[0])

    def _pixels(self, cut, channels, rows, columns, size):
        """Colours of a part of a cut, on at most so many rows and columns."""
        volume = self.wish.volume
        values = cut_values(volume.values, cut.kind, cut.at, channels)[rows, columns]
        pixels = coloured(strongest(values, *size), self.range, self.theme)
        absent = absent_in(volume, cut.kind, cut.at)
        if absent is not None:
            there = strongest((~absent[rows, columns]).astype(np.float32), *size)
            pixels[there == 0] = np.rint(np.array(rgb(self.theme.panel)) * 255)
        return pixels

    def _draw_units(self, pen, frame):
        """The focused unit, and the one that the pointer is over elsewhere."""
        wish, focus, hovered = self.wish, self.wish.focus, self._hovered
        for what in (focus, hovered) if has_units(wish.volume) else ():
            if what is None or what.layer != wish.volume.layer or not what.unit:
                continue
            place = wish.volume.place_of(what.unit)
            cell = None if place is None else self._cell_of(frame, what.channel, *place)
            if cell is not None:
                marks.draw_unit(pen, frame, cell)

    def _cell_of(self, frame, channel, row, column):
        """The cell of a cut that shows a unit, or None where it lies beside the cut."""
        wish, cut = self.wish, frame.cut
        if channel is None or not 0 <= channel < wish.shape[0]:
            return None
        if cut.kind == XY:
            return (row, column) if channel == cut.at else None
        along, across = (row, column) if cut.kind == "xc" else (column, row)
        place = channel if cut.order is None else wish.place_of(channel)
        return (place, across) if along == cut.at else None

    def _words(self, pen, ratio, frames):
        wish, hovered = self.wish, self._hovered
        badges = [*(("computing",) if wish.late else ()), *marks.reduced_words(frames, ratio)]
        if len(frames) < len(wish.cuts):
            badges.append(f"{len(frames)} of {len(wish.cuts)} cuts")
        marks.draw_header(pen, wish, badges, self.width)
        for frame in frames:
            marks.draw_edge(pen, frame)
            marks.draw_title(pen, frame)
            marks.draw_numbers(pen, wish, frame)
            known = hovered is not None and hovered.layer == wish.volume.layer
            if known and hovered.channel is not None and frame.has_channels:
                if hovered.channel < wish.shape[0]:
                    channel = hovered.channel
                    place = channel if frame.cut.order is None else wish.place_of(channel)
                    marks.draw_row(pen, frame, place)
        words = "" if self.pointed is None else self._pointed_words()
        top = self.height - FOOT
        self.bar = marks.draw_footer(pen, wish, self.range, words, self.width, top)

    def _pointed_words(self):
        channel, row, column = self._voxel(*self.pointed)
        channels, rows, columns = self.wish.shape
        if channel >= channels or row >= rows or column >= columns:
            return ""
        return marks.pointer_words(self.wish, (channel, row, column))

    def release(self):
        for _, flat in self._pictures.values():
            flat.release()
        self._pictures = {}
        for overlay in (self._marks, self._over):
            overlay.release()


def _seen(wish):
    """What of a wish changes the picture."""
    cuts = tuple((cut.kind, cut.at, id(cut.order), cut.title) for cut in wish.cuts)
    shown = (wish.volume, wish.channel, wish.row, wish.column, wish.over, wish.by_hand)
    return (
        *shown,
        cuts,
        wish.bars,
        wish.camera,
        wish.focus,
        wish.message,
        wish.words,
        wish.ordered,
        wish.late,
    )


def _same(one, other):
    """Whether two keys of a picture are of the same; arrays and volumes by identity."""

    def alike(a, b):
        return a is b or not any(isinstance(each, np.ndarray) for each in (a, b)) and a == b

    return all(map(alike, one, other))
