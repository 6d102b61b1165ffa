"""An array that lies in several parts and is read only where it is indexed."""

import operator

import numpy as np


class PartArray:
    """Rows of many parts as one array, sliced like NumPy's.

    Parameters
    ----------
    shape : tuple of int
    dtype : numpy.dtype
    pieces : sequence of (row, rows, read)
        Ascending pieces without gaps: the first row, how many, and ``read(index)``, which gives
        ``piece[index]`` for a tuple of slices with positive steps, one for each axis.

    Notes
    -----
    Integers, slices, ``...``, ``None`` and, on any axis, integer or boolean arrays. Reading costs
    what the rows and slices cover; arrays on later axes are applied after reading.
    """

    def __init__(self, shape, dtype, pieces):
        self.shape = tuple(int(n) for n in shape)
        self.dtype = np.dtype(dtype)
        self._pieces = list(pieces)

    @property
    def ndim(self):
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self):
        """Number of values."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def nbytes(self):
        """Bytes it takes in memory when read as a whole."""
        return self.size * self.dtype.itemsize

    def __len__(self):
        return self.shape[0]

    def __repr__(self):
        return f"<PartArray {self.dtype}{list(self.shape)} in {len(self._pieces)} pieces>"

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __array__(self, dtype=None, copy=None):
        if copy is False:
            raise ValueError("the array lies on disk: reading it makes a copy")
        return self[...].astype(dtype or self.dtype, copy=False)

    def __getitem__(self, index):
        index = self._expanded(index)
        axes = [i for i in index if i is not None]
        reading, later = [], []
        for axis, (item, size) in enumerate(zip(axes, self.shape, strict=True)):
            read, rest = _split(item, size)
            if axis and isinstance(read, np.ndarray):  # only rows are picked while reading
                low = int(read[0]) if len(read) else 0
                read, rest = slice(low, int(read[-1]) + 1 if len(read) else 0), read[rest] - low
            reading.append(read)
            later.append(rest)
        values = self._read(reading[0], tuple(reading[1:]))
        rest = iter(later)
        return values[tuple(None if i is None else next(rest) for i in index)]

    def _expanded(self, index):
        """The index as a tuple with one entry an axis, and Nones."""
        index = index if isinstance(index, tuple) else (index,)
        index = [np.asarray(i) if isinstance(i, list) else i for i in index]
        used = sum(i is not None and i is not Ellipsis for i in index)
        if used > self.ndim:
            raise IndexError(f"{used} indices for an array of {self.ndim} axes")
        dots = [k for k, i in enumerate(index) if i is Ellipsis]
        if len(dots) > 1:
            raise IndexError("an index can have one '...' only")
        fill = [slice(None)] * (self.ndim - used)
        at = dots[0] if dots else len(index)
        return (*index[:at], *fill, *index[at + len(dots) :])

    def _read(self, rows, rest):
        """Rows (a slice, or ascending int64 array) and slices of the other axes."""
        inner = tuple(len(range(*s.indices(n))) for s, n in zip(rest, self.shape[1:], strict=True))
        wanted = np.arange(self.shape[0])[rows] if isinstance(rows, slice) else rows
        values = np.empty((len(wanted), *inner), self.dtype)
        for first, count, read in self._pieces:
            a, b = np.searchsorted(wanted, (first, first + count))
            for start, stop, step, out in _runs(wanted[a:b] - first, a):
                values[out] = read((slice(start, stop, step), *rest))
        return values


def _split(item, size):
    """What to read along an axis, and the index to apply to what was read."""
    if isinstance(item, slice):
        chosen = range(*item.indices(size))
        if not len(chosen):
            return slice(0, 0), slice(None)
        low, high = min(chosen[0], chosen[-1]), max(chosen[0], chosen[-1])
        back = slice(None) if chosen.step > 0 else slice(None, None, -1)
        return slice(low, high + 1, abs(chosen.step)), back
    if isinstance(item, np.ndarray) and item.ndim:
        if item.dtype == bool:
            if item.shape != (size,):
                raise IndexError(f"a mask of shape {item.shape} for an axis of {size}")
            item = np.flatnonzero(item)
        if item.size and item.dtype.kind not in "iu":
            raise IndexError(f"indices must be integers or booleans, got {item.dtype}")
        wanted = item.astype(np.int64)
        outside = (wanted < -size) | (wanted >= size)
        if outside.any():
            raise IndexError(f"index {wanted[outside][0]} is outside of an axis of {size}")
        rows, places = np.unique(np.where(wanted < 0, wanted + size, wanted), return_inverse=True)
        return rows, places.reshape(item.shape)
    place = operator.index(item)
    if not -size <= place < size:
        raise IndexError(f"index {place} is outside of an axis of {size}")
    place %= size
    return slice(place, place + 1), 0


def _runs(rows, out):
    """Ascending rows as (start, stop, step, where they go): neighbours are read at once."""
    steps = np.diff(rows)
    if len(steps) and (steps == steps[0]).all():
        yield int(rows[0]), int(rows[-1]) + 1, int(steps[0]), slice(out, out + len(rows))
        return
    edges = [0, *(np.flatnonzero(steps != 1) + 1).tolist(), len(rows)]
    for start, stop in zip(edges, edges[1:], strict=False):
        if stop > start:
            yield int(rows[start]), int(rows[stop - 1]) + 1, 1, slice(out + start, out + stop)
