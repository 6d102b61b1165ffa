"""The builder: the last wish of each slot, slots apart for a second stage, failures told."""

import threading

import pytest

from viewer.studio.building import Builder
from viewer.studio.inbox import Inbox


@pytest.fixture
def made():
    inbox, failures = Inbox(), []
    builder = Builder(inbox, lambda title, error: failures.append(error))
    yield builder, inbox, failures
    builder.close()


def test_a_wish_that_is_not_begun_gives_way_to_a_newer_one(made):
    builder, inbox, _ = made
    gate, answers = threading.Event(), []
    builder.ask("other", gate.wait, lambda _: None)
    for number in range(3):
        builder.ask("slot", lambda number=number: number, answers.append)
    gate.set()
    inbox.wait(lambda: answers)
    assert answers == [2]


def test_a_second_stage_takes_nothing_from_the_first(made):
    builder, inbox, _ = made
    gate, answers = threading.Event(), []
    builder.ask("other", gate.wait, lambda _: None)
    builder.ask("slot", lambda: "window", answers.append)
    builder.apart("picture").ask("slot", lambda: "picture", answers.append)
    builder.apart("picture").forget("slot")
    gate.set()
    inbox.wait(lambda: answers)
    assert answers == ["window"]


def test_what_fails_is_told(made):
    builder, inbox, failures = made
    builder.ask("slot", lambda: 1 / 0, lambda _: None)
    inbox.wait(lambda: failures)
    assert isinstance(failures[0], ZeroDivisionError)
