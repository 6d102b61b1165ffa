"""What the hands do with the 3D scatter: turn, zoom, draw outlines, click; gestures to commands."""

from dataclasses import dataclass, replace

from viewer.gl import camera as turntable
from viewer.state.scatter import AXES, ScatterCamera
from viewer.views.gestures import LEFT, MIDDLE, NO_BUTTON, RIGHT
from viewer.views.layer_choice import LayerChoice
from viewer.views.outline import Outline, mode_of, shape_of, simplified
from viewer.views.point_facts import position_of
from viewer.views.scatter.build import camera_of, on_plane, plane_from_values
from viewer.views.scatter.resolve import ScatterWish
from viewer.views.view import View

CLICK_PX = 4
ZOOM_PER_NOTCH = 1.25
TURN_DEGREES = 10.0
ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, 1), "down": (0, -1)}
ZOOMS = {"+": ZOOM_PER_NOTCH, "=": ZOOM_PER_NOTCH, "-": 1 / ZOOM_PER_NOTCH}
TOOL_KEYS = {"l": "lasso", "r": "rectangle", "p": "points"}
LEGEND_WIDTH, LEGEND_FROM = 168, 420
FOOT = 22
# Title and badges stand above the cube.
HEAD = 34


@dataclass
class Grip:
    """A button held: where it went down, what the camera was, what is drawn."""

    start: object
    camera: ScatterCamera
    stroke: Outline | None = None
    moved: bool = False


class ScatterHands(View):
    """The part of the scatter view that listens.

    Attributes
    ----------
    wish : ScatterWish
    cloud : Cloud or None
    coloured : Coloured or None
    choice : LayerChoice
        While no layer is active.
    """

    def __init__(self):
        super().__init__()
        self.wish = ScatterWish()
        self.cloud = self.coloured = None
        self._grip = None
        self.choice = LayerChoice()
        self._motion = None
        self._pointer = None
        self._point = -1
        self._legend_row = None
        self._rows_of_legend = ()
        self._scrolled = 0

    # where things are

    @property
    def has_legend(self):
        """Whether the legend has room."""
        return self.wish.settings.shows_legend and self.width >= LEGEND_FROM

    @property
    def area(self):
        """Width and height of the part where the cube stands: on the left, below `HEAD`."""
        width = self.width - (LEGEND_WIDTH if self.has_legend else 0)
        return max(1.0, width), max(1.0, self.height - FOOT - HEAD)

    def _world(self, camera=None):
        """The turntable for a camera of the state."""
        width, height = self.area
        return camera_of(camera or self.wish.camera, width / height)

    # a button held

    def press(self, pointer):
        if self.cloud is None:
            self.choice.press(self, pointer)
            return
        self._motion = None
        grip = self._grip = Grip(pointer, self.wish.camera)
        if pointer.button == LEFT and not self._is_beside(pointer):
            shape = shape_of(self.wish.settings.tool, pointer.modifiers)
            if shape is not None:
                mode = mode_of(pointer.modifiers, self.wish.settings.mode)
                grip.stroke = Outline(shape, pointer.x, pointer.y, mode)

    def _is_beside(self, pointer):
        width, height = self.area
        return pointer.x >= width or pointer.y >= HEAD + height

    def move(self, pointer):
        self._pointer = pointer
        if self.cloud is None:
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
        if grip.stroke is not None:
            grip.stroke.mode = mode_of(pointer.modifiers, self.wish.settings.mode)
            grip.stroke.add(pointer.x, pointer.y)
            self.stroke_grew(grip.stroke)
            self.outdated.emit()
        elif not self._is_beside(grip.start):
            move = self._pan if grip.start.button in (RIGHT, MIDDLE) else self._turn
            move(grip, dx, dy)

    def _turn(self, grip, dx, dy):
        turned = turntable.orbit(turntable.Camera(0.0, grip.camera.elevation), dx, dy)
        azimuth = grip.camera.azimuth - 0.4 * dx
        self.dragged.emit("scatter.look", {"azimuth": azimuth, "elevation": turned.elevation})

    def _pan(self, grip, dx, dy):
        moved = turntable.pan(self._world(grip.camera), dx, dy, self.area[1])
        self.dragged.emit("scatter.look", {"shift": [float(part) for part in moved.center]})

    def lift(self, pointer):
        grip, self._grip = self._grip, None
        if grip is None:
            return
        if grip.stroke is not None and grip.moved:
            if not grip.stroke.is_empty:
                self._brush(grip.stroke)
        elif grip.moved:
            self.drag_ended.emit()
        elif self.cloud is not None and pointer.button == LEFT:
            self._click(pointer)
        self.hover_at(pointer)
        self.outdated.emit()

    def outline_of(self, stroke):
        """The region of an outline under the present camera, for ``select.brush``."""
        path = on_plane(simplified(stroke.outline) - (0.0, HEAD), *self.area)
        columns = self.cloud.points.columns
        return {
            "kind": "projected",
            "layer": columns.layer,
            "which": columns.which,
            "channels": list(self.cloud.channels),
            "matrix": plane_from_values(self.cloud, self._world()).tolist(),
            "polygon": path.tolist(),
        }

    def _brush(self, stroke):
        args = {"mode": stroke.mode, "region": self.outline_of(stroke)}
        self.wished.emit("select.brush", args)

    def stroke_grew(self, stroke):
        """What is drawn has grown: count what is inside."""

    def hover_at(self, pointer):
        """Find out what is under the pointer."""
        raise NotImplementedError

    def _click(self, pointer):
        self.hover_at(pointer)
        mode = mode_of(pointer.modifiers, self.wish.settings.mode)
        points = self.cloud.points
        if self._legend_row is not None:
            region = self.coloured.groups.region(self._legend_row)
            if region is not None:
                self.wished.emit("select.brush", {"mode": mode, "region": region})
        elif self._point < 0:
            return
        elif self.wish.settings.tool == "points" or "shift" in pointer.modifiers:
            place = [int(points.sample[self._point]), int(points.place[self._point])]
            region = {"kind": "points", "layer": points.columns.layer, "points": [place]}
            self.wished.emit("select.brush", {"mode": mode, "region": region})
        else:
            unit = position_of(points, self._point) if points.kind != "pooled" else ()
            args = {
                "sample": int(points.sample[self._point]),
                "layer": points.columns.layer,
                "unit": list(unit) or None,
            }
            self.wished.emit("scatter.point", args)

    def double_press(self, pointer):
        self._grip = None
        if self.cloud is not None and pointer.button == LEFT and not self._is_beside(pointer):
            self.wished.emit("scatter.fit", {})

    def wheel(self, pointer, steps):
        if self.cloud is None:
            self.choice.wheel(self, steps)
            return
        if self._is_beside(pointer):
            self._scrolled = max(0, self._scrolled - round(steps))
            self.outdated.emit()
            return
        self.zoom_by(ZOOM_PER_NOTCH**steps, (pointer.x, pointer.y - HEAD))

    def zoom_by(self, factor, at=None):
        """Nearer or farther; what is at a place of the area (by default its middle) stays there."""
        if self.cloud is None:
            return
        near = turntable.zoom(self._world(), factor, at, self.area)
        args = {"zoom": self.wish.camera.zoom * factor, "shift": list(near.center)}
        self._motion = None
        self.wished.emit("scatter.look", args)

    def leave(self):
        self._pointer = None
        self.choice.move(self, None)
        if self._grip is None:
            self.hover_at(None)

    # keys

    def takes(self, name, modifiers=frozenset()):
        """Whether a key is this view's while it has the keys: then it is no shortcut."""
        if self.cloud is None or modifiers - {"shift"}:
            return False
        if name == "esc":
            return self._grip is not None or self.wish.selected is not None or self._has_tool
        return name in (*ARROWS, *ZOOMS, *TOOL_KEYS, *AXES, "home")

    @property
    def _has_tool(self):
        return self.wish.settings.tool != "turn"

    def key(self, name, modifiers=frozenset()):
        if self.cloud is None or modifiers - {"shift"}:
            return False
        camera = self.wish.camera
        if name in ARROWS:
            right, up = (TURN_DEGREES * part for part in ARROWS[name])
            args = {"azimuth": camera.azimuth + right, "elevation": camera.elevation + up}
            self.wished.emit("scatter.look", args)
        elif name in ZOOMS:
            self.zoom_by(ZOOMS[name])
        elif name == "home":
            self.wished.emit("scatter.fit", {})
        elif name in TOOL_KEYS:
            tool = TOOL_KEYS[name]
            tool = "turn" if self.wish.settings.tool == tool else tool
            self.wished.emit("scatter.tool", {"tool": tool})
        elif name in AXES:
            self._step_channel(AXES.index(name), -1 if "shift" in modifiers else 1)
        elif name == "esc":
            return self._escape()
        else:
            return False
        return True

    def _step_channel(self, axis, by):
        """The next channel along an axis that no other axis has."""
        count, channels = self.cloud.points.channels, self.wish.channels
        if axis >= len(channels) or count <= len(channels):
            return
        channel = (channels[axis] + by) % count
        while channel in channels:
            channel = (channel + by) % count
        self.wished.emit("scatter.axis", {"axis": AXES[axis], "channel": channel})

    def _escape(self):
        """Drop what is being drawn; else select nothing; else turn again."""
        if self._grip is not None and self._grip.stroke is not None:
            self._grip = None
            self.outdated.emit()
        elif self.wish.selected is not None:
            self.wished.emit("select.clear", {})
        elif self._has_tool:
            self.wished.emit("scatter.tool", {"tool": "turn"})
        else:
            return False
        return True


def between(start, end, fraction):
    """A camera of the state between two, the short way round."""
    if fraction >= 1:
        return end
    turn = (end.azimuth - start.azimuth + 180.0) % 360.0 - 180.0

    def mixed(one, other):
        return one + (other - one) * fraction

    return replace(
        end,
        azimuth=start.azimuth + turn * fraction,
        elevation=mixed(start.elevation, end.elevation),
        zoom=start.zoom ** (1 - fraction) * end.zoom**fraction,
        shift=tuple(mixed(a, b) for a, b in zip(start.shift, end.shift, strict=True)),
    )
