"""What the hands do with the matrix: pan, draw, click; gestures to commands."""

import time
from dataclasses import dataclass

import numpy as np

from viewer.views.card import position_of
from viewer.views.gestures import LEFT, NO_BUTTON
from viewer.views.matrix.brushing import Stroke, region_of
from viewer.views.matrix.looking import Look
from viewer.views.matrix.moving import MatrixMoving
from viewer.views.matrix.overview import box_of
from viewer.views.outline import mode_of, shape_of

CLICK_PX = 4
DOUBLE_SECONDS = 0.8
NEAR_PX = 8.0


@dataclass
class Grip:
    """A button held: where it went down, on which part, and what was there.

    Attributes
    ----------
    start : Pointer
    part : str or None
        Of `Areas`.
    look : Look
    stroke : Stroke or None
        What it draws.
    axis : Axis or None
        The axis it moves.
    moved : bool
    off : (float, float)
        In the overview: from the pointer to the middle of the box, cells.
    """

    start: object
    part: str | None
    look: Look
    stroke: Stroke | None = None
    axis: object = None
    moved: bool = False
    off: tuple = (0.0, 0.0)


class MatrixHands(MatrixMoving):
    """The part of the matrix view that pans, draws selections and clicks."""

    def __init__(self):
        super().__init__()
        self._clicked = (-np.inf, None)

    # a button held

    def press(self, pointer):
        if self.scene is None:
            self.choice.press(self, pointer)
            return
        areas, look = self.areas(), self.look_now()
        part = areas.at(pointer.x, pointer.y)
        self._motion = None
        grip = self._grip = Grip(pointer, part, look)
        if part == "overview":
            grip.off = self._off_the_middle(pointer, areas)
            self._drag_overview(pointer, areas)
            grip.moved = True
        elif part in ("left", "bottom"):
            grip.axis = self.axis_at(part, pointer)
        elif part == "cells" and pointer.button == LEFT:
            shape = shape_of(self.wish.settings.tool, pointer.modifiers)
            spot = self.cells.cell_at(pointer.x, pointer.y)
            if shape is not None and spot is not None:
                mode = mode_of(pointer.modifiers, self.wish.settings.mode)
                at = (spot.row, spot.column, pointer.x, pointer.y)
                grip.stroke = Stroke(shape, *at, mode)

    def move(self, pointer):
        self._pointer = pointer
        if self.scene is None:
            self.choice.move(self, pointer)
            return
        grip = self._grip
        if grip is None or pointer.button == NO_BUTTON:
            self.hover_at(pointer)
            return
        dx, dy = pointer.from_start(grip.start)
        grip.moved = grip.moved or max(abs(dx), abs(dy)) >= CLICK_PX
        if not grip.moved:
            return
        self.hover_at(None)
        if grip.part == "overview":
            self._drag_overview(pointer, self.areas())
        elif grip.axis is not None:
            along = dx if grip.part == "bottom" else dy
            self.dragged.emit("matrix.range", grip.axis.shifted(along))
        elif grip.stroke is not None:
            grip.stroke.mode = mode_of(pointer.modifiers, self.wish.settings.mode)
            grip.stroke.add(pointer.x, pointer.y)
            self.stroke_grew(grip.stroke)
            self.outdated.emit()
        elif grip.part in ("cells", "left", "bottom"):
            self._drag_to(self.frame().panned(grip.look, dx, dy))

    def _drag_to(self, look):
        self._look = look
        self.dragged.emit("matrix.look", look.args)
        self.outdated.emit()

    def _off_the_middle(self, pointer, areas):
        """How far from the middle of the overview's box it was taken hold of; beside it: nothing.

        So a box that is taken hold of does not jump; elsewhere the view goes to the pointer.
        """
        frame, look = self.frame(areas), self.look()
        left, top, right, bottom = box_of(frame, look, areas.overview)
        if not (left <= pointer.x <= right and top <= pointer.y <= bottom):
            return 0.0, 0.0
        x, y = self._place_in_overview(pointer, areas)
        return look.x - x, look.y - y

    def _place_in_overview(self, pointer, areas):
        left, top, width, height = areas.overview
        rows, columns = self.arrangement.shape
        return (pointer.x - left) / width * columns, (pointer.y - top) / height * rows

    def _drag_overview(self, pointer, areas):
        """Have the view stand where the pointer is in the overview."""
        x, y = self._place_in_overview(pointer, areas)
        off, frame = self._grip.off, self.frame(areas)
        self._drag_to(frame.clipped(Look(x + off[0], y + off[1], self.look().span)))

    def lift(self, pointer):
        grip, self._grip = self._grip, None
        if grip is None:
            return
        stroke = grip.stroke if grip.moved else None
        if stroke is not None:
            self.stroke_ended(stroke, selects=not stroke.is_empty)
            if not stroke.is_empty:
                self._select(stroke)
        elif grip.moved:
            self.drag_ended.emit()
        elif self.scene is not None and pointer.button == LEFT:
            self._click(pointer, grip.part)
        self.hover_at(pointer)
        self.outdated.emit()

    def _select(self, stroke):
        row = int(self.arrangement.rows[stroke.row])
        column = int(self.arrangement.columns[stroke.column])
        polygon = stroke.polygon(self.cells, self.scene.is_diagonal(stroke.row, stroke.column))
        region = region_of(polygon, self.scene.rows, self.scene.columns, row, column)
        self.wished.emit("select.brush", {"mode": stroke.mode, "region": region})

    def stroke_grew(self, stroke):
        """What is drawn has grown: count what is inside, and show it."""
        raise NotImplementedError

    def double_press(self, pointer):
        """Fit the cell under the pointer, or the whole again; an axis: its whole range.

        What the first of the two clicks has focused is left again.
        """
        self._grip = None
        self._leave_what_was_clicked()
        if self.scene is None or pointer.button != LEFT:
            return
        part = self.areas().at(pointer.x, pointer.y)
        axis = self.axis_at(part, pointer)
        if axis is not None:
            args = {"layer": axis.columns.layer, "channel": axis.channel}
            self.wished.emit("matrix.range.reset", args)
        elif part == "cells":
            spot = self.cells.cell_at(pointer.x, pointer.y)
            if spot is None:
                self.see_whole()
            else:
                self.fit_cell(spot.row, spot.column)

    def leave(self):
        self._pointer = None
        self.choice.move(self, None)
        if self._grip is None:
            self.hover_at(None)

    def _click(self, pointer, part):
        if part == "legend":
            self._click_legend(pointer)
            return
        if part != "cells":
            return
        tool, shift = self.wish.settings.tool, "shift" in pointer.modifiers
        point = self.cells.point_under(pointer.x, pointer.y, NEAR_PX)
        if tool == "points" or shift:
            self._select_point(point, pointer)
        elif point >= 0:
            self._focus_point(point, pointer)

    def _select_point(self, point, pointer):
        mode = mode_of(pointer.modifiers, self.wish.settings.mode)
        if point < 0:
            return
        points = self.shown.points
        chosen = [[int(points.sample[point]), int(points.place[point])]]
        region = {"kind": "points", "layer": points.columns.layer, "points": chosen}
        self.wished.emit("select.brush", {"mode": mode, "region": region})

    def _focus_point(self, point, pointer):
        spot = self.cells.cell_at(pointer.x, pointer.y)
        points = self.shown.points
        unit = position_of(points, point) if points.kind != "pooled" else ()
        args = {
            "sample": int(points.sample[point]),
            "layer": self.shown.rows.layer,
            "channel": int(self.arrangement.rows[spot.row]),
            "unit": list(unit) if unit and self.shown.units_of_rows else None,
        }
        self._look = self.look()
        self._clicked = (time.monotonic(), self.wish.focus)
        self.wished.emit("matrix.point", args)

    def _leave_what_was_clicked(self):
        """Focus what was in focus before a click a moment ago."""
        (clicked, focus), self._clicked = self._clicked, (-np.inf, None)
        if focus is not None and time.monotonic() - clicked < DOUBLE_SECONDS:
            unit = None if focus.unit is None else list(focus.unit)
            args = {"sample": focus.sample, "layer": focus.layer}
            self.wished.emit("matrix.point", {**args, "channel": focus.channel, "unit": unit})

    def _click_legend(self, pointer):
        row = self.legend_at(pointer)
        region = None if row is None else self.colouring.groups.region(row)
        if region is not None:
            mode = mode_of(pointer.modifiers, self.wish.settings.mode)
            self.wished.emit("select.brush", {"mode": mode, "region": region})

    def legend_at(self, pointer):
        """The group whose row of the legend is at a place, or None."""
        for group, (left, top, width, height) in self._rows_of_legend:
            if left <= pointer.x < left + width and top <= pointer.y < top + height:
                return group
        return None
