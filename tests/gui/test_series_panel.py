"""The controls of a series: classes, steps, how it looks; what they give and what they show."""

import numpy as np
import pytest

from tests.viewer.views.test_sample_views import ready
from viewer.session.session import Session
from viewer.studio.facts import StudySummary

pytestmark = pytest.mark.gui
PREDICTED = np.array([0, 1, 2, 0, 2, 2, 0, 1, 2, 0, 1, 2], np.int32)


@pytest.fixture
def panel(application):
    from PySide6.QtWidgets import QWidget

    from viewer.views.series.panel import SeriesPanel
    from viewer.views.series.view import SeriesView

    canvas = QWidget()
    canvas.view = SeriesView()
    made = SeriesPanel(canvas)
    made.session = Session()
    made.facts = ready(summary=StudySummary(predicted=PREDICTED, samples=12))
    made.given, made.asked = [], []

    def give(kind, args):
        made.given.append((kind, args))
        made.session.do(kind, **args)
        made.follow(made.session.state, made.facts)

    made.wished.connect(give)
    made.dragged.connect(give)
    made.pressed.connect(made.asked.append)
    made.resize(1000, 400)
    made.show()
    made.follow(made.session.state, made.facts)
    yield made
    made.close()
    made.deleteLater()


def test_a_series_is_built_of_the_classes_suggested_or_chosen(panel):
    strip = panel.strips["Build"]
    assert strip.isVisible()
    texts = {role: menu.currentText() for role, menu in strip.classes.items()}
    assert texts["inspected"] == "dog, suggested" and texts["similar"] == "fox, suggested"
    menu = strip.classes["similar"]
    menu.activated.emit(menu.findData(0))
    strip.each.activated.emit(strip.each.findData(1))
    strip.together.click()
    assert panel.given == [
        ("series.choose", {"role": "similar", "label": 0}), ("series.each", {"each": 1}),
        ("series.together", {"together": True}),
    ]  # fmt: skip
    assert menu.currentText() == "cat" and strip.classes["dissimilar"].currentText() != "cat"
    strip.build.click()
    kind, args = panel.given[-1]
    assert kind == "series.build" and args["target"] == "logit:1"
    assert args["groups"][0] == ["dog, right", "inspected", [1]]
    assert strip.isHidden() and panel.slider.maximum() == len(args["groups"]) - 1


def test_steps_are_slid_named_moved_removed_and_played(panel):
    panel.given.clear()
    panel.session.do("series.build", groups=[["a", "other", [1]], ["b", "other", [2]]])
    panel.follow(panel.session.state, panel.facts)
    panel.open_strip("Steps")
    strip = panel.strips["Steps"]
    panel.slider.setSliderPosition(1)
    assert panel.given == [("series.step", {"step": 1})]
    assert strip.name.text() == "b"
    strip.name.setText("better")
    strip.name.setModified(True)
    strip.name.editingFinished.emit()
    strip.buttons["Reference"].click()
    strip.buttons["Earlier"].click()
    assert panel.session.state.series.steps[0].name == "better"
    assert not strip.buttons["Add selection"].isEnabled()
    strip.buttons["Add sample"].click()
    panel.play.click()
    assert panel.asked == ["play"]
    strip.buttons["Remove"].click()
    strip.buttons["Clear"].click()
    assert panel.session.state.series.steps == () and not panel.play.isEnabled()


def test_how_it_looks_is_chosen_and_shown(panel):
    panel.open_strip("Look")
    menus = panel.strips["Look"].menus
    for name, value in (
        ("difference", "reference"), ("unfolding", "rows"), ("picture", "filters"), ("checked", 16),
    ):  # fmt: skip
        menus[name].activated.emit(menus[name].findData(value))
        assert panel.given[-1] == (f"series.{name}", {name: value})
        assert menus[name].currentData() == value
    panel.check.activated.emit(panel.check.findData("largest"))
    panel.target.activated.emit(panel.target.findData("label"))
    assert panel.session.state.series.check == "largest"
    assert panel.session.state.attribution.target == "label"
    panel.resize(400, 300)
    assert panel.target.isHidden() and not panel.slider.isHidden()
