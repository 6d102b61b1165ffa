"""Embedding points kept for the state: of which layers, made again, cancelled, forgotten."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest

from engine.errors import InputError
from tests.pretend_engine import PretendEngine
from tests.pretend_points import points_of
from viewer.session.session import Session
from viewer.state.layout import Layout, pane
from viewer.state.tree import as_json
from viewer.studio import cache
from viewer.studio.embedding import NO_LAYER, Origin, numbered
from viewer.studio.facts import ExtractionFacts, StudySummary
from viewer.studio.studio import Studio


class Engine(PretendEngine):
    """Its studies hold so many samples; points are made of them, one position each."""

    def __init__(self):
        super().__init__()
        self.held, self.made, self.threads = 12, [], set()
        self.gate = threading.Event()
        self.gate.set()
        self.wrong = {}

    def open_study(self, path):
        class Open(SimpleNamespace):
            def __enter__(self):
                return self

            def __exit__(self, *error):
                pass

        return Open(path=path, held=self.held)

    def make_points(self, study, layer, task):
        self.threads.add(threading.current_thread().name)
        for step in range(400):
            task.report(step, 400, layer)
            if self.gate.wait(0.02):
                break
        task.report(400, 400, layer)
        if layer in self.wrong:
            raise self.wrong[layer]
        self.made.append((layer, study.held))
        values = np.random.default_rng(3).normal(size=(study.held, 4, 2))
        return points_of(values, layer)


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    made = Studio(Session(), Engine(), extracts=False)
    made.failures = []
    made.failed.connect(lambda title, error: made.failures.append(str(error)))
    show(made, "matrix")
    made.session.do("open", network="net.onnx", data="pictures")
    made.inbox.wait(lambda: made.facts.answer is not None, 20)
    yield made
    made.engine.gate.set()
    made.close()


def show(studio, name):
    studio.session.do("window.layout", layout=as_json(Layout(pane(name))))


def extracted(studio, phase="done", samples=12):
    studio._set(
        extraction=ExtractionFacts(phase),
        summary=StudySummary(samples=samples, predicted=np.zeros(12, np.int32)),
    )


def focus(studio, layer):
    studio.session.do("focus.layer", layer=layer)


def settled(studio):
    studio.inbox.wait(lambda: not studio.jobs.running, 20)
    return studio.facts.points


def test_the_active_layer_has_points_once_the_study_is_there(studio):
    assert studio.facts.points_words == NO_LAYER
    focus(studio, "conv1")
    assert "No study yet" in studio.facts.points_words and not studio.facts.points
    extracted(studio)
    assert studio.facts.points_words == "Reading the points of conv1."
    assert settled(studio)["conv1"].count == 24
    assert studio.facts.points_words == ""
    assert studio.engine.threads == {"study"}


def test_out_of_sight_nothing_is_read_and_what_was_read_is_remembered(studio):
    extracted(studio)
    show(studio, "stack")
    focus(studio, "conv1")
    assert not studio.jobs.running and not studio.facts.points
    show(studio, "scatter")
    points = settled(studio)["conv1"]
    focus(studio, "conv2")
    assert set(settled(studio)) == {"conv2"}
    focus(studio, "conv1")
    assert studio.facts.points["conv1"] is points
    assert [layer for layer, _ in studio.engine.made] == ["conv1", "conv2"]


def test_columns_from_another_layer_are_needed_too(studio):
    extracted(studio)
    focus(studio, "conv2")
    state = studio.session.state.with_part("matrix", columns_from="conv1")
    studio.session.holder.set(state)
    assert set(settled(studio)) == {"conv1", "conv2"}
    assert studio.engine.made[0][0] == "conv2"


def test_while_the_study_grows_points_are_of_what_is_there_and_made_again_at_the_end(studio):
    focus(studio, "conv1")
    extracted(studio, "running", 0)
    assert "0 of 12 samples" in studio.facts.points_words
    studio.engine.held = 3
    extracted(studio, "running", 3)
    assert "3 of 12 samples so far" in studio.facts.points_words
    first = settled(studio)["conv1"]
    studio.engine.held = 5
    extracted(studio, "running", 5)
    assert settled(studio)["conv1"] is first
    studio.engine.held = 6
    extracted(studio, "running", 6)
    assert studio.facts.points["conv1"] is first
    assert settled(studio)["conv1"].count == 12
    studio.engine.held = 12
    extracted(studio, "done", 6)
    assert settled(studio)["conv1"].count == 24
    assert studio.engine.made == [("conv1", 3), ("conv1", 6), ("conv1", 12)]


def test_cancelled_they_wait_until_somebody_asks(studio):
    extracted(studio)
    studio.engine.gate.clear()
    focus(studio, "conv1")
    studio.jobs.running[0].cancel_as_person()
    assert not settled(studio)
    assert "cancelled" in studio.facts.points_words and studio.can_read_points
    extracted(studio)
    assert not studio.jobs.running
    studio.engine.gate.set()
    studio.read_points()
    assert set(settled(studio)) == {"conv1"} and not studio.can_read_points


def test_a_layer_that_is_left_is_not_read_on(studio):
    extracted(studio)
    studio.engine.gate.clear()
    focus(studio, "conv1")
    focus(studio, "conv2")
    studio.engine.gate.set()
    studio.inbox.wait(lambda: "conv2" in studio.facts.points, 20)
    assert [layer for layer, _ in studio.engine.made] == ["conv2"]


def test_what_cannot_be_made_says_why_and_can_be_asked_for_again(studio):
    extracted(studio)
    studio.engine.wrong["conv1"] = InputError("there is no layer conv1", remedy="extract it")
    focus(studio, "conv1")
    settled(studio)
    assert "extract it" in studio.facts.points_words and studio.failures == []
    studio.engine.wrong["conv2"] = RuntimeError("no")
    focus(studio, "conv2")
    settled(studio)
    assert studio.failures == ["no"]
    studio.engine.wrong.clear()
    focus(studio, "conv1")
    assert set(settled(studio)) == {"conv1"}


def test_the_least_recently_needed_goes_and_what_is_needed_stays(studio):
    keeper = studio._points
    extracted(studio)
    focus(studio, "conv1")
    size = settled(studio)["conv1"].nbytes
    keeper._budget = 2 * size
    for layer in ("conv2", "conv1", "fc"):
        focus(studio, layer)
        settled(studio)
    studio.engine.made.clear()
    focus(studio, "conv1")
    assert studio.facts.points and not studio.engine.made
    focus(studio, "conv2")
    assert settled(studio) and studio.engine.made == [("conv2", 12)]
    keeper._budget = 1
    focus(studio, "fc")
    assert set(settled(studio)) == {"fc"}


def test_another_network_forgets_all(studio):
    extracted(studio)
    focus(studio, "conv1")
    settled(studio)
    studio.session.do("open", network="other.onnx", data="pictures")
    assert studio.facts.points == {}
    studio.inbox.wait(lambda: studio.facts.answer is not None, 20)
    focus(studio, "conv1")
    assert not studio.facts.points and "No study" in studio.facts.points_words


def test_another_preprocessing_is_another_study(studio):
    extracted(studio)
    focus(studio, "conv1")
    settled(studio)
    studio.session.do("preprocess.set", options={"preset": "imagenet"})
    assert studio.facts.points == {} and "No study" in studio.facts.points_words


def test_a_layer_kept_in_full_is_read_where_it_is(studio, tmp_path):
    extracted(studio)
    focus(studio, "conv1")
    settled(studio)
    studio.engine.held = 4
    studio._set(in_full={"conv1": tmp_path / "full.study"})
    assert settled(studio)["conv1"].count == 8


@pytest.mark.parametrize(
    ("had", "now", "again"),
    [
        ((None, False), (None, False), False),
        ((5, True), (None, False), True),
        ((5, True), (9, True), False),
        ((5, True), (10, True), True),
        ((5, True), (5, False), False),
        ((5, True), (6, False), True),
        ((None, False), (5, False), False),
    ],
)
def test_when_points_are_made_again(had, now, again):
    assert Origin("a", *had).is_outdated(Origin("a", *now)) == again
    assert Origin("a", *had).is_outdated(Origin("b", *now))


def test_a_study_opened_by_itself_numbers_its_own_rows():
    points = points_of(np.zeros((3, 1, 2)), index=[2, 5, 9])
    data = SimpleNamespace(index=np.array([2, 5, 9]))
    found = numbered(points, data)
    assert (found.sample == points.row).all()
    assert numbered(points, SimpleNamespace()) is points
    with pytest.raises(InputError):
        numbered(points, SimpleNamespace(index=np.array([2, 5])))


def test_while_points_are_read_others_are_served_by_the_same_thread(studio):
    extracted(studio)
    studio.engine.gate.clear()
    focus(studio, "conv1")
    studio.inbox.wait(lambda: studio.engine.threads, 20)
    found = []
    studio.reader.soon(lambda: threading.current_thread().name, found.append, found.append)
    studio.inbox.wait(lambda: found, 20)
    assert found == ["study"] and not studio.facts.points
    wrong = []
    studio.reader.soon(lambda: 1 // 0, found.append, wrong.append)
    studio.inbox.wait(lambda: wrong, 20)
    assert isinstance(wrong[0], ZeroDivisionError) and len(found) == 1
