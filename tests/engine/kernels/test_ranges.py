"""The finite range of values against NumPy."""

import numpy as np

from engine.kernels import ranges as kernels


def test_the_range_of_first_batches_is_finite():
    assert kernels.finite_range(np.float32([np.nan, -np.inf, 3, -2, np.inf])) == (-2, 3)
    assert kernels.finite_range(np.float32([np.nan, np.inf])) == (0, 0)
    assert kernels.finite_range(np.zeros((0, 3), np.float32)) == (0, 0)
    values = np.random.default_rng(0).standard_normal(10_000).astype(np.float32)
    assert kernels.finite_range(values) == (values.min(), values.max())
    assert kernels.finite_range(np.float32([-0.0, 0.0])) == (0, 0)
