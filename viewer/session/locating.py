"""Where the files of a session are: beside it, where they were, among recent ones, or asked for.

Paths stand in a session file relative to it where they lie beside or below it (so that a folder can
move as a whole), absolute elsewhere, or as ``sample:NAME``. A path that leads nowhere is looked for
by its hash among the recent files; what is not there either is `Missing`, and the answer of a
person is given to `load` again.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import InputError, LamellaError
from viewer.session import journal
from viewer.session.command import Command
from viewer.session.replay import fault_of
from viewer.state import layout as layouts
from viewer.state.tree import State
from viewer.state.window import THEMES, WindowSettings

SAMPLE = "sample:"
ROLES = ("network", "data", "study", "labels", "classes")
HASHED = ("network", "data")


@dataclass(frozen=True)
class Missing:
    """A file of a session that is not at hand.

    Attributes
    ----------
    role : str
        ``'network'``, ``'data'``, ``'study'``, ``'labels'`` or ``'classes'``.
    path : str
        As it stands in the session; the key of the answer.
    hash : str or None
        By which it is known.
    """

    role: str
    path: str
    hash: str | None = None

    def __str__(self):
        return f"the {self.role} {self.path} is not there"


@dataclass(frozen=True)
class Loaded:
    """A session file, ready to be played.

    Attributes
    ----------
    path : Path
    header : journal.Header
    commands : tuple of Command
        With the paths of this machine; they begin with opening what the header names.
    first : State
        What they begin with: theme and layout of the header.
    missing : tuple of Missing
    notes : tuple of str
        What was found elsewhere.
    faults : tuple of (int, str)
        Commands that this program does not know, by their place, and why.
    """

    path: Path
    header: journal.Header
    commands: tuple
    first: State
    missing: tuple = ()
    notes: tuple = ()
    faults: tuple = ()


def load(path, *, answers=None, recents=(), task=None):
    """Read a session file and find what it opens.

    Parameters
    ----------
    path : path
    answers : dict of str to str, optional
        Where a person says that something is: by its path in the session, or ``'network'`` and
        ``'data'`` for those of the header.
    recents : sequence of dict
        ``{network, data}`` that were opened lately.
    task : Task, optional

    Returns
    -------
    Loaded

    Raises
    ------
    InputError
        As `journal.read`.
    """
    path = journal.file_of(path)
    header, commands = journal.read(path)
    finder = _Finder(header, path.absolute().parent, answers or {}, recents, task)
    commands = tuple(finder.found(command) for command in with_opening(header, commands))
    faults = [(place, fault_of(command)) for place, command in enumerate(commands)]
    return Loaded(
        path,
        header,
        commands,
        first_state(header),
        tuple(finder.missing.values()),
        tuple(finder.notes),
        tuple((place, fault) for place, fault in faults if fault is not None),
    )


def with_opening(header, commands):
    """The commands, begun by opening what the header names where they do not open anything."""
    if any(command.kind == "open" for command in commands):
        return list(commands)
    args = {}
    for role in ("network", "data", "study"):
        path = getattr(header, role).get("path")
        if path is not None:
            args[role] = path
    for role, names in (("data", ("labels", "classes", "limit")), ("network", ("scores",))):
        for name in names:
            if getattr(header, role).get(name) is not None:
                args[name] = getattr(header, role)[name]
    if header.preprocessing:
        args["preprocessing"] = header.preprocessing
    return [Command("open", args, 0.0), *commands] if args else list(commands)


def first_state(header):
    """The state that a session begins with: the theme and the layout of its header.

    Raises
    ------
    InputError
    """
    window, changes = header.window, {}
    if window.get("theme") is not None:
        if window["theme"] not in THEMES:
            raise InputError("no such theme", where="session", got=window["theme"])
        changes["theme"] = window["theme"]
    if window.get("layout") is not None:
        changes["layout"] = layouts.from_json(window["layout"])
    return State(window=WindowSettings(**changes))


def mismatches(header, network_hash, data_hash):
    """What is not what the session was made with, in sentences.

    Parameters
    ----------
    header : journal.Header
    network_hash, data_hash : str or None
        Of what is open; None: not known.
    """
    told = []
    for role, got in (("network", network_hash), ("data", data_hash)):
        entry = getattr(header, role)
        wanted = entry.get("hash")
        if wanted and got and wanted != got:
            told.append(
                f"the {role} {entry.get('path')} is not the one that the session was made with "
                f"(SHA-256 {wanted[:12]}, here {got[:12]})"
            )
    return told


def hash_of(role, path, header=None, task=None):
    """SHA-256 of a network or of data, as the engine knows them; reads all of it."""
    if role == "network":
        from engine.network.load import hash_model
        from viewer.samples import network_file

        return hash_model(network_file(path))
    from engine.data import open_data

    limit = None if header is None else header.data.get("limit")
    return open_data(path, limit=limit, task=task).identify(task)


def shortened(path, folder):
    """A path as it stands in a session file of a folder: relative where it lies below it."""
    if path is None or path.startswith(SAMPLE):
        return path
    place = Path(path).absolute()
    try:
        return place.relative_to(Path(folder).absolute()).as_posix()
    except ValueError:
        return str(place)


def with_short_paths(command, folder):
    """An `open` command as it stands in a session file of a folder; others stay."""
    if command.kind != "open":
        return command
    args = {
        name: shortened(value, folder) if name in ROLES else value
        for name, value in command.args.items()
    }
    return replace(command, args=args)


def exists(path):
    """Whether a path leads somewhere; ``PATH::SPLIT`` where PATH does."""
    if path.startswith(SAMPLE):
        return True
    try:
        return os.path.exists(path) or os.path.exists(path.rpartition("::")[0] or path)
    except ValueError:  # a zero byte
        return False


class _Finder:
    """Finds the files of one session."""

    def __init__(self, header, folder, answers, recents, task):
        self.missing = {}
        self.notes = []
        self._header = header
        self._folder = folder
        self._answers = answers
        self._recents = recents
        self._task = task
        self._known = {}
        self._hashes = {}
        for entry in (header.network, header.data, *header.others):
            if entry.get("path") and entry.get("hash"):
                self._hashes[entry["path"]] = entry["hash"]

    def found(self, command):
        if command.kind != "open":
            return command
        args = {
            name: self._place(name, value) if name in ROLES and isinstance(value, str) else value
            for name, value in command.args.items()
        }
        return replace(command, args=args)

    def _place(self, role, text):
        if (role, text) not in self._known:
            self._known[role, text] = self._look(role, text)
        return self._known[role, text]

    def _look(self, role, text):
        of_header = role in HASHED and getattr(self._header, role).get("path") == text
        answer = self._answers.get(text) or (of_header and self._answers.get(role))
        if answer:
            return answer if answer.startswith(SAMPLE) else str(Path(answer).absolute())
        if text.startswith(SAMPLE):
            return text
        place = os.path.normpath(self._folder / text)
        if exists(place):
            return place
        wanted = self._hashes.get(text)
        elsewhere = self._among_recents(role, text, wanted) if wanted else None
        if elsewhere is not None:
            self.notes.append(f"the {role} {Path(text).name} was found at {elsewhere}")
            return elsewhere
        self.missing[role, text] = Missing(role, text, wanted)
        return place

    def _among_recents(self, role, text, wanted):
        """A recent file with this hash, those of the same name first."""
        places = dict.fromkeys(entry.get(role) for entry in self._recents)
        places = [place for place in places if isinstance(place, str) and exists(place)]
        places.sort(key=lambda place: Path(place).name != Path(text).name)
        for place in places:
            if self._task is not None:
                self._task.report(0, None, f"looking whether {place} is the {role}")
            try:
                if hash_of(role, place, self._header, self._task) == wanted:
                    return place
            except (LamellaError, OSError):
                continue
        return None
