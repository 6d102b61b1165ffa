"""Commands of the matrix: what they set, refuse, and whom the camera follows."""

import pytest

from engine.errors import InputError
from viewer.session.session import Session
from viewer.state.matrix import FINEST


@pytest.fixture
def session():
    return Session(clock=lambda: 0.0)


@pytest.mark.parametrize(
    ("kind", "args", "name", "value"),
    [
        ("matrix.constant", {"hidden": True}, "hides_constant", True),
        ("matrix.form", {"form": "points"}, "form", "points"),
        ("matrix.tool", {"tool": "rectangle"}, "tool", "rectangle"),
        ("matrix.mode", {"mode": "add"}, "mode", "add"),
        ("matrix.statistic", {"statistic": "distance"}, "statistic", "distance"),
        ("matrix.overview", {"shown": False}, "shows_overview", False),
        ("matrix.legend", {"shown": False}, "shows_legend", False),
        ("matrix.columns", {"layer": "conv1"}, "columns_from", "conv1"),
    ],
)
def test_settings_are_set_and_undone(session, kind, args, name, value):
    before = getattr(session.state.matrix, name)
    session.do(kind, **args)
    assert getattr(session.state.matrix, name) == value != before
    session.do("undo")
    assert getattr(session.state.matrix, name) == before


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("matrix.order", {"order": "age"}),
        ("matrix.tool", {"tool": "axe"}),
        ("matrix.mode", {"mode": "multiply"}),
        ("matrix.look", {"span": "wide"}),
        ("matrix.look", {"x": float("nan")}),
        ("matrix.range", {"layer": "a", "channel": 0, "low": 1.0, "high": 1.0}),
        ("matrix.range", {"layer": None, "channel": 0, "low": 0.0, "high": 1.0}),
        ("matrix.point", {"sample": -1, "layer": "a"}),
        ("matrix.columns", {"layer": 3}),
    ],
)
def test_what_makes_no_sense_is_refused(session, kind, args):
    before = session.state
    with pytest.raises(InputError):
        session.do(kind, **args)
    assert session.state == before


def test_ranges_by_hand_are_kept_by_layer_and_channel(session):
    session.do("matrix.range", layer="a", channel=2, low=0.0, high=1.0)
    session.do("matrix.range", layer="b", channel=0, low=0.0, high=1.0)
    session.do("matrix.range", layer="a", channel=2, low=-1.0, high=1.0)
    assert session.state.matrix.ranges_of("a") == {2: (-1.0, 1.0)}
    session.do("matrix.range", layer="a", channel=3, low=0.0, high=2.0)
    session.do("matrix.range.reset", layer="a", channel=2)
    assert session.state.matrix.ranges_of("a") == {3: (0.0, 2.0)}
    session.do("matrix.range.reset")
    assert session.state.matrix.ranges == ()


def test_the_place_is_left_when_another_channel_comes_into_focus(session):
    session.do("focus.layer", layer="a")
    session.do("matrix.look", x=3.0, y=2.0, span=0.0)
    state = session.state
    assert state.matrix_camera.span == FINEST
    assert state.matrix_camera.is_in_force(state.focus)
    session.do("focus.channel", layer="a", channel=5)
    assert not session.state.matrix_camera.is_in_force(session.state.focus)
    session.do("focus.sample", sample=4)
    session.do("undo")
    session.do("undo")
    assert session.state.matrix_camera.is_in_force(session.state.focus)


def test_a_click_in_the_matrix_keeps_the_place_and_its_undo_does(session):
    session.do("focus.layer", layer="a")
    session.do("matrix.look", x=3.0, y=2.0, span=1.0)
    session.do("matrix.point", sample=7, layer="a", channel=2, unit=[1, 3])
    state = session.state
    assert (state.focus.sample, state.focus.channel, state.focus.unit) == (7, 2, (1, 3))
    assert state.matrix_camera.is_in_force(state.focus)
    session.do("focus.channel", layer="a", channel=4)
    assert not session.state.matrix_camera.is_in_force(session.state.focus)
    session.do("undo")
    session.do("undo")
    assert session.state.focus.channel is None
    assert session.state.matrix_camera.is_in_force(session.state.focus)


def test_other_columns_are_seen_whole(session):
    session.do("focus.layer", layer="a")
    session.do("matrix.look", x=3.0, y=2.0, span=1.0)
    session.do("matrix.columns", layer="b")
    assert not session.state.matrix_camera.is_in_force(session.state.focus)
    assert session.state.matrix_camera.span is None
