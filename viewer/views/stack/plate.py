"""What stands over a canvas: the banner that asks, the plate of empty and failed states."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from viewer.gl.theme import SPACE_PX


class BannerWidget(QWidget):
    """One calm line with buttons, the first of them the one that is meant."""

    pressed = Signal(str)

    def __init__(self):
        super().__init__()
        self.setObjectName("notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._shown = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(SPACE_PX + 4, 5, SPACE_PX, 5)
        self._row.setSpacing(SPACE_PX)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._row.addWidget(self._text, 1)
        self._buttons = []
        self.hide()

    def show_banner(self, banner):
        """Show a `Banner`, or hide for None."""
        if banner == self._shown:
            return
        self._shown = banner
        self.setVisible(banner is not None)
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        if banner is None:
            return
        self._text.setText(banner.text)
        for number, (word, action) in enumerate(banner.buttons):
            button = QPushButton(word)
            button.setProperty("primary", number == 0)
            button.clicked.connect(lambda _=False, action=action: self.pressed.emit(action))
            self._row.addWidget(button)
            self._buttons.append(button)


class PlateWidget(QWidget):
    """Words, a moving bar and buttons in the middle of a canvas."""

    pressed = Signal(str)

    def __init__(self, canvas):
        super().__init__(canvas)
        self._shown = None
        column = QVBoxLayout(self)
        column.setSpacing(SPACE_PX)
        self._title = QLabel()
        self._title.setObjectName("heading")
        self._sentence = QLabel()
        self._sentence.setProperty("dim", True)
        self._sentence.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._buttons = QHBoxLayout()
        for label in (self._title, self._sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addWidget(self._bar)
        column.addLayout(self._buttons)
        self.hide()
        canvas.installEventFilter(self)

    def show_plate(self, plate):
        """Show a `Plate`, or hide for None."""
        if plate == self._shown:
            return
        self._shown = plate
        self.setVisible(plate is not None)
        if plate is None:
            return
        self._title.setText(plate.title)
        self._sentence.setText(plate.sentence or "")
        self._bar.setVisible(plate.busy)
        while self._buttons.count():
            widget = self._buttons.takeAt(0).widget()
            if widget is not None:
                widget.deleteLater()
        if plate.buttons:
            self._buttons.addStretch(1)
            for word, action in plate.buttons:
                button = QPushButton(word)
                button.clicked.connect(lambda _=False, action=action: self.pressed.emit(action))
                self._buttons.addWidget(button)
            self._buttons.addStretch(1)
        self._center()

    def eventFilter(self, watched, event):
        if event.type() == event.Type.Resize:
            self._center()
        return False

    def _center(self):
        canvas = self.parentWidget()
        width = max(120, min(440, canvas.width() - 2 * SPACE_PX))
        column = self.layout()
        column.activate()
        height = max(column.heightForWidth(width), column.sizeHint().height())
        self.setFixedSize(width, height)
        self.move((canvas.width() - self.width()) // 2, (canvas.height() - self.height()) // 2)
