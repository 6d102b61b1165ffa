"""The next step of a time series of volumes, from its arrays to the graphics card.

What a worker has done before (half precision, scale) does not count: it goes on while the step
before is shown. What counts is the main thread's part.
"""

import time

import numpy as np

from tests.benchmarks.report import Figure, Goal

SHAPES = ((64, 128, 128), (64, 128, 128), (128, 64, 64), (256, 32, 32), (256, 16, 16))
STEPS, WARM = 24, 4


def figures():
    """The figure of this file with the function that measures it."""
    voxels = sum(int(np.prod(shape)) for shape in SHAPES) / 1e6
    what = f"uploading the next step of a time series of volumes, {voxels:.1f} million voxels"
    return [(Figure("series.step", what, "ms", Goal("<=", value=5)), step)]


def step(figure, place):
    """Milliseconds of each step, the upload finished; pictures between them do not count."""
    from viewer.gl.api import GL
    from viewer.gl.camera import Camera
    from viewer.gl.context import EglContext
    from viewer.gl.objects import Framebuffer
    from viewer.views.stack.build import LayerFacts, build, with_values
    from viewer.visuals.look import Look
    from viewer.visuals.quality import LEVELS
    from viewer.visuals.scene import StackScene

    random = np.random.default_rng(0)
    values = [
        {f"layer{n}": random.random(shape, np.float32) for n, shape in enumerate(SHAPES)}
        for _ in range(3)
    ]
    layers = [LayerFacts(f"layer{n}", shape, n) for n, shape in enumerate(SHAPES)]
    first = build(layers, values[0], (128, 128))
    steps = [with_values(first, each) for each in values]
    runs = []
    with EglContext() as context:
        scene, frame = StackScene(), Framebuffer(context, 320, 240)
        for number in range(STEPS):
            began = time.perf_counter()
            scene.set_contents(steps[number % 3])
            scene.upload(context)
            GL.glFinish()
            runs.append(1000 * (time.perf_counter() - began))
            frame.bind()
            camera = scene.fitting_camera(4 / 3, Camera())
            scene.draw(context, camera, 320, 240, Look(unit=first.unit), LEVELS[-1])
            GL.glFinish()
        scene.release()
    return figure.measured(runs[WARM:])
