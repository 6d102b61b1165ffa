"""Networks with what Captum and Zennit found on them, opened once."""

import numpy as np
import pytest

from engine.attribution.explainer import Explainer
from engine.network.network import open_network
from engine.run.runner import Runner
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "oracles" / "attribution"


class Peer:
    """A network, its explainer, a picture and what the peers found."""

    def __init__(self, name, runner, network):
        self.network = network
        self.explainer = Explainer(network, runner)
        self.found = np.load(FOLDER / f"{name}.npz")
        self.x = self.found["x"]
        self.target = f"class:{self.found['target']}"


@pytest.fixture(scope="session")
def peers():
    """Networks by name, each in a child process of its own, started when first asked for."""
    made = {}

    def of(name):
        if name not in made:
            preprocess = {"preset": "raw", "mean": 127.5, "std": 127.5}
            network = open_network(FOLDER / f"{name}.onnx", preprocess=preprocess)
            made[name] = Peer(name, Runner(network.path, device="cpu", threads=1), network)
        return made[name]

    yield of
    for each in made.values():
        each.explainer.runner.close()
