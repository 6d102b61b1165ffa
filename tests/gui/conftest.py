"""A screen of its own for window tests, where there is none, and windows that leave nothing."""

import atexit
import os
import shutil
import subprocess
import tempfile
import threading
import time

import pytest
from PySide6.QtCore import QEvent

from tests.pretend_engine import PretendEngine


def _start_screen():
    """Start Xvfb and make it the display; without it the tests are skipped, saying so."""
    folder = tempfile.mkdtemp(prefix="lamella-screen-")
    place = os.path.join(folder, "display")
    with open(place, "w") as told:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", "3", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.dup2(told.fileno(), 3),
            pass_fds=(3,),
        )
    atexit.register(shutil.rmtree, folder, True)
    atexit.register(server.kill)
    for _ in range(200):
        with open(place) as told:
            number = told.read().strip()
        if number:
            os.environ["DISPLAY"] = f":{number}"
            os.environ["QT_QPA_PLATFORM"] = "xcb"
            return
        time.sleep(0.05)


if not os.environ.get("DISPLAY") and shutil.which("Xvfb"):
    _start_screen()


@pytest.fixture(scope="session")
def application():
    """The QApplication, made as the program makes it."""
    from viewer.app import make_application

    return make_application()


@pytest.fixture
def make_window(application, tmp_path, monkeypatch):
    """Windows on a pretended engine; each is closed, and must leave no thread and no GL object."""
    from viewer import app
    from viewer.qt.settings import Settings
    from viewer.studio import cache, studio

    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    windows = []

    def window(certain=True, size=(1000, 640), real=False, state=None):
        engine = PretendEngine(certain)
        with monkeypatch.context() as patch:
            if not real:
                patch.setattr(studio, "EngineDoor", lambda: engine)
            made = app.make_window(Settings(tmp_path / "settings.json"), state)
        made.engine = engine
        made.resize(*size)
        made.show()
        windows.append(made)
        settle(application)
        return made

    yield window
    for made in windows:
        contexts = [canvas._context for canvas in made.desk.canvases.values()]
        made.close()
        for context in contexts:
            if context is not None:
                assert not context.live()
        made.deleteLater()
    settle(application)
    names = {"samples", "study", "builder"}
    assert not [thread for thread in threading.enumerate() if thread.name in names]


def settle(application, rounds=4):
    """Let Qt do what it has put off; what asked to be deleted goes, as in a running event loop."""
    for _ in range(rounds):
        application.processEvents()
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        time.sleep(0.005)


@pytest.fixture
def wait(application):
    """Process events until something is so."""

    def until(condition, seconds=30.0):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not become so"
            application.processEvents()
            time.sleep(0.005)
        settle(application)

    return until
