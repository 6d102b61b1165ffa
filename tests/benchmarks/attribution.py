"""Attribution beside Captum and Zennit, and all filters of all convolutions of a network."""

import json
import math
import statistics
import subprocess
import time
from functools import cache

import numpy as np

from tests.benchmarks import networks
from tests.benchmarks.report import Figure, Goal
from tests.conftest import ROOT

THREADS = 2
RUNS = 5
PICTURE = (1, 3, 224, 224)
ORACLES = ROOT / ".oracles" / "bin" / "python"
BUILD = {"resnet50": networks.resnet50, "vgg16": networks.vgg16}
RULES = ("epsilon-gamma-box", "epsilon-plus")
LAST = "conv5_3:200@6,7"


def figures():
    """The figures of this file, not measured yet, with the function that measures each."""
    rows = []
    for method in ("guided", "deconvnet"):
        what = f"{method} of one unit of VGG-16's last convolution, forward included"
        rows.append((_beside(f"attribution.{method}.vgg16", what, 1.25, "Captum"), one_unit))
        what = f"{method} of one unit of VGG-16's last convolution, forward pass known"
        rows.append((_beside(f"attribution.{method}.known.vgg16", what, 2.4, "Captum"), known_unit))
    for rule in RULES:
        for name in BUILD:
            figure = _beside(f"attribution.lrp.{rule}.{name}", f"LRP {rule}", 1, "Zennit")
            rows.append((figure, relevance))
    what = f"LRP {' and '.join(RULES)}, {' and '.join(BUILD)}: geometric mean"
    rows.append((_beside("attribution.lrp.mean", what, 2.5, "Zennit"), relevance_of_all))
    figure = Figure(
        "attribution.all-filters",
        "DeconvNet of the top units of all filters of all 9 convolutions, 512 x 512, a frame",
        "s",
        Goal("<=", value=0.5),
    )
    rows.append((figure, all_filters))
    figure = Figure(
        "attribution.nine-filters",
        "top units of the 9 strongest filters of a VGG-16 layer, mean over the layers",
        "s",
        Goal("<=", value=1.0),
    )
    return [*rows, (figure, nine_filters)]


def _beside(id, what, times, peer):
    """A figure that is to be so many times as fast as its peer."""
    return Figure(id, what, "s", Goal("<=", ratio=1 / times), peer=peer)


def peer_seconds(path, name, what):
    """Seconds of each run of the peer, in a process of its own."""
    words = [str(path), name, what, str(THREADS), str(RUNS)]
    done = subprocess.run(
        [ORACLES, "-m", "tests.benchmarks.attribution_peer", *words],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return json.loads(done.stdout)


class Explained:
    """A network with its explainer, closed at the end of a figure."""

    def __init__(self, path, preprocess=None):
        from engine.attribution.explainer import Explainer
        from engine.network.network import open_network
        from engine.run.runner import Runner

        self.network = open_network(path, preprocess=preprocess)
        self.runner = Runner(path, device="cpu", threads=THREADS)
        self.explainer = Explainer(self.network, self.runner)

    def __enter__(self):
        return self.explainer

    def __exit__(self, *error):
        self.runner.close()


def network_of(place, name):
    """The file of a network, built when first needed."""
    path = place.folder / f"{name}.onnx"
    if not path.exists():
        (BUILD | {"convviz": networks.convviz})[name](path)
    return path


def timed(work):
    """Seconds of each of `RUNS` runs; one more goes before."""
    seconds = []
    for _ in range(1 + RUNS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return seconds[1:]


def picture():
    return np.random.default_rng(0).standard_normal(PICTURE, np.float32)


def beside_peer(figure, path, name, what, work):
    if not ORACLES.exists():
        return figure.skip("make oracles makes the environment of the peers")
    return figure.measured(*seconds_of_both(path, name, what, work))


def seconds_of_both(path, name, what, work):
    """Seconds of our runs, before and after the peer's, and of the peer's."""
    runs = timed(work)
    peers = peer_seconds(path, name, what)
    return runs + timed(work), peers


def one_unit(figure, place):
    """A backward pass of a unit, forward pass included."""
    method = figure.id.split(".")[1]
    path, x = network_of(place, "vgg16"), picture()
    with Explained(path) as explainer:
        return beside_peer(
            figure, path, "vgg16", method, lambda: explainer.attribute(x, method, LAST)
        )


def known_unit(figure, place):
    """The same when the sample's forward pass is known: what the peer does both for."""
    method = figure.id.split(".")[1]
    path, x = network_of(place, "vgg16"), picture()
    with Explained(path) as explainer:
        known = explainer.remember(x, method, LAST)
        return beside_peer(figure, path, "vgg16", method, known)


def relevance(figure, place):
    """LRP of a class score."""
    rule, name = figure.id.split(".")[2:]
    if not ORACLES.exists():
        return figure.skip("there is no PyTorch: make oracles")
    return figure.measured(*measured_relevance(place, rule, name))


def relevance_of_all(figure, place):
    """The geometric mean of all rules and networks."""
    if not ORACLES.exists():
        return figure.skip("there is no PyTorch: make oracles")
    pairs = [measured_relevance(place, rule, name) for rule in RULES for name in BUILD]
    medians = [[statistics.median(seconds) for seconds in pair] for pair in pairs]
    ours, peers = (math.prod(column) ** (1 / len(pairs)) for column in zip(*medians, strict=True))
    return figure.measured([ours], [peers])


@cache
def measured_relevance(place, rule, name):
    """Seconds of our runs and of the peer's."""
    path, x = network_of(place, name), picture()
    with Explained(path, {"preset": "imagenet"}) as explainer:
        return seconds_of_both(
            path, name, rule, lambda: explainer.attribute(x, "lrp", "class:1", rule=rule)
        )


def all_filters(figure, place):
    """Forward pass, choice of the units and the way back of all nine layers."""
    from engine.attribution.top_filters import FilterProjector

    random = np.random.default_rng(0)
    frames = [random.random((1, 1, 512, 512), np.float32) for _ in range(1 + RUNS)]
    with Explained(network_of(place, "convviz")) as explainer:
        projector = FilterProjector(explainer)
        waiting = iter(frames)
        return figure.measured(timed(lambda: projector.project(next(waiting))))


def nine_filters(figure, place):
    """From a click to the pictures, layer by layer, the picture's forward pass included."""
    from engine.attribution.top_filters import FilterProjector

    with Explained(network_of(place, "vgg16")) as explainer:
        projector = FilterProjector(explainer)
        seconds = []
        for layer in projector.layers:
            x = picture()
            first = projector.project(x, [layer.name], channels={layer.name: []})
            best = np.argsort(-first[layer.name].maxima)[:9]
            chosen = {layer.name: best}
            projector.project(x, [layer.name], channels=chosen)
            projector.forget()
            started = time.perf_counter()
            projector.project(x, [layer.name], channels=chosen)
            seconds.append(time.perf_counter() - started)
        return figure.measured([statistics.mean(seconds)])
