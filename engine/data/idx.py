"""IDX, the format of MNIST's own files, plain or gzipped.

Four bytes (0, 0, type, number of axes), the axes as big-endian 32-bit lengths, then the values.
The claimed size is compared with the file before anything of that size is asked for; a gzipped
file cannot hold more than 1032 times its size (the limit of deflate).
"""

import gzip
import re
import zlib
from pathlib import Path

import numpy as np

from engine.data.memory import check_claim, check_memory
from engine.errors import InputError

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_DEFLATE_LIMIT = 1032
_CHUNK = 8 << 20


def is_idx(path):
    """Whether the first bytes of a file, unpacked if gzipped, are those of IDX."""
    try:
        with _opened(path) as file:
            start = file.read(4)
    except (OSError, EOFError, zlib.error):
        return False
    return len(start) == 4 and start[:2] == b"\0\0" and start[2] in _TYPES and 1 <= start[3] <= 8


def read_idx(path, task=None):
    """The array of an IDX file; memory-mapped when it is not gzipped.

    Returns
    -------
    big-endian dtype[...]

    Raises
    ------
    InputError
        When it is no IDX file, or is shorter or longer than it claims.
    MachineError
        When a gzipped file does not fit the free memory.
    """
    path = Path(path)
    try:
        with _opened(path) as file:
            dtype, shape = _header(file, path)
            start = 4 + 4 * len(shape)
            size = check_claim(shape, dtype.itemsize, path)
            if not _is_gzipped(path):
                _compare(path.stat().st_size - start, size, path)
                return np.memmap(path, dtype, "r", start, shape)
            if size > path.stat().st_size * _DEFLATE_LIMIT:
                _compare(path.stat().st_size, size, path)
            check_memory(size, path)
            return _unpacked(file, size, path, task).view(dtype).reshape(shape)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"the gzipped file is damaged: {error}", where=path, remedy="download it again"
        ) from error


def labels_beside(path):
    """The ``*-labels-idx1*`` file that belongs to an ``*-images-idx3*`` file, or None."""
    path = Path(path)
    renamed = re.sub(r"images([-.])idx3", r"labels\1idx1", path.name)
    if renamed == path.name:
        return None
    plain = renamed.removesuffix(".gz")
    for name in (renamed, plain, plain + ".gz"):
        if (path.parent / name).is_file():
            return path.parent / name
    return None


def _opened(path):
    return gzip.open(path, "rb") if _is_gzipped(path) else open(path, "rb")


def _is_gzipped(path):
    with open(path, "rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _header(file, path):
    start = file.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _TYPES or not start[3]:
        raise InputError(
            "this is not an IDX file", where=path, remedy="give MNIST's files as published"
        )
    lengths = file.read(4 * start[3])
    if len(lengths) < 4 * start[3]:
        raise InputError("the file ends within its header", where=path, remedy="download it again")
    shape = tuple(int(n) for n in np.frombuffer(lengths, ">u4"))
    return np.dtype(_TYPES[start[2]]), shape


def _unpacked(file, size, path, task):
    values = np.empty(size, np.uint8)
    filled = 0
    while filled < size:
        part = file.read(min(_CHUNK, size - filled))
        if not part:
            _compare(filled, size, path)
        values[filled : filled + len(part)] = np.frombuffer(part, np.uint8)
        filled += len(part)
        if task is not None:
            task.report(filled, size, f"unpacking {path.name}")
    if file.read(1):
        raise InputError(
            "the file is longer than its header says", where=path, remedy="download it again"
        )
    return values


def _compare(got, claimed, path):
    if got != claimed:
        raise InputError(
            "the file is not as long as its header says",
            where=path,
            expected=f"{claimed} bytes of values",
            got=f"{got}",
            remedy="download it again",
        )
