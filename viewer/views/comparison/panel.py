"""The comparison with its controls: one slim row."""

from viewer.state.comparison import COLUMNS, LRP
from viewer.studio.comparing import column_words
from viewer.views.controls import LabelledSlider, word_button
from viewer.views.panel import row_of_controls
from viewer.views.strips import (
    KeyedPanel,
    SwitchMenu,
    as_wide_as,
    letters_for,
    menu_of,
    show_choice,
)
from viewer.views.target_menu import TargetMenu

ROWS = (("samples", "samples"), ("layers", "layers"))
RANGES = (
    ("cell", "range of each cell"),
    ("row", "range of each row"),
    ("column", "range of each column"),
    ("all", "one range"),
)
SLIDER_WIDTH = 170
TARGET_FROM, RANGE_FROM, BACKGROUND_FROM, SIZE_FROM = 260, 400, 560, 660


class ComparisonPanel(KeyedPanel):
    """Canvas and controls."""

    def __init__(self, canvas):
        super().__init__(canvas)
        self.stand_over(self._controls())

    def _controls(self):
        bar, row = row_of_controls()
        self.methods = word_button("Methods", "Which methods have a column")
        self.methods.setMenu(self._methods_menu())
        row.addWidget(self.methods)
        self.rows = self._menu(row, "What stands in the rows", ROWS, "comparison.rows", "rows", 0)
        self.target = TargetMenu()
        self.target.chosen.connect(
            lambda target: self.wished.emit("attribution.target", {"target": target})
        )
        self.target.left.connect(self.canvas.setFocus)
        self._place(row, self.target, 12, TARGET_FROM)
        tip = "What shares one range of values"
        self.range = self._menu(row, tip, RANGES, "comparison.range", "range", RANGE_FROM)
        self.background = LabelledSlider(
            "Picture", "How much of the picture is seen behind", float, lambda place: place
        )
        self.background.setMaximumWidth(SLIDER_WIDTH)
        kind = "comparison.background"
        self.background.moved.connect(lambda v: self.dragged.emit(kind, {"opacity": v}))
        self.background.released.connect(self.drag_ended)
        self.background.given.connect(lambda v: self.wished.emit(kind, {"opacity": v}))
        row.addWidget(self.background)
        self.shown_from(self.background, BACKGROUND_FROM)
        row.addStretch(1)
        for word, factor, tip in (("\u2212", 0.8, "Smaller cells"), ("+", 1.25, "Larger cells")):
            button = word_button(word, f"{tip} (Ctrl and the wheel)")
            button.clicked.connect(lambda _=False, by=factor: self.canvas.view.zoom_by(by))
            row.addWidget(button)
            self.shown_from(button, SIZE_FROM)
        return bar

    def _methods_menu(self):
        """A switch for each column, the rules of LRP below the others."""
        menu, self.switches = SwitchMenu(self), {}
        plain = [column for column in COLUMNS if not column.startswith(LRP)]
        rules = [column for column in COLUMNS if column.startswith(LRP)]
        for place, column in enumerate((*plain, *rules)):
            if place == len(plain):
                menu.addSeparator()
            action = menu.addAction(column_words(column))
            action.setCheckable(True)
            action.triggered.connect(
                lambda on, column=column: self.wished.emit(
                    "comparison.method", {"method": column, "shown": bool(on)}
                )
            )
            self.switches[column] = action
        return menu

    def _menu(self, row, tip, choices, kind, name, least):
        menu = menu_of(tip, choices, lambda value: self.wished.emit(kind, {name: value}))
        self._place(row, menu, letters_for(choices), least)
        return menu

    def _place(self, row, menu, letters, least):
        """Put a menu into the row, as wide as so many letters."""
        row.addWidget(as_wide_as(menu, letters, 150))
        self.shown_from(menu, least)

    def follow(self, state, facts):
        """Show the settings."""
        settings = state.comparison
        for column, action in self.switches.items():
            action.setChecked(column in settings.methods)
        show_choice(self.rows, settings.rows)
        self.target.follow(state.attribution.target, facts)
        self.target.setEnabled(settings.rows == "samples")
        show_choice(self.range, settings.range)
        self.background.show_value(settings.background)
