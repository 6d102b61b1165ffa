"""The forward graph for gradients computes what the file computes, whatever the file is."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import engine
from engine.errors import InputError
from engine.gradient.prepare import prepare
from engine.rewrite.upgrade import upgrade
from tests.engine.gradient.networks import picture_network, run_saved, saved, weights


def outputs(model, feeds, folder="."):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    key = "session.model_external_initializers_file_folder_path"
    options.add_session_config_entry(key, str(folder))
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, feeds)


def checked(path, feeds, tolerance=1e-5):
    """Open, prepare, and compare the outputs with those of the file."""
    network = engine.open_network(path)
    forward = prepare(network)
    found = outputs(forward.model, feeds, path.parent)
    for mine, own in zip(found, outputs(onnx.load(path), feeds), strict=True):
        own = own.astype(np.float32)
        assert mine.shape == own.shape
        assert np.abs(mine - own).max() <= tolerance * max(1, np.abs(own).max())
    return network, forward


def normal(*shape):
    return {"x": np.random.default_rng(0).normal(size=shape).astype(np.float32)}


@pytest.mark.parametrize("opset", [7, 9, 11, 13, 17, 18, 21])
def test_operator_sets(tmp_path, opset):
    path = picture_network(tmp_path / "network.onnx", opset=opset)
    network, forward = checked(path, normal(2, 2, 6, 8))
    assert forward.opset == max(18, opset)
    gradients = engine.gradient_graph(network, "class:1", forward=forward)
    assert gradients.opset == max(18, opset)
    assert any("operator set" in note for note in gradients.notes) == (opset < 18)


def test_operators_of_the_first_year(tmp_path):
    nodes = [
        helper.make_node("ImageScaler", ["x"], ["a"], "scaler", scale=0.5, bias=[1.0, -2.0]),
        helper.make_node("Affine", ["a"], ["b"], "affine", alpha=3.0, beta=-1.0),
        helper.make_node("Crop", ["b"], ["c"], "crop", border=[1, 0, 2, 1]),
        helper.make_node("GlobalAveragePool", ["c"], ["y"], "pool"),
    ]
    given = [("x", TensorProto.FLOAT, ["N", 2, 6, 8])]
    path = saved(tmp_path / "old.onnx", nodes, given, [("y", 1, ["N", 2, 1, 1])], opset=7)
    network, _ = checked(path, normal(1, 2, 6, 8))
    found = run_saved(
        engine.gradient_graph(network, "class:1"), tmp_path / "g.onnx", normal(1, 2, 6, 8)
    )
    inside = np.zeros((6, 8))
    inside[0:5, 1:6] = 1.5 / 25
    assert found["gradient_0_input"][0, 1] == pytest.approx(inside)


def test_a_file_that_cannot_be_brought_there_is_one_sentence():
    node = helper.make_node("Upsample", ["x", "s"], ["y"], "up", mode="no such mode")
    model = helper.make_model(
        helper.make_graph(
            [node],
            "g",
            [helper.make_tensor_value_info("x", 1, [1, 1, 2, 2])],
            [helper.make_tensor_value_info("y", 1, None)],
        ),
        opset_imports=[helper.make_opsetid("", 9)],
    )
    with pytest.raises(InputError, match="operator set 9 cannot be brought to 18"):
        upgrade(model, 18, "network.onnx")


def test_half_precision_is_computed_in_float32(tmp_path):
    path = picture_network(tmp_path / "half.onnx", kind=TensorProto.FLOAT16)
    feeds = {"x": normal(1, 2, 6, 8)["x"].astype(np.float16)}
    network, forward = checked(path, feeds, tolerance=2e-3)
    gradients = engine.gradient_graph(
        network, "class:1", ["input", "weights:conv1"], forward=forward
    )
    found = run_saved(gradients, tmp_path / "g.onnx", feeds)
    wide = picture_network(tmp_path / "wide.onnx")
    single = {"x": feeds["x"].astype(np.float32)}
    names = ["input", "weights:conv1"]
    expected = engine.gradient_graph(engine.open_network(wide), "class:1", names)
    expected = run_saved(expected, tmp_path / "w.onnx", single)
    for name in ("gradient_0_input", "gradient_0_weights_conv1"):
        assert found[name].dtype == np.float32
        apart = np.abs(found[name] - expected[name]).max()
        assert apart <= 5e-3 * np.abs(expected[name]).max()
    assert any("half precision" in note for note in gradients.notes)


def test_a_local_function_is_written_out(tmp_path):
    inner = [
        helper.make_node("Sigmoid", ["a"], ["s"], "s"),
        helper.make_node("Mul", ["a", "s"], ["b"], "m"),
    ]
    function = helper.make_function(
        "local", "Swish2", ["a"], ["b"], inner, [helper.make_opsetid("", 17)]
    )
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], "conv1"),
        helper.make_node("Swish2", ["c"], ["d"], "swish", domain="local"),
        helper.make_node("GlobalAveragePool", ["d"], ["y"], "pool"),
    ]
    path = saved(
        tmp_path / "functions.onnx",
        nodes,
        [("x", 1, ["N", 2, 5, 5])],
        [("y", 1, ["N", 3, 1, 1])],
        {"w": weights(3, 2, 3, 3)},
        functions=[function],
        domains=["local"],
    )
    network, _ = checked(path, normal(2, 2, 5, 5))
    gradients = engine.gradient_graph(network, "class:1", "weights:conv1")
    assert run_saved(gradients, tmp_path / "g.onnx", normal(2, 2, 5, 5))


def quantised(path, form):
    """A convolution with a ReLU6 that only its output's range knows, in two ways of writing."""
    w = np.clip(np.rint(weights(3, 2, 3, 3, seed=1) / 0.02), -127, 127).astype(np.int8)
    constants = {
        "xs": np.float32(0.02),
        "xz": np.uint8(100),
        "ws": np.full(3, 0.02, np.float32),
        "wz": np.zeros(3, np.int8),
        "w": w,
        "b": np.array([50, -20, 0], np.int32),
        "ys": np.float32(0.01),
        "yz": np.uint8(0),
        "bs": np.full(3, 0.0004, np.float32),
    }
    if form == "QLinear":
        names = ["xq", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"]
        middle = [helper.make_node("QLinearConv", names, ["yq"], "conv1", pads=[1, 1, 1, 1])]
    else:
        middle = [
            helper.make_node("DequantizeLinear", ["xq", "xs", "xz"], ["xd"], "dq1"),
            helper.make_node("DequantizeLinear", ["w", "ws", "wz"], ["wd"], "dq2", axis=0),
            helper.make_node("DequantizeLinear", ["b", "bs"], ["bd"], "dq3", axis=0),
            helper.make_node("Conv", ["xd", "wd", "bd"], ["c"], "conv1", pads=[1, 1, 1, 1]),
            helper.make_node("QuantizeLinear", ["c", "ys", "yz"], ["yq"], "q2"),
        ]
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "xs", "xz"], ["xq"], "q1"),
        *middle,
        helper.make_node("MaxPool", ["yq"], ["pq"], "pool1", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("DequantizeLinear", ["pq", "ys", "yz"], ["pd"], "dq4"),
        helper.make_node("GlobalAveragePool", ["pd"], ["y"], "mean"),
    ]
    given = [("x", 1, ["N", 2, 6, 6])]
    return saved(path, nodes, given, [("y", 1, ["N", 3, 1, 1])], constants)


@pytest.mark.parametrize("form", ["QLinear", "QDQ"])
def test_quantised_networks_through_their_real_numbers(tmp_path, form):
    path = quantised(tmp_path / "int8.onnx", form)
    feeds = normal(1, 2, 6, 6)
    network, forward = checked(path, feeds, tolerance=0.02)  # half a step of input and output
    gradients = engine.gradient_graph(network, "class:1", ["input", "conv1"], forward=forward)
    found = run_saved(gradients, tmp_path / "g.onnx", feeds)
    assert any("quantised" in note for note in gradients.notes)
    step = 1e-3
    for place in np.ndindex(1, 2, 3, 3):
        ends = []
        for sign in (1, -1):
            moved = {"x": feeds["x"].copy()}
            moved["x"][place] += sign * step
            ends.append(outputs(forward.model, moved, tmp_path)[0][0, 1, 0, 0])
        slope = (float(ends[0]) - float(ends[1])) / (2 * step)
        assert found["gradient_0_input"][place] == pytest.approx(slope, abs=2e-4)


def test_an_integer_input_counts_by_its_values(tmp_path):
    nodes = [
        helper.make_node("Cast", ["x"], ["f"], "cast", to=1),
        helper.make_node("Mul", ["f", "scale"], ["s"], "scaled"),
        helper.make_node("GlobalAveragePool", ["s"], ["y"], "mean"),
    ]
    given = [("x", TensorProto.UINT8, ["N", 3, 4, 4])]
    constants = {"scale": np.float32(0.5)}
    path = saved(tmp_path / "bytes.onnx", nodes, given, [("y", 1, ["N", 3, 1, 1])], constants)
    network = engine.open_network(path)
    feeds = {"x": np.random.default_rng(0).integers(0, 255, (2, 3, 4, 4), np.uint8)}
    found = run_saved(engine.gradient_graph(network, "class:2"), tmp_path / "g.onnx", feeds)
    assert (found["gradient_0_input"][:, 2] == 0.5 / 16).all()
    assert not found["gradient_0_input"][:, :2].any()


# -- saving ----------------------------------------------------------------------------------------


def with_external_data(folder):
    path = picture_network(folder / "network.onnx")
    model = onnx.load(path)
    onnx.save(
        model,
        path,
        save_as_external_data=True,
        location="network.weights",
        size_threshold=0,
    )
    return path


def test_weights_beside_the_file_are_referred_to(tmp_path):
    network = engine.open_network(with_external_data(tmp_path))
    gradients = engine.gradient_graph(network, "class:1")
    written = gradients.save(tmp_path / "g.onnx")
    assert [path.name for path in written] == ["g.onnx"]
    assert run_saved(gradients, tmp_path / "g.onnx", normal(1, 2, 6, 8))["gradient_0_input"].any()


def test_weights_go_along_to_another_folder(tmp_path):
    (tmp_path / "there").mkdir()
    network = engine.open_network(with_external_data(tmp_path))
    gradients = engine.gradient_graph(network, "class:1")
    here = run_saved(gradients, tmp_path / "g.onnx", normal(1, 2, 6, 8))
    written = gradients.save(tmp_path / "there" / "g.onnx")
    assert [path.name for path in written] == ["g.onnx", "g.onnx.data"]
    there = run_saved(gradients, tmp_path / "there" / "g.onnx", normal(1, 2, 6, 8))
    assert np.array_equal(here["gradient_0_input"], there["gradient_0_input"])


def test_large_weights_inside_the_file_are_copied_once(tmp_path):
    wide = weights(400, 2 * 30 * 30)
    nodes = [
        helper.make_node("Flatten", ["x"], ["f"], "flat"),
        helper.make_node("Gemm", ["f", "w"], ["y"], "fc", transB=1),
    ]
    given, made = [("x", 1, ["N", 2, 30, 30])], [("y", 1, ["N", 400])]
    path = saved(tmp_path / "wide.onnx", nodes, given, made, {"w": wide})
    gradients = engine.gradient_graph(engine.open_network(path), "class:7")
    (tensor,) = [t for t in gradients.model.graph.initializer if t.name == "w"]
    assert tensor.data_location == tensor.EXTERNAL
    (tmp_path / "there").mkdir()
    found = run_saved(gradients, tmp_path / "there" / "g.onnx", normal(1, 2, 30, 30))
    assert found["gradient_0_input"].ravel() == pytest.approx(wide[7])


def test_the_networks_own_file_is_never_written(tmp_path):
    path = picture_network(tmp_path / "network.onnx")
    gradients = engine.gradient_graph(engine.open_network(path), "class:1")
    before = path.read_bytes()
    with pytest.raises(InputError, match="own file"):
        gradients.save(path)
    with pytest.raises(InputError, match="no such folder"):
        gradients.save(tmp_path / "nowhere" / "g.onnx")
    assert path.read_bytes() == before and not list(tmp_path.glob("*.part"))


def test_constants_are_small(tmp_path):
    """Weights are referred to or used in place: what is added does not grow with them."""
    path = picture_network(tmp_path / "network.onnx")
    gradients = engine.gradient_graph(engine.open_network(path), "class:1", ["input", "weights:fc"])
    own = {t.name for t in onnx.load(path).graph.initializer}
    added = [t for t in gradients.model.graph.initializer if t.name not in own]
    assert sum(numpy_helper.to_array(t).nbytes for t in added) < 4096
