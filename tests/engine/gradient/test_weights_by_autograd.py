"""Gradients by weights and their norms against what PyTorch's autograd gave in float64 (stored)."""

import numpy as np
import onnx
import pytest

import engine
from engine.attribution.explainer import Explainer
from engine.gradient.weighing import CLASSES, importance_graph
from engine.run.runner import Runner
from tests.oracles import weights as oracle

TOLERANCE = 2e-5  # of the largest number of a layer


@pytest.fixture(scope="module", params=oracle.NAMES)
def case(request):
    path = oracle.HERE / "attribution" / f"{request.param}.onnx"
    network = engine.open_network(path)
    model = onnx.load(path)
    stored = np.load(oracle.FOLDER / f"{request.param}.npz")
    with Runner(network.path, device="cpu", threads=1) as runner:
        yield Explainer(network, runner), model, stored


def test_numbers_of_the_gradients(case):
    explainer, model, stored = case
    layers = list(oracle.products(model))
    target = f"logit:{oracle.CLASS}"
    found = engine.weight_gradients(explainer, oracle.pictures(model), target, layers)
    for layer in layers:
        flat = found[layer].reshape(oracle.SAMPLES, -1)
        expected = stored[f"{layer}/numbers"]
        apart = np.abs(flat[:, oracle.places(flat.shape[1])] - expected).max()
        assert apart <= TOLERANCE * np.abs(flat).max(), (layer, apart)


@pytest.mark.parametrize("place", range(3))
def test_norms_of_every_filter(case, place):
    explainer, model, stored = case
    layers, norm = list(oracle.products(model)), ("l1", "l2", "max")[place]
    built, graph = explainer.graph(
        ("norms", norm),
        lambda: importance_graph(explainer.network, explainer.forward, layers, "gradient", norm),
    )
    x = oracle.pictures(model)
    together = oracle.SAMPLES if explainer.network.batch_is_free else 1
    for first in range(0, oracle.SAMPLES, together):
        part = slice(first, first + together)
        chosen = {CLASSES: np.full(together, oracle.CLASS)}
        found = explainer.run(graph, x[part], **chosen)
        for layer in layers:
            expected = stored[f"{layer}/norms"][part, place]
            apart = np.abs(found[built.outputs[layer]] - expected).max()
            assert apart <= TOLERANCE * np.abs(expected).max(), (layer, apart)
