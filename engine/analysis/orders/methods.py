"""Orders of channels by their likeness, each method a function: places of varied channels, int[V].

``pca``
    By the projection on the first principal component, ascending (see `Likeness.projections`).
``spectral``
    By the Fiedler vector of the normalised Laplacian of the channels' likeness exp(-d^2 / 2 m^2),
    m the median distance (Atkins, Boman and Hendrickson 1998; Shi and Malik 2000).
``leaf``
    The optimal order of the leaves of hierarchical clustering, average linkage (Bar-Joseph, Gifford
    and Jaakkola 2001).
``path``
    A short path: grown greedily, then refined by 2-opt and or-opt (Croes 1958; Or 1976).

``kmeans`` is in `clusters`. All but PCA could as well run the other way: they run in the direction
of PCA's order, so that orders of several methods can be compared.
"""

import numpy as np

from engine.kernels.leading import leading_vector
from engine.kernels.pairs import greedy_path
from engine.kernels.paths import refined_path


def pca(likeness):
    """By the projection on the first principal component."""
    return np.argsort(likeness.projections, kind="stable")


def spectral(likeness):
    """By the Fiedler vector."""
    distances = likeness.distances.astype(np.float64)
    if len(distances) < 3:
        return pca(likeness)
    middle = np.median(distances[np.triu_indices(len(distances), 1)])
    if middle == 0:
        return pca(likeness)
    alike = np.exp(-((distances / middle) ** 2) / 2)
    root = np.sqrt(alike.sum(axis=1))
    matrix = alike / root[:, None] / root
    first = root / np.sqrt((root**2).sum())
    matrix += np.eye(len(root)) - 2 * np.outer(first, first)
    return directed(np.argsort(leading_vector(matrix) / root, kind="stable"), likeness)


def leaf(likeness, task):
    """The optimal order of a tree's leaves."""
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    if len(likeness.varied) < 3:
        return pca(likeness)
    short = squareform(likeness.distances.astype(np.float64), checks=False)
    task.check()
    order = leaves_list(optimal_leaf_ordering(linkage(short, "average"), short))
    return directed(order, likeness)


def path(likeness):
    """A short path."""
    if len(likeness.varied) < 3:
        return pca(likeness)
    grown = greedy_path(likeness.distances)
    return directed(refined_path(likeness.distances, grown), likeness)


def directed(order, likeness):
    """An order, or its reverse: the one that agrees with PCA's; if neither, the lower end first."""
    places = likeness.projections[order]
    along = places @ (np.arange(len(order)) - (len(order) - 1) / 2)
    size = np.abs(places).sum() * len(order)
    if len(order) and abs(along) <= 1e-9 * size:
        along = order[-1] - order[0]
    return order if along >= 0 else order[::-1]


def falling(numbers):
    """The largest number first; NaN last; equal ones as in the file."""
    return np.argsort(np.where(np.isnan(numbers), np.inf, -numbers), kind="stable")
