"""Class scores: which output, how many classes, what they are, and how they are read."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from engine.errors import InputError
from engine.network.scores import Scores
from tests.engine.network.building import model, node, saved, weight

X = {"x": ("n", 6)}
W = {"w": weight(6, 5), "one": weight(6, 1)}


def network_of(opened, nodes, outputs, constants=W, inputs=X, **options):
    return opened(model(nodes, inputs, outputs, constants), **options)


ENDS = {
    "none": [node("MatMul", "x w", "y")],
    "softmax": [node("MatMul", "x w", "a"), node("Softmax", "a", "y")],
    "log-softmax": [node("MatMul", "x w", "a"), node("LogSoftmax", "a", "y")],
    "sigmoid": [node("MatMul", "x w", "a"), node("Sigmoid", "a", "y")],
}


@pytest.mark.parametrize("end", ENDS)
def test_what_the_network_ends_with(end, opened):
    scores = network_of(opened, ENDS[end], "y").scores
    assert (scores.tensor, scores.classes, scores.binary) == ("y", 5, False)
    assert scores.activation == end
    assert scores.needs_softmax == (end in ("none", "log-softmax"))


def test_softmax_behind_a_reshape_counts(opened):
    nodes = [*ENDS["softmax"], node("Reshape", "y s", "z")]
    scores = network_of(opened, nodes, "z", W | {"s": np.array([-1, 5, 1, 1])}).scores
    assert (scores.activation, scores.classes) == ("softmax", 5)
    assert scores.read(np.arange(10.0).reshape(2, 5, 1, 1)).shape == (2, 5)


def test_the_first_fitting_output_in_the_files_order(opened):
    nodes = [
        node("MatMul", "x one", "single"),
        node("ArgMax", "y", "label", axis=1, keepdims=0),
        node("MatMul", "x w", "y"),
        node("Reshape", "y s", "boxes"),
        node("Relu", "y", "second"),
    ]
    constants = W | {"s": np.array([-1, 5, 1])}
    network = network_of(opened, nodes, "single label boxes y second", constants)
    assert network.scores.output == "y"
    assert network_of(opened, nodes, "single label", constants).scores.binary


@pytest.mark.parametrize(("end", "threshold"), [("Sigmoid", 0.5), ("Identity", 0.0)])
def test_one_number_is_two_classes(end, threshold, opened):
    nodes = [node("MatMul", "x one", "a"), node(end, "a", "y")]
    scores = network_of(opened, nodes, "y").scores
    assert scores.binary and scores.classes == 2 and scores.threshold == threshold
    read = scores.read(np.array([[threshold - 0.1], [threshold + 0.1], [np.nan]]))
    assert scores.predict(read).tolist() == [0, 1, -1]
    assert "two classes" in scores.reason


def test_integers_are_decisions(opened):
    nodes = [node("MatMul", "x w", "a"), node("ArgMax", "a", "b"), node("Cast", "a", "y", to=7)]
    network = network_of(opened, nodes, "y b")
    assert network.scores is None
    assert "no output holds one number for each class" in network.scores_reason
    assert "int64[1, 5]" in network.scores_reason


def test_quantised_scores_are_read_through_their_scale(opened):
    nodes = [node("MatMul", "x w", "a"), node("QuantizeLinear", "a s z", "y")]
    constants = W | {"s": np.float32(0.5), "z": np.uint8(10)}
    scores = network_of(opened, nodes, "y", constants).scores
    found = scores.read(np.array([[10, 12, 8, 10, 255]], np.uint8))
    assert found.dtype == np.float32 and found.tolist() == [[0, 1, -1, 0, 122.5]]


def test_maps_of_a_zipmap(opened):
    nodes = [
        node("MatMul", "x w", "a"),
        node("Softmax", "a", "p"),
        node("ZipMap", "p", "y", domain="ai.onnx.ml", classlabels_strings=list("abcde")),
    ]
    proto = model(nodes, X, "", W, domains=[("ai.onnx.ml", 3)])
    inner = helper.make_map_type_proto(
        TensorProto.STRING, helper.make_tensor_type_proto(TensorProto.FLOAT, [])
    )
    kind = helper.make_sequence_type_proto(inner)
    proto.graph.output.append(helper.make_value_info("y", kind))
    scores = opened(proto).scores
    assert (scores.tensor, scores.output, scores.classes) == ("p", "y", 5)
    assert scores.labels == tuple("abcde")


def test_a_person_chooses(opened):
    nodes = [node("MatMul", "x w", "a"), node("Relu", "a", "b"), node("Flatten", "b", "y")]
    assert network_of(opened, nodes, "y", scores="a").scores.tensor == "a"
    with pytest.raises(InputError, match="no class scores"):
        network_of(opened, nodes, "y", scores="nonsense")
    with pytest.raises(InputError, match="choose one of the outputs"):
        picture = [node("Relu", "x", "y")]
        opened(model(picture, {"x": (1, 3, 8, 8)}, "y"), scores="y")


def test_kept_as_json(opened):
    nodes = [node("MatMul", "x w", "a"), node("QuantizeLinear", "a s z", "y")]
    constants = W | {"s": np.float32(0.5), "z": np.int8(1)}
    scores = network_of(opened, nodes, "y", constants).scores
    assert Scores.from_json(scores.as_json()) == scores


def test_nan_scores_have_no_class():
    scores = Scores("y", "y", 3, False, "none", None, None, "")
    values = np.array([[1, np.nan, 0], [np.nan] * 3, [0, 1, np.inf]], np.float32)
    assert scores.predict(values).tolist() == [0, -1, 2]


REAL = {
    "mnist-8_cntk": ("Plus214_Output_0", 10, "none"),
    "mnist_burn_pytorch": ("33", 10, "log-softmax"),
    "digits_sklearn_mlp_zipmap": ("output_probability", 10, "softmax"),
    "cifar10_resnet8_int8_mlperf_tf2onnx": ("Identity_int8", 10, "softmax"),
    "squeezenet_fp16_winml": ("softmaxout_1", 1000, "softmax"),
    "vww_mobilenetv1_025_tf2onnx": ("dense", 2, "softmax"),
    "yunet_n_320": None,
    "super_resolution_zoo": None,
}


@pytest.mark.parametrize("name", REAL)
def test_real_networks(name, opened, shared_models):
    found = opened(shared_models / f"{name}.onnx").scores
    seen = None if found is None else (found.output, found.classes, found.activation)
    assert seen == REAL[name]


def test_saved_file_is_untouched(opened, tmp_path):
    proto = model(ENDS["none"], X, "y", W)
    path = saved(proto, tmp_path, "kept.onnx")
    before = path.read_bytes()
    opened(path)
    assert path.read_bytes() == before
