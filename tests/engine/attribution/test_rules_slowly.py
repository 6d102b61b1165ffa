"""LRP's rules against dense matrices in float64, on small chains with inputs of both signs."""

import numpy as np
import pytest

from engine.attribution.explainer import Explainer
from engine.network.network import open_network
from engine.run.runner import Runner
from tests.engine.gradient.test_window import Made
from tests.reference import attribution as reference

PLAN = [
    ("conv", 4, 3, 1, 1),
    ("relu",),
    ("pool", 2, 2, 0),
    ("conv", 5, 3, 2, 1),
    ("leaky", 0.2),
    ("conv", 4, 2, 1, 0),
]
RULES = {
    "epsilon=0.01": [("epsilon", 0.01)] * 3,
    "gamma=0.4": [("gamma", 0.4)] * 3,
    "alpha-beta=2,1": [("alpha-beta", 2, 1)] * 3,
    "z-plus": [("z-plus",)] * 3,
    "flat": [("flat",)] * 3,
    "w-square": [("w-square",)] * 3,
    "z-box": [("z-box", -1.5, 2.0), ("z-plus",), ("z-plus",)],
    "epsilon-gamma-box": [("z-box", -1.5, 2.0), ("gamma", 0.25), ("gamma", 0.25)],
}
TARGET = "tensor=t5:2@1,1"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    chain = Made(PLAN, tmp_path_factory.mktemp("chain"), size=(11, 13))
    path = chain.path
    with Runner(path, device="cpu", threads=1) as runner:
        explainer = Explainer(open_network(path), runner)
        explainer._bounds = lambda: (np.float32(-1.5), np.float32(2.0))
        yield chain, explainer


@pytest.mark.parametrize("rule", RULES)
def test_rule(made, rule):
    chain, explainer = made
    values = reference.forward(chain.dense, chain.x)[-1].reshape(chain.end)
    seed = np.zeros(chain.end)
    seed[2, 1, 1] = values[2, 1, 1]
    slow, absorbed = reference.relevance(chain.dense, chain.x, seed, RULES[rule])
    found = explainer.attribute(chain.x, "lrp", TARGET, rule=rule)
    scale = np.abs(slow[0]).max()
    assert np.allclose(found.values.ravel(), slow[0], atol=1e-4 * scale)
    assert found.score == pytest.approx(seed.sum(), rel=1e-5)
    assert found.absorbed * found.score == pytest.approx(sum(absorbed), abs=1e-4 * scale)


@pytest.mark.parametrize("method", ["gradient", "deconvnet", "guided"])
def test_backward(made, method):
    chain, explainer = made
    seed = np.zeros(chain.end)
    seed[2, 1, 1] = 1
    slow = reference.backward(chain.dense, chain.x, seed, method)[0]
    found = explainer.attribute(chain.x, method, TARGET)
    assert np.allclose(found.values.ravel(), slow, atol=1e-5 * np.abs(slow).max())
