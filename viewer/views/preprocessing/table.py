"""The comparison of presets: a column for each, a row for each of the first samples."""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from viewer.gl.theme import SPACE_PX

CELL_WIDTH, LINE = 128, 15
THUMB = 56


class TrialCell(QWidget):
    """The best five of one sample under one preset, as bars with names."""

    def __init__(self, theme, predictions, label, failure):
        super().__init__()
        self._theme = theme
        self._predictions = predictions
        self._label = label
        self._failure = failure
        self.setFixedSize(CELL_WIDTH, 5 * LINE + 6)

    def paintEvent(self, event):
        from PySide6.QtGui import QPainter

        painter = QPainter(self)
        theme = self._theme
        if self._predictions is None:
            painter.setPen(QColor(theme.dim))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, self._failure or "not run")
            return
        metrics = painter.fontMetrics()
        for row, prediction in enumerate(self._predictions):
            area = QRect(0, 3 + row * LINE, self.width(), LINE - 2)
            is_label = bool(self._label) and prediction.name == self._label
            bar = QColor(theme.right if is_label else theme.dim)
            bar.setAlpha(110)
            painter.fillRect(area, QColor(theme.window))
            length = round(prediction.share * area.width())
            painter.fillRect(QRect(area.left(), area.top(), length, area.height()), bar)
            painter.setPen(QColor(theme.text))
            number = f"{prediction.share:.2f}"
            room = area.width() - metrics.horizontalAdvance(number) - 12
            name = metrics.elidedText(prediction.name, Qt.TextElideMode.ElideRight, room)
            inner = area.adjusted(4, 0, -4, 0)
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, name)
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(inner, right, number)


class TrialTable(QWidget):
    """The whole comparison.

    Attributes
    ----------
    chosen : Signal(object)
        Options of the preset that the person wants to use.
    """

    chosen = Signal(object)

    def __init__(self):
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE_PX)
        self._grid.setVerticalSpacing(SPACE_PX // 2)
        self._key = None

    def show_trials(self, columns, labels, thumbnails, theme):
        """Show the comparison anew when it differs.

        Parameters
        ----------
        columns : tuple of TrialColumn
        labels : tuple of str
        thumbnails : callable(int) -> uint8[H, W, 3]
        theme : Theme
        """
        key = (columns, labels, theme.name)
        if key == self._key:
            return
        self._key = key
        self._clear()
        for at, column in enumerate(columns, 1):
            self._header(at, column)
        for sample, label in enumerate(labels):
            self._side(sample, label, thumbnails(sample))
            for at, column in enumerate(columns, 1):
                cells = column.cells
                predictions = cells[sample] if sample < len(cells) else None
                cell = TrialCell(theme, predictions, label, column.failure)
                self._grid.addWidget(cell, sample + 2, at)
        self._grid.setColumnStretch(len(columns) + 1, 1)
        self._grid.setRowStretch(len(labels) + 2, 1)

    def _clear(self):
        while self._grid.count():
            widget = self._grid.takeAt(0).widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()

    def _header(self, at, column):
        words = QLabel(column.title + (f"\naccuracy {column.accuracy}" if column.accuracy else ""))
        words.setFixedWidth(CELL_WIDTH)
        words.setToolTip(column.failure)
        button = QPushButton("in use" if column.current else "Use")
        button.setEnabled(not column.current and not column.failure)
        button.setFixedWidth(CELL_WIDTH)
        button.clicked.connect(lambda: self.chosen.emit(dict(column.options)))
        self._grid.addWidget(words, 0, at)
        self._grid.addWidget(button, 1, at)

    def _side(self, sample, label, pixels):
        side = QLabel()
        side.setPixmap(pixmap(pixels, THUMB))
        side.setToolTip(label)
        self._grid.addWidget(side, sample + 2, 0, Qt.AlignmentFlag.AlignTop)


def pixmap(pixels, size):
    """A picture as a pixmap whose longer side has ``size`` pixels; small ones stay sharp."""
    rows, columns = pixels.shape[:2]
    image = QImage(pixels.tobytes(), columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    smooth = max(rows, columns) > size
    mode = Qt.TransformationMode
    how = mode.SmoothTransformation if smooth else mode.FastTransformation
    made = QPixmap.fromImage(image.copy())
    return made.scaled(size, size, Qt.AspectRatioMode.KeepAspectRatio, how)
