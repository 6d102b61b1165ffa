"""A data set: an ordered collection of samples, read one by one, with names, groups and labels."""

import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.data.pictures import shown
from engine.errors import LamellaError

FORMAT = 1


class BrokenSample(LamellaError):
    """One sample that cannot be read; the others can."""


class Numbered(Sequence):
    """Names of samples that have none: their numbers, with enough zeros to sort well."""

    def __init__(self, count):
        self._count = count
        self._digits = len(str(max(0, count - 1)))

    def __len__(self):
        return self._count

    def __getitem__(self, i):
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(self._count))]
        if not -self._count <= i < self._count:
            raise IndexError(i)
        return f"{i % self._count:0{self._digits}d}"


class DataSet:
    """Samples in order; pictures are decoded when asked for. Safe for several reader threads.

    Attributes
    ----------
    name : str
        Short, for titles.
    path : str
        What was opened, absolute, or ``sample:NAME``.
    kind : {'folder', 'list', 'idx', 'npz', 'hdf5', 'video', 'digits', 'kept'}
    classes : list of str or None
        Names of the classes that `labels` count.
    class_origin : {'file', 'folders', 'labels', 'data', None}
        Where `classes` come from: a class-names file; folders or label texts in sorted order; the
        data itself.
    labels : int32[N] or None
        Class of each sample, -1 where it is not known.
    names : sequence of str
    groups : sequence of (str or None)
        The video that a sample is a frame of.
    notes : list of str
        What was chosen and why, one sentence each.
    skipped : list of (name, reason)
        Samples and files that could not be read; grows while reading.
    """

    def __init__(self, path, kind, count, *, name=None, names=None, groups=None):
        self.path = str(path)
        self.kind = kind
        self.name = name or Path(self.path).name or self.path
        self.names = Numbered(count) if names is None else names
        self.groups = [None] * count if groups is None else groups
        self.labels = None
        self.classes = None
        self.class_origin = None
        self.notes = []
        self.skipped = []
        self.opened_with = {"split": None, "labels": None, "classes": None, "limit": None}
        self._count = count
        self._hash = None
        self._hash_lock = threading.Lock()
        self._skip_lock = threading.Lock()
        self._broken = set()

    def __len__(self):
        return self._count

    def __repr__(self):
        return f"<DataSet {self.name}: {len(self)} samples, {self.kind}>"

    def image(self, i):
        """The picture of sample `i` as it is stored.

        Returns
        -------
        dtype[H, W] or dtype[H, W, C]
            Original dtype; not to be written to.

        Raises
        ------
        BrokenSample
            When this sample cannot be read; it is then also listed in `skipped`.
        IndexError
            When there is no such sample.
        """
        i = self._index(i)
        try:
            return self._read(i)
        except BrokenSample as error:
            self._skip(i, error.what)
            raise

    def images(self, first, stop):
        """The pictures of samples `first` to `stop` (not included).

        Returns
        -------
        dtype[n, H, W], dtype[n, H, W, C] or list
            One array where all have one shape in memory, which is quicker; else a list, in which a
            broken sample is its `BrokenSample`.
        """
        pictures = []
        for i in range(first, min(stop, len(self))):
            try:
                pictures.append(self.image(i))
            except BrokenSample as error:
                pictures.append(error)
        return pictures

    def thumbnail(self, i, size=64):
        """The picture, small: ``uint8[h, w, 3]``, the longer side `size` pixels, not enlarged.

        Raises
        ------
        BrokenSample
        """
        from PIL import Image

        image = Image.fromarray(shown(self.image(i)))
        image.thumbnail((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
        return np.asarray(image)

    def file_of(self, i):
        """The picture file that sample `i` is; None where it is a part of a file."""
        return None

    # -- identity ------------------------------------------------------------------------------

    @property
    def hash(self):
        """SHA-256 (hex) of the samples, not of their labels; see `identify`."""
        return self.identify()

    def identify(self, task=None):
        """Compute `hash` with progress (once; later calls return it).

        Arrays, IDX and videos: dtype, shape and content. Folders and lists: for each file its
        relative name, size and content, of which files above 1 MB give the first and last 64 KB.
        A `limit` and a split count, because they choose other samples; labels do not.
        """
        with self._hash_lock:
            if self._hash is None:
                digest = hashlib.sha256(f"lamella data {FORMAT} {len(self)}\n".encode())
                self._feed(digest, task)
                self._hash = digest.hexdigest()
            return self._hash

    def describe(self, relative_to=None):
        """What `reopen` needs to give this data set again: a JSON dict.

        Parameters
        ----------
        relative_to : path, optional
            A folder (the study's): paths are also kept relative to it, for copies that move
            together.
        """
        return {
            "format": FORMAT,
            "kind": self.kind,
            "name": self.name,
            "path": self.path,
            "relative": _relative(self.path, relative_to),
            **self.opened_with,
            "relative_labels": _relative(self.opened_with["labels"], relative_to),
            "relative_classes": _relative(self.opened_with["classes"], relative_to),
            "samples": len(self),
            "hash": self.hash,
            "class_names": self.classes,
            "class_origin": self.class_origin,
            "notes": list(self.notes),
            "skipped": [list(s) for s in self.skipped],
        }

    # -- for the kinds of data -----------------------------------------------------------------

    def _read(self, i):
        raise NotImplementedError(f"{type(self).__name__} reads no pictures")

    def _feed(self, digest, task):
        raise NotImplementedError(f"{type(self).__name__} has no identity")

    def _index(self, i):
        if not -len(self) <= i < len(self):
            raise IndexError(f"sample {i} of {len(self)}")
        return int(i) % len(self)

    def _skip(self, i, reason):
        with self._skip_lock:
            if i not in self._broken:
                self._broken.add(i)
                self.skipped.append((self.names[i], reason))


def _relative(path, folder):
    if not isinstance(path, str) or folder is None or path.startswith("sample:"):
        return None
    try:
        return os.path.relpath(path, folder)
    except ValueError:  # another drive on Windows
        return None
