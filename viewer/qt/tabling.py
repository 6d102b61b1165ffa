"""Numbers of the views as tables: the statistic of every pair of channels that the matrix shows."""

from pathlib import Path

from PySide6.QtCore import QObject

from viewer.qt import files
from viewer.studio.pairs import write_pairs
from viewer.views.matrix.resolve import resolve


class Tabling(QObject):
    """Exports numbers for a window; its methods are named by actions.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window):
        super().__init__(window)
        self._window = window

    def _shown(self):
        """What the matrix shows, if its statistic is there."""
        wish = resolve(self._window.session.state, self._window.studio.facts)
        return wish if wish.table is not None and wish.table.values is not None else None

    def can_export_pairs(self):
        """Whether the statistic of the matrix in sight is there."""
        return self._shown() is not None

    def export_pairs(self):
        """Ask where, and write a CSV file."""
        wish = self._shown()
        if wish is None:
            return
        table, points, others = wish.table, wish.points, wish.others or wish.points
        name = f"{points.columns.layer}-{table.statistic}.csv"
        path = files.ask_destination(
            self._window, "Export the Pairs of Channels", name, "Tables (*.csv)"
        )
        if path:
            layers = points.columns.layer, others.columns.layer
            self._window.studio.jobs.start(
                f"Writing {Path(path).name}",
                lambda task: write_pairs(path, table, *layers, task),
                done=lambda rows: self._window.door.tell(f"{path}: {rows:,} rows.", grave=False),
            )
