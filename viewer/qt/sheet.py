"""A sheet over the window until it is put away: the frame of the palette and the shortcuts."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QVBoxLayout, QWidget

from viewer.qt.style import MARGIN

KEPT = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
}


class Sheet(QFrame):
    """A frame over the window with a line to type in; Esc or a press elsewhere puts it away.

    Subclasses fill ``column``, and override `typed`, `key_pressed` and `wanted_size`.

    Parameters
    ----------
    window : QMainWindow
    hint : str
        What the line says while it is empty.
    """

    def __init__(self, window, hint):
        super().__init__(window)
        self.setObjectName("sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._before = None
        self.line = QLineEdit()
        self.line.setObjectName("query")
        self.line.setPlaceholderText(hint)
        self.line.textChanged.connect(self.typed)
        self.line.installEventFilter(self)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.column.setSpacing(MARGIN)
        self.column.addWidget(self.line)
        self.hide()

    def open_sheet(self):
        """Show it, empty, with the keys on its line."""
        self._before = QApplication.focusWidget()
        self.line.clear()
        self.typed("")
        self.place()
        self.show()
        self.raise_()
        self.window().activateWindow()
        self.line.setFocus()
        QApplication.instance().installEventFilter(self)

    def close_sheet(self):
        """Put it away; the keys go where they went before."""
        if self.isHidden():
            return
        QApplication.instance().removeEventFilter(self)
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus()
        self._before = None

    def place(self):
        """Stand in the middle, below the menu."""
        room = self.parentWidget().size()
        width, height = self.wanted_size(room.width() - 4 * MARGIN, room.height() - 80)
        self.setGeometry((room.width() - width) // 2, 48, width, height)

    def wanted_size(self, width, height):
        """Its size in the room there is."""
        raise NotImplementedError

    def typed(self, text):
        """What was typed changed."""
        raise NotImplementedError

    def key_pressed(self, key):
        """A key of `KEPT` other than Esc; whether it did something."""
        return False

    def eventFilter(self, watched, event):
        kind = event.type()
        if watched is self.line:
            if kind == QEvent.Type.ShortcutOverride and event.key() in KEPT:
                event.accept()
                return True
            if kind == QEvent.Type.KeyPress:
                if event.key() == Qt.Key.Key_Escape:
                    self.close_sheet()
                    return True
                return self.key_pressed(event.key())
        elif kind == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            if watched is not self and not self.isAncestorOf(watched):
                self.close_sheet()
        elif kind == QEvent.Type.Resize and watched is self.parentWidget():
            self.place()
        return False
