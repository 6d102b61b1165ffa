"""Records the window, widgets included, to a movie while a person works in it.

The window never waits for the movie: the encoder has a thread and a process of its own and a short
queue. Pictures are taken at the ticks of a clock (`viewer.qt.window_picture`). A picture stands in
the movie from its tick to the next that was taken, so that every frame of the clock is in the file
and the movie is as long as it was recorded, however late a picture came.
"""

import threading
import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.errors import LamellaError, MachineError
from viewer.qt.window_picture import WindowPicture
from viewer.record.encoder import Encoder, even


class WindowRecorder(QObject):
    """One recording of a window; made for one movie.

    Parameters
    ----------
    window : QWidget
        Other windows of the program are recorded where they stand over it.
    path : str or Path
        ``*.mp4``; replaced when it exists.
    fps : float
        Frames a second of the movie, and at most so many pictures.
    size : (int, int), optional
        The movie fits into it, with the window's proportions; None: as large as the window.

    Attributes
    ----------
    finished : Signal(str, int)
        The movie is whole: its path and frames.
    failed : Signal(object)
        A `LamellaError` in place of `finished`: a full disk, a killed encoder; it says what is
        kept. Comes also when a recording ends by itself for such a reason.
    running : bool
        From `start` to `stop`.
    """

    finished = Signal(str, int)
    failed = Signal(object)

    def __init__(self, window, path, fps=30, size=(1280, 720), parent=None):
        super().__init__(parent or window)
        self._window = window
        self._path = path
        self._fps = fps
        self._size = size
        self._picture = self._encoder = self._held = self._thread = None
        self._since = self._until = 0.0
        self._held_from = 0
        self._due = False
        self.pictures = 0
        self.running = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(max(1, int(1000 / fps)))
        self._timer.timeout.connect(self._tick)

    @property
    def seconds(self):
        """How long it has recorded."""
        return (time.monotonic() if self.running else self._until) - self._since

    @property
    def frames(self):
        """Frames of the movie so far."""
        return round(self.seconds * self._fps)

    def start(self):
        """Begin.

        Raises
        ------
        InputError, MachineError
            The movie cannot be written there; there is no encoder.
        """
        picture = WindowPicture(self._window)
        picture.bring()
        held = picture.pixels()
        height, width = held.shape[:2]
        try:
            self._encoder = Encoder(
                self._path,
                *fitted((width, height), self._size),
                self._fps,
                live=True,
                source=(width, height),
                pixels="bgra",
            )
        except LamellaError:
            picture.close()
            raise
        self._picture = picture
        self._since = time.monotonic()
        self._held, self._held_from, self.pictures = held, 0, 1
        self.running = True
        self._timer.start()

    def stop(self):
        """End; the movie is finished in the background, then `finished` or `failed` is emitted."""
        if not self.running:
            return
        self._until = time.monotonic()
        self.running = False
        self._timer.stop()
        self._picture.close()
        last = self._held, max(self.frames, 1) - self._held_from
        self._held = None
        self._thread = threading.Thread(target=self._finish, args=last, name="recording")
        self._thread.start()

    def close(self, seconds=30.0):
        """End, and wait for the movie: the program is closing."""
        self.stop()
        if self._thread is not None:
            self._thread.join(seconds)

    def _finish(self, picture, times):
        try:
            if times > 0:
                self._encoder.write(picture, times)
            frames = self._encoder.finish()
        except LamellaError as error:
            self.failed.emit(error)
        except Exception as error:  # noqa: BLE001  (told to the person by the window)
            self.failed.emit(MachineError(f"the recording failed ({error})", where=self._path))
        else:
            self.finished.emit(str(self._path), frames)

    def _tick(self):
        if self._encoder.broken:
            self.stop()
            return
        place = int(self.seconds * self._fps)
        self._due = self._picture.bring() or self._due
        if place <= self._held_from or not self._due:
            return
        if self._encoder.offer(self._held, place - self._held_from):
            self._held, self._held_from = self._picture.pixels(self._encoder.source), place
            self.pictures += 1
            self._due = False


def fitted(source, box):
    """The even size of a movie of a window: its proportions, inside a box, never enlarged.

    Parameters
    ----------
    source : (int, int)
        Width and height of the window, pixels.
    box : (int, int) or None
    """
    scale = 1.0 if box is None else min(1.0, box[0] / source[0], box[1] / source[1])
    return even(max(2, int(side * scale + 0.5)) for side in source)
