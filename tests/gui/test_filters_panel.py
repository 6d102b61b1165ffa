"""The row of controls of the Top filters: what it shows, what its words give, and in the window."""

import pytest

from viewer.session.session import Session
from viewer.state.filters import MOST_LAYERS

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(application):
    from PySide6.QtWidgets import QWidget

    from viewer.views.filters.panel import FiltersPanel
    from viewer.views.filters.view import FiltersView

    canvas = QWidget()
    canvas.view = FiltersView()
    made = FiltersPanel(canvas)
    made.session = Session(clock=lambda: 0.0)

    def give(kind, args):
        made.session.do(kind, **args)
        made.follow(made.session.state, None)

    made.wished.connect(give)
    made.dragged.connect(lambda kind, args: made.session.drag(kind, **args))
    made.drag_ended.connect(made.session.end_drag)
    made.follow(made.session.state, None)
    yield made
    made.deleteLater()


def choose(menu, value):
    menu.setCurrentIndex(menu.findData(value))
    menu.activated.emit(menu.currentIndex())


def test_menus_give_their_commands_and_show_the_state(panel):
    for name, value in (("method", "guided"), ("colour", "signed"), ("squares", "none")):
        menu = getattr(panel, name)
        choose(menu, value)
        assert getattr(panel.session.state.filters, name) == value
        panel.session.do("undo")
        panel.follow(panel.session.state, None)
        assert menu.currentData() != value


def test_sliders_give_their_commands_and_show_the_state(panel):
    panel.share.given.emit(0.75)
    panel.background.given.emit(0.25)
    settings = panel.session.state.filters
    assert (settings.share, settings.background) == (0.75, 0.25)
    assert panel.share._word.text() == "From 0.75"
    panel.background.moved.emit(0.5)
    panel.background.moved.emit(1.0)
    panel.background.released.emit()
    assert panel.session.commands[-1].args["keys"][-1][1] == {"opacity": 1.0}


def test_the_slider_of_the_share_goes_to_its_value_and_back(panel):
    for share in (0.0, 0.5, 0.9, 0.98, 1.0):
        place = panel.share._place_of(share)
        assert 0 <= place <= 1 and panel.share._value_of(place) == pytest.approx(share)
    assert panel.share._place_of(0.98) < 0.9


def test_the_active_layer_is_kept_and_let_go(panel):
    assert not panel.keep.isEnabled()
    panel.session.do("focus.layer", layer="conv1")
    panel.follow(panel.session.state, None)
    panel.keep.click()
    assert panel.session.state.filters.layers == ("conv1",) and panel.keep.isChecked()
    panel.keep.click()
    assert panel.session.state.filters.layers == ()
    panel.session.do("filters.layers", layers=[f"conv{n}" for n in range(2, 2 + MOST_LAYERS)])
    panel.follow(panel.session.state, None)
    assert not panel.keep.isEnabled()


def test_what_does_not_fit_is_left_out(panel):
    panel.resize(300, 200)
    panel.show()
    assert panel.method.isVisible() and not panel.share.isVisible()
    panel.resize(1000, 200)
    assert panel.share.isVisible() and panel.keep.isVisible()
    panel.hide()


def test_in_the_window_keys_move_the_range_and_what_is_hovered_is_told(
    make_window, wait, monkeypatch
):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from tests.pretend_projector import ProjectingEngine
    from viewer.views.gestures import Pointer

    monkeypatch.setattr("tests.gui.conftest.PretendEngine", lambda certain: ProjectingEngine())
    window = make_window(size=(1200, 800))
    window.command("window.choose", {"layout": "Top filters"})
    window.command("open", {"network": "net.onnx", "data": "pictures"})
    wait(lambda: window.studio.facts.answer is not None)
    window.command("focus.layer", {"layer": "conv2"})
    canvas = window.desk.canvases["filters"]
    wait(lambda: canvas.view.drawn is not None and not canvas.view.pending)
    assert canvas.view.wish.has_projections
    window.command("filters.range", {"first": 0, "last": 1})
    wait(lambda: canvas.view.wish.settings.last == 1)
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert window.session.state.filters.first == 1
    assert window.session.state.focus.sample == 0
    (bars,) = canvas.view.places().bars
    canvas.view.move(Pointer(bars.x_of(2) + 2, bars.top + 4))
    assert window.session.holder.hover.value.layer == "conv2"
    canvas.view.leave()
