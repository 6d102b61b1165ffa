"""Rules of activation functions against finite differences, and at their kinks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.gradient.finite_differences import (
    SEEDS,
    analytical,
    apart,
    check_rule,
    one_node,
    sizes,
)

BATCHED = ("x0",)
FUNCTIONS = [
    ("Relu", {}),
    ("LeakyRelu", {}),
    ("LeakyRelu", {"alpha": 0.3}),
    ("LeakyRelu", {"alpha": -0.5}),
    ("Sigmoid", {}),
    ("HardSigmoid", {}),
    ("HardSigmoid", {"alpha": 0.7, "beta": 0.4}),
    ("Tanh", {}),
    ("Elu", {}),
    ("Elu", {"alpha": 0.4}),
    ("Selu", {}),
    ("Selu", {"alpha": 1.1, "gamma": 0.7}),
    ("Celu", {}),
    ("Celu", {"alpha": 0.6}),
    ("Softplus", {}),
    ("Softsign", {}),
    ("ThresholdedRelu", {}),
    ("ThresholdedRelu", {"alpha": 0.25}),
    ("Shrink", {"lambd": 0.35, "bias": 0.1}),
    ("Gelu", {"approximate": "tanh"}),
    ("HardSwish", {}),
    ("Mish", {}),
]


@pytest.mark.parametrize(("op_type", "attributes"), FUNCTIONS)
def test_slopes(op_type, attributes):
    rng = np.random.default_rng(3)
    x = 1.7 * apart(rng, (1, 3, 5))
    opset = 20 if op_type == "Gelu" else 18
    model, feeds = one_node(op_type, x, opset=opset, **attributes)
    check_rule(model, feeds, batched=BATCHED)


@pytest.mark.parametrize(("op_type", "opset"), [("Erf", 18), ("Gelu", 20)])
def test_slopes_with_the_error_function(op_type, opset):
    """By SciPy: the reference evaluator's own error function has single precision."""
    from scipy.special import erf

    x = np.linspace(-3, 3, 31)[None]
    function = erf if op_type == "Erf" else lambda v: v * (1 + erf(v / np.sqrt(2))) / 2
    expected = (function(x + 1e-6) - function(x - 1e-6)) / 2e-6
    model, feeds = one_node(op_type, x, opset=opset)
    found = analytical(model, feeds, {"y0": np.ones(x.shape)}, ["x0"], BATCHED, dtype=np.float32)
    assert found["x0"] == pytest.approx(expected, abs=2e-6)


@settings(max_examples=15)
@given(shape=sizes(1, 3, (2, 3)), seed=SEEDS, data=st.data())
def test_prelu_and_its_slopes(shape, seed, data):
    rng = np.random.default_rng(seed)
    x = apart(rng, (1, *shape))
    slope = rng.uniform(-0.5, 1, [n if data.draw(st.booleans()) else 1 for n in shape])
    model, feeds = one_node("PRelu", x, slope.astype(np.float32).astype(float), constants=(1,))
    check_rule(model, feeds, ["x0", "x1"], batched=BATCHED)


@pytest.mark.parametrize("limits", [(-0.4, 0.4), (0.0, None), (None, 0.3), (None, None)])
def test_clip(limits):
    x = apart(np.random.default_rng(0), (1, 4, 5))
    low, high = (None if each is None else np.float64(np.float32(each + 0.005)) for each in limits)
    model, feeds = one_node("Clip", x, low, high, constants=[1, 2])
    wanted = ["x0", *(f"x{i + 1}" for i, each in enumerate(limits) if each is not None)]
    check_rule(model, feeds, wanted, batched=BATCHED)


@pytest.mark.parametrize(
    ("op_type", "attributes", "at", "slope"),
    [
        ("Relu", {}, 0.0, 0.0),
        ("LeakyRelu", {"alpha": 0.1}, 0.0, 0.1),
        ("Clip", {}, 0.0, 1.0),
        ("HardSwish", {}, 3.0, 1.0),
        ("HardSwish", {}, -3.0, 0.0),
        ("ThresholdedRelu", {"alpha": 1.0}, 1.0, 0.0),
    ],
)
def test_the_slope_at_a_kink_is_as_stated(op_type, attributes, at, slope):
    model, feeds = one_node(op_type, np.full((1, 1), at), **attributes)
    found = analytical(model, feeds, {"y0": np.ones((1, 1))}, ["x0"], BATCHED)
    assert found["x0"] == pytest.approx(slope)


def test_a_limit_lets_nothing_through_at_itself():
    x = np.array([[-1.0, 0.0, 3.0, 6.0, 7.0]])
    model, feeds = one_node("Clip", x, np.float64(0), np.float64(6), constants=(1, 2))
    found = analytical(model, feeds, {"y0": np.ones((1, 5))}, ["x0"], BATCHED)
    assert found["x0"].tolist() == [[0, 0, 1, 0, 0]]


@pytest.mark.parametrize("op_type", ["Sigmoid", "Tanh", "Softplus", "Elu", "Selu", "Celu", "Mish"])
def test_far_out_slopes_are_finite(op_type):
    x = np.array([[-500.0, -60.0, 60.0, 500.0]])
    model, feeds = one_node(op_type, x)
    seeds = {"y0": np.ones((1, 4))}
    found = analytical(model, feeds, seeds, ["x0"], BATCHED, dtype=np.float32)["x0"]
    assert np.isfinite(found).all()
    assert np.abs(found[0, :2]).max() < 1e-6


def test_a_sigmoid_near_its_ends_keeps_the_digits_of_its_slope():
    x = np.array([[-30.0, -8.0, 8.0, 12.0, 16.0, 30.0]])
    model, feeds = one_node("Sigmoid", x)
    seeds = {"y0": np.ones((1, 6))}
    found = analytical(model, feeds, seeds, ["x0"], BATCHED, dtype=np.float32)["x0"]
    exact = np.exp(-x) / (1 + np.exp(-x)) ** 2
    assert found == pytest.approx(exact, rel=1e-5)
