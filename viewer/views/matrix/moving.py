"""Where in the matrix a person is: cameras, motions, the wheel and keys."""

import time

from viewer.gl.theme import DARK
from viewer.views.layer_choice import LayerChoice
from viewer.views.matrix.areas import areas_of
from viewer.views.matrix.axes import Axis
from viewer.views.matrix.cells import Cells
from viewer.views.matrix.looking import Frame, Look, between
from viewer.views.matrix.resolve import MatrixWish
from viewer.views.matrix.stepping import look_of, pair_after
from viewer.views.view import View

ZOOM_PER_NOTCH = 1.25
MOTION_SECONDS = 0.15
# Axes of cells this large can be taken hold of.
HOLDABLE_PX = 60
ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
ZOOMS = {"+": ZOOM_PER_NOTCH, "=": ZOOM_PER_NOTCH, "-": 1 / ZOOM_PER_NOTCH}
TOOL_KEYS = {"l": "lasso", "r": "rectangle", "p": "points"}
OWN_KEYS = ("home", "return", "enter", "tab", "backtab")


class MatrixMoving(View):
    """The part of the matrix view that knows where it stands, and moves.

    Attributes
    ----------
    wish : MatrixWish
    shown : Shown or None
        The points that are drawn.
    arrangement : Arrangement or None
    colouring : Colouring or None
    scene : Scene or None
    cells : Cells
    choice : LayerChoice
        While no layer is active.
    """

    def __init__(self):
        super().__init__()
        self.theme = DARK
        self.wish = MatrixWish()
        self.shown = self.arrangement = self.colouring = self.scene = None
        self.cells = Cells()
        self.choice = LayerChoice()
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
            self.choice.wheel(self, steps)
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

    def stroke_ended(self, stroke, *, selects):
        """Nothing is drawn any more; ``selects``: a command follows."""
        raise NotImplementedError
