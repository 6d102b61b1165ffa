"""The main window: panes, menus, status line, and what a person does with files."""

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenuBar,
    QStatusBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.gl.theme import THEMES
from viewer.qt import files, style
from viewer.qt.actions import Actions
from viewer.qt.desk import Desk
from viewer.qt.docking import lay_out
from viewer.qt.notices import NoticeBar
from viewer.qt.panes import Pane
from viewer.qt.status import StatusLine, exact_words, looked_at_words, study_words
from viewer.state.layout import PANES, TITLES, Layout, panes_of, without
from viewer.state.layout import pane as place_of
from viewer.state.tree import as_json
from viewer.studio.opening import SAMPLE, title_of
from viewer.studio.studio import SECONDS_BETWEEN_LOOKS

SAMPLE_NAME = "sample:shapes"


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
        self._theme = None
        self._remembered = None
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
        self._menu_bar = QMenuBar()
        self._notices = NoticeBar(door)
        self._set_top()
        self.actions_ = Actions(self)
        self.panes = {name: self._pane(name) for name in PANES if name in self.desk.widgets}
        self._status = StatusLine(studio.jobs)
        self._set_bottom()
        self._laid_out = None
        self._restore()
        self.desk.asked.connect(lambda name: getattr(self, name)())
        self.desk.refreshed.connect(self._refresh)
        studio.failed.connect(door.tell_error)
        studio.told.connect(lambda text, details: door.tell(text, details, grave=False))
        self._fill_recent()
        self._looks = QTimer(self)
        self._looks.setInterval(int(1000 * SECONDS_BETWEEN_LOOKS))
        self._looks.timeout.connect(self._look_at_study)
        self._looks.start()
        self.desk.canvases["stack"].setFocus()
        self.desk.refresh()

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

    def _set_bottom(self):
        bar = QStatusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addPermanentWidget(self._status, 1)
        self.setStatusBar(bar)

    def _pane(self, name):
        pane = Pane(name, TITLES[name], self.desk.widgets[name], self)
        pane.closed.connect(lambda: self.command("window.pane", {"pane": name, "shown": False}))
        pane.alone.connect(lambda: self._toggle_alone(name))
        entry = self.actions_.menus["panes"].addAction(TITLES[name])
        entry.setCheckable(True)
        entry.triggered.connect(
            lambda shown: self.command("window.pane", {"pane": name, "shown": shown})
        )
        pane.entry = entry
        return pane

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
        self._follow_theme(state.window.theme)
        self._follow_panes(state.window)
        self.actions_.refresh(self.session)
        hovered = self.session.holder.hover.value
        self._status.show_words(
            study_words(facts), looked_at_words(state, hovered, facts), exact_words(facts)
        )
        title = title_of(state.source)
        self.setWindowTitle("Lamella" if title == "nothing" else f"{title} - Lamella")
        layer = state.focus.layer or ""
        self.panes["network"].title_bar.set_detail(
            "" if facts.network is None else f"{len(facts.network.layers)} layers"
        )
        self.panes["stack"].title_bar.set_detail(layer)

        self._remember_source()

    def _follow_theme(self, name):
        if name != self._theme:
            self._theme = name
            style.apply(QApplication.instance(), THEMES[name])

    def _follow_panes(self, window):
        wanted = (window.layout, window.only)
        for name, pane in self.panes.items():
            pane.entry.setChecked(name in panes_of(window.layout))
            pane.title_bar.set_alone(window.only == name)
        if wanted == self._laid_out:
            return
        self._laid_out = wanted
        layout = window.layout if window.only is None else Layout(place_of(window.only))
        for name in PANES:
            if name not in self.panes:
                layout = without(layout, name)
        lay_out(self, self.panes, layout)

    def _look_at_study(self):
        if self.studio.facts.extraction.phase == "running":
            self.studio.look_at_study()

    # what a person does

    def command(self, kind, args):
        """Give a command of a menu or a button."""
        self.desk.command(kind, args)

    def open_paths(self, paths):
        """Open what paths are: a network, a study, data, or network and data."""
        found = files.sorted_paths(paths)
        source = self.session.state.source
        if "network" not in found and "study" not in found:
            found["network"] = source.network
            if source.network is None:
                self.door.tell("Open a network first, then its pictures.", grave=False)
                return
        self.command("open", found)

    def open_network(self):
        """Ask for a network and open it."""
        if path := files.ask_network(self):
            self.open_paths([path])

    def find_network(self):
        """Ask for the network of the study that is open."""
        if path := files.ask_network(self):
            study = self.session.state.source.study
            self.command("open", {"study": study, "network": path})

    def open_data(self):
        """Ask for a file of pictures and open it with the network."""
        if path := files.ask_data(self):
            self.open_paths([path])

    def open_folder(self):
        """Ask for a folder of pictures, or a study, and open it."""
        if path := files.ask_folder(self):
            self.open_paths([path])

    def open_sample(self):
        """Open the sample network on the sample data."""
        self.command("open", {"network": SAMPLE_NAME, "data": SAMPLE_NAME})

    def extract_again(self):
        """Go on with an extraction that failed."""
        self.studio.extract_again()

    def extract_anew(self):
        """Throw the study in the cache away and extract it anew."""
        self.studio.extract_anew()

    def _fill_recent(self):
        menu = self.actions_.menus["recent"]
        menu.clear()
        for entry in self._settings.recent:
            paths = [entry["network"], entry.get("data")]
            names = [path if path.startswith(SAMPLE) else Path(path).name for path in paths if path]
            action = menu.addAction("  ".join(names))
            action.setToolTip("\n".join(path for path in paths if path))
            action.triggered.connect(lambda _=False, entry=entry: self.command("open", dict(entry)))
        menu.setEnabled(bool(self._settings.recent))

    def reopen(self):
        """Try again to open the same files."""
        self.studio.reopen()

    def confirm(self):
        """Confirm the preprocessing."""
        self.command("preprocess.confirm", {})

    def change_preprocessing(self):
        """Show the preprocessing."""
        if self.session.state.window.only is not None:
            self.command("window.only", {"pane": None})
        self.command("window.pane", {"pane": "preprocessing", "shown": True})

    def save_study(self):
        """Move the study out of the cache to where the person wants it."""
        facts = self.studio.facts
        if facts.study_path is None or not facts.study_path.exists():
            self.door.tell("There is no study to save yet.", grave=False)
            return
        if facts.extraction.phase == "running":
            self.door.tell("The study is being written: stop it, or wait.", grave=False)
            return
        path = files.ask_study_destination(self, facts.study_path.name)
        if path:
            self.studio.move_study(Path(path))

    def save_picture(self):
        """Save the stack as it is seen."""
        path = files.ask_picture_destination(self)
        if path and not self.desk.picture_of_stack().save(path):
            self.door.tell(f"{path}: the picture could not be written.")

    def quit(self):
        """Close the window."""
        self.close()

    def _step_sample(self, steps=0, to=None):
        count = self.studio.facts.sample_count
        if count:
            now = self.session.state.focus.sample
            wanted = now + steps if to is None else to
            wanted = min(count - 1, max(0, wanted))
            if wanted != now:
                self.command("focus.sample", {"sample": wanted})

    def next_sample(self):
        """One sample on."""
        self._step_sample(1)

    def previous_sample(self):
        """One sample back."""
        self._step_sample(-1)

    def ten_on(self):
        """Ten samples on."""
        self._step_sample(10)

    def ten_back(self):
        """Ten samples back."""
        self._step_sample(-10)

    def first_sample(self):
        """The first sample."""
        self._step_sample(to=0)

    def last_sample(self):
        """The last sample."""
        self._step_sample(to=self.studio.facts.sample_count - 1)

    def _step_layer(self, steps):
        network = self.studio.facts.network
        if network is None or not network.layers:
            return
        names = [layer.name for layer in network.layers]
        focused = self.session.state.focus.layer
        at = names.index(focused) + steps if focused in names else (0 if steps > 0 else -1)
        if -1 <= at < len(names):
            self.command("focus.layer", {"layer": names[at]})

    def next_layer(self):
        """The next layer by depth."""
        self._step_layer(1)

    def previous_layer(self):
        """The layer before by depth."""
        self._step_layer(-1)

    def no_layer(self):
        """No layer is active; a pane that is alone lets the others back."""
        if self.session.state.window.only is not None:
            self.command("window.only", {"pane": None})
        else:
            self.command("focus.layer", {"layer": None})

    def _move_camera(self, **changes):
        camera = self.session.state.camera
        args = {name: change(getattr(camera, name)) for name, change in changes.items()}
        self.command("camera.move", args)

    def turn_left(self):
        """Turn the stack by 10 degrees."""
        self._move_camera(azimuth=lambda angle: angle + 10.0)

    def turn_right(self):
        """Turn the stack by 10 degrees."""
        self._move_camera(azimuth=lambda angle: angle - 10.0)

    def tilt_up(self):
        """Look from higher."""
        self._move_camera(elevation=lambda angle: angle + 10.0)

    def tilt_down(self):
        """Look from lower."""
        self._move_camera(elevation=lambda angle: angle - 10.0)

    def nearer(self):
        """Zoom in."""
        self._move_camera(zoom=lambda zoom: zoom * 1.2)

    def farther(self):
        """Zoom out."""
        self._move_camera(zoom=lambda zoom: zoom / 1.2)

    def explode(self):
        """More space between layers."""
        spacing = self.session.state.stack.spacing
        self.command("stack.spacing", {"spacing": spacing + 0.25})

    def collapse(self):
        """Less space between layers."""
        spacing = self.session.state.stack.spacing
        self.command("stack.spacing", {"spacing": spacing - 0.25})

    def denser(self):
        """More opacity."""
        self.command("stack.opacity", {"opacity": self.session.state.stack.opacity * 1.3})

    def thinner(self):
        """Less opacity."""
        self.command("stack.opacity", {"opacity": self.session.state.stack.opacity / 1.3})

    def labels(self):
        """Show or hide the layers' names."""
        self.command("stack.labels", {"labels": not self.session.state.stack.labels})

    def all_panes(self):
        """Bring all panes back to where they stand at first."""
        self.command("window.choose", {"layout": "Standard"})

    def alone(self):
        """The stack fills the window, or lets the others back."""
        self._toggle_alone("stack")

    def _toggle_alone(self, name):
        only = None if self.session.state.window.only == name else name
        self.command("window.only", {"pane": only})

    # Qt's events

    def dragEnterEvent(self, event):
        if files.dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event):
        self.open_paths(files.dropped_paths(event.mimeData()))
        event.acceptProposedAction()

    def closeEvent(self, event):
        self.close_window()
        super().closeEvent(event)

    def close_window(self):
        """Remember the layout, stop all work, free everything."""
        if self._closed:
            return
        self._closed = True
        self.hide()  # ending child processes may take a moment
        self._looks.stop()
        self._settings.set_bytes("geometry", self.saveGeometry())
        window = self.session.state.window
        self._settings.set("theme", window.theme)
        self._settings.set("layout", as_json(window.layout))
        self._settings.save()
        self._status.tasks.close_summary()
        self._notices.close_bar()
        self.desk.close_desk()
        self.studio.close()

    def _remember_source(self):
        source, network = self.session.state.source, self.studio.facts.network
        if source.network and network is not None and network is not self._remembered:
            self._remembered = network
            paths = {"network": source.network, "data": source.data}
            kept = {
                name: path if path is None or path.startswith(SAMPLE) else str(Path(path).resolve())
                for name, path in paths.items()
            }
            self._settings.add_recent(kept)
            self._fill_recent()
