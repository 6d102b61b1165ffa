"""Commands of the network view: what they set, refuse, and how they are taken back."""

import pytest

from engine.errors import InputError
from viewer.session.session import Session
from viewer.state.network import COLOUR_BY, NetworkCamera, NetworkSettings


@pytest.fixture
def session():
    return Session()


@pytest.mark.parametrize("by", COLOUR_BY)
def test_every_statistic_can_be_chosen(session, by):
    assert session.do("network.colour", by=by).network.colour_by == by


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("network.colour", {"by": "taste"}),
        ("network.folding", {"folding": "some"}),
        ("network.fold", {"group": None}),
        ("network.fold", {"group": 3}),
        ("network.orientation", {"orientation": "up"}),
        ("network.find", {"text": 4}),
        ("network.look", {"framing": "free"}),
        ("network.move", {"x": "0", "y": 0, "scale": 1}),
        ("network.move", {"x": 0, "y": float("nan"), "scale": 1}),
        ("network.move", {"x": 0, "y": 0}),
        ("network.choose", {"layer": 3, "x": 0, "y": 0, "scale": 1}),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(session, kind, args):
    before = session.state
    with pytest.raises(InputError):
        session.do(kind, **args)
    assert session.state == before


def test_folding_all_forgets_what_was_folded_by_itself(session):
    session.do("network.fold", group="b")
    assert session.do("network.fold", group="a").network.exceptions == ("a", "b")
    assert session.do("network.fold", group="b").network.exceptions == ("a",)
    state = session.do("network.folding", folding="all")
    assert state.network == NetworkSettings(folding="all")
    assert session.do("undo").network.exceptions == ("a",)


def test_moving_has_the_undo_of_cameras(session):
    session.do("network.colour", by="macs")
    session.do("network.look", framing="whole")
    session.drag("network.move", x=1.0, y=2.0, scale=3.0)
    session.drag("network.move", x=4.0, y=5.0, scale=100.0)
    session.end_drag()
    assert session.state.network_camera == NetworkCamera("free", 4.0, 5.0, 8.0)
    assert session.do("camera.undo").network_camera.framing == "whole"
    assert session.state.network.colour_by == "macs"
    assert session.do("undo").network.colour_by == "none"
    assert session.state.network_camera.framing == "whole"


def test_choosing_a_layer_keeps_the_place_and_is_undone_as_a_focus(session):
    session.do("focus.layer", layer="a")
    state = session.do("network.choose", layer="b", x=1.0, y=2.0, scale=1.0)
    assert state.focus.layer == "b"
    assert state.network_camera == NetworkCamera("free", 1.0, 2.0, 1.0, "b")


def test_a_camera_remembers_which_layer_was_focused(session):
    session.do("focus.layer", layer="a")
    assert session.do("network.look", framing="end").network_camera.seen == "a"
    assert session.do("network.move", x=0, y=0, scale=1).network_camera.seen == "a"


def test_turning_the_graph_begins_at_its_start(session):
    session.do("network.move", x=9.0, y=900.0, scale=0.1)
    state = session.do("network.orientation", orientation="right")
    assert state.network_camera == NetworkCamera()


def test_a_search_is_not_undone(session):
    session.do("network.find", text="conv*")
    assert not session.can("undo")
    assert session.do("network.find", text=None).network.find == ""
