"""The orders pane: what it shows, where it stands, gestures that become commands."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.builders import Now
from tests.viewer.studio.test_stability import answered, facts_of, seen_state
from viewer.gl.theme import DARK, LIGHT, rgb
from viewer.session.session import Session
from viewer.state.orders import METHODS
from viewer.state.stability import COMPARED, CORRELATIONS, PAGES, PICTURES
from viewer.state.tree import State
from viewer.studio import stability
from viewer.studio.questions import Found
from viewer.views.gestures import LEFT, Pointer
from viewer.views.orders.actions import ACTIONS
from viewer.views.orders.build import (
    SQUARES,
    counts_picture,
    matrix_picture,
    method_picture,
    turned,
)
from viewer.views.orders.places import FOOT, Rows, Squares, pages_of, shows_both
from viewer.views.orders.resolve import (
    COSTLY,
    FAILED,
    FOUND,
    LATE,
    applied,
    heading_of,
    pair_words,
    resolve,
    summary_of,
)
from viewer.views.orders.view import OrdersView
from viewer.views.session.words import words_of


class Desk:
    """A view with a session, as the stage ties them; questions are answered at once."""

    def __init__(self, state=None, facts=None, size=(900, 500)):
        self.session, self.facts = Session(clock=lambda: 0.0), facts or facts_of()
        self.session.holder.set(state or seen_state())
        self.view, self.given, self.hovered = OrdersView(), [], []
        self.view.width, self.view.height = size
        self.view.wished.connect(self.give)
        self.view.hovered.connect(self.hovered.append)
        self.follow()

    def give(self, kind, args):
        self.given.append((kind, args))
        self.session.do(kind, **args)
        self.follow()

    def follow(self):
        self.facts = answered(self.session.state, self.facts)
        self.view.follow(self.session.state, None, self.facts, Now())

    @property
    def wish(self):
        return self.view.wish

    def press(self, x, y):
        self.view.press(Pointer(x, y, LEFT))

    def cell(self, row, column):
        matrix, count = self.view.squares().matrix, len(self.wish.matrix)
        return (
            matrix.left + (column + 0.5) / count * matrix.width,
            matrix.top + (row + 0.5) / count * matrix.height,
        )


# what is shown


@pytest.mark.parametrize(
    ("change", "said"), [({"phase": "empty"}, "Drop a network"), ({"data": None}, "No pictures")]
)
def test_without_something_to_show_it_says_why(change, said):
    wish = resolve(seen_state(), facts_of(**change))
    assert said in wish.message and not wish.rows and not wish.late


def test_without_an_active_layer_it_offers_the_layers():
    wish = resolve(seen_state(layer=None), facts_of())
    assert [name for name, _ in wish.choices] == ["conv1", "conv2", "fc"]
    assert resolve(seen_state(layer="absent"), facts_of()).choices == wish.choices


def test_methods_are_late_then_found_the_best_first_in_relation():
    state, facts = seen_state(method="path"), facts_of()
    wish = resolve(state, facts)
    assert wish.late and {row.status for row in wish.rows} == {LATE}
    wish = resolve(state, answered(state, facts))
    assert not wish.late and {row.status for row in wish.rows} == {FOUND}
    best = min(wish.rows, key=lambda row: row.quality)
    assert best.relative == 1 and "the best here" in best.words
    for row in wish.rows:
        assert row.relative == pytest.approx(row.quality / best.quality)
    assert [row.method for row in wish.rows if row.is_in_force] == ["path"]
    assert wish.detail.startswith("conv2, ") and "6 channels" in wish.counts


def test_constant_and_dead_channels_are_counted():
    state, facts = seen_state(), facts_of()
    maps = facts.answer.maps["conv2"]
    maps[2], maps[4], maps[5, 0, 0] = 0.0, 1.5, np.nan
    wish = resolve(state, answered(state, facts))
    assert wish.counts == ("6 channels, 2 constant (1 dead) and 1 not finite last in every order")


def test_few_channels_have_no_quality_and_say_so():
    state, facts = seen_state(), facts_of()
    facts.answer.maps["conv2"][2:] = 0.0
    wish = resolve(state, answered(state, facts))
    assert all(math.isnan(row.quality) and "fewer than three" in row.words for row in wish.rows)


def test_where_no_channel_varies_it_says_what_to_do():
    state, facts = seen_state("fc"), facts_of()
    facts.answer.maps["fc"][:] = 0.0
    desk = Desk(state, facts)
    assert "none of which varies" in desk.wish.counts and "3 channels" in desk.wish.counts
    assert all(row.portrait.channels == 0 for row in desk.wish.rows)
    assert "one row" in desk.wish.why


def test_a_failure_is_its_sentence_and_the_rest_stands():
    state, facts = seen_state(), facts_of()
    facts = answered(state, facts)
    key = stability.asked_methods(state, facts, "conv2")[1].question.key
    facts = facts.but(
        channel_orders={**facts.channel_orders, key: Found(failure="too many channels")}
    )
    rows = resolve(state, facts).rows
    assert rows[1].status == FAILED and rows[1].words == "too many channels"
    assert rows[2].status == FOUND


def test_the_one_in_force_is_the_layers_own_or_a_named_one():
    session = Session()
    session.holder.set(seen_state(method="pca"))
    session.do("orders.choose", method="mean", layer="conv2")
    wish = resolve(session.state, answered(session.state, facts_of()))
    assert [row.method for row in wish.rows if row.is_in_force] == ["mean"]
    order = {"layer": "conv2", "channels": [5, 4, 3, 2, 1, 0]}
    session.do("orders.apply", name="back", order=order)
    wish = resolve(session.state, answered(session.state, facts_of()))
    (named,) = [row for row in wish.rows if row.is_in_force]
    assert named.name == "“back”" and list(named.portrait.order.channels) == [5, 4, 3, 2, 1, 0]
    back = next(row for row in wish.rows if row.method == "file")
    assert named.quality == pytest.approx(back.quality)  # the file's order, reversed
    desk = Desk(session.state.with_part("stability", between="methods", pair=(0, 9)))
    assert desk.wish.compared.names[9] == "“back”" and desk.wish.matrix[0, 9] == pytest.approx(-1)
    assert applied(desk.wish, 9) == ("orders.apply", {"name": "back"})


@pytest.mark.parametrize("between", COMPARED)
@pytest.mark.parametrize("correlation", CORRELATIONS)
def test_headings_say_what_is_compared(between, correlation):
    state = seen_state(between=between, correlation=correlation, pair=(0, 1))
    wish = resolve(state, facts_of())
    assert wish.late and heading_of(wish) and summary_of(wish) == "" and wish.pair is None
    wish = resolve(state, answered(state, facts_of()))
    letter = {"kendall": "τ", "spearman": "ρ"}[correlation]
    assert letter in heading_of(wish) and "all pairs" in summary_of(wish)
    assert ("neighbours" in summary_of(wish)) == (between in ("rows", "columns"))
    assert wish.pair == (0, 1) and "τ" in pair_words(wish) and "ρ" in pair_words(wish)


def test_a_pair_that_is_not_compared_any_more_is_not_shown():
    state = seen_state(pair=(0, 30))
    assert resolve(state, answered(state, facts_of())).pair is None


# pictures


def test_pictures_meet_the_background_at_zero():
    state, facts = seen_state(), facts_of()
    facts = answered(state, facts)
    portrait = resolve(state, facts).rows[1].portrait
    back = np.rint(np.array(rgb(DARK.view)) * 255)
    picture = method_picture(portrait, "distances", DARK)
    assert np.abs(picture[0, 0] - back).max() <= 12
    far = np.unravel_index(portrait.distances.argmax(), portrait.distances.shape)
    assert np.abs(picture[far] - back).max() > 100
    zero = matrix_picture(np.zeros((2, 2)), LIGHT)
    assert np.abs(zero[0, 0] - np.rint(np.array(rgb(LIGHT.view)) * 255)).max() <= 14
    ends = matrix_picture(np.array([[1.0, -1.0], [-1.0, np.nan]]), DARK).astype(int)
    assert np.abs(ends[0, 0] - ends[0, 1]).max() > 60
    assert np.array_equal(ends[1, 1], np.rint(np.array(rgb(DARK.nan)) * 255))


@given(count=some.integers(1, 700))
def test_counts_of_equal_orders_stand_on_the_diagonal(count):
    places = np.random.default_rng(count).permutation(count)
    picture = counts_picture(places, places, DARK).astype(int)
    back = picture[-1, -1] if count > 1 else counts_picture(places, places, DARK)[0, -1]
    lit = np.abs(picture - back).max(2) > 0
    rows, columns = np.nonzero(lit)
    assert lit.any() and np.array_equal(SQUARES - 1 - rows, columns)
    assert np.array_equal(turned(turned(places)), places)


# where everything stands


@given(
    width=some.floats(60, 2400), height=some.floats(60, 1600), page=some.sampled_from(PAGES),
    count=some.integers(1, 13), labels=some.floats(10, 160), pair=some.booleans(),
)  # fmt: skip
def test_places_stay_in_the_pane_and_apart(width, height, page, count, labels, pair):
    pages = pages_of(width, height, page)
    assert shows_both(width, height) == (len(pages) == 2) and (page in pages)
    for box in pages.values():
        assert box.left >= 0 and box.right <= width and box.bottom <= max(1, height - FOOT) + 1e-6
    if len(pages) == 2:
        one, other = pages["quality"], pages["stability"]
        assert one.right <= other.left or one.bottom <= other.top
    if "quality" in pages:
        rows = Rows(pages["quality"], count)
        assert 1 <= rows.in_sight <= count
        for place in range(rows.in_sight):
            row, picture = rows.row(place), rows.picture_of(place)
            assert rows.at(row.left + 1, row.top + 1) == place
            assert picture.bottom <= row.bottom and picture.right <= rows.name_left
        if rows.axis is not None:
            assert rows.axis[1] - rows.axis[0] >= 60 and rows.axis[1] <= rows.box.right
        assert rows.at(-5, rows.top) is None
    if "stability" in pages:
        squares = Squares(pages["stability"], labels, pair)
        assert squares.matrix.width == squares.matrix.height > 0
        if squares.plot is not None:
            assert squares.plot.top >= squares.pair.top and squares.plot.width > 0
            apart = squares.plot.left >= squares.matrix.right
            assert apart or squares.plot.top >= squares.matrix.bottom


# gestures


def test_a_click_on_a_method_orders_all_layers_or_the_one_with_its_own():
    desk = Desk()
    row = desk.view.rows().row(2)
    desk.press(row.left + 50, row.top + 5)
    assert desk.given == [("orders.choose", {"method": "kmeans"})]
    assert desk.session.state.orders.choice.method == "kmeans"
    desk.session.do("orders.own", layer="conv2", own=True)
    desk.follow()
    row = desk.view.rows().row(1)
    desk.press(row.left + 50, row.top + 5)
    assert desk.given[-1] == ("orders.choose", {"method": "pca", "layer": "conv2"})
    desk.press(row.left + 50, row.top + 5)
    assert len(desk.given) == 2  # it is in force


def test_a_click_on_what_costs_has_it_made():
    desk = Desk()
    rows = list(desk.wish.rows)
    rows[3] = replace(rows[3], status=COSTLY, portrait=None, words="about 40 s")
    desk.view.wish = replace(desk.wish, rows=tuple(rows))
    row = desk.view.rows().row(3)
    desk.press(row.left + 50, row.top + 5)
    assert desk.given == [("stability.costly", {"layer": "conv2"})]


def test_a_cell_shows_two_orders_against_each_other_and_again_not():
    desk = Desk()
    desk.press(*desk.cell(1, 3))
    assert desk.session.state.stability.pair == (1, 3)
    desk.press(*desk.cell(1, 3))
    assert desk.session.state.stability.pair is None


@pytest.mark.parametrize(
    ("between", "given"),
    [
        ("rows", ("slices.cut", {"row": 2.5 / 4})),
        ("columns", ("slices.cut", {"column": 2.5 / 4})),
        ("samples", ("focus.sample", {"sample": 2})),
        ("classes", ("select.brush", {"region": {"kind": "class", "items": [2]},
                                      "mode": "replace"})),
        ("methods", ("orders.choose", {"method": "kmeans"})),
    ],
)  # fmt: skip
def test_a_label_goes_to_what_its_order_is_of(between, given):
    desk = Desk(seen_state(between=between))
    _, y = desk.cell(2, 0)
    desk.press(desk.view.squares().matrix.left - 5, y)
    assert desk.given == [given]


def test_an_order_of_the_pair_is_applied_by_a_click_on_its_word():
    desk = Desk(seen_state(between="samples", pair=(1, 4)))
    desk.view._uses = [80, 80]
    box = desk.view.squares().uses([80, 80])[1]
    found = desk.wish.compared
    desk.press(box.left + 4, box.top + 4)
    kind, args = desk.given[0]
    assert kind == "orders.apply" and args["order"]["channels"] == found.orders[4].tolist()
    state = desk.session.state
    assert state.orders.of("conv2").name == args["name"] == f"conv2, {found.names[4]}"
    assert state.orders.own("conv1") is None


def test_a_dot_is_a_channel_everywhere():
    desk = Desk(seen_state(pair=(0, 1)))
    channels, across, down = desk.view.ranks()
    plot = desk.view.squares().plot
    x = plot.left + (across[2] + 0.5) / len(channels) * plot.width
    y = plot.bottom - (down[2] + 0.5) / len(channels) * plot.height
    desk.view.move(Pointer(x + 1, y))
    assert (desk.hovered[-1].layer, desk.hovered[-1].channel) == ("conv2", channels[2])
    desk.press(x, y)
    assert desk.given == [("focus.channel", {"layer": "conv2", "channel": int(channels[2])})]
    desk.view.leave()
    assert desk.hovered[-1] is None


def test_a_pair_that_runs_backwards_is_turned():
    desk = Desk(seen_state(between="methods", pair=(0, 1)))
    found = desk.wish.compared
    back = replace(found, orders=np.stack([np.arange(6), np.arange(6)[::-1]] * 5)[:9],
                   kendall=np.full((9, 9), -1.0))  # fmt: skip
    desk.view.wish = replace(desk.wish, compared=back)
    _, across, down = desk.view.ranks()
    assert np.array_equal(across, down) and "reversed" in pair_words(desk.view.wish)


def test_keys_step_the_pair_and_stay_inside():
    desk = Desk()
    assert desk.view.takes("right") and not desk.view.takes("escape")
    for name, pair in [("down", (0, 1)), ("down", (1, 1)), ("left", (1, 0)), ("left", (1, 0))]:
        assert desk.view.key(name) and desk.session.state.stability.pair == pair
    assert desk.view.key("escape") and desk.session.state.stability.pair is None
    assert not desk.view.key("a")


def test_the_wheel_scrolls_methods_that_have_no_room():
    desk = Desk(size=(300, 180))
    rows = desk.view.rows()
    assert rows.in_sight < len(desk.wish.rows)
    point = Pointer(rows.box.left + 20, rows.top + 5)
    desk.view.wheel(point, -3)
    assert desk.view.first == 3
    desk.view.wheel(point, -30)
    assert desk.view.first == len(desk.wish.rows) - rows.in_sight
    desk.view.wheel(point, 30)
    assert desk.view.first == 0


def test_every_action_gives_a_command_that_the_session_takes():
    desk = Desk(seen_state(between="rows", pair=(0, 1)))
    for action in ACTIONS:
        if action.method:
            continue
        wish = action.wish(desk.session.state, desk.facts)
        if wish is not None:
            before = desk.session.state
            desk.session.do(wish[0], **wish[1])
            assert desk.session.state != before or action.checked is not None, action.name
            desk.session.holder.set(seen_state(between="rows", pair=(0, 1)))
    assert all(
        action.wish(State(), facts_of()) is None for action in ACTIONS if "use" in action.name
    )


def test_commands_refuse_what_does_not_fit_and_have_words():
    session = Session()
    for kind, args in [
        ("stability.between", {"between": "nothing"}),
        ("stability.pair", {"pair": [1]}),
        ("stability.pair", {"pair": [0, -1]}),
        ("stability.costly", {"layer": ""}),
    ]:
        before = session.state
        with pytest.raises(Exception, match="no such choice|not "):
            session.do(kind, **args)
        assert session.state is before
    session.do("stability.between", between="classes")
    session.do("stability.pair", pair=[0, 2])
    session.do("stability.between", between="rows")
    assert session.state.stability.pair is None  # of other orders
    said = [words_of(command) for command in session.commands]
    assert said[-2:] == ["orders 1 and 3 against each other", "compare orders of cuts by row"]
    assert set(stability.OFFERED) <= set(METHODS) and len(PICTURES) == 2
