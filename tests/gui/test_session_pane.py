"""The session pane: words for every step, times as typed, and what keys do to the list."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from tests.viewer.session.random_commands import Chance, StandingClock, give_some
from viewer.gl.theme import DARK, LIGHT
from viewer.qt.style import sheet
from viewer.session.command import Command
from viewer.session.document import Document
from viewer.session.session import TRAVEL, Session
from viewer.state.tree import StateHolder
from viewer.views.session.model import LASTS, TIME, WHAT
from viewer.views.session.panel import SessionPanel
from viewer.views.session.resolve import row_of, seconds_of, time_text
from viewer.views.session.words import LONGEST, words_of

pytestmark = pytest.mark.gui

ORBIT = {"azimuth": 9.0, "keys": [[0.0, {"azimuth": 1.0}], [2.5, {"azimuth": 9.0}]]}


@pytest.mark.parametrize(
    ("kind", "args", "text"),
    [
        ("open", {"network": "sample:shapes", "data": "sample:shapes"}, "open sample:shapes"),
        ("open", {"network": "/a/net.onnx", "data": "/b/pictures"}, "open net.onnx with pictures"),
        ("focus.sample", {"sample": 11}, "focus sample 12"),
        (
            "focus.sample",
            {"sample": 9, "keys": [[0, {"sample": 2}], [1, {"sample": 9}]]},
            "play samples 3 to 10",
        ),
        ("focus.unit", {"layer": "conv1", "channel": 3, "unit": [1, 2]}, "pick conv1:3@1,2"),
        ("focus.unit", {"layer": "conv1", "channel": 3, "unit": None}, "focus conv1:3"),
        ("camera.move", ORBIT, "orbit: stack"),
        ("camera.move", {"zoom": 2.0, "shift": [0.0, 1.0, 0.0]}, "zoom and move: stack"),
        (
            "select.brush",
            {"mode": "replace", "region": {"kind": "class", "items": [2]}},
            "select class 2",
        ),
        (
            "select.brush",
            {"mode": "add", "region": {"kind": "samples", "items": [0, 4]}},
            "select also samples 1, 5",
        ),
        (
            "select.brush",
            {"mode": "add", "region": {"kind": "lasso", "layer": "fc", "x": 3, "y": 5}},
            "select also by lasso in fc, 3 by 5",
        ),
        (
            "select.brush",
            {"mode": "replace", "region": {"kind": "points", "layer": "fc", "points": [[3, 5]]}},
            "select 1 point of fc",
        ),
        (
            "select.brush",
            {
                "mode": "subtract",
                "region": {"kind": "projected", "layer": "fc", "channels": [3, 0]},
            },
            "deselect by outline in fc, channels 3, 0",
        ),
        ("scatter.look", {"azimuth": 3.0, "zoom": 2.0}, "turn and zoom: scatter"),
        ("matrix.look", {"x": 3.0, "span": 2.0}, "zoom and move: matrix"),
        ("scatter.point", {"sample": 4, "layer": "c", "unit": [1, 2]}, "pick sample 5 in c@1,2"),
        ("select.recall", {"name": "mine", "mode": "subtract"}, "deselect “mine”"),
        ("select.save", {"name": "mine"}, "save the selection as “mine”"),
        ("select.invert", {}, "select all others"),
        ("window.only", {"pane": "stack"}, "Stack alone"),
        ("window.only", {"pane": None}, "all panes"),
        ("stack.opacity", {"opacity": 1.23456}, "stack opacity 1.235"),
        ("caption", {"text": "Two\nlines", "place": "top", "seconds": 1.0}, "“Two lines”"),
        ("dream", {"of": ["sheep", True]}, "dream sheep, on"),
        ("focus.unit", {"wrong": 3}, "focus unit 3"),
        ("select.brush", {"mode": "replace", "region": 7}, "select brush replace 7"),
        ("undo", {}, "undo"),
    ],
)
def test_a_step_in_words(kind, args, text):
    assert words_of(Command(kind, args, 0.0)) == text


def test_every_kind_has_words_of_one_line():
    session, clock = Session(StateHolder()), StandingClock()
    give_some(session, clock, Chance(8), 800)
    for step in [*session.commands, *(Command(kind) for kind in TRAVEL)]:
        text = words_of(step)
        assert text.strip()
        assert "\n" not in text
        assert len(text) <= LONGEST
        assert "keys" not in text.split()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0:00.0"), (62.34, "1:02.3"), (59.96, "1:00.0"), (3723.5, "1:02:03.5")],
)
def test_times_as_shown_are_times_as_typed(seconds, text):
    assert time_text(seconds) == text
    assert seconds_of(text) == pytest.approx(seconds, abs=0.051)


@pytest.mark.parametrize("text", ["", "a", "1:2:3:4", "-3", "nan", "1e9", "99999999"])
def test_what_is_no_time_is_told(text):
    with pytest.raises(ValueError, match=r"time|longer"):
        seconds_of(text)


def test_only_what_takes_time_says_how_long():
    assert row_of(Command("camera.move", ORBIT, 1.0)).lasts == "2.5 s"
    assert row_of(Command("wait", {"seconds": 2.0}, 1.0)).lasts == "2.0 s"
    assert row_of(Command("focus.sample", {"sample": 1}, 1.0)).lasts == ""


class Bench:
    """A pane over a document with five steps."""

    def __init__(self):
        self.clock = StandingClock()
        self.session = Session(StateHolder(), self.clock)
        self.document = Document(self.session)
        self.document.player._clock = self.clock
        for sample in range(1, 6):
            self.clock.now += 1.0
            self.session.do("focus.sample", sample=sample)
        self.wrong = []
        self.panel = SessionPanel(self.document)
        self.panel.wrong.connect(self.wrong.append)
        self.panel.setStyleSheet(sheet(DARK))
        self.panel.resize(320, 300)
        self.panel.show()
        self.table, self.model = self.panel.table, self.panel.model
        self.table.setFocus()

    def key(self, text):
        """Press a key of the list, as a shortcut of the window would be offered it first."""
        combination = QKeySequence(text)[0]
        arguments = (combination.key(), combination.keyboardModifiers())
        override = QKeyEvent(QEvent.Type.ShortcutOverride, *arguments)
        override.ignore()
        QApplication.sendEvent(self.table, override)
        assert override.isAccepted(), f"{text} would go to the window"
        QTest.keyClick(self.table, *arguments)

    def choose(self, *rows):
        self.panel._select(rows[0], len(rows))

    @property
    def samples(self):
        return [step.args.get("sample", step.kind) for step in self.document.steps]

    def edit(self, row, column, text):
        assert self.model.setData(self.model.index(row, column), text) is True

    def shown(self, row, column=WHAT):
        return self.model.index(row, column).data()


@pytest.fixture
def bench(application):
    made = Bench()
    yield made
    made.panel.close()
    made.document.close()
    made.panel.deleteLater()


def test_it_lists_what_was_done_with_times(bench):
    assert [bench.shown(row) for row in range(5)][:2] == ["focus sample 2", "focus sample 3"]
    assert bench.shown(4, TIME) == "0:05.0"
    bench.clock.now += 1
    bench.session.do("stack.mode", mode="maximum")
    assert bench.shown(5) == "stack: maximum"
    assert bench.panel.detail == "6 steps"


def test_keys_delete_move_and_take_back(bench):
    bench.choose(1, 2)
    bench.key("Alt+Down")
    assert bench.samples == [1, 4, 2, 3, 5]
    assert bench.panel.chosen == [2, 3]
    bench.key("Alt+Up")
    bench.key("Del")
    assert bench.samples == [1, 4, 5]
    assert bench.panel.chosen == [1]
    bench.key("Ctrl+Z")
    assert bench.samples == [1, 2, 3, 4, 5]
    bench.key("Ctrl+Z")
    bench.key("Ctrl+Z")
    bench.key("Ctrl+Shift+Z")
    assert bench.samples == [1, 4, 2, 3, 5]
    assert bench.session.state.focus.sample == 5


def test_keys_go_to_a_step_and_play_from_it(bench):
    bench.choose(1)
    bench.key("Return")
    assert bench.session.state.focus.sample == 2
    assert bench.document.player.place == 2
    bench.choose(3)
    bench.key("Ctrl+Return")
    assert bench.document.player.playing
    assert bench.session.state.focus.sample == 3
    bench.key("Space")
    assert not bench.document.player.playing


def test_times_and_lengths_are_typed_in_place(bench):
    bench.edit(1, TIME, "10")
    assert [step.t for step in bench.document.steps] == [1.0, 10.0, 11.0, 12.0, 13.0]
    bench.model.along = False
    bench.edit(1, TIME, "0:12.5")
    assert bench.samples == [1, 3, 4, 2, 5]
    assert bench.panel.chosen == [3]
    assert not bench.model.setData(bench.model.index(0, TIME), "soon")
    assert len(bench.wrong) == 1
    assert not bench.model.index(0, LASTS).flags() & Qt.ItemFlag.ItemIsEditable


def test_captions_and_waits_are_put_in_and_typed(bench):
    bench.choose(2)
    bench.panel.add_caption()
    field = bench.table.findChild(QLineEdit)
    assert field.text() == "Caption"
    field.setText("Look here")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert bench.shown(2) == "“Look here”"
    bench.panel.set_caption_place("top")
    assert bench.document.steps[2].args["place"] == "top"
    bench.choose(3)
    bench.key("Shift+Ins")
    bench.edit(3, LASTS, "5 s")
    assert bench.shown(3, LASTS) == "5.0 s"
    assert bench.samples[4:] == [3, 4, 5]
    assert not bench.document.player.left


def test_steps_are_dropped_where_they_are_wanted(bench):
    content = bench.model.mimeData([bench.model.index(4, 0), bench.model.index(0, 0)])
    nowhere = bench.model.index(-1, -1)
    removes = bench.model.dropMimeData(content, Qt.DropAction.MoveAction, 2, 0, nowhere)
    assert bench.samples == [2, 1, 5, 3, 4]
    assert removes is False
    assert bench.panel.chosen == [1, 2]


def test_the_mark_stands_after_what_is_done_and_steps_to_come_are_dim(bench):
    bench.document.player.go_to(2)
    colours = [
        bench.model.index(row, WHAT).data(Qt.ItemDataRole.ForegroundRole).name() for row in range(4)
    ]
    assert colours == [DARK.text, DARK.accent, DARK.dim, DARK.dim]
    bench.session.do("window.theme", theme="light")
    colour = bench.model.index(0, WHAT).data(Qt.ItemDataRole.ForegroundRole)
    assert colour.name() == LIGHT.text


def test_everything_is_in_the_menu_and_asks_the_window_for_files(bench):
    bench.choose(0)
    menu, asked = QMenu(), []
    bench.panel.pressed.connect(asked.append)
    bench.panel.fill_menu(menu)
    entries = {entry.text().split("\t")[0]: entry for entry in menu.actions() if entry.text()}
    for name in ("New Session", "Save Session", "Save with Its Data..."):
        entries[name].trigger()
    assert asked == ["new_session", "save_session", "save_session_with_data"]
    assert entries["Delete"].isEnabled()
    assert not entries["Undo in the List"].isEnabled()
    entries["No Pause above 1.5 s"].trigger()
    entries["Later Steps Go Along"].trigger()
    assert not bench.model.along


def test_hidden_it_sleeps_and_shown_it_is_right(bench):
    bench.panel.hide()
    for sample in range(10, 20):
        bench.session.do("focus.sample", sample=sample)
    assert bench.model.rowCount() == 5
    bench.panel.show()
    assert bench.model.rowCount() == 15


def test_without_steps_it_says_what_will_stand_there(application):
    document = Document(Session(StateHolder()))
    panel = SessionPanel(document)
    assert panel.currentIndex() == 0
    panel.show()
    document.session.do("focus.sample", sample=1)
    assert panel.currentIndex() == 1
    panel.close()
    document.close()


def test_a_narrow_pane_leaves_out_what_its_menu_has(bench):
    panel = bench.panel
    panel.setMinimumSize(1, 1)  # as in a dock: `minimumSizeHint` counts, not its parts
    panel.resize(150, 200)
    QApplication.processEvents()
    shown = [panel._here.isVisible(), panel._delete.isVisible(), panel._play.isVisible()]
    assert shown == [False, False, True]
    panel.resize(500, 200)
    QApplication.processEvents()
    assert panel._here.isVisible()
    assert panel._delete.isVisible()
