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
        count, apart = 0, channels
        for c in range(channels - 1, -1, -1):
            row = volume[c, s] if by_rows else volume[c, :, s]
            if not _is_varied(row):
                apart -= 1
                out[s, apart] = c
        for c in range(channels):
            row = volume[c, s] if by_rows else volume[c, :, s]
            if _is_varied(row):
                values[count], numbers[count] = row, c
                count += 1
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
    for p in range(size):
        total = 0.0
        for c in range(count):
            total += rows[c, p]
        for c in range(count):
            rows[c, p] -= total / count
    if size < count:
        places = np.dot(rows, leading_vector(np.dot(rows.T, rows)))
    else:
        places = leading_vector(np.dot(rows, rows.T))
    return places * sign_of(places)


def warm():
    """Compile the kernels of this module."""
    out = np.zeros((2, 3), np.int32)
    volume = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    for by_rows in (True, False):
        slice_orders(volume, by_rows, 0, 2, out)
