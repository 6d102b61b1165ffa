"""One writer a study: a lock that the system releases when its process ends, however it ends."""

import contextlib
import datetime
import errno
import json
import os
import socket
from pathlib import Path

from engine.errors import InputError
from engine.study.layout import LOCK

_FAR = 1 << 30  # Windows locks bytes, even unread ones, so lock one that nobody reads
_HELD = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}


class StudyLock:
    """Hold the lock of a study's folder until `release`.

    Raises
    ------
    InputError
        When another writer holds it; says who, where and since when.
    OSError
        When the folder cannot be written, or its file system has no locks.
    """

    def __init__(self, folder):
        self.path = Path(folder) / LOCK
        self._file = _opened(self.path)
        try:
            while not self._take():  # its last holder removed the file meanwhile
                self._file.close()
                self._file = _opened(self.path)
        except OSError as error:
            self._file.close()
            if error.errno not in _HELD:
                raise
            raise InputError(
                f"another process is writing this study: {self._holder()}",
                where=folder,
                remedy="wait for it, end it, or choose another destination with -o",
            ) from error
        self._sign()

    def _take(self):
        """Lock the file; whether it is the one that stands there under its name."""
        _lock(self._file)
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False

    def _sign(self):
        who = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        }
        with contextlib.suppress(OSError):  # a full disk: the lock holds, it is not signed
            self._file.truncate(0)
            self._file.write(json.dumps(who))
            self._file.flush()

    def _holder(self):
        try:
            who = json.loads(self.path.read_text(encoding="utf-8"))
            return f"process {who['pid']} on {who['host']}, since {who['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "it has not said who it is"

    def release(self, *, remove=False):
        """Give the lock back, and remove its file if asked; a second call does nothing."""
        if self._file.closed:
            return
        with contextlib.suppress(OSError):
            self._file.truncate(0)
        if remove:
            with contextlib.suppress(OSError):  # Windows removes no open file; it may stay
                self.path.unlink()
        _unlock(self._file)
        with contextlib.suppress(OSError):  # what could not be signed on a full disk
            self._file.close()


def _opened(path):
    return open(path, "a+", encoding="utf-8")


if os.name == "nt":
    import msvcrt

    def _lock(file):
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

    def _unlock(file):
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file):
        fcntl.flock(file, fcntl.LOCK_UN)
