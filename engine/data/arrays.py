"""Samples that are slices of one array: what NPZ, NPY, IDX and small HDF5 files become."""

import numpy as np

from engine.data.dataset import DataSet
from engine.errors import InputError

_CHANNELS = (1, 3, 4)
_CHUNK = 16 << 20


class ArrayData(DataSet):
    """A data set over ``dtype[N, H, W]`` or ``dtype[N, H, W, C]``, in memory or memory-mapped.

    Parameters
    ----------
    stack : array-like
        Any strides and byte order; samples are handed out in native byte order.
    dtype : numpy.dtype, optional
        What samples are converted to when read (see `sensible_dtype`).
    """

    def __init__(self, path, kind, stack, *, dtype=None, **details):
        super().__init__(path, kind, len(stack), **details)
        self._stack = stack
        self._dtype = np.dtype(dtype or stack.dtype).newbyteorder("=")

    def _read(self, i):
        return self._native(self._stack[i])

    def images(self, first, stop):
        return self._native(self._stack[first : min(stop, len(self))])

    def only(self, stop):
        """The first `stop` samples, with their labels and all that was said."""
        first = ArrayData(self.path, self.kind, self._stack[:stop], dtype=self._dtype)
        first.name, first.notes, first.skipped = self.name, self.notes, self.skipped
        first.classes, first.class_origin = self.classes, self.class_origin
        first.labels = None if self.labels is None else self.labels[:stop]
        return first

    def _native(self, values):
        values = np.asarray(values)
        values = values if values.dtype == self._dtype else values.astype(self._dtype)
        view = values.view()
        view.flags.writeable = False
        return view

    def _feed(self, digest, task):
        feed_array(digest, self._stack, task)


def feed_array(digest, stack, task=None):
    """Feed dtype, shape and content of `stack` to a hash, some samples at a time."""
    digest.update(f"{stack.dtype.str} {list(stack.shape)}\n".encode())
    sample_bytes = max(1, int(np.prod(stack.shape[1:])) * stack.dtype.itemsize)
    step = max(1, _CHUNK // sample_bytes)
    for first in range(0, len(stack), step):
        digest.update(np.ascontiguousarray(stack[first : first + step]).data)
        if task is not None:
            task.report(min(first + step, len(stack)), len(stack), "reading the samples once")


def as_pictures(stack, where):
    """Give an array the axes ``[N, H, W]`` or ``[N, H, W, C]``.

    Channels before rows are moved to the end; ``[H, W]`` and ``[H, W, 3]`` are one picture; flat
    samples ``[N, K]`` become square where K is a square.

    Returns
    -------
    stack : view
    notes : list of str

    Raises
    ------
    InputError
    """
    shape = stack.shape
    if stack.dtype.kind not in "biuf":
        raise InputError("these are not numbers", where=where, got=stack.dtype)
    if stack.ndim < 2 or stack.ndim > 4 or not all(shape):
        raise InputError(
            "the array holds no pictures",
            where=where,
            expected="[N, H, W], [N, H, W, C] or [N, C, H, W] with at least one sample",
            got=list(shape),
        )
    if stack.ndim == 2:
        return stack[None], [f"{where}: one grey picture of {shape[0]} x {shape[1]}"]
    if stack.ndim == 3 and shape[2] in (3, 4) and min(shape[:2]) > 4:
        return stack[None], [f"{where}: one picture of {shape[0]} x {shape[1]}"]
    if stack.ndim == 4 and shape[1] in _CHANNELS and shape[3] not in _CHANNELS:
        moved = np.moveaxis(stack, 1, 3)
        return moved, [f"{where}: channels first, {list(shape)}"] if shape[1] > 1 else []
    return stack, []


def as_flat_pictures(stack, where):
    """Give ``[N, K]`` the axes of pictures: square where K is a square, else one row."""
    samples, length = stack.shape
    side = round(length**0.5)
    rows, columns = (side, side) if side * side == length else (1, length)
    note = f"{where}: flat samples of {length} read as {rows} x {columns}"
    return stack.reshape(samples, rows, columns), [note]


def sensible_dtype(stack, where):
    """The dtype for integers wider than 16 bit: 8 or 16 bit where all values fit, else float32.

    Returns
    -------
    dtype
    notes : list of str
    """
    if stack.dtype.kind not in "iu" or stack.dtype.itemsize <= 2:
        return stack.dtype, []
    sample_bytes = max(1, int(np.prod(stack.shape[1:])) * stack.dtype.itemsize)
    step = max(1, _CHUNK // sample_bytes)
    lows, highs = [], []
    for first in range(0, len(stack), step):
        part = stack[first : first + step]
        lows.append(int(part.min()))
        highs.append(int(part.max()))
    low, high = min(lows), max(highs)
    if low >= 0 and high <= 255:
        chosen = np.dtype(np.uint8)
    elif low >= 0 and high <= 65535:
        chosen = np.dtype(np.uint16)
    else:
        chosen = np.dtype(np.float32)
    return chosen, [f"{where}: {stack.dtype} from {low} to {high}, read as {chosen}"]
