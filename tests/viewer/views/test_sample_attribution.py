"""What the sample view says and shows of an attribution, from state and facts; its commands."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from engine.attribution.result import Check
from engine.errors import InputError
from tests.viewer.views.test_sample_views import ready
from viewer.session.command import Command, apply
from viewer.session.session import Session
from viewer.state.tree import State
from viewer.studio import attributing
from viewer.studio.attributing import Explained, aim_of, overlay_question
from viewer.studio.questions import Found
from viewer.views.gestures import LEFT, Pointer
from viewer.views.range_bar import Bar
from viewer.views.sample import resolve as sample
from viewer.views.sample.build import layout, most_lines, wrapped
from viewer.views.sample.explaining import ACTIONS
from viewer.views.sample.legend import lines_of
from viewer.views.sample.view import SampleView
from viewer.views.signed_map import reduced, scale_of

HEAT = np.arange(64, dtype=np.float32).reshape(8, 8)


def shown(**changes):
    return State().with_part("attribution", shown=True, **changes)


def with_answer(state, facts, **more):
    found = Explained(0, state.attribution.method, HEAT, 63.0, **more)
    return facts.but(explanations={overlay_question(state, facts).key: Found(found)})


def test_nothing_lies_over_the_picture_until_it_is_asked_for():
    assert sample.resolve(State(), None, ready()).attribution is None
    over = sample.resolve(shown(), None, ready()).attribution
    assert over.computing and over.title == "Gradient of cat, as predicted"
    assert (
        sample.resolve(shown().with_part("sample", set="mean"), None, ready()).attribution is None
    )


@pytest.mark.parametrize(
    ("target", "focus", "expected"),
    [
        ("", {}, "logit:0"),
        ("label", {}, "logit:1"),
        ("logit:2", {}, "logit:2"),
        ("focus", {"layer": "conv2", "channel": 3, "unit": (1, 2)}, "conv2:3@1,2"),
        ("focus", {"layer": "conv2", "channel": 3}, "conv2:3"),
        ("focus", {"layer": "fc", "channel": 1, "unit": ()}, "fc:1"),
        ("focus", {"layer": "conv2"}, ""),
        ("focus", {}, ""),
    ],
)
def test_what_is_explained_follows_the_sample_and_the_focus(target, focus, expected):
    state = shown(target=target).with_part("focus", sample=1, **focus)
    facts = ready(shown=1)
    aim = aim_of(state, facts)
    assert aim.target == expected
    question = overlay_question(state, facts)
    if expected:
        assert question.key[0] == "attribution" and expected in question.key
    else:
        over = sample.resolve(state, None, facts).attribution
        assert question is None and aim.why == over.failure and not over.computing


def test_a_binary_score_has_two_targets():
    scores = ready().network.scores
    scores.binary, scores.classes = True, 2
    targets = [attributing.class_target(scores, index) for index in (0, 1)]
    assert targets == ["-1*logit:0", "logit:0"]


def test_failures_are_sentences_and_nothing_is_waited_for():
    state, facts = shown(), ready()
    key = overlay_question(state, facts).key
    said = "no gradient passes through the operator Odd (node 'odd_1')"
    failed = Found(failure=f"{facts.network.path}: {said}")
    over = sample.resolve(state, None, facts.but(explanations={key: failed}))
    lines = lines_of(over.attribution, None, None, lambda text: 6 * len(text), 200)
    assert not over.attribution.computing
    text = " ".join(text for kind, text in lines if kind == "failure")
    assert text == "N" + said[1:] and len(lines) > 2
    unread = sample.resolve(state, None, facts.but(recording=object())).attribution
    assert "not at hand" in unread.failure


def test_pixels_of_the_file_have_the_value_of_the_networks_pixel_and_others_none():
    state, facts = shown(), ready()  # the picture has 16 x 8, the network sees its middle
    over = sample.resolve(state, None, with_answer(state, facts)).attribution
    assert over.box == (4.0, 0.0, 12.0, 8.0)
    assert sample.value_at_pixel(over, 4, 0) == HEAT[0, 0]
    assert sample.value_at_pixel(over, 11, 7) == HEAT[7, 7]
    assert sample.value_at_pixel(over, 3, 0) is None
    assert sample.value_at_pixel(over, 12, 0) is None
    seen = state.with_part("sample", shows="network")
    over = sample.resolve(seen, None, with_answer(seen, facts)).attribution
    assert over.box == (0.0, 0.0, 8.0, 8.0) and sample.value_at_pixel(over, 3, 0) == HEAT[3, 0]


def test_the_check_and_the_notes_stand_below_the_range():
    state = shown(method="lrp")
    notes = ("softmax counts as a constant", "a product splits evenly")
    check = Check.of("conservation", 0.002, 1.0)
    facts = with_answer(state, ready(), check=check, absorbed=0.123, notes=notes)
    over = sample.resolve(state, None, facts).attribution
    whole = scale_of(HEAT, 1.0)
    lines = lines_of(over, over.found, whole, lambda text: 6 * len(text), 2000)
    assert [kind for kind, _ in lines] == ["title", "bar", "holds", "note"]
    assert lines[2][1] == "conservation holds: off by 0.2 %, biases and epsilon absorbed 12 %"
    assert lines[3][1] == "; ".join(("score 0", *notes))
    failed = replace(over.found, check=Check.of("completeness", 0.14, 1.0), absorbed=None)
    lines = lines_of(over, failed, whole, lambda text: 6 * len(text), 2000)
    assert lines[2] == ("fails", "completeness does not hold: off by 14 %")
    nothing = lines_of(over, over.found, scale_of(np.zeros((2, 2)), 0.9), len, 2000)
    assert nothing[2] == ("holds", "every value is zero")
    unsaid = replace(over.found, check=None, score=float("nan"), notes=())
    assert lines_of(over, unsaid, whole, len, 2000)[-1] == ("note", "score nan")
    odd = scale_of(np.array([[np.nan, 1.0, 2.0, 9.0]]), 0.5)
    lines = lines_of(over, over.found, odd, len, 2000)
    assert ("odd", "1 of 4 values are not finite") in lines
    assert ("note", "25 % beyond the ends, up to 9") in lines


def test_an_input_without_rows_and_columns_says_so():
    state, facts = shown(), ready()
    flat = attributing.as_picture(np.zeros(10, np.float32), (8, 8))
    assert flat is None
    assert attributing.as_picture(np.ones(192, np.float32), (8, 8)).tolist() == [[3.0] * 8] * 8
    key = overlay_question(state, facts).key
    found = Found(Explained(0, "gradient", flat, 0.0))
    over = sample.resolve(state, None, facts.but(explanations={key: found})).attribution
    assert "no rows and columns" in over.failure


def test_lines_are_broken_between_words_and_leave_the_picture_its_room():
    text = "one two three four five six"
    assert wrapped(text, 9, len, 9) == ["one two", "three", "four five", "six"]
    assert wrapped(text, 9, len, 2) == ["one two", "three four five six"]
    assert wrapped("", 9, len, 3) == []
    for height in (200, 300, 600):
        lines = most_lines(height, 300, (100, 100))
        places = layout(300, height, (100, 100), 5, legend=lines)
        assert lines >= 2 and (lines == 2 or places.area[3] >= 0.35 * min(height, 276))
        assert places.text_top >= places.legend_top + lines * 18


def test_the_colours_end_where_a_share_of_the_values_does():
    heat = np.linspace(-1, 1, 1001)[None]
    assert scale_of(heat, 1.0).limit == 1.0 and scale_of(heat, 1.0).beyond == 0
    scale = scale_of(heat, 0.9)
    assert abs(scale.limit - 0.9) < 0.01 and abs(scale.beyond - 100) <= 2
    sparse = np.zeros((20, 20))
    sparse[3, 4] = -5.0
    assert scale_of(sparse, 0.9).limit == 5.0
    assert scale_of(np.full((2, 2), np.nan), 0.9).limit == 0.0


def test_a_small_picture_has_the_strongest_of_its_values_with_their_signs():
    heat = np.array([[1.0, -3, 0, 0, 2], [0, 2, 0, 1, 0], [5, 0, 0, 0, -4]])
    assert reduced(heat, 1) is heat
    assert reduced(heat, 2).tolist() == [[-3.0, 1.0, 2.0], [5.0, 0.0, -4.0]]
    heat[0, 0] = np.nan
    assert np.isnan(reduced(heat, 2)[0, 0])


def wish_of(name, state, facts):
    return next(action for action in ACTIONS if action.name == name).wish(state, facts)


def test_actions_step_through_methods_classes_and_opacity():
    facts = ready()
    assert wish_of("attribution.show", State(), facts) == ("attribution.show", {"shown": True})
    after = wish_of("attribution.method.after", shown(method="occlusion"), facts)
    assert after == ("attribution.method", {"method": "gradient"})
    assert wish_of("attribution.class.after", shown(), facts)[1] == {"target": "logit:1"}
    assert wish_of("attribution.class.before", shown(), facts)[1] == {"target": "logit:2"}
    assert wish_of("attribution.opacity.more", shown(opacity=1.0), facts) is None
    assert wish_of("attribution.rule.flat", shown(), facts) is None
    assert wish_of("attribution.rule.flat", shown(method="lrp"), facts)[1] == {"rule": "flat"}
    assert wish_of("attribution.steps.more", shown(), facts) is None
    smooth = shown(method="smoothgrad", steps=8)
    assert wish_of("attribution.steps.more", smooth, facts)[1] == {"steps": 16}


def test_settings_are_commands_that_can_be_undone_and_nonsense_is_refused():
    session = Session()
    session.do("attribution.method", method="lrp")
    session.do("attribution.rule", rule="alpha-beta=2,1")
    session.do("attribution.target", target="conv1:3@4,5")
    session.do("attribution.steps", steps=10_000)
    assert session.state.attribution.steps == 512
    before = session.state
    for kind, args in (
        ("attribution.target", {"target": "conv1"}), ("attribution.rule", {"rule": "zeta"}),
        ("attribution.method", {"method": "tea leaves"}), ("attribution.steps", {"steps": 0.5}),
    ):  # fmt: skip
        with pytest.raises(InputError):
            apply(session.state, Command(kind, args))
    assert session.state == before
    for _ in range(4):
        session.do("undo")
    assert session.state.attribution == State().attribution


def test_another_network_is_explained_by_the_same_method_of_its_predicted_class():
    session = Session()
    session.do("attribution.method", method="lrp")
    session.do("attribution.target", target="conv1:3")
    session.do("open", network="other.onnx", data="pictures")
    settings = session.state.attribution
    assert (settings.method, settings.target) == ("lrp", "")


def test_which_score_of_a_class_is_meant_is_said_where_a_softmax_ends_the_network():
    scores = ready().network.scores
    assert attributing.before_softmax("logit:1", scores) == ()
    scores.activation = "softmax"
    assert "before the softmax" in attributing.before_softmax("logit:1", scores)[0]
    assert attributing.before_softmax("conv1:1", scores) == ()
    assert attributing.before_softmax("conv1:1", None) == ()


def test_classes_are_told_from_other_targets():
    scores = ready().network.scores
    for index in range(3):
        assert attributing.class_of(attributing.class_target(scores, index), scores) == index
    for target in ("logit:3", "class:1", "conv1:2", "logit:1+logit:2"):
        assert attributing.class_of(target, scores) is None


def test_lrp_is_called_so_with_its_rule():
    state, facts = shown(method="lrp", rule="z-plus"), ready()
    title = sample.resolve(state, None, facts).attribution.title
    assert title == "LRP z-plus of cat, as predicted"
    assert overlay_question(state, facts).title == title


def test_grad_cam_is_asked_of_the_layer_chosen():
    state, facts = shown(method="grad-cam").with_part("focus", layer="conv2"), ready()
    options = overlay_question(state, facts).key[-2]
    assert options == ()
    active = state.with_part("attribution", layer="active")
    assert overlay_question(active, facts).key[-2] == (("layer", "conv2"),)
    nowhere = active.with_part("focus", layer=None)
    assert overlay_question(nowhere, facts).key[-2] == ()
    other = active.with_part("attribution", method="gradient")
    assert overlay_question(other, facts).key[-2] == ()
    assert wish_of("attribution.layer.active", state, facts)[1] == {"layer": "active"}
    assert wish_of("attribution.layer.active", other, facts) is None
    session = Session()
    session.do("attribution.layer", layer="active")
    assert session.state.attribution.layer == "active"
    with pytest.raises(InputError):
        apply(session.state, Command("attribution.layer", {"layer": "conv2"}))
    session.do("undo")
    assert session.state.attribution.layer == "last"


def test_a_range_set_by_hand_is_said_with_what_lies_beyond():
    state = shown(limits=(("gradient", 30.0), ("lrp", 1.0)))
    over = sample.resolve(state, None, with_answer(state, ready())).attribution
    scale = scale_of(HEAT, over.within, over.limit)
    assert (over.limit, scale.limit, scale.beyond) == (30.0, 30.0, 33)
    lines = lines_of(over, over.found, scale, lambda text: 6 * len(text), 2000)
    assert ("note", "range set by hand, 52 % beyond the ends, up to 63") in lines
    whole = lines_of(over, over.found, scale_of(HEAT, 1.0, 99.0), len, 2000)
    assert ("note", "range set by hand") in whole


def test_every_method_has_its_own_range_and_a_share_takes_it_back():
    session = Session()
    session.do("attribution.limit", limit=2.0)
    session.do("attribution.method", method="lrp")
    assert session.state.attribution.limit is None
    session.do("attribution.limit", limit=0.5)
    assert session.state.attribution.limits == (("gradient", 2.0), ("lrp", 0.5))
    session.do("attribution.within", within=0.9)
    assert session.state.attribution.limits == (("gradient", 2.0),)
    session.do("attribution.method", method="gradient")
    session.do("attribution.limit", limit=None)
    assert session.state.attribution.limits == ()
    with pytest.raises(InputError):
        apply(session.state, Command("attribution.limit", {"limit": "wide"}))
    session.do("attribution.limit", limit=3.0)
    session.do("open", network="other.onnx", data="pictures")
    assert session.state.attribution.limits == ()


def test_an_end_of_the_bar_is_dragged_and_a_double_click_gives_the_own_range_back():
    session, view = Session(), SampleView()
    view.width, view.height = 300, 500
    view.wished.connect(lambda kind, args: session.do(kind, **args))
    view.dragged.connect(lambda kind, args: session.drag(kind, **args))
    view.drag_ended.connect(session.end_drag)
    session.holder.set(shown())
    facts = with_answer(session.state, ready())
    view.follow(session.state, None, facts, None)
    view.bar = Bar(None, -63.0, 63.0, True, 40.0, 200.0), 300.0
    view.press(Pointer(40, 310, LEFT))
    view.move(Pointer(100, 310, LEFT))
    view.lift(Pointer(100, 310, LEFT))
    assert session.state.attribution.limit == 31.5 and session.state.sample_camera.zoom == 1
    view.follow(session.state, None, facts, None)
    view.press(Pointer(140, 310, LEFT))  # between the ends nothing is dragged, and no unit picked
    view.lift(Pointer(140, 310, LEFT))
    assert session.state.focus == State().focus
    view.double_press(Pointer(140, 310, LEFT))
    assert session.state.attribution.limit is None
    for _ in range(2):
        session.do("undo")
    assert session.state.attribution.limit is None


def test_the_range_has_actions():
    facts = with_answer(shown(within=1.0), ready())
    assert wish_of("attribution.limit.wider", shown(within=1.0), facts)[1] == {"limit": 78.75}
    assert wish_of("attribution.limit.own", shown(), facts) is None
    given = shown(limits=(("gradient", 5.0),))
    assert wish_of("attribution.limit.narrower", given, facts)[1] == {"limit": 4.0}
    assert wish_of("attribution.limit.own", given, facts)[1] == {"limit": None}
    assert wish_of("attribution.limit.wider", State(), facts) is None


def test_a_sample_that_is_played_appears_with_what_lies_over_it():
    state, view = shown(), SampleView()
    view.width, view.height = 300, 500
    view.playing = SimpleNamespace(running=True)
    view.follow(state, None, with_answer(state, ready()), None)
    assert view.wish.sample == 0 and not view.pending
    later = state.with_part("focus", sample=1)
    facts = ready(shown=1)
    view.follow(later, None, facts, None)
    assert view.wish.sample == 0 and view.pending
    view.follow(later, None, with_answer(later, facts), None)
    assert view.wish.sample == 1 and not view.pending
    view.playing.running = False
    view.follow(later.with_part("attribution", method="guided"), None, facts, None)
    assert view.wish.attribution.computing and view.pending
