"""Whole gradients through the file: targets, wanted tensors, batches, and what is refused."""

import numpy as np
import onnx
import pytest

import engine
from engine.errors import InputError
from tests.engine.gradient.networks import (
    InFloat64,
    last_axis_network,
    picture_network,
    run_saved,
    token_network,
)

TOLERANCE = 2e-5  # of the largest slope: float32 forward and backward of a network this small


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("gradients")


@pytest.fixture(scope="module")
def pictures(folder):
    return engine.open_network(picture_network(folder / "pictures.onnx"))


@pytest.fixture(scope="module")
def tokens(folder):
    return engine.open_network(token_network(folder / "tokens.onnx"))


@pytest.fixture(scope="module")
def last_axis(folder):
    return engine.open_network(last_axis_network(folder / "last_axis.onnx"))


def sample(network, count=1, seed=0):
    shape = (count, *network.input_shape[1:])
    return {"x": np.random.default_rng(seed).normal(size=shape).astype(np.float32)}


def close(found, expected):
    scale = max(np.abs(expected).max(), 1e-9)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= TOLERANCE * scale, np.abs(found - expected).max()


TARGETS = [
    ("class:3", lambda v: v["y"][0, 3]),
    ("logit:3", lambda v: v["l"][0, 3]),
    ("logit:3+-0.5*logit:1+2e-1*class:0", None),
    ("conv2:1", lambda v: v["r2"][0, 1].mean()),
    ("conv2:1:sum", lambda v: v["r2"][0, 1].sum()),
    ("conv2:1:max", lambda v: v["r2"][0, 1].max()),
    ("conv2:1@2,3", lambda v: v["r2"][0, 1, 2, 3]),
    ("conv1:2@1:4,0:7", lambda v: v["r1"][0, 2, 1:4, 0:7].mean()),
    ("conv1:2@1:4,0:7:sum", lambda v: v["r1"][0, 2, 1:4, 0:7].sum()),
    ("conv1:2@1:4,0:7:max", lambda v: v["r1"][0, 2, 1:4, 0:7].max()),
    ("pool1:0@1,1+conv2:0", lambda v: v["p1"][0, 0, 1, 1] + v["r2"][0, 0].mean()),
    ("fc:2", lambda v: v["l"][0, 2]),
    ("tensor=c1:2@0:2,0:2", lambda v: v["c1"][0, 2, :2, :2].mean()),
]


def mixed(values):
    y, logits = values["y"][0], values["l"][0]
    return logits[3] - 0.5 * logits[1] + 0.2 * y[0]


@pytest.mark.parametrize(("target", "function"), TARGETS)
def test_targets_and_their_values(pictures, folder, target, function):
    function = function or mixed
    feeds = sample(pictures)
    gradients = engine.gradient_graph(pictures, target)
    found = run_saved(gradients, folder / "target.onnx", feeds)
    exact = InFloat64(pictures.path)
    assert found["value_0"] == pytest.approx([function(exact.values(feeds))], abs=1e-5)
    close(found["gradient_0_input"], exact.slopes(feeds, function, "x"))


@pytest.mark.parametrize(
    ("wrt", "tensor"),
    [("weights:conv1", "w1"), ("bias:conv1", "b1"), ("weights:conv2", "w2"), ("weights:fc", "w3")],
)
def test_weights_by_finite_differences(pictures, folder, wrt, tensor):
    feeds = sample(pictures, seed=1)
    gradients = engine.gradient_graph(pictures, "class:2", wrt)
    found = run_saved(gradients, folder / "weights.onnx", feeds)
    function = lambda v: v["y"][0, 2]  # noqa: E731
    close(found[gradients.outputs[-1]], InFloat64(pictures.path).slopes(feeds, function, tensor))


def test_weights_are_summed_over_the_batch_or_kept_for_each_sample(pictures, folder):
    wrt = ["weights:conv1", "bias:conv1", "weights:conv2", "weights:fc", "bias:fc"]
    feeds = sample(pictures, 3)
    summed = engine.gradient_graph(pictures, "logit:1", wrt)
    alone = engine.gradient_graph(pictures, "logit:1", wrt, per_sample=True)
    total = run_saved(summed, folder / "summed.onnx", feeds)
    each = run_saved(alone, folder / "alone.onnx", feeds)
    for name in summed.outputs[1:]:
        close(each[name].sum(0), total[name])
        for place in range(3):
            one = run_saved(summed, folder / "one.onnx", {"x": feeds["x"][place : place + 1]})
            close(each[name][place], one[name])
    assert [entry["shape"][0] for entry in alone.gradients] == ["N"] * len(wrt)


def test_every_sample_of_a_batch_has_its_own_gradient(pictures, folder):
    feeds = sample(pictures, 4)
    gradients = engine.gradient_graph(pictures, ["class:1", "conv2:3:max"], ["input", "conv1"])
    whole = run_saved(gradients, folder / "batch.onnx", feeds)
    for place in range(4):
        one = run_saved(gradients, folder / "batch.onnx", {"x": feeds["x"][place : place + 1]})
        for name in gradients.outputs:
            close(whole[name][place : place + 1], one[name])


def test_layers_before_and_after_their_activation(pictures, folder):
    feeds = sample(pictures)
    gradients = engine.gradient_graph(pictures, "logit:0", ["conv2", "conv2:pre", "pool1"])
    found = run_saved(gradients, folder / "layers.onnx", feeds)
    values = InFloat64(pictures.path).values(feeds)
    after = values["r2"][0] > 0
    weights = InFloat64(pictures.path).constants["w3"][0].reshape(4, 3, 4)
    close(found["gradient_0_conv2"][0], weights)
    close(found["gradient_0_conv2_pre"][0], weights * after)
    assert found["gradient_0_pool1"].shape == (1, 3, 3, 4)


@pytest.mark.parametrize("target", ["class:1", "conv1:2@1,2", "conv1:0@0:2,1:3", "conv1:1:max"])
def test_channels_last(last_axis, folder, target):
    def function(values):
        turned = values["a1"][0].transpose(2, 0, 1)
        return {
            "class:1": values["y"][0, 1],
            "conv1:2@1,2": turned[2, 1, 2],
            "conv1:0@0:2,1:3": turned[0, :2, 1:3].mean(),
            "conv1:1:max": turned[1].max(),
        }[target]

    feeds = sample(last_axis)
    gradients = engine.gradient_graph(last_axis, target, ["input", "conv1", "weights:conv1"])
    found = run_saved(gradients, folder / "last_axis_gradient.onnx", feeds)
    exact = InFloat64(last_axis.path)
    close(found["gradient_0_input"], exact.slopes(feeds, function, "x"))
    close(found["gradient_0_weights_conv1"], exact.slopes(feeds, function, "w1"))
    assert found["gradient_0_conv1"].shape == (1, 3, 4, 3)


@pytest.mark.parametrize("wrt", [("input", "x"), ("weights:query", "wq"), ("weights:head", "w2")])
def test_attention(tokens, folder, wrt):
    feeds = sample(tokens)
    gradients = engine.gradient_graph(tokens, "class:2", wrt[0])
    found = run_saved(gradients, folder / "tokens_gradient.onnx", feeds)
    exact = InFloat64(tokens.path)
    close(found[gradients.outputs[-1]], exact.slopes(feeds, lambda v: v["y"][0, 2], wrt[1]))


def test_weights_of_tokens_for_each_sample(tokens, folder):
    feeds = sample(tokens, 3)
    wrt = ["weights:query", "weights:patch", "weights:head"]
    total = run_saved(engine.gradient_graph(tokens, "class:0", wrt), folder / "a.onnx", feeds)
    alone = engine.gradient_graph(tokens, "class:0", wrt, per_sample=True)
    each = run_saved(alone, folder / "b.onnx", feeds)
    for name in alone.outputs[1:]:
        assert each[name].shape[0] == 3
        close(each[name].sum(0), total[name])


def test_the_bias_of_a_matmul_is_what_its_add_adds(last_axis, folder):
    gradients = engine.gradient_graph(last_axis, "class:1+class:3", "bias:dense")
    found = run_saved(gradients, folder / "bias.onnx", sample(last_axis, 2))
    assert found["gradient_0_bias_dense"].tolist() == [0, 2, 0, 2]


def test_dead_units_have_no_gradient(pictures, folder):
    feeds = {"x": np.zeros((1, 2, 6, 8), np.float32)}
    exact = InFloat64(pictures.path).values(feeds)
    dead = next(c for c in range(3) if exact["r1"][0, c].max() == 0)
    gradients = engine.gradient_graph(pictures, f"conv1:{dead}:sum", ["input", "weights:conv1"])
    found = run_saved(gradients, folder / "dead.onnx", feeds)
    assert not found["gradient_0_input"].any()
    assert not found["gradient_0_weights_conv1"].any()


def test_a_saturated_softmax_has_no_slope_and_its_logit_has(pictures, folder):
    feeds = {"x": sample(pictures)["x"] * 1e4}
    gradients = engine.gradient_graph(pictures, ["class:0", "logit:0"])
    found = run_saved(gradients, folder / "saturated.onnx", feeds)
    assert found["value_0"][0] in (0.0, 1.0)
    assert not found["gradient_0_input"].any()
    assert np.isfinite(found["gradient_1_input"]).all() and found["gradient_1_input"].any()


def test_what_only_decides_has_a_gradient_of_zero(folder):
    from onnx import TensorProto, helper

    from tests.engine.gradient.networks import saved

    nodes = [
        helper.make_node("Floor", ["x"], ["f"], "floor"),
        helper.make_node("GlobalAveragePool", ["f"], ["y"], "mean"),
    ]
    path = saved(
        folder / "floor.onnx",
        nodes,
        [("x", TensorProto.FLOAT, ["N", 3, 4, 4])],
        [("y", TensorProto.FLOAT, ["N", 3, 1, 1])],
    )
    network = engine.open_network(path)
    found = run_saved(
        engine.gradient_graph(network, "class:1"), folder / "zero.onnx", sample(network, 2)
    )
    assert found["gradient_0_input"].shape == (2, 3, 4, 4) and not found["gradient_0_input"].any()


def test_the_declared_shapes_are_those_of_the_arrays(pictures, folder):
    gradients = engine.gradient_graph(
        pictures, "class:0", ["input", "conv1", "weights:fc", "bias:conv1"]
    )
    found = run_saved(gradients, folder / "shapes.onnx", sample(pictures, 2))
    for entry in gradients.as_json()["gradients"]:
        shape = [2 if size == "N" else size for size in entry["shape"]]
        assert list(found[entry["output"]].shape) == shape


@pytest.mark.parametrize(
    ("target", "wrt", "said"),
    [
        ("class:5", "input", "there are 5 classes"),
        ("conv1:3", "input", "there are 3 channels"),
        ("conv1:0@6,0", "input", "6 x 8 positions"),
        ("conv1:0@1", "input", "6 x 8 positions"),
        ("conv1:0@3:3,0:1", "input", "is empty"),
        ("class:1@2,2", "input", "no positions"),
        ("conv9:0", "input", "no layer"),
        ("conv1", "input", "no target"),
        ("1.2.3*class:1", "input", "no number"),
        ("tensor=zz:1", "input", "no tensor"),
        ("conv1:0", "conv2", "does not depend"),
        ("class:0", "weights:pool1", "no weights"),
        ("class:0", "bias:conv2", "no bias"),
        ("class:0", "conv1:past", "nothing to take a gradient"),
        ("class:0", "nowhere", "no layer"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(pictures, target, wrt, said):
    with pytest.raises(InputError, match=said):
        engine.gradient_graph(pictures, target, wrt)


def test_an_operator_without_a_rule_is_named(folder):
    from onnx import TensorProto, helper

    from tests.engine.gradient.networks import saved

    node = helper.make_node("Det", ["x"], ["d"], "determinant")
    last = helper.make_node("Mul", ["x", "d"], ["y"], "times")
    path = saved(
        folder / "det.onnx",
        [node, last],
        [("x", TensorProto.FLOAT, [1, 4, 4])],
        [("y", TensorProto.FLOAT, [1, 4, 4])],
    )
    network = engine.open_network(path)
    layer = network.layers[-1].name
    with pytest.raises(InputError, match=r"operator Det \(node 'determinant'\)"):
        engine.gradient_graph(network, f"{layer}:0")


def test_parts_of_a_split_that_nobody_reads_stay(folder):
    from onnx import TensorProto, helper

    from tests.engine.gradient.networks import saved, weights

    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "dense"),
        helper.make_node("Split", ["h", "sizes"], ["a", "b", "c"], "split", axis=1),
        helper.make_node("MatMul", ["a", "v"], ["first"], "first"),
        helper.make_node("Softmax", ["c"], ["y"], "softmax"),
    ]
    path = saved(
        folder / "split.onnx",
        nodes,
        [("x", TensorProto.FLOAT, ["N", 4])],
        [("y", TensorProto.FLOAT, ["N", 3])],
        {"w": weights(4, 8), "v": weights(2, 2), "sizes": np.array([2, 3, 3])},
    )
    network = engine.open_network(path)
    found = run_saved(
        engine.gradient_graph(network, "first:1"), folder / "split.grad.onnx", sample(network)
    )
    close(found["gradient_0_input"], (weights(4, 8)[:, :2] @ weights(2, 2))[None, :, 1])


def test_the_file_stays_as_it_is(pictures):
    before = onnx.load(pictures.path).SerializeToString()
    engine.gradient_graph(pictures, "class:0")
    assert onnx.load(pictures.path).SerializeToString() == before


def test_samples_that_lie_between_each_other_are_not_told_apart(folder):
    from onnx import TensorProto, helper

    from tests.engine.gradient.networks import saved, weights

    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], "turn", perm=[1, 0, 2]),
        helper.make_node("MatMul", ["t", "w"], ["h"], "dense"),
        helper.make_node("ReduceMean", ["h"], ["y"], "mean", axes=[0], keepdims=0),
    ]
    path = saved(
        folder / "inside.onnx",
        nodes,
        [("x", TensorProto.FLOAT, ["N", 4, 6])],
        [("y", TensorProto.FLOAT, ["N", 3])],
        {"w": weights(6, 3)},
    )
    network = engine.open_network(path)
    feeds = {"x": np.random.default_rng(0).normal(size=(2, 4, 6)).astype(np.float32)}
    found = run_saved(
        engine.gradient_graph(network, "class:1", "weights:dense"), folder / "in.onnx", feeds
    )
    expected = np.zeros((6, 3))
    expected[:, 1] = feeds["x"].mean(1).sum(0)
    close(found["gradient_0_weights_dense"], expected)
    with pytest.raises(InputError, match="not outermost"):
        engine.gradient_graph(network, "class:1", "weights:dense", per_sample=True)
