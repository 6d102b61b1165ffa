"""A command, and the table of kinds: name, version, the pure function that applies it, its undo."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.errors import InputError

MAIN = "main"
CAMERA = "camera"


@dataclass(frozen=True)
class Command:
    """One action of a person.

    Attributes
    ----------
    kind : str
        Short name: ``'focus.sample'``.
    args : mapping
        Plain JSON values. ``keys``, in a drag, is ``[[seconds after t, args], ...]``.
    t : float
        Logical time in seconds since the session began.
    version : int
        Version of the kind's arguments.
    """

    kind: str
    args: Mapping = field(default_factory=dict)
    t: float = 0.0
    version: int = 1

    def as_json(self):
        """The command as it stands in a session file."""
        return {
            "t": round(self.t, 3),
            "kind": self.kind,
            "version": self.version,
            "args": dict(self.args),
        }


@dataclass(frozen=True)
class Kind:
    """One kind of command.

    Attributes
    ----------
    name, version : str, int
        As in the session file.
    apply : callable(State, **args) -> State
        Pure: the same arguments on the same state give the same state.
    undo : str or None
        `MAIN`, `CAMERA`, or None for what cannot be taken back (opening, extraction, panes).
    merges : bool
        Whether quick repetitions (arrow keys) are undone as one.
    migrate : mapping of int to callable(args) -> args
        How arguments of an older version become those of the next.
    """

    name: str
    version: int
    apply: Callable
    undo: str | None
    merges: bool = False
    migrate: Mapping = field(default_factory=dict)


KINDS: dict[str, Kind] = {}


def kind(name, *, version=1, undo=MAIN, merges=False, migrate=None):
    """Register a function ``apply(state, *, ...) -> State`` as a kind of command."""

    def register(function):
        if name in KINDS:
            raise ValueError(f"two kinds of command are called {name}")
        KINDS[name] = Kind(name, version, function, undo, merges, migrate or {})
        return function

    return register


def find(name):
    """The kind called ``name``; InputError when this program has none."""
    found = KINDS.get(name)
    if found is None:
        raise InputError(
            "this program knows no such command",
            where=name,
            remedy="it may come from a newer version of Lamella",
        )
    return found


def plain(value):
    """Arguments as a session file gives them back: lists for tuples, Python's own numbers."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value


def migrated(command):
    """The command in the present version of its kind.

    Raises
    ------
    InputError
        The kind is unknown, or the command is newer than this program.
    """
    present = find(command.kind)
    if command.version > present.version:
        raise InputError(
            "the command comes from a newer version of Lamella",
            where=command.kind,
            expected=f"version {present.version}",
            got=f"version {command.version}",
        )
    args, version = dict(command.args), command.version
    try:
        while version < present.version:
            args = present.migrate[version](args)
            version += 1
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise InputError(
            "the arguments of an older version do not fit", where=command.kind, got=error
        ) from error
    return Command(command.kind, args, command.t, version)


def apply(state, command):
    """The state after a command; InputError when its arguments do not fit."""
    command = migrated(command)
    args = {name: value for name, value in command.args.items() if name != "keys"}
    function = KINDS[command.kind].apply
    try:
        inspect.signature(function).bind(state, **args)
        return function(state, **args)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        raise InputError(f"the arguments do not fit: {error}", where=command.kind) from error
