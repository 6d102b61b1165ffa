"""Sample view and filmstrip: zoom, slider, links, lists; gestures become commands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.pretend_engine import Data, Network
from viewer.state.hover import Hovered
from viewer.state.tree import State
from viewer.studio.facts import READY, Facts, StudySummary
from viewer.studio.samples import Answer, Question
from viewer.studio.selecting import Selected
from viewer.views.filmstrip import resolve as filmstrip
from viewer.views.filmstrip.build import Strip, chip_places
from viewer.views.filmstrip.view import FilmstripView
from viewer.views.gestures import LEFT, Pointer
from viewer.views.sample import resolve as sample
from viewer.views.sample.actions import ACTIONS
from viewer.views.sample.build import center_after, layout, pixel_at, place_in_picture
from viewer.views.sample.view import SampleView


def ready(shown=0, **changes):
    """Facts of the pretended network with one sample run."""
    network, data = Network("net.onnx", certain=True), Data()
    maps = {layer.name: np.ones(layer.output_shape, np.float32) for layer in network.layers}
    picture = np.arange(16 * 8 * 3, dtype=np.uint8).reshape(16, 8, 3)
    seen = np.zeros((8, 8, 3), np.uint8)
    answer = Answer(Question(1, shown), picture, seen, maps, np.array([3.0, 1, 0], np.float32))
    facts = Facts(
        phase=READY, network=network, data=data, labels=data.labels,
        class_names=tuple(data.classes), guess=network.preprocessing,
        preprocessing=network.preprocessing, confirmed=True, answer=answer,
    )  # fmt: skip
    return facts.but(**changes)


def heard(view):
    """Commands that a view wishes, as they come."""
    commands = []
    view.wished.connect(lambda kind, args: commands.append((kind, args)))
    view.dragged.connect(lambda kind, args: commands.append((kind, args)))
    return commands


def followed(view, state, facts, size):
    view.follow(state, None, facts, None)
    view.width, view.height = size
    return heard(view)


def click(view, x, y, *modifiers):
    view.press(Pointer(x, y, LEFT, frozenset(modifiers)))
    view.lift(Pointer(x, y, LEFT, frozenset(modifiers)))


@given(
    zoom=some.floats(1, 64), x=some.floats(0, 1), y=some.floats(0, 1),
    rows=some.integers(1, 300), columns=some.integers(1, 300),
)  # fmt: skip
def test_a_zoomed_picture_covers_its_area_or_stands_in_its_middle(zoom, x, y, rows, columns):
    places = layout(400, 600, (rows, columns), 5, zoom=zoom, center=(x, y))
    for axis in (0, 1):
        start, room = places.area[axis], places.area[axis + 2]
        at, long = places.picture[axis], places.picture[axis + 2]
        if long >= room:
            assert at <= start + 0.51 and at + long >= start + room - 0.51
        else:
            assert abs((at + long / 2) - (start + room / 2)) <= 0.51


@given(x=some.floats(20, 300), y=some.floats(20, 200), factor=some.floats(1.1, 8))
def test_zooming_keeps_what_is_under_the_pointer(x, y, factor):
    before = layout(320, 500, (100, 100), 5, zoom=4, center=(0.5, 0.5))
    center = center_after(before.picture, before.area, factor, x, y)
    after = layout(320, 500, (100, 100), 5, zoom=4 * factor, center=center)
    was, now = (place_in_picture(places.picture, x, y) for places in (before, after))
    assert np.allclose(was, now, atol=0.51 / after.picture[2] * 2)


def test_pixels_of_the_picture_are_named_and_its_outside_is_not():
    place = (10, 20, 80, 160)
    assert pixel_at(place, (16, 8), 10, 20) == (0, 0)
    assert pixel_at(place, (16, 8), 89.9, 179.9) == (15, 7)
    assert pixel_at(place, (16, 8), 9, 30) is None


def test_the_networks_own_picture_is_shown_with_its_own_box():
    state = State().with_part("sample", shows="network")
    hovered = Hovered("conv1", 2, (3, 4), 0.5)
    facts = ready()
    wish = sample.resolve(state, hovered, facts)
    assert wish.picture is facts.answer.seen
    assert wish.box == tuple(facts.network.box("conv1", 3, 4))


@pytest.mark.parametrize("shows", ["file", "network"])
def test_a_click_finds_the_unit_whose_field_has_the_pixel_in_its_middle(shows):
    facts = ready()
    state = State().with_part("sample", shows=shows).with_part("focus", layer="conv1", channel=2)
    rows, columns = facts.network.layer("conv1").output_shape[1:]
    for unit in ((0, 0), (rows - 1, columns - 1), (rows // 2, columns // 3)):
        y0, x0, y1, x1 = sample.box_of_unit(facts, "conv1", unit, shows)
        pixel = int((y0 + y1) / 2), int((x0 + x1) / 2)
        assert sample.unit_at(state, facts, *pixel) == ("conv1", 2, unit)


def test_without_an_active_layer_a_click_says_nothing():
    view = SampleView()
    commands = followed(view, State(), ready(), (300, 600))
    click(view, 150, 60)
    assert commands == []


def test_the_slider_steps_frames_of_one_video():
    facts = ready(shown=5)
    facts.data.groups = ["a"] * 4 + ["b"] * 8
    state = State().with_part("focus", sample=5)
    assert sample.resolve(state, None, facts).frames == (4, 8)
    view = SampleView()
    commands = followed(view, state, facts, (300, 600))
    left, middle, _ = view._places().slider
    view.press(Pointer(left, middle, LEFT))
    view.move(Pointer(290, middle, LEFT))
    assert commands == [("focus.sample", {"sample": 4}), ("focus.sample", {"sample": 11})]


def test_samples_of_no_video_have_no_slider():
    assert sample.resolve(State(), None, ready()).frames is None
    facts = ready()
    facts.data.groups = [f"{number}" for number in range(12)]
    assert sample.resolve(State(), None, facts).frames is None


def test_the_filmstrip_lists_what_is_selected_or_wrong():
    predicted = np.array([0, 1, 0, 0, 1, 2] + [-1] * 6, np.int32)
    facts = ready(summary=StudySummary(predicted=predicted))
    brushed = facts.but(selected=Selected(np.arange(12) % 3 == 1))
    for listed, expected in (("all", range(12)), ("selected", (1, 4, 7, 10)), ("wrong", (2,))):
        state = State().with_part("film", listed=listed)
        assert filmstrip.resolve(state, brushed).samples.tolist() == list(expected)
    nothing = filmstrip.resolve(State().with_part("film", listed="selected"), facts)
    assert nothing.message == "No sample is selected."


def test_many_classes_have_no_legend():
    facts = ready(labels=np.arange(12, dtype=np.int32), class_names=None)
    assert len(filmstrip.resolve(State(), facts).chips) == 12
    many = Data(count=30)
    facts = ready(data=many, labels=np.arange(30, dtype=np.int32), class_names=None)
    wish = filmstrip.resolve(State(), facts)
    assert wish.chips == () and filmstrip.class_colour(wish, 29) is not None


def test_clicks_in_the_filmstrip_focus_select_and_take_out():
    view, strip = FilmstripView(), Strip(600, 120, 12, True)
    commands = followed(view, State().with_part("focus", sample=1), ready(), (600, 120))

    def at(place):
        return strip.left(place, 0) + strip.cell / 2

    def brushed(mode, items):
        return "select.brush", {"mode": mode, "region": {"kind": "samples", "items": items}}

    click(view, at(3), 30)
    click(view, at(3), 30, "shift")
    click(view, at(4), 30, "ctrl")
    click(view, at(5), 30, "ctrl", "shift")
    assert commands == [
        ("focus.sample", {"sample": 3}),
        brushed("replace", [1, 2, 3]),
        brushed("add", [4]),
        brushed("add", [1, 2, 3, 4, 5]),
    ]


def test_a_click_on_a_class_selects_it_and_again_nothing():
    view, facts = FilmstripView(), ready()
    commands = followed(view, State(), facts, (600, 120))
    left, right = view._chips(lambda name: 40)[0]
    click(view, left + 2, 110)
    (kind, args), selected = commands[0], Selected(np.arange(12) % 3 == 0)
    assert (kind, args["region"]) == ("select.brush", {"kind": "class", "items": [0]})
    view.follow(State(), None, facts.but(selected=selected), None)
    click(view, left + 2, 110)
    assert commands[1] == ("select.clear", {})


@given(some.lists(some.floats(1, 200), max_size=30), some.floats(10, 1000))
def test_class_names_stand_one_after_the_other_inside(widths, room):
    places = chip_places(widths, room)
    for (_, end), (start, _) in zip(places, places[1:], strict=False):
        assert end < start
    assert not places or places[-1][1] <= room


def test_a_low_strip_has_no_legend():
    assert Strip(400, 70, 5, True).legend_top is None
    assert Strip(400, 120, 5, True).legend_top is not None
    assert Strip(400, 120, 5, True).cell < Strip(400, 120, 5, False).cell


def wish_of(name, state, facts):
    return next(action for action in ACTIONS if action.name == name).wish(state, facts)


def test_actions_step_within_what_there_is():
    facts, last = ready(), State().with_part("focus", sample=11)
    assert wish_of("sample.next", last, facts) is None
    assert wish_of("sample.ten_back", last, facts) == ("focus.sample", {"sample": 1})
    assert wish_of("sample.next", State(), Facts()) is None
    predicted = np.array([0, 1, 0, 0, 1, 1] + [-1] * 6, np.int32)
    known = ready(summary=StudySummary(predicted=predicted))
    assert wish_of("sample.next_wrong", State(), known) == ("focus.sample", {"sample": 2})
    assert wish_of("sample.previous_wrong", State(), known) is None
