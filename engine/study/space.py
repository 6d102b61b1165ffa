"""A full disk: noticed before it happens where that is possible, told clearly where not."""

import errno
import shutil

from engine.errors import MachineError

RESERVE = 16 << 20  # bytes that stay free, for the header and the end of the open part

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def free_bytes(folder):
    """Free bytes on the disk of a folder that exists."""
    return shutil.disk_usage(folder).free


def check_space(folder, needed):
    """Raise `MachineError` when `needed` bytes and a reserve do not fit on the disk."""
    free = free_bytes(folder)
    if free < needed + RESERVE:
        raise _full(folder, f"{free / 1e6:.0f} MB free, {(needed + RESERVE) / 1e6:.0f} MB needed")


def machine_error(error, folder):
    """The `MachineError` that says what an `OSError` while writing means."""
    if isinstance(error, MachineError):
        return error
    if getattr(error, "errno", None) in _FULL:
        return _full(folder, None)
    return MachineError(
        f"the study could not be written ({' '.join(str(error).split())})",
        where=folder,
        remedy="finished parts are kept; look after the disk and start again to continue",
    )


def _full(folder, details):
    return MachineError(
        "the disk is full" if details is None else f"the disk is full: {details}",
        where=folder,
        remedy="finished parts are kept; make room and start again to continue",
    )
