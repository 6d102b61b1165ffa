"""The view of a series with its controls: one bar, and above it one strip at a time."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QVBoxLayout

from viewer.gl.theme import SPACE_PX
from viewer.views.controls import word_button
from viewer.views.panel import bar_of_controls
from viewer.views.series import actions
from viewer.views.series.sections import BuildStrip, LookStrip, StepsStrip
from viewer.views.strips import KeyedPanel, menu_of, show_choice
from viewer.views.target_menu import TargetMenu

CHECKS = (
    ("none", "no check"),
    ("largest", "check largest"),
    ("random", "check random"),
    ("chosen", "check picked"),
)
# From these widths on the bar has its parts, and strips stand in one row.
STEP_FROM, SLIDER_FROM, RATE_FROM, CHECK_FROM, TARGET_FROM, ROW_FROM = 300, 390, 500, 620, 760, 820


class SeriesPanel(KeyedPanel):
    """Canvas and controls.

    Attributes
    ----------
    strips : dict of str to Strip
        By their words.
    """

    def __init__(self, canvas):
        super().__init__(canvas)
        self._parts, self._open, self._followed = [], None, None
        self.strips = {"Build": BuildStrip(), "Steps": StepsStrip(), "Look": LookStrip()}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(canvas, 1)
        for strip in self.strips.values():
            strip.wished.connect(self.wished)
            strip.hide()
            column.addWidget(strip)
        for menu in self.strips["Build"].classes.values():
            menu.left.connect(canvas.setFocus)
        column.addWidget(self._bar())
        self._show_strip()

    def minimumSizeHint(self):
        return QSize(160, 120)

    # the bar

    def _bar(self):
        bar = bar_of_controls()
        row = QHBoxLayout(bar)
        row.setContentsMargins(SPACE_PX, 3, SPACE_PX, 3)
        row.setSpacing(6)
        self.words, self.steps = {}, {}
        tips = {
            "Build": "Classes and samples of a series",
            "Steps": "Name, move, add and remove steps",
            "Look": "Differences, how weights are unfolded, small pictures",
        }
        for word, tip in tips.items():
            self.words[word] = word_button(word, tip, checkable=True)
            self.words[word].clicked.connect(lambda _=False, word=word: self.open_strip(word))
            row.addWidget(self.words[word])
        self.play = word_button("Play", "The steps one after the other, in the stack (Space)")
        self.play.clicked.connect(self._play)
        row.addWidget(self.play)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.setMinimumWidth(60)
        self.slider.setMaximumWidth(260)
        self.slider.setToolTip("The step that is shown (J, Shift+J)")
        self.slider.sliderMoved.connect(lambda at: self.dragged.emit("series.step", {"step": at}))
        self.slider.sliderReleased.connect(self.drag_ended)
        self.slider.actionTriggered.connect(self._slid)
        for word, tip, by in (("Back", "The step before (Shift+J)", -1), ("On", "Next (J)", 1)):
            self.steps[word] = word_button(word, tip)
            self.steps[word].clicked.connect(lambda _=False, by=by: self._step(by))
            self._place(row, self.steps[word], STEP_FROM)
        self._place(row, self.slider, SLIDER_FROM, 3)
        rates = [(rate, f"{rate:g}/s") for rate in actions.RATES]
        self.rate = self._menu(row, "Steps a second", rates, "rate", RATE_FROM)
        self.target = TargetMenu()
        self.target.chosen.connect(
            lambda target: self.wished.emit("attribution.target", {"target": target})
        )
        self.target.left.connect(self.canvas.setFocus)
        self.target.setMinimumContentsLength(12)
        self._narrow(self.target)
        self._place(row, self.target, TARGET_FROM)
        tip = "Computed gradients beside central finite differences"
        self.check = self._menu(row, tip, CHECKS, "check", CHECK_FROM)
        row.addStretch(1)
        bar.setMinimumWidth(0)
        bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return bar

    def _menu(self, row, tip, choices, name, least):
        menu = menu_of(
            tip, choices, lambda value: self.wished.emit(f"series.{name}", {name: value})
        )
        letters = max(4, min(13, max(len(word) for _, word in choices) - 2))
        menu.setMinimumContentsLength(letters)
        self._narrow(menu)
        self._place(row, menu, least)
        return menu

    @staticmethod
    def _narrow(menu):
        menu.setSizeAdjustPolicy(menu.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        menu.view().setMinimumWidth(150)

    def _place(self, row, part, least, stretch=0):
        row.addWidget(part, stretch)
        self._parts.append((part, least))

    def _slid(self, _):
        if not self.slider.isSliderDown():
            self.wished.emit("series.step", {"step": self.slider.sliderPosition()})

    def _play(self):
        """Bring the step into the stack, then play."""
        if self._followed is None:
            return
        state, _ = self._followed
        if state.series.steps:
            if state.stack.values not in ("gradient", "relevance", "weight-gradient"):
                self.wished.emit("stack.source", {"source": "weight-gradient"})
            self.wished.emit("series.step", {"step": state.series.step})
            self.pressed.emit("play")

    def _step(self, by):
        found = None if self._followed is None else actions.stepped(by)(*self._followed)
        if found is not None:
            self.wished.emit(*found)

    def open_strip(self, word):
        """Open a strip, or close it when it is open; one at a time."""
        self._open = "" if word == self._shown() else word
        self._show_strip()

    def _shown(self):
        """The strip that is open: of a series without steps the one that builds it."""
        if self._open is not None:
            return self._open
        empty = self._followed is None or not self._followed[0].series.steps
        return "Build" if empty else ""

    def _show_strip(self):
        shown = self._shown()
        for word, strip in self.strips.items():
            strip.setVisible(word == shown)
            self.words[word].setChecked(word == shown)
            if word == shown and self._followed is not None:
                strip.follow(*self._followed)

    def resizeEvent(self, event):
        super().resizeEvent(event)
        for part, least in self._parts:  # the menu has what does not fit
            part.setVisible(self.width() >= least)
        for strip in self.strips.values():
            strip.stand(self.width() >= ROW_FROM)

    # following

    def follow(self, state, facts):
        """Show the settings."""
        self._followed = (state, facts)
        series, count = state.series, len(state.series.steps)
        self._show_strip()
        self.play.setEnabled(count > 1)
        for part in (self.slider, *self.steps.values()):
            part.setEnabled(count > 1)
        if not self.slider.isSliderDown():
            self.slider.setRange(0, max(0, count - 1))
            self.slider.setValue(series.step)
        if self.rate.findData(series.rate) < 0:
            self.rate.addItem(f"{series.rate:g}/s", series.rate)
        show_choice(self.rate, series.rate)
        self.target.follow(state.attribution.target, facts)
        show_choice(self.check, series.check)

    def set_theme(self, theme):
        """Colours come with the style sheet of the window."""
