"""Some samples of a data set, kept in a folder that travels with a session.

::

    DATA/
      lamella-samples.json    names, labels, classes and groups of all samples; which are here
      pictures/000012.jpg     a picture file as it was, byte for byte,
      pictures/000013.npz     or (arrays, video frames) the picture itself, of its own dtype

Samples keep their numbers, so that what a session says of sample 12 stays true; one that is not
here is a `BrokenSample` that says so. Labels and class names are those of all samples.
"""

import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np

from engine.data.dataset import BrokenSample, DataSet
from engine.data.decode import decode, decode_small
from engine.errors import InputError

FORMAT = "lamella-samples"
VERSION = 1
HEADER = "lamella-samples.json"
PICTURES = "pictures"
ARRAY = ".npz"
MOST_SAMPLES = 10**8
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


class KeptData(DataSet):
    """The samples of such a folder; see `open_kept`."""

    def __init__(self, path, header):
        count = header["samples"]
        super().__init__(
            path, "kept", count, name=header["name"], names=header["names"], groups=header["groups"]
        )
        self._suffixes = {int(number): suffix for number, suffix in header["kept"].items()}
        self.notes.append(f"{len(self._suffixes):,} of {count:,} samples were kept")

    @property
    def kept(self):
        """Numbers of the samples that are here, in order."""
        return sorted(self._suffixes)

    def file_of(self, i):
        file = self._file(self._index(i))
        return None if file.suffix == ARRAY else str(file)

    def _file(self, i):
        suffix = self._suffixes.get(i)
        if suffix is None:
            raise BrokenSample("it was not saved with the session", where=self.names[i])
        return Path(self.path) / PICTURES / f"{i:06d}{suffix}"

    def _read(self, i):
        file = self._file(i)
        if file.suffix != ARRAY:
            return decode(str(file), self.names[i])
        try:
            with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as archive:
                picture = archive["picture"]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
            raise BrokenSample(f"it cannot be read: {error}", where=self.names[i]) from error
        picture.flags.writeable = False
        return picture

    def thumbnail(self, i, size=64):
        i = self._index(i)
        file = self._file(i)
        if file.suffix == ARRAY:
            return super().thumbnail(i, size)
        return decode_small(str(file), size, self.names[i])

    def _feed(self, digest, task):
        for done, i in enumerate(self.kept, 1):
            try:
                content = hashlib.sha256(self._file(i).read_bytes()).hexdigest()
            except OSError:
                content = "missing"
            digest.update(f"{i} {content}\n".encode())
            if task is not None:
                task.report(done, len(self._suffixes), "reading the samples once")


def is_kept(path):
    """Whether a folder holds kept samples."""
    return (Path(path) / HEADER).is_file()


def open_kept(path):
    """Open a folder that `keep` wrote.

    Returns
    -------
    KeptData
        With labels and class names.

    Raises
    ------
    InputError
        Its header is damaged, or of a newer version.
    """
    header = _header(Path(path) / HEADER)
    data = KeptData(Path(path).absolute(), header)
    data.classes, data.class_origin = header["classes"], header["class_origin"]
    if header["labels"] is not None:
        data.labels = np.array(header["labels"], np.int32)
    return data


def _header(path):
    try:
        header = json.loads(path.read_text(encoding="utf-8"))
        if header["format"] != FORMAT:
            raise ValueError("another format")
        if header["version"] > VERSION:
            raise InputError("it was written by a newer version of Lamella", where=path)
        _check(header)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            "the kept samples cannot be read", where=path, got=error, remedy="save them again"
        ) from error
    return header


def _check(header):
    count = header["samples"]
    if isinstance(count, bool) or not isinstance(count, int) or not 0 < count <= MOST_SAMPLES:
        raise ValueError("the number of samples")
    for name in ("names", "groups", "labels"):
        if header[name] is not None and len(header[name]) != count:
            raise ValueError(f"the number of {name}")
    for name in ("names", "classes", "groups"):
        if not all(isinstance(text, (str, type(None))) for text in header[name] or ()):
            raise ValueError(name)
    if not all(isinstance(label, int) and -1 <= label < 2**31 for label in header["labels"] or ()):
        raise ValueError("labels")
    for number, suffix in header["kept"].items():
        if not 0 <= int(number) < count or not _SUFFIX.fullmatch(suffix):
            raise ValueError("what was kept")


def size_of(data, numbers):
    """Bytes that `keep` will write at most.

    Parameters
    ----------
    data : DataSet
    numbers : sequence of int
    """
    total, plain = 0, None
    for i in numbers:
        try:
            file = data.file_of(i)
            if file is None and plain is None:
                plain = data.image(i).nbytes + 300
            total += plain if file is None else os.stat(file).st_size
        except (BrokenSample, FileNotFoundError):
            continue
    return total


def keep(data, numbers, folder, task=None):
    """Write some samples of a data set into a new folder.

    Parameters
    ----------
    data : DataSet
        With labels and classes as they are to be kept.
    numbers : sequence of int
        Which samples.
    folder : path
        Made; must not exist.
    task : Task, optional

    Returns
    -------
    list of (str, str)
        Names of samples that could not be read, and why; they are left out.

    Raises
    ------
    OSError
        A full disk, a folder that cannot be written.
    Cancelled
    """
    folder, kept, faults = Path(folder), {}, []
    (folder / PICTURES).mkdir(parents=True)
    numbers = sorted(set(numbers))
    for done, i in enumerate(numbers):
        if task is not None:
            task.report(done, len(numbers), "saving the samples")
        try:
            kept[str(i)] = _keep_one(data, i, folder / PICTURES)
        except BrokenSample as error:
            faults.append((data.names[i], error.what))
    header = {
        "format": FORMAT,
        "version": VERSION,
        "name": data.name,
        "samples": len(data),
        "of": data.hash,
        "names": list(data.names),
        "groups": list(data.groups) if any(data.groups) else None,
        "labels": None if data.labels is None else [int(label) for label in data.labels],
        "classes": None if data.classes is None else list(data.classes),
        "class_origin": data.class_origin,
        "kept": kept,
    }
    text = json.dumps(header, ensure_ascii=True, allow_nan=False)
    (folder / HEADER).write_text(text + "\n", encoding="utf-8")
    return faults


def _keep_one(data, i, folder):
    """Write one sample; returns its file's suffix."""
    file = data.file_of(i)
    suffix = "" if file is None else Path(file).suffix.lower()
    if _SUFFIX.fullmatch(suffix) and suffix != ARRAY:
        try:
            shutil.copyfile(file, folder / f"{i:06d}{suffix}")
        except FileNotFoundError as error:
            raise BrokenSample("the file is gone", where=data.names[i]) from error
        return suffix
    content = io.BytesIO()
    np.savez_compressed(content, picture=data.image(i))
    (folder / f"{i:06d}{ARRAY}").write_bytes(content.getvalue())
    return ARRAY
