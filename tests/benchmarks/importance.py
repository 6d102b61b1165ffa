"""Importance of all filters beside PyTorch's backward pass: same network, picture size, threads.

Ours is the whole of `engine.importance` for one picture: reading and preparing it, forward and
backward pass by the weights of every layer in the child process, the norm of every filter. The
peer's is forward and backward by the same weights, without norms. They run by turns.
"""

import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.report import Figure, Goal

ROOT = Path(__file__).parents[2]
ORACLES = ROOT / ".oracles" / "bin" / "python"
THREADS = 2
RUNS = 11
WARM = 3
PEER = "PyTorch's backward pass by the same weights, forward included, in the same run"


def figures():
    """The figures of this file with the function that measures each."""
    what = (
        "importance of all filters of all 54 layers, resnet50, one picture of 224 x 224, a second"
    )
    figure = Figure("importance.resnet50", what, "1/s", Goal(">=", ratio=1), peer=PEER)
    digits = Figure(
        "importance.digits",
        "importance of all filters of the digits network, 1,797 pictures of 32 x 32",
        "s",
        Goal("<=", value=5),
    )
    return [(figure, beside_pytorch), (digits, whole_data_set)]


def beside_pytorch(figure, place):
    """One picture through both, by turns."""
    if not ORACLES.exists():
        return figure.skip("there is no PyTorch: make oracles")
    with tempfile.TemporaryDirectory(prefix="lamella-bench-") as folder:
        path = Path(folder) / "resnet50.onnx"
        command = [ORACLES, "-m", "tests.benchmarks.importance_peer", "resnet50", path]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen([*command, str(THREADS)], cwd=ROOT, **pipes) as peer:
            if peer.stdout.readline().strip() != "ready":
                raise RuntimeError(f"PyTorch did not start: {peer.poll()}")
            ours, peers = _by_turns(path, peer)
            peer.stdin.close()
    return figure.measured([1 / each for each in ours], [1 / each for each in peers])


def _by_turns(path, peer):
    """Seconds of our runs and of the peer's."""
    import engine

    np.savez(
        path.with_name("data.npz"),
        images=np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3), np.uint8),
    )
    network = engine.open_network(path, preprocess={"preset": "imagenet"})
    data = engine.open_data(path.with_name("data.npz"))
    ours, peers = [], []
    with engine.Runner(path, device="cpu", threads=THREADS) as runner:
        explainer = engine.Explainer(network, runner)
        for turn in range(WARM + RUNS):
            started = time.perf_counter()
            found = engine.importance(network, data, of_class=3, labels=[3], explainer=explainer)
            mine = time.perf_counter() - started
            assert len(found.values) == 54
            peer.stdin.write("backward\n")
            peer.stdin.flush()
            theirs = float(peer.stdout.readline())
            if turn >= WARM:
                ours.append(mine)
                peers.append(theirs)
    return ours, peers


def whole_data_set(figure, place):
    """From the opened network to the numbers, the child process and the graph included."""
    import engine
    from viewer.samples import network_file

    network = engine.open_network(network_file("sample:digits"))
    data = engine.open_data("sample:digits")
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        engine.importance(network, data, device="cpu")
        seconds.append(time.perf_counter() - started)
    return figure.measured(seconds)
