"""The stack's canvas with its controls: one bar, and below it one section at a time.

Sections are opened by their words and closed by them again, so that the picture stays the largest;
a control that the mode does not need is not there. What is too wide for a narrow pane moves into
the section *Look*.
"""

from math import log

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from viewer.gl.theme import SPACE_PX
from viewer.state.stack import AXES, MODES, WHOLE
from viewer.views.stack.controls import (
    Choice,
    LabelledSlider,
    Menu,
    NumberEdit,
    RangeSlider,
    dim_label,
    row_of,
    word_button,
)
from viewer.views.stack.curve import histogram_of
from viewer.views.stack.curve_editor import CurveEditor
from viewer.views.stack.dressing import ends_of
from viewer.views.stack.plate import BannerWidget, PlateWidget
from viewer.views.stack.resolve import barred, resolve

MODE_NAMES = {
    "emission": "Emission",
    "maximum": "Maximum",
    "attenuated": "Attenuated",
    "average": "Average",
    "isosurface": "Isosurface",
    "slabs": "Slabs",
}
CURVED = ("emission", "maximum", "attenuated", "average")
SECTIONS = ("Look", "Range", "Clip", "Curve", "Layers")
RATES = (1, 2, 4, 8, 10, 15, 20, 25, 30)
# From these widths on the bar has the words, the mode's slider, the spacing beside the menu, and
# sections stand in one row.
WORDS_FROM, SLIDER_FROM, SPACING_FROM, ROW_FROM = 540, 700, 860, 600


def spacing_place(spacing):
    """Place 0 to 1 of a spacing on its slider."""
    return spacing / 4.0


def spacing_of(place):
    """Spacing 0 to 4 at a place of the slider."""
    return round(place * 4.0, 3)


def opacity_place(opacity):
    """Place 0 to 1 of an opacity, 1/8 to 8 by its logarithm."""
    return min(1.0, max(0.0, (log(opacity, 8) + 1) / 2))


def opacity_of(place):
    """Opacity at a place of the slider."""
    return round(8.0 ** (2 * place - 1), 4)


SLIDERS = {
    "opacity": ("Opacity", "Density of the volumes", opacity_place, opacity_of),
    "iso": ("Level", "Where the surface lies in each layer's range", float, lambda p: round(p, 3)),
    "attenuation": (
        "Attenuation",
        "How much what lies in front dims what is behind",
        lambda value: (value / 8) ** 0.5,
        lambda place: round(8 * place**2, 3),
    ),
    "spacing": ("Spacing", "Pull the layers apart", spacing_place, spacing_of),
}
SLIDER_OF = {"emission": "opacity", "isosurface": "iso", "attenuated": "attenuation"}


class StackPanel(QWidget):
    """Banner, canvas and controls of the stack.

    Attributes
    ----------
    wished : Signal(str, object)
        A command: kind and arguments (dict).
    dragged : Signal(str, object)
        A movement of a control; `drag_ended` ends it.
    pressed : Signal(str)
        A button of the plate or the banner, or *Play*, by its action's name.
    """

    wished = Signal(str, object)
    dragged = Signal(str, object)
    drag_ended = Signal()
    pressed = Signal(str)

    def __init__(self, canvas):
        super().__init__()
        self.setObjectName("pane")
        self.canvas = canvas
        self._sliders = {name: [] for name in SLIDERS}
        self._state = None
        self._layer = None
        self._histogram_of = None
        self._open = None
        self._playing = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._banner = BannerWidget()
        self._banner.pressed.connect(self.pressed)
        column.addWidget(self._banner)
        column.addWidget(canvas, 1)
        self._sections = {
            "Look": self._look_section(),
            "Range": self._range_section(),
            "Clip": self._clip_section(),
            "Curve": self._curve_section(),
            "Layers": self._layers_section(),
        }
        for section in self._sections.values():
            column.addWidget(section)
            section.hide()
        column.addWidget(self._bar())
        self._plate = PlateWidget(canvas)
        self._plate.pressed.connect(self.pressed)

    def minimumSizeHint(self):
        return QSize(200, 160)

    # the bar

    def _bar(self):
        bar = QWidget()
        bar.setObjectName("bar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(bar)
        column.setContentsMargins(SPACE_PX, 3, SPACE_PX, 3)
        column.setSpacing(2)
        self._first_row, self._second_row = QHBoxLayout(), QHBoxLayout()
        for row in (self._first_row, self._second_row):
            row.setSpacing(2)
            column.addLayout(row)
        self._modes = Menu("How volumes become a picture")
        for mode in MODES:
            self._modes.addItem(MODE_NAMES[mode], mode)
        self._modes.activated.connect(
            lambda at: self.wished.emit("stack.mode", {"mode": self._modes.itemData(at)})
        )
        self._first_row.addWidget(self._modes)
        self._first_row.addSpacing(SPACE_PX)
        self._bar_sliders = {name: self._slider(name) for name in SLIDERS}
        for slider in self._bar_sliders.values():
            slider.setMaximumWidth(180)
            self._first_row.addWidget(slider, 3)
        self._first_row.addStretch(1)
        self._first_row.addWidget(self._playing_controls())
        self._words = {}
        for name in SECTIONS:
            button = word_button(name, checkable=True)
            button.clicked.connect(lambda _=False, name=name: self.open_section(name))
            self._words[name] = button
        self._word_row = row_of(*self._words.values())
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
            lambda at: self.wished.emit("stack.rate", {"rate": self._rates.itemData(at)})
        )
        fit = word_button("Fit", "See the whole stack (F)")
        fit.clicked.connect(lambda: self.wished.emit("camera.fit", {}))
        return row_of(self._play, self._rates, fit, stretch=False)

    def _slider(self, name):
        slider = LabelledSlider(*SLIDERS[name])
        kind = f"stack.{name}"
        slider.moved.connect(lambda value: self.dragged.emit(kind, {name: value}))
        slider.released.connect(self.drag_ended)
        slider.given.connect(lambda value: self.wished.emit(kind, {name: value}))
        self._sliders[name].append(slider)
        return slider

    def open_section(self, name):
        """Open a section below the picture, or close it when it is open; one at a time."""
        self._open = None if name == self._open else name
        self._show_section()
        if self._open == "Curve" and self._state is not None:
            self._show_histogram()

    def _show_section(self):
        for name, section in self._sections.items():
            is_open = name == self._open and not self._words[name].isHidden()
            section.setVisible(is_open)
            self._words[name].setChecked(is_open)

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self._fit_width()

    def _fit_width(self):
        """What does not fit moves into the section Look; rows stand below each other."""
        room = self.width()
        row = self._first_row if room >= WORDS_FROM else self._second_row
        if row.indexOf(self._word_row) < 0:
            row.insertWidget(max(0, row.count() - 1), self._word_row)
        mode = self._state.stack.mode if self._state is not None else "emission"
        wanted = SLIDER_OF.get(mode)
        for name, slider in self._bar_sliders.items():
            least = SPACING_FROM if name == "spacing" else SLIDER_FROM
            slider.setVisible(room >= least and name in (wanted, "spacing"))
        for name, slider in self._look_sliders.items():
            slider.setVisible(name in (wanted, "spacing"))
        self._words["Look"].setVisible(room < SPACING_FROM)
        self._words["Curve"].setVisible(mode in CURVED)
        for row in self._rows:
            across = QBoxLayout.Direction.LeftToRight
            row.setDirection(across if room >= ROW_FROM else QBoxLayout.Direction.TopToBottom)
        self._show_section()

    # the sections

    def _section(self, *widgets):
        """A strip of widgets, side by side or, in a narrow pane, below each other."""
        holder = QWidget()
        holder.setObjectName("bar")
        holder.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight, holder)
        row.setContentsMargins(SPACE_PX + 4, 5, SPACE_PX + 4, 2)
        row.setSpacing(6)
        for widget in widgets:
            row.addWidget(widget)
        holder.setMinimumWidth(0)
        holder.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._rows = [*getattr(self, "_rows", ()), row]
        return holder

    def _look_section(self):
        self._look_sliders = {name: self._slider(name) for name in SLIDERS}
        return self._section(*self._look_sliders.values())

    def _range_section(self):
        self._scales = Choice(
            (
                ("layer", "Per layer", "Each layer in its own value range (R)"),
                ("common", "Common", "One value range for all layers (C)"),
            )
        )
        self._scales.chosen.connect(lambda scale: self.wished.emit("stack.scale", {"scale": scale}))
        self._ranges = Choice(
            (
                ("study", "Study", "Ranges over all samples (T)"),
                ("sample", "Sample", "Ranges of the sample shown (S)"),
            )
        )
        self._ranges.chosen.connect(lambda name: self.wished.emit("stack.range", {"range": name}))
        self._whose = dim_label()
        self._low, self._high = NumberEdit("Lowest value"), NumberEdit("Highest value")
        self._low.given.connect(lambda value: self._limit(value, None))
        self._high.given.connect(lambda value: self._limit(None, value))
        self._reset_range = word_button("Reset", "Forget the range set by hand (Ctrl+R)")
        self._reset_range.clicked.connect(
            lambda: self.wished.emit("stack.limits.reset", {"layer": self._layer})
        )
        return self._section(
            row_of(self._scales, None, self._ranges),
            row_of(self._whose, self._low, dim_label("to"), self._high, self._reset_range),
        )

    def _limit(self, low, high):
        """A range typed by hand; of a signed layer the other end follows."""
        slab, layer = self._barred()
        if slab is None:
            return
        first, last = ends_of(slab)
        if slab.signed:
            largest = abs(low if low is not None else high)
            first, last = -largest, largest
        else:
            first, last = (first if low is None else low), (last if high is None else high)
        if first < last:
            self.wished.emit("stack.limits", {"layer": layer, "low": first, "high": last})
        else:
            self._show_range()

    def _clip_section(self):
        self._clips, self._clip_words = {}, {}
        parts = []
        for axis in AXES:
            slider = RangeSlider()
            slider.moved.connect(
                lambda low, high, axis=axis: self.dragged.emit("stack.clip", _clip(axis, low, high))
            )
            slider.released.connect(self.drag_ended)
            slider.given.connect(
                lambda low, high, axis=axis: self.wished.emit("stack.clip", _clip(axis, low, high))
            )
            word, shown = dim_label(axis.capitalize()), dim_label()
            word.setMinimumWidth(54)
            shown.setMinimumWidth(66)
            self._clips[axis], self._clip_words[axis] = slider, shown
            parts.append(row_of(word, slider, shown, stretch=False))
        self._reset_clip = word_button("Reset", "Whole volumes (Shift+C)")
        self._reset_clip.clicked.connect(lambda: self.wished.emit("stack.clip.reset", {}))
        return self._section(*parts, row_of(self._reset_clip))

    def _curve_section(self):
        self._curve = CurveEditor()
        self._curve.moved.connect(lambda points: self.dragged.emit("stack.curve", _points(points)))
        self._curve.released.connect(self.drag_ended)
        self._curve.given.connect(lambda points: self.wished.emit("stack.curve", _points(points)))
        self._curve.pointed.connect(self._show_pointed)
        self._counted = dim_label()
        self._reset_curve = word_button("Reset", "The usual curve")
        self._reset_curve.clicked.connect(lambda: self.wished.emit("stack.curve", _points(None)))
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(2)
        above = row_of(self._counted, stretch=False)
        above.layout().addStretch(1)
        above.layout().addWidget(self._reset_curve)
        self._counted.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        above.layout().setStretch(0, 10)
        column.addWidget(above)
        column.addWidget(self._curve)
        return self._section(holder)

    def _layers_section(self):
        self._focused = dim_label()
        self._solo = word_button("Only this", "Draw the focused layer alone (O)", checkable=True)
        self._solo.clicked.connect(
            lambda on: self.wished.emit("stack.solo", {"layer": self._focus if on else None})
        )
        self._hide = word_button("Hide", "Leave the focused layer out (H)", checkable=True)
        self._hide.clicked.connect(
            lambda on: self.wished.emit(
                "stack.hide" if on else "stack.show", {"layer": self._focus}
            )
        )
        self._show_all = word_button("Show all", "Draw every layer again (Shift+H)")
        self._show_all.clicked.connect(lambda: self.wished.emit("stack.show", {}))
        self._labels = word_button("Names", "Names of layers (N)", checkable=True)
        self._labels.clicked.connect(lambda on: self.wished.emit("stack.labels", {"labels": on}))
        self._picture = word_button(
            "Input", "The input's picture before the layers (Shift+N)", checkable=True
        )
        self._picture.clicked.connect(lambda on: self.wished.emit("stack.picture", {"picture": on}))
        return self._section(
            row_of(self._focused, self._solo, self._hide),
            row_of(self._show_all, self._labels, self._picture),
        )

    # following

    def follow(self, state, facts):
        """Show settings, banner and plate for a state and what exists."""
        self.show_wish(resolve(state, facts), state)

    def set_theme(self, theme):
        """Colours of what is painted here."""
        for part in (*self._clips.values(), self._curve):
            part.set_theme(theme)
        self.setStyleSheet(f'QPushButton[flat="true"]:focus {{ color: {theme.accent}; }}')

    def show_wish(self, wish, state):
        """Show settings, banner and plate."""
        old, self._state = self._state, state
        stack = state.stack
        self._wish = wish
        self._focus = wish.highlight
        self._modes.setCurrentIndex(MODES.index(stack.mode))
        for name, sliders in self._sliders.items():
            for slider in sliders:
                slider.show_value(getattr(stack, name))
        at = self._rates.findData(stack.rate)
        self._rates.setCurrentIndex(at)
        if at < 0:
            self._rates.setCurrentText(f"{stack.rate:g}/s")
        self._show_playing()
        self._show_range()
        self._show_clip(stack.clip)
        self._show_layers(stack)
        if self._open == "Curve":
            self._show_histogram()
        if old is None or old.stack.mode != stack.mode:
            self._fit_width()
        self._banner.show_banner(wish.banner)
        self._plate.show_plate(wish.plate)

    def _barred(self):
        """The slab whose range is set, and its layer (None: all); as the view draws them."""
        contents = self.canvas.view.contents
        return (None, None) if contents is None else barred(self._wish, contents)

    def _show_playing(self):
        playing = self.canvas.view.playing
        if playing is not self._playing:
            self._playing = playing
            playing.changed.connect(self._show_playing)
        running = playing is not None and playing.running
        self._play.setText("Stop" if running else "Play")

    def _show_range(self):
        stack = self._state.stack
        self._scales.show_choice(stack.scale)
        self._ranges.show_choice(stack.range)
        slab, self._layer = self._barred()
        low, high = (None, None) if slab is None else ends_of(slab)
        self._low.show_value(low)
        self._high.show_value(high)
        self._whose.setText("focus a layer" if slab is None else (self._layer or "all layers"))
        by_hand = stack.limits_of(self._layer) if self._layer else stack.common_limits
        self._reset_range.setVisible(by_hand is not None)

    def _show_clip(self, clip):
        for axis, (low, high) in zip(AXES, clip, strict=True):
            self._clips[axis].show_range(low, high)
            self._clip_words[axis].setText(f"{100 * low:.0f} to {100 * high:.0f} %")
        self._reset_clip.setVisible(clip != WHOLE)

    def _show_layers(self, stack):
        hidden = len(stack.hidden)
        self._focused.setText(self._focus or "focus a layer")
        self._solo.setEnabled(self._focus is not None or stack.solo is not None)
        self._solo.setChecked(stack.solo is not None)
        self._hide.setEnabled(self._focus is not None)
        self._hide.setChecked(self._focus in stack.hidden)
        self._show_all.setVisible(bool(hidden or stack.solo))
        self._show_all.setText(f"Show all ({hidden} hidden)" if hidden else "Show all")
        self._labels.setChecked(stack.labels)
        self._picture.setChecked(stack.picture)

    def _show_histogram(self):
        """The histogram of the focused layer, else of none, in the range that is in force."""
        slab, histogram = self._curved_slab(), None
        answer = None if self._wish.contents is None else self._wish.contents.answer
        if slab is not None and answer is not None and slab.name in answer.maps:
            key = (answer, slab.name, *ends_of(slab))
            if self._histogram_of is None or self._histogram_of[0] != key:
                made = histogram_of(answer.maps[slab.name], *ends_of(slab), slab.signed)
                self._histogram_of = (key, made)
            histogram = self._histogram_of[1]
        self._curve.show_curve(self._state.stack.curve, histogram)
        self._reset_curve.setVisible(self._state.stack.curve is not None)
        self._show_pointed("")

    def _curved_slab(self):
        contents = self.canvas.view.contents
        return None if contents is None or not self._focus else contents.slab(self._focus)

    def _show_pointed(self, words):
        """What is under the pointer, or what the histogram counts."""
        if not words and self._histogram_of is not None and self._focus:
            (_, name, *_), shown = self._histogram_of
            some = f"{shown.values:,} of " if shown.values < shown.of else ""
            words = f"{name}, this sample: {some}{shown.of:,} values, log counts"
            if shown.outside:
                words += f", {shown.outside:,} outside"
        self._counted.setText(words or "one curve for all layers; focus a layer for its histogram")


def _clip(axis, low, high):
    return {"axis": axis, "low": round(low, 4), "high": round(high, 4)}


def _points(points):
    return {"points": None if points is None else [list(point) for point in points]}
