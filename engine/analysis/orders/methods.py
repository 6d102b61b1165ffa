"""Orders of channels by their likeness, each method a function: places of varied channels, int[V].

``pca``
    By the projection on the first principal component, ascending (see `Likeness.projections`).
    Channels that are constant or not finite take no part in it.
``spectral``
    By the Fiedler vector (Atkins, Boman and Hendrickson 1998) of the normalised Laplacian of the
    channels' likeness exp(-d^2 / s t), s and t the distances of the two from their seventh
    neighbour (Zelnik-Manor and Perona 2004).
``leaf``
    The optimal order of the leaves of hierarchical clustering, average linkage (Bar-Joseph, Gifford
    and Jaakkola 2001).
``path``
    A short path: grown greedily, then refined by 2-opt and or-opt (Croes 1958; Or 1976).

``kmeans`` is in `clusters`. All but PCA could as well run the other way: they run in the direction
of PCA's order, so that orders of several methods can be compared. Fewer than three channels, and
channels that are all equal, stand in PCA's order.
"""

import numpy as np

from engine.analysis.orders.leaves import optimal_leaf_order
from engine.kernels.gram import diffusion_of
from engine.kernels.leading import TOLERANCE, leading_vector
from engine.kernels.paths import NEAREST, greedy_path, nearest_channels, refined_path

KICKS = 32
"""What is tried to leave a path that neither 2-opt nor or-opt makes shorter."""
_SCALE = 7  # the neighbour whose distance is a channel's scale
_LEAST_SCALE = 1e-3  # of the mean distance: where more than seven channels are equal
_LEAST_ALIKE = 1e-6  # likeness of the farthest: nothing falls apart
_ROUNDS = 4  # of the Fiedler vector, with 60 steps each


def pca(likeness, task):
    """By the projection on the first principal component."""
    return np.argsort(likeness.projections, kind="stable")


def spectral(likeness, task):
    """By the Fiedler vector."""
    distances = likeness.distances
    mean = distances.mean(dtype=np.float64)
    near = nearest_channels(distances, min(_SCALE, len(distances) - 1))[:, -1]
    scales = distances[np.arange(len(distances)), near].astype(np.float64)
    matrix, roots = diffusion_of(distances, np.maximum(scales, _LEAST_SCALE * mean), _LEAST_ALIKE)
    vector = np.empty(len(roots))  # to begin with, what it is where channels lie along a line
    vector[short_path(distances)] = np.cos(np.pi * (np.arange(len(roots)) + 0.5) / len(roots))
    vector *= roots
    for _ in range(_ROUNDS):
        task.check()
        vector = leading_vector(matrix, vector, TOLERANCE, 1)
    return directed(np.argsort(vector / roots, kind="stable"), likeness)


def leaf(likeness, task):
    """The optimal order of a tree's leaves."""
    return directed(optimal_leaf_order(likeness.distances, task), likeness)


def path(likeness, task):
    """A short path."""
    return directed(short_path(likeness.distances), likeness)


def short_path(distances):
    """A short path through channels.

    Parameters
    ----------
    distances : float32[V, V]
        Symmetric, no NaN.

    Returns
    -------
    int32[V]
    """
    count = len(distances)
    if count < 3:
        return np.arange(count, dtype=np.int32)
    nearest = nearest_channels(distances, min(NEAREST, count - 1))
    return refined_path(distances, greedy_path(distances), nearest, KICKS)


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
