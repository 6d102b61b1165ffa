"""Float32 to float16 with an eye on what is lost: overflow, flushed values, the largest error.

The rounding is to nearest, ties to even, as IEEE 754 and NumPy do it, written on integers so that
it vectorises on any processor; reference: ``ndarray.astype(numpy.float16)``.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

LIMIT = 60_000.0  # a layer with larger values is kept in float32; float16 ends at 65,504
PIECE = 4096

_MAGNITUDE = np.uint32(0x7FFFFFFF)
_INFINITY = np.uint32(0x7F800000)
_LIMIT_BITS = np.uint32(np.float32(LIMIT).view(np.uint32))
_OVERFLOW = np.uint32(0x477FF000)  # 65,520: from here on values round to infinity
_SMALLEST_NORMAL = np.uint32(0x38800000)  # 2**-14


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


def to_half(values, *, pool=None, threads=1):
    """Round float32 values of any shape to float16.

    Parameters
    ----------
    values : float32[...]
        NaN and infinite values stay what they are and count as no loss.
    pool : concurrent.futures.Executor, optional
        Where to run `threads` parts at the same time.

    Returns
    -------
    half : float16[...]
        Same shape, C-contiguous.
    loss : Loss
    """
    values = np.ascontiguousarray(values, np.float32)
    half = np.empty(values.shape, np.float16)
    flat, bits = values.reshape(-1), half.reshape(-1).view(np.uint16)
    threads = max(1, min(threads if pool is not None else 1, flat.size // PIECE))
    edges = [flat.size * i // threads for i in range(threads + 1)]
    ranges = list(zip(edges, edges[1:], strict=False))
    if threads == 1:
        losses = [_to_half(flat, flat.view(np.uint32), bits)]
    else:
        jobs = [
            pool.submit(_to_half, flat[a:b], flat[a:b].view(np.uint32), bits[a:b])
            for a, b in ranges
        ]
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


@njit(nogil=True, cache=True)
def _to_half(values, bits, half):
    rounded = np.empty(PIECE, np.float32)
    rounded_bits = rounded.view(np.uint32)
    absolute = np.float32(0)
    relative = np.float32(0)
    beyond = 0
    overflowed = 0
    flushed = 0
    for start in range(0, values.size, PIECE):
        end = min(start + PIECE, values.size)
        size = end - start
        large = _round(values[start:end], bits[start:end], half[start:end], rounded, rounded_bits)
        if large >= _LIMIT_BITS:
            more = _too_large(bits[start:end])
            beyond += more[0]
            overflowed += more[1]
        flushed += _flushed(values[start:end], half[start:end])
        worst = _errors(values[start:end], bits[start:end], rounded[:size])
        absolute = max(absolute, worst[0])
        relative = max(relative, worst[1])
    return float(absolute), float(relative), beyond, overflowed, flushed


@njit(nogil=True, cache=True)
def _round(values, bits, half, rounded, rounded_bits):
    """Half precision bits of every value, its value again as float32; largest magnitude's bits."""
    large = np.uint32(0)
    for i in range(values.size):
        b = bits[i]
        magnitude = b & _MAGNITUDE
        large = max(large, magnitude)
        up = magnitude + np.uint32(0xFFF) + ((magnitude >> np.uint32(13)) & np.uint32(1))
        normal = (up >> np.uint32(13)) - np.uint32(112 << 10)
        # Adding 1/2 leaves float32 a spacing of 2**-24, that of float16's subnormal numbers.
        size = abs(values[i])
        size = size if size < np.float32(0.5) else np.float32(0.5)
        small = size + np.float32(0.5) - np.float32(0.5)
        subnormal = np.uint32(np.int32(small * np.float32(16777216.0)))
        h = subnormal if magnitude < _SMALLEST_NORMAL else normal
        h = np.uint32(0x7C00) if magnitude >= _OVERFLOW else h
        h = np.uint32(0x7E00) if magnitude > _INFINITY else h
        half[i] = np.uint16(h | ((b & ~_MAGNITUDE) >> np.uint32(16)))
        rounded_bits[i] = up & ~np.uint32(0x1FFF)
        if magnitude < _SMALLEST_NORMAL:
            rounded[i] = small
    return large


@njit(nogil=True, cache=True)
def _errors(values, bits, rounded):
    """Largest absolute and relative error among the values that fit."""
    absolute = np.float32(0)
    relative = np.float32(0)
    for i in range(values.size):
        magnitude = bits[i] & _MAGNITUDE
        size = abs(values[i])
        error = abs(size - rounded[i])
        error = error if magnitude < _OVERFLOW else np.float32(0)
        absolute = error if error > absolute else absolute
        share = error / size if magnitude >= _SMALLEST_NORMAL else np.float32(0)
        relative = share if share > relative else relative
    return absolute, relative


@njit(nogil=True, cache=True)
def _flushed(values, half):
    count = 0
    for i in range(values.size):
        count += np.int64((half[i] & np.uint16(0x7FFF)) == 0) & np.int64(values[i] != 0)
    return count


@njit(nogil=True, cache=True)
def _too_large(bits):
    """Finite values beyond the limit, and those that overflow."""
    beyond = 0
    overflowed = 0
    for i in range(bits.size):
        magnitude = bits[i] & _MAGNITUDE
        if magnitude < _INFINITY:
            beyond += np.int64(magnitude > _LIMIT_BITS)
            overflowed += np.int64(magnitude >= _OVERFLOW)
    return beyond, overflowed
