"""Gradients of real networks against finite differences: five of those that `make board` tries."""

import pytest

from tests.engine.gradient.proof import prove

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
