"""Menus and shortcuts: every entry gives a command or opens a dialog; the one table of them."""

from dataclasses import dataclass

from PySide6.QtGui import QAction, QActionGroup, QKeySequence


@dataclass(frozen=True)
class Entry:
    """One menu entry.

    Attributes
    ----------
    name : str
        Of the window's method, or of a kind of command when ``args`` are given.
    text : str
    keys : tuple of str
    args : dict or None
        Arguments of a command.
    group : str
        Entries of one group are alternatives; the one in force is checked.
    """

    name: str
    text: str
    keys: tuple = ()
    args: dict | None = None
    group: str = ""


SEPARATOR = Entry("", "")

MENUS = {
    "File": (
        Entry("open_network", "Open Network...", ("Ctrl+O",)),
        Entry("open_data", "Open Pictures...", ("Ctrl+Shift+O",)),
        Entry("open_folder", "Open Folder of Pictures..."),
        Entry("open_sample", "Open the Sample"),
        Entry("recent", "Open Recent"),
        SEPARATOR,
        Entry("save_study", "Save Study As...", ("Ctrl+S",)),
        Entry("save_picture", "Save Picture of the Stack...", ("Ctrl+Shift+S",)),
        SEPARATOR,
        Entry("quit", "Quit", ("Ctrl+Q",)),
    ),
    "Edit": (
        Entry("undo", "Undo", ("Ctrl+Z",), {}),
        Entry("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), {}),
        Entry("camera.undo", "Undo Camera", ("Ctrl+Alt+Z",), {}),
        Entry("camera.redo", "Redo Camera", ("Ctrl+Alt+Shift+Z",), {}),
    ),
    "Sample": (
        Entry("next_sample", "Next", ("Right",)),
        Entry("previous_sample", "Previous", ("Left",)),
        Entry("ten_on", "Ten On", ("Shift+Right", "PgDown")),
        Entry("ten_back", "Ten Back", ("Shift+Left", "PgUp")),
        Entry("first_sample", "First", ("Home",)),
        Entry("last_sample", "Last", ("End",)),
        SEPARATOR,
        Entry("next_layer", "Next Layer", ("]",)),
        Entry("previous_layer", "Previous Layer", ("[",)),
        Entry("no_layer", "No Layer", ("Esc",)),
    ),
    "Stack": (
        Entry("stack.mode", "Emission and Absorption", ("E",), {"mode": "emission"}, "mode"),
        Entry("stack.mode", "Maximum", ("M",), {"mode": "maximum"}, "mode"),
        SEPARATOR,
        Entry("stack.scale", "Range per Layer", ("R",), {"scale": "layer"}, "scale"),
        Entry("stack.scale", "Common Range", ("C",), {"scale": "common"}, "scale"),
        Entry("stack.range", "Ranges over the Study", ("T",), {"range": "study"}, "range"),
        Entry("stack.range", "Ranges of the Sample", ("S",), {"range": "sample"}, "range"),
        SEPARATOR,
        Entry("camera.fit", "Fit", ("F",), {}),
        Entry("camera.reset", "First View", ("Shift+F",), {}),
        Entry("turn_left", "Turn Left", ("Ctrl+Left",)),
        Entry("turn_right", "Turn Right", ("Ctrl+Right",)),
        Entry("tilt_up", "Tilt Up", ("Ctrl+Up",)),
        Entry("tilt_down", "Tilt Down", ("Ctrl+Down",)),
        Entry("nearer", "Nearer", ("+", "=")),
        Entry("farther", "Farther", ("-",)),
        SEPARATOR,
        Entry("explode", "Pull Layers Apart", (".",)),
        Entry("collapse", "Push Layers Together", (",",)),
        Entry("denser", "Denser", ("Shift+.", ">")),
        Entry("thinner", "Thinner", ("Shift+,", "<")),
        Entry("labels", "Names of Layers", ("N",), None, "check"),
    ),
    "Study": (
        Entry("extract.start", "Extract All Samples", (), {}),
        Entry("extract.cancel", "Stop Extracting", (), {}),
        SEPARATOR,
        Entry("preprocess.confirm", "Confirm the Preprocessing", (), {}),
        Entry("change_preprocessing", "Change the Preprocessing", ("Ctrl+P",)),
    ),
    "Window": (
        Entry("panes", "Panes"),
        Entry("all_panes", "All Panes", ("Ctrl+0",)),
        Entry("alone", "Stack Alone", ("Ctrl+1",)),
        SEPARATOR,
        Entry("window.theme", "Dark", (), {"theme": "dark"}, "theme"),
        Entry("window.theme", "Light", (), {"theme": "light"}, "theme"),
    ),
}


class Actions:
    """The menus of a window, kept in step with the state.

    Parameters
    ----------
    window : MainWindow
        Has a method for every entry without arguments, and ``command(kind, args)``.
    """

    def __init__(self, window):
        self._window = window
        self._choices = []
        self._single = {}
        self._groups = {}
        self.menus = {}
        for title, entries in MENUS.items():
            self._fill(window.menuBar().addMenu(title), entries)

    def _fill(self, menu, entries):
        for entry in entries:
            if entry is SEPARATOR:
                menu.addSeparator()
            elif entry.name in ("recent", "panes"):
                self.menus[entry.name] = menu.addMenu(entry.text)
            else:
                menu.addAction(self._action(entry))

    def _action(self, entry):
        action = QAction(entry.text, self._window)
        action.setShortcuts([QKeySequence(keys) for keys in entry.keys])
        if entry.args is None:
            action.triggered.connect(lambda: getattr(self._window, entry.name)())
        else:
            action.triggered.connect(lambda: self._window.command(entry.name, entry.args))
        if entry.group:
            action.setCheckable(True)
            if entry.group == "check":
                self._single[entry.name] = action
                return action
            group = self._groups.setdefault(entry.group, QActionGroup(self._window))
            group.addAction(action)
            self._choices.append((action, entry))
        else:
            self._single[entry.name] = action
        return action

    def refresh(self, session):
        """Check what is in force; enable what can be done."""
        state = session.state
        in_force = {
            "mode": state.stack.mode,
            "scale": state.stack.scale,
            "range": state.stack.range,
            "theme": state.window.theme,
        }
        for action, entry in self._choices:
            ((name, value),) = entry.args.items()
            action.setChecked(in_force[name] == value)
        self._single["labels"].setChecked(state.stack.labels)
        for travel in ("undo", "redo", "camera.undo", "camera.redo"):
            self._single[travel].setEnabled(session.can(travel))
