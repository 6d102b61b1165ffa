"""The selection in the window: named ones in the menu, and what leaves the program."""

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog

from engine.selections.describing import steps_as_json
from viewer.qt import files
from viewer.state.selection import LONGEST_NAME, named
from viewer.studio.exporting import python_of, write_images, write_table

MENU = "Selection"
RECALLS = {
    "replace": "Recall",
    "add": "Add Saved",
    "subtract": "Subtract Saved",
    "intersect": "Intersect with Saved",
}
FORGET = "Forget"


class Selecting(QObject):
    """Named selections and exports of a window; its methods are named by actions.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window):
        super().__init__(window)
        self._window = window
        self._listed = None

    # named ones

    @property
    def named(self):
        """Named selections: dict of str to steps, sorted by name."""
        return named(self._window.session.state.selections, self._window.studio.facts.selections)

    def fill(self):
        """List the named selections in the menu, where they have changed."""
        names = list(self.named)
        if names == self._listed:
            return
        self._listed = names
        for mode, title in RECALLS.items():
            self._list(title, names, lambda name, mode=mode: self.recall(name, mode))
        self._list(FORGET, names, self.forget)

    def _list(self, title, names, take):
        menu = self._window.menus.menu(f"{MENU}/{title}", before="select.named.save")
        menu.clear()
        for name in names:
            entry = menu.addAction(name.replace("&", "&&"))
            entry.triggered.connect(lambda _=False, name=name: take(name))
        menu.setEnabled(bool(names))

    def recall(self, name, mode="replace"):
        """Select what has a name, or combine it with what is selected."""
        args = {"name": name, "mode": mode}
        if self._window.session.state.selections.steps(name) is None:
            args["steps"] = steps_as_json(self.named[name])
        self._window.command("select.recall", args)

    def forget(self, name):
        """Forget a name; what is selected stays."""
        self._window.command("select.forget", {"name": name})

    def palette_entries(self):
        """Named selections for the palette: (words, function) each."""
        return [(f"Select {name}", lambda name=name: self.recall(name)) for name in self.named]

    def can_save_selection(self):
        """Whether something is selected."""
        return bool(self._window.session.state.selection)

    def save_selection(self):
        """Ask for a name, and save what is selected under it; whether it was."""
        text, said = QInputDialog.getText(
            self._window, "Save Selection As", "Name", text=self._name_of_present() or ""
        )
        name = text.strip()[:LONGEST_NAME]
        if not said or not name:
            return False
        self._window.command("select.save", {"name": name})
        return True

    def _name_of_present(self):
        """The name of what is selected now, or None."""
        steps = self._window.session.state.selection.steps
        return next((name for name, kept in self.named.items() if kept == steps), None)

    # export

    def can_export_selection_table(self):
        """Whether something is selected and resolved."""
        selected = self._window.studio.facts.selected
        return selected is not None and not selected.running and selected.count > 0

    can_export_selection_images = can_export_selection_table

    def _ask(self, title, name, kinds):
        name = self._name_of_present() or name
        return files.ask_destination(self._window, title, name, kinds)

    def export_selection_table(self):
        """Ask where, and write a CSV file."""
        path = self._ask("Export the Selection", "selection.csv", "Tables (*.csv)")
        if not path:
            return
        facts, studio = self._window.studio.facts, self._window.studio
        steps = self._window.session.state.selection.steps
        studio.jobs.start(
            f"Writing {Path(path).name}",
            lambda task: write_table(path, steps, facts, studio.reader, studio.engine, task),
            done=lambda lines: self._tell(f"{path}: {lines:,} line{'' if lines == 1 else 's'}."),
        )

    def export_selection_images(self):
        """Ask where, and write the pictures into a new folder."""
        path = self._ask("Export the Selection's Images", "selection", "Folders (*)")
        if not path:
            return
        facts = self._window.studio.facts
        self._window.studio.jobs.start(
            f"Writing {Path(path).name}",
            lambda task: write_images(path, facts, task),
            unit="samples",
            done=lambda written: self._wrote_images(path, *written),
        )

    def _wrote_images(self, path, count, faults):
        said = f"{path}: {count:,} image{'' if count == 1 else 's'}."
        if faults:
            said += f" {len(faults):,} could not be read."
        self._tell(said, "\n".join(faults))

    def can_copy_selection_python(self):
        """Whether something is selected, and there is a study to name."""
        return self.can_save_selection() and self._window.studio.facts.study_path is not None

    def copy_selection_python(self):
        """Put the Python that gives this selection on the clipboard; it needs a name for that."""
        if self._name_of_present() is None and not self.save_selection():
            return
        path = self._window.studio.facts.study_path
        QGuiApplication.clipboard().setText(python_of(path, self._name_of_present()))
        self._tell("The Python that gives this selection is on the clipboard.")

    def _tell(self, text, details=""):
        self._window.door.tell(text, details, grave=False)
