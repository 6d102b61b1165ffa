"""The session as a document: followed, begun, edited, played on the live state, saved, opened."""

from types import SimpleNamespace

import pytest
from psygnal import Signal

from engine.errors import InputError, MachineError
from tests.viewer.session.random_commands import Chance, StandingClock, give_some
from viewer.session import journal, locating
from viewer.session.beginning import beginning_of
from viewer.session.document import Document
from viewer.session.replay import replay
from viewer.session.session import Session
from viewer.state.layout import in_front
from viewer.state.tree import State, StateHolder, state_hash
from viewer.studio.facts import READY, Facts


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def document(clock):
    made = Document(Session(StateHolder(), clock))
    made.player._clock = clock
    return made


def act(document, clock):
    """Some steps that a person takes, a second apart."""
    session = document.session
    session.do("open", network="sample:shapes", data="sample:shapes")
    for kind, args in (
        ("focus.sample", {"sample": 3}),
        ("stack.mode", {"mode": "maximum"}),
        ("focus.layer", {"layer": "conv1"}),
    ):
        clock.now += 1.0
        session.do(kind, **args)
    clock.now += 1.0
    for number in range(31):
        clock.now += 1 / 30
        session.drag("camera.move", azimuth=50.0 + number)
    session.end_drag()


def kinds(document):
    return [step.kind for step in document.steps]


def play(document, clock, seconds):
    for _ in range(int(seconds * 30)):
        clock.now += 1 / 30
        document.player.tick()


def test_a_person_is_followed_from_the_start_and_not_asked_about_it(document, clock):
    act(document, clock)
    assert kinds(document) == ["open", "focus.sample", "stack.mode", "focus.layer", "camera.move"]
    assert document.is_changed
    assert not document.asks_to_save


def test_opening_other_files_begins_another_list_that_gives_the_same_state(document, clock):
    act(document, clock)
    clock.now += 100
    document.session.do("open", network="other.onnx", data="pictures")
    assert kinds(document) == ["stack.mode", "camera.move", "open"]
    assert replay(document.steps).session.state == document.session.state
    clock.now += 2
    document.session.do("focus.sample", sample=1)
    assert document.steps[-1].t == 2.0


def test_a_new_session_begins_with_what_is_seen_and_is_asked_about(document, clock):
    act(document, clock)
    state = document.session.state
    document.new()
    assert document.session.state == state
    assert {step.t for step in document.steps} == {0.0}
    assert not document.asks_to_save
    clock.now += 1
    document.session.do("focus.sample", sample=5)
    assert document.asks_to_save
    assert document.steps[-1].t == 1.0
    document.session.do("open", network="b.onnx")
    assert kinds(document)[-2:] == ["focus.sample", "open"]


def test_what_was_taken_back_is_no_part_of_a_beginning(document, clock):
    session = document.session
    for kind, args in (
        ("stack.mode", {"mode": "maximum"}),
        ("select.brush", {"mode": "replace", "region": {"kind": "class", "items": [1]}}),
        ("select.brush", {"mode": "add", "region": {"kind": "class", "items": [2]}}),
        ("stack.mode", {"mode": "emission"}),
        ("undo", {}),
        ("focus.sample", {"sample": 4}),
        ("focus.sample", {"sample": 5}),
        ("undo", {}),
        ("redo", {}),
    ):
        clock.now += 2
        session.do(kind, **args)
    steps = beginning_of(session.commands, State(), session.state)
    assert [step.kind for step in steps] == [
        "stack.mode",
        "select.brush",
        "select.brush",
        "focus.sample",
    ]
    assert replay(steps).session.state == session.state


@pytest.mark.parametrize("seed", range(5))
def test_any_beginning_leads_to_the_same_state(seed):
    session, clock = Session(StateHolder()), StandingClock()
    give_some(session, clock, Chance(seed), 120)
    steps = beginning_of(session.commands, State(), session.state)
    assert replay(steps).session.state == session.state
    assert len(steps) <= len(session.commands)


def test_saved_moved_and_opened_it_is_the_same(document, clock, tmp_path):
    act(document, clock)
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "net.onnx").write_bytes(b"x")
    document.session.do("open", network=str(folder / "net.onnx"), data="sample:shapes")
    document.save(folder / "a.lamella")
    assert not document.is_changed
    header, commands = journal.read(folder / "a.lamella")
    assert header.network["path"] == "net.onnx"
    folder.rename(tmp_path / "there")
    loaded = locating.load(tmp_path / "there" / "a.lamella")
    assert loaded.missing == ()
    other = Document(Session())
    other.open(loaded)
    assert other.session.state.source.network == str(tmp_path / "there" / "net.onnx")
    assert state_hash(other.session.state) == state_hash(document.session.state)
    assert not other.asks_to_save


def opened(document, clock, tmp_path):
    act(document, clock)
    document.save(tmp_path / "a.lamella")
    document.open(locating.load(tmp_path / "a.lamella"))


def test_an_opened_session_is_looked_at_without_taking_anything_in(document, clock, tmp_path):
    opened(document, clock, tmp_path)
    count = len(document.steps)
    document.session.do("focus.sample", sample=9)
    assert len(document.steps) == count
    assert document.player.left
    assert not document.asks_to_save
    document.take_in(True)
    assert document.session.state.focus.sample == 3
    clock.now += 1
    document.session.do("focus.sample", sample=8)
    assert document.steps[-1].args == {"sample": 8}
    assert document.asks_to_save


def test_steps_are_taken_in_where_the_session_stands(document, clock, tmp_path):
    opened(document, clock, tmp_path)
    document.player.go_to(2)
    document.take_in(True)
    document.session.do("stack.spacing", spacing=2.0)
    assert kinds(document)[:4] == ["open", "focus.sample", "stack.spacing", "stack.mode"]
    assert document.player.place == 3
    assert replay(document.steps[:3]).session.state == document.session.state


def test_it_plays_at_its_times_moves_inside_drags_and_ends_as_it_was(document, clock, tmp_path):
    opened(document, clock, tmp_path)
    end = document.session.state
    document.player.play()
    assert document.player.place == 1
    assert document.session.state.source == end.source
    play(document, clock, 1.5)
    assert document.session.state.focus.sample == 3
    assert document.session.state.stack.mode == "emission"
    play(document, clock, 3.2)
    assert 60 < document.session.state.camera.azimuth < 78
    assert len(document.session.commands) == 4
    play(document, clock, 2)
    assert document.session.state == end
    assert not document.player.playing
    assert document.session.commands == list(document.steps)


def test_no_time_passes_while_something_is_computed(document, clock, tmp_path):
    opened(document, clock, tmp_path)
    document.player.play()
    for _ in range(100):
        clock.now += 0.1
        document.player.tick(exact=False)
    assert document.player.place == 1


def test_a_person_who_acts_inside_a_drag_leaves_a_record_that_replays(document, clock, tmp_path):
    opened(document, clock, tmp_path)
    document.player.play()
    play(document, clock, 4.7)
    azimuth = document.session.state.camera.azimuth
    assert 60 < azimuth < 78
    document.session.do("focus.sample", sample=7)
    assert not document.player.playing
    assert document.player.left
    assert document.session.state.camera.azimuth == azimuth
    assert replay(document.session.commands).session.state == document.session.state
    document.player.play()
    assert document.session.state.focus.sample == 3


def test_an_edit_touches_no_state_before_it_is_replayed(document, clock, tmp_path):
    opened(document, clock, tmp_path)
    state = document.session.state
    document.editing.delete([2])
    assert document.session.state == state
    assert document.player.left
    assert document.asks_to_save
    document.player.go_to(len(document.steps))
    assert document.session.state.stack.mode == "emission"
    document.editing.undo()
    assert not document.asks_to_save


def test_steps_that_are_not_known_stay_in_the_list_and_in_the_file(document, clock, tmp_path):
    path = tmp_path / "newer.lamella"
    path.write_text(
        '{"format": "lamella-session", "version": 1}\n'
        '{"t": 1, "kind": "dream", "version": 7, "args": {"of": "sheep"}}\n'
        '{"t": 2, "kind": "focus.sample", "args": {"sample": 2}}\n'
    )
    told = []
    document.told.connect(told.append)
    document.open(locating.load(path))
    assert list(document.faults) == [0]
    assert len(told) == 1
    assert document.session.state.focus.sample == 2
    document.save()
    assert journal.read(path)[1][0].args == {"of": "sheep"}


def test_a_full_disk_loses_nothing(document, clock, tmp_path, monkeypatch):
    import errno
    import os

    act(document, clock)
    path = tmp_path / "a.lamella"
    document.save(path)
    before = path.read_text()
    document.session.do("focus.sample", sample=9)

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(journal.os, "fsync", full)
    with pytest.raises(MachineError, match="disk is full"):
        document.save(path)
    assert path.read_text() == before
    assert [each.name for each in tmp_path.iterdir()] == ["a.lamella"]
    assert document.is_changed
    with pytest.raises(InputError, match="cannot be written"):
        document.save(tmp_path / "nowhere" / "a.lamella")


def test_the_sessions_own_pane_stays_in_sight_while_layouts_change(document, clock, tmp_path):
    act(document, clock)
    clock.now += 1
    document.session.do("window.choose", layout="Network")
    document.save(tmp_path / "a.lamella")
    document.open(locating.load(tmp_path / "a.lamella"))
    assert "session" not in in_front(document.session.state.window.layout)
    document.session.do("window.pane", pane="session", shown=True)
    assert not document.player.left
    document.player.play()
    for _ in range(8):
        play(document, clock, 1)
        assert "session" in in_front(document.session.state.window.layout)
    assert set(in_front(document.session.state.window.layout)) >= {"network", "stack", "sample"}
    assert state_hash(document.session.state) == state_hash(replay(document.steps).session.state)


def test_captions_are_put_in_while_steps_are_taken_in(document, clock):
    act(document, clock)
    document.new()
    clock.now += 1
    document.session.do("focus.sample", sample=5)
    document.editing.insert(1, "caption", text="Look")
    assert document.taking_in
    assert not document.player.left
    assert document.player.place == len(document.steps)
    clock.now += 1
    document.session.do("focus.sample", sample=6)
    assert kinds(document)[-2:] == ["focus.sample", "focus.sample"]
    document.editing.delete([len(document.steps) - 1])
    assert document.player.left
    assert not document.taking_in


class Opened:
    """A studio that has opened a network and data with these hashes."""

    changed = Signal(object, object)

    def __init__(self, network, data):
        self.facts = Facts()
        self.opened = Facts(
            phase=READY, network=SimpleNamespace(sha256=network), data=SimpleNamespace(hash=data)
        )


def test_network_and_data_of_one_sample_keep_their_own_hashes(clock, tmp_path):
    studio = Opened("n" * 64, "d" * 64)
    document = Document(Session(StateHolder(), clock), studio)
    act(document, clock)
    old, studio.facts = studio.facts, studio.opened
    studio.changed.emit(studio.facts, old)
    document.save(tmp_path / "a.lamella")
    header, _ = journal.read(tmp_path / "a.lamella")
    assert header.network == {"path": "sample:shapes", "hash": "n" * 64}
    assert header.data == {"path": "sample:shapes", "hash": "d" * 64}
    document.close()
