"""The matrix' row of words, its strips, and its keys in a window."""

import pytest

from tests.viewer.views.matrix.matrix_desk import facts_of, made, table_of
from viewer.session.session import Session

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(application):
    from PySide6.QtWidgets import QWidget

    from viewer.views.matrix.panel import MatrixPanel
    from viewer.views.matrix.view import MatrixView

    canvas = QWidget()
    canvas.view = MatrixView()
    made_panel = MatrixPanel(canvas)
    made_panel.given = []
    made_panel.wished.connect(lambda kind, args: made_panel.given.append((kind, args)))
    yield made_panel
    made_panel.deleteLater()


@pytest.fixture
def followed(panel):
    """A panel that follows a session with points: (panel, session, follow)."""
    points = made()
    pairs = {(points.key, "", "correlation"): table_of(points)}
    session, facts = Session(clock=lambda: 0.0), facts_of(points, pairs=pairs)
    session.do("focus.layer", layer="conv1")

    def follow():
        panel.follow(session.state, facts)

    follow()
    return panel, session, follow


def word(panel, text):
    from PySide6.QtWidgets import QPushButton

    return next(button for button in panel.findChildren(QPushButton) if button.text() == text)


def choose(menu, value):
    at = menu.findData(value)
    menu.setCurrentIndex(at)
    menu.activated.emit(at)


@pytest.mark.parametrize(
    ("text", "tool"), [("Lasso", "lasso"), ("Rectangle", "rectangle"), ("Points", "points")]
)
def test_a_tool_gives_its_command_and_shows_the_state(followed, text, tool):
    panel, session, follow = followed
    assert word(panel, "Pan").isChecked() and not word(panel, text).isChecked()
    word(panel, text).click()
    assert panel.given == [("matrix.tool", {"tool": tool})]
    session.do("matrix.tool", tool=tool)
    follow()
    assert word(panel, text).isChecked()


@pytest.mark.parametrize(
    ("name", "value", "given"),
    [
        ("mode", "add", ("matrix.mode", {"mode": "add"})),
        ("statistic", "density", ("matrix.statistic", {"statistic": "density"})),
        ("colour", "sample", ("points.colour", {"colour": "sample"})),
    ],
)
def test_a_choice_gives_its_command_and_shows_the_state(followed, name, value, given):
    panel, session, follow = followed
    menu = getattr(panel, name)
    before = menu.currentData()
    choose(menu, value)
    assert panel.given == [given]
    follow()
    assert menu.currentData() == before
    session.do(given[0], **given[1])
    follow()
    assert menu.currentData() == value


def test_the_order_is_that_of_the_program(followed):
    panel, session, follow = followed
    method, basis = panel.order.method, panel.order.basis
    assert not basis.isEnabled()  # the file's order is made of nothing
    choose(method, "leaf")
    assert panel.given == [("orders.choose", {"method": "leaf", "layer": None})]
    session.do("orders.choose", method="leaf", basis="correlation")
    follow()
    assert (method.currentData(), basis.currentData()) == ("leaf", "correlation")
    session.do("orders.own", layer=session.state.focus.layer, own=True)
    follow()
    choose(basis, "weights")
    layer = session.state.focus.layer
    assert panel.given[-1] == ("orders.choose", {"basis": "weights", "layer": layer})


def test_one_strip_is_open_at_a_time(followed):
    panel, _, _ = followed
    panel.resize(1000, 500)
    panel.show()
    word(panel, "Axes").click()
    assert panel.sections["Axes"].isVisible()
    word(panel, "Pairs").click()
    assert panel.sections["Pairs"].isVisible() and not panel.sections["Axes"].isVisible()
    word(panel, "Pairs").click()
    assert not panel.sections["Pairs"].isVisible()
    panel.hide()


def test_a_ranked_pair_is_gone_to(followed):
    panel, _, _ = followed
    word(panel, "1 × 2").click()
    kind, args = panel.given[-1]
    assert kind == "matrix.look" and (args["x"], args["y"]) == (1.5, 2.5)


def test_ranges_are_typed(followed):
    panel, session, follow = followed
    session.do("focus.channel", layer="conv1", channel=2)
    follow()
    panel.show()
    panel.open_section("Axes")
    section = panel.sections["Axes"]
    axes = section.across
    assert "conv1:2" in axes.whose.text() and not section.up.isVisible()
    axes.low.given.emit(0.25)
    kind, args = panel.given[-1]
    assert kind == "matrix.range" and args["channel"] == 2 and args["low"] == 0.25
    session.do(kind, **args)
    follow()
    assert axes.low.text() == "0.25"
    axes.high.given.emit(-3.0)
    assert len(panel.given) == 1  # a range ends above where it begins
    axes.reset.click()
    assert panel.given[-1] == ("matrix.range.reset", {"layer": "conv1", "channel": 2})
    session.do("matrix.look", x=4.5, y=1.5, span=1.0)
    follow()
    assert "conv1:4" in section.across.whose.text() and "conv1:1" in section.up.whose.text()
    section.up.low.given.emit(0.5)
    kind, args = panel.given[-1]
    assert (args["channel"], args["low"]) == (1, 0.5)
    panel.hide()


def test_columns_come_from_another_layer(followed):
    panel, _, _ = followed
    choose(panel.sections["Axes"].columns, "conv1")
    assert panel.given == [("matrix.columns", {"layer": "conv1"})]


def test_what_does_not_fit_is_left_out(followed):
    from PySide6.QtWidgets import QApplication

    panel, _, _ = followed
    panel.show()
    pairs, points = word(panel, "Pairs"), word(panel, "Points")
    for width in (1800, 1100, 800, 600, 500, 400):
        panel.resize(width, 300)
        QApplication.processEvents()
        shown = [part for part in (pairs, points, panel.mode, panel.statistic) if part.isVisible()]
        assert all(part.geometry().right() < width for part in shown)
        assert pairs.isVisible() or not points.isVisible()  # strips before tools that keys have
        assert points.isVisible() or not panel.mode.isVisible()
    assert word(panel, "Pan").isVisible() and not panel.statistic.isVisible()
    panel.resize(1800, 300)
    assert panel.statistic.isVisible() and panel.mode.isVisible()
    panel.hide()


def test_keys_of_the_matrix_are_its_own_while_it_has_them(make_window, wait):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from tests.gui.test_window import activate, opened

    window = opened(make_window, wait)
    window.command("window.choose", {"layout": "Matrix"})
    window.command("focus.layer", {"layer": "conv1"})
    view, canvas = window.desk.stage.views["matrix"], window.desk.canvases["matrix"]
    points = made(4, 12, (2, 2))
    window.studio._points._say = lambda *_: None  # the pretended engine has none
    window.studio._set(points={"conv1": points}, points_words="")
    wait(lambda: view.scene is not None and view.cells.sight is not None)
    window.command("matrix.look", {"x": 1.5, "y": 1.5, "span": 1.0})
    activate(window, wait)
    canvas.setFocus()
    wait(lambda: QApplication.focusWidget() is canvas)
    scale, sample = window.session.state.stack.scale, window.session.state.focus.sample
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_R)
    wait(lambda: view.look().x == 2.5)
    state = window.session.state
    assert state.focus.sample == sample and state.stack.scale == scale
    assert state.matrix.tool == "rectangle"
