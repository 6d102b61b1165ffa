"""The leading eigenvector of a symmetric matrix, by Lanczos' method with full orthogonalisation.

After m steps the largest eigenvalue of an m x m tridiagonal matrix is that of the matrix, up to a
residual that is known (Parlett 1998, chapter 13). Twenty to forty multiplications with the matrix
are mostly enough; the basis is kept orthogonal twice over, so nothing spurious appears.
"""

import numpy as np
from numba import njit

TOLERANCE = 1e-10
"""Residual, as a share of the eigenvalue, that is small enough for an order."""
ROUNDS = 40
"""How often it starts again at most, where nothing else is said."""
_ALIKE = 1e-3
_ROUNDING = 1e-15
_STEPS = 60  # of the basis, then it starts again from the best vector so far


@njit(nogil=True, cache=True)
def leading_vector(matrix, start=None, tolerance=TOLERANCE, rounds=ROUNDS):
    """Eigenvector of the largest eigenvalue.

    Parameters
    ----------
    matrix : float64[n, n]
        Symmetric, positive semidefinite, C-contiguous.
    start : float64[n], optional
        Something like it, not all 0.
    tolerance : float
    rounds : int
        Times that it starts again at most, after 60 steps each.

    Returns
    -------
    float64[n]
        Of length 1; of a matrix of zeros some vector.
    """
    size = matrix.shape[0]
    best = np.empty(size)
    if start is not None:
        best[:] = start
    else:
        for i in range(size):  # no symmetry that a matrix of channels could have
            best[i] = np.sin(1.0 + 1.7 * i) + 0.3 * np.cos(0.3 * i * i)
    best /= np.sqrt(np.dot(best, best))
    scale = np.diag(matrix).max() if size else 0.0
    if not scale > 1e-290:
        return best
    steps = min(_STEPS, size)
    basis = np.empty((steps, size))
    for _ in range(rounds):
        best, done = _round(matrix, 1.0 / scale, best, basis, tolerance)
        if done:
            break
    return best


@njit(nogil=True, cache=True)
def _round(matrix, scale, start, basis, tolerance):
    """Lanczos' steps of the scaled matrix: the best vector, and whether it is good enough."""
    steps = basis.shape[0]
    diagonal, beside = np.zeros(steps), np.zeros(steps)
    basis[0] = start
    value, residual, weights, count, done = 0.0, 1.0, np.ones(1), 1, False
    for k in range(steps):
        next_one = np.dot(matrix, basis[k]) * scale
        diagonal[k] = np.dot(next_one, basis[k])
        before = basis[: k + 1]
        for _ in range(2):
            next_one -= np.dot(np.dot(before, next_one), before)
        beside[k] = np.sqrt(np.dot(next_one, next_one))
        count = k + 1
        last = count == steps or beside[k] <= 1e-14 * max(abs(diagonal[k]), abs(value))
        if last or count % 4 == 0:
            value = _largest(diagonal, beside, count, value, residual)
            weights = _vector(diagonal, beside, count, value)
            residual = beside[k] * abs(weights[count - 1])
            if residual <= tolerance * abs(value):
                done = True
                break
        if last:
            break
        basis[k + 1] = next_one / beside[k]
    found = np.dot(weights, basis[:count])
    length = np.sqrt(np.dot(found, found))
    return found / length, done or length == 0


@njit(nogil=True, cache=True)
def _largest(diagonal, beside, count, low, step):
    """Largest eigenvalue of a tridiagonal matrix, by bisection with Sturm's sequence.

    It is at least `low`, and probably at most `step` above.
    """
    for k in range(count):
        low = max(low, diagonal[k])
    step = max(step, _ROUNDING * abs(low), 1e-300)
    high = low + step
    while _has_above(diagonal, beside, count, high):
        low, step = high, 4 * step
        high = low + step
    while high - low > _ROUNDING * abs(high):
        middle = (low + high) / 2
        if middle <= low or middle >= high:
            break
        if _has_above(diagonal, beside, count, middle):
            low = middle
        else:
            high = middle
    return high


@njit(nogil=True, cache=True)
def _has_above(diagonal, beside, count, value):
    """Whether an eigenvalue is larger than a value: a pivot of T - value is positive."""
    pivot = diagonal[0] - value
    for k in range(1, count):
        if pivot > 0:
            return True
        if pivot == 0:
            pivot = -1e-300
        pivot = diagonal[k] - value - beside[k - 1] * beside[k - 1] / pivot
    return pivot > 0


@njit(nogil=True, cache=True)
def _vector(diagonal, beside, count, value):
    """Eigenvector of a tridiagonal matrix, by inverse iteration; all pivots are negative."""
    scale = max(abs(value), 1e-300)
    pivots, found = np.empty(count), np.ones(count)
    shift = value + 1e-15 * scale
    pivots[0] = min(diagonal[0] - shift, -1e-15 * scale)
    for k in range(1, count):
        pivot = diagonal[k] - shift - beside[k - 1] * beside[k - 1] / pivots[k - 1]
        pivots[k] = min(pivot, -1e-15 * scale)
    for _ in range(4):
        for k in range(1, count):
            found[k] -= beside[k - 1] / pivots[k - 1] * found[k - 1]
        found[count - 1] /= pivots[count - 1]
        for k in range(count - 2, -1, -1):
            found[k] = (found[k] - beside[k] * found[k + 1]) / pivots[k]
        found /= np.sqrt(np.dot(found, found))
    return found


@njit(nogil=True, cache=True)
def sign_of(places):
    """What places along a component are multiplied by: 1.0 or -1.0.

    The longer tail, by the sum of cubes, is at the upper end; where both are alike within a
    thousandth, the first place that is not in the middle is at the lower end.

    Parameters
    ----------
    places : float64[n]
    """
    size = 0.0
    for each in places:
        size = max(size, abs(each))
    tail, whole = 0.0, 0.0
    for each in places:
        tail += (each / size) ** 3 if size else 0.0
        whole += abs(each / size) ** 3 if size else 0.0
    if abs(tail) > _ALIKE * whole:
        return 1.0 if tail > 0 else -1.0
    for each in places:
        if abs(each) > _ALIKE * size:
            return 1.0 if each < 0 else -1.0
    return 1.0


def warm():
    """Compile the kernels of this module."""
    sign_of(leading_vector(np.eye(3)))
    leading_vector(np.eye(3), np.ones(3), TOLERANCE, 1)
