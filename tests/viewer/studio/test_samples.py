"""The sample worker runs the last question only, drops the late, and survives failures."""

import threading

import numpy as np
import pytest

from engine.errors import InputError, MachineError
from viewer.studio.inbox import Inbox
from viewer.studio.jobs import Jobs
from viewer.studio.samples import (
    Answer,
    AnswerCache,
    Question,
    SampleWorker,
    Setting,
    expected,
)


class Network:
    path = "some.onnx"


class Pictures:
    """A data set of 20 pictures whose values are their index; number 3 is broken."""

    def __len__(self):
        return 20

    def image(self, index):
        if index == 3:
            raise InputError("the picture is broken", where="3.png")
        return np.full((4, 4), index, np.uint8)


class Preprocessing:
    def as_seen(self, picture):
        return "seen"


class Runner:
    def __init__(self):
        self.closed = False

    def close(self):
        self.closed = True


class Engine:
    """An engine whose runs wait for a gate and are written down."""

    def __init__(self):
        self.gate = threading.Event()
        self.gate.set()
        self.began = threading.Semaphore(0)
        self.ran = []
        self.runners = []

    def runner(self, path):
        self.runners.append(Runner())
        return self.runners[-1]

    def run_sample(self, runner, network, preprocessing, picture, layers=None):
        self.began.release()
        assert self.gate.wait(10)
        self.ran.append(int(picture[0, 0]))
        if picture[0, 0] == 4:
            raise MachineError("the child died")
        return {"conv": np.full((2, 3, 3), picture[0, 0], np.float32)}, np.ones(3, np.float32)


@pytest.fixture
def bench():
    inbox, engine, answers, failures = Inbox(), Engine(), [], []
    worker = SampleWorker(
        inbox, engine, answers.append, lambda title, error: failures.append(error)
    )
    worker.inbox, worker.engine, worker.answers, worker.failures = inbox, engine, answers, failures
    yield worker
    engine.gate.set()
    worker.close()
    assert all(runner.closed for runner in engine.runners)
    assert not [thread for thread in threading.enumerate() if thread.name == "samples"]


def setting(generation=1, network=None):
    return Setting(generation, network or Network(), Pictures(), Preprocessing())


def test_an_answer_has_picture_maps_scores_and_what_was_prepared(bench):
    bench.use(setting())
    bench.ask(2)
    bench.inbox.wait(lambda: bench.answers)
    (answer,) = bench.answers
    assert answer.question == Question(1, 2)
    assert answer.picture[0, 0] == 2
    assert answer.maps["conv"].shape == (2, 3, 3)
    assert answer.seen == "seen"
    assert answer.failure is None


def test_of_many_questions_only_the_last_is_run(bench):
    bench.engine.gate.clear()
    bench.use(setting())
    bench.ask(0)
    assert bench.engine.began.acquire(timeout=10)
    for sample in (1, 2, 5, 6, 7):
        bench.ask(sample)
    bench.engine.gate.set()
    bench.inbox.wait(lambda: len(bench.answers) == 2)
    assert bench.engine.ran[:2] == [0, 7]


def test_an_answer_of_an_older_generation_is_dropped(bench):
    bench.engine.gate.clear()
    network = Network()
    bench.use(setting(1, network))
    bench.ask(0)
    assert bench.engine.began.acquire(timeout=10)
    bench.use(setting(2, network))
    bench.ask(1)
    bench.engine.gate.set()
    bench.inbox.wait(lambda: bench.answers)
    assert [answer.question for answer in bench.answers] == [Question(2, 1)]
    assert len(bench.engine.runners) == 1


def test_stepping_back_is_answered_without_running_again(bench):
    bench.use(setting())
    for sample, count in ((0, 1), (1, 2), (0, 3)):
        bench.ask(sample)
        bench.inbox.wait(lambda count=count: len(bench.answers) == count)
    assert bench.engine.ran == [0, 1]


def test_broken_pictures_and_dead_children_are_told_and_the_next_sample_runs(bench):
    bench.use(setting())
    for sample, count in ((3, 1), (4, 2), (5, 3)):
        bench.ask(sample)
        bench.inbox.wait(lambda count=count: len(bench.answers) == count)
    failures = [answer.failure for answer in bench.answers]
    assert failures == ["3.png: the picture is broken.", "the child died.", None]
    assert bench.failures == []


def test_another_network_gets_another_child_and_none_ends_it(bench):
    bench.use(setting(1))
    bench.ask(0)
    bench.inbox.wait(lambda: bench.answers)
    bench.use(setting(2))
    bench.ask(1)
    bench.inbox.wait(lambda: len(bench.answers) == 2)
    assert [runner.closed for runner in bench.engine.runners] == [True, False]
    bench.use(None)
    bench.inbox.wait(lambda: bench.engine.runners[1].closed)


def test_a_person_who_steps_on_evenly_finds_the_next_samples_ready(bench):
    bench.use(setting())
    for count, sample in enumerate((5, 7, 9), 1):
        bench.ask(sample)
        bench.inbox.wait(lambda count=count: len(bench.answers) == count)
    wanted = [5, 7, 9, 11, 13, 15, 17, 19, 1]
    for _ in wanted:
        assert bench.engine.began.acquire(timeout=10)
    bench.ask(11)
    bench.inbox.wait(lambda: len(bench.answers) == 4)
    assert bench.engine.ran[:9] == wanted
    assert bench.engine.ran.count(11) == 1
    assert bench.failures == []


def test_nothing_is_run_ahead_of_uneven_steps_and_of_large_samples():
    assert expected((1, 2, 4), 20) == []
    assert expected((2, 2, 2), 20) == []
    assert expected((1, 2), 20) == []
    assert expected((4, 3, 2), 4) == [1, 0, 3]
    assert expected((0, 1, 2), 20) == [3, 4, 5, 6, 7, 8]
    assert AnswerCache(limit=100).room_ahead(20) == 2
    assert AnswerCache(limit=100).room_ahead(80) == 0


def test_a_broken_sample_ahead_is_told_only_when_it_is_asked_for(bench):
    bench.use(setting())
    for count, sample in enumerate((0, 1, 2), 1):
        bench.ask(sample)
        bench.inbox.wait(lambda count=count: len(bench.answers) == count)
    for _ in range(6):
        assert bench.engine.began.acquire(timeout=10)
    assert bench.failures == []
    bench.ask(3)
    bench.inbox.wait(lambda: len(bench.answers) == 4)
    assert bench.answers[-1].failure == "3.png: the picture is broken."


def test_patient_work_goes_on_between_questions(bench):
    steps = []

    def patient(give_runner, setting):
        for step in range(3):
            give_runner()
            steps.append(step)
            yield

    bench.use(setting())
    bench.go_on_with(patient)
    bench.ask(1)
    bench.inbox.wait(lambda: bench.answers and len(steps) == 3)
    assert bench.failures == []


def test_the_cache_is_bounded_and_keeps_the_last():
    cache = AnswerCache(limit=100)
    for sample in range(3):
        cache.put(Answer(Question(1, sample), np.zeros(60, np.uint8)))
    assert cache.get(Question(1, 1)) is None
    assert cache.get(Question(1, 2)) is not None
    assert cache.nbytes == 60


def test_jobs_report_finish_fail_and_cancel():
    inbox, failures, results = Inbox(), [], []
    jobs = Jobs(inbox, lambda title, error: failures.append((title, str(error))))

    def work(task):
        task.report(1, 4, "first")
        return "fine"

    job = jobs.start("Working", work, done=results.append)
    inbox.wait(lambda: not jobs.running, 10)
    assert (job.status, results) == ("done", ["fine"])
    assert job.progress.fraction == 0.25

    def fail(task):
        raise InputError("broken", where="a.onnx")

    jobs.start("Failing", fail)
    inbox.wait(lambda: not jobs.running, 10)
    assert failures == [("Failing", "a.onnx: broken.")]

    def endless(task):
        while True:
            task.report(0, None, "round")

    ended = []
    job = jobs.start("Endless", endless, done=results.append, ended=lambda: ended.append(1))
    job.cancel()
    inbox.wait(lambda: not jobs.running, 10)
    assert (job.status, results, ended) == ("cancelled", ["fine"], [1])
    jobs.close()
