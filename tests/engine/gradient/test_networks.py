"""Gradients of real networks against finite differences: five of those that `make board` tries."""

import numpy as np
import pytest

from engine.gradient.build import gradient_graph
from engine.network.network import open_network
from tests.engine.gradient.finite_differences import session_of
from tests.engine.gradient.proof import pictures_of, prove, whole

NETWORKS = [
    "mnist-8_cntk.onnx",
    "mnist_burn_pytorch.onnx",
    "cifar10_resnet20_ts13.onnx",
    "cifar10_resnet8_int8_mlperf_tf2onnx.onnx",
    "vit_mnist_op17.onnx",
]


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_those_of_finite_differences(shared_models, name):
    proof = prove(shared_models / name)
    assert proof.holds, proof
    assert proof.directions == 5
    # switches of near ties may differ in float32
    assert proof.correlation > 0.999, proof


@pytest.mark.parametrize(
    "name",
    ["vit_mnist_dynamo18.onnx", "tinyvgg10_tf2onnx.onnx", "digits_sklearn_mlp_plain.onnx"],
)
def test_a_batch_has_the_gradients_of_its_pictures(shared_models, name):
    network = open_network(shared_models / name)
    wanted = network.layers[1].name
    graph = gradient_graph(network, ["class:1", f"{network.layers[-2].name}:0"], ["input", wanted])
    session = session_of(whole(graph.model, graph.folder))
    rng = np.random.default_rng(0)
    pictures = np.concatenate([pictures_of(network, rng) for _ in range(3)])
    together = session.run(graph.outputs, network.feeds_for(pictures))
    for place in range(3):
        alone = session.run(graph.outputs, network.feeds_for(pictures[place : place + 1]))
        for one, all_of_them in zip(alone, together, strict=True):
            assert np.allclose(
                one[0], all_of_them[place], rtol=1e-3, atol=1e-6 + 1e-4 * np.abs(one).max()
            )
