"""What the comparison asks: pure of state and facts, bounded, what is in sight first."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.viewer.views.test_sample_views import ready
from viewer.state.attribution import LABEL
from viewer.state.comparison import COLUMNS
from viewer.state.tree import State
from viewer.studio import attributing, comparing
from viewer.studio.facts import ExtractionFacts, PresetTrial, StudySummary
from viewer.studio.samples import Question as SampleQuestion
from viewer.studio.selecting import Selected

PREDICTED = np.array([0, 1, 2] * 4, np.int32)


def seen_state(**changes):
    state = State().with_part("window", only="comparison")
    return state.with_part("comparison", **changes)


def facts_of(**changes):
    return ready(summary=StudySummary(predicted=PREDICTED), **changes)


def asked(state, facts):
    """(sample, method, target, options) of every question."""
    return [question.key[-5:-1] for question in comparing.questions(state, facts)]


def test_the_same_state_asks_the_same_and_nothing_out_of_sight():
    facts = facts_of()
    state = seen_state(methods=("gradient", "lrp:flat"))
    first = comparing.questions(state, facts)
    assert first and first == comparing.questions(
        seen_state(methods=state.comparison.methods), facts
    )
    assert comparing.questions(State(), facts) == ()
    assert comparing.questions(state, facts.but(data=None)) == ()
    assert comparing.questions(state, facts.but(recording=object())) == ()


def test_samples_are_asked_row_by_row_each_with_its_own_prediction():
    found = asked(seen_state(methods=("gradient", "lrp:flat")), facts_of())
    assert [each[:3] for each in found[:4]] == [
        (0, "gradient", "logit:0"),
        (0, "lrp", "logit:0"),
        (1, "gradient", "logit:1"),
        (1, "lrp", "logit:1"),
    ]
    assert found[1][3] == (("rule", "flat"),) and len(found) == 2 * comparing.NEIGHBOURS


def test_an_overlay_and_a_cell_share_one_answer():
    facts = facts_of()
    state = seen_state(methods=("gradient",)).with_part("attribution", shown=True)
    overlay = state.with_part("window", only="sample")
    key = attributing.overlay_question(overlay, facts).key
    assert key == comparing.questions(state, facts)[0].key


def test_the_selected_samples_come_first_and_are_bounded():
    state = seen_state(methods=("gradient",))
    chosen = np.arange(12) % 5 == 2
    facts = facts_of(selected=Selected(chosen))
    assert comparing.samples_of(state, facts) == [2, 7]
    many = SimpleNamespace(samples=np.ones(500, bool))
    assert len(comparing.samples_of(state, facts.but(selected=many))) == comparing.MOST_SAMPLES
    nothing = facts.but(selected=Selected(np.zeros(12, bool)))
    assert comparing.samples_of(state, nothing) == list(range(8))


def test_a_click_on_a_neighbour_moves_no_row():
    facts = facts_of()
    blocks = {
        tuple(comparing.samples_of(seen_state().with_part("focus", sample=sample), facts))
        for sample in range(12)
    }
    assert blocks == {tuple(range(8)), tuple(range(8, 12))}


def test_what_is_in_sight_is_asked_first_and_only_so_many_rows():
    state = seen_state(methods=("gradient", "guided"))
    many = SimpleNamespace(samples=np.ones(500, bool))
    facts = facts_of(selected=many)
    facts.data.names = [str(number) for number in range(500)]
    facts = facts.but(summary=StudySummary(predicted=np.zeros(500, np.int32)), labels=None)
    found = asked(state, facts)
    assert len(found) == 2 * comparing.AT_ONCE
    scrolled = state.with_part("comparison_camera", row=20.5, column=1.2)
    found = asked(scrolled, facts)
    assert found[0][:2] == (20, "guided") and found[1][:2] == (20, "gradient")
    assert max(each[0] for each in found) == 20 + comparing.AT_ONCE - 1
    far = state.with_part("comparison_camera", row=900.0)
    assert {each[0] for each in asked(far, facts)} == set(range(48, 64))


def test_rows_round_the_focus_are_asked_until_somebody_scrolls():
    many = SimpleNamespace(samples=np.ones(500, bool))
    facts = facts_of(selected=many, labels=None)
    facts.data.names = [str(number) for number in range(500)]
    facts = facts.but(summary=StudySummary(predicted=np.zeros(500, np.int32)))
    state = seen_state(methods=("gradient",)).with_part("focus", sample=40)
    rows = [each[0] for each in asked(state, facts)]
    assert rows[:3] == [40, 41, 42] and set(rows) == set(range(32, 48))
    there = state.with_part("comparison_camera", row=3.0, looked_at=(40, None, None))
    assert [each[0] for each in asked(there, facts)][:2] == [3, 4]
    away = there.with_part("focus", sample=400)  # in no row: nothing to follow
    assert [each[0] for each in asked(away, facts)][:2] == [3, 4]


def test_the_label_as_target_and_samples_without_one():
    facts = facts_of()
    facts.labels[1] = -1
    state = seen_state(methods=("gradient",)).with_part("attribution", target=LABEL)
    rows = comparing.rows_of(state, facts)
    assert rows[2].aim.target == "logit:2" and rows[2].aim.words.endswith("its label")
    assert rows[1].aim.target == "" and rows[1].aim.why == "This sample has no label."
    assert comparing.question(state, facts, rows[1], "gradient") is None


def test_a_prediction_that_is_not_known_is_waited_for_while_samples_are_run():
    state = seen_state(methods=("gradient",))
    facts = ready(extraction=ExtractionFacts("running"))
    rows = comparing.rows_of(state, facts)
    assert rows[0].aim.target == "logit:0"  # it was run
    assert rows[1].waits and not rows[1].aim.why
    row = comparing.rows_of(state, facts.but(extraction=ExtractionFacts("none")))[1]
    assert not row.waits and row.aim.why


def test_a_trial_tells_predictions_while_the_preprocessing_waits_to_be_confirmed():
    facts = ready(extraction=ExtractionFacts("unconfirmed"))
    scores = (None, np.array([0, 0, 4.0], np.float32))
    trial = PresetTrial(facts.preprocessing, scores)
    other = PresetTrial(replace(facts.preprocessing, preset="raw"), (scores[1], scores[1]))
    facts = facts.but(trials=(other, trial), answer=None)
    assert [comparing.prediction_of(facts, sample) for sample in range(3)] == [-1, 2, -1]


def test_layers_have_their_strongest_channel_and_the_active_one_its_focused():
    facts = facts_of()
    facts.answer.maps["conv1"][3, 2, 2] = 9.0
    facts.answer.maps["conv2"][1] = np.nan
    facts.answer.maps["conv2"][4, 0, 0] = 5.0
    state = seen_state(methods=("gradient",), rows="layers")
    rows = comparing.rows_of(state, facts)
    assert [(row.layer, row.channel) for row in rows] == [("conv1", 3), ("conv2", 4), ("fc", 0)]
    assert rows[0].value == 9.0 and rows[1].value == 5.0
    assert [each[2] for each in asked(state, facts)] == ["conv1:3", "conv2:4", "fc:0"]
    focused = state.with_part("focus", layer="conv1", channel=2)
    assert comparing.rows_of(focused, facts)[0].channel == 2
    other = focused.with_part("focus", sample=5)  # its maps are not there yet
    assert comparing.questions(other, facts) == ()
    assert comparing.rows_of(other, facts.but(answer=None)) == ()


def test_the_strongest_follow_the_answer():
    facts = facts_of()
    state = seen_state(rows="layers")
    assert comparing.rows_of(state, facts)[0].channel == 0
    maps = {name: values.copy() for name, values in facts.answer.maps.items()}
    maps["conv1"][1, 0, 0] = 7.0
    answer = replace(facts.answer, maps=maps, question=SampleQuestion(1, 0))
    assert comparing.rows_of(state, facts.but(answer=answer))[0].channel == 1


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_has_a_name_a_method_and_its_options(column):
    state = seen_state().with_part("attribution", steps=7, seed=3)
    options = comparing.options_for(state, column)
    assert comparing.column_words(column)
    assert ("rule" in options) == column.startswith("lrp:")
    assert options.get("rule", column[4:]) == column[4:]
    assert options.get("steps", 7) == 7
    assert comparing.method_of(column) in ("lrp", column)


def test_the_finder_explains_its_own_sample():
    facts, calls = facts_of(), []

    class Explainer:
        def attribute(self, inputs, method, target, **options):
            calls.append((float(np.ravel(inputs)[0]), method, target, options))
            raise RuntimeError("enough")

    state = seen_state(methods=("lrp:gamma",))
    question = comparing.questions(state, facts)[2]
    with pytest.raises(RuntimeError, match="enough"):
        question.find(SimpleNamespace(explainer=Explainer()), None)
    value, method, target, options = calls[0]
    expected = facts.preprocessing(facts.data.image(2))
    assert value == float(np.ravel(expected)[0]) and (method, target) == ("lrp", "logit:2")
    assert options == {"task": None, "rule": "gamma"}
