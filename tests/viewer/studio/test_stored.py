"""Stored values of one point: the last one asked for is answered, in the main thread."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from engine.errors import InputError
from tests.pretend_points import points_of
from viewer.studio.facts import ExtractionFacts, Facts
from viewer.studio.stored import StoredValues


class Reader:
    """A study's thread that works when it is told to."""

    def __init__(self):
        self.calls = []

    def soon(self, work, done, failed):
        self.calls.append((work, done, failed))

    def go_on(self):
        work, done, failed = self.calls.pop(0)
        try:
            found = work()
        except InputError as error:
            failed(error)
        else:
            done(found)


class Study(SimpleNamespace):
    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


def made(path="/study", opens=None):
    facts = Facts(study_path=Path(path), extraction=ExtractionFacts("done"))
    engine = SimpleNamespace(open_study=opens or (lambda path: Study(path=path)))
    reader = Reader()
    return StoredValues(SimpleNamespace(facts=facts, engine=engine), reader), reader


def points(answers):
    found = points_of(np.zeros((9, 2, 1)))
    object.__setattr__(found, "stored", lambda study, index: answers(study, index))
    return found


def test_the_last_one_asked_for_is_answered():
    stored, reader = made()
    asked, told = [], []

    def answers(study, index):
        asked.append((str(study.path), *index))
        return np.array([[index[0], 0.5]], np.float32)

    cloud = points(answers)
    for point in (3, 4, 5):
        stored.ask(cloud, point, lambda values, point=point: told.append((point, values[0])))
    assert len(reader.calls) == 1
    reader.go_on()
    assert not told  # another one is asked for by now
    reader.go_on()
    assert told == [(5, 5.0)] and asked == [("/study", 3), ("/study", 5)]
    assert not reader.calls


def test_without_a_study_nothing_is_answered_and_the_next_one_is_asked():
    def gone(path):
        raise InputError("there is no study", where=path)

    stored, reader = made(opens=gone)
    told = []
    cloud = points(lambda study, index: np.zeros((1, 2)))
    stored.ask(cloud, 1, told.append)
    reader.go_on()
    stored.ask(cloud, 2, told.append)
    assert len(reader.calls) == 1 and not told
    stored, reader = made()
    stored._studio.facts = Facts()
    stored.ask(cloud, 1, told.append)
    assert not reader.calls
