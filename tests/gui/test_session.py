"""Sessions in the real window: recorded, edited, played, saved, opened again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from viewer.qt import files
from viewer.session import journal
from viewer.session.replay import replay
from viewer.state.tree import state_hash

pytestmark = pytest.mark.gui


def until(wanted, seconds=20):
    """Let the window live until something is so."""
    for _ in range(int(seconds * 50)):
        QApplication.processEvents()
        if wanted():
            return
        QTest.qWait(20)
    raise AssertionError("it never came to be")


@pytest.fixture
def asked(monkeypatch):
    """How often a person was asked whether to save; she never wants to."""
    times = []

    def question(*_):
        times.append(1)
        return QMessageBox.StandardButton.Discard

    monkeypatch.setattr(QMessageBox, "question", question)
    return times


@pytest.fixture
def window(asked, make_window):
    made = make_window()
    made.command("open", {"network": "net.onnx", "data": "pictures"})
    until(lambda: made.studio.facts.answer is not None)
    return made


def record(window):
    """A session of a person's own: samples, a mode, a caption."""
    window.method("new_session")()
    for kind, args in (
        ("focus.sample", {"sample": 1}),
        ("focus.sample", {"sample": 2}),
        ("stack.mode", {"mode": "maximum"}),
    ):
        QTest.qWait(60)
        window.command(kind, args)
    window.sessions.document.insert("caption", text="Maximum", seconds=0.2)
    return window.sessions.document


def test_what_a_person_does_is_listed_saved_and_opened_again(window, tmp_path, monkeypatch):
    document = record(window)
    path = tmp_path / "afternoon.lamella"
    monkeypatch.setattr(files, "ask_destination", lambda *_: str(path))
    assert document.asks_to_save
    assert window.method("save_session")()
    assert not document.asks_to_save
    assert "afternoon.lamella" in window.windowTitle()
    _, commands = journal.read(path)
    kinds = [command.kind for command in commands]
    assert kinds[-4:] == ["focus.sample", "focus.sample", "stack.mode", "caption"]
    before = state_hash(window.session.state)
    window.command("stack.mode", {"mode": "emission"})
    monkeypatch.setattr("viewer.session.locating.exists", lambda path: True)
    window.method("open_session_file")(str(path))
    until(lambda: len(document.steps) == len(commands) and not document.taking_in)
    assert state_hash(window.session.state) == before


def test_a_session_is_played_on_the_live_window_and_ends_as_it_was(window):
    document = record(window)
    end = window.session.state
    window.method("play_session")()
    assert window.session.state.stack.mode == "emission"
    until(lambda: not document.player.playing)
    assert state_hash(window.session.state) == state_hash(end)
    again = replay(window.session.commands, window.session.first).session
    assert window.session.state == again.state


def test_the_pane_lists_it_and_its_keys_edit_it(window):
    document = record(window)
    window.command("window.pane", {"pane": "session", "shown": True})
    panel = window.desk.widgets["session"]
    until(panel.isVisible)
    count = len(document.steps)
    assert panel.model.rowCount() == count
    panel.table.setFocus()
    panel._select(count - 2)
    before = window.session.state
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    assert len(document.steps) == count - 1
    assert window.session.state == before
    QTest.keyClick(panel.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(document.steps) == count
    assert window.session.state == before


def test_nobody_is_asked_about_clicks_and_everybody_about_a_recorded_session(window, asked):
    window.command("focus.sample", {"sample": 2})
    assert window.sessions.may_lose()
    assert not asked
    record(window)
    assert window.sessions.may_lose()
    assert asked
