"""Questions of the views are answered one at a time, remembered in bytes, cancelled when vain."""

import threading

import pytest

from engine.errors import InputError, MachineError
from tests.pretend_explainer import CountedRunner, ExplainingEngine
from viewer.session.session import Session
from viewer.studio import cache, questions
from viewer.studio.questions import AnswerKeeper, Question, key_of
from viewer.studio.studio import Studio


@pytest.fixture
def studio(tmp_path, monkeypatch):
    """A studio of a pretended engine, its focused sample run and nothing asked."""
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    living, threads = CountedRunner.living, set(threading.enumerate())
    made = Studio(Session(), ExplainingEngine(), extracts=False)
    made.failures = []
    made.failed.connect(lambda title, error: made.failures.append(str(error)))
    made.session.do("open", network="net.onnx", data="pictures")
    made.inbox.wait(lambda: made.facts.answer is not None, 20)
    yield made
    made.engine.may_answer.set()
    made.close()
    assert CountedRunner.living == living
    left = set(threading.enumerate()) - threads
    assert not [each for each in left if not isinstance(each, threading.Timer)]


def found(studio):
    """The one answer there is, once it is there."""
    studio.inbox.wait(lambda: studio.facts.explanations, 20)
    (answer,) = studio.facts.explanations.values()
    return answer


def asked_methods(studio):
    return [method for method, *_ in studio.engine.explained]


def test_nothing_is_asked_before_it_is_shown_and_each_question_once(studio):
    studio.session.do("attribution.method", method="lrp")
    assert studio.engine.explained == []
    studio.session.do("attribution.show", shown=True)
    answer = found(studio)
    assert answer.value.heat.shape == (8, 8)
    assert studio.engine.explained == [("lrp", "logit:0", (), {"rule": "epsilon-plus"})]
    for shown in (False, True):
        studio.session.do("attribution.show", shown=shown)
    studio.inbox.pump()
    assert len(studio.engine.explained) == 1


def test_what_is_no_longer_asked_is_cancelled_and_the_next_answered(studio):
    studio.engine.may_answer.clear()
    studio.session.do("attribution.show", shown=True)
    studio.inbox.wait(lambda: studio.engine.explained, 20)
    studio.session.do("attribution.method", method="lrp")
    studio.inbox.wait(lambda: asked_methods(studio) == ["gradient", "lrp"], 20)
    studio.engine.may_answer.set()
    assert found(studio).value.method == "lrp"
    assert studio.failures == []


def test_what_a_person_cancelled_is_begun_again_only_when_it_is_asked_anew(studio):
    studio.engine.may_answer.clear()
    studio.session.do("attribution.show", shown=True)
    studio.inbox.wait(lambda: studio.engine.explained and studio.jobs._jobs, 20)
    (job,) = studio.jobs._jobs.values()
    job.cancel_as_person()
    assert found(studio).failure == questions.CANCELLED
    studio.session.do("attribution.opacity", opacity=0.3)
    studio.inbox.pump()
    assert asked_methods(studio) == ["gradient"]
    studio.engine.may_answer.set()
    studio.session.do("attribution.show", shown=False)
    studio.session.do("attribution.show", shown=True)
    studio.inbox.wait(lambda: asked_methods(studio) == ["gradient"] * 2, 20)
    studio.inbox.wait(lambda: [e for e in studio.facts.explanations.values() if e.value], 20)


def test_foreseen_failures_are_sentences_others_are_told_as_well(studio):
    studio.engine.explanation_fault = InputError("no gradient passes", where="node")
    studio.session.do("attribution.show", shown=True)
    assert found(studio).failure == "node: no gradient passes."
    assert studio.failures == []
    studio.engine.explanation_fault = ZeroDivisionError("odd")
    studio.session.do("attribution.method", method="lrp")
    studio.inbox.wait(lambda: len(studio.facts.explanations) == 2, 20)
    assert "ZeroDivisionError" in list(studio.facts.explanations.values())[1].failure
    assert studio.failures == ["odd"]


def test_a_dead_child_is_replaced_when_it_is_asked_again(studio):
    studio.engine.explanation_fault = MachineError("the child died")
    studio.session.do("attribution.show", shown=True)
    assert "the child died" in found(studio).failure
    studio._answering[0]._tools._runner.close()
    studio.engine.explanation_fault = None
    studio.session.do("attribution.show", shown=False)
    studio.session.do("attribution.show", shown=True)
    studio.inbox.wait(lambda: [e for e in studio.facts.explanations.values() if e.value], 20)


def test_another_network_has_tools_of_its_own_and_the_old_child_ends(studio):
    before = CountedRunner.living
    studio.session.do("attribution.show", shown=True)
    found(studio)
    assert CountedRunner.living == before + 1
    studio.session.do("attribution.show", shown=False)
    studio.session.do("open", network="other.onnx", data="pictures")
    studio.inbox.wait(lambda: studio.facts.answer is not None and not studio.jobs._jobs, 20)
    assert CountedRunner.living == before


class Values:
    def __init__(self, nbytes):
        self.nbytes = nbytes


def test_answers_are_bounded_in_bytes_and_what_is_asked_stays(studio, monkeypatch):
    monkeypatch.setattr(questions, "CACHE_BYTES", 100_000)
    wanted, told, begun = [], [], []

    def ask(state, facts):
        def find(name):
            begun.append(name)
            return Values(60_000)

        return [
            Question(key_of(facts, name), name, lambda tools, task, name=name: find(name))
            for name in wanted
        ]

    keeper = AnswerKeeper(studio, (ask,), told.append)

    def names():
        return [key[0] for key in told[-1]] if told else []

    for wish in (["a"], ["b"], ["c", "d"]):
        wanted[:] = wish
        keeper._changed()
        studio.inbox.wait(lambda: not studio.jobs._jobs and set(wanted) <= set(names()), 20)
    assert names() == ["c", "d"]
    keeper._changed()
    assert begun == ["a", "b", "c", "d"] and not studio.jobs._jobs
    wanted[:] = ["c"]
    keeper._changed()
    wanted[:] = ["e"]
    keeper._changed()
    studio.inbox.wait(lambda: "e" in names() and not studio.jobs._jobs, 20)
    assert names() == ["e"]
    keeper.close()


def test_keys_hold_everything_an_answer_depends_on(studio):
    from viewer.studio.attributing import questions

    state, facts = studio.session.state, studio.facts
    shown = state.with_part("attribution", shown=True)
    keys = set()
    for settings in (
        {}, {"method": "lrp"}, {"method": "lrp", "rule": "z-plus"}, {"target": "logit:1"},
        {"method": "smoothgrad"}, {"method": "smoothgrad", "seed": 2},
        {"method": "smoothgrad", "steps": 8},
    ):  # fmt: skip
        (question,) = questions(shown.with_part("attribution", **settings), facts)
        keys.add(question.key)
    other = facts.but(preprocessing=studio.engine.with_options(facts.guess, {"scale": 2.0}))
    keys |= {question.key for question in questions(shown, other)}
    assert len(keys) == 8
    for settings in ({"opacity": 0.2}, {"rule": "flat"}, {"seed": 3}, {"steps": 9}):
        (same,) = questions(shown.with_part("attribution", **settings), facts)
        assert same.key in keys
    assert questions(shown.with_part("sample", set="mean"), facts) == ()
    assert questions(shown.with_part("window", only="maps"), facts) == ()
    assert questions(shown.with_part("focus", sample=5), facts) == ()
