"""What a person does with sessions in the window: open, play, save, render to a movie."""

import shutil
import tempfile
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMessageBox

from engine.errors import LamellaError
from viewer.qt import files
from viewer.qt.rendering import RenderDialog, ask
from viewer.rendering import render_in_child
from viewer.session import bundle, journal
from viewer.session.captions import captions_at
from viewer.session.document import Document
from viewer.session.locating import load
from viewer.views.session.saving import SavingDialog

TICK_MS = 33
KINDS = "Sessions (*.lamella)"


class Sessions(QObject):
    """The session document of a window, its files and its player; methods are named by actions.

    Parameters
    ----------
    window : MainWindow

    Attributes
    ----------
    document : Document
    """

    def __init__(self, window):
        super().__init__(window)
        self._window = window
        self.document = Document(window.session, window.studio)
        self._was_playing = False
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._tick)
        self.document.changed.connect(self._changed)
        self.document.told.connect(self._told)

    def _told(self, text):
        self._window.door.tell(text, grave=False)

    # playing

    def _changed(self):
        player = self.document.player
        if player.playing and not self._clock.isActive():
            self._clock.start()
        if not player.playing and self._was_playing:
            self._clock.stop()
            self._window.glass.show_captions(())
        self._was_playing = player.playing
        self._window.follow_session()

    def _tick(self):
        facts, state = self._window.studio.facts, self._window.session.state
        exact = not facts.is_late(state) and not self._window.desk.stage.pending
        player = self.document.player
        player.tick(exact)
        if player.playing:
            self._window.glass.show_captions(captions_at(player.steps, player.seconds))

    def can_play_session(self):
        """Whether there is more than one step to play."""
        return len(self.document.steps) > 1

    def play_session(self):
        """Play, go on, or stand still."""
        player = self.document.player
        if player.playing:
            player.pause()
        else:
            player.play()

    def can_session_on(self):
        """Whether a step comes after the present place."""
        return self.document.player.place < len(self.document.steps)

    def session_on(self):
        """One step of the session on."""
        self.document.player.step(1)

    def can_session_back(self):
        """Whether a step can be gone back."""
        player = self.document.player
        return player.place > player.first_place

    def session_back(self):
        """One step of the session back."""
        self.document.player.step(-1)

    # files

    def new_session(self):
        """Begin a session with what is seen now."""
        if self.may_lose():
            self.document.new()

    def open_session(self):
        """Ask for a session and open it."""
        if path := files.ask_session(self._window):
            self.open_session_file(path)

    def open_session_file(self, path, answers=None, skip=True):
        """Open a session: find its files, ask once for what is not there, go to its end.

        Parameters
        ----------
        path : str
            A session file, or a folder that holds one.
        answers : dict of str to str, optional
            Where its files are.
        """
        path = Path(path)
        if path.is_dir():
            path = path / f"session{files.SESSION}"
        if not self.may_lose():
            return
        recents = [dict(entry) for entry in self._window.filing.recent_entries]
        answers = dict(answers or {})
        self._window.studio.jobs.start(
            f"Opening {path.name}",
            lambda task: load(path, answers=answers, recents=recents, task=task),
            done=lambda loaded: self._loaded(loaded, answers),
        )

    def _loaded(self, loaded, answers):
        for missing in loaded.missing:
            place = files.ask_missing(self._window, missing.role, missing.path)
            if not place:
                self._told(f"{loaded.path.name} was not opened: {missing}.")
                return
            answers[missing.path] = place
        if loaded.missing:
            self.open_session_file(loaded.path, answers)
            return
        self.document.open(loaded)
        self._window.filing.remember(session=str(loaded.path))

    def save_session(self):
        """Save where it was; ask where the first time."""
        if self.document.path is None:
            return self.save_session_as()
        return self._save(self.document.path)

    def save_session_as(self):
        """Ask where, and save."""
        name = self.document.path or Path(f"session{files.SESSION}")
        path = files.ask_destination(self._window, "Save Session As", str(name), KINDS)
        return self._save(Path(path)) if path else False

    def _save(self, path):
        try:
            self.document.save(path)
        except LamellaError as error:
            self._window.door.tell_error("Saving the session", error)
            return False
        self._window.filing.remember(session=str(path))
        return True

    def save_session_with_data(self):
        """Say how large it is, ask what and where, and save session and data in one folder."""
        document, studio = self.document, self._window.studio
        facts = studio.facts

        def plans(task):
            return tuple(bundle.plan(document, facts, everything=every) for every in (False, True))

        studio.jobs.start(
            "Sizing the session's data",
            plans,
            done=lambda made: QTimer.singleShot(0, lambda: self._ask_with_data(made)),
        )

    def _ask_with_data(self, plans):
        wanted = ask(SavingDialog(*plans, self._window))
        if wanted is None:
            return
        everything, with_study = wanted
        name = (self.document.path or Path("session")).stem + bundle.SUFFIX
        kinds = f"Sessions with data (*{bundle.SUFFIX})"
        path = files.ask_destination(self._window, "Save Session with Its Data", name, kinds)
        if not path:
            return
        document, facts = self.document, self._window.studio.facts

        def save(task):
            plan = bundle.plan(document, facts, everything=everything, with_study=with_study)
            return plan, bundle.write(plan, path, task)

        self._window.studio.jobs.start(
            f"Saving {Path(path).name}",
            save,
            done=lambda saved: self._saved_with_data(path, *saved),
        )

    def _saved_with_data(self, path, plan, faults):
        self._window.filing.remember(session=str(Path(path) / bundle.FILE))
        told = [f"{path} is saved and can go anywhere.", *plan.notes]
        if faults:
            told.append(f"{len(faults):,} samples could not be read and are not in it")
        self._told(" ".join(text.rstrip(".") + "." for text in told))

    def may_lose(self):
        """Whether the steps may go: saved, or a person said so."""
        if not self.document.asks_to_save:
            return True
        buttons = QMessageBox.StandardButton
        said = QMessageBox.question(
            self._window,
            "Save the session?",
            "The session has steps that are not saved.",
            buttons.Save | buttons.Discard | buttons.Cancel,
            buttons.Save,
        )
        if said == buttons.Save:
            return bool(self.save_session())
        return said == buttons.Discard

    # movies

    def render_movie(self):
        """Ask for size, rate and place, and render in a process of its own."""
        document = self.document
        place = document.path or Path.home() / "session"
        name = place.stem
        movie = str(place.with_suffix(".mp4"))
        wanted = ask(RenderDialog(self._window, movie, document.player.length))
        if wanted is None:
            return
        folder = Path(tempfile.mkdtemp(prefix="lamella-"))
        journal.write(folder / f"{name}{files.SESSION}", *document.content(folder))
        self._window.studio.jobs.start(
            f"Rendering {Path(wanted.path).name}",
            lambda task: render_in_child(
                folder / f"{name}{files.SESSION}", wanted.path, wanted.size, wanted.fps, task
            ),
            unit="frames",
            done=lambda answer: self._rendered(wanted.path, *answer),
            ended=lambda: shutil.rmtree(folder, ignore_errors=True),
        )

    def _rendered(self, path, frames, notes):
        for note in notes:
            self._told(f"Left out: {note}")
        self._told(f"{path}: {frames:,} frames.")

    def close(self):
        """Stop playing; listen no more."""
        self._clock.stop()
        self.document.player.pause()
        self.document.close()
