"""Orders made by the names of their methods, each with its quality."""

import numpy as np

from engine.analysis.orders import METHODS, STATISTICS, clusters, methods
from engine.analysis.orders.result import Order
from engine.errors import InputError
from engine.kernels.paths import path_length, path_lengths
from engine.tasks import Task

RANDOM = 100
"""Random orders that an order is compared with."""
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
    places, starts = _arranged(likeness, method, clusters, numbers, seed, task)
    quality, spread = _quality(likeness, places, seed)
    ratio, best, compared = np.nan, "", ()
    if compare and not np.isnan(quality):
        ratio, best, compared = _compared(likeness, method, places, clusters, seed, task)
    channels = np.concatenate([likeness.varied[places], likeness.apart]).astype(np.int32)
    if method == "file":
        channels = np.arange(likeness.count, dtype=np.int32)
    return Order(
        channels, method, starts, likeness.apart, int(likeness.dead.sum()),
        int(likeness.constant.sum()), int(likeness.not_finite.sum()), quality, spread, ratio, best,
        compared, f"{likeness.count:,} {likeness.words or 'channels'}",
    )  # fmt: skip


def seconds_of(method, channels):
    """About how many seconds a method takes for so many channels, on two cores."""
    return 5.5 * (channels / 2048) ** 3 if method == "leaf" else 0.7 * (channels / 2048) ** 2


def _arranged(likeness, method, count, numbers, seed, task):
    """Places of the varied channels, int[V], and the first place of every cluster."""
    varied = likeness.varied
    if method == "kmeans":
        return clusters.kmeans(likeness, count, seed)
    if method == "leaf":
        return methods.leaf(likeness, task), ()
    if method in METHODS:
        return getattr(methods, method)(likeness), ()
    if method == "file":
        return np.arange(len(varied)), ()
    if method == "numbers":
        if numbers is None or np.shape(numbers) != (likeness.count,):
            raise InputError(
                "an order by numbers takes one for each channel",
                expected=f"{likeness.count:,}",
                got=f"{np.size(numbers) if numbers is not None else 0:,}",
            )
        found = np.asarray(numbers, np.float64)
    else:
        found = {"mean": likeness.means, "maximum": likeness.maxima}.get(method)
        found = likeness.variances if found is None else found
    return methods.falling(found[varied]), ()


def _quality(likeness, places, seed):
    """Mean distance of neighbours over that of random orders, and its spread."""
    count = len(places)
    if count < 3:
        return np.nan, np.nan
    random = np.random.default_rng(seed)
    chance = np.stack([random.permutation(count) for _ in range(RANDOM)])
    lengths = path_lengths(likeness.distances, chance)
    if not lengths.all():
        return np.nan, np.nan
    ratios = path_length(likeness.distances, places) / lengths
    return float(ratios.mean()), float(ratios.std())


def _compared(likeness, method, places, count, seed, task):
    """Length over that of the best method, which that is, and which were compared."""
    lengths = {method: path_length(likeness.distances, places)}
    for other in METHODS:
        if other not in lengths and seconds_of(other, len(places)) < 1:
            found = _arranged(likeness, other, None, None, seed, task)[0]
            lengths[other] = path_length(likeness.distances, found)
    best = min(lengths, key=lengths.get)
    ratio = lengths[method] / lengths[best] if lengths[best] else 1.0
    return float(ratio), best, tuple(lengths)
