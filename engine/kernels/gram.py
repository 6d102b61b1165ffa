"""Inner products of channels: centred twice, and the distances that follow from them."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def centre(products):
    """Take the means of rows and columns away, and add the mean of all.

    Parameters
    ----------
    products : float64[V, V]
        Symmetric; changed in place.
    """
    size = products.shape[0]
    means = np.zeros(size)
    for i in range(size):
        total = 0.0
        for j in range(size):
            total += products[i, j]
        means[i] = total / max(1, size)
    grand = means.mean() if size else 0.0
    for i in range(size):
        less = means[i] - grand
        for j in range(size):
            products[i, j] -= less + means[j]


@njit(nogil=True, cache=True)
def distances_of(products):
    """Euclidean distances from inner products.

    Parameters
    ----------
    products : float64[V, V]
        Symmetric.

    Returns
    -------
    float32[V, V]
        Symmetric; 0 on the diagonal.
    """
    size = products.shape[0]
    found = np.empty((size, size), np.float32)
    squares = np.diag(products).copy()
    for i in range(size):
        for j in range(size):
            square = squares[i] + squares[j] - 2.0 * products[i, j]
            found[i, j] = np.sqrt(max(0.0, square))
        found[i, i] = 0.0
    return found


def warm():
    """Compile the kernels of this module."""
    products = np.eye(2)
    centre(products)
    distances_of(products)
