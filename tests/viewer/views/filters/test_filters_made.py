"""What the Top filters show for a state, their colours, the picture made, the places of bars."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.reference import top_filters as reference
from tests.viewer.views.filters.filters_desk import Desk, projected, ready
from viewer.gl.theme import DARK, LIGHT, rgb
from viewer.state.hover import Hovered
from viewer.state.tree import State
from viewer.studio.facts import EMPTY, OPENING
from viewer.studio.projecting import ordered, questions
from viewer.studio.questions import Found
from viewer.studio.samples import Answer, Question
from viewer.views.filters.build import FILL, background, draw, parts_of
from viewer.views.filters.places import Bars, places
from viewer.views.filters.resolve import colours_of, resolve
from viewer.visuals.transfer import colours


def answered(**changes):
    """State and facts of conv1, all its questions answered."""
    desk = Desk()
    for kind, args in changes.items():
        desk.do(f"filters.{kind}", **args)
    desk.answer()
    return desk.session.state, desk.facts


def test_what_is_lacking_is_said():
    empty = ready().but(phase=EMPTY)
    assert "Drop a network" in resolve(State(), None, empty).message
    assert resolve(State(), None, empty.but(phase=OPENING)).late
    assert "No pictures" in resolve(State(), None, ready(data=None)).message
    assert "No layer is active" in resolve(State(), None, ready()).message
    state = Desk().session.state
    failed = Answer(Question(1, 0), failure="it is broken")
    assert resolve(state, None, ready(answer=failed)).message == "it is broken"
    assert resolve(state, None, ready(answer=None)).late
    assert "without it" in resolve(state, None, ready(recording=object())).message


def test_filters_stand_in_the_order_of_their_maxima_and_silent_ones_are_counted():
    state, facts = answered()
    wish = resolve(state, None, facts)
    (layer,) = wish.layers
    assert layer.ordered.order.tolist() == [3, 1, 0, 2]
    assert layer.channels == (3, 1, 0) and (layer.first, layer.last) == (0, 3)
    assert not wish.late and wish.detail == "conv1, sample 1, DeconvNet"
    assert wish.words == ("3 units of 3 filters by windows", "1 filter silent here")


def test_a_failure_is_its_sentence_and_nothing_is_waited_for():
    desk = Desk()
    assert resolve(desk.session.state, None, desk.facts).late
    desk.answer("conv1 is quantised.")
    wish = resolve(desk.session.state, None, desk.facts)
    assert wish.failure == "conv1 is quantised." and not wish.late


def test_values_that_are_no_numbers_are_counted_and_never_first():
    facts = ready()
    maps = dict(facts.answer.maps)
    maps["conv1"] = maps["conv1"].copy()
    maps["conv1"][3] = np.nan
    maps["conv1"][1, 0, 0] = -np.inf
    facts = facts.but(answer=replace(facts.answer, maps=maps))
    (layer,) = resolve(Desk().session.state, None, facts).layers
    assert layer.ordered.order.tolist() == [1, 0, 2, 3]
    assert layer.ordered.not_finite == 65 and layer.ordered.silent == 2


@settings(max_examples=60, deadline=None)
@given(some.integers(0, 2**32 - 1), some.integers(1, 9), some.integers(0, 12))
def test_the_order_is_the_slow_one(seed, channels, units):
    random = np.random.default_rng(seed)
    maps = random.integers(-2, 3, (channels, units, 1)).astype(np.float32)
    maps[random.random(maps.shape) < 0.1] = np.nan
    order, silent = reference.order(maps)
    found = ordered("conv", maps)
    assert found.order.tolist() == order and found.silent == silent


def test_several_layers_have_one_colour_each_and_stay_when_another_is_active():
    desk = Desk()
    desk.do("filters.layers", layers=["conv1"])
    desk.do("focus.layer", layer="conv2")
    desk.answer()
    wish = resolve(desk.session.state, None, desk.facts)
    assert [layer.name for layer in wish.layers] == ["conv1", "conv2"]
    one, other = (layer.colours for layer in wish.layers)
    assert np.ptp(one, axis=0).max() == np.ptp(other, axis=0).max() == 0
    assert not np.allclose(one[0], other[0])


@pytest.mark.parametrize("count", [1, 9, 10, 18, 19, 64])
def test_every_filter_of_a_range_has_a_colour_of_its_own(count):
    channels = np.random.default_rng(count).choice(512, count, replace=False).tolist()
    found = colours_of(channels, 512)
    assert len({tuple(colour) for colour in found.tolist()}) == count
    turned = colours_of(channels[::-1], 512)
    assert np.array_equal(found, turned[::-1])


def test_a_filter_keeps_its_colour_when_the_order_changes():
    before = dict(zip((5, 31, 77), colours_of((5, 31, 77), 512).tolist(), strict=True))
    after = dict(zip((77, 5, 31), colours_of((77, 5, 31), 512).tolist(), strict=True))
    assert before == after


def test_only_the_hovered_filter_is_drawn():
    state, facts = answered()
    wish = resolve(state, Hovered("conv1", 1), facts)
    assert wish.alone == ("conv1", 1)
    assert len(parts_of(wish.layers, wish.alone)) == 1
    assert resolve(state, Hovered("conv1", 2), facts).alone is None
    assert resolve(state, Hovered("conv2", 1), facts).alone is None


@pytest.mark.parametrize("fills", [True, False])
def test_each_pixel_is_the_slow_one(fills):
    state, facts = answered(squares={"squares": "filled" if fills else "none"})
    wish = resolve(state, None, facts)
    made = draw(wish.picture, wish.layers, wish.settings, None, DARK)
    base = background(wish.picture, 0.5, DARK)
    (layer,) = wish.layers
    for row in range(8):
        for column in range(8):
            parts = []
            for channel, colour in zip(layer.channels, layer.colours, strict=True):
                at = layer.projected.channel.tolist().index(channel)
                y0, x0, y1, x1 = layer.projected.box[at]
                inside = y0 <= row < y1 and x0 <= column < x1
                picture = layer.projected.pictures[at]
                strength = abs(picture[row - y0, column - x0]) if inside else 0.0
                parts.append((colour, strength / abs(picture).max(), inside))
            slow = reference.own_colour(base[row, column], parts, FILL if fills else 0.0)
            assert np.abs(made.pixels[row, column] - 255 * np.array(slow)).max() <= 1


def test_signed_values_are_the_diverging_map_and_the_picture_where_nothing_came_back():
    state, facts = answered(colour={"colour": "signed"}, background={"opacity": 0.0})
    wish = resolve(state, None, facts)
    made = draw(wish.picture, wish.layers, wish.settings, ("conv1", 1), DARK)
    table = np.rint(255 * colours(DARK, True))
    assert made.limit == 1.0
    assert np.abs(made.pixels[2, 1] - table[-1]).max() <= 1
    half = table[round(0.25 * (len(table) - 1))]
    assert np.abs(made.pixels[2, 2] - half).max() <= 1
    assert np.abs(made.pixels[7, 7] - 255 * np.array(rgb(DARK.view))).max() <= 4
    solid = replace(wish.settings, background=1.0)
    made = draw(wish.picture, wish.layers, solid, ("conv1", 1), DARK)
    assert np.abs(made.pixels[7, 7].astype(int) - 40).max() <= 4


def test_nothing_came_back_gives_the_picture():
    facts = ready()
    wish = resolve(Desk().session.state, None, facts)
    for theme in (DARK, LIGHT):
        made = draw(wish.picture, wish.layers, replace(wish.settings, background=1.0), None, theme)
        assert np.array_equal(made.pixels, wish.picture)


def test_of_a_wider_range_the_first_filters_are_shown_and_that_is_said():
    facts = ready()
    maps = {"conv1": np.arange(400, dtype=np.float32).reshape(100, 2, 2) + 1}
    facts = facts.but(answer=replace(facts.answer, maps=maps))
    desk = Desk(facts=facts)
    desk.do("filters.range", first=0, last=90)
    asked = questions(desk.session.state, facts)[0]
    assert len(asked.key[-1]) == 64 and 99 in asked.key[-1] and 35 not in asked.key[-1]
    value = projected(facts, "conv1", [0])
    wish = resolve(desk.session.state, None, facts.but(explanations={asked.key: Found(value)}))
    assert "the first 64 of a wider range" in wish.words


@settings(max_examples=80, deadline=None)
@given(
    some.floats(40, 2000), some.floats(60, 1500), some.integers(1, 300), some.integers(1, 300),
    some.lists(some.integers(1, 2048), min_size=1, max_size=6), some.sampled_from([1.0, 1.5, 2.0]),
)  # fmt: skip
def test_nothing_in_the_view_lies_over_another(width, height, rows, columns, counts, ratio):
    found = places(width, height, (rows, columns), counts, ratio)
    left, top, wide, tall = found.picture
    assert abs(wide / tall - columns / rows) < 1e-6 * (columns / rows)
    bottoms = [bars.top + bars.height for bars in found.bars]
    assert sorted(bottoms) == bottoms
    if found.bars and height > 150:
        assert bottoms[-1] <= found.foot
        assert top + tall <= found.bars[0].top


def test_ranks_and_ends_of_a_histogram():
    bars = Bars(10.0, 0.0, 100.0, 50.0, 10)
    assert [bars.rank_at(x) for x in (0, 10, 19.9, 20, 109, 300)] == [0, 0, 0, 1, 9, 9]
    assert bars.grip_at(30, 2, 5) == "first" and bars.grip_at(70, 2, 5) == "last"
    assert bars.grip_at(50, 2, 5) == "range" and bars.grip_at(90, 2, 5) is None


@pytest.mark.parametrize("colour", ["own", "signed"])
def test_what_is_not_finite_is_drawn_too(colour):
    state, facts = answered(colour={"colour": colour})
    wish = resolve(state, None, facts)
    for picture in wish.layers[0].projected.pictures:
        picture[0, 0], picture[-1, -1] = np.nan, np.inf
    with np.errstate(all="raise"):
        made = draw(wish.picture, wish.layers, wish.settings, None, DARK)
    assert made.pixels.std() > 0 and np.isfinite(made.limit)
