"""The peer of the stack's figures: one VisPy `Volume` per layer, same data, boxes, camera and size.

A process of its own, because VisPy makes its own EGL context. Reads lines ``METHOD AZIMUTH`` and
answers each with the frame's two times in seconds (`stack_scene.seconds_a_frame`).
"""

import os
import sys

os.environ.setdefault("EGL_PLATFORM", "surfaceless")
os.environ.setdefault("PYOPENGL_PLATFORM", "egl")

import numpy as np
import vispy
from vispy import scene
from vispy.color import BaseColormap
from vispy.scene import visuals
from vispy.visuals.transforms import MatrixTransform

from tests.benchmarks.stack_scene import ELEVATION, ISO, SIZE, contents, seconds_a_frame
from viewer.gl.camera import Camera, fit
from viewer.visuals.scene import MARGIN


class TransGrays(BaseColormap):
    """The colour map of VisPy's own example of a translucent volume (examples/scene/volume.py)."""

    glsl_map = """
    vec4 translucent_grays(float t) {
        return vec4(t, t, t, t * 0.05);
    }
    """


METHODS = {"emission": "translucent", "isosurface": "iso"}


def volume(slab, parent):
    """A `Volume` in the box of a slab; VisPy's z is our y, its y our -z."""
    values = slab.values.astype(np.float32) * slab.unit
    found = visuals.Volume(
        values, clim=(0, 1), method="translucent", threshold=ISO, cmap=TransGrays(), parent=parent
    )
    channels, rows, columns = values.shape
    (x, y, z), (width, height, depth) = slab.corner, slab.extent
    # Row vectors; VisPy's voxel centres are at whole numbers.
    matrix = np.eye(4)
    matrix[0, :3] = (width / columns, 0, 0)
    matrix[1, :3] = (0, 0, height / rows)
    matrix[2, :3] = (0, -depth / channels, 0)
    matrix[3, :3] = (x, -z, y)
    shift = np.eye(4)
    shift[3, :3] = 0.5
    found.transform = MatrixTransform(shift @ matrix)
    return found


def main():
    vispy.use("egl", gl="gl+")
    canvas = scene.SceneCanvas(size=SIZE, show=False, bgcolor="black")
    canvas.events.ignore_callback_errors = False
    view = canvas.central_widget.add_view()
    stack = contents()
    volumes = [volume(slab, view.scene) for slab in stack.slabs]
    for order, each in enumerate(reversed(volumes)):
        each.order = order
    view.camera = scene.cameras.TurntableCamera(fov=30.0, elevation=ELEVATION)

    def draw():
        canvas.render()

    for line in sys.stdin:
        mode, azimuth = line.split()
        camera = fit(
            Camera(float(azimuth), ELEVATION), stack.low, stack.high, SIZE[0] / SIZE[1], MARGIN
        )
        for each in volumes:
            each.method = METHODS[mode]
        view.camera.azimuth = float(azimuth)
        view.camera.distance = camera.distance
        view.camera.center = (camera.center[0], -camera.center[2], camera.center[1])
        print(*seconds_a_frame(draw), flush=True)
        if "--save" in sys.argv:
            from PIL import Image

            Image.fromarray(canvas.render()).save(sys.argv[-1])


if __name__ == "__main__":
    main()
