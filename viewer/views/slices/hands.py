"""Gestures of the slices: scrub with the wheel, drag the cutting lines, zoom, point, click."""

from viewer.state.hover import Hovered
from viewer.state.slices import CLOSEST
from viewer.views.gestures import LEFT, NO_BUTTON
from viewer.views.layer_choice import LayerChoice
from viewer.views.slices import moves, places
from viewer.views.slices.build import XY
from viewer.views.slices.places import CHANNELS, COLUMNS, FOOT, ROWS
from viewer.views.slices.resolve import SlicesWish, has_units
from viewer.views.view import View

CLICK_PX = 4
NEAR_PX = 4
ZOOM_PER_NOTCH = 1.25
NAMES = {COLUMNS: "column", ROWS: "row", CHANNELS: "channel"}


class SlicesHands(View):
    """What a person does with the view; the picture is its heir's.

    Attributes
    ----------
    wish : SlicesWish
    frames : tuple of Frame
        Where the cuts were drawn last.
    pointed : (Frame, int, int) or None
        The cut under the pointer, and the row and the column of its picture.
    bar : viewer.views.range_bar.Bar or None
        The colour bar as it was drawn last.
    """

    def __init__(self):
        super().__init__()
        self.wish = SlicesWish()
        self.frames = ()
        self.pointed = self.bar = None
        self._choice = LayerChoice()
        self._own_hover = self._grip = self._pointer = None
        self._turned = 0.0

    def _frame_at(self, x, y):
        return next((frame for frame in self.frames if frame.holds(x, y)), None)

    # cutting elsewhere

    def _cut(self, signal, **where):
        args = moves.cut_args(self.wish, **where)
        if args is not None:
            signal.emit("slices.cut", args)

    def step(self, name, by):
        """Move the cut by so many channels (in the order in force), rows or columns."""
        if self.wish.volume is not None:
            self._cut(self.wished, **{name: moves.stepped(self.wish, name, by)})

    def wheel(self, pointer, steps):
        if self._choice.choices:
            self._choice.wheel(self, steps)
            return
        frame = self._frame_at(pointer.x, pointer.y)
        if frame is None:
            return
        if "ctrl" in pointer.modifiers:
            self._zoom(frame, ZOOM_PER_NOTCH**steps, pointer)
            return
        self._turned -= steps
        whole = int(self._turned)
        if whole:
            self._turned -= whole
            self.step(moves.SCRUBBED[frame.cut.kind], whole)
            self._point(pointer)

    def _zoom(self, frame, factor, pointer):
        """Zoom about the pointer: rows and columns, channels, or what the cut has of both."""
        camera, args = self.wish.camera, {}
        center = list(camera.center)
        for axis, at in ((frame.x, pointer.x), (frame.y, pointer.y)):
            kind = "channels" if axis.name == CHANNELS else "zoom"
            if kind == "zoom" and frame.has_channels and "shift" in pointer.modifiers:
                continue
            args[kind], center[axis.name] = places.zoomed(axis, camera, kind, factor, at, CLOSEST)
        self.wished.emit("slices.look", {**args, "center": center})

    def zoom_by(self, factor):
        """Larger or smaller cells in all cuts."""
        if self.wish.volume is not None:
            self.wished.emit("slices.look", moves.zoom_args(self.wish.camera, factor))

    def takes(self, name, modifiers=frozenset()):
        """Whether a key means the view while it has the keyboard."""
        return self.wish.volume is not None and name in moves.KEYS and not modifiers - {"shift"}

    def key(self, name, modifiers=frozenset()):
        if not self.takes(name, modifiers):
            return False
        what, by = moves.KEYS[name]
        if what == "zoom":
            self.zoom_by(by)
        elif what == "end":
            channels = self.wish.shape[0]
            self.step("channel", by * channels)
        else:
            self.step(what, by * (moves.FAR if "shift" in modifiers else 1))
        return True

    # pressing and dragging

    def press(self, pointer):
        self._grip = None
        if self._choice.choices:
            self._choice.press(self, pointer)
        elif self.wish.volume is not None:
            self._grip = _Grip(pointer, self._frame_at(pointer.x, pointer.y), self.wish.camera)
            self._grip.lines = self._lines_at(self._grip.frame, pointer)
            if self._is_on_bar(pointer):
                self._grip.end, self._grip.bar = self.bar.end_at(pointer.x), self.bar

    def _is_on_bar(self, pointer):
        on = self.bar is not None and self.wish.settable
        return on and self.bar.holds(pointer, self.height - FOOT)

    def _lines_at(self, frame, pointer):
        """Names of the cutting lines near the pointer."""
        if frame is None or frame.cell_at(pointer.x, pointer.y) is None:
            return ()
        found = []
        for axis, at in ((frame.x, pointer.x), (frame.y, pointer.y)):
            edges = moves.line_of(self.wish, frame, axis)
            if any(abs(at - edge) <= NEAR_PX for edge in edges):
                found.append(axis)
        return tuple(found)

    def move(self, pointer):
        if self._choice.choices:
            self._choice.move(self, pointer)
            return
        grip = self._grip
        if grip is None or pointer.button == NO_BUTTON:
            self._point(pointer)
            return
        dx, dy = pointer.from_start(grip.start)
        grip.moved = grip.moved or max(abs(dx), abs(dy)) >= CLICK_PX
        if grip.moved:
            self._drag(grip, pointer, dx, dy)

    def _drag(self, grip, pointer, dx, dy):
        if grip.end is not None:
            low, high = grip.bar.dragged(grip.end, dx)
            args = {"layer": self.wish.volume.layer, "low": low, "high": high}
            self.dragged.emit("stack.limits", args)
        elif grip.lines:
            where = {}
            for axis in grip.lines:
                place = axis.nearest(pointer.x if axis is grip.frame.x else pointer.y)
                where[NAMES[axis.name]] = moves.what_at(grip.frame, axis, place)
            self._cut(self.dragged, **where)
        elif grip.frame is not None:
            center = list(grip.camera.center)
            for axis, by in ((grip.frame.x, dx), (grip.frame.y, dy)):
                center[axis.name] = axis.center_for(axis.start + by)
            self.dragged.emit("slices.look", {"center": center})

    def lift(self, pointer):
        grip, self._grip = self._grip, None
        if grip is None:
            return
        if grip.moved:
            self.drag_ended.emit()
        elif pointer.button == LEFT and grip.end is None:
            self._click(grip.frame, pointer)

    def _click(self, frame, pointer):
        """Focus the unit that was clicked; beside the cells, on a number: its channel."""
        if frame is None:
            return
        cell = frame.cell_at(pointer.x, pointer.y)
        if cell is None:
            place = frame.y.at(pointer.y) if pointer.x < frame.box[0] else None
            if place is not None:
                where = {NAMES[frame.y.name]: moves.what_at(frame, frame.y, place)}
                self._cut(self.wished, **where)
            return
        channel, row, column = self._voxel(frame, *cell)
        if not has_units(self.wish.volume):
            self._cut(self.wished, channel=channel, row=row, column=column)
            return
        unit = self.wish.volume.unit_at(row, column)
        args = {"layer": self.wish.volume.layer, "channel": channel}
        self.wished.emit("focus.unit", args | {"unit": list(unit) or None})

    def _voxel(self, frame, row, column):
        """(channel, row, column) of the volume at a cell of a cut."""
        wish, kind = self.wish, frame.cut.kind
        if kind == XY:
            return frame.cut.at, row, column
        channel = moves.what_at(frame, frame.y, row)
        return (channel, wish.row, column) if kind == "xc" else (channel, column, wish.column)

    def double_press(self, pointer):
        self._grip = None
        if self._is_on_bar(pointer):
            self.wished.emit("stack.limits.reset", {"layer": self.wish.volume.layer})
        elif self._frame_at(pointer.x, pointer.y) is not None:
            self.wished.emit("slices.fit", {})

    # pointing

    def leave(self):
        if self._choice.choices:
            self._choice.move(self, None)
        elif self._grip is None:
            self._point(None)

    def _point(self, pointer):
        self._pointer = pointer
        found = self._under_pointer()
        hovered = None if found is None else self._hovered_at(*self._voxel(*found))
        if hovered != self._own_hover:
            self._own_hover = hovered
            self.hovered.emit(hovered)
        if found != self.pointed:
            self.pointed = found
            self.outdated.emit()

    def _under_pointer(self):
        """The frame and the cell that are under the pointer now, or None."""
        pointer = self._pointer
        frame = None if pointer is None else self._frame_at(pointer.x, pointer.y)
        cell = None if frame is None else frame.cell_at(pointer.x, pointer.y)
        return None if cell is None else (frame, *cell)

    def _hovered_at(self, channel, row, column):
        volume = self.wish.volume
        if not has_units(volume):
            return Hovered(volume.layer, channel)
        value = None
        if self.wish.is_sample:
            value = float(volume.values[channel, row, column])
        return Hovered(volume.layer, channel, volume.unit_at(row, column) or None, value)


class _Grip:
    """A button held: where it went down, on what, and what was in force then."""

    def __init__(self, start, frame, camera):
        self.start, self.frame, self.camera = start, frame, camera
        self.lines, self.end, self.bar = (), None, None
        self.moved = False
