"""Sums of rows against NumPy's in float64, with what is not finite."""

import numpy as np
import pytest

from engine.kernels.adding import BLOCK, add_rows


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (7, 5), (3, BLOCK + 9)])
def test_rows_are_added_exactly(dtype, shape):
    random = np.random.default_rng(4)
    values = random.normal(size=shape).astype(dtype)
    before = random.normal(size=shape[1])
    sums = before.copy()
    add_rows(values, sums)
    want = before.copy()
    for row in values.astype(np.float64):
        want += row
    assert np.array_equal(sums, want)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_what_is_not_finite_stays_so(dtype):
    values = np.array([[np.nan, np.inf, -np.inf, np.inf, 1], [1, 1, 1, -np.inf, 2]], dtype)
    sums = np.zeros(5)
    add_rows(values, sums)
    assert np.array_equal(sums, [np.nan, np.inf, -np.inf, np.nan, 3], equal_nan=True)
