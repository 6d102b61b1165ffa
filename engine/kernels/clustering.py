"""K-means by Lloyd's steps from well spread starts, and the silhouette of clusters."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def clusters_of(places, draws):
    """Clusters whose members are near their mean: the best of several starts.

    Starts are spread by k-means++ (Arthur and Vassilvitskii 2007), then moved to their members'
    means until nobody changes (Lloyd 1982), a hundred times at most.

    Parameters
    ----------
    places : float64[V, D]
    draws : float64[n, k]
        Random numbers from 0 to 1, below it, for n starts of k clusters; k at most V.

    Returns
    -------
    int32[V]
        Below k; some numbers may be missing where fewer places differ.
    """
    size = places.shape[0]
    best, least = np.zeros(size, np.int32), np.inf
    for draw in draws:
        found = np.zeros(size, np.int32)
        total = _lloyd(places, _spread_starts(places, draw), found)
        if total < least:
            least = total
            best[:] = found
    return best


@njit(nogil=True, cache=True)
def _spread_starts(places, draws):
    """Places far from each other, each drawn by its squared distance from those before."""
    size, count = places.shape[0], draws.size
    middles = np.empty((count, places.shape[1]))
    middles[0] = places[int(draws[0] * size)]
    squares = np.full(size, np.inf)
    for k in range(1, count):
        total = 0.0
        for i in range(size):
            squares[i] = min(squares[i], _square(places[i], middles[k - 1]))
            total += squares[i]
        drawn = draws[k] * total
        chosen = 0
        for i in range(size):
            if squares[i] > 0:
                chosen = i
                drawn -= squares[i]
                if drawn < 0:
                    break
        middles[k] = places[chosen]
    return middles


@njit(nogil=True, cache=True)
def _lloyd(places, middles, found):
    """Move middles to their members' means until nobody changes: the sum of squared distances."""
    size, count = places.shape[0], middles.shape[0]
    total = 0.0
    for turn in range(100):
        total, changed = 0.0, turn == 0
        for i in range(size):
            near, least = 0, np.inf
            for k in range(count):
                square = _square(places[i], middles[k])
                if square < least:
                    near, least = k, square
            changed |= found[i] != near
            found[i] = near
            total += least
        if not changed:
            break
        sums, counts = np.zeros_like(middles), np.zeros(count)
        for i in range(size):
            sums[found[i]] += places[i]
            counts[found[i]] += 1
        for k in range(count):
            if counts[k]:
                middles[k] = sums[k] / counts[k]
    return total


@njit(nogil=True, cache=True, fastmath=True)
def _square(a, b):
    total = 0.0
    for d in range(a.size):
        total += (a[d] - b[d]) ** 2
    return total


@njit(nogil=True, cache=True)
def silhouettes(distances, clusters, count, first, stop, out):
    """How much nearer each channel is to its own cluster than to the next one (Rousseeuw 1987).

    Parameters
    ----------
    distances : float32[V, V]
    clusters : int32[V]
    count : int
    first, stop : int
        Channels, half open.
    out : float64[V]
        -1 to 1; 0 for a channel that is alone in its cluster.
    """
    members = np.zeros(count)
    for each in clusters:
        members[each] += 1
    sums = np.empty(count)
    for i in range(first, stop):
        sums[:] = 0
        for j in range(clusters.size):
            sums[clusters[j]] += distances[i, j]
        own, least = clusters[i], np.inf
        for k in range(count):
            if k != own and members[k]:
                least = min(least, sums[k] / members[k])
        out[i] = 0.0
        if members[own] > 1 and least < np.inf:
            inside = sums[own] / (members[own] - 1)
            if max(inside, least) > 0:
                out[i] = (least - inside) / max(inside, least)


def warm():
    """Compile the kernels of this module."""
    clusters = clusters_of(np.eye(2), np.zeros((1, 2)))
    silhouettes(np.ones((2, 2), np.float32), clusters, 2, 0, 2, np.zeros(2))
