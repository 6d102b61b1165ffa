"""The sample's controls: what they show of the attribution, and what they give."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox

from engine.errors import InputError
from tests.viewer.views.test_sample_views import ready
from viewer.session.session import Session

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(application):
    from PySide6.QtWidgets import QWidget

    from viewer.views.sample.panel import SamplePanel
    from viewer.views.sample.view import SampleView

    canvas = QWidget()
    canvas.view = SampleView()
    made = SamplePanel(canvas)
    made.resize(400, 500)
    made.session, made.facts = Session(), ready()
    made.wished.connect(lambda kind, args: give(made.session, kind, args))
    made.session.holder.changed.connect(
        lambda new, old: made.follow(made.session.state, made.facts)
    )
    made.follow(made.session.state, made.facts)
    yield made
    made.deleteLater()


def give(session, kind, args):
    """As the window: what does not fit is told, and changes nothing."""
    try:
        session.do(kind, **args)
    except InputError as error:
        assert "target" in str(error)


def choose(menu, word):
    menu.setCurrentIndex(menu.findText(word))
    menu.activated.emit(menu.currentIndex())


def test_controls_stand_only_where_they_apply(panel):
    assert panel.method.isHidden() and panel.second.isHidden()
    panel.shown.click()
    assert panel.session.state.attribution.shown
    applies = {"gradient": (), "lrp": ("rule",), "smoothgrad": ("steps", "seed"),
               "integrated-gradients": ("steps",)}  # fmt: skip
    for method, controls in applies.items():
        panel.session.do("attribution.method", method=method)
        assert panel.method.currentData() == method
        for name in ("rule", "steps", "seed"):
            assert getattr(panel, name).isHidden() == (name not in controls)
    panel.shown.click()
    assert panel.method.isHidden()


def test_every_choice_gives_its_command(panel):
    panel.shown.click()
    choose(panel.method, "SmoothGrad")
    choose(panel.steps, "32 steps")
    panel.seed.click()
    choose(panel.target, "dog")
    settings = panel.session.state.attribution
    assert (settings.method, settings.steps, settings.seed) == ("smoothgrad", 32, 1)
    assert settings.target == "logit:1"
    choose(panel.steps, "Steps")
    choose(panel.target, "Its label")
    choose(panel.method, "LRP")
    choose(panel.rule, "z-plus")
    settings = panel.session.state.attribution
    assert (settings.steps, settings.target, settings.rule) == (None, "label", "z-plus")
    choose(panel.method, "Grad-CAM")
    choose(panel.layer, "active layer")
    assert panel.session.state.attribution.layer == "active" and panel.rule.isHidden()
    panel.opacity.given.emit(0.25)
    assert panel.session.state.attribution.opacity == 0.25


def test_a_target_is_typed_a_class_by_its_name(panel):
    from PySide6.QtTest import QTest

    panel.shown.click()
    line = panel.target.lineEdit()
    for text, target in (("conv1:2@3,4", "conv1:2@3,4"), ("Dog", "logit:1"), ("nonsense", None)):
        line.setText(text)
        QTest.keyClick(line, Qt.Key.Key_Return)
        if target is not None:
            assert panel.session.state.attribution.target == target
    assert panel.session.state.attribution.target == "logit:1"
    assert panel.target.currentText() == "dog"


def test_in_a_small_pane_the_picture_has_the_room(panel):
    panel.shown.click()
    panel.resize(200, 150)
    panel.show()
    assert panel.method.isVisible()
    assert not panel.target.isVisible() and not panel.second.isVisible()
    assert panel.shown.width() >= panel.shown.minimumSizeHint().width()
    panel.resize(400, 500)
    assert panel.target.isVisible() and panel.within.isVisible()
    panel.hide()


def test_what_a_command_chose_beside_the_list_is_shown(panel):
    panel.shown.click()
    panel.session.do("attribution.target", target="conv1:2@3,4")
    panel.session.do("attribution.method", method="lrp")
    panel.session.do("attribution.rule", rule="gamma=0.5")
    assert panel.target.currentText() == "conv1:2@3,4"
    assert panel.rule.currentText() == "gamma=0.5"


def test_it_lies_over_the_picture_and_the_window_ends_without_a_rest(
    make_window, wait, monkeypatch
):
    from tests.pretend_explainer import CountedRunner, ExplainingEngine

    monkeypatch.setattr("tests.gui.conftest.PretendEngine", ExplainingEngine)
    before = CountedRunner.living
    window = make_window()
    window.command("open", {"network": "net.onnx", "data": "pictures"})
    wait(lambda: window.studio.facts.answer is not None)
    (action,) = [each for each in window.menus.actions if each.name == "attribution.show"]
    window.menus.run(action)
    view = window.desk.canvases["sample"].view
    wait(lambda: view._found is not None)
    assert view.wish.attribution.title.startswith("Gradient of")
    window.command("undo", {})
    wait(lambda: view._found is None)
    window.close()
    assert CountedRunner.living == before


@pytest.mark.parametrize("width", [180, 200, 230, 260, 300, 340, 400, 900])
@pytest.mark.parametrize("method", ["gradient", "lrp", "smoothgrad"])
def test_nothing_is_cut_off_at_any_width(panel, width, method):
    from PySide6.QtCore import QPoint

    from viewer.gl.theme import DARK
    from viewer.qt.style import sheet

    panel.setStyleSheet(sheet(DARK))
    panel.resize(width, 500)
    panel.show()
    panel.session.do("attribution.show", shown=True)
    panel.session.do("attribution.method", method=method)
    QApplication.processEvents()
    for name in ("shown", "method", "target", "rule", "steps", "seed", "within", "opacity"):
        part = getattr(panel, name)
        if part.isVisible():
            right = part.mapTo(panel, QPoint(0, 0)).x() + part.width()
            least = 60 if isinstance(part, QComboBox) else part.minimumSizeHint().width()
            assert right <= width and part.width() >= least, name
    panel.hide()
