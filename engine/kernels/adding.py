"""Sums of rows of float16 or float32 values, exact to float64, without an array in between."""

import numpy as np
from numba import njit

BLOCK = 4096  # sums at a time, so that they stay in the first cache
_VALUES = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float64)


def add_rows(values, sums):
    """Add all rows to sums: ``sums += values.sum(0)``; NaN and infinities as NumPy adds them.

    Parameters
    ----------
    values : float16[n, K] or float32[n, K]
        Contiguous.
    sums : float64[K]
        Added to in place.
    """
    if values.dtype == np.float16:
        add_halves(values.view(np.uint16), _VALUES, sums)
    else:
        add_singles(values, sums)


def warm():
    """Compile both kernels."""
    sums = np.zeros(2)
    for dtype in (np.float16, np.float32):
        add_rows(np.zeros((1, 2), dtype), sums)


@njit(cache=True, nogil=True)
def add_halves(codes, table, sums):
    """As `add_rows`; codes uint16[n, K] of float16 values, table float64[65536] by code."""
    rows, count = codes.shape
    for first in range(0, count, BLOCK):
        last = min(first + BLOCK, count)
        for row in range(rows):
            for at in range(first, last):
                sums[at] += table[codes[row, at]]


@njit(cache=True, nogil=True)
def add_singles(values, sums):
    """As `add_rows`; values float32[n, K]."""
    rows, count = values.shape
    for first in range(0, count, BLOCK):
        last = min(first + BLOCK, count)
        for row in range(rows):
            for at in range(first, last):
                sums[at] += values[row, at]
