"""The feature maps with their controls: one slim row of words."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QPushButton,
)

from viewer.gl.theme import SPACE_PX
from viewer.views.order_menus import OrderMenus
from viewer.views.panel import CanvasPanel, row_of_controls

# (command, its argument, ((value, word), ...), least width of the panel at which it is shown)
CHOICES = (
    ("maps.set", "set", (("sample", "Sample"), ("mean", "Mean")), 0),
    (
        "maps.range", "range",
        (("channel", "Range per map"), ("layer", "Layer"), ("common", "Common")), 420,
    ),
)  # fmt: skip
ORDER_FROM, DEAD_FROM = 700, 790


class MapsPanel(CanvasPanel):
    """Canvas and controls."""

    def __init__(self, canvas):
        super().__init__(canvas)
        self._buttons = {}
        self.stand_over(self._controls())

    def _controls(self):
        bar, row = row_of_controls(2)
        for kind, name, choices, least in CHOICES:
            self._choice(row, kind, name, choices, least)
            row.addSpacing(SPACE_PX)
        self.order = OrderMenus(self.wished.emit)
        self.shown_from(self.order, ORDER_FROM)
        row.addWidget(self.order)
        row.addSpacing(SPACE_PX)
        self._dead = self._button("Hide dead", DEAD_FROM)
        self._dead.setToolTip("Leave out channels that are zero everywhere")
        self._dead.clicked.connect(
            lambda checked: self.wished.emit("maps.dead", {"hidden": checked})
        )
        row.addWidget(self._dead)
        row.addStretch(1)
        for word, factor, tip in (("−", 0.8, "Smaller maps"), ("+", 1.25, "Larger maps")):
            button = self._button(word, 200)
            button.setCheckable(False)
            button.setToolTip(f"{tip} (Ctrl and the wheel)")
            button.clicked.connect(lambda _=False, factor=factor: self._resize(factor))
            row.addWidget(button)
        return bar

    def _choice(self, row, kind, name, choices, least):
        group = QButtonGroup(self)
        for value, word in choices:
            button = self._button(word, least)
            button.clicked.connect(
                lambda _=False, value=value: self.wished.emit(kind, {name: value})
            )
            group.addButton(button)
            row.addWidget(button)
            self._buttons[name, value] = button

    def _button(self, word, least):
        button = QPushButton(word)
        button.setProperty("flat", True)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.shown_from(button, least)
        return button

    def _resize(self, factor):
        self.canvas.view.zoom_by(factor)

    def follow(self, state, facts):
        """Show the settings."""
        for (name, value), button in self._buttons.items():
            if getattr(state.maps, name) == value:
                button.setChecked(True)
        self._dead.setChecked(state.maps.hides_dead)
        self.order.follow(state)
