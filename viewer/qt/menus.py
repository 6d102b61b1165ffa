"""Menus and shortcuts made of actions, kept in step with the state."""

from PySide6.QtGui import QAction, QKeySequence

from viewer.qt.actions import MENUS, in_menus


class Menus:
    """The menu bar of a window.

    Parameters
    ----------
    window : MainWindow
        Has ``session``, ``studio``, ``command(kind, args)`` and, by ``method(name)``, what opens
        dialogs; ``can(name)`` says whether it can now.
    actions : sequence of Action

    Attributes
    ----------
    menus : dict of str to QMenu
        By path: ``'Stack/Mode'``; those of the views stand below *View*.
    """

    def __init__(self, window, actions):
        self._window = window
        self.actions = tuple(actions)
        self._entries = {}
        self._letters = set()
        self._seen = None
        self.menus = {}
        self._fill()

    def _fill(self):
        before = {}
        for path, actions in in_menus(self.actions).items():
            for action in actions:
                menu = self.menu(path)
                group = action.name.rpartition(".")[0]
                if before.setdefault(path, group) != group:
                    menu.addSeparator()
                before[path] = group
                entry = self._entry(action)
                menu.addAction(entry)
                self._window.addAction(entry)  # keys work while the menu bar is put away

    def menu(self, path, before=None):
        """The menu of a path, made when it is first asked for; before an action, by its name."""
        if path not in self.menus:
            above, _, title = path.rpartition("/")
            if not above and title not in MENUS:
                above = "View"
            if above:
                self.menus[path] = self.menu(above).addMenu(title)
                if before is not None:
                    self.menu(above).insertMenu(self.entry(before), self.menus[path])
            else:
                self.menus[path] = self._window.menuBar().addMenu(self._with_letter(title))
        return self.menus[path]

    def _with_letter(self, title):
        """A title whose first free letter opens it with Alt."""
        for at, letter in enumerate(title.lower()):
            if letter.isalpha() and letter not in self._letters:
                self._letters.add(letter)
                return f"{title[:at]}&{title[at:]}"
        return title

    def _entry(self, action):
        entry = QAction(action.text.replace("&", "&&"), self._window)
        entry.setObjectName(action.name)
        entry.setShortcuts([QKeySequence(keys) for keys in action.keys])
        entry.setCheckable(action.checked is not None)
        entry.setMenuRole(
            QAction.MenuRole.QuitRole if action.name == "quit" else QAction.MenuRole.NoRole
        )
        entry.triggered.connect(lambda: self.run(action))
        self._entries[action.name] = (action, entry)
        return entry

    def entry(self, name):
        """The QAction of an action."""
        return self._entries[name][1]

    def is_possible(self, action):
        """Whether an action can be done now."""
        if action.method:
            return self._window.can(action.method)
        return action.wish(self._window.session.state, self._window.studio.facts) is not None

    def run(self, action):
        """Do it: give the command, or call the window's method."""
        if action.method:
            name, *words = action.method.split()
            self._window.method(name)(*words)
        else:
            wish = action.wish(self._window.session.state, self._window.studio.facts)
            if wish is not None:
                self._window.command(*wish)
        self.refresh()

    def follow(self, state, facts):
        """Bring the menus in step, if something that they depend on has changed."""
        if self._seen is None or state is not self._seen[0] or facts is not self._seen[1]:
            self.refresh()

    def refresh(self):
        """Check what is in force; grey what cannot be done."""
        state, facts = self._window.session.state, self._window.studio.facts
        self._seen = state, facts
        for action, entry in self._entries.values():
            entry.setEnabled(self.is_possible(action))
            if action.checked is not None:
                entry.setChecked(bool(action.checked(state)))
