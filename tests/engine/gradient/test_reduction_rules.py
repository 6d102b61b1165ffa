"""Rules of reductions and of Softmax, against finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from tests.engine.gradient.finite_differences import (
    SEEDS,
    analytical,
    apart,
    check_rule,
    one_node,
    sizes,
    values,
)

REDUCTIONS = [
    "ReduceSum",
    "ReduceMean",
    "ReduceMax",
    "ReduceMin",
    "ReduceProd",
    "ReduceL1",
    "ReduceL2",
    "ReduceSumSquare",
    "ReduceLogSum",
    "ReduceLogSumExp",
]


@st.composite
def axes_of(draw, rank, first=1):
    """Some axes from ``first`` on, some counted from the end."""
    axes = draw(st.sets(st.integers(first, rank - 1), min_size=1)) if rank > first else set()
    return [axis - rank if draw(st.booleans()) else axis for axis in sorted(axes)]


def smooth(op_type, rng, shape):
    return values(rng, shape, 0.5, 1.5) if op_type == "ReduceLogSum" else apart(rng, shape, 0.03)


@pytest.mark.parametrize("op_type", REDUCTIONS)
@settings(max_examples=8)
@given(data=st.data(), shape=sizes(1, 3, (1, 3)), keepdims=st.integers(0, 1), seed=SEEDS)
def test_reduction_over_axes(op_type, data, shape, keepdims, seed):
    axes = data.draw(axes_of(1 + len(shape)))
    x = smooth(op_type, np.random.default_rng(seed), (1, *shape))
    model, feeds = one_node(op_type, x, np.array(axes, np.int64), keepdims=keepdims)
    check_rule(model, feeds, batched=("x0",))


@pytest.mark.parametrize("op_type", REDUCTIONS)
@pytest.mark.parametrize("keepdims", [0, 1])
def test_reduction_of_everything(op_type, keepdims):
    x = smooth(op_type, np.random.default_rng(1), (2, 3))
    check_rule(*one_node(op_type, x, keepdims=keepdims))
    check_rule(*one_node(op_type, x, np.array([0]), keepdims=keepdims), batched=("x0",))


@pytest.mark.parametrize("op_type", ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceProd"])
def test_nothing_is_reduced_where_the_node_says_so(op_type):
    x = values(np.random.default_rng(1), (1, 3))
    model, feeds = one_node(op_type, x, np.zeros(0, np.int64), noop_with_empty_axes=1)
    check_rule(model, feeds, batched=("x0",))


def test_zeros_in_a_product():
    x = np.array([[1.5, 2.0, 0.5], [1.5, 0.0, 0.5], [0.0, 0.0, 0.5]])
    model, feeds = one_node("ReduceProd", x, np.array([1]))
    found = check_rule(model, feeds, batched=("x0",))
    assert found["x0"][1, 0] == 0 and found["x0"][1, 1] != 0
    assert not found["x0"][2].any()


def test_equal_elements_share_the_gradient_of_a_maximum():
    model, feeds = one_node("ReduceMax", np.array([[1.0, 3.0, 3.0]]), np.array([1]), keepdims=0)
    found = analytical(model, feeds, {"y0": np.array([2.0])}, ["x0"], ("x0",))
    assert np.array_equal(found["x0"], [[0, 1, 1]])


def test_a_length_of_zero_has_no_gradient():
    model, feeds = one_node("ReduceL2", np.zeros((1, 3)), np.array([1]))
    found = analytical(model, feeds, {"y0": np.ones((1, 1))}, ["x0"], ("x0",))
    assert np.array_equal(found["x0"], np.zeros((1, 3)))


def test_axes_that_the_network_computes_are_refused():
    from onnx import helper

    from tests.engine.gradient.finite_differences import model_of

    nodes = [
        helper.make_node("ArgMax", ["x0"], ["axes"], axis=0, keepdims=1),
        helper.make_node("ReduceSum", ["x1", "axes"], ["y0"], "total", keepdims=1),
    ]
    model, feeds = model_of(nodes, {"x0": np.array([0.0, 1.0]), "x1": np.ones((2, 2))})
    with pytest.raises(InputError, match="ReduceSum.*'total'.*computed"):
        analytical(model, feeds, {"y0": np.ones((2, 1))}, ["x1"])


@pytest.mark.parametrize("op_type", ["Softmax", "LogSoftmax"])
@settings(max_examples=12)
@given(data=st.data(), shape=sizes(1, 4, (1, 3)), seed=SEEDS)
def test_softmax(op_type, data, shape, seed):
    rank = 1 + len(shape)
    axis = data.draw(st.sampled_from([None, *range(1, rank), *range(1 - rank, 0)]))
    x = values(np.random.default_rng(seed), (1, *shape))
    model, feeds = one_node(op_type, x, axis=axis)
    check_rule(model, feeds, batched=("x0",))


def test_softmax_over_the_first_axis():
    x = values(np.random.default_rng(1), (3, 2))
    check_rule(*one_node("Softmax", x, axis=0))


def test_a_saturated_softmax_has_no_gradient():
    x = np.array([[800.0, 0.0, -800.0]])
    model, feeds = one_node("Softmax", x)
    found = analytical(model, feeds, {"y0": np.array([[1.0, 2.0, 3.0]])}, ["x0"], ("x0",))
    assert np.array_equal(found["x0"], np.zeros((1, 3)))
    model, feeds = one_node("LogSoftmax", x / 20)
    found = analytical(model, feeds, {"y0": np.array([[0.0, 1.0, 0.0]])}, ["x0"], ("x0",))
    assert np.allclose(found["x0"], [[-1, 1, 0]])
