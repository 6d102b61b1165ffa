"""`lamella replay` and `lamella SESSION`: reports, exit statuses, one sentence for each fault."""

import json

import pytest

from samples.sessions.make import FOLDER
from viewer import cli
from viewer.session import journal
from viewer.session.command import Command
from viewer.session.locating import load
from viewer.session.replay import replay
from viewer.verbs.open import to_open

TOUR = FOLDER / "tour.lamella"


@pytest.fixture(autouse=True)
def no_recent_files(monkeypatch, tmp_path):
    monkeypatch.setattr("viewer.verbs.sessions.recent_files", list)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")


def written(tmp_path, commands=(), **header):
    header = {"network": {"path": "sample:shapes"}, "data": {"path": "sample:shapes"}} | header
    path = tmp_path / "a.lamella"
    journal.write(path, journal.Header(**header), commands)
    return str(path)


def said(capsys, status, *words):
    assert cli.main(words) == status
    return capsys.readouterr()


def sentence(capsys, *words):
    """The one sentence of words that end with status 2."""
    out, err = said(capsys, 2, *words)
    assert err.count("\n") == 1, err
    return err


def test_the_report_as_json_is_what_a_replay_gives(capsys):
    out, err = said(capsys, 0, "replay", str(TOUR), "--json")
    report = json.loads(out)
    loaded = load(TOUR)
    assert report == replay(loaded.commands, loaded.first).as_json()
    assert report["mismatches"] == []
    assert set(report) == {"commands", "state_hash", "selection_hash", "mismatches"}


def test_the_report_for_a_person_has_the_same(capsys):
    loaded = load(TOUR)
    report = replay(loaded.commands, loaded.first).as_json()
    out, _ = said(capsys, 0, "replay", str(TOUR))
    assert report["state_hash"] in out
    assert report["selection_hash"] in out


def test_what_does_not_match_is_reported_and_ends_with_2_unless_skipped(capsys, tmp_path):
    commands = [Command("dream", {}, 1.0), Command("stack.mode", {"mode": "odd"}, 2.0)]
    network = {"path": "sample:shapes", "hash": "0" * 64}
    path = written(tmp_path, commands, network=network)
    out, err = said(capsys, 2, "replay", path, "--json")
    report = json.loads(out)
    assert [text.partition(" ")[0] for text in report["mismatches"]] == ["the", "dream:", "mode:"]
    assert "3 things did not match" in err
    out, err = said(capsys, 0, "replay", path, "--json", "--skip")
    assert json.loads(out) == report
    assert err == "" or "did not match" not in err


def test_what_is_missing_is_one_sentence_with_the_way_out(capsys, tmp_path):
    path = written(tmp_path, network={"path": "gone.onnx"}, data={"path": "gone.npz"})
    err = sentence(capsys, "replay", path)
    assert "gone.onnx" in err
    assert "gone.npz" in err
    assert "--network PATH and --data PATH" in err
    answers = ("--network", "sample:shapes", "--data", "sample:digits")
    out, _ = said(capsys, 0, "replay", path, "--json", *answers)
    assert json.loads(out)["commands"] == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"PK\x03\x04",
        b'{"format": "lamella-session", "version": 99}\n',
        b'{"format": "lamella-session", "version": 1}\n{"t": 1, "kind": "focus.sample", "ar',
        b'{"format": "lamella-session", "version": 1, "window": {"theme": "pink"}}\n',
    ],
)
def test_files_that_are_no_sessions_are_one_sentence(capsys, tmp_path, content):
    path = tmp_path / "a.lamella"
    path.write_bytes(content)
    assert sentence(capsys, "replay", str(path)).startswith("lamella: ")
    assert sentence(capsys, "replay", str(tmp_path / "none.lamella")).count("no such") == 1
    assert "folder" in sentence(capsys, "replay", str(tmp_path))


def test_a_session_is_opened_by_its_name_and_by_its_content(tmp_path):
    path = written(tmp_path)
    other = tmp_path / "afternoon.txt"
    other.write_bytes((tmp_path / "a.lamella").read_bytes())
    for word in (path, str(other)):
        what = to_open(cli.parse([word, "--network", "n.onnx"]))
        assert what == {"session": word, "answers": {"network": "n.onnx"}, "skip": False}
    assert to_open(cli.parse([path, "pictures"]))["answers"] == {"data": "pictures"}
    folder = tmp_path / "b.session"
    folder.mkdir()
    (tmp_path / "a.lamella").rename(folder / "session.lamella")
    assert to_open(cli.parse([str(folder)]))["session"] == str(folder)


def test_where_a_sessions_files_are_goes_with_a_session_only(capsys):
    assert "goes with a session" in sentence(capsys, "sample:shapes", "--network", "n.onnx")


def test_a_broken_session_is_told_before_a_window_opens(capsys, tmp_path):
    path = tmp_path / "a.lamella"
    path.write_text("hello")
    assert "not a session file" in sentence(capsys, str(path))
