"""Recording a window: what is in the picture, every frame in the file, and what goes wrong."""

import sys
import threading

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor, QImage, QPixmap
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QLabel, QMainWindow, QMenu, QVBoxLayout, QWidget

from engine.errors import InputError, MachineError
from tests.gui.conftest import settle
from viewer.qt.recorder import WindowRecorder, fitted
from viewer.qt.window_picture import WindowPicture
from viewer.record.encoder import frames_in

pytestmark = pytest.mark.gui


class Turning(QOpenGLWidget):
    """A view of two colours, another one at every drawing."""

    def __init__(self):
        super().__init__()
        self.drawn = 0

    def paintGL(self):
        from viewer.gl.api import GL

        self.drawn += 1
        GL.glClearColor(0.25, (self.drawn % 16) / 16, 0.75, 1)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)
        GL.glEnable(GL.GL_SCISSOR_TEST)
        GL.glScissor(0, 0, 40, 20)  # lower left: upside down would be seen
        GL.glClearColor(1, 0, 0, 1)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)
        GL.glDisable(GL.GL_SCISSOR_TEST)


class Window(QMainWindow):
    """A view with words over and below it."""

    def __init__(self, size=(320, 200)):
        super().__init__()
        middle = QWidget()
        column = QVBoxLayout(middle)
        self.view, self.words = Turning(), QLabel("still")
        column.addWidget(self.view, 1)
        column.addWidget(self.words)
        self.over = QLabel("over", self.view)
        self.over.setGeometry(60, 30, 50, 20)
        self.setCentralWidget(middle)
        self.resize(*size)
        self.show()
        self.told = []

    def recorder(self, path, **rest):
        recorder = WindowRecorder(self, path, **rest)
        recorder.finished.connect(lambda *what: self.told.append(what))
        recorder.failed.connect(self.told.append)
        return recorder


@pytest.fixture
def window(application):
    QCursor.setPos(1500, 900)
    window = Window()
    settle(application)
    yield window
    window.view.makeCurrent()
    window.view.doneCurrent()  # OpenGL without a screen can be used again in this process
    window.close()
    settle(application)
    assert not [thread for thread in threading.enumerate() if thread.name == "recording"]


def pixels_of(image):
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8)
    return rows.reshape(image.height(), image.width(), 4)[..., :3].astype(int).copy()


@pytest.fixture
def picture(window):
    picture = WindowPicture(window)
    yield picture
    picture.close()


def noise():
    """A picture that no encoder makes small."""
    pixels = np.random.default_rng().integers(0, 256, (60, 300, 4), np.uint8)
    return QPixmap.fromImage(QImage(pixels.data, 300, 60, 1200, QImage.Format.Format_RGB32))


def same(picture, window):
    """Whether the picture is the one that Qt would grab (which draws once more)."""
    mine = taken(picture)[..., :3]
    window.view.drawn -= 1
    return np.abs(mine - pixels_of(window.grab().toImage())).max() == 0


def taken(picture):
    picture.bring()
    return picture.pixels().astype(int)


def record(window, wait, recorder, seconds, step=lambda: None):
    recorder.start()

    def enough():
        step()
        return recorder.seconds > seconds or not recorder.running

    wait(enough)
    recorder.stop()
    wait(lambda: window.told)


def test_the_picture_is_what_the_window_shows(window, application, picture):
    assert same(picture, window)
    for change in (
        window.view.update,
        lambda: window.words.setText("other words"),
        lambda: window.over.setText("more"),
        window.over.hide,
        lambda: window.over.show() or window.view.update(),
    ):
        change()
        settle(application)
        assert same(picture, window)


def test_views_are_not_drawn_for_the_movie(window, wait, tmp_path):
    recorder = window.recorder(tmp_path / "a.mp4")
    before = window.view.drawn
    updates = []

    def step():
        window.words.setText(str(recorder.frames))
        if len(updates) < 5:
            updates.append(window.view.update())

    record(window, wait, recorder, 0.6, step)
    assert recorder.pictures > 5
    assert window.view.drawn - before <= 5


def test_every_frame_of_the_clock_is_in_the_file(window, wait, tmp_path):
    import imageio.v3

    recorder = window.recorder(tmp_path / "a.mp4")
    record(window, wait, recorder, 1.2, window.view.update)
    assert window.told == [(str(tmp_path / "a.mp4"), recorder.frames)]
    assert abs(recorder.frames - 30 * recorder.seconds) <= 1
    frames = imageio.v3.imread(tmp_path / "a.mp4", plugin="FFMPEG")
    assert frames.shape == (recorder.frames, 200, 320, 3)
    assert frames_in(tmp_path / "a.mp4") == recorder.frames
    assert len(np.unique(frames[:, 80, 200, 1])) > 5


def test_what_came_while_the_encoder_was_behind_is_in_the_movie(window, wait, tmp_path):
    import imageio.v3

    recorder = window.recorder(tmp_path / "a.mp4")
    recorder.start()
    offer, behind = recorder._encoder.offer, [True] * 8
    recorder._encoder.offer = lambda *what: not behind and offer(*what)
    window.setStyleSheet("QWidget { background: #00ff00 }")
    wait(lambda: recorder.seconds > 0.2)
    behind.clear()
    wait(lambda: recorder.seconds > 0.5)
    recorder.stop()
    wait(lambda: window.told)
    frames = imageio.v3.imread(tmp_path / "a.mp4", plugin="FFMPEG").astype(int)
    assert len(frames) == recorder.frames
    assert frames[0][3, 3, 1] - frames[0][3, 3, 0] < 50
    assert frames[-1][3, 3, 1] - frames[-1][3, 3, 0] > 200


def test_a_window_that_stands_still_is_recorded_as_long(window, wait, tmp_path):
    recorder = window.recorder(tmp_path / "a.mp4", fps=10)
    record(window, wait, recorder, 0.7)
    assert recorder.pictures <= 2
    assert frames_in(tmp_path / "a.mp4") == recorder.frames == round(10 * recorder.seconds)


def pointed_at(window, wait, x, y):
    """Put the pointer at a place of the window, and wait until the screen has it there."""
    place = window.mapToGlobal(QPoint(x, y))
    QCursor.setPos(place)
    wait(lambda: QCursor.pos() == place)


def test_pointer_and_menus_are_in_the_picture(window, application, picture, wait):
    pointed_at(window, wait, window.width() + 100, window.height() + 100)
    plain = taken(picture)
    pointed_at(window, wait, 200, 90)
    pointed = taken(picture)
    rows, columns = np.nonzero((pointed != plain)[..., :3].any(2))
    assert 199 <= columns.min() <= 201
    assert 89 <= rows.min() <= 91
    assert columns.max() < 216
    assert rows.max() < 112
    menu = QMenu(window)
    menu.addAction("something to choose")
    menu.popup(window.mapToGlobal(QPoint(20, 40)))
    settle(application)
    covered = taken(picture)
    part = covered[45 : 45 + menu.height() - 10, 25 : 25 + menu.width() - 10]
    shown = pixels_of(menu.grab().toImage())[5 : 5 + part.shape[0], 5 : 5 + part.shape[1]]
    assert np.abs(part[..., :3] - shown).max() == 0
    menu.close()


def test_a_resized_window_is_fitted_into_the_movie(window, wait, tmp_path):
    import imageio.v3

    recorder = window.recorder(tmp_path / "a.mp4")
    shrink = iter([None] * 8 + [True])
    record(window, wait, recorder, 0.6, lambda: next(shrink, None) and window.resize(200, 240))
    frames = imageio.v3.imread(tmp_path / "a.mp4", plugin="FFMPEG").astype(int)
    assert frames.shape == (recorder.frames, 200, 320, 3)
    assert frames[-1][:, 20].max() < 20
    assert frames[-1][100, 160].max() > 100
    assert frames[0][100, 30].max() > 100


def test_the_movie_fits_into_its_box_with_the_windows_proportions():
    assert fitted((1280, 720), (1280, 720)) == (1280, 720)
    assert fitted((2560, 1440), (1280, 720)) == (1280, 720)
    assert fitted((1500, 940), (1280, 720)) == (1150, 720)
    assert fitted((641, 401), None) == (642, 402)
    assert fitted((300, 200), (1280, 720)) == (300, 200)


def test_a_killed_encoder_ends_the_recording_with_a_sentence(window, wait, tmp_path):
    recorder = window.recorder(tmp_path / "a.mp4", fps=10)

    def kill_later():
        window.view.update()
        if recorder.seconds > 2.2:
            recorder._encoder._process.kill()

    record(window, wait, recorder, 20, kill_later)
    (error,) = window.told
    assert isinstance(error, MachineError)
    assert "ended from outside" in str(error)
    kept = int(str(error).split("the first ")[1].split()[0])
    assert kept >= 10
    assert frames_in(tmp_path / "a.mp4") == kept
    assert recorder.seconds < 10


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of a process")
def test_a_full_disk_ends_the_recording_with_a_sentence(window, wait, tmp_path):
    import resource

    recorder = window.recorder(tmp_path / "a.mp4", fps=10)
    limits = [(300_000, 300_000)]

    def limit():
        window.view.update()
        window.words.setPixmap(noise())
        if limits:
            resource.prlimit(recorder._encoder._process.pid, resource.RLIMIT_FSIZE, limits.pop())

    record(window, wait, recorder, 5, limit)
    (told,) = window.told
    assert "the disk is full" in str(told)
    assert "frames are kept" in str(told)
    assert frames_in(tmp_path / "a.mp4") >= 10


def test_a_place_that_cannot_be_is_said_at_once(window, tmp_path):
    recorder = window.recorder(tmp_path / "none" / "a.mp4")
    with pytest.raises(InputError, match="folder does not exist"):
        recorder.start()
    assert not recorder.running
    recorder.stop()
    assert window.told == []


def test_closing_waits_for_the_movie(window, wait, tmp_path):
    recorder = window.recorder(tmp_path / "a.mp4")
    recorder.start()
    wait(lambda: recorder.seconds > 0.3)
    recorder.close()
    assert frames_in(tmp_path / "a.mp4") == recorder.frames > 5


def test_a_floating_pane_is_recorded_where_it_stands(window, application, picture):
    pane = QWidget(window, Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint)
    pane.setStyleSheet("background: #00ff00")
    column = QVBoxLayout(pane)
    column.addWidget(Turning())
    pane.setGeometry(window.geometry().x() + 30, window.geometry().y() + 40, 120, 80)
    pane.show()
    settle(application)
    pixels = taken(picture)
    assert tuple(pixels[44, 34, :3]) == (0, 255, 0)
    assert pixels[80, 90, 0] == 191
    pane.close()
