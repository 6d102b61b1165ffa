"""Weights filters first, whatever the operator, and their gradients for every sample."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import engine
from engine.attribution.explainer import Explainer
from engine.errors import InputError
from engine.gradient.filters import filters_of, forward_of, layers_with_filters
from engine.gradient.weighing import importance_graph
from engine.run.runner import Runner
from tests.engine.gradient.finite_differences import by_onnx_runtime
from tests.engine.gradient.networks import (
    InFloat64,
    last_axis_network,
    picture_network,
    saved,
    token_network,
    weights,
)

# operator, its attributes, the shape of one sample at its input, its weights, the layer's channels
PRODUCTS = {
    "conv": ("Conv", {"pads": [1, 1, 1, 1]}, (2, 4, 6), (3, 2, 3, 3), 3),
    "groups": ("Conv", {"group": 2, "strides": [2, 2]}, (4, 3, 4), (6, 2, 2, 2), 6),
    "depthwise": ("Conv", {"group": 4}, (4, 3, 4), (4, 1, 2, 2), 4),
    "one axis": ("Conv", {"dilations": [2]}, (3, 16), (2, 3, 4), 2),
    "three axes": ("Conv", {}, (2, 2, 3, 4), (3, 2, 2, 2, 2), 3),
    "transposed": ("ConvTranspose", {"strides": [2, 2]}, (3, 4, 4), (3, 5, 2, 2), 5),
    "transposed groups": ("ConvTranspose", {"group": 2}, (4, 3, 4), (4, 3, 2, 2), 6),
    "gemm": ("Gemm", {"alpha": 0.5}, (48,), (48, 5), 5),
    "gemm turned": ("Gemm", {"transB": 1, "alpha": -2.0}, (48,), (5, 48), 5),
    "matmul": ("MatMul", {}, (48,), (48, 5), 5),
    "matmul of rows": ("MatMul", {}, (6, 8), (8, 5), 5),
}
FIRST = {
    "transposed": (5, 3, 2, 2),
    "transposed groups": (6, 2, 2, 2),
    "gemm": (5, 48),
    "matmul": (5, 48),
    "matmul of rows": (5, 8),
}


def product_network(path, name):
    """Pictures of 48 numbers, brought to the product's shape; Tanh; three classes."""
    op_type, attributes, shape, sizes, _ = PRODUCTS[name]
    constants = {"shape": np.array([0, *shape], np.int64), "w": weights(*sizes, seed=1)}
    probe = helper.make_node(op_type, ["t", "w"], ["p"], "product", **attributes)
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["t"], "reshape"),
        probe,
        helper.make_node("Tanh", ["p"], ["a"], "tanh"),
        helper.make_node("Flatten", ["a"], ["f"], "flatten"),
        helper.make_node("MatMul", ["f", "v"], ["y"], "scores"),
    ]
    constants["v"] = weights(made(name), 3, seed=2)
    inputs = [("x", TensorProto.FLOAT, ["N", 3, 4, 4])]
    outputs = [("y", TensorProto.FLOAT, ["N", 3])]
    return saved(path, nodes, inputs, outputs, constants)


def made(name):
    """How many numbers the product makes for a sample."""
    op_type, given, shape, sizes, channels = PRODUCTS[name]
    if op_type not in ("Conv", "ConvTranspose"):
        return int(np.prod(shape[:-1], dtype=int)) * channels
    count, ones = channels, [1] * (len(sizes) - 2)
    strides, dilations = given.get("strides", ones), given.get("dilations", ones)
    pad = 2 * given.get("pads", [0])[0]
    for n, k, s, d in zip(shape[1:], sizes[2:], strides, dilations, strict=True):
        conv = op_type == "Conv"
        count *= (n + pad - d * (k - 1) - 1) // s + 1 if conv else s * (n - 1) + k
    return count


@pytest.fixture(scope="module")
def explainers(tmp_path_factory):
    """Explainers of small networks by name, each with a child process of its own."""
    folder, kept = tmp_path_factory.mktemp("filters"), {}
    others = {
        "pictures": picture_network,
        "last axis": last_axis_network,
        "tokens": token_network,
        "columns": column_network,
        "batch of 2": lambda path: picture_network(path, batch=2),
        "half": lambda path: picture_network(path, kind=TensorProto.FLOAT16),
    }

    def of(name):
        if name not in kept:
            path = folder / f"{name.replace(' ', '_')}.onnx"
            write = others.get(name) or (lambda path: product_network(path, name))
            network = engine.open_network(write(path))
            kept[name] = Explainer(network, Runner(network.path, device="cpu", threads=1))
        return kept[name]

    yield of
    for each in kept.values():
        each.runner.close()


def samples(network, count, seed=0):
    shape = (count, *network.input_shape[1:])
    return np.random.default_rng(seed).normal(size=shape).astype(network.input_dtype)


@pytest.mark.parametrize("name", PRODUCTS)
def test_weights_are_filters_first(explainers, name):
    network = explainers(name).network
    expected = FIRST.get(name, PRODUCTS[name][3])
    found = engine.weights_of(network, "product")
    assert found.shape == expected and found.dtype == np.float32
    filters = filters_of(network, forward_of(network), "product")
    stored = weights(*PRODUCTS[name][3], seed=1)
    assert np.array_equal(filters.first(stored), found)
    assert np.array_equal(filters.back(found), stored)
    assert filters.count == PRODUCTS[name][4] and not filters.alone


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_filter_without_weights_makes_an_empty_channel(explainers, name):
    """The axiom that says which weights are a filter: without them its channel is zero."""
    explainer = explainers(name)
    network = explainer.network
    filters = filters_of(network, forward_of(network), "product")
    changed = engine.weights_of(network, "product").copy()
    changed[1] = 0
    model = onnx.load(network.path)
    stored = next(each for each in model.graph.initializer if each.name == "w")
    stored.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(filters.back(changed)), "w"))
    model.graph.output.append(onnx.ValueInfoProto(name="p"))
    product = by_onnx_runtime(model, ["p"], {"x": samples(network, 2)})["p"]
    if name == "matmul of rows":
        product = product.transpose(0, 2, 1)
    assert not product[:, 1].any()
    assert all(product[:, each].any() for each in range(product.shape[1]) if each != 1)


@pytest.mark.parametrize("name", PRODUCTS)
def test_gradients_of_every_sample_against_differences(explainers, name):
    explainer = explainers(name)
    x = samples(explainer.network, 3)
    found = engine.weight_gradients(explainer, x, "logit:1", "product")["product"]
    assert found.shape == (3, *FIRST.get(name, PRODUCTS[name][3])) and found.dtype == np.float32
    places = np.random.default_rng(5).choice(found[0].size, 6, replace=False)
    for place in (0, 2):
        check = engine.finite_differences(
            explainer.network, x[place], "logit:1", "product", places, explainer=explainer
        )
        assert np.array_equal(check.computed, found[place].ravel()[places].astype(float))
        assert check.error < 1e-5 and not check.kinks.any()


def test_every_weight_of_a_chain_against_the_reference_evaluator(explainers):
    explainer = explainers("pictures")
    network = explainer.network
    x = samples(network, 2)
    found = engine.weight_gradients(explainer, x, "logit:3", ["conv1", "conv2", "fc"])
    exact = InFloat64(network.path)
    for layer, name in (("conv1", "w1"), ("conv2", "w2"), ("fc", "w3")):
        for place in (0, 1):
            feeds = {"x": x[place : place + 1]}
            expected = exact.slopes(feeds, lambda values: values["l"][0, 3], name)
            apart = np.abs(found[layer][place] - expected).max()
            assert apart < 2e-5 * np.abs(expected).max(), (layer, place)


def test_targets_of_all_kinds(explainers):
    explainer = explainers("pictures")
    x = samples(explainer.network, 2)
    exact = InFloat64(explainer.network.path)
    targets = {
        "class:2": lambda v: v["y"][0, 2],
        "conv2:1:max": lambda v: v["r2"][0, 1].max(),
        "conv2:1@2,3+-2*logit:0": lambda v: v["r2"][0, 1, 2, 3] - 2 * v["l"][0, 0],
    }
    for target, function in targets.items():
        found = engine.weight_gradients(explainer, x, target, "conv1")["conv1"]
        for place in (0, 1):
            expected = exact.slopes({"x": x[place : place + 1]}, function, "w1")
            assert np.abs(found[place] - expected).max() < 2e-5 * max(np.abs(expected).max(), 1e-6)


def test_one_graph_serves_all_classes(explainers):
    explainer = explainers("pictures")
    x = samples(explainer.network, 1)
    made = []

    def graph(key, make):
        return type(explainer).graph(explainer, key, lambda: made.append(key) or make())

    explainer.graph = graph
    for target in ("logit:0", "logit:4+-1*logit:2", "fc:3"):
        engine.weight_gradients(explainer, x, target, "conv2")
    del explainer.graph
    assert len(made) == 1


@pytest.mark.parametrize("name", ["last axis", "tokens"])
def test_other_layouts(explainers, name):
    explainer = explainers(name)
    network = explainer.network
    x = samples(network, 2)
    layers = layers_with_filters(network)
    assert len(layers) >= 2
    found = engine.weight_gradients(explainer, x, "logit:1", layers)
    for layer in layers:
        alone = engine.weight_gradients(explainer, x[1], "logit:1", layer)[layer]
        largest = np.abs(found[layer]).max()
        assert np.abs(found[layer][1] - alone[0]).max() <= 1e-6 * largest
        places = np.arange(min(8, alone[0].size))
        check = engine.finite_differences(
            network, x[1], "logit:1", layer, places, explainer=explainer
        )
        assert check.error < 1e-5, (layer, check)


def column_network(path):
    """Samples side by side: the weights stand to the left of a matrix with a column for each."""
    constants = {"w": weights(5, 48, seed=1), "flat": np.array([0, 48], np.int64)}
    nodes = [
        helper.make_node("Reshape", ["x", "flat"], ["f"], "reshape"),
        helper.make_node("Transpose", ["f"], ["t"], "turn", perm=[1, 0]),
        helper.make_node("MatMul", ["w", "t"], ["p"], "product"),
        helper.make_node("Transpose", ["p"], ["y"], "turn_back", perm=[1, 0]),
    ]
    inputs = [("x", TensorProto.FLOAT, ["N", 3, 4, 4])]
    return saved(path, nodes, inputs, [("y", TensorProto.FLOAT, ["N", 5])], constants)


def test_samples_side_by_side_are_run_alone(explainers):
    explainer = explainers("columns")
    network = explainer.network
    assert filters_of(network, forward_of(network), "product").alone
    x = samples(network, 3)
    found = engine.weight_gradients(explainer, x, "logit:2", "product")["product"]
    expected = np.zeros((3, 5, 48), np.float32)
    expected[:, 2] = x.reshape(3, 48)
    assert np.allclose(found, expected, atol=1e-6)
    built = importance_graph(network, explainer.forward, ["product"], "gradient", "l1")
    assert built.alone and built.made == 5 * 48


def test_a_fixed_batch_gives_the_same(explainers):
    free, fixed = explainers("pictures"), explainers("batch of 2")
    x = samples(free.network, 3)
    layers = ("conv1", "conv2", "fc")
    expected = engine.weight_gradients(free, x, "logit:3", layers)
    found = engine.weight_gradients(fixed, x, "logit:3", layers)
    for layer in layers:
        assert found[layer].shape == expected[layer].shape
        assert np.allclose(found[layer], expected[layer], rtol=1e-4, atol=1e-6)


def test_half_precision_is_computed_in_float32(explainers):
    explainer = explainers("half")
    x = samples(explainer.network, 1)
    found = engine.weight_gradients(explainer, x, "logit:3", "conv1")["conv1"]
    assert found.dtype == np.float32 and engine.weights_of(explainer.network, "conv1").dtype == "f4"
    check = engine.finite_differences(
        explainer.network, x, "logit:3", "conv1", range(12), explainer=explainer
    )
    assert check.error < 1e-5


def test_what_is_refused(explainers):
    explainer = explainers("pictures")
    x = samples(explainer.network, 2)
    assert engine.weights_of(explainer.network, "pool1") is None
    with pytest.raises(InputError, match="'pool1' \\(pool\\) has no filters"):
        engine.weight_gradients(explainer, x, "logit:3", "pool1")
    with pytest.raises(InputError, match="do not fit the input"):
        engine.weight_gradients(explainer, x[:, :1], "logit:3", "conv1")
    with pytest.raises(InputError, match="one sample is checked at a time"):
        engine.finite_differences(
            explainer.network, x, "logit:3", "conv1", [0], explainer=explainer
        )
    with pytest.raises(InputError, match="has 54 weights, counted from 0"):
        engine.finite_differences(
            explainer.network, x[0], "logit:3", "conv1", [54], explainer=explainer
        )
