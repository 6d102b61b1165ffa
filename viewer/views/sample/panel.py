"""The sample with its controls: what explains it, and what is explained."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout

from viewer.gl.theme import SPACE_PX
from viewer.state.attribution import OF_A_LAYER, RULED, RULES, SEEDED, STEPPED, WITHIN
from viewer.studio.attributing import METHOD_WORDS
from viewer.views.controls import LabelledSlider, row_of, word_button
from viewer.views.panel import CanvasPanel, bar_of_controls
from viewer.views.strips import menu_of, show_choice
from viewer.views.target_menu import TargetMenu

LAYERS = (("last", "last maps"), ("active", "active layer"))
STEPS = (None, 8, 16, 32, 64, 128, 256, 512)
# As an item's data None means nothing, so that the method's own number is 0.
OWN_STEPS = 0
WIDEST = 240
# Least widths, and for the second row the least height, at which controls are there.
TARGET_FROM, WITHIN_FROM, OTHERS_FROM, SECOND_FROM = 270, 230, 210, 200
# What each further control of the second row takes from the width.
FOR_ANOTHER = 70


class SamplePanel(CanvasPanel):
    """Canvas and controls."""

    def __init__(self, canvas):
        super().__init__(canvas)
        self._method = ""
        self.stand_over(self._controls())

    def _controls(self):
        bar = bar_of_controls()
        column = QVBoxLayout(bar)
        column.setContentsMargins(SPACE_PX, 3, SPACE_PX, 3)
        column.setSpacing(2)
        self.shown = word_button("Attribution", "What the prediction rests on (D)", checkable=True)
        self.shown.clicked.connect(
            lambda on: self.wished.emit("attribution.show", {"shown": bool(on)})
        )
        self.method = self._menu("Method", METHOD_WORDS.items(), "method")
        self.target = _narrow(TargetMenu())
        self.target.chosen.connect(
            lambda target: self.wished.emit("attribution.target", {"target": target})
        )
        self.target.left.connect(self.canvas.setFocus)
        first = QHBoxLayout()
        first.setSpacing(4)
        first.addWidget(self.shown)
        first.addWidget(self.method, 9)
        first.addWidget(self.target, 9)
        first.addStretch(1)
        column.addLayout(first)
        column.addWidget(self._second_row())
        bar.setMinimumWidth(0)
        bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return bar

    def _second_row(self):
        self.rule = self._menu("Rule of LRP", [(rule, rule) for rule in RULES], "rule", 10)
        self.layer = self._menu("Whose maps Grad-CAM weights", LAYERS, "layer", 10)
        words = [(steps or OWN_STEPS, f"{steps} steps" if steps else "Steps") for steps in STEPS]
        self.steps = menu_of(
            "Pictures that are averaged over; Steps: the method's own number",
            words,
            lambda steps: self.wished.emit("attribution.steps", {"steps": steps or None}),
        )
        self.seed = word_button("Seed 0", "Take other random numbers")
        self.seed.clicked.connect(
            lambda: self.wished.emit("attribution.seed", {"seed": self._seed + 1})
        )
        self.opacity = LabelledSlider("Opacity", "Of what lies over the picture", float, _rounded)
        self.opacity.moved.connect(lambda v: self.dragged.emit("attribution.opacity", _opacity(v)))
        self.opacity.released.connect(self.drag_ended)
        self.opacity.given.connect(lambda v: self.wished.emit("attribution.opacity", _opacity(v)))
        shares = [(share, "All values" if share == 1 else f"{100 * share:g} %") for share in WITHIN]
        self.within = self._menu("Values within the ends of the colours", shares, "within")
        self._seed = 0
        self.second = row_of(
            *(self.rule, self.layer, self.steps, self.seed, self.within, self.opacity),
            stretch=False,
        )
        self.opacity.setMaximumWidth(WIDEST)
        self.second.layout().setStretch(5, 9)
        self.second.layout().addStretch(1)
        self.second.hide()
        return self.second

    def _menu(self, tip, choices, name, least=6):
        menu = menu_of(
            tip, choices, lambda value: self.wished.emit(f"attribution.{name}", {name: value})
        )
        return _narrow(menu, least)

    def minimumSizeHint(self):
        return QSize(160, 120)

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self._fit()

    def _fit(self):
        """What does not fit is left out: the menu has it."""
        shown, width = self.shown.isChecked(), self.width()
        self.method.setVisible(shown)
        self.target.setVisible(shown and width >= TARGET_FROM)
        takes = ((self.rule, RULED), (self.layer, OF_A_LAYER), (self.steps, STEPPED))
        for part, methods in takes:
            part.setVisible(self._method in methods and width >= OTHERS_FROM)
        self.seed.setVisible(self._method in SEEDED and width >= TARGET_FROM)
        others = sum(not part.isHidden() for part in (*(part for part, _ in takes), self.seed))
        self.within.setVisible(width >= WITHIN_FROM + others * FOR_ANOTHER)
        self.second.setVisible(shown and self.height() >= SECOND_FROM)

    def follow(self, state, facts):
        """Show the settings."""
        settings = state.attribution
        self.shown.setChecked(settings.shown)
        self._method = settings.method
        self._fit()
        if not settings.shown:
            return
        _show(self.method, settings.method, settings.method)
        self.target.follow(settings.target, facts)
        _show(self.rule, settings.rule, settings.rule)
        show_choice(self.layer, settings.layer)
        _show(self.steps, settings.steps or OWN_STEPS, f"{settings.steps} steps")
        self._seed = settings.seed
        self.seed.setText(f"Seed {settings.seed}")
        _show(self.within, settings.within, f"{100 * settings.within:g} %")
        self.opacity.show_value(settings.opacity)

    def set_theme(self, theme):
        """Colours come with the style sheet of the window."""


def _narrow(menu, least=6):
    """A menu that shares its row with others."""
    menu.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    menu.setMinimumContentsLength(least)
    menu.setMaximumWidth(WIDEST)
    menu.setMinimumWidth(60)
    return menu


def _show(menu, value, word):
    """Mark what is in force; what is not offered is added."""
    if menu.findData(value) < 0:
        menu.addItem(word, value)
    show_choice(menu, value)


def _rounded(place):
    return round(place, 3)


def _opacity(value):
    return {"opacity": value}
