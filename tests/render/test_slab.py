"""How values are stored for drawing: nothing is lost that half precision can hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from viewer.visuals import slab as slabs
from viewer.visuals.slab import Specials, decode, encode

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4))


@given(arrays(np.float16, SHAPES, elements=st.floats(width=16)))
def test_half_precision_values_come_back(values):
    stored, unit, specials = encode(values)
    back = decode(stored, unit)
    assert np.array_equal(np.isnan(back), np.isnan(values))
    finite = np.isfinite(values)
    # A power of two keeps the digits of all that is not 2^13 times smaller than the largest.
    sizes = np.abs(np.where(finite, values, 0).astype(float))
    large = finite & (sizes * 2.0**13 > sizes.max())
    assert np.array_equal(back[large], values[large].astype(np.float32))
    assert np.array_equal(back[np.isinf(values)], values[np.isinf(values)].astype(np.float32))
    assert specials.nan == np.isnan(values).sum()
    assert specials.infinite == np.isposinf(values).sum()
    assert specials.negative_infinite == np.isneginf(values).sum()


@given(arrays(np.float32, SHAPES, elements=st.floats(-(2.0**100), 2.0**100, width=32)))
def test_values_of_any_size_fit(values):
    stored, unit, specials = encode(values)
    assert not specials
    assert np.abs(stored).max() <= 1
    assert np.log2(unit) == round(np.log2(unit))
    largest = np.abs(values).max()
    assert np.abs(decode(stored, unit) - values).max() <= largest * 2.0**-11 + 1e-38


def test_what_is_not_finite_takes_numbers_that_no_value_has():
    values = np.array([[[np.nan, np.inf, -np.inf, 7e4]]], np.float32)
    stored, _, specials = encode(values)
    assert stored[0, 0, :3].tolist() == [slabs.NAN, slabs.INFINITE, slabs.NEGATIVE_INFINITE]
    assert specials == Specials(1, 1, 1) and specials
    assert 0.5 < stored[0, 0, 3] <= 1


def test_absent_cells():
    stored, unit, specials = encode(np.ones((1, 1, 2), np.float16), np.array([[[False, True]]]))
    assert specials.absent == 1 and stored[0, 0, 1] == slabs.ABSENT
    assert np.isnan(decode(stored, unit)[0, 0, 1])


@pytest.mark.parametrize("values", [np.zeros((1, 2, 2), np.float32), np.zeros((0, 2, 2), "f4")])
def test_zero_and_empty(values):
    stored, unit, specials = encode(values)
    assert unit == 1.0 and not specials and not stored.any() and stored.shape == values.shape
