"""How a study lies on disk: file names, the header ``study.json``, canonical JSON, safe writing.

::

    NAME.study/
      study.json        the header, below; replaced whole
      lock              who writes; locked while a writer lives
      parts/00000.h5    samples of some blocks; written as .tmp, flushed, renamed, never changed
      results/KEY.h5    what was derived from them, by a hash of all it depends on; written the same
                        way, made again when it is missing or damaged (`engine.embedding.keeping`)
      selections.json   named selections; replaced whole
      orders.json       named orders of channels; replaced whole

``study.json``::

    format "lamella-study", version 1
    identity        what the arrays depend on, compared before a study is continued:
                    {network: hash, data: hash, preprocessing: {...}, options: {...}}
    network, data, preprocessing, classes, scores, versions, ...    facts for the reader
    plan            what would depend on time, decided once: {batch, block, samples,
                    layers: [LayerPlan]}
    wanted          [LayerPlan] of layers that are being written again
    report          what the last extraction reported

A part is HDF5 and explains itself: attributes ``format, version, study`` (hash of the identity),
``kind``, ``layers`` (JSON: name, channels, where they stand) and ``check`` (hash of ``layers`` and
``blocks``). Groups: ``blocks``, ``samples``, ``skipped``; with the channels of all layers side by
side ``pooled`` and ``statistics``; with one dataset a layer ``values`` and ``positions``. Every
dataset has the attributes ``axes, unit, origin, method``.
"""

import contextlib
import errno
import hashlib
import json
import os
from pathlib import Path

from engine.errors import InputError
from engine.study.sizes import LayerPlan
from engine.study.space import machine_error

FORMAT = "lamella-study"
PART_FORMAT = "lamella-part"
VERSION = 1
HEADER = "study.json"
PARTS = "parts"
LOCK = "lock"
PART_SUFFIX = ".h5"
UNFINISHED = ".tmp"


def canonical(data):
    """JSON text with sorted keys and no spare spaces; equal data give equal text."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(data):
    """SHA-256 of the canonical JSON, as hexadecimal digits."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def part_path(folder, number):
    """Path of part `number`."""
    return Path(folder) / PARTS / f"{number:05d}{PART_SUFFIX}"


def part_paths(folder):
    """The finished parts, by number (other files are no parts)."""
    parts = Path(folder) / PARTS
    found = [p for p in parts.glob(f"*{PART_SUFFIX}") if p.stem.isdecimal()]
    return sorted(found, key=lambda p: int(p.stem))


def is_study(path):
    """Whether a folder holds a study."""
    return (Path(path) / HEADER).is_file()


def read_header(folder):
    """Read and check ``study.json``.

    Raises
    ------
    InputError
        When it is missing, damaged or from a newer program.
    """
    path = Path(folder) / HEADER
    if not path.is_file():
        raise InputError(
            f"this is no study: it has no {HEADER}",
            where=folder,
            remedy="give the folder that `lamella extract -o` wrote",
        )
    try:
        header = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(
            f"the header is damaged ({error})", where=path, remedy="extract the study again"
        ) from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise InputError("this is not the header of a study", where=path)
    if not isinstance(header.get("version"), int) or header["version"] > VERSION:
        raise InputError(
            "the study was written by a newer Lamella",
            where=path,
            expected=f"version {VERSION} at most",
            got=header.get("version"),
            remedy="update Lamella",
        )
    try:
        dict(header["identity"])
        [LayerPlan.from_json(plan) for plan in header["plan"]["layers"]]
        [LayerPlan.from_json(plan) for plan in header.get("wanted", ())]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"the header is damaged (identity or plan: {error!r})",
            where=path,
            remedy="extract the study again",
        ) from error
    return header


def write_header(folder, header):
    """Replace ``study.json`` as a whole: after a crash it is the old or the new one."""
    text = json.dumps(header, indent=1, allow_nan=False)  # ASCII: a path may be no text
    replace_text(Path(folder) / HEADER, text)


def replace_text(target, text):
    """Replace a file of a study as a whole: after a crash it is the old or the new one.

    Raises
    ------
    MachineError
        The disk is full, or the folder cannot be written.
    """
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        with open(unfinished, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise machine_error(error, target.parent) from error
    sync_folder(target.parent)


def sync_folder(folder):
    """Make renames in a folder last; only POSIX has, and needs, this."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system without it
            raise machine_error(error, folder) from error
    finally:
        os.close(handle)


def differences(there, here, path=""):
    """Where two identities differ: list of (dotted path, value there, value here)."""
    if isinstance(there, dict) and isinstance(here, dict):
        found = []
        for key in sorted(set(there) | set(here)):
            inner = f"{path}.{key}" if path else str(key)
            found += differences(there.get(key), here.get(key), inner)
        return found
    return [] if there == here else [(path, there, here)]
