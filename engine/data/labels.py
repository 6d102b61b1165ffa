"""Labels of samples: from CSV, JSON, text, IDX and NumPy files, or from an archive's own array.

Texts become class indexes by the class names where there are some, else by the sorted order of the
distinct texts; numbers are indexes. A sample without a label gets -1.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from natsort import natsorted

from engine.data.classes import ClassNames, read_json, read_text
from engine.errors import InputError

# the likelier first: a table may have an id beside its files
_FILE_WORDS = ("file", "filename", "file_name", "path", "image", "img", "sample", "name", "id")
_LABEL_WORDS = {"label", "labels", "class", "category", "target", "y", "class_name", "classname"}
_NUMBERED_FILES = (".npy", ".npz", ".gz")
_LISTED = 5
_LARGEST_LABEL = 1 << 31
_MOST_DIGITS = 18


@dataclass(frozen=True)
class Labelled:
    """Labels with what they count.

    Attributes
    ----------
    labels : int32[N]
    classes : list of str or None
    origin : {'file', 'labels', 'data', None}
    notes : list of str
    """

    labels: np.ndarray
    classes: list[str] | None
    origin: str | None
    notes: list[str]


def read_label_table(path):
    """Rows of a labels file.

    Returns
    -------
    list of (file or None, text)
        ``file`` is None where the rows are in the order of the samples.

    Raises
    ------
    InputError
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in _NUMBERED_FILES or "idx1" in path.name:
        return [(None, str(v)) for v in _numbers_in(path)]
    text = read_text(path)
    rows = _from_json(read_json(text, path), path) if suffix == ".json" else _from_csv(text, path)
    if not rows:
        raise InputError("the file holds no labels", where=path, remedy="give lines of file,label")
    return rows


def labels_by_row(table, count, classes, where):
    """Labels of samples that have the order of the table.

    Raises
    ------
    InputError
        When there are more or fewer labels than samples.
    """
    if len(table) != count:
        raise InputError(
            "the labels do not fit the samples", where=where,
            expected=f"{count} labels", got=len(table), remedy="give one label a sample",
        )  # fmt: skip
    return as_labels([text for _, text in table], classes)


def labels_by_file(table, names, classes, where):
    """Labels of files by their name: the whole relative path, else the file's own name, else its
    stem.

    Parameters
    ----------
    table : list of (file, text)
    names : sequence of str
        Relative, with ``/``.
    """
    if table and table[0][0] is None:
        return labels_by_row(table, len(names), classes, where)
    by_key = {}
    for file, text in table:
        for key in _keys(file.replace("\\", "/").removeprefix("./")):
            by_key.setdefault(key, text)
    texts = []
    for name in names:
        texts.append(next((by_key[key] for key in _keys(name) if key in by_key), None))
    found = as_labels(texts, classes)
    missing = sum(text is None for text in texts)
    notes = [f"{Path(where).name}: {missing} of {len(names)} samples have no label"] * bool(missing)
    surplus = len({file for file, _ in table}) - (len(names) - missing)
    if surplus > 0:
        notes.append(f"{Path(where).name}: {surplus} labels belong to no sample that is read")
    return Labelled(found.labels, found.classes, found.origin, [*found.notes, *notes])


def _keys(name):
    """What a file may be called, the surest first: its path, name, stem; a number without zeros."""
    path = PurePosixPath(name)
    numbered = path.stem.isdecimal() and len(path.stem) <= _MOST_DIGITS
    number = str(int(path.stem)) if numbered else path.stem
    return list(enumerate((str(path), path.name, path.stem, number)))


def as_labels(texts, classes: ClassNames | None):
    """Indexes from texts; None stays -1.

    Numbers are indexes, unless the class names know them as names of their own.
    """
    known = [text for text in texts if text is not None]
    numeric = bool(known) and all(_is_whole(text) for text in known)
    if classes is not None:
        return _by_names(texts, classes, numeric)
    if numeric:
        labels = [-1 if text is None else max(-1, int(float(text))) for text in texts]
        return Labelled(np.array(labels, np.int32), None, "data", [])
    names = natsorted({text.strip() for text in known})
    place = {name: i for i, name in enumerate(names)}
    labels = [-1 if text is None else place[text.strip()] for text in texts]
    note = f"classes by the sorted order of the labels: {listed(names)}"
    return Labelled(np.array(labels, np.int32), names, "labels", [note])


def _by_names(texts, classes, numeric):
    labels, unknown = [], []
    for text in texts:
        index = None if text is None else classes.index(text)
        if index is None and text is not None and numeric:
            index = max(-1, int(float(text)))
        if index is None:
            unknown += [] if text is None else [text]
            index = -1
        labels.append(index)
    notes = list(classes.notes)
    if unknown:
        some = listed(sorted(set(unknown)), numbered=False)
        notes.append(f"{len(unknown)} labels are not among the class names: {some}")
    return Labelled(np.array(labels, np.int32), classes.names, "file", notes)


def from_array(values, where):
    """Texts of an archive's label array: ``[N]``, ``[N, 1]``, one-hot ``[N, K]``, numbers or text.

    Returns
    -------
    texts : list of str
    notes : list of str

    Raises
    ------
    InputError
    """
    values = np.asarray(values)
    notes = []
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 2 and values.dtype.kind in "biuf":
        if not ((values == 0) | (values == 1)).all() or not (values.sum(1) == 1).all():
            raise InputError("a sample has several labels; one is needed", where=where)
        notes.append(f"{where}: one-hot labels of {values.shape[1]} classes")
        values = values.argmax(1)
    if values.ndim != 1:
        raise InputError("these are not labels", where=where, got=list(values.shape))
    if values.dtype.kind == "f" and not np.all(values == np.rint(values)):
        raise InputError("labels are whole numbers or names", where=where, got=values.dtype)
    if values.dtype.kind in "biuf":
        values = values.astype(np.int64)
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values], notes


def listed(names, numbered=True):
    """The first names in a row: ``cat 0, dog 1 ...``."""
    some = [f"{name} {i}" if numbered else str(name) for i, name in enumerate(names[:_LISTED])]
    return ", ".join(some) + (" ..." if len(names) > _LISTED else "")


def _numbers_in(path):
    from engine.data.idx import is_idx, read_idx
    from engine.data.npz import read_labels

    try:
        values = read_idx(path) if is_idx(path) else read_labels(path)
    except OSError as error:
        raise InputError(
            "the labels cannot be read", where=path, remedy="check the path"
        ) from error
    return from_array(values, path)[0]


def _from_json(document, path):
    try:
        if isinstance(document, dict):
            items = document.get("labels", document)
            if isinstance(items, dict):
                return [(str(file), _text(label)) for file, label in items.items()]
            document = items
        if document and all(isinstance(row, dict) for row in document):
            return [(_field(row, _FILE_WORDS), _field(row, _LABEL_WORDS)) for row in document]
        if document and all(isinstance(row, list) and len(row) == 2 for row in document):
            return [(str(file), _text(label)) for file, label in document]
        return [(None, _text(label)) for label in document]
    except (KeyError, TypeError) as error:
        raise InputError(
            "the file holds no labels", where=path, remedy='give {"file.png": "label"} or a list'
        ) from error


def _text(label):
    if not isinstance(label, str | int | float):
        raise TypeError(label)
    return str(label)


def _field(row, words):
    return _text({key.lower(): value for key, value in row.items()}[_first(words, row)])


def _first(words, row):
    keys = {key.lower() for key in row}
    return next((word for word in words if word in keys), None)


def _from_csv(text, path):
    first = text.partition("\n")[0]
    separator = next((s for s in ("\t", ";", ",") if s in first), None)
    try:
        if separator is None:
            rows = [line.rsplit(None, 1) for line in text.splitlines() if line.strip()]
            if not all(len(row) == 2 and _is_whole(row[1]) for row in rows):
                rows = [[line.strip()] for line in text.splitlines() if line.strip()]
        else:
            reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
            rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(f"this is not a CSV: {error}", where=path) from error
    if not rows:
        return []
    file_column, label_column, header = _columns(rows[0])
    rows = rows[header:]
    if rows and max(len(row) for row in rows) == 1:
        return [(None, row[0].strip()) for row in rows]
    short = next((row for row in rows if len(row) <= max(file_column or 0, label_column)), None)
    if short is not None:
        raise InputError(
            "a line has too few columns", where=path, expected="file,label", got=",".join(short)
        )
    if file_column is None:
        return [(None, row[label_column].strip()) for row in rows]
    return [(row[file_column].strip(), row[label_column].strip()) for row in rows]


def _columns(row):
    """Which columns hold file and label, and whether the row that says so is a header."""
    words = [cell.strip().lower() for cell in row]
    if len(words) == 1:
        return None, 0, int(words[0] in _LABEL_WORDS)
    label = next((i for i, word in enumerate(words) if word in _LABEL_WORDS), None)
    files = [words.index(word) for word in _FILE_WORDS if word in words]
    file = next((i for i in files if i != label), None)
    if label is None and file is None:
        return 0, 1, 0
    if label is None:
        return file, 1 if file == 0 else 0, 1
    return file if file is not None else (0 if label else 1), label, 1


def _is_whole(text):
    try:
        value = float(text)
    except ValueError:
        return False
    return value.is_integer() and abs(value) < _LARGEST_LABEL
