"""The selection: regions, set operations, commands, and its hash."""

import numpy as np
import pytest

from engine.errors import InputError
from viewer.session.session import Session
from viewer.state.selection import mask, selection_hash

LABELS = np.array([0, 1, 2, 0, 1, 2, -1], np.int32)


@pytest.fixture
def session():
    return Session(clock=lambda: 0.0)


def chosen(session):
    return np.flatnonzero(mask(session.state.selection, len(LABELS), LABELS)).tolist()


def brush(session, mode, kind, *items):
    session.do("select.brush", mode=mode, region={"kind": kind, "items": list(items)})


def test_modes_are_the_operations_of_sets(session):
    brush(session, "replace", "class", 0, 1)
    assert chosen(session) == [0, 1, 3, 4]
    brush(session, "subtract", "samples", 3, 99)
    assert chosen(session) == [0, 1, 4]
    brush(session, "add", "class", 2)
    assert chosen(session) == [0, 1, 2, 4, 5]
    brush(session, "intersect", "samples", 5, 4, 6)
    assert chosen(session) == [4, 5]
    brush(session, "replace", "all")
    assert chosen(session) == list(range(7))


def test_clear_and_undo(session):
    brush(session, "replace", "class", 1)
    session.do("select.clear")
    assert not session.state.selection and chosen(session) == []
    session.do("undo")
    assert chosen(session) == [1, 4]


def test_without_labels_no_class_has_samples(session):
    brush(session, "replace", "class", 0)
    assert not mask(session.state.selection, 5).any()


def test_the_hash_follows_the_selection(session):
    empty = selection_hash(session.state.selection)
    brush(session, "replace", "samples", 2, 1)
    one = selection_hash(session.state.selection)
    brush(session, "replace", "samples", 1, 2, 2)
    assert empty != one == selection_hash(session.state.selection)


@pytest.mark.parametrize(
    "region",
    [3, {}, {"kind": "hexagon"}, {"kind": "samples", "items": [-1]}, {"kind": "all", "items": [1]}],
)
def test_what_is_no_region_is_said(session, region):
    with pytest.raises(InputError):
        session.do("select.brush", mode="add", region=region)
