"""The stand-ins for operators of the reference evaluator against its own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper
from onnx.reference import ReferenceEvaluator

from tests.engine.gradient.finite_differences import model_of, session_of, values, with_floats
from tests.reference.operators import OPERATORS, QUICK
from tests.reference.windows import WINDOWS


def both(op_type, arrays, outputs=1, **attributes):
    """By the reference evaluator, and with the stand-ins."""
    given = {key: value for key, value in attributes.items() if value is not None}
    names = [f"y{i}" for i in range(outputs)]
    node = helper.make_node(op_type, list(arrays), names, **given)
    model, feeds = model_of([node], arrays, outputs=names, opset=18)
    return (
        ReferenceEvaluator(model, new_ops=ops).run(names, feeds)
        for ops in (None, [*OPERATORS, *QUICK, *WINDOWS])
    )


def some(shape, seed=0):
    return values(np.random.default_rng(seed), shape)


@settings(max_examples=25)
@given(
    group=st.sampled_from([1, 2, 4]),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.tuples(st.integers(1, 3), st.integers(1, 2)),
    dilations=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    pads=st.lists(st.integers(0, 2), min_size=4, max_size=4),
)
def test_convolution(group, kernel, strides, dilations, pads):
    arrays = {"x": some((2, 4, 7, 6)), "w": some((8, 4 // group, *kernel), 1), "b": some((8,), 2)}
    words = {"group": group, "strides": strides, "dilations": dilations, "pads": pads}
    expected, got = both("Conv", arrays, **words)
    assert np.allclose(expected[0], got[0])


@settings(max_examples=15)
@given(
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.tuples(st.integers(1, 3), st.integers(1, 2)),
    pads=st.lists(st.integers(0, 1), min_size=4, max_size=4),
    more=st.booleans(),
    group=st.sampled_from([1, 2]),
)
def test_transposed_convolution(kernel, strides, pads, more, group):
    """Against ONNX Runtime: the reference evaluator knows no groups."""
    arrays = {"x": some((1, 4, 4, 3)), "w": some((4, 3, *kernel), 1)}
    padding = [s - 1 for s in strides] if more else None
    words = {"group": group, "strides": strides, "pads": pads}
    words |= {"output_padding": padding} if more else {}
    transposed_as_in_runtime(arrays, words)


@pytest.mark.parametrize("shape", [[8, 8], [7, 9], [6, 7]])
@pytest.mark.parametrize("auto_pad", ["NOTSET", "SAME_UPPER", "SAME_LOWER"])
def test_transposed_convolution_to_a_given_size(shape, auto_pad):
    arrays = {"x": some((1, 2, 3, 4)), "w": some((2, 3, 3, 2), 1)}
    words = {"strides": [2, 2], "output_shape": shape, "auto_pad": auto_pad}
    transposed_as_in_runtime(arrays, words)


def transposed_as_in_runtime(arrays, words):
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y0"], **words)
    model, feeds = model_of([node], arrays, opset=18)
    expected = session_of(with_floats(model, np.float32)).run(
        ["y0"], {name: value.astype(np.float32) for name, value in feeds.items()}
    )[0]
    got = ReferenceEvaluator(model, new_ops=WINDOWS).run(["y0"], feeds)[0]
    assert np.allclose(expected, got, atol=1e-4)


@pytest.mark.parametrize("op_type", ["MaxPool", "AveragePool"])
@settings(max_examples=20)
@given(
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    pads=st.lists(st.integers(0, 1), min_size=4, max_size=4),
    ceil=st.integers(0, 1),
    include=st.integers(0, 1),
)
def test_pooling(op_type, kernel, strides, pads, ceil, include):
    """Against ONNX Runtime: the reference evaluator has its own rounded-up sizes."""
    pads = [min(p, k - 1) for p, k in zip(pads, kernel * 2, strict=True)]
    words = {"kernel_shape": kernel, "strides": strides, "pads": pads, "ceil_mode": ceil}
    words |= {"count_include_pad": include} if op_type == "AveragePool" else {}
    names = ["y0", "y1"] if op_type == "MaxPool" else ["y0"]
    node = helper.make_node(op_type, ["x"], names, **words)
    x = np.round(some((2, 2, 7, 5)))  # with ties
    model, feeds = model_of([node], {"x": x}, outputs=names, opset=18)
    narrow = with_floats(model, np.float32)
    if op_type == "MaxPool":
        narrow.graph.output[1].type.tensor_type.elem_type = 7
    expected = session_of(narrow).run(names, {"x": x.astype(np.float32)})
    got = ReferenceEvaluator(model, new_ops=WINDOWS).run(names, feeds)
    for mine, theirs in zip(got, expected, strict=True):
        assert np.allclose(mine, theirs, atol=1e-6)


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID"])
def test_automatic_padding(auto_pad):
    arrays = {"x": some((1, 2, 7, 6)), "w": some((3, 2, 3, 2), 1)}
    expected, got = both("Conv", arrays, auto_pad=auto_pad, strides=[2, 1])
    assert np.allclose(expected[0], got[0])


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("reduction", [None, "add"])
def test_scattering(axis, reduction):
    rng = np.random.default_rng(0)
    indices = np.argsort(rng.random((3, 3)), axis=axis)[:2, :3]
    if reduction == "add":
        indices = rng.integers(-3, 3, (2, 3))
    arrays = {"x": some((3, 3)), "i": indices, "u": some((2, 3), 1)}
    expected, got = both("ScatterElements", arrays, axis=axis, reduction=reduction)
    assert np.allclose(expected[0], got[0])


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("coordinates", ["half_pixel", "align_corners", "asymmetric"])
@pytest.mark.parametrize("target", [(6, 8), (5, 3)])
def test_resize(mode, coordinates, target):
    """Against ONNX Runtime: the reference evaluator rounds ties of nearest in its own way."""
    words = {"mode": mode, "coordinate_transformation_mode": coordinates}
    arrays = {"x": some((1, 2, 3, 4)), "s": np.array([1, 2, *target])}
    node = helper.make_node("Resize", ["x", "", "", "s"], ["y0"], **words)
    model, feeds = model_of([node], arrays, ("s",), opset=18)
    narrow = with_floats(model, np.float32)
    expected = session_of(narrow).run(["y0"], {"x": feeds["x"].astype(np.float32)})[0]
    got = ReferenceEvaluator(model, new_ops=QUICK).run(["y0"], feeds)[0]
    assert np.allclose(expected, got, atol=1e-6)


def test_local_response_normalization():
    arrays = {"x": some((1, 5, 2, 3))}
    words = {"size": 3, "alpha": 0.5, "beta": 0.75, "bias": 2.0}
    node = helper.make_node("LRN", ["x"], ["y0"], **words)
    model, feeds = model_of([node], arrays, opset=18)
    narrow = with_floats(model, np.float32)
    expected = session_of(narrow).run(["y0"], {"x": feeds["x"].astype(np.float32)})[0]
    got = ReferenceEvaluator(model, new_ops=OPERATORS).run(["y0"], feeds)[0]
    assert np.allclose(expected, got, atol=1e-6)
