"""The same state drawn in the window and without Qt gives the same pictures, view by view."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.conftest import ROOT
from viewer.record.pictures import Canvas
from viewer.session import journal
from viewer.state import layout as layouts
from viewer.state.tree import as_json

pytestmark = [pytest.mark.gui, pytest.mark.gl, pytest.mark.timeout(300)]

# As DESIGN.md has it for pictures that are compared.
LEVELS = 3
ALL = layouts.Layout(
    layouts.row(
        (0.25, layouts.pane("network")),
        (
            0.5,
            layouts.column((0.7, layouts.pane("stack")), (0.3, layouts.pane("filmstrip"))),
        ),
        (0.25, layouts.column((0.5, layouts.pane("sample")), (0.5, layouts.pane("maps")))),
        (0.25, layouts.column((0.5, layouts.pane("matrix")), (0.5, layouts.pane("scatter")))),
        (0.25, layouts.column((0.5, layouts.pane("filters")), (0.5, layouts.pane("comparison")))),
        (0.25, layouts.column((0.5, layouts.pane("slices")), (0.5, layouts.pane("orders")))),
        (0.25, layouts.column((0.5, layouts.pane("series")), (0.5, layouts.pane("importance")))),
    )
)
STEPS = (
    ("camera.move", {"azimuth": 31.0, "elevation": 20.0}),
    ("focus.sample", {"sample": 5}),
    ("focus.unit", {"layer": "conv3_2", "channel": 7, "unit": [8, 7]}),
)


@pytest.fixture
def window(make_window, wait, tmp_path, monkeypatch):
    """The real window on the sample, everything seen, everything at rest."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    window = make_window(size=(1400, 900), real=True)
    window.command("window.layout", {"layout": as_json(ALL)})
    opening = {"network": "sample:shapes", "data": "sample:shapes", "limit": 12}
    window.command("open", opening)
    wait(lambda: window.studio.facts.extraction.phase == "done", 120)
    for kind, args in STEPS:
        window.command(kind, args)
    wait_until_exact(window, wait)
    return window


def wait_until_exact(window, wait):
    facts = window.studio
    wait(
        lambda: (
            facts.facts.summary.samples == 12
            and not facts.facts.is_late(window.session.state)
            and not window.desk.stage.pending
        )
    )
    for canvas in window.desk.canvases.values():
        canvas.repaint()
    wait(lambda: not window.desk.stage.pending)


def canvases_of(window):
    return {
        canvas.view.name: canvas for canvas in window.desk.canvases.values() if canvas.isVisible()
    }


def drawn_in_the_window(canvas):
    """The canvas's view at full quality, drawn with the window's OpenGL: int[H, W, 3]."""
    canvas.makeCurrent()
    canvas.view.animates = False
    with Canvas(canvas.width(), canvas.height(), canvas._context) as picture:
        pixels = picture.picture(lambda *place: canvas.view.draw(*place, 1.0)).astype(int)
    canvas.view.animates = True
    canvas.doneCurrent()
    return pixels


def test_every_view_is_drawn_alike_with_and_without_qt(window, wait, tmp_path):
    window.command("window.theme", {"theme": "light"})
    wait_until_exact(window, wait)
    canvases = canvases_of(window)
    assert set(canvases) == set(layouts.DRAWN)
    sizes = {name: (canvas.width(), canvas.height()) for name, canvas in canvases.items()}
    session = tmp_path / "session.lamella"
    journal.write(session, journal.Header(), window.session.commands)
    words = [session, tmp_path / "drawn.npz", json.dumps(sizes)]
    folders = {"XDG_CACHE_HOME": str(tmp_path / "other"), "LIBGL_ALWAYS_SOFTWARE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.gui.drawn_without_qt", *map(str, words)],
        cwd=ROOT,
        env=os.environ | folders,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    there = np.load(tmp_path / "drawn.npz")
    for name, canvas in canvases.items():
        picture = drawn_in_the_window(canvas)
        assert picture.max() - picture.min() > 60, f"{name} is empty"
        difference = np.abs(picture - there[name])
        assert difference.max() <= LEVELS, f"{name} differs by {difference.max()}"
