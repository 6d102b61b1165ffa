"""Rules of operators that pick or put elements, against finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from engine.errors import InputError
from engine.gradient.rules import selection
from tests.engine.gradient.finite_differences import (
    SEEDS,
    analytical,
    apart,
    check_rule,
    model_of,
    one_node,
    sizes,
    values,
)

BATCHED = ("x0",)


def some(shape, seed=0):
    return values(np.random.default_rng(seed), shape)


bounds = st.one_of(st.integers(-9, 9), st.sampled_from([2**63 - 1, -(2**63) + 1, 2**31 - 1]))


@settings(max_examples=60)
@given(shape=sizes(1, 6, (1, 3)), data=st.data(), seed=SEEDS)
def test_slice(shape, data, seed):
    rank = 1 + len(shape)
    axes = data.draw(st.lists(st.integers(1, rank - 1), min_size=1, unique=True))
    step = st.sampled_from([1, 1, 2, 3, -1, -2])
    starts, ends, steps = ([data.draw(each) for _ in axes] for each in (bounds, bounds, step))
    signed = [axis - rank if data.draw(st.booleans()) else axis for axis in axes]
    words = [np.array(each, np.int64) for each in (starts, ends, signed, steps)]
    model, feeds = one_node("Slice", some((1, *shape), seed), *words)
    check_rule(model, feeds, batched=BATCHED)


def test_slice_of_the_first_axes():
    words = [np.array(each) for each in ([0, 1], [2**31 - 1, 3])]
    check_rule(*one_node("Slice", some((1, 4, 2)), *words), batched=BATCHED)


def test_slice_to_where_the_shape_says():
    nodes = [
        helper.make_node("Shape", ["x0"], ["shape"]),
        helper.make_node("Gather", ["shape", "two"], ["width"]),
        helper.make_node("Div", ["width", "two"], ["half"]),
        helper.make_node("Slice", ["x0", "one", "half", "two"], ["y0"], "node"),
    ]
    arrays = {"x0": some((1, 3, 6)), "two": np.array([2]), "one": np.array([1])}
    model, feeds = model_of(nodes, arrays, ("one", "two"))
    check_rule(model, feeds, batched=BATCHED)


def test_slice_to_where_the_data_says_is_refused():
    nodes = [
        helper.make_node("ArgMax", ["x1"], ["end"], axis=0, keepdims=1),
        helper.make_node("Slice", ["x0", "one", "end", "one"], ["y0"], "node"),
    ]
    arrays = {"x0": some((1, 4)), "x1": np.array([0.0, 0, 0, 1]), "one": np.array([1])}
    model, feeds = model_of(nodes, arrays, ("one",))
    with pytest.raises(InputError, match=r"Slice \(node 'node'\).*computed"):
        analytical(model, feeds, {"y0": np.ones((1, 2))}, ["x0"], BATCHED)


@settings(max_examples=25)
@given(
    shape=sizes(1, 4, (1, 3)),
    data=st.data(),
    picked=sizes(1, 3, (0, 2)),
    seed=SEEDS,
    big=st.booleans(),
)
def test_gather(shape, data, picked, seed, big):
    axis = data.draw(st.integers(1, len(shape)))
    size = shape[axis - 1]
    indices = np.random.default_rng(seed).integers(-size, size, picked)
    model, feeds = one_node("Gather", some((1, *shape), seed), indices, axis=axis)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "MOST", 0 if big else selection.MOST)
        check_rule(model, feeds, batched=BATCHED)


def test_gather_where_the_network_chooses():
    nodes = [
        helper.make_node("ArgMax", ["x1"], ["best"], axis=0, keepdims=1),
        helper.make_node("Gather", ["x0", "best"], ["y0"], axis=1),
    ]
    choice = np.array([[0.0, 0.5, 0.1], [0.3, 0.2, 0.4]])
    model, feeds = model_of(nodes, {"x0": some((1, 3, 2)), "x1": choice})
    check_rule(model, feeds, ["x0"], batched=BATCHED)


def test_rows_of_a_table():
    table, words = some((5, 2)), np.array([[1, 1, 4], [0, 1, 2]])
    model, feeds = model_of(
        [helper.make_node("Gather", ["x1", "x0"], ["y0"])], {"x0": words, "x1": table}, ("x1",)
    )
    check_rule(model, feeds, ["x1"], batched=BATCHED)


@pytest.mark.parametrize("axis", [1, 2, -1])
def test_gather_elements(axis):
    rng = np.random.default_rng(1)
    indices = rng.integers(0, 2, (1, 2, 3))
    nodes = [helper.make_node("GatherElements", ["x0", "x1"], ["y0"], "node", axis=axis)]
    model, feeds = model_of(nodes, {"x0": some((1, 2, 3)), "x1": indices})
    check_rule(model, feeds, ["x0"], batched=("x0", "x1"))


@pytest.mark.parametrize("largest", [0, 1])
@pytest.mark.parametrize("axis", [None, 1])
def test_the_largest(largest, axis):
    x = apart(np.random.default_rng(2), (1, 4, 3))
    words = {"largest": largest, "axis": axis}
    model, feeds = one_node("TopK", x, np.array([2]), outputs=2, **words)
    check_rule(model, feeds, batched=BATCHED)


def test_gather_nd():
    indices = np.array([[0, 1, 1], [0, 2, 0], [0, 1, 1]])
    check_rule(*one_node("GatherND", some((2, 3, 2)), indices))
    check_rule(*one_node("GatherND", some((2, 3, 2)), indices[:, :2]))


@pytest.mark.parametrize("how", ["none", "add"])
def test_scatter_nd(how):
    indices = np.array([[0, 1], [1, 2], [1, 0]])
    model, feeds = one_node("ScatterND", some((2, 3, 2)), indices, some((3, 2), 1), reduction=how)
    check_rule(model, feeds)


@pytest.mark.parametrize("how", ["none", "add"])
@pytest.mark.parametrize("axis", [1, -1])
def test_scatter_elements(how, axis):
    indices = np.array([[[1, 0, 1], [0, 1, 0]]])
    if how == "none":
        indices = np.array([[[1, 0, 1], [0, 1, 0]]]) if axis == 1 else np.array([[[1, 0, 2]] * 2])
    nodes = [
        helper.make_node(
            "ScatterElements", ["x0", "x1", "x2"], ["y0"], "node", axis=axis, reduction=how
        )
    ]
    arrays = {"x0": some((1, 2, 3)), "x1": indices, "x2": some((1, 2, 3), 1)}
    model, feeds = model_of(nodes, arrays)
    check_rule(model, feeds, ["x0", "x2"], batched=("x0", "x1", "x2"))


def test_max_unpool():
    """Into a map twice as large, from the switches of a pool."""
    x = apart(np.random.default_rng(1), (1, 2, 4, 4))
    words = {"kernel_shape": [2, 2], "strides": [2, 2]}
    nodes = [
        helper.make_node("MaxPool", ["x0"], ["pooled", "places"], **words),
        helper.make_node("Exp", ["pooled"], ["changed"]),
        helper.make_node("MaxUnpool", ["changed", "places"], ["y0"], **words),
    ]
    model, feeds = model_of(nodes, {"x0": x})
    check_rule(model, feeds, batched=BATCHED)


def test_compress():
    kept = np.array([True, False, True])
    check_rule(*one_node("Compress", some((1, 3, 2)), kept, axis=1), batched=BATCHED)
