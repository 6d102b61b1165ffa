"""Gestures of the comparison: scroll, zoom, point at cells, click what is looked at."""

from dataclasses import replace

from viewer.state.comparison import LARGEST, SMALLEST, ComparisonCamera
from viewer.state.hover import Hovered
from viewer.views.comparison.places import FOOT, TOP, Grid
from viewer.views.comparison.resolve import ComparisonWish
from viewer.views.gestures import LEFT, NO_BUTTON
from viewer.views.view import View

CLICK_PX = 4
WHEEL_PX = 90
ZOOM_PER_NOTCH = 1.2


class ComparisonHands(View):
    """What a person does with the view; the picture is its heir's.

    Attributes
    ----------
    wish : ComparisonWish
    camera : ComparisonCamera
        Where one is; ahead of the wish while it moves.
    pointed : (Pointer, int or None, int or None) or None
        The pointer with the row and the column under it.
    bar : viewer.views.range_bar.Bar or None
        The colour bar as it was drawn last, where it has ends.
    """

    def __init__(self):
        super().__init__()
        self.wish = ComparisonWish()
        self.camera = ComparisonCamera()
        self.pointed = self.bar = None
        self._own_hover = self._grip = None

    @property
    def _stands(self):
        return bool(self.wish.rows)

    def grid(self):
        """Where everything stands now; cells that are larger than the view fill it."""
        wish, rows, columns = self.wish, len(self.wish.rows), len(self.wish.columns)
        asked = Grid(self.width, self.height, wish.size, self.camera.size, rows, columns)
        return replace(asked, size=min(self.camera.size, _filling(asked)))

    def scroll(self, grid):
        """What is scrolled away: (across, down) in pixels."""
        return grid.scroll_of(self.camera)

    # moving

    def _look(self, signal, **args):
        self.camera = replace(self.camera, **args)
        signal.emit("comparison.look", args)
        self.outdated.emit()

    def _scroll_to(self, grid, across, down, signal):
        column, row = grid.place_of(across, down)
        if (column, row) != (self.camera.column, self.camera.row):
            self._look(signal, row=row, column=column)

    def wheel(self, pointer, steps):
        if not self._stands:
            return
        if "ctrl" in pointer.modifiers:
            self._zoom(ZOOM_PER_NOTCH**steps, pointer.x, pointer.y)
            return
        grid = self.grid()
        across, down = self.scroll(grid)
        if "shift" in pointer.modifiers or not grid.longest[1]:
            across -= steps * WHEEL_PX
        else:
            down -= steps * WHEEL_PX
        self._scroll_to(grid, across, down, self.wished)
        self._point(pointer)

    def _zoom(self, factor, x, y):
        """Other sizes; the cell at a point of the view stays there."""
        grid = self.grid()
        size = min(_filling(grid), max(SMALLEST, grid.size * factor))
        if size == self.camera.size:
            return
        scroll, before = self.scroll(grid), grid.step
        corner = (max(0.0, x - grid.left), max(0.0, y - TOP))
        self.camera = replace(self.camera, size=size)
        after = self.grid()
        moved = [
            (at + gone) / old * new - at
            for at, gone, old, new in zip(corner, scroll, before, after.step, strict=True)
        ]
        column, row = after.place_of(*moved)
        self._look(self.wished, row=row, column=column, size=size)

    def zoom_by(self, factor):
        """Larger or smaller cells."""
        if self._stands:
            self._zoom(factor, 0.0, 0.0)

    def takes(self, name, modifiers=frozenset()):
        """Whether a key means the view while it has the keyboard."""
        known = ("pageup", "pagedown", "home", "end", "up", "down", "+", "=", "-")
        return self._stands and name in known and not modifiers - {"shift"}

    def key(self, name, modifiers=frozenset()):
        if not self.takes(name, modifiers):
            return False
        grid = self.grid()
        across, down = self.scroll(grid)
        page, far = grid.room[1], grid.longest[1]
        moves = {
            "pageup": down - page, "pagedown": down + page, "home": 0.0, "end": far,
            "up": down - grid.step[1], "down": down + grid.step[1],
        }  # fmt: skip
        if name in moves:
            self._scroll_to(grid, across, moves[name], self.wished)
        else:
            self.zoom_by(1 / ZOOM_PER_NOTCH if name == "-" else ZOOM_PER_NOTCH)
        return True

    # pointing

    def press(self, pointer):
        self._grip = None
        if self._stands:
            self._grip = _Grip(pointer, self.scroll(self.grid()))
            if self._is_on_bar(pointer):
                self._grip.bar, self._grip.end = self.bar, self.bar.end_at(pointer.x)

    def _is_on_bar(self, pointer):
        """Whether the pointer is on a bar whose ends can be set: one for all cells."""
        on = self.bar is not None and self.wish.settings.range == "all"
        return on and self.bar.holds(pointer, self.height - FOOT)

    def move(self, pointer):
        if not self._stands:
            return
        grip = self._grip
        if grip is None or pointer.button == NO_BUTTON:
            self._point(pointer)
            return
        dx, dy = pointer.from_start(grip.start)
        grip.moved = grip.moved or max(abs(dx), abs(dy)) >= CLICK_PX
        if grip.moved and grip.end is not None:
            limit = grip.bar.dragged(grip.end, dx)[1]
            self.dragged.emit("comparison.limit", {"limit": limit})
        elif grip.moved and grip.bar is None:
            across, down = grip.scroll
            self._scroll_to(self.grid(), across - dx, down - dy, self.dragged)

    def lift(self, pointer):
        grip, self._grip = self._grip, None
        if grip is None:
            return
        if grip.moved:
            self.drag_ended.emit()
        elif pointer.button == LEFT and self._stands and grip.bar is None:
            self._click(pointer)

    def _click(self, pointer):
        """Look at the row's sample, or at its channel, everywhere."""
        grid = self.grid()
        at, _ = grid.at(pointer.x, pointer.y, self.scroll(grid))
        if at is None:
            return
        row = self.wish.rows[at]
        if row.layer is not None:
            args = {"layer": row.layer, "channel": row.channel}
            self.wished.emit("focus.channel", args)
        else:
            self.wished.emit("focus.sample", {"sample": row.sample})

    def double_press(self, pointer):
        """Fill the view with the cell under the pointer; again: the usual size."""
        self._grip = None
        if not self._stands:
            return
        if self._is_on_bar(pointer):
            if self.wish.settings.limit is not None:
                self.wished.emit("comparison.limit", {"limit": None})
            return
        grid = self.grid()
        row, column = grid.at(pointer.x, pointer.y, self.scroll(grid))
        if row is None or column is None:
            return
        usual, largest = ComparisonCamera().size, _filling(grid)
        size = usual if self.camera.size >= 0.9 * largest else largest
        self.camera = replace(self.camera, size=size)
        after = self.grid()
        across, down = after.step
        column, row = after.place_of(column * across, row * down)
        self._look(self.wished, row=row, column=column, size=size)

    def leave(self):
        if self._grip is None:
            self._point(None)

    def _point(self, pointer):
        found = None
        if pointer is not None and pointer.y < self.height - FOOT:
            grid = self.grid()
            found = (pointer, *grid.at(pointer.x, pointer.y, self.scroll(grid)))
        hovered = None
        if found is not None and found[1] is not None:
            row = self.wish.rows[found[1]]
            hovered = None if row.layer is None else Hovered(row.layer, row.channel)
        if hovered != self._own_hover:
            self._own_hover = hovered
            self.hovered.emit(hovered)
        if found != self.pointed:
            self.pointed = found
            self.outdated.emit()


def _filling(grid):
    """The size at which one cell fills the view."""
    wide, tall = grid.room
    longest = max(grid.shape)
    across, down = wide - 16, tall - 32
    return min(LARGEST, max(SMALLEST, min(across / grid.shape[1], down / grid.shape[0]) * longest))


class _Grip:
    """A button held: where it went down and what was scrolled."""

    def __init__(self, start, scroll):
        self.start = start
        self.scroll = scroll
        self.bar = self.end = None
        self.moved = False
