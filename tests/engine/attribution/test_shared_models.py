"""Relevance is conserved on real networks: residual, attention, depthwise, quantised, old."""

import numpy as np
import pytest

from engine.attribution.explainer import Explainer
from engine.attribution.pictures import plain_input
from engine.network.network import open_network
from engine.run.runner import Runner

NAMES = (
    "cifar10_resnet20_ts13",
    "cifar10_resnet8_int8_mlperf_tf2onnx",
    "mnist-8_cntk",
    "vit_mnist_op17",
    "vww_mobilenetv1_025_tf2onnx",
)


@pytest.mark.parametrize("name", NAMES)
def test_conservation(shared_models, name):
    network = open_network(shared_models / f"{name}.onnx")
    low, high = (plain_input(network, grey).astype(np.float64) for grey in (0, 255))
    noise = np.random.default_rng(0).random(low.shape)
    picture = (low + noise * (high - low)).astype(network.input_dtype)
    with Runner(network.path, device="cpu", threads=1) as runner:
        explainer = Explainer(network, runner)
        for rule in ("epsilon", "alpha2-beta1"):
            found = explainer.attribute(picture, "lrp", "class:1", rule=rule)
            assert found.check.holds, (rule, found.check)
            assert np.isfinite(found.values).all()
        gradient = explainer.attribute(picture, "gradient", "class:1")
        assert gradient.values.shape == network.input_shape
