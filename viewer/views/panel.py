"""What the panels of views share: a canvas with controls that wish commands, in Qt."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget


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

    def stand_over(self, bar):
        """Fill the pane: the canvas, and a bar of controls below it."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addWidget(bar)


def bar_of_controls():
    """An empty bar in the panels' own colour, for a row of controls."""
    bar = QWidget()
    bar.setObjectName("bar")
    bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return bar
