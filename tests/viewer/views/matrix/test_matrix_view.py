"""The matrix view without a window: what it shows for a state, and what gestures give."""

import numpy as np
import pytest

from tests.builders import Later
from tests.viewer.given_orders import answered, apply_named
from tests.viewer.views.made_points import points_of
from tests.viewer.views.matrix.matrix_desk import Chosen, Desk, made, table_of
from viewer.gl.theme import LIGHT
from viewer.state.hover import Hovered
from viewer.state.tree import State
from viewer.studio.facts import FAILED, OPENING, ExtractionFacts, Facts, StudySummary
from viewer.studio.pairs import PairTable
from viewer.views.gestures import Pointer
from viewer.views.matrix.brushing import combined
from viewer.views.matrix.build import arranged
from viewer.views.matrix.resolve import resolve
from viewer.views.pen import Pen


@pytest.fixture
def desk(draw):
    """A desk whose view was drawn once."""
    made_desk = Desk()
    draw(made_desk)
    return made_desk


def at(desk, row, column, across=0.5, down=0.5):
    """A place in a cell, logical pixels."""
    left, top, width, height = desk.view.cells.box_of(row, column)
    return left + across * width, top + down * height


def point_at(desk, row, column, point):
    """Where a point is drawn in a cell."""
    scene, arrangement = desk.view.scene, desk.view.arrangement
    x = scene.columns.fine[arrangement.columns[column], point] + 0.5
    y = scene.rows.fine[arrangement.rows[row], point] + 0.5
    return tuple(float(part) for part in desk.view.cells.place_of(row, column, x, y))


# what is shown


def test_without_points_there_is_a_word():
    assert resolve(State(), Facts()).message
    assert resolve(State(), Facts(phase=OPENING)).late
    assert resolve(State(), Facts(phase=FAILED, failure="x")).points is None
    desk = Desk()
    desk.now(points={}, points_words="Reading the points of conv1.")
    assert desk.view.scene is None and desk.view.wish.message == "Reading the points of conv1."
    desk.do("focus.layer", layer=None)
    assert "layer" in desk.view.wish.message.lower() or "points" in desk.view.wish.message.lower()


def test_a_message_is_drawn(draw, differing):
    desk = Desk()
    desk.now(points={}, points_words="")
    empty = draw(desk)
    desk.now(points_words="Reading the points of conv1.\n12 of 40 samples so far.")
    assert differing(draw(desk), empty) > 100


def test_every_channel_stands_against_every_other(desk):
    assert desk.view.arrangement.shape == (6, 6)
    assert desk.view.scene.is_diagonal(2, 2) and not desk.view.scene.is_diagonal(2, 3)
    assert "6 channels" in desk.view.detail and "360 points" in desk.view.detail


def test_a_layer_of_two_channels_is_one_scatter(draw):
    desk = Desk(made(channels=2))
    draw(desk)
    assert desk.view.arrangement.shape == (1, 1)
    scene = desk.view.scene
    assert (scene.row_order[0], scene.column_order[0]) == (1, 0)
    assert not scene.is_diagonal(0, 0)
    assert desk.view.areas().overview is None
    desk.do("focus.channel", layer="conv1", channel=1)
    assert desk.view.look() == desk.view.frame().whole()


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("samples", [1, 2])
def test_few_channels_and_samples_are_drawn(draw, channels, samples):
    desk = Desk(made(channels, samples, ()), samples=samples)
    draw(desk, 300, 220)
    desk.view.move(Pointer(150.0, 100.0))
    draw(desk, 130, 90)
    assert desk.view.arrangement.shape[0] in (1, 3)


def test_values_that_are_not_finite_are_counted(draw):
    values = np.random.default_rng(0).normal(0, 1, (3, 30))
    values[0, :4] = np.nan
    values[1, 5] = np.inf
    desk = Desk(points_of(values), samples=30)
    draw(desk)
    assert "5 values not finite" in desk.view._badge()


def test_constant_channels_are_hidden_and_counted(draw):
    values = np.random.default_rng(0).normal(0, 1, (5, 30))
    values[1], values[3] = 0.0, 2.5
    desk = Desk(points_of(values), samples=30)
    assert desk.view.arrangement.shape == (5, 5)
    desk.do("matrix.constant", hidden=True)
    assert list(desk.view.arrangement.rows) == [0, 2, 4]
    draw(desk)
    assert "2 constant hidden, 1 of them dead" in desk.view._badge()


def test_rows_and_columns_follow_the_order_when_it_is_there(desk):
    grows = ExtractionFacts("running")
    desk.now(extraction=grows, summary=StudySummary(samples=40), study_path="growing.study")
    desk.do("orders.choose", method="leaf", basis="correlation")
    assert desk.view.pending
    assert list(desk.view.arrangement.rows) == [0, 1, 2, 3, 4, 5]
    order = [3, 1, 0, 2, 5, 4]
    facts = answered(desk.session.state, desk.facts, "conv1", order, quality=0.5)
    desk.now(channel_orders=facts.channel_orders)
    assert not desk.view.pending
    assert list(desk.view.arrangement.rows) == order
    assert list(desk.view.scene.column_order) == order
    assert "optimal leaf order 0.50 of random" in desk.view.wish.words
    desk.do("orders.choose", method="path")  # what stands stays until the next one is there
    assert desk.view.pending and list(desk.view.arrangement.rows) == order
    desk.do("orders.reset")
    assert list(desk.view.arrangement.rows) == [0, 1, 2, 3, 4, 5] and desk.view.wish.words == ()


def test_columns_of_another_layer_have_that_layers_order():
    desk = Desk(made(layer="conv1"), made(channels=4, layer="early", seed=5))
    desk.do("matrix.columns", layer="early")
    apply_named(desk.do, "early", [2, 3, 1, 0])
    assert list(desk.view.arrangement.columns) == [2, 3, 1, 0]
    assert list(desk.view.arrangement.rows) == [0, 1, 2, 3, 4, 5]


def test_ranges_by_hand_are_codes_of_the_scene(desk):
    columns = desk.view.shown.columns
    low, high = float(columns.values(1, 1000)), float(columns.values(1, 2000))
    desk.do("matrix.range", layer="conv1", channel=1, low=low, high=high)
    assert desk.view.scene.column_range(1) == (1000, 2000)
    assert desk.view.scene.row_range(1) == (1000, 2000)
    assert desk.view.scene.row_range(2) == (0, 65536)
    assert "range of conv1:1 by hand" in desk.view._badge()


def test_the_selection_is_that_of_the_facts(desk):
    assert desk.view.scene.selected is None
    samples = np.arange(40) < 10
    desk.now(selected=Chosen(samples))
    expected = samples[desk.view.shown.points.sample]
    assert np.array_equal(desk.view.scene.selected, expected)
    assert "10 of 40 samples selected" in desk.view._badge()
    desk.now(selected=None)
    assert desk.view.scene.selected is None


def test_answers_of_a_former_layer_are_dropped():
    first, second = made(), made(channels=4, seed=8, layer="conv2")
    desk = Desk(first, second, builder=Later())
    desk.do("focus.layer", layer="conv2")
    desk.builder.answer()
    assert desk.view.scene.rows is second.columns
    assert not desk.view._asking


def test_more_points_of_a_growing_study_replace_the_former_when_they_are_ready():
    few, more = made(samples=20), made(samples=40, seed=4)
    desk = Desk(few, builder=Later())
    desk.builder.answer()
    assert desk.view.scene.rows is few.columns
    desk.now(points={"conv1": more})
    assert desk.view.scene.rows is few.columns and desk.view.pending
    desk.builder.answer()
    assert desk.view.scene.rows is more.columns
    desk.follow()
    assert desk.view.scene.rows is more.columns and not desk.builder.wishes.keys() - {
        "matrix.focus", "matrix.tiles",
    }  # fmt: skip


def test_a_new_theme_colours_anew(desk, draw, differing):
    before = draw(desk)
    desk.view.set_theme(LIGHT)
    desk.follow()
    assert differing(draw(desk), before) > 0.8 * before.shape[0] * before.shape[1]


def test_two_layers_meet(draw):
    deep, early = made(channels=3, positions=(3, 3)), made(channels=5, seed=9, layer="early")
    desk = Desk(early, deep)
    desk.do("focus.layer", layer="conv1")
    desk.do("matrix.columns", layer="early")
    shown = desk.view.shown
    assert desk.view.arrangement.shape == (3, 5)
    assert (shown.rows.layer, shown.columns.layer) == ("conv1", "early")
    assert "early" in desk.view.detail and "meet" in " ".join(desk.view._badge())
    draw(desk)
    desk.do("matrix.columns", layer=None)
    assert desk.view.arrangement.shape == (3, 3)


def test_units_of_the_columns_layer_are_told_as_such(draw):
    desk = Desk(made(channels=3, positions=()), made(channels=5, seed=9, layer="early"))
    desk.do("matrix.columns", layer="early")
    draw(desk)
    assert desk.view.shown.points.columns.layer == "early"
    desk.view.move(Pointer(*point_at(desk, 1, 4, 0), "none"))
    assert (desk.hovered[-1].layer, desk.hovered[-1].channel) == ("early", 4)
    desk.now(selected=Chosen([True] * 40))
    draw(desk)
    assert set(desk.facts.selected.asked) == {"early"}


# looking


def test_the_whole_is_seen_first_and_the_channel_in_focus_is_followed(desk):
    assert desk.view.look() == desk.view.frame().whole()
    desk.do("focus.channel", layer="conv1", channel=4)
    look = desk.view.look()
    assert (look.x, look.y) == (4.5, 4.5) and look.span < 1.2


def test_dragging_pans_and_is_one_command(desk):
    desk.do("matrix.look", x=3.0, y=3.0, span=2.0)
    size = desk.view.frame().size(desk.view.look())
    desk.path([(200, 200), (230, 190), (260, 180)])
    kind, args = desk.last
    assert kind == "matrix.look" and len(args["keys"]) >= 2
    look = desk.view.look()
    assert look.x == pytest.approx(3.0 - 60 / size) and look.y == pytest.approx(3.0 + 20 / size)
    desk.session.do("camera.undo")
    desk.follow()
    assert desk.view.look().x == 3.0


def test_the_wheel_zooms_at_the_pointer(desk, draw):
    x, y = at(desk, 4, 1, 0.25, 0.75)
    desk.view.wheel(Pointer(x, y), 3)
    draw(desk)
    assert at(desk, 4, 1, 0.25, 0.75) == pytest.approx((x, y), abs=0.6)
    assert desk.view.look().span < desk.view.frame().whole().span


def test_a_double_click_fits_a_cell_and_then_the_whole(desk, draw):
    desk.view.double_press(Pointer(*at(desk, 1, 3), "left"))
    look = desk.view.look()
    assert (look.x, look.y) == (3.5, 1.5)
    draw(desk)
    desk.view.double_press(Pointer(*at(desk, 1, 3), "left"))
    assert desk.view.look() == desk.view.frame().whole()


def test_a_double_click_on_a_point_leaves_the_focus_as_it_was(desk, draw):
    desk.do("focus.sample", sample=3)
    desk.do("matrix.look", x=3.5, y=1.5, span=2.0)
    draw(desk)
    points, before = desk.view.shown.points, desk.session.state.focus
    point = int(np.argmax(points.columns.fine[1].astype(int) + points.columns.fine[3]))
    at_point = point_at(desk, 1, 3, point)
    desk.click(*at_point)
    assert desk.session.state.focus != before
    desk.view.double_press(Pointer(*at_point, "left"))
    desk.follow()
    assert desk.session.state.focus == before
    look = desk.view.look()
    assert (look.x, look.y) == (3.5, 1.5) and look.span < 1.2
    assert desk.session.state.matrix_camera.is_in_force(before)


def test_arrows_go_from_cell_to_cell(desk):
    desk.do("matrix.look", x=2.5, y=2.5, span=1.06)
    for name, place in (("right", (3.5, 2.5)), ("down", (3.5, 3.5)), ("left", (2.5, 3.5))):
        assert desk.view.takes(name) and desk.view.key(name)
        desk.follow()
        assert (desk.view.look().x, desk.view.look().y) == place
    assert desk.view.key("home")
    desk.follow()
    assert desk.view.look() == desk.view.frame().whole()
    assert desk.view.key("return")
    assert not desk.view.takes("right", frozenset({"ctrl"}))


def test_tab_goes_through_the_ranked_pairs(desk):
    table = table_of(desk.view.shown.points)
    desk.now(pairs={("key", "", "correlation"): table})
    visited = []
    for name in ("tab", "tab", "tab", "backtab"):
        assert desk.view.key(name)
        desk.follow()
        visited.append((int(desk.view.look().y), int(desk.view.look().x)))
    assert visited == [(2, 1), (0, 3), (2, 1), (0, 3)]


def test_movements_take_their_time_in_a_window_only(desk):
    desk.do("matrix.look", x=2.5, y=2.5, span=1.06)
    assert desk.view._motion is None
    desk.view.animates = True
    desk.do("matrix.look", x=4.5, y=2.5)
    assert desk.view._motion is not None
    assert desk.view.look_now().x < desk.view.look().x == 4.5


def test_the_overview_navigates(desk):
    left, top, width, height = desk.view.areas().overview
    desk.do("matrix.look", x=1.5, y=1.5, span=1.0)
    desk.path([(left + 0.75 * width, top + 0.25 * height), (left + 0.5 * width, top + 5)])
    look = desk.view.look()
    assert look.x == pytest.approx(3.0, abs=0.05) and look.y < 0.6 and look.span == 1.0
    desk.view.wheel(Pointer(left + 5, top + 5), -2)
    desk.follow()
    assert desk.view.look().span > 1.0


def test_axes_are_dragged_zoomed_and_set_back(desk, draw):
    desk.do("matrix.look", x=2.5, y=3.5, span=1.0)
    draw(desk)
    left, top, width, height = desk.view.areas().bottom
    x, y = at(desk, 3, 2)[0], top + height / 2
    low, high = desk.view.scene.column_range(2)
    desk.path([(x, y), (x + 40, y)])
    assert desk.last[0] == "matrix.range" and desk.last[1]["channel"] == 2
    moved = desk.view.scene.column_range(2)
    assert moved[0] < low and moved[1] < high
    desk.view.wheel(Pointer(x, y), 4)
    narrow = desk.view.scene.column_range(2)
    assert narrow[1] - narrow[0] < 0.6 * (high - low)
    desk.view.double_press(Pointer(x, y, "left"))
    assert desk.view.scene.column_range(2) == (low, high)


# pointing


def test_the_point_under_the_pointer_is_told(desk, draw):
    desk.do("matrix.look", x=3.5, y=1.5, span=1.06)
    draw(desk)
    points = desk.view.shown.points
    point = int(np.argmax(points.columns.fine[1].astype(int) + points.columns.fine[3]))
    desk.view.move(Pointer(*point_at(desk, 1, 3, point)))
    assert desk.view._point == point
    place = np.unravel_index(points.place[point], (3, 3))
    assert desk.hovered[-1] == Hovered("conv1", 1, tuple(int(part) for part in place))
    card = desk.view._card.card
    assert card.sample == points.sample[point]
    assert [name[-1] for name, _ in card.values] == ["3", "1"]
    draw(desk)
    desk.view.leave()
    assert desk.view._point == -1 and desk.hovered[-1] is None
    assert desk.view._card.card is None


def test_a_click_focuses_the_sample_and_the_view_stays(desk, draw):
    desk.do("matrix.look", x=3.5, y=1.5, span=1.06)
    draw(desk)
    points = desk.view.shown.points
    point = int(np.argmax(points.columns.fine[1].astype(int) + points.columns.fine[3]))
    before = desk.view.look()
    desk.click(*point_at(desk, 1, 3, point))
    kind, args = desk.last
    assert kind == "matrix.point" and args["sample"] == points.sample[point]
    assert desk.session.state.focus.channel == 1
    assert desk.view.look() == before
    assert desk.view._focused == point


def test_a_unit_pointed_at_elsewhere_is_ringed(desk, draw, differing):
    desk.do("focus.sample", sample=7)
    before = draw(desk)
    desk.follow(Hovered("conv1", 2, (1, 2)))
    points = desk.view.shown.points
    assert desk.view._pointed == points.index(7, 5)
    assert differing(draw(desk), before) > 20
    desk.follow(Hovered("conv1", 2, (8, 2)))
    assert desk.view._pointed == -1
    desk.follow(Hovered("elsewhere", 2, (1, 2)))
    assert desk.view._pointed == -1


def test_the_words_say_channels_and_values(desk):
    desk.view.move(Pointer(*at(desk, 1, 3)))
    assert desk.view._said().startswith("conv1:3 = ") and "× conv1:1 = " in desk.view._said()
    desk.view.move(Pointer(*at(desk, 2, 2)))
    assert "×" not in desk.view._said()


# selecting


def loop(desk, row, column, low=0.2, high=0.8):
    """Corners of a square path in a cell."""
    corners = ((low, low), (high, low), (high, high), (low, high), (low, low))
    return [at(desk, row, column, x, y) for x, y in corners]


@pytest.mark.parametrize(
    ("modifiers", "mode"),
    [
        (("shift",), "replace"),
        (("shift", "ctrl"), "add"),
        (("shift", "alt"), "subtract"),
        (("shift", "ctrl", "alt"), "intersect"),
    ],
)
def test_shift_and_drag_draw_a_lasso_in_values(desk, modifiers, mode):
    desk.path(loop(desk, 1, 3), modifiers)
    kind, args = desk.last
    region = args["region"]
    assert kind == "select.brush" and args["mode"] == mode
    assert (region["kind"], region["layer"], region["x"], region["y"]) == ("lasso", "conv1", 3, 1)
    assert region["other"] is None and 3 <= len(region["polygon"]) <= 200
    columns = desk.view.shown.columns
    low, high = columns.low[3], columns.high[3]
    xs = [x for x, _ in region["polygon"]]
    assert low < min(xs) < max(xs) < high
    assert min(xs) == pytest.approx(low + (0.2 - 0.025) / 0.95 * (high - low), rel=0.02, abs=0.02)


def test_the_tool_and_the_mode_of_the_toolbar_hold_without_keys(desk):
    desk.do("matrix.tool", tool="rectangle")
    desk.do("matrix.mode", mode="add")
    desk.path([at(desk, 1, 3, 0.2, 0.2), at(desk, 1, 3, 0.5, 0.5), at(desk, 1, 3, 0.8, 0.6)])
    kind, args = desk.last
    assert kind == "select.brush" and args["mode"] == "add"
    assert len(args["region"]["polygon"]) == 4
    assert desk.view.key("r")
    desk.follow()
    assert desk.session.state.matrix.tool == "pan"
    desk.view.key("l")
    desk.follow()
    assert desk.session.state.matrix.tool == "lasso"


def test_on_the_diagonal_a_stroke_is_a_range(desk):
    desk.path(loop(desk, 2, 2, 0.3, 0.7), ("shift",))
    polygon = np.array(desk.last[1]["region"]["polygon"])
    assert len(polygon) == 4 and np.array_equal(np.sort(polygon[:, 0]), np.sort(polygon[:, 1]))


def test_what_is_drawn_counts_what_is_inside(desk, draw, differing):
    held = frozenset({"shift"})
    before = draw(desk)
    places = loop(desk, 1, 3, 0.0, 0.99)
    desk.view.press(Pointer(*places[0], "left", held))
    for place in places[1:]:
        desk.view.move(Pointer(*place, "left", held))
    assert desk.view._grip.stroke.count > 0
    assert "selects" in desk.view._said() and "points" in desk.view._said()
    assert differing(draw(desk), before) > 50
    assert desk.view.scene.selected.sum() == desk.view._grip.stroke.count
    assert desk.view.takes("esc") and desk.view.key("esc")
    desk.view.lift(Pointer(*places[-1], "left", held))
    assert not any(kind == "select.brush" for kind, _ in desk.given)
    assert desk.view.scene.selected is None


def test_what_would_be_selected_is_what_the_mode_makes_of_it():
    present, inside = np.array([1, 1, 0, 0], np.uint8), np.array([1, 0, 1, 0], np.uint8)
    made_of = {
        "replace": [1, 0, 1, 0],
        "add": [1, 1, 1, 0],
        "subtract": [0, 1, 0, 0],
        "intersect": [1, 0, 0, 0],
    }
    for mode, expected in made_of.items():
        assert list(combined(mode, present, inside)) == expected
    assert list(combined("add", None, inside)) == [1, 0, 1, 0]
    assert list(combined("subtract", None, inside)) == [0, 0, 0, 0]


def test_a_stroke_that_encloses_nothing_selects_nothing(desk):
    desk.path([at(desk, 1, 3, 0.2, 0.2), at(desk, 1, 3, 0.8, 0.2)], ("shift",))
    assert not any(kind == "select.brush" for kind, _ in desk.given)


def test_single_points_are_selected(desk, draw):
    desk.do("matrix.look", x=3.5, y=1.5, span=1.06)
    desk.do("matrix.tool", tool="points")
    draw(desk)
    points = desk.view.shown.points
    point = int(np.argmax(points.columns.fine[1].astype(int) + points.columns.fine[3]))
    desk.click(*point_at(desk, 1, 3, point), "ctrl")
    kind, args = desk.last
    assert kind == "select.brush" and args["mode"] == "add"
    expected = [[int(points.sample[point]), int(points.place[point])]]
    assert args["region"] == {"kind": "points", "layer": "conv1", "points": expected}


def test_classes_are_selected_from_the_legend(desk, draw):
    draw(desk)
    rows = dict(desk.view._rows_of_legend)
    left, top, width, height = rows[1]
    desk.click(left + 20, top + height / 2)
    assert desk.last == (
        "select.brush", {"mode": "replace", "region": {"kind": "class", "items": [1]}},
    )  # fmt: skip
    desk.click(left + 20, top + height / 2, "ctrl")
    assert desk.last[1]["mode"] == "add"


def test_a_class_under_the_pointer_is_picked_out(desk, draw):
    draw(desk)
    left, top, width, height = dict(desk.view._rows_of_legend)[2]
    desk.view.move(Pointer(left + 20, top + height / 2))
    assert np.array_equal(desk.view.scene.selected, desk.view.colouring.codes == 2)
    desk.view.leave()
    assert desk.view.scene.selected is None
    chosen = np.arange(40) < 3
    desk.now(selected=Chosen(chosen))
    desk.view.move(Pointer(left + 20, top + height / 2))
    assert np.array_equal(desk.view.scene.selected, chosen[desk.view.shown.points.sample])


def test_escape_selects_nothing_then_pans_then_leaves_the_key(desk):
    desk.now(selected=Chosen(np.arange(40) < 3))
    desk.do("matrix.tool", tool="lasso")
    assert desk.view.key("esc") and desk.last[0] == "select.clear"
    desk.now(selected=None)
    assert desk.view.key("esc")
    desk.follow()
    assert desk.session.state.matrix.tool == "pan"
    assert not desk.view.takes("esc") and not desk.view.key("esc")


# the arrangement


def test_hiding_all_channels_hides_none():
    columns = points_of(np.ones((3, 5))).columns
    assert arranged(columns, columns, hides=True).shape == (3, 3)


def test_while_no_layer_is_active_the_layers_can_be_clicked(draw, differing):
    desk = Desk(made(), made(layer="conv2"))
    desk.do("focus.layer", layer=None)
    picture = draw(desk)
    names = [name for name, _ in desk.view.wish.choices]
    assert names == ["conv1", "conv2"]
    (left, top, width, height) = dict(desk.view.choice._rows)["conv2"]
    place = (left + width / 2, top + height / 2)
    desk.view.move(Pointer(*place, "none"))
    assert desk.hovered[-1] == Hovered("conv2")
    assert differing(draw(desk), picture) > 100
    desk.view.press(Pointer(5.0, 5.0, "left"))
    assert desk.session.state.focus.layer is None
    desk.click(*place)
    assert desk.session.state.focus.layer == "conv2" and desk.view.scene is not None
    assert desk.hovered[-1] is None and not desk.view.choice.choices


def test_layers_to_click_fit_into_any_view(draw):
    desk = Desk(*(made(2, 4, (), layer=f"stage{n}.block.conv") for n in range(60)))
    desk.do("focus.layer", layer=None)
    for width, height in ((900, 700), (420, 200), (150, 90)):
        draw(desk, width, height)
        rows = desk.view.choice._rows
        assert rows
        for _, (left, top, wide, high) in rows:
            assert 0 <= left and left + wide <= width and 0 <= top and top + high <= height
    seen = [name for name, _ in rows]
    for _ in range(60):
        desk.view.wheel(Pointer(75, 45), -1)
        draw(desk, 150, 90)
        seen += [name for name, _ in desk.view.choice._rows]
    assert len(set(seen)) == 60


def test_why_the_overview_is_empty_is_said_in_as_many_lines_as_it_takes(desk, draw):
    points = desk.facts.points["conv1"]
    table = PairTable("separation", failure="needs samples of at least two classes")
    desk.do("matrix.statistic", statistic="separation")
    desk.now(pairs={(points.key, "", "separation"): table})
    said = []
    pen_text = Pen.text

    def text(pen, x, y, string, *args, **more):
        said.append(string)
        return pen_text(pen, x, y, string, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pen, "text", text)
        draw(desk)
    assert "class separation needs samples of at least two classes" in " ".join(said)
