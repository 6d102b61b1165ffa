"""One writer a study: a lock that the system releases when its process ends, however it ends."""

import contextlib
import datetime
import json
import os
import socket
from pathlib import Path

from engine.errors import InputError
from engine.study.layout import LOCK

_FAR = 1 << 30  # Windows locks bytes, even unread ones, so lock one that nobody reads


class StudyLock:
    """Hold the lock of a study's folder until `release`.

    Raises
    ------
    InputError
        When another writer holds it; says who, where and since when.
    """

    def __init__(self, folder):
        self.path = Path(folder) / LOCK
        self._file = open(self.path, "a+", encoding="utf-8")  # noqa: SIM115 (held)
        try:
            _lock(self._file)
        except OSError as error:
            self._file.close()
            raise InputError(
                f"another process is writing this study: {self._holder()}",
                where=folder,
                todo="wait for it, end it, or choose another destination with -o",
            ) from error
        self._file.truncate(0)
        json.dump(
            {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "since": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
            },
            self._file,
        )
        self._file.flush()

    def _holder(self):
        try:
            who = json.loads(self.path.read_text(encoding="utf-8"))
            return f"process {who['pid']} on {who['host']}, since {who['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "it has not said who it is"

    def release(self):
        """Give the lock back; a second call does nothing."""
        if self._file.closed:
            return
        with contextlib.suppress(OSError):  # a full disk must not keep the lock
            self._file.truncate(0)
        _unlock(self._file)
        self._file.close()


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
