"""The 3D scatter's row of words and channels: what it shows and what it gives."""

from dataclasses import replace

import numpy as np
import pytest

from tests.pretend_points import points_of
from viewer.session.session import Session
from viewer.studio.facts import READY, Facts

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(application):
    from PySide6.QtWidgets import QWidget

    from viewer.views.scatter.panel import ScatterPanel
    from viewer.views.scatter.view import ScatterView

    canvas = QWidget()
    canvas.view = ScatterView()
    made = ScatterPanel(canvas)
    made.given = []
    made.wished.connect(lambda kind, args: made.given.append((kind, args)))
    yield made
    made.deleteLater()


@pytest.fixture
def facts():
    labels = (np.arange(40) % 2).astype(np.int32)
    values = np.random.default_rng(1).normal(size=(40, 6, 1))
    values[:, 5, 0] += 20.0 * labels
    return Facts(phase=READY, points={"conv1": points_of(values)}, labels=labels)


def state_of(*given):
    session = Session()
    session.do("focus.layer", layer="conv1")
    for kind, args in given:
        session.do(kind, **args)
    return session.state


def typed(box, text):
    box.setText(text)
    box.setModified(True)
    box.editingFinished.emit()


def test_channels_are_typed_and_stepped(panel, facts):
    panel.follow(state_of(), facts)
    boxes = panel.channels
    assert [box.text() for box in boxes.values()] == ["0", "1", "2"]
    typed(boxes["y"], "4")
    assert panel.given == [("scatter.axis", {"axis": "y", "channel": 4})]
    for nonsense in ("6", "-1", "x", "", "1"):  # of six channels, and the one shown
        typed(boxes["y"], nonsense)
        assert boxes["y"].text() == "1"
    assert len(panel.given) == 1
    panel.follow(state_of(*panel.given), facts)
    assert [box.text() for box in boxes.values()] == ["0", "4", "2"]


def test_without_points_there_is_nothing_to_choose(panel, facts):
    panel.follow(state_of(), replace(facts, points={}))
    assert not any(box.isEnabled() for box in panel.channels.values())
    assert not panel.best.isEnabled()


def test_words_give_commands_and_show_the_state(panel, facts):
    panel.follow(state_of(), facts)
    assert panel.tools["turn"].isChecked()
    panel.tools["lasso"].click()
    panel.best.click()
    panel.colour.activated.emit(panel.colour.findData("confidence"))
    kinds = [kind for kind, _ in panel.given]
    assert kinds == ["scatter.tool", "scatter.channels", "points.colour"]
    assert panel.given[1][1]["x"] == 5
    panel.follow(state_of(*panel.given), facts)
    assert panel.tools["lasso"].isChecked() and panel.channels["x"].text() == "5"
    assert panel.colour.currentData() == "confidence"


def test_what_does_not_fit_is_left_out(panel):
    panel.resize(300, 200)
    panel.show()
    assert panel.tools["lasso"].isVisible() and not panel.channels["x"].isVisible()
    panel.resize(900, 200)
    assert panel.channels["x"].isVisible() and panel.colour.isVisible()
    panel.hide()


def test_keys_of_the_view_are_no_shortcuts_while_it_has_the_keyboard(panel):
    from PySide6.QtCore import QEvent, Qt
    from PySide6.QtGui import QKeyEvent

    asked = []
    panel.canvas.view.takes = lambda name, modifiers: asked.append((name, modifiers)) or name == "x"
    for key, taken in ((Qt.Key.Key_X, True), (Qt.Key.Key_Q, False)):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.ShiftModifier)
        assert panel.eventFilter(panel.canvas, event) is taken
    assert asked[0] == ("x", frozenset({"shift"}))
