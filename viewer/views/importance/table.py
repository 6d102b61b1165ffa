"""The least and the most important filter of each layer, and the error rate without each."""

from viewer.gl.theme import TEXT_PX
from viewer.studio.weighed import class_words
from viewer.views.box import Box
from viewer.views.importance.effect import BY_WHEEL
from viewer.views.importance.part import (
    SMALL,
    Part,
    Spot,
    first_row,
    rate_words,
    scroll_bar,
)
from viewer.views.importance.places import ROW

SIDES = ("least", "most")


class TablePart(Part):
    """A row a layer."""

    name = "table"

    @property
    def rows(self):
        """What is known, tuple of engine.analysis.ablation.Row."""
        table = self.wish.table.value
        return () if table is None else table.rows

    @property
    def list_box(self):
        """Room for the rows of layers."""
        inner = self.inner
        return Box(inner.left, inner.top + ROW + 4, inner.width, max(0.0, inner.height - ROW - 4))

    @property
    def shown(self):
        """How many rows have room."""
        return max(0, int(self.list_box.height // ROW))

    @property
    def first(self):
        """The first row in sight."""
        return first_row(self.wish.camera.table, self.shown, len(self.rows))

    def _halves(self):
        """(left, width) of the layer's name, and of both sides."""
        box = self.list_box
        name = max(70.0, min(170.0, 0.3 * box.width))
        half = (box.width - name - 8) / 2
        return (box.left, name), (box.left + name, half), (box.left + name + half, half)

    def draw(self, pen):
        table, theme = self.wish.table, pen.theme
        self.head(pen, self._said())
        if not self.rows:
            self.say(pen, table.message or ("removing filters ..." if table.late else ""))
            return
        name, *sides = self._halves()
        base = self.inner.top + TEXT_PX
        of_class = self.wish.settings.of_class
        wanted = "all" if of_class is None else class_words(of_class, self.wish.class_names)
        for (left, width), side in zip(sides, SIDES, strict=True):
            said = wanted if of_class is None else f"all, {wanted}"
            used = pen.width_of(said, SMALL) + 18
            words = f"without the {side}"
            words = words if pen.width_of(words, SMALL) <= width - used else side
            pen.text(left, base, words, theme.dim, size=SMALL, room=width - used)
            pen.text(left + width - 10, base, said, theme.dim, size=SMALL, align=1.0)
        pen.rectangle(self.inner.left, self.inner.top + ROW, self.inner.width, 1, theme.line)
        first = self.first
        for at, row in enumerate(self.rows[first : first + self.shown]):
            top = self.list_box.top + at * ROW
            if row.layer == self.wish.layer:
                pen.rectangle(name[0] - 6, top + 1, 2, ROW - 2, theme.accent)
            pen.text(name[0], top + TEXT_PX, row.layer, theme.text, room=name[1] - 8,
                     both_ends=True)  # fmt: skip
            for place, side in zip(sides, SIDES, strict=True):
                self._side(pen, row, side, place, top)
        scroll_bar(pen, self.list_box, first, self.shown, len(self.rows))

    def _said(self):
        table = self.wish.table.value
        if table is None or not table.rows:
            return ""
        before = rate_words(table.rows[0].before.overall)
        words = f"{before} wrong with all filters"
        so_far = f", {len(table.rows):,} of {table.layers:,} layers"
        return words + (so_far if len(table.rows) < table.layers else "")

    def _side(self, pen, row, side, place, top):
        (left, width), theme = place, pen.theme
        channel, after = filter_of(row, side)
        is_focused = (row.layer, channel) == (self.wish.layer, self.wish.focus)
        face = "medium" if is_focused else "regular"
        pen.text(left, top + TEXT_PX, f"{channel}", theme.text, face=face)
        said, of_class = rate_words(after.overall), self.wish.settings.of_class
        if of_class is not None:
            said += f", {rate_words(after.of_class(of_class))}"
        worse = after.wrong > row.before.wrong
        shade = theme.text if worse else theme.dim
        pen.text(left + width - 10, top + TEXT_PX, said, shade, size=SMALL, align=1.0)

    def at(self, x, y):
        box = self.list_box
        at = self.first + int((y - box.top) // ROW)
        if y < box.top or not 0 <= at < min(len(self.rows), self.first + self.shown):
            return None
        row, (_, *sides) = self.rows[at], self._halves()
        for (left, width), side in zip(sides, SIDES, strict=True):
            if left - 4 <= x < left + width - 4:
                channel, after = filter_of(row, side)
                before = row.before
                words = (
                    f"{row.layer}:{channel}, the {side} important: {before.wrong:,} wrong with it, "
                    f"{after.wrong:,} without, of {after.samples:,}"
                )
                return Spot(words, row.layer, channel)
        return Spot(row.layer)

    def scrolled(self, steps, modifiers, x):
        wanted = first_row(self.first - BY_WHEEL * steps, self.shown, len(self.rows))
        return {"table": float(wanted)} if wanted != self.wish.camera.table else None


def filter_of(row, side):
    """(channel, Rates without it) of a row's least or most important filter."""
    return (row.least, row.without_least) if side == "least" else (row.most, row.without_most)
