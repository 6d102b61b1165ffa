"""Settings, the error door, words of the task list: Qt's room as far as it needs no window."""

import threading
from types import SimpleNamespace

import pytest
from psygnal import EmitLoopError, Signal

from engine.errors import Cancelled, InputError
from engine.tasks import Progress
from viewer.pace import Pace
from viewer.qt.errors import ErrorDoor
from viewer.qt.files import Unfit, sorted_paths
from viewer.qt.settings import Settings
from viewer.qt.tasks import duration, ended_sentence, progress_sentence


def test_settings_come_back_and_broken_ones_begin_anew(tmp_path):
    path = tmp_path / "settings.json"
    settings = Settings(path)
    settings.set("theme", "light")
    settings.set_bytes("layout", b"\x00\xff")
    for number in range(20):
        settings.add_recent({"network": f"{number}.onnx", "data": None})
    settings.add_recent({"network": "17.onnx", "data": None})
    settings.save()
    again = Settings(path)
    assert again.get("theme", "dark") == "light"
    assert again.get_bytes("layout") == b"\x00\xff"
    assert [entry["network"] for entry in again.recent[:3]] == ["17.onnx", "19.onnx", "18.onnx"]
    assert len(again.recent) == 12
    path.write_text("{broken")
    broken = Settings(path)
    assert "begin anew" in broken.unreadable
    assert broken.get("theme", "dark") == "dark"
    path.write_text('{"theme": 7, "layout": "%%%", "recent": [3, {"data": "x"}, {"study": 7}]}')
    odd = Settings(path)
    assert odd.get("theme", "dark") == "dark"
    assert odd.get_bytes("layout") is None
    assert odd.recent == []


def test_the_door_counts_repeats_and_keeps_the_latest_first():
    door, told = ErrorDoor(), []
    door.changed.connect(lambda: told.append(1))
    door.tell("one")
    door.tell("two")
    door.tell("one")
    assert [(notice.text, notice.count) for notice in door.notices] == [("one", 2), ("two", 1)]
    door.dismiss(door.notices[0])
    assert [notice.text for notice in door.notices] == ["two"]
    assert len(told) == 4


def test_foreseen_errors_have_no_traceback_and_cancelling_is_none(capsys):
    door = ErrorDoor()
    door.tell_error("Opening", InputError("broken", where="a.onnx"))
    door.tell_error("Opening", Cancelled())
    assert [(notice.text, notice.details) for notice in door.notices] == [("a.onnx: broken.", "")]
    assert capsys.readouterr().err == ""


def test_an_error_behind_a_signal_is_told_as_itself(capsys):
    class Thing:
        rang = Signal()

    thing, door = Thing(), ErrorDoor()

    def fail():
        raise InputError("the bell broke")

    thing.rang.connect(fail)
    with pytest.raises(EmitLoopError) as caught:
        thing.rang.emit()
    door.tell_error("Ringing", caught.value)
    assert door.notices[0].text == "the bell broke."


def test_the_hooks_lead_to_the_door_and_are_given_back(capsys):
    import sys

    before = (sys.excepthook, threading.excepthook)
    door = ErrorDoor()
    door.install()
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    door.uninstall()
    assert "ZeroDivisionError" in door.notices[0].details
    assert "division by zero" in capsys.readouterr().err
    assert (sys.excepthook, threading.excepthook) == before


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (20, "20 s"), (89.6, "90 s"), (120, "2 min"), (7800, "2 h 10 min")],
)
def test_durations_are_said_as_people_say_them(seconds, words):
    assert duration(seconds) == words


def test_progress_says_amount_rate_and_time_left():
    job, pace = SimpleNamespace(unit="samples", stopping=False), Pace()
    job.progress = Progress(0, 120, "batch 1", 20.0)
    assert progress_sentence(job, pace) == "0 of 120 samples"
    job.progress = Progress(30, 120, "batch 3", 30.0)
    assert progress_sentence(job, pace) == "30 of 120 samples, 3 a second, 30 s left"
    job.unit = ""
    assert progress_sentence(job, pace) == "batch 3"
    job.progress = None
    assert progress_sentence(job, pace) == "starting"
    job.stopping = True
    assert progress_sentence(job, pace) == "stopping; what is finished is kept"


@pytest.mark.parametrize(
    ("status", "unit", "words"),
    [
        ("done", "samples", "done: 120 samples in 14 s"),
        ("done", "", "done in 14 s"),
        ("cancelled", "samples", "cancelled after 120 samples; what is finished is kept"),
        ("failed", "samples", "failed: the disk is full."),
    ],
)
def test_an_end_is_a_sentence(status, unit, words):
    progress = Progress(120, 120, "", 14.2)
    job = SimpleNamespace(progress=progress, unit=unit, status=status, failure="the disk is full.")
    assert ended_sentence(job) == words


def test_paths_are_told_apart_by_what_they_are(tmp_path):
    study = tmp_path / "a.study"
    study.mkdir()
    (study / "study.json").touch()
    paths = [tmp_path / "net.ONNX", study, tmp_path / "pictures"]
    assert sorted_paths(paths) == {
        "network": str(paths[0]),
        "study": str(study),
        "data": str(paths[2]),
    }
    labels, names = tmp_path / "labels.csv", tmp_path / "classes.json"
    assert sorted_paths([paths[0], paths[2], labels, names]) == {
        "network": str(paths[0]),
        "data": str(paths[2]),
        "labels": str(labels),
        "classes": str(names),
    }
    assert sorted_paths([labels]) == {"data": str(labels)}
    assert sorted_paths([labels], has_data=True) == {"labels": str(labels)}
    assert sorted_paths([tmp_path / "tour.lamella"]) == {"session": str(tmp_path / "tour.lamella")}


@pytest.mark.parametrize("names", [("a.onnx", "b.onnx"), ("a.lamella", "b.onnx"), ("a", "b")])
def test_paths_that_do_not_fit_together_are_a_sentence(names, tmp_path):
    with pytest.raises(Unfit, match="together|by itself"):
        sorted_paths([tmp_path / name for name in names])
