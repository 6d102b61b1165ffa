"""The matrix view: every channel of a layer against every other, for every embedding point."""

from functools import partial

import numpy as np

from engine.embedding.lasso import inside
from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.state.hover import Hovered
from viewer.views.card import PointCard, card_of, position_of
from viewer.views.matrix import marks
from viewer.views.matrix.brushing import combined
from viewer.views.matrix.following import MatrixFollowing
from viewer.views.matrix.hands import NEAR_PX
from viewer.views.matrix.overview import NAMES, words_at
from viewer.views.pen import Pen
from viewer.views.point_legend import draw as draw_legend
from viewer.views.point_marks import draw_foot, stroke_words
from viewer.visuals.overlay import Overlay

ROW = 18
# What would be selected is seen while it is drawn, with so many cells in sight at most.
MOST_PREVIEWED = 49
# A class under the pointer is picked out with so many cells in sight at most.
MOST_PICKED_OUT = 400


class MatrixView(MatrixFollowing):
    """Points of the active layer in all pairs of its channels."""

    name = "matrix"

    def __init__(self):
        super().__init__()
        self._words = ""
        self._hovered_in = None
        self._under, self._over = Overlay(), Overlay()
        self._card = PointCard(self.name, self.outdated.emit)

    # drawing

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        self._under.clear()
        self._over.clear()
        pen = Pen(self._under, ratio, self.theme)
        if self.scene is None:
            self._message(pen)
            self._under.draw(context, width_px, height_px)
            return
        self._matrix(context, width_px, height_px, ratio, pen)
        if self._motion is not None:
            self.outdated.emit()

    def _message(self, pen):
        if self.choice.choices:
            self.choice.draw(pen, self.width, self.height)
            return
        computing = "computing" if self.pending else ""
        lines = (self.wish.message or computing).split("\n")
        top = self.height / 2 - len(lines) * ROW / 2
        for number, line in enumerate(lines):
            base = top + (number + 0.7) * ROW
            pen.text(self.width / 2, base, line, self.theme.dim, align=0.5, room=self.width - 20)

    def _matrix(self, context, width_px, height_px, ratio, pen):
        areas, look = self.areas(), self.look_now()
        box_px = tuple(round(part * ratio) for part in areas.cells)
        size = (width_px, height_px)
        self.cells.draw(context, box_px, *size, ratio, look.camera, self.theme)
        if self._motion is None and self._grip is None and self.cells.sight != self._hovered_in:
            self._hovered_in = self.cells.sight  # something else is under the pointer now
            self.hover_at(self._pointer)
        self._count()
        self._marks(pen, areas, look)
        self._under.draw(context, *size)
        over = Pen(self._over, ratio, self.theme)
        if areas.overview is not None:
            table, words = self.wish.table, self._why_no_table()
            place = (areas, self.frame(areas), look)
            self._overview.draw(context, *size, over, *place, table, words)
        marks.draw_rings(over, self, areas)
        if self._grip is not None and self._grip.stroke is not None and self._grip.moved:
            stroke = self._grip.stroke
            flat = self.scene.is_diagonal(stroke.row, stroke.column)
            marks.draw_stroke(over, stroke, areas.cells, flat)
        self._over.draw(context, *size)
        if self._point >= 0 and self._spot is not None and self._grip is None:
            at = self.cells.place_of(
                self._spot.row, self._spot.column, *self._codes_of(self._point, self._spot)
            )
            self._card.draw(context, *size, ratio, self.theme, tuple(float(part) for part in at))

    def _count(self):
        """Have what is in sight counted: in slices beside a window, else at once."""
        if self.animates:
            self.cells.ask(self._builder, self.outdated.emit)
        elif self.cells.pending:
            self.cells.ask(None, self.outdated.emit)
            self.outdated.emit()

    def _marks(self, pen, areas, look):
        marks.draw_axes(pen, self, areas, look)
        if areas.legend is not None:
            self._rows_of_legend, self._scrolled = draw_legend(
                pen, areas.legend, self.colouring, self._scrolled, self._legend_row
            )
        else:
            self._rows_of_legend = ()
        draw_foot(pen, areas.foot, self._badge(), self._said())

    def _why_no_table(self):
        table = self.wish.table
        if table is None:
            return f"computing {NAMES[self.wish.settings.statistic]}"
        return f"{NAMES[table.statistic]} {table.failure}" if table.failure else ""

    def _badge(self):
        """What is shown, most important first."""
        parts = [self.cells.words]
        arrangement = self.arrangement
        if arrangement.hidden:
            parts.append(marks.hidden_words(arrangement))
        if self.wish.selected is not None:
            parts.append(self.wish.selected.words_of(self.shown.points.columns.layer))
        parts.append(marks.range_words(self.scene))
        return [*(part for part in parts if part), *self.wish.words, self.shown.words]

    def _said(self):
        """What is under the pointer, or being drawn."""
        grip = self._grip
        if grip is not None and grip.stroke is not None and grip.moved:
            return stroke_words(grip.stroke)
        return self._words

    def _codes_of(self, point, spot):
        """A point's codes in a cell, in the middle of their steps."""
        arrangement, scene = self.arrangement, self.scene
        x = scene.columns.fine[arrangement.columns[spot.column], point]
        y = scene.rows.fine[arrangement.rows[spot.row], point]
        return float(x) + 0.5, float(y) + 0.5

    # pointing

    def hover_at(self, pointer):
        point, spot, row, words, hovered = -1, None, None, "", None
        if pointer is not None and self.scene is not None:
            part = self.areas().at(pointer.x, pointer.y)
            if part == "cells":
                point, spot, words, hovered = self._under_pointer(pointer)
            elif part == "legend":
                row = self.legend_at(pointer)
            elif part == "overview":
                place = (self.areas().overview, pointer.x, pointer.y)
                words = words_at(self.wish.table, self.arrangement, self.shown, *place)
        now = (point, spot if point >= 0 else None, row, words)
        if now != (self._point, self._spot, self._legend_row, self._words):
            picked = row != self._legend_row
            self._point, self._spot, self._legend_row, self._words = now
            if picked:
                self._pick_out(row)
            self._show_card()
            self.outdated.emit()
        if hovered != self._own_hover:
            self._own_hover = hovered
            self.hovered.emit(hovered)

    def _pick_out(self, group):
        """Show the points of the group under the pointer (None: of none) as selected ones are."""
        few = self.cells.sight is not None and self.cells.sight.cells <= MOST_PICKED_OUT
        if group is None or self._selected is not None or not few:
            self._show_preview(None)
        else:
            self._show_preview((self.colouring.codes == group).astype(np.uint8))

    def _under_pointer(self, pointer):
        """(point, spot, words, Hovered or None) at a place of the cells."""
        spot = self.cells.cell_at(pointer.x, pointer.y)
        if spot is None:
            return -1, None, "", None
        points, arrangement = self.shown.points, self.arrangement
        channel = int(arrangement.rows[spot.row])
        if not self.shown.units_of_rows:
            channel = int(arrangement.columns[spot.column])
        words = marks.spot_words(self.scene, arrangement, spot)
        layer = points.columns.layer
        point = int(self.cells.point_under(pointer.x, pointer.y, NEAR_PX))
        if point < 0:
            flat = self.scene.is_diagonal(spot.row, spot.column)
            return -1, spot, words, Hovered(layer, channel) if flat else None
        unit = None
        if points.positions and points.kind != "pooled":
            unit = position_of(points, point) or None
        return point, spot, words, Hovered(layer, channel, unit)

    def _show_card(self):
        card = again = None
        if self._point >= 0:
            shown, spot = self.shown, self._spot
            row = int(self.arrangement.rows[spot.row])
            column = int(self.arrangement.columns[spot.column])
            others, channels = (), (column, row)
            if shown.joint is not None:
                ends = [(shown.rows, row), (shown.columns, column)]
                own, other = ends if shown.units_of_rows else ends[::-1]
                values = other[0].values(other[1], other[0].fine[other[1], self._point])
                others = ((f"{other[0].layer}:{other[1]}", float(values)),)
                channels = (own[1],)
            again = partial(
                card_of, shown.points, self._point, channels, self._facts, others=others
            )
            card = again()
        points = None if self.shown is None else self.shown.points
        self._card.show(card, self._facts, self._builder, points, again)

    # drawing a selection

    def stroke_grew(self, stroke):
        scene = self.scene
        polygon = stroke.polygon(self.cells, scene.is_diagonal(stroke.row, stroke.column))
        row = int(self.arrangement.rows[stroke.row])
        column = int(self.arrangement.columns[stroke.column])

        x, y, shown = scene.columns.coarse[column], scene.rows.coarse[row], self.shown
        present, mode = self._selected, stroke.mode
        sees = self.cells.sight.cells <= MOST_PREVIEWED

        def work():
            mask = inside(polygon, x, y)
            return int(mask.sum(dtype=np.int64)), combined(mode, present, mask) if sees else None

        def came(found):
            if self._grip is not None and self._grip.stroke is stroke and shown is self.shown:
                stroke.count = found[0]
                self._show_preview(found[1])
                self.outdated.emit()

        self._builder.ask(f"{self.name}.stroke", work, came)

    def _show_preview(self, selected):
        """Show what would be selected (None: what is)."""
        if selected is not self._preview:
            self._preview = selected
            self._arrange(self.wish)

    def stroke_ended(self, stroke, *, selects):
        self._builder.forget(f"{self.name}.stroke")
        if not selects:
            self._show_preview(None)

    def release(self):
        self.cells.release()
        self._overview.release()
        self._card.release()
        self._under.release()
        self._over.release()
