"""The window's own actions, and all actions of the program: the one list behind menus and keys."""

import pkgutil
from importlib import import_module
from importlib.util import find_spec

from viewer import views
from viewer.actions import Action, always
from viewer.qt import order_actions
from viewer.state.layout import LAYOUTS, PANES, TITLES, panes_of
from viewer.state.window import THEMES

MENUS = (
    "File",
    "Edit",
    "Sample",
    "Selection",
    "View",
    "Session",
    "Study",
    "Window",
    "Help",
)
"""In the menu bar, in this order."""

VIEW_MENUS = (
    "Order",
    "Network",
    "Stack",
    "Matrix",
    "Feature Maps",
    "Attribution",
    "Top Filters",
    "Scatter",
    "Compare",
    "Gradients",
    "Importance",
    "Slices",
    "Points",
)
"""Below *View*, in this order; others follow."""


def all_actions():
    """The window's actions and those of every view's room that has ``actions.py``."""
    found = [*ACTIONS, *order_actions.ACTIONS]
    for room in pkgutil.iter_modules(views.__path__):
        name = f"viewer.views.{room.name}.actions"
        if room.ispkg and find_spec(name) is not None:
            found += import_module(name).ACTIONS
    return tuple(found)


def in_menus(actions):
    """Actions by menu (``'File'``, ``'Stack/Mode'``), in the order of the bar and of *View*."""

    def place(title):
        if title in MENUS:
            return MENUS.index(title), 0
        known = title in VIEW_MENUS
        return MENUS.index("View"), VIEW_MENUS.index(title) if known else len(VIEW_MENUS)

    tops = {action.menu.split("/")[0]: None for action in actions}
    order = {title: number for number, title in enumerate(sorted(tops, key=place))}
    found = {}
    for action in sorted(actions, key=lambda action: order[action.menu.split("/")[0]]):
        found.setdefault(action.menu, []).append(action)
    return found


def conflicts(actions):
    """Pairs of actions with one name or one key: (what, first, second)."""
    seen, found = {}, []
    for action in actions:
        for what in (action.name, *action.keys):
            if what in seen:
                found.append((what, seen[what], action.name))
            seen[what] = action.name
    return found


# what the window's actions give


def _layer(steps):
    """A wish: the next layer by depth."""

    def wish(state, facts):
        names = [] if facts.network is None else [layer.name for layer in facts.network.layers]
        if not names:
            return None
        focused = state.focus.layer
        at = names.index(focused) + steps if focused in names else (0 if steps > 0 else -1)
        return ("focus.layer", {"layer": names[at]}) if -1 <= at < len(names) else None

    return wish


def back(state, facts):
    """One step back to the whole: from presenting, from one pane, from one layer."""
    if state.window.presenting:
        return "window.presenting", {"presenting": False}
    if state.window.only is not None:
        return "window.only", {"pane": None}
    return ("focus.layer", {"layer": None}) if state.focus.layer is not None else None


def _presenting(state, facts):
    return "window.presenting", {"presenting": not state.window.presenting}


def _toggled(pane):
    def wish(state, facts):
        shown = pane not in panes_of(state.window.layout)
        return "window.pane", {"pane": pane, "shown": shown}

    return wish


def _is_open(pane):
    return lambda state: pane in panes_of(state.window.layout)


def _themed(name):
    return lambda state: state.window.theme == name


def _confirm(state, facts):
    waits = facts.preprocessing is not None and not facts.confirmed
    return ("preprocess.confirm", {}) if waits else None


def _extract(state, facts):
    able = facts.network is not None and facts.data is not None
    return None if not able or facts.extraction.phase in ("running", "done") else _EXTRACT


def _stop(state, facts):
    return ("extract.cancel", {}) if facts.extraction.phase == "running" else None


_EXTRACT = ("extract.start", {})

FILE = (
    Action("open.network", "Open Network...", "File", ("Ctrl+O",), method="open_network"),
    Action("open.data", "Open Pictures...", "File", ("Ctrl+Shift+O",), method="open_data"),
    Action("open.folder", "Open Folder or Study...", "File", (), method="open_folder"),
    Action("open.sample", "Open the Sample", "File", (), method="open_sample"),
    Action("study.save", "Save Study As...", "File", ("Ctrl+Alt+S",), method="save_study"),
    Action("picture.save", "Save Picture...", "File", ("Ctrl+Shift+E",), method="save_picture"),
    Action("picture.copy", "Copy Picture", "File", ("Ctrl+Shift+C",), method="copy_picture"),
    Action("quit", "Quit", "File", ("Ctrl+Q",), method="quit"),
)
EDIT = (
    Action("undo.back", "Undo", "Edit", ("Ctrl+Z",), method="undo"),
    Action("undo.forward", "Redo", "Edit", ("Ctrl+Shift+Z", "Ctrl+Y"), method="redo"),
    Action("undo.camera.back", "Undo Camera", "Edit", ("Ctrl+Alt+Z",), method="undo_camera"),
    Action(
        "undo.camera.forward", "Redo Camera", "Edit", ("Ctrl+Alt+Shift+Z",), method="redo_camera"
    ),
    Action("palette", "Find an Action...", "Edit", ("Ctrl+Shift+P",), method="open_palette"),
)
LAYER = (
    Action("layer.next", "Next Layer", "Network", ("]",), _layer(1)),
    Action("layer.previous", "Previous Layer", "Network", ("[",), _layer(-1)),
    Action("layer.none", "No Layer", "Network", ("Esc",), method="back"),
)
SESSION = (
    Action("session.file.new", "New Session", "Session", ("Ctrl+N",), method="new_session"),
    Action("session.file.open", "Open Session...", "Session", ("Ctrl+L",), method="open_session"),
    Action("session.file.save", "Save Session", "Session", ("Ctrl+S",), method="save_session"),
    Action("session.file.save_as", "Save Session As...", "Session", ("Ctrl+Shift+S",),
           method="save_session_as"),
    Action("session.file.save_with_data", "Save Session with Its Data...", "Session", (),
           method="save_session_with_data"),
    Action("session.play.toggle", "Play or Pause", "Session", ("F5",), method="play_session"),
    Action("session.play.on", "Step On", "Session", ("F8",), method="session_on"),
    Action("session.play.back", "Step Back", "Session", ("F7",), method="session_back"),
    Action("session.movie.record", "Record the Window", "Session", ("Ctrl+Shift+R",),
           method="record"),
    Action("session.movie.stop", "Stop Recording", "Session", (), method="stop_recording"),
    Action("session.movie.render", "Render Movie...", "Session", ("Ctrl+Alt+M",),
           method="render_movie"),
)  # fmt: skip
STUDY = (
    Action("study.extract", "Extract All Samples", "Study", (), _extract),
    Action("study.stop", "Stop Extracting", "Study", (), _stop),
    Action("study.points", "Read the Points Again", "Study", (), method="read_points"),
    Action("preprocessing.confirm", "Confirm the Preprocessing", "Study", (), _confirm),
    Action(
        "preprocessing.change", "Change the Preprocessing", "Study", ("Ctrl+P",),
        always("window.pane", pane="preprocessing", shown=True),
    ),
)  # fmt: skip
WINDOW = (
    Action("window.presenting", "Present", "Window", ("F11",), _presenting,
           checked=lambda state: state.window.presenting),
    Action("window.pointer", "Show Pointer and Keys", "Window", ("Shift+F11",),
           method="show_pointer"),
    *(
        Action(f"layout.choose.{name}", name, "Window/Layout", ("Ctrl+0",) * (name == "Standard"),
               always("window.choose", layout=name))
        for name in LAYOUTS
    ),
    Action("layout.own.save", "Save Layout As...", "Window/Layout", (), method="save_layout"),
    *(
        Action(f"pane.go.{name}", TITLES[name], "Window/Go to", (f"Ctrl+{number}",) * (number < 10),
               method=f"go_to {name}")
        for number, name in enumerate(PANES, 1)
    ),
    *(
        Action(f"pane.show.{name}", TITLES[name], "Window/Panes", (), _toggled(name),
               checked=_is_open(name))
        for name in PANES
    ),
    Action("pane.one.next", "Next Pane", "Window", ("F6",), method="next_pane"),
    Action("pane.one.previous", "Previous Pane", "Window", ("Shift+F6",), method="previous_pane"),
    Action("pane.one.alone", "Only This Pane", "Window", ("F9",), method="alone"),
    Action("pane.one.float", "Float or Dock This Pane", "Window", ("Shift+F9",),
           method="float_pane"),
    Action("pane.one.close", "Close This Pane", "Window", ("Ctrl+W",), method="close_pane"),
    *(
        Action(f"window.theme.{name}", name.capitalize(), "Window/Theme", (),
               always("window.theme", theme=name), checked=_themed(name))
        for name in THEMES
    ),
    Action("text.larger", "Larger", "Window/Text", ("Ctrl++", "Ctrl+="), method="larger_text"),
    Action("text.smaller", "Smaller", "Window/Text", ("Ctrl+-",), method="smaller_text"),
    Action("text.normal", "Normal", "Window/Text", ("Ctrl+Alt+0",), method="normal_text"),
)  # fmt: skip
HELP = (
    Action("help.keys", "Keyboard and Mouse", "Help", ("?", "F1"), method="show_keys"),
    Action("help.about", "About Lamella", "Help", (), method="show_about"),
)
ACTIONS = (*FILE, *EDIT, *LAYER, *SESSION, *STUDY, *WINDOW, *HELP)
