"""Orders of slices are those of each slice alone; rank correlations are SciPy's."""

import numpy as np
import pytest
from scipy.stats import kendalltau, spearmanr

from engine.analysis import orders
from engine.errors import Cancelled
from engine.tasks import Task
from tests.reference import orders as reference


@pytest.fixture(scope="module")
def volume():
    random = np.random.default_rng(0)
    made = random.standard_normal((40, 12, 60)).astype(np.float32)
    made += random.standard_normal((40, 1, 1))
    made[3], made[5, :, :9], made[6, 2, 2], made[7, :, 5] = 0, 1, np.nan, np.inf
    return made


@pytest.mark.parametrize("axis", ["row", "column"])
def test_each_slice_has_its_own_order(volume, axis):
    found = orders.orders_of_slices(volume, axis)
    varied = orders.varied_in_slices(volume, axis)
    assert found.dtype == np.int32 and found.shape == varied.shape == (
        12 + 48 * (axis != "row"),
        40,
    )
    for number, each in enumerate(found):
        rows = volume[:, number] if axis == "row" else volume[:, :, number]
        wanted = orders.order(orders.likeness_of(rows.astype(np.float64)), "pca", compare=False)
        np.testing.assert_array_equal(each, wanted.channels)
        np.testing.assert_array_equal(np.flatnonzero(~varied[number]), wanted.apart)


@pytest.mark.parametrize("shape", [(0, 3, 3), (1, 2, 3), (2, 1, 1), (5, 0, 3), (5, 3, 0)])
@pytest.mark.parametrize("axis", ["row", "column"])
def test_odd_volumes(shape, axis):
    found = orders.orders_of_slices(np.random.default_rng(0).random(shape), axis)
    assert found.shape == (shape[1 if axis == "row" else 2], shape[0])
    assert (np.sort(found, axis=1) == np.arange(shape[0])).all()
    assert orders.varied_in_slices(np.zeros(shape), axis).shape == found.shape


def test_what_is_refused(volume):
    with pytest.raises(ValueError, match="diagonal"):
        orders.orders_of_slices(volume, "diagonal")
    task = Task("slices")
    task.cancel()
    with pytest.raises(Cancelled):
        orders.orders_of_slices(volume, "row", task)


def test_agreement_is_scipys(volume):
    found = orders.orders_of_slices(volume, "row")
    varied = orders.varied_in_slices(volume, "row")
    kendall, spearman = orders.agreement(found, varied)
    places = np.argsort(found, axis=1)
    for a in range(0, 12, 3):
        for b in range(12):
            both = varied[a] & varied[b]
            first, second = places[a][both], places[b][both]
            assert np.isclose(kendall[a, b], kendalltau(first, second)[0])
            assert np.isclose(spearman[a, b], spearmanr(first, second)[0])


@pytest.mark.parametrize("channels", [2, 3, 17, 64])
def test_agreement_of_whole_orders(channels):
    random = np.random.default_rng(channels)
    found = np.stack([random.permutation(channels) for _ in range(5)])
    found[4] = found[0][::-1]
    kendall, spearman = orders.agreement(found)
    assert np.allclose(np.diagonal(kendall), 1) and np.allclose(np.diagonal(spearman), 1)
    assert np.isclose(kendall[0, 4], -1) and np.isclose(spearman[0, 4], -1)
    assert np.isclose(kendall[1, 2], reference.kendall(found[1], found[2]))


def test_agreement_knows_who_stands_apart():
    values = np.random.default_rng(0).random((20, 9))
    values[4] = 0
    likeness = orders.likeness_of(values)
    made = [orders.order(likeness, name) for name in ("pca", "path", "mean")]
    varied = np.ones((3, 20), bool)
    varied[:, 4] = False
    for one, other in zip(
        orders.agreement(made),
        orders.agreement(np.stack([each.channels for each in made]), varied),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_nothing_to_compare():
    kendall, spearman = orders.agreement([[0], [0]])
    assert np.isnan(kendall).all() and np.isnan(spearman).all()
    assert orders.agreement([])[0].shape == (0, 0)
    with pytest.raises(ValueError, match="every channel once"):
        orders.agreement([[0, 0], [0, 1]])
    with pytest.raises(ValueError, match="different channels"):
        orders.agreement([[0, 1], [0, 1, 2]])
    with pytest.raises(ValueError, match="vary"):
        orders.agreement([[0, 1]], np.ones((1, 3), bool))
