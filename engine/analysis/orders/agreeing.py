"""How much orders agree: rank correlations of every two."""

import numpy as np

from engine.embedding.threads import spread
from engine.kernels.ranks import agreements
from engine.tasks import Task

_PIECE = 1 << 24
"""Channels of pairs of orders after which the work can be stopped."""


def agreement(orders, varied=None, task=None):
    """Kendall's tau and Spearman's rho of every two orders.

    Parameters
    ----------
    orders : int[n, C], or sequence of Order
        The channel at each place. Of `Order` it is known which channels stand apart.
    varied : bool[n, C], optional
        Which channels have a place in each order, as of `varied_in_slices`: of two orders, those
        are compared that have one in both; all when left out.
    task : Task, optional

    Returns
    -------
    kendall, spearman : float64[n, n]
        As `scipy.stats.kendalltau` and `spearmanr` of the channels' places; NaN where fewer than
        two channels are compared.

    Raises
    ------
    ValueError
        When an order is no permutation, or the orders are of different channels.
    """
    task = task or Task()
    if varied is None and len(orders) and hasattr(orders[0], "apart"):
        varied = np.ones((len(orders), len(orders[0].channels)), bool)
        for row, each in zip(varied, orders, strict=True):
            row[each.apart] = False
    channels = _table(orders)
    count, size = channels.shape
    varied = np.ones(channels.shape, bool) if varied is None else np.ascontiguousarray(varied, bool)
    if varied.shape != channels.shape:
        raise ValueError(f"{varied.shape} does not say which channels of {channels.shape} vary")
    places = np.empty_like(channels)
    np.put_along_axis(places, channels, np.arange(size, dtype=np.int32)[None], axis=1)
    kendall, spearman = np.empty((2, count, count))
    step = max(1, _PIECE // max(1, count * size))
    for first in range(0, count, step):
        task.report(first, count, "agreement of orders")

        def work(a, b, at=first):
            agreements(places, varied, at + a, at + b, kendall, spearman)

        spread(work, min(step, count - first), max(1, (1 << 16) // max(1, count * size)))
    for table in (kendall, spearman):
        upper = np.triu_indices(count, 1)
        table[upper] = table.T[upper]
    return kendall, spearman


def _table(orders):
    """Orders as int32[n, C], each a permutation."""
    rows = [np.asarray(getattr(each, "channels", each)) for each in orders]
    if len({row.shape for row in rows}) > 1:
        raise ValueError("the orders are of different channels")
    found = np.array(rows, np.int32) if rows else np.zeros((0, 0), np.int32)
    if found.size and (np.sort(found, axis=1) != np.arange(found.shape[1])).any():
        raise ValueError("an order has every channel once")
    return found
