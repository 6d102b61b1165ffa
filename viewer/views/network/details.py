"""Names and values below the graph: selectable text, and a button that keeps a layer in full."""

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from viewer.gl.theme import SPACE_PX


def breakable(text):
    """A text whose long names may go on in the next line after ``_``, ``/`` and ``.``."""
    for mark in "_/.":
        text = text.replace(mark, f"{mark}\u200b")
    return text


class Details(QWidget):
    """Names and values below the graph, and a button."""

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
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setMargin(SPACE_PX)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._keep = QPushButton("Keep all positions")
        self._keep.setToolTip("Extract this layer in full, for all samples")
        self._keep.clicked.connect(self.pressed)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._text)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for part in (rule, self._scroll, self._keep):
            column.addWidget(part)
        self._shown = None

    def show_details(self, details, keep, dim):
        """Show pairs; the button when a layer can be kept in full."""
        if (details, keep, dim) == self._shown:
            return
        if self._shown is None or self._shown[0][:1] != details[:1]:
            self._scroll.verticalScrollBar().setValue(0)
        self._shown = (details, keep, dim)
        rows = (
            f"<p style='margin:0 0 5px 0'><span style='color:{dim}'>{escape(name)}</span><br>"
            f"{breakable(escape(value))}</p>"
            for name, value in details
        )
        self._text.setText("".join(rows))
        self._keep.setVisible(bool(keep))

    def text(self):
        """What stands there, as plain text."""
        return "\n".join(f"{name}: {value}" for name, value in (self._shown or ((),))[0])
