"""The stack view: `StackScene` with a camera from the state, gestures, hover and quality."""

import time
from dataclasses import replace

import numpy as np

from viewer.gl import camera as turntable
from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.state.camera import Camera
from viewer.state.hover import Hovered
from viewer.studio.ordering import NO_ORDERS
from viewer.views.gestures import LEFT, MIDDLE, NO_BUTTON, RIGHT
from viewer.views.pen import Pen
from viewer.views.stack import bar, marks, planes, resolve
from viewer.views.stack.dressing import dressed, ends_of
from viewer.views.stack.making import contents_of
from viewer.views.stack.marking import corners_of, is_covered
from viewer.views.stack.ordered import Ordering
from viewer.views.stack.pace import MOTION_SECONDS, Pace
from viewer.views.stack.pick import pick, unit_from_voxel
from viewer.views.stack.picked_weights import drawn_shapes, weights_of
from viewer.views.stack.refining import LEVELS, badge
from viewer.views.stack.standing import between, boxes_of, fly_to, move_to, standing
from viewer.views.view import View
from viewer.visuals.legend import bar_box
from viewer.visuals.look import Look
from viewer.visuals.overlay import Overlay
from viewer.visuals.scene import StackScene
from viewer.visuals.transfer import Transfer

CLICK_PX = 4
ZOOM_PER_NOTCH = 1.15


class StackView(View):
    """The activation volumes of the focused sample.

    Attributes
    ----------
    playing : viewer.session.playing.Playing or None
        What the view says of playing; see `play_with`.
    """

    name = "stack"

    def __init__(self):
        super().__init__()
        self.scene = StackScene()
        self.wish = None
        self.playing = None
        self._marks = Overlay()
        self._contents_wish = None
        self._builds = False
        self._late = False
        self._built = None
        self._orders, self._ordering = NO_ORDERS, Ordering()
        self._contents = None
        self._boxes = (np.zeros((0, 3)), np.zeros((0, 3)))
        self._clipped = ()
        self._title = ""
        self._shapes = {}
        self._weights = None
        self._pace = Pace()
        self._camera = Camera()
        self._motion = None
        self._grip = None
        self._width_px = 1

    # what is shown

    def follow(self, state, hovered, facts, builder):
        wish = resolve.resolve(state, facts)
        self.detail = resolve.detail(state, facts)
        self._late = resolve.is_late(state, facts) or bool(wish.orders.late)
        self._follow_contents(wish, builder)
        self.show_wish(wish)

    @property
    def pending(self):
        return self._late or self._builds

    def play_with(self, playing):
        """Say how samples are played, whenever they are.

        Parameters
        ----------
        playing : viewer.session.playing.Playing
        """
        self.playing = playing
        playing.changed.connect(self.outdated.emit)

    def _follow_contents(self, wish, builder):
        wanted = wish.contents
        if wanted is None and wish.waits:
            return
        if wanted is None:
            if self._contents_wish is not None or self._built is not None:
                builder.forget(self.name)
                self._contents_wish, self._builds = None, False
                self.show_contents(None, {})
        elif not wanted.same_as(self._contents_wish):
            self._contents_wish, self._builds = wanted, True
            builder.ask(self.name, lambda: contents_of(wanted), lambda made: self._take(wish, made))

    def _take(self, wish, contents):
        wanted = wish.contents
        if wanted is self._contents_wish:
            self._builds = False
        self._title = wish.title
        self._weights = weights_of(wanted.answer)
        self.show_contents(contents, drawn_shapes(wanted))

    def show_contents(self, contents, shapes):
        """Show other boxes.

        Parameters
        ----------
        contents : StackContents or None
        shapes : dict of str to tuple of int
            Each layer's (C, *positions), to name units.
        """
        self._built = contents
        self._shapes = shapes
        if contents is not None:
            self._boxes = boxes_of(contents)
        self._dress()
        self._pace.forget()
        self.outdated.emit()

    def _dress(self):
        """Take over what a person chose of the boxes: ranges, hidden layers."""
        if self._built is None or self.wish is None:
            self._contents, self._clipped = self._built, ()
        else:
            ordered = self._ordering.applied(self._built, self._orders.by_layer, self._shapes)
            self._contents = dressed(ordered, self.wish.dress)
            self._clipped = resolve.clipped(self.wish, self._contents)
        if self._contents is not None:
            self.scene.set_contents(self._contents)

    @property
    def contents(self):
        """What is drawn: `StackContents` or None."""
        return self._contents

    def show_wish(self, wish):
        """Follow the state."""
        old, self.wish = self.wish, wish
        if wish.camera != self._camera:
            self._follow_camera(wish.camera)
        orders = wish.orders.after(self._orders)
        reordered, self._orders = not orders.same_as(self._orders), orders
        if reordered or old is None or (old.dress, old.highlight) != (wish.dress, wish.highlight):
            self._dress()
        if reordered:
            self._pace.moves()
            self.outdated.emit()
        if old is None or _look_of(old) != _look_of(wish):
            self._pace.moves()
            self.outdated.emit()
        elif old.badges != wish.badges and not self._is_playing:
            self.outdated.emit()

    def _follow_camera(self, camera):
        if self.animates and self._grip is None:
            self._motion = (time.monotonic(), self._present_camera())
        self._camera = camera
        self._pace.moves()
        self.outdated.emit()

    def _present_camera(self):
        """The state's camera as it stands on the way of a motion."""
        if self._motion is None:
            return self._camera
        began, start = self._motion
        share = turntable.smooth((time.monotonic() - began) / MOTION_SECONDS)
        if share >= 1:
            self._motion = None
            return self._camera
        return between(start, self._camera, share)

    # drawing

    def draw(self, context, width_px, height_px, ratio=1.0):
        self._width_px = width_px
        super().draw(context, width_px, height_px, ratio)

    def paint(self, context, width_px, height_px, ratio):
        if self._contents is None or self.wish is None:
            GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
            if self.wish is not None and self.wish.waits:
                self._say_late(context, width_px, height_px, ratio)
            return
        camera = standing(self._boxes, self._present_camera(), self._size)
        look = self._look(ratio)
        self._pace.begin(context.capabilities.is_software)
        self._pace.shows((camera, look, self._contents, width_px, height_px))
        level = self._pace.next_level() if self.animates else 0
        self.scene.labels = self.wish.settings.labels
        words = replace(self.wish, title=self._title, badges=self._badges(level))
        self.scene.legend = resolve.legend(words, self._contents)
        began = time.perf_counter()
        self.scene.draw(context, camera, width_px, height_px, look, LEVELS[level], self._pace.band)
        self._draw_marks(context, camera, width_px, height_px, ratio)
        if self.animates:
            GL.glFinish()
            self._pace.took(1000 * (time.perf_counter() - began))
        if self._motion is not None:
            self.outdated.emit()

    def _say_late(self, context, width_px, height_px, ratio):
        """What is computed, where nothing stands meanwhile."""
        self._marks.clear()
        pen = Pen(self._marks, ratio, self.theme)
        middle = self.width / 2, self.height / 2
        pen.text(*middle, self.wish.late, self.theme.dim, align=0.5, room=self.width)
        self._marks.draw(context, width_px, height_px)

    @property
    def _is_playing(self):
        return self.playing is not None and self.playing.running

    def _badges(self, level):
        """What is to be said of the picture; while samples are played each is late for a moment."""
        badges = [*self.wish.badges, *self._clipped, *self.scene.stack.badges]
        if self._is_playing:
            badges = [self.playing.words, *(words for words in badges if words != self.wish.late)]
        if self._pace.is_settled and badge(level):
            badges.append(badge(level))
        return tuple(badges)

    def _draw_marks(self, context, camera, width_px, height_px, ratio):
        """The focused unit, and the ends of the colour bar where it can be dragged."""
        self._marks.clear()
        pen = Pen(self._marks, ratio, self.theme)
        cuts = planes.quads_of(self.wish.planes, self._contents)
        planes.draw(pen, camera, cuts, width_px, height_px)
        box = marks.box_of(
            self.wish.marked, self._contents, self._shapes, self._ordering.drawn_voxel
        )
        if box is not None:
            pixels, before = turntable.pixel_from_world(
                camera, corners_of(*box), width_px, height_px
            )
            if before.all():
                marks.unit(pen, pixels.min(0) / ratio, pixels.max(0) / ratio)
        settable = resolve.is_settable(self.wish)
        if settable and resolve.barred(self.wish, self._contents)[0] is not None:
            marks.ends(pen, bar_box(*self._size))
        self._marks.draw(context, width_px, height_px)

    def _look(self, ratio):
        settings = self.wish.settings
        return Look(
            mode=settings.mode,
            transfer=Transfer(opacity=settings.opacity, theme=self.theme, curve=settings.curve),
            theme=self.theme,
            unit=self._contents.unit,
            highlight=self.wish.highlight,
            pixel_ratio=ratio,
            clip=settings.clip,
            iso=settings.iso,
            attenuation=settings.attenuation,
        )

    @property
    def is_coarse(self):
        return self._pace.is_coarse

    def rest(self):
        """Draw finer, one step at a time, until the picture is full or the next step too slow."""
        if self._pace.refine():
            self.outdated.emit()

    def release(self):
        self._pace.moves()
        self.scene.release()
        self._marks.release()

    # gestures

    @property
    def _size(self):
        return self.width, self.height

    def _world_camera(self, camera=None):
        return standing(self._boxes, camera or self._camera, self._size)

    def press(self, pointer):
        self.hovered.emit(None)
        self._grip = self._bar_grip(pointer) or _Grip(pointer, self._camera)
        self._motion = None

    def _bar_grip(self, pointer):
        """A grip on an end of the colour bar, or None."""
        if self._contents is None or self.wish is None or pointer.button != LEFT:
            return None
        if not resolve.is_settable(self.wish):
            return None
        end = bar.grabbed_end(pointer.x, pointer.y, self.width, self.height)
        slab, layer = resolve.barred(self.wish, self._contents)
        if end is None or slab is None:
            return None
        return _Grip(pointer, self._camera, (end, layer, *ends_of(slab), slab.signed))

    def move(self, pointer):
        if self._contents is None:
            return
        grip = self._grip
        if pointer.button == NO_BUTTON or grip is None:
            self.hovered.emit(self._hovered_at(pointer))
            return
        dx, dy = pointer.from_start(grip.start)
        grip.moved = grip.moved or max(abs(dx), abs(dy)) >= CLICK_PX
        if not grip.moved:
            return
        if grip.bar is not None:
            end, layer, *limits = grip.bar
            low, high = bar.dragged(end, dx, *limits)
            self.dragged.emit("stack.limits", {"layer": layer, "low": low, "high": high})
        elif _pans(grip.start):
            self._pan(grip, dx, dy)
        else:
            self._orbit(grip, dx, dy)

    def _orbit(self, grip, dx, dy):
        turned = turntable.orbit(turntable.Camera(0.0, grip.camera.elevation), dx, dy)
        azimuth = grip.camera.azimuth - 0.4 * dx
        self.dragged.emit("camera.move", {"azimuth": azimuth, "elevation": turned.elevation})

    def _pan(self, grip, dx, dy):
        camera = self._world_camera(grip.camera)
        moved = turntable.pan(camera, dx, dy, self.height)
        by = np.subtract(moved.center, camera.center) + grip.camera.shift
        self.dragged.emit("camera.move", {"shift": [float(part) for part in by]})

    def lift(self, pointer):
        grip, self._grip = self._grip, None
        if grip is None:
            return
        if grip.moved:
            self.drag_ended.emit()
        elif pointer.button == LEFT and grip.bar is None:
            self._click(pointer)

    def _click(self, pointer):
        label = self._label_at(pointer)
        if label is not None:
            if label in self._shapes:
                self.wished.emit("focus.layer", {"layer": label})
            return
        unit = self._hovered_at(pointer)
        if unit is not None and self._weights is not None:
            self.wished.emit("series.weight", self._weights.clicked(self._picked(pointer)))
        elif unit is not None:
            place = None if unit.unit is None else list(unit.unit)
            args = {"layer": unit.layer, "channel": unit.channel, "unit": place}
            self.wished.emit("focus.unit", args)

    def _label_at(self, pointer):
        """The name on the label under the pointer, or None."""
        ratio = self._ratio()
        x, y = pointer.x * ratio, pointer.y * ratio
        for box in self.scene.label_boxes:
            if box.left <= x <= box.right and box.top <= y <= box.bottom:
                return box.name
        return None

    def wheel(self, pointer, steps):
        if self._contents is None:
            return
        at = (pointer.x, pointer.y)
        near = turntable.zoom(self._world_camera(), ZOOM_PER_NOTCH**steps, at, self._size)
        self._motion = None
        args = move_to(self._boxes, self._camera, self._size, near)
        self.wished.emit("camera.move", args)

    def double_press(self, pointer):
        self._grip = None
        if self._contents is None:
            return
        label = self._label_at(pointer)
        if label is not None:
            self.fly_to(label)
        elif self.wish is not None and self._is_on_bar(pointer):
            _, layer = resolve.barred(self.wish, self._contents)
            self.wished.emit("stack.limits.reset", {"layer": layer})
        else:
            self.wished.emit("camera.fit", {})

    def _is_on_bar(self, pointer):
        return bar.is_on_bar(pointer.x, pointer.y, self.width, self.height)

    def fly_to(self, name):
        """Let a layer, or the picture, fill the view."""
        parts = (*self._built.slabs, *self._built.pictures) if self._built is not None else ()
        box = next((part.box for part in parts if part.name == name), None)
        if box is not None:
            self.wished.emit("camera.move", fly_to(self._boxes, self._camera, self._size, box))

    def key(self, name, modifiers=frozenset()):
        """Return flies to the focused layer, Escape stops playing."""
        if name in ("escape", "esc") and self._is_playing:
            self.playing.stop()
            return True
        if name not in ("return", "enter") or self.wish is None or self.wish.highlight is None:
            return False
        self.fly_to(self.wish.highlight)
        return True

    def leave(self):
        if self._grip is None:
            self.hovered.emit(None)

    def _hovered_at(self, pointer):
        found = self._picked(pointer)
        if found is None:
            return None
        if self._weights is not None:
            return self._weights.hovered(found)
        channel, place = unit_from_voxel(self._shapes[found.name], found.voxel)
        return Hovered(found.name, channel, place or None, found.value)

    def _picked(self, pointer):
        """The voxel under the pointer: `Picked`; None where there is none, or no unit in it."""
        if self._contents is None or self.wish is None:
            return None
        camera = self._world_camera()
        ray = turntable.ray_in_world(camera, pointer.x, pointer.y, *self._size)
        if is_covered(self._contents.pictures, *ray):
            return None
        found = pick(
            self._contents,
            camera,
            pointer.x,
            pointer.y,
            *self._size,
            self._look(self._ratio()),
        )
        if found is None or found.name not in self._shapes:
            return None
        found = replace(found, voxel=self._ordering.true_voxel(found.name, found.voxel))
        if self._weights is not None:
            return found if self._weights.is_weight(found) else None
        return found if unit_from_voxel(self._shapes[found.name], found.voxel) else None

    def _ratio(self):
        return self._width_px / self.width if self.width else 1.0


class _Grip:
    """A button held: where it went down, what the camera was, the end of the bar it holds."""

    def __init__(self, start, camera, bar_end=None):
        self.start = start
        self.camera = camera
        self.bar = bar_end
        self.moved = False


def _pans(start):
    return start.button in (RIGHT, MIDDLE) or (start.button == LEFT and "shift" in start.modifiers)


def _look_of(wish):
    """What of a wish changes the picture, beside boxes and camera."""
    return (
        wish.settings,
        wish.highlight,
        wish.marked,
        wish.planes,
        wish.subtitle,
        wish.plate is None,
    )
