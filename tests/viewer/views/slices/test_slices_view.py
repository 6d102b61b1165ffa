"""What the slices show, and gestures that become commands; the cut follows focus and hand."""

import numpy as np
import pytest

from tests.viewer.views.slices.slices_desk import (
    LAYER,
    Desk,
    facts_of,
    put_order,
    state_of,
    volume_values,
)
from tests.viewer.views.test_sample_views import ready
from viewer.state.hover import Hovered
from viewer.state.slices import SlicesCamera
from viewer.state.tree import State
from viewer.studio import slicing
from viewer.studio.facts import ExtractionFacts, StudySummary
from viewer.views.gestures import LEFT, Pointer
from viewer.views.slices.actions import ACTIONS
from viewer.views.slices.marks import pointer_words, reduced_words, swatches
from viewer.views.slices.places import FOOT
from viewer.views.slices.resolve import resolve

ORDER = (3, 0, 5, 1, 4, 2)


def press(desk, x, y, *modifiers, lifts=True):
    desk.view.press(Pointer(x, y, LEFT, frozenset(modifiers)))
    if lifts:
        desk.view.lift(Pointer(x, y, LEFT, frozenset(modifiers)))


def drag(desk, start, end):
    press(desk, *start, lifts=False)
    desk.view.move(Pointer(*end, LEFT))
    desk.view.lift(Pointer(*end, LEFT))


# what is shown


def test_without_something_to_cut_it_says_why():
    facts = facts_of()
    assert "Drop a network" in resolve(state_of(), facts.but(phase="empty")).message
    assert "No pictures" in resolve(state_of(), facts.but(data=None)).message
    assert resolve(state_of(layer=None), facts).choices[0][0] == LAYER
    facts.answer.maps.clear()
    assert "kept in full" in resolve(state_of(), facts).message
    late = resolve(state_of().with_part("focus", sample=5), ready().but(answer=None))
    assert late.late


@pytest.mark.parametrize("shape", [(6, 4, 5), (6,), (6, 9), (6, 1, 1), (1, 3, 3), (4, 2, 3, 5)])
def test_the_middle_is_cut_and_every_shape_is_a_volume(shape):
    values = volume_values(shape)
    wish = resolve(state_of(), facts_of(values))
    channels, rows, columns = wish.shape
    assert channels == shape[0] and rows * columns == int(np.prod(shape[1:]))
    assert (wish.channel, wish.row, wish.column) == (0, rows // 2, columns // 2)
    unit = wish.volume.unit_at(wish.row, wish.column)
    assert len(unit) == len(shape) - 1 and wish.volume.place_of(unit) == (wish.row, wish.column)
    assert wish.volume.values[0, wish.row, wish.column] == values[(0, *unit)]


def test_the_same_state_gives_the_same_volume():
    state, facts = state_of(), facts_of(volume_values().astype(np.float16))
    wish = resolve(state, facts)
    assert slicing.volume(state, facts) is wish.volume
    assert wish.volume.values.dtype == np.float32
    values, signed, words = slicing.volume_of(state, facts)
    assert values is wish.volume.values and signed and words == "sample 1 of 12"


def test_the_cut_goes_through_the_focused_unit_until_it_is_moved_by_hand():
    facts = facts_of()
    state = state_of(channel=2, unit=(3, 4))
    assert slicing.cut_of(state, slicing.volume(state, facts)) == (3, 4)
    desk = Desk(facts, state)
    desk.view.step("row", -2)
    assert (desk.cut.row, desk.cut.column, desk.cut.channel) == (1, 4, 2)
    assert desk.state.focus.unit == (3, 4)
    desk.give("focus.unit", {"layer": LAYER, "channel": 1, "unit": [0, 0]})
    assert (desk.cut.row, desk.cut.column) == (0, 0)
    outside = state_of(unit=(9, 9))
    assert slicing.cut_of(outside, slicing.volume(outside, facts)) == (2, 2)


def test_before_and_after_stand_side_by_side_where_there_is_an_order(monkeypatch):
    facts = facts_of()
    assert len(resolve(state_of(before=True), facts).cuts) == 3
    order = put_order(monkeypatch, ORDER)
    wish = resolve(state_of(before=True, layer=LAYER), facts)
    assert [(cut.kind, cut.order is order) for cut in wish.cuts] == [
        ("xy", False), ("xc", False), ("xc", True), ("yc", False), ("yc", True),
    ]  # fmt: skip
    assert "file order" in wish.cuts[1].title and wish.cuts[2].title == "XC  k-means, row 2 of 4"
    assert len(resolve(state_of(), facts).cuts) == 3 and "k-means" in wish.detail
    assert wish.place_of(5) == 2 and wish.channel_at(2) == 5
    put_order(monkeypatch, (1, 0))  # of another layer's number of channels
    assert resolve(state_of(before=True), facts).order is None


def test_ranges_are_by_hand_over_the_study_or_of_the_volume():
    facts = facts_of(np.abs(volume_values()))
    assert Desk(facts).view.range.high == facts.answer.maps[LAYER].max()
    done = facts.but(
        extraction=ExtractionFacts("done"), summary=StudySummary(ranges={LAYER: (0.0, 40.0)})
    )
    assert Desk(done).view.range.high == 40.0
    chosen = state_of().with_part("stack", limits=((LAYER, 0.0, 1.0),))
    found = Desk(done, chosen).view.range
    assert found.high == 1.0 and found.by_hand and found.above > 0
    assert any("above" in words for words, _ in swatches(found, Desk().view.theme))
    own = done.but()
    assert Desk(own, state_of().with_part("stack", range="sample")).view.range.high < 40.0


def test_while_a_sample_is_computed_the_former_one_stays():
    desk = Desk(state=state_of())
    shown = desk.view.wish.volume
    desk.session.do("focus.sample", sample=4)
    desk.follow()
    assert desk.view.pending and desk.view.wish.volume is shown
    gradient = desk.state.with_part("slices", source="gradient")
    desk.session.holder.set(gradient)
    desk.follow()
    assert desk.view.wish.volume is None and "computing" in desk.view.wish.message


def test_what_is_under_the_pointer_is_said(monkeypatch):
    facts = facts_of()
    facts.answer.maps[LAYER][2, 1, 3] = np.nan
    wish = resolve(state_of(), facts)
    assert pointer_words(wish, (2, 1, 3)) == "NaN at channel 2, row 1, column 3"
    alone = resolve(state_of(), facts_of(volume_values((6,))))
    assert pointer_words(alone, (4, 0, 0)).endswith("at channel 4")
    put_order(monkeypatch, ORDER)
    assert "channel 5 (place 2)" in pointer_words(resolve(state_of(), facts), (5, 0, 0))


def test_more_channels_than_pixels_are_said():
    desk = Desk(facts_of(volume_values((2048, 3, 4))))
    words = reduced_words(desk.view.frames, 1.0)
    assert len(words) == 1 and words[0].startswith("2,048 channels on ")
    assert not reduced_words(Desk().view.frames, 1.0)


# gestures


def test_the_wheel_goes_through_channels_rows_and_columns(monkeypatch):
    put_order(monkeypatch, ORDER)
    desk = Desk(state=state_of(channel=0))
    for kind, name, expected in (("xy", "channel", 5), ("xc", "row", 3), ("yc", "column", 3)):
        desk.view.wheel(Pointer(*desk.spot(kind, 1, 1)), -1)
        assert getattr(desk.cut, name) == expected, kind
    desk.view.wheel(Pointer(*desk.spot("xy", 1, 1)), 1)
    assert desk.cut.channel == 0
    assert [kind for kind, _ in desk.given] == ["slices.cut"] * 4


def test_a_wheel_of_many_small_steps_comes_to_one_row():
    desk = Desk()
    for _ in range(3):
        desk.view.wheel(Pointer(*desk.spot("xc", 1, 1)), -0.4)
    assert desk.cut.row == 3


def test_clicks_focus_units_and_channels(monkeypatch):
    put_order(monkeypatch, ORDER)
    desk = Desk()
    press(desk, *desk.spot("xy", 3, 1))
    assert desk.given == [("focus.unit", {"layer": LAYER, "channel": 0, "unit": [3, 1]})]
    assert (desk.cut.row, desk.cut.column) == (3, 1)
    press(desk, *desk.spot("xc", 2, 4))
    assert desk.given[-1][1] == {"layer": LAYER, "channel": 5, "unit": [3, 4]}
    press(desk, *desk.spot("yc", 4, 0))
    assert desk.given[-1][1] == {"layer": LAYER, "channel": 4, "unit": [0, 4]}
    frame = desk.frame("xc")
    press(desk, frame.box[0] - 8, frame.y.begin(0.5))
    assert desk.given[-1] == ("slices.cut", {"channel": 3}) and desk.state.focus.unit == (0, 4)


def test_a_click_on_a_layer_without_positions_has_no_unit():
    desk = Desk(facts_of(volume_values((6,))))
    press(desk, *desk.spot("xc", 4, 0))
    assert desk.given == [("focus.unit", {"layer": LAYER, "channel": 4, "unit": None})]


def test_lines_are_dragged_and_the_rest_pans():
    desk = Desk(state=state_of(channel=0))
    frame = desk.frame("xy")
    row, column = desk.cut.row, desk.cut.column
    line = frame.x.begin(column), frame.y.begin(0.5)
    drag(desk, line, desk.spot("xy", 0, 4))
    assert (desk.cut.row, desk.cut.column) == (row, 4)
    drag(desk, (frame.x.begin(4), frame.y.begin(desk.cut.row)), desk.spot("xy", 0, 1))
    assert (desk.cut.row, desk.cut.column) == (0, 1)
    deep = desk.frame("xc")
    drag(desk, (deep.x.begin(4.5), deep.y.begin(1)), desk.spot("xc", 4, 4))
    assert desk.cut.channel == 4
    assert all(kind == "slices.cut" for kind, _ in desk.given)
    desk.give("slices.look", {"zoom": 4.0})
    center = desk.state.slices_camera.center
    frame = desk.frame("xy")
    start = (frame.x.low + frame.x.high) / 2, frame.y.low + 30
    drag(desk, start, (start[0] - 20, start[1]))
    assert desk.given[-1][0] == "slices.look"
    assert desk.state.slices_camera.center[0] > center[0]
    desk.session.do("camera.undo")
    assert desk.state.slices_camera.center == center


def test_a_drag_is_undone_as_one():
    desk = Desk(state=state_of(channel=0))
    frame, row = desk.frame("xc"), desk.cut.row
    press(desk, frame.x.begin(desk.cut.column), frame.y.begin(4.5), lifts=False)
    for column in (3, 4, 0):
        desk.view.move(Pointer(*desk.spot("xc", 4, column), LEFT))
    desk.view.lift(Pointer(*desk.spot("xc", 4, 0), LEFT))
    assert desk.cut.column == 0 and desk.cut.row == row
    desk.session.do("undo")
    desk.follow()
    assert desk.cut.column == 2


def test_ctrl_and_the_wheel_zoom_and_double_click_fits():
    desk = Desk(facts_of(volume_values((60, 30, 30))))
    desk.view.wheel(Pointer(*desk.spot("xy", 3, 3), modifiers=frozenset({"ctrl"})), 3)
    camera = desk.state.slices_camera
    assert camera.zoom > 1.9 and camera.channels == 1.0
    shift = frozenset({"ctrl", "shift"})
    frame = desk.frame("xc")
    place = frame.x.low + 30, frame.y.low + 30
    desk.view.wheel(Pointer(*place, modifiers=shift), 2)
    after = desk.state.slices_camera
    assert after.zoom == camera.zoom and after.channels > 1.5
    desk.view.double_press(Pointer(*place, LEFT))
    assert desk.state.slices_camera == SlicesCamera()
    desk.view.zoom_by(1000.0)
    assert desk.state.slices_camera.zoom == 64.0


def test_keys_move_the_cut_and_only_the_known_ones_are_taken():
    desk = Desk(state=state_of(channel=2))
    for name, expected in (
        ("left", (2, 2, 1)), ("up", (2, 1, 1)), ("pagedown", (3, 1, 1)), ("end", (5, 1, 1)),
        ("home", (0, 1, 1)), ("right", (0, 1, 2)), ("down", (0, 2, 2)), ("pageup", (0, 2, 2)),
    ):  # fmt: skip
        assert desk.view.takes(name) and desk.view.key(name)
        assert (desk.cut.channel, desk.cut.row, desk.cut.column) == expected, name
    assert desk.view.key("right", frozenset({"shift"})) and desk.cut.column == 4
    assert not desk.view.key("a") and not desk.view.takes("left", frozenset({"ctrl"}))
    assert desk.view.key("+") and desk.state.slices_camera.zoom == 1.25
    assert not Desk(state=state_of(layer=None)).view.takes("left")


def test_ends_of_the_colour_bar_are_dragged_for_all_views():
    from viewer.views.range_bar import Bar

    desk = Desk(facts_of(np.abs(volume_values())))
    high = desk.view.range.high
    desk.view.bar = Bar(LAYER, 0.0, high, False, 60.0, 96.0)
    at = desk.view.height - FOOT / 2
    drag(desk, (156.0, at), (216.0, at))
    assert desk.given[-1][0] == "stack.limits" and desk.given[-1][1]["high"] == 2 * high
    assert desk.view.range.by_hand
    desk.view.double_press(Pointer(100.0, at, LEFT))
    assert desk.given[-1] == ("stack.limits.reset", {"layer": LAYER})


def test_pointing_is_told_and_pointing_elsewhere_is_shown():
    desk = Desk()
    desk.view.move(Pointer(*desk.spot("yc", 3, 1)))
    hovered = desk.hovered[-1]
    values = desk.facts.answer.maps[LAYER]
    assert hovered == Hovered(LAYER, 3, (1, 2), float(values[3, 1, 2]))
    assert desk.view.pointed[1:] == (3, 1)
    desk.view.leave()
    assert desk.hovered[-1] is None and desk.view.pointed is None
    told = []
    desk.view.outdated.connect(lambda: told.append(1))
    desk.follow(Hovered(LAYER, 1, (0, 0)))
    assert told
    cell = desk.view._cell_of(desk.frame("xy"), 0, 3, 1)
    assert cell == (3, 1) and desk.view._cell_of(desk.frame("xy"), 1, 3, 1) is None
    assert desk.view._cell_of(desk.frame("xc"), 4, desk.cut.row, 3) == (4, 3)


def test_a_layer_can_be_chosen_in_the_view():
    desk = Desk(state=state_of(layer=None))
    assert desk.view._choice.choices and desk.view.wish.volume is None
    desk.view.wheel(Pointer(10, 10), 1)
    desk.view.double_press(Pointer(10, 10, LEFT))
    assert desk.given == []


# actions


def test_every_action_does_what_it_says_or_cannot_be_done():
    facts, state = facts_of(), state_of(channel=0)
    given = [action for action in ACTIONS if action.wish is not None]
    wishes = {action.name: action.wish(state, facts) for action in given}
    assert wishes["slices.channel.on"] == ("slices.cut", {"channel": 1})
    assert wishes["slices.channel.back"] is None and wishes["slices.fit"] is None
    assert wishes["slices.row.on"][1]["row"] == pytest.approx(3.5 / 4)
    assert wishes["slices.before"] == ("slices.before", {"shown": True})
    assert wishes["slices.nearer"][1] == {"zoom": 1.25, "channels": 1.25}
    assert wishes["slices.source.weights"] == ("slices.source", {"source": "weights"})
    closer = state.with_part("slices_camera", zoom=2.0)
    assert {action.name: action.wish(closer, facts) for action in given}["slices.fit"]
    empty = {action.name: action.wish(State(), facts_of().but(data=None)) for action in given}
    assert empty["slices.row.on"] is None


def test_commands_are_told_in_words():
    from viewer.session.command import Command
    from viewer.views.session.words import words_of

    said = {
        ("slices.source", "weight-gradient"): "slice the weight gradient",
        ("slices.cut", 7): "slice at channel 7, row 50%",
        ("slices.before", True): "show slices in file order beside",
        ("slices.look", 2.0): "zoom: slices",
        ("slices.fit", None): "fit all slices",
    }
    given = {
        "slices.source": lambda value: {"source": value},
        "slices.cut": lambda value: {"channel": value, "row": 0.5},
        "slices.before": lambda value: {"shown": value},
        "slices.look": lambda value: {"channels": value},
        "slices.fit": lambda value: {},
    }
    for (kind, value), words in said.items():
        assert words_of(Command(kind, given[kind](value))) == words
