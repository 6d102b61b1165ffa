"""A session as a movie: nothing is drawn before it is computed, and twice the same."""

import errno
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from engine.errors import Cancelled, LamellaError, MachineError
from engine.tasks import Task
from tests.conftest import ROOT
from tests.pretend_engine import PretendEngine
from viewer.record import performance
from viewer.record.movie import FASTEST
from viewer.record.performance import film, still
from viewer.session.command import Command
from viewer.studio import cache

OPEN = Command("open", {"network": "net.onnx", "data": "pictures"})
TURN = Command(
    "camera.move",
    {"azimuth": 90.0, "keys": [[0.0, {"azimuth": 52.0}], [0.4, {"azimuth": 90.0}]]},
    0.5,
)
STEP = Command("focus.sample", {"sample": 2}, 1.0)
SAID = Command("caption", {"text": "A caption", "place": "middle", "seconds": 0.4}, 1.5)
COMMANDS = [OPEN, TURN, STEP, SAID]
SIZE = (320, 180)


class Slow(PretendEngine):
    """Takes half a second for a sample."""

    def run_sample(self, *words, **rest):
        time.sleep(0.5)
        return super().run_sample(*words, **rest)


@pytest.fixture(autouse=True)
def studies(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")


@pytest.fixture
def shoot(_egl, tmp_path):
    """``shoot(name, commands)``: the frames of a movie of commands on a pretended engine."""

    def take(name, commands=COMMANDS, fps=5, engine=None, **rest):
        _, notes = film(
            commands, tmp_path / name, size=SIZE, fps=fps, engine=engine or PretendEngine(), **rest
        )
        _egl.make_current()
        take.notes = notes
        paths = sorted((tmp_path / name).iterdir())
        return [np.asarray(Image.open(path)).astype(int) for path in paths]

    return take


pytestmark = pytest.mark.gl


def test_two_renders_give_equal_frames(shoot, tmp_path):
    frames = shoot("a")
    shoot("b")
    names = sorted(item.name for item in (tmp_path / "a").iterdir())
    assert names == [f"frame_{number:05}.png" for number in range(1, len(frames) + 1)]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_frames_show_the_state_of_their_time(shoot):
    frames = shoot("a")
    assert len(frames) == 11  # 1.9 s and the 0.15 s in which things come to rest

    def differ(one, other):
        return np.abs(frames[one] - frames[other]).mean()

    assert differ(0, 1) == differ(1, 2) == 0  # nothing happens
    assert differ(2, 3) > 0  # the camera turns
    assert differ(4, 5) > 0.1  # another sample
    assert differ(7, 8) > 0.1  # a caption
    middle = np.abs(frames[8] - frames[7]).sum(2) > 0
    rows, columns = np.nonzero(middle)
    assert abs(rows.mean() / 180 - 0.5) < 0.1
    assert abs(columns.mean() / 320 - 0.5) < 0.1
    assert differ(7, 10) == 0  # and it goes again


def test_what_stands_still_is_drawn_once(shoot, monkeypatch):
    drawn = []
    compose = performance.Composition._compose
    monkeypatch.setattr(
        performance.Composition,
        "_compose",
        lambda self, *rest: drawn.append(1) or compose(self, *rest),
    )
    waits = Command("wait", {"seconds": 4.0}, 0.1)
    frames = shoot("a", [OPEN, waits], fps=10)
    assert len(frames) > 40
    assert len(drawn) < 5


def test_commands_that_do_not_fit_are_told_and_left_out(shoot):
    wrong = Command("focus.layer", {"layer": 5}, 0.2)
    frames = shoot("a", [OPEN, wrong, Command("wait", {"seconds": 0.5}, 0.2)])
    assert len(frames) > 2
    assert len(shoot.notes) == 1


def test_a_picture_of_a_moment(_egl):
    pictures = [
        still(COMMANDS, seconds=moment, size=SIZE, engine=PretendEngine()) for moment in (0.0, 1.7)
    ]
    _egl.make_current()
    assert pictures[0].shape == (180, 320, 3)
    assert np.abs(pictures[0].astype(int) - pictures[1]).mean() > 0.1


def test_cancelling_while_it_computes_keeps_the_frames_before(shoot, tmp_path):
    seen = []

    def on_progress(progress):
        seen.append(progress.what)
        if progress.done == 5 and not progress.what.startswith("frame"):
            task.cancel()

    task = Task("movie", on_progress)
    with pytest.raises(Cancelled, match="5 of 11 frames, kept"):
        shoot("a", task=task, engine=Slow())
    assert len(list((tmp_path / "a").iterdir())) == 5
    assert "running a sample" in seen


def test_a_session_may_say_that_frames_do_not_wait(shoot):
    began = time.monotonic()
    frames = shoot("a", [OPEN, Command("wait", {"seconds": 0.2}, 0.1)], engine=Slow(), exact=False)
    assert len(frames) == 3
    assert time.monotonic() - began < 20
    exact = shoot("b", [OPEN, Command("wait", {"seconds": 0.2}, 0.1)], engine=Slow())
    assert np.abs(exact[0] - frames[0]).mean() > 0.1  # shown before it was there


def test_a_full_disk_between_frames_is_said_and_the_others_stay(shoot, tmp_path, monkeypatch):
    save = Image.Image.save

    def full(image, path, **rest):
        if "00004" in str(path):
            raise OSError(errno.ENOSPC, "No space left on device")
        save(image, path, **rest)

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(MachineError, match="disk is full; the first 3 frames are kept") as told:
        shoot("a")
    assert "free some space" in str(told.value)
    assert len(list((tmp_path / "a").iterdir())) == 3


def test_what_cannot_be_opened_is_raised(shoot):
    class Broken(PretendEngine):
        def open_network(self, *words, **rest):
            raise MachineError("this network does not run")

    with pytest.raises(LamellaError, match="does not run"):
        shoot("a", engine=Broken())


# the command


def lamella(*words, folder, status=0):
    """Run `lamella` with a cache of its own; standard error."""
    environment = os.environ | {"XDG_CACHE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    environment.pop("DISPLAY", None)
    command = [sys.executable, "-m", "viewer", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


@pytest.fixture
def session(tmp_path):
    """A session file of the sample, a second long."""
    path = tmp_path / "short.lamella"
    header = {
        "format": "lamella-session",
        "version": 1,
        "network": {"path": "sample:shapes"},
        "data": {"path": "sample:shapes", "limit": 8},
    }
    rows = [header, SAID.as_json() | {"t": 0.2}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.timeout(300)
def test_lamella_render_writes_the_same_movie_twice(session, tmp_path, _egl):
    for name in ("a.mp4", "b.mp4"):
        place = tmp_path / name
        words = ("render", session, "-o", place, "--frame", "321x180", "--fps", "5")
        out, _ = lamella(*words, folder=tmp_path / "cache")
        assert out == f"{place}\n"
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.parametrize(
    "words, said",
    [
        (["-o", "x.avi"], "written as .mp4"),
        (["-o", "none/x.mp4"], "folder does not exist"),
        (["-o", "x.mp4", "--frame", "12"], "--frame: '12' is not WIDTHxHEIGHT"),
        (["-o", "x.mp4", "--frame", "0x5"], "'0x5' is not WIDTHxHEIGHT"),
        (["-o", "x.mp4", "--frame", "99999x99999"], "too large for any player"),
        (["-o", "x.mp4", "--fps", "0"], f"above 0, up to {FASTEST}"),
        (["-o", "x.mp4", "--fps", "many"], "is not a number"),
        ([], "--out is missing"),
    ],
)
def test_wrong_words_are_said_in_a_sentence(session, tmp_path, words, said, capsys, monkeypatch):
    from viewer.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(["render", str(session), *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_no_session_is_said(tmp_path, capsys):
    from viewer.cli import main

    assert main(["render", str(tmp_path / "none.lamella"), "-o", str(tmp_path / "x.mp4")]) == 2
    assert "no such session file" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.timeout(300)
def test_ctrl_c_keeps_finished_frames(session, tmp_path, _egl):
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    with open(session, "a") as file:
        file.write(json.dumps(Command("wait", {"seconds": 500.0}, 0.5).as_json()) + "\n")
    command = [sys.executable, "-m", "viewer", "render", session, "-o", tmp_path / "frames"]
    command += ["--frame", "160x90", "--fps", "10"]
    child = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=environment)
    end = time.monotonic() + 120
    while len(list(tmp_path.glob("frames/frame_*.png"))) < 3:
        assert child.poll() is None, child.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 130, said
    kept = len(list(tmp_path.glob("frames/frame_*.png")))
    assert f"{kept} of" in said
    assert "kept" in said
    assert 3 <= kept < 5000


def test_rendering_knows_no_qt():
    code = "import sys, viewer.record.performance; print([m for m in sys.modules if 'PySide' in m])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
