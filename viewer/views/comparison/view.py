"""The comparison: methods in columns, samples or layers in rows."""

from collections import OrderedDict
from dataclasses import replace

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.studio.comparing import column_words
from viewer.views.clipping import Clip
from viewer.views.comparison import marks
from viewer.views.comparison.build import SEEN, TOGETHER, Look, make
from viewer.views.comparison.hands import ComparisonHands
from viewer.views.comparison.places import FOOT, MARGIN, ROW, TOP, sharp
from viewer.views.comparison.resolve import resolve
from viewer.views.pen import Pen
from viewer.visuals.flat import FlatPicture
from viewer.visuals.legend import number
from viewer.visuals.overlay import Overlay

BUDGET_BYTES = 96 * 2**20
"""Of the cells' textures, those in sight always among them."""


class ComparisonView(ComparisonHands):
    """A grid of signed maps over the grey pictures that they explain."""

    name = "comparison"

    def __init__(self):
        super().__init__()
        self._builder = self._hovered = None
        self._brings = False
        self._of = None
        self._made, self._seen, self._former = OrderedDict(), {}, {}
        self._wanted, self._asked = {}, False
        self._gone = []
        self._cells, self._over, self._card = Overlay(), Overlay(), Overlay()

    # what is shown

    def follow(self, state, hovered, facts, builder):
        self._builder = builder
        wish = resolve(state, facts)
        self.detail = wish.detail
        old, self.wish = self.wish, wish
        self._follow_camera(wish, old)
        self._forget_others(wish)
        others = hovered if hovered != self._own_hover else None
        if not wish.same_as(old) or others != self._hovered:
            self._hovered = others
            self.outdated.emit()

    def _follow_camera(self, wish, old):
        """Stand where the state says; where the focus has moved on, have its row in sight."""
        row = self.camera.row
        follows = wish.camera.follows(wish.focus)
        self.camera = replace(wish.camera, row=row) if follows else wish.camera
        if follows and (wish.focus, wish.camera) != (old.focus, old.camera):
            self._brings = True

    def _bring(self, grid):
        """Scroll as little as it takes to have the row in focus in sight."""
        self._brings, at = False, self.wish.focused
        if at is None:
            return
        across, down = self.scroll(grid)
        low, high = (at + 1) * grid.step[1] - grid.room[1], at * grid.step[1]
        down = min(max(down, min(low, high)), high)
        self.camera = replace(self.camera, row=grid.place_of(across, down)[1])

    def _forget_others(self, wish):
        """Pictures are of one data set and one preprocessing."""
        of = (wish.data, wish.preprocessing)
        if self._of is not None and all(a is b for a, b in zip(self._of, of, strict=True)):
            return
        self._of = of
        self._gone += [flat for flat in self._made.values() if flat is not None]
        self._made.clear()
        self._seen, self._former, self._wanted = {}, {}, {}
        self._asked = False

    def set_theme(self, theme):
        if theme is not self.theme:
            self._gone += [flat for flat in self._made.values() if flat is not None]
            self._made.clear()
            self._former, self._asked = {}, False
        super().set_theme(theme)

    @property
    def pending(self):
        return self.wish.late or self._asked

    # drawing

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        for flat in self._gone:
            flat.release()
        self._gone = []
        for overlay in (self._cells, self._over, self._card):
            overlay.clear()
        pen = Pen(self._over, ratio, self.theme)
        if not self.wish.rows:
            self.bar = None
            self._message(pen)
            self._over.draw(context, width_px, height_px)
            return
        grid = self.grid()
        if self._brings:
            self._bring(grid)
        scroll = tuple(round(part * ratio) / ratio for part in self.scroll(grid))
        sight = grid.in_sight(scroll)
        self._wanted = {}
        with Clip(ratio, height_px, grid.left, TOP, *grid.room):
            self._pictures(context, width_px, height_px, ratio, grid, scroll, sight)
            self._cells.draw(context, width_px, height_px)
        self._heads(context, width_px, height_px, ratio, grid, scroll, sight)
        marks.draw_bars(pen, grid, scroll)
        words = self._words(grid, scroll)
        top = grid.height - FOOT
        self.bar = marks.draw_foot(pen, words, self._limit(), self.width, top)
        self._over.draw(context, width_px, height_px)
        self._draw_card(context, width_px, height_px, ratio, grid, scroll)
        self._bound()
        self._fetch()

    def _message(self, pen):
        lines = (self.wish.message or ("computing" if self.pending else "")).split("\n")
        top = self.height / 2 - len(lines) * (ROW + 3) / 2
        for place, line in enumerate(lines):
            base, room = top + (place + 0.7) * (ROW + 3), self.width - 2 * MARGIN
            pen.text(self.width / 2, base, line, self.theme.dim, align=0.5, room=room)

    def _pictures(self, context, width_px, height_px, ratio, grid, scroll, sight):
        wish, pen = self.wish, Pen(self._cells, ratio, self.theme)
        rows, columns = sight
        for row in rows:
            for column in columns:
                cell = wish.cells.get((row, column))
                box = grid.picture(row, column, scroll)
                place = sharp(box, wish.size, ratio)
                flat, is_right = self._picture_of(row, column, cell, place)
                if flat is None:
                    pen.rectangle(*box, self.theme.panel)
                else:
                    flat.draw(context, width_px, height_px, place)
                marks.draw_cell(pen, cell, box, grid.step[0] - 6, not is_right)
                if self._is_hovered(row):
                    left, top, wide, tall = box
                    pen.frame((left, top, left + wide, top + tall), self.theme.text, 1.0, 1)

    def _is_hovered(self, row):
        """Whether another view points at the row's channel."""
        hovered, row = self._hovered, self.wish.rows[row]
        return (
            hovered is not None
            and row.layer is not None
            and (hovered.layer, hovered.channel) == (row.layer, row.channel)
        )

    def _picture_of(self, row, column, cell, place_px):
        """The picture of a cell as it is there, and whether it is one of its values.

        While the right one is missing the former one of the same row and method stays: of other
        values, or of the same ones in another range.
        """
        shown, method = self.wish.rows[row], self.wish.columns[column]
        opacity = self.wish.settings.background
        place = (shown.layer or shown.sample, method)
        found = None if cell is None else cell.found
        values = None if found is None else found.heat
        if values is None:
            look = Look(shown.sample, opacity=opacity)
            waits = cell is not None and cell.is_late and not cell.failure
            former = self._former.get(place) if waits else None
            if former is not None and self._made.get(former) is not None:
                self._made.move_to_end(former)
                return self._made[former], False
        else:
            factor = max(
                1, round(min(values.shape[0] / place_px[3], values.shape[1] / place_px[2]))
            )
            look = Look(shown.sample, cell.key, cell.limit, opacity, factor)
        if look in self._made:
            self._made.move_to_end(look)
            self._former[place] = look
            return self._made[look], True
        self._wanted[look] = values
        former = self._former.get(place)
        if former is None:
            return None, False
        return self._made.get(former), former.key == look.key and former in self._made

    def _heads(self, context, width_px, height_px, ratio, grid, scroll, sight):
        rows, columns = sight
        pen, wish = Pen(self._over, ratio, self.theme), self.wish
        with Clip(ratio, height_px, 0, TOP, grid.left, grid.room[1]):
            for row in rows:
                tall = marks.thumb_height(grid, wish.rows[row], wish.heads[row])
                if tall:
                    box = (MARGIN, grid.row_at(row, scroll), 2 * tall, tall - 3)
                    self._thumb(context, width_px, height_px, ratio, wish.rows[row], box)
            marks.draw_rows(pen, wish, grid, scroll, rows)
            self._over.draw(context, width_px, height_px)
        self._over.clear()
        with Clip(ratio, height_px, grid.left, 0, grid.room[0], TOP):
            marks.draw_columns(pen, wish, grid, scroll, columns)
            self._over.draw(context, width_px, height_px)
        self._over.clear()

    def _thumb(self, context, width_px, height_px, ratio, row, box):
        """The row's sample as the network gets it."""
        look = Look(row.sample, SEEN)
        if look not in self._made:
            self._wanted[look] = None
            return
        self._made.move_to_end(look)
        flat = self._made[look]
        if flat is not None:
            left, top, wide, tall = box
            wide = min(wide, tall * flat.shape[1] / flat.shape[0])
            place = sharp((left, top, wide, tall), flat.shape, ratio)
            flat.draw(context, width_px, height_px, place)

    # what is pointed at

    def _pointed_cell(self):
        if self.pointed is None:
            return None
        _, row, column = self.pointed
        return self.wish.cells.get((row, column))

    def _words(self, grid, scroll):
        cell = self._pointed_cell()
        if cell is None:
            return self.wish.words
        pointer, row, column = self.pointed
        head, method = self.wish.heads[row].name, column_words(self.wish.columns[column])
        said = f"{method} of {self.wish.rows[row].aim.words or head}"
        if cell.found is None or cell.found.heat is None:
            return said
        pixel = grid.pixel_at(pointer.x, pointer.y, row, column, scroll)
        heat = cell.found.heat
        if pixel is None or pixel[0] >= heat.shape[0] or pixel[1] >= heat.shape[1]:
            return said
        return f"{number(float(heat[pixel]))} at row {pixel[0]}, column {pixel[1]} · {said}"

    def _limit(self):
        """End of the range of the cell pointed at, or of all; None: each has its own."""
        cell = self._pointed_cell()
        if cell is not None and cell.found is not None:
            return cell.limit
        if self.wish.settings.range == "all":
            return max((cell.limit for cell in self.wish.cells.values()), default=0.0)
        return None

    def _draw_card(self, context, width_px, height_px, ratio, grid, scroll):
        """Whole sentences: of a failure anywhere on its cell, else of the check on its line."""
        cell = self._pointed_cell()
        if cell is None:
            return
        pointer, row, column = self.pointed
        on_picture = grid.pixel_at(pointer.x, pointer.y, row, column, scroll) is not None
        lines = marks.card_lines(cell)
        if not lines or (on_picture and not cell.failure):
            return
        pen = Pen(self._card, ratio, self.theme)
        marks.draw_card(pen, lines, pointer, self.width, self.height)
        self._card.draw(context, width_px, height_px)

    # pictures

    def _fetch(self):
        """Have pictures made that are in sight and not there yet."""
        if self._asked or not self._wanted or self._builder is None:
            return
        wanted = list(self._wanted.items())[:TOGETHER]
        wish, theme, of = self.wish, self.theme, self._of
        data, preprocessing = wish.data, wish.preprocessing
        pictures = dict(self._seen)
        self._asked = True

        def work():
            return make(wanted, pictures, data, preprocessing, theme)

        self._builder.ask(self.name, work, lambda found: self._take(of, theme, *found))

    def _take(self, of, theme, made, read):
        if of is not self._of or theme is not self.theme:
            return
        self._asked = False
        self._seen.update(read)
        for look, pixels in made.items():
            flat = None
            if pixels is not None:
                flat = FlatPicture()
                flat.set_pixels(pixels)
            self._made[look] = flat
        self.outdated.emit()

    def _bound(self):
        """Keep textures within the budget; those in sight were used last."""
        rows, columns = self.wish.size
        each = rows * columns * 4 * 4 / 3 + rows * columns * 3
        sight = self.grid().in_sight(self.scroll(self.grid()))
        least = 2 * len(sight[0]) * (len(sight[1]) + 1)
        most = max(least, int(BUDGET_BYTES / each))
        while len(self._made) > most:
            _, flat = self._made.popitem(last=False)
            if flat is not None:
                flat.release()
        shown = {row.sample for row in self.wish.rows}
        self._seen = {sample: seen for sample, seen in self._seen.items() if sample in shown}

    def release(self):
        for flat in (*self._made.values(), *self._gone):
            if flat is not None:
                flat.release()
        self._gone = []
        for overlay in (self._cells, self._over, self._card):
            overlay.release()
