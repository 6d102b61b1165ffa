"""Inner products of channels: centred twice, and the distances that follow from them."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def survey(rows, bits, unsigned, first, stop, sizes, constant):
    """The largest magnitude of each row, and whether its values are all the same.

    Parameters
    ----------
    rows : float32[C, P] or float64[C, P]
    bits : uint32[C, P] or uint64[C, P]
        The same memory: without their signs floats are in the order of their bits, and infinity and
        NaN are the last.
    unsigned : uint32 or uint64
        All bits but the sign's.
    first, stop : int
        Rows, half open.
    sizes : uint32[C] or uint64[C]
        The bits of the largest magnitude.
    constant : bool[C]
    """
    for c in range(first, stop):
        row, line, value = rows[c], bits[c], rows[c, 0]
        size, other = line[0] & unsigned, 0
        for p in range(row.size):
            size = max(size, line[p] & unsigned)
            other |= row[p] != value
        sizes[c], constant[c] = size, other == 0


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


@njit(nogil=True, cache=True)
def diffusion_of(distances, scales, least):
    """Likeness exp(-d^2 / s t), divided by the roots of its sums; its first vector taken out.

    The eigenvector of the largest eigenvalue, divided by the roots, is the Fiedler vector of the
    normalised Laplacian.

    Parameters
    ----------
    distances : float32[V, V]
    scales : float64[V]
        s and t of each channel, above 0.
    least : float
        Likeness is at least so much, so that nothing falls apart.

    Returns
    -------
    matrix : float64[V, V]
        Positive semidefinite: eigenvalues from 0 to 2.
    roots : float64[V]
    """
    size = distances.shape[0]
    found, roots = np.empty((size, size)), np.empty(size)
    for i in range(size):
        total = 0.0
        for j in range(size):
            d = np.float64(distances[i, j])
            found[i, j] = max(least, np.exp(-d * d / (scales[i] * scales[j])))
            total += found[i, j]
        roots[i] = np.sqrt(total)
    whole = np.dot(roots, roots)
    for i in range(size):
        for j in range(size):
            both = roots[i] * roots[j]
            found[i, j] = found[i, j] / both - 2.0 * both / whole
        found[i, i] += 1.0
    return found, roots


def warm():
    """Compile the kernels of this module."""
    for kind, whole in ((np.float32, np.uint32), (np.float64, np.uint64)):
        rows, sizes = np.zeros((1, 1), kind), np.zeros(1, whole)
        survey(rows, rows.view(whole), whole(1), 0, 1, sizes, np.ones(1, np.bool_))
    diffusion_of(np.zeros((2, 2), np.float32), np.ones(2), 0.0)
    products = np.eye(2)
    centre(products)
    distances_of(products)
