"""Weight gradients beside central differences in float64: samples, real networks, kinks."""

import numpy as np
import pytest
from onnx import TensorProto, helper

import engine
from engine.attribution.explainer import Explainer
from engine.errors import Cancelled, InputError
from engine.gradient.filters import layers_with_filters
from engine.run.runner import Runner
from engine.tasks import Task
from tests.engine.gradient.networks import saved, weights

REAL = ("mnist-8_cntk", "cifar10_resnet8_mlperf_tf2onnx", "vit_mnist_op17")


def checked(network, picture, target, count=6, layers=None):
    """The `Validation` of some weights of layers, the one of the largest gradient among them."""
    found = {}
    with Runner(network.path, device="cpu") as runner:
        explainer = Explainer(network, runner)
        for layer in layers or layers_with_filters(network):
            gradient = engine.weight_gradients(explainer, picture, target, layer)[layer].ravel()
            rng = np.random.default_rng(len(found))
            places = np.append(rng.choice(gradient.size, count), np.abs(gradient).argmax())
            found[layer] = engine.finite_differences(
                network, picture, target, layer, places, explainer=explainer
            )
    return found


@pytest.mark.parametrize("name", ["digits", "shapes"])
def test_sample_networks(name):
    from viewer.samples import network_file

    network = engine.open_network(network_file(f"sample:{name}"))
    data = engine.open_data(f"sample:{name}")
    picture = network.preprocessing(data.image(3))
    for layer, check in checked(network, picture, f"logit:{data.labels[3]}", 4).items():
        assert check.error < 5e-6, (layer, check)
        assert check.kinks.sum() <= 3, (layer, check)
        assert np.abs(check.computed).max() > 0, layer


@pytest.mark.parametrize("name", REAL)
def test_real_networks(shared_models, name):
    network = engine.open_network(shared_models / f"{name}.onnx")
    size = network.preprocessing.size
    colour = () if network.preprocessing.channel_count == 1 else (3,)
    pixels = np.random.default_rng(2).integers(0, 256, (*size, *colour), np.uint8)
    layers = layers_with_filters(network)
    layers = [layers[0], layers[len(layers) // 2], layers[-1]]
    found = checked(network, network.preprocessing(pixels), "logit:1", layers=layers)
    for layer, check in found.items():
        assert check.error < 1e-5, (layer, check)


def kink_network(path):
    """One picture, a product, a Relu that is just off or just on, a sum."""
    constants = {"w": np.array([[1.0], [0.5]], np.float32), "v": weights(1, 3)}
    nodes = [
        helper.make_node("Flatten", ["x"], ["f"], "flatten"),
        helper.make_node("MatMul", ["f", "w"], ["p"], "product"),
        helper.make_node("Relu", ["p"], ["r"], "relu"),
        helper.make_node("MatMul", ["r", "v"], ["y"], "scores"),
    ]
    inputs = [("x", TensorProto.FLOAT, ["N", 1, 1, 2])]
    return saved(path, nodes, inputs, [("y", TensorProto.FLOAT, ["N", 3])], constants)


@pytest.fixture(scope="module")
def kink(tmp_path_factory):
    network = engine.open_network(kink_network(tmp_path_factory.mktemp("kink") / "kink.onnx"))
    with Runner(network.path, device="cpu") as runner:
        yield Explainer(network, runner)


def test_a_kink_is_seen_and_does_not_count(kink):
    at_kink = np.array([[[[1.0, -2.0]]]], np.float32)  # 1 x 1 - 2 x 0.5 = 0: the rectifier turns
    check = engine.finite_differences(
        kink.network, at_kink, "logit:0", "product", [0, 1], explainer=kink
    )
    assert check.kinks.all() and np.isnan(check.error)
    assert "2 of 2 weights lie at a kink" in check.floor
    slope = weights(1, 3)[0, 0]
    assert np.allclose(sorted(np.abs([check.left[0], check.right[0]])), [0, abs(slope)], atol=1e-8)
    smooth = np.array([[[[1.0, 2.0]]]], np.float32)
    check = engine.finite_differences(
        kink.network, smooth, "logit:0", "product", [0, 1], explainer=kink
    )
    assert not check.kinks.any() and check.error < 1e-6
    assert np.allclose(check.differences, [slope, 2 * slope], rtol=1e-8)
    assert check.score == pytest.approx(2 * slope)
    assert check.nbytes == 8 * 6 * 2 + 2


def test_a_wrong_gradient_is_seen(kink, monkeypatch):
    from engine.analysis import weighing

    true = weighing.gradients_by_weights

    def wrong(*arguments):
        return {name: values * 1.01 for name, values in true(*arguments).items()}

    monkeypatch.setattr(weighing, "gradients_by_weights", wrong)
    x = np.array([[[[1.0, 2.0]]]], np.float32)
    check = engine.finite_differences(kink.network, x, "logit:0", "product", [0], explainer=kink)
    assert check.error == pytest.approx(0.01, rel=0.05)


def test_steps_progress_and_cancel(kink):
    x = np.array([[[[1.0, 2.0]]]], np.float32)
    given = (kink.network, x, "logit:0", "product")
    assert engine.finite_differences(*given, [1], step=1e-3, explainer=kink).step == 1e-3
    with pytest.raises(InputError, match="a step lies between 0 and 1"):
        engine.finite_differences(*given, [1], step=0, explainer=kink)
    told = []
    task = Task("check", on_progress=told.append)
    engine.finite_differences(*given, [0, 1], explainer=kink, task=task)
    assert [each.done for each in told if each.what == "finite differences"] == [0, 1]
    stopped = Task("check", on_progress=lambda each: stopped.cancel())
    with pytest.raises(Cancelled):
        engine.finite_differences(*given, [0, 1], explainer=kink, task=stopped)
