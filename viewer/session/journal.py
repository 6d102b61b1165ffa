"""Session files: UTF-8 JSON lines, a header and then one command a line; written and read.

Whatever stands in a file that is read has been checked here as far as every command is alike:
texts, finite times, key frames in order. What a kind's arguments mean is its function's business.
"""

import contextlib
import errno
import json
import math
import os
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import InputError, MachineError
from viewer.session.command import Command

FORMAT = "lamella-session"
VERSION = 1
SUFFIX = ".lamella"
IN_FOLDER = "session.lamella"
LARGEST_BYTES = 256 << 20
LATEST_SECONDS = 1e7
PARTS = ("network", "data", "preprocessing", "window")


@dataclass(frozen=True)
class Header:
    """First line of a session file.

    Attributes
    ----------
    network, data : dict
        ``{hash, path}``; the path relative to the session file, ``sample:NAME``, or absolute.
        ``data`` also has ``labels``, ``classes`` and ``limit`` where they were said, ``network``
        ``scores``.
    preprocessing : dict
        Options that differ from the guess.
    window : dict
        What the session begins with: ``theme`` and ``layout``; ``size`` of the window, for the
        person's comfort only. ``exact`` false: a movie's frames do not wait for computing.
    study : dict
        ``{path}`` when a study was opened; else empty.
    others : list of dict
        ``{hash, path}`` of further files that the commands open.
    """

    network: dict = field(default_factory=dict)
    data: dict = field(default_factory=dict)
    preprocessing: dict = field(default_factory=dict)
    window: dict = field(default_factory=dict)
    study: dict = field(default_factory=dict)
    others: list = field(default_factory=list)

    def as_json(self):
        """The header as a dictionary."""
        content = {"format": FORMAT, "version": VERSION}
        content |= {name: getattr(self, name) for name in PARTS}
        for name in ("study", "others"):
            if getattr(self, name):
                content[name] = getattr(self, name)
        return content


def lines(header, commands):
    """The lines of a session file, without line ends."""
    for item in (header, *commands):
        yield json.dumps(item.as_json(), ensure_ascii=False, allow_nan=False)


def write(path, header, commands):
    """Write a session file; it replaces an older one only when complete.

    Raises
    ------
    InputError, MachineError
        It cannot be written there; a full disk. What was there before is still there.
    """
    path = Path(path)
    text = "\n".join(lines(header, commands)) + "\n"
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        with open(unfinished, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise not_written(path, error) from error


def not_written(path, error):
    """The error for a person when something cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return MachineError(
            "the disk is full", where=path, remedy="make room and save again, nothing is lost"
        )
    reason = (error.strerror or str(error)).lower()
    return InputError(f"it cannot be written: {reason}", where=path, remedy="save it elsewhere")


def file_of(path):
    """The session file that a path means: itself, or that in the folder of a session with data."""
    path = Path(path)
    return path / IN_FOLDER if (path / IN_FOLDER).is_file() else path


def is_session(path):
    """Whether a file is a session, by its name or by how it begins; or a folder that has one."""
    path = file_of(path)
    if path.is_dir():
        return False
    if path.suffix.lower() == SUFFIX:
        return True
    try:
        with open(path, "rb") as file:
            start = file.read(200).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError:
        return False
    return start.startswith(b"{") and FORMAT.encode() in start


def read(path):
    """Read a session file.

    Returns
    -------
    header : Header
    commands : list of Command

    Raises
    ------
    InputError
        Not a session, or of a newer version, or a line that is no command (its number is told).
    """
    path = Path(path)
    rows = [(number, row) for number, row in enumerate(_text(path).split("\n"), 1) if row.strip()]
    if not rows:
        raise InputError("the session file is empty", where=path, remedy="name another one")
    header = _header(path, rows[0][1])
    return header, [_command(path, number, row, number == rows[-1][0]) for number, row in rows[1:]]


def _text(path):
    try:
        if path.is_dir():
            raise InputError("a folder, not a session file", where=path)
        if not path.exists():
            raise InputError("there is no such session file", where=path, remedy="check the path")
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError("too large for a session file", where=path, got=path.stat().st_size)
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "not a session file: it is not text", where=path, expected="UTF-8"
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"it cannot be read: {reason}", where=path) from error


def _parsed(row):
    """One line as JSON without NaN, infinities, or half letters that no file could hold."""
    content = json.loads(row, parse_constant=_refuse, parse_float=_finite)
    json.dumps(content, ensure_ascii=False).encode()
    return content


def _refuse(word):
    raise ValueError(f"{word} is no number")


def _finite(word):
    value = float(word)
    if not math.isfinite(value):
        raise ValueError(f"{word} is too large")
    return value


def _header(path, row):
    try:
        content = _parsed(row)
    except (ValueError, RecursionError) as error:
        raise InputError("not a session file", where=path, expected="JSON lines") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError("not a session file", where=path, expected=f"format {FORMAT}")
    version = content.get("version", 0)
    if isinstance(version, bool) or not isinstance(version, int):
        raise InputError("its version is no number", where=path, got=version)
    if version > VERSION:
        raise InputError(
            "the session comes from a newer version of Lamella",
            where=path,
            expected=f"version {VERSION}",
            got=f"version {version}",
            remedy="open it with that one",
        )
    parts = {name: content.get(name) or {} for name in (*PARTS, "study")}
    parts["others"] = content.get("others") or []
    _check_header(path, parts)
    return Header(**parts)


def _check_header(path, parts):
    for name, part in parts.items():
        if not isinstance(part, list if name == "others" else dict):
            raise InputError(f"the header's {name} is not what it should be", where=path)
    named = [parts[name] for name in ("network", "data", "study")] + parts["others"]
    for entry in named:
        if not isinstance(entry, dict):
            raise InputError("the header names a file in no known way", where=path)
        for name in ("hash", "path", "labels", "classes", "scores"):
            if not isinstance(entry.get(name), (str, type(None))):
                raise InputError(f"the header's {name} is no text", where=path, got=entry[name])


def _command(path, number, row, is_last):
    where = f"{path}, line {number}"
    try:
        content = _parsed(row)
        if not isinstance(content, dict):
            raise TypeError("not an object")
        kind, args, version = content["kind"], content.get("args"), content.get("version", 1)
        if not isinstance(kind, str) or not isinstance(args or {}, dict):
            raise TypeError("kind is a text, args an object")
        if isinstance(version, bool) or not isinstance(version, int) or version < 1:
            raise TypeError("a version is a whole number above 0")
        return Command(kind, _with_keys(dict(args or {})), _seconds(content["t"]), version)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        remedy = "without this line the rest can be opened"
        what = "the line is no command"
        if is_last and not row.rstrip().endswith("}"):
            what = "the file ends in the middle of a command"
        raise InputError(what, where=where, remedy=remedy) from error


def _with_keys(args):
    """Arguments whose key frames, where there are any, rise in time and have the right form."""
    if "keys" not in args:
        return args
    latest = -1.0
    if not isinstance(args["keys"], list) or not args["keys"]:
        raise TypeError("keys is a list")
    for key in args["keys"]:
        offset, frame = key
        if _seconds(offset) < latest or not isinstance(frame, dict) or "keys" in frame:
            raise ValueError("key frames do not rise")
        latest = _seconds(offset)
    return args


def _seconds(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("a time is a number")
    if not 0 <= value <= LATEST_SECONDS:
        raise ValueError("a time is 0 or later")
    return float(value)
