"""Orders by name: their quality, their words, statistics and numbers."""

import numpy as np
import pytest

from engine.analysis import orders
from engine.errors import Cancelled, InputError
from engine.tasks import Task
from tests.engine.analysis.orders.shapes import mixtures, shuffled_curve
from tests.reference import orders as reference


@pytest.fixture(scope="module")
def maps():
    noise = np.random.default_rng(0).random((30, 10, 10))
    return mixtures(30, 10) + noise.astype(np.float32)


@pytest.fixture(scope="module")
def likeness(maps):
    return orders.likeness_of(maps, "maps of sample 3")


@pytest.mark.parametrize("method", ["file", *orders.METHODS, *orders.STATISTICS])
def test_quality_is_the_ratio_to_random_orders(maps, likeness, method):
    found = orders.order(likeness, method)
    quality, spread = reference.quality(maps, found.channels)
    assert np.isclose(found.quality, quality, rtol=1e-3)
    assert np.isclose(found.quality_spread, spread, rtol=1e-3)


def test_quality_relative_to_the_best(maps, likeness):
    between = reference.distances(maps)
    made = {name: orders.order(likeness, name) for name in orders.METHODS}
    lengths = {name: reference.length(between, each.channels) for name, each in made.items()}
    for name, each in made.items():
        ratio = lengths[name] / min(lengths.values())
        assert np.isclose(each.quality_of_best, ratio, rtol=1e-3)
        assert set(each.compared) == set(orders.METHODS)
        assert np.isclose(lengths[each.best], min(lengths.values()), rtol=1e-3)
    assert orders.order(likeness, "file").quality_of_best > 1


def test_only_what_is_affordable_is_compared(likeness, monkeypatch):
    monkeypatch.setattr(orders.making, "AFFORDABLE", 0)
    found = orders.order(orders.likeness_of(np.random.default_rng(0).random((9, 4))), "pca")
    assert found.compared == ("pca",) and found.best == "pca"
    assert orders.order(likeness, "pca", compare=False).best == ""


def test_a_random_order_is_no_better_than_random():
    values = np.random.default_rng(0).random((200, 50))
    found = orders.order(orders.likeness_of(values), "file")
    assert abs(found.quality - 1) < 5 * found.quality_spread < 0.05


def test_words(maps, likeness):
    said = orders.order(likeness, "pca").words
    assert said.startswith("PCA of 30 maps of sample 3: 0.") and " ± 0.0" in said
    assert said.endswith("x the best of 5 methods (path)")
    assert orders.order(likeness, "path").words.endswith("of random, the best of 5 methods")
    values = maps.copy()
    values[3], values[4], values[5, 0, 0] = 0, 1, np.nan
    said = orders.order(orders.likeness_of(values), "leaf", compare=False).words
    assert said.startswith("Optimal leaf order of 30 channels: ")
    assert said.endswith("of random; last: 1 dead, 1 constant, 1 not finite")
    values = values[:6]
    said = orders.order(orders.likeness_of(values), "file").words
    assert said.startswith("As in the file, 6 channels: ") and "; 1 dead, 1 constant" in said
    assert orders.order(orders.likeness_of(values), "mean").words.startswith("By mean, 6 channels")
    assert (
        "with 1 cluster of" in orders.order(orders.likeness_of(values), "kmeans", clusters=1).words
    )
    assert orders.order(orders.likeness_of(values[:2]), "path").words == "Path of 2 channels"


def test_statistics_fall(maps, likeness):
    rows = maps.reshape(30, -1).astype(np.float64)
    for name, numbers in (
        ("mean", rows.mean(axis=1)), ("maximum", rows.max(axis=1)), ("variance", rows.var(axis=1))
    ):  # fmt: skip
        found = orders.order(likeness, name)
        assert (np.diff(numbers[found.channels]) <= 1e-9).all() and found.method == name


def test_numbers_fall_with_nan_before_those_apart(maps):
    values = maps[:6].copy()
    values[1] = 0
    numbers = [1, 99, np.nan, 3, 2, 3]
    found = orders.order(orders.likeness_of(values), "numbers", numbers=numbers)
    assert list(found.channels) == [3, 5, 4, 0, 2, 1] and found.dead == 1
    for wrong in (None, [1, 2]):
        with pytest.raises(InputError, match="one for each channel"):
            orders.order(orders.likeness_of(values), "numbers", numbers=wrong)


def test_the_files_order_is_the_files(maps):
    values = maps[:6].copy()
    values[1] = 0
    found = orders.order(orders.likeness_of(values), "file")
    assert list(found.channels) == [0, 1, 2, 3, 4, 5] and list(found.apart) == [1]


def test_places(likeness):
    found = orders.order(likeness, "pca")
    np.testing.assert_array_equal(found.channels[found.places], np.arange(30))
    assert found.count == 30


def test_a_better_order_has_a_better_number():
    likeness = orders.likeness_of(shuffled_curve()[0])
    path, file = (orders.order(likeness, name) for name in ("path", "file"))
    assert path.quality < 0.2 < 0.8 < file.quality


def test_what_there_is_not_and_cancelling(likeness):
    with pytest.raises(ValueError, match="beauty"):
        orders.order(likeness, "beauty")
    task = Task("ordering")
    task.cancel()
    with pytest.raises(Cancelled):
        orders.order(likeness, "path", task=task)
