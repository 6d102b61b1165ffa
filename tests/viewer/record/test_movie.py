"""Pictures and movies: what is in the files, what is kept, what is said when it goes wrong."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import Cancelled, InputError, MachineError
from engine.tasks import Task
from viewer.record.movie import render
from viewer.record.pictures import Canvas, save_png

pytestmark = pytest.mark.gl


def grey(context, width, height, number):
    from viewer.gl.api import GL

    GL.glClearColor(0.1 * number, 0.5, 0.25, 1)
    GL.glClear(GL.GL_COLOR_BUFFER_BIT)


def read_movie(path):
    import imageio.v3

    return imageio.v3.imread(path, plugin="FFMPEG")


def test_a_movie_has_every_frame_in_its_colours(context, tmp_path):
    path = tmp_path / "a.mp4"
    assert render(grey, path, frames=7, size=(63, 48), fps=10, context=context) == 7
    frames = read_movie(path)
    assert frames.shape == (7, 48, 64, 3)
    for number, frame in enumerate(frames):
        wanted = np.array([25.5 * number, 127.5, 63.75])
        assert np.abs(frame.mean((0, 1)) - wanted).max() < 4
    assert [item.name for item in tmp_path.iterdir()] == ["a.mp4"]


def test_the_same_frames_give_the_same_bytes(context, tmp_path):
    for name in ("a.mp4", "b.mp4"):
        render(grey, tmp_path / name, frames=5, size=(64, 48), context=context)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_pictures_go_into_a_folder(context, tmp_path):
    assert render(grey, tmp_path / "frames", frames=3, size=(31, 20), context=context) == 3
    names = sorted(item.name for item in (tmp_path / "frames").iterdir())
    assert names == [f"frame_{number:05}.png" for number in (1, 2, 3)]
    pixel = np.asarray(Image.open(tmp_path / "frames" / names[2]))[5, 5]
    assert np.abs(pixel - np.array([51, 127.5, 63.75])).max() <= 1


@pytest.mark.parametrize("name", ["a.mp4", "frames"])
def test_cancelling_keeps_finished_frames(context, tmp_path, name):
    task = Task("movie", on_progress=lambda seen: task.cancel() if seen.done == 4 else None)
    with pytest.raises(Cancelled, match=r"4|5 of 9 frames, kept"):
        render(grey, tmp_path / name, frames=9, size=(32, 32), task=task, context=context)
    if name == "a.mp4":
        assert len(read_movie(tmp_path / name)) in (4, 5)
    else:
        assert len(list((tmp_path / name).iterdir())) in (4, 5)


def test_progress_counts_frames(context, tmp_path):
    seen = []
    task = Task("movie", on_progress=lambda report: seen.append((report.done, report.total)))
    render(grey, tmp_path / "a.mp4", frames=3, size=(32, 32), task=task, context=context)
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def command_lines():
    """Of every process, as Linux tells; elsewhere none are known."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return lines


@pytest.mark.parametrize("error", [RuntimeError("no frame"), MachineError("no frame")])
def test_faults_of_a_draw_keep_what_was_finished_and_leave_no_process(context, tmp_path, error):
    def broken(*place):
        if place[3] == 2:
            raise error
        grey(*place)

    with pytest.raises(type(error), match="no frame") as told:
        render(broken, tmp_path / "a.mp4", frames=9, size=(32, 32), context=context)
    assert len(read_movie(tmp_path / "a.mp4")) == 2
    assert isinstance(error, RuntimeError) or "the first 2 frames are kept" in str(told.value)
    assert [item.name for item in tmp_path.iterdir()] == ["a.mp4"]
    assert not [line for line in command_lines() if str(tmp_path) in line]


def test_a_fault_of_the_first_draw_leaves_no_file(context, tmp_path):
    def broken(*_):
        raise RuntimeError("no frame")

    with pytest.raises(RuntimeError, match="no frame"):
        render(broken, tmp_path / "a.mp4", frames=9, size=(32, 32), context=context)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.mp4", "frames"])
def test_frames_that_do_not_change_are_taken_again(context, tmp_path, name):
    drawn = []

    def now_and_then(context, width, height, number):
        if number % 3:
            return False
        drawn.append(number)
        grey(context, width, height, number)
        return True

    render(now_and_then, tmp_path / name, frames=7, size=(32, 32), context=context)
    assert drawn == [0, 3, 6]
    if name == "a.mp4":
        frames = [frame.mean((0, 1)) for frame in read_movie(tmp_path / name)]
    else:
        paths = sorted((tmp_path / name).iterdir())
        frames = [np.asarray(Image.open(path)).mean((0, 1)) for path in paths]
    wanted = [25.5 * (number - number % 3) for number in range(7)]
    assert np.abs(np.array(frames)[:, 0] - wanted).max() < 4


def test_a_folder_with_other_files_is_used_and_one_of_a_longer_movie_refused(context, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    facts = {"size": (16, 16), "context": context}
    render(grey, tmp_path, frames=3, **facts)
    render(grey, tmp_path, frames=4, **facts)
    assert len(list(tmp_path.glob("frame_*.png"))) == 4
    with pytest.raises(InputError, match="frames of a longer movie.*got 4.*another folder"):
        render(grey, tmp_path, frames=3, **facts)
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "path, rest, message",
    [
        ("a.avi", {}, "written as .mp4"),
        ("a.mp4", {"frames": 0}, "no frame"),
        ("a.mp4", {"fps": 0}, "frames a second are above 0"),
        ("frames", {"fps": float("nan")}, "frames a second are above 0"),
        ("none/a.mp4", {}, "folder does not exist"),
        ("frames", {"size": (0, 10)}, "at least one pixel"),
        ("a.mp4", {"size": (1 << 20, 10)}, "too large for any player"),
        ("frames", {"size": (1 << 20, 10)}, "too large for the graphics driver"),
        ("file", {}, "there is a file of this name"),
        ("folder.mp4/a.mp4", {}, "there is a folder of this name"),
    ],
)
def test_what_cannot_be_is_said(context, tmp_path, path, rest, message):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.mp4" / "a.mp4").mkdir(parents=True)
    with pytest.raises(InputError, match=message):
        facts = {"frames": 2, "size": (32, 32), "context": context} | rest
        render(grey, tmp_path / path, **facts)


def test_a_picture_knows_how_large_it_is_printed(tmp_path):
    save_png(tmp_path / "x.png", np.zeros((2, 3, 3), np.uint8), dots_per_inch=300)
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.size == (3, 2)
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_a_picture_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(MachineError, match=r"x\.png: cannot write"):
        save_png(tmp_path / "none" / "x.png", np.zeros((2, 2, 3), np.uint8))


def test_a_canvas_makes_and_ends_its_own_context(_egl):
    with Canvas(8, 6) as canvas:
        pixels = canvas.picture(lambda *place: grey(*place, 1))
        assert pixels.shape == (6, 8, 3)
        owned = canvas.context
    assert not owned.alive
    _egl.make_current()
