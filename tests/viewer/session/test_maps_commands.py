"""Commands of the feature maps: what they set, refuse and how they are undone."""

import pytest

from engine.errors import InputError
from viewer.session.session import Session
from viewer.state.maps import LARGEST, SMALLEST, MapsCamera
from viewer.views.maps.actions import ACTIONS


@pytest.fixture
def session():
    return Session(clock=lambda: 0.0)


@pytest.mark.parametrize(
    ("kind", "args", "name", "value"),
    [
        ("maps.set", {"set": "mean"}, "set", "mean"),
        ("maps.range", {"range": "common"}, "range", "common"),
        ("maps.over", {"over": "sample"}, "over", "sample"),
        ("maps.dead", {"hidden": True}, "hides_dead", True),
        ("maps.fold", {"layers": ["b", "a", "b"], "folded": True}, "folded", ("a", "b")),
    ],
)
def test_settings_are_set_and_undone(session, kind, args, name, value):
    before = getattr(session.state.maps, name)
    session.do(kind, **args)
    assert getattr(session.state.maps, name) == value != before
    session.do("undo")
    assert getattr(session.state.maps, name) == before


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("maps.set", {"set": "median"}),
        ("maps.range", {"range": 3}),
        ("maps.sort", {"sort": "colour"}),
        ("maps.fold", {"layers": "conv1", "folded": True}),
        ("maps.fold", {"layers": [1], "folded": True}),
        ("maps.look", {"place": float("nan")}),
        ("maps.look", {"size": "large"}),
    ],
)
def test_what_makes_no_sense_is_refused(session, kind, args):
    before = session.state
    with pytest.raises(InputError):
        session.do(kind, **args)
    assert session.state == before


def test_scrolling_is_undone_with_the_camera_and_stays_within_bounds(session):
    session.do("maps.look", place=-3.0, size=1e9)
    assert session.state.maps_camera == MapsCamera(size=LARGEST)
    session.do("maps.look", size=1.0)
    assert session.state.maps_camera.size == SMALLEST
    session.do("focus.layer", layer="a")
    session.do("undo")
    assert session.state.maps_camera.size == SMALLEST
    session.do("camera.undo")
    assert session.state.maps_camera == MapsCamera()


def test_unfolding_leaves_the_others_folded(session):
    session.do("maps.fold", layers=["a", "b"], folded=True)
    session.do("maps.fold", layers=["a"], folded=False)
    assert session.state.maps.folded == ("b",)


def test_every_action_gives_a_command_that_fits(session):
    from tests.pretend_engine import Data, Network
    from viewer.studio.facts import READY, Facts

    facts = Facts(phase=READY, network=Network("net.onnx", True), data=Data())
    session.do("focus.layer", layer="conv1")
    session.do("maps.look", place=1.5, size=60.0)
    for action in ACTIONS:
        wish = action.wish(session.state, facts)
        if wish is not None:
            session.do(wish[0], **wish[1])
        if action.checked is not None:
            assert action.checked(session.state) in (True, False)
        action.wish(session.state, Facts())
