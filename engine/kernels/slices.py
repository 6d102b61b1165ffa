"""Orders of the channels of every slice through a volume, by their first principal component."""

import numpy as np
from numba import njit

from engine.kernels.leading import leading_vector, sign_of


@njit(nogil=True, cache=True)
def slice_orders(volume, by_rows, first, stop, out):
    """Order the channels of some slices.

    Parameters
    ----------
    volume : float32[C, H, W]
    by_rows : bool
        Whether slice s is ``volume[:, s]``, or ``volume[:, :, s]``.
    first, stop : int
        Slices, half open.
    out : int32[S, C]
        The channel at each place; constant ones and ones that are not finite last.
    """
    channels = volume.shape[0]
    values = np.empty((channels, volume.shape[2] if by_rows else volume.shape[1]))
    numbers = np.empty(channels, np.int32)
    for s in range(first, stop):
        count, apart = 0, 0
        for c in range(channels):
            row = values[count]
            for p in range(row.size):
                row[p] = volume[c, s, p] if by_rows else volume[c, p, s]
            if _is_varied(row):
                numbers[count] = c
                count += 1
            else:
                apart += 1
                out[s, channels - apart] = c
        out[s, channels - apart :] = out[s, channels - apart :][::-1].copy()
        places = _projections(values[:count])
        order = np.argsort(places, kind="mergesort")
        for k in range(count):
            out[s, k] = numbers[order[k]]


@njit(nogil=True, cache=True)
def _is_varied(row):
    """Whether all values are finite and not all the same; a single one: whether it is not 0."""
    if row.size == 1:
        return np.isfinite(row[0]) and row[0] != 0
    other, strange = 0, 0
    for p in range(row.size):
        other |= row[p] != row[0]
        strange |= not np.isfinite(row[p])
    return other != 0 and strange == 0


@njit(nogil=True, cache=True)
def _projections(rows):
    """Places of rows along their first principal component; rows are changed."""
    count, size = rows.shape
    if count < 2:
        return np.zeros(count)
    mean = np.zeros(size)
    for c in range(count):
        mean += rows[c]
    for c in range(count):
        rows[c] -= mean / count
    if size < count:
        places = np.dot(rows, leading_vector(_products(rows)))
    else:
        places = leading_vector(_products(rows.T.copy()))
    return places * sign_of(places)


@njit(nogil=True, cache=True)
def _products(rows):
    """Inner products of columns; so small a matrix is not worth the threads of a library."""
    count, size = rows.shape
    found = np.zeros((size, size))
    for first in range(0, count - 3, 4):  # four at a time: a line is read and written less often
        a, b, c, d = rows[first], rows[first + 1], rows[first + 2], rows[first + 3]
        for i in range(size):
            w, x, y, z, line = a[i], b[i], c[i], d[i], found[i]
            for j in range(i + 1):
                line[j] += w * a[j] + x * b[j] + y * c[j] + z * d[j]
    for row in rows[count - count % 4 :]:
        for i in range(size):
            value, line = row[i], found[i]
            for j in range(i + 1):
                line[j] += value * row[j]
    for i in range(size):
        for j in range(i):
            found[j, i] = found[i, j]
    return found


def warm():
    """Compile the kernels of this module."""
    out = np.zeros((2, 3), np.int32)
    volume = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    for by_rows in (True, False):
        slice_orders(volume, by_rows, 0, 2, out)
