"""The orders pane's controls: what they give, what they show, what goes where there is no room."""

import pytest

from tests.viewer.studio.test_stability import facts_of
from viewer.session.session import Session

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(application):
    from PySide6.QtWidgets import QWidget

    from viewer.views.orders.panel import OrdersPanel
    from viewer.views.orders.view import OrdersView

    canvas = QWidget()
    canvas.view = OrdersView()
    made = OrdersPanel(canvas)
    made.given = []
    made.wished.connect(lambda kind, args: made.given.append((kind, args)))
    yield made
    made.deleteLater()


@pytest.mark.parametrize(("name", "value"), [("between", "classes"), ("picture", "correlations")])
def test_a_choice_gives_its_command_and_shows_the_state(panel, name, value):
    session = Session()
    menu = getattr(panel, name)
    menu.activated.emit(menu.findData(value))
    assert panel.given == [(f"stability.{name}", {name: value})]
    session.do(f"stability.{name}", **{name: value})
    panel.follow(session.state, facts_of())
    assert menu.currentData() == value
    assert panel.order.basis.isEnabled()  # methods are listed whichever is in force


def test_what_has_no_room_goes_and_both_pages_need_no_choice(panel, application):
    panel.show()
    seen = {}
    for width in (300, 600, 1200):
        panel.resize(width, 400)
        application.processEvents()
        parts = (panel.picture, panel.correlation, panel.page)
        seen[width] = tuple(part.isVisible() for part in parts)
        shown = [part for part in parts if part.isVisible()]
        assert all(part.width() >= part.minimumSizeHint().width() for part in shown)
    panel.hide()
    assert seen == {300: (False, False, True), 600: (True, True, True), 1200: (True, True, False)}


def test_a_click_on_a_method_orders_the_program_and_tables_are_written(
    make_window, wait, tmp_path, monkeypatch
):
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    from viewer.qt import files

    window = make_window()
    window.command("open", {"network": "net.onnx", "data": "pictures"})
    wait(lambda: window.studio.facts.answer is not None)
    window.command("focus.layer", {"layer": "conv2"})
    window.command("window.only", {"pane": "orders"})
    view, canvas = window.desk.stage.views["orders"], window.desk.canvases["orders"]
    wait(lambda: view.wish.rows and not view.pending and view.width > 100)
    assert {row.status for row in view.wish.rows} == {"found"}
    row = view.rows().row(1)
    QTest.mouseClick(
        canvas, Qt.MouseButton.LeftButton, pos=QPoint(int(row.left) + 60, int(row.top) + 6)
    )
    assert window.session.state.orders.choice.method == "pca"
    written = []

    def asked(parent, title, name, kinds):
        written.append(tmp_path / name)
        return written[-1]

    monkeypatch.setattr(files, "ask_destination", asked)
    wait(lambda: not view.pending)
    for table in ("quality", "agreement"):
        window.menus.entry(f"stability.export.{table}").trigger()
    wait(lambda: len(written) == 2 and all(path.exists() for path in written))
    assert [path.name for path in written] == ["conv2-orders.csv", "conv2-rows-kendall.csv"]
