"""Where notices of the error door are read: one line at the top of the window, the latest first."""

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewer.qt.style import MARGIN

NEWS_MS = 12000
"""News goes by itself after so long; an error stays until it is put away."""


class _Relay(QObject):
    """Brings the door's signal, from whatever thread, into the main one."""

    rang = Signal()


class NoticeBar(QWidget):
    """The latest notice, with its details, and a way to put it away.

    Parameters
    ----------
    door : ErrorDoor
    """

    def __init__(self, door, parent=None):
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._door = door
        self._notice = None
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._more = QLabel()
        self._more.setProperty("dim", True)
        self._details = QPushButton("Details")
        self._dismiss = QPushButton("Dismiss")
        self._details.clicked.connect(self._show_details)
        self._dismiss.clicked.connect(self._put_away)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN + 4, 6, MARGIN, 6)
        row.setSpacing(MARGIN)
        row.addWidget(self._text, 1)
        for part in (self._more, self._details, self._dismiss):
            row.addWidget(part)
        self._news = QTimer(self)
        self._news.setSingleShot(True)
        self._news.setInterval(NEWS_MS)
        self._news.timeout.connect(self._put_away)
        self._relay = _Relay()
        self._relay.rang.connect(self.refresh, Qt.ConnectionType.QueuedConnection)
        door.changed.connect(self._relay.rang.emit)
        self.refresh()

    def refresh(self):
        """Show the latest notice, or nothing."""
        notices = self._door.notices
        self._notice = notices[0] if notices else None
        self.setVisible(self._notice is not None)
        if self._notice is None:
            self._text.clear()
            return
        notice = self._notice
        if notice.grave:
            self._news.stop()
        elif notice.text != self._text.text():
            self._news.start()
        self._text.setText(notice.text)
        self._text.setProperty("warn", notice.grave)
        self._text.style().polish(self._text)
        more = [f"{notice.count} times"] if notice.count > 1 else []
        if len(notices) > 1:
            more.append(f"{len(notices) - 1} more")
        self._more.setText(", ".join(more))
        self._details.setVisible(bool(notice.details))

    def _put_away(self):
        if self._notice is not None:
            self._door.dismiss(self._notice)

    def _show_details(self):
        dialog = QDialog(self.window())
        dialog.setWindowTitle("What happened")
        dialog.resize(760, 420)
        column = QVBoxLayout(dialog)
        text = QPlainTextEdit(f"{self._notice.text}\n\n{self._notice.details}")
        text.setReadOnly(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QApplication.clipboard().setText(text.toPlainText()))
        buttons.rejected.connect(dialog.reject)
        column.addWidget(text)
        column.addWidget(buttons)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def close_bar(self):
        """Listen no more."""
        self._news.stop()
        self._door.changed.disconnect(self._relay.rang.emit)
