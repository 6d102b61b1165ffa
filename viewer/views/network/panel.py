"""The layer list: two lines a layer, the focused one marked; a click or arrow keys choose one."""

from html import escape

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListView,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from viewer.gl.theme import SPACE_PX
from viewer.views.network.resolve import NetworkWish

ROW_PX = 40


class LayerModel(QAbstractListModel):
    """Rows of the list."""

    def __init__(self):
        super().__init__()
        self.rows = ()

    def set_rows(self, rows):
        """Show other rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent=None):
        return len(self.rows)

    def data(self, index, role):
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip
        if role == Qt.ItemDataRole.UserRole:
            return row
        return None


class LayerDelegate(QStyledItemDelegate):
    """Draws a layer: its name above; kind, shape and receptive field below, dim."""

    def __init__(self, view):
        super().__init__(view)
        self.theme = None

    def sizeHint(self, option, index):
        return QSize(120, ROW_PX)

    def paint(self, painter, option, index):
        row, theme = index.data(Qt.ItemDataRole.UserRole), self.theme
        painter.save()
        area = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            shade = QColor(theme.line)
            shade.setAlpha(255 if selected else 110)
            painter.fillRect(area, shade)
        if selected:
            painter.fillRect(QRect(area.left(), area.top(), 2, area.height()), QColor(theme.accent))
        inner = area.adjusted(SPACE_PX + 4, 4, -SPACE_PX, -4)
        half = inner.height() // 2
        above = QRect(inner.left(), inner.top(), inner.width(), half)
        below = QRect(inner.left(), inner.top() + half, inner.width(), half)
        self._line(painter, above, row.name, "", theme.text, theme.dim)
        left, right = fitting_words(row, below.width(), painter.fontMetrics().horizontalAdvance)
        self._line(painter, below, left, right, theme.dim, theme.dim)
        painter.restore()

    @staticmethod
    def _line(painter, area, left, right, left_colour, right_colour):
        metrics = painter.fontMetrics()
        taken = metrics.horizontalAdvance(right) + 10 if right else 0
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(right_colour))
        painter.drawText(area, flags | Qt.AlignmentFlag.AlignRight, right)
        room = max(20, area.width() - taken)
        painter.setPen(QColor(left_colour))
        text = metrics.elidedText(left, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(area, flags | Qt.AlignmentFlag.AlignLeft, text)


def fitting_words(row, room, width_of):
    """The second line of a layer: left and right words, the fullest pair that fits.

    Parameters
    ----------
    row : LayerRow
    room : float
        Pixels.
    width_of : callable(str) -> float
    """
    number = row.field[:1] in "≤0123456789"
    field = f"field {row.field}" if number else row.field
    pairs = (
        (f"{row.kind}  {row.shape}", field),
        (f"{row.kind}  {row.shape}", row.field if number else "all"),
        (row.shape, row.field if number else "all"),
    )
    for left, right in pairs:
        if width_of(left) + width_of(right) + 12 <= room:
            return left, right
    return row.shape, ""


class LayerList(QListView):
    """A list that takes the keyboard without choosing its first row by itself."""

    def focusInEvent(self, event):
        had = self.currentIndex().isValid()
        with QSignalBlocker(self.selectionModel()):
            super().focusInEvent(event)
            if not had:
                self.selectionModel().clear()


def breakable(text):
    """A text whose long names may go on in the next line after ``_``, ``/`` and ``.``."""
    for mark in "_/.":
        text = text.replace(mark, f"{mark}\u200b")
    return text


class Details(QWidget):
    """Names and values below the list, and a button."""

    pressed = Signal()

    def __init__(self):
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        rule = QFrame()
        rule.setObjectName("rule")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setMargin(SPACE_PX)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._keep = QPushButton("Keep all positions")
        self._keep.setToolTip("Extract this layer in full, for all samples")
        self._keep.clicked.connect(self.pressed)
        scroll = QScrollArea()
        scroll.setWidget(self._text)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for part in (rule, scroll, self._keep):
            column.addWidget(part)
        self._shown = None

    def show_details(self, details, keep, dim):
        """Show pairs; the button when a layer can be kept in full."""
        if (details, keep, dim) == self._shown:
            return
        self._shown = (details, keep, dim)
        rows = (
            f"<p style='margin:0 0 5px 0'><span style='color:{dim}'>{escape(name)}</span><br>"
            f"{breakable(escape(value))}</p>"
            for name, value in details
        )
        self._text.setText("".join(rows))
        self._keep.setVisible(bool(keep))


class NetworkPanel(QStackedWidget):
    """The list, or a message.

    Attributes
    ----------
    chosen : Signal(str)
        The person made a layer active.
    kept : Signal(str)
        The person wants a layer kept in full.
    """

    chosen = Signal(str)
    kept = Signal(str)

    def __init__(self):
        super().__init__()
        self.setObjectName("pane")
        self._wish = NetworkWish("")
        self._model = LayerModel()
        self.list = LayerList()
        self.list.setModel(self._model)
        self._delegate = LayerDelegate(self.list)
        self.list.setItemDelegate(self._delegate)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self._message = QLabel()
        self._message.setProperty("dim", True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._message.setMargin(2 * SPACE_PX)
        self._details = Details()
        self._details.pressed.connect(lambda: self.kept.emit(self._wish.keep))
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(self.list)
        parts.addWidget(self._details)
        parts.setStretchFactor(0, 1)
        parts.setSizes([600, 210])
        parts.setChildrenCollapsible(True)
        self.addWidget(parts)
        self.addWidget(self._message)

    def minimumSizeHint(self):
        return QSize(150, 120)

    def set_theme(self, theme):
        """Draw in another theme."""
        self._delegate.theme = theme
        self.list.viewport().update()

    def show_wish(self, wish):
        """Show rows or a message; only what changed is touched."""
        old, self._wish = self._wish, wish
        self._message.setText(wish.message)
        self.setCurrentIndex(1 if wish.message else 0)
        if wish.rows is not old.rows:
            self._model.set_rows(wish.rows)
        dim = self._delegate.theme.dim if self._delegate.theme is not None else "gray"
        self._details.show_details(wish.details, wish.keep, dim)
        if wish.active is None:
            self.list.selectionModel().clear()
        elif wish.active != self.list.currentIndex().row():
            index = self._model.index(wish.active)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def _current_changed(self, index, before=QModelIndex()):  # noqa: B008 (Qt's own default)
        if index.isValid() and index.row() != self._wish.active:
            self.chosen.emit(self._model.rows[index.row()].name)
