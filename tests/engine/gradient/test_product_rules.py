"""Rules of matrix products against finite differences: transposes, broadcasting, vectors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.gradient.finite_differences import SEEDS, check_rule, one_node, values


@settings(max_examples=20)
@given(turn_a=st.integers(0, 1), turn_b=st.integers(0, 1), seed=SEEDS, data=st.data())
def test_gemm(turn_a, turn_b, seed, data):
    rng = np.random.default_rng(seed)
    n, k, m = (data.draw(st.integers(1, 4)) for _ in range(3))
    a = values(rng, (k, n) if turn_a else (n, k))
    b = values(rng, (m, k) if turn_b else (k, m))
    c = values(rng, data.draw(st.sampled_from([(m,), (1, m), (n, m), (n, 1), (1,), ()])))
    model, feeds = one_node(
        "Gemm", a, b, c, constants=(1, 2), transA=turn_a, transB=turn_b, alpha=0.7, beta=1.3
    )
    check_rule(model, feeds, ["x0", "x1", "x2"])


def test_gemm_without_a_bias_and_with_several_seeds():
    rng = np.random.default_rng(0)
    model, feeds = one_node("Gemm", values(rng, (1, 4)), values(rng, (4, 3)), constants=(1,))
    check_rule(model, feeds, ["x0", "x1"], batched=("x0",))


@settings(max_examples=25)
@given(seed=SEEDS, data=st.data())
def test_matmul_broadcasts(seed, data):
    rng = np.random.default_rng(seed)
    n, k, m = (data.draw(st.integers(1, 3)) for _ in range(3))
    lead = data.draw(st.lists(st.integers(1, 3), max_size=2))
    ones_a = [data.draw(st.booleans()) for _ in lead]
    ones_b = [not one and data.draw(st.booleans()) for one in ones_a]
    lead_a = [1 if one else size for one, size in zip(ones_a, lead, strict=True)]
    lead_b = [1 if one else size for one, size in zip(ones_b, lead, strict=True)]
    lead_b = lead_b[data.draw(st.integers(0, len(lead_b))) :]
    model, feeds = one_node("MatMul", values(rng, (*lead_a, n, k)), values(rng, (*lead_b, k, m)))
    check_rule(model, feeds, ["x0", "x1"])


@pytest.mark.parametrize(
    ("a", "b"),
    [((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((3,), (2, 3, 4)), ((2, 4, 3), (3,))],
)
def test_vectors(a, b):
    rng = np.random.default_rng(1)
    model, feeds = one_node("MatMul", values(rng, a), values(rng, b))
    check_rule(model, feeds, ["x0", "x1"])


@pytest.mark.parametrize("b", [(3, 2), (1, 3, 2), (4, 3, 2)])
def test_tokens_times_weights_with_several_seeds(b):
    rng = np.random.default_rng(2)
    a = values(rng, (1, 4, 5, 3) if len(b) == 3 else (1, 5, 3))
    model, feeds = one_node("MatMul", a, values(rng, b), constants=(1,))
    check_rule(model, feeds, ["x0", "x1"], batched=("x0",))


def test_two_computed_factors_with_several_seeds():
    rng = np.random.default_rng(3)
    model, feeds = one_node("MatMul", values(rng, (1, 2, 4, 3)), values(rng, (1, 2, 3, 4)))
    check_rule(model, feeds, ["x0", "x1"], batched=("x0", "x1"))
