"""Rules of arithmetic and of elementary functions, against finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.gradient.finite_differences import (
    SEEDS,
    apart,
    check_rule,
    one_node,
    sizes,
    values,
)


@st.composite
def broadcasts(draw, count):
    """Shapes that are broadcast with each other: sizes of one and missing axes in front."""
    full = draw(sizes(1, 3, (1, 3)))
    shapes = []
    for _ in range(count):
        kept = [size if draw(st.booleans()) else 1 for size in full]
        shapes.append(tuple(kept[draw(st.integers(0, len(full))) :]))
    return shapes


def drawn(op_type, rng, shape, place):
    """Values at which the operator is smooth."""
    if op_type == "Div" and place == 1:
        return values(rng, shape, 0.5, 2) * rng.choice([-1, 1], shape)
    if op_type == "Pow":
        return values(rng, shape, 0.3, 2)
    return apart(rng, shape)


@pytest.mark.parametrize("op_type", ["Add", "Sub", "Mul", "Div", "Pow"])
@settings(max_examples=12)
@given(shapes=broadcasts(2), seed=SEEDS, constant=st.sampled_from([(), (0,), (1,)]))
def test_two_operands(op_type, shapes, seed, constant):
    rng = np.random.default_rng(seed)
    arrays = [drawn(op_type, rng, shape, place) for place, shape in enumerate(shapes)]
    model, feeds = one_node(op_type, *arrays, constants=constant)
    check_rule(model, feeds, ["x0", "x1"])


@pytest.mark.parametrize("op_type", ["Sum", "Mean", "Max", "Min"])
@settings(max_examples=10)
@given(shapes=broadcasts(3), seed=SEEDS, count=st.integers(1, 3))
def test_many_operands(op_type, shapes, seed, count):
    rng = np.random.default_rng(seed)
    if op_type == "Mean":  # the reference evaluator adds to the first operand in place
        shapes[0] = np.broadcast_shapes(*shapes)
    together = apart(rng, (3, 64)).reshape(3, -1)
    arrays = [together[i, : int(np.prod(s))].reshape(s) for i, s in enumerate(shapes[:count])]
    check_rule(*one_node(op_type, *arrays))


@settings(max_examples=15)
@given(shapes=broadcasts(3), seed=SEEDS)
def test_where(shapes, seed):
    rng = np.random.default_rng(seed)
    condition = rng.random(shapes[0]) < 0.5
    arrays = [values(rng, shape) for shape in shapes[1:]]
    check_rule(*one_node("Where", condition, *arrays))


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 3.0, -1.0, 0.5, [2.0, 0.0], [[1.0], [3.0]]])
def test_constant_powers(exponent):
    rng = np.random.default_rng(3)
    x = values(rng, (1, 2, 2), 0.4, 2)
    model, feeds = one_node("Pow", x, np.array(exponent), constants=(1,))
    check_rule(model, feeds, batched=("x0",))


@pytest.mark.parametrize("exponent", [2, 3, [1, 4]])
def test_whole_powers_of_negative_numbers(exponent):
    x = apart(np.random.default_rng(4), (2, 2))
    check_rule(*one_node("Pow", x, np.array(exponent, np.int64)))


def test_a_power_has_no_gradient_where_the_exponent_is_zero():
    model, feeds = one_node("Pow", np.zeros((1, 2)), np.array([0.0, 2.0]), constants=(1,))
    found = check_rule(model, feeds)
    assert np.array_equal(found["x0"], np.zeros((1, 2)))


@pytest.mark.parametrize("fmod", [0, 1])
def test_remainder(fmod):
    rng = np.random.default_rng(5)
    a = np.array([[-3.3, -1.2, 0.4, 2.9]])
    b = np.array([[1.5], [0.7]]) if fmod else np.array([[1.5], [-0.7]])
    model, feeds = one_node("Mod", a + 0.01 * rng.random(a.shape), b, fmod=fmod)
    check_rule(model, feeds, by_runtime=fmod == 1)


def test_equal_operands_share_the_gradient_of_a_maximum():
    from tests.engine.gradient.finite_differences import analytical

    x = np.array([[1.0, 2.0, 3.0]])
    model, feeds = one_node("Max", x, np.array([[1.0, 0.0, 3.0]]), np.array([[1.0, 5.0, 2.0]]))
    found = analytical(model, feeds, {"y0": np.ones((1, 3))}, list(feeds))
    assert np.allclose(found["x0"], [[1 / 3, 0, 1 / 2]])
    assert np.allclose(found["x1"], [[1 / 3, 0, 1 / 2]])
    assert np.allclose(found["x2"], [[1 / 3, 1, 0]])


def test_both_operands_may_be_one_tensor():
    from onnx import helper

    from tests.engine.gradient.finite_differences import model_of

    x = values(np.random.default_rng(1), (2, 3))
    node = helper.make_node("Mul", ["x0", "x0"], ["y0"], "node")
    check_rule(*model_of([node], {"x0": x}), batched=("x0",))


RANGES = {
    "Neg": (-2, 2),
    "Exp": (-2, 2),
    "Log": (0.3, 2),
    "Sqrt": (0.3, 2),
    "Reciprocal": (0.4, 2),
    "Sin": (-2, 2),
    "Cos": (-2, 2),
    "Tan": (-1, 1),
    "Asin": (-0.8, 0.8),
    "Acos": (-0.8, 0.8),
    "Atan": (-2, 2),
    "Sinh": (-2, 2),
    "Cosh": (-2, 2),
    "Asinh": (-2, 2),
    "Acosh": (1.2, 2),
    "Atanh": (-0.8, 0.8),
}


@pytest.mark.parametrize("op_type", RANGES)
@settings(max_examples=4)
@given(shape=sizes(1, 3, (0, 3)), seed=SEEDS)
def test_elementary_functions(op_type, shape, seed):
    x = values(np.random.default_rng(seed), (1, *shape), *RANGES[op_type])
    model, feeds = one_node(op_type, x)
    check_rule(model, feeds, batched=("x0",))


@pytest.mark.parametrize("op_type", ["Abs", "Sign", "Floor", "Ceil", "Round"])
def test_functions_with_kinks_and_steps(op_type):
    x = apart(np.random.default_rng(2), (1, 3, 4)) + 0.003
    check_rule(*one_node(op_type, x), batched=("x0",) if op_type == "Abs" else ())
