"""Classes and samples of a series: suggested from confusions and class means, changed by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.viewer.views.test_sample_views import ready
from viewer.session.session import Session
from viewer.state.series import CHOSEN_ROLES, SeriesChoice
from viewer.state.tree import State
from viewer.studio.facts import StudySummary
from viewer.studio.predictions import class_means
from viewer.studio.series_choice import (
    NONE,
    build_args,
    chosen,
    counted,
    groups_of,
    known,
    lacks,
    likeness_of,
)


def facts_of(labels, predicted, **changes):
    facts = ready()
    labels, predicted = (np.array(each, np.int32) for each in (labels, predicted))
    summary = StudySummary(predicted=predicted, samples=len(labels))
    return facts.but(labels=labels, summary=summary, **changes)


# cat, dog, fox four times each: two dogs are taken for foxes, one fox for a dog
LABELS = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
PREDICTED = [0, 0, 0, 0, 1, 2, 2, 1, 2, 2, 1, 2]


def test_the_class_with_most_mistakes_is_inspected_and_the_one_taken_for_it_similar():
    facts = facts_of(LABELS, PREDICTED)
    found = known(facts)
    assert found is known(facts)
    assert found.confusion.tolist() == [[4, 0, 0], [0, 2, 2], [0, 1, 3]]
    roles = chosen(SeriesChoice(), found)
    assert roles == {"reference": NONE, "inspected": 1, "similar": 2, "dissimilar": 0}
    assert found.wrong(1).tolist() == [5, 6] and found.right(2).tolist() == [8, 9, 11]
    by_hand = chosen(SeriesChoice(inspected=0, similar=NONE), found)
    assert by_hand["inspected"] == 0 and by_hand["similar"] == NONE
    assert {by_hand["reference"], by_hand["dissimilar"]} == {1, 2}


def test_steps_are_right_and_wrong_samples_of_each_role():
    facts = facts_of(LABELS, PREDICTED)
    groups = groups_of(SeriesChoice(each=1), known(facts), facts.class_names)
    assert groups == [
        ["dog, right", "inspected", [4]], ["dog, wrong", "inspected", [5]],
        ["fox, right", "similar", [8]], ["fox, wrong", "similar", [10]],
        ["cat, right", "dissimilar", [0]],
    ]  # fmt: skip
    together = groups_of(SeriesChoice(each=3, together=True), known(facts), facts.class_names)
    assert together[1] == ["dog, wrong", "inspected", [5, 6]]
    assert together[-1] == ["cat, right", "dissimilar", [0, 1, 2]]
    each = groups_of(SeriesChoice(each=2), known(facts), None)
    assert [group[0] for group in each[:2]] == ["class 1, right 1", "class 1, right 2"]
    said = lacks(State().with_part("series", choice=SeriesChoice(each=2)), facts)
    assert "cat: no misclassified sample" in said and "fox: only 1 misclassified" in said
    assert counted(facts, known(facts), 0) == "4 right, no misclassified sample"


def test_without_labels_predictions_are_the_classes_and_nobody_is_wrong():
    facts = facts_of(LABELS, PREDICTED).but(labels=None)
    found = known(facts)
    assert not found.has_labels and not any(len(found.wrong(index)) for index in range(3))
    groups = groups_of(SeriesChoice(), found, facts.class_names)
    assert [group[0] for group in groups[:2]] == ["cat, 1", "cat, 2"]
    assert not any("right" in group[0] or "wrong" in group[0] for group in groups)
    assert "no labels" in lacks(State(), facts)


def test_samples_that_were_not_run_are_neither_right_nor_wrong_and_it_is_said():
    facts = facts_of(LABELS, [0, 0, -1, -1, 1, 2, -1, -1, -1, -1, -1, -1])
    found = known(facts)
    assert found.right(0).tolist() == [0, 1] and found.wrong(1).tolist() == [5]
    assert "of 4 of 12 samples that were run" in lacks(State(), facts)
    nothing = facts_of(LABELS, [-1] * 12)
    assert known(nothing) is None and build_args(State(), nothing) is None


def test_class_means_decide_what_confusions_leave_equal():
    confusion = np.diag([3, 3, 3])
    means = np.array([[0.8, 0.05, 0.15], [0.0, 0.9, 0.1], [0.3, 0.1, 0.6]])
    likeness, by = likeness_of(confusion, means)
    assert likeness[0, 2] > likeness[0, 1] and "class means" in by
    confused = confusion.copy()
    confused[0, 1] = 1  # one confusion outweighs any mean
    likeness, _ = likeness_of(confused, means)
    assert likeness[0, 1] > likeness[0, 2]
    assert np.allclose(likeness, likeness.T)


@pytest.mark.parametrize("block", [3, 4096])
@given(rows=some.lists(some.tuples(some.integers(-1, 4), some.integers(0, 4)), max_size=40))
def test_class_means_are_the_means_over_the_samples_of_each_label(block, rows):
    class Kind:
        binary, needs_softmax = False, False

    labels = np.array([label for label, _ in rows], int)
    scores = np.eye(5)[[score for _, score in rows]].reshape(-1, 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("viewer.studio.predictions.ROWS", block)
        means = class_means(scores, labels, Kind())
    for index in range(5):
        mine = scores[labels == index]
        expected = mine.mean(0) if len(mine) else np.full(5, np.nan)
        np.testing.assert_allclose(means[index], expected, rtol=1e-6)


@given(
    some.lists(some.tuples(some.integers(-1, 2), some.integers(-1, 2)), min_size=12, max_size=12),
    some.fixed_dictionaries(
        {role: some.sampled_from([None, -1, 0, 1, 2, 7]) for role in CHOSEN_ROLES}
    ),
)  # fmt: skip
def test_whatever_is_known_a_series_is_one_that_the_command_takes(rows, choice):
    facts = facts_of(*zip(*rows, strict=True))
    state = State().with_part("series", choice=SeriesChoice(**choice, each=2))
    args = build_args(state, facts)
    if args is None:
        return
    session = Session()
    session.do("series.build", **args)
    steps = session.state.series.steps
    assert len(steps) == len(args["groups"])
    assert all(0 <= sample < 12 for step in steps for sample in step.samples)
    suggested = [
        index for role, index in chosen(state.series.choice, known(facts)).items()
        if choice[role] is None and index != NONE
    ]  # fmt: skip
    assert len(set(suggested)) == len(suggested)


@pytest.mark.parametrize("binary", [False, True])
def test_softmax_and_binary_scores_become_probabilities(binary):
    class Kind:
        needs_softmax = True

    kind = Kind()
    kind.binary = binary
    scores = np.array([[2.0], [-2.0]]) if binary else np.array([[2.0, 0.0], [0.0, 2.0]])
    means = class_means(scores, np.array([1, 0]), kind)
    high = 1 / (1 + np.exp(-2.0))
    expected = [[high, 1 - high], [1 - high, high]]
    if not binary:
        expected = expected[::-1]
    np.testing.assert_allclose(means, expected, rtol=1e-6)
