"""What the two ends of a child process say to each other: JSON over a pipe, arrays beside it.

A message is a JSON object behind its length (8 bytes, little endian). Its arrays lie in a file
that both ends have open, one file for each direction: memory without a name (memfd) on Linux, a
temporary file elsewhere. Nothing is ever unpickled, so a child that a hostile model took over can
answer nonsense but cannot make its parent run code.
"""

import json
import math
import os
import struct
import sys
import tempfile

import numpy as np

HEADER = struct.Struct("<Q")
LONGEST_MESSAGE = 1 << 28
ALIGNMENT = 64
KINDS = frozenset("biufc")


class Closed(Exception):
    """The other end is gone."""


class SharedFile:
    """A file that both ends have open, through which one of them hands arrays to the other.

    Parameters
    ----------
    file : io.FileIO
        Unbuffered and open for reading and writing.
    path : str or None
        Where it lies, None for memory without a name.
    """

    def __init__(self, file, path=None):
        self._file = file
        self.path = path

    @classmethod
    def create(cls):
        """A new one, in memory where the system can do that."""
        if sys.platform == "linux":
            return cls(os.fdopen(os.memfd_create("lamella"), "r+b", buffering=0))
        handle, path = tempfile.mkstemp(prefix="lamella-")
        return cls(os.fdopen(handle, "r+b", buffering=0), path)

    @classmethod
    def open(cls, place):
        """The one that `place` named in the other process."""
        if isinstance(place, int):
            return cls(os.fdopen(place, "r+b", buffering=0))
        return cls(open(place, "r+b", buffering=0), place)

    @property
    def place(self):
        """What the other process opens it by: a descriptor it inherits, or a path."""
        return self._file.fileno() if self.path is None else self.path

    def put(self, arrays):
        """Write arrays (a dict by name) and return what `take` needs to read them."""
        table, offset = {}, 0
        for name, array in arrays.items():
            array = np.asarray(array, order="C")
            if array.dtype.kind not in KINDS:
                raise TypeError(f"{name}: arrays of {array.dtype} do not cross processes")
            self._file.seek(offset)
            _write_all(self._file, array)
            table[name] = [array.dtype.str, list(array.shape), offset]
            offset += -(-array.nbytes // ALIGNMENT) * ALIGNMENT
        return table

    def take(self, table):
        """Read the arrays that `put` wrote, as copies, and give their memory back."""
        arrays = {}
        for name, (dtype, shape, offset) in table.items():
            dtype = np.dtype(dtype)
            if dtype.kind not in KINDS:
                raise TypeError(f"{name}: arrays of {dtype} do not cross processes")
            size = math.prod(shape) * dtype.itemsize
            if size and offset + size > self._file.seek(0, os.SEEK_END):
                raise Closed(f"an array of shape {shape} that is not there")
            array = np.empty(tuple(shape), dtype)
            self._file.seek(offset)
            _read_all(self._file, array)
            arrays[name] = array
        if table:
            self._file.truncate(0)
        return arrays

    def close(self):
        """Close it here; a temporary file is removed by the end that made it."""
        self._file.close()

    def unlink(self):
        """Remove the temporary file, when it is one."""
        if self.path is not None and os.path.exists(self.path):
            os.unlink(self.path)


def _write_all(file, array):
    """Write a contiguous array completely (one call writes 2 GB at most)."""
    left = memoryview(array.reshape(-1).view(np.uint8))
    while left:
        left = left[file.write(left) :]


def _read_all(file, array):
    """Fill a contiguous array completely; `Closed` when the file has less."""
    left = memoryview(array.reshape(-1).view(np.uint8))
    while left:
        count = file.readinto(left)
        if not count:
            raise Closed("an array ended early")
        left = left[count:]


def send(descriptor, message):
    """Write one JSON message to a pipe; `Closed` when nobody reads it."""
    data = json.dumps(message, separators=(",", ":")).encode()
    left = memoryview(HEADER.pack(len(data)) + data)
    try:
        while left:
            left = left[os.write(descriptor, left) :]
    except OSError as error:
        raise Closed(str(error)) from error


def receive(descriptor):
    """Read one JSON message from a pipe; `Closed` at its end or when it makes no sense."""
    (length,) = HEADER.unpack(_read(descriptor, HEADER.size))
    if length > LONGEST_MESSAGE:
        raise Closed(f"a message of {length} bytes")
    try:
        return json.loads(_read(descriptor, length))
    except ValueError as error:
        raise Closed(f"a message that is no JSON: {error}") from error


def _read(descriptor, count):
    """Exactly `count` bytes of a pipe."""
    pieces = []
    while count:
        try:
            piece = os.read(descriptor, min(count, 1 << 20))
        except OSError as error:
            raise Closed(str(error)) from error
        if not piece:
            raise Closed("end of file")
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
