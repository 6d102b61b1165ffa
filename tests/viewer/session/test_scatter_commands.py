"""Commands of the 3D scatter and of points: what they set, refuse, and take back."""

import json

import pytest

from engine.errors import InputError
from viewer.session.session import Session
from viewer.state.points import PointSettings
from viewer.state.scatter import ScatterCamera
from viewer.state.tree import canonical_json


@pytest.fixture
def session():
    return Session(clock=lambda: 0.0)


@pytest.mark.parametrize(
    ("kind", "args", "part", "name", "value"),
    [
        ("scatter.channels", {"x": 3, "y": 1, "z": 9}, "scatter", "channels", (3, 1, 9)),
        ("scatter.axis", {"axis": "y", "channel": 7}, "scatter", "channels", (0, 7, 2)),
        ("scatter.axis", {"axis": "y", "channel": 2}, "scatter", "channels", (0, 2, 1)),
        ("scatter.tool", {"tool": "lasso"}, "scatter", "tool", "lasso"),
        ("scatter.mode", {"mode": "intersect"}, "scatter", "mode", "intersect"),
        ("scatter.legend", {"shown": False}, "scatter", "shows_legend", False),
        ("points.colour", {"colour": "mean"}, "points", "colour", "mean"),
        ("points.colour", {"colour": "channel", "channel": 5}, "points", "channel", 5),
        ("points.size", {"size": 1000.0}, "points", "size", 40.0),
        ("points.opacity", {"opacity": 0.0}, "points", "opacity", 0.01),
    ],
)
def test_settings_are_set_and_undone(session, kind, args, part, name, value):
    before = getattr(getattr(session.state, part), name)
    session.do(kind, **args)
    assert getattr(getattr(session.state, part), name) == value != before
    session.do("undo")
    assert getattr(getattr(session.state, part), name) == before


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("scatter.channels", {"x": 3, "y": 1}),
        ("scatter.channels", {"x": -1, "y": 1, "z": 2}),
        ("scatter.axis", {"axis": "w", "channel": 1}),
        ("scatter.tool", {"tool": "pan"}),
        ("scatter.mode", {"mode": "multiply"}),
        ("scatter.look", {"zoom": float("nan")}),
        ("scatter.look", {"shift": [0.0, 1.0]}),
        ("scatter.point", {"sample": -1, "layer": "a"}),
        ("scatter.point", {"sample": 1, "layer": "a", "unit": [0.5]}),
        ("points.colour", {"colour": "age"}),
        ("points.colour", {"colour": "channel", "channel": "first"}),
        ("points.size", {"size": "large"}),
    ],
)
def test_what_makes_no_sense_is_refused(session, kind, args):
    before = session.state
    with pytest.raises(InputError):
        session.do(kind, **args)
    assert session.state == before


def test_the_camera_is_undone_by_itself(session):
    session.do("scatter.look", azimuth=200.0, elevation=120.0, zoom=1e9, shift=[9.0, 0.0, 0.0])
    camera = session.state.scatter_camera
    assert (camera.azimuth, camera.elevation, camera.zoom) == (-160.0, 89.0, 200.0)
    assert camera.shift == (4.0, 0.0, 0.0)
    session.do("scatter.fit")
    assert session.state.scatter_camera == ScatterCamera(-160.0, 89.0)
    session.do("scatter.tool", tool="points")
    session.do("camera.undo")
    assert session.state.scatter_camera == camera and session.state.scatter.tool == "points"
    session.do("scatter.reset")
    assert session.state.scatter_camera == ScatterCamera()


def test_a_point_is_looked_at_and_the_channel_stays_in_its_layer(session):
    session.do("focus.channel", layer="a", channel=3)
    session.do("scatter.point", sample=7, layer="a", unit=[1, 2])
    focus = session.state.focus
    assert (focus.sample, focus.layer, focus.channel, focus.unit) == (7, "a", 3, (1, 2))
    session.do("scatter.point", sample=8, layer="b")
    assert (session.state.focus.channel, session.state.focus.unit) == (None, None)


def test_points_as_at_first(session):
    session.do("points.size", size=9.0)
    session.do("points.colour", colour="mean")
    session.do("points.reset")
    assert session.state.points == PointSettings()
    assert json.loads(canonical_json(session.state.points))["colour"] == "class"
