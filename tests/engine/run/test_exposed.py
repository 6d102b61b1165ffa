"""More outputs by appended bytes: the same network, the same values as a parsed edit gives."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from engine.errors import InputError
from engine.network.graph import Graph
from engine.network.load import read_model
from engine.rewrite.expose import expose
from engine.run import exposed
from engine.run.exposed import Exposure, ModelFile
from engine.run.plan import exposure
from tests.engine.run import models

QUANTISED = (
    "cifar10_resnet8_int8_mlperf_tf2onnx",
    "shufflenet-v2-12-int8",
    "mobilenetv2_uint8_coral_tf2onnx",
)


def run(data, names, feeds):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return dict(zip(names, session.run(names, feeds), strict=True))


def random_feeds(model):
    random = np.random.default_rng(3)
    feeds = {}
    for value in model.graph.input:
        kind = helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
        shape = [d.dim_value or 1 for d in value.type.tensor_type.shape.dim]
        feeds[value.name] = (random.random(shape) * (100 if kind.kind in "iu" else 1)).astype(kind)
    return feeds


def test_every_tensor_of_a_small_network(tmp_path):
    path = models.convolutions(tmp_path / "m.onnx")
    file = ModelFile(path)
    assert file.outputs == ("y",)
    assert file.computed == ("c1", "r1", "p1", "c2", "r2", "f", "y")
    hidden = file.hidden(file.computed)
    assert [e.name for e in hidden] == ["c1", "r1", "p1", "c2", "r2", "f"]
    data = file.bytes(exposed.outputs(hidden))
    feeds = {"x": np.random.default_rng(0).random((2, 3, 12, 12), np.float32)}
    got = run(data, list(file.computed), feeds)
    edited = expose(read_model(path), list(file.computed)).SerializeToString()
    expected = run(edited, list(file.computed), feeds)
    for name in file.computed:
        assert np.array_equal(got[name], expected[name]), name
    parsed = onnx.load_from_string(data)
    assert [o.name for o in parsed.graph.output] == ["y", "c1", "r1", "p1", "c2", "r2", "f"]


def test_shapes_alone(tmp_path):
    path = models.convolutions(tmp_path / "m.onnx")
    data = ModelFile(path).bytes(exposed.shapes(["c1", "f"]))
    names = [exposed.SHAPE_OF + "c1", exposed.SHAPE_OF + "f"]
    got = run(data, names, {"x": np.zeros((2, 3, 12, 12), np.float32)})
    assert [got[name].tolist() for name in names] == [[2, 4, 12, 12], [2, 216]]


@pytest.mark.parametrize("name", QUANTISED)
def test_quantised_tensors_become_real_numbers(shared_models, name):
    path = shared_models / f"{name}.onnx"
    model = read_model(path)
    graph = Graph(model, path)
    tensors = [node.outputs[0] for node in graph.nodes if not graph.is_constant(node.outputs[0])]
    seen = [exposure(graph, tensor) for tensor in tensors]
    assert any(each.op == "DequantizeLinear" for each in seen)
    file = ModelFile(path)
    feeds = random_feeds(model)
    got = run(file.bytes(exposed.outputs(file.hidden(seen))), [e.name for e in seen], feeds)
    names = [value.name for value in expose(model, tensors).graph.output]
    expected = run(model.SerializeToString(), names, feeds)
    for each, name in zip(seen, names, strict=True):
        assert got[each.name].dtype == expected[name].dtype
        assert np.array_equal(got[each.name], expected[name]), each


def test_quantisation_by_channel_and_json(tmp_path):
    path = models.save(
        tmp_path / "q.onnx",
        [helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"], axis=1),
         helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"], axis=1)],
        {"s": np.array([0.1, 0.5, 2], np.float32), "z": np.array([0, 3, 128], np.uint8)},
        inputs=[("x", TensorProto.FLOAT, [1, 3, 4])],
        outputs=[("y", TensorProto.FLOAT, [1, 3, 4])],
    )  # fmt: skip
    graph = Graph(read_model(path), path)
    seen = exposure(graph, "q")
    assert seen == Exposure("q", "q/real", "DequantizeLinear", ("q", "s", "z"), "", (("axis", 1),))
    assert Exposure.of(seen.as_json()) == seen
    data = ModelFile(path).bytes(exposed.outputs([seen, exposure(graph, "x")]))
    x = np.linspace(-3, 9, 12, dtype=np.float32).reshape(1, 3, 4)
    got = run(data, ["q/real", "y", "x/real"], {"x": x})
    assert np.array_equal(got["q/real"], got["y"])
    assert np.array_equal(got["x/real"], x)


def test_tensors_inside_local_functions_can_be_seen(tmp_path):
    nodes = [
        helper.make_node("Add", ["a", "a"], ["inner"]),
        helper.make_node("Relu", ["inner"], ["b"]),
    ]
    function = helper.make_function(
        "local", "twice", ["a"], ["b"], nodes, [helper.make_opsetid("", 17)]
    )
    path = models.save(
        tmp_path / "f.onnx",
        [helper.make_node("twice", ["x"], ["y"], "call", domain="local")],
        inputs=[("x", TensorProto.FLOAT, [1, 4])],
        outputs=[("y", TensorProto.FLOAT, [1, 4])],
        functions=[function],
        domains=["local"],
    )
    file = ModelFile(path)
    inner = [name for name in file.computed if "inner" in name]
    assert inner
    data = file.bytes(exposed.outputs(file.hidden(inner)))
    x = np.array([[-1, 2, 3, 4]], np.float32)
    assert np.array_equal(run(data, inner, {"x": x})[inner[0]], 2 * x)


@pytest.mark.parametrize("size", [0, 1, 10, 100])
def test_parts_of_files_are_refused(tmp_path, size):
    whole = (tmp_path / "m.onnx", tmp_path / "part.onnx")
    models.convolutions(whole[0])
    whole[1].write_bytes(whole[0].read_bytes()[:size])
    with pytest.raises(InputError, match=r"part\.onnx"):
        ModelFile(str(whole[1]))


def test_what_no_node_computes_is_refused(tmp_path):
    file = ModelFile(models.convolutions(tmp_path / "m.onnx"))
    with pytest.raises(InputError, match="computes the tensor 'w1'"):
        file.hidden(["r1", "w1"])
    with pytest.raises(InputError, match="cannot be read"):
        ModelFile(str(tmp_path / "absent.onnx"))
