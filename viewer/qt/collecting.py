"""Cyclic garbage is collected in the main thread only.

Python collects wherever the next allocation happens to be. In a worker that would delete widgets
in a thread which is not theirs, and Qt ends the program (seen: an import in a worker's thread,
with a closed window among the garbage). So automatic collection is off while there is a window,
and a timer of the main thread collects by Python's own thresholds.
"""

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 500


class Collector(QObject):
    """Collects garbage in the thread that made it, until it is deleted with its parent.

    Parameters
    ----------
    parent : QObject
    """

    def __init__(self, parent):
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(INTERVAL_MS)

    @staticmethod
    def collect():
        """Collect the oldest generation that is over its threshold, with the younger ones."""
        for generation in (2, 1, 0):
            threshold = gc.get_threshold()[generation]
            if threshold and gc.get_count()[generation] > threshold:
                gc.collect(generation)
                return
