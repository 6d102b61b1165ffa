"""Activations to 16-bit and 8-bit codes, scattered to permuted places; the permutation itself.

A channel's finite values lie on `FINITE` codes. Where zero lies in the range it has a code of its
own, so that the mass at exactly zero stays exact: other values are rounded to the nearest code
except that one. Reference: ``tests/reference/quantising.py``.
"""

import numpy as np
from numba import njit

FINITE = 65280
"""Codes 0 to 65279 stand for finite values, so that their upper bytes are 0 to 254."""
NOT_FINITE = 65535
"""NaN and infinities; the upper byte, 255, is theirs alone."""

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)


def permutation(count, seed):
    """A permutation of 0 to count - 1, the same everywhere for the same seed.

    Fisher and Yates' shuffle with numbers from SplitMix64 (Steele, Lea and Flood 2014).

    Returns
    -------
    int32[count]
    """
    order = np.arange(count, dtype=np.int32)
    _shuffle(order, np.uint64(seed))
    return order


@njit(nogil=True, cache=True)
def measure(values, first, last, low, high, not_finite, zeros):
    """Widen the finite ranges of channels first to last by some samples, and count.

    Parameters
    ----------
    values : float32[n, C, S]
    first, last : int
        Channels; half open.
    low, high : float64[C]
        Changed in place; start at +inf and -inf.
    not_finite, zeros : int64[C]
        Added to.
    """
    for c in range(first, last):
        least, most = low[c], high[c]
        strange, nothing = 0, 0
        for n in range(values.shape[0]):
            row = values[n, c]
            for s in range(row.size):
                value = row[s]
                if not np.isfinite(value):
                    strange += 1
                    continue
                nothing += value == 0
                least = min(least, value)
                most = max(most, value)
        low[c], high[c] = least, most
        not_finite[c] += strange
        zeros[c] += nothing


@njit(nogil=True, cache=True)
def quantise(values, places, first, last, low, step, zero, fine, coarse):
    """Write the codes of some samples' values at their points' places.

    Parameters
    ----------
    values : float32[n, C, S]
    places : int32[n * S]
        Where each point stands in `fine` and `coarse`.
    first, last : int
        Channels; half open.
    low, step : float64[C]
    zero : int32[C]
        Code of exactly zero, or -1.
    fine : uint16[C, P]
    coarse : uint8[C, P]
    """
    size = values.shape[2]
    for c in range(first, last):
        start, rate, nothing = low[c], 0.0, zero[c]
        if step[c] > 0:
            rate = 1.0 / step[c]
        fine_row, coarse_row = fine[c], coarse[c]
        for n in range(values.shape[0]):
            row = values[n, c]
            for s in range(size):
                value = row[s]
                code = NOT_FINITE
                if np.isfinite(value):
                    code = int((value - start) * rate + 0.5)
                    if nothing >= 0 and rate > 0:
                        if value == 0:
                            code = nothing
                        elif value > 0:
                            code = max(code, nothing + 1)
                        else:
                            code = min(code, nothing - 1)
                    code = min(max(code, 0), FINITE - 1)
                place = places[n * size + s]
                fine_row[place] = code
                coarse_row[place] = code >> 8


def warm():
    """Compile the kernels of this module."""
    permutation(2, 1)
    values = np.zeros((1, 1, 1), np.float32)
    numbers, counts = np.zeros(1), np.zeros(1, np.int64)
    measure(values, 0, 1, numbers, numbers.copy(), counts, counts.copy())
    fine, coarse = np.empty((1, 1), np.uint16), np.empty((1, 1), np.uint8)
    places = np.zeros(1, np.int32)
    quantise(values, places, 0, 1, numbers, numbers, places, fine, coarse)


@njit(nogil=True, cache=True)
def _shuffle(order, seed):
    state = seed
    for i in range(order.size - 1, 0, -1):
        state += _STEP
        mixed = (state ^ (state >> np.uint64(30))) * _MIX_A
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_B
        mixed ^= mixed >> np.uint64(31)
        # The upper half times the size, shifted down: unbiased enough below 2**31 points.
        k = np.int64(((mixed >> np.uint64(32)) * np.uint64(i + 1)) >> np.uint64(32))
        order[i], order[k] = order[k], order[i]
