"""Recording the window, widgets included, while a person orbits the sample: software OpenGL.

A window of 1280 x 720 on a screen of its own, in a process of its own; a timer gives the movements
of the mouse as they come from a hand. What counts is how many different pictures a second are in
the movie, and that the file has every frame of the clock.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.report import Figure, Goal

ROOT = Path(__file__).resolve().parents[2]
SIZE = (1280, 720)
FPS = 30
SECONDS = 8.0
RUNS = 3


def figures():
    """The figures of this file with the function that measures each."""
    what = f"recording the window, widgets included, {SIZE[0]} x {SIZE[1]}, orbiting the sample"
    return [
        (
            Figure("record.window", what, "pictures/s", Goal(">=", value=15)),
            lambda figure, place: figure.measured([run["pictures"] for run in _all_runs()]),
        ),
        (
            Figure(
                "record.window.missing",
                "the same: frames of the clock that are not in the file",
                "frames",
                Goal("<=", value=0),
            ),
            lambda figure, place: figure.measured([run["missing"] for run in _all_runs()]),
        ),
    ]


_runs = []


def _all_runs():
    """Measured once for both figures; every run in a process of its own."""
    while len(_runs) < RUNS:
        with tempfile.TemporaryDirectory(prefix="lamella-bench-") as folder:
            folders = {"XDG_CACHE_HOME": folder, "XDG_CONFIG_HOME": folder}
            words = [ROOT / "tools/on_screen.sh", sys.executable, "-m", "tests.benchmarks.record"]
            answer = subprocess.run(
                words,
                cwd=ROOT,
                env=os.environ | folders | {"LIBGL_ALWAYS_SOFTWARE": "1"},
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
        _runs.append(json.loads(answer.stdout.splitlines()[-1]))
    return _runs


def record(path):
    """Record the window while the sample turns.

    Returns
    -------
    dict
        ``pictures`` a second, ``paints`` of the stack a second, ``frames`` in the file and those
        ``missing`` there.
    """
    from viewer.app import make_application, make_window
    from viewer.qt.recorder import WindowRecorder
    from viewer.qt.settings import Settings
    from viewer.record.encoder import frames_in

    application = make_application()
    window = make_window(Settings(Path(path).with_name("settings.json")))
    window.resize(*SIZE)
    window.show()
    window.command("open", {"network": "sample:shapes", "data": "sample:shapes"})
    facts = window.studio
    _process(application, lambda: facts.facts.extraction.phase == "done", 120)
    _process(application, lambda: False, 2)
    recorder = WindowRecorder(window, path, FPS, SIZE)
    told = []
    recorder.finished.connect(lambda *what: told.append(what))
    recorder.failed.connect(told.append)
    recorder.start()
    paints = _orbit(application, window, recorder)
    recorder.stop()
    _process(application, lambda: told, 60)
    if not isinstance(told[0], tuple):
        raise told[0]
    frames = frames_in(path)
    window.close()
    return {
        "pictures": recorder.pictures / recorder.seconds,
        "paints": paints / recorder.seconds,
        "frames": frames,
        "missing": abs(round(FPS * recorder.seconds) - frames),
    }


def _orbit(application, window, recorder):
    """Turn the stack as a hand does; returns how often it was painted."""
    from PySide6.QtCore import QTimer

    view = window.desk.stage.views["stack"]
    paint, paints = view.paint, []
    view.paint = lambda *place: paints.append(1) or paint(*place)
    before = window.session.state.camera

    def move():
        angle = 40 * recorder.seconds
        window.session.drag(
            "camera.move",
            azimuth=before.azimuth + angle,
            elevation=before.elevation + 8 * math.sin(angle / 20),
        )

    timer = QTimer()
    timer.timeout.connect(move)
    timer.start(8)
    _process(application, lambda: recorder.seconds > SECONDS, SECONDS + 10)
    timer.stop()
    window.session.end_drag()
    view.paint = paint
    return len(paints)


def _process(application, until, seconds):
    from PySide6.QtCore import QEventLoop

    end = time.monotonic() + seconds
    while not until() and time.monotonic() < end:
        application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(record(Path(place) / "window.mp4")))
