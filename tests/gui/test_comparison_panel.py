"""The comparison's controls: switches of methods, choices; what they give and what they show."""

import pytest

from tests.viewer.studio.test_comparing import facts_of
from viewer.session.session import Session
from viewer.state.comparison import COLUMNS

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(application):
    from PySide6.QtWidgets import QWidget

    from viewer.views.comparison.panel import ComparisonPanel
    from viewer.views.comparison.view import ComparisonView

    canvas = QWidget()
    canvas.view = ComparisonView()
    made = ComparisonPanel(canvas)
    made.given = []
    made.wished.connect(lambda kind, args: made.given.append((kind, args)))
    yield made
    made.deleteLater()


def test_every_method_is_a_switch_that_shows_the_state(panel):
    session = Session()
    panel.follow(session.state, facts_of())
    assert set(panel.switches) == set(COLUMNS)
    shown = {name for name, switch in panel.switches.items() if switch.isChecked()}
    assert shown == set(session.state.comparison.methods)
    panel.switches["occlusion"].trigger()
    panel.switches["gradient"].trigger()
    assert panel.given == [
        ("comparison.method", {"method": "occlusion", "shown": True}),
        ("comparison.method", {"method": "gradient", "shown": False}),
    ]


def test_a_click_on_a_switch_leaves_the_menu_open(panel, application):
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    menu = panel.methods.menu()
    menu.popup(QPoint(10, 10))
    application.processEvents()
    at = menu.actionGeometry(panel.switches["occlusion"]).center()
    QTest.mouseMove(menu, at)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=at)
    assert panel.given and menu.isVisible()
    menu.hide()


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("rows", "layers", "comparison.rows"),
        ("range", "all", "comparison.range"),
        ("target", "label", "attribution.target"),
    ],
)
def test_a_choice_gives_its_command_and_shows_the_state(panel, name, value, kind):
    session = Session()
    menu = getattr(panel, name)
    menu.activated.emit(menu.findData(value))
    assert panel.given == [(kind, {name: value})]
    session.do(kind, **{name: value})
    panel.follow(session.state, facts_of())
    assert menu.currentData() == value


def test_a_target_by_name_is_shown_and_layers_have_their_own(panel):
    session = Session()
    session.do("attribution.target", target="logit:1")
    panel.follow(session.state, facts_of())
    assert panel.target.currentData() == "logit:1" and panel.target.isEnabled()
    assert panel.target.currentText() == facts_of().class_names[1]
    session.do("comparison.rows", rows="layers")
    panel.follow(session.state, facts_of())
    assert not panel.target.isEnabled()


def test_what_does_not_fit_is_left_out(panel):
    panel.resize(240, 200)
    panel.show()
    assert panel.methods.isVisible() and panel.rows.isVisible() and not panel.range.isVisible()
    panel.resize(900, 200)
    assert panel.range.isVisible() and panel.background.isVisible()
    panel.hide()
