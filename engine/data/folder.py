"""Picture files: a folder with its class subfolders, a single file, or a list of files.

A folder is walked in natural order (``img2`` before ``img10``). Subfolders that hold pictures are
classes when there are at least two and no picture lies beside them; a folder whose only content is
one subfolder is entered; subfolders named train, val, test are splits. Videos in a folder give
their frames as samples with the video as group.
"""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from natsort import natsort_keygen

from engine.data.dataset import BrokenSample, DataSet
from engine.data.decode import decode, decode_small, looks_like_picture
from engine.data.labels import listed
from engine.data.video import VIDEO_SUFFIXES, Video
from engine.errors import InputError

WHOLE = 1 << 20
ENDS = 64 << 10
_SPLITS = ("test", "val", "valid", "validation", "train", "training", "testing")
_NOT_DATA = {"__MACOSX", "Thumbs.db", "desktop.ini"}
_LABEL_FILES = ("labels.csv", "labels.tsv", "labels.json", "labels.txt")
_CLASS_FILES = ("classes.txt", "classes.json", "class_names.txt", "class_names.json")
_HASHERS = 4
_key = natsort_keygen()


@dataclass(frozen=True)
class Entry:
    """One sample: a file, or a frame of a video."""

    path: str
    name: str
    group: str | None = None
    frame: int | None = None


class FolderData(DataSet):
    """Samples that are files.

    Parameters
    ----------
    entries : list of Entry
    videos : dict[str, Video]
        The opened videos by path.
    """

    def __init__(self, path, kind, entries, videos=None, **details):
        names = [entry.name for entry in entries]
        groups = [entry.group for entry in entries]
        super().__init__(path, kind, len(entries), names=names, groups=groups, **details)
        self._entries = entries
        self._videos = videos or {}
        self.class_of = None
        self.class_folders = None

    def only(self, indexes):
        """Some of the samples, before labels are given; all that was said stays."""
        some = FolderData(
            self.path, self.kind, [self._entries[i] for i in indexes], self._videos, name=self.name
        )
        some.notes, some.skipped = self.notes, self.skipped
        some.class_folders = self.class_folders
        some.class_of = self.class_of and [self.class_of[i] for i in indexes]
        return some

    def _read(self, i):
        entry = self._entries[i]
        if entry.frame is not None:
            return self._videos[entry.path].frame(entry.frame)
        return decode(entry.path, entry.name)

    def thumbnail(self, i, size=64):
        i = self._index(i)
        entry = self._entries[i]
        if entry.frame is not None:
            return super().thumbnail(i, size)
        try:
            return decode_small(entry.path, size, entry.name)
        except BrokenSample as error:
            self._skip(i, error.what)
            raise

    def file_of(self, i):
        entry = self._entries[self._index(i)]
        return entry.path if entry.frame is None else None

    def _feed(self, digest, task):
        files = {}
        for entry in self._entries:
            files.setdefault(entry.path, entry.group or entry.name)
        with ThreadPoolExecutor(_HASHERS) as pool:
            hashes = pool.map(_file_hash, files)
            for done, (name, content) in enumerate(zip(files.values(), hashes, strict=True), 1):
                digest.update(f"{name}\0{content}\n".encode("utf-8", "surrogateescape"))
                if task is not None:
                    try:
                        task.report(done, len(files), "reading the files once")
                    except BaseException:
                        pool.shutdown(cancel_futures=True)
                        raise
        for entry in self._entries:
            if entry.frame is not None:
                digest.update(f"{entry.frame},".encode())


def open_folder(path, split=None, task=None):
    """The pictures of a folder, with labels by class subfolders where there are any.

    Returns
    -------
    FolderData
        Its ``class_of`` attribute is a list of class-folder names, or None.

    Raises
    ------
    InputError
        When there are no pictures, or the split is not there.
    """
    root = Path(path)
    walk = _Walk(task)
    tree = walk.read(root)
    notes = []
    base = tree
    while base.only_child and not (split and base.child(split)):
        base = base.only_child
        notes.append(f"the pictures lie in {base.path.relative_to(root).as_posix()}")
    base, note = _split_of(base, split, root)
    notes += [note] if note else []
    classes = [c for c in base.children if c.count or c.empty] if base.has_classes else None
    found = []
    for folder, files in base.walk():
        top = folder.parts[len(base.path.parts)] if folder != base.path else None
        found += [(folder / file, top) for file in files]
    if not found:
        raise InputError(
            "the folder holds no pictures", where=path if split is None else f"{path}::{split}",
            got=f"{walk.others} other files" if walk.others else "nothing",
            remedy="give a folder of PNG or JPEG files, with or without one subfolder a class",
        )  # fmt: skip
    return _assembled(root, found, classes, notes, walk)


def _assembled(root, found, classes, notes, walk):
    entries, tops, videos, skipped = [], [], {}, []
    for file, top in found:
        name = file.relative_to(root).as_posix()
        added = _entries_of(file, name, videos, skipped)
        entries += added
        tops += [top] * len(added)
    data = FolderData(os.path.abspath(root), "folder", entries, videos)
    data.skipped += skipped
    data.notes += notes + walk.notes()
    if videos:
        data.notes.append(f"{len(videos)} videos, whose frames are samples")
    data.class_of = tops if classes else None
    data.class_folders = [c.path.name for c in classes] if classes else None
    return data


def open_files(path, lines, kind="list"):
    """A data set of listed files.

    Parameters
    ----------
    path : path
        The list itself; files are relative to its folder.
    lines : list of (file, label text or None)

    Returns
    -------
    data : FolderData
    labels : list of (str or None)
        One for each sample.
    """
    base = Path(path).parent
    entries, texts, videos, skipped = [], [], {}, []
    for file, text in lines:
        full = base / file
        if not full.is_file():
            skipped.append((file, "the file is not there"))
            continue
        added = _entries_of(full, file, videos, skipped)
        entries += added
        texts += [text] * len(added)
    if not entries:
        raise InputError(
            "none of the listed files is there", where=path, got=listed([f for f, _ in lines],
            False), remedy="give paths relative to the list",
        )  # fmt: skip
    data = FolderData(os.path.abspath(path), kind, entries, videos)
    data.skipped += skipped
    if skipped:
        data.notes.append(f"{len(skipped)} of {len(lines)} listed files cannot be read")
    return data, texts


def open_file(path):
    """A data set of one picture."""
    path = Path(os.path.abspath(path))
    decode(path, path.name)
    return FolderData(path, "list", [Entry(str(path), path.name)])


def beside(folder, kind):
    """A labels file (``kind='labels'``) or class-names file (``'classes'``) that belongs to a
    folder."""
    folder = Path(folder)
    inside = _LABEL_FILES if kind == "labels" else _CLASS_FILES
    candidates = [folder / name for name in inside]
    if kind == "labels":
        for suffix in (".csv", ".json"):
            candidates += [folder.with_name(folder.name + end + suffix) for end in ("", "_labels")]
    return next((file for file in candidates if file.is_file()), None)


def spread(class_of, limit):
    """Indexes of the first samples of each class, as evenly as possible, in order.

    Parameters
    ----------
    class_of : list of hashable
    limit : int

    Returns
    -------
    list of int
    """
    members = {}
    for i, key in enumerate(class_of):
        members.setdefault(key, []).append(i)
    chosen, turn = [], 0
    while len(chosen) < min(limit, len(class_of)):
        row = [indexes[turn] for indexes in members.values() if turn < len(indexes)]
        chosen += row[: limit - len(chosen)]
        turn += 1
    return sorted(chosen)


def _entries_of(file, name, videos, skipped):
    if file.suffix.lower() not in VIDEO_SUFFIXES:
        return [Entry(str(file), name)]
    try:
        video = Video(file)
    except InputError as error:
        skipped.append((name, error.what))
        return []
    videos[str(file)] = video
    digits = len(str(video.count - 1))
    return [Entry(str(file), f"{name}#{k:0{digits}d}", name, k) for k in range(video.count)]


def _file_hash(path):
    """Size and content of a file; of large ones the first and last 64 KB."""
    digest = hashlib.sha256()
    try:
        size = os.path.getsize(path)
        digest.update(f"{size}\n".encode())
        with open(path, "rb") as file:
            if size <= WHOLE:
                digest.update(file.read())
            else:
                digest.update(file.read(ENDS))
                file.seek(-ENDS, os.SEEK_END)
                digest.update(file.read())
    except OSError as error:
        digest.update(f"unreadable: {error.strerror}".encode())
    return digest.hexdigest()


class _Folder:
    """A folder as walked: its own picture files, its subfolders in natural order."""

    def __init__(self, path, files, children, others):
        self.path, self.files, self.children, self.others = path, files, children, others
        self.count = len(files) + sum(c.count for c in children)

    @property
    def empty(self):
        return not self.files and not self.children and not self.others

    @property
    def filled(self):
        return [c for c in self.children if c.count]

    @property
    def only_child(self):
        return self.filled[0] if not self.files and len(self.filled) == 1 else None

    @property
    def has_classes(self):
        return not self.files and len(self.filled) >= 2

    def child(self, name):
        return next((c for c in self.children if c.path.name.lower() == name.lower()), None)

    def walk(self):
        yield self.path, self.files
        for child in self.children:
            yield from child.walk()


class _Walk:
    """Reads a tree of folders, counting what it leaves out."""

    def __init__(self, task):
        self._task = task
        self._seen = set()
        self._found = 0
        self.others = 0
        self.hidden = []
        self.unreadable = []

    def read(self, path):
        real = os.path.realpath(path)
        if real in self._seen:  # a link back to a folder that is being read
            return _Folder(path, [], [], 1)
        self._seen.add(real)
        try:
            with os.scandir(path) as scan:
                entries = sorted(scan, key=lambda e: _key(e.name))
        except OSError as error:
            self.unreadable.append(f"{path} ({(error.strerror or 'unreadable').lower()})")
            return _Folder(path, [], [], 1)
        files, children, others = [], [], 0
        for entry in entries:
            if entry.name.startswith(".") or entry.name in _NOT_DATA:
                if entry.is_file() and looks_like_picture(entry.path):
                    self.hidden.append(entry.name)
            elif entry.is_dir():
                children.append(self.read(path / entry.name))
            elif looks_like_picture(entry.path) or _is_video(entry.name):
                files.append(entry.name)
            else:
                others += 1
        self.others += others
        self._found += len(files)
        if self._task is not None:
            self._task.report(self._found, None, f"found {self._found} pictures")
        return _Folder(path, files, children, others)

    def notes(self):
        """What was left out, one sentence each."""
        notes = []
        if self.others:
            notes.append(f"{self.others} other files are no pictures")
        if self.hidden:
            hidden = listed(self.hidden, numbered=False)
            notes.append(f"{len(self.hidden)} hidden files that look like pictures: {hidden}")
        if self.unreadable:
            notes.append(f"folders that cannot be read: {listed(self.unreadable, numbered=False)}")
        return notes


def _is_video(name):
    return os.path.splitext(name)[1].lower() in VIDEO_SUFFIXES


def _split_of(folder, split, root):
    """The subfolder of a split, asked for or by default test; the folder itself when there is
    none."""
    if split is not None:
        child = folder.child(split)
        if child is None:
            have = listed([c.path.name for c in folder.children], numbered=False)
            raise InputError(
                "there is no such subfolder", where=f"{root}::{split}", got=have or "no subfolders",
                remedy="name one of them after ::",
            )  # fmt: skip
        return child, f"the split {split}"
    names = {c.path.name.lower() for c in folder.filled}
    if folder.files or not names or not names <= set(_SPLITS):
        return folder, None
    chosen = next(name for name in _SPLITS if name in names)
    have = listed([c.path.name for c in folder.filled], numbered=False)
    return folder.child(chosen), f"the split {chosen} of {have}; another: {root.name}::NAME"


def class_indexes(class_of, class_folders, classes):
    """Labels of samples by their class folder.

    Parameters
    ----------
    class_of : list of str
        Folder of each sample.
    class_folders : list of str
        All class folders in natural order.
    classes : ClassNames or None

    Returns
    -------
    labels : int32[N]
    names : list of str
    origin : str
    notes : list of str
    """
    if classes is not None:
        place = {folder: classes.index(folder) for folder in class_folders}
        unknown = [folder for folder, index in place.items() if index is None]
        if len(unknown) < len(class_folders):
            labels = [-1 if place[c] is None else place[c] for c in class_of]
            notes = [*classes.notes, "class folders are numbered by the class names"]
            if unknown:
                some = listed(unknown, numbered=False)
                notes.append(f"{len(unknown)} class folders are not among the class names: {some}")
            return np.array(labels, np.int32), classes.names, "file", notes
        if len(classes.names) == len(class_folders):
            labels = _by_order(class_of, class_folders)
            note = "class folders match no class name; both are taken in their order"
            return labels, classes.names, "file", [*classes.notes, note]
        some = listed(unknown, numbered=False)
        note = f"no class folder is among the class names: {some}; numbered by sorted order"
        return _by_order(class_of, class_folders), list(class_folders), "folders", [note]
    note = f"class folders are numbered by sorted order: {listed(class_folders)}"
    return _by_order(class_of, class_folders), list(class_folders), "folders", [note]


def _by_order(class_of, class_folders):
    place = {folder: i for i, folder in enumerate(class_folders)}
    return np.array([place.get(c, -1) for c in class_of], np.int32)
