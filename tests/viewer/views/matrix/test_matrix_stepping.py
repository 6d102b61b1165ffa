"""What menus do with the matrix: neighbours, zoom, ranked pairs, columns, without the view."""

import numpy as np
import pytest

from tests.viewer.given_orders import apply_named
from tests.viewer.views.made_points import points_of
from tests.viewer.views.matrix.matrix_desk import facts_of, made, table_of
from viewer.session.session import Session
from viewer.views.matrix.actions import ACTIONS
from viewer.views.matrix.stepping import pair_after, stands

BY_NAME = {action.name: action for action in ACTIONS}


@pytest.fixture
def session():
    found = Session(clock=lambda: 0.0)
    found.do("focus.layer", layer="conv1")
    return found


@pytest.fixture
def facts():
    points = made()
    return facts_of(points, pairs={(points.key, "", "correlation"): table_of(points)})


def give(session, facts, name):
    """Do an action; its command's arguments, or None where it cannot be done."""
    wish = BY_NAME[name].wish(session.state, facts)
    if wish is None:
        return None
    session.do(wish[0], **wish[1])
    return wish[1]


def place(session, facts):
    _, _, look, _ = stands(session.state, facts)
    return look.x, look.y


def test_without_points_nothing_can_be_done(session):
    for name in ("look.whole", "look.left", "look.nearer", "pair.next", "look.cell"):
        assert BY_NAME[f"matrix.{name}"].wish(session.state, facts_of()) is None
    assert stands(session.state, facts_of()) is None


def test_neighbours_are_reached_one_by_one(session, facts):
    session.do("matrix.look", x=2.5, y=2.5, span=1.06)
    give(session, facts, "matrix.look.right")
    give(session, facts, "matrix.look.down")
    give(session, facts, "matrix.look.down")
    assert place(session, facts) == (3.5, 4.5)
    give(session, facts, "matrix.look.up")
    give(session, facts, "matrix.look.left")
    assert place(session, facts) == (2.5, 3.5)


def test_at_the_edge_there_is_no_neighbour(session, facts):
    session.do("matrix.look", x=5.5, y=0.5, span=1.06)
    assert give(session, facts, "matrix.look.right") is None
    assert give(session, facts, "matrix.look.up") is None


def test_nearer_farther_the_cell_and_the_whole(session, facts):
    whole = stands(session.state, facts)[2]
    assert whole.span == 6.0
    assert give(session, facts, "matrix.look.nearer")["span"] == pytest.approx(4.0)
    give(session, facts, "matrix.look.cell")
    assert stands(session.state, facts)[2].span < 1.1
    give(session, facts, "matrix.look.whole")
    assert stands(session.state, facts)[2] == whole


def test_the_ten_most_are_gone_through_in_order(session, facts):
    places = []
    for _ in range(3):
        give(session, facts, "matrix.pair.next")
        places.append(place(session, facts))
    give(session, facts, "matrix.pair.previous")
    assert places == [(1.5, 2.5), (3.5, 0.5), (1.5, 2.5)]
    assert place(session, facts) == (3.5, 0.5)


def test_pairs_of_hidden_channels_are_passed_over(session):
    values = np.random.default_rng(1).normal(0, 1, (5, 20))
    values[1] = 0
    points = points_of(values)
    facts = facts_of(points, pairs={(points.key, "", "correlation"): table_of(points)})
    session.do("matrix.constant", hidden=True)
    frame, arrangement, look, table = stands(session.state, facts)
    assert table.ranked[0][:2] == (2, 1)
    assert pair_after(table.ranked, arrangement, frame, look, 1) == (0, 2)


def test_an_order_moves_the_channel_in_focus(session, facts):
    session.do("focus.channel", layer="conv1", channel=4)
    assert place(session, facts) == (4.5, 4.5)
    apply_named(session.do, "conv1", [4, 0, 1, 2, 3, 5])
    assert place(session, facts) == (0.5, 0.5)


def test_columns_come_from_the_layer_before_and_back(session):
    early, late = made(layer="early"), made(channels=4, seed=5)
    facts = facts_of(early, late)
    assert give(session, facts, "matrix.columns.own") is None
    assert give(session, facts, "matrix.columns.before") == {"layer": "early"}
    frame, arrangement, _, _ = stands(session.state, facts)
    assert arrangement.shape == (4, 6)
    give(session, facts, "matrix.columns.own")
    assert stands(session.state, facts)[1].shape == (4, 4)


def test_switches_say_what_is_in_force(session, facts):
    for name, setting in (
        ("matrix.overview.show", "shows_overview"),
        ("matrix.overview.legend", "shows_legend"),
        ("matrix.constant", "hides_constant"),
    ):
        before = getattr(session.state.matrix, setting)
        assert BY_NAME[name].checked(session.state) is before
        give(session, facts, name)
        assert BY_NAME[name].checked(session.state) is not before


def test_ranges_can_be_forgotten_when_there_are_some(session, facts):
    assert give(session, facts, "matrix.range.reset") is None
    session.do("matrix.range", layer="conv1", channel=0, low=0.0, high=1.0)
    give(session, facts, "matrix.range.reset")
    assert session.state.matrix.ranges == ()
