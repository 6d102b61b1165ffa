"""Brings what workers post into Qt's main thread, merged: one wake for many calls."""

from PySide6.QtCore import QObject, Qt, Signal


class Postman(QObject):
    """Pumps an `Inbox` in the thread in which this was made."""

    _wake = Signal()

    def __init__(self, inbox, parent=None):
        super().__init__(parent)
        self._inbox = inbox
        self._wake.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        inbox.wake = self._wake.emit

    def _deliver(self):
        self._inbox.pump()

    def stop(self):
        """Deliver no more."""
        self._inbox.wake = lambda: None
