"""What happens without the filters that are off: scores of the focused sample, error rates."""

from dataclasses import dataclass

from viewer.gl.theme import TEXT_PX
from viewer.studio.weighed import WAY_WORDS
from viewer.views.box import Box
from viewer.views.importance.part import SMALL, Part, Spot, first_row, rate_words, scroll_bar
from viewer.views.importance.places import ROW

TURN = "→"
WIDEST = "< 0.01 %"
LEAST_BAR = 40.0
BY_WHEEL = 3


class ScoresPart(Part):
    """The focused sample's best classes, before and after."""

    name = "scores"

    def draw(self, pen):
        wish, scores, theme = self.wish, self.wish.scores, pen.theme
        without = _without(wish)
        self.head(pen, without, f"Scores, sample {scores.sample + 1:,}")
        if scores.message and not scores.rows:
            self.say(pen, scores.message)
            return
        inner = self.inner
        line = f"predicted {scores.before}"
        changed = scores.after and scores.after != scores.before
        base = inner.top + TEXT_PX
        if scores.after:
            line += f" {TURN} {scores.after}" if changed else ", as before"
        pen.text(inner.left, base, line, theme.wrong if changed else theme.text, room=inner.width)
        room = Box(inner.left, inner.top + ROW + 3, inner.width, inner.height - ROW - 3)
        rows = scores.rows[: max(0, int(room.height // ROW))]
        columns = _columns(pen, room, [row[0] for row in rows])
        for at, (name, before, after) in enumerate(rows):
            top = room.top + at * ROW
            _line(pen, columns, top, name, _share(before), _share(after), wish.scores.late)
            _pair(pen, columns, top, before, after)
        if scores.message:
            self.say_below(pen, room.top + len(rows) * ROW, scores.message)

    def say_below(self, pen, top, words):
        """A failure below what is known."""
        if top + ROW <= self.box.bottom + 2:
            pen.text(self.box.left, top + TEXT_PX, words, pen.theme.wrong, room=self.box.width)


class RatesPart(Part):
    """Error rates overall and of each class, before and after."""

    name = "rates"

    @property
    def list_box(self):
        """Room for the rows of classes."""
        inner = self.inner
        return Box(inner.left, inner.top + ROW + 6, inner.width, max(0.0, inner.height - ROW - 6))

    @property
    def shown(self):
        """How many rows have room."""
        return max(0, int(self.list_box.height // ROW))

    @property
    def first(self):
        """The first row in sight."""
        return first_row(self.wish.camera.rates, self.shown, len(self.wish.rates.rows))

    def draw(self, pen):
        rates = self.wish.rates
        self.head(pen, self._said())
        if rates.before is None:
            self.say(pen, rates.message or "counting ...")
            return
        room, first = self.list_box, self.first
        rows = rates.rows[first : first + self.shown]
        names = ["all classes", *(row[1] for row in rates.rows[:60])]
        counts = pen.width_of(f"{max((row[4] for row in rates.rows), default=0):,}", SMALL)
        columns = _columns(pen, room, names, counts + 8)
        top, after = self.inner.top, None if rates.after is None else rates.after.overall
        said = "" if after is None else rate_words(after)
        name = "all classes" if not rates.message else f"all classes: {rates.message}"
        before = rates.before.overall
        _line(pen, columns, top, name, rate_words(before), said, rates.late, face="medium")
        _pair(pen, columns, top, before, after)
        pen.rectangle(room.left, top + ROW + 1, room.width, 1, pen.theme.line)
        for at, (index, name, before, after, count) in enumerate(rows):
            top = room.top + at * ROW
            said = rate_words(after) if after is not None else ""
            if index == self.wish.settings.of_class:
                pen.rectangle(room.left - 6, top + 1, 2, ROW - 2, pen.theme.accent)
            _line(pen, columns, top, name, rate_words(before), said, rates.late)
            _pair(pen, columns, top, before, after)
            if columns.counts:
                left, base = columns.bar - 8, top + TEXT_PX
                pen.text(left, base, f"{count:,}", pen.theme.dim, size=SMALL, align=1.0)
        scroll_bar(pen, room, first, self.shown, len(rates.rows))

    def _said(self):
        """Of how many samples, so far, and what is off."""
        rates, words = self.wish.rates, _without(self.wish)
        if rates.before is None:
            return words
        counted = rates.before if rates.after is None else rates.after
        so_far = f"{counted.samples:,} of " if counted.samples < counted.of else ""
        return f"of {so_far}{counted.of:,} labelled samples {words}".strip()

    def at(self, x, y):
        rates = self.wish.rates
        if rates.before is None:
            return None
        if y < self.list_box.top:
            before, after = rates.before, rates.after
            then = "" if after is None else f" {TURN} {after.wrong:,} of {after.samples:,}"
            return Spot(f"all classes: {before.wrong:,} of {before.samples:,}{then} samples wrong")
        at = self.first + int((y - self.list_box.top) // ROW)
        if at >= min(len(rates.rows), self.first + self.shown):
            return None
        index, name, before, after, count = rates.rows[at]
        then = "" if after is None else f" {TURN} {rate_words(after)}"
        chosen = index == self.wish.settings.of_class
        hint = "each own label again" if chosen else "importance for this class"
        words = f"{name}: {rate_words(before)}{then} of {count:,} samples wrong · click: {hint}"
        wanted = {"of_class": None if chosen else index}
        return Spot(words, command=("importance.class", wanted))

    def scrolled(self, steps, modifiers, x):
        wanted = first_row(self.first - BY_WHEEL * steps, self.shown, len(self.wish.rates.rows))
        return {"rates": float(wanted)} if wanted != self.wish.camera.rates else None


def _without(wish):
    """What is off, in words for a heading."""
    if not wish.all_off:
        return ""
    return f"with {wish.off_words}, {WAY_WORDS[wish.settings.by]} instead"


@dataclass(frozen=True)
class _Columns:
    """Where name, counts, bar, and the numbers before and after stand in a row."""

    left: float
    name: float
    counts: float
    bar: float
    width: float
    right: float


def _columns(pen, room, names, counts=0.0):
    numbers = 2 * pen.width_of(WIDEST, SMALL) + pen.width_of(f" {TURN} ", SMALL) + 4
    longest = max((pen.width_of(name) for name in names), default=0.0) + 10
    right = room.right - 8
    name = min(longest, max(48.0, room.width - numbers - LEAST_BAR - 16))
    bar = room.left + name
    width = right - numbers - 8 - bar
    counts = counts if width - counts >= 2 * LEAST_BAR else 0.0
    width = width - counts if width >= 24 else 0.0
    return _Columns(room.left, name, counts, bar + counts, width, right)


def _line(pen, columns, top, name, before, after, late, face="regular"):
    """Name and numbers of one row; what is being found is faint, or three dots."""
    theme, base = pen.theme, top + TEXT_PX
    pen.text(columns.left, base, name, theme.text, face=face, room=columns.name - 6)
    right = columns.right
    slot = pen.width_of(WIDEST, SMALL)
    if after:
        shade = theme.text if after != before and not late else theme.dim
        pen.text(right, base, after, shade, size=SMALL, align=1.0)
        pen.text(right - slot - 3, base, TURN, theme.dim, size=SMALL, align=1.0)
        right -= slot + pen.width_of(f" {TURN} ", SMALL) + 3
        pen.text(right, base, before, theme.dim, size=SMALL, align=1.0)
        return
    pen.text(right, base, before, theme.text, size=SMALL, align=1.0)
    if late:
        right -= slot + 4
        pen.text(right, base, "...", theme.dim, size=SMALL, align=1.0)


def _pair(pen, columns, top, before, after):
    """A bar before, and below it a bar after."""
    if not columns.width:
        return
    theme, wide = pen.theme, columns.width
    pen.rectangle(columns.bar, top + 3, wide, 10, theme.line, 0.5)
    if after is None:
        _share_bar(pen, columns.bar, top + 5, wide, 6, before, theme.dim)
        return
    _share_bar(pen, columns.bar, top + 4, wide, 4, before, theme.edge)
    _share_bar(pen, columns.bar, top + 8, wide, 4, after, theme.accent)


def _share_bar(pen, left, top, wide, tall, share, colour):
    if share is not None and share == share and share > 0:
        pen.rectangle(left, top, max(1.0, wide * min(1.0, share)), tall, colour)


def _share(value):
    """A probability in as many digits as it means: ``0.998``, ``< 0.001``."""
    if value is None:
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
