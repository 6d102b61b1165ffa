"""A writer killed at any moment: nothing finished is lost, and the study ends up the same."""

import os
import random
import signal
import time
import warnings
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import InputError
from engine.study import layout, parts, sink, writer
from engine.study.layout import is_study, part_paths
from engine.study.reader import open_study
from tests.engine.study import making

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "whole.study"
    making.extract(folder)
    with open_study(folder) as study:
        return making.everything(study)


def forked(work):
    """The pid of a child that does some work and ends at once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it touches no other thread's locks
        child = os.fork()
    if child:
        return child
    try:
        work()
    finally:
        os._exit(0)


def check(folder, expected):
    """What is there is right; what is missing is added; then all is right."""
    finished = 0
    if is_study(folder):
        with open_study(folder) as study:
            finished = len(study)
            rows = np.searchsorted(expected["samples"], study.samples.index)
            for name in ("conv1", "tokens", "fc"):
                got = study.activations(name)
                np.testing.assert_array_equal(got, expected[f"{name}/post/values"][rows])
    before = {p: p.stat().st_mtime_ns for p in part_paths(folder)} if folder.exists() else {}
    assert making.extract(folder) == finished
    assert not list(folder.rglob("*.tmp"))
    assert before.items() <= {p: p.stat().st_mtime_ns for p in part_paths(folder)}.items()
    with open_study(folder) as study:
        making.assert_same(making.everything(study), expected)
    return finished


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_random_moments(tmp_path, expected, seed, monkeypatch):
    monkeypatch.setattr(writer, "LARGE", 20_000)
    folder = tmp_path / "a.study"
    draw = random.Random(seed)

    def work():
        with writer.StudyWriter(folder, making.HEADER) as study:
            making.begin(study)
            for first, stop in making.blocks():
                if not study.is_finished(first, stop):
                    study.add(making.block(first, stop))

    for _ in range(3):
        child = forked(work)
        time.sleep(draw.uniform(0, 0.25))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if is_study(folder):
            with open_study(folder) as study:
                reached = len(study)
    check(folder, expected)
    assert reached <= making.SAMPLES - 1


STEPS = [
    (layout.os, "replace"),
    (layout.os, "fsync"),
    (sink.Sink, "write"),
    (sink.Sink, "sync"),
    (sink.Sink, "truncate"),
    (parts, "sync_folder"),
]


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_every_kind_of_step(tmp_path, expected, after, monkeypatch):
    """Before, and after, the n-th step that reaches the disk, for many n."""
    monkeypatch.setattr(writer, "LARGE", 20_000)

    def work(folder, steps):
        left = [steps]

        def counting(do):
            def step(*arguments, **named):
                left[0] -= 1
                if left[0] < 0 and not after:
                    os.kill(os.getpid(), signal.SIGKILL)
                result = do(*arguments, **named)
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return result

            return step

        for place, name in STEPS:
            setattr(place, name, counting(getattr(place, name)))
        making.extract(folder)

    reached = []
    for n in (0, 1, 3, 60, 128, 150, 250):
        folder = tmp_path / f"{n}.study"
        child = forked(lambda folder=folder, n=n: work(folder, n))
        os.waitpid(child, 0)
        reached.append(check(folder, expected))
    assert reached == sorted(reached) and reached[0] == 0 < reached[-1]


def test_a_killed_writer_in_the_middle_of_a_rewrite(tmp_path, expected):
    folder = tmp_path / "a.study"
    making.extract(folder)
    wanted = replace(making.PLANS[0], dtype="float32")

    def work():
        with writer.StudyWriter(folder, making.HEADER) as study:
            study.want([wanted])
            for count, (first, stop) in enumerate(study.stale(wanted.key)):
                full = making.block(first, stop, (wanted,))
                study.add_values(full)
                study._finish_part()
                if count == 3:
                    os.kill(os.getpid(), signal.SIGKILL)

    os.waitpid(forked(work), 0)
    exact = making.all_values(wanted)
    with open_study(folder) as study:
        np.testing.assert_array_equal(study.activations("conv1")[:19], exact[:19])
        np.testing.assert_array_equal(study.activations("conv1")[19:], exact[19:].astype("f2"))
    with writer.StudyWriter(folder, making.HEADER) as study:
        assert study.stale(wanted.key) == making.blocks()[4:]
        for first, stop in study.stale(wanted.key):
            study.add_values(making.block(first, stop, (wanted,)))
        study.settle()
    with open_study(folder) as study:
        np.testing.assert_array_equal(study.activations("conv1"), exact)
        got = making.everything(study)
    same = {name: array for name, array in expected.items() if name != "conv1/post/values"}
    assert got.pop("conv1/post/values").dtype == np.float32
    making.assert_same(got, same)


def test_two_writers_of_one_study_never_both_write(tmp_path, expected):
    """Several processes start at once; those that are refused say so and do no harm."""
    folder = tmp_path / "a.study"

    def work():
        end = 3
        try:
            making.extract(folder)
            end = 0
        except InputError as error:
            end = 2 if "another process" in str(error) else 4
        finally:
            os._exit(end)

    children = [forked(work) for _ in range(4)]
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert 0 in ends and set(ends) <= {0, 2}
    check(folder, expected)
