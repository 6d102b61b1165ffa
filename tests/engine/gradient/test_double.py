"""Operators written out for float64 give what the reference evaluator gives in float64."""

import math

import numpy as np
import onnx
import pytest
from onnx import helper

from engine.gradient.double import NUMBER, PLACE, double
from tests.engine.gradient.finite_differences import (
    by_onnx_runtime,
    by_reference,
    forward_of,
    one_node,
    values,
    with_floats,
)

RNG = np.random.default_rng(3)
EXACT = 2e-12  # an epsilon of 1e-5 is a float32 in one place and not in the other


def drawn(*shape):
    return values(RNG, shape, -1, 1)


def conv(x, w, bias=True, **attributes):
    inputs = [drawn(*x), drawn(*w), *([drawn(w[0])] if bias else [])]
    return one_node("Conv", *inputs, constants=(1, 2), **attributes)


CASES = {
    "conv": conv((2, 3, 7, 8), (4, 3, 3, 2), pads=[1, 0, 2, 1], strides=[2, 1]),
    "conv, groups": conv((1, 4, 6, 6), (6, 2, 3, 3), group=2, dilations=[2, 1]),
    "conv, each channel": conv((1, 4, 6, 6), (4, 1, 3, 3), False, group=4, auto_pad="SAME_UPPER"),
    "conv, 1D": conv((2, 3, 9), (2, 3, 4), strides=[3]),
    "conv, 3D": conv((1, 2, 4, 5, 4), (3, 2, 2, 3, 2), pads=[1, 0, 1, 0, 1, 0]),
    "transposed": one_node(
        "ConvTranspose", drawn(2, 3, 4, 3), drawn(3, 2, 3, 3), drawn(2), constants=(1, 2),
        strides=[2, 1], pads=[1, 0, 1, 1], output_padding=[1, 0],
    ),
    "transposed, apart": one_node(
        "ConvTranspose", drawn(1, 2, 3, 3), drawn(2, 1, 2, 2), constants=(1,), strides=[3, 3],
    ),
    "average": one_node(
        "AveragePool", drawn(1, 2, 7, 7), kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1],
    ),
    "average, border": one_node(
        "AveragePool", drawn(1, 2, 7, 7), kernel_shape=[3, 3], pads=[1, 1, 1, 1],
        count_include_pad=1,
    ),
    "global average": one_node("GlobalAveragePool", drawn(2, 3, 4, 5)),
    "global maximum": one_node("GlobalMaxPool", drawn(2, 3, 4, 5)),
    "lrn": one_node("LRN", drawn(2, 7, 3, 3), size=4, alpha=0.3, beta=0.6, bias=1.5),
    "instance": one_node(
        "InstanceNormalization", drawn(2, 3, 4, 4), drawn(3), drawn(3), constants=(1, 2),
    ),
    "mean": one_node("Mean", drawn(3, 4), drawn(1, 4), drawn(4), constants=(1, 2)),
    "clip": one_node("Clip", drawn(3, 4), np.float64(-0.25), np.float64(0.5), constants=(1, 2)),
    "clip, one end": one_node("Clip", drawn(3, 4), None, np.float64(0.5), constants=(2,)),
}  # fmt: skip


def in_double(model, feeds, moved=None, extra=None):
    """A float64 case as the float32 file that it would be, made double: outputs by name."""
    narrow = with_floats(model, np.float32)
    given = {n: v.astype(np.float32) for n, v in feeds.items()}
    names = [name for node in narrow.graph.node for name in node.output if name]
    # shapes need no more than a run, whatever the dtype
    forward = forward_of(model, feeds, batched=[n for n in feeds if n == "x0"])
    forward.dtypes = {n: "float32" if d == "float64" else d for n, d in forward.dtypes.items()}
    made, left = double(narrow, forward, moved)
    assert not left
    del made.graph.output[:]
    code = onnx.TensorProto.DOUBLE
    made.graph.output.extend(helper.make_tensor_value_info(n, code, None) for n in names)
    return by_onnx_runtime(made, names, given | (extra or {}))


@pytest.mark.parametrize("name", CASES)
def test_as_the_reference_evaluator(name):
    model, feeds = CASES[name]
    found = in_double(model, feeds)["y0"]
    expected = by_reference(model, ["y0"], feeds)["y0"]
    assert found.dtype == np.float64 and found.shape == expected.shape
    assert np.abs(found - expected).max() <= EXACT * max(1, np.abs(expected).max())


def test_groups_of_a_transposed_convolution_are_apart():
    x, w = drawn(1, 4, 3, 3), drawn(4, 3, 2, 2)
    whole, feeds = one_node("ConvTranspose", x, w, constants=(1,), group=2, strides=[2, 2])
    parts = [
        one_node("ConvTranspose", x[:, a : a + 2], w[a : a + 2], constants=(1,), strides=[2, 2])
        for a in (0, 2)
    ]
    # the reference evaluator knows no groups: sizes come from a network of the same shapes
    expected = np.concatenate([by_reference(m, ["y0"], f)["y0"] for m, f in parts], 1)
    from engine.gradient.forward import Forward

    narrow = with_floats(whole, np.float32)
    sizes = {"x0": x.shape, "y0": expected.shape}
    twice = {name: (2, *shape[1:]) for name, shape in sizes.items()}
    forward = Forward(narrow, "network.onnx", sizes, twice, dict.fromkeys(sizes, "float32"))
    made, _ = double(narrow, forward)
    made.graph.output[0].CopyFrom(
        helper.make_tensor_value_info("y0", onnx.TensorProto.DOUBLE, None)
    )
    found = by_onnx_runtime(made, ["y0"], {"x0": x.astype(np.float32)})["y0"]
    assert np.abs(found - expected).max() <= EXACT


@pytest.mark.parametrize("op_type", ["Erf", "Gelu"])
def test_the_error_function(op_type):
    x = np.concatenate([np.linspace(-6, 6, 401), [0.0, 1e-9, -1e-9, 30.0]]).astype(np.float32)
    model, feeds = one_node(op_type, x.astype(np.float64), opset=20)
    found = in_double(model, feeds)["y0"]
    erf = np.array(
        [math.erf(each if op_type == "Erf" else each / math.sqrt(2)) for each in x.tolist()]
    )
    expected = erf if op_type == "Erf" else x.astype(np.float64) / 2 * (1 + erf)
    assert np.abs(found - expected).max() < 5e-16 * 10


@pytest.mark.parametrize("mode", ["linear", "nearest", "cubic"])
def test_a_resize_is_a_linear_map(mode):
    x, y = (np.rint(drawn(1, 2, 3, 4) * 64) / 64 for _ in range(2))
    sizes = np.array([1, 2, 7, 6], np.int64)
    model, feeds = one_node("Resize", x, None, None, sizes, mode=mode)
    quick = {"x0": x.astype(np.float32)}
    narrow = with_floats(model, np.float32)
    expected = by_onnx_runtime(narrow, ["y0"], quick)["y0"]
    found = in_double(model, feeds)["y0"]
    assert np.abs(found - expected).max() < 1e-6
    parts = [in_double(model, {"x0": each})["y0"] for each in (x + y, -y)]
    assert np.abs(found - sum(parts)).max() < EXACT


def test_one_number_of_a_constant_is_replaced():
    model, feeds = CASES["conv, groups"]
    at, number = (5, 1, 2, 0), 0.7
    extra = {PLACE: np.array([at], np.int64), NUMBER: np.array([number])}
    found = in_double(model, feeds, "x1", extra)["y0"]
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    tensor = next(each for each in copy.graph.initializer if each.name == "x1")
    weights = onnx.numpy_helper.to_array(tensor).copy()
    weights[at] = number
    tensor.CopyFrom(onnx.numpy_helper.from_array(weights, "x1"))
    expected = by_reference(copy, ["y0"], feeds)["y0"]
    assert np.abs(found - expected).max() <= EXACT


def test_what_has_no_float64_form_stays_narrow_and_is_said():
    model, feeds = one_node("Celu", drawn(3, 4), alpha=0.5)
    narrow = with_floats(model, np.float32)
    forward = forward_of(model, feeds)
    forward.dtypes = dict.fromkeys(forward.dtypes, "float32")
    made, left = double(narrow, forward)
    assert left == ("Celu",)
    made.graph.output[0].CopyFrom(
        helper.make_tensor_value_info("y0", onnx.TensorProto.DOUBLE, None)
    )
    found = by_onnx_runtime(made, ["y0"], {"x0": feeds["x0"].astype(np.float32)})["y0"]
    expected = by_reference(model, ["y0"], feeds)["y0"]
    assert found.dtype == np.float64 and np.abs(found - expected).max() < 1e-6
