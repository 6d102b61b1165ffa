"""A study copied to where a session's data travels: its parts as they are, the data's new place."""

import shutil
from pathlib import Path

from engine.errors import InputError
from engine.study.layout import LOCK, UNFINISHED, is_study, read_header, write_header
from engine.study.lock import StudyLock


def files_of(study):
    """The files of a study that belong to a copy, relative to its folder.

    Returns
    -------
    list of (Path, int)
        With their bytes.
    """
    study, found = Path(study), []
    for path in sorted(study.rglob("*")):
        if path.is_file() and path.name != LOCK and not path.name.endswith(UNFINISHED):
            found.append((path.relative_to(study), path.stat().st_size))
    return found


def copy_study(study, target, data=None, task=None):
    """Copy a study that nobody writes.

    Parameters
    ----------
    study, target : path
        `target` must not exist.
    data : dict, optional
        A `DataSet.describe` of where its data is for the copy; the hash stays that of the data
        which the study was made from.
    task : Task, optional

    Raises
    ------
    InputError
        It is no study, or is being written.
    OSError
        A full disk.
    Cancelled
    """
    study, target = Path(study), Path(target)
    if not is_study(study):
        raise InputError("this is no study", where=study)
    lock = _lock(study)
    try:
        files = files_of(study)
        total = sum(size for _, size in files)
        done = 0
        for name, size in files:
            if task is not None:
                task.report(done, total, "saving the study")
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(study / name, target / name)
            done += size
    finally:
        if lock is not None:
            lock.release()
    if data is not None:
        header = read_header(target)
        header["data"] = {**data, "hash": header["data"].get("hash")}
        write_header(target, header)


def _lock(study):
    """The lock of a study; None where it cannot be written, so that nobody else writes it."""
    try:
        return StudyLock(study)
    except OSError:
        return None
