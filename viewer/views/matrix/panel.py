"""The matrix with its controls: one slim row, and above it one strip at a time."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QVBoxLayout

from viewer.gl.theme import SPACE_PX
from viewer.state.points import COLOURS
from viewer.views.controls import word_button
from viewer.views.grouping import TITLES
from viewer.views.matrix.overview import NAMES
from viewer.views.matrix.sections import (
    AxesSection,
    PairSection,
    PointSection,
)
from viewer.views.order_menus import OrderMenus
from viewer.views.panel import bar_of_controls
from viewer.views.strips import MODES, KeyedPanel, menu_of, show_choice

TOOLS = (
    ("pan", "Pan", "Drag moves; with Shift held it draws a lasso"),
    ("lasso", "Lasso", "Drag selects by a lasso (L)"),
    ("rectangle", "Rectangle", "Drag selects by a rectangle (R)"),
    ("points", "Points", "Click selects single points (P)"),
)
SECTIONS = {"Dots": PointSection, "Axes": AxesSection, "Pairs": PairSection}
SPACING = 2


class MatrixPanel(KeyedPanel):
    """Canvas and controls.

    Attributes
    ----------
    sections : dict of str to Section
        By their words.
    """

    def __init__(self, canvas):
        super().__init__(canvas)
        self._open = None
        self._followed = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(canvas, 1)
        self.sections = {word: make() for word, make in SECTIONS.items()}
        for section in self.sections.values():
            section.wished.connect(self.wished)
            section.dragged.connect(self.dragged)
            section.drag_ended.connect(self.drag_ended)
            column.addWidget(section)
            section.hide()
        column.addWidget(self._controls())

    def _controls(self):
        bar = bar_of_controls()
        row = QHBoxLayout(bar)
        row.setContentsMargins(SPACE_PX, 3, SPACE_PX, 3)
        row.setSpacing(SPACING)
        self._tools = {}
        group = QButtonGroup(self)
        for tool, word, tip in TOOLS:
            button = word_button(word, tip, checkable=True)
            button.clicked.connect(
                lambda _=False, tool=tool: self.wished.emit("matrix.tool", {"tool": tool})
            )
            group.addButton(button)
            row.addWidget(button)
            self._tools[tool] = button
        self.mode = self._menu(row, "How a selection changes", MODES, "matrix.mode")
        row.addSpacing(SPACE_PX)
        colours = tuple((colour, self._colour_word(colour)) for colour in COLOURS)
        self.colour = self._menu(row, "What colours the points", colours, "points.colour")
        self.order = OrderMenus(self.wished.emit)
        row.addWidget(self.order)
        tip = "What the overview shows of each pair"
        names = tuple(NAMES.items())
        self.statistic = self._menu(row, tip, names, "matrix.statistic")
        row.addStretch(1)
        self._words = {}
        for word in SECTIONS:
            button = word_button(word, checkable=True)
            button.clicked.connect(lambda _=False, word=word: self.open_section(word))
            row.addWidget(button)
            self._words[word] = button
        bar.setMinimumWidth(0)
        bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return bar

    @staticmethod
    def _colour_word(colour):
        return {"channel": "channel in focus"}.get(colour, TITLES.get(colour, colour))

    def _menu(self, row, tip, choices, kind):
        name = kind.rpartition(".")[2]
        menu = menu_of(tip, choices, lambda value: self._given(kind, name, value))
        menu.setMinimumContentsLength(max(6, min(12, max(len(word) for _, word in choices) - 3)))
        menu.setSizeAdjustPolicy(menu.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        menu.view().setMinimumWidth(170)
        row.addWidget(menu)
        return menu

    def _given(self, kind, name, value):
        args = {name: value}
        if kind == "points.colour" and value == "channel" and self._followed is not None:
            args["channel"] = self._followed.focus.channel or 0
        self.wished.emit(kind, args)

    def open_section(self, word):
        """Open a strip, and close the others; an open one is closed."""
        self._open = None if self._open == word else word
        for name, section in self.sections.items():
            section.setVisible(name == self._open)
            self._words[name].setChecked(name == self._open)

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self._let_in()

    def _let_in(self):
        """Show as much of the row as fits, what is needed most first; the menu has the rest."""
        tools = list(self._tools.values())
        menus = (self.mode, self.colour, self.order, self.statistic)
        room = self.width() - 4 * SPACE_PX
        for part in (*tools[:2], *self._words.values(), *tools[2:], *menus):
            room -= part.sizeHint().width() + SPACING
            part.setVisible(room >= 0)

    def minimumSizeHint(self):
        return QSize(160, 120)

    def follow(self, state, facts):
        """Show the settings."""
        self._followed = state
        self._tools[state.matrix.tool].setChecked(True)
        show_choice(self.mode, state.matrix.mode)
        show_choice(self.colour, state.points.colour)
        self.order.follow(state)
        show_choice(self.statistic, state.matrix.statistic)
        for section in self.sections.values():
            section.follow(state, facts)

    def set_theme(self, theme):
        """Colours come with the style sheet of the window."""
