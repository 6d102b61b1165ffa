"""The command palette: every action, layer and recent file by a few letters of its name."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeySequence, QPalette
from PySide6.QtWidgets import QLabel, QListView, QStyle, QStyledItemDelegate

from viewer.qt.matching import ranked
from viewer.qt.sheet import Sheet
from viewer.qt.style import MARGIN

ROWS = 12
LATELY = 6
ITEM = Qt.ItemDataRole.UserRole
MEANT = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class Item:
    """One line of the palette.

    Attributes
    ----------
    name : str
        By which it is remembered as used lately.
    text : str
    place : str
        Where it is found otherwise: the menu, 'layer', 'recent'.
    keys : str
    run : callable()
    possible : bool
        False: it is shown dim and does nothing.
    """

    name: str
    text: str
    place: str
    keys: str
    run: Callable
    possible: bool = True

    @property
    def searched(self):
        """The text in which letters are looked for."""
        return f"{self.text}  {self.place}"


class Palette(Sheet):
    """The palette over a window.

    Parameters
    ----------
    window : MainWindow
    items : callable() -> list of Item
        Asked when the palette opens.
    """

    def __init__(self, window, items):
        super().__init__(window, "An action, a layer, or a recent file")
        self._items_of = items
        self._items = []
        self._lately = []
        self._model = _Model()
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._run)
        self._none = QLabel("Nothing is called so.")
        self._none.setProperty("dim", True)
        self._none.setContentsMargins(MARGIN, 0, 0, 4)
        self.column.addWidget(self.list)
        self.column.addWidget(self._none)

    def open_sheet(self):
        """Show the palette with what is possible now."""
        self._items = self._items_of()
        super().open_sheet()

    def wanted_size(self, width, height):
        """As high as its lines, at most twelve."""
        row = self.list.itemDelegate().height()
        rows = min(ROWS, self._model.rowCount(), max(1, (height - 60) // row))
        self._none.setVisible(not rows)
        self.list.setVisible(bool(rows))
        self.list.setFixedHeight(rows * row)
        self.layout().activate()
        return min(640, width), self.layout().sizeHint().height()

    def typed(self, text):
        """Show what answers."""
        items = self._items
        if not text.strip():
            lately = [item for name in self._lately for item in items if item.name == name]
            actions = [item for item in items if item.place not in ("layer", "recent")]
            items = lately + [item for item in actions if item not in lately]
        found = ranked(text, items, lambda item: item.searched)
        self._model.show(found)
        if found:
            self.list.setCurrentIndex(self._model.index(0))
        self.place()

    def key_pressed(self, key):
        """Arrows choose, Enter runs."""
        steps = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -ROWS,
            Qt.Key.Key_PageDown: ROWS,
        }
        count = self._model.rowCount()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
            return True
        if key not in steps or not count:
            return False
        now, step = self.list.currentIndex().row(), steps[key]
        wanted = (now + step) % count if abs(step) == 1 else min(count - 1, max(0, now + step))
        self.list.setCurrentIndex(self._model.index(wanted))
        return True

    def _run(self, index):
        if not index.isValid():
            return
        item = index.data(ITEM)
        if not item.possible:
            return
        self._lately = [item.name, *(name for name in self._lately if name != item.name)][:LATELY]
        self.close_sheet()
        item.run()


def action_items(actions, menus):
    """Every action as a line of the palette."""
    found = []
    for action in actions:
        keys = QKeySequence(action.keys[0]).toString() if action.keys else ""
        place = action.menu.replace("/", ", ")
        found.append(
            Item(
                action.name,
                action.text.removesuffix("..."),
                place,
                keys,
                lambda action=action: menus.run(action),
                menus.is_possible(action),
            )
        )
    return found


class _Model(QAbstractListModel):
    """What was found: items and the letters that were meant."""

    def __init__(self):
        super().__init__()
        self._found = []

    def show(self, found):
        self.beginResetModel()
        self._found = found
        self.endResetModel()

    def rowCount(self, parent=QModelIndex()):  # noqa: B008  (Qt's signature)
        return len(self._found)

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        item, meant = self._found[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.text
        if role == ITEM:
            return item
        return meant if role == MEANT else None


class _Delegate(QStyledItemDelegate):
    """A line: the text with the meant letters picked out, its place dim, its keys on the right."""

    def height(self):
        """Of every line."""
        return QFontMetrics(self.parent().font()).height() + 12

    def sizeHint(self, option, index):
        return QSize(100, self.height())

    def paint(self, painter, option, index):
        item, meant = index.data(ITEM), index.data(MEANT)
        colours = option.palette
        text = colours.color(QPalette.ColorRole.Text)
        dim = colours.color(QPalette.ColorRole.PlaceholderText)
        accent = colours.color(QPalette.ColorRole.Highlight)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, colours.color(QPalette.ColorRole.Midlight))
        metrics = QFontMetrics(option.font)
        painter.setFont(option.font)
        inner = option.rect.adjusted(MARGIN, 0, -MARGIN, 0)
        keys = metrics.horizontalAdvance(item.keys)
        painter.setPen(dim)
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                         item.keys)  # fmt: skip
        room = QRect(inner.left(), inner.top(), inner.width() - keys - 2 * MARGIN, inner.height())
        painter.setClipRect(room)
        left = room.left()
        for at, letter in enumerate(item.searched):
            plain = text if at < len(item.text) and item.possible else dim
            painter.setPen(accent if at in meant and item.possible else plain)
            painter.drawText(
                QRect(left, room.top(), 100, room.height()), Qt.AlignmentFlag.AlignVCenter, letter
            )
            left += metrics.horizontalAdvance(letter)
        painter.restore()
