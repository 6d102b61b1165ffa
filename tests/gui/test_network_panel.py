"""The network pane in the window: find, colour, fold and facts, by mouse and keys."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from viewer.state.tree import State
from viewer.views.network.panel import NARROW_PX

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(make_window, wait):
    """A window with the pretended network, its graph drawn."""
    made = make_window(state=State())
    made.command("open", {"network": "net.onnx", "data": "pictures"})
    wait(lambda: made.studio.facts.answer is not None)
    wait(lambda: made.desk.stage.views["network"].graph is not None)
    return made


@pytest.fixture
def panel(window):
    return window.desk.panels["network"]


def test_find_goes_on_ends_and_has_a_narrow_row_for_itself(window, panel, wait):
    # Ctrl+F, Enter, Shift+Enter, Esc
    entry = window.menus.entry("network.find")
    assert [keys.toString() for keys in entry.shortcuts()] == ["Ctrl+F"]
    entry.trigger()
    wait(lambda: window.focusWidget() is panel.find, 5)
    QTest.keyClicks(panel.find, "conv*")
    assert window.session.state.network.find == "conv*"
    for layer in ("conv1", "conv2", "conv1"):
        QTest.keyClick(panel.find, Qt.Key.Key_Return)
        assert window.session.state.focus.layer == layer
    QTest.keyClick(panel.find, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert window.session.state.focus.layer == "conv2"
    wait(lambda: panel.find._count.text() == "2")
    QTest.keyClick(panel.find, Qt.Key.Key_Escape)
    assert window.session.state.network.find == ""
    wait(lambda: panel.find.text() == "")
    assert window.session.state.focus.layer == "conv2"
    assert window.focusWidget() is window.desk.canvases["network"]
    # the row
    assert panel.width() < NARROW_PX
    wait(panel.colour.isVisible, 5)
    QTest.keyClicks(panel.find, "conv")
    wait(lambda: not panel.colour.isVisible(), 5)
    panel.close_find()
    wait(panel.colour.isVisible, 5)


def test_buttons_keys_and_the_mouse_are_commands(window, panel, wait):
    # facts
    assert "pretender" in panel.details.text()
    window.command("focus.layer", {"layer": "conv2"})
    wait(lambda: "conv2_out" in panel.details.text())
    # the row
    index = panel.colour.findData("macs")
    panel.colour.setCurrentIndex(index)
    panel.colour.activated.emit(index)
    assert window.session.state.network.colour_by == "macs"
    assert not panel._fold.isEnabled()  # nothing repeats in three layers
    window.menus.entry("network.fold_all").trigger()
    assert window.session.state.network.folding == "all"
    wait(lambda: panel._fold.text() == "unfold")
    QTest.mouseClick(panel._fit, LEFT)
    assert window.session.state.network_camera.framing == "whole"
    window.command("undo", {})
    window.command("undo", {})
    wait(lambda: panel.colour.currentData() == "none" and panel._fold.text() == "fold")
    # keys
    canvas = window.desk.canvases["network"]
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_End)
    assert window.session.state.network_camera.framing == "end"
    QTest.keyClick(canvas, Qt.Key.Key_F)
    assert window.session.state.network_camera.framing == "whole"
    assert window.session.state.focus.sample == 0
    # a drag
    canvas = window.desk.canvases["network"]
    start = QPoint(canvas.width() // 2, canvas.height() // 2)
    QTest.mousePress(canvas, LEFT, pos=start)
    for step in (5, 20, 40):
        QTest.mouseMove(canvas, start - QPoint(0, step))
    QTest.mouseRelease(canvas, LEFT, pos=start - QPoint(0, 40))
    assert window.session.commands[-1].kind == "network.move"
    assert window.session.state.network_camera.framing == "free"


def test_walking_from_the_menu(window, panel, wait):
    window.menus.entry("network.deeper").trigger()
    assert window.session.state.focus.layer == "conv1"
    wait(lambda: window.desk.stage.views["network"].wish.focus == "conv1")
    window.menus.entry("network.deeper").trigger()
    assert window.session.state.focus.layer == "conv2"


def test_wide_the_facts_stand_beside_the_graph_and_find_opens_the_pane(window, panel, wait):
    # wide and back
    assert panel._parts.orientation() == Qt.Orientation.Vertical
    window.command("window.only", {"pane": "network"})
    wait(lambda: panel._parts.orientation() == Qt.Orientation.Horizontal)
    window.command("window.only", {"pane": None})
    wait(lambda: panel._parts.orientation() == Qt.Orientation.Vertical)
    # closed and back
    window.command("window.pane", {"pane": "network", "shown": False})
    wait(lambda: not panel.isVisible())
    window.method("find_layer")()
    wait(lambda: panel.isVisible() and window.focusWidget() is panel.find, 5)
