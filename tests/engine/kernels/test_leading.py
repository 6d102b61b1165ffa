"""The leading eigenvector against all eigenvectors, and the sign of what lies along it."""

import numpy as np
import pytest

from engine.kernels.leading import leading_vector, sign_of

SHAPES = [(1, 4), (2, 3), (3, 3), (17, 200), (64, 10), (300, 40), (250, 600)]


@pytest.mark.parametrize(("size", "values"), SHAPES)
def test_it_is_the_eigenvector(size, values):
    rows = np.random.default_rng(size).standard_normal((size, values))
    matrix = rows @ rows.T
    largest, vectors = np.linalg.eigh(matrix)
    found = leading_vector(matrix)
    assert np.isclose(np.linalg.norm(found), 1)
    np.testing.assert_allclose(matrix @ found, largest[-1] * found, atol=1e-8 * largest[-1])
    assert abs(found @ vectors[:, -1]) > 1 - 1e-9


def test_two_equal_eigenvalues_give_a_vector_of_both():
    matrix = np.diag([3.0, 3.0, 1.0, 0.0])
    found = leading_vector(matrix)
    np.testing.assert_allclose(matrix @ found, 3 * found, atol=1e-9)


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_any_scale(scale):
    found = leading_vector(np.diag([1.0, 5.0, 2.0]) * scale)
    np.testing.assert_allclose(np.abs(found), [0, 1, 0], atol=1e-7)


def test_a_matrix_of_zeros_gives_some_vector():
    assert np.isclose(np.linalg.norm(leading_vector(np.zeros((5, 5)))), 1)


def test_a_close_second_is_told_apart():
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((80, 80)))
    values = np.linspace(0, 1, 80)
    values[-2:] = 1.0, 1.0001
    found = leading_vector((turn * values) @ turn.T)
    assert abs(found @ turn[:, -1]) > 1 - 1e-9


def test_the_longer_tail_is_at_the_upper_end():
    assert sign_of(np.array([-1.0, -1.0, 0.0, 2.0])) == 1
    assert sign_of(np.array([1.0, 1.0, 0.0, -2.0])) == -1


def test_without_a_longer_tail_the_first_is_at_the_lower_end():
    assert sign_of(np.array([2.0, -2.0])) == -1
    assert sign_of(np.array([1e-9, -2.0, 2.0])) == 1
    assert sign_of(np.array([0.0, 0.0])) == sign_of(np.zeros(0)) == 1
