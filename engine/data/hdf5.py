"""HDF5 files: one or two datasets of them, chosen by name as in other archives.

h5py is used by one thread at a time (a lock), and what is small enough is read into memory at once.
Datasets that point out of the file are refused.
"""

import threading
from pathlib import Path

import numpy as np

from engine.data.arrays import ArrayData, as_flat_pictures, as_pictures, sensible_dtype
from engine.data.choosing import ArrayFacts, choose
from engine.data.dataset import BrokenSample
from engine.data.memory import available_memory, check_claim
from engine.errors import InputError

_SMALL = 1 << 30
_MOST_DATASETS = 10_000
_ERRORS = (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError, OverflowError)
_lock = threading.RLock()


class StoredStack:
    """An HDF5 dataset that stays in its file; it is sliced like an array, by one thread at a
    time."""

    def __init__(self, dataset, where):
        self._dataset, self._where = dataset, where
        self.shape, self.dtype, self.ndim = dataset.shape, dataset.dtype, len(dataset.shape)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, key):
        try:
            with _lock:
                return self._dataset[key]
        except _ERRORS as error:
            raise BrokenSample(f"it cannot be read: {error}", where=self._where) from error


class StoredData(ArrayData):
    """A data set over a `StoredStack`, sliced and turned when read.

    Parameters
    ----------
    turn : callable
        From ``[n, ...]`` as stored to pictures; see `as_pictures`.
    """

    def __init__(self, path, stack, turn, dtype, stop=None):
        super().__init__(path, "hdf5", _Prefix(stack, stop), dtype=dtype)
        self._turn = turn

    def _read(self, i):
        return self._native(self._turn(self._stack[i : i + 1])[0])

    def images(self, first, stop):
        try:
            return self._native(self._turn(self._stack[first : min(stop, len(self))]))
        except BrokenSample:
            return super(ArrayData, self).images(first, stop)

    def only(self, stop):
        """The first `stop` samples, with their labels and all that was said."""
        first = StoredData(self.path, self._stack.whole, self._turn, self._dtype, stop)
        first.name, first.notes, first.skipped = self.name, self.notes, self.skipped
        first.classes, first.class_origin = self.classes, self.class_origin
        first.labels = None if self.labels is None else self.labels[:stop]
        return first


class _Prefix:
    """The first samples of a stack, still not read."""

    def __init__(self, whole, stop):
        self.whole, self.dtype = whole, whole.dtype
        self._stop = len(whole) if stop is None else min(stop, len(whole))
        self.shape = (self._stop, *whole.shape[1:])

    def __len__(self):
        return self._stop

    def __getitem__(self, key):
        first, stop, _ = key.indices(self._stop)
        return self.whole[first:stop]


def open_hdf5(path, split=None, task=None):
    """The data set in an HDF5 file.

    Returns
    -------
    data : ArrayData
    labels : array or None
    class_names : list of str or None

    Raises
    ------
    InputError
    """
    import h5py

    path = Path(path)
    with _lock:
        try:
            file = h5py.File(path, "r")
        except _ERRORS as error:
            reason = str(error).partition("(")[2].rstrip(")") or error
            raise InputError(
                f"this is not an HDF5 file that can be read: {reason}",
                where=path,
                remedy="write it again",
            ) from error
        try:
            return _chosen(file, path, split, task)
        except BrokenSample as error:
            file.close()
            raise InputError(error.what, where=error.where, remedy="write it again") from error
        except _ERRORS as error:
            file.close()
            raise InputError(
                f"the file is damaged: {error}", where=path, remedy="write it again"
            ) from error


def _chosen(file, path, split, task):
    datasets = _listed(file, path)
    arrays = [ArrayFacts(name, d.shape, d.dtype) for name, d in datasets.items()]
    choice = choose(arrays, split, path)
    labels = choice.labels and _small_array(datasets[choice.labels.name], path)
    names = choice.class_names and _small_array(datasets[choice.class_names.name], path)
    names = (
        None if names is None else [n.decode() if isinstance(n, bytes) else str(n) for n in names]
    )
    name = choice.pictures.name
    stack = StoredStack(_inside(datasets[name], path), f"{path}::{name}")
    size = check_claim(stack.shape, stack.dtype.itemsize, path)
    turn = as_flat_pictures if stack.ndim == 2 else as_pictures
    if size <= min(_SMALL, available_memory() // 4):
        values = stack[:]
        file.close()
        turned, more = turn(values, name)
        dtype, converted = sensible_dtype(turned, name)
        data = ArrayData(path, "hdf5", turned, dtype=dtype)
    else:
        probe, more = turn(stack[:1], name)
        if len(probe) != 1 or stack.ndim == 3 and probe.ndim == 4:
            raise InputError("one picture of this size does not fit", where=path)
        dtype, converted = sensible_dtype(stack, name)
        data = StoredData(path, stack, lambda part: turn(part, name)[0], dtype)
    data.notes += [*choice.notes, *more, *converted]
    return data, labels, names


def _listed(file, path):
    import h5py

    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and item.shape:
            found[name] = item
        return True if len(found) >= _MOST_DATASETS else None

    file.visititems(visit)
    if not found:
        raise InputError("the file holds no arrays", where=path, remedy="write datasets into it")
    return found


def _inside(dataset, path):
    """The dataset, when all of it lies in this file."""
    if dataset.external or dataset.is_virtual:
        raise InputError(
            "the dataset points to other files",
            where=f"{path}::{dataset.name}",
            remedy="write its values into this file",
        )
    return dataset


def _small_array(dataset, path):
    where = f"{path}::{dataset.name}"
    if check_claim(dataset.shape, dataset.dtype.itemsize, where) > _SMALL:
        raise InputError("the labels are larger than 1 GB", where=where, got=list(dataset.shape))
    return np.asarray(_inside(dataset, path)[()])
