"""The grid of a layer's filters, each in the colour of its importance, crossed out where off."""

import numpy as np

from viewer.gl.theme import TEXT_PX, rgb
from viewer.views.box import Box
from viewer.views.importance.part import SMALL, Part, filter_spot
from viewer.views.importance.places import grid_in
from viewer.views.shades import limits_of, shades_of, table_of, text_on
from viewer.visuals.legend import number

BAR_ROW, BAR = 20, 110
NUMBERED = 7
"""Pixels that a cell is wider than the widest number, where it has one."""

DARK, LIGHT = "#101216", "#f2f4f7"


class GridPart(Part):
    """One cell a filter."""

    name = "grid"

    @property
    def count(self):
        """How many filters."""
        return len(self.wish.weighed.values)

    @property
    def channels(self):
        """Channels in the order in which they stand."""
        places = self.wish.places
        return np.arange(self.count) if places is None else np.asarray(places)

    def grid(self):
        """Where the cells stand."""
        inner = self.inner
        room = Box(inner.left, inner.top, inner.width, max(8.0, inner.height - BAR_ROW))
        return grid_in(room, self.count, self.wish.settings.columns)

    def draw(self, pen):
        wish = self.wish
        if wish.weighed is None:
            self.head(pen)
            self.say(pen, self.why)
            return
        grid, channels = self.grid(), self.channels
        order = f" · {wish.order_words}" if wish.order_words else ""
        what = "filters" if wish.settings.measure.startswith("gradient") else "channels"
        title = f"{self.count:,} {what}"
        self.head(pen, f"{grid.columns} × {grid.rows}{order}", title)
        self._cells(pen, grid, channels)
        self._marks(pen, grid, channels)
        self._bar(pen, grid)

    def _cells(self, pen, grid, channels):
        shades = shades_of(self.wish.weighed.values, pen.theme)[channels]
        cells = boxes = grid.cells()
        edges = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1) * pen.ratio
        edges = np.rint(edges)
        boxes = np.concatenate([edges[:, :2], np.maximum(1, edges[:, 2:] - edges[:, :2])], 1)
        if grid.gap:  # empty cells are seen, too: the map begins at the background
            around = boxes + [-1, -1, 2, 2]
            pen.overlay.rectangles(around, np.tile(rgb(pen.theme.line), (len(boxes), 1)))
        pen.overlay.rectangles(boxes, shades)
        off = np.isin(channels, self.wish.off)
        hollow(pen, boxes[off])
        shades[off] = rgb(pen.theme.view)
        cross_out(pen, cells[off])
        if grid.side >= pen.width_of(f"{self.count - 1}", SMALL) + NUMBERED:
            dark = text_on(shades, pen.theme)
            for place, channel in enumerate(channels):
                left, top, wide, tall = cells[place].tolist()
                colour = DARK if dark[place] else LIGHT
                base = top + tall / 2 + SMALL * 0.36
                if off[place]:  # not under its cross
                    colour, room = pen.theme.text, pen.width_of(f"{channel}", SMALL) + 4
                    box = (left + (wide - room) / 2, base - SMALL, room, SMALL + 3)
                    pen.rectangle(*box, pen.theme.view)
                pen.text(left + wide / 2, base, f"{channel}", colour, size=SMALL, align=0.5)

    def _marks(self, pen, grid, channels):
        wish, theme = self.wish, pen.theme
        place_of = {int(channel): place for place, channel in enumerate(channels)}
        for channel, colour, thick in ((wish.focus, theme.accent, 2), (self.under, theme.text, 1)):
            if channel in place_of:
                left, top, wide, tall = grid.cell(place_of[channel])
                box = (left - 1, top - 1, left + wide + 1, top + tall + 1)
                pen.frame(box, colour, 1.0, thick)

    def _bar(self, pen, grid):
        """The colour bar, and what stands crossed out."""
        theme, left = pen.theme, self.box.left
        top = grid.top + grid.rows * grid.side + 6
        base = top + TEXT_PX - 2
        low, high = limits_of(self.wish.weighed.values)
        words = (number(low), number(high))
        pen.text(left, base, words[0], theme.dim, size=SMALL)
        left += pen.width_of(words[0], SMALL) + 6
        wide = max(16.0, min(BAR, self.box.width / 3))
        shown = table_of(theme, low < 0)[:: 1024 // 64]
        pen.rectangle(left - 1, top + 1, wide + 2, 10, theme.line)
        pen.overlay.gradient(*(part * pen.ratio for part in (left, top + 2, wide, 8)), shown)
        left += wide + 6
        pen.text(left, base, words[1], theme.dim, size=SMALL)
        left += pen.width_of(words[1], SMALL) + 14
        odd = int((~np.isfinite(self.wish.weighed.values)).sum())
        said = []
        if self.wish.off:
            said.append(f"crossed out: {len(self.wish.off):,} off")
        if odd:
            said.append(f"{odd:,} not finite")
        room = self.box.right - left
        if said and room > 30:
            pen.text(left, base, ", ".join(said), theme.dim, size=SMALL, room=room)

    def at(self, x, y):
        if self.wish.weighed is None:
            return None
        place = self.grid().at(x, y)
        return None if place is None else filter_spot(self.wish, int(self.channels[place]))

    def step_from(self, name):
        """The channel beside the focused one: ``name`` is an arrow key; None at the edge."""
        channels = list(self.channels)
        if self.wish.focus not in channels:
            return int(channels[0]) if channels else None
        columns = self.grid().columns
        by = {"left": -1, "right": 1, "up": -columns, "down": columns}[name]
        place = channels.index(self.wish.focus) + by
        return int(channels[place]) if 0 <= place < len(channels) else None


def hollow(pen, boxes):
    """Leave of filled boxes, in physical pixels, only the edges."""
    edge = np.minimum(2 * pen.ratio, boxes[:, 2:].min(1, initial=1e9) / 4)[:, None]
    inner = np.concatenate([boxes[:, :2] + edge, boxes[:, 2:] - 2 * edge], 1)
    pen.overlay.rectangles(inner, np.tile(rgb(pen.theme.view), (len(inner), 1)))


def cross_out(pen, cells):
    """Cross cells out: left, top, width and height of each, logical pixels."""
    left, top, wide, tall = (np.asarray(cells).reshape(-1, 4) * pen.ratio).T
    thick = np.clip(wide / pen.ratio / 8, 1.0, 2.0) * pen.ratio
    inset = np.minimum(4.0 * pen.ratio, wide / 6)
    near, far = (left + inset, top + inset), (left + wide - inset, top + tall - inset)
    pen.overlay.lines(np.stack([*near, *far], 1), pen.theme.text, width=thick)
    pen.overlay.lines(np.stack([far[0], near[1], near[0], far[1]], 1), pen.theme.text, width=thick)
