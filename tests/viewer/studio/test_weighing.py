"""What is asked about importance and ablation: pure, the most urgent first, estimates said."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest

from engine.analysis.rates import rates_of
from tests.pretend_engine import Data
from tests.pretend_explainer import ExplainingEngine
from tests.viewer.views.test_sample_views import ready
from viewer.session.session import Session
from viewer.state.tree import State
from viewer.studio import cache, weighing
from viewer.studio.questions import Found
from viewer.studio.studio import Studio
from viewer.studio.weighed import ranks_of, weighed


def seen_state(**changes):
    """The importance view alone, the second layer active."""
    state = State().with_part("window", only="importance").with_part("focus", layer="conv2")
    return state.with_part("importance", **changes)


def many(count):
    """Facts of so many samples."""
    data = Data(count)
    return ready(data=data, labels=data.labels)


def importance(values, samples=12):
    """What the engine gives."""
    return SimpleNamespace(values=values, samples=samples, skipped=(), not_finite={}, notes=())


def answered(state, facts, values=None, layer="conv2", few=None):
    """Facts with the importance of one layer, or of all."""
    values = np.arange(6.0) if values is None else np.asarray(values, float)
    asked = weighing.importance_question(state, facts, layer, few)
    layers = {layer: values} if layer else {"conv1": np.ones(4), "conv2": values}
    found = weighed(importance(layers, few or facts.sample_count), "words", facts.sample_count, few)
    return facts.but(measured={**facts.measured, asked.key: Found(found)})


def what(questions):
    """The kinds of some questions."""
    return [question.key[0] for question in questions]


def test_nothing_is_asked_out_of_sight_or_without_network_or_pictures():
    facts = ready()
    assert weighing.questions(State(), facts) == ()
    assert weighing.questions(seen_state(), facts.but(data=None)) == ()
    assert weighing.questions(seen_state(), facts.but(recording=object())) == ()
    first = weighing.questions(seen_state(), facts)
    assert first and first == weighing.questions(seen_state(), facts)


def test_the_most_urgent_comes_first():
    state = seen_state(off=(("conv2", (1,)),))
    asked = what(weighing.questions(state, ready()))
    assert asked == ["scores without", "ready to cut", "rates", "rates", "importance"]
    off, whole = (each.key[-2] for each in weighing.rates_asked(state, ready()))
    assert (off, whole) == ((("conv2", (1,)),), ())


def test_only_the_focused_sample_is_run_while_the_preprocessing_is_only_guessed():
    state, facts = seen_state(off=(("conv2", (1,)),)), ready(confirmed=False)
    assert what(weighing.questions(state, facts)) == ["scores without", "ready to cut"]
    assert "guessed" in weighing.failure_of(state, facts, "conv2")
    assert not weighing.importance_waits(state, facts, "conv2")


def test_channels_that_the_network_lacks_are_not_asked_to_be_off():
    state = seen_state(off=(("conv2", (1, 99)), ("elsewhere", (0,))))
    assert weighing.known_off(state, ready()) == (("conv2", (1,)),)
    state = seen_state(off=(("elsewhere", (0,)),))
    assert weighing.scores_question(state, ready()) is None


def test_error_rates_need_labels_and_scores():
    facts = ready()
    assert weighing.rates_question(seen_state(), facts.but(labels=None), ()) is None
    nowhere = np.full(12, -1)
    assert weighing.rates_question(seen_state(), facts.but(labels=nowhere), ()) is None
    facts.network.scores = None
    assert weighing.rates_question(seen_state(), facts, ()) is None
    assert "activation" in weighing.failure_of(seen_state(), facts, "conv2")


@pytest.mark.parametrize(("count", "few"), [(400, None), (401, 200)])
def test_a_large_data_set_is_estimated_first(count, few):
    state, facts = seen_state(), many(count)
    asked = weighing.importance_asked(state, facts)
    assert [each.key[-4] for each in asked] == ([few, 0] if few else [0])
    if few is None:
        return
    chosen = weighing.eligible(state, facts, few)
    assert len(chosen) == few == len(set(chosen.tolist())) and chosen[[0, -1]].tolist() == [0, 400]
    facts = answered(state, facts, few=few)
    shown = weighing.weighed_of(state, facts, "conv2")
    assert shown.is_estimate and shown.over == "over 200 of 401 samples"
    assert weighing.importance_of(state, facts, "conv2") is None
    assert weighing.importance_waits(state, facts, "conv2")
    facts = answered(state, facts, values=np.arange(6) * 2)
    assert not weighing.weighed_of(state, facts, "conv2").is_estimate
    assert not weighing.importance_waits(state, facts, "conv2")


def test_a_class_takes_the_samples_labelled_so():
    state, facts = seen_state(of_class=2), many(90)
    assert weighing.eligible(state, facts).tolist() == list(range(2, 90, 3))
    assert weighing.eligible_count(state, facts) == 30
    assert weighing.importance_question(state, facts.but(labels=None), "conv2") is None
    assert "labels" in weighing.failure_of(state, facts.but(labels=None), "conv2")


def test_keys_hold_what_importance_depends_on_and_no_more():
    facts = ready()

    def key(**changes):
        return weighing.importance_question(seen_state(**changes), facts, "conv2").key

    assert len({key(), key(norm="l1"), key(of_class=1), key(measure="activation-mean")}) == 4
    silent = key(measure="activation-mean")
    assert silent == key(measure="activation-mean", norm="max")
    assert key() == key(off=(("conv2", (1,)),), by="mean", columns=16)


def test_all_layers_are_weighed_for_colours_orders_and_the_table_only():
    facts = ready()
    state = State().with_part("window", only="network")
    assert weighing.importance_asked(state, facts) == ()
    coloured = state.with_part("network", colour_by="importance")
    (asked,) = weighing.importance_asked(coloured, facts)
    assert asked.key[-5] == ""
    choice = State().orders.choice.__class__(method="importance")
    assert weighing.importance_asked(State().with_part("orders", choice=choice), facts) == (asked,)
    single = State().with_part("orders", layers=(("conv1", choice), ("gone", choice)))
    assert [each.key[-5] for each in weighing.importance_asked(single, facts)] == ["conv1"]


def test_what_is_known_of_all_layers_is_known_of_each():
    state = seen_state()
    facts = answered(state, ready(), layer=None)
    first = weighing.importance_of(state, facts, "conv2")
    assert first is weighing.importance_of(state, facts, "conv2") and len(first) == 6
    assert weighing.importance_asked(state, facts) == ()
    assert weighing.overview_of(state, facts).words == "over 12 samples"
    assert weighing.overview_of(state, ready()).late


def test_curve_and_table_follow_when_importance_is_known():
    state = seen_state(parts=("curve", "table"))
    assert set(what(weighing.importance_asked(state, ready()))) == {"importance"}
    facts = answered(state, answered(state, ready()), layer=None)
    asked = what(weighing.importance_asked(state, facts))
    assert "curve without" in asked and "table without" in asked
    assert what(weighing.questions(state, facts))[-2:] == ["curve without", "table without"]


def test_ranks_begin_with_the_largest_and_end_with_what_is_no_number():
    assert ranks_of(np.array([1.0, np.nan, 3.0, 1.0])).tolist() == [1, 3, 0, 2]


# answered


class Ablation:
    """Says what it was asked; its rates come in two parts."""

    def __init__(self):
        self.asked, self.go_on = [], None

    def scores(self, inputs, off, by, task=None):
        self.asked.append(("scores", off, by))
        return np.array([0.0, 5.0, 1.0], np.float32)

    def base(self, task=None, partial=None):
        return self._rates((), partial)

    def rates(self, off, by, task=None, partial=None):
        return self._rates(off, partial)

    def _rates(self, off, partial):
        self.asked.append(("rates", off))
        labels = np.arange(12) % 3
        found = np.where(np.arange(12) < 6, labels, -2).astype(np.int32)
        partial(rates_of(found, labels, 3))
        if self.go_on is not None:
            self.go_on.wait(20)
        return rates_of(labels.astype(np.int32), labels, 3)


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    engine = ExplainingEngine()
    engine.made = Ablation()
    engine.ablation = lambda network, runner, data, labels: engine.made
    engine.importance = lambda network, data, layers, **options: importance(
        {"conv2": np.arange(6.0)}
    )
    made = Studio(Session(), engine, extracts=False)
    made.session.do("open", network="net.onnx", data="pictures")
    made.inbox.wait(lambda: made.facts.answer is not None, 20)
    yield made
    made.close()


def test_a_click_is_answered_by_scores_and_parts_of_rates_are_shown(studio):
    studio.engine.made.go_on = threading.Event()
    studio.session.do("focus.layer", layer="conv2")
    studio.session.do("window.only", pane="importance")
    studio.session.do("importance.switch", layer="conv2", channel=1, off=True)
    state = studio.session.state
    scores = weighing.scores_question(state, studio.facts).key
    rates = weighing.rates_question(state, studio.facts, (("conv2", (1,)),)).key
    whole = weighing.rates_question(state, studio.facts, ()).key
    studio.inbox.wait(lambda: scores in studio.facts.measured, 20)
    studio.inbox.wait(lambda: {rates, whole} & studio.facts.measured.keys(), 20)
    part = next(
        studio.facts.measured[key] for key in (rates, whole) if key in studio.facts.measured
    )
    assert part.partly and part.value.samples == 6 and part.value.of == 12
    studio.engine.made.go_on.set()
    studio.inbox.wait(
        lambda: all(
            key in studio.facts.measured and not studio.facts.measured[key].partly
            for key in (rates, whole)
        ),
        20,
    )
    assert weighing.importance_of(state, studio.facts, "conv2").tolist() == list(range(6))
    assert ("scores", {"conv2": (1,)}, "zero") in studio.engine.made.asked
