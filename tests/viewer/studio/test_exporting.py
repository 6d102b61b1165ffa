"""The selection for elsewhere: tables with stored values, images, lines of Python."""

import csv
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from engine.embedding import across
from engine.errors import Cancelled, InputError
from engine.selections.describing import Lasso, Projected, Region, Saved, Spots
from engine.tasks import Task
from tests.pretend_engine import Data
from tests.pretend_points import points_of
from viewer.state.selection import Selection
from viewer.studio.exporting import python_of, write_images, write_table
from viewer.studio.facts import Facts, StudySummary
from viewer.studio.selecting import known_of, selected_by

VALUES = {
    "deep": np.random.default_rng(1).normal(size=(12, 3, 4)),
    "early": np.random.default_rng(2).normal(size=(12, 2, 6)),
    "flat": np.random.default_rng(3).normal(size=(12, 5, 1)),
}
POSITIONS = {"deep": (2, 2), "early": (2, 3), "flat": ()}


def made(layer):
    """Points whose stored values are those they were made of."""
    points = points_of(VALUES[layer], layer, positions=POSITIONS[layer])
    object.__setattr__(points, "stored", lambda study, index: stored(points, index))
    return points


def stored(points, index):
    values = VALUES[points.columns.layer]
    return values[points.row[index], :, points.place[index]].astype(np.float32)


class Engine:
    """Opens studies that nobody looks into."""

    def open_study(self, path):
        return nullcontext()


READER = SimpleNamespace(read=lambda work: work())


def facts_with(*steps, data=None, **more):
    data = data or Data()
    network = SimpleNamespace(layers=[SimpleNamespace(name=n) for n in ("early", "deep", "flat")])
    facts = Facts(
        phase="ready",
        network=network,
        data=data,
        labels=np.arange(len(data)) % 3,
        class_names=("cat", "dog", "fox"),
        summary=StudySummary(predicted=np.array([0, 1, 1, 0, 1, 2, -1])),
        points={layer: made(layer) for layer in VALUES},
        study_path="some.study",
        **more,
    )
    return facts.but(selected=selected_by(Selection(steps), known_of(facts)))


def table_of(tmp_path, facts, *steps):
    path = tmp_path / "out.csv"
    lines = write_table(path, steps, facts, READER, Engine(), Task())
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == lines + 1 and not list(tmp_path.glob("*.part"))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_samples_have_name_label_and_prediction(tmp_path):
    step = ("replace", Region("samples", (1, 2, 8)))
    rows = table_of(tmp_path, facts_with(step), step)
    assert rows[0] == {"sample": "1", "name": "1.png", "label": "dog", "prediction": "dog"}
    assert rows[1]["prediction"] == "dog" and rows[1]["label"] == "fox"
    assert rows[2]["prediction"] == ""


def test_a_study_opened_by_itself_names_samples_of_its_data_set(tmp_path):
    data = Data()
    data.index = np.arange(12) * 10
    step = ("replace", Region("samples", (1, 2)))
    facts = facts_with(step, data=data)
    assert [row["sample"] for row in table_of(tmp_path, facts, step)] == ["10", "20"]


def test_points_of_a_lasso_have_position_and_stored_values(tmp_path):
    lasso = Lasso("deep", 2, 0, ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)))
    steps = (
        ("replace", Saved((("replace", lasso),))),
        ("add", Spots("deep", ((3, 2),))),
    )
    rows = table_of(tmp_path, facts_with(*steps), *steps)
    values = VALUES["deep"]
    want = {(s, p) for s in range(12) for p in range(4) if abs(values[s, [0, 2], p]).max() < 0.5}
    found = {(int(row["sample"]), 2 * int(row["row"]) + int(row["column"])) for row in rows}
    assert found == want | {(3, 2)} and len(rows) == len(found)
    for row in rows:
        sample, place = int(row["sample"]), 2 * int(row["row"]) + int(row["column"])
        assert (row["layer"], row["x"], row["y"]) == ("deep", "deep:2", "deep:0")
        assert float(row["x value"]) == np.float32(values[sample, 2, place])
        assert float(row["y value"]) == np.float32(values[sample, 0, place])
    assert [row["sample"] for row in rows] == sorted((r["sample"] for r in rows), key=int)


def test_points_of_an_outline_in_three_channels_have_three_values(tmp_path):
    flat = ((1.0, 0, 0, 0), (0, 1.0, 0, 0), (0, 0, 0, 1.0))  # x and y are those of the picture
    corners = ((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8))
    outline = Projected("deep", (2, 0, 1), flat, corners)
    steps = (("replace", outline), ("add", Spots("flat", ((2, 0),))))
    rows = table_of(tmp_path, facts_with(*steps), *steps)
    deep = [row for row in rows if row["layer"] == "deep"]
    assert deep and rows[-1]["layer"] == "flat"
    for row in deep:
        sample, place = int(row["sample"]), 2 * int(row["row"]) + int(row["column"])
        for axis, channel in zip("xyz", (2, 0, 1), strict=True):
            assert row[axis] == f"deep:{channel}"
            assert float(row[f"{axis} value"]) == np.float32(VALUES["deep"][sample, channel, place])
    assert rows[-1]["z"] == rows[-1]["z value"] == ""


def test_single_points_have_no_channels_and_layers_without_maps_no_position(tmp_path):
    steps = (("replace", Spots("flat", ((2, 0),))),)
    rows = table_of(tmp_path, facts_with(*steps), *steps)
    assert rows[0]["layer"] == "flat" and rows[0]["row"] == ""
    assert rows[0]["x"] == rows[0]["y value"] == ""


def test_a_lasso_over_two_layers_has_a_value_of_each(tmp_path, monkeypatch):
    def meet(network, lead, other):
        pairs = zip(lead.sample, lead.place, strict=True)
        return np.array([other.index(sample, place) for sample, place in pairs]), 0

    monkeypatch.setattr(across, "meet", meet)
    corners = ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))
    steps = (("replace", Lasso("early", 2, 1, corners, "deep")),)
    rows = table_of(tmp_path, facts_with(*steps), *steps)
    assert rows
    for row in rows:
        sample, place = int(row["sample"]), 2 * int(row["row"]) + int(row["column"])
        assert (row["layer"], row["x"], row["y"]) == ("deep", "deep:2", "early:1")
        assert float(row["x value"]) == np.float32(VALUES["deep"][sample, 2, place])
        assert float(row["y value"]) == np.float32(VALUES["early"][sample, 1, place])
        assert max(abs(float(row["x value"])), abs(float(row["y value"]))) < 1.001


def test_cancelled_nothing_is_left(tmp_path):
    step = ("replace", Region("all"))
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        write_table(tmp_path / "a.csv", (step,), facts_with(step), READER, Engine(), task)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_it_is_said(tmp_path):
    step = ("replace", Region("all"))
    with pytest.raises(InputError):
        place = tmp_path / "no" / "a.csv"
        write_table(place, (step,), facts_with(step), READER, Engine(), Task())


def test_images_are_written_and_what_is_broken_is_told(tmp_path):
    facts = facts_with(("replace", Region("samples", (2, 3, 11))))
    written, faults = write_images(tmp_path / "out", facts, Task())
    assert written == 2 and len(faults) == 1 and "3.png" in faults[0]
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["02-2.png", "11-11.png"]
    assert (np.asarray(Image.open(tmp_path / "out" / "11-11.png")) == 11).all()
    with pytest.raises(InputError):
        write_images(tmp_path / "out", facts, Task())


def test_files_are_copied_as_they_are(tmp_path):
    data = Data()
    (tmp_path / "2.jpg").write_bytes(b"as it is")
    data.file_of = lambda sample: str(tmp_path / "2.jpg")
    facts = facts_with(("replace", Region("samples", (2,))), data=data)
    write_images(tmp_path / "out", facts, Task())
    assert (tmp_path / "out" / "02-2.jpg").read_bytes() == b"as it is"


def test_without_pictures_it_is_said(tmp_path):
    data = Data()
    data.pictures = None
    with pytest.raises(InputError):
        write_images(tmp_path / "out", facts_with(("replace", Region("all")), data=data), Task())


def test_python_names_study_and_selection():
    text = python_of("/a b/c.study", "it's")
    compile(text, "given", "exec")
    assert "'/a b/c.study'" in text and "it's" in text
