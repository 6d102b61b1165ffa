"""What a person does with files: opening by dialog, by drop or from the recent ones, and saving."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from viewer.qt import files
from viewer.studio.opening import SAMPLE

SAMPLE_NAME = "sample:shapes"


class Filing(QObject):
    """Opens and saves for a window; its methods are named by actions.

    Parameters
    ----------
    window : MainWindow
        Its session, studio and door are used, and ``open_session(path)``.
    settings : Settings

    Attributes
    ----------
    changed : Signal
        The recent files are others.
    """

    changed = Signal()

    def __init__(self, window, settings):
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._remembered = None

    # opening

    def open_paths(self, paths):
        """Open what paths are: network, data, labels, class names, a study or a session."""
        source = self._window.session.state.source
        try:
            found = files.sorted_paths(paths, has_data=source.data is not None)
        except files.Unfit as misfit:
            self._window.door.tell(str(misfit), grave=False)
            return
        if "session" in found:
            self._window.method("open_session_file")(found["session"])
            return
        if "network" not in found and "study" not in found:
            if source.network is None:
                self._window.door.tell("Open a network first, then its pictures.", grave=False)
                return
            kept = {"network": source.network, "data": source.data}
            if "data" not in found:
                kept |= {"labels": source.labels, "classes": source.classes}
            found = kept | found
        self._window.command("open", found)

    def open_network(self):
        """Ask for a network and open it."""
        if path := files.ask_network(self._window):
            self.open_paths([path])

    def find_network(self):
        """Ask for the network of the study that is open."""
        if path := files.ask_network(self._window):
            study = self._window.session.state.source.study
            self._window.command("open", {"study": study, "network": path})

    def open_data(self):
        """Ask for a file of pictures and open it with the network."""
        if path := files.ask_data(self._window):
            self.open_paths([path])

    def open_folder(self):
        """Ask for a folder of pictures, or a study, and open it."""
        if path := files.ask_folder(self._window):
            self.open_paths([path])

    def open_sample(self):
        """Open the sample network on the sample data."""
        self._window.command("open", {"network": SAMPLE_NAME, "data": SAMPLE_NAME})

    def reopen(self):
        """Try again to open the same files."""
        self._window.studio.reopen()

    # recent files

    @property
    def recent_entries(self):
        """Recent files as they are kept, the latest first."""
        return self._settings.recent

    def recent(self):
        """Recent files: a list of (words, tip, function that opens them)."""
        found = []
        for entry in self._settings.recent:
            paths = [entry[name] for name in files.KINDS if entry.get(name)]
            names = [path if path.startswith(SAMPLE) else Path(path).name for path in paths]
            found.append(
                ("  ".join(names), "\n".join(paths), lambda entry=entry: self._open_recent(entry))
            )
        return found

    def _open_recent(self, entry):
        gone = [
            path
            for path in entry.values()
            if path and not path.startswith(SAMPLE) and not Path(path).exists()
        ]
        if gone:
            self._window.door.tell(f"{gone[0]}: it is no longer there.", grave=False)
            self._settings.forget_recent(entry)
            self.changed.emit()
        elif entry.get("session"):
            self._window.method("open_session_file")(entry["session"])
        else:
            self._window.command("open", dict(entry))

    def remember(self, **paths):
        """Put files first among the recent ones."""
        kept = {
            name: path if path.startswith(SAMPLE) else str(Path(path).resolve())
            for name, path in paths.items()
            if path
        }
        self._settings.add_recent(kept)
        self.changed.emit()

    def follow(self, source, facts):
        """Remember what was opened, once it is."""
        if facts.network is None or facts.network is self._remembered:
            return
        self._remembered = facts.network
        if source.study:
            self.remember(study=source.study)
        elif source.network:
            self.remember(network=source.network, data=source.data)

    # saving

    def can_save_study(self):
        """Whether there is a study that nobody writes."""
        facts = self._window.studio.facts
        return facts.study_path is not None and facts.extraction.phase not in ("none", "running")

    def save_study(self):
        """Move the study out of the cache to where the person wants it."""
        facts = self._window.studio.facts
        if facts.study_path is None or not facts.study_path.exists():
            self._window.door.tell("There is no study to save yet.", grave=False)
            return
        path = files.ask_study_destination(self._window, facts.study_path.name)
        if path:
            self._window.studio.move_study(Path(path))

    def can_read_points(self):
        """Whether embedding points were cancelled or could not be made."""
        return self._window.studio.can_read_points

    def read_points(self):
        """Make them after all."""
        self._window.studio.read_points()

    def extract_again(self):
        """Go on with an extraction that failed."""
        self._window.studio.extract_again()

    def extract_anew(self):
        """Throw the study in the cache away and extract it anew."""
        self._window.studio.extract_anew()
