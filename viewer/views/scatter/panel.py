"""The 3D scatter with its controls: what a drag does, colours, three channels, size and opacity."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout

from viewer.gl.theme import SPACE_PX
from viewer.state.points import COLOURS
from viewer.state.scatter import AXES
from viewer.views.controls import dim_label, word_button
from viewer.views.grouping import TITLES
from viewer.views.panel import bar_of_controls
from viewer.views.scatter.actions import separating
from viewer.views.strips import MODES, DotSection, KeyedPanel, menu_of, show_choice

TOOLS = (
    ("turn", "Turn", "Drag turns; with Shift held it draws a lasso"),
    ("lasso", "Lasso", "Drag selects by a lasso (L)"),
    ("rectangle", "Rectangle", "Drag selects by a rectangle (R)"),
    ("points", "Points", "Click selects single points (P)"),
)
# Least widths of the panel at which parts of the row are shown; the menu has the rest.
CHANNELS_FROM, MODE_FROM, COLOUR_FROM, BEST_FROM, DOTS_FROM = 400, 500, 620, 760, 250


class Channel(QLineEdit):
    """The channel along an axis: typed, or stepped by the arrow keys up and down.

    Parameters
    ----------
    axis : str
    given : callable(int)
        Called with another channel that the layer has.
    """

    def __init__(self, axis, given):
        super().__init__()
        self._given = given
        self._channel, self._count = None, 0
        self.setToolTip(f"Channel along {axis}; in the view the key {axis.upper()} takes the next")
        self.setFixedWidth(46)
        self.editingFinished.connect(self._finished)

    def show_channel(self, channel, count):
        """Show a channel of so many (None: nothing to choose), unless one is being typed."""
        self._channel, self._count = channel, count
        self.setEnabled(channel is not None)
        if not (self.hasFocus() and self.isModified()):
            self._put_back()

    def _put_back(self):
        self.setText("" if self._channel is None else str(self._channel))
        self.setModified(False)

    def _finished(self):
        if not self.isModified():
            return
        text = self.text().strip()
        channel = int(text) if text.isdecimal() else None
        self._put_back()
        if channel is not None and channel < self._count and channel != self._channel:
            self._given(channel)

    def keyPressEvent(self, event):
        by = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(event.key(), 0)
        if by and self._count:
            self._given((self._channel + by) % self._count)
        else:
            super().keyPressEvent(event)


class ScatterPanel(KeyedPanel):
    """Canvas and controls."""

    def __init__(self, canvas):
        super().__init__(canvas)
        self._parts = []
        self._followed = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(canvas, 1)
        self.dots = DotSection()
        self.dots.wished.connect(self.wished)
        self.dots.dragged.connect(self.dragged)
        self.dots.drag_ended.connect(self.drag_ended)
        column.addWidget(self.dots)
        self.dots.hide()
        column.addWidget(self._controls())

    def _controls(self):
        bar = bar_of_controls()
        row = QHBoxLayout(bar)
        row.setContentsMargins(SPACE_PX, 3, SPACE_PX, 3)
        row.setSpacing(2)
        self.tools = {}
        group = QButtonGroup(self)
        for tool, word, tip in TOOLS:
            button = word_button(word, tip, checkable=True)
            button.clicked.connect(
                lambda _=False, tool=tool: self.wished.emit("scatter.tool", {"tool": tool})
            )
            group.addButton(button)
            row.addWidget(button)
            self.tools[tool] = button
        self.mode = self._menu(row, "How a selection changes", MODES, "scatter.mode", MODE_FROM)
        row.addSpacing(SPACE_PX)
        self.channels = {}
        for axis in AXES:
            box = Channel(axis, lambda channel, axis=axis: self._channel(axis, channel))
            label = dim_label(axis)
            for widget in (label, box):
                row.addWidget(widget)
                self._parts.append((widget, CHANNELS_FROM))
            row.addSpacing(4)
            self.channels[axis] = box
        self.best = word_button("Separating", "The three channels that separate the classes best")
        self.best.clicked.connect(self._separate)
        row.addWidget(self.best)
        self._parts.append((self.best, BEST_FROM))
        row.addSpacing(SPACE_PX)
        colours = tuple((colour, _colour_word(colour)) for colour in COLOURS)
        self.colour = self._menu(
            row, "What colours the points", colours, "points.colour", COLOUR_FROM
        )
        row.addStretch(1)
        self._dots = word_button("Dots", "Size and opacity of points", checkable=True)
        self._dots.clicked.connect(self.dots.setVisible)
        row.addWidget(self._dots)
        self._parts.append((self._dots, DOTS_FROM))
        bar.setMinimumWidth(0)
        bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return bar

    def _menu(self, row, tip, choices, kind, least):
        name = kind.rpartition(".")[2]
        menu = menu_of(tip, choices, lambda value: self._given(kind, name, value))
        menu.setMaximumWidth(170)
        row.addWidget(menu)
        self._parts.append((menu, least))
        return menu

    def _given(self, kind, name, value):
        args = {name: value}
        if kind == "points.colour" and value == "channel" and self._followed is not None:
            args["channel"] = self._followed[0].focus.channel or 0
        self.wished.emit(kind, args)

    def _channel(self, axis, channel):
        self.wished.emit("scatter.axis", {"axis": axis, "channel": channel})

    def _separate(self):
        wish = None if self._followed is None else separating(*self._followed)
        if wish is not None:
            self.wished.emit(*wish)

    def resizeEvent(self, event):
        super().resizeEvent(event)
        for part, least in self._parts:
            part.setVisible(self.width() >= least)

    def minimumSizeHint(self):
        return QSize(160, 120)

    def follow(self, state, facts):
        """Show the settings."""
        self._followed = (state, facts)
        self.tools[state.scatter.tool].setChecked(True)
        show_choice(self.mode, state.scatter.mode)
        show_choice(self.colour, state.points.colour)
        self.dots.follow(state, facts)
        points = facts.points.get(state.focus.layer)
        count = 0 if points is None else points.channels
        shown = state.scatter.channels_of(count)
        for place, box in enumerate(self.channels.values()):
            box.show_channel(shown[place] if place < len(shown) else None, count)
        self.best.setEnabled(count > 3 and facts.labels is not None)

    def set_theme(self, theme):
        """Colours come with the style sheet of the window."""


def _colour_word(colour):
    return {"channel": "channel in focus"}.get(colour, TITLES.get(colour, colour))
