"""Session files: UTF-8 JSON lines, a header and then one command a line; written and read."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import InputError
from viewer.session.command import Command

FORMAT = "lamella-session"
VERSION = 1


@dataclass(frozen=True)
class Header:
    """First line of a session file.

    Attributes
    ----------
    network, data : dict
        ``{hash, path}``; the path relative to the session file, ``sample:NAME``, or absolute.
    preprocessing : dict
        Options that differ from the guess.
    window : dict
        Size of the window, for the person's comfort only.
    """

    network: dict = field(default_factory=dict)
    data: dict = field(default_factory=dict)
    preprocessing: dict = field(default_factory=dict)
    window: dict = field(default_factory=dict)

    def as_json(self):
        """The header as a dictionary."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "network": self.network,
            "data": self.data,
            "preprocessing": self.preprocessing,
            "window": self.window,
        }


def lines(header, commands):
    """The lines of a session file, without line ends."""
    for item in (header, *commands):
        yield json.dumps(item.as_json(), ensure_ascii=False, allow_nan=False)


def write(path, header, commands):
    """Write a session file; it replaces an older one only when complete."""
    path = Path(path)
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_text("\n".join(lines(header, commands)) + "\n", encoding="utf-8")
    unfinished.replace(path)


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
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read as a session: {error}", where=path) from error
    rows = [(number, row) for number, row in enumerate(text.splitlines(), 1) if row.strip()]
    if not rows:
        raise InputError("the session file is empty", where=path)
    header = _header(path, rows[0][1])
    return header, [_command(path, number, row) for number, row in rows[1:]]


def _header(path, row):
    try:
        content = json.loads(row)
    except json.JSONDecodeError as error:
        raise InputError("not a session file", where=path) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError("not a session file", where=path, expected=f"format {FORMAT}")
    if content.get("version", 0) > VERSION:
        raise InputError(
            "the session comes from a newer version of Lamella",
            where=path,
            expected=f"version {VERSION}",
            got=f"version {content['version']}",
        )
    parts = {
        name: content.get(name) or {} for name in ("network", "data", "preprocessing", "window")
    }
    return Header(**parts)


def _command(path, number, row):
    where = f"{path}, line {number}"
    try:
        content = json.loads(row)
        return Command(
            str(content["kind"]),
            dict(content.get("args") or {}),
            float(content["t"]),
            int(content.get("version", 1)),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise InputError("the line is no command", where=where) from error
