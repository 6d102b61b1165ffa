"""The sheet of all shortcuts, by menu, with the mouse's gestures; `?` opens it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from viewer.qt.actions import in_menus
from viewer.qt.matching import match
from viewer.qt.sheet import Sheet
from viewer.qt.style import MARGIN, tabular

COLUMNS = (4, 3, 2, 1)
ROOM = 5 * MARGIN
GESTURES = (
    ("Turn the stack; move the graph, the picture", "Drag"),
    ("Move the stack", "Right drag"),
    ("Zoom at the pointer; scroll the maps", "Wheel"),
    ("Zoom the maps and the slices", "Ctrl+Wheel"),
    ("Slices: next channel, row, column", "Wheel over XY, XC, YC"),
    ("Slices: cut elsewhere", "Drag a line"),
    ("Layer, channel, unit", "Click"),
    ("Name what is under the pointer", "Hover"),
    ("Select points by lasso", "Shift+Drag"),
    ("Add to the selection, take away, keep", "with Ctrl, Alt, both"),
    ("Fit a cell of the matrix, and back", "Double click"),
    ("Cells: next, fit, ranked pairs", "Arrows, Enter, Tab"),
    ("Switch a filter off, on again", "Double click in Importance, X"),
    ("Set a value range, forget it", "Drag, double click the colour bar's ends"),
    ("Only this pane, and back", "Double click its title"),
    ("Move or float a pane", "Drag its title or tab"),
    ("Open files", "Drop them on the window"),
)


class Shortcuts(Sheet):
    """All actions that have keys, in columns.

    Parameters
    ----------
    window : MainWindow
    actions : sequence of Action
    """

    def __init__(self, window, actions):
        super().__init__(window, "Filter")
        self._groups = groups(actions)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.column.addWidget(self._scroll, 1)

    def wanted_size(self, width, height):
        """In as many columns as fit, at most four."""
        for columns in COLUMNS:
            inner = self._filled(columns)
            wanted = inner.sizeHint()
            if wanted.width() + ROOM <= width:
                break
        self._scroll.setWidget(inner)
        line = self.line.sizeHint().height()
        return min(width, wanted.width() + ROOM), min(height, wanted.height() + line + ROOM)

    def close_sheet(self):
        """Put it away; what it shows is made anew the next time."""
        super().close_sheet()
        self._scroll.setWidget(QWidget())

    def typed(self, text):
        """Show only what answers."""
        self.place()

    def key_pressed(self, key):
        """Arrows and pages scroll."""
        bar = self._scroll.verticalScrollBar()
        steps = {
            Qt.Key.Key_Up: -40,
            Qt.Key.Key_Down: 40,
            Qt.Key.Key_PageUp: -bar.pageStep(),
            Qt.Key.Key_PageDown: bar.pageStep(),
        }
        if key not in steps:
            return False
        bar.setValue(bar.value() + steps[key])
        return True

    def _filled(self, columns):
        query = self.line.text()
        shown = []
        for title, rows in self._groups:
            found = [row for row in rows if not query.strip() or answers(query, title, row)]
            if found:
                shown.append((title, found))
        inner = QWidget()
        row = QHBoxLayout(inner)
        row.setContentsMargins(MARGIN, 0, MARGIN, MARGIN)
        row.setSpacing(5 * MARGIN)
        for part in balanced(shown, columns):
            if part:
                row.addLayout(self._column(part), 1)
        if not shown:
            row.insertWidget(0, QLabel("Nothing is called so."))
        inner.ensurePolished()
        return inner

    def _column(self, part):
        column = QVBoxLayout()
        column.setSpacing(4)
        for title, rows in part:
            heading = QLabel(title)
            heading.setObjectName("heading")
            heading.setContentsMargins(0, MARGIN, 0, 2)
            column.addWidget(heading)
            grid = QGridLayout()
            grid.setVerticalSpacing(3)
            grid.setHorizontalSpacing(3 * MARGIN)
            grid.setColumnStretch(0, 1)
            for at, (text, keys) in enumerate(rows):
                words, key = QLabel(text), QLabel(keys)
                words.setProperty("dim", True)
                key.setFont(tabular(key.font()))
                key.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                grid.addWidget(words, at, 0)
                grid.addWidget(key, at, 1)
            column.addLayout(grid)
        column.addStretch(1)
        return column


def groups(actions):
    """(title, ((text, keys), ...)) by menu of what has keys; the mouse's gestures last."""
    found = {}
    for path, members in in_menus(actions).items():
        title, _, below = path.partition("/")
        for action in members:
            if action.keys:
                text = action.text.removesuffix("...")
                text = f"{below}: {text}" if below else text
                keys = ", ".join(QKeySequence(key).toString() for key in action.keys)
                found.setdefault(title, []).append((text, keys))
    return (*((title, tuple(rows)) for title, rows in found.items()), ("Mouse", GESTURES))


def answers(query, title, row):
    """Whether a line, with its title, has what was typed."""
    return match(query, f"{title} {row[0]}") is not None or query.lower() in row[1].lower()


def balanced(parts, columns):
    """Groups in so many columns, in order, about equally high."""
    heights = [len(rows) + 2 for _, rows in parts]
    each = sum(heights) / columns
    made, filled = [[] for _ in range(columns)], 0
    for part, height in zip(parts, heights, strict=True):
        made[min(columns - 1, int((filled + height / 2) / each))].append(part)
        filled += height
    return made
