"""Activations to 16-bit codes, columns of them permuted, the upper bytes; the permutation itself.

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
def widen(halves, values):
    """Float16 to float32, exactly.

    NumPy takes a value at a time (measured: 5 ns); this vectorises. Magnitudes are shifted into a
    float32's place and multiplied by 2**112, which is exact for subnormal numbers too.

    Parameters
    ----------
    halves : uint16[n]
        The bits.
    values : uint32[n]
        Bits of float32.
    """
    numbers = values.view(np.float32)
    for start in range(0, halves.size, 2048):
        some, out = halves[start : start + 2048], values[start : start + 2048]
        scaled = numbers[start : start + 2048]
        for i in range(some.size):
            out[i] = (np.uint32(some[i]) & np.uint32(0x7FFF)) << np.uint32(13)
        for i in range(some.size):
            scaled[i] = scaled[i] * np.float32(2.0**112)
        for i in range(some.size):
            half = np.uint32(some[i])
            strange = (half & np.uint32(0x7C00)) == np.uint32(0x7C00)
            bits = np.uint32(0x7F800000) | ((half & np.uint32(0x3FF)) << np.uint32(13))
            sign = (half & np.uint32(0x8000)) << np.uint32(16)
            out[i] = (bits if strange else out[i]) | sign


@njit(nogil=True, cache=True)
def measure(values, first, last, low, high):
    """Widen the finite ranges of channels first to last by those of some samples.

    Parameters
    ----------
    values : float32[n, C, S]
    first, last : int
        Channels; half open.
    low, high : float64[C]
        Changed in place; start at +inf and -inf.
    """
    for c in range(first, last):
        least, most = np.float32(np.inf), np.float32(-np.inf)
        for n in range(values.shape[0]):
            row = values[n, c]
            for s in range(row.size):
                value = row[s]
                finite = np.abs(value) < np.float32(np.inf)
                least = min(least, value if finite else np.float32(np.inf))
                most = max(most, value if finite else np.float32(-np.inf))
        low[c], high[c] = min(low[c], least), max(high[c], most)


@njit(nogil=True, cache=True)
def quantise(values, first, last, start, low, step, zero, codes, not_finite, zeros):
    """Write the codes of some samples' values, one sample behind the other.

    Parameters
    ----------
    values : float32[n, C, S]
    first, last : int
        Channels; half open.
    start : int
        Where the first point stands in `codes`.
    low, step : float64[C]
    zero : int32[C]
        Code of exactly zero, or -1.
    codes : uint16[C, P]
    not_finite, zeros : int64[C]
        How many there are; added to.
    """
    size = values.shape[2]
    for c in range(first, last):
        origin, rate, nothing = low[c], 0.0, np.int32(zero[c])
        if step[c] > 0:
            rate = 1.0 / step[c]
        apart = np.int32(nothing >= 0 and rate > 0)
        strange = none = 0
        for n in range(values.shape[0]):
            row = values[n, c]
            out = codes[c, start + n * size : start + (n + 1) * size]
            for s in range(size):
                value = row[s]
                finite = np.abs(value) < np.float32(np.inf)
                place = (np.float64(value) - origin) * rate + 0.5
                code = np.int32(min(max(place, 0.0), FINITE - 1.0)) if finite else np.int32(0)
                above = max(code, nothing + np.int32(1))
                below = min(code, nothing - np.int32(1))
                other = above if value > 0 else below
                other = nothing if value == 0 else other
                code = other if apart else code
                code = min(max(code, np.int32(0)), np.int32(FINITE - 1))
                out[s] = np.uint16(code) if finite else np.uint16(NOT_FINITE)
                strange += not finite
                none += value == 0
        not_finite[c] += strange
        zeros[c] += none


@njit(nogil=True, cache=True)
def permute(order, first, last, fine, coarse):
    """Move every code of channels first to last to its point's place, and write the upper bytes.

    A channel at a time, because its codes fit into a cache: scattering blocks of samples as they
    are read took ten times as long.

    Parameters
    ----------
    order : int32[P]
        Where each point goes.
    first, last : int
    fine : uint16[C, P]
        In place.
    coarse : uint8[C, P]
        Written.
    """
    before = np.empty(order.size, np.uint16)
    for c in range(first, last):
        codes, bytes_ = fine[c], coarse[c]
        for p in range(order.size):
            before[p] = codes[p]
        for p in range(order.size):
            codes[np.uint32(order[p])] = before[p]
        for p in range(order.size):
            bytes_[p] = codes[p] >> 8


def warm():
    """Compile the kernels of this module."""
    permutation(2, 1)
    values = np.zeros((1, 1, 1), np.float32)
    numbers, counts = np.zeros(1), np.zeros(1, np.int64)
    widen(np.zeros(1, np.uint16), np.zeros(1, np.uint32))
    measure(values, 0, 1, numbers, numbers.copy())
    fine, coarse = np.empty((1, 1), np.uint16), np.empty((1, 1), np.uint8)
    places = np.zeros(1, np.int32)
    quantise(values, 0, 1, 0, numbers, numbers, places, fine, counts, counts.copy())
    permute(places, 0, 1, fine, coarse)


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
