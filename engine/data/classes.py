"""Names of classes, from files as people have them.

Text: one name a line; ``n01440764 tench, Tinca tinca``; ``0 person`` or ``0: 'person',`` or
``0,person`` (numbers may have gaps). JSON: a list of names, of ``{"id": 0, "name": "person"}``; a
dict from number to name, to ``[wnid, name]``, or from name to number.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError

_LARGEST_FILE = 64 << 20
_WNID = re.compile(r"^(n\d{8})(?:[\s,:]+\d+)?[\s,:]+(.*)$")
_NUMBERED = re.compile(r"^[{\s]*[\"']?(\d{1,9})[\"']?\s*(?:[:,;=\t]\s*|\s+)(.+?)[,}\s]*$")


@dataclass(frozen=True)
class ClassNames:
    """Names in the order of their indexes, and other words for them.

    Attributes
    ----------
    names : list of str
    aliases : dict[str, int]
        Normalised name, number or WordNet id -> index.
    notes : list of str
    """

    names: list[str]
    aliases: dict[str, int]
    notes: list[str]

    def index(self, text):
        """Index of a class by name, WordNet id or number as text; None when it is unknown."""
        return self.aliases.get(normalised(text))


def class_names(source):
    """Names of classes in the order of their indexes.

    Parameters
    ----------
    source : path or sequence of str

    Returns
    -------
    list of str

    Raises
    ------
    InputError
    """
    return read_classes(source).names


def read_classes(source):
    """`ClassNames` from a file, or from names that are given."""
    if not isinstance(source, (str, Path)):
        return _named(enumerate(map(str, source)), {}, [])
    text = read_text(source)
    if str(source).lower().endswith(".json"):
        entries = _from_json(text, source)
        return _named(entries, {}, [])
    return _from_lines(text, source)


def normalised(text):
    """A name for comparing: lower case, underscores, hyphens and spaces alike."""
    return " ".join(re.split(r"[\s_\-]+", str(text).strip().lower()))


def read_text(path):
    """The text of a small file (UTF-8, else Latin-1).

    Raises
    ------
    InputError
        When it is missing, a folder, larger than 64 MB, or not text.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InputError("the file is larger than 64 MB, too large for a list", where=path)
        data = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise InputError(reason, where=path, remedy="check the path") from error
    if b"\0" in data[:4096]:
        raise InputError("this is not a text file", where=path, remedy="give a .txt, .csv or .json")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_json(text, path):
    """The JSON document in a text.

    Raises
    ------
    InputError
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"this is not JSON: {error}", where=path, remedy="check the file"
        ) from error


def _from_lines(text, path):
    lines = [line.strip() for line in text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    lines = [line for line in lines if line not in ("{", "}", "[", "]")]
    if not any(lines):
        raise InputError("the file holds no class names", where=path, remedy="one name a line")
    wnids = [_WNID.match(line) for line in lines]
    if all(wnids):
        entries = [(i, m.group(2).replace("_", " ").strip()) for i, m in enumerate(wnids)]
        return _named(entries, {m.group(1): i for i, m in enumerate(wnids)}, [])
    numbered = [_NUMBERED.match(line) for line in lines]
    numbers = [int(m.group(1)) for m in numbered if m]
    if all(numbered) and len(set(numbers)) == len(numbers) and max(numbers) < 100_000:
        names = [_unquoted(m.group(2)) for m in numbered]
        return _counted(numbers, names)
    return _named(enumerate(_unquoted(line) for line in lines), {}, [])


def _counted(numbers, names):
    """Names with their own numbers; those that count from 1 without a gap start at 0."""
    first = min(numbers)
    contiguous = sorted(numbers) == list(range(first, first + len(numbers)))
    aliases = {str(number): number for number in numbers}
    notes = []
    if first == 1 and contiguous:
        notes.append("the class names are numbered from 1; they are counted from 0")
        aliases = {str(number): number - 1 for number in numbers}
        numbers = [number - 1 for number in numbers]
    return _named(zip(numbers, names, strict=True), aliases, notes)


def _from_json(text, path):
    document = read_json(text, path)
    if isinstance(document, dict):
        for key in ("names", "classes", "categories", "labels", "id2label"):
            if isinstance(document.get(key), (list, dict)):
                document = document[key]
                break
    try:
        if isinstance(document, list):
            return [_entry(i, item) for i, item in enumerate(document)]
        if isinstance(document, dict) and document:
            if all(str(key).isdigit() for key in document):
                return [(int(key), _entry(0, item)[1]) for key, item in document.items()]
            return [(int(item), str(key)) for key, item in document.items()]
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise _not_names(path) from error
    raise _not_names(path)


def _entry(i, item):
    if isinstance(item, dict):
        return int(item.get("id", i)), str(item["name"])
    if isinstance(item, list):
        return i, str(item[-1]).replace("_", " ")
    if not isinstance(item, str | int | float):
        raise TypeError(item)
    return i, str(item)


def _not_names(path):
    return InputError(
        "the file holds no class names", where=path, remedy='give a list of names or {"0": "name"}'
    )


def _named(entries, aliases, notes):
    entries = dict(entries)
    count = max(entries, default=-1) + 1
    if count > 100_000 or any(index < 0 for index in entries):
        raise InputError("a class number is below 0 or above 100,000", where="class names")
    names = [entries.get(i) or str(i) for i in range(count)]
    found = {}
    for index in sorted(entries):
        for synonym in (names[index], *names[index].split(",")):
            found.setdefault(normalised(synonym), index)
    found |= {normalised(alias): index for alias, index in aliases.items()}
    return ClassNames(names, found, notes)


def _unquoted(text):
    text = text.strip().rstrip(",").strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
