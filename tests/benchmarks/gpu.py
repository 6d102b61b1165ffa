"""`make bench-gpu`: the figures that need a GPU, on the device platform of EGL; no window, no Qt.

Refuses when OpenGL runs on the processor. Rows that need CUDA are skipped, with the reason, where
ONNX Runtime cannot use it.
"""

import argparse
import sys
import tempfile

from engine.errors import MachineError
from tests.benchmarks import extraction
from tests.benchmarks.report import Figure, Goal, print_table, write_json

CUDA = "CUDAExecutionProvider"
PEER = "plain ONNX Runtime inference on CUDA, same batch"


def figures():
    """The figures of this file."""
    what = "extraction of all layers on CUDA, pooled, statistics included"
    return [
        Figure(f"extract.cuda.{name}", what, "s", Goal("<=", ratio=1.35), peer=PEER)
        for name in ("resnet50", "vgg16")
    ]


def measure(figure, place):
    """Pooled extraction on CUDA and plain inference on CUDA in turn."""
    options = ("--policy", "pooled", "--device", "cuda")
    return extraction.in_turn(figure, place, *options, provider=CUDA)


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
    fault = cuda_fault()
    measured = []
    with tempfile.TemporaryDirectory(prefix="lamella-bench-") as folder:
        place = extraction.Workplace(folder)
        for figure in figures():
            if arguments.only in figure.id:
                measured.append(figure.skip(fault) if fault else measure(figure, place))
    print_table(measured)
    write_json(measured, arguments.out)
    return 0 if all(figure.met is not False for figure in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
