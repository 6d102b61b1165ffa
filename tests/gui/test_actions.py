"""Menus, palette, shortcuts, presenting, sessions: everything by keyboard, in the real window."""

import time

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QSlider, QWidget

from tests.gui.test_window import activate, asked_to_be_active, opened
from viewer.qt.actions import all_actions
from viewer.session.command import Command
from viewer.state.layout import in_front
from viewer.state.tree import state_hash

pytestmark = pytest.mark.gui
Key, CTRL, SHIFT = (
    Qt.Key,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


@pytest.fixture
def keys(wait):
    """Keys for the active window."""
    return Keys(wait)


class Keys:
    """Keys pressed where they go: the widget with the focus in the window that was made active.

    A screen without a window manager may take the focus from a window at any time (Qt hears of it
    a tenth of a second late); then it is asked for again. Qt ends a process that presses a key
    while no widget has the focus.
    """

    def __init__(self, wait):
        self.wait, self.window = wait, None

    def on(self, window):
        """Make a window the active one; returns it."""
        activate(window, self.wait)
        self.window = window
        return window

    def focused(self):
        """The widget that has the keys, now: nothing is processed before it is pressed on."""
        end = time.monotonic() + 30
        while not asked_to_be_active(self.window) or QApplication.focusWidget() is None:
            assert time.monotonic() < end, "no widget has the keys"
            QApplication.processEvents()
            time.sleep(0.01)
        return QApplication.focusWidget()

    def are_in(self, name):
        """Whether a pane has the keys, and shows it."""
        return asked_to_be_active(self.window) and self.window.panes[name].title_bar.property(
            "focused"
        )

    def type(self, text):
        """Press the keys of letters."""
        for letter in text:
            QTest.keyClicks(self.focused(), letter)

    def press(self, key, *modifiers):
        """Press a key, with others held."""
        held = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            held |= modifier
        QTest.keyClick(self.focused(), key, held)


def test_every_method_that_an_action_names_is_there(make_window):
    window = make_window()
    for action in all_actions():
        if action.method:
            assert callable(window.method(action.method.split()[0])), action.name
            assert window.can(action.method) in (True, False)


def test_every_action_stands_in_a_menu_and_in_the_palette(make_window, wait):
    window = opened(make_window, wait)
    listed = {item.name for item in window._palette_items()}
    for action in window.menus.actions:
        entry = window.menus.entry(action.name)
        assert action.name in listed
        assert entry in window.menus.menu(action.menu).actions()
        assert len(entry.shortcuts()) == len(action.keys)
        assert all(not keys.isEmpty() for keys in entry.shortcuts()), action.keys


def test_every_command_of_an_action_runs(make_window, wait):
    window = opened(make_window, wait)
    for action in window.menus.actions:
        if not action.method:
            window.menus.run(action)
            window.command("window.presenting", {"presenting": False})
    window.desk.refresh()
    assert window.door.notices == ()


def test_what_cannot_be_done_is_grey(make_window, wait):
    window = make_window()
    entry = window.menus.entry
    assert not entry("undo.back").isEnabled()
    assert not entry("sample.next").isEnabled()
    window = opened(make_window, wait)
    entry = window.menus.entry
    assert entry("sample.next").isEnabled()
    assert not entry("sample.previous").isEnabled()
    window.command("focus.sample", {"sample": 3})
    wait(entry("undo.back").isEnabled)
    assert entry("sample.previous").isEnabled()


def test_the_palette_runs_an_action_and_goes_to_a_layer(make_window, wait, keys):
    window = keys.on(opened(make_window, wait))
    before = QApplication.focusWidget()
    keys.press(Key.Key_P, CTRL, SHIFT)
    wait(window.palette_.isVisible)
    keys.type("light them")
    keys.press(Key.Key_Return)
    assert window.session.state.window.theme == "light"
    assert window.palette_.isHidden()
    assert QApplication.focusWidget() is before
    keys.press(Key.Key_P, CTRL, SHIFT)
    keys.type("conv2")
    keys.press(Key.Key_Down)
    keys.press(Key.Key_Up)
    keys.press(Key.Key_Return)
    assert window.session.state.focus.layer == "conv2"
    keys.press(Key.Key_P, CTRL, SHIFT)
    assert window.palette_.list.model().index(0).data() == "Go to conv2"
    keys.type("zzzz")
    keys.press(Key.Key_Return)
    keys.press(Key.Key_Escape)
    assert window.palette_.isHidden()
    assert window.session.state.focus.layer == "conv2"  # Esc was the palette's


def test_the_palette_does_nothing_that_is_grey(make_window, wait, keys):
    window = keys.on(opened(make_window, wait))
    window.open_palette()
    keys.type("sample previous")
    keys.press(Key.Key_Return)
    assert window.palette_.isVisible()
    QTest.mouseClick(window.desk.canvases["stack"], Qt.MouseButton.LeftButton)
    assert window.palette_.isHidden()


def test_a_question_mark_opens_the_sheet_of_keys(make_window, wait, keys):
    window = keys.on(opened(make_window, wait))
    keys.press(Key.Key_Question)
    wait(window.shortcuts.isVisible)
    texts = [label.text() for label in window.shortcuts.findChildren(QWidget, "heading")]
    assert {"File", "Stack", "Window", "Mouse"} <= set(texts)
    keys.type("present")
    wait(lambda: len(window.shortcuts.findChildren(QWidget, "heading")) < len(texts))
    keys.press(Key.Key_Escape)
    assert window.shortcuts.isHidden()


def test_presenting_shows_panes_only_and_gives_all_back(make_window, wait, keys):
    window = keys.on(opened(make_window, wait))
    shown = [bar for bar in window.findChildren(QWidget, "bar") if not bar.isHidden()]
    assert shown
    keys.press(Key.Key_F11)
    wait(lambda: window.isFullScreen() and window.menuBar().isHidden())
    assert window.statusBar().isHidden()
    assert all(bar.isHidden() for bar in shown)
    assert window.desk.canvases["stack"].scale > 1.2
    window.show_pointer()
    QTest.mousePress(window.desk.canvases["sample"], Qt.MouseButton.LeftButton)
    keys.press(Key.Key_Right, SHIFT)
    assert window.glass.isVisible()
    assert window.glass._keys == "Shift →"
    QTest.mouseRelease(window.desk.canvases["sample"], Qt.MouseButton.LeftButton)
    keys.press(Key.Key_Escape)
    wait(lambda: not window.isFullScreen() and window.menuBar().isVisible())
    assert [bar for bar in window.findChildren(QWidget, "bar") if not bar.isHidden()] == shown
    assert window.desk.canvases["stack"].scale == 1.0
    assert not window.glass.shows_hands


def test_f6_goes_round_the_panes_and_ctrl_and_a_number_to_one(make_window, wait, keys):
    window = keys.on(opened(make_window, wait))
    seen = [name for name in in_front(window.session.state.window.layout) if name in window.panes]
    visited = []
    for _ in seen:
        keys.press(Key.Key_F6)
        visited.append(window.placing.pane_with_keys)
    assert sorted(visited) == sorted(seen)
    keys.press(Key.Key_F6, SHIFT)
    assert window.placing.pane_with_keys == visited[-2]
    keys.press(Key.Key_7, CTRL)
    wait(lambda: window.placing.pane_with_keys == "tasks")
    assert "tasks" in in_front(window.session.state.window.layout)
    keys.press(Key.Key_2, CTRL)
    wait(lambda: window.placing.pane_with_keys == "stack")
    wait(lambda: keys.are_in("stack"))
    keys.press(Key.Key_F9)
    wait(lambda: window.panes["sample"].isHidden())
    keys.press(Key.Key_F9)
    wait(lambda: window.panes["sample"].isVisible())


def test_tab_reaches_every_control_of_every_pane(make_window, wait, keys):
    window = keys.on(opened(make_window, wait))
    for name, widget in window.desk.widgets.items():
        window.placing.go_to(name)
        wait(lambda name=name: keys.are_in(name))
        for kind in (QPushButton, QSlider):
            for each in widget.findChildren(kind):
                if not each.isVisible():
                    continue
                assert each.focusPolicy() & Qt.FocusPolicy.TabFocus, (name, each)


def test_a_slider_with_the_keys_keeps_its_arrows(make_window, wait, keys):
    window = keys.on(opened(make_window, wait, size=(1600, 900)))
    slider = next(
        each for each in window.desk.widgets["stack"].findChildren(QSlider) if each.isVisible()
    )
    slider.setFocus()
    before = slider.value()
    keys.press(Key.Key_Right)
    assert slider.value() != before
    assert window.session.state.focus.sample == 0


def test_text_grows_and_shrinks(make_window, wait):
    window = opened(make_window, wait)
    height = window.panes["stack"].title_bar.height()
    for _ in range(2):
        window.larger_text()
    wait(lambda: window.panes["stack"].title_bar.height() > height)
    assert window.desk.canvases["stack"].scale > 1.2
    window.normal_text()
    wait(lambda: window.panes["stack"].title_bar.height() == height)


# files and sessions


def drop(window, *paths):
    """Drop files on a window."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window.dropEvent(
        QDropEvent(
            QPointF(10, 10),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def test_network_pictures_and_labels_are_dropped_together(make_window, wait, tmp_path):
    window = make_window()
    network, pictures, labels = (tmp_path / n for n in ("net.onnx", "pictures", "labels.csv"))
    for path in (network, labels):
        path.touch()
    pictures.mkdir()
    drop(window, labels, pictures, network)
    source = window.session.state.source
    assert (source.network, source.data) == (str(network), str(pictures))
    assert source.labels == str(labels)
    wait(lambda: window.studio.facts.network is not None)
    drop(window, network, tmp_path / "other.onnx")
    assert "together" in window.door.notices[0].text


def test_pictures_without_a_network_are_a_sentence(make_window, tmp_path):
    window = make_window()
    drop(window, tmp_path)
    assert window.door.notices[0].text.startswith("Open a network first")


def test_recent_files_come_back_and_those_that_are_gone_go(make_window, wait, tmp_path):
    network, pictures = tmp_path / "net.onnx", tmp_path / "pictures"
    network.touch()
    pictures.mkdir()
    window = make_window()
    drop(window, network, pictures)
    wait(lambda: window.filing.recent())
    window.close()
    again = make_window()
    ((words, tip, open_it),) = again.filing.recent()
    assert words == "net.onnx  pictures"
    open_it()
    assert again.session.state.source.network == str(network)
    network.unlink()
    open_it()
    assert "no longer there" in again.door.notices[0].text
    assert again.filing.recent() == []


def test_a_session_saved_and_opened_has_the_same_state(make_window, wait, tmp_path):
    (tmp_path / "net.onnx").touch()
    (tmp_path / "pictures").mkdir()
    window = make_window()
    drop(window, tmp_path / "net.onnx", tmp_path / "pictures")
    wait(lambda: window.studio.facts.answer is not None)
    for kind, args in (
        ("focus.sample", {"sample": 4}),
        ("focus.layer", {"layer": "conv2"}),
        ("caption", {"text": "Here", "place": "top", "seconds": 0.4}),
        ("stack.mode", {"mode": "maximum"}),
        ("camera.move", {"azimuth": 77.0}),
        ("undo", {}),
    ):
        window.command(kind, args)
    wanted, path = state_hash(window.session.state), tmp_path / "a.lamella"
    assert window.sessions._save(path)
    window.close()
    again = make_window()
    drop(again, path)
    wait(lambda: state_hash(again.session.state) == wanted)
    assert again.windowTitle().startswith("a.lamella")
    wait(lambda: again.studio.facts.answer is not None)
    again.command("focus.sample", {"sample": 9})
    again.menus.entry("session.play.toggle").trigger()
    player = again.sessions.document.player
    assert player.playing
    wait(lambda: again.glass.captions == ("Here",))
    wait(lambda: not player.playing)
    assert state_hash(again.session.state) == wanted
    assert again.glass.captions == ()


def test_a_session_whose_network_is_gone_asks_once(make_window, wait, tmp_path, monkeypatch):
    for name in ("net.onnx", "moved.onnx"):
        (tmp_path / name).touch()
    window = make_window()
    drop(window, tmp_path / "net.onnx")
    wait(lambda: window.studio.facts.network is not None)
    assert window.sessions._save(tmp_path / "a.lamella")
    (tmp_path / "net.onnx").unlink()
    asked = []

    def answer(parent, role, path):
        asked.append((role, path))
        return str(tmp_path / "moved.onnx")

    monkeypatch.setattr("viewer.qt.sessions.files.ask_missing", answer)
    drop(window, tmp_path / "a.lamella")
    wait(lambda: window.session.state.source.network == str(tmp_path / "moved.onnx"))
    assert asked == [("network", "net.onnx")]


def test_a_broken_session_is_one_sentence(make_window, wait, tmp_path):
    window = make_window()
    (tmp_path / "b.lamella").write_text("nothing like it\n")
    drop(window, tmp_path / "b.lamella")
    wait(lambda: window.door.notices)
    assert "b.lamella" in window.door.notices[0].text
    assert window.door.notices[0].details == ""


def test_a_picture_of_all_panes_has_the_size_asked_for(make_window, wait):
    window = opened(make_window, wait)
    pixels = window.picturing.pixels((640, 400))
    assert pixels.shape == (400, 640, 3)
    assert pixels.std() > 5
    alone = window.picturing.pixels((300, 200), "sample")
    assert alone.shape == (200, 300, 3)
    window.method("copy_picture")()
    assert not QApplication.clipboard().image().isNull()
    assert window.door.notices == ()


def test_the_window_is_recorded_and_says_so(make_window, wait, tmp_path):
    window = opened(make_window, wait)
    window.recording.record_to(str(tmp_path / "a.mp4"))
    wait(lambda: window.recording.words.startswith("recording 0:"))
    for step in range(5):
        window.command("focus.sample", {"sample": step})
        QTest.qWait(40)
    assert window._status._recording.isVisible()
    window.recording.stop_recording()
    wait(lambda: window.door.notices)
    assert "recorded" in window.door.notices[0].text
    assert (tmp_path / "a.mp4").stat().st_size > 1000
    assert not window._status._recording.isVisible()


def test_steps_that_are_not_saved_are_asked_about(make_window, wait, monkeypatch):
    window = opened(make_window, wait)
    window.method("new_session")()
    window.command("focus.sample", {"sample": 2})
    answers = []

    def ask(*_):
        answers.append(1)
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr("viewer.qt.sessions.QMessageBox.question", ask)
    window.close()
    assert answers == [1]
    assert window.isVisible()
    monkeypatch.setattr(
        "viewer.qt.sessions.QMessageBox.question",
        lambda *_: QMessageBox.StandardButton.Discard,
    )


def test_playing_steps_the_samples_and_is_one_command(make_window, wait):
    window = opened(make_window, wait)
    before = len(window.session.commands)
    window.play()
    wait(lambda: window.session.state.focus.sample >= 2)
    window.play()
    assert not window._steps.isActive()
    (played,) = window.session.commands[before:]
    assert isinstance(played, Command) and played.kind == "focus.sample"
    window.undo()
    assert window.session.state.focus.sample == 0


def test_escape_stops_what_plays_before_it_leaves_the_layer(make_window, wait, keys):
    window = keys.on(opened(make_window, wait))
    window.session.do("focus.layer", layer="conv2")
    window.play()
    wait(lambda: window.session.state.focus.sample > 0)
    keys.press(Key.Key_Escape)
    wait(lambda: not window._playing.running)
    assert window.session.state.focus.layer == "conv2"
    keys.press(Key.Key_Escape)
    wait(lambda: window.session.state.focus.layer is None)


def test_a_view_that_fails_leaves_the_menus(make_window, wait):
    window = opened(make_window, wait)
    window.door.install()
    try:

        def fail(*_):
            raise RuntimeError("the frame fell off the wall")

        window.desk.stage.views["sample"].follow = fail
        window.command("window.theme", {"theme": "light"})
        wait(lambda: window.door.notices)
        assert window.menus.entry("window.theme.light").isChecked()
        del window.desk.stage.views["sample"].follow
    finally:
        window.door.uninstall()
