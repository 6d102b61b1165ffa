"""Orders made by the names of their methods, each with its quality."""

import numpy as np

from engine.analysis.orders import METHODS, MOST, STATISTICS, methods
from engine.analysis.orders.clusters import kmeans
from engine.analysis.orders.costs import AFFORDABLE, cost_words, seconds_of
from engine.analysis.orders.methods import falling
from engine.analysis.orders.result import NAMES, Order
from engine.errors import InputError
from engine.kernels.paths import path_length, path_lengths
from engine.tasks import Task

RANDOM = 100
"""Random orders that an order is compared with."""
_EQUAL = 1e-6  # of a length: what rounding makes of equal ones
OTHERS = ("file", "numbers")


def order(likeness, method, *, clusters=None, numbers=None, seed=0, compare=True, task=None):
    """Order channels.

    Parameters
    ----------
    likeness : Likeness
    method : str
        One of `METHODS`; of `STATISTICS`, the largest first; ``'numbers'``, the largest first; or
        ``'file'``.
    clusters : int, optional
        Of k-means; suggested by silhouette when left out.
    numbers : float[C], optional
        For ``'numbers'``: NaN comes last.
    seed : int
        Of k-means and of the random orders.
    compare : bool
        Whether to compare with the other methods.
    task : Task, optional

    Returns
    -------
    Order

    Raises
    ------
    InputError
        More clusters than channels; a statistic that the likeness does not know; too many channels.
    Cancelled
    ValueError
        For a method that there is not.
    """
    if method not in (*METHODS, *STATISTICS, *OTHERS):
        raise ValueError(f"no order is called {method!r}")
    task = task or Task()
    places, starts = arranged(likeness, method, clusters, numbers, seed, task)
    quality, spread = _quality(likeness, places, seed)
    against = (np.nan, "", ())
    if compare and not np.isnan(quality):
        against = _compared(likeness, method, places, seed, task)
    channels = np.concatenate([likeness.varied[places], likeness.apart])
    if method == "file":
        channels = np.arange(likeness.count)
    return Order(
        channels.astype(np.int32), method, starts, likeness.apart,
        *(int(each.sum()) for each in (likeness.dead, likeness.constant, likeness.not_finite)),
        quality, spread, *against, f"{likeness.count:,} {likeness.words or 'channels'}",
    )  # fmt: skip


def arranged(likeness, method, clusters=None, numbers=None, seed=0, task=None):
    """The order alone.

    Parameters
    ----------
    likeness, method, clusters, numbers, seed, task
        As for `order`.

    Returns
    -------
    places : int32[V]
        Of the varied channels.
    starts : tuple of int
        The first place of every cluster of k-means.
    """
    task, key = task or Task(), ("order", method, clusters, seed)
    task.check()
    if method not in METHODS:
        places, starts = np.arange(len(likeness.varied)), ()
        if method != "file":
            places = falling(_numbers(likeness, method, numbers)[likeness.varied])
    elif key in likeness.remembered:
        return likeness.remembered[key]
    else:
        places, starts = _liked(likeness, method, clusters, seed, task)
    places = np.ascontiguousarray(places, np.int32)
    if method in METHODS:
        likeness.remembered[key] = places, starts
    return places, starts


def _liked(likeness, method, clusters, seed, task):
    """As `arranged`, by likeness."""
    count = len(likeness.varied)
    task.report(0, 1, f"{NAMES[method]} of {count:,} channels{cost_words(method, count)}")
    if method == "kmeans":
        return kmeans(likeness, clusters, seed, task)
    if method == "pca" or count < 3 or not likeness.distances.any():
        return methods.pca(likeness, task), ()
    return getattr(methods, method)(likeness, task), ()


def _numbers(likeness, method, numbers):
    """The number of each channel by which it is ordered, float64[C]."""
    if method == "numbers":
        if numbers is None or np.shape(numbers) != (likeness.count,):
            raise InputError(
                "an order by numbers takes one for each channel",
                expected=f"{likeness.count:,}",
                got=f"{np.size(numbers) if numbers is not None else 0:,}",
            )
        return np.asarray(numbers, np.float64)
    names = {"mean": "means", "maximum": "maxima", "variance": "variances"}
    return getattr(likeness, names[method])


def _quality(likeness, places, seed):
    """Mean distance of neighbours over that of random orders, and its spread."""
    if len(places) < 3 or len(places) > MOST:
        return np.nan, np.nan
    lengths = _random_lengths(likeness, seed)
    if not lengths.all():
        return np.nan, np.nan
    ratios = path_length(likeness.distances, places) / lengths
    return float(ratios.mean()), float(ratios.std())


def _random_lengths(likeness, seed):
    """Lengths of random orders, float64[100]."""
    key = ("random", seed)
    if key not in likeness.remembered:
        random, count = np.random.default_rng(seed), len(likeness.varied)
        orders = random.permuted(np.tile(np.arange(count, dtype=np.int32), (RANDOM, 1)), axis=1)
        likeness.remembered[key] = path_lengths(likeness.distances, orders)
    return likeness.remembered[key]


def _compared(likeness, method, places, seed, task):
    """Length over that of the best method, which that is, and which were compared."""
    lengths = {method: path_length(likeness.distances, places)}
    for other in METHODS:
        if other not in lengths and seconds_of(other, len(places)) <= AFFORDABLE:
            found = arranged(likeness, other, seed=seed, task=task)[0]
            lengths[other] = path_length(likeness.distances, found)
    best = min(lengths, key=lengths.get)
    ratio = lengths[method] / lengths[best]
    if ratio <= 1 + _EQUAL:
        ratio, best = 1.0, method
    return float(ratio), best, tuple(lengths)
