"""The stacks that drawing is measured on: layers of smoothed, rectified noise."""

import os
import time

import numpy as np

from viewer.views.stack.build import LayerFacts, build

SIZE = (800, 600)
SHAPES = (
    *((64, 128, 128),) * 2,
    *((128, 64, 64),) * 2,
    *((256, 32, 32),) * 3,
    *((512, 16, 16),) * 3,
    *((512, 8, 8),) * 2,
)
# VGG-16's layers: convolutions, pools, and three without maps.
VGG16 = (
    *((64, 224, 224),) * 2,
    (64, 112, 112),
    *((128, 112, 112),) * 2,
    (128, 56, 56),
    *((256, 56, 56),) * 3,
    (256, 28, 28),
    *((512, 28, 28),) * 3,
    *((512, 14, 14),) * 4,
    (512, 7, 7),
    (4096,),
    (4096,),
    (1000,),
)
ISO = 0.4
AZIMUTH, ELEVATION = 52.0, 16.0


def arrays(shapes=SHAPES, seed=0):
    """Values 0 to 1 of every layer by name; about half of them zero."""
    random = np.random.default_rng(seed)
    return {f"layer{n}": _noise(random, shape) for n, shape in enumerate(shapes)}


def _noise(random, shape):
    noise = random.standard_normal(shape, np.float32)
    for axis in range(1, len(shape)):
        noise = noise + np.roll(noise, 1, axis) + np.roll(noise, -1, axis)
    noise = np.maximum(noise, 0)
    return noise / noise.max()


def contents(shapes=SHAPES, size=(128, 128)):
    """The stack, laid out as the program does for a network with inputs of this size."""
    values = arrays(shapes)
    layers = [
        LayerFacts(name, array.shape, depth) for depth, (name, array) in enumerate(values.items())
    ]
    return build(layers, values, size)


def seconds_a_frame(draw):
    """Wall-clock seconds of a frame, and what it takes of the processor's cores together.

    The second is the process's CPU time divided by the cores: what the frame would take on a
    machine that nothing else runs on, and what a shared one does not disturb.
    """
    wall, processor = time.perf_counter(), time.process_time()
    draw()
    return (
        time.perf_counter() - wall,
        (time.process_time() - processor) / len(os.sched_getaffinity(0)),
    )
