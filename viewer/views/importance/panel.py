"""The importance view with its controls: one slim row."""

from PySide6.QtWidgets import QMenu

from viewer.state.importance import PARTS
from viewer.studio.weighed import MEASURE_WORDS
from viewer.views.class_menu import ClassMenu
from viewer.views.controls import word_button
from viewer.views.importance.actions import (
    PART_WORDS,
    SHARES,
    all_on,
    extreme,
    switch_focused,
)
from viewer.views.panel import row_of_controls
from viewer.views.strips import KeyedPanel, SwitchMenu, as_wide_as, menu_of, show_choice

NORMS = (("l2", "L2"), ("l1", "L1"), ("max", "maximum"))
WAYS = (("zero", "zero instead"), ("mean", "mean instead"))
OWN = "each own label"
MEASURE_FROM, NORM_FROM, CLASS_FROM, WAY_FROM, ON_FROM = 210, 480, 350, 640, 560


class WeighedClassMenu(ClassMenu):
    """Each own label, or one class."""

    def __init__(self):
        tip = "Whose score counts: each sample's own label, or one class over its own"
        super().__init__(tip, ((None, OWN),))

    def follow(self, of_class, facts):
        """Offer the classes, and mark what is in force."""
        self.list_classes(facts)
        show_choice(self, of_class)


class ImportancePanel(KeyedPanel):
    """Canvas and controls."""

    def __init__(self, canvas):
        super().__init__(canvas)
        self._followed = None
        self.stand_over(self._controls())

    def _controls(self):
        bar, row = row_of_controls()
        self.parts = word_button("Parts", "What is shown")
        self.parts.setMenu(self._parts_menu())
        row.addWidget(self.parts)
        measures = tuple(MEASURE_WORDS.items())
        tip = "By what a filter counts as important"
        self.measure = self._menu(row, tip, measures, "measure", MEASURE_FROM, 12)
        self.norm = self._menu(row, "Of the weight gradient", NORMS, "norm", NORM_FROM, 5)
        self.of_class = WeighedClassMenu()
        self.of_class.chosen.connect(
            lambda of_class: self.wished.emit("importance.class", {"of_class": of_class})
        )
        self.of_class.left.connect(self.canvas.setFocus)
        self._place(row, self.of_class, 10, CLASS_FROM)
        row.addStretch(1)
        tip = "What stands in place of a channel that is off"
        self.by = self._menu(row, tip, WAYS, "by", WAY_FROM, 9)
        self.off = word_button("Off", "Switch filters off (double click a filter, or X)")
        self.off.setMenu(self._off_menu())
        row.addWidget(self.off)
        self.on = word_button("All on", "All filters on again")
        self.on.clicked.connect(lambda: self._give(all_on))
        row.addWidget(self.on)
        self.shown_from(self.on, ON_FROM)
        return bar

    def _parts_menu(self):
        menu, self.switches = SwitchMenu(self), {}
        for part in PARTS:
            action = menu.addAction(PART_WORDS[part])
            action.setCheckable(True)
            action.triggered.connect(
                lambda on, part=part: self.wished.emit(
                    "importance.part", {"part": part, "shown": bool(on)}
                )
            )
            self.switches[part] = action
        return menu

    def _off_menu(self):
        menu = QMenu(self)
        self.focused = menu.addAction("The Focused Filter")
        self.focused.setCheckable(True)
        self.focused.triggered.connect(lambda _=False: self._give(switch_focused))
        menu.addSeparator()
        for share in SHARES:
            action = menu.addAction(f"The Least {share} %")
            action.triggered.connect(lambda _=False, by=share: self._give(extreme(by)))
        menu.addSeparator()
        action = menu.addAction("The Most Important One")
        action.triggered.connect(lambda _=False: self._give(extreme(0, most=True)))
        menu.addSeparator()
        action = menu.addAction("All On Again")
        action.triggered.connect(lambda _=False: self._give(all_on))
        return menu

    def _give(self, wish):
        """What an action wishes now, if anything."""
        command = None if self._followed is None else wish(*self._followed)
        if command is not None:
            self.wished.emit(*command)

    def _menu(self, row, tip, choices, name, least, letters):
        kind = f"importance.{name}"
        menu = menu_of(tip, choices, lambda value: self.wished.emit(kind, {name: value}))
        self._place(row, menu, letters, least)
        return menu

    def _place(self, row, menu, letters, least):
        """Put a menu into the row, as wide as so many letters."""
        row.addWidget(as_wide_as(menu, letters, 170))
        self.shown_from(menu, least)

    def follow(self, state, facts):
        """Show the settings."""
        self._followed, settings = (state, facts), state.importance
        for part, action in self.switches.items():
            action.setChecked(part in settings.shown)
        show_choice(self.measure, settings.measure)
        show_choice(self.norm, settings.norm)
        self.norm.setEnabled(settings.measure == "gradient")
        self.of_class.follow(settings.of_class, facts)
        show_choice(self.by, settings.by)
        off = state.focus.channel in settings.off_of(state.focus.layer)
        self.focused.setChecked(off)
        self.focused.setEnabled(state.focus.channel is not None)
        self.on.setEnabled(bool(settings.off))
