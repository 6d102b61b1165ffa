"""Orders of channels: PCA beside scikit-learn's, slices, all methods, a short path beside SciPy's.

The maps are smooth mixtures after a rectifier, as layers have them; ours and the peer's runs take
turns, on the same values, kernels warm.
"""

import statistics
import time
from functools import cache

import numpy as np

from engine.analysis import orders
from engine.analysis.orders.making import arranged
from engine.kernels.paths import path_length
from tests.benchmarks.report import Figure, Goal
from tests.engine.analysis.orders.shapes import mixtures

LAYERS = ((64, 224), (128, 112), (256, 56), (512, 28))
VOLUME = (96, 55)
MANY = (2048, 7)
PATH = (512, 28)
RUNS = 9


def figures():
    """The figures of this file with the function that measures each."""
    sizes = ", ".join(f"{c} x {s}²" for c, s in LAYERS)
    volume = f"{VOLUME[0]} x {VOLUME[1]} x {VOLUME[1]}"
    channels = f"{PATH[0]} channels of {PATH[1]} x {PATH[1]}"
    pca = "scikit-learn PCA, randomised, one component"
    leaf = "SciPy: average linkage, optimal leaf order"
    return [
        (Figure("orders.pca", f"PCA order, geometric mean of {sizes}", "s",
                Goal("<=", ratio=1 / 5), pca), pca_orders),
        (Figure("orders.slices", f"PCA orders of all YC slices of {volume}", "s",
                Goal("<=", ratio=1 / 10), f"{pca}, in a loop"), slices),
        (Figure("orders.all", f"likeness and all methods but leaf, {MANY[0]} x {MANY[1]}²", "s",
                Goal("<=", value=3)), all_methods),
        (Figure("orders.path.cost", f"length of the refined path, {channels}", "",
                Goal("<=", ratio=0.95), leaf), path_cost),
        (Figure("orders.path.time", f"time of the refined path, {channels}", "s",
                Goal("<=", ratio=0.1), leaf), path_time),
        (Figure("orders.leaf", f"optimal leaf order, {channels}", "s",
                Goal("<=", ratio=1), leaf), leaf_time),
    ]  # fmt: skip


def pca_orders(figure, place):
    """Geometric means over layers of the medians of each."""
    pairs = []
    for channels, size in LAYERS:
        maps = mixtures(channels, size)
        rows = maps.reshape(channels, -1)
        ours = lambda maps=maps: arranged(orders.likeness_of(maps), "pca")  # noqa: E731
        pairs.append(turns(ours, lambda rows=rows: scikit_learns(rows)))
    return figure.measured(*(geometric_mean(each) for each in zip(*pairs, strict=True)))


def slices(figure, place):
    """Every slice along a column of the maps."""
    volume = mixtures(*VOLUME)
    peer = lambda: [scikit_learns(volume[:, :, s]) for s in range(VOLUME[1])]  # noqa: E731
    return figure.measured(*turns(lambda: orders.orders_of_slices(volume, "column"), peer))


def all_methods(figure, place):
    """From the maps to every order with its quality."""
    maps = mixtures(*MANY)

    def make():
        likeness = orders.likeness_of(maps)
        for method in orders.METHODS:
            if method != "leaf":
                orders.order(likeness, method, compare=False)

    make()
    return figure.measured([seconds(make) for _ in range(RUNS)])


def path_cost(figure, place):
    """Length of ours and of SciPy's, both the sum of the neighbours' distances."""
    distances, ours, scipys = path_case()
    return figure.measured(*([path_length(distances, make())] for make in (ours, scipys)))


def path_time(figure, place):
    """From distances to the order."""
    _, ours, scipys = path_case()
    return figure.measured(*turns(ours, scipys))


def leaf_time(figure, place):
    """From distances to the order."""
    from engine.analysis.orders.leaves import optimal_leaf_order
    from engine.tasks import Task

    distances, _, scipys = path_case()
    return figure.measured(*turns(lambda: optimal_leaf_order(distances, Task()), scipys))


@cache
def path_case():
    """Distances, our path, and SciPy's leaf order of the same."""
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    from engine.analysis.orders.methods import short_path

    distances = orders.likeness_of(mixtures(*PATH)).distances
    short = squareform(distances.astype(np.float64), checks=False)

    def scipys():
        return leaves_list(optimal_leaf_ordering(linkage(short, "average"), short))

    return distances, lambda: short_path(distances), scipys


def scikit_learns(rows):
    """The peer's order."""
    from sklearn.decomposition import PCA

    model = PCA(1, svd_solver="randomized", random_state=0)
    return np.argsort(model.fit_transform(rows)[:, 0])


def turns(ours, peer):
    """Seconds of ours and of the peer's runs, which take turns."""
    ours(), peer()
    pairs = [(seconds(ours), seconds(peer)) for _ in range(RUNS)]
    return tuple(list(each) for each in zip(*pairs, strict=True))


def seconds(call):
    """Wall-clock seconds of a call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def geometric_mean(runs):
    """Of the medians of several lists of runs: one run."""
    return [statistics.geometric_mean(statistics.median(each) for each in runs)]
