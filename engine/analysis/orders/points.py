"""Orders of a layer's channels for the matrix: as in the file, by a number, or seriated.

``file``
    As the network has them.
``variance``
    Falling variance over the points.
``separation``
    Falling correlation ratio: the share of a channel's variance between groups.
``correlation``
    Seriated, so that neighbours are alike: distance 1 - r, average linkage and the optimal order of
    its leaves (Bar-Joseph, Gifford and Jaakkola 2001) below 1,000 channels; above, a path that is
    grown greedily from the nearest two at either end.

In all of them channels that are constant come last, as in the file. Equal channels stand as in the
file; the same points give the same order.
"""

import numpy as np

from engine.analysis import pairs
from engine.analysis.deviations import Deviations, columns_of
from engine.kernels.pairs import greedy_path
from engine.tasks import Task

ORDERS = ("file", "variance", "separation", "correlation")
OPTIMAL = 1000
"""Channels below which leaves are ordered optimally."""


def order_of(source, by="file", groups=None, group_count=0, correlations=None, task=None):
    """Order a layer's channels.

    Parameters
    ----------
    source : Columns, Points or Stored
    by : str
        One of `ORDERS`.
    groups : uint8[P], optional
        For 'separation': 0 to G - 1, others are left out.
    group_count : int
        G.
    correlations : Pairs, optional
        For 'correlation', where they are made already.
    task : Task, optional

    Returns
    -------
    int32[C]
        A permutation of the channels; the last `constant_count` are constant.

    Raises
    ------
    ValueError
        For an order that there is not, or separation without groups.
    """
    if by not in ORDERS:
        raise ValueError(f"no order is called {by!r}; there are {', '.join(ORDERS)}")
    columns, task = columns_of(source), task or Task()
    varied = np.flatnonzero(~columns.constant)
    if by == "variance":
        varied = _falling(variances(columns), varied)
    elif by == "separation":
        if groups is None or not group_count:
            raise ValueError("an order by class separation needs groups")
        varied = _falling(separations(columns, groups, group_count), varied)
    elif by == "correlation" and len(varied) > 2:
        if correlations is None:
            correlations = pairs.correlation(source, task=task)
        varied = varied[seriated(correlations.values[np.ix_(varied, varied)])]
    task.check()
    return np.concatenate([varied, np.flatnonzero(columns.constant)]).astype(np.int32)


def constant_count(columns):
    """How many channels have one finite value at most; an order has them last."""
    return int(columns.constant.sum())


def variances(columns):
    """Variance of each channel over its finite points, float64[C]; 0 for constant ones."""
    found = Deviations(columns, columns.count)
    squares, present = found.squares[:, 0], np.maximum(found.present[:, 0], 1)
    return columns.step**2 * squares / present


def separations(columns, groups, group_count):
    """Share of each channel's variance that lies between groups (correlation ratio), float64[C].

    NaN for channels that are constant over the points in groups.
    """
    found = Deviations(columns, columns.count, groups, group_count)
    within, present, means = found.squares.sum(axis=1), found.present, found.means
    middle = (present * means).sum(axis=1) / np.maximum(present.sum(axis=1), 1)
    between = (present * (means - middle[:, None]) ** 2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(found.rates > 0, between / (within + between), np.nan)


def seriated(correlation):
    """An order in which neighbours are alike.

    Parameters
    ----------
    correlation : float32[C, C]

    Returns
    -------
    int64[C]
        The end that comes first is the one whose channel comes first.
    """
    distance = np.nan_to_num(1.0 - correlation.astype(np.float64), nan=1.0)
    distance = np.maximum((distance + distance.T) / 2, 0.0)
    np.fill_diagonal(distance, 0.0)
    if len(distance) < 3:
        return np.arange(len(distance))
    if len(distance) < OPTIMAL:
        from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
        from scipy.spatial.distance import squareform

        short = squareform(distance, checks=False)
        order = leaves_list(optimal_leaf_ordering(linkage(short, "average"), short))
    else:
        order = greedy_path(distance.astype(np.float32))
    return np.asarray(order[:: 1 if order[0] < order[-1] else -1], np.int64)


def _falling(numbers, channels):
    """Channels by falling numbers; NaN last."""
    numbers = numbers[channels]
    return channels[np.argsort(np.where(np.isnan(numbers), np.inf, -numbers), kind="stable")]
