"""Where a map is sampled: one position in each of S strata, from a seed, and nothing else.

A map of rows and columns is cut into a grid of about square cells, other maps into S runs of
positions; the place inside a cell comes from a counter-based generator (SplitMix64, Steele,
Lea and Flood 2014) of (seed, layer name, sample index, stratum). So a sample's positions depend
neither on the order of work nor on the samples before it.
"""

import hashlib

import numpy as np
from numba import njit

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)


def sample_positions(samples, shape, count, layer, seed=0):
    """Choose positions of a layer's maps, reproducibly and stratified over the map.

    Parameters
    ----------
    samples : int64[n]
        Indices of the samples in the data set.
    shape : tuple of int
        The map's size, ``(rows, columns)``; other numbers of axes are taken as one run.
    count : int
        Positions wanted a sample, S.
    layer : str
        The layer's name; different layers are sampled at different places.
    seed : int

    Returns
    -------
    int32[n, min(S, P)]
        Flat positions, ascending; all of them when the map has no more than S.
    """
    samples = np.asarray(samples, np.int64)
    size = int(np.prod(shape, dtype=np.int64))
    if size <= count:
        return np.broadcast_to(np.arange(size, dtype=np.int32), (samples.size, size)).copy()
    key = hashlib.blake2b(f"{seed}\0{layer}".encode(), digest_size=8).digest()
    cells = _strata(tuple(shape), count)
    columns = shape[-1] if len(shape) == 2 else size
    chosen = np.empty((samples.size, count), np.int32)
    _choose(samples, np.uint64(int.from_bytes(key, "little")), cells, columns, chosen)
    chosen.sort(axis=1)
    return chosen


def gather(maps, positions, *, channels_last=False):
    """Values of every channel at each sample's positions.

    Parameters
    ----------
    maps : float32[n, C, P] or, with `channels_last`, float32[n, P, C]
    positions : int32[n, S]
        Flat positions in 0 to P - 1.

    Returns
    -------
    float32[n, C, S]

    Raises
    ------
    ValueError
        When a position lies outside of the map or the numbers of samples differ.
    """
    size = maps.shape[1] if channels_last else maps.shape[2]
    if len(positions) != len(maps):
        raise ValueError(f"{len(positions)} rows of positions for {len(maps)} samples")
    if positions.size and not (0 <= positions.min() and positions.max() < size):
        raise ValueError(f"a position outside of a map of {size}")
    channels = maps.shape[2] if channels_last else maps.shape[1]
    values = np.empty((len(maps), channels, positions.shape[1]), np.float32)
    (_gather_last if channels_last else _gather_first)(maps, positions, values)
    return values


def warm():
    """Compile the kernels of this module."""
    positions = sample_positions([0], (4, 4), 2, "warm")
    gather(np.zeros((1, 1, 16), np.float32), positions)
    gather(np.zeros((1, 16, 1), np.float32), positions, channels_last=True)


def _strata(shape, count):
    """Cells of a map as int64[S, 4]: first and one past the last row and column."""
    rows, columns = shape if len(shape) == 2 else (1, int(np.prod(shape, dtype=np.int64)))
    fits = [
        (r, count // r)
        for r in range(1, count + 1)
        if count % r == 0 and r <= rows and count // r <= columns
    ]
    if not fits:  # a prime number on a small map: runs of positions across rows
        edges = np.arange(count + 1) * (rows * columns) // count
        return np.stack([0 * edges[1:], 0 * edges[1:] + 1, edges[:-1], edges[1:]], axis=1)
    down, across = min(fits, key=lambda f: abs(np.log((rows / f[0]) / (columns / f[1]))))
    tops = np.arange(down + 1) * rows // down
    lefts = np.arange(across + 1) * columns // across
    top, left = np.repeat(np.arange(down), across), np.tile(np.arange(across), down)
    return np.stack([tops[top], tops[top + 1], lefts[left], lefts[left + 1]], axis=1)


@njit(nogil=True, cache=True)
def _mix(state):
    state = (state ^ (state >> np.uint64(30))) * _MIX_A
    state = (state ^ (state >> np.uint64(27))) * _MIX_B
    return state ^ (state >> np.uint64(31))


@njit(nogil=True, cache=True)
def _choose(samples, key, cells, columns, chosen):
    for i in range(samples.size):
        state = _mix(key ^ _mix(np.uint64(samples[i]) * _STEP + _STEP))
        for j in range(cells.shape[0]):
            state += _STEP
            top, bottom, left, right = cells[j]
            size = np.uint64((bottom - top) * (right - left))
            # The upper half times the size, shifted down: unbiased enough below 2**31 positions.
            place = np.int64(((_mix(state) >> np.uint64(32)) * size) >> np.uint64(32))
            width = right - left
            chosen[i, j] = (top + place // width) * columns + left + place % width


@njit(nogil=True, cache=True)
def _gather_first(maps, positions, values):
    for s in range(values.shape[0]):
        for c in range(values.shape[1]):
            for k in range(values.shape[2]):
                values[s, c, k] = maps[s, c, positions[s, k]]


@njit(nogil=True, cache=True)
def _gather_last(maps, positions, values):
    for s in range(values.shape[0]):
        for k in range(values.shape[2]):
            for c in range(values.shape[1]):
                values[s, c, k] = maps[s, positions[s, k], c]
