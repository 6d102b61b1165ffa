"""What a person chose of the stack: ranges by hand, hidden layers, curve, bar, actions."""

import numpy as np
import pytest

from tests.viewer.views.test_resolve import ready
from viewer.actions import Action
from viewer.session.session import Session
from viewer.state.stack import MODES, WHOLE
from viewer.state.tree import State
from viewer.studio.facts import Facts
from viewer.views.stack import bar, curve, resolve
from viewer.views.stack.actions import ACTIONS
from viewer.views.stack.build import LayerFacts, build
from viewer.views.stack.dressing import Dress, clipped_of, dressed, ends_of
from viewer.visuals.legend import bar_box


def contents(**arrays):
    layers = [LayerFacts(name, array.shape, depth) for depth, (name, array) in
              enumerate(arrays.items(), 1)]  # fmt: skip
    return build(layers, arrays, (8, 8))


def stack(**changes):
    return State().with_part("stack", **changes)


# ranges and hidden layers


def test_a_range_by_hand_changes_one_layer_and_the_common_one_all():
    made = contents(a=np.full((2, 4, 4), 3.0), b=np.full((2, 4, 4), -5.0))
    once = dressed(made, Dress((("a", 1.0, 2.0),)))
    assert ends_of(once.slab("a")) == (1.0, 2.0)
    assert ends_of(once.slab("b")) == (-5.0, 5.0)
    every = dressed(made, Dress(((None, 0.0, 4.0),)))
    assert {ends_of(slab) for slab in every.slabs} == {(0.0, 4.0)}
    assert once.slab("a").values is made.slab("a").values


def test_hidden_layers_go_and_the_others_stay_where_they_are():
    made = contents(a=np.ones((2, 4, 4)), b=np.ones((2, 4, 4)))
    less = dressed(made, Dress(hidden=frozenset({"a"})))
    assert [slab.name for slab in less.slabs] == ["b"]
    assert [label.name for label in less.labels] == ["b"]
    assert less.slabs[0].corner == made.slab("b").corner
    assert np.array_equal(less.low, made.low)


def test_clipped_values_are_counted_without_those_that_are_not_finite():
    values = np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, np.nan, np.inf, -np.inf, 0.25])
    made = contents(a=values.reshape(1, 2, 5))
    slab = dressed(made, Dress((("a", 0.25, 1.0),))).slab("a")
    assert clipped_of(slab) == (3, 1)
    assert clipped_of(made.slab("a")) == (0, 0)


def test_the_wish_says_what_is_hidden_cut_and_set_by_hand():
    facts = ready()
    state = stack(hidden=("conv1", "gone"), clip=(WHOLE[0], (0.1, 0.5), WHOLE[2]))
    wish = resolve.resolve(state, facts)
    assert wish.badges == ("1 of 3 layers hidden", "only rows 10 to 50 %")
    assert wish.dress == Dress((), frozenset({"conv1"}))
    wish = resolve.resolve(stack(solo="fc", limits=(("fc", 0.0, 1.0),)), facts)
    assert wish.badges == ("fc alone",)
    assert wish.dress.hidden == {"conv1", "conv2"}
    assert "some set by hand" in wish.subtitle
    common = resolve.resolve(stack(scale="common", common_limits=(0.0, 2.0)), facts)
    assert common.dress.limits == ((None, 0.0, 2.0),)
    assert "set by hand" in common.subtitle


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_is_named(mode):
    facts = ready()
    assert resolve.resolve(stack(mode=mode), facts).subtitle.startswith(resolve.MODE_WORDS[mode])
    assert resolve.MODE_WORDS[mode] in resolve.detail(stack(mode=mode), facts)


def test_the_legend_counts_what_is_clipped_of_the_layer_under_the_bar():
    facts = ready()
    state = stack(limits=(("conv1", 0.0, 0.5),)).with_part("focus", layer="conv1")
    wish = resolve.resolve(state, facts)
    layers = [LayerFacts.of(layer) for layer in facts.network.layers]
    made = dressed(build(layers, facts.answer.maps, (8, 8)), wish.dress)
    assert resolve.clipped(wish, made) == ("256 clipped above 0.5",)
    assert resolve.barred(wish, made)[1] == "conv1"
    other = resolve.resolve(state.with_part("focus", layer="fc"), facts)
    assert resolve.clipped(other, made) == ()


# the bar


def test_the_ends_of_the_bar_are_grabbed_and_nothing_else():
    left, top, right, bottom = bar_box(800, 600)
    middle = (top + bottom) / 2
    assert bar.grabbed_end(left + 3, middle, 800, 600) == "low"
    assert bar.grabbed_end(right - 3, middle, 800, 600) == "high"
    assert bar.grabbed_end((left + right) / 2, middle, 800, 600) is None
    assert bar.grabbed_end(right, top - 40, 800, 600) is None
    assert bar.is_on_bar((left + right) / 2, middle, 800, 600)


@pytest.mark.parametrize("dx", [-1000, -168, -50, 0, 50, 168, 1000])
@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize(("low", "high", "signed"), [(0.0, 2.0, False), (-3.0, 3.0, True)])
def test_dragging_an_end_gives_a_range_and_keeps_the_other_end(dx, end, low, high, signed):
    first, last = bar.dragged(end, dx, low, high, signed)
    assert first < last
    if dx == 0:
        assert (first, last) == pytest.approx((low, high))
    if signed:
        assert first == -last
    else:
        assert (first == low) if end == "high" else (last == high)
    outwards = dx > 0 if end == "high" else dx < 0
    if dx:
        assert (last - first > high - low) == outwards


# the curve


def test_points_move_between_their_neighbours():
    points = ((0.0, 0.0), (0.5, 0.5), (1.0, 1.0))
    assert curve.moved(points, 1, 2.0, -1.0)[1] == (1.0, 0.0)
    assert curve.moved(points, 0, -1.0, 0.2)[0] == (0.0, 0.2)
    assert curve.moved(points, 2, 0.1, 0.2)[2] == (0.5, 0.2)
    longer, at = curve.added(points, 0.7, 0.1)
    assert (at, longer[2]) == (2, (0.7, 0.1))
    assert curve.removed(longer, 2) == points
    assert curve.removed(((0.0, 0.0), (1.0, 1.0)), 0) == ((0.0, 0.0), (1.0, 1.0))
    many = tuple((n / 31, 0.0) for n in range(32))
    assert curve.added(many, 0.5, 0.5) == (many, None)


def test_the_points_that_editing_begins_with_come_near_the_law():
    places = np.linspace(0, 1, 50)
    near = np.abs(curve.heights_of(curve.LAW, places) - curve.heights_of(None, places))
    assert near.max() < 0.02
    Session().do("stack.curve", points=[list(point) for point in curve.LAW])


def test_points_are_found_within_reach_only():
    points = ((0.0, 0.0), (1.0, 1.0))
    assert curve.nearest(points, 0.02, 0.05, 300, 100) == 0
    assert curve.nearest(points, 0.1, 0.0, 300, 100) is None


def test_a_histogram_counts_finite_values_inside_and_outside():
    values = np.array([[0.0, 0.5, 1.0, 3.0], [np.nan, np.inf, -1.0, 0.5]])
    made = curve.histogram_of(values, 0.0, 1.0, False)
    assert (made.counts.sum(), made.values, made.of, made.outside) == (4, 6, 8, 2)
    assert made.heights().max() == 1.0
    flat = curve.histogram_of(np.zeros((3, 2, 2)), 0.0, 0.0, False)
    assert flat.counts[0] == 12
    assert curve.histogram_of(np.zeros((0, 2)), 0.0, 1.0, False).heights().max() == 0.0


def test_of_a_large_layer_an_even_part_is_counted_and_said():
    values = np.tile(np.arange(64, dtype=np.float32), (64, 128, 1))
    made = curve.histogram_of(values, 0.0, 63.0, False)
    assert made.values < made.of == 64 * 128 * 64
    assert made.counts[made.counts > 0].min() > 0.5 * made.values / 64


# actions


def test_every_action_gives_a_command_that_is_accepted():
    facts = ready()
    layered = State().with_part("focus", layer="conv2", channel=1, unit=(1, 1))
    starts = (
        State(),
        layered,
        layered.with_part("stack", limits=(("conv2", 0.0, 1.0),), hidden=("conv1",), iso=0.5),
        stack(clip=((0.2, 0.8),) * 3, rate=10.0, attenuation=1.0),
    )
    done = set()
    for state in starts:
        for action in ACTIONS:
            wish = action.wish(state, facts) if action.wish else None
            if wish is not None:
                session = Session()
                session.holder.set(state)
                session.do(wish[0], **wish[1])
                done.add(action.name)
            if action.checked is not None:
                assert action.checked(state) in (True, False)
    assert {action.name for action in ACTIONS} - done == {"play.toggle"}


def test_actions_survive_an_empty_window_and_have_names_and_keys_of_their_own():
    names, keys = set(), set()
    for action in ACTIONS:
        assert isinstance(action, Action)
        assert action.name not in names
        assert not keys.intersection(action.keys)
        names.add(action.name)
        keys.update(action.keys)
        if action.wish is not None:
            action.wish(State(), Facts())


def test_the_unit_beside_is_reached_by_keys_and_stays_in_the_map():
    facts, session = ready(), Session()
    session.do("focus.layer", layer="conv2")
    wishes = {
        action.name: action.wish for action in ACTIONS if action.name.startswith("stack.unit")
    }
    for name in ("left", "left", "left", "left", "up", "down", "right"):
        kind, args = wishes[f"stack.unit.{name}"](session.state, facts)
        session.do(kind, **args)
    assert session.state.focus.unit == (2, 1)
    assert session.state.focus.channel == 0


@pytest.mark.parametrize(
    ("state", "limits"),
    [
        (State().with_part("focus", layer="conv1"), [(("conv1", 0.0, 0.8),), None]),
        (
            stack(limits=(("conv1", -2.0, 2.0),)).with_part("focus", layer="conv1"),
            [(("conv1", -1.6, 1.6),), None],
        ),
        (stack(scale="common"), [(), (0.0, 0.8)]),
    ],
)
def test_the_range_under_the_bar_is_narrowed_by_a_key(state, limits):
    narrower = next(a for a in ACTIONS if a.name == "stack.limits.narrower")
    session = Session()
    session.holder.set(state)
    kind, args = narrower.wish(state, ready())
    session.do(kind, **args)
    after = session.state.stack
    assert [after.limits, after.common_limits] == limits


def test_without_a_layer_under_the_bar_there_is_no_range_to_narrow():
    narrower = next(a for a in ACTIONS if a.name == "stack.limits.narrower")
    assert narrower.wish(State(), ready()) is None


def test_the_histogram_of_a_study_is_spread_over_the_range_that_is_in_force():
    counts = np.array([4, 0, 8, 2])
    made = curve.summed(counts, 0.0, 4.0, 0.0, 3.0, False, "9 samples")
    assert made.counts.sum() == 12
    assert (made.of, made.outside, made.over) == (14, 2, "9 samples")
    assert made.counts[:42].sum() == pytest.approx(4, abs=1)
    assert made.counts[43:85].sum() == 0
    whole = curve.summed(counts, 0.0, 4.0, -4.0, 4.0, True, "9 samples")
    assert whole.counts[:64].sum() == 0
    assert whole.counts.sum() == pytest.approx(14, abs=2)


@pytest.mark.parametrize(
    ("signs", "titles"),
    [
        ((False, False), ["each layer"]),
        ((True, True), ["each layer"]),
        ((True, False), ["each layer without negative values", "each layer with negative values"]),
    ],
)
def test_where_both_colour_maps_are_seen_both_have_a_bar(signs, titles):
    ends = {f"layer{n}": np.array([[[-1.0 if low else 0.0, 1.0]]]) for n, low in enumerate(signs)}
    wish = resolve.resolve(State(), ready())
    bars = [bar for bar in resolve.colour_bars(wish, contents(**ends)) if bar is not None]
    assert [bar.title for bar in bars] == titles
    assert {bar.signed for bar in bars} == set(signs)
