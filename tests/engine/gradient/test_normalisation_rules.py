"""Rules of normalisations, against finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from tests.engine.gradient.finite_differences import (
    SEEDS,
    analytical,
    check_rule,
    check_samples,
    one_node,
    sizes,
    values,
)

BATCHED = ("x0",)


def some(shape, seed=0, low=-2.0, high=2.0):
    return values(np.random.default_rng(seed), shape, low, high)


def parameters(channels, seed, count):
    return [some((channels,), seed + i, 0.5, 1.5) for i in range(count)]


@settings(max_examples=10)
@given(shape=sizes(1, 3, (1, 3)), constant=st.booleans(), seed=SEEDS)
def test_batch_normalization(shape, constant, seed):
    arrays = [some((2, *shape), seed), *parameters(shape[0], seed, 4)]
    places = (1, 2, 3, 4) if constant else ()
    model, feeds = one_node("BatchNormalization", *arrays, constants=places, epsilon=0.01)
    check_rule(model, feeds, [f"x{i}" for i in range(5)], batched=BATCHED)


def test_batch_normalization_shares_the_forward_pass():
    arrays = [some((1, 3, 2)), *parameters(3, 1, 4)]
    model, feeds = one_node("BatchNormalization", *arrays, constants=(1, 2, 3, 4))
    check_rule(model, feeds, batched=BATCHED)


def test_batch_normalization_in_training_is_refused():
    arrays = [some((2, 3, 2)), *parameters(3, 1, 4)]
    words = {"constants": (1, 2, 3, 4), "outputs": 3, "training_mode": 1}
    model, feeds = one_node("BatchNormalization", *arrays, **words)
    with pytest.raises(InputError, match=r"BatchNormalization \(node 'node'\).*training"):
        analytical(model, feeds, {"y0": np.ones((2, 3, 2))}, ["x0"])


@settings(max_examples=8)
@given(shape=sizes(2, 3, (2, 3)), constant=st.booleans(), seed=SEEDS)
def test_instance_normalization(shape, constant, seed):
    arrays = [some((1, *shape), seed), *parameters(shape[0], seed, 2)]
    places = (1, 2) if constant else ()
    model, feeds = one_node("InstanceNormalization", *arrays, constants=places, epsilon=0.01)
    check_rule(model, feeds, ["x0", "x1", "x2"], batched=BATCHED)


@pytest.mark.parametrize("positions", [(), (3,), (2, 3)])
def test_group_normalization(positions):
    arrays = [some((1, 4, *positions)), *parameters(4, 1, 2)]
    words = {"num_groups": 2, "epsilon": 0.01, "opset": 21, "stash_type": 11}
    model, feeds = one_node("GroupNormalization", *arrays, **words)
    check_rule(model, feeds, batched=BATCHED)


@settings(max_examples=12)
@given(shape=sizes(1, 3, (1, 3)), data=st.data(), bias=st.booleans(), seed=SEEDS)
def test_layer_normalization(shape, data, bias, seed):
    axis = data.draw(st.integers(1, len(shape)))
    inner = shape[axis - 1 :]
    arrays = [some((1, *shape), seed), some(inner, seed + 1, 0.5, 1.5)]
    arrays += [some(inner, seed + 2)] if bias else []
    signed = data.draw(st.sampled_from([axis, axis - len(shape) - 1]))
    model, feeds = one_node("LayerNormalization", *arrays, axis=signed, epsilon=0.01)
    check_rule(model, feeds, batched=BATCHED)


def test_layer_normalization_with_a_scale_that_is_broadcast():
    model, feeds = one_node("LayerNormalization", some((1, 2, 3)), some((1,)), axis=1)
    check_rule(model, feeds, batched=BATCHED)


@pytest.mark.parametrize("axis", [None, 1, -1])
def test_rms_normalization(axis):
    inner = (2, 3) if axis == 1 else (3,)
    words = {"axis": axis, "epsilon": 0.01, "opset": 23}
    model, feeds = one_node("RMSNormalization", some((1, 2, 3)), some(inner, 1), **words)
    check_rule(model, feeds, batched=BATCHED)


@pytest.mark.parametrize("axes", [None, [2, 3], [-1]])
def test_mean_variance_normalization(axes):
    model, feeds = one_node("MeanVarianceNormalization", some((1, 2, 2, 3)), axes=axes)
    check_rule(model, feeds, batched=BATCHED if axes else ())


@pytest.mark.parametrize("p", [None, 1, 2])
@pytest.mark.parametrize("axis", [None, 1])
def test_lp_normalization(p, axis):
    """Of positive numbers where p = 1: the reference evaluator leaves out the absolute value."""
    model, feeds = one_node("LpNormalization", some((1, 3, 2), 0, 0.1, 2), p=p, axis=axis)
    check_rule(model, feeds, batched=BATCHED)


def test_lp_normalization_of_numbers_of_both_signs():
    check_rule(*one_node("LpNormalization", some((1, 3, 2)), p=2), batched=BATCHED)
    model, feeds = one_node("LpNormalization", np.array([[1.0, -2.0, 5.0]]), p=1)
    seed = np.array([[1.0, 2.0, -3.0]])
    found = analytical(model, feeds, {"y0": seed}, ["x0"], BATCHED, dtype=np.float32)
    total = (1 - 4 - 15) / 8  # sum of dy y, with the norm 8
    assert np.allclose(found["x0"], (seed - np.array([1, -1, 1]) * total) / 8)


@pytest.mark.parametrize("p", [1, 2])
def test_a_norm_of_zero_passes_nothing(p):
    x, seed = np.array([[0.0, 0.0], [1.0, 2.0]]), np.array([[1.0, 2.0], [1.0, 2.5]])
    model, feeds = one_node("LpNormalization", x, p=p)
    found = analytical(model, feeds, {"y0": seed}, ["x0"], BATCHED, dtype=np.float32)
    assert not found["x0"][0].any() and found["x0"][1].any()


@settings(max_examples=12)
@given(
    channels=st.integers(1, 6),
    size=st.integers(1, 6),
    positions=sizes(1, 2, (2, 2)),
    bias=st.sampled_from([1.0, 2.0]),
    seed=SEEDS,
)
def test_local_response_normalization(channels, size, positions, bias, seed):
    words = {"size": size, "alpha": 0.5, "beta": 0.75, "bias": bias}
    model, feeds = one_node("LRN", some((1, channels, *positions), seed), **words)
    check_rule(model, feeds, batched=BATCHED, by_runtime=size % 2 == 1)  # it refuses even sizes


@pytest.mark.parametrize(
    ("op_type", "count", "words"),
    [
        ("BatchNormalization", 4, {}),
        ("InstanceNormalization", 2, {}),
        ("GroupNormalization", 2, {"num_groups": 2, "opset": 21, "stash_type": 11}),
        ("LayerNormalization", 2, {"axis": -1}),
    ],
)
def test_gradients_of_parameters_for_every_sample(op_type, count, words):
    arrays = [some((3, 4, 4)), *parameters(4, 1, count)]
    places = tuple(range(1, count + 1))
    model, feeds = one_node(op_type, *arrays, constants=places, **words)
    names = [f"x{place}" for place in places[:2]]
    check_samples(model, feeds, names)
