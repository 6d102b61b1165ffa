"""Gradient and relevance in the stack: what is asked, what is built, what is said."""

import numpy as np
import pytest

from engine.attribution.result import Attribution, Check
from tests.pretend_engine import Network
from tests.viewer.views.test_sample_views import ready
from viewer.qt.status import looked_at_words
from viewer.session.session import Session
from viewer.state.tree import State
from viewer.studio import attributing
from viewer.studio.attributing import Explained, overlay_question, questions, stack_question
from viewer.studio.questions import Found
from viewer.views.stack import resolve
from viewer.views.stack.actions import ACTIONS
from viewer.views.stack.making import contents_of

SEEN = np.zeros((8, 8, 3), np.uint8)


def shows(source, **changes):
    state = State().with_part("stack", source=source)
    return state.with_part("attribution", **changes) if changes else state


def with_volumes(state, facts, **more):
    """Facts with an answer: conv1 from -2 to 1, conv2 from 0 to 3."""
    network = facts.network
    maps = {layer.name: np.zeros(layer.output_shape, np.float32) for layer in network.layers[:2]}
    maps["conv1"][1, 2, 3], maps["conv1"][2] = -2.0, 1.0
    maps["conv2"][0] = 3.0
    ends = {name: attributing.largest_of(values) for name, values in maps.items()}
    ranges = {name: (-end, end) for name, end in ends.items()}
    volumes = attributing.Volumes(maps, SEEN, ranges)
    question = stack_question(state, facts)
    heat = np.zeros((8, 8), np.float32)
    found = Explained(0, question.key[5], heat, 0.0, volumes=volumes, **more)
    return facts.but(explanations={question.key: Found(found)})


def test_both_views_ask_one_question_where_their_settings_agree():
    facts = ready()
    agree = shows("relevance", shown=True, method="lrp", rule="z-plus")
    assert overlay_question(agree, facts).key == stack_question(agree, facts).key
    assert len(questions(agree, facts)) == 1
    differ = shows("gradient", shown=True, method="lrp")
    assert len(questions(differ, facts)) == 2
    assert [each.key[-1] for each in questions(differ, facts)] == [False, True]
    assert questions(shows("activations"), facts) == ()
    hidden = agree.with_part("window", only="sample")
    assert stack_question(hidden, facts) is None
    assert overlay_question(hidden, facts).key[-1] is False


def test_volumes_are_signed_about_zero_each_in_its_own_range():
    state = shows("gradient")
    facts = with_volumes(state, ready())
    wish = resolve.resolve(state, facts)
    contents = contents_of(wish.contents)
    assert [slab.name for slab in contents.slabs] == ["conv1", "conv2"]
    for slab, end in zip(contents.slabs, (2.0, 3.0), strict=True):
        assert slab.signed and (slab.low, slab.high) == (-end, end)
    bar, above = resolve.colour_bars(wish, contents)
    assert bar.signed and above is None
    assert wish.subtitle.startswith(
        "emission and absorption, range of each layer, this sample, cen"
    )
    assert "2 of 3 layers lie before the target" in wish.badges
    assert wish.title == "gradient of cat, as predicted: sample 1 of 12"


def test_ranges_set_by_hand_and_over_the_study_are_those_of_activations():
    state = shows("gradient").with_part("stack", limits=(("conv1", 0.0, 1.0),))
    facts = with_volumes(state, ready())
    wish = resolve.resolve(state, facts)
    assert wish.dress.limits == () and wish.histograms == {}
    assert not resolve.is_settable(wish)
    able = {action.name: action for action in ACTIONS}
    assert able["stack.limits.wider"].wish(state, facts) is None
    back = resolve.resolve(state.with_part("stack", source="activations"), facts)
    assert back.dress.limits == (("conv1", 0.0, 1.0),) and resolve.is_settable(back)


def test_what_is_not_there_yet_is_waited_for_and_what_will_not_be_is_a_sentence():
    state, facts = shows("relevance"), ready()
    wish = resolve.resolve(state, facts)
    assert wish.waits and wish.contents is None and wish.plate is None
    assert wish.late == "computing the relevance" and resolve.is_late(state, facts)
    key = stack_question(state, facts).key
    failed = facts.but(explanations={key: Found(failure="no rule for Odd")})
    wish = resolve.resolve(state, failed)
    assert not wish.waits and not resolve.is_late(state, failed)
    assert (wish.plate.title, wish.plate.sentence) == ("There is no relevance", "No rule for Odd")
    nothing = resolve.resolve(shows("gradient", target="focus"), facts)
    assert not nothing.waits and "click a unit" in nothing.plate.sentence


def test_the_badge_has_the_rule_and_the_check():
    state = shows("relevance", rule="gamma")
    check = Check.of("conservation", 0.2, 1.0)
    facts = with_volumes(state, ready(), check=check, settings={"rule": "gamma"})
    wish = resolve.resolve(state, facts)
    assert wish.badges[:2] == ("LRP gamma", "conservation does not hold: off by 20 %")


def test_the_unit_under_the_pointer_has_its_value():
    state = shows("gradient").with_part("focus", layer="conv1", channel=1, unit=(2, 3))
    facts = with_volumes(state, ready())
    assert attributing.kept_value(state, facts, "conv1", 1, (2, 3)) == ("gradient", -2.0)
    assert attributing.kept_value(state, facts, "fc", 1, ()) is None
    assert attributing.kept_value(state, facts, "conv1", 9, (2, 3)) is None
    assert "gradient -2" in looked_at_words(state, None, facts)
    assert "gradient" not in looked_at_words(State(), None, facts)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_kept_values_are_turned_to_channels_first(layout):
    network = Network("net.onnx", True)
    network.layers[0].file_layout = layout
    values = np.arange(4 * 8 * 8, dtype=np.float32).reshape(1, 4, 8, 8)
    stored = values if layout == "NCHW" else np.moveaxis(values, 1, 3)
    found = Attribution("gradient", "logit:0", np.zeros((1, 3, 8, 8)), "NCHW", 1.0,
                        kept={"conv1": stored})  # fmt: skip
    made = attributing.explained(found, 4, network, network.preprocessing, SEEN)
    assert made.volumes.layers == ("conv1",) and made.sample == 4
    assert np.array_equal(made.volumes.maps["conv1"], values[0])
    assert made.volumes.ranges["conv1"] == (-255.0, 255.0)
    assert made.nbytes == values.nbytes + made.heat.nbytes


def test_the_source_is_a_command_and_a_mean_is_of_activations():
    session = Session()
    session.do("stack.source", source="relevance")
    assert session.state.stack.values == "relevance"
    session.do("stack.set", set="mean")
    assert session.state.stack.values == "activations"
    session.do("stack.source", source="gradient")
    assert (session.state.stack.set, session.state.stack.values) == ("sample", "gradient")
    session.do("undo")
    assert session.state.stack.set == "mean"
    after = next(action for action in ACTIONS if action.name == "stack.source.after")
    assert after.wish(State(), None) == ("stack.source", {"source": "gradient"})
