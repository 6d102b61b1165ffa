"""The stack's canvas with its controls: one bar, and above it one section at a time.

Sections are opened by their words and closed by them again, so that the picture stays the largest;
a control that the mode does not need is not there. What is too wide for a narrow pane moves into
the section *Look*.
"""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout

from viewer.gl.theme import SPACE_PX
from viewer.state.series import is_in_force
from viewer.state.stack import MODES, SOURCES
from viewer.views.controls import Menu, row_of, word_button
from viewer.views.panel import CanvasPanel, bar_of_controls
from viewer.views.stack.order_section import OrderSection
from viewer.views.stack.plate import BannerWidget, PlateWidget
from viewer.views.stack.resolve import resolve
from viewer.views.stack.sections import (
    SLIDER_OF,
    ClipSection,
    CurveSection,
    LayersSection,
    LookSection,
    RangeSection,
    Sliders,
)

MODE_NAMES = {
    "emission": "Emission",
    "maximum": "Maximum",
    "attenuated": "Attenuated",
    "average": "Average",
    "isosurface": "Isosurface",
    "slabs": "Slabs",
}
# The modes in which a transfer curve says something; the others are solid.
CURVED = ("emission", "maximum", "attenuated", "average")
SECTIONS = {
    "Look": LookSection,
    "Range": RangeSection,
    "Clip": ClipSection,
    "Curve": CurveSection,
    "Layers": LayersSection,
    "Order": OrderSection,
}
RATES = (1, 2, 4, 8, 10, 15, 20, 25, 30)
# Of two rows the second has room for the sources from one width on, a single row from another.
SOURCES_FROM = 480, 856
# From this width on the order has its word in the bar; the menu has it always.
ORDER_FROM = 400
# From these widths on the bar has the words, the mode's slider, the spacing beside the menu, and
# sections stand in one row.
WORDS_FROM, SLIDER_FROM, SPACING_FROM, ROW_FROM = 650, 810, 970, 600


class StackPanel(CanvasPanel):
    """Banner, canvas and controls of the stack.

    Attributes
    ----------
    sections : dict of str to Section
        By their words.
    """

    def __init__(self, canvas):
        super().__init__(canvas)
        self._mode = "emission"
        self._followed = None
        self._open = None
        self._playing = None
        self._rate_kind = "stack.rate"
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._banner = BannerWidget()
        self._banner.pressed.connect(self.pressed)
        column.addWidget(self._banner)
        column.addWidget(canvas, 1)
        self.sections = {word: make() for word, make in SECTIONS.items()}
        self.sliders = Sliders(widest=180)
        for section in self.sections.values():
            column.addWidget(section)
            section.hide()
        column.addWidget(self._bar())
        for part in (*self.sections.values(), self.sliders):
            part.wished.connect(self.wished)
            part.dragged.connect(self.dragged)
            part.drag_ended.connect(self.drag_ended)
        self._plate = PlateWidget(canvas)
        self._plate.pressed.connect(self.pressed)

    def minimumSizeHint(self):
        return QSize(200, 160)

    # the bar

    def _bar(self):
        bar = bar_of_controls()
        column = QVBoxLayout(bar)
        column.setContentsMargins(SPACE_PX, 3, SPACE_PX, 3)
        column.setSpacing(2)
        self._first_row, self._second_row = QHBoxLayout(), QHBoxLayout()
        for row in (self._first_row, self._second_row):
            row.setSpacing(2)
            column.addLayout(row)
        self.modes = Menu("How volumes become a picture")
        for mode in MODES:
            self.modes.addItem(MODE_NAMES[mode], mode)
        self.modes.activated.connect(
            lambda at: self.wished.emit("stack.mode", {"mode": self.modes.itemData(at)})
        )
        self._first_row.addWidget(self.modes)
        self._first_row.addSpacing(SPACE_PX)
        self._first_row.addWidget(self.sliders, 3)
        self._first_row.addStretch(1)
        self._first_row.addWidget(self._playing_controls())
        self.sources = Menu("What stands in the stack (U)")
        for source in SOURCES:
            self.sources.addItem(source.replace("-", " ").capitalize(), source)
        self.sources.activated.connect(
            lambda at: self.wished.emit("stack.source", {"source": self.sources.itemData(at)})
        )
        self._mean = word_button("Mean", "Mean volumes over the selection", checkable=True)
        self._mean.clicked.connect(
            lambda checked: self.wished.emit("stack.set", {"set": "mean" if checked else "sample"})
        )
        self._words = {}
        for word in SECTIONS:
            button = word_button(word, checkable=True)
            button.clicked.connect(lambda _=False, word=word: self.open_section(word))
            self._words[word] = button
        self._word_row = row_of(self.sources, self._mean, *self._words.values())
        bar.setMinimumWidth(0)
        bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return bar

    def _playing_controls(self):
        self._play = word_button("Play", "Samples one after the other (Space)")
        self._play.clicked.connect(lambda: self.pressed.emit("play"))
        self._rates = Menu("Samples a second when they are played")
        for rate in RATES:
            self._rates.addItem(f"{rate}/s", float(rate))
        self._rates.activated.connect(
            lambda at: self.wished.emit(self._rate_kind, {"rate": self._rates.itemData(at)})
        )
        fit = word_button("Fit", "See the whole stack (F)")
        fit.clicked.connect(lambda: self.wished.emit("camera.fit", {}))
        return row_of(self._play, self._rates, fit, stretch=False)

    def open_section(self, word):
        """Open a section, or close it when it is open; one at a time."""
        self._open = None if word == self._open else word
        self._show_section()
        if self._open is not None and self._followed is not None:
            self.sections[word].follow(*self._followed, self.canvas.view.contents)

    def _show_section(self):
        for word, section in self.sections.items():
            is_open = word == self._open and not self._words[word].isHidden()
            section.setVisible(is_open)
            self._words[word].setChecked(is_open)

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self._fit_width()

    def _fit_width(self):
        """What does not fit moves into the section Look; rows stand below each other."""
        room = self.width()
        row = self._first_row if room >= WORDS_FROM else self._second_row
        if row.indexOf(self._word_row) < 0:
            row.insertWidget(max(0, row.count() - 1), self._word_row)
        self.sources.setVisible(room >= SOURCES_FROM[room >= WORDS_FROM])
        needed = [SLIDER_OF[self._mode]] if self._mode in SLIDER_OF else []
        self.sections["Look"].sliders.let_in([*needed, "spacing"])
        in_bar = needed if room >= SLIDER_FROM else []
        self.sliders.let_in([*in_bar, "spacing"] if room >= SPACING_FROM else in_bar)
        self._words["Look"].setVisible(room < SPACING_FROM)
        self._words["Order"].setVisible(room >= ORDER_FROM)
        self._words["Curve"].setVisible(self._mode in CURVED)
        for section in self.sections.values():
            section.stand(room >= ROW_FROM)
        self._show_section()

    # following

    def follow(self, state, facts):
        """Show settings, banner and plate for a state and what exists."""
        self.show_wish(resolve(state, facts), state)

    def set_theme(self, theme):
        """Colours of what is painted here."""
        for section in self.sections.values():
            section.set_theme(theme)
        self.setStyleSheet(f'QPushButton[flat="true"]:focus {{ color: {theme.accent}; }}')

    def show_wish(self, wish, state):
        """Show settings, banner and plate."""
        self._followed = (state, wish)
        stack = state.stack
        self.modes.setCurrentIndex(MODES.index(stack.mode))
        self.sources.setCurrentIndex(SOURCES.index(stack.values))
        self._mean.setChecked(stack.set == "mean")
        in_force = is_in_force(state)  # the steps of a series are played at their own rate
        self._rate_kind = "series.rate" if in_force else "stack.rate"
        self._show_rate(state.series.rate if in_force else stack.rate)
        self._show_playing()
        for part in (*self.sections.values(), self.sliders):
            part.follow(state, wish, self.canvas.view.contents)
        if stack.mode != self._mode:
            self._mode = stack.mode
            self._fit_width()
        self._banner.show_banner(wish.banner)
        self._plate.show_plate(wish.plate)

    def _show_rate(self, rate):
        if self._rates.findData(rate) < 0:
            self._rates.addItem(f"{rate:g}/s", rate)
        self._rates.setCurrentIndex(self._rates.findData(rate))

    def _show_playing(self):
        playing = self.canvas.view.playing
        if playing is not self._playing:
            self._playing = playing
            playing.changed.connect(self._show_playing)
        running = playing is not None and playing.running
        self._play.setText("Stop" if running else "Play")
