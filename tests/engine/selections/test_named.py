"""Named selections of a study: its file, and what Python gets of it."""

import json

import numpy as np
import pytest

import engine
from engine.errors import InputError, MachineError
from engine.selections.describing import Lasso, Region, Saved, Spots
from engine.selections.keeping import FILE, change_selections, read_selections, write_selections
from tests.engine.study.making import BROKEN, SAMPLES, extract

SQUARE = ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))
KEPT = {
    "some": (("replace", Region("samples", (2, 5, BROKEN, 20))),),
    "middle": (("replace", Lasso("fc", 0, 2, SQUARE)),),
    "both": (
        ("replace", Saved((("replace", Lasso("conv1", 0, 2, SQUARE)),))),
        ("intersect", Region("samples", (2, 5, 20))),
    ),
    "spots": (("replace", Spots("conv1", ((5, 3), (20, 60), (20, 62)))),),
}


def test_some_are_changed_and_others_stay(study):
    write_selections(study.path, {"some": KEPT["some"], "spots": KEPT["spots"]})
    change_selections(study.path, {"some": None, "both": KEPT["both"], "none": None})
    assert read_selections(study.path) == {"both": KEPT["both"], "spots": KEPT["spots"]}


@pytest.fixture
def study(tmp_path):
    extract(tmp_path / "made.study")
    return engine.open_study(tmp_path / "made.study")


def row(index):
    return index - (index > BROKEN)


def test_without_a_file_there_are_none(study):
    assert len(study.selections) == 0 and list(study.selections) == []


def test_what_is_written_is_read(study):
    write_selections(study.path, KEPT)
    assert read_selections(study.path) == KEPT
    assert list(study.selections) == sorted(KEPT)
    write_selections(study.path, {"some": KEPT["some"]})
    assert list(study.selections) == ["some"]
    assert not list(study.path.glob("*.tmp"))


def test_samples_are_rows_of_the_study(study):
    write_selections(study.path, KEPT)
    some = study.selections["some"]
    assert some.samples.shape == (SAMPLES - 1,) and some.points == {}
    assert np.flatnonzero(some.samples).tolist() == [row(2), row(5), row(20)]
    assert "3 samples" in repr(some) and "some" in repr(study.selections)


def test_a_lasso_has_the_points_that_lie_in_it(study):
    write_selections(study.path, KEPT)
    found = study.selections["middle"]
    values = np.asarray(study.activations("fc")[...], np.float64)
    x, y = values[:, 0], values[:, 2]
    inside = (x > -0.5) & (x < 0.5) & (y > -0.5) & (y < 0.5)
    assert 0 < inside.sum() < len(inside)
    assert (found.samples == inside).all()
    assert found.points["fc"].tolist() == [[each, 0] for each in np.flatnonzero(inside)]


def test_points_are_rows_and_places(study):
    write_selections(study.path, KEPT)
    found = study.selections["spots"]
    assert found.points["conv1"].tolist() == [[row(5), 3], [row(20), 60], [row(20), 62]]
    assert np.flatnonzero(found.samples).tolist() == [row(5), row(20)]
    both = study.selections["both"].points["conv1"]
    assert set(both[:, 0]) <= {row(2), row(5), row(20)}
    values = np.asarray(study.activations("conv1")[...], np.float64).reshape(SAMPLES - 1, 5, -1)
    for at in both:
        assert np.abs(values[at[0], [0, 2], at[1]]).max() <= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        json.dumps({"format": "lamella-selections", "version": 2, "selections": {}}),
        json.dumps({"format": "lamella-selections", "version": 1}),
        json.dumps(
            {"format": "lamella-selections", "version": 1, "selections": {"a": [["x", {}]]}}
        ),
    ],
)
def test_what_is_damaged_or_newer_is_said(study, text):
    (study.path / FILE).write_text(text)
    with pytest.raises(InputError):
        read_selections(study.path)


def test_where_nothing_can_be_written_it_is_said(tmp_path):
    with pytest.raises(MachineError):
        write_selections(tmp_path / "no" / "folder", KEPT)
