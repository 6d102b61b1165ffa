"""Commands of the stack's settings: what they set, what they refuse, what undo takes back."""

import pytest

from engine.errors import InputError
from viewer.session.session import Session
from viewer.state.stack import MODES, WHOLE
from viewer.state.tree import State, state_hash


@pytest.fixture
def session():
    times = iter(range(0, 10_000, 5))
    return Session(clock=lambda: float(next(times)))


REFUSED = [
    ("stack.mode", {"mode": "beautiful"}),
    ("stack.limits", {"layer": "a", "low": 2.0, "high": 2.0}),
    ("stack.limits", {"layer": 3, "low": 0.0, "high": 2.0}),
    ("stack.limits", {"layer": "a", "low": float("nan"), "high": 2.0}),
    ("stack.clip", {"axis": "depth", "low": 0.0, "high": 1.0}),
    ("stack.clip", {"axis": "rows", "low": 0.7, "high": 0.7}),
    ("stack.curve", {"points": [[0.0, 1.0]]}),
    ("stack.curve", {"points": [[0.5, 1.0], [0.2, 1.0]]}),
    ("stack.curve", {"points": [[0.5, 1.0], [0.7]]}),
    ("stack.curve", {"points": [[0.0, 0.0]] * 33}),
    ("stack.curve", {"points": "up"}),
    ("stack.hide", {"layer": None}),
    ("stack.solo", {"layer": 1}),
    ("stack.rate", {"rate": "fast"}),
    ("stack.iso", {"iso": True}),
    ("camera.stand", {"azimuth": 0.0, "elevation": None}),
]


@pytest.mark.parametrize(("kind", "args"), REFUSED)
def test_what_does_not_fit_is_refused_and_changes_nothing(session, kind, args):
    with pytest.raises(InputError):
        session.do(kind, **args)
    assert state_hash(session.state) == state_hash(State())


def test_every_mode_can_be_chosen_and_taken_back(session):
    for mode in MODES:
        session.do("stack.mode", mode=mode)
        assert session.state.stack.mode == mode
    for mode in reversed(MODES[:-1]):
        session.do("undo")
        assert session.state.stack.mode == mode


def test_numbers_are_kept_within_what_makes_sense(session):
    session.do("stack.iso", iso=7)
    session.do("stack.attenuation", attenuation=-1)
    session.do("stack.rate", rate=0)
    session.do("stack.clip", axis="rows", low=-3.0, high=0.5)
    stack = session.state.stack
    assert (stack.iso, stack.attenuation, stack.rate) == (1.0, 0.0, 1.0)
    assert stack.clip == ((0.0, 1.0), (0.0, 0.5), (0.0, 1.0))
    session.do("stack.clip.reset")
    assert session.state.stack.clip == WHOLE


def test_ranges_by_hand_are_of_a_layer_or_of_all_and_can_be_forgotten(session):
    session.do("stack.limits", layer="b", low=0.0, high=3.0)
    session.do("stack.limits", layer="a", low=-1.0, high=1.0)
    session.do("stack.limits", layer="b", low=0.5, high=2.0)
    session.do("stack.limits", layer=None, low=0.0, high=9.0)
    stack = session.state.stack
    assert stack.limits == (("a", -1.0, 1.0), ("b", 0.5, 2.0))
    assert stack.limits_of("b") == (0.5, 2.0)
    assert stack.limits_of("c") is None
    assert stack.common_limits == (0.0, 9.0)
    session.do("stack.limits.reset", layer="a")
    assert session.state.stack.limits == (("b", 0.5, 2.0),)
    session.do("stack.range", range="sample")
    assert session.state.stack.limits == ()
    session.do("undo")
    session.do("stack.limits.reset")
    assert (session.state.stack.limits, session.state.stack.common_limits) == ((), None)


def test_layers_are_hidden_shown_and_shown_alone(session):
    session.do("stack.hide", layer="b")
    session.do("stack.hide", layer="a")
    assert session.state.stack.hidden == ("a", "b")
    session.do("stack.solo", layer="a")
    shown = [name for name in "abc" if session.state.stack.shows(name)]
    assert shown == ["a"]
    session.do("stack.hide", layer="a")
    assert [name for name in "abc" if session.state.stack.shows(name)] == ["c"]
    session.do("stack.show", layer="a")
    assert [name for name in "abc" if session.state.stack.shows(name)] == ["a", "c"]
    session.do("stack.show")
    assert all(session.state.stack.shows(name) for name in "abc")


def test_a_curve_is_set_by_its_points_and_reset(session):
    session.do("stack.curve", points=[[0, 0], [0.5, 2.0], [0.5, 0.1], [1, 1]])
    assert session.state.stack.curve == ((0.0, 0.0), (0.5, 1.0), (0.5, 0.1), (1.0, 1.0))
    session.do("stack.curve", points=None)
    assert session.state.stack.curve is None


def test_a_slider_that_was_dragged_is_one_command_with_key_frames(session):
    for step in range(1, 5):
        session.drag("stack.clip", axis="channels", low=0.1 * step, high=1.0)
    session.end_drag()
    (command,) = session.commands
    assert [key[1]["low"] for key in command.args["keys"]] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    session.do("undo")
    assert session.state.stack.clip == WHOLE


def test_standing_at_an_axis_fits_the_stack_from_there_and_has_the_cameras_undo(session):
    session.do("camera.move", zoom=4.0, shift=[1.0, 2.0, 3.0])
    session.do("camera.stand", azimuth=450.0, elevation=90.0)
    camera = session.state.camera
    assert (camera.azimuth, camera.elevation, camera.fitted) == (90.0, 89.0, (90.0, 89.0))
    assert (camera.zoom, camera.shift) == (1.0, (0.0, 0.0, 0.0))
    session.do("camera.undo")
    assert session.state.camera.zoom == 4.0
