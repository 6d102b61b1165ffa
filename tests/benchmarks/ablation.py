"""Ablation beside plain inference: curves of a LeNet on MNIST, one filter off a ResNet-50.

Weights are random: what is timed does not depend on what they say. Ours is everything from the
question to the error rates: cutting the graph, sessions, reading and preparing the pictures. The
peer, plain ONNX Runtime on pictures that are prepared already, runs by turns with it, in the batch
that it is quicker with; a few passes are timed and counted as twenty.
"""

import os
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests.benchmarks import networks
from tests.benchmarks.measure import plain_inference_seconds
from tests.benchmarks.report import Figure, Goal

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("LAMELLA_SHARED", ROOT.parent / "shared"))
MNIST = SHARED / "data" / "mnist" / "t10k-images-idx3-ubyte.gz"
PASSES = 20
BATCHES = (128, 1000)
RUNS = 5
TIMED = 3
RANDOMS = 10
CLICKS = 9
PLAIN = f"{PASSES} plain passes over the data in ONNX Runtime, in the same run"
FORWARD = "one forward pass of the whole network in the same process"


def figures():
    """The figures of this file with the function that measures each."""
    what = "error-rate curve of the second convolution, 10,000 MNIST digits, LeNet-sized, seconds"
    thresholds = f"{what}: {PASSES} thresholds ascending"
    orders = f"{what}: ascending, descending and {RANDOMS} random orders, {PASSES} thresholds each"
    click = "one channel off to new scores of the focused sample, resnet50, seconds"
    return [
        (
            Figure("ablation.curve", thresholds, "s", Goal("<=", ratio=0.3), peer=PLAIN),
            ascending,
        ),
        (
            Figure("ablation.orders", orders, "s", Goal("<=", ratio=3), peer=PLAIN),
            every_order,
        ),
        (
            Figure(
                "ablation.channel.conv1", f"{click}: conv1", "s", Goal("<=", ratio=1.2), FORWARD
            ),
            one_channel,
        ),
        (
            Figure(
                "ablation.channel.res3_2_b",
                f"{click}: res3_2_b",
                "s",
                Goal("<=", ratio=1.2),
                FORWARD,
            ),
            one_channel,
        ),
        (
            Figure(
                "ablation.first_click",
                "the first filter of a layer off, resnet50: the graph cut and made ready, too",
                "s",
                Goal("<=", value=1.5),
            ),
            first_click,
        ),
    ]


def ascending(figure, place):
    """The twenty sets of the ascending order alone."""

    def curve(ablation, importance):
        from engine.analysis.ablation_curve import Plan
        from engine.analysis.rates import error_rates

        plan = Plan.of(importance, len(importance), PASSES, 0, 0)
        sets = [{"conv2": plan.sets[place]} for place in plan.places[0]]
        assert len(sets) == PASSES
        return error_rates(ablation.predictions(sets), ablation.labels)

    return _curve(figure, curve)


def every_order(figure, place):
    """The whole curve as the window shows it."""
    return _curve(figure, lambda ablation, values: ablation.curve("conv2", values, PASSES))


def _curve(figure, curve):
    import engine

    if not MNIST.exists():
        return figure.skip(f"{MNIST} is absent")
    data = engine.open_data(MNIST)
    importance = np.random.default_rng(0).random(50)
    ours, peers = [], []
    with tempfile.TemporaryDirectory(prefix="lamella-bench-") as folder:
        path = networks.lenet(Path(folder) / "lenet.onnx")
        network = engine.open_network(path)
        pictures = network.preprocessing.batch(data.images(0, len(data)))
        for _ in range(RUNS):
            with engine.Runner(path, device="cpu") as runner:
                started = time.perf_counter()
                curve(engine.Ablation(network, runner, data), importance)
                ours.append(time.perf_counter() - started)
            peers.append(_twenty_passes(path, pictures))
    return figure.measured(ours, peers)


def _twenty_passes(path, pictures):
    """Seconds of twenty passes, in the batch that one is quicker with."""
    once = {batch: plain_inference_seconds(path, pictures, batch) for batch in BATCHES}
    batch = min(once, key=once.get)
    timed = [plain_inference_seconds(path, pictures, batch) for _ in range(TIMED)]
    return PASSES * float(np.median(timed))


def one_channel(figure, place):
    """Filters of one layer off, one after the other; what lies before the layer is known."""
    import engine
    from engine.rewrite.cut import whole
    from engine.run.graphs import Graph

    layer = figure.id.rpartition(".")[2]
    with _resnet50() as (network, runner, picture):
        forward = Graph(runner, whole(network))
        ablation = engine.Ablation(network, runner, _Nothing())
        ablation.scores(picture, {layer: ()})
        ours, peers = [], []
        for channel in range(CLICKS):
            started = time.perf_counter()
            forward.run({network.image_input: picture})
            peers.append(time.perf_counter() - started)
            started = time.perf_counter()
            ablation.scores(picture, {layer: (channel,)})
            ours.append(time.perf_counter() - started)
    return figure.measured(ours[1:], peers[1:])


def first_click(figure, place):
    """Nothing of the layer is known before."""
    import engine

    runs = []
    with _resnet50() as (network, runner, picture):
        for layer in ("conv1", "res2_3_a", "res3_2_b", "res4_4", "res5_2_a"):
            ablation = engine.Ablation(network, runner, _Nothing())
            started = time.perf_counter()
            ablation.scores(picture, {layer: (3,)})
            runs.append(time.perf_counter() - started)
    return figure.measured(runs)


@contextmanager
def _resnet50():
    """The network, its child process and a picture."""
    import engine

    with tempfile.TemporaryDirectory(prefix="lamella-bench-") as folder:
        path = networks.resnet50(Path(folder) / "resnet50.onnx")
        network = engine.open_network(path)
        picture = np.random.default_rng(0).normal(size=network.input_shape).astype(np.float32)
        with engine.Runner(path, device="cpu") as runner:
            yield network, runner, picture


class _Nothing:
    """Stands for a data set where only one picture is looked at."""

    kind, path, labels, classes, class_origin = "npz", "nothing", None, None, None

    def __len__(self):
        return 1
