"""Means of the selection in the stack and in the sample view: shown, said, waited for."""

from dataclasses import replace

import numpy as np

from tests.pretend_engine import Data, Network
from tests.viewer.views.test_resolve import ready
from viewer.state.tree import State
from viewer.studio.facts import ExtractionFacts, StudySummary
from viewer.studio.means import INPUT, MeanMaps
from viewer.studio.selecting import Selected
from viewer.views.sample import resolve as sample
from viewer.views.stack import resolve as stack
from viewer.views.stack.actions import ACTIONS
from viewer.views.stack.making import contents_of

STACK = State().with_part("stack", set="mean")
SAMPLE = State().with_part("sample", set="mean")


def means_of(count=4, wanted=4, running=False, **more):
    maps = {layer.name: np.full(layer.output_shape, 2.0, np.float32) for layer in layers()}
    maps[INPUT] = np.zeros((3, 8, 8), np.float32)
    return MeanMaps(
        "key", maps, dict.fromkeys(maps, count), wanted, running, seen=np.full((8, 8, 3), 7, "u1"),
        **more,
    )  # fmt: skip


def layers():
    return Network("net.onnx", True).layers


def test_the_stack_shows_the_mean_volumes_and_says_of_how_many():
    facts = ready(means=means_of())
    wish = stack.resolve(STACK, facts)
    contents = contents_of(wish.contents)
    assert {slab.name for slab in contents.slabs} == {layer.name for layer in layers()}
    assert all(slab.high == 2.0 for slab in contents.slabs)
    assert (contents.pictures[0].pixels == 7).all()
    assert wish.title == "mean of 4 samples" and wish.badges == () and wish.plate is None
    assert "mean of 4 samples" in stack.detail(STACK, facts) and "this mean" in wish.subtitle
    assert not stack.is_late(STACK, facts)


def test_ranges_of_the_study_are_not_those_of_a_mean():
    facts = ready(
        means=means_of(),
        extraction=ExtractionFacts("done"),
        summary=StudySummary(ranges={"conv1": (0.0, 9.0)}, samples=12),
    )
    assert stack.resolve(STACK, facts).contents.ranges == {}
    assert stack.resolve(State(), facts).contents.ranges == {"conv1": (0.0, 9.0)}


def test_a_range_is_widened_from_that_of_the_mean():
    focused = STACK.with_part("focus", layer="conv1")
    common = focused.with_part("stack", scale="common")
    actions = {action.name: action for action in ACTIONS}
    for state, layer in ((focused, "conv1"), (common, None)):
        wish = actions["stack.limits.wider"].wish(state, ready(means=means_of()))
        assert wish == ("stack.limits", {"layer": layer, "low": 0.0, "high": 2.5})


def test_a_mean_that_is_not_finished_says_so_and_is_waited_for():
    facts = ready(means=means_of(2, 4, running=True))
    wish = stack.resolve(STACK, facts)
    assert wish.title == "mean of 2 of 4 samples" and wish.late == "averaging"
    assert stack.is_late(STACK, facts) and stack.is_late(STACK, ready())
    plate = stack.resolve(STACK, ready()).plate
    assert plate.title == "Averaging" and plate.busy
    assert stack.resolve(STACK, ready(means=MeanMaps("k", wanted=3))).contents is None
    failed = MeanMaps("k", wanted=3, running=False, failure="the disk is full")
    assert stack.resolve(STACK, ready(means=failed)).plate.sentence == "the disk is full"


def test_layers_that_were_not_kept_whole_are_counted():
    means = means_of()
    del means.maps["conv2"]
    assert stack.resolve(STACK, ready(means=means)).badges == ("2 of 3 layers",)


def test_before_the_pictures_are_averaged_the_boxes_are_as_large():
    means = replace(means_of(), seen=None)
    contents = contents_of(stack.resolve(STACK, ready(means=means)).contents)
    whole = contents_of(stack.resolve(STACK, ready(means=means_of())).contents)
    for one, other in zip(contents.slabs, whole.slabs, strict=True):
        assert np.array_equal(one.box, other.box)


def test_the_sample_view_shows_the_mean_picture_and_of_which_classes_it_is():
    chosen = Selected(np.isin(np.arange(12), (0, 1, 3, 6)))
    facts = ready(means=means_of(), selected=chosen)
    wish = sample.resolve(SAMPLE, None, facts)
    assert (wish.picture == 7).all() and wish.name == "mean of 4 samples"
    assert wish.message == "3 of cat, 1 of dog" and wish.predictions == ()
    assert sample.shows_of(SAMPLE) == "network" and not sample.is_late(SAMPLE, facts)


def test_the_mean_picture_has_the_box_of_what_is_hovered():
    state = SAMPLE.with_part("focus", layer="conv1", channel=1, unit=(4, 4))
    wish = sample.resolve(state, None, ready(means=means_of()))
    assert wish.box == (3, 3, 6, 6) and wish.unit == "conv1:1@4,4"
    assert sample.unit_at(state, ready(means=means_of()), 4, 4) == ("conv1", 1, (4, 4))


def test_until_there_is_a_mean_the_sample_view_says_why():
    assert sample.resolve(SAMPLE, None, ready()).computing
    failed = MeanMaps("k", wanted=3, running=False, failure="Cancelled before the first sample.")
    wish = sample.resolve(SAMPLE, None, ready(means=failed))
    assert wish.message == failed.failure and not wish.computing


def test_of_many_classes_the_largest_are_named():
    labels = np.array([0] * 5 + [1] * 4 + [2] * 3 + [3, 3, 4, -1], np.int32)
    facts = ready(data=Data(count=16), labels=labels, class_names=tuple("abcde"))
    assert sample.composition(facts) == "5 of a, 4 of b, 3 of c, 2 of d, others"
    assert sample.composition(ready(labels=None)) == ""
