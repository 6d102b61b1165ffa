"""The stack view: `StackScene` with a camera from the state, gestures, hover and quality."""

import time
from dataclasses import replace

import numpy as np

from viewer.gl import camera as turntable
from viewer.gl.api import GL
from viewer.gl.theme import rgb
from viewer.state.camera import Camera
from viewer.state.hover import Hovered
from viewer.views.gestures import LEFT, MIDDLE, NO_BUTTON, RIGHT
from viewer.views.stack.making import contents_of
from viewer.views.stack.pick import pick, unit_from_voxel
from viewer.views.stack.refining import LEVELS, Refiner, badge
from viewer.views.stack.resolve import legend, resolve
from viewer.views.view import View
from viewer.visuals.quality import QualityController
from viewer.visuals.scene import StackScene
from viewer.visuals.transfer import Transfer
from viewer.visuals.volume import Look

CLICK_PX = 4
ZOOM_PER_NOTCH = 1.15
MOTION_SECONDS = 0.15


def standing(scene, camera, aspect):
    """The turntable in the world for the state's camera.

    Parameters
    ----------
    scene : StackScene
    camera : viewer.state.camera.Camera
    aspect : float
        Width by height of the view.
    """
    azimuth, elevation = camera.fitted
    fitted = scene.fitting_camera(aspect, turntable.Camera(azimuth, elevation))
    center = tuple(a + b for a, b in zip(fitted.center, camera.shift, strict=True))
    return replace(
        fitted,
        azimuth=camera.azimuth,
        elevation=camera.elevation,
        distance=fitted.distance / camera.zoom,
        center=center,
    )


class StackView(View):
    """The activation volumes of the focused sample."""

    name = "stack"

    def __init__(self):
        super().__init__()
        self.scene = StackScene()
        self.wish = None
        self._contents_wish = None
        self._builds = False
        self._late = False
        self._contents = None
        self._shapes = {}
        self._controller = None
        self._refiner = None
        self._level = 0
        self._camera = Camera()
        self._motion = None
        self._grip = None
        self._moving_until = 0.0
        self._moved = True
        self._refines = False
        self._settled = False

    # what is shown

    def follow(self, state, hovered, facts, builder):
        wish = resolve(state, facts)
        self.detail = state.focus.layer or ""
        self._late = facts.is_late(state)
        self._follow_contents(wish.contents, builder)
        self.show_wish(wish)

    @property
    def pending(self):
        return self._late or self._builds

    def _follow_contents(self, wanted, builder):
        if wanted is None:
            if self._contents_wish is not None or self._contents is not None:
                builder.forget(self.name)
                self._contents_wish, self._builds = None, False
                self.show_contents(None, {})
        elif not wanted.same_as(self._contents_wish):
            self._contents_wish, self._builds = wanted, True
            builder.ask(
                self.name, lambda: contents_of(wanted), lambda made: self._take(wanted, made)
            )

    def _take(self, wanted, contents):
        if wanted is self._contents_wish:
            self._builds = False
        shapes = {layer.name: layer.output_shape for layer in wanted.network.layers}
        self.show_contents(contents, shapes)

    def show_contents(self, contents, shapes):
        """Show other boxes.

        Parameters
        ----------
        contents : StackContents or None
        shapes : dict of str to tuple of int
            Each layer's (C, *positions), to name units.
        """
        self._contents = contents
        self._shapes = shapes
        if contents is not None:
            self.scene.set_contents(contents)
        if self._refiner is not None:
            self._refiner.forget()
        self._moves()
        self.outdated.emit()

    @property
    def contents(self):
        """What is drawn: `StackContents` or None."""
        return self._contents

    def show_wish(self, wish):
        """Follow the state."""
        old, self.wish = self.wish, wish
        if wish.camera != self._camera:
            self._follow_camera(wish.camera)
        if old is None or _look_of(old) != _look_of(wish):
            self._moves()
            self.outdated.emit()

    def _follow_camera(self, camera):
        if self.animates and self._grip is None:
            self._motion = (time.monotonic(), self._present_camera())
        self._camera = camera
        self._moves()
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
        return _between(start, self._camera, share)

    def _moves(self):
        """Draw coarsely: at least the next picture, and while this goes on."""
        self._moving_until = time.monotonic() + MOTION_SECONDS
        self._moved = True

    # drawing

    def paint(self, context, width_px, height_px, ratio):
        if self._contents is None or self.wish is None:
            GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
            return
        if self._controller is None:
            is_software = context.capabilities.is_software
            self._controller = QualityController.for_renderer(is_software)
            self._refiner = Refiner(is_software)
        moving = self._moved or time.monotonic() < self._moving_until
        self._moved = False
        level = self._level_now(moving)
        badges = list(self.scene.stack.badges)
        if self._settled and badge(level):
            badges.append(badge(level))
        self.scene.labels = self.wish.labels
        self.scene.legend = legend(self.wish, self._contents, badges)
        camera = standing(self.scene, self._present_camera(), width_px / height_px)
        began = time.perf_counter()
        self.scene.draw(context, camera, width_px, height_px, self._look(ratio), LEVELS[level])
        if self.animates:
            GL.glFinish()
            milliseconds = 1000 * (time.perf_counter() - began)
            self._refiner.took(level, milliseconds)
            if moving:
                self._controller.frame_took(milliseconds)
        self._level = level
        if self._motion is not None:
            self.outdated.emit()

    def _level_now(self, moving):
        """The level of detail of the picture that is drawn now."""
        if not self.animates:
            return 0
        if moving:
            self._settled = False
            self._refines = True
            return self._controller.level
        return self._level

    def _look(self, ratio):
        wish = self.wish
        return Look(
            mode=wish.mode,
            transfer=Transfer(opacity=wish.opacity, theme=self.theme),
            theme=self.theme,
            unit=self._contents.unit,
            highlight=wish.highlight,
            pixel_ratio=ratio,
        )

    @property
    def is_coarse(self):
        return self._refines

    def rest(self):
        """Draw finer, one step at a time, until the picture is full or the next step too slow."""
        self._moving_until = 0.0
        if not self._refines or self._refiner is None:
            return
        level = self._refiner.next_level(self._level)
        self._refines = level is not None
        if level is not None:
            self._level = level
        else:
            self._settled = True
        if self._refines or badge(self._level):
            self.outdated.emit()

    def release(self):
        self.scene.release()

    # gestures

    def _world_camera(self, camera=None):
        return standing(self.scene, camera or self._camera, self.width / self.height)

    def press(self, pointer):
        self.hovered.emit(None)
        self._grip = _Grip(pointer, self._camera)
        self._motion = None

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
        if _pans(grip.start):
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
        self.dragged.emit("camera.move", {"shift": _shifted(grip.camera, camera, moved)})

    def lift(self, pointer):
        grip, self._grip = self._grip, None
        if grip is None:
            return
        if grip.moved:
            self.drag_ended.emit()
        elif pointer.button == LEFT:
            self._click(pointer)

    def _click(self, pointer):
        ratio = self._ratio()
        for box in self.scene.label_boxes:
            x, y = pointer.x * ratio, pointer.y * ratio
            if box.left <= x <= box.right and box.top <= y <= box.bottom:
                if box.name in self._shapes:
                    self.wished.emit("focus.layer", {"layer": box.name})
                return
        unit = self._hovered_at(pointer)
        if unit is not None:
            place = None if unit.unit is None else list(unit.unit)
            args = {"layer": unit.layer, "channel": unit.channel, "unit": place}
            self.wished.emit("focus.unit", args)

    def wheel(self, pointer, steps):
        if self._contents is None:
            return
        factor = ZOOM_PER_NOTCH**steps
        camera = self._world_camera()
        near = turntable.zoom(camera, factor, (pointer.x, pointer.y), (self.width, self.height))
        self._motion = None
        args = {"zoom": self._camera.zoom * factor, "shift": _shifted(self._camera, camera, near)}
        self.wished.emit("camera.move", args)

    def double_press(self, pointer):
        self._grip = None
        if self._contents is not None:
            self.wished.emit("camera.fit", {})

    def leave(self):
        if self._grip is None:
            self.hovered.emit(None)

    def _hovered_at(self, pointer):
        if self._contents is None or self.wish is None:
            return None
        found = pick(
            self._contents,
            self._world_camera(),
            pointer.x,
            pointer.y,
            self.width,
            self.height,
            self._look(self._ratio()),
        )
        if found is None or found.name not in self._shapes:
            return None
        unit = unit_from_voxel(self._shapes[found.name], found.voxel)
        if unit is None:
            return None
        channel, place = unit
        return Hovered(found.name, channel, place or None, found.value)

    def _ratio(self):
        return self._width_px / self.width if self.width else 1.0

    def draw(self, context, width_px, height_px, ratio=1.0):
        self._width_px = width_px
        super().draw(context, width_px, height_px, ratio)


class _Grip:
    """A button held: where it went down and what the camera was."""

    def __init__(self, start, camera):
        self.start = start
        self.camera = camera
        self.moved = False


def _pans(start):
    return start.button in (RIGHT, MIDDLE) or (start.button == LEFT and "shift" in start.modifiers)


def _shifted(camera, before, after):
    """The state's shift after the world camera's center moved."""
    moves = (b - a for a, b in zip(before.center, after.center, strict=True))
    return [was + move for was, move in zip(camera.shift, moves, strict=True)]


def _between(start, end, share):
    """A camera of the state between two, the short way round."""

    def mix(a, b):
        return a + (b - a) * share

    turn = (end.azimuth - start.azimuth + 180.0) % 360.0 - 180.0
    return Camera(
        azimuth=start.azimuth + turn * share,
        elevation=mix(start.elevation, end.elevation),
        zoom=start.zoom * (end.zoom / start.zoom) ** share,
        shift=tuple(mix(a, b) for a, b in zip(start.shift, end.shift, strict=True)),
        fitted=tuple(mix(a, b) for a, b in zip(start.fitted, end.fitted, strict=True)),
    )


def _look_of(wish):
    """What of a wish changes the picture, beside boxes and camera."""
    return (
        wish.mode,
        wish.opacity,
        wish.labels,
        wish.highlight,
        wish.title,
        wish.subtitle,
        wish.badges,
        wish.plate is None,
    )
