"""Likeness of channels: products and distances from their definitions, and who stands apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis import orders
from engine.errors import InputError
from tests.engine.analysis.orders.shapes import mixtures
from tests.reference import orders as reference


@pytest.fixture(scope="module")
def maps():
    noise = np.random.default_rng(0).random((40, 9, 9))
    return mixtures(40, 9) + 0.1 * noise.astype(np.float32)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_distances_and_products(maps, dtype):
    values = maps.astype(dtype)
    found = orders.likeness_of(values)
    rows = values.reshape(40, -1).astype(np.float64)
    rows -= rows.mean(axis=0)
    size = (rows**2).sum(axis=1).max()  # single precision: 6e-8 of it, summed over 81 values
    np.testing.assert_allclose(found.products, rows @ rows.T, atol=1e-6 * size)
    between = reference.distances(values)
    np.testing.assert_allclose(found.distances, between, atol=1e-3 * between.max())
    assert (np.diagonal(found.distances) == 0).all()
    np.testing.assert_allclose(found.products.sum(axis=0), 0, atol=1e-6 * size)


def test_a_common_offset_costs_no_precision(maps):
    shift = 3000 * np.random.default_rng(0).random(maps.shape[1:])
    wanted = orders.likeness_of(maps.astype(np.float64))
    moved = orders.likeness_of((maps + shift).astype(np.float32))
    np.testing.assert_allclose(moved.distances, wanted.distances, atol=0.02)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_extreme_values(maps, scale):
    plain, scaled = orders.likeness_of(maps), orders.likeness_of(maps * np.float32(scale))
    np.testing.assert_allclose(
        scaled.distances, plain.distances * np.float32(scale), rtol=1e-2, atol=1e-3 * scale
    )


@pytest.mark.parametrize("shape", [(12, 3, 3), (12, 40), (300, 4), (30, 1)])
def test_projections_are_pca(shape):
    values = np.random.default_rng(1).random(shape).astype(np.float32)
    found, wanted = orders.likeness_of(values).projections, reference.projections(values)
    sign = np.sign(found @ wanted)
    np.testing.assert_allclose(found, sign * wanted, atol=1e-4)
    assert (found**3).sum() > 0, "the longer tail is at the upper end"


def test_both_ways_round_are_the_same():
    values = np.random.default_rng(2).random((80, 30)).astype(np.float32)
    found = orders.likeness_of(values)
    matrix, rows = found.smaller()
    assert matrix.shape == (30, 30) and rows.shape == (80, 30)
    other = orders.likeness.Likeness(
        found.dead, found.constant, found.not_finite, products=found.products
    )
    np.testing.assert_allclose(found.projections, other.projections, atol=1e-5)


def test_who_stands_apart(maps):
    values = maps.copy()
    values[3], values[8], values[10, 0, 0], values[11, 1, 1] = 0, -2, np.nan, -np.inf
    values[12], values[13] = np.nan, -0.0
    found = orders.likeness_of(values)
    assert list(np.flatnonzero(found.dead)) == [3, 13]
    assert list(np.flatnonzero(found.constant)) == [3, 8, 13]
    assert list(np.flatnonzero(found.not_finite)) == [10, 11, 12]
    assert list(found.apart) == [3, 8, 10, 11, 12, 13] and len(found.varied) == 34
    np.testing.assert_allclose(
        found.distances, orders.likeness_of(values[found.varied]).distances, atol=1e-5
    )


def test_one_value_a_channel_is_constant_only_at_zero():
    found = orders.likeness_of(np.float32([3, 0, -1, np.nan, 2]).reshape(5, 1, 1))
    assert list(found.apart) == [1, 3] and found.dead.sum() == found.constant.sum() == 1
    assert list(orders.order(found, "pca").channels[:3]) in ([2, 4, 0], [0, 4, 2])


def test_numbers_of_channels(maps):
    values = maps.copy()
    values[5, 2, 2] = np.inf
    found, rest = orders.likeness_of(values), np.arange(40) != 5
    flat = values.reshape(40, -1)[rest].astype(np.float64)
    np.testing.assert_allclose(found.means[rest], flat.mean(axis=1))
    np.testing.assert_allclose(found.variances[rest], flat.var(axis=1))
    np.testing.assert_allclose(found.maxima[rest], flat.max(axis=1))
    assert np.isnan([found.means[5], found.variances[5], found.maxima[5]]).all()


def test_of_correlations():
    values = np.random.default_rng(0).random((6, 50))
    values[4] = 1.0
    with np.errstate(invalid="ignore"):
        correlation = np.corrcoef(values)
    found = orders.likeness_of_correlation(correlation)
    assert list(found.apart) == [4] and not found.dead.any()
    wanted = np.sqrt(2 * (1 - correlation[np.ix_(found.varied, found.varied)]))
    np.testing.assert_allclose(found.distances, wanted, atol=1e-6)
    with pytest.raises(InputError, match="means"):
        orders.order(found, "mean")


def test_what_is_refused():
    with pytest.raises(InputError, match="no channels"):
        orders.likeness_of(np.float32(1))
    with pytest.raises(InputError, match="square"):
        orders.likeness_of_correlation(np.zeros((2, 3)))
    many = orders.likeness_of(np.arange(10000, dtype=np.float32).reshape(5000, 2))
    with pytest.raises(InputError, match="4,096 channels at most"):
        orders.order(many, "path")
    assert sorted(orders.order(many, "mean").channels) == list(range(5000))


@given(
    st.integers(0, 9),
    st.sampled_from([(), (1,), (0,), (3, 2)]),
    st.lists(st.sampled_from(["nan", "inf", "zero", "one", "same"]), max_size=9),
    st.sampled_from([*orders.METHODS, *orders.STATISTICS, "file"]),
    st.integers(0, 3),
)
def test_every_order_is_a_permutation(channels, shape, faults, method, seed):
    values = np.random.default_rng(seed).standard_normal((channels, *shape)).astype(np.float32)
    for row, fault in zip(values.reshape(channels, int(np.prod(shape))), faults, strict=False):
        if fault in ("zero", "one"):
            row[:] = fault == "one"
        elif fault == "same":
            row[:] = np.arange(row.size) + 1
        else:
            row[:1] = float(fault)
    likeness = orders.likeness_of(values)
    found = orders.order(likeness, method)
    assert found.channels.dtype == np.int32 and sorted(found.channels) == list(range(channels))
    if method != "file":
        np.testing.assert_array_equal(found.channels[found.count :], likeness.apart)
    assert len(likeness.apart) == found.constant + found.not_finite
    again = orders.order(orders.likeness_of(values), method)
    np.testing.assert_array_equal(found.channels, again.channels)
    assert found.words and found.nbytes >= 4 * channels
