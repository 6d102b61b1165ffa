"""Commands of orders: for all layers, for one, under names; those of earlier versions."""

import pytest

from engine.errors import InputError
from tests.viewer.views.test_maps_view import ready
from viewer.session.command import Command
from viewer.session.session import Session
from viewer.state.orders import FILE, OrderChoice, all_named
from viewer.state.tree import as_json
from viewer.views.maps.actions import ACTIONS

MINE = {"layer": "conv1", "channels": [2, 0, 1], "clusters": [0, 2], "words": "PCA of 3 maps"}


@pytest.fixture
def session():
    return Session(clock=lambda: 0.0)


def test_a_choice_is_of_all_layers_and_undone(session):
    assert session.state.orders.of("conv1") == OrderChoice()
    session.do("orders.choose", method="kmeans", basis="weights", clusters=4)
    assert session.state.orders.of("conv1") == OrderChoice("kmeans", "weights", 4)
    session.do("orders.choose", basis="sample")
    assert session.state.orders.choice == OrderChoice("kmeans", "sample", 4)
    session.do("orders.choose", method="kmeans")
    assert session.state.orders.choice == OrderChoice("kmeans", "sample", None)
    for _ in range(3):
        session.do("undo")
    assert session.state.orders.choice == OrderChoice()


def test_a_layer_has_its_own_choice_until_it_has_that_of_all_again(session):
    session.do("orders.choose", method="pca", basis="weights")
    assert session.state.orders.scope("conv1") is None
    session.do("orders.own", layer="conv1", own=True)
    assert session.state.orders.scope("conv1") == "conv1"
    session.do("orders.choose", method="path", layer="conv1")
    session.do("orders.choose", method="leaf")
    assert session.state.orders.of("conv1") == OrderChoice("path", "weights")
    assert session.state.orders.of("fc") == OrderChoice("leaf", "weights")
    session.do("orders.own", layer="conv1", own=False)
    assert session.state.orders.of("conv1") == session.state.orders.of("fc")


def test_named_orders_are_saved_applied_and_forgotten(session):
    session.do("orders.choose", method="pca")
    session.do("orders.save", name=" mine ", order=MINE)
    assert session.state.orders.saved("mine").channels == (2, 0, 1)
    session.do("orders.apply", name="mine")
    assert session.state.orders.of("conv1").name == "mine"
    assert session.state.orders.of("fc").name == ""
    session.do("orders.choose", method="leaf", layer="conv1")
    assert session.state.orders.of("conv1").name == ""
    session.do("orders.apply", name="mine")
    session.do("orders.forget", name="mine")
    assert session.state.orders.of("conv1") == OrderChoice("pca")
    assert session.state.orders.saved("mine") is None


def test_an_order_of_the_study_comes_with_its_content(session):
    session.do("orders.apply", name="theirs", order=MINE)
    assert session.state.orders.saved("theirs").layer == "conv1"
    kept = session.state.orders.saved("theirs")
    session.do("orders.forget", name="theirs")
    assert all_named(session.state.orders, {"theirs": kept, "old": kept}) == {"old": kept}


def test_reset_leaves_names_and_takes_every_choice(session):
    session.do("orders.choose", method="pca", basis="weights")
    session.do("orders.apply", name="mine", order=MINE)
    session.do("orders.reset")
    assert session.state.orders.choice.method == FILE and not session.state.orders.layers
    assert session.state.orders.saved("mine") is not None


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("orders.choose", {"method": "age"}),
        ("orders.choose", {"basis": "colour"}),
        ("orders.choose", {"method": "kmeans", "clusters": 0}),
        ("orders.choose", {"method": "kmeans", "clusters": 10**6}),
        ("orders.choose", {"method": "pca", "layer": 3}),
        ("orders.own", {"layer": "", "own": True}),
        ("orders.save", {"name": " ", "order": MINE}),
        ("orders.save", {"name": "a", "order": {**MINE, "channels": [0, 0, 1]}}),
        ("orders.save", {"name": "a", "order": {**MINE, "channels": []}}),
        ("orders.save", {"name": "a", "order": {**MINE, "channels": [True, False]}}),
        ("orders.save", {"name": "a", "order": {**MINE, "clusters": [2, 0]}}),
        ("orders.save", {"name": "a", "order": {**MINE, "clusters": [3]}}),
        ("orders.save", {"name": "a", "order": {**MINE, "layer": None}}),
        ("orders.save", {"name": "a", "order": "pca"}),
        ("orders.apply", {"name": "unknown"}),
    ],
)
def test_what_makes_no_sense_is_refused(session, kind, args):
    before = session.state
    with pytest.raises(InputError):
        session.do(kind, **args)
    assert session.state == before


@pytest.mark.parametrize(
    ("kind", "args", "choice"),
    [
        ("matrix.order", {"order": "variance"}, OrderChoice("variance", "correlation")),
        ("matrix.order", {"order": "separation"}, OrderChoice("separation", "correlation")),
        ("matrix.order", {"order": "correlation"}, OrderChoice("leaf", "correlation")),
        ("matrix.order", {"order": "file"}, OrderChoice(FILE, "correlation")),
        ("maps.sort", {"sort": "maximum"}, OrderChoice("maximum", "sample")),
        ("maps.sort", {"sort": "file"}, OrderChoice(FILE, "sample")),
    ],
)
def test_orders_of_earlier_versions_are_those_of_the_program(session, kind, args, choice):
    session.give(Command(kind, args))
    assert session.state.orders.choice == choice


def test_a_former_sort_of_mean_maps_is_of_the_selection(session):
    session.do("maps.set", set="mean")
    session.give(Command("maps.sort", {"sort": "mean"}))
    assert session.state.orders.choice == OrderChoice("mean", "selection")


def test_the_state_is_plain_values(session):
    session.do("orders.apply", name="mine", order=MINE)
    found = as_json(session.state.orders)
    assert found["named"][0][1]["channels"] == [2, 0, 1]


def test_the_next_channel_is_the_next_in_the_order(session):
    facts, wishes = ready(), {action.name: action.wish for action in ACTIONS}
    session.do("focus.channel", layer="conv1", channel=2)
    ahead, back = wishes["maps.channel.next"], wishes["maps.channel.previous"]
    assert ahead(session.state, facts)[1]["channel"] == 3
    session.do("orders.apply", name="m", order={"layer": "conv1", "channels": [1, 2, 0, 3]})
    assert ahead(session.state, facts)[1]["channel"] == 0
    assert back(session.state, facts)[1]["channel"] == 1
    session.do("focus.channel", layer="conv1", channel=3)
    assert ahead(session.state, facts) is None
