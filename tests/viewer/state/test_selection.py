"""The selection: regions, set operations, commands, and its hash."""

import numpy as np
import pytest

from engine.errors import InputError
from engine.selections.describing import DEEPEST
from engine.selections.resolving import Known, resolve
from viewer.session.session import Session
from viewer.state.selection import Selection, inverted, named, selection_hash

LABELS = np.array([0, 1, 2, 0, 1, 2, -1], np.int32)


@pytest.fixture
def session():
    return Session(clock=lambda: 0.0)


def chosen(session):
    known = Known(len(LABELS), LABELS, LABELS[::-1])
    return np.flatnonzero(resolve(session.state.selection.steps, known).samples).tolist()


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
    assert not resolve(session.state.selection.steps, Known(5)).samples.any()


def test_the_hash_follows_the_selection(session):
    empty = selection_hash(session.state.selection)
    brush(session, "replace", "samples", 2, 1)
    one = selection_hash(session.state.selection)
    brush(session, "replace", "samples", 1, 2, 2)
    assert empty != one == selection_hash(session.state.selection)


def test_predicted_classes_and_inverse(session):
    brush(session, "replace", "predicted", 0)
    assert chosen(session) == [3, 6]
    session.do("select.invert")
    assert chosen(session) == [0, 1, 2, 4, 5]
    brush(session, "subtract", "samples", 4)
    session.do("select.invert")
    assert chosen(session) == [3, 4, 6]
    session.do("select.all")
    assert len(chosen(session)) == 7
    session.do("select.invert")
    assert session.state.selection == Selection()
    session.do("select.invert")
    assert len(chosen(session)) == 7


def test_twice_inverted_is_what_it_was(session):
    brush(session, "replace", "class", 1)
    before = session.state.selection
    session.do("select.invert")
    assert inverted(session.state.selection) == before


def test_inside_each_other_selections_have_an_end(session):
    brush(session, "replace", "samples", 1)
    with pytest.raises(InputError):
        for number in range(DEEPEST + 2):
            session.do("select.invert")
            brush(session, "add", "samples", number)
    assert selection_hash(session.state.selection)


def test_named_ones_are_saved_recalled_combined_and_forgotten(session):
    brush(session, "replace", "class", 0)
    session.do("select.save", name=" zeros ")
    brush(session, "replace", "samples", 0, 1, 2)
    session.do("select.recall", name="zeros", mode="intersect")
    assert chosen(session) == [0]
    session.do("select.recall", name="zeros", mode="add")
    assert chosen(session) == [0, 3]
    session.do("select.recall", name="zeros")
    assert session.state.selection.steps == session.state.selections.steps("zeros")
    session.do("select.forget", name="zeros")
    with pytest.raises(InputError):
        session.do("select.recall", name="zeros")
    session.do("undo")
    session.do("select.recall", name="zeros")
    steps = [["replace", {"kind": "samples", "items": [5]}]]
    session.do("select.recall", name="of the study", steps=steps)
    assert chosen(session) == [5]


def test_what_a_session_saved_lies_over_what_the_study_has(session):
    brush(session, "replace", "class", 1)
    session.do("select.save", name="b")
    session.do("select.forget", name="c")
    of_study = {"a": (), "b": (), "c": ()}
    found = named(session.state.selections, of_study)
    assert list(found) == ["a", "b"] and found["b"] == session.state.selection.steps


@pytest.mark.parametrize("name", ["", "  ", 3, None, "x" * 200])
def test_what_is_no_name_is_said(session, name):
    brush(session, "replace", "class", 1)
    with pytest.raises(InputError):
        session.do("select.save", name=name)


def test_nothing_is_not_saved(session):
    with pytest.raises(InputError):
        session.do("select.save", name="nothing")


@pytest.mark.parametrize(
    "region",
    [
        3,
        {},
        {"kind": "hexagon"},
        {"kind": "samples", "items": [-1]},
        {"kind": "all", "items": [1]},
        {"kind": "lasso", "layer": "a", "x": 0, "y": 1},
        {"kind": "lasso", "layer": "a", "x": 0, "y": 1, "polygon": []},
        {"kind": "lasso", "layer": "a", "x": 0, "y": 1, "polygon": [[0, float("nan")]]},
        {"kind": "lasso", "layer": "", "x": 0, "y": 1, "polygon": [[0, 1]]},
        {"kind": "lasso", "layer": "a", "x": 0, "y": -1, "polygon": [[0, 1]]},
        {"kind": "lasso", "layer": "a", "x": 0, "y": 1, "polygon": [[0, 1]], "which": "raw"},
        {"kind": "points", "layer": "a", "points": [[1]]},
        {"kind": "points", "layer": "a", "points": 3},
        {"kind": "saved", "steps": 3},
        {"kind": "saved", "steps": [["replace"]]},
        {"kind": "saved", "steps": [["draw", {"kind": "all"}]]},
    ],
)
def test_what_is_no_region_is_said(session, region):
    with pytest.raises(InputError):
        session.do("select.brush", mode="add", region=region)
