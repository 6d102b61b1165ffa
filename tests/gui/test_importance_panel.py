"""The importance view's controls: parts, measures, a class by its name, filters off."""

import pytest

from tests.viewer.studio.test_weighing import seen_state
from tests.viewer.views.test_importance import everything
from viewer.session.session import Session
from viewer.state.importance import PARTS

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(application):
    from PySide6.QtWidgets import QWidget

    from viewer.views.importance.panel import ImportancePanel
    from viewer.views.importance.view import ImportanceView

    canvas = QWidget()
    canvas.view = ImportanceView()
    made = ImportancePanel(canvas)
    made.given = []
    made.wished.connect(lambda kind, args: made.given.append((kind, args)))
    yield made
    made.deleteLater()


def test_parts_are_switches_that_show_the_state(panel):
    state = seen_state()
    panel.follow(state, everything(state))
    assert set(panel.switches) == set(PARTS)
    shown = {name for name, switch in panel.switches.items() if switch.isChecked()}
    assert shown == set(state.importance.parts)
    panel.switches["curve"].trigger()
    assert panel.given == [("importance.part", {"part": "curve", "shown": True})]


@pytest.mark.parametrize(
    ("name", "value"), [("measure", "activation-max"), ("norm", "l1"), ("by", "mean")]
)
def test_a_choice_gives_its_command_and_shows_the_state(panel, name, value):
    session, menu = Session(), getattr(panel, name)
    menu.activated.emit(menu.findData(value))
    assert panel.given == [(f"importance.{name}", {name: value})]
    session.do(f"importance.{name}", **{name: value})
    panel.follow(session.state, everything(seen_state()))
    assert menu.currentData() == value
    assert panel.norm.isEnabled() == (name != "measure")


def test_a_class_is_chosen_by_its_name(panel):
    state = seen_state(of_class=1)
    panel.follow(state, everything(seen_state()))
    assert panel.of_class.currentText() == "dog" and panel.of_class.findText("each own label") == 0
    panel.of_class.activated.emit(panel.of_class.findData(2))
    panel.of_class.activated.emit(0)
    assert panel.given == [
        ("importance.class", {"of_class": 2}),
        ("importance.class", {"of_class": None}),
    ]


def test_filters_go_off_and_all_on_again(panel):
    state = seen_state(off=(("conv2", (1,)),)).with_part("focus", channel=1)
    panel.follow(state, everything(state))
    assert panel.focused.isChecked() and panel.on.isEnabled()
    panel.on.click()
    panel.focused.trigger()
    assert panel.given == [
        ("importance.on", {}),
        ("importance.switch", {"layer": "conv2", "channel": 1, "off": False}),
    ]
