"""Played in its own time: key frames, overlapping drags, glides, captions, waits, migrations."""

import pytest

from engine.errors import InputError
from viewer.session import command as commands
from viewer.session.captions import captions_at
from viewer.session.command import Command, migrated
from viewer.session.moving import between_keys, cut, end_of, mixed
from viewer.session.replay import Playback, replay
from viewer.session.session import Session
from viewer.state.tree import StateHolder


def drag(kind, t, *keys):
    """A drag with key frames ``(seconds, {...})``."""
    final = {}
    for _, args in keys:
        final.update(args)
    return Command(kind, {**final, "keys": [list(key) for key in keys]}, t)


@pytest.mark.parametrize(
    ("first", "last", "middle"),
    [
        (1, 9, 1),
        (True, False, True),
        ("a", "b", "a"),
        (None, 2.0, None),
        (1.0, 3.0, 2.0),
        (1, 3.0, 2.0),
        ([0.0, 2.0], [1.0, 4.0], [0.5, 3.0]),
        ([0, 2.0], [1, 4.0], [0, 3.0]),
        ([1.0], [1.0, 2.0], [1.0]),
    ],
)
def test_floats_move_and_everything_else_steps(first, last, middle):
    assert mixed(first, last, 0.5) == middle
    assert mixed(first, last, 0.0) == first
    assert mixed(first, last, 1.0) == last


@pytest.mark.parametrize(
    ("first", "last", "middle"),
    [(170.0, -170.0, 180.0), (-170.0, 170.0, -180.0), (10.0, 50.0, 30.0)],
)
def test_angles_go_the_short_way(first, last, middle):
    turn = drag("camera.move", 0.0, (0.0, {"azimuth": first}), (1.0, {"azimuth": last}))
    assert between_keys(turn, 0.5).args["azimuth"] == pytest.approx(middle)


def test_a_key_frame_need_not_say_everything():
    turn = drag(
        "camera.move",
        0.0,
        (0.0, {"azimuth": 0.0, "elevation": 10.0}),
        (1.0, {"azimuth": 10.0}),
        (2.0, {"elevation": 20.0}),
    )
    assert between_keys(turn, 0.5).args == {"azimuth": 5.0, "elevation": 10.0}
    assert between_keys(turn, 1.5).args == {"azimuth": 10.0, "elevation": 15.0}


def test_samples_that_are_played_change_at_their_key_frames_and_are_undone_as_one():
    keys = [(number * 0.5, {"sample": number + 3}) for number in range(4)]
    playing = drag("focus.sample", 1.0, *keys)
    playback = Playback([playing, Command("undo", {}, 5.0)])
    shown = [playback.state_at(t).focus.sample for t in (0.9, 1.0, 1.49, 1.5, 2.4, 2.5, 4.0)]
    assert shown == [0, 3, 3, 4, 5, 6, 6]
    assert playback.state_at(5.0).focus.sample == 0


def test_drags_may_overlap_and_end_as_they_stand_in_the_list():
    orbit = drag("camera.move", 0.0, (0.0, {"azimuth": 0.0}), (4.0, {"azimuth": 40.0}))
    playing = drag("focus.sample", 1.0, (0.0, {"sample": 1}), (1.0, {"sample": 2}))
    playback = Playback([orbit, playing, Command("stack.mode", {"mode": "maximum"}, 3.0)])
    state = playback.state_at(2.5)
    assert (state.camera.azimuth, state.focus.sample) == (25.0, 2)
    assert playback.state_at(3.5).stack.mode == "maximum"
    assert playback.state_at(9.0) == replay(playback.commands).session.state


def test_jumps_of_the_camera_glide_the_same_at_every_frame_rate():
    jump = Command("camera.move", {"azimuth": 100.0, "zoom": 3.0}, 1.0)
    sparse, dense = Playback([jump]), Playback([jump])
    start = dense.state_at(0.99).camera
    moments = [1.0 + number * 0.01 for number in range(20)]
    shown = [dense.state_at(moment).camera for moment in moments]
    assert shown[0] == start
    assert [camera.azimuth for camera in shown] == sorted(camera.azimuth for camera in shown)
    assert start.azimuth < shown[7].azimuth < 100.0
    assert shown[15].azimuth == 100.0
    assert sparse.state_at(1.07).camera == shown[7]
    assert dense.seconds == pytest.approx(1.15)


def test_a_jump_during_a_glide_goes_on_from_where_it_is_and_opening_does_not_glide():
    playback = Playback(
        [
            Command("camera.move", {"zoom": 3.0}, 1.0),
            Command("camera.move", {"zoom": 1.0}, 1.05),
            Command("open", {"network": "a.onnx"}, 2.0),
        ]
    )
    before = playback.state_at(1.049).camera.zoom
    assert playback.state_at(1.05).camera.zoom == pytest.approx(before, abs=0.1)
    assert playback.state_at(1.3).camera.zoom == 1.0
    assert playback.state_at(2.0).source.network == "a.onnx"


def test_in_the_window_views_glide_by_themselves():
    playback = Playback([Command("camera.move", {"zoom": 3.0}, 1.0)], glides=False)
    assert playback.state_at(1.01).camera.zoom == 3.0


def test_modes_and_samples_do_not_glide():
    playback = Playback([Command("stack.mode", {"mode": "maximum"}, 1.0)])
    assert playback.state_at(1.0).stack.mode == "maximum"


def test_captions_stand_for_their_seconds_one_at_a_place():
    steps = [
        Command("caption", {"text": "one", "place": "top", "seconds": 3.0}, 1.0),
        Command("caption", {"text": "two", "seconds": 2.0}, 2.0),
        Command("caption", {"text": "three", "place": "top", "seconds": 2.0}, 3.0),
    ]

    def texts(seconds):
        return [(caption.place, caption.text) for caption in captions_at(steps, seconds)]

    assert texts(0.9) == []
    assert texts(1.0) == [("top", "one")]
    assert texts(2.5) == [("top", "one"), ("bottom", "two")]
    assert texts(3.5) == [("top", "three"), ("bottom", "two")]
    assert texts(5.0) == []
    state = Session().state
    assert replay(steps).session.state == state
    assert end_of(steps[0]) == 4.0


def test_a_session_lasts_until_its_last_wait():
    steps = [Command("focus.sample", {"sample": 1}, 1.0), Command("wait", {"seconds": 5.0}, 2.0)]
    assert Playback(steps).seconds == pytest.approx(7.15)


def test_what_does_not_fit_is_told_once_and_the_rest_is_played():
    bad = drag("stack.mode", 1.0, (0.0, {"mode": "odd"}), (1.0, {"mode": "odd"}))
    steps = [Command("dream", {}, 0.5), bad, Command("focus.sample", {"sample": 2}, 3.0)]
    playback = Playback(steps)
    for number in range(50):
        state = playback.state_at(number / 10)
    assert state.focus.sample == 2
    assert len(playback.mismatches) == 2


def test_a_drag_that_is_cut_ends_where_it_was():
    orbit = drag("camera.move", 1.0, (0.0, {"azimuth": 0.0}), (4.0, {"azimuth": 40.0}))
    short = cut(orbit, 2.0)
    assert end_of(short) == 2.0
    assert short.args["azimuth"] == pytest.approx(10.0)
    assert between_keys(short, 1.5).args == between_keys(orbit, 1.5).args


def test_what_a_live_drag_leaves_is_what_its_replay_gives():
    now = [0.0]
    session = Session(StateHolder(), lambda: now[0])
    for mode, item in (("add", 1), ("add", 2), ("subtract", 1)):
        now[0] += 0.1
        session.drag("select.brush", mode=mode, region={"kind": "samples", "items": [item]})
    session.end_drag()
    assert replay(session.commands).session.state == session.state


def test_older_commands_become_those_of_today(monkeypatch):
    monkeypatch.setattr(commands, "KINDS", dict(commands.KINDS))

    @commands.kind(
        "test.turn",
        version=3,
        migrate={
            1: lambda args: {"degrees": args["radians"] * 57.29578},
            2: lambda args: {"azimuth": args["degrees"]},
        },
    )
    def turn(state, *, azimuth):
        return state.with_part("camera", azimuth=azimuth)

    old = Command("test.turn", {"radians": 1.0}, 2.0, version=1)
    assert migrated(old) == Command(
        "test.turn", {"azimuth": pytest.approx(57.29578)}, 2.0, version=3
    )
    with pytest.raises(InputError, match="older version"):
        migrated(Command("test.turn", {"wrong": 1.0}, 0.0, 1))
    assert migrated(Command("test.turn", {"degrees": 9.0}, 0.0, 2)).args == {"azimuth": 9.0}
