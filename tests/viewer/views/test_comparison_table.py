"""The comparison as a CSV file: a line a cell, with its check, or why there is nothing."""

import csv

import numpy as np
import pytest

from engine.attribution.result import Check
from engine.errors import InputError
from engine.tasks import Task
from tests.viewer.studio.test_comparing import facts_of, seen_state
from viewer.studio import comparing
from viewer.studio.attributing import Explained
from viewer.studio.comparison_table import FIELDS, NOT_COMPUTED, write_comparison
from viewer.studio.questions import Found
from viewer.views.comparison.build import table_of
from viewer.views.comparison.resolve import resolve

HEAT = np.ones((8, 8), np.float32)


def lines_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_cell_is_a_line_with_its_numbers(tmp_path):
    state = seen_state(methods=("gradient", "lrp:flat"))
    facts = facts_of()
    asked = comparing.questions(state, facts)
    check = Check.of("conservation", 0.5, 1.0)
    first = Explained(0, "gradient", HEAT, 1.0, score=2.5, seconds=3.0)
    second = Explained(
        0, "lrp", HEAT, 0.25, check=check, absorbed=0.125, score=2.5, settings={"rule": "flat"}
    )
    answers = {asked[0].key: Found(first), asked[1].key: Found(second)}
    answers[asked[2].key] = Found(failure="no gradient passes, so nothing")
    wish = resolve(state, facts.but(explanations=answers))
    path = tmp_path / "grid.csv"
    assert write_comparison(path, table_of(wish), Task()) == 2 * comparing.NEIGHBOURS
    lines = lines_of(path)
    assert len(lines) == 2 * comparing.NEIGHBOURS and tuple(lines[0]) == FIELDS
    assert not any("second" in name for name in FIELDS)
    assert [line["method"] for line in lines[:3]] == ["gradient", "lrp:flat", "gradient"]
    assert lines[0]["sample"] == "0" and lines[0]["target"] == "logit:0"
    assert (lines[0]["score"], lines[0]["check"], lines[0]["missing"]) == ("2.5", "", "")
    assert lines[1]["settings"] == "rule=flat" and lines[1]["check"] == "conservation"
    assert float(lines[1]["off_by"]) == pytest.approx(check.value)
    assert (lines[1]["holds"], lines[1]["absorbed"]) == ("no", "0.125")
    assert lines[2]["missing"] == "no gradient passes, so nothing" and lines[2]["sample"] == "1"
    assert lines[3]["missing"] == NOT_COMPUTED and lines[3]["score"] == ""


def test_rows_of_layers_name_layer_and_channel(tmp_path):
    state = seen_state(rows="layers", methods=("gradient",))
    wish = resolve(state, facts_of())
    path = tmp_path / "grid.csv"
    write_comparison(path, table_of(wish), Task())
    lines = lines_of(path)
    assert [line["layer"] for line in lines] == [row.layer for row in wish.rows]
    assert [int(line["channel"]) for line in lines] == [row.channel for row in wish.rows]
    assert all(line["target"] == f"{line['layer']}:{line['channel']}" for line in lines)


def test_nothing_is_written_where_there_is_nothing(tmp_path):
    with pytest.raises(InputError, match="nothing to compare"):
        write_comparison(tmp_path / "grid.csv", [], Task())
    assert not list(tmp_path.iterdir())
