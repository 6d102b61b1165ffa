"""Settings and recent files: one JSON file in the user's config folder."""

import base64
import json
from pathlib import Path

from platformdirs import user_config_path

RECENT = 12


class Settings:
    """What the window remembers from one time to the next.

    A file that cannot be read is as good as none; the next save replaces it.

    Parameters
    ----------
    path : Path, optional
        By default ``settings.json`` in the user's config folder.
    """

    def __init__(self, path=None):
        self.path = Path(path or user_config_path("lamella", appauthor=False) / "settings.json")
        self.unreadable = None
        self._values = self._read()

    def _read(self):
        try:
            values = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            self.unreadable = f"{self.path}: the settings cannot be read and begin anew ({error})"
            return {}
        return values if isinstance(values, dict) else {}

    def get(self, name, default=None):
        """A value, or the default when there is none of its type."""
        value = self._values.get(name, default)
        if default is not None and not isinstance(value, type(default)):
            return default
        return value

    def set(self, name, value):
        """Keep a JSON value; `save` writes it."""
        self._values[name] = value

    def get_bytes(self, name):
        """Bytes kept by `set_bytes`, or None."""
        text = self.get(name)
        if not isinstance(text, str):
            return None
        try:
            return base64.b64decode(text, validate=True)
        except ValueError:
            return None

    def set_bytes(self, name, value):
        """Keep bytes (the window's layout)."""
        self.set(name, base64.b64encode(bytes(value)).decode())

    def add_recent(self, entry):
        """Put an entry (a JSON dictionary) first among the recent files."""
        others = [other for other in self.recent if other != entry]
        self.set("recent", [entry, *others][:RECENT])

    def forget_recent(self, entry):
        """Take an entry off the recent files."""
        self.set("recent", [other for other in self.recent if other != entry])

    @property
    def recent(self):
        """Recent files, the latest first."""
        entries = self.get("recent", [])
        return [
            entry
            for entry in entries
            if isinstance(entry, dict)
            and any(isinstance(entry.get(kind), str) for kind in ("network", "study", "session"))
        ]

    def save(self):
        """Write the file; replaces the old one only when whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(self._values, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(self.path)
