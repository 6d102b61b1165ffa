"""The studio on the sample network and its data, with the real engine: runs, extracts, reopens."""

import json

import numpy as np
import pytest

from viewer.session.session import Session
from viewer.studio import cache, ordering, weighing
from viewer.studio.studio import Studio

LIMIT = 12


@pytest.fixture
def make(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    made = []

    def studio():
        made.append(Studio(Session()))
        made[-1].failures = []
        made[-1].failed.connect(
            lambda title, error, into=made[-1].failures: into.append(str(error))
        )
        return made[-1]

    yield studio
    for each in made:
        each.close()


def orders_of(studio):
    """Orders of the first layer by all samples and by correlation: int32[C] by basis."""
    layer, found = studio.facts.network.layers[0].name, {}
    studio.session.do("focus.layer", layer=layer)
    for basis in ("samples", "correlation"):
        studio.session.do("orders.choose", method="path", basis=basis)
        state = studio.session.state
        studio.inbox.wait(lambda state=state: not ordering.waits(state, studio.facts, layer), 60)
        assert ordering.failure(state, studio.facts, layer) == ""
        found[basis] = ordering.order_of(state, studio.facts, layer).channels
        assert sorted(found[basis]) == list(range(len(found[basis])))
    return found


def test_the_sample_is_run_extracted_and_its_study_opens_without_the_network(make):
    studio = make()
    studio.session.do("open", network="sample:digits", data="sample:digits", limit=LIMIT)
    studio.inbox.wait(lambda: studio.facts.answer is not None, 60)
    first = studio.facts.answer
    assert set(first.maps) == {layer.name for layer in studio.facts.network.layers}
    studio.session.do("preprocess.confirm")
    studio.inbox.wait(lambda: studio.facts.extraction.phase in ("done", "failed"), 120)
    assert studio.facts.extraction.failure is None
    studio.inbox.wait(lambda: studio.facts.summary.samples == LIMIT, 30)
    label = studio.facts.labels[:LIMIT]
    assert (studio.facts.summary.predicted == label).mean() >= 0.8
    found = orders_of(studio)
    assert studio.failures == []
    path = studio.facts.study_path
    header = json.loads((path / "study.json").read_text())
    header["network"]["path"] = "/nowhere/digits.onnx"
    (path / "study.json").write_text(json.dumps(header))

    other = make()
    other.session.do("open", study=str(path))
    other.inbox.wait(lambda: other.facts.answer is not None, 60)
    assert other.facts.recording is not None
    again = other.facts.answer
    assert np.array_equal(again.picture, first.picture)
    assert set(again.maps) == set(first.maps)
    for name, values in first.maps.items():
        assert np.allclose(again.maps[name], values, rtol=2e-3, atol=1e-3)
    other.inbox.wait(lambda: other.facts.summary.samples == LIMIT, 30)
    again = orders_of(other)
    assert all(np.array_equal(again[basis], found[basis]) for basis in found)
    other.session.do("orders.choose", method="path", basis="weights")
    layer = other.session.state.focus.layer
    said = ordering.failure(other.session.state, other.facts, layer)
    assert said == "The network of this study is not at hand."
    assert other.failures == []
    assert other.failures == []
    other.session.do("preprocess.set", options={"preset": "raw"})
    assert "not at hand" in other.failures[0]


def test_a_study_with_its_network_runs_samples_in_full_again(make):
    studio = make()
    studio.session.do(
        "open",
        network="sample:digits",
        data="sample:digits",
        limit=3,
        preprocessing={"preset": "zero-one"},
    )
    studio.inbox.wait(lambda: studio.facts.extraction.phase == "done", 120)
    path = studio.facts.study_path
    other = make()
    other.session.do("open", study=str(path))
    other.inbox.wait(lambda: other.facts.answer is not None, 60)
    assert other.facts.recording is None
    assert other.facts.study_path == path
    assert other.facts.extraction.phase == "opened"
    for name, values in studio.facts.answer.maps.items():
        assert np.allclose(other.facts.answer.maps[name], values, atol=1e-5)


def test_a_file_that_is_no_network_is_a_sentence(make, tmp_path):
    path = tmp_path / "letter.onnx"
    path.write_text("Dear network, ")
    studio = make()
    studio.session.do("open", network=str(path), data="sample:digits")
    studio.inbox.wait(lambda: studio.facts.phase == "failed", 60)
    assert "letter.onnx" in studio.facts.failure
    assert studio.failures == []


def test_data_that_is_not_there_is_a_sentence(make):
    studio = make()
    studio.session.do("open", network="sample:digits", data="/nowhere/pictures")
    studio.inbox.wait(lambda: studio.facts.phase == "failed", 60)
    assert "/nowhere/pictures" in studio.facts.failure
    assert studio.failures == []


def test_filters_of_the_sample_are_weighed_and_switched_off(make):
    studio = make()
    session = studio.session
    session.do("open", network="sample:digits", data="sample:digits", limit=LIMIT)
    studio.inbox.wait(lambda: studio.facts.answer is not None, 60)
    session.do("window.only", pane="importance")
    session.do("focus.layer", layer="scores")
    session.do("importance.off", layer="scores", channels=list(range(10)))

    def missing():
        found = studio.facts.measured
        keys = [each.key for each in weighing.questions(session.state, studio.facts)]
        return [key for key in keys if key not in found or found[key].partly]

    studio.inbox.wait(lambda: not missing(), 60)
    state, facts = session.state, studio.facts
    assert not [each.failure for each in facts.measured.values() if each.failure]
    weights = weighing.importance_of(state, facts, "scores")
    assert weights.shape == (10,) and (weights >= 0).all() and weights.any()
    scores = facts.measured[weighing.scores_question(state, facts).key].value.scores
    assert np.array_equal(scores, np.zeros(10))  # nothing is left of them
    off = weighing.known_off(state, facts)
    before, after = (
        facts.measured[weighing.rates_question(state, facts, each).key].value for each in ((), off)
    )
    labels = facts.labels[:LIMIT]
    assert (before.samples, after.samples) == (LIMIT, LIMIT) and before.wrong <= 2
    assert after.wrong == int((labels != 0).sum())  # of equal scores the first class is taken
    assert studio.failures == []


def test_a_series_is_the_gradients_of_the_engine_and_differences_agree(make):
    from engine.analysis.importance import weight_gradients, weights_of
    from engine.attribution.explainer import Explainer
    from engine.run.runner import Runner
    from viewer.studio import seriating, validating

    studio = make()
    session = studio.session
    session.do("open", network="sample:digits", data="sample:digits", limit=LIMIT)
    studio.inbox.wait(lambda: studio.facts.answer is not None, 60)
    session.do("window.choose", layout="Gradients")
    groups = [["one", "inspected", [2]], ["two", "other", [5, 7]]]
    session.do("series.build", groups=groups, target="logit:3")
    session.do("focus.layer", layer="conv2")
    session.do("series.check", check="largest")

    def there():
        series = seriating.series_of(session.state, studio.facts)
        found = validating.checked(session.state, studio.facts)[0]
        return not series.is_late and found is not None

    studio.inbox.wait(there, 120)
    first, second = seriating.series_of(session.state, studio.facts).steps
    checked = validating.checked(session.state, studio.facts)[0]
    assert (checked.layer, checked.sample) == ("conv2", 2)
    assert checked.validation.error < 1e-5
    network, facts = studio.facts.network, studio.facts
    runner = Runner(network.path)
    try:
        inputs = [facts.preprocessing(facts.data.image(at)) for at in (2, 5, 7)]
        explainer = Explainer(network, runner)
        layers = list(first.values.maps)
        found = [weight_gradients(explainer, each, "logit:3", layers) for each in inputs]
    finally:
        runner.close()
    for layer in layers:
        one, two, three = (each[layer][0] for each in found)
        assert first.values.maps[layer].shape == weights_of(network, layer).shape
        np.testing.assert_allclose(first.values.maps[layer], one, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(
            second.values.maps[layer], (two + three) / 2, rtol=1e-4, atol=1e-6
        )
    assert studio.failures == []
