"""The threshold curve: error rate against the share of filters removed, in three orders."""

import numpy as np

from viewer.gl.theme import TEXT_PX
from viewer.studio.weighed import class_words, least_important
from viewer.views.box import Box
from viewer.views.gestures import Pointer
from viewer.views.importance.part import SMALL, Part, Spot, rate_words

LEFT, BOTTOM, KEYS = 40, 32, 18
SIDE_BY_SIDE = 470.0
ORDERS = (
    ("ascending", "least important first"),
    ("descending", "most important first"),
    ("random", "at random (95 % within)"),
)


class CurvePart(Part):
    """One plot over all classes, and one of the class that importance is of."""

    name = "curve"

    @property
    def panels(self):
        """(box, whether of the class) of each plot, axes included."""
        inner = self.inner
        room = Box(inner.left, inner.top + KEYS, inner.width, max(20.0, inner.height - KEYS))
        of_class = self.wish.settings.of_class
        if of_class is None or not has_class(self.wish.curve.value):
            return ((room, False),)
        if room.width >= SIDE_BY_SIDE:
            half = (room.width - 16) / 2
            return (
                (Box(room.left, room.top, half, room.height), False),
                (Box(room.left + half + 16, room.top, half, room.height), True),
            )
        if room.height >= 240:
            half = (room.height - 10) / 2
            return (
                (Box(room.left, room.top, room.width, half), False),
                (Box(room.left, room.top + half + 10, room.width, half), True),
            )
        return ((room, True),)

    def draw(self, pen):
        curve = self.wish.curve
        self.head(pen, "" if curve.value is None else self._said())
        if curve.value is None:
            waits = "removing filters ..." if curve.late else ""
            self.say(pen, curve.message or waits)
            return
        self._keys(pen)
        for box, of_class in self.panels:
            self._plot(pen, box, of_class)

    def _said(self):
        removed = np.asarray(self.wish.curve.value.removed)
        curve = self.wish.curve.value
        words = f"{self.wish.layer}, {int(removed.max(initial=0)):,} filters"
        so_far = f"{curve.samples:,} of " if curve.samples < curve.of else ""
        return f"{words}, {so_far}{curve.of:,} samples"

    def _keys(self, pen):
        left, inner = self.inner.left, self.inner
        base = inner.top + TEXT_PX - 1
        whole = sum(pen.width_of(words, SMALL) + 32 for _, words in ORDERS) - 14
        for (_, words), colour in zip(ORDERS, order_colours(pen.theme), strict=True):
            if whole > inner.width:
                words = words.replace(" important", "").split(" (")[0]
            wide = pen.width_of(words, SMALL)
            if left + 18 + wide > inner.right + 1:
                return
            pen.rectangle(left, base - 5, 14, 2, colour)
            pen.text(left + 18, base, words, pen.theme.dim, size=SMALL)
            left += wide + 32

    def _plot(self, pen, box, of_class):
        theme, curve = pen.theme, self.wish.curve.value
        area = area_of(box)
        title = self._title(of_class)
        top = ceiling_of(curve, [of_class for _, of_class in self.panels])
        for share in ticks_of(top):
            y = area.bottom - area.height * share / top
            pen.rectangle(area.left, y, area.width, 1, theme.line)
            words = f"{100 * share:.0f} %" if top >= 0.05 else f"{100 * share:.1g} %"
            pen.text(area.left - 6, y + SMALL * 0.36, words, theme.dim, size=SMALL, align=1.0)
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            x = area.left + area.width * share
            pen.rectangle(x, area.bottom, 1, 4, theme.edge)
            if area.width >= 180 or share in (0.0, 0.5, 1.0):
                words = f"{100 * share:.0f} %"
                align = 0.5 if share < 1 else 0.8
                y = area.bottom + 15
                pen.text(x, y, words, theme.dim, size=SMALL, align=align)
        words = "of the filters removed"
        if area.width >= 150:
            y = area.bottom + 28
            pen.text(area.left + area.width / 2, y, words, theme.dim, size=SMALL, align=0.5)
        pen.rectangle(area.left, area.bottom, area.width, 1, theme.edge)
        pen.rectangle(area.left, area.top, 1, area.height, theme.edge)
        self._lines(pen, area, top, of_class)
        self._marks(pen, area, top, of_class)
        pen.text(area.left + 6, area.top + TEXT_PX, title, theme.text, size=SMALL,
                 room=area.width - 10)  # fmt: skip

    def _title(self, of_class):
        if not of_class:
            return "all classes"
        return class_words(self.wish.settings.of_class, self.wish.class_names)

    def _lines(self, pen, area, top, of_class):
        curve, colours = self.wish.curve.value, order_colours(pen.theme)
        share = np.asarray(curve.share, float)
        xs = area.left + area.width * share
        low, high = band_of(curve, of_class)
        ys = [area.bottom - area.height * np.clip(line / top, 0, 1) for line in (low, high)]
        pen.overlay.band(xs * pen.ratio, *(y * pen.ratio for y in ys), colours[2], 0.18)
        for (name, _), colour in reversed(list(zip(ORDERS, colours, strict=True))):
            values = line_of(curve, name, of_class)
            y = area.bottom - area.height * np.clip(values / top, 0, 1)
            for at in range(len(xs) - 1):
                if np.isfinite(y[at : at + 2]).all():
                    ends = (xs[at], y[at], xs[at + 1], y[at + 1])
                    ends = (part * pen.ratio for part in ends)
                    pen.overlay.line(*ends, colour, width=1.8 * pen.ratio)

    def _marks(self, pen, area, top, of_class):
        """The step under the pointer."""
        at = self._step_at(area, self.pointer)
        if at is None:
            return
        curve, ratio = self.wish.curve.value, pen.ratio
        x = area.left + area.width * float(curve.share[at])
        pen.rectangle(x, area.top, 1 / ratio, area.height, pen.theme.edge)
        for (name, _), colour in zip(ORDERS, order_colours(pen.theme), strict=True):
            value = float(line_of(curve, name, of_class)[at])
            if value == value:
                y = area.bottom - area.height * min(1.0, value / top)
                pen.rectangle(x - 2.5, y - 2.5, 6, 6, colour)

    def _step_at(self, area, pointer):
        """The step of the curve at a pointer over a plot, or None."""
        if pointer is None or not area.top <= pointer.y <= area.bottom + BOTTOM:
            return None
        if not area.left - 8 <= pointer.x <= area.right + 8:
            return None
        share = np.asarray(self.wish.curve.value.share, float)
        return int(np.argmin(np.abs(share - (pointer.x - area.left) / area.width)))

    def _removing(self, count):
        """A click: as many of the least important filters off."""
        wish = self.wish
        if wish.weighed is None:
            return None
        channels = least_important(wish.weighed.values, count)
        return "importance.off", {"layer": wish.layer, "channels": channels}

    def at(self, x, y):
        curve = self.wish.curve.value
        if curve is None:
            return None
        for box, of_class in self.panels:
            at = self._step_at(area_of(box), Pointer(x, y))
            if at is not None:
                words = step_words(curve, at, of_class, self._title(of_class))
                return Spot(words, command=self._removing(int(curve.removed[at])))
        return None


def area_of(box):
    """Room for the lines, inside the axes."""
    return Box(
        box.left + LEFT, box.top + 4, max(10.0, box.width - LEFT - 12),
        max(10.0, box.height - BOTTOM - 4),
    )  # fmt: skip


def has_class(curve):
    """Whether a curve has rates of one class, too."""
    return curve is not None and curve.ascending.of_class is not None


def _of(line, of_class):
    return np.asarray(line.of_class if of_class else line.overall, float)


def line_of(curve, order, of_class):
    """Error rates of one of `ORDERS`: float64[n], NaN where there are none."""
    if order != "random":
        return _of(getattr(curve, order), of_class)
    if curve.random is None:
        return np.full(len(curve.share), np.nan)
    return _of(curve.random.mean, of_class)


def band_of(curve, of_class):
    """(low, high) of random orders: float64[n] each."""
    if curve.random is None:
        return (np.full(len(curve.share), np.nan),) * 2
    return _of(curve.random.low, of_class), _of(curve.random.high, of_class)


def order_colours(theme):
    """Of the orders: ascending, descending, random."""
    return theme.accent, theme.wrong, theme.dim


def ceiling_of(curve, shown):
    """The upper end of the error rate's axis, the same for all plots.

    Parameters
    ----------
    curve : engine.analysis.ablation_curve.Curve
    shown : sequence of bool
        Of each plot whether it is of the class.
    """
    lines = [line_of(curve, name, of_class) for name, _ in ORDERS for of_class in shown]
    lines += [band_of(curve, of_class)[1] for of_class in shown]
    highest = max(float(np.nanmax(line)) if np.isfinite(line).any() else 0.0 for line in lines)
    return next(end for end in (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0) if end >= highest - 1e-9)


def ticks_of(top):
    """Error rates with a line."""
    return [top * part / 4 for part in range(5)]


def step_words(curve, at, of_class, title):
    """What the curve says of one step."""
    low, high = (float(line[at]) for line in band_of(curve, of_class))
    values = [rate_words(float(line_of(curve, name, of_class)[at])) for name, _ in ORDERS]
    removed = int(curve.removed[at])
    return (
        f"{title}, {removed:,} removed ({100 * float(curve.share[at]):.0f} %): "
        f"least first {values[0]}, most first {values[1]}, at random {values[2]} "
        f"({rate_words(low)} to {rate_words(high)}) · click: the least {removed:,} off"
    )
