"""Opening data: what kind it is, which of its arrays, with which labels, class names and limit."""

import os
from pathlib import Path

import numpy as np

from engine.data.classes import read_classes, read_json, read_text
from engine.data.dataset import DataSet
from engine.data.labels import (
    as_labels,
    from_array,
    labels_by_file,
    labels_by_row,
    read_label_table,
)
from engine.errors import InputError

_LIST_SUFFIXES = (".txt", ".csv", ".tsv", ".json", ".lst")
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_NPY_SIGNATURES = (b"\x93NUMPY", b"PK\x03\x04", b"PK\x05\x06")


def open_data(path, *, labels=None, classes=None, limit=None, task=None) -> DataSet:
    """Open a data set of any kind that Lamella knows.

    Parameters
    ----------
    path : path
        A folder; a picture, video, IDX, NPZ, NPY or HDF5 file; a list of files (.txt, .csv,
        .json); ``sample:digits`` (``::original`` at 8 x 8), ``sample:shapes``. ``PATH::SPLIT``
        picks an array of an archive, by its name or its split, or a subfolder.
    labels : path or sequence, optional
        A CSV ``file,label`` (with header or not), JSON, text with a label a line, IDX, or NumPy
        file; or the labels themselves.
    classes : path or sequence of str, optional
        Class names, see `engine.data.classes`.
    limit : int, optional
        At most that many samples: the first; with class folders, the first of each class.
    task : Task, optional

    Returns
    -------
    DataSet

    Raises
    ------
    InputError
        When it cannot be read or understood; one sentence.
    """
    if isinstance(path, DataSet):
        return path
    if limit is not None and (int(limit) != limit or limit < 1):
        raise InputError("a limit is a whole number of at least 1", where="--limit", got=limit)
    named = None if classes is None else read_classes(classes)
    text = str(path)
    if not text:
        raise InputError("it is empty", where="DATA", remedy="name a folder or a file")
    split = None
    try:
        if text.startswith("sample:"):
            text, _, split = text.partition("::")
            data = _sample(text, split or None, labels, named, limit, task)
        else:
            place, split = split_of(text)
            data = _OPENERS[_kind(place)](place, split, labels, named, limit, task)
    except OSError as error:
        reason = (error.strerror or str(error) or "it cannot be read").lower()
        raise InputError(reason, where=text, remedy="check the path and its permissions") from error
    data.opened_with = {
        "split": split or None,
        "labels": _plain(labels),
        "classes": _plain(classes),
        "limit": limit,
    }
    return data


def reopen(description, *, relative_to=None, task=None) -> DataSet:
    """Open again what `DataSet.describe` described.

    Parameters
    ----------
    description : dict
    relative_to : path, optional
        The folder that the description's relative paths start from (the study's).

    Raises
    ------
    InputError
        When it is gone, or holds another number of samples than it did.
    """
    found = {}
    for key, relative in (
        ("path", "relative"), ("labels", "relative_labels"), ("classes", "relative_classes"),
    ):  # fmt: skip
        value = description.get(key)
        if isinstance(value, str) and not value.startswith("sample:"):
            value = _found(value, description.get(relative), relative_to)
        found[key] = value
    path, split = found["path"], description.get("split")
    data = open_data(
        f"{path}::{split}" if split else path,
        labels=found["labels"],
        classes=found["classes"],
        limit=description.get("limit"),
        task=task,
    )
    if len(data) != description.get("samples", len(data)):
        raise InputError(
            "the data set is not what it was",
            where=path,
            expected=f"{description['samples']} samples",
            got=len(data),
            remedy="restore it, or open it as a new study",
        )
    return data


def split_of(text):
    """``PATH::SPLIT`` as ``(Path, split or None)``; a path that exists as it is has no split."""
    if "::" not in text or os.path.exists(text):
        return Path(text), None
    path, _, split = text.rpartition("::")
    if not path or not split:
        raise InputError("nothing stands beside ::", where=text, remedy="write PATH::SPLIT")
    return Path(path), split


def _found(path, relative, folder):
    places = [Path(path)]
    if folder is not None:
        places += [Path(folder) / relative] if relative else []
        places += [Path(folder).parent / Path(path).name]
    for place in places:
        if place.exists():
            return os.path.abspath(place)
    raise InputError("the data set is gone", where=path, remedy="give its new place")


def _plain(value):
    if value is None or isinstance(value, (str, Path)):
        return None if value is None else os.path.abspath(value)
    return [v.item() if hasattr(v, "item") else v for v in value]


def _kind(path):
    if path.is_dir():
        return "folder"
    if not path.exists():
        raise InputError("there is no such file or folder", where=path, remedy="check the path")
    if not path.is_file():
        raise InputError("this is neither a file nor a folder", where=path)
    from engine.data.decode import looks_like_picture
    from engine.data.idx import is_idx
    from engine.data.video import VIDEO_SUFFIXES, is_animated

    with open(path, "rb") as file:
        start = file.read(8)
    suffix = path.suffix.lower()
    if not start:
        raise InputError("the file is empty", where=path, remedy="get it again")
    if start.startswith(_HDF5_SIGNATURE) or suffix in (".h5", ".hdf5", ".hdf"):
        return "hdf5"
    if start.startswith(_NPY_SIGNATURES) or suffix in (".npz", ".npy"):
        return "npz"
    if is_idx(path) or "idx" in path.name and suffix == ".gz":
        return "idx"
    if suffix in VIDEO_SUFFIXES:
        return "video"
    if looks_like_picture(path):
        return "video" if is_animated(path) else "file"
    if suffix in _LIST_SUFFIXES:
        return "list"
    raise InputError(
        "this kind of data is not known",
        where=path,
        got=suffix or "no suffix",
        remedy="give a folder of pictures, NPZ, HDF5, IDX, a video or a list of files",
    )


# -- one opener a kind: (path, split, labels, named, limit, task) -> DataSet -------------------


def _folder(path, split, labels, named, limit, task):
    from engine.data.folder import beside, class_indexes, open_folder, spread
    from engine.data.kept import is_kept, open_kept

    if is_kept(path):
        data = open_kept(path)
        _give(data, labels, named)
        return data
    archive = _only_archive(path, split)
    if archive is not None:
        data = _OPENERS[_kind(archive[0])](*archive, labels, named, limit, task)
        data.notes.insert(0, f"the folder holds no pictures; {archive[0].name} is read")
        return data
    data = open_folder(path, split, task)
    if named is None and (file := beside(path, "classes")) is not None:
        named = read_classes(file)
        data.notes.append(f"class names from {file.name}")
    if labels is None and data.class_of is None and (file := beside(path, "labels")) is not None:
        labels = file
        data.notes.append(f"labels from {file.name}")
    if limit is not None:
        chosen = spread(data.class_of, limit) if data.class_of else range(min(limit, len(data)))
        if data.class_of and len(chosen) < len(data):
            data.notes.append(f"{len(chosen)} of {len(data)} samples, as evenly over the classes")
        data = data.only(chosen)
    if labels is not None:
        _give_labels(data, labels, named)
    elif data.class_of is not None:
        found = class_indexes(data.class_of, data.class_folders, named)
        data.labels, data.classes, data.class_origin = found[:3]
        data.notes += found[3]
    elif named is not None:
        data.classes, data.class_origin = named.names, "file"
    return data


def _only_archive(path, split):
    """The array file to read in a folder without pictures or subfolders: (file, split), or None."""
    from engine.data.decode import looks_like_picture
    from engine.data.idx import is_idx
    from engine.data.video import VIDEO_SUFFIXES

    files = sorted(p for p in path.iterdir() if not p.name.startswith("."))
    suffixes = {p.suffix.lower() for p in files}
    if any(p.is_dir() for p in files) or suffixes & VIDEO_SUFFIXES:
        return None
    if any(looks_like_picture(p) for p in files):
        return None
    idx = [p for p in files if "images" in p.name and "idx" in p.name and is_idx(p)]
    if idx:
        wanted = {"test": ("t10k", "test")}.get(split or "test", (split,))
        named = [p for p in idx if any(word in p.name for word in wanted)]
        chosen = named or (idx if split is None else [])
        return (chosen[0], None) if chosen else None
    archives = [p for p in files if p.suffix.lower() in (".npz", ".h5", ".hdf5")]
    return (archives[0], split) if len(archives) == 1 else None


def _list(path, split, labels, named, limit, task):
    from engine.data.folder import open_files

    lines = _lines(path)
    lines = lines if limit is None else lines[:limit]
    data, texts = open_files(path, lines)
    if labels is not None:
        _give_labels(data, labels, named)
    elif any(text is not None for text in texts):
        _take(data, as_labels(texts, named))
    elif named is not None:
        data.classes, data.class_origin = named.names, "file"
    return data


def _lines(path):
    """Files of a list, with their labels where there are any."""
    if path.suffix.lower() == ".txt" or path.suffix.lower() == ".lst":
        lines = [line.strip() for line in read_text(path).splitlines()]
        lines = [line for line in lines if line and not line.startswith("#")]
        if all(_exists(path, line) or len(line.rsplit(None, 1)) == 1 for line in lines):
            return [(line, None) for line in lines]
    elif path.suffix.lower() == ".json":
        document = read_json(read_text(path), path)
        if isinstance(document, list) and all(isinstance(item, str) for item in document):
            return [(item, None) for item in document]
    table = read_label_table(path)
    if any(file is None for file, _ in table):
        return [(text, None) for _, text in table]
    return table


def _exists(path, line):
    try:
        return (path.parent / line).is_file()
    except (OSError, ValueError):
        return False


def _file(path, split, labels, named, limit, task):
    from engine.data.folder import open_file

    data = open_file(path)
    _give(data, labels, named)
    return data


def _video(path, split, labels, named, limit, task):
    from engine.data.video import Video, VideoData

    video = Video(path, task)
    data = VideoData(os.path.abspath(path), video, min(video.count, limit or video.count))
    data.notes.append(f"{video.count} frames of {path.name}")
    _give(data, labels, named)
    return data


def _idx(path, split, labels, named, limit, task):
    from engine.data.arrays import ArrayData, as_pictures, sensible_dtype
    from engine.data.idx import labels_beside, read_idx

    stack = read_idx(path, task)
    stack, notes = as_pictures(stack, path.name)
    dtype, converted = sensible_dtype(stack, path.name)
    whole = len(stack)
    data = ArrayData(os.path.abspath(path), "idx", stack[:limit], dtype=dtype)
    data.notes += notes + converted
    beside = labels_beside(path) if labels is None else None
    if beside is None:
        _give(data, labels, named)
        return data
    texts, _ = from_array(read_idx(beside), beside)
    data.notes.append(f"labels from {beside.name}")
    if len(texts) != whole:
        raise InputError(
            "the labels beside it do not fit", where=path, expected=f"{whole} labels",
            got=f"{len(texts)} in {beside.name}", remedy="give --labels",
        )  # fmt: skip
    _take(data, as_labels(texts[:limit], named))
    return data


def _arrays(path, split, labels, named, limit, task):
    if _kind(path) == "npz":
        from engine.data.npz import open_npz as opener
    else:
        from engine.data.hdf5 import open_hdf5 as opener
    data, found, class_names = opener(path, split, task)
    data.path = os.path.abspath(path)
    if class_names is not None and named is None:
        named = read_classes(class_names)
        data.notes.append("class names from the archive")
    if labels is None and found is not None:
        texts, notes = from_array(found, path.name)
        data.notes += notes
        _take(data, labels_by_row([(None, t) for t in texts], len(data), named, path))
    else:
        _give(data, labels, named)
    return data if limit is None else data.only(limit)


def _sample(text, split, labels, named, limit, task):
    name = text.removeprefix("sample:")
    if name == "digits":
        from engine.data.digits import open_digits

        if split not in (None, "original"):
            raise InputError(f"it has no split {split!r}", where=text, expected="original")
        data = open_digits(limit, original=split == "original")
        _give(data, labels, named)
        return data
    file = _sample_file(name)
    if file is None:
        raise InputError(f"there is no sample {name!r}", where=text, remedy="try sample:digits")
    data = _arrays(file, split, labels, named, limit, task)
    data.path, data.name = text, name
    return data


def _sample_file(name):
    """``samples/NAME/NAME.npz`` beside the engine, or inside the installed viewer package."""
    from importlib.util import find_spec

    roots = [Path(__file__).resolve().parents[2]]
    viewer = find_spec("viewer")
    if viewer is not None and viewer.submodule_search_locations:
        roots += [Path(place) for place in viewer.submodule_search_locations]
    files = [root / "samples" / name / f"{name}.npz" for root in roots]
    return next((f for f in files if f.is_file()), None) if name.isidentifier() else None


_OPENERS = {
    "folder": _folder,
    "list": _list,
    "file": _file,
    "video": _video,
    "idx": _idx,
    "npz": _arrays,
    "hdf5": _arrays,
}


# -- labels ------------------------------------------------------------------------------------


def _give(data, labels, named):
    if labels is not None:
        _give_labels(data, labels, named)
    elif named is not None:
        if data.labels is None:
            data.classes, data.class_origin = named.names, "file"
        else:
            _take(data, as_labels([str(v) for v in data.labels], named))


def _give_labels(data, labels, named):
    if isinstance(labels, (str, Path)):
        table = read_label_table(labels)
        _take(data, labels_by_file(table, data.names, named, labels))
        return
    texts = [None if v is None else str(v) for v in np.asarray(labels).tolist()]
    _take(data, labels_by_row([(None, t) for t in texts], len(data), named, "labels"))


def _take(data, labelled):
    data.labels = labelled.labels
    data.classes = labelled.classes
    data.class_origin = labelled.origin
    data.notes += labelled.notes
