"""A masked channel holds what was given, whatever stood there; unmasked ones keep every bit."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from engine.rewrite.mask import mask
from tests.engine.network.building import model, node

TYPES = ("float32", "float64", "float16", "int8", "uint8", "int32", "int64", "int16", "uint16")


def run(proto, feeds):
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    return session.run(None, feeds)


@pytest.mark.parametrize("dtype", TYPES)
def test_every_dtype(dtype):
    code = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    proto = model([node("Identity", "x", "a"), node("Identity", "a", "y")], {}, "y")
    proto.graph.input.append(helper.make_tensor_value_info("x", code, [None, 3]))
    masks = mask(proto, {"a": (code, (1, 3))})
    x = np.array([[1, 2, 3], [4, 5, 6]], dtype)
    off, value = np.array([[False, True, False]]), np.array([[9, 8, 7]], dtype)
    given = {"x": x, masks["a"].off: off, masks["a"].value: value}
    found = run(proto, given)[0]
    assert found.dtype == x.dtype
    assert found.tolist() == [[1, 8, 3], [4, 8, 6]]
    assert np.array_equal(run(proto, given | {masks["a"].off: ~off & False})[0], x)


def test_what_is_not_finite_and_minus_zero():
    proto = model([node("Identity", "a", "y")], {"a": (2, 4)}, "y")
    masks = mask(proto, {"a": (TensorProto.FLOAT, (1, 4))})
    x = np.array([[np.nan, np.inf, -0.0, 1], [-np.inf, 2, -0.0, np.nan]], np.float32)
    value = np.zeros((1, 4), np.float32)
    off = np.array([[True, True, False, True]])
    found = run(proto, {"a": x, masks["a"].off: off, masks["a"].value: value})[0]
    assert found[:, [0, 1, 3]].tobytes() == np.zeros((2, 3), np.float32).tobytes()
    assert np.signbit(found[:, 2]).all()
    found = run(proto, {"a": x, masks["a"].off: off & False, masks["a"].value: value})[0]
    assert found.tobytes() == x.tobytes()


def test_every_reader_reads_the_masked_tensor():
    """Nodes, a body of an If, and an output of the graph that is the tensor itself."""
    body = helper.make_graph(
        [helper.make_node("Neg", ["a"], ["z"])],
        "body",
        [],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)],
    )
    other = helper.make_graph(
        [helper.make_node("Identity", ["one"], ["w"])],
        "other",
        [],
        [helper.make_tensor_value_info("w", TensorProto.FLOAT, None)],
    )
    nodes = [
        node("Abs", "x", "a"),
        node("Add", "a a", "b"),
        helper.make_node("If", ["go"], ["c"], "either", then_branch=body, else_branch=other),
    ]
    constants = {"go": np.array(True), "one": np.ones((1, 2), np.float32)}
    proto = model(nodes, {"x": (1, 2)}, "a b c", constants)
    masks = mask(proto, {"a": (TensorProto.FLOAT, (1, 2))})
    given = {
        "x": np.array([[-3, 4]], np.float32),
        masks["a"].off: np.array([[True, False]]),
        masks["a"].value: np.full((1, 2), 5, np.float32),
    }
    a, b, c = run(proto, given)
    assert a.tolist() == [[5, 4]] and b.tolist() == [[10, 8]] and c.tolist() == [[-5, -4]]
