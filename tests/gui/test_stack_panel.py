"""The stack's controls: what they show, what they give, and that a narrow pane has them all."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from tests.viewer.views.test_resolve import ready
from viewer.gl.theme import DARK, LIGHT
from viewer.qt.style import sheet
from viewer.state.tree import State
from viewer.views.stack.build import LayerFacts, build
from viewer.views.stack.curve import LAW
from viewer.views.stack.panel import StackPanel

pytestmark = pytest.mark.gui


class Canvas(QWidget):
    """Stands for the canvas: its view holds contents and knows of no playing."""

    def __init__(self, facts):
        super().__init__()
        layers = [LayerFacts.of(layer) for layer in facts.network.layers]
        contents = build(layers, facts.answer.maps, (8, 8))
        self.view = SimpleNamespace(contents=contents, playing=None)


class Bench:
    def __init__(self):
        self.facts = ready()
        self.panel = StackPanel(Canvas(self.facts))
        self.given, self.moves, self.ended = [], [], []
        self.panel.wished.connect(lambda kind, args: self.given.append((kind, args)))
        self.panel.dragged.connect(lambda kind, args: self.moves.append((kind, args)))
        self.panel.drag_ended.connect(lambda: self.ended.append(1))
        self.panel.setStyleSheet(sheet(DARK))
        self.panel.resize(1010, 600)
        self.panel.show()
        self.follow(State())

    def follow(self, state):
        self.state = state
        self.panel.follow(state, self.facts)

    def word(self, text):
        return next(b for b in self.panel.findChildren(QPushButton) if b.text() == text)

    def seen(self):
        return {b.text() for b in self.panel.findChildren(QPushButton) if b.isVisible()}


@pytest.fixture
def bench(application):
    made = Bench()
    yield made
    made.panel.close()
    made.panel.deleteLater()


def mouse(widget, kind, x, y, button=Qt.MouseButton.LeftButton):
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    place = QPointF(x, y)
    event = QMouseEvent(
        kind, place, widget.mapToGlobal(place), button, held, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


def drag(widget, start, end):
    mouse(widget, QEvent.Type.MouseButtonPress, *start)
    mouse(widget, QEvent.Type.MouseMove, *end)
    mouse(widget, QEvent.Type.MouseButtonRelease, *end)


def press_key(widget, key):
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def test_the_mode_is_chosen_and_only_what_it_needs_is_there(bench):
    bench.panel.modes.activated.emit(4)
    assert bench.given == [("stack.mode", {"mode": "isosurface"})]
    shown = bench.panel.sliders.sliders
    assert shown["opacity"].isVisible()
    bench.follow(State().with_part("stack", mode="isosurface"))
    assert not shown["opacity"].isVisible()
    assert shown["iso"].isVisible()
    assert "Curve" not in bench.seen()
    bench.follow(State().with_part("stack", mode="average"))
    assert [name for name, slider in shown.items() if slider.isVisible()] == ["opacity", "spacing"]
    assert shown["opacity"].findChild(QLabel).text() == "Brightness"
    bench.follow(State().with_part("stack", mode="slabs"))
    assert not any(shown[name].isVisible() for name in ("opacity", "iso", "attenuation"))


def test_one_section_is_open_at_a_time_and_its_word_closes_it(bench):
    bench.word("Range").click()
    assert "Common" in bench.seen()
    bench.word("Layers").click()
    assert "Common" not in bench.seen()
    assert "Names" in bench.seen()
    bench.word("Layers").click()
    assert "Names" not in bench.seen()


@pytest.mark.parametrize("width", [240, 320, 440, 480, 600, 650, 760, 810, 856, 970, 1400])
def test_every_control_is_reached_at_any_width_and_nothing_is_cut_off(bench, width):
    bench.panel.resize(width, 500)
    QApplication.processEvents()
    if "Look" in bench.seen():
        bench.word("Look").click()
    sliders = [
        *bench.panel.sliders.sliders.items(),
        *bench.panel.sections["Look"].sliders.sliders.items(),
    ]
    assert {name for name, slider in sliders if slider.isVisible()} == {"opacity", "spacing"}
    for button in bench.panel.findChildren(QPushButton):
        if button.isVisible() and width >= 320:
            assert button.width() >= button.minimumSizeHint().width(), button.text()
            right = button.mapTo(bench.panel, button.rect().topRight()).x()
            assert right <= width, button.text()


def test_a_range_is_typed_for_the_focused_layer_and_reset(bench):
    state = State().with_part("focus", layer="conv1")
    bench.follow(state)
    bench.word("Range").click()
    bench.panel.sections["Range"].high.setText("0,5")
    bench.panel.sections["Range"].high.setModified(True)
    bench.panel.sections["Range"].high.editingFinished.emit()
    assert bench.given == [("stack.limits", {"layer": "conv1", "low": 0.0, "high": 0.5})]
    bench.panel.sections["Range"].high.setText("soon")
    bench.panel.sections["Range"].high.setModified(True)
    bench.panel.sections["Range"].high.editingFinished.emit()
    assert len(bench.given) == 1
    assert bench.panel.sections["Range"].high.text() == "1"
    bench.follow(state.with_part("stack", limits=(("conv1", 0.0, 0.5),)))
    bench.panel.sections["Range"].reset.click()
    assert bench.given[-1] == ("stack.limits.reset", {"layer": "conv1"})


def test_without_a_focused_layer_there_is_no_range_to_type(bench):
    bench.word("Range").click()
    assert not bench.panel.sections["Range"].high.isEnabled()
    bench.follow(State().with_part("stack", scale="common"))
    assert bench.panel.sections["Range"].high.isEnabled()


def test_clip_planes_are_dragged_as_one_command_and_moved_by_keys(bench):
    bench.word("Clip").click()
    QApplication.processEvents()
    slider = bench.panel.sections["Clip"].sliders["rows"]
    middle = slider.height() / 2
    drag(slider, (slider._x_of(1.0), middle), (slider._x_of(0.5), middle))
    ((kind, args),) = bench.moves
    assert (kind, args["axis"], args["low"]) == ("stack.clip", "rows", 0.0)
    assert args["high"] == pytest.approx(0.5, abs=0.02)
    assert bench.ended == [1]
    bench.follow(State().with_part("stack", clip=((0.0, 1.0), (0.2, 0.6), (0.0, 1.0))))
    press_key(slider, Qt.Key.Key_Home)
    press_key(slider, Qt.Key.Key_Right)
    assert bench.given[-1] == ("stack.clip", {"axis": "rows", "low": 0.21, "high": 0.6})
    drag(slider, (slider._x_of(0.4), middle), (slider._x_of(0.9), middle))
    assert bench.moves[-1] == ("stack.clip", {"axis": "rows", "low": 0.6, "high": 1.0})
    press_key(slider, Qt.Key.Key_Backspace)
    assert bench.given[-1] == ("stack.clip", {"axis": "rows", "low": 0.0, "high": 1.0})


def test_the_curve_is_edited_by_pointer_and_keys(bench):
    bench.follow(State().with_part("focus", layer="conv1"))
    bench.word("Curve").click()
    QApplication.processEvents()
    editor = bench.panel.sections["Curve"].editor
    last = editor._pixel(*LAW[-1])
    drag(editor, (last.x(), last.y()), (last.x(), editor._pixel(0, 0.5).y()))
    kind, args = bench.moves[-1]
    assert kind == "stack.curve"
    assert args["points"][-1] == pytest.approx([1.0, 0.5], abs=0.02)
    bench.follow(bench.state.with_part("stack", curve=((0.0, 0.0), (1.0, 1.0))))
    middle = editor._pixel(0.5, 0.9)
    mouse(editor, QEvent.Type.MouseButtonDblClick, middle.x(), middle.y())
    assert bench.given[-1][1]["points"][1] == pytest.approx([0.5, 0.9], abs=0.01)
    bench.follow(bench.state.with_part("stack", curve=((0.0, 0.0), (0.5, 0.9), (1.0, 1.0))))
    press_key(editor, Qt.Key.Key_Down)
    assert bench.given[-1][1]["points"][1] == pytest.approx([0.5, 0.88])
    mouse(editor, QEvent.Type.MouseButtonPress, middle.x(), middle.y(), Qt.MouseButton.RightButton)
    assert bench.given[-1][1]["points"] == [[0.0, 0.0], [1.0, 1.0]]
    press_key(editor, Qt.Key.Key_Backspace)
    assert bench.given[-1] == ("stack.curve", {"points": None})


def test_the_histogram_says_what_it_counts_and_what_is_under_the_pointer(bench):
    bench.follow(State().with_part("focus", layer="conv2"))
    bench.word("Curve").click()
    assert (
        bench.panel.sections["Curve"].counted.text() == "conv2, this sample: 96 values, log counts"
    )
    editor = bench.panel.sections["Curve"].editor
    end = editor._pixel(1.0, 0.5)
    mouse(editor, QEvent.Type.MouseMove, end.x() - 0.1, end.y(), Qt.MouseButton.NoButton)
    assert bench.panel.sections["Curve"].counted.text() == "1: 96 values, density 1.00"


def test_layers_are_hidden_and_shown_alone(bench):
    bench.follow(State().with_part("focus", layer="conv2"))
    bench.word("Layers").click()
    bench.word("Only this").click()
    bench.word("Hide").click()
    assert bench.given == [
        ("stack.solo", {"layer": "conv2"}),
        ("stack.hide", {"layer": "conv2"}),
    ]
    bench.follow(bench.state.with_part("stack", hidden=("conv1", "conv2")))
    bench.word("Show all (2 hidden)").click()
    assert bench.given[-1] == ("stack.show", {})


def test_words_are_reached_by_tab_and_pressed_by_space_while_shortcuts_wait(bench):
    word = bench.word("Layers")
    override = QKeyEvent(
        QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier
    )
    override.ignore()
    QApplication.sendEvent(word, override)
    assert override.isAccepted()
    press_key(word, Qt.Key.Key_Space)
    assert "Names" in bench.seen()
    with_control = QKeyEvent(
        QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier
    )
    with_control.ignore()
    QApplication.sendEvent(word, with_control)
    assert not with_control.isAccepted()
    assert word.focusPolicy() == Qt.FocusPolicy.TabFocus


def test_an_empty_study_and_another_theme_are_survived(bench):
    bench.panel.set_theme(LIGHT)
    for name in ("Range", "Clip", "Curve", "Layers"):
        bench.word(name).click()
        bench.panel.grab()
    bench.panel.canvas.view.contents = None
    bench.facts = bench.facts.but(answer=None)
    bench.follow(State())
    assert not bench.panel.sections["Range"].low.isEnabled()
    assert np.isfinite(bench.panel.sections["Curve"].editor.sizeHint().height())


def test_the_source_is_chosen_where_it_has_room_and_a_mean_is_of_activations(bench):
    menu = bench.panel.sources
    assert menu.isVisible() and menu.currentText() == "Activations"
    menu.activated.emit(2)
    assert bench.given[-1] == ("stack.source", {"source": "relevance"})
    state = State().with_part("stack", source="relevance")
    bench.follow(state)
    assert menu.currentText() == "Relevance"
    bench.follow(state.with_part("stack", set="mean"))
    assert menu.currentText() == "Activations"
    bench.panel.resize(690, 500)
    assert not menu.isVisible()


def test_ranges_of_a_gradient_are_not_set_by_hand(bench):
    section = bench.panel.sections["Range"]
    bench.panel.open_section("Range")
    focused = State().with_part("focus", layer="conv1")
    bench.follow(focused)
    assert section.high.isEnabled()
    bench.follow(focused.with_part("stack", source="gradient"))
    assert not section.high.isEnabled() and not section.low.isEnabled()
