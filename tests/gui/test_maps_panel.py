"""The feature maps' row of words: what it shows and what its words give."""

import pytest

from viewer.session.session import Session

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(application):
    from PySide6.QtWidgets import QWidget

    from viewer.views.maps.panel import MapsPanel
    from viewer.views.maps.view import MapsView

    canvas = QWidget()
    canvas.view = MapsView()
    made = MapsPanel(canvas)
    made.given = []
    made.wished.connect(lambda kind, args: made.given.append((kind, args)))
    yield made
    made.deleteLater()


def word(panel, text):
    from PySide6.QtWidgets import QPushButton

    return next(button for button in panel.findChildren(QPushButton) if button.text() == text)


@pytest.mark.parametrize(
    ("text", "kind", "args"),
    [
        ("Mean", "maps.set", {"set": "mean"}),
        ("Common", "maps.range", {"range": "common"}),
        ("Hide dead", "maps.dead", {"hidden": True}),
    ],
)
def test_a_word_gives_its_command_and_shows_the_state(panel, text, kind, args):
    session = Session()
    panel.follow(session.state, None)
    assert not word(panel, text).isChecked()
    word(panel, text).click()
    assert panel.given == [(kind, args)]
    session.do(kind, **args)
    panel.follow(session.state, None)
    assert word(panel, text).isChecked()


def test_what_does_not_fit_is_left_out(panel):
    panel.resize(300, 200)
    panel.show()
    assert word(panel, "Mean").isVisible() and not panel.order.isVisible()
    panel.resize(900, 200)
    assert panel.order.isVisible() and word(panel, "Hide dead").isVisible()
    panel.hide()
