"""Each method against its definition and a third party; structure that comes back."""

from importlib import import_module

import numpy as np
import pytest
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform
from sklearn.decomposition import PCA

from engine import kernels
from engine.analysis import orders
from engine.analysis.orders.costs import cost_words
from engine.analysis.orders.leaves import tree_of
from engine.errors import Cancelled
from engine.kernels.leading import sign_of
from engine.kernels.paths import path_length
from engine.tasks import Task
from tests.engine.analysis.orders.shapes import mixtures, shuffled_curve
from tests.reference import orders as reference


def sklearns(values):
    """Scikit-learn's PCA order, by the stated sign."""
    rows = values.reshape(len(values), -1).astype(np.float64)
    places = PCA(1, svd_solver="full").fit_transform(rows)[:, 0]
    return np.argsort(places * sign_of(places))


@pytest.mark.parametrize("shape", [(64, 28, 28), (96, 55), (200, 7, 7), (12, 3)])
@pytest.mark.parametrize("seed", range(3))
def test_pca_is_scikit_learns(shape, seed):
    values = np.random.default_rng(seed).random(shape) ** 2
    values += np.random.default_rng(9).random((len(values), *[1] * (len(shape) - 1)))
    found = orders.order(orders.likeness_of(values), "pca", compare=False)
    np.testing.assert_array_equal(found.channels, sklearns(values))


@pytest.mark.parametrize(("channels", "size"), [(64, 56), (256, 14)])
def test_pca_in_single_precision_is_scikit_learns(channels, size):
    values = mixtures(channels, size)
    values = values[orders.likeness_of(values).varied]
    found = orders.order(orders.likeness_of(values), "pca", compare=False)
    places = reference.projections(values)[found.channels]
    steps = np.diff(places) * np.sign(places[-1] - places[0])
    assert steps.min() > -1e-5 * np.ptp(places), "only what rounding makes equal may change"


@pytest.mark.parametrize("method", ["leaf", "spectral", "path"])
@pytest.mark.parametrize("seed", range(3))
def test_shuffled_structure_comes_back(method, seed):
    values, along = shuffled_curve(seed=seed)
    found = along[orders.order(orders.likeness_of(values), method).channels]
    assert (np.abs(np.diff(found)) == 1).all()


def test_shuffled_structure_comes_back_by_pca():
    along = 1 + np.random.default_rng(0).permutation(30)
    values = along[:, None, None] * np.random.default_rng(1).random((4, 4))
    found = along[orders.order(orders.likeness_of(values), "pca").channels]
    assert (np.abs(np.diff(found)) == 1).all()


def leaves_of(distances):
    """SciPy's tree, and its optimal order."""
    short = squareform(distances.astype(np.float64), checks=False)
    merges = linkage(short, "average")
    return merges, leaves_list(optimal_leaf_ordering(merges, short))


@pytest.mark.parametrize("channels", [3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize("seed", range(6))
def test_leaf_is_the_best_of_all_orders_of_the_tree(channels, seed):
    values = np.random.default_rng(seed).random((channels, 5))
    likeness = orders.likeness_of(values)
    merges, _ = leaves_of(likeness.distances)
    places = np.searchsorted(likeness.varied, orders.order(likeness, "leaf").channels)
    found = reference.length(likeness.distances, places)
    assert np.isclose(found, reference.shortest_of_tree(likeness.distances, merges), rtol=1e-5)


@pytest.mark.parametrize("channels", [20, 64, 150])
@pytest.mark.parametrize("make", [mixtures, lambda c, s: shuffled_curve(c, s)[0]])
def test_leaf_and_path_cost_no_more_than_scipys_leaf_order(channels, make):
    likeness = orders.likeness_of(make(channels, 14))
    merges, scipys = leaves_of(likeness.distances)
    most = path_length(likeness.distances, scipys)
    leaf, path = (orders.making.arranged(likeness, name)[0] for name in ("leaf", "path"))
    assert path_length(likeness.distances, leaf) <= most * (1 + 1e-6)
    assert path_length(likeness.distances, path) <= most * (1 + 1e-6)
    order, nodes = tree_of(merges)
    assert sorted(order) == list(range(len(likeness.varied)))
    for low, split, high, _, _ in nodes:  # every node's leaves stand side by side
        for part in (order[low:split], order[split:high]):
            places = np.sort(np.argsort(leaf)[part])
            assert places[-1] - places[0] == len(part) - 1


@pytest.mark.parametrize("channels", [9, 40, 300])
def test_spectral_is_the_fiedler_vectors_order(channels):
    values = np.random.default_rng(channels).random((channels, 3)) * [3, 1, 1]
    likeness = orders.likeness_of(values)
    places = reference.fiedler(reference.distances(values))
    found = places[orders.order(likeness, "spectral", compare=False).channels]
    steps = np.diff(found) * np.sign(found[-1] - found[0])
    assert steps.min() > -1e-4 * np.ptp(found)


@pytest.mark.parametrize("method", orders.METHODS)
def test_every_method_runs_the_way_pca_does(method):
    for seed in range(5):
        values = mixtures(40, 14, seed)
        likeness = orders.likeness_of(values)
        places = orders.making.arranged(likeness, method)[0]
        assert likeness.projections[places] @ (np.arange(len(places)) - len(places) / 2) >= 0


@pytest.mark.parametrize("method", orders.METHODS)
def test_two_equal_groups_and_equal_channels(method):
    values = np.repeat(np.random.default_rng(0).random((3, 4)), 12, axis=0)
    found = orders.order(orders.likeness_of(values), method)
    assert sorted(found.channels) == list(range(36))
    if method != "spectral":  # a group of more equal ones than it has neighbours
        assert len(set(found.channels // 12)) == 3
    same = orders.order(orders.likeness_of(np.tile(values[0], (9, 1))), method)
    assert sorted(same.channels) == list(range(9)) and np.isnan(same.quality)


def test_leaf_says_what_it_costs_and_can_be_cancelled():
    said = []
    task = Task("ordering", lambda progress: said.append(progress.what))
    orders.order(orders.likeness_of(mixtures(60, 14)), "leaf", compare=False, task=task)
    assert all(what.startswith("optimal leaf order of ") for what in said) and len(said) > 2
    assert cost_words("leaf", 4096) == ", about 6 s" and cost_words("leaf", 1024) == ""
    assert orders.seconds_of("leaf", 4096) > 4 * orders.seconds_of("leaf", 2048) > 0
    task.cancel()
    with pytest.raises(Cancelled):
        orders.order(orders.likeness_of(mixtures(60, 14)), "leaf", task=task)


def compiled():
    """How many kinds of arguments each kernel of orders has been compiled for."""
    found = {}
    for name in ("clustering", "gram", "leading", "leaves", "paths", "ranks", "slices"):
        module = import_module(f"engine.kernels.{name}")
        for each, kernel in vars(module).items():
            if hasattr(kernel, "signatures"):
                found[name, each] = len(kernel.signatures)
    return found


def test_nothing_is_compiled_after_warming():
    kernels.warm()
    before = compiled()
    for values in (mixtures(60, 14), mixtures(60, 4).astype(np.float64), mixtures(70, 5)[:, 0]):
        likeness = orders.likeness_of(values)
        made = [orders.order(likeness, name) for name in (*orders.METHODS, "mean", "file")]
        orders.agreement(made)
    for axis in ("row", "column"):
        found = orders.orders_of_slices(mixtures(20, 6), axis)
        orders.agreement(found, orders.varied_in_slices(mixtures(20, 6), axis))
    assert compiled() == before
