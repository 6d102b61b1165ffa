"""Rendering in a process of its own: whole, cancelled, refused, dead."""

import sys

import pytest

from engine.errors import Cancelled, InputError, MachineError
from engine.tasks import Task
from tests.conftest import ROOT
from viewer.rendering import render_in_child

TOUR = ROOT / "samples" / "sessions" / "tour.lamella"


def test_a_cancelled_rendering_keeps_its_frames(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    told = []

    def stop_after_two(progress):
        told.append(progress)
        if progress.done >= 2:
            task.cancel()

    task = Task("Rendering", stop_after_two)
    with pytest.raises(Cancelled):
        render_in_child(TOUR, tmp_path / "frames", (96, 64), 2, task)
    frames = sorted(path.name for path in (tmp_path / "frames").iterdir())
    assert frames[:2] == ["frame_00001.png", "frame_00002.png"]
    assert len(frames) < told[-1].total


def test_what_the_child_refuses_is_said_as_here(tmp_path):
    with pytest.raises(InputError, match="nothing.lamella"):
        render_in_child(tmp_path / "nothing.lamella", tmp_path / "a.mp4", (96, 64), 5, Task())


def test_a_child_that_dies_is_a_sentence_with_its_last_words(tmp_path, monkeypatch):
    dying = tmp_path / "dying.py"
    dying.write_text("#!/bin/sh\necho 'the projector caught fire' >&2\nexit 3\n")
    dying.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(dying))
    with pytest.raises(MachineError, match="the projector caught fire"):
        render_in_child(TOUR, tmp_path / "a.mp4", (96, 64), 5, Task())
