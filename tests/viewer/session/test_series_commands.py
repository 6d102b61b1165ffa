"""Commands of a series: built, added to, moved, named; what is shown stays the same step."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.errors import InputError
from viewer.session.session import Session
from viewer.state.series import MOST_EACH, SeriesStep, is_in_force
from viewer.state.tree import State
from viewer.views.session.words import words_of

GROUPS = [["a", "reference", [4]], ["b", "inspected", [5, 6]], ["c", "similar", [7]]]


def built(**args):
    session = Session(clock=lambda: 0.0)
    session.do("series.build", groups=GROUPS, **args)
    return session


def test_a_series_stands_in_the_stack_at_its_first_step():
    session = built(target="logit:1")
    state = session.state
    assert state.series.steps[1] == SeriesStep("b", (5, 6), "inspected")
    assert (state.stack.values, state.focus.sample) == ("weight-gradient", 4)
    assert state.attribution.target == "logit:1" and is_in_force(state)
    session.do("undo")
    assert session.state == State()


def test_other_gradients_stay_in_the_stack():
    session = Session(clock=lambda: 0.0)
    session.do("stack.source", source="relevance")
    session.do("series.build", groups=GROUPS)
    assert session.state.stack.values == "relevance" and is_in_force(session.state)
    session.do("stack.source", source="weights")
    assert not is_in_force(session.state)


def test_a_step_is_in_force_while_its_first_sample_is_in_focus():
    session = built()
    session.do("series.step", step=1)
    assert session.state.focus.sample == 5 and is_in_force(session.state)
    session.do("series.step", step=99)
    assert session.state.series.step == 2
    session.do("focus.sample", sample=0)
    assert not is_in_force(session.state)
    session.do("series.step", step=2)
    assert is_in_force(session.state)


def test_steps_are_added_renamed_removed():
    session = built()
    session.do("series.add", name=" two ", samples=[1, 2])
    assert session.state.series.present == SeriesStep("two", (1, 2), "other")
    session.do("series.rename", step=0, name="first")
    session.do("series.remove", step=1)
    assert [step.name for step in session.state.series.steps] == ["first", "c", "two"]
    assert session.state.series.present.name == "two"
    for step in (2, 1, 0):
        session.do("series.remove", step=step)
    assert session.state.series.steps == () and session.state.series.present is None
    session.do("series.step", step=3)
    assert session.state.series.step == 0


@given(some.integers(0, 2), some.integers(0, 5), some.integers(0, 2), some.integers(0, 2))
def test_what_is_shown_and_the_reference_stay_the_same_steps(step, to, shown, reference):
    session = built()
    session.do("series.step", step=shown)
    session.do("series.reference", step=reference)
    names = [each.name for each in session.state.series.steps]
    session.do("series.move", step=step, to=to)
    series = session.state.series
    after = [each.name for each in series.steps]
    assert sorted(after) == sorted(names)
    assert after[min(to, 2)] == names[step]
    assert after[series.step] == names[shown] and after[series.reference] == names[reference]


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("series.build", {"groups": []}),
        ("series.build", {"groups": [["a", "reference", []]]}),
        ("series.build", {"groups": [["a", "twin", [1]]]}),
        ("series.add", {"name": " ", "samples": [1]}),
        ("series.add", {"name": "a", "samples": [-1]}),
        ("series.remove", {"step": 3}),
        ("series.rename", {"step": 9, "name": "a"}),
        ("series.reference", {"step": 3}),
        ("series.difference", {"difference": "other"}),
        ("series.unfolding", {"unfolding": "spiral"}),
        ("series.choose", {"role": "other", "label": 1}),
        ("series.choose", {"role": "similar", "label": -2}),
        ("series.weight", {"layer": "conv", "filter": -1, "input": 0, "kernel": 0}),
        ("series.check", {"check": "all"}),
    ],
)
def test_arguments_that_do_not_fit_are_refused(kind, args):
    with pytest.raises(InputError):
        built().do(kind, **args)


def test_numbers_are_kept_within_bounds():
    session = built()
    session.do("series.each", each=10**6)
    session.do("series.checked", checked=0)
    session.do("series.rate", rate=1000)
    series = session.state.series
    assert (series.choice.each, series.checked, series.rate) == (MOST_EACH, 1, 30.0)


def test_a_picked_weight_brings_its_filter_into_focus():
    session = built()
    session.do("series.weight", layer="conv1", filter=3, input=1, kernel=5)
    assert session.state.series.weight == ("conv1", 3, 1, 5)
    assert (session.state.focus.layer, session.state.focus.channel) == ("conv1", 3)
    session.do("series.weight", layer=None, filter=0, input=0, kernel=0)
    assert session.state.series.weight is None


def test_every_command_has_its_words():
    session = built(target="logit:1")
    for kind, args in (
        ("series.step", {"step": 1}), ("series.add", {"name": "x", "samples": [3]}),
        ("series.move", {"step": 0, "to": 1}), ("series.rename", {"step": 0, "name": "y"}),
        ("series.reference", {"step": 1}), ("series.difference", {"difference": "reference"}),
        ("series.unfolding", {"unfolding": "rows"}), ("series.rate", {"rate": 15.0}),
        ("series.choose", {"role": "similar", "label": None}), ("series.each", {"each": 4}),
        ("series.together", {"together": True}), ("series.picture", {"picture": "filters"}),
        ("series.check", {"check": "random"}), ("series.checked", {"checked": 4}),
        ("series.weight", {"layer": "conv1", "filter": 1, "input": 2, "kernel": 0}),
        ("series.remove", {"step": 1}), ("series.clear", {}),
    ):  # fmt: skip
        session.do(kind, **args)
        words = words_of(session.commands[-1])
        assert words and not words.startswith(kind.replace(".", " ")), words
