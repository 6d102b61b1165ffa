"""Arrays in ``results/KEY.h5`` of a study: contiguous, mapped when large, whole or not there.

A file grows under a name of its own and is renamed when it is on the disk, so several writers of
the same key do not meet; the last one stays, and whoever has mapped an older file keeps it. What
is damaged, foreign or of another version counts as not there.
"""

import contextlib
import hashlib
import os
import secrets
import time

import h5py
import numpy as np

from engine.study.layout import UNFINISHED, sync_folder
from engine.study.space import check_space

RESULTS = "results"
FORMAT = "lamella-arrays"
LARGE = 64 << 20
"""Bytes of a file from which on it is mapped and not read."""
SPARE = 2
"""Nothing is kept unless the disk has so many times its room."""
_MAPPED = 1 << 16  # bytes of an array from which on it is mapped at all
_LEFTOVER = 24 * 3600.0  # seconds after which an unfinished file is a killed writer's


def load(study, key, spec):
    """Arrays that were kept, or None.

    Parameters
    ----------
    study : path
        The study's folder.
    key : str
    spec : dict of str to (shape, dtype)
        What has to be there.

    Returns
    -------
    dict of str to ndarray, or None
        Private copies: writing to them does not reach the file.
    """
    path = study / RESULTS / f"{key}.h5"
    try:
        offsets = _offsets(path, key, spec)
        if offsets is None:
            return None
        large = sum(_bytes(*spec[name]) for name in spec) >= LARGE
        arrays = {
            name: _mapped(path, offsets[name], *spec[name], mode="c", private=not large)
            for name in spec
        }
        with h5py.File(path, "r", locking=False) as file:
            return arrays if file.attrs["check"] == _check(arrays) else None
    except (OSError, RuntimeError, KeyError, ValueError, TypeError):
        return None  # no such file, or a damaged one: it is made again


@contextlib.contextmanager
def making(study, key, spec, words):
    """Make arrays that are kept: yields them, mapped, to be filled in place.

    Parameters
    ----------
    study, key, spec
        As for `load`.
    words : dict of str to (axes, unit, method)
        Written beside each dataset.

    Raises
    ------
    OSError, MachineError
        The folder cannot be written, or the disk would be nearly full; before anything is yielded.
    """
    folder = study / RESULTS
    folder.mkdir(exist_ok=True)
    _remove_leftovers(folder)
    check_space(folder, SPARE * sum(_bytes(*each) for each in spec.values()))
    path = folder / f"{key}.h5"
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}{UNFINISHED}")
    try:
        offsets = _allocate(unfinished, key, spec, words)
        arrays = {name: _mapped(unfinished, offsets[name], *spec[name], mode="r+") for name in spec}
        yield arrays
        check = _check(arrays)
        for array in arrays.values():
            array.base.flush()
        arrays.clear()
        with h5py.File(unfinished, "r+", locking=False) as file:
            file.attrs["check"] = check
        with open(unfinished, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(unfinished, path)
        sync_folder(folder)
    finally:
        with contextlib.suppress(OSError):  # renamed already, or mapped on Windows: a leftover
            unfinished.unlink()


def _bytes(shape, dtype):
    return int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize


def _allocate(path, key, spec, words):
    """Write a file with room for all arrays, on the disk and not only promised; their offsets."""
    with h5py.File(
        path, "w", libver=("v110", "v112"), locking=False,
        alignment_threshold=4096, alignment_interval=4096,
    ) as file:  # fmt: skip
        file.attrs.update(format=FORMAT, key=key)
        for name, (shape, dtype) in spec.items():
            plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
            plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
            kind = h5py.h5t.py_create(np.dtype(dtype))
            space = h5py.h5s.create_simple(shape)
            h5py.h5d.create(file.id, name.encode(), kind, space, plist)
            axes, unit, method = words[name]
            file[name].attrs.update(axes=axes, unit=unit, origin=str(dtype), method=method)
        offsets = {name: file[name].id.get_offset() for name in spec}
    if hasattr(os, "posix_fallocate"):
        with open(path, "rb+") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return offsets


def _offsets(path, key, spec):
    """Where the arrays of a finished file lie, or None when it is not what it should be."""
    if not path.is_file():
        return None
    size = path.stat().st_size
    with h5py.File(path, "r", locking=False) as file:
        if file.attrs["format"] != FORMAT or file.attrs["key"] != key or "check" not in file.attrs:
            return None
        offsets = {}
        for name, (shape, dtype) in spec.items():
            found = file[name]
            if found.shape != tuple(shape) or found.dtype != np.dtype(dtype):
                return None
            offsets[name] = found.id.get_offset()
            if offsets[name] is None or offsets[name] + _bytes(shape, dtype) > size:
                return None
    return offsets


def _mapped(path, offset, shape, dtype, mode, private=False):
    """An array of a file; small ones, or all when `private`, are read into memory."""
    size = _bytes(shape, dtype)
    if mode == "c" and (private or size < _MAPPED):
        with open(path, "rb") as file:
            file.seek(offset)
            found = np.fromfile(file, dtype, size // np.dtype(dtype).itemsize)
        return found.reshape(shape)
    return np.asarray(np.memmap(path, dtype, mode, offset, tuple(shape)))


def _check(arrays):
    """Hash of the small arrays, and of a few bytes all over the large ones."""
    found = hashlib.blake2b(digest_size=16)
    for name in sorted(arrays):
        flat = arrays[name].reshape(-1)
        found.update(name.encode())
        found.update(np.ascontiguousarray(flat[:: max(1, flat.size // 256)]).tobytes())
    return found.hexdigest()


def _remove_leftovers(folder):
    """Remove what writers left behind that were killed long ago."""
    for path in folder.glob(f"*{UNFINISHED}"):
        with contextlib.suppress(OSError):  # another process removed it first
            if time.time() - path.stat().st_mtime > _LEFTOVER:
                path.unlink()
