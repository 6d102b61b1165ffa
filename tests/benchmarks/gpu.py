"""`make bench-gpu`: the figures that need a GPU, on the device platform of EGL; no window, no Qt.

Refuses when OpenGL runs on the processor. Rows that need CUDA are skipped, with the reason, where
ONNX Runtime cannot use it.
"""

import argparse
import sys
import tempfile
import time

from engine.errors import MachineError
from tests.benchmarks import extraction, gradient, matrix, stack_scene
from tests.benchmarks.report import Figure, Goal, print_table, write_json

CUDA = "CUDAExecutionProvider"
PEER = "plain ONNX Runtime inference on CUDA, same batch"
FRAMES, WARM = 120, 10


def figures():
    """The figures of this file with the function that measures each."""
    what = "extraction of all layers on CUDA, pooled, statistics included"
    rows = [
        (
            Figure(f"extract.cuda.{name}", what, "s", Goal("<=", ratio=1.35), peer=PEER),
            extract,
        )
        for name in ("resnet50", "vgg16")
    ]
    scene = "VGG-16's whole stack, full quality, orbiting, 1920 x 1080"
    rows += [
        (Figure(f"gpu.stack.{mode}", scene, "1/s", Goal(">=", value=60)), orbit)
        for mode in ("emission", "maximum", "isosurface")
    ]
    return rows + matrix.gpu_figures() + gradient.gpu_figures()


def extract(figure, place):
    """Pooled extraction on CUDA and plain inference on CUDA in turn."""
    fault = cuda_fault()
    if fault:
        return figure.skip(fault)
    options = ("--policy", "pooled", "--device", "cuda")
    return extraction.in_turn(figure, place, *options, provider=CUDA)


def orbit(figure, place):
    """Frames a second, each finished before the next begins."""
    from viewer.gl.api import GL
    from viewer.gl.camera import Camera
    from viewer.gl.context import EglContext
    from viewer.gl.objects import Framebuffer
    from viewer.visuals.look import Look
    from viewer.visuals.scene import StackScene

    mode = figure.id.rsplit(".", 1)[1]
    contents = stack_scene.contents(stack_scene.VGG16, (224, 224))
    rates = []
    with EglContext() as context:
        scene, frame = StackScene(), Framebuffer(context, 1920, 1080)
        scene.set_contents(contents)
        look = Look(mode=mode, unit=contents.unit)
        for number in range(WARM + FRAMES):
            camera = scene.fitting_camera(16 / 9, Camera(52 + 360 * number / FRAMES, 16))
            began = time.perf_counter()
            frame.bind()
            scene.draw(context, camera, 1920, 1080, look)
            GL.glFinish()
            rates.append(1 / (time.perf_counter() - began))
        scene.release()
    return figure.measured(rates[WARM:])


def cuda_fault():
    """Why ONNX Runtime cannot use CUDA here, or None."""
    from engine.run.providers import gpu, missing_library

    _, reason = gpu()
    return reason or missing_library()


def require_gpu():
    """The renderer's name; raises `MachineError` where OpenGL is software."""
    from viewer.gl.context import EglContext

    with EglContext() as context:
        capabilities = context.capabilities
    if capabilities.is_software:
        raise MachineError(
            f"OpenGL runs on the processor ({capabilities.renderer})",
            remedy="run this on a machine with a GPU",
        )
    return capabilities.renderer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="ids that contain this text")
    parser.add_argument("--out", default="bench-gpu.json")
    arguments = parser.parse_args()
    try:
        print(require_gpu())
    except MachineError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    measured = []
    with tempfile.TemporaryDirectory(prefix="lamella-bench-") as folder:
        place = extraction.Workplace(folder)
        for figure, measure in figures():
            if arguments.only in figure.id:
                measured.append(measure(figure, place))
    print_table(measured)
    write_json(measured, arguments.out)
    return 0 if all(figure.met is not False for figure in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
