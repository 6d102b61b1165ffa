"""Commands change the state, undo takes them back, a journal gives the same state again."""

import random
from dataclasses import replace

import pytest

from engine.errors import InputError
from viewer.session import journal
from viewer.session.command import Command
from viewer.session.moving import between_keys
from viewer.session.replay import Playback, replay
from viewer.session.session import TRAVEL, Session
from viewer.state.selection import selection_hash
from viewer.state.tree import State, StateHolder, state_hash


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def session(clock):
    return Session(StateHolder(), clock)


def test_a_command_changes_the_state_and_is_told_once(session):
    told = []
    session.holder.changed.connect(
        lambda new, old: told.append((new.focus.sample, old.focus.sample))
    )
    session.do("focus.sample", sample=4)
    session.do("focus.sample", sample=4)
    assert told == [(4, 0)]
    assert [command.kind for command in session.commands] == ["focus.sample", "focus.sample"]


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("focus.sample", {"sample": -1}),
        ("focus.sample", {"sample": True}),
        ("focus.sample", {"wrong": 1}),
        ("focus.unit", {"layer": "a", "channel": 0, "unit": [1.5, 2]}),
        ("camera.move", {"azimuth": float("nan")}),
        ("stack.mode", {"mode": "beautiful"}),
        ("window.only", {"pane": "ceiling"}),
        ("preprocess.set", {"options": {"colour": "red"}}),
        ("open", {"network": 3}),
        ("open", {"wrong": "x"}),
        ("no.such.kind", {}),
    ],
)
def test_arguments_that_do_not_fit_are_told_and_change_nothing(session, kind, args):
    before = session.state
    with pytest.raises(InputError):
        session.do(kind, **args)
    assert session.state == before
    assert session.commands == []


def test_another_layer_forgets_the_channel_and_the_same_does_not(session):
    session.do("focus.unit", layer="conv1", channel=3, unit=[1, 2])
    session.do("focus.layer", layer="conv1")
    assert session.state.focus.unit == (1, 2)
    session.do("focus.layer", layer="conv2")
    assert (session.state.focus.channel, session.state.focus.unit) == (None, None)


def test_undo_and_redo_take_settings_but_not_the_camera(session, clock):
    session.do("stack.mode", mode="maximum")
    clock.now = 5
    session.do("camera.move", azimuth=10)
    session.do("undo")
    assert session.state.stack.mode == "emission"
    assert session.state.camera.azimuth == 10
    session.do("camera.undo")
    assert session.state.camera.azimuth != 10
    session.do("redo")
    session.do("camera.redo")
    assert (session.state.stack.mode, session.state.camera.azimuth) == ("maximum", 10)
    assert not session.can("redo")


def test_quick_steps_are_undone_as_one_and_slow_ones_singly(session, clock):
    for sample in (1, 2, 3):
        clock.now += 0.1
        session.do("focus.sample", sample=sample)
    clock.now += 5
    session.do("focus.sample", sample=4)
    session.do("undo")
    assert session.state.focus.sample == 3
    session.do("undo")
    assert session.state.focus.sample == 0


def test_a_drag_is_one_command_with_key_frames_undone_as_one(session, clock):
    before = session.state.camera
    for step in range(60):
        clock.now = step / 100
        session.drag("camera.move", azimuth=60.0 + step, elevation=20.0)
    session.end_drag()
    assert len(session.commands) == 1
    keys = session.commands[0].args["keys"]
    assert keys[-1][1]["azimuth"] == 119.0
    assert 15 <= len(keys) <= 22
    assert session.state.camera.azimuth == 119.0
    session.do("camera.undo")
    assert session.state.camera == before


def test_a_command_during_a_drag_ends_it_first(session):
    session.drag("camera.move", azimuth=10)
    session.do("focus.sample", sample=2)
    assert [command.kind for command in session.commands] == ["camera.move", "focus.sample"]


def test_opening_forgets_the_focus_and_the_undo(session):
    session.do("focus.sample", sample=9)
    session.do("stack.mode", mode="maximum")
    session.do("open", network="a.onnx", data="b", preprocessing={"preset": "caffe"})
    assert session.state.focus.sample == 0
    assert session.state.stack.mode == "maximum"
    assert session.state.preprocessing.confirmed
    assert not session.can("undo")


def test_a_correction_of_the_preprocessing_can_be_undone(session):
    session.do("preprocess.set", options={"mean": [1, 2, 3], "bgr": True})
    assert session.state.preprocessing.options == (("bgr", True), ("mean", (1, 2, 3)))
    session.do("undo")
    assert session.state.preprocessing.options == ()


def random_command(random, clock):
    """Some command that a person might give."""
    clock.now += random.choice([0.01, 0.5, 2.0])
    choices = [
        ("focus.sample", {"sample": random.randrange(50)}),
        ("focus.layer", {"layer": random.choice(["a", "b", None])}),
        ("focus.unit", {"layer": "a", "channel": 1, "unit": [random.randrange(5), 2]}),
        ("camera.move", {"azimuth": random.uniform(-400, 400), "zoom": random.uniform(0.1, 9)}),
        ("camera.fit", {}),
        ("stack.mode", {"mode": random.choice(["emission", "maximum"])}),
        ("stack.spacing", {"spacing": random.uniform(0, 4)}),
        ("preprocess.set", {"options": {"scale": random.random()}}),
        ("extract.start", {"layer": random.choice([None, "a"])}),
        ("window.pane", {"pane": "tasks", "shown": random.random() < 0.5}),
        *((travel, {}) for travel in TRAVEL),
    ]
    return random.choice(choices)


def test_random_commands_replayed_from_their_file_give_the_same_state(session, clock, tmp_path):
    chance = random.Random(3)
    for _ in range(2000):
        if chance.random() < 0.2:
            clock.now += 0.02
            session.drag(
                "camera.move", azimuth=chance.uniform(0, 50), shift=[1, 2, chance.random()]
            )
        else:
            kind, args = random_command(chance, clock)
            session.do(kind, **args)
    session.end_drag()
    path = tmp_path / "afternoon.lamella"
    journal.write(path, journal.Header(network={"path": "x.onnx"}), session.commands)
    header, commands = journal.read(path)
    outcome = replay(commands)
    assert header.network == {"path": "x.onnx"}
    assert outcome.as_json() == {
        "commands": len(session.commands),
        "state_hash": state_hash(session.state),
        "selection_hash": selection_hash(session.state.selection),
        "mismatches": [],
    }


def test_replay_tells_what_it_does_not_know_and_goes_on():
    commands = [
        Command("dream", {}, 0.0),
        Command("stack.mode", {"mode": "maximum"}, 1.0, version=99),
        Command("focus.sample", {"sample": 2}, 2.0),
    ]
    outcome = replay(commands)
    assert len(outcome.mismatches) == 2
    assert outcome.session.state.focus.sample == 2


def test_playback_moves_between_key_frames_and_ends_on_the_last():
    keys = [
        [0.0, {"azimuth": 0.0, "shift": [0.0, 0.0, 0.0]}],
        [2.0, {"azimuth": 10.0, "shift": [2.0, 0.0, 4.0]}],
    ]
    drag = Command("camera.move", {**keys[-1][1], "keys": keys}, 1.0)
    playback = Playback([drag, Command("focus.sample", {"sample": 1}, 3.5)])
    assert playback.seconds == pytest.approx(3.65)
    assert playback.state_at(2.0).camera.azimuth == pytest.approx(5.0)
    assert playback.state_at(2.5).camera.shift == (1.5, 0.0, 3.0)
    assert playback.state_at(3.2).camera.azimuth == 10.0
    assert playback.state_at(9.0).focus.sample == 1


def test_a_single_key_frame_is_itself():
    drag = Command("camera.move", {"zoom": 2.0, "keys": [[0.0, {"zoom": 2.0}]]}, 1.0)
    assert between_keys(drag, 1.0).args == {"zoom": 2.0}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        '{"format": "other"}',
        '{"format": "lamella-session", "version": 99}',
        '{"format": "lamella-session", "version": 1}\n{"t": 1}',
        '{"format": "lamella-session", "version": 1}\nnot json',
        "[]",
    ],
)
def test_files_that_are_no_sessions_are_told_with_their_name(tmp_path, text):
    path = tmp_path / "broken.lamella"
    path.write_text(text)
    with pytest.raises(InputError, match=r"broken\.lamella"):
        journal.read(path)


def test_a_broken_line_is_told_by_its_number(tmp_path):
    path = tmp_path / "broken.lamella"
    path.write_text('{"format": "lamella-session", "version": 1}\n\n{"kind": 3}')
    with pytest.raises(InputError, match="line 3"):
        journal.read(path)


def test_opening_forgets_what_is_of_one_network_and_keeps_how_things_are_drawn(session):
    session.do("stack.hide", layer="conv1")
    session.do("stack.mode", mode="maximum")
    session.do("focus.layer", layer="conv1")
    session.do("select.brush", mode="replace", region={"kind": "class", "items": [1]})
    session.do("network.find", text="conv")
    session.do("sample.move", zoom=3.0)
    session.do("open", network="other.onnx")
    state, fresh = session.state, State()
    assert state.stack == replace(fresh.stack, mode="maximum")
    for part in ("focus", "selection", "network", "network_camera", "sample_camera", "film"):
        assert getattr(state, part) == getattr(fresh, part)


def test_drags_that_cut_each_other_are_undone_as_two(session, clock):
    for step in range(1, 9):
        clock.now += 0.05
        session.drag("focus.sample", sample=step)
        clock.now += 0.05
        session.drag("camera.move", azimuth=50.0 + step)
    session.end_drag()
    assert session.state.focus.sample == 8 and session.state.camera.azimuth == 58.0
    assert state_hash(replay(session.commands).session.state) == state_hash(session.state)
    session.do("undo")
    session.do("camera.undo")
    assert session.state == State()


def test_a_drag_begun_later_is_a_step_of_its_own(session, clock):
    for azimuth in (60.0, 70.0):
        session.drag("camera.move", azimuth=azimuth)
        session.end_drag()
        clock.now += 0.1
    session.do("camera.undo")
    assert session.state.camera.azimuth == 60.0
