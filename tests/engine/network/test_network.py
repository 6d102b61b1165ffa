"""Opening networks: shapes that run, facts that are right, what is kept without the file."""

import json
from collections import Counter

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, shape_inference

from engine.errors import InputError
from engine.network.network import info_json, open_network
from engine.network.summary import NetworkSummary
from tests.engine.network.building import model, node, saved, weight

CONV = {"w": weight(4, 3, 3, 3)}


def lenet(batch="n", rows=12, columns=12):
    nodes = [
        node("Conv", "x w", "a", "conv1"),
        node("Relu", "a", "b"),
        node("GlobalAveragePool", "b", "c", "pool"),
        node("Flatten", "c", "d"),
        node("Gemm", "d m k", "y", "fc"),
    ]
    constants = CONV | {"m": weight(4, 5), "k": weight(5)}
    return model(nodes, {"x": (batch, 3, rows, columns)}, "y", constants)


def test_facts(opened):
    network = opened(lenet())
    assert (network.opset, network.producer, network.nodes) == (17, "test", 5)
    assert network.image_input == "x" and network.input_shape == (1, 3, 12, 12)
    assert network.batch_is_free and not network.size_is_free and network.batch == 1
    assert [layer.name for layer in network.layers] == ["conv1", "pool", "fc"]
    assert [layer.depth for layer in network.layers] == [1, 2, 3]
    assert network.layer("conv1").output_shape == (4, 10, 10)
    assert network.layer("conv1").channel_axis == 1 and network.layer("fc").batch_axis == 0
    assert network.scores.classes == network.classes == 5
    assert len(network.sha256) == 64 and network.notes == ()
    assert network.preprocessing.input_shape == (3, 12, 12)


def test_box(opened):
    network = opened(lenet())
    assert network.layer("conv1").receptive_field.size == (3, 3)
    assert network.box("conv1", 2, 5) == (2, 5, 5, 8)
    assert network.layer("fc").receptive_field.status == "whole input"
    for wrong in ((2,), (2, 10), (-1, 0), (1, 2, 3)):
        with pytest.raises(InputError, match="no unit"):
            network.box("conv1", *wrong)


def test_near_matches_and_patterns(opened):
    network = opened(lenet())
    with pytest.raises(InputError, match="did you mean conv1"):
        network.layer("conv_1")
    assert [each.name for each in network.select(["*o*"])] == ["conv1", "pool"]
    assert [each.name for each in network.select("fc")] == ["fc"]
    assert network.select(None) == network.layers
    assert list(network.select([])) == []
    with pytest.raises(InputError, match="no layer fits"):
        network.select(["q*"])


def test_the_facts_survive_json(opened):
    network = opened(lenet())
    document = json.loads(json.dumps(network.to_json()))
    again = NetworkSummary.from_json(document)
    assert again == network.summary()
    assert again.layer("conv1").receptive_field == network.layer("conv1").receptive_field
    with pytest.raises(InputError, match="another format"):
        NetworkSummary.from_json(document | {"format": 99})


def test_info_has_what_the_command_line_promises(opened):
    document = json.loads(json.dumps(info_json(opened(lenet()))))
    facts = {"inputs", "outputs", "opset", "producer", "nodes", "preprocessing", "layers"}
    assert facts <= document.keys()
    assert document["preprocessing"]["reason"]
    layer = document["layers"][0]
    promised = "name kind op_types tensors file_layout output_shape size_is_free params macs"
    assert set(promised.split()) | {"receptive_field"} <= layer.keys()
    assert layer["tensors"] == {"pre": "a", "post": "b", "raw": ["a", "b"]}
    field = layer["receptive_field"]
    assert field == {
        "size": [3, 3], "stride": [1, 1], "center": [1, 1], "status": "exact", "uniform": True
    }  # fmt: skip


def test_depth_is_the_longest_path_and_ties_go_by_place(opened):
    nodes = [
        node("Conv", "x w", "a", "late"),
        node("Conv", "x w", "b", "first"),
        node("Conv", "b v", "c", "second"),
        node("Conv", "a v", "d", "other"),
        node("Add", "c d", "e", "join"),
        node("Concat", "e e2", "y", "top", axis=1),
        node("Relu", "e", "e2"),
    ]
    proto = model(nodes, {"x": (1, 3, 9, 9)}, "y", CONV | {"v": weight(4, 4, 3, 3)})
    layers = opened(proto).layers
    found = [(layer.name, layer.depth) for layer in layers]
    assert found == [
        ("late", 1), ("first", 1), ("second", 2), ("other", 2), ("join", 3),
        ("Relu_e2", 4), ("top", 5),
    ]  # fmt: skip
    assert layers[4].sources == ("second", "other")


# shapes


def test_a_free_batch_that_a_reshape_refuses(opened):
    nodes = [node("Conv", "x w", "a"), node("Reshape", "a s", "y")]
    proto = model(nodes, {"x": ("n", 3, 6, 6)}, "y", CONV | {"s": np.array([1, 64])})
    network = opened(proto)
    assert not network.batch_is_free and network.batch == 1
    assert "only 1 runs" in network.notes[0]


def test_a_free_batch_that_the_output_ignores(opened):
    nodes = [node("Conv", "x w", "a"), node("Reshape", "a s", "b"), node("Slice", "b f t z", "y")]
    constants = CONV | {"s": np.array([-1, 64]), "f": np.array([0])}
    constants |= {"t": np.array([1]), "z": np.array([0])}
    network = opened(model(nodes, {"x": ("n", 3, 6, 6)}, "y", constants))
    assert not network.batch_is_free
    assert "does not grow" in network.notes[0]


def test_a_batch_that_the_file_fixes(opened):
    network = opened(lenet(batch=4))
    assert network.batch == 4 and network.input_shape == (4, 3, 12, 12)
    assert network.layer("conv1").output_shape == (4, 10, 10)
    assert network.layer("conv1").macs == 4 * 100 * 27
    assert network.scores.classes == 5
    assert "fixes the batch to 4" in network.notes[0]


def test_free_sizes(opened):
    network = opened(lenet(rows="h", columns="w"))
    assert network.size_is_free and network.input_shape == (1, 3, 224, 224)
    assert "was chosen" in network.notes[0]
    free = {layer.name: layer.size_is_free for layer in network.layers}
    assert free == {"conv1": True, "pool": False, "fc": False}
    chosen = opened(lenet(rows="h", columns="w"), size=(20, 30))
    assert chosen.input_shape == (1, 3, 20, 30)
    assert chosen.layer("conv1").output_shape == (4, 18, 28)
    assert opened(lenet(rows="h", columns="w"), preprocess={"size": 16}).input_shape[2:] == (16, 16)


def test_only_some_sizes_run(opened):
    nodes = [node("Conv", "x w", "a"), node("Reshape", "a s", "b"), node("Gemm", "b m", "y")]
    constants = CONV | {"s": np.array([1, 4 * 26 * 26]), "m": weight(4 * 26 * 26, 3)}
    network = opened(model(nodes, {"x": (1, 3, "h", "w")}, "y", constants))
    assert network.input_shape == (1, 3, 28, 28) and not network.size_is_free
    assert any("nothing else than 28x28" in note for note in network.notes)


def test_a_size_that_does_not_fit_is_told(opened):
    with pytest.raises(InputError, match=r"fixed size \(expected 12x12, got 20x30\)"):
        opened(lenet(), size=(20, 30))
    with pytest.raises(InputError, match="above 0"):
        opened(lenet(), size=(0, 5))
    huge = lenet()
    huge.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 1 << 40
    with pytest.raises(InputError, match="values"):
        opened(huge)


def test_other_inputs_get_constants(opened):
    nodes = [
        node("Conv", "x w", "a"),
        node("Cast", "im_size", "s", to=1),
        node("Mul", "a scale", "b"),
        node("Where", "training zero b", "c"),
        node("ReduceMax", "s", "m", keepdims=0),
        node("Mul", "c m", "y"),
    ]
    proto = model(nodes, {"x": ("n", 3, 8, 10)}, "y", CONV | {"zero": np.float32(0)})
    for name, kind, shape in [
        ("im_size", TensorProto.INT64, ["n", 2]),
        ("scale", TensorProto.FLOAT, [1]),
        ("training", TensorProto.BOOL, []),
    ]:
        proto.graph.input.append(helper.make_tensor_value_info(name, kind, shape))
    network = opened(proto)
    assert network.image_input == "x"
    feeds = network.feeds_for(np.zeros((3, 3, 8, 10), np.float32))
    assert feeds["im_size"].tolist() == [[8, 10]] * 3
    assert feeds["scale"].tolist() == [1.0] and not feeds["training"]
    assert any("'im_size' gets 8, 10" in note for note in network.notes)


def test_networks_without_pictures(opened):
    ids = model([node("Cast", "x", "y", to=1)], {}, "y")
    ids.graph.input.append(helper.make_tensor_value_info("x", TensorProto.STRING, ["n"]))
    with pytest.raises(InputError, match="no input that could take a picture"):
        opened(ids)
    volume = model(
        [node("Conv", "x w", "y")], {"x": (1, 1, 4, 4, 4)}, "y", {"w": weight(2, 1, 2, 2, 2)}
    )
    network = opened(volume)
    assert network.preprocessing is None and network.layers[0].output_shape == (2, 3, 3, 3)


def test_a_graph_that_contradicts_itself_is_told(opened, monkeypatch):
    def broken(*arguments):
        raise IndexError("tuple index out of range")

    monkeypatch.setattr("engine.network.network.group_layers", broken)
    with pytest.raises(InputError, match="contradicts itself"):
        opened(lenet())


# real networks, read as a person reads them

KINDS = {
    "mnist-8_cntk": "conv 2, pool 2, linear 1",
    "mnist_burn_pytorch": "conv 3, linear 2, softmax 1",
    "cifar10_resnet20_ts13": "conv 19, add 9, pool 1, linear 1",
    "cifar10_resnet8_mlperf_tf2onnx": "conv 9, add 3, pool 1, linear 1, softmax 1",
    "cifar10_resnet8_int8_mlperf_tf2onnx": "conv 9, add 3, pool 1, linear 1, softmax 1",
    "vit_mnist_op17": "conv 1, norm 9, linear 17, attention 8, softmax 4, add 8",
    "vit_mnist_dynamo18": "conv 1, norm 9, linear 17, attention 8, softmax 4, add 8",
    "tinyvgg10_tf2onnx": "conv 4, pool 2, linear 1, softmax 1",
    "vww_mobilenetv1_025_tf2onnx": "conv 27, pool 1, linear 1, softmax 1",
    "shufflenet-v2-12-int8": "conv 56, pool 2, concat 16, linear 1",
    "digits_sklearn_mlp_zipmap": "linear 3, softmax 1",
    "retinaface_mbnet0.25": "conv 56, resize 2, add 2, concat 6, softmax 1",
    "squeezenet_fp16_winml": "conv 26, pool 4, concat 8, softmax 1",
}


@pytest.mark.parametrize("name", KINDS)
def test_layers_of_real_networks(name, opened, shared_models):
    network = opened(shared_models / f"{name}.onnx")
    expected = {word.split()[0]: int(word.split()[1]) for word in KINDS[name].split(", ")}
    assert Counter(layer.kind for layer in network.layers) == expected
    names = [layer.name for layer in network.layers]
    assert len(set(names)) == len(names)
    for layer in network.layers:
        assert layer.pre in layer.raw or layer.kind == "activation"
        assert layer.post == layer.raw[-1] or layer.post in layer.raw
        assert all(source == "input" or source in names for source in layer.sources)
    json.dumps(info_json(network))
    assert NetworkSummary.from_json(json.loads(json.dumps(network.to_json()))) == network.summary()


TWINS = [
    ("cifar10_resnet8_mlperf_tf2onnx", "cifar10_resnet8_int8_mlperf_tf2onnx"),
    ("vit_mnist_op17", "vit_mnist_dynamo18"),
]


@pytest.mark.parametrize("names", TWINS)
def test_two_exports_of_one_network_have_the_same_layers(names, opened, shared_models):
    one, two = (opened(shared_models / f"{name}.onnx") for name in names)
    for a, b in zip(one.layers, two.layers, strict=True):
        assert (a.kind, a.output_shape, a.params, a.macs) == (
            b.kind,
            b.output_shape,
            b.params,
            b.macs,
        )


@pytest.mark.parametrize("name", ["cifar10_resnet20_ts13", "vit_mnist_op17", "tinyvgg10_tf2onnx"])
def test_shapes_equal_shape_inference(name, opened, shared_models):
    network = opened(shared_models / f"{name}.onnx")
    proto = onnx.load(network.path)
    dimensions = proto.graph.input[0].type.tensor_type.shape.dim
    for dimension, size in zip(dimensions, network.input_shape, strict=True):
        dimension.dim_value = size
    inferred = shape_inference.infer_shapes(proto, data_prop=True)
    checked = 0
    for value in inferred.graph.value_info:
        shape = [d.dim_value for d in value.type.tensor_type.shape.dim if d.HasField("dim_value")]
        full = len(shape) == len(value.type.tensor_type.shape.dim)
        if full and value.name in network.shapes:
            assert tuple(shape) == network.shapes[value.name]
            checked += 1
    assert checked > 10


@pytest.mark.parametrize("field", ["opset", "IR version"])
def test_files_that_are_too_new_are_told(field, opened):
    proto = model([node("Relu", "x", "y")], {"x": (1, 3, 8, 8)}, "y", opset=17)
    if field == "opset":
        proto.opset_import[0].version = 99
    else:
        proto.ir_version = 99
    with pytest.raises(InputError, match="newer than this ONNX Runtime"):
        opened(proto)


def test_in_a_child_process(tmp_path):
    network = open_network(saved(lenet(rows="h", columns="w"), tmp_path))
    assert network.input_shape == (1, 3, 224, 224) and network.size_is_free
    assert [layer.name for layer in network.layers] == ["conv1", "pool", "fc"]
