"""The graph as data: order, readers, attributes, and constants worked out without running."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from engine.network.graph import Graph, Tensor
from engine.network.load import read_model
from tests.engine.network.building import direct_session, model, node, saved, weight


def graph_of(proto, folder):
    path = saved(proto, folder)
    return Graph(read_model(path), path)


def test_who_makes_and_who_reads(tmp_path):
    nodes = [node("Add", "x x", "a"), node("Relu", "a", "b"), node("Mul", "a b", "y")]
    graph = graph_of(model(nodes, {"x": ("n", 3)}, "y"), tmp_path)
    assert graph.inputs == (Tensor("x", "float32", ("n", 3)),)
    assert graph.outputs[0].name == "y"
    assert [n.op_type for n in graph.consumers["a"]] == ["Relu", "Mul"]
    assert [n.op_type for n in graph.consumers["x"]] == ["Add"]
    assert graph.producer["y"].inputs == ("a", "b")
    assert graph.consumers["y"] == []


def test_attributes_are_python_values(tmp_path):
    tensor = np.arange(3, dtype=np.int64)
    nodes = [
        node("Constant", "", "c", value=helper.make_tensor("t", TensorProto.INT64, [3], tensor)),
        node("LeakyRelu", "x", "a", alpha=0.5),
        node("Transpose", "a", "y", perm=[1, 0]),
    ]
    graph = graph_of(model(nodes, {"x": (2, 3)}, "y c"), tmp_path)
    constant, leaky, transpose = graph.nodes
    assert np.array_equal(constant.attributes["value"], tensor)
    assert leaky.attributes["alpha"] == 0.5 and leaky.attributes.get("beta", 7) == 7
    assert transpose.attributes["perm"] == (1, 0)


def test_symbols_and_unknown_sizes(tmp_path):
    value = helper.make_tensor_value_info("x", TensorProto.UINT8, ["n", None, 3, 5])
    proto = model([node("Cast", "x", "y", to=1)], {}, "y")
    proto.graph.input.append(value)
    assert graph_of(proto, tmp_path).inputs[0] == Tensor("x", "uint8", ("n", None, 3, 5))


def test_a_body_reads_from_outside(tmp_path):
    then = helper.make_graph(
        [node("Add", "x w", "t")], "then", [], [helper.make_tensor_value_info("t", 1, [3])]
    )
    other = helper.make_graph(
        [node("Neg", "q", "e")], "else", [], [helper.make_tensor_value_info("e", 1, [3])]
    )
    nodes = [
        node("Relu", "x", "q"),
        node("ReduceMax", "x", "m", keepdims=0),
        node("Cast", "m", "c", to=9),
        node("If", "c", "y", then_branch=then, else_branch=other),
    ]
    graph = graph_of(model(nodes, {"x": (3,)}, "y", {"w": weight(3)}), tmp_path)
    assert graph.producer["y"].inputs == ("c",)
    assert graph.producer["y"].reads == ("c", "q", "x", "w") or set(graph.producer["y"].reads) == {
        "c",
        "q",
        "x",
        "w",
    }
    assert "If" in [n.op_type for n in graph.consumers["q"]]


W = weight(4, 6)
FOLDED = {
    "Identity": ([node("Identity", "w", "y")], {}),
    "Cast": ([node("Cast", "w", "y", to=10)], {}),
    "Transpose": ([node("Transpose", "w", "y")], {}),
    "Reshape": ([node("Reshape", "w s", "y")], {"s": np.array([2, -1, 0][:2])}),
    "Reshape with 0": ([node("Reshape", "w s", "y")], {"s": np.array([0, 3, 2])}),
    "Unsqueeze and Squeeze": (
        [node("Unsqueeze", "w s", "a"), node("Squeeze", "a s", "y")],
        {"s": np.array([1])},
    ),
    "Flatten": ([node("Flatten", "w", "y", axis=-1)], {}),
    "Slice": (
        [node("Slice", "w s e a t", "y")],
        {k: np.array(v) for k, v in {"s": [5], "e": [-99], "a": [1], "t": [-2]}.items()},
    ),
    "Gather": ([node("Gather", "w s", "y", axis=1)], {"s": np.array([[0, 2], [-1, 1]])}),
    "Concat": ([node("Concat", "w w", "y", axis=1)], {}),
    "arithmetic": (
        [node("Mul", "w k", "a"), node("Sub", "a k", "b"), node("Div", "b k", "y")],
        {"k": np.float32(3)},
    ),
    "ConstantOfShape": (
        [node("Shape", "w", "s"), node("ConstantOfShape", "s", "a"), node("Add", "a w", "y")],
        {},
    ),
    "Expand": ([node("Expand", "w s", "y")], {"s": np.array([2, 4, 6])}),
    "dequantised per channel": (
        [node("DequantizeLinear", "q s z", "y", axis=1)],
        {
            "q": np.arange(-12, 12, dtype=np.int8).reshape(4, 6),
            "s": np.abs(weight(6)) + 0.1,
            "z": np.arange(6, dtype=np.int8),
        },
    ),
    "dequantised bias of rank 1": (
        [node("DequantizeLinear", "q s", "y")],
        {"q": np.arange(5, dtype=np.int32), "s": np.float32(0.25)},
    ),
    "quantised": (
        [node("QuantizeLinear", "w s z", "a"), node("DequantizeLinear", "a s z", "y")],
        {"s": np.float32(0.02), "z": np.int8(5)},
    ),
    "integer Div": (
        [node("Div", "q k", "y")],
        {"q": np.array([-7, 7, -8], np.int64), "k": np.array([2, -2, 3], np.int64)},
    ),
    "Range and Where": (
        [node("Range", "a b c", "r"), node("Equal", "r a", "e"), node("Where", "e b r", "y")],
        {"a": np.int64(0), "b": np.int64(5), "c": np.int64(1)},
    ),
}


@pytest.mark.parametrize("case", FOLDED)
def test_folded_constants_equal_onnx_runtimes(case, tmp_path):
    nodes, constants = FOLDED[case]
    proto = model(
        [*nodes, node("Identity", "x", "out")], {"x": (1,)}, "y out", {"w": W} | constants
    )
    graph = graph_of(proto, tmp_path)
    assert graph.is_constant("y") and not graph.is_constant("out")
    expected = direct_session(proto, tmp_path / "m").run(["y"], {"x": np.zeros(1, np.float32)})[0]
    found = graph.constant("y")
    assert found.dtype == expected.dtype and found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert graph.constant_shape("y") == expected.shape
    assert not found.flags.writeable


@given(st.integers(1, 3), st.integers(1, 3), st.booleans(), st.sampled_from(["uint8", "int8"]))
def test_dequantising_equals_the_reference(block, blocks, with_zero, dtype):
    from engine.network.fold import dequantize

    rng = np.random.default_rng(block * 10 + blocks)
    values = rng.integers(0, 100, (2, block * blocks)).astype(dtype)
    scale = rng.uniform(0.1, 1, (2, blocks)).astype(np.float32)
    zero = rng.integers(0, 9, (2, blocks)).astype(dtype) if with_zero else None
    names = "q s z" if with_zero else "q s"
    one = node("DequantizeLinear", names, "y", axis=1, block_size=block)
    proto = model([one], {}, "y", opset=21)
    feeds = {"q": values, "s": scale} | ({"z": zero} if with_zero else {})
    for name, value in feeds.items():
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        proto.graph.input.append(helper.make_tensor_value_info(name, kind, value.shape))
    expected = ReferenceEvaluator(proto).run(None, feeds)[0]
    np.testing.assert_allclose(dequantize(values, scale, zero, 1, block), expected, rtol=1e-6)


def test_what_is_not_folded_is_unknown_and_large_results_stay_unmade(tmp_path):
    nodes = [
        node("Erf", "w", "a"),
        node("ConstantOfShape", "s", "b"),
        node("RandomNormal", "", "c", shape=[3]),
        node("Identity", "x", "y"),
    ]
    proto = model(nodes, {"x": (1,)}, "y", {"w": W, "s": np.array([1 << 20, 1 << 20])})
    graph = graph_of(proto, tmp_path)
    assert graph.is_constant("a") and graph.constant("a") is None
    assert graph.is_constant("b") and graph.constant("b") is None
    assert not graph.is_constant("c")
    assert graph.constant("x") is None


def test_a_long_chain_of_constants_needs_no_deep_stack(tmp_path):
    names = [f"k{i}" for i in range(3000)]
    nodes = [node("Neg", a, b) for a, b in zip(names, names[1:], strict=False)]
    nodes.append(node("Add", f"x {names[-1]}", "y"))
    graph = graph_of(model(nodes, {"x": (2,)}, "y", {"k0": weight(2)}), tmp_path)
    assert np.array_equal(graph.constant(names[-1]), -weight(2))


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "int4", "bool", "str", "float32 typed"])
def test_stored_types(kind, tmp_path):
    if kind == "str":
        tensor = helper.make_tensor("k", TensorProto.STRING, [2], [b"a", b"b"])
    elif kind == "float32 typed":
        tensor = helper.make_tensor("k", TensorProto.FLOAT, [3], [1.5, 2.0, -1.0])
    else:
        values = {"bool": [True, False, True]}.get(kind, [1, 2, 3])
        tensor = helper.make_tensor("k", getattr(TensorProto, kind.upper()), [3], values)
    proto = model([node("Identity", "x", "y")], {"x": (1,)}, "y")
    proto.graph.initializer.append(tensor)
    value = graph_of(proto, tmp_path).constant("k")
    expected = {"bool": [1, 0, 1], "str": ["a", "b"], "float32 typed": [1.5, 2, -1]}
    wanted = expected.get(kind, [1, 2, 3])
    if kind == "str":
        assert [str(v if isinstance(v, str) else v.decode()) for v in value] == wanted
    else:
        assert value.astype(float).tolist() == wanted
