"""What the panels of views share: a canvas with controls that wish commands, in Qt."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from viewer.gl.theme import SPACE_PX


class CanvasPanel(QWidget):
    """A canvas with its controls.

    Attributes
    ----------
    canvas : QWidget
        Where the view is drawn.
    wished : Signal(str, object)
        A command: kind and arguments (dict).
    dragged : Signal(str, object)
        A movement of a control; `drag_ended` ends it.
    drag_ended : Signal()
    pressed : Signal(str)
        A method of the window, by its name.
    """

    wished = Signal(str, object)
    dragged = Signal(str, object)
    drag_ended = Signal()
    pressed = Signal(str)

    def __init__(self, canvas):
        super().__init__()
        self.setObjectName("pane")
        self.canvas = canvas
        self._fitted = []

    def shown_from(self, part, least):
        """Show a part only where the panel has at least a width: menus have what does not fit."""
        self._fitted.append((part, least))

    def resizeEvent(self, event):
        super().resizeEvent(event)
        for part, least in self._fitted:
            part.setVisible(self.width() >= least)

    def minimumSizeHint(self):
        return QSize(160, 120)

    def set_theme(self, theme):
        """Colours come with the style sheet of the window."""

    def stand_over(self, bar):
        """Fill the pane: the canvas, and a bar of controls below it."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addWidget(bar)


def row_of_controls(spacing=6):
    """A bar with a slim row that gives way where the pane is narrow.

    Returns
    -------
    (QWidget, QHBoxLayout)
    """
    bar = bar_of_controls()
    row = QHBoxLayout(bar)
    row.setContentsMargins(SPACE_PX, 3, SPACE_PX, 3)
    row.setSpacing(spacing)
    bar.setMinimumWidth(0)
    bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return bar, row


def bar_of_controls():
    """An empty bar in the panels' own colour, for a row of controls."""
    bar = QWidget()
    bar.setObjectName("bar")
    bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return bar
