"""Steps of a series are asked one after the other, kept as far as they fit, and told in words."""

import numpy as np
import pytest

from engine.errors import InputError
from tests.pretend_explainer import WEIGHTS
from tests.viewer.studio.test_questions import studio  # noqa: F401
from viewer.studio import seriating, validating
from viewer.studio.seriating import series_of, shown, step_questions

GROUPS = [["a", "reference", [2]], ["b", "inspected", [5, 7]], ["c", "similar", [6]]]


def asked(studio):  # noqa: F811
    return [entry[1] for entry in studio.engine.explained if entry[0] == "weights"]


def state_of(studio):  # noqa: F811
    return studio.session.state


def settled(studio):  # noqa: F811
    """Wait until every step that is asked is there."""
    studio.inbox.wait(
        lambda: not series_of(state_of(studio), studio.facts).is_late and not studio.jobs.running,
        20,
    )
    return series_of(state_of(studio), studio.facts)


def pixel(studio, sample):  # noqa: F811
    return float(studio.facts.preprocessing(studio.facts.data.image(sample)).flat[0])


@pytest.fixture
def series(studio):  # noqa: F811
    """A studio with a series of three steps of the third class."""
    studio.session.do("series.build", groups=GROUPS, target="logit:2")
    studio.inbox.wait(lambda: studio.facts.answer.question.sample == 2, 20)
    return studio


def test_a_step_is_the_mean_over_its_samples_and_all_share_one_range(series):
    found = settled(series)
    assert asked(series) == ["logit:2"] * 4
    values = found.steps[1].values
    rising = np.linspace(-1, 1, 108, dtype=np.float32).reshape(WEIGHTS["conv1"])
    mean = rising * (pixel(series, 5) + pixel(series, 7)) / 2 + 2
    np.testing.assert_allclose(values.maps["conv1"], mean, rtol=1e-6)
    assert values.samples == 2 and values.seen.shape == (8, 8, 3)
    largest = max(np.abs(step.values.maps["fc"]).max() for step in found.steps)
    assert found.ranges.ends["fc"] == (-largest, pytest.approx(largest))
    assert found.ranges.steps == 3
    assert series_of(state_of(series), series.facts) is found


def test_the_stack_shows_the_step_with_its_words_and_nothing_is_asked_twice(series):
    settled(series)
    series.session.do("series.step", step=1)
    stood = shown(state_of(series), series.facts)
    assert stood.title == "step 2 of 3, b: mean of 2 samples, 5.png first"
    assert stood.what == "gradient of fox by weights (tiles)"
    assert stood.over == "over all 3 steps, centred on zero"
    assert stood.volumes.layers == tuple(WEIGHTS) and not stood.waits
    assert shown(state_of(series), series.facts).volumes is stood.volumes
    series.session.do("series.step", step=0)
    stood = shown(state_of(series), series.facts)
    assert stood.title == "step 1 of 3, a: 2.png, label fox, predicted fox"
    assert len(asked(series)) == 4


def test_the_step_shown_is_asked_first_then_those_after_it(series):
    settled(series)
    state = state_of(series).with_part("series", step=1)
    keys = [question.key[-4] for question in step_questions(state, series.facts)]
    assert keys == [(5, 7), (6,), (2,)]


def test_differences_are_to_the_reference_step_or_to_the_step_before(series):
    plain = settled(series)
    series.session.do("series.difference", difference="reference")
    found = settled(series)
    assert found.ranges is not plain.ranges
    assert found.steps[0].minus is found.steps[0].values
    expected = found.steps[2].values.maps["fc"] - found.steps[0].values.maps["fc"]
    series.session.do("series.step", step=2)
    stood = shown(state_of(series), series.facts)
    np.testing.assert_array_equal(stood.volumes.raw("fc"), expected)
    assert "less step 1" in stood.what
    series.session.do("series.difference", difference="before")
    found = settled(series)
    assert found.steps[0].minus is None and found.steps[2].minus is found.steps[1].values
    assert len(asked(series)) == 4


def test_a_step_that_fails_says_why_and_the_others_are_there(series):
    settled(series)
    series.session.do("series.add", name="broken", samples=[3])
    found = settled(series)
    assert "broken" in found.steps[3].failure.lower() and found.known == 3
    stood = shown(state_of(series), series.facts)
    assert stood.volumes is None and stood.why == found.steps[3].failure
    series.session.do("series.add", name="absent", samples=[99])
    found = settled(series)
    assert found.steps[4].failure == "The data set has no such sample."


def test_what_does_not_fit_is_left_out_and_said(series, monkeypatch):
    settled(series)
    state, facts = state_of(series), series.facts
    each = 4 * 10  # parameters that the pretended layers say they have
    monkeypatch.setattr(seriating, "SERIES_BYTES", 3 * 2 * each)
    assert seriating.layers_within(state, facts, "weight-gradient", 3) == ("conv1", "conv2")
    focused = state.with_part("focus", layer="fc")
    assert seriating.layers_within(focused, facts, "weight-gradient", 3) == ("conv1", "fc")
    series.session.do("series.rate", rate=2.0)
    found = settled(series)
    assert found.layers == ("conv1", "conv2") and found.left_out == 1
    stood = shown(state, series.facts)
    assert "2 of 3 layers with filters fit into memory" in stood.badges
    monkeypatch.setattr(seriating, "SERIES_BYTES", 2 * each)
    layers = seriating.layers_within(state, facts, "weight-gradient", 3)
    assert layers == ("conv1",)
    assert seriating.kept_steps(state, facts, "weight-gradient", layers) == [0, 1]
    last = state.with_part("series", step=2, difference="reference", reference=1)
    assert seriating.kept_steps(last, facts, "weight-gradient", layers) == [2, 1]


def test_gradient_and_relevance_have_series_of_their_own(series):
    settled(series)
    series.session.do("stack.source", source="gradient")
    found = settled(series)
    assert found.source == "gradient" and found.steps[0].values.maps["conv1"].shape == (4, 8, 8)
    volumes = shown(state_of(series), series.facts).volumes
    assert volumes.unfolding == "" and volumes.drawn_shape("conv1") == (4, 8, 8)
    methods = [entry[0] for entry in series.engine.explained]
    assert methods.count("gradient") == 4
    series.session.do("focus.sample", sample=1)
    assert shown(state_of(series), series.facts) is None


def test_without_a_series_the_focused_sample_stands_alone(studio):  # noqa: F811
    studio.session.do("stack.source", source="weight-gradient")
    studio.inbox.wait(lambda: shown(state_of(studio), studio.facts).volumes is not None, 20)
    stood = shown(state_of(studio), studio.facts)
    assert stood.title == "gradient of cat, as predicted, by weights (tiles): sample 1 of 12"
    assert asked(studio) == ["logit:0"]
    studio.session.do("stack.source", source="weights")
    studio.inbox.wait(lambda: shown(state_of(studio), studio.facts).volumes is not None, 20)
    stood = shown(state_of(studio), studio.facts)
    assert stood.title == "weights (tiles)" and stood.volumes.ranges["fc"] == (-1.0, 1.0)
    studio.session.do("series.unfolding", unfolding="rows")
    assert shown(state_of(studio), studio.facts).title == "weights (rows)"
    assert len(asked(studio)) == 1


def test_a_fault_is_a_sentence(studio):  # noqa: F811
    studio.engine.explanation_fault = InputError("no gradient passes through Odd")
    studio.session.do("stack.source", source="weight-gradient")
    studio.inbox.wait(lambda: shown(state_of(studio), studio.facts).why, 20)
    assert shown(state_of(studio), studio.facts).why == "No gradient passes through Odd."


def test_gradients_are_checked_by_differences_of_the_weights_asked_for(series):
    series.session.do("window.only", pane="series")
    series.session.do("focus.layer", layer="fc")
    series.session.do("series.check", check="largest")
    series.session.do("series.checked", checked=4)
    settled(series)

    def found():
        return validating.checked(state_of(series), series.facts)[0]

    series.inbox.wait(lambda: found() is not None, 20)
    gradient = np.abs(settled(series).steps[0].values.maps["fc"]).ravel()
    assert set(found().validation.places) == set(np.argsort(-gradient, kind="stable")[:4])
    assert found().layer == "fc" and found().sample == 2
    assert found().name(0).startswith("filter ")
    series.session.do("series.check", check="random")
    series.inbox.wait(lambda: found() is not None, 20)
    first = found().validation.places
    assert len(set(first)) == 4
    series.session.do("series.check", check="chosen")
    assert validating.checked(state_of(series), series.facts)[1] == validating.NO_WEIGHT
    series.session.do("series.weight", layer="fc", filter=2, input=3, kernel=0)
    series.inbox.wait(lambda: found() is not None, 20)
    assert found().validation.places.tolist() == [15] and found().weight(0) == (2, 3, 0, 0)
    series.session.do("stack.source", source="relevance")
    assert validating.checked(state_of(series), series.facts)[1] == validating.NOT_OF_WEIGHTS


@pytest.mark.parametrize("shape", [(4, 3), (4, 3, 5), (4, 3, 2, 5), (2, 3, 2, 2, 3)])
def test_a_flat_index_is_the_weight_that_it_counts_to(shape):
    numbers = np.arange(np.prod(shape)).reshape(shape)
    for flat in (0, 1, numbers.size // 2, numbers.size - 1):
        filter_, each, y, x = validating.weight_of(shape, flat)
        width = shape[-1] if len(shape) > 2 else 1
        assert numbers.reshape(*shape[:2], -1, width)[filter_, each, y, x] == flat


def test_nothing_is_held_of_a_series_that_is_gone(series):
    settled(series)
    shown(state_of(series), series.facts)
    assert seriating._last and seriating._last_plan
    series.session.do("series.clear")
    assert not seriating._last and not seriating._last_plan and not seriating._last_shown
