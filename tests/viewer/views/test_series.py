"""The view of a series: what it shows, where it stands, pictures of volumes, gestures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.pretend_explainer import WEIGHTS
from tests.viewer.views.test_sample_views import ready
from viewer.gl.theme import DARK, rgb
from viewer.qt.status import looked_at_words
from viewer.session.session import Session
from viewer.state.hover import Hovered
from viewer.state.series import PICTURES
from viewer.state.tree import State
from viewer.studio import ordering, seriating
from viewer.studio.facts import StudySummary
from viewer.studio.questions import Found
from viewer.studio.step_values import StepValues
from viewer.studio.validating import Checked
from viewer.views.gestures import LEFT, NO_BUTTON, Pointer
from viewer.views.series import actions
from viewer.views.series.build import flat_of, ordered, picture_of, strongest, unit_at
from viewer.views.series.checking import (
    Rows,
    cells_of,
    errors_of,
    headings_of,
    share_words,
    short_name,
)
from viewer.views.series.places import FOOT, HEAD, Places, fitted
from viewer.views.series.resolve import resolve
from viewer.views.series.view import SeriesView
from viewer.views.stack import resolve as stack
from viewer.views.stack.making import contents_of
from viewer.views.stack.picked_weights import PickedWeights

PREDICTED = np.array([0, 1, 2, 0, 2, 2, 0, 1, 2, 0, 1, 2], np.int32)
GROUPS = [["a", "reference", [2]], ["b", "inspected", [4]], ["c", "other", [5, 7]]]


def facts_of(**changes):
    """Facts of the pretended network: sample 4 (a dog) is taken for a fox."""
    summary = StudySummary(predicted=PREDICTED, samples=12)
    return ready(summary=summary, **changes)


def state_of(**settings):
    session = Session(clock=lambda: 0.0)
    session.do("series.build", groups=GROUPS, target="logit:2")
    session.do("window.only", pane="series")
    state = session.state
    return state.with_part("series", **settings) if settings else state


def values_of(number):
    random = np.random.default_rng(number)
    maps = {name: random.standard_normal(shape, np.float32) for name, shape in WEIGHTS.items()}
    seen = np.full((8, 8, 3), 40 + 60 * number, np.uint8)
    return StepValues("weight-gradient", maps, 1, seen, ("logit:2",))


def answered(state, facts, only=None):
    """Facts in which the steps (or some of them) are there."""
    found = dict(facts.explanations)
    by_samples = {tuple(group[2]): at for at, group in enumerate(GROUPS)}
    for question in seriating.step_questions(state, facts):
        at = by_samples[question.key[-4]]
        if only is None or at in only:
            found[question.key] = Found(values_of(at))
    return facts.but(explanations=found)


# resolving


def test_steps_have_their_names_labels_and_predictions():
    state = state_of()
    wish = resolve(state, answered(state, facts_of()))
    assert [head.name for head in wish.heads] == ["a", "b", "c"]
    assert [(head.words, head.look) for head in wish.heads] == [
        ("fox, right", "right"), ("dog, predicted fox", "wrong"), ("mean of 2", "dim"),
    ]  # fmt: skip
    assert wish.heads[0].is_reference and wish.heads[1].role == "inspected"
    assert wish.layer == "conv1" and wish.shape == (4, 3, 3, 3) and not wish.late
    ends = [np.abs(values_of(at).maps["conv1"]).max() for at in range(3)]
    assert wish.limit == pytest.approx(max(ends))
    assert "one range over all 3 steps" in wish.words
    focused = state.with_part("focus", layer="fc")
    assert resolve(focused, answered(focused, facts_of())).layer == "fc"
    assert wish.detail == "gradient of fox by weights (tiles), conv1, step 1 of 3"


def test_what_is_not_there_yet_is_waited_for_and_counted():
    state = state_of()
    wish = resolve(state, answered(state, facts_of(), only=(0,)))
    assert wish.late and "one range over 1 of 3 steps" in wish.words
    assert [step.is_late for step in wish.steps] == [False, True, True]
    failed = answered(state, facts_of(), only=(0, 2))
    key = seriating.step_questions(state, facts_of())[1].key
    failed = failed.but(explanations=failed.explanations | {key: Found(failure="no rule")})
    wish = resolve(state, failed)
    assert wish.steps[1].failure == "No rule" and not wish.late


def test_without_a_series_it_says_what_would_be_built():
    wish = resolve(State(), facts_of())
    assert "No series yet. Build one of" in wish.message
    assert "inspected dog: 3 right, 1 wrong" in wish.message
    assert "no misclassified sample" in wish.words
    nothing = resolve(State(), ready())
    assert "No sample has been run yet" in nothing.message
    study = resolve(State(), facts_of(recording=object()))
    assert "opened without it" in study.message


# the stack


def test_the_stack_draws_unfolded_weights_on_the_common_range_with_places_left_out():
    state = state_of().with_part("window", only="stack")
    facts = answered(state, facts_of())
    wish = stack.resolve(state, facts)
    contents = contents_of(wish.contents)
    assert [slab.name for slab in contents.slabs] == ["conv1", "conv2", "fc"]
    first = contents.slab("conv1")
    assert first.values.shape == (4, 3, 9) or first.values.shape[0] == 4
    assert (
        first.signed
        and first.sharp
        and (first.low, first.high)[1]
        == pytest.approx(seriating.series_of(state, facts).ranges.ends["conv1"][1])
    )
    across, down = abs(first.extent[0]), abs(first.extent[1])
    rows, columns = first.values.shape[1:]
    assert across / columns == pytest.approx(down / rows)
    assert wish.title == "step 1 of 3, a: 2.png, label fox, predicted fox"
    assert wish.subtitle.startswith("gradient of fox by weights (tiles); emission")
    label = next(label for label in contents.labels if label.name == "conv1")
    assert label.detail == "4 × 3 × 3 × 3"
    assert wish.contents.same_as(stack.resolve(state, facts).contents)
    assert not first.specials.nan


def test_weights_under_the_pointer_are_named_and_picked():
    volumes = values_of(0)
    shown = volumes.volumes("tiles", volumes.own_ranges)
    weights, picked = PickedWeights(shown), type("Picked", (), {})()
    picked.name, picked.voxel, picked.value = "conv1", (3, 1, 5), 0.25
    hovered = weights.hovered(picked)
    assert (hovered.layer, hovered.channel, hovered.unit) == ("conv1", 3, None)
    assert hovered.says == "input 1, row 1, column 2: weight gradient 0.25"
    assert weights.clicked(picked) == {"layer": "conv1", "filter": 3, "input": 1, "kernel": 5}
    assert looked_at_words(State(), hovered, ready()).endswith(hovered.says)


def test_the_picked_weight_is_marked_where_it_stands():
    state = state_of(weight=("conv1", 3, 1, 5)).with_part("focus", layer="conv1", channel=3)
    state = state.with_part("window", only="stack")
    assert stack.resolve(state, answered(state, facts_of())).marked == ("conv1", 3, (1, 5))


# pictures


def slow_strongest(volume):
    made = np.zeros(volume.shape[1:], np.float32)
    for place in np.ndindex(*made.shape):
        column = volume[(slice(None), *place)]
        made[place] = column[np.argmax(np.abs(column))]
    return made


@given(some.integers(1, 5), some.integers(1, 6), some.integers(1, 6), some.integers(0, 99))
def test_each_place_shows_the_value_farthest_from_zero(count, rows, columns, seed):
    volume = np.random.default_rng(seed).standard_normal((count, rows, columns), np.float32)
    np.testing.assert_array_equal(strongest(volume), slow_strongest(volume))
    volume[0, 0, 0] = np.nan
    assert np.isnan(strongest(volume)[0, 0])


@pytest.mark.parametrize("way", PICTURES)
@pytest.mark.parametrize("most", [512, 4])
def test_a_pixel_is_found_again_in_the_volume(way, most, monkeypatch):
    monkeypatch.setattr("viewer.views.series.build.MOST_PIXELS", most)
    volume = np.random.default_rng(3).standard_normal((5, 4, 6), np.float32)
    absent = np.zeros((4, 6), bool)
    absent[2:, 4:] = True
    flat = flat_of(volume, absent, way)
    seen = set()
    for row, column in np.ndindex(*flat.values.shape):
        if flat.absent is not None and flat.absent[row, column]:
            continue
        found = unit_at(volume, absent, way, flat.factor, row, column)
        assert volume[found] == flat.values[row, column]
        assert flat.factor > 1 or not absent[found[1:]]
        seen.add(found)
    if way == "filters" and most == 512:
        assert len(seen) == 5 * (24 - 4)


@pytest.mark.parametrize("shape", [(7,), (7, 1, 1), (3, 5), (2, 3, 4, 5)])
def test_any_shape_becomes_a_picture(shape):
    volume = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    for way in PICTURES:
        flat = flat_of(volume, None, way)
        pixels = picture_of(flat, float(volume.max()), DARK)
        assert pixels.shape == (*flat.values.shape, 3) and pixels.dtype == np.uint8
        present = flat.values if flat.absent is None else flat.values[~flat.absent]
        assert present.max() == volume.max()
        if flat.absent is not None:
            background = np.rint(255 * np.array(rgb(DARK.panel)))
            assert np.array_equal(pixels[flat.absent][0], background)


# places


@given(
    some.floats(120, 2000), some.floats(120, 1500), some.integers(1, 200),
    some.tuples(some.integers(1, 400), some.integers(1, 400)), some.booleans(),
    some.integers(0, 199),
)  # fmt: skip
def test_the_present_step_is_in_sight_and_no_two_cells_overlap(
    width, height, count, shape, checks, present
):
    places = Places(width, height, count, shape, min(present, count - 1), checks)
    assert places.present in places.in_sight
    left, top, wide, tall = places.room
    column, row = places.present % places.columns, places.present // places.columns
    x, y, across, down = places.picture(places.present)
    assert x >= left - 1 and x + across <= max(left + wide, left + 40) + 1
    assert y >= top - 1
    if tall >= 24 + HEAD + 10:
        assert y + down <= top + tall + 1
    assert row - places.first_row >= 0 and column < places.columns
    step = places.step
    assert step[0] > across and step[1] >= down + HEAD
    if wide > 60 and tall > 80:
        assert places.at(x + across / 2, y + 2) == places.present


def test_few_steps_fill_the_pane_and_many_are_lowered_to_be_in_sight():
    few = Places(900, 500, 2, (10, 10))
    assert few.columns == 2 and few.cell[0] > 200
    many = Places(900, 330, 18, (10, 10))
    assert len(many.in_sight) == 18 and many.rows[0] <= many.rows[1]
    assert fitted((0, 0, 100, 50), (10, 10), 1.0) == (25, 0, 50, 50)


# gestures


class Desk:
    """A view with a session, as the stage ties them."""

    def __init__(self, state, facts, size=(700, 400)):
        self.session, self.facts = Session(clock=lambda: 0.0), facts
        self.session.holder.set(state)
        self.view, self.given, self.hovered = SeriesView(), [], []
        self.view.width, self.view.height = size
        self.view.wished.connect(self.give)
        self.view.hovered.connect(self.hovered.append)
        self.follow()

    def give(self, kind, args):
        self.given.append((kind, args))
        self.session.do(kind, **args)
        self.follow()

    def follow(self):
        self.view.follow(self.session.state, None, self.facts, None)

    def at(self, number, share=(0.5, 0.5)):
        left, top, wide, tall = self.view.places().drawn(number, 1.0)
        return Pointer(left + share[0] * wide, top + share[1] * tall, LEFT)


@pytest.fixture
def desk():
    state = state_of()
    made = Desk(state, answered(state, facts_of()))
    for step in made.view.wish.steps:  # as the builder's thread gives them
        look = made.view._look(step)
        volumes = step.values.volumes("tiles", made.view.wish.series.ranges)
        made.view._flats[look] = flat_of(volumes.maps["conv1"], None, "strongest")
    return made


def test_a_click_shows_a_step_and_a_second_one_picks_the_weight(desk):
    pointer = desk.at(1)
    desk.view.lift(pointer)
    assert desk.given == [("series.step", {"step": 1})]
    assert desk.session.state.focus.sample == 4
    desk.view.lift(desk.at(1, (0.01, 0.01)))
    kind, args = desk.given[1]
    maps = values_of(1).maps["conv1"]
    strong = int(np.argmax(np.abs(maps[:, 0, 0, 0])))
    assert kind == "series.weight"
    assert args == {"layer": "conv1", "filter": strong, "input": 0, "kernel": 0}


def test_keys_and_wheel_step_and_stay_within_the_series(desk):
    for key, step in (("right", 1), ("end", 2), ("right", 2), ("home", 0), ("left", 0)):
        assert desk.view.takes(key) and desk.view.key(key)
        assert desk.session.state.series.step == step
    desk.view.wheel(desk.at(0), -1)
    assert desk.session.state.series.step == 1
    desk.view.wheel(desk.at(0), 1)
    assert desk.session.state.series.step == 0
    assert desk.view.key("delete") and len(desk.session.state.series.steps) == 2
    assert not desk.view.takes("a") and not desk.view.takes("left", frozenset({"ctrl"}))


def test_the_pointer_names_the_filter_everywhere(desk):
    place = desk.at(2, (0.01, 0.01))
    desk.view.move(Pointer(place.x, place.y, NO_BUTTON))
    strong = int(np.argmax(np.abs(values_of(2).maps["conv1"][:, 0, 0, 0])))
    assert desk.hovered == [Hovered("conv1", strong)]
    words = desk.view._pointed_words(desk.view.places())
    assert f"filter {strong}, input 0, row 0, column 0 · step 3, c" in words
    desk.view.leave()
    assert desk.hovered[-1] is None and desk.view.pointed is None


def test_a_row_of_the_check_picks_its_weight(desk):
    validation = type("Validation", (), {"places": np.array([5, 100])})()
    checked = Checked(validation, "conv1", WEIGHTS["conv1"], 2, "fox")
    wish = desk.view.wish
    object.__setattr__(wish.check, "found", checked)
    object.__setattr__(wish.settings, "check", "random")
    desk.view.rows = Rows(100.0, 400.0, 200.0, 2)
    desk.view.lift(Pointer(450.0, 100 + 1.5 * 15, LEFT))
    assert desk.given == [
        ("series.weight", {"layer": "conv1", "filter": 3, "input": 2, "kernel": 1})
    ]


def test_the_check_names_weights_and_errors():
    validation = type("Validation", (), {})()
    validation.computed, validation.differences = np.array([2.0, -1.0]), np.array([2.0, -1.1])
    validation.kinks = np.array([False, False])
    assert errors_of(validation) == pytest.approx([0.0, 0.05])
    validation.kinks[1] = True
    assert share_words(errors_of(validation)[1]) == "at a kink"
    assert headings_of((4, 3)) == ("filter", "input")
    assert cells_of((4, 3, 2, 3, 3), (1, 2, 4, 0)) == (1, 2, 1, 1, 0)
    assert len(headings_of((4, 3, 2, 3, 3))) == 5
    assert cells_of((4, 3, 5), (1, 2, 0, 4)) == (1, 2, 4)
    assert short_name((3, 1, 0, 2)) == "3:1@0,2" and short_name((3, 1)) == "3:1"


# actions


def test_actions_build_add_and_move():
    session, facts = Session(clock=lambda: 0.0), facts_of()
    able = {action.name: action for action in actions.ACTIONS}

    def give(name):
        found = able[name].wish(session.state, facts)
        if found is not None:
            session.do(found[0], **found[1])
        return found

    assert give("series.step.next") is None and give("series.clear") is None
    assert give("series.build")[1]["target"] == "logit:1"
    count = len(session.state.series.steps)
    assert give("series.add.selection") is None
    assert give("series.add.focused")[1]["samples"] == [session.state.focus.sample]
    assert session.state.series.step == count
    assert give("series.step.next") and session.state.series.step == 0
    assert give("series.step.before") and session.state.series.step == count
    assert give("series.step.later") is None and give("series.step.earlier")
    assert give("series.step.reference")[1] == {"step": count - 1}
    assert give("series.step.remove") and give("series.clear")
    assert session.state.series.steps == ()


def test_the_view_without_steps_takes_no_keys():
    view = SeriesView()
    view.width, view.height = 300, 200
    assert not view.takes("left") and view.places().at(50, 50) is None
    view.lift(Pointer(50, 50, LEFT))
    view.move(Pointer(50, 180 - FOOT, NO_BUTTON))
    assert view.pointed is None


def test_faster_and_slower_mean_the_series_while_the_stack_shows_it():
    from viewer.views.stack.actions import ACTIONS

    faster = next(action for action in ACTIONS if action.name == "play.faster")
    assert faster.wish(state_of(), None) == ("series.rate", {"rate": 8.0})
    assert faster.wish(State(), None) == ("stack.rate", {"rate": 10.0})


def test_rows_of_filters_stand_in_the_order_in_force(monkeypatch):
    order = type("Order", (), {"channels": np.array([2, 0, 3, 1], np.int32)})()
    monkeypatch.setattr(ordering, "order_of", lambda state, facts, layer: order)
    state = state_of(picture="filters")
    desk = Desk(state, answered(state, facts_of()))
    step = desk.view.wish.steps[0]
    look = desk.view._look(step)
    assert look[-1] is order
    volumes = step.values.volumes("tiles", desk.view.wish.series.ranges)
    flat = flat_of(ordered(volumes.maps["conv1"], order), None, "filters")
    np.testing.assert_array_equal(flat.values[0], values_of(0).maps["conv1"][2].ravel()[_tiles()])
    desk.view._flats[look] = flat
    channel, row, column, value = desk.view.weight_at(0, (2, 4))
    assert channel == 3 and value == volumes.maps["conv1"][3, row, column]
    strongest_look = desk.view._look
    object.__setattr__(desk.view.wish.settings, "picture", "strongest")
    assert strongest_look(step)[-1] is None


def _tiles():
    """Where the places of a 3 x 3 x 3 filter's tiles, row by row, lie in its weights."""
    from engine.gradient.unfolding import unfold

    numbers = np.arange(27, dtype=np.float32).reshape(1, 3, 3, 3)
    return unfold(numbers, "tiles")[0].ravel().astype(int)
