"""Things that a person has named, as they lie in a study: one JSON file each, replaced whole.

::

    {"format": "lamella-orders", "version": 1, "orders": {"by texture": {...}}}
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError
from engine.study.layout import replace_text

LARGEST_BYTES = 256 << 20
LONGEST_NAME = 200


@dataclass(frozen=True)
class NamedFile:
    """A file of named things.

    Attributes
    ----------
    file : str
        Its name inside a study.
    things : str
        ``'selections'``: the key in the file, and as a person reads it.
    as_json : callable(thing) -> plain values
    from_json : callable(plain values) -> thing
        Raises `InputError` where they do not fit.
    version : int
    """

    file: str
    things: str
    as_json: Callable
    from_json: Callable
    version: int = 1

    @property
    def format(self):
        """What the file calls itself."""
        return f"lamella-{self.things}"

    def read(self, study):
        """The named things of a study.

        Parameters
        ----------
        study : path
            Its folder.

        Returns
        -------
        dict of str to thing
            By name, sorted; empty where there is no file.

        Raises
        ------
        InputError
            The file is damaged, too large, or comes from a newer program.
        """
        path = Path(study) / self.file
        try:
            if path.stat().st_size > LARGEST_BYTES:
                raise InputError(f"too large for named {self.things}", where=path)
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise self._damaged(path, error) from error
        if not isinstance(content, dict) or content.get("format") != self.format:
            raise InputError(f"these are no named {self.things}", where=path)
        if content.get("version") != self.version:
            raise InputError(
                f"the named {self.things} come from a newer version of Lamella",
                where=path,
                expected=f"version {self.version}",
                got=content.get("version"),
            )
        entries = content.get(self.things)
        if not isinstance(entries, dict):
            raise self._damaged(path, f"no {self.things} in it")
        try:
            return {name: self.from_json(entries[name]) for name in sorted(entries)}
        except InputError as error:
            raise self._damaged(path, error) from error

    def write(self, study, things):
        """Replace the named things of a study: after a crash they are the old or the new ones.

        Parameters
        ----------
        study : path
        things : dict of str to thing

        Raises
        ------
        MachineError
            The disk is full, or the folder cannot be written.
        """
        entries = {name: self.as_json(things[name]) for name in sorted(things)}
        content = {"format": self.format, "version": self.version, self.things: entries}
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        replace_text(Path(study) / self.file, text)

    def change(self, study, changes):
        """Change some named things of a study; others, of another window perhaps, stay.

        Parameters
        ----------
        study : path
        changes : dict of str to thing or None
            None: forgotten.

        Raises
        ------
        InputError, MachineError
            As `read` and `write`.
        """
        kept = {**self.read(study), **changes}
        self.write(study, {name: thing for name, thing in kept.items() if thing is not None})

    def _damaged(self, path, error):
        return InputError(
            f"the named {self.things} are damaged ({error})", where=path, remedy="remove this file"
        )
