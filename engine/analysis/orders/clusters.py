"""K-means of channels: clusters by the likeness of their centroids, members within them by PCA.

Channels are clustered by their first 32 principal components, or by all where there are no more;
`shares` says how much of their variance these hold.
"""

import numpy as np

from engine.analysis.orders.methods import directed, short_path
from engine.embedding.threads import spread
from engine.errors import InputError
from engine.kernels.clustering import clusters_of, silhouettes
from engine.kernels.leading import leading_vector
from engine.tasks import Task

COMPONENTS = 32
SUGGESTED = (*range(2, 13), 16, 20, 24, 32)
"""Numbers of clusters that are tried where none is given."""
STARTS = 4
"""Starts of k-means, of which the best is taken."""
_SMALL = 256  # rows of a matrix up to which all its eigenvectors are made
_MORE = 16  # vectors beyond those wanted
_TURNS = 6


def suggested_clusters(likeness, seed=0, task=None):
    """The number of clusters with the largest mean silhouette (Rousseeuw 1987).

    Parameters
    ----------
    likeness : Likeness
    seed : int
    task : Task, optional

    Returns
    -------
    int
        Of `SUGGESTED`, below the number of varied channels; 1 with fewer than three of these.
    """
    key = ("clusters", seed)
    if key not in likeness.remembered:
        count, task = len(likeness.varied), task or Task()
        tried = [k for k in SUGGESTED if k < count]
        means = []
        for k in tried:
            task.check()
            means.append(_silhouette(likeness, clustered(likeness, k, seed), k))
        likeness.remembered[key] = tried[int(np.argmax(means))] if tried else 1
    return likeness.remembered[key]


def clustered(likeness, clusters, seed=0):
    """The cluster of each varied channel, int32[V]."""
    key = ("clustered", clusters, seed)
    if key not in likeness.remembered:
        places = coordinates(likeness)
        draws = np.random.default_rng(seed).random((STARTS, clusters))
        likeness.remembered[key] = clusters_of(places, draws)
    return likeness.remembered[key]


def kmeans(likeness, clusters=None, seed=0, task=None):
    """Order by clusters.

    Returns
    -------
    order : int[V]
        Places of varied channels.
    starts : tuple of int
        The first place of every cluster.

    Raises
    ------
    InputError
        For more clusters than varied channels.
    """
    count = len(likeness.varied)
    if clusters is None:
        clusters = suggested_clusters(likeness, seed, task)
    elif not 1 <= clusters <= count:
        raise InputError(
            f"{clusters:,} clusters cannot be made",
            expected=f"1 to {count:,}, as many as there are channels that vary",
        )
    if not count:
        return np.zeros(0, np.int64), ()
    numbers = clustered(likeness, clusters, seed)
    order = directed(_laid_out(coordinates(likeness), numbers), likeness)
    edges = np.flatnonzero(np.diff(numbers[order])) + 1
    return order, (0, *edges.tolist())


def coordinates(likeness):
    """Varied channels by their first principal components, float64[V, D]."""
    if "coordinates" not in likeness.remembered:
        likeness.remembered["coordinates"] = np.ascontiguousarray(_coordinates(likeness))
    return likeness.remembered["coordinates"]


def _coordinates(likeness):
    matrix, rows = likeness.smaller()
    if len(matrix) <= _SMALL:
        values, vectors = np.linalg.eigh(matrix)
    else:
        values, vectors = _largest(matrix, COMPONENTS + _MORE)
    values, vectors = values[-COMPONENTS:], vectors[:, -COMPONENTS:]
    if rows is not None:
        return rows @ vectors
    return vectors * np.sqrt(np.maximum(values, 0))


def _largest(matrix, count):
    """Largest eigenvalues, ascending, and their vectors (Halko, Martinsson and Tropp 2011, 4.4)."""
    basis = np.random.default_rng(0).standard_normal((len(matrix), count))
    for _ in range(_TURNS):
        basis = np.linalg.qr(matrix @ basis)[0]
    values, vectors = np.linalg.eigh(basis.T @ matrix @ basis)
    return values, basis @ vectors


def _silhouette(likeness, numbers, clusters):
    out = np.zeros(len(numbers))
    work = lambda a, b: silhouettes(likeness.distances, numbers, clusters, a, b, out)  # noqa: E731
    spread(work, len(numbers), 256)
    return out.mean()


def _laid_out(places, numbers):
    """Clusters along a short path through their centroids, members along their first component."""
    used = np.unique(numbers)
    middles = np.stack([places[numbers == k].mean(axis=0) for k in used])
    path = short_path(np.linalg.norm(middles[:, None] - middles, axis=2).astype(np.float32))
    found = []
    for at, k in enumerate(path):
        members = np.flatnonzero(numbers == used[k])
        inner = places[members] - middles[k]
        axis = leading_vector(inner.T @ inner)
        onward = middles[path[min(at + 1, len(path) - 1)]] - middles[path[max(at - 1, 0)]]
        along = inner @ axis
        if len(path) > 1 and axis @ onward < 0:
            along = -along
        found.append(members[np.argsort(along, kind="stable")])
    return np.concatenate(found)
