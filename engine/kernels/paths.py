"""Short paths through channels by their distances."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def path_length(distances, order):
    """Sum of the distances of neighbours in an order: float32[V, V], int[V]."""
    total = 0.0
    for i in range(order.size - 1):
        total += distances[order[i], order[i + 1]]
    return total


@njit(nogil=True, cache=True)
def path_lengths(distances, orders):
    """`path_length` of each of several orders, int[n, V]: float64[n]."""
    found = np.empty(orders.shape[0])
    for n in range(orders.shape[0]):
        found[n] = path_length(distances, orders[n])
    return found


@njit(nogil=True, cache=True)
def refined_path(distances, order):
    """A path shortened by turning pieces around (2-opt) as long as that helps.

    Parameters
    ----------
    distances : float32[V, V]
    order : int[V]

    Returns
    -------
    int64[V]
    """
    path = order.astype(np.int64)
    size = path.size
    better = True
    while better:
        better = False
        for i in range(size - 1):
            for j in range(i + 1, size):
                before = after = 0.0
                if i > 0:
                    before += distances[path[i - 1], path[i]]
                    after += distances[path[i - 1], path[j]]
                if j < size - 1:
                    before += distances[path[j], path[j + 1]]
                    after += distances[path[i], path[j + 1]]
                if after < before - 1e-6 * before:
                    path[i : j + 1] = path[i : j + 1][::-1].copy()
                    better = True
    return path


def warm():
    """Compile the kernels of this module."""
    distances = np.zeros((3, 3), np.float32)
    orders = np.arange(3).reshape(1, 3)
    path_lengths(distances, orders)
    refined_path(distances, orders[0])
