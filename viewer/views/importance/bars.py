"""A layer's importance as bars: sorted, or as the channels stand."""

import numpy as np

from viewer.gl.theme import rgb
from viewer.state.importance import NARROWEST_BAR, WIDEST_BAR
from viewer.views.box import Box
from viewer.views.importance.grid import hollow
from viewer.views.importance.part import SMALL, Part, filter_spot
from viewer.views.shades import limits_of, shades_of
from viewer.visuals.legend import number

AXIS, NUMBERS, VALUES = 46, 20, 14
TOLD_APART = 2.0
"""Bars of which all are shown are at least so wide; more of them are scrolled."""

WIDEST_FITTED = 26.0
VALUED = 40.0
"""From this width on each bar has its value over it."""

BY_WHEEL, ZOOM_PER_NOTCH = 60.0, 1.2


class BarsPart(Part):
    """One bar a filter."""

    name = "bars"

    @property
    def channels(self):
        """Channels in the order in which they stand."""
        wish = self.wish
        if wish.settings.by_rank:
            return np.argsort(wish.weighed.ranks)
        if wish.places is not None:
            return np.asarray(wish.places)
        return np.arange(len(wish.weighed.values))

    @property
    def plot(self):
        """Room for the bars."""
        inner = self.inner
        top = inner.top + (VALUES if self.step >= VALUED else 2)
        return Box(
            inner.left + AXIS, top, max(8.0, inner.width - AXIS),
            max(8.0, inner.bottom - NUMBERS - top),
        )  # fmt: skip

    @property
    def step(self):
        """Width of a bar with its gap."""
        chosen, room = self.wish.camera.step, max(8.0, self.inner.width - AXIS)
        if chosen is not None:
            return chosen
        fitted = room / max(1, len(self.wish.weighed.values))
        return min(WIDEST_FITTED, max(TOLD_APART, fitted))

    @property
    def first(self):
        """How many bars are scrolled past, as far as there are some."""
        count = len(self.wish.weighed.values)
        longest = max(0.0, count - self.plot.width / self.step)
        return min(max(0.0, self.wish.camera.bars), longest)

    def draw(self, pen):
        wish = self.wish
        sorted_ = wish.settings.by_rank
        title = "By importance" if sorted_ else "By channel"
        if wish.weighed is None:
            self.head(pen, "", title)
            waits = wish.layer is not None and not wish.failure
            said_above = "grid" in wish.settings.shown and not waits
            self.say(pen, "" if said_above else self.why)
            return
        plot, step, first = self.plot, self.step, self.first
        count, shown = len(wish.weighed.values), plot.width / step
        said = wish.weighed.words
        if shown < count:
            said = f"{int(first) + 1:,} to {min(count, int(first + shown)):,} of {count:,} · {said}"
        self.head(pen, said, title)
        low, high = limits_of(wish.weighed.values)
        span = (high - low) or 1.0
        zero = plot.top + plot.height * high / span
        self._axis(pen, plot, low, high, zero)
        self._bars(pen, plot, (step, first), (zero, span))
        self._numbers(pen, plot, step, first)
        if shown < count:
            wide = max(20.0, plot.width * shown / count)
            left = plot.left + (plot.width - wide) * first / max(1e-9, count - shown)
            pen.rectangle(left, self.box.bottom - 2, wide, 3, pen.theme.edge)

    def _axis(self, pen, plot, low, high, zero):
        theme = pen.theme
        ends = [(high, plot.top), (0.0, zero)] + ([(low, plot.bottom)] if low < 0 else [])
        for value, y in ends:
            pen.rectangle(plot.left - 4, y, 4, 1, theme.edge)
            words = number(value, 2)
            pen.text(plot.left - 7, y + SMALL * 0.36, words, theme.dim, size=SMALL, align=1.0)
        pen.rectangle(plot.left, zero, plot.width, 1, theme.edge)

    def _bars(self, pen, plot, along, up):
        (step, first), (zero, span), wish = along, up, self.wish
        channels = self.channels
        start = int(first)
        shown = channels[start : start + int(plot.width / step) + 2]
        values = wish.weighed.values[shown]
        lefts = plot.left + (start - first + np.arange(len(shown))) * step
        rights = np.minimum(lefts + max(1.0, step - (1 if step >= 4 else 0)), plot.right)
        lefts = np.maximum(lefts, plot.left)
        seen = rights > lefts
        tall = plot.height * np.abs(np.nan_to_num(values, nan=0, posinf=0, neginf=0)) / span
        tops = np.where(values < 0, zero, zero - tall)
        shades = shades_of(values, pen.theme, limits_of(wish.weighed.values))
        off = np.isin(shown, wish.off)
        edges = np.stack([lefts, tops, rights, tops + tall], 1)[seen] * pen.ratio
        edges = np.rint(edges)
        sizes = np.maximum(1, edges[:, 2:] - edges[:, :2])
        if len(edges):
            back = edges[:, :2] - 1, sizes + [2, 1]
            pen.overlay.rectangles(
                np.concatenate(back, 1), np.tile(rgb(pen.theme.edge), (len(edges), 1))
            )
            boxes = np.concatenate([edges[:, :2], sizes], 1)
            pen.overlay.rectangles(boxes, shades[seen])
            hollow(pen, boxes[off[seen]])
        self._marks(pen, plot, shown, (lefts, rights, tops), (seen, off))

    def _marks(self, pen, plot, shown, places, which):
        (lefts, rights, tops), (seen, off) = places, which
        wish, theme = self.wish, pen.theme
        hovered = self.under
        for at in np.flatnonzero(seen & (off | (shown == wish.focus) | (shown == hovered))):
            left, wide = lefts[at], rights[at] - lefts[at]
            if off[at] and wide >= 5:
                middle, reach = (left + wide / 2), min(4.0, wide / 2 - 1)
                y = max(plot.top + reach, tops[at] - reach - 3)
                ends = (middle - reach, y - reach, middle + reach, y + reach)
                x0, y0, x1, y1 = (part * pen.ratio for part in ends)
                pen.overlay.line(x0, y0, x1, y1, theme.text, width=1.4 * pen.ratio)
                pen.overlay.line(x0, y1, x1, y0, theme.text, width=1.4 * pen.ratio)
            elif off[at]:
                pen.rectangle(left, tops[at] - 4, max(1.0, wide), 3, theme.text)
            if shown[at] == wish.focus:
                pen.rectangle(left, plot.bottom + 1, max(2.0, wide), 2, theme.accent)
            if shown[at] == hovered:
                pen.rectangle(left, plot.bottom + 1, max(2.0, wide), 2, theme.text)

    def _numbers(self, pen, plot, step, first):
        """Channels below their bars, as many as have room; wide bars have values above."""
        channels, theme = self.channels, pen.theme
        widest = pen.width_of(f"{len(channels) - 1}", SMALL) + 5
        every = max(1, int(np.ceil(widest / step)))
        base = plot.bottom + SMALL + 3
        begin = -(-int(np.ceil(first)) // every) * every
        for place in range(begin, len(channels), every):
            middle = plot.left + (place - first + 0.5) * step
            if middle + widest / 2 > plot.right + 4:
                break
            channel = int(channels[place])
            colour = theme.text if channel == self.wish.focus else theme.dim
            pen.text(middle, base, f"{channel}", colour, size=SMALL, align=0.5)
            if step >= VALUED:
                words = number(float(self.wish.weighed.values[channel]), 2)
                pen.text(middle, plot.top - 4, words, theme.dim, size=SMALL, align=0.5,
                         room=step - 2)  # fmt: skip

    def step_from(self, name):
        """The channel beside the focused one: ``name`` is an arrow key; None at the edge."""
        channels = [int(channel) for channel in self.channels]
        if self.wish.focus not in channels:
            return channels[0] if channels else None
        place = channels.index(self.wish.focus) + (1 if name in ("right", "down") else -1)
        return channels[place] if 0 <= place < len(channels) else None

    def at(self, x, y):
        if self.wish.weighed is None:
            return None
        plot = self.plot
        if not (plot.left <= x < plot.right and plot.top - VALUES <= y <= self.box.bottom):
            return None
        place = int(self.first + (x - plot.left) / self.step)
        channels = self.channels
        return filter_spot(self.wish, int(channels[place])) if place < len(channels) else None

    def scrolled(self, steps, modifiers, x):
        if self.wish.weighed is None:
            return None
        first, step = self.first, self.step
        if "ctrl" not in modifiers:
            longest = max(0.0, len(self.wish.weighed.values) - self.plot.width / step)
            wanted = min(longest, max(0.0, first - steps * BY_WHEEL / step))
            return {"bars": wanted} if wanted != self.wish.camera.bars else None
        wider = min(WIDEST_BAR, max(NARROWEST_BAR, step * ZOOM_PER_NOTCH**steps))
        under = (x - self.plot.left) / step
        return {"step": wider, "bars": max(0.0, first + under - (x - self.plot.left) / wider)}
