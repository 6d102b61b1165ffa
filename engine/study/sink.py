"""The file under an HDF5 file that is being written, so that a full disk fails in our hands.

HDF5 cannot give up: after a failed write it tries again at every close, fails, and says so on
standard error for each object. Here the first error is kept, what follows is dropped as if it
had been written, and the one who writes asks `check` after every step.

What was written is given to the disk at once and leaves the system's page cache: a part goes there
before it is finished anyway, new pages for gigabytes cost more than the copying (measured: 2.8 ns a
byte, 0.4 with pages that are used again), and other programs keep what they have in memory.
"""

import os

AT_ONCE = 16 << 20  # bytes that wait in the page cache, about


class Sink:
    """A file object for `h5py.File`.

    Parameters
    ----------
    path : path
        Made, or emptied.

    Attributes
    ----------
    error : OSError or None
        The first one.
    """

    def __init__(self, path):
        self._file = open(path, "w+b", buffering=0)
        self._place = 0
        self._size = 0
        self._waiting = 0
        self.error = None

    def check(self):
        """Raise the first error of writing."""
        if self.error is not None:
            raise self.error

    def seek(self, offset, whence=os.SEEK_SET):
        """Move; nothing is touched before reading or writing."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = start + offset
        return self._place

    def tell(self):
        """Where it is."""
        return self._place

    def write(self, data):
        """Write all of `data`, or keep the error and go on as if."""
        data = memoryview(data).cast("B")
        if self.error is None:
            try:
                self._file.seek(self._place)
                done = 0
                while done < len(data):
                    done += self._file.write(data[done:])
                self._waiting += len(data)
                if self._waiting >= AT_ONCE:
                    self._let_go()
            except OSError as error:
                self.error = error
        self._place += len(data)
        self._size = max(self._size, self._place)
        return len(data)

    def _let_go(self):
        """Bring everything to the disk and out of the page cache, where the system can do that."""
        self._waiting = 0
        if hasattr(os, "posix_fadvise"):
            os.fdatasync(self._file.fileno())
            os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def read(self, size=-1):
        """Read from here on; h5py knows a file by this method."""
        self._file.seek(self._place)
        data = self._file.read(size)
        self._place += len(data)
        return data

    def readinto(self, buffer):
        """Read what HDF5 put away before; zeros where writing failed."""
        self._file.seek(self._place)
        count = self._file.readinto(buffer)
        if self.error is not None:
            memoryview(buffer).cast("B")[count:] = bytes(len(buffer) - count)
            count = len(buffer)
        self._place += count
        return count

    def truncate(self, size=None):
        """Set the file's size."""
        size = self._place if size is None else size
        if self.error is None:
            try:
                self._file.truncate(size)
            except OSError as error:
                self.error = error
        self._size = size
        return size

    def flush(self):
        """Do nothing: nothing is held back."""

    def sync(self):
        """Wait until the disk has everything."""
        os.fsync(self._file.fileno())

    def close(self):
        """Close the file."""
        self._file.close()
