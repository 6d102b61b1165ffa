"""The slices' controls: what they give and what they show; exports by the window's action."""

import pytest

from viewer.session.session import Session

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(application):
    from PySide6.QtWidgets import QWidget

    from viewer.views.slices.panel import SlicesPanel
    from viewer.views.slices.view import SlicesView

    canvas = QWidget()
    canvas.view = SlicesView()
    made = SlicesPanel(canvas)
    made.given = []
    made.wished.connect(lambda kind, args: made.given.append((kind, args)))
    yield made
    made.deleteLater()


def test_controls_give_commands_and_show_the_state(panel):
    session = Session()
    panel.source.activated.emit(panel.source.findData("weights"))
    panel.before.click()
    panel.bars.click()
    panel.fit.click()
    assert [kind for kind, _ in panel.given] == [
        "slices.source", "slices.before", "slices.bars", "slices.fit",
    ]  # fmt: skip
    for kind, args in panel.given:
        session.do(kind, **args)
    panel.follow(session.state, None)
    assert panel.source.currentData() == "weights" == session.state.slices.source
    assert panel.before.isChecked() and session.state.slices.before
    assert panel.bars.isChecked() == session.state.slices.bars


def test_what_does_not_fit_is_left_out(panel):
    panel.resize(240, 200)
    panel.show()
    assert panel.source.isVisible() and panel.before.isVisible() and not panel.fit.isVisible()
