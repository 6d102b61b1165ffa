"""The Selection menu: named ones listed, combined and forgotten; keys; what is exported where."""

import csv

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog

from viewer.qt import files, selecting

pytestmark = pytest.mark.gui


@pytest.fixture
def window(make_window, wait):
    made = make_window()
    made.command("open", {"network": "net.onnx", "data": "pictures"})
    wait(lambda: made.studio.facts.answer is not None)
    wait(lambda: not made.studio.jobs.running)
    return made


@pytest.fixture
def answers(monkeypatch):
    """What a person types into the dialog for a name."""
    given = []
    monkeypatch.setattr(QInputDialog, "getText", lambda *args, **more: (given.pop(), True))
    return given


def brush(window, *items):
    region = {"kind": "samples", "items": list(items)}
    window.command("select.brush", {"mode": "replace", "region": region})
    window.desk.refresh()


def entries(window, title):
    return window.menus.menu(f"Selection/{title}").actions()


def chosen(window):
    return window.studio.facts.selected.samples.nonzero()[0].tolist()


def test_named_selections_are_listed_recalled_combined_and_forgotten(window, answers):
    assert not window.can("save_selection")
    assert not window.menus.menu("Selection/Recall").isEnabled()
    brush(window, 1, 2, 5)
    answers.append(" some & more ")
    window.method("save_selection")()
    window.desk.refresh()
    assert [entry.text() for entry in entries(window, "Recall")] == ["some && more"]
    brush(window, 2, 7)
    entries(window, selecting.RECALLS["intersect"])[0].trigger()
    assert chosen(window) == [2]
    entries(window, selecting.RECALLS["add"])[0].trigger()
    assert chosen(window) == [1, 2, 5]
    words = dict(window.selecting.palette_entries())
    brush(window, 9)
    words["Select some & more"]()
    assert chosen(window) == [1, 2, 5]
    entries(window, "Forget")[0].trigger()
    window.desk.refresh()
    assert entries(window, "Recall") == [] and chosen(window) == [1, 2, 5]


def test_what_the_study_has_is_recalled_with_its_steps(window):
    from engine.selections.describing import Region

    steps = (("replace", Region("samples", (3, 4))),)
    window.studio._set(selections={"old": steps})
    window.desk.refresh()
    entries(window, "Recall")[0].trigger()
    assert chosen(window) == [3, 4]
    assert window.session.commands[-1].args["steps"]


def test_actions_select_classes_wrong_ones_all_and_the_others(window):
    run = {action.name: action for action in window.menus.actions}

    def do(name):
        window.menus.run(run[name])

    window.command("focus.sample", {"sample": 4})
    do("select.class")
    assert chosen(window) == [1, 4, 7, 10]
    do("select.inverse")
    assert chosen(window) == [0, 2, 3, 5, 6, 8, 9, 11]
    do("select.every")
    assert len(chosen(window)) == 12
    do("select.nothing")
    assert window.studio.facts.selected is None
    assert not window.menus.is_possible(run["select.wrong"])
    do("select.show.means")
    state = window.session.state
    assert {state.stack.set, state.maps.set, state.sample.set} == {"mean"}
    do("select.show.means")
    assert window.session.state.stack.set == "sample"


def test_a_table_and_images_are_written_where_a_person_says(window, wait, monkeypatch, tmp_path):
    places = [tmp_path / "images", tmp_path / "table.csv"]
    monkeypatch.setattr(files, "ask_destination", lambda *args: str(places.pop()))
    assert not window.can("export_selection_table")
    brush(window, 1, 2)
    assert window.can("export_selection_table") and window.can("export_selection_images")
    window.method("export_selection_table")()
    wait(lambda: (tmp_path / "table.csv").exists() and not window.studio.jobs.running)
    with open(tmp_path / "table.csv", encoding="utf-8", newline="") as file:
        assert [row[0] for row in csv.reader(file)] == ["sample", "1", "2"]
    window.method("export_selection_images")()
    wait(lambda: not window.studio.jobs.running)
    assert sorted(path.name for path in (tmp_path / "images").iterdir()) == ["01-1.png", "02-2.png"]


def test_python_for_a_selection_needs_a_name(window, answers):
    brush(window, 1, 2)
    answers.append("mine")
    window.method("copy_selection_python")()
    text = QGuiApplication.clipboard().text()
    assert "study.selections['mine']" in text and str(window.studio.facts.study_path) in text
    window.method("copy_selection_python")()
    assert "mine" in QGuiApplication.clipboard().text()
