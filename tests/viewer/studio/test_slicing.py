"""The volume that the slices cut: of every source, asked as the stack asks, the same object."""

from dataclasses import replace

import numpy as np
import pytest

from engine.gradient.unfolding import place_of, unfold
from tests.viewer.views.slices.slices_desk import LAYER, facts_of, state_of, volume_values
from viewer.state.layout import LAYOUTS
from viewer.state.slices import SOURCES
from viewer.studio import attributing, means, seriating, slicing
from viewer.studio.questions import Found
from viewer.studio.step_values import StepValues
from viewer.views.slices.marks import pointer_words
from viewer.views.slices.resolve import resolve


def answered(state, facts, value=None, failure=""):
    """Facts in which what the slices ask has an answer."""
    (question,) = slicing.questions(state, facts)
    return facts.but(explanations={question.key: Found(value, failure)})


def explained(maps):
    volumes = attributing.Volumes(maps, None, dict.fromkeys(maps, (-1.0, 1.0)))
    return attributing.Explained(0, "gradient", None, 0.0, volumes=volumes)


def test_gradient_and_relevance_are_asked_as_the_stack_asks():
    facts = facts_of()
    for source in ("gradient", "relevance"):
        state = state_of(source=source)
        (question,) = slicing.questions(state, facts)
        stack = state.with_part("window", only="stack").with_part("stack", source=source)
        assert question.key == attributing.stack_question(stack, facts).key
        assert slicing.questions(state.with_part("window", only="maps"), facts) == ()


def test_an_overlay_of_the_same_method_is_not_computed_twice():
    state = state_of(source="relevance").with_part("attribution", shown=True, method="lrp")
    state = state.with_part("window", only=None, layout=LAYOUTS["Orders"])
    facts = facts_of()
    (question,) = slicing.questions(state, facts)
    assert attributing.overlay_question(state, facts).key == question.key
    other = state.with_part("attribution", method="gradient")
    assert attributing.overlay_question(other, facts).key != question.key


def test_weights_are_asked_as_the_stack_asks():
    facts = facts_of()
    for source, asked in (
        ("weights", seriating.weights_question),
        ("weight-gradient", seriating.own_question),
    ):
        state = state_of(source=source)
        (question,) = slicing.questions(state, facts)
        assert question.key == asked(state, facts).key
    assert slicing.questions(state_of(), facts) == ()


def test_a_gradient_is_signed_and_cut_like_activations():
    facts, state = facts_of(), state_of(source="gradient", channel=1)
    assert slicing.is_late(state, facts) and slicing.volume(state, facts) is None
    values = np.abs(volume_values(seed=8))
    facts = answered(state, facts, explained({LAYER: values}))
    volume = slicing.volume(state, facts)
    assert np.shares_memory(volume.values, values) and volume.signed
    assert not slicing.is_late(state, facts)
    assert volume.words == "gradient of cat, as predicted, sample 1 of 12"
    found, signed, _ = slicing.volume_of(state, facts)
    assert found is volume.values and signed


def test_why_there_is_nothing_is_said():
    facts, state = facts_of(), state_of(source="gradient")
    failed = answered(state, facts, failure="no rule for Odd (node 'odd_1')")
    assert slicing.why_none(state, failed) == "No rule for Odd (node 'odd_1')"
    elsewhere = answered(state, facts, explained({"other": volume_values()}))
    assert "does not lie before" in slicing.why_none(state, elsewhere)
    focus = state.with_part("attribution", target="focus")
    assert "No channel and no unit" in slicing.why_none(focus, facts)
    unread = facts.but(answer=replace(facts.answer, picture=None, failure="It is broken."))
    assert slicing.why_none(state, unread) == "It is broken."
    assert not slicing.is_late(state, unread)
    weights = state_of(source="weights")
    without = answered(weights, facts, StepValues("weights", {}))
    assert slicing.why_none(weights, without) == f"{LAYER} has no weights."
    opened = facts.but(recording=object())
    assert "not at hand" in slicing.why_none(weights, opened)
    for source in SOURCES:
        assert slicing.why_none(state_of(layer=None, source=source), facts) == ""


@pytest.mark.parametrize("how", ["tiles", "rows", "columns", "positions"])
def test_weights_are_unfolded_and_every_place_knows_its_weight(how):
    weights = volume_values((4, 5, 3, 2))
    facts = facts_of()
    state = state_of(source="weights").with_part("series", unfolding=how)
    facts = answered(state, facts, StepValues("weights", {LAYER: weights}))
    volume = slicing.volume(state, facts)
    assert volume is slicing.volume(state, facts)
    expected = unfold(weights, how)
    absent = np.isnan(expected)
    np.testing.assert_array_equal(volume.values, np.where(absent, 0, expected))
    assert (volume.absent is None) == (not absent.any())
    if volume.absent is not None:
        np.testing.assert_array_equal(volume.absent, absent[0])
        row, column = np.argwhere(volume.absent)[0]
        assert volume.weight_words(row, column) == ""
    row, column = place_of(how, weights.shape, 3, 2, 1)
    assert volume.weight_words(row, column) == "input 3, row 2, column 1"
    words = pointer_words(resolve(state, facts), (2, row, column))
    assert words.endswith("at filter 2, input 3, row 2, column 1")
    assert volume.tile == ((3, 2) if how == "tiles" else None)
    largest = float(np.abs(weights).max())
    assert volume.ends == (-largest, largest)


def test_weights_without_a_kernel_and_of_other_kernels_are_volumes():
    for shape in ((7, 5), (6, 4, 3), (3, 2, 2, 3, 3), (5, 1, 1, 1)):
        state, facts = state_of(source="weights"), facts_of()
        facts = answered(state, facts, StepValues("weights", {LAYER: volume_values(shape)}))
        wish = resolve(state, facts)
        assert wish.shape[0] == shape[0] and wish.cuts
        assert wish.volume.values.shape[1] * wish.volume.values.shape[2] >= np.prod(shape[1:])


def test_a_mean_is_cut_like_the_stack_shows_it():
    values = volume_values(seed=5)
    mean = means.MeanMaps("key", {LAYER: values}, {LAYER: 30}, 40, True)
    state = state_of().with_part("stack", set="mean")
    assert means.wanted_means(state) == "maps"
    assert slicing.is_late(state, facts_of())
    facts = facts_of(means=mean)
    volume = slicing.volume(state, facts)
    assert np.shares_memory(volume.values, values)
    assert volume.words == "mean of 30 of 40 samples"
    assert slicing.is_late(state, facts)
    other = facts_of(means=means.MeanMaps("key", {}, {}, 40, False))
    assert "no mean" in slicing.why_none(state, other)


def test_the_step_of_a_series_that_the_stack_shows_is_cut(monkeypatch):
    weights = volume_values((4, 2, 3, 3))
    values = StepValues("weight-gradient", {LAYER: weights})
    volumes = values.volumes("tiles", values.own_ranges)
    shown = seriating.Shown(volumes, "", "step 2 of 5, dog", what="gradient, less step 1")
    monkeypatch.setattr(slicing, "steps", lambda state: True)
    monkeypatch.setattr(seriating, "shown", lambda state, facts: shown)
    state, facts = state_of(source="weight-gradient"), facts_of()
    volume = slicing.volume(state, facts)
    assert (
        volume.words == "step 2 of 5, dog; gradient, less step 1"
        and slicing.questions(state, facts) == ()
    )
    assert volume.ends == volumes.ranges[LAYER] and slicing.volume(state, facts) is volume
    np.testing.assert_array_equal(volume.values, unfold(weights, "tiles"))


@pytest.mark.parametrize("positions", [(), (7,), (3, 4), (2, 3, 4), (1, 5)])
def test_units_and_places_belong_together(positions):
    facts = facts_of(volume_values((3, *positions)))
    volume = slicing.volume(state_of(), facts)
    rows, columns = volume.values.shape[1:]
    for row in range(rows):
        for column in range(columns):
            unit = volume.unit_at(row, column)
            assert volume.place_of(unit) == (row, column)
            value = facts.answer.maps[LAYER][(1, *unit)]
            assert volume.values[1, row, column] == value
    assert volume.place_of((99,) * len(positions)) is None or not positions
    assert volume.place_of((0,) * (len(positions) + 1)) is None
