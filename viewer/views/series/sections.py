"""Strips of controls of the series: what it is built of, and its steps; Qt."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewer.gl.theme import SPACE_PX
from viewer.state.series import CHOSEN_ROLES
from viewer.studio import series_choice
from viewer.studio.predictions import class_name
from viewer.views.class_menu import ClassMenu
from viewer.views.controls import dim_label, row_of, word_button
from viewer.views.series import actions
from viewer.views.strips import menu_of, show_choice

SUGGESTED = "suggested"
DIFFERENCES = (
    ("none", "as they are"),
    ("reference", "less the reference step"),
    ("before", "less the step before"),
)
UNFOLDINGS = (
    ("tiles", "tiles, one for each input"),
    ("rows", "a row for each input"),
    ("columns", "a column for each input"),
    ("positions", "tiles, one for each place"),
)
UNFOLDING_TIP = "How input channels and places of the kernel lie side by side"
PICTURES = (("strongest", "strongest of each place"), ("filters", "a row for each filter"))
COUNTS = tuple((count, f"{count} weights") for count in (4, 8, 16, 32, 64))
ROLE_TIPS = {
    "inspected": "The class under inspection: its score is explained. Suggested: most mistakes",
    "reference": "A class to compare with. Suggested: the one classified best",
    "similar": "A class like the inspected one. Suggested: most often taken for it",
    "dissimilar": "A class unlike the inspected one. Suggested: least like it",
}


class Strip(QWidget):
    """Widgets side by side or, in a narrow pane, below each other.

    Attributes
    ----------
    wished : Signal(str, object)
    """

    wished = Signal(str, object)

    def __init__(self, *widgets):
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(SPACE_PX + 4, 4, SPACE_PX + 4, 2)
        self._column.setSpacing(2)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(6)
        self._column.addLayout(self._row)
        for widget in widgets:
            self._row.addWidget(widget)
        self.setMinimumWidth(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def stand(self, across):
        """Side by side, or below each other."""
        ways = QBoxLayout.Direction
        self._row.setDirection(ways.LeftToRight if across else ways.TopToBottom)

    def below(self, widget):
        """One more row below the others, whether these are side by side or not."""
        self._column.addWidget(widget)

    def give(self, wish, *args):
        """Give the command of an action's wish, where it can be done now."""
        found = wish(*args)
        if found is not None:
            self.wished.emit(*found)


class RoleMenu(ClassMenu):
    """The class for a role by its name, the suggested one, or none."""

    def __init__(self, tip):
        super().__init__(tip, ((None, SUGGESTED), (series_choice.NONE, "none")))
        self.setMinimumContentsLength(11)
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.view().setMinimumWidth(190)

    def follow(self, choice, suggested, facts):
        """Offer the classes, and mark what is in force; the one suggested by its name."""
        self.list_classes(facts)
        word = SUGGESTED
        if suggested is not None:
            name = "none" if suggested < 0 else class_name(suggested, facts.class_names)
            word = f"{name}, suggested"
        if self.itemText(0) != word:
            self.setItemText(0, word)
        show_choice(self, choice)
        if not self.lineEdit().hasFocus():
            self.put_back()


class BuildStrip(Strip):
    """The classes of a series, how many samples of each, and the button that builds it."""

    def __init__(self):
        self.classes, holders = {}, []
        for role in ("inspected", "reference", "similar", "dissimilar"):
            menu = RoleMenu(ROLE_TIPS[role])
            menu.chosen.connect(
                lambda index, role=role: self.wished.emit(
                    "series.choose", {"role": role, "label": index}
                )
            )
            self.classes[role] = menu
            word = dim_label(series_choice.role_words(role))
            word.setMinimumWidth(62)
            holders.append(row_of(word, menu, stretch=False))
        tip = "Samples classified right, and as many wrong, of each class"
        counts = [(each, f"{each} + {each}") for each in actions.EACH]
        self.each = menu_of(tip, counts, lambda v: self.wished.emit("series.each", {"each": v}))
        self.together = word_button("Together", "The mean of each kind as one step", checkable=True)
        self.together.clicked.connect(
            lambda on: self.wished.emit("series.together", {"together": bool(on)})
        )
        self.build = word_button("Build", "Build the series (Shift+G)")
        super().__init__(
            row_of(holders[0], holders[1], stretch=False),
            row_of(holders[2], holders[3], stretch=False),
        )
        self.lacks = dim_label()
        self.lacks.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        word = dim_label("Right and wrong samples")
        last = row_of(word, self.each, self.together, self.build, self.lacks, stretch=False)
        last.layout().setStretch(4, 1)
        self.below(last)
        self.build.clicked.connect(lambda: self.give(actions.build, *self._followed))
        self._followed = (None, None)
        self._known = None

    def follow(self, state, facts):
        """Show the classes in force."""
        self._followed = (state, facts)
        choice, found = state.series.choice, series_choice.known(facts)
        key = (choice, found)
        if self._known is None or self._known[0] != key[0] or self._known[1] is not found:
            names = {} if found is None else series_choice.chosen(choice, found)
            self._known = (choice, found, names)
        for role in CHOSEN_ROLES:
            given = getattr(choice, role)
            suggested = self._known[2].get(role) if given is None else None
            self.classes[role].follow(given, suggested, facts)
        if self.each.findData(choice.each) < 0:
            self.each.addItem(f"{choice.each} + {choice.each}", choice.each)
        show_choice(self.each, choice.each)
        self.together.setChecked(choice.together)
        self.build.setEnabled(found is not None)
        lacks = series_choice.lacks(state, facts)
        if lacks != self.lacks.text():
            self.lacks.setText(lacks)
            self.lacks.setToolTip(lacks)


class StepsStrip(Strip):
    """The step that is shown: its name, its place; and steps to add."""

    def __init__(self):
        self.name = QLineEdit()
        self.name.setToolTip("The name of the step that is shown")
        self.name.setMinimumWidth(60)
        self.name.editingFinished.connect(self._named)
        words = (
            ("Reference", "Take differences to this step", actions.at_step("series.reference")),
            ("Earlier", "Move the step earlier", actions.moved(-1)),
            ("Later", "Move the step later", actions.moved(1)),
            ("Remove", "Remove the step (Delete)", actions.at_step("series.remove")),
            ("Add sample", "Add the focused sample as a step", actions.add_focused),
            ("Add selection", "Add the mean of the selection as a step", actions.add_selection),
            ("Clear", "Remove all steps", actions.clear),
        )
        self.buttons = {}
        for word, tip, wish in words:
            button = word_button(word, tip)
            button.clicked.connect(lambda _=False, wish=wish: self.give(wish, *self._followed))
            self.buttons[word] = button
        parts = list(self.buttons.values())
        super().__init__(row_of(self.name, *parts[:4]), row_of(*parts[4:]))
        self._followed = (None, None)
        self._wishes = {word: wish for word, _, wish in words}

    def _named(self):
        state = self._followed[0]
        if state is None or not self.name.isModified():
            return
        self.name.setModified(False)
        if self.name.text().strip() and state.series.steps:
            args = {"step": state.series.step, "name": self.name.text().strip()}
            self.wished.emit("series.rename", args)

    def follow(self, state, facts):
        """Show the name of the step, and what can be done with it."""
        self._followed = (state, facts)
        step = state.series.present
        if not (self.name.hasFocus() and self.name.isModified()):
            self.name.setText("" if step is None else step.name)
        self.name.setEnabled(step is not None)
        for word, button in self.buttons.items():
            button.setEnabled(self._wishes[word](state, facts) is not None)


class LookStrip(Strip):
    """How steps are compared, weights unfolded, pictures made, and what is checked."""

    def __init__(self):
        self.menus = {}
        parts = [
            self._menu("Values", "Gradients, or their differences", "difference", DIFFERENCES),
            self._menu("Unfolded as", UNFOLDING_TIP, "unfolding", UNFOLDINGS),
            self._menu("Pictures", "How a step is one small picture", "picture", PICTURES),
            self._menu("Checked", "How many gradients are checked", "checked", COUNTS),
        ]
        super().__init__(row_of(*parts[:2]), row_of(*parts[2:]))

    def _menu(self, word, tip, name, choices):
        menu = menu_of(
            tip, choices, lambda value: self.wished.emit(f"series.{name}", {name: value})
        )
        self.menus[name] = menu
        return row_of(dim_label(word), menu, stretch=False)

    def follow(self, state, facts):
        """Show the settings."""
        for name, menu in self.menus.items():
            value = getattr(state.series, name)
            if menu.findData(value) < 0:
                menu.addItem(str(value), value)
            show_choice(menu, value)
