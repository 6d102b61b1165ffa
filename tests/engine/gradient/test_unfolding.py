"""Weights as volumes: nothing is lost, every place is known, pictures are as square as they can."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.gradient.unfolding import (
    UNFOLDINGS,
    fold,
    near_square,
    padding,
    place_of,
    unfold,
    unfolded_size,
    what_at,
)

HOW = st.sampled_from(sorted(UNFOLDINGS))
SHAPES = st.one_of(
    st.tuples(st.integers(1, 3), st.integers(1, 40)),
    st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 5)),
    st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 4), st.integers(1, 4)),
    st.tuples(*[st.integers(1, 3)] * 5),
)


def numbered(shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


@given(SHAPES, HOW)
def test_every_number_is_kept_and_comes_back(shape, how):
    weights = numbered(shape)
    volume = unfold(weights, how)
    assert volume.shape == (shape[0], *unfolded_size(shape, how))
    assert np.isnan(volume[0]).sum() == padding(shape, how)
    assert sorted(volume[~np.isnan(volume)]) == sorted(weights.ravel())
    assert np.array_equal(fold(volume, shape, how), weights)


@given(SHAPES, HOW)
def test_every_place_says_which_weight_it_is(shape, how):
    weights = numbered(shape)
    flat = weights.reshape(*shape[:2], -1, shape[-1] if len(shape) > 2 else 1)
    picture = unfold(weights, how)[-1]
    for (row, column), value in np.ndenumerate(picture):
        found = what_at(how, shape, row, column)
        if np.isnan(value):
            assert found is None
            continue
        assert flat[(-1, *found)] == value
        assert place_of(how, shape, *found) == (row, column)


@given(st.integers(1, 5000))
def test_rectangles_hold_all_and_are_near_square(count):
    rows, columns = near_square(count)
    assert rows * columns >= count > (rows - 1) * columns
    assert columns >= rows or rows == 1
    whole = rows * columns == count
    assert columns / rows <= 3 if whole else abs(columns - rows) <= 1


def test_sizes_that_people_know():
    assert near_square(96) == (8, 12) and near_square(64) == (8, 8) and near_square(3) == (1, 3)
    # AlexNet's first layer: three inputs of 11 x 11 side by side
    assert unfolded_size((96, 3, 11, 11), "tiles") == (11, 33)
    assert unfolded_size((96, 3, 11, 11), "rows") == (3, 121)
    assert unfolded_size((500, 800), "tiles") == (25, 32)
    # the depths of a 3D kernel stand below each other
    weights = numbered((1, 1, 2, 3, 4))
    assert np.array_equal(unfold(weights)[0], weights.reshape(6, 4))


def test_positions_group_the_inputs_of_one_place():
    weights = numbered((1, 4, 2, 2))
    picture = unfold(weights, "positions")[0]
    assert np.array_equal(picture[:2, :2].ravel(), weights[0, :, 0, 0])
    assert np.array_equal(picture[2:, :2].ravel(), weights[0, :, 1, 0])


def test_what_fills_places_without_a_weight():
    assert (unfold(np.ones((1, 7, 3, 3), np.float32), fill=0)[0] == 0).sum() == 2 * 9
    assert unfold(np.ones((1, 7), np.float32)).dtype == np.float32


def test_what_is_refused():
    weights = numbered((2, 3, 3, 3))
    with pytest.raises(InputError, match="expected tiles, rows"):
        unfold(weights, "spiral")
    with pytest.raises(InputError, match="filters, inputs"):
        unfold(np.zeros(3, np.float32))
    with pytest.raises(InputError, match="not one of these weights"):
        fold(unfold(weights), (2, 4, 3, 3))
    with pytest.raises(InputError, match="have none at input 3"):
        place_of("tiles", (2, 3, 3, 3), 3)
    assert what_at("tiles", (2, 3, 3, 3), -1, 0) is None
