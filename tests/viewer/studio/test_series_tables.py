"""A series and its check as CSV files."""

import csv

import numpy as np
import pytest

from engine.errors import InputError
from engine.gradient.differences import Validation
from engine.tasks import Task
from tests.viewer.views.test_series import answered, facts_of, state_of, values_of
from viewer.studio import seriating
from viewer.studio.series_tables import NOT_COMPUTED, write_check, write_series
from viewer.studio.validating import Checked


def lines_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_layer_of_every_step_is_a_line(tmp_path):
    state = state_of(difference="reference")
    facts = answered(state, facts_of(), only=(0, 1))
    series, path = seriating.series_of(state, facts), tmp_path / "series.csv"
    assert write_series(path, series, facts, Task()) == 2 * 3 + 1
    lines = lines_of(path)
    assert [line["step"] for line in lines] == ["1"] * 3 + ["2"] * 3 + ["3"]
    second = lines[3]
    apart = values_of(1).maps["conv1"] - values_of(0).maps["conv1"]
    assert second["layer"] == "conv1" and second["less"] == "another step"
    assert float(second["l2"]) == pytest.approx(np.linalg.norm(apart), rel=1e-6)
    assert float(second["l1"]) == pytest.approx(np.abs(apart).sum(), rel=1e-6)
    assert float(second["largest"]) == pytest.approx(np.abs(apart).max(), rel=1e-6)
    assert (second["label"], second["predicted"], second["samples"]) == ("1", "2", "4")
    assert lines[-1]["samples"] == "5 7" and lines[-1]["missing"] == NOT_COMPUTED


def test_every_checked_weight_is_a_line(tmp_path):
    numbers = np.array([0.5, -0.25])
    validation = Validation(
        places=np.array([5, 100]), computed=numbers, differences=numbers, left=numbers,
        right=numbers * 2, kinks=np.array([False, True]), steps=np.full(2, 1e-6), step=1e-6,
        error=0.0, floor="", score=1.0,
    )  # fmt: skip
    checked, path = Checked(validation, "conv1", (4, 3, 3, 3), 2, "fox"), tmp_path / "check.csv"
    assert write_check(path, checked, Task()) == 2
    second = lines_of(path)[1]
    place = int(second["filter"]) * 27 + int(second["input"]) * 9 + int(second["kernel"])
    assert place == 100 and second["kink"] == "yes" and second["right"] == "-0.5"
    assert (second["row"], second["column"]) == ("0", "1")


def test_nothing_is_written_where_there_is_nothing(tmp_path):
    for write, what in ((write_check, (None,)), (write_series, (None, facts_of()))):
        with pytest.raises(InputError):
            write(tmp_path / "empty.csv", *what, Task())
    assert list(tmp_path.iterdir()) == []
