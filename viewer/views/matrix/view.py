"""The matrix view: every channel of a layer against every other, for every embedding point."""

from functools import partial

import numpy as np

from engine.embedding.lasso import inside
from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.state.hover import Hovered
from viewer.views.card import PointCard, card_of, position_of
from viewer.views.grouping import wish_of
from viewer.views.matrix import marks
from viewer.views.matrix.brushing import combined
from viewer.views.matrix.build import alone, arranged, coloured, met, scene_of
from viewer.views.matrix.hands import NEAR_PX, MatrixHands
from viewer.views.matrix.overview import NAMES, Overview, picture_of, words_at
from viewer.views.matrix.resolve import resolve
from viewer.views.pen import Pen
from viewer.views.point_legend import draw as draw_legend
from viewer.views.point_marks import draw_foot, stroke_words
from viewer.visuals.overlay import Overlay

ROW = 18
# What would be selected is seen while it is drawn, with so many cells in sight at most.
MOST_PREVIEWED = 49
# A class under the pointer is picked out with so many cells in sight at most.
MOST_PICKED_OUT = 400


class MatrixView(MatrixHands):
    """Points of the active layer in all pairs of its channels."""

    name = "matrix"

    def __init__(self):
        super().__init__()
        self._builder = self._facts = None
        self._hovered = self._own_hover = None
        self._words = ""
        self._selected = self._preview = None
        self._selected_of = (None, None)
        self._focused = -1
        self._groups_wish = None
        self._asked = set()
        self._wanted = self._focused_of = self._hovered_in = None
        self._made_of = self._pictured = ()
        self._under, self._over = Overlay(), Overlay()
        self._overview = Overview()
        self._card = PointCard(self.name, self.outdated.emit)

    # what is shown

    def follow(self, state, hovered, facts, builder):
        self._builder, self._facts = builder, facts
        wish = resolve(state, facts)
        self.detail = wish.detail
        drawn, target = self._looks()
        old, self.wish = self.wish, wish
        before = self._standing()
        self._look = None
        self._follow_points(wish)
        self._follow_groups(wish)
        self._follow_selected(wish)
        self._arrange(wish)
        self._follow_overview(wish)
        self._follow_focus(wish, old)
        if drawn is not None and before is self._standing() and self.scene is not None:
            now = self.look()
            if now != target:
                self.begin_motion(drawn)
        others = hovered if hovered != self._own_hover else None
        if others != self._hovered:
            self._hovered = others
            self.outdated.emit()
        if self._differs(wish, old):
            self.outdated.emit()

    def _looks(self):
        """The look that is drawn and the one that it moves to, before something changes."""
        return (None, None) if self.scene is None else (self.look_now(), self.look())

    def _standing(self):
        """What has to stay the same for a movement to mean something."""
        return self.shown

    @staticmethod
    def _differs(wish, old):
        parts = ("message", "settings", "drawn", "camera", "focus", "words")
        if any(getattr(wish, part) != getattr(old, part) for part in parts):
            return True
        return wish.table is not old.table or wish.selected is not old.selected

    @property
    def pending(self):
        return self.wish.late or bool(self._asked) or (self.animates and self.cells.pending)

    def _ask(self, slot, function, on_answer):
        """Ask the builder; what was asked is awaited."""
        self._asked.add(slot)

        def came(answer):
            self._asked.discard(slot)
            on_answer(answer)

        self._builder.ask(f"{self.name}.{slot}", function, came)

    def _forget(self, *slots):
        for slot in slots:
            self._asked.discard(slot)
            self._builder.forget(f"{self.name}.{slot}")

    def _follow_points(self, wish):
        """The points of one layer at once; those of two meet in the builder's thread."""
        if wish.points is None:
            if self.shown is not None or self._asked:
                self._forget("meet", "groups", "selected")
                self._take_points(None)
            return
        wanted = (wish.points, wish.others)
        if self._wanted == wanted:
            return
        if wish.others is None:
            self._forget("meet")
            self._take_points(alone(wish.points))
        else:
            self._take_points(None)
            self._wanted, network = wanted, wish.network
            self._ask("meet", lambda: met(network, *wanted), self._take_met)
        self._wanted = wanted

    def _take_met(self, shown):
        if shown.made_of == self._wanted:
            self._take_points(shown)
            self._wanted = shown.made_of
            self._follow_groups(self.wish)
            self._follow_selected(self.wish)
            self._arrange(self.wish)

    def _take_points(self, shown):
        self.shown, self._wanted = shown, None
        self._look = self._motion = self._grip = None
        self._groups_wish = self.colouring = self.scene = self.arrangement = None
        self._selected, self._preview, self._selected_of = None, None, (None, None)
        self._point, self._spot, self._words, self._focused = -1, None, "", -1
        self.cells.show(None)
        self.outdated.emit()

    def _follow_groups(self, wish):
        shown = self.shown
        if shown is None:
            return
        wanted = wish_of(shown.points, self._facts, wish.drawn, self.theme)
        if wanted.same_as(self._groups_wish):
            return
        self._groups_wish = wanted

        def came(colouring):
            if wanted is self._groups_wish and shown is self.shown:
                self.colouring = colouring
                self._arrange(self.wish)
                self.outdated.emit()

        self._ask("groups", lambda: coloured(wanted), came)

    def _follow_selected(self, wish):
        shown, selected = self.shown, wish.selected
        if shown is None or self._selected_of == (shown, selected):
            return
        self._selected_of = wanted = (shown, selected)
        if selected is None:
            self._forget("selected")
            self._take_selected(None)
            return

        def came(codes):
            if wanted == self._selected_of:
                self._take_selected(codes)

        self._ask("selected", lambda: shown.selected(selected), came)

    def _take_selected(self, codes):
        self._selected, self._preview = codes, None
        if self.colouring is not None:
            self._arrange(self.wish)
        self.outdated.emit()

    def _arrange(self, wish):
        """Make the scene of what is there, where it is another one."""
        shown = self.shown
        if shown is None or self.colouring is None or wish.points is None:
            return
        hides = wish.settings.hides_constant
        selected = self._selected if self._preview is None else self._preview
        arrangement = arranged(shown.rows, shown.columns, wish.order, hides=hides)
        if arrangement.same_as(self.arrangement):
            arrangement = self.arrangement
        made_of = (
            shown, arrangement, self.colouring, selected,
            wish.drawn.size, wish.drawn.opacity, wish.settings.form, wish.settings.ranges,
        )  # fmt: skip
        if self.scene is not None and _same(self._made_of, made_of):
            return
        self._made_of, self.arrangement = made_of, arrangement
        self.scene = scene_of(
            shown, arrangement, self.colouring, selected, wish.settings, wish.drawn
        )
        self.cells.show(self.scene)
        self.outdated.emit()

    def _follow_overview(self, wish):
        """Have the overview's picture made anew, where it is another one."""
        wanted = (wish.table, self.arrangement, self.theme)
        if self.scene is None or not wish.settings.shows_overview or self._pictured == wanted:
            return
        self._pictured = wanted
        if wish.table is None or wish.table.values is None:
            self._forget("overview")
            self._overview.show(None)
            return

        def came(pixels):
            if self._pictured == wanted:
                self._overview.show(pixels)
                self.outdated.emit()

        self._ask("overview", lambda: picture_of(*wanted), came)

    def _follow_focus(self, wish, old):
        """Find the point of the unit in focus."""
        shown = self.shown
        if shown is None or (wish.focus == old.focus and self._focused_of is shown):
            return
        self._focused_of = shown
        focus, points = wish.focus, shown.points
        self._focused = -1
        if not shown.units_of_rows:
            return
        place = None if points.kind != "pooled" and points.positions else 0
        if place is None and focus.unit is not None and len(focus.unit) == len(points.positions):
            inside = all(at < n for at, n in zip(focus.unit, points.positions, strict=True))
            place = int(np.ravel_multi_index(focus.unit, points.positions)) if inside else None
        if place is None:
            return

        def came(point):
            if self._focused_of is shown and self.wish.focus == focus:
                self._focused = point
                self.outdated.emit()

        self._ask("focus", lambda: points.index(focus.sample, place), came)

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
            parts.append(self.wish.selected.words_of(self.shown.rows.layer))
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
        row = int(arrangement.rows[spot.row])
        words = marks.spot_words(self.scene, arrangement, spot)
        layer = points.columns.layer
        point = int(self.cells.point_under(pointer.x, pointer.y, NEAR_PX))
        if point < 0:
            return -1, spot, words, Hovered(layer, row) if spot.row == spot.column else None
        unit = None
        if points.positions and points.kind != "pooled":
            unit = position_of(points, point) or None
        return point, spot, words, Hovered(layer, row, unit)

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


def _same(one, other):
    """Whether a scene would be made of the same: arrays by identity, settings by value."""
    return len(one) == len(other) and all(
        a is b or (not isinstance(b, np.ndarray) and not isinstance(a, np.ndarray) and a == b)
        for a, b in zip(one, other, strict=True)
    )
