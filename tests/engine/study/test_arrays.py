"""Slicing an array that lies in pieces, against NumPy's own slicing of the whole."""

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.study.arrays import PartArray

SHAPE = (11, 4, 3, 5)
WHOLE = np.arange(np.prod(SHAPE)).reshape(SHAPE)


def in_pieces(whole, cuts=(3, 4, 9)):
    """The array as a PartArray; reading a piece with anything but plain slices fails."""
    edges = [0, *(c for c in cuts if c < len(whole)), len(whole)]
    pieces = []
    for first, stop in zip(edges, edges[1:], strict=False):

        def read(index, piece=whole[first:stop]):
            assert all(isinstance(i, slice) and (i.step or 1) > 0 for i in index)
            assert len(index) == piece.ndim
            assert index[0].stop <= len(piece)
            return piece[index]

        pieces.append((first, stop - first, read))
    return PartArray(whole.shape, whole.dtype, pieces)


@settings(max_examples=300, deadline=None)
@given(arrays.basic_indices(SHAPE, allow_newaxis=True, allow_ellipsis=True))
def test_basic_indices_are_numpys(index):
    got, expected = in_pieces(WHOLE)[index], WHOLE[index]
    assert np.shape(got) == np.shape(expected)
    assert np.array_equal(got, expected)


@settings(max_examples=200, deadline=None)
@given(
    rows=st.one_of(
        st.lists(st.integers(-11, 10), max_size=20).map(lambda x: np.array(x, int)),
        st.lists(st.booleans(), min_size=11, max_size=11).map(np.array),
        st.just(np.array([[1, 9], [4, 4]])),
    ),
    rest=st.sampled_from(
        [(), (slice(None, None, -1),), (..., 2), (2,), (slice(1, 3), slice(None), -1), (..., None)]
    ),
)
def test_arrays_of_rows_are_numpys(rows, rest):
    index = (rows, *rest)
    assert np.array_equal(in_pieces(WHOLE)[index], WHOLE[index])


@pytest.mark.parametrize(
    "index",
    [
        (slice(None), [0, 2]),
        (slice(2, 9, 3), slice(None), [2, 0]),
        ([1, 5], [0, 3]),
        ([1, 5], slice(None), [0, 2]),
        (4, [3, 3, 0]),
        (slice(None), np.array([True, False, True, True])),
        (slice(None), []),
        np.int64(-1),
        ([],),
        ...,
    ],
)
def test_other_indices_are_numpys(index):
    assert np.array_equal(in_pieces(WHOLE)[index], WHOLE[index])


@pytest.mark.parametrize("index", [11, -12, (0, 4), (0, 0, 0, 0, 0), (..., ...), [1.5], [11], "a"])
def test_wrong_indices_are_refused(index):
    with pytest.raises((IndexError, TypeError, ValueError)):
        in_pieces(WHOLE)[index]
    with pytest.raises(IndexError, match="mask"):
        in_pieces(WHOLE)[np.array([True, False])]


def test_it_is_an_array():
    array = in_pieces(WHOLE.astype(np.float16))
    assert array.shape == SHAPE and array.dtype == np.float16 and array.ndim == 4
    assert len(array) == 11 and array.size == WHOLE.size and array.nbytes == 2 * WHOLE.size
    assert np.asarray(array).dtype == np.float16
    assert np.asarray(array, np.float32).dtype == np.float32
    assert np.array_equal(np.stack(list(array)), WHOLE)
    assert np.mean(array, dtype=float) == WHOLE.mean()
    with pytest.raises(ValueError, match="copy"):
        np.array(array, copy=False)
    assert "float16[11, 4, 3, 5]" in repr(array)


def test_an_empty_one():
    array = PartArray((0, 3, 2), np.float32, [])
    assert array[...].shape == (0, 3, 2) and array[:5, 1].shape == (0, 2) and len(array) == 0
