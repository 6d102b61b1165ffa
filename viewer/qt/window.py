"""The main window: panes, menus, status line, and what belongs to the window alone."""

import time
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMainWindow,
    QMenuBar,
    QMessageBox,
    QStatusBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.gl.theme import THEMES
from viewer.qt import files, style
from viewer.qt.actions import all_actions, back
from viewer.qt.arrangement import Arrangement
from viewer.qt.desk import Desk
from viewer.qt.filing import Filing
from viewer.qt.glass import Glass
from viewer.qt.keys import KeyKeeper, reach_by_tab
from viewer.qt.menus import Menus
from viewer.qt.notices import NoticeBar
from viewer.qt.ordering import Ordering
from viewer.qt.palette import Item, Palette, action_items
from viewer.qt.panes import Pane
from viewer.qt.picturing import Picturing
from viewer.qt.placing import Placing
from viewer.qt.recording import Recording
from viewer.qt.selecting import Selecting
from viewer.qt.sessions import Sessions
from viewer.qt.shortcuts import Shortcuts
from viewer.qt.status import StatusLine, exact_words, looked_at_words, study_words
from viewer.qt.tabling import Tabling
from viewer.session.playing import Playing
from viewer.stage.composition import PRESENTING
from viewer.state.layout import PANES, TITLES, in_front, without
from viewer.state.tree import as_json
from viewer.studio.opening import title_of
from viewer.studio.studio import SECONDS_BETWEEN_LOOKS
from viewer.views.session.panel import SessionPanel

STEP_MS = 8
TEXT_SCALES = (0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6, 1.8, 2.0)


class MainWindow(QMainWindow):
    """The window.

    Parameters
    ----------
    session : Session
    studio : Studio
    door : ErrorDoor
    settings : Settings
    """

    def __init__(self, session, studio, door, settings):
        super().__init__()
        self.session = session
        self.studio = studio
        self.door = door
        self._settings = settings
        self._look = None
        self._put_away = None
        self._checks = {}
        self._before_presenting = None
        self._closed = False
        self.setWindowTitle("Lamella")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setDockOptions(
            QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AnimatedDocks
        )
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.desk = Desk(session, studio, door, self)
        self.filing = Filing(self, settings)
        self.sessions = Sessions(self)
        self.selecting, self.ordering = Selecting(self), Ordering(self)
        self.desk.widgets["session"] = self._session_panel()
        self.recording = Recording(self)
        self.picturing = Picturing(self)
        self.placing = Placing(self, settings)
        self._parts = (
            self,
            self.placing,
            self.filing,
            self.sessions,
            self.selecting,
            self.ordering,
            Tabling(self),
            self.recording,
            self.picturing,
        )
        self._parts += (self.desk.panels["network"],)
        self._menu_bar = QMenuBar()
        self._notices = NoticeBar(door)
        self._set_top()
        self.menus = Menus(self, all_actions())
        self.panes = {name: self._pane(name) for name in PANES if name in self.desk.widgets}
        self.arrangement = Arrangement(self, self.panes)
        self._keys = KeyKeeper(self)
        self._status = StatusLine(studio.jobs)
        self._set_bottom()
        self.palette_ = Palette(self, self._palette_items)
        self.shortcuts = Shortcuts(self, self.menus.actions)
        self.glass = Glass(self)
        self._bare = QLabel("No pane is open. Ctrl+0 brings them back.", self)
        self._bare.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._bare.setProperty("dim", True)
        self._bare.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        stage = self.desk.stage
        self._playing = Playing(
            session,
            studio,
            lambda: not self.desk.is_behind and not stage.pending,
            lambda: "stack" not in stage.visible or not stage.views["stack"].pending,
        )
        for name in ("stack", "filters", "sample"):
            stage.views[name].play_with(self._playing)
        self._steps = QTimer(self)
        self._steps.setTimerType(Qt.TimerType.PreciseTimer)
        self._steps.setInterval(STEP_MS)
        self._steps.timeout.connect(lambda: self._playing.tick(time.monotonic()))
        self._restore()
        self._connect()
        self._looks = QTimer(self)
        self._looks.setInterval(int(1000 * SECONDS_BETWEEN_LOOKS))
        self._looks.timeout.connect(self._look_at_study)
        self._looks.start()
        self.desk.refresh()
        self.placing.give_keys("stack")

    # making

    def menuBar(self):
        return self._menu_bar

    def _set_top(self):
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._menu_bar)
        column.addWidget(self._notices)
        self.setMenuWidget(top)

    def _session_panel(self):
        panel = SessionPanel(self.sessions.document)
        panel.pressed.connect(lambda name: self.method(name)())
        panel.wrong.connect(lambda text: self.door.tell(text, grave=False))
        return panel

    def _set_bottom(self):
        bar = QStatusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addPermanentWidget(self._status, 1)
        self.setStatusBar(bar)

    def _pane(self, name):
        reach_by_tab(self.desk.widgets[name])
        pane = Pane(name, TITLES[name], self.desk.widgets[name], self)
        pane.closed.connect(lambda: self.command("window.pane", {"pane": name, "shown": False}))
        pane.alone.connect(lambda: self.placing.alone(name))
        return pane

    def _connect(self):
        self.desk.asked.connect(lambda name: self.method(name)())
        self.desk.refreshed.connect(self._refresh)
        self.arrangement.moved.connect(
            lambda layout: self.command("window.layout", {"layout": as_json(layout)})
        )
        self._playing.changed.connect(self._follow_playing)
        self.studio.failed.connect(self.door.tell_error)
        self.studio.told.connect(lambda text, details: self.door.tell(text, details, grave=False))
        self.filing.changed.connect(self._fill_recent)
        self.recording.changed.connect(self._say_recording)
        self._fill_recent()
        self.placing.fill_layouts()
        QApplication.instance().focusChanged.connect(self._follow_focus)

    def _restore(self):
        geometry = self._settings.get_bytes("geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            available = QApplication.primaryScreen().availableGeometry()
            self.resize(
                min(1500, int(available.width() * 0.94)), min(940, int(available.height() * 0.92))
            )

    # keeping in step

    def _refresh(self):
        state, facts = self.session.state, self.studio.facts
        self._follow_look(state.window)
        self._follow_presenting(state.window.presenting)
        self._follow_layout(state.window)
        self.menus.follow(state, facts)
        hovered = self.session.holder.hover.value
        self._status.show_words(
            study_words(facts), looked_at_words(state, hovered, facts), exact_words(state, facts)
        )
        self._say_title()
        for name, pane in self.panes.items():
            pane.title_bar.set_detail(self.desk.detail(name))
        self.filing.follow(state.source, facts)
        self.selecting.fill()
        self.ordering.fill_orders()

    def follow_session(self):
        """The session's document has changed: its name, place, or whether it plays."""
        self.menus.refresh()
        self._say_title()
        self.panes["session"].title_bar.set_detail(self.desk.detail("session"))

    def _say_title(self):
        title = title_of(self.session.state.source)
        names = [self.sessions.document.title, "" if title == "nothing" else title, "Lamella"]
        self.setWindowTitle(" - ".join(name for name in names if name))

    def _say_recording(self):
        self._status.show_recording(self.recording.words)
        self.menus.refresh()

    def _follow_look(self, window):
        """Theme, and how large text is."""
        scale = self._settings.get("text_scale", 1.0)
        scale = scale * PRESENTING if window.presenting else scale
        if (window.theme, scale) != self._look:
            self._look = window.theme, scale
            style.apply(QApplication.instance(), THEMES[window.theme], scale)
            self.desk.set_scale(scale)
            self.glass.set_look(THEMES[window.theme], scale)

    def _follow_presenting(self, presenting):
        if presenting == (self._put_away is not None):
            return
        if presenting:
            self._before_presenting = self.saveGeometry()
            bars = [
                bar for pane in self.panes.values() for bar in pane.findChildren(QWidget, "bar")
            ]
            self._put_away = [self._menu_bar, self.statusBar()]
            self._put_away += [bar for bar in bars if not bar.isHidden()]
            for bar in self._put_away:
                bar.hide()
            self.setGeometry(self.screen().geometry())  # where no window manager does it
            self.showFullScreen()
            return
        self.showNormal()
        self.restoreGeometry(self._before_presenting)
        for bar in self._put_away:
            bar.show()
        self._put_away = None
        self.glass.show_hands(False)

    def _follow_layout(self, window):
        layout = window.layout
        for name in PANES:
            if name not in self.panes:
                layout = without(layout, name)
        keys, had = self.placing.pane_with_keys, self.isActiveWindow()
        changed = self.arrangement.apply(layout, window.only)
        if changed and had and keys in in_front(layout, window.only):
            self.placing.give_keys(keys)  # docks that move lose them
        for name, pane in self.panes.items():
            pane.title_bar.set_alone(window.only == name)
        self._bare.setVisible(layout.root is None)
        self._bare.setGeometry(self.rect())

    def _follow_focus(self, _old, widget):
        self._keys.watch(widget)
        self.placing.follow_focus(widget)

    def _look_at_study(self):
        if self.studio.facts.extraction.phase == "running":
            self.studio.look_at_study()

    def _fill_recent(self):
        menu = self.menus.menu("File/Open Recent", before="open.sample")
        menu.clear()
        for words, tip, open_it in self.filing.recent():
            entry = menu.addAction(words)
            entry.setToolTip(tip)
            entry.triggered.connect(lambda _=False, open_it=open_it: open_it())
        menu.setEnabled(not menu.isEmpty())

    # what actions and buttons ask for

    def command(self, kind, args):
        """Give a command of a menu or a button."""
        self.desk.command(kind, args)

    def method(self, name):
        """The method that an action or a view's button names: the window's or its parts'."""
        for part in self._parts:
            if hasattr(part, name):
                return getattr(part, name)
        raise AttributeError(f"the window has no {name}")

    def can(self, method):
        """Whether what an action names can be done now."""
        if method not in self._checks:
            name, *words = method.split()
            found = [getattr(part, f"can_{name}", None) for part in self._parts]
            check = next((check for check in found if check is not None), lambda *_: True)
            self._checks[method] = partial(check, *words)
        return bool(self._checks[method]())

    def open_paths(self, paths):
        """Open what was dropped or named."""
        self.filing.open_paths(paths)

    def can_undo(self):
        """Whether something can be taken back."""
        return self.session.can("undo")

    def undo(self):
        """Take back the last command."""
        self.command("undo", {})

    def can_redo(self):
        """Whether something was taken back."""
        return self.session.can("redo")

    def redo(self):
        """Do again what was taken back."""
        self.command("redo", {})

    def can_undo_camera(self):
        """Whether the camera has moved."""
        return self.session.can("camera.undo")

    def undo_camera(self):
        """Look from where one looked before."""
        self.command("camera.undo", {})

    def can_redo_camera(self):
        """Whether a camera's movement was taken back."""
        return self.session.can("camera.redo")

    def redo_camera(self):
        """Look again from where one looked."""
        self.command("camera.redo", {})

    def confirm(self):
        """Confirm the preprocessing."""
        self.command("preprocess.confirm", {})

    def change_preprocessing(self):
        """Show the preprocessing."""
        if self.session.state.window.only is not None:
            self.command("window.only", {"pane": None})
        self.command("window.pane", {"pane": "preprocessing", "shown": True})

    def can_play(self):
        """Whether there is more than one sample to play."""
        return self._playing.running or self._playing.can_start

    def play(self):
        """Play the samples, or the frames of a video, one after the other; or stop."""
        self._playing.toggle(time.monotonic())

    def can_back(self):
        """Whether Escape leads anywhere."""
        return self._playing.running or self._back is not None

    @property
    def _back(self):
        return back(self.session.state, self.studio.facts)

    def back(self):
        """Stop what plays; else one step back to the whole."""
        if self._playing.running:
            self._playing.stop()
        elif self._back is not None:
            self.command(*self._back)

    def _follow_playing(self):
        if self._playing.running != self._steps.isActive():
            self._steps.start() if self._playing.running else self._steps.stop()
            self.menus.refresh()

    def quit(self):
        """Close the window."""
        self.close()

    # the size of text, sheets, presenting

    def _step_text(self, steps):
        now = self._settings.get("text_scale", 1.0)
        at = min(range(len(TEXT_SCALES)), key=lambda at: abs(TEXT_SCALES[at] - now)) + steps
        self._settings.set("text_scale", TEXT_SCALES[min(len(TEXT_SCALES) - 1, max(0, at))])
        self._refresh()

    def larger_text(self):
        """All text one step larger."""
        self._step_text(1)

    def smaller_text(self):
        """All text one step smaller."""
        self._step_text(-1)

    def normal_text(self):
        """Text as large as it is made."""
        self._settings.set("text_scale", 1.0)
        self._refresh()

    def show_pointer(self):
        """Show where the pointer presses and which keys, or no longer."""
        self.glass.show_hands(not self.glass.shows_hands)

    def open_palette(self):
        """Find an action, a layer or a recent file by a few letters."""
        self.palette_.open_sheet()

    def show_keys(self):
        """All shortcuts."""
        self.shortcuts.open_sheet()

    def _palette_items(self):
        items = action_items(self.menus.actions, self.menus)
        for name, layout in self.placing.own_layouts.items():
            items.append(
                Item(f"own layout {name}", name, "Window, Layout", "",
                     lambda layout=layout: self.placing.take_layout(layout))
            )  # fmt: skip
        for words, recall in self.selecting.palette_entries():
            items.append(Item(f"selection {words}", words, "Selection", "", recall))
        for words, apply in self.ordering.order_entries():
            items.append(Item(f"order {words}", words, "Order", "", apply))
        network = self.studio.facts.network
        for layer in () if network is None else network.layers:
            args = {"layer": layer.name}
            items.append(
                Item(f"layer {layer.name}", f"Go to {layer.name}", "layer", "",
                     lambda args=args: self.command("focus.layer", args))
            )  # fmt: skip
        for words, _, open_it in self.filing.recent():
            items.append(Item(f"recent {words}", f"Open {words}", "recent", "", open_it))
        return items

    def show_about(self):
        """Say what this program is."""
        from importlib.metadata import version

        QMessageBox.about(
            self,
            "About Lamella",
            f"Lamella {version('lamella')}\n\nOpens a vision network with its images and looks"
            " inside.\n\n`lamella doctor` says what this machine offers.",
        )

    # Qt's events

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self.arrangement.fit()
        self._bare.setGeometry(self.rect())
        if self.glass.isVisible():
            self.glass.setGeometry(self.rect())

    def dragEnterEvent(self, event):
        if files.dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event):
        self.open_paths(files.dropped_paths(event.mimeData()))
        event.acceptProposedAction()

    def closeEvent(self, event):
        if not self._closed and not self.sessions.may_lose():
            event.ignore()
            return
        self.close_window()
        super().closeEvent(event)

    def close_window(self):
        """Remember the layout, stop all work, free everything."""
        if self._closed:
            return
        self._closed = True
        self.hide()  # ending child processes may take a moment
        self._looks.stop()
        self.recording.close()
        self._playing.stop()
        self._steps.stop()
        self.sessions.close()
        self.arrangement.stop()
        self.glass.stop()
        self.palette_.close_sheet()
        self.shortcuts.close_sheet()
        QApplication.instance().focusChanged.disconnect(self._follow_focus)
        window = self.session.state.window
        geometry = self._before_presenting if window.presenting else self.saveGeometry()
        self._settings.set_bytes("geometry", geometry)
        self._settings.set("theme", window.theme)
        self._settings.set("layout", as_json(window.layout))
        self._settings.save()
        self._status.tasks.close_summary()
        self._notices.close_bar()
        self.desk.close_desk()
        self.studio.close()
