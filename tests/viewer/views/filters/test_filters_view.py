"""The Top filters view without a window: gestures give commands, pictures stay until the next."""

import numpy as np
import pytest

from tests.viewer.views.filters.filters_desk import Desk, ready
from viewer.gl.theme import LIGHT, rgb
from viewer.state.filters import MOST_LAYERS
from viewer.state.hover import Hovered
from viewer.studio.kernels import Kernel
from viewer.views.filters.actions import ACTIONS
from viewer.views.filters.places import pixel_at
from viewer.views.filters.weights import sheet_of
from viewer.views.gestures import Pointer

CTRL = frozenset({"ctrl"})


@pytest.fixture
def desk():
    made = Desk()
    made.answer()
    return made


def middle(desk, rank):
    """Where a bar stands."""
    (bars,) = desk.view.places().bars
    return bars.x_of(rank) + bars.step / 2, bars.top + bars.height / 2


def edge(desk, rank):
    """The left end of a bar."""
    (bars,) = desk.view.places().bars
    return bars.x_of(rank), bars.top + 5


def on_picture(desk, row, column):
    left, top, width, height = desk.view.places().picture
    return left + (column + 0.5) / 8 * width, top + (row + 0.5) / 8 * height


def test_it_waits_for_answers_and_keeps_the_former_picture_meanwhile(desk):
    assert not desk.view.pending
    before = desk.view.drawn
    desk.facts = ready(1).but(explanations=desk.facts.explanations)
    desk.session.do("focus.sample", sample=1)
    desk.follow()
    assert desk.view.pending and desk.view.drawn is before
    assert "computing" in desk.view._words()
    desk.answer()
    assert not desk.view.pending and desk.view.drawn is not before


def test_a_range_is_dragged_by_its_ends_as_a_whole_and_anew(desk):
    desk.do("filters.range", first=1, last=2)
    desk.path([edge(desk, 1), edge(desk, 0)])
    assert desk.given[-1][1]["last"] == 2 and desk.session.state.filters.first == 0
    desk.path([edge(desk, 3), edge(desk, 2)])
    assert (desk.session.state.filters.first, desk.session.state.filters.last) == (0, 1)
    desk.path([middle(desk, 0), middle(desk, 1)])
    assert (desk.session.state.filters.first, desk.session.state.filters.last) == (1, 2)
    desk.path([middle(desk, 3), middle(desk, 0)])
    assert (desk.session.state.filters.first, desk.session.state.filters.last) == (0, 3)
    assert [kind for kind, _ in desk.given[2:]] == ["filters.range"] * 4


def test_ends_never_cross(desk):
    desk.do("filters.range", first=1, last=2)
    desk.path([edge(desk, 1), edge(desk, 4)])
    assert (desk.session.state.filters.first, desk.session.state.filters.last) == (2, 2)
    desk.path([edge(desk, 3), edge(desk, 0)])
    assert (desk.session.state.filters.first, desk.session.state.filters.last) == (2, 2)


def test_wheel_keys_and_a_double_click_move_the_range(desk):
    def now():
        return desk.session.state.filters.first, desk.session.state.filters.last

    desk.do("filters.range", first=0, last=1)
    desk.view.wheel(Pointer(*middle(desk, 0)), -1)
    assert now() == (1, 2)
    desk.view.wheel(Pointer(*middle(desk, 0), modifiers=CTRL), -1)
    assert now() == (1, 3)
    assert desk.view.key("left") and now() == (0, 2)
    assert desk.view.key("left", frozenset({"shift"})) and now() == (0, 1)
    assert desk.view.key("up") and now() == (0, 2)
    assert desk.view.key("end") and now() == (1, 3)
    assert desk.view.key("home") and now() == (0, 2)
    assert not desk.view.key("a") and not desk.view.key("left", CTRL)
    desk.view.double_press(Pointer(*middle(desk, 0), "left"))
    assert now() == (0, 8)


def test_a_bar_is_hovered_and_clicked(desk):
    desk.point(*middle(desk, 1))
    assert desk.hovered[-1] == Hovered("conv1", 1, None, 11.0)
    assert desk.view.wish.alone == ("conv1", 1)
    assert desk.view.said == "conv1:1, maximum 11, place 2 of 4"
    desk.path([middle(desk, 1)])
    assert desk.given[-1] == ("focus.channel", {"layer": "conv1", "channel": 1})
    desk.view.leave()
    assert desk.hovered[-1] is None and desk.view.wish.alone is None


def test_the_smallest_square_is_hovered_and_its_unit_clicked(desk):
    desk.point(*on_picture(desk, 4, 2))
    assert desk.hovered[-1] == Hovered("conv1", 3, (4, 2), 13.0)
    desk.path([on_picture(desk, 4, 2)])
    args = {"layer": "conv1", "channel": 3, "unit": [4, 2]}
    assert desk.given[-1] == ("focus.unit", args)
    desk.point(*on_picture(desk, 7, 7))
    assert desk.hovered[-1] is None


def test_a_row_of_the_list_is_hovered(desk):
    left, top, *_ = desk.view.places().listed
    desk.point(left + 5, top + 30)
    assert desk.hovered[-1] == Hovered("conv1", 3, None, 13.0)
    desk.point(left + 5, top + 3)
    assert desk.hovered[-1] is None


def test_nothing_is_done_where_nothing_stands():
    desk = Desk(layer=None)
    for gesture in (desk.view.press, desk.view.move, desk.view.lift, desk.view.double_press):
        gesture(Pointer(50, 50, "left"))
    desk.view.wheel(Pointer(50, 50), 1)
    assert not desk.view.key("left") and desk.given == []


def test_a_drag_of_a_bar_is_one_step_of_undo(desk):
    before = desk.session.state.filters
    desk.path([middle(desk, 3), middle(desk, 2), middle(desk, 1)])
    assert desk.session.state.filters != before
    desk.do("undo")
    assert desk.session.state.filters == before


def test_it_is_drawn_with_squares_bars_and_words(desk, draw):
    pixels = draw(desk)
    assert desk.view.width == 700
    x, y = (round(part) for part in middle(desk, 0))
    (layer,) = desk.view.wish.layers
    assert np.abs(pixels[y, x] - np.rint(255 * layer.colours[0])).max() <= 1
    left, top, width, height = (round(part) for part in desk.view.places().picture)
    inside = pixels[top : top + height, left : left + width]
    scale = width // 8
    centre = inside[scale // 2 :: scale, scale // 2 :: scale]
    assert np.array_equal(centre, desk.view.drawn.pixels)
    desk.do("filters.squares", squares="none")
    assert (draw(desk) != pixels).any()


def test_hovering_leaves_one_filter(desk, draw):
    every = draw(desk)
    desk.point(*middle(desk, 0))
    assert (draw(desk) != every).any()
    desk.view.leave()
    assert np.array_equal(draw(desk), every)


@pytest.mark.parametrize("size", [(700, 600), (240, 160), (90, 70), (1400, 1200)])
def test_it_is_drawn_at_any_size_and_in_both_themes(desk, draw, size):
    ratio = 2.0 if size[0] > 1000 else 1.0
    dark = draw(desk, *size, ratio)
    desk.view.set_theme(LIGHT)
    desk.follow()
    light = draw(desk, *size, ratio)
    assert light.mean() > dark.mean()
    assert np.array_equal(light[0, 0], np.rint(255 * np.array(rgb(LIGHT.view))))


def test_messages_and_signed_values_are_drawn(draw):
    assert draw(Desk(layer=None)).std() > 0
    desk = Desk()
    assert draw(desk).std() > 0
    desk.do("filters.colour", colour="signed")
    desk.answer()
    assert desk.view.drawn.limit > 0 and draw(desk).std() > 0


def test_actions_do_what_they_say():
    desk, actions = Desk(), {action.name: action for action in ACTIONS}

    def act(name):
        wish = actions[name].wish(desk.session.state, desk.facts)
        if wish is not None:
            desk.do(wish[0], **wish[1])
        return wish

    act("filters.keep")
    assert desk.session.state.filters.layers == ("conv1",)
    assert actions["filters.keep"].checked(desk.session.state)
    act("filters.keep")
    assert desk.session.state.filters.layers == () and act("filters.only") is None
    act("filters.next")
    assert desk.session.state.filters.first == 1
    act("filters.fewer")
    assert desk.session.state.filters.last == 8
    act("filters.previous")
    assert act("filters.previous") is None
    act("filters.usual")
    assert desk.session.state.filters.last == 8
    act("filters.method.guided")
    assert actions["filters.method.guided"].checked(desk.session.state)
    desk.do("filters.layers", layers=[f"layer{place}" for place in range(MOST_LAYERS)])
    assert act("filters.keep") is None and act("filters.only") is not None


def test_the_picture_comes_nearer_and_what_is_under_the_pointer_stays(desk):
    x, y = on_picture(desk, 4, 2)
    before = pixel_at(desk.view.places(), (8, 8), x, y)
    desk.view.wheel(Pointer(x, y), 3)
    assert desk.session.state.filters_camera.zoom == pytest.approx(1.25**3)
    after = pixel_at(desk.view.places(), (8, 8), x, y)
    assert after == pytest.approx(before, abs=0.3)
    desk.path([(x, y), (x + 30, y)])
    kind, args = desk.given[-1]
    assert kind == "filters.look" and args["center"][0] < 0.5
    desk.do("camera.undo")
    desk.do("camera.undo")
    assert desk.session.state.filters_camera.zoom == 1.0


def test_a_double_click_on_a_square_looks_at_it_closely_and_again_at_all(desk, draw):
    whole = draw(desk)
    spot = on_picture(desk, 4, 2)
    desk.view.double_press(Pointer(*spot, "left"))
    camera = desk.session.state.filters_camera
    assert camera.zoom > 1.5 and camera.center == pytest.approx((2.5 / 8, 4.5 / 8))
    near = draw(desk)
    (bars,) = desk.view.places().bars
    below, right = round(bars.top), round(desk.view.places().listed[0])
    assert (near[:below, :right] != whole[:below, :right]).any()
    assert np.array_equal(near[below:], whole[below:])
    desk.view.double_press(Pointer(*spot, "left"))
    assert desk.given[-1] == ("filters.fit", {})
    assert np.array_equal(draw(desk), whole)


def test_the_weights_of_the_filter_stand_below_the_list(desk, draw):
    pixels = draw(desk)
    sheet = desk.view._weights.sheet
    assert sheet.words == "3 × 3 for 3" and sheet.limit == 2.0
    assert [title for title, *_ in sheet.maps] == ["before", "after"]
    assert sheet.tiles.shape == (3, 11, 3)
    left, top, width, height = (round(part) for part in desk.view._below_list(desk.view.places()))
    column = pixels[top : top + height, left : left + width].reshape(-1, 3)
    seen = {tuple(pixel) for pixel in column.tolist()}
    for pixel in sheet.tiles[:, :3].reshape(-1, 3).tolist():
        assert tuple(pixel) in seen
    desk.do("focus.channel", layer="conv1", channel=1)
    desk.answer()
    assert desk.view._weights._kernel.channel == 1
    desk.do("focus.layer", layer="fc")
    assert desk.view._weights.sheet is None


def test_of_many_windows_the_largest_are_shown():
    weights = np.zeros((100, 3, 3), np.float32)
    weights[70, 1, 1] = -4.0
    sheet = sheet_of(Kernel("conv", 0, weights), LIGHT)
    assert sheet.words == "3 × 3 for 100, largest 36" and sheet.maps == ()
    assert sheet.limit == 4.0 and np.ptp(sheet.tiles[:3, :3].reshape(-1, 3), axis=0).max() > 50
