"""The Order menu: methods for all layers or one, named orders listed and applied, export."""

import csv

import pytest
from PySide6.QtWidgets import QInputDialog

from viewer.qt import files
from viewer.studio import ordering

pytestmark = pytest.mark.gui


@pytest.fixture
def window(make_window, wait):
    made = make_window()
    made.command("open", {"network": "net.onnx", "data": "pictures"})
    wait(lambda: made.studio.facts.answer is not None)
    made.command("focus.layer", {"layer": "conv1"})
    return made


def do(window, name):
    window.menus.run(next(action for action in window.menus.actions if action.name == name))
    window.desk.refresh()


def entries(window, title):
    return window.menus.menu(f"Order/{title}").actions()


def test_a_choice_is_of_all_layers_or_of_the_active_one(window, wait):
    assert not window.can("save_order") and not window.can("export_order")
    do(window, "order.basis.sample")
    do(window, "order.step.next")
    orders = window.session.state.orders
    assert (orders.choice.method, orders.layers) == ("pca", ())
    do(window, "order.scope.own")
    do(window, "order.method.path")
    orders = window.session.state.orders
    assert (orders.choice.method, orders.of("conv1").method) == ("pca", "path")
    assert window.menus.entry("order.method.path").isChecked()
    do(window, "order.step.previous")
    assert window.session.state.orders.of("conv1").method == "spectral"
    do(window, "order.scope.reset")
    assert window.session.state.orders.of("conv1").method == "file"


def test_an_order_is_named_applied_exported_and_forgotten(window, wait, monkeypatch, tmp_path):
    monkeypatch.setattr(QInputDialog, "getText", lambda *args, **more: (" by & by ", True))
    monkeypatch.setattr(files, "ask_destination", lambda *args: str(tmp_path / "order.csv"))
    do(window, "order.statistic.maximum")
    wait(lambda: window.can("save_order"))
    state, facts = window.session.state, window.studio.facts
    channels = ordering.order_of(state, facts, "conv1").channels.tolist()
    window.method("save_order")()
    window.desk.refresh()
    assert [entry.text() for entry in entries(window, "Apply")] == ["by && by  (conv1)"]
    do(window, "order.scope.reset")
    entries(window, "Apply")[0].trigger()
    state = window.session.state
    assert state.orders.of("conv1").name == "by & by"
    assert ordering.order_of(state, facts, "conv1").channels.tolist() == channels
    window.method("export_order")()
    wait(lambda: (tmp_path / "order.csv").exists() and not window.studio.jobs.running)
    with open(tmp_path / "order.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    assert [int(row[1]) for row in rows] == channels
    entries(window, "Forget")[0].trigger()
    window.desk.refresh()
    assert entries(window, "Apply") == []
    assert window.session.state.orders.of("conv1").name == ""


def test_what_the_study_has_is_applied_with_its_channels(window):
    from engine.analysis.named_orders import NamedOrder

    window.studio._set(orders={"old": NamedOrder("conv1", (3, 2, 1, 0))})
    window.desk.refresh()
    dict(window.ordering.order_entries())["Order conv1 by old"]()
    assert window.session.commands[-1].args["order"]["channels"] == [3, 2, 1, 0]
    assert window.session.state.orders.of("conv1").name == "old"
    assert not window.can("ask_clusters")


def test_how_many_clusters_is_asked(window, monkeypatch):
    monkeypatch.setattr(QInputDialog, "getInt", lambda *args: (5, True))
    do(window, "order.method.kmeans")
    assert window.can("ask_clusters")
    window.method("ask_clusters")()
    assert window.session.state.orders.choice.clusters == 5
    do(window, "order.clusters.suggested")
    assert window.session.state.orders.choice.clusters is None
