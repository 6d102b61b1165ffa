"""Where in the matrix a person is, and what the hands do: gestures to commands."""

import time
from dataclasses import dataclass

from viewer.gl.theme import DARK
from viewer.views.card import position_of
from viewer.views.gestures import LEFT, NO_BUTTON
from viewer.views.matrix.areas import areas_of
from viewer.views.matrix.axes import Axis
from viewer.views.matrix.brushing import Stroke, mode_of, region_of, shape_of
from viewer.views.matrix.cells import Cells
from viewer.views.matrix.looking import Frame, Look, between
from viewer.views.matrix.overview import box_of
from viewer.views.matrix.resolve import MatrixWish
from viewer.views.matrix.stepping import look_of, pair_after
from viewer.views.view import View

CLICK_PX = 4
NEAR_PX = 8.0
ZOOM_PER_NOTCH = 1.25
MOTION_SECONDS = 0.15
# Axes of cells this large can be taken hold of.
HOLDABLE_PX = 60
ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
ZOOMS = {"+": ZOOM_PER_NOTCH, "=": ZOOM_PER_NOTCH, "-": 1 / ZOOM_PER_NOTCH}
TOOL_KEYS = {"l": "lasso", "r": "rectangle", "p": "points"}
OWN_KEYS = ("home", "return", "enter", "tab", "backtab")


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


class MatrixHands(View):
    """The part of the matrix view that pans, zooms, points and selects.

    Attributes
    ----------
    wish : MatrixWish
    shown : Shown or None
        The points that are drawn.
    arrangement : Arrangement or None
    colouring : Colouring or None
    scene : Scene or None
    cells : Cells
    """

    def __init__(self):
        super().__init__()
        self.theme = DARK
        self.wish = MatrixWish()
        self.shown = self.arrangement = self.colouring = self.scene = None
        self.cells = Cells()
        self._look = None
        self._motion = None
        self._grip = None
        self._point = -1
        self._spot = None
        self._pointer = None
        self._legend_row = None
        self._rows_of_legend = ()
        self._scrolled = 0

    # where things are

    def areas(self):
        """The `Areas` of the view as it is now."""
        settings = self.wish.settings
        shape = (1, 1) if self.arrangement is None else self.arrangement.shape
        return areas_of(
            self.width,
            self.height,
            overview=settings.shows_overview and max(shape) > 1,
            legend=settings.shows_legend and self.colouring is not None,
            shape=shape,
        )

    def frame(self, areas=None):
        """The `Frame` of the cells."""
        cells = (areas or self.areas()).cells
        return Frame(*cells, *self.arrangement.shape)

    def look(self):
        """Where the view stands, or moves to."""
        frame = self.frame()
        if self._look is not None:
            return frame.clipped(self._look)
        return look_of(frame, self.arrangement, self.wish)

    def look_now(self):
        """The look that is drawn, on the way of a motion too."""
        wanted = self.look()
        if self._motion is None:
            return wanted
        began, start = self._motion
        share = min(1.0, (time.monotonic() - began) / MOTION_SECONDS)
        if share >= 1.0:
            self._motion = None
            return wanted
        return between(start, wanted, share)

    def begin_motion(self, start):
        """Move from a look to where the view is to stand."""
        if self.animates and self._grip is None and start is not None:
            self._motion = (time.monotonic(), start)

    # looking elsewhere

    def look_at(self, look, *, moves=True):
        """Look at another place by a command."""
        frame, start = self.frame(), self.look_now()
        look = frame.clipped(look)
        self._motion = None
        if moves:
            self.begin_motion(start)
        self._look = look
        self.wished.emit("matrix.look", look.args)
        self.outdated.emit()

    def fit_cell(self, row, column):
        """Fill the view with a cell; with the cell that fills it already, see the whole."""
        frame, look = self.frame(), self.look()
        cell = frame.cell(row, column)
        near = abs(cell.x - look.x) + abs(cell.y - look.y) < 0.05
        if near and abs(look.span / cell.span - 1) < 0.05:
            self.see_whole()
        else:
            self.look_at(cell)

    def see_whole(self):
        """See the whole matrix."""
        start = self.look_now()
        self.begin_motion(start)
        self._look = self.frame().whole()
        self.wished.emit("matrix.fit", {})
        self.outdated.emit()

    def zoom_by(self, factor):
        """Nearer or farther; the middle of the view stays where it is."""
        if self.scene is not None:
            left, top, width, height = self.areas().cells
            look = self.frame().zoomed(self.look(), factor, left + width / 2, top + height / 2)
            self.look_at(look)

    def wheel(self, pointer, steps):
        if self.scene is None:
            return
        areas = self.areas()
        part, factor = areas.at(pointer.x, pointer.y), ZOOM_PER_NOTCH**steps
        if part == "legend":
            self.scroll_legend(-steps)
            return
        axis = self.axis_at(part, pointer)
        if axis is not None:
            args = axis.zoomed(factor, pointer.x if part == "bottom" else pointer.y)
            if args is not None:
                self.wished.emit("matrix.range", args)
            return
        frame, look = self.frame(areas), self.look()
        if part == "overview":
            wanted = Look(look.x, look.y, look.span / factor)
        else:
            wanted = frame.zoomed(look, factor, pointer.x, pointer.y)
        self.look_at(wanted, moves=False)
        self.hover_at(pointer)

    def scroll_legend(self, rows):
        """Show other rows of the legend."""
        self._scrolled = max(0, self._scrolled + round(rows))
        self.outdated.emit()

    def takes(self, name, modifiers=frozenset()):
        """Whether a key is this view's while it has the keys: then it is no shortcut."""
        if self.scene is None or modifiers - {"shift"}:
            return False
        if name == "esc":
            drawing = self._grip is not None or self.wish.settings.tool != "pan"
            return drawing or self.wish.selected is not None
        return name in ARROWS or name in ZOOMS or name in TOOL_KEYS or name in OWN_KEYS

    def key(self, name, modifiers=frozenset()):
        if self.scene is None or modifiers - {"shift"}:
            return False
        frame, look = self.frame(), self.look()
        if name in ARROWS:
            far = max(1, int(look.span * 0.8)) if "shift" in modifiers else 1
            right, down = (far * part for part in ARROWS[name])
            self.look_at(frame.stepped(look, right, down))
        elif name in ZOOMS:
            self.zoom_by(ZOOMS[name])
        elif name == "home":
            self.see_whole()
        elif name in ("return", "enter"):
            self.fit_cell(*frame.nearest_cell(look))
        elif name in TOOL_KEYS:
            tool = TOOL_KEYS[name]
            tool = "pan" if self.wish.settings.tool == tool else tool
            self.wished.emit("matrix.tool", {"tool": tool})
        elif name == "esc":
            return self._escape()
        elif name in ("tab", "backtab"):
            self.go_to_pair(1 if name == "tab" and "shift" not in modifiers else -1)
        else:
            return False
        return True

    def go_to_pair(self, steps):
        """Go to the next of the ranked pairs, or the one before."""
        table, frame = self.wish.table, self.frame()
        ranked = () if table is None else table.ranked
        place = pair_after(ranked, self.arrangement, frame, self.look(), steps)
        if place is not None:
            self.look_at(frame.cell(*place))

    def _escape(self):
        """Drop what is being drawn; else select nothing; else pan again."""
        if self._grip is not None and self._grip.stroke is not None:
            self.stroke_ended(self._grip.stroke, selects=False)
            self._grip = None
            self.outdated.emit()
        elif self.wish.selected is not None:
            self.wished.emit("select.clear", {})
        elif self.wish.settings.tool != "pan":
            self.wished.emit("matrix.tool", {"tool": "pan"})
        else:
            return False
        return True

    # a button held

    def press(self, pointer):
        if self.scene is None:
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

    def stroke_ended(self, stroke, *, selects):
        """Nothing is drawn any more; ``selects``: a command follows."""
        raise NotImplementedError

    def double_press(self, pointer):
        """Fit the cell under the pointer, or the whole again; an axis: its whole range."""
        self._grip = None
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
        if self._grip is None:
            self.hover_at(None)

    # pointing

    def axis_at(self, part, pointer):
        """The `Axis` at a place of the margins, where cells are large enough."""
        frame = self.frame()
        if part not in ("left", "bottom") or frame.size(self.look()) < HOLDABLE_PX:
            return None
        left, top, width, height = self.areas().cells
        if part == "bottom":
            spot = self.cells.cell_at(pointer.x, top + height / 2)
        else:
            spot = self.cells.cell_at(left + width / 2, pointer.y)
        if spot is None:
            return None
        scene, arrangement = self.scene, self.arrangement
        box = self.cells.box_of(spot.row, spot.column)
        if part == "bottom":
            columns, channel = scene.columns, int(arrangement.columns[spot.column])
            ends, place = scene.column_range(channel), (box[0], box[2])
        else:
            columns, channel = scene.rows, int(arrangement.rows[spot.row])
            ends, place = scene.row_range(channel), (box[1] + box[3], -box[3])
        return None if columns.step[channel] == 0 else Axis(columns, channel, ends, *place)

    def hover_at(self, pointer):
        """Find out what is under the pointer, and tell the other views."""
        raise NotImplementedError

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
        self.wished.emit("matrix.point", args)

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
