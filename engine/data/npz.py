"""NPY and NPZ files, read without believing them: no pickles, claims checked against the file.

NPY files are memory-mapped. Of an NPZ only the chosen arrays are unpacked, once, into memory.
"""

import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from engine.data.arrays import ArrayData, as_flat_pictures, as_pictures, sensible_dtype
from engine.data.choosing import ArrayFacts, choose
from engine.data.memory import check_claim, check_memory
from engine.errors import InputError

_DEFLATE_LIMIT = 1032
_CHUNK = 8 << 20
_BAD_HEADER = (
    ValueError,
    SyntaxError,
    TypeError,
    KeyError,
    EOFError,
    MemoryError,
    RecursionError,
    tokenize.TokenError,
)
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
    (3, 0): np.lib.format.read_array_header_2_0,  # differs in the names of fields only
}
_BAD_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)


def open_npz(path, split=None, task=None):
    """The data set in an ``.npz`` or ``.npy`` file, without limit or labels of its own options.

    Returns
    -------
    data : ArrayData
    labels : array or None
        As stored: numbers ``[N]``, ``[N, 1]``, one-hot ``[N, K]`` or text.
    class_names : list of str or None
    """
    path = Path(path)
    if not zipfile.is_zipfile(path):
        stack = read_npy(path)
        return _as_data(path, stack, path.name, []), None, None
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = _listed(archive, path)
            choice = choose(list(arrays.values()), split, path)
            stack = _read_member(archive, choice.pictures, path, task)
            labels = choice.labels and _read_member(archive, choice.labels, path, task)
            names = choice.class_names and _read_member(archive, choice.class_names, path, task)
    except _BAD_ZIP as error:
        raise InputError(
            f"the archive is damaged: {error or type(error).__name__}",
            where=path,
            remedy="save it again with numpy.savez",
        ) from error
    data = _as_data(path, stack, choice.pictures.name, choice.notes)
    return data, labels, None if names is None else [str(n) for n in names]


def read_npy(path):
    """The array of an ``.npy`` file, memory-mapped.

    Raises
    ------
    InputError
        When it is no such file, holds objects, or is shorter than it claims.
    """
    path = Path(path)
    with open(path, "rb") as file:
        facts, fortran, start = _header(file, path)
    size = check_claim(facts.shape, facts.dtype.itemsize, path)
    _compare(path.stat().st_size - start, size, path)
    if not size:
        return np.empty(facts.shape, facts.dtype)
    return np.memmap(path, facts.dtype, "r", start, facts.shape, "F" if fortran else "C")


def _as_data(path, stack, name, notes):
    if stack.ndim == 2 and notes:
        stack, more = as_flat_pictures(stack, name)
    else:
        stack, more = as_pictures(stack, name)
    dtype, converted = sensible_dtype(stack, name)
    data = ArrayData(path, "npz", stack, dtype=dtype)
    data.notes += [*notes, *more, *converted]
    return data


def _listed(archive, path):
    """Facts of each array, from headers alone."""
    arrays = {}
    for info in archive.infolist():
        if info.is_dir() or not info.filename.endswith(".npy"):
            continue
        with archive.open(info) as file:
            facts, _, _ = _header(file, f"{path}::{info.filename}")
        name = info.filename.removesuffix(".npy")
        arrays[name] = ArrayFacts(name, facts.shape, facts.dtype)
    if not arrays:
        raise InputError(
            "the archive holds no arrays", where=path, remedy="save it with numpy.savez"
        )
    return arrays


def _header(file, where):
    """Name, shape and dtype; whether columns come first; where the values begin."""
    try:
        shape, fortran, dtype = _HEADERS[np.lib.format.read_magic(file)](file)
    except _BAD_HEADER as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(
            f"this is not a NumPy array: {reason}",
            where=where,
            remedy="save it with numpy.save",
        ) from error
    if dtype.hasobject:
        dtype = np.dtype(object)
    return ArrayFacts(str(where), tuple(int(n) for n in shape), dtype), fortran, file.tell()


def _read_member(archive, facts, path, task):
    where = f"{path}::{facts.name}"
    info = archive.getinfo(f"{facts.name}.npy")
    if facts.dtype.hasobject:
        raise InputError(
            "the array holds Python objects, which are never loaded",
            where=where,
            remedy="save it again as numbers or text",
        )
    size = check_claim(facts.shape, facts.dtype.itemsize, where)
    with archive.open(info) as file:
        _, fortran, start = _header(file, where)
        _compare(info.file_size - start, size, where)
        if size > path.stat().st_size * _DEFLATE_LIMIT:
            _compare(path.stat().st_size, size, where)
        check_memory(size, where)
        values = np.empty(size, np.uint8)
        filled = 0
        while filled < size:
            part = file.read(min(_CHUNK, size - filled))
            if not part:
                _compare(filled, size, where)
            values[filled : filled + len(part)] = np.frombuffer(part, np.uint8)
            filled += len(part)
            if task is not None:
                task.report(filled, size, f"unpacking {facts.name}")
        file.read(1)  # at the end: zipfile compares the checksum
    array = values.view(facts.dtype) if size else np.empty(0, facts.dtype)
    return array.reshape(facts.shape, order="F" if fortran else "C")


def _compare(got, claimed, where):
    if got != claimed:
        raise InputError(
            "the array is not as long as its header says",
            where=where,
            expected=f"{claimed} bytes of values",
            got=f"{got}",
            remedy="save it again with numpy.save",
        )


def read_labels(path):
    """The label array of an ``.npy`` file, or of an ``.npz`` that holds one array or one of labels.

    Raises
    ------
    InputError
    """
    from engine.data.choosing import LABELS, words_of

    path = Path(path)
    if not zipfile.is_zipfile(path):
        return read_npy(path)
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = [a for a in _listed(archive, path).values() if len(a.shape) in (1, 2)]
            named = [a for a in arrays if set(words_of(a.name)) & LABELS]
            chosen = arrays if len(arrays) == 1 else named
            if len(chosen) != 1:
                raise InputError(
                    "which array holds the labels is not clear",
                    where=path,
                    got=", ".join(map(str, arrays)) or "no arrays with 1 axis",
                    remedy="save one array named labels",
                )
            return _read_member(archive, chosen[0], path, None)
    except _BAD_ZIP as error:
        raise InputError(f"the archive is damaged: {error}", where=path) from error
