"""The stack of volumes under software OpenGL: orbiting and at rest beside VisPy, and its truth.

Peer and program draw in turn, a frame each. Ratios are of processor time divided by the cores
(`stack_scene.seconds_a_frame`), which other programs on the machine do not disturb. Frames per
second while orbiting are by the wall clock, as a person sees them: to be measured on an idle
machine.
"""

import os
import statistics
import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np

from tests.benchmarks.report import Figure, Goal
from tests.benchmarks.stack_scene import AZIMUTH, ELEVATION, ISO, SIZE, contents, seconds_a_frame
from viewer.visuals.look import MODES

PEER = "one VisPy Volume per layer, same data, boxes, camera and size, in the same run"
ORBIT_FRAMES, REST_FRAMES, ISO_FRAMES = 60, 5, 2


def figures():
    """The figures of this file, not measured yet, with the function that measures each."""
    scene = "stack of 12 layers, 4.4 million voxels, 800 x 600, software OpenGL"
    orbit = f"{scene}, emission-absorption, orbiting"
    rest = f"{scene}, full quality at rest"
    rows = [
        (Figure("stack.orbit.ratio", orbit, "1/s", Goal(">=", ratio=8), peer=PEER), orbit_ratio),
        (Figure("stack.orbit.fps", orbit, "1/s", Goal(">=", value=25)), orbit_rate),
        (Figure("stack.rest", rest, "1/s", Goal(">=", ratio=2), peer=PEER), rest_ratio),
        (
            Figure("stack.rest.iso", f"{rest}, isosurface", "1/s", Goal(">=", ratio=10), peer=PEER),
            rest_ratio,
        ),
    ]
    what = "pixels within 2 levels of 255 of a float64 reference ray caster"
    for mode in MODES:
        figure = Figure(f"stack.truth.{mode}", what, "of the pixels", Goal(">=", value=0.995))
        rows.append((figure, truth))
    return rows


class Ours:
    """The program's stack scene, drawn without a window."""

    def __init__(self):
        from viewer.gl.context import EglContext
        from viewer.gl.objects import Framebuffer
        from viewer.visuals.scene import StackScene

        self.context = EglContext()
        self.scene = StackScene()
        self.contents = contents()
        self.scene.set_contents(self.contents)
        self.frame = Framebuffer(self.context, *SIZE)

    def seconds(self, mode, azimuth, quality):
        """Both times of one frame (`stack_scene.seconds_a_frame`)."""
        from viewer.gl.api import GL
        from viewer.gl.camera import Camera
        from viewer.visuals.look import Look

        self.context.make_current()
        camera = self.scene.fitting_camera(SIZE[0] / SIZE[1], Camera(azimuth, ELEVATION))
        look = Look(mode=mode, unit=self.contents.unit, iso=ISO)

        def draw():
            self.frame.bind()
            self.scene.draw(self.context, camera, *SIZE, look, quality)
            GL.glFinish()

        return seconds_a_frame(draw)


class Peer:
    """VisPy in a process of its own (`stack_peer`)."""

    def __init__(self):
        command = [sys.executable, "-m", "tests.benchmarks.stack_peer"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_peers_world()
        )

    def seconds(self, mode, azimuth):
        """Both times of one frame."""
        self._process.stdin.write(f"{mode} {azimuth}\n")
        self._process.stdin.flush()
        return [float(word) for word in self._process.stdout.readline().split()]

    def close(self):
        """End it."""
        self._process.stdin.close()
        self._process.wait()


def _peers_world():
    return {name: value for name, value in os.environ.items() if name != "DISPLAY"}


def fault():
    """Why the figures cannot be measured here, or None."""
    from importlib.util import find_spec

    if find_spec("vispy") is None:
        return "VisPy is not installed (pip install .[bench])"
    if not ours().context.capabilities.is_software:
        return f"OpenGL is not software ({ours().context.capabilities.renderer}): make bench-gpu"
    return None


@cache
def ours():
    """One scene for all figures."""
    return Ours()


@cache
def orbit():
    """Frames of an orbit with the program's own choice of quality, the peer's in between.

    Returns
    -------
    (ours, peers)
        Lists of (wall, processor) seconds.
    """
    from viewer.visuals.quality import QualityController

    controller = QualityController.for_renderer(is_software=True)
    program, peer = ours(), Peer()
    mine, peers = [], []
    for number in range(ORBIT_FRAMES):
        azimuth = AZIMUTH + 360 * number / ORBIT_FRAMES
        times = program.seconds("emission", azimuth, controller.quality(moving=True))
        controller.frame_took(1000 * times[0])
        # Its shaders are compiled and its level found after ten frames.
        if number >= 10:
            mine.append(times)
        if number % 10 == 9:
            peers.append(peer.seconds("emission", azimuth))
    peer.close()
    return mine, peers[1:]


def orbit_ratio(figure, place):
    """Frames a second by processor time, and the peer's."""
    if fault():
        return figure.skip(fault())
    mine, peers = orbit()
    return figure.measured([1 / each[1] for each in mine], [1 / each[1] for each in peers])


def orbit_rate(figure, place):
    """Frames a second, as a person sees them."""
    if fault():
        return figure.skip(fault())
    mine, _ = orbit()
    return figure.measured([1 / statistics.mean(wall for wall, _ in mine)])


def rest_ratio(figure, place):
    """Full pictures a second by processor time, and the peer's, in turn."""
    from viewer.visuals.quality import FULL

    if fault():
        return figure.skip(fault())
    mode = "isosurface" if figure.id.endswith("iso") else "emission"
    program, peer = ours(), Peer()
    mine, peers = [], []
    for number in range(1 + (ISO_FRAMES if mode == "isosurface" else REST_FRAMES)):
        times = program.seconds(mode, AZIMUTH, FULL), peer.seconds(mode, AZIMUTH)
        if number:
            mine.append(1 / times[0][1])
            peers.append(1 / times[1][1])
    peer.close()
    return figure.measured(mine, peers)


def truth(figure, place):
    """The smallest share of right pixels over the stacks and views of the tests, and this stack."""
    from tests.render import scenes, test_volume_truth
    from viewer.gl.camera import Camera, fit
    from viewer.gl.context import EglContext
    from viewer.gl.objects import Framebuffer

    mode = figure.id.rsplit(".", 1)[1]
    sides = test_volume_truth.WIDTH, test_volume_truth.HEIGHT
    stack = contents()
    seen = fit(Camera(AZIMUTH, ELEVATION), stack.low, stack.high, sides[0] / sides[1], (0.05,) * 4)
    looks = [(stack.slabs, seen, replace(scenes.plain(mode), unit=stack.unit))]
    for slabs in test_volume_truth.stacks(np.random.default_rng(7)).values():
        for fov, azimuth, elevation in test_volume_truth.VIEWS:
            angles = {"fov": fov, "azimuth": azimuth, "elevation": elevation, "margin": 0.1}
            looks.append((slabs, scenes.ahead(slabs, *sides, **angles), scenes.plain(mode)))
    with EglContext() as context:
        frame = Framebuffer(context, *sides)
        return figure.measured([min(_right(context, frame, *look) for look in looks)])


def _right(context, frame, slabs, camera, look):
    """The share of right pixels of one picture."""
    from tests.render import test_volume_truth
    from viewer.visuals.volume import VolumeStack

    stack = VolumeStack(slabs)
    frame.bind()
    stack.draw(context, camera, frame.width, frame.height, look)
    pixels = frame.read()[..., :3]
    stack.release()
    return test_volume_truth.right_pixels(slabs, camera, look, pixels)
