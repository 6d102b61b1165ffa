"""The steps of a session as a Qt table: time, what was done, how long it lasts; edited in place."""

from PySide6.QtCore import QAbstractTableModel, QMimeData, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor

from engine.errors import InputError
from viewer.gl.theme import DARK
from viewer.views.session.resolve import row_of, seconds_of

TIME, WHAT, LASTS = range(3)
TITLES = ("Time", "Step", "Lasts")
STEPS_TYPE = "application/x-lamella-steps"
WARN = {"dark": "#e5b567", "light": "#96610a"}


class StepModel(QAbstractTableModel):
    """The list of a document.

    Parameters
    ----------
    document : Document

    Attributes
    ----------
    wrong : Signal(str)
        A sentence on what was typed.
    moved : Signal(int, int)
        Steps were dropped: the first row and how many.
    along : bool
        Whether the later steps go along when one is given another time.
    """

    wrong = Signal(str)
    moved = Signal(int, int)

    def __init__(self, document, parent=None):
        super().__init__(parent)
        self.document = document
        self.theme = DARK
        self.along = True
        self._steps = ()
        self._place = 0
        self._rows = {}

    def refresh(self):
        """Take the steps and the place as they are now.

        Returns
        -------
        bool
            Whether other steps stand there than before, additions at the end apart.
        """
        steps, place = self.document.steps, self.document.player.place
        before, count = self._steps, len(self._steps)
        if steps is not before:
            if len(steps) > count and steps[:count] == before:
                self.beginInsertRows(QModelIndex(), count, len(steps) - 1)
                self._steps = steps
                self.endInsertRows()
            else:
                self.beginResetModel()
                self._steps, self._rows = steps, {}
                self._place = place
                self.endResetModel()
                return True
        if place != self._place:
            low, high = sorted((place, self._place))
            self._place = place
            last = max(0, min(high, len(steps) - 1))
            self.dataChanged.emit(self.index(max(0, low - 1), 0), self.index(last, LASTS))
        return False

    def set_theme(self, theme):
        """Colour the rows in another theme."""
        self.theme = theme
        if self._steps:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._steps) - 1, LASTS))

    def _row(self, number):
        row = self._rows.get(number)
        if row is None:
            fault = self.document.faults.get(number, "")
            row = self._rows[number] = row_of(self._steps[number], fault)
        return row

    # what Qt asks

    def rowCount(self, parent=QModelIndex()):  # noqa: B008  (Qt's own signature)
        return 0 if parent.isValid() else len(self._steps)

    def columnCount(self, parent=QModelIndex()):  # noqa: B008
        return len(TITLES)

    def headerData(self, section, orientation, role=Qt.ItemDataRole.DisplayRole):
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        return None

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        row, column = self._row(index.row()), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.time, row.what, row.lasts)[column]
        if role == Qt.ItemDataRole.EditRole:
            step = self._steps[index.row()]
            return step.args["text"] if column == WHAT else (row.time, "", row.lasts)[column]
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(index.row(), column, row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.fault or (row.what if column == WHAT else None)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            done = "done" if index.row() < self._place else "to come"
            return f"{row.time}, {row.what}, {done}"
        if role == Qt.ItemDataRole.TextAlignmentRole and column != WHAT:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _colour(self, number, column, row):
        if row.fault:
            return QColor(WARN[self.theme.name])
        is_last_done = number == self._place - 1
        if is_last_done and column == WHAT:
            return QColor(self.theme.accent)
        done = number < self._place
        return QColor(self.theme.text if done and column == WHAT else self.theme.dim)

    def flags(self, index):
        flags = super().flags(index) | Qt.ItemFlag.ItemIsDropEnabled
        if not index.isValid():
            return flags
        flags |= Qt.ItemFlag.ItemIsDragEnabled
        row = self._row(index.row())
        editable = (True, row.has_text, row.has_length)[index.column()]
        return flags | Qt.ItemFlag.ItemIsEditable if editable else flags

    def setData(self, index, value, role=Qt.ItemDataRole.EditRole):
        editing, number = self.document.editing, index.row()
        try:
            if index.column() == WHAT:
                editing.change(number, text=str(value))
            elif index.column() == LASTS:
                editing.stretch(number, seconds_of(str(value)))
            elif str(value) != self._row(number).time:
                place = editing.retime(number, seconds_of(str(value)), following=self.along)
                self.moved.emit(place, 1)
        except (InputError, ValueError) as error:
            self.wrong.emit(str(error))
            return False
        return True

    # steps are moved by the pointer

    def supportedDropActions(self):
        return Qt.DropAction.MoveAction

    def mimeTypes(self):
        return [STEPS_TYPE]

    def mimeData(self, indexes):
        rows = sorted({index.row() for index in indexes})
        content = QMimeData()
        content.setData(STEPS_TYPE, ",".join(map(str, rows)).encode())
        return content

    def dropMimeData(self, data, action, row, column, parent):
        if not data.hasFormat(STEPS_TYPE):
            return False
        rows = [int(word) for word in bytes(data.data(STEPS_TYPE).data()).decode().split(",")]
        before = row if row >= 0 else parent.row() if parent.isValid() else len(self._steps)
        places = self.document.editing.move(rows, before)
        self.moved.emit(places.start, len(places))
        return False  # the list has moved them already: Qt must remove nothing
