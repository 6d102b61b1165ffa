"""The window as a person uses it: opens, steps, drags, floats, corrects, fails, closes."""

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from viewer.state.layout import panes_of
from viewer.state.tree import State

pytestmark = pytest.mark.gui

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def opened(make_window, wait, **options):
    """A window with the pretended network, its first picture drawn."""
    window = make_window(**options)
    window.command("open", {"network": "net.onnx", "data": "pictures"})
    wait(lambda: window.desk.stage.views["stack"].contents is not None)
    return window


def activate(window, wait):
    """Make a window the active one: asked again until the screen, without a manager, does it."""
    wait(lambda: window.windowHandle().isExposed())
    wait(lambda: asked_to_be_active(window))
    wait(lambda: QApplication.focusWidget() is not None)


def asked_to_be_active(window):
    """Whether a window is the active one; asked for where it is not."""
    if not window.isActiveWindow():
        window.activateWindow()
    return window.isActiveWindow()


def pixels(canvas):
    """uint8[H, W, 3] of a canvas, drawn now."""
    image = canvas.grabFramebuffer().convertToFormat(_RGB)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def spread(picture):
    """How much a picture differs from one colour."""
    return int(picture.max(axis=(0, 1)).astype(int).max() - picture.min(axis=(0, 1)).min())


def test_an_empty_window_offers_to_open(make_window):
    window = make_window()
    plate = window.desk.widgets["stack"].findChildren(QPushButton)
    assert "Open network" in [button.text() for button in plate if button.isVisible()]
    assert window.door.notices == ()


def test_opening_draws_stack_and_sample_and_lists_layers(make_window, wait):
    window = opened(make_window, wait)
    wait(lambda: window.studio.facts.extraction.phase == "done")
    stack, sample = (window.desk.canvases[name] for name in ("stack", "sample"))
    assert spread(pixels(stack)) > 60
    assert spread(pixels(sample)) > 60
    assert len(window.desk.stage.views["network"].graph.nodes) == 4
    assert window.windowTitle() == "net.onnx - Lamella"


def test_arrow_keys_step_samples_and_letters_choose_the_mode(make_window, wait):
    window = opened(make_window, wait)
    activate(window, wait)
    for key, sample in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1)):
        QTest.keyClick(window.desk.canvases["stack"], key)
        assert window.session.state.focus.sample == sample
    QTest.keyClick(window.desk.canvases["stack"], Qt.Key.Key_End)
    assert window.session.state.focus.sample == 11
    QTest.keyClick(window.desk.canvases["stack"], Qt.Key.Key_M)
    assert window.session.state.stack.mode == "maximum"
    wait(window.menus.entry("undo.back").isEnabled)
    QTest.keyClick(window.desk.canvases["stack"], Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.state.stack.mode == "emission"


def test_a_drag_turns_the_stack_and_is_one_command(make_window, wait):
    window = opened(make_window, wait)
    canvas, before = window.desk.canvases["stack"], window.session.state.camera
    start = QPoint(canvas.width() // 2, canvas.height() // 2)
    QTest.mousePress(canvas, LEFT, pos=start)
    for step in range(1, 12):
        QTest.mouseMove(canvas, start + QPoint(6 * step, 2 * step))
    QTest.mouseRelease(canvas, LEFT, pos=start + QPoint(66, 22))
    after = window.session.state.camera
    assert after.azimuth < before.azimuth
    assert after.elevation > before.elevation
    assert [command.kind for command in window.session.commands] == ["open", "camera.move"]
    window.command("camera.undo", {})
    assert window.session.state.camera == before


def test_a_right_drag_pans_and_the_wheel_zooms_at_the_pointer(make_window, wait):
    window = opened(make_window, wait)
    canvas = window.desk.canvases["stack"]
    start = QPoint(canvas.width() // 2, canvas.height() // 2)
    QTest.mousePress(canvas, RIGHT, pos=start)
    QTest.mouseMove(canvas, start + QPoint(40, 0))
    QTest.mouseRelease(canvas, RIGHT, pos=start + QPoint(40, 0))
    assert window.session.state.camera.shift != (0.0, 0.0, 0.0)
    place = QPointF(start)
    event = QWheelEvent(
        place,
        QPointF(canvas.mapToGlobal(start)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)
    assert window.session.state.camera.zoom == pytest.approx(1.15)


def test_hover_and_click_on_a_volume_name_a_unit_and_draw_its_box(make_window, wait):
    window = opened(make_window, wait)
    canvas, hover = window.desk.canvases["stack"], window.session.holder.hover
    window.command("focus.sample", {"sample": 5})
    wait(lambda: window.desk.stage.views["stack"].contents.slab("conv1").high > 5)

    def click_on_a_unit():
        """Point until a unit is named, click it: whether just that one is in focus then."""
        for x in range(canvas.width() // 8, canvas.width(), 24):
            place = QPoint(x, canvas.height() // 2)
            QTest.mouseMove(canvas, place)
            unit = hover.value
            if unit is not None and unit.unit:
                QTest.mouseClick(canvas, LEFT, pos=place)
                focus = window.session.state.focus
                return (focus.layer, focus.channel, focus.unit) == tuple(
                    getattr(unit, name) for name in ("layer", "channel", "unit")
                )
        return False

    wait(lambda: not window.desk.stage.views["stack"].is_coarse)
    wait(click_on_a_unit)
    wait(lambda: window.desk.stage.views["sample"].wish.box is not None)


def test_floating_and_docking_again_keep_the_picture(make_window, wait, application):
    window = opened(make_window, wait)
    pane, canvas = window.panes["stack"], window.desk.canvases["stack"]
    context = canvas._context
    for floating in (True, False):
        pane.setFloating(floating)
        wait(lambda floating=floating: pane.isFloating() == floating)
        canvas.repaint()
        assert canvas._context is context
        assert spread(pixels(canvas)) > 60
    assert window.door.notices == ()


def test_one_pane_alone_and_back(make_window, wait):
    window = opened(make_window, wait)
    QTest.mouseDClick(window.panes["sample"].title_bar, LEFT)
    wait(lambda: window.panes["stack"].isHidden())
    assert window.panes["sample"].isVisible()
    window.command("window.only", {"pane": None})
    wait(lambda: window.panes["stack"].isVisible() and window.panes["network"].isVisible())


def test_a_click_on_a_layer_makes_it_active(make_window, wait):
    window = opened(make_window, wait)
    graph = window.desk.canvases["network"]
    wait(lambda: graph.view.graph is not None and spread(pixels(graph)) > 60)
    graph.setFocus()
    assert window.session.state.focus.layer is None
    QTest.mouseClick(graph, LEFT, pos=QPoint(*map(round, graph.view.place_of("conv2"))))
    assert window.session.state.focus.layer == "conv2"
    wait(lambda: graph.view.wish.focus == "conv2")
    QTest.keyClick(graph, Qt.Key.Key_Down)
    assert window.session.state.focus.layer == "fc"


def test_a_guess_waits_for_confirm_and_the_banner_goes(make_window, wait):
    window = opened(make_window, wait, certain=False)
    wait(lambda: window.studio.facts.trials)

    def confirm():
        buttons = window.desk.widgets["stack"].findChildren(QPushButton)
        return [each for each in buttons if each.text() == "Confirm" and each.isVisible()]

    wait(confirm)
    assert window.engine.extracted == []
    QTest.mouseClick(confirm()[0], LEFT)
    wait(lambda: window.studio.facts.extraction.phase == "done")
    assert confirm() == []


def test_a_parameter_typed_in_the_panel_is_a_command(make_window, wait):
    window = opened(make_window, wait)
    panel = window.desk.preprocessing_panel
    panel._mean.setFocus()
    panel._mean.setText("0.5 0.4 0.3")
    panel._mean.editingFinished.emit()
    assert window.session.state.preprocessing.options == (("mean", (0.5, 0.4, 0.3)),)
    panel._scale.setText("much")
    panel._scale.editingFinished.emit()
    assert "numbers are expected" in window.door.notices[0].text


def test_a_broken_network_is_one_sentence_with_a_button(make_window, wait):
    window = make_window()
    window.command("open", {"network": "broken.onnx", "data": "pictures"})
    wait(lambda: window.studio.facts.phase == "failed")
    words = [button.text() for button in window.desk.widgets["stack"].findChildren(QPushButton)]
    assert "Try again" in words
    assert window.door.notices == ()


def test_a_drop_opens_network_and_pictures(make_window, wait, tmp_path):
    window = make_window()
    network, pictures = tmp_path / "net.onnx", tmp_path / "pictures"
    network.touch()
    pictures.mkdir()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in (network, pictures)])
    event = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    assert window.session.state.source.network == str(network)
    assert window.session.state.source.data == str(pictures)
    wait(lambda: window.desk.stage.views["stack"].contents is not None)


def test_errors_in_slots_and_threads_reach_the_door_once(make_window, wait, application):
    import threading

    window = make_window()
    window.door.install()
    try:

        def fail():
            raise RuntimeError("the pencil broke")

        for _ in range(3):
            thread = threading.Thread(target=fail)
            thread.start()
            thread.join()
        wait(lambda: window.door.notices and window.door.notices[0].count == 3)
    finally:
        window.door.uninstall()
    (notice,) = window.door.notices
    assert "the pencil broke" in notice.text
    assert "RuntimeError" in notice.details


def test_an_error_while_drawing_reaches_the_door_and_the_window_lives(make_window, wait):
    window = opened(make_window, wait)
    canvas, view = window.desk.canvases["sample"], window.desk.stage.views["sample"]
    window.door.install()
    try:

        def fail(*_):
            raise RuntimeError("the paint dried")

        view.paint = fail
        canvas.update()
        wait(lambda: window.door.notices)
        del view.paint
        canvas.repaint()
    finally:
        window.door.uninstall()
    assert "the paint dried" in window.door.notices[0].text
    assert spread(pixels(canvas)) > 60


def test_closing_while_a_network_is_opened_ends_the_work(make_window, wait):
    window = make_window()
    window.engine.open_network = lambda path, **options: (
        options["task"].report(0, 1) or wait_for(options["task"])
    )
    window.command("open", {"network": "slow.onnx", "data": "pictures"})
    wait(lambda: window.studio.jobs.running)
    window.close()
    assert window.studio.jobs.running == []


def wait_for(task):
    """Work that ends only when it is cancelled."""
    import time

    while True:
        task.check()
        time.sleep(0.005)


def test_theme_and_panes_are_remembered(make_window, wait):
    window = opened(make_window, wait)
    window.command("window.theme", {"theme": "light"})
    window.command("window.pane", {"pane": "tasks", "shown": False})
    wait(lambda: window.panes["tasks"].isHidden())
    window.close()
    again = make_window()
    assert again.session.state.window.theme == "light"
    assert "tasks" not in panes_of(again.session.state.window.layout)
    assert pixels(again.desk.canvases["stack"]).mean() > 200


def test_a_running_extraction_is_listed_and_cancelled(make_window, wait):
    window = make_window()
    window.engine.holds_extraction = True
    window.command("open", {"network": "net.onnx", "data": "pictures"})
    wait(lambda: window.studio.facts.extraction.phase == "running")
    wait(lambda: len(window.desk.task_list.rows) == 1)
    (row,) = window.desk.task_list.rows.values()
    QTest.mouseClick(row._cancel, LEFT)
    wait(lambda: window.studio.facts.extraction.phase == "stopped")
    wait(lambda: not window.desk.task_list.rows)
    title, sentence = window.desk.task_list.ended[0]
    assert title.startswith("Extracting")
    assert sentence.startswith("cancelled")


def test_a_small_window_shows_everything(make_window, wait):
    window = opened(make_window, wait, size=(900, 560), state=State())
    for name in ("network", "stack", "sample"):
        pane = window.panes[name]
        corner = pane.mapTo(window, QPoint(pane.width(), pane.height()))
        assert pane.width() > 100
        assert corner.x() <= window.width()
        assert corner.y() <= window.height()


def _format():
    from PySide6.QtGui import QImage

    return QImage.Format.Format_RGB888


_RGB = _format()
