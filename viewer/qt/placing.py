"""What a person does with panes: goes to one, floats or closes it, keeps layouts of her own."""

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog

from engine.errors import InputError
from viewer.qt.keys import reach_by_tab
from viewer.state.layout import from_json, in_front
from viewer.state.tree import as_json

FLOAT_PX = 32


class Placing(QObject):
    """The panes of a window; its methods are named by actions.

    Parameters
    ----------
    window : MainWindow
    settings : Settings
    """

    def __init__(self, window, settings):
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._last = "stack"

    @property
    def pane_with_keys(self):
        """The name of the pane to which the keys go, or went last."""
        return self._last

    def follow_focus(self, widget):
        """The keys went to a widget."""
        for name, pane in self._window.panes.items():
            if pane.notice_focus(widget):
                self._last = name
                reach_by_tab(pane.widget())

    def give_keys(self, name):
        """Give the keys to a pane that is seen."""
        self._last = name
        self._window.panes[name].take_keys()

    def go_to(self, name):
        """Bring a pane to the front and give it the keys."""
        window = self._window.session.state.window
        if name not in self._window.panes:
            return
        if window.only not in (None, name):
            self._window.command("window.only", {"pane": None})
        if name not in in_front(self._window.session.state.window.layout):
            self._window.command("window.pane", {"pane": name, "shown": True})
        self._window.desk.refresh()
        self.give_keys(name)

    def can_go_to(self, name):
        """Whether there is such a pane."""
        return name in self._window.panes

    @property
    def _seen(self):
        """Names of the panes that can be seen."""
        window = self._window.session.state.window
        return [name for name in in_front(window.layout, window.only) if name in self._window.panes]

    def next_pane(self, steps=1):
        """Give the keys to the next pane that is seen."""
        seen = self._seen
        if seen:
            at = seen.index(self._last) + steps if self._last in seen else 0
            self.give_keys(seen[at % len(seen)])

    def previous_pane(self):
        """Give the keys to the pane before."""
        self.next_pane(-1)

    def alone(self, name=None):
        """One pane fills the window, or lets the others back."""
        if self._window.session.state.window.only is not None:
            name = None
        else:
            name = name or self.pane_with_keys
        self._window.command("window.only", {"pane": name})

    def can_float_pane(self):
        """Whether the pane that had the keys last can be seen."""
        return self._last in self._seen

    def float_pane(self):
        """The pane with the keys becomes a window of its own, or docks again."""
        if not self.can_float_pane():
            return
        pane = self._window.panes[self._last]
        pane.setFloating(not pane.isFloating())
        if pane.isFloating():
            pane.move(pane.pos() + QPoint(-FLOAT_PX, FLOAT_PX))  # off where it stood
        pane.take_keys()

    def can_close_pane(self):
        """Whether a pane can be seen."""
        return bool(self._seen)

    def close_pane(self):
        """Close the pane with the keys; its neighbour gets them."""
        seen = self._seen
        if not seen:
            return
        at = seen.index(self._last) if self._last in seen else 0
        self._window.command("window.pane", {"pane": seen[at], "shown": False})
        self._window.desk.refresh()
        if left := self._seen:
            self.give_keys(left[min(at, len(left) - 1)])

    # layouts

    @property
    def own_layouts(self):
        """The person's layouts by name; those of another version are left out."""
        found = {}
        for name, content in self._settings.get("layouts", {}).items():
            try:
                found[name] = from_json(content)
            except InputError:
                continue
        return found

    def fill_layouts(self):
        """List the person's layouts in the menu."""
        menu = self._window.menus.menu("Window/Layout")
        for entry in menu.actions():
            if entry.property("own"):
                menu.removeAction(entry)
        for name, layout in self.own_layouts.items():
            entry = QAction(name, menu)
            entry.setProperty("own", True)
            menu.insertAction(self._window.menus.entry("layout.own.save"), entry)
            entry.triggered.connect(lambda _=False, layout=layout: self.take_layout(layout))

    def take_layout(self, layout):
        """Lay the panes out by a layout of the person's own."""
        if self._window.session.state.window.only is not None:
            self._window.command("window.only", {"pane": None})
        self._window.command("window.layout", {"layout": as_json(layout)})

    def save_layout(self):
        """Keep the present layout under a name."""
        name, said = QInputDialog.getText(self._window, "Save Layout As", "Name")
        if said and name.strip():
            layouts = dict(self._settings.get("layouts", {}))
            layouts[name.strip()] = as_json(self._window.session.state.window.layout)
            self._settings.set("layouts", layouts)
            self._settings.save()
            self.fill_layouts()
