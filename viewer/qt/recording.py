"""Recording the window to a movie: begun and ended by one key, told in the status line."""

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import LamellaError
from viewer.qt import files
from viewer.qt.recorder import WindowRecorder

FPS = 30
LARGEST = (1920, 1080)
TOLD_MS = 500


class Recording(QObject):
    """The recording of a window, at most one at a time; its methods are named by actions.

    Parameters
    ----------
    window : MainWindow

    Attributes
    ----------
    changed : Signal
        It began, went on for half a second, or ended.
    """

    changed = Signal()

    def __init__(self, window):
        super().__init__(window)
        self._window = window
        self._recorder = None
        self._clock = QTimer(self)
        self._clock.setInterval(TOLD_MS)
        self._clock.timeout.connect(self.changed)

    @property
    def running(self):
        """Whether it records now."""
        return self._recorder is not None and self._recorder.running

    @property
    def words(self):
        """``recording 1:05``; empty while nothing is recorded."""
        if not self.running:
            return ""
        minutes, seconds = divmod(int(self._recorder.seconds), 60)
        return f"recording {minutes}:{seconds:02}"

    def record(self):
        """Ask where and begin; or end."""
        if self.running:
            self.stop_recording()
            return
        path = files.ask_destination(
            self._window, "Record the Window", "recording.mp4", "Movies (*.mp4)"
        )
        if path:
            self.record_to(path)

    def record_to(self, path):
        """Begin; what the disk or the encoder refuses is told."""
        recorder = WindowRecorder(self._window, path, FPS, LARGEST, self)
        recorder.finished.connect(self._finished)
        recorder.failed.connect(self._failed)
        try:
            recorder.start()
        except LamellaError as error:
            self._window.door.tell_error("Recording", error)
            recorder.deleteLater()
            return
        self._recorder = recorder
        self._clock.start()
        self.changed.emit()

    def can_stop_recording(self):
        """Whether it records."""
        return self.running

    def stop_recording(self):
        """End; the movie is finished in the background."""
        self._clock.stop()
        self._recorder.stop()
        self.changed.emit()

    def _finished(self, path, frames):
        self._window.door.tell(f"{path}: {frames / FPS:.1f} s recorded.", grave=False)
        self._ended()

    def _failed(self, error):
        self._window.door.tell_error("Recording", error)
        self._ended()

    def _ended(self):
        self._clock.stop()
        if self._recorder is not None:
            self._recorder.deleteLater()
        self._recorder = None
        self.changed.emit()

    def close(self):
        """End, and wait for the movie."""
        self._clock.stop()
        if self._recorder is not None:
            self._recorder.close()
