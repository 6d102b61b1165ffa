"""Orders asked for by the state: of which layers, of what; answered together, said in words."""

import threading

import numpy as np
import pytest

from engine.errors import InputError
from tests.pretend_engine import PretendEngine
from tests.viewer.given_orders import answered, order
from tests.viewer.views.made_points import points_of
from tests.viewer.views.test_maps_view import ready
from viewer.session.session import Session
from viewer.studio import bases, cache, ordering
from viewer.studio.answering import TogetherKeeper
from viewer.studio.facts import ExtractionFacts, Facts, StudySummary
from viewer.studio.means import MeanMaps
from viewer.studio.questions import Found, Question
from viewer.studio.studio import Studio

DONE = {
    "extraction": ExtractionFacts("done"),
    "study_path": "a.study",
    "summary": StudySummary(samples=12),
}

FULL_DISK = MeanMaps("k", failure="The disk is full.", running=False)


@pytest.fixture
def session():
    found = Session(clock=lambda: 0.0)
    found.do("focus.layer", layer="conv1")
    return found


def asked(session, facts):
    """(layer, compared) of every question about an order."""
    return [(q.key[4], q.key[7]) for q in ordering.questions(session.state, facts)]


# what is asked


def test_nothing_is_asked_while_everything_is_as_in_the_file(session):
    facts = ready()
    assert ordering.questions(session.state, facts) == ()
    assert ordering.orders_of(session.state, facts) is ordering.NO_ORDERS
    assert not ordering.waits(session.state, facts, "conv1")
    assert ordering.badge(session.state, facts, "conv1") == ""
    assert ordering.summary(session.state, facts) == "channels in file order"


def test_layers_in_sight_are_asked_the_active_one_first_and_compared_last(session):
    facts = ready()
    session.do("focus.layer", layer="fc")
    session.do("orders.choose", method="pca", basis="sample")
    names = [layer.name for layer in facts.network.layers]
    rest = [name for name in names if name != "fc"]
    assert asked(session, facts) == [(name, False) for name in ("fc", *rest)] + [("fc", True)]
    session.do("window.only", pane="matrix")
    assert asked(session, facts) == [("fc", False), ("fc", True)]
    session.do("window.only", pane="stack")
    session.do("stack.hide", layer="conv1")
    assert ("conv1", False) not in asked(session, facts)


def test_an_order_is_asked_anew_when_what_it_is_made_of_is_another(session):
    facts = ready()
    keys = set()
    for args in (
        {"method": "pca", "basis": "sample"},
        {"method": "leaf"},
        {"method": "kmeans"},
        {"method": "kmeans", "clusters": 3},
        {"method": "mean"},
        {"method": "mean", "basis": "weights"},
        {"method": "pca"},
    ):
        session.do("orders.choose", **args)
        keys.add(ordering.question_of(session.state, facts, "conv1").key)
    assert len(keys) == 7
    clusters = ordering.question_of(session.state, facts, "conv1").key
    session.do("orders.choose", method="pca", clusters=9)  # which says nothing for PCA
    assert ordering.question_of(session.state, facts, "conv1").key == clusters
    session.do("camera.fit")
    assert ordering.question_of(session.state, facts, "conv1").key == clusters
    session.do("focus.sample", sample=3)
    session.do("orders.choose", method="pca", basis="sample")
    assert ordering.question_of(session.state, facts, "conv1").waits  # that sample is not run yet


@pytest.mark.parametrize(
    ("basis", "facts", "said", "waits"),
    [
        ("samples", {}, "No study yet", False),
        ("correlation", {}, "No study yet", False),
        ("samples", {"extraction": ExtractionFacts("running")}, "No sample is in the study", True),
        ("weights", {"recording": object()}, "network of this study is not at hand", False),
        ("selection", {"means": FULL_DISK}, "disk is full", False),
    ],
)
def test_where_a_basis_is_missing_it_is_said_and_the_files_order_stands(
    session, basis, facts, said, waits
):
    facts = ready(**facts)
    session.do("orders.choose", method="pca", basis=basis)
    state = session.state
    assert said in ordering.failure(state, facts, "conv1")
    assert said in ordering.badge(state, facts, "conv1")
    assert ordering.badge(state, facts, "conv1").startswith("file order: ")
    assert ordering.order_of(state, facts, "conv1") is None
    assert ordering.waits(state, facts, "conv1") is waits
    assert ordering.orders_of(state, facts).by_layer == {}


def test_a_mean_that_is_being_made_is_waited_for(session):
    session.do("orders.choose", method="pca", basis="selection")
    for means in (None, MeanMaps("k", {"conv1": np.ones((4, 8, 8))}, {"conv1": 5}, 12, True)):
        assert ordering.waits(session.state, ready(means=means), "conv1")
    done = MeanMaps("k", {"conv1": np.ones((4, 8, 8))}, {"conv1": 12}, 12, False)
    assert ("conv1", False) in asked(session, ready(means=done))


def test_a_study_that_grows_gives_correlations_of_the_points_that_are_there(session):
    grows = {**DONE, "extraction": ExtractionFacts("running")}
    session.do("orders.choose", method="leaf", basis="correlation")
    assert ordering.waits(session.state, ready(**grows), "conv1")
    points = points_of(np.random.default_rng(1).normal(0, 1, (4, 20)))
    found = ordering.question_of(session.state, ready(**grows, points={"conv1": points}), "conv1")
    assert isinstance(found, Question) and points.key in found.key
    session.do("orders.choose", method="leaf", basis="samples")
    assert "not complete" in ordering.failure(session.state, ready(**grows), "conv1")


def test_class_separation_is_of_the_points_whatever_the_basis_and_of_the_classes(session):
    session.do("orders.choose", method="separation", basis="weights")
    facts = ready(**DONE)
    one = ordering.question_of(session.state, facts, "conv1").key
    assert "correlation" in one
    other = facts.but(labels=facts.labels[::-1].copy())
    assert ordering.question_of(session.state, other, "conv1").key != one


def test_layers_that_there_are_not_ask_nothing(session):
    session.do("orders.choose", method="pca", basis="sample")
    session.do("focus.layer", layer="absent")
    facts = ready()
    assert "absent" not in [layer for layer, _ in asked(session, facts)]
    assert ordering.questions(session.state, Facts()) == ()


# what is in force


def test_an_answer_is_in_force_the_same_object_until_something_changes(session):
    session.do("orders.choose", method="pca", basis="sample")
    facts = ready()
    assert ordering.waits(session.state, facts, "conv1")
    facts = answered(session.state, facts, "conv1", [2, 0, 3, 1], quality=0.821)
    found = ordering.order_of(session.state, facts, "conv1")
    assert list(found.channels) == [2, 0, 3, 1]
    session.do("camera.fit")
    assert ordering.order_of(session.state, facts, "conv1") is found
    assert ordering.badge(session.state, facts, "conv1") == "PCA 0.82 of random"
    assert ordering.beside(session.state, facts, "conv1") == ", PCA"
    assert ordering.beside(session.state, facts, "fc") == ""
    assert ordering.compares(session.state, facts)
    changes = {"quality": 0.821, "quality_of_best": 1.6, "best": "path"}
    facts = answered(session.state, facts, "conv1", [2, 0, 3, 1], compared=True, **changes)
    assert not ordering.compares(session.state, facts)
    said = "PCA 0.82 of random, 1.6 × the best (shortest path)"
    assert ordering.badge(session.state, facts, "conv1") == said
    assert ordering.order_of(session.state, facts, "conv1") is found


def test_former_orders_stand_until_the_next_ones_are_there(session):
    session.do("orders.choose", method="pca", basis="sample")
    facts = answered(session.state, ready(), "conv1", [2, 0, 3, 1])
    first = ordering.orders_of(session.state, facts)
    session.do("orders.choose", method="leaf")
    second = ordering.orders_of(session.state, facts)
    assert second.by_layer == {} and "conv1" in second.late
    assert second.after(first).by_layer == first.by_layer
    assert second.after(first).same_as(first) and not second.same_as(first)
    session.do("orders.reset")
    assert ordering.orders_of(session.state, facts).after(first).by_layer == {}


def test_a_failure_is_said_and_not_waited_for(session):
    session.do("orders.choose", method="pca", basis="weights")
    facts = ready()
    key = ordering.question_of(session.state, facts, "conv1").key
    facts = facts.but(channel_orders={key: Found(failure="conv1 has no weights.")})
    assert not ordering.waits(session.state, facts, "conv1")
    said = ordering.badge(session.state, facts, "conv1")
    assert said == "file order: conv1 has no weights"
    seen = len(ordering.seen_layers(session.state, facts))
    words = ordering.summary(session.state, facts)
    assert words == f"channels by PCA (weights), 1 of {seen} layers as in the file"
    session.do("focus.layer", layer="fc")  # the reason stands at the active layer only
    assert "conv1" not in ordering.badges(session.state, facts)
    session.do("window.only", pane="matrix")
    session.do("focus.layer", layer="conv1")
    assert ordering.summary(session.state, facts) == "channels in file order"


def test_named_orders_fit_layers_of_as_many_channels_only(session):
    facts = ready()
    mine = {"layer": "conv1", "channels": [3, 2, 1, 0], "words": "PCA of 4 maps"}
    session.do("orders.apply", name="mine", order=mine)
    found = ordering.order_of(session.state, facts, "conv1")
    assert list(found.channels) == [3, 2, 1, 0]
    assert ordering.order_of(session.state, facts, "conv1") is found
    assert ordering.badge(session.state, facts, "conv1") == "order “mine”"
    assert ordering.summary(session.state, facts) == (
        "channels in file order, 1 layer in its own order"
    )
    session.do("orders.apply", name="odd", order={"layer": "conv1", "channels": [1, 0]})
    assert "2 channels" in ordering.badge(session.state, facts, "conv1")
    assert ordering.order_of(session.state, facts, "conv1") is None


def test_the_quality_in_words():
    nothing = order([1, 0], quality=float("nan"))
    assert ordering.quality_words(nothing) == ordering.quality_words(None) == ""
    best = order([1, 0], "path", quality=0.5, quality_of_best=1.0, best="path")
    assert ordering.quality_words(best, best) == "0.50 of random, the best"


# how it is made


class Task:
    def check(self):
        pass

    def report(self, *_):
        pass


class Tools:
    """Studies that are lists of values."""

    def __init__(self, network=None):
        from collections import OrderedDict

        self.kept, self.network, self.reads = OrderedDict(), network, 0


def test_like_channels_of_the_sample_come_side_by_side(session):
    rng, facts = np.random.default_rng(5), ready()
    one, other = rng.random((2, 8, 8), dtype=np.float32)
    maps = np.stack([one, other, one + 0.01, other + 0.01])
    facts.answer.maps["conv1"] = maps
    session.do("orders.choose", method="path", basis="sample")
    question = ordering.question_of(session.state, facts, "conv1")
    found = question.find(Tools(), Task())
    places = list(found.channels)
    assert (
        abs(places.index(0) - places.index(2)) == 1 and abs(places.index(1) - places.index(3)) == 1
    )
    assert "sample 1" in found.words


@pytest.mark.parametrize("method", ["mean", "maximum", "variance"])
def test_statistics_put_the_largest_first_and_are_called_so(session, method):
    facts = ready()
    values = facts.answer.maps["conv1"]
    session.do("orders.choose", method=method, basis="sample")
    found = ordering.question_of(session.state, facts, "conv1").find(Tools(), Task())
    numbers = {"mean": values.mean((1, 2)), "maximum": values.max((1, 2)),
               "variance": values.var((1, 2))}[method]  # fmt: skip
    expected = [channel for channel in np.argsort(-numbers, kind="stable") if channel != 2]
    assert list(found.channels) == [*expected, 2]  # the dead channel comes last
    assert found.method == method


def test_points_give_variance_and_separation_of_classes(session):
    rng, facts = np.random.default_rng(7), ready()
    classes = facts.labels
    values = rng.normal(0, [[1.0], [9.0], [0.1], [2.0]], (4, len(classes)))
    values[2] += 5 * classes
    points = points_of(values)
    grows = {**DONE, "extraction": ExtractionFacts("running")}
    facts = facts.but(**grows, points={"conv1": points})
    session.do("orders.choose", method="variance", basis="correlation")
    found = ordering.question_of(session.state, facts, "conv1").find(Tools(), Task())
    assert list(found.channels) == list(np.argsort(-values.var(1)))
    session.do("orders.choose", method="separation")
    found = ordering.question_of(session.state, facts, "conv1").find(Tools(), Task())
    assert found.channels[0] == 2 and found.method == "separation"
    lost = facts.but(labels=None, summary=StudySummary(samples=12))
    with pytest.raises(InputError, match="labels of two classes"):
        ordering.question_of(session.state, lost, "conv1").find(Tools(), Task())


def test_a_likeness_is_made_once_for_several_orders(session, monkeypatch):
    from engine.analysis import orders

    made, real, tools, facts = [], orders.likeness_of, Tools(), ready()
    monkeypatch.setattr(
        orders, "likeness_of", lambda values, words: made.append(1) or real(values, words)
    )
    for method in ("pca", "leaf", "mean"):
        session.do("orders.choose", method=method, basis="sample")
        ordering.question_of(session.state, facts, "conv1").find(tools, Task())
    assert made == [1]
    monkeypatch.setattr(bases, "KEPT_BYTES", 0)
    session.do("orders.choose", method="leaf", basis="sample")
    ordering.question_of(session.state, facts, "fc").find(tools, Task())
    assert len(tools.kept) == 1


def test_an_order_leaves_the_program_as_a_table(tmp_path):
    found = order([2, 0, 1], "kmeans", clusters=(0, 2))
    lines = ordering.write_order(tmp_path / "o.csv", "conv1", found, Task())
    assert lines == 3
    text = (tmp_path / "o.csv").read_text().splitlines()
    assert text == ["place,channel,cluster", "0,2,0", "1,0,0", "2,1,1"]
    ordering.write_order(tmp_path / "p.csv", "conv1", order([1, 0]), Task())
    assert (tmp_path / "p.csv").read_text().splitlines()[1] == "0,1,"


# the keeper


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    made = Studio(Session(), PretendEngine(), extracts=False)
    made.failures = []
    made.failed.connect(lambda title, error: made.failures.append(str(error)))
    made.session.do("open", network="net.onnx", data="pictures")
    made.inbox.wait(lambda: made.facts.answer is not None, 20)
    yield made
    made.close()


class Asked:
    """Questions of a test, answered when it lets them."""

    def __init__(self, *names):
        self.names, self.done, self.may = list(names), [], threading.Event()
        self.may.set()

    def questions(self, state, facts):
        return tuple(self.question(name) for name in self.names)

    def question(self, name):
        def find(tools, task):
            while not self.may.wait(0.02):
                task.check()
            self.done.append(name)
            if name.startswith("bad"):
                raise InputError("it is bad") if name == "bad" else ValueError("unforeseen")
            return order([1, 0])

        return Question((name,), name, find)


def keep(studio, asking):
    """A keeper of these questions and what it has told."""
    told = {}
    keeper = TogetherKeeper(studio, (asking.questions,), lambda found: told.update(found))
    keeper._changed()
    return keeper, told


def test_questions_are_answered_in_one_job_failures_and_all(studio):
    asking = Asked("a", "bad", "worse bad", "b")
    asking.names[2] = "bad thing"
    keeper, told = keep(studio, asking)
    studio.inbox.wait(lambda: len(told) == 4, 20)
    keeper.close()
    assert asking.done == ["a", "bad", "bad thing", "b"]
    assert told["a",].value is not None and "it is bad" in told["bad",].failure
    assert "unforeseen" in told["bad thing",].failure
    assert studio.failures == ["unforeseen"]


def test_what_is_asked_meanwhile_joins_and_what_is_no_longer_asked_is_left_out(studio):
    asking = Asked("a", "b", "c")
    asking.may.clear()
    keeper, told = keep(studio, asking)
    studio.inbox.wait(lambda: keeper._asked == ("a",), 20)
    asking.names = ["a", "c", "d"]
    keeper._changed()
    asking.may.set()
    studio.inbox.wait(lambda: len(told) == 3, 20)
    keeper.close()
    assert asking.done == ["a", "c", "d"]


def test_the_question_under_way_is_stopped_when_nobody_asks_it(studio):
    asking = Asked("a", "b")
    asking.may.clear()
    keeper, told = keep(studio, asking)
    studio.inbox.wait(lambda: keeper._asked == ("a",), 20)
    asking.names = ["b"]
    keeper._changed()
    studio.inbox.wait(lambda: keeper._asked == ("b",), 20)
    asking.may.set()
    studio.inbox.wait(lambda: told, 20)
    keeper.close()
    assert asking.done == ["b"] and ("a",) not in told


def test_what_a_person_cancels_is_not_begun_again_by_itself(studio):
    asking = Asked("a", "b")
    asking.may.clear()
    keeper, told = keep(studio, asking)
    studio.inbox.wait(lambda: keeper._asked == ("a",), 20)
    keeper._job.cancel_as_person()
    studio.inbox.wait(lambda: len(told) == 2, 20)
    assert all("cancelled" in found.failure for found in told.values())
    asking.names = []
    keeper._changed()
    asking.names = ["a"]
    asking.may.set()
    keeper._changed()
    studio.inbox.wait(lambda: asking.done == ["a"], 20)
    keeper.close()


def test_the_studio_answers_what_the_state_asks(studio):
    studio.session.do("focus.layer", layer="conv1")
    studio.session.do("orders.choose", method="pca", basis="sample")
    state = studio.session.state
    names = ordering.seen_layers(state, studio.facts)
    studio.inbox.wait(
        lambda: not any(ordering.waits(state, studio.facts, name) for name in names), 60
    )
    found = ordering.order_of(state, studio.facts, "conv1")
    assert sorted(found.channels) == list(range(len(found.channels)))
    assert studio.failures == []
