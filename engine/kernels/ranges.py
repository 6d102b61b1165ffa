"""The range of the finite values of an array, in one pass that vectorises.

On bit patterns, because integer minimum and maximum need no promise about NaN: the bits of a
float32
with the lower 31 flipped when the sign is set are ordered like the numbers.
"""

import numpy as np
from numba import njit

_INFINITY = np.int32(0x7F800000)
_MAGNITUDE = np.int32(0x7FFFFFFF)
_LEAST, _MOST = np.int32(-0x80000000), np.int32(0x7FFFFFFF)


def finite_range(values):
    """Smallest and largest finite value of float32 values of any shape; ``(0.0, 0.0)`` if none."""
    bits = np.ascontiguousarray(values, np.float32).reshape(-1).view(np.int32)
    keys = np.array(_finite_keys(bits), np.int32)
    if keys[0] > keys[1]:
        return 0.0, 0.0
    low, high = (keys ^ ((keys >> 31) & _MAGNITUDE)).view(np.float32)
    return float(low), float(high)


def warm():
    """Compile the kernel of this module."""
    finite_range(np.zeros(1, np.float32))


@njit(nogil=True, cache=True)
def _finite_keys(bits):
    low, high = _MOST, _LEAST
    for i in range(bits.size):
        b = bits[i]
        magnitude = b & _MAGNITUDE
        key = np.int32(0) if magnitude == np.int32(0) else b ^ ((b >> np.int32(31)) & _MAGNITUDE)
        finite = magnitude < _INFINITY
        low = min(low, key if finite else _MOST)
        high = max(high, key if finite else _LEAST)
    return low, high
