"""Gradients of class scores beside PyTorch's autograd: the same network, picture size and threads.

Program and peer run by turns, one forward and backward pass each; both keep their threads asleep
between passes. Ratios are of the clock's medians: to be measured on an idle machine.
"""

import math
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np

from tests.benchmarks.report import Figure, Goal

ROOT = Path(__file__).parents[2]
ORACLES = ROOT / ".oracles" / "bin" / "python"
NETWORKS = ("vgg16", "resnet50", "densenet121")
THREADS = 2
RUNS = 15
WARM = 3
PEER = "PyTorch's autograd on the same network, forward included, in the same run"


def figures():
    """The figures of this file with the function that measures each."""
    what = "gradient of a class score by the input, 224 x 224, forward included, passes a second"
    rows = [
        (Figure(f"gradient.{name}", f"{what}: {name}", "1/s", Goal(">=", ratio=1), peer=PEER), one)
        for name in NETWORKS
    ]
    mean = f"{what}: geometric mean of {', '.join(NETWORKS)}"
    rows.append((Figure("gradient.mean", mean, "1/s", Goal(">=", ratio=1.3), peer=PEER), together))
    build = Figure(
        "gradient.build", "building the backward graph of resnet50", "s", Goal("<=", value=1)
    )
    return [*rows, (build, building)]


def one(figure, place):
    """One network."""
    if not ORACLES.exists():
        return figure.skip("there is no PyTorch: make oracles")
    _, ours, peers = measured(figure.id.rpartition(".")[2])
    return figure.measured([1 / s for s in ours], [1 / s for s in peers])


def together(figure, place):
    """The geometric mean of all."""
    if not ORACLES.exists():
        return figure.skip("there is no PyTorch: make oracles")
    rows = [measured(name)[1:] for name in NETWORKS]
    rates = [[1 / float(np.median(seconds)) for seconds in row] for row in rows]
    ours, peers = (math.prod(column) ** (1 / len(rates)) for column in zip(*rates, strict=True))
    return figure.measured([ours], [peers])


def building(figure, place):
    """From an opened network to the graph."""
    if not ORACLES.exists():
        return figure.skip("there is no PyTorch, which has the network: make oracles")
    return figure.measured(measured("resnet50")[0])


@cache
def measured(name):
    """Seconds of building the graph, of our passes and of the peer's."""
    with tempfile.TemporaryDirectory(prefix="lamella-bench-") as folder:
        path = Path(folder) / f"{name}.onnx"
        command = [ORACLES, "-m", "tests.benchmarks.gradient_peer", name, path, str(THREADS)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=ROOT, **pipes) as peer:
            if peer.stdout.readline().strip() != "ready":
                raise RuntimeError(f"PyTorch did not start: {peer.poll()}")
            built, run = _ours(path)
            ours, peers = [], []
            for turn in range(WARM + RUNS):
                mine = run()
                peer.stdin.write("gradient\n")
                peer.stdin.flush()
                theirs = float(peer.stdout.readline().split()[0])
                if turn >= WARM:
                    ours.append(mine)
                    peers.append(theirs)
            peer.stdin.close()
    return built, ours, peers


def _ours(path):
    """Seconds of building, and a function that gives the seconds of one pass."""
    import onnxruntime

    import engine

    network = engine.open_network(path)
    built = []
    for _ in range(5):
        started = time.perf_counter()
        gradients = engine.gradient_graph(network, "class:3")
        built.append(time.perf_counter() - started)
    saved = path.with_name("gradient.onnx")
    gradients.save(saved)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(saved, options, providers=["CPUExecutionProvider"])
    x = np.random.default_rng(0).normal(size=(1, 3, 224, 224)).astype(np.float32)

    def run():
        started = time.perf_counter()
        session.run(None, {"x": x})
        return time.perf_counter() - started

    return built, run


def gpu_figures():
    """The figures of `make bench-gpu`."""
    what = "gradient of a class score by the input on CUDA, 224 x 224, seconds a pass"
    peer = "the forward pass on CUDA by plain ONNX Runtime"
    return [
        (Figure(f"gradient.cuda.{name}", what, "s", Goal("<=", ratio=3), peer=peer), on_cuda)
        for name in ("resnet50", "vgg16")
    ]


def on_cuda(figure, place):
    """The graph of gradients and the network's own file by turns, both on the GPU."""
    import onnxruntime

    import engine
    from tests.benchmarks import networks
    from tests.benchmarks.gpu import CUDA, cuda_fault

    fault = cuda_fault()
    if fault:
        return figure.skip(fault)
    with tempfile.TemporaryDirectory(prefix="lamella-bench-") as folder:
        path = Path(folder) / "network.onnx"
        getattr(networks, figure.id.rpartition(".")[2])(path)
        saved = path.with_name("gradient.onnx")
        network = engine.open_network(path)
        engine.gradient_graph(network, "class:3").save(saved)
        sessions = [onnxruntime.InferenceSession(f, providers=[CUDA]) for f in (saved, path)]
        x = np.random.default_rng(0).normal(size=network.input_shape).astype(np.float32)
        runs = ([], [])
        for turn in range(WARM + RUNS):
            for session, seconds in zip(sessions, runs, strict=True):
                started = time.perf_counter()
                session.run(None, {network.image_input: x})
                if turn >= WARM:
                    seconds.append(time.perf_counter() - started)
    return figure.measured(*runs)
