"""Orders of channels: permutations, their meaning, and the same every time."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering

from engine.analysis import pairs
from engine.analysis.orders import points as orders
from engine.analysis.orders.points import order_of
from engine.kernels.pairs import greedy_path
from tests.engine.embedding.test_points import quantised
from tests.reference.pairs import correlation_ratio


@pytest.fixture(scope="module")
def layer():
    """Twelve channels along a curve, shuffled, two of them constant; and classes."""
    random = np.random.default_rng(1)
    classes = random.integers(0, 4, 2000).astype(np.uint8)
    place = random.random(2000) + classes
    along = [np.exp(-((place - k / 2) ** 2)) * (1 + k) for k in range(10)]
    values = np.stack([*along, np.zeros(2000), np.full(2000, 7.0)])
    values += 0.01 * random.standard_normal(values.shape) * (values.std(axis=1) > 0)[:, None]
    shuffle = random.permutation(12)
    classes[::50] = 255
    return quantised(values[shuffle].astype(np.float32)), values[shuffle], classes, shuffle


@pytest.mark.parametrize("by", orders.ORDERS)
def test_every_order_is_a_permutation_with_constants_last(layer, by):
    columns, _, classes, _ = layer
    order = order_of(columns, by, classes, 4)
    assert order.dtype == np.int32 and sorted(order) == list(range(12))
    last = order[-orders.constant_count(columns) :]
    assert columns.constant[last].all() and list(last) == sorted(last) and len(last) == 2
    np.testing.assert_array_equal(order, order_of(columns, by, classes, 4))


def test_variance_falls(layer):
    columns, values, _, _ = layer
    order = order_of(columns, "variance")
    assert (np.diff(values.var(axis=1)[order]) <= 1e-6).all()
    np.testing.assert_allclose(orders.variances(columns), values.var(axis=1), rtol=1e-4)


def test_separation_falls(layer):
    columns, values, classes, _ = layer
    inside = classes < 4
    ratio = np.array(
        [correlation_ratio(v[inside], classes[inside]) if np.ptp(v) else 0 for v in values]
    )
    order = order_of(columns, "separation", classes, 4)
    assert (np.diff(ratio[order]) <= 1e-4).all()
    found = orders.separations(columns, classes, 4)
    varied = ~columns.constant
    np.testing.assert_allclose(found[varied], ratio[varied], atol=1e-4)
    assert np.isnan(found[~varied]).all()


@pytest.mark.parametrize("optimal", [True, False])
def test_seriation_finds_the_curve(layer, optimal, monkeypatch):
    columns, _, _, shuffle = layer
    monkeypatch.setattr(orders, "OPTIMAL", 1000 if optimal else 0)
    order = order_of(columns, "correlation")
    along = shuffle[order[:10]]
    assert (np.abs(np.diff(along)) == 1).all(), along
    assert order[0] < order[9], "the end of the lower channel comes first"


def test_the_optimal_order_is_scipys(layer):
    columns = layer[0]
    varied = np.flatnonzero(~columns.constant)
    distance = 1 - np.corrcoef(layer[1][varied])
    short = distance[np.triu_indices(10, 1)]
    wanted = leaves_list(optimal_leaf_ordering(linkage(short, "average"), short))
    found = orders.seriated(np.corrcoef(layer[1][varied]).astype(np.float32))
    assert list(found) in (list(wanted), list(wanted[::-1]))


def test_correlations_that_are_there_are_used(layer):
    columns = layer[0]
    made = pairs.correlation(columns)
    wanted = order_of(columns, "correlation")
    np.testing.assert_array_equal(order_of(columns, "correlation", correlations=made), wanted)


@pytest.mark.parametrize("size", [1, 2, 3, 40])
def test_greedy_path(size):
    places = np.random.default_rng(size).random(size)
    distance = np.abs(places[:, None] - places).astype(np.float32)
    path = greedy_path(distance)
    assert sorted(path) == list(range(size))
    if size == 3:  # the longest of three steps is left out
        steps = distance[path[:-1], path[1:]].sum()
        assert np.isclose(steps, distance[np.triu_indices(3, 1)].sum() - distance.max())


@pytest.mark.parametrize("channels", [0, 1, 2])
def test_few_channels(channels):
    columns = quantised(np.random.default_rng(0).random((channels, 50)).astype(np.float32))
    for by in orders.ORDERS:
        order = order_of(columns, by, np.zeros(50, np.uint8), 1)
        assert sorted(order) == list(range(channels))


def test_what_there_is_not(layer):
    with pytest.raises(ValueError):
        order_of(layer[0], "beauty")
    with pytest.raises(ValueError):
        order_of(layer[0], "separation")
