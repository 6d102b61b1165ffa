"""The field that finds layers, with how many there are inside it."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit


class FindLine(QLineEdit):
    """The field that finds layers: Enter goes on, Shift+Enter back, Esc ends."""

    went = Signal(int)
    left = Signal()
    focused = Signal()

    def __init__(self):
        super().__init__()
        self.setPlaceholderText("Find")
        self.setToolTip(
            "Part of a name, a pattern such as conv*, or kind:add, op:Relu, shape:64x*\n"
            "Enter: next match; Shift+Enter: the one before; Esc: end"
        )
        self.setMinimumWidth(40)
        self._count = QLabel(self)
        self._count.setProperty("dim", True)
        self._count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._count.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_count(self, text):
        """Show how many there are, in the field."""
        self._count.setText(text)
        self._count.adjustSize()
        self.setTextMargins(0, 0, self._count.width() + 4 if text else 0, 0)
        self._place()

    def _place(self):
        size = self._count.size()
        top = (self.height() - size.height()) // 2
        self._count.move(self.width() - size.width() - 6, top)

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self._place()

    def event(self, event):
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def focusInEvent(self, event):
        super().focusInEvent(event)
        self.focused.emit()

    def focusOutEvent(self, event):
        super().focusOutEvent(event)
        self.focused.emit()

    def keyPressEvent(self, event):
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.went.emit(-1 if back else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
