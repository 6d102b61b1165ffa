"""Orders of the active layer's channels beside each other: how good they are, how stable."""

import math

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.views.asking import Asking
from viewer.views.box import Box
from viewer.views.orders import marks
from viewer.views.orders.build import (
    MOST_DOTS,
    counts_picture,
    matrix_picture,
    method_picture,
    turned,
)
from viewer.views.orders.hands import OrdersHands
from viewer.views.orders.places import FOOT, MARGIN, ROW
from viewer.views.orders.resolve import FOUND, is_reversed, resolve
from viewer.views.pen import Pen
from viewer.visuals.flat import FlatPicture
from viewer.visuals.overlay import Overlay

LEAST_PICTURE, CARD = 60, 180
"""Below that side a method's picture is shown larger beside the pointer, so large."""


class OrdersView(OrdersHands):
    """The methods with their quality, and the rank correlations of orders compared."""

    name = "orders"

    def __init__(self):
        super().__init__()
        self._asking = Asking(self.name)
        self._over = Overlay()
        self._pictures = {}
        self._made_for = self._ranks_for = None
        self._hovered = None
        self._ranks = self._counts_of = self._counts = None
        self._gone = []

    # what is shown

    def follow(self, state, hovered, facts, builder):
        self._asking.builder = builder
        old, self.wish = self.wish, resolve(state, facts)
        self.detail = self.wish.detail
        self.choice.follow(self.wish.choices)
        self.first = min(self.first, max(0, len(self.wish.rows) - 1))
        self._make()
        others = hovered if hovered is not None and hovered.layer == self.wish.layer else None
        if not self.wish.same_as(old) or others != self._hovered:
            self._hovered = others
            self.point_again()
            self.outdated.emit()

    @property
    def pending(self):
        return self.wish.late or bool(self._asking)

    def set_theme(self, theme):
        is_other = theme is not self.theme
        super().set_theme(theme)
        if is_other and self._asking.builder is not None:
            self._make()

    def _make(self):
        """Have the pictures made that are shown and not there."""
        wish, theme = self.wish, self.theme
        which = wish.settings.picture
        found = {row.method: row.portrait for row in wish.rows if row.status == FOUND}
        portraits = {method: portrait for method, portrait in found.items() if portrait.channels}
        matrix = wish.matrix
        key = (tuple(portraits.values()), which, theme, wish.compared, wish.settings.correlation)
        if self._made_for is not None and _same(key, self._made_for):
            return
        self._made_for = key

        def work():
            made = {name: method_picture(each, which, theme) for name, each in portraits.items()}
            if matrix is not None:
                made["matrix"] = matrix_picture(matrix, theme)
            return made

        self._asking.ask("pictures", work, self._take)

    def _take(self, made):
        for name in set(self._pictures) - set(made) - {"pair"}:
            self._gone.append(self._pictures.pop(name))
        for name, pixels in made.items():
            self._picture(name).set_pixels(pixels)
        self.outdated.emit()

    def _picture(self, name):
        return self._pictures.setdefault(name, FlatPicture())

    def ranks(self):
        wish = self.wish
        if wish.pair is None:
            return None
        key = (wish.compared, wish.pair, wish.settings.correlation)
        if self._ranks_for is None or not _same(key, self._ranks_for):
            one, other = wish.pair
            channels = wish.compared.common(one, other)
            across, down = (wish.compared.ranks(at, channels) for at in wish.pair)
            self._ranks_for = key
            self._ranks = channels, across, turned(down) if is_reversed(wish) else down
        return self._ranks

    # drawing

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        for picture in self._gone:
            picture.release()
        self._gone = []
        self._over.clear()
        pen = Pen(self._over, ratio, self.theme)
        if self.wish.choices:
            self.choice.draw(pen, self.width, self.height)
        elif self.wish.layer is None:
            self._message(pen)
        else:
            self._everything(context, (width_px, height_px), pen)
        self._over.draw(context, width_px, height_px)
        self._card(context, (width_px, height_px), ratio)

    def _message(self, pen):
        lines = (self.wish.message or ("computing" if self.pending else "")).split("\n")
        top = self.height / 2 - len(lines) * ROW / 2
        for place, line in enumerate(lines):
            base, room = top + (place + 0.7) * ROW, self.width - 2 * MARGIN
            pen.text(self.width / 2, base, line, self.theme.dim, align=0.5, room=room)

    def _everything(self, context, size_px, pen):
        wish, rows, pointed = self.wish, self.rows(), self.pointed
        if rows is not None:
            self.first = min(self.first, max(0, len(wish.rows) - rows.in_sight))
            marks.draw_quality(pen, wish, rows, self.first, pointed.method)
            self._methods(context, size_px, pen, rows)
        if "stability" in self.pages():
            self._stability(context, size_px, pen)
        has_bar = "stability" in self.pages() or wish.settings.picture == "correlations"
        marks.draw_foot(pen, self._words(), self.width, self.height - FOOT, has_bar)

    def _methods(self, context, size_px, pen, rows):
        shown = self.wish.rows[self.first : self.first + rows.in_sight]
        self._under(context, size_px)
        for place, row in enumerate(shown):
            if row.status == FOUND and row.method in self._pictures:
                box = rows.picture_of(place)
                self._flat(row.method, context, size_px, pen, box)
                marks.draw_clusters(pen, row.portrait, box)

    def _stability(self, context, size_px, pen):
        wish = self.wish
        names = () if wish.compared is None else wish.compared.names
        self.labels = marks.label_width(pen, names, self.pages()["stability"].width)
        squares, pointed = self.squares(), self.pointed
        cell = pointed.cell or (pointed.label, None)
        if wish.matrix is not None and "matrix" in self._pictures:
            self._flat("matrix", context, size_px, pen, squares.matrix)
        marks.draw_stability(pen, wish, squares, cell)
        if wish.pair is None or squares.plot is None:
            self._uses = ()
            return
        channels, across, down = self.ranks()
        if len(channels) > MOST_DOTS:
            self._picture("pair").set_pixels(self._counted(across, down))
            self._flat("pair", context, size_px, pen, squares.plot)
        self._uses = [pen.width_of(word) for word in marks.use_words(wish)]
        hovered = None if self._hovered is None else self._hovered.channel
        marks.draw_pair(pen, wish, squares, self._ranks, pointed.use, hovered)

    def _card(self, context, size_px, ratio):
        """A larger picture of that under the pointer, where they are small."""
        rows, wish, at = self.rows(), self.wish, self.pointed.method
        if wish.layer is None or rows is None or not self.pointed.picture:
            return
        if rows.picture >= LEAST_PICTURE:
            return
        row = wish.rows[at] if at < len(wish.rows) else None
        if row is None or row.status != FOUND or row.method not in self._pictures:
            return
        side = min(CARD, self.height - FOOT - 12, self.width / 2 - 12)
        if side < 2 * rows.picture:
            return
        beside = rows.picture_of(at - self.first)
        top = min(max(4.0, beside.top - side / 2), self.height - FOOT - side - 6)
        left = rows.axis[0] if rows.axis else beside.right + 90
        box = Box(min(left, self.width - side - 6), top, side, side)
        pen = Pen(self._over, ratio, self.theme)
        self._over.clear()
        pen.rectangle(box.left - 3, box.top - 3, side + 6, side + 6, self.theme.panel)
        pen.frame((box.left - 3, box.top - 3, box.right + 3, box.bottom + 3), self.theme.edge, 1, 1)
        self._under(context, size_px)
        self._flat(row.method, context, size_px, pen, box)
        marks.draw_clusters(pen, row.portrait, box)
        self._over.draw(context, *size_px)

    def _counted(self, across, down):
        """The picture of many channels' places, made once a pair and theme."""
        key = (self._ranks_for, self.theme)
        if self._counts_of != key:
            self._counts_of, self._counts = key, counts_picture(across, down, self.theme)
        return self._counts

    def _flat(self, name, context, size_px, pen, box):
        """A picture in its box; what is drawn over it comes later."""
        parts = (box.left, box.top, box.width, box.height)
        place = tuple(round(part * pen.ratio) for part in parts)
        self._pictures[name].draw(context, *size_px, place)

    def _under(self, context, size_px):
        """Draw what is marked so far, below the pictures."""
        self._over.draw(context, *size_px)
        self._over.clear()

    def _words(self):
        """What is under the pointer, in words; else what is shown."""
        wish, pointed = self.wish, self.pointed
        if pointed.method is not None and pointed.method < len(wish.rows):
            row = wish.rows[pointed.method]
            return row.words or f"{row.name}: computing"
        if pointed.cell is not None and wish.matrix is not None:
            return self._cell_words(*pointed.cell)
        if pointed.label is not None and wish.compared is not None:
            return f"{wish.compared.names[pointed.label]}: click to go there"
        if pointed.channel is not None:
            return f"channel {pointed.channel}"
        failed = next((row for row in wish.rows if row.is_in_force and row.words), None)
        return "" if failed is None else failed.words

    def _cell_words(self, row, column):
        found, value = self.wish.compared, self.wish.matrix
        if max(row, column) >= len(found.names):
            return ""
        number = value[row, column]
        said = "not defined" if math.isnan(number) else f"{number:.3f}".replace("-", "\u2212")
        reverse = ", reversed" if number < 0 else ""
        return f"{found.names[row]} and {found.names[column]}: {said}{reverse}"

    def release(self):
        for picture in (*self._pictures.values(), *self._gone):
            picture.release()
        self._pictures, self._gone = {}, []
        self._made_for = None
        self._over.release()


def _same(one, other):
    """Whether two keys hold the same objects."""
    flat = [(*key[0], *key[1:]) if isinstance(key[0], tuple) else key for key in (one, other)]
    return len(flat[0]) == len(flat[1]) and all(
        a is b or (isinstance(a, (str, tuple)) and a == b) for a, b in zip(*flat, strict=True)
    )
