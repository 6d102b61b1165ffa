"""Made-up points for the tests of counting, lasso and nearest: skewed like a layer after a ReLU."""

import numpy as np


def codes_of(values, dtype):
    """Codes of values by rows' own ranges, zero often; a few are not finite."""
    top = 65279 if dtype == np.uint16 else 254
    low = values.min(axis=-1, keepdims=True, initial=0)
    high = values.max(axis=-1, keepdims=True, initial=1)
    codes = np.rint((np.maximum(values, 0) - low) / (high - low) * top).astype(dtype)
    codes[..., 5::97] = np.iinfo(dtype).max
    return codes


def cloud(count, group_count, dtype, seed=0):
    """x, y and groups of points; some groups are left out."""
    random = np.random.default_rng(seed)
    x, y = (codes_of(random.standard_normal(count), dtype) for _ in range(2))
    groups = random.integers(0, group_count + 1, count).astype(np.uint8)
    groups[groups == group_count] = 255
    return x, y, groups
