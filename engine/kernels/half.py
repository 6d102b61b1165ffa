"""Float32 to float16 with an eye on what is lost: overflow, flushed values, the largest error.

The rounding is to nearest, ties to even, as IEEE 754 and NumPy do it, written on integers so that
it vectorises on any processor; reference: ``ndarray.astype(numpy.float16)``.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

LIMIT = 60_000.0  # a layer with larger values is kept in float32; float16 ends at 65,504
PIECE = 2048

_MAGNITUDE = np.uint32(0x7FFFFFFF)
_INFINITY = np.uint32(0x7F800000)
_LIMIT_BITS = np.uint32(np.float32(LIMIT).view(np.uint32))
_OVERFLOW = np.uint32(0x477FF000)  # 65,520: from here on values round to infinity
_SMALLEST_NORMAL = np.uint32(0x38800000)  # 2**-14
_NORMAL = np.float32(2**-14)
_TOO_LARGE = np.float32(65520)
_STEPS = np.float32(2**24)  # subnormal steps in 1


class Loss(NamedTuple):
    """What a conversion to float16 did to the finite values.

    Attributes
    ----------
    absolute : float
        Largest ``|half - value|``, in units of the activation.
    relative : float
        Largest ``|half - value| / |value|`` where float16 has its full precision
        (``|value| >= 2**-14``); at most 2**-11.
    beyond : int
        Finite values with a magnitude over 60,000.
    overflowed : int
        Finite values that became infinite.
    flushed : int
        Values other than zero that became zero.
    """

    absolute: float
    relative: float
    beyond: int
    overflowed: int
    flushed: int

    def merge(self, other):
        """Both losses as one."""
        return Loss(
            max(self.absolute, other.absolute),
            max(self.relative, other.relative),
            self.beyond + other.beyond,
            self.overflowed + other.overflowed,
            self.flushed + other.flushed,
        )


def to_half(values, *, out=None, pool=None, threads=1):
    """Round float32 values of any shape to float16.

    Parameters
    ----------
    values : float32[...]
        NaN and infinite values stay what they are and count as no loss.
    out : float16[...], optional
        Where they go: C-contiguous, of the same size.
    pool : concurrent.futures.Executor, optional
        Where to run `threads` parts at the same time.

    Returns
    -------
    half : float16[...]
        Same shape, C-contiguous; `out` when given.
    loss : Loss
    """
    values = np.ascontiguousarray(values, np.float32)
    half = np.empty(values.shape, np.float16) if out is None else out
    flat, bits = values.reshape(-1), half.reshape(-1).view(np.uint16)
    threads = max(1, min(threads if pool is not None else 1, flat.size // PIECE))
    edges = [flat.size * i // threads for i in range(threads + 1)]
    ranges = list(zip(edges, edges[1:], strict=False))
    if threads == 1:
        losses = [_to_half(flat, bits, 0, flat.size)]
    else:
        jobs = [pool.submit(_to_half, flat, bits, a, b) for a, b in ranges]
        losses = [job.result() for job in jobs]
    loss = Loss(0.0, 0.0, 0, 0, 0)
    for part in losses:
        loss = loss.merge(Loss(*part))
    return half, loss


def to_single(values):
    """Values of any numeric type as float32, and how many finite ones became infinite.

    Returns
    -------
    single : float32[...]
        C-contiguous; the array itself when it is already so.
    overflowed : int
        More than 0 only for float64 values beyond 3.4e38.
    """
    with np.errstate(over="ignore"):
        single = np.ascontiguousarray(values, np.float32)
    if values.dtype != np.float64:
        return single, 0
    return single, int(np.count_nonzero(np.isinf(single)) - np.count_nonzero(np.isinf(values)))


def warm():
    """Compile the kernels of this module."""
    to_half(np.zeros(2, np.float32))


@njit(nogil=True, cache=True, error_model="numpy")
def _to_half(values, half, first, stop):
    """Convert values `first` to `stop`; the fields of `Loss`."""
    bits = values.view(np.uint32)
    rounded = np.empty(PIECE, np.float32)
    rounded_bits = rounded.view(np.uint32)
    errors = np.empty(2 * PIECE, np.float32)
    error_bits = errors.view(np.int32)
    worst = np.zeros(2, np.int32)
    beyond = np.int64(0)
    overflowed = np.int64(0)
    flushed = np.int64(0)
    for start in range(first, stop, PIECE):
        at = np.uint64(start)
        size = min(PIECE, stop - start)
        large, zeros = _round(values, bits, at, size, half, rounded_bits)
        if large >= _LIMIT_BITS:
            more, most = _too_large(bits, at, size)
            beyond += more
            overflowed += most
        flushed += zeros
        _errors(values, at, size, rounded, errors)
        worst[0] = max(worst[0], _largest(error_bits, np.uint64(0), size))
        worst[1] = max(worst[1], _largest(error_bits, np.uint64(PIECE), size))
    largest = worst.view(np.float32)
    return float(largest[0]), float(largest[1]), beyond, overflowed, flushed


@njit(nogil=True, cache=True, error_model="numpy")
def _round(values, bits, at, size, half, rounded_bits):
    """Half precision of every value; its bits as float32 where float16 is normal.

    Returns the largest magnitude's bits and how many values became zero.
    """
    large = np.uint32(0)
    flushed = np.int32(0)
    for i in range(size):
        b = bits[at + np.uint64(i)]
        magnitude = b & _MAGNITUDE
        large = max(large, magnitude)
        up = magnitude + np.uint32(0xFFF) + ((magnitude >> np.uint32(13)) & np.uint32(1))
        rounded_bits[i] = up & ~np.uint32(0x1FFF)
        h = (up >> np.uint32(13)) - np.uint32(112 << 10)
        small = np.uint32(np.int32(_subnormal(values[at + np.uint64(i)]) * _STEPS))
        h = small if magnitude < _SMALLEST_NORMAL else h
        h = np.uint32(0x7C00) if magnitude >= _OVERFLOW else h
        h = np.uint32(0x7E00) if magnitude > _INFINITY else h
        flushed += np.int32(h == np.uint32(0)) & np.int32(magnitude != np.uint32(0))
        half[at + np.uint64(i)] = np.uint16(h | ((b >> np.uint32(16)) & np.uint32(0x8000)))
    return large, flushed


@njit(nogil=True, cache=True, error_model="numpy")
def _subnormal(value):
    """The value rounded to float16's subnormal steps, 2**-24, when it is so small.

    Adding 1/2 leaves float32 a spacing of just that.
    """
    size = abs(value)
    size = size if size < np.float32(0.5) else np.float32(0.5)
    return (size + np.float32(0.5)) - np.float32(0.5)


@njit(nogil=True, cache=True, error_model="numpy")
def _errors(values, at, size, rounded, errors):
    """Absolute error of every value that fits, else 0, and the relative one behind them."""
    for i in range(size):
        value = values[at + np.uint64(i)]
        magnitude = abs(value)
        normal = magnitude >= _NORMAL
        error = abs(magnitude - (rounded[i] if normal else _subnormal(value)))
        error = error if magnitude < _TOO_LARGE else np.float32(0)  # NaN too
        errors[i] = error
        errors[np.uint64(PIECE + i)] = error / (magnitude if normal else np.float32(np.inf))


@njit(nogil=True, cache=True, error_model="numpy")
def _largest(bits, at, size):
    """Largest bit pattern: that of the largest number, when none is negative."""
    largest = np.int32(0)
    for i in range(size):
        largest = max(largest, bits[at + np.uint64(i)])
    return largest


@njit(nogil=True, cache=True, error_model="numpy")
def _too_large(bits, at, size):
    """Finite values beyond the limit, and those that overflow."""
    beyond = np.int32(0)
    overflowed = np.int32(0)
    for i in range(size):
        magnitude = bits[at + np.uint64(i)] & _MAGNITUDE
        finite = np.int32(magnitude < _INFINITY)
        beyond += finite & np.int32(magnitude > _LIMIT_BITS)
        overflowed += finite & np.int32(magnitude >= _OVERFLOW)
    return beyond, overflowed
