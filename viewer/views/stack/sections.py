"""The sections below the stack: value ranges, clip planes, transfer curve, layers, sliders.

Each is a strip that follows the state by itself and gives commands; see `viewer.views.stack.panel`.
"""

from math import log

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from viewer.gl.theme import SPACE_PX
from viewer.state.stack import AXES, WHOLE
from viewer.views.controls import (
    Choice,
    LabelledSlider,
    NumberEdit,
    RangeSlider,
    dim_label,
    row_of,
    word_button,
)
from viewer.views.stack.curve import histogram_of, summed
from viewer.views.stack.curve_editor import CurveEditor
from viewer.views.stack.dressing import ends_of
from viewer.views.stack.resolve import barred, is_settable


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


def iso_of(place):
    """Level of the surface at a place of the slider."""
    return round(place, 3)


def attenuation_place(attenuation):
    """Place 0 to 1 of an attenuation, finer where it is small."""
    return (attenuation / 8) ** 0.5


def attenuation_of(place):
    """Attenuation 0 to 8 at a place of the slider."""
    return round(8 * place**2, 3)


SLIDERS = {
    "opacity": ("Opacity", "Density of the volumes", opacity_place, opacity_of),
    "iso": ("Level", "Where the surface lies in each layer's range", float, iso_of),
    "attenuation": (
        "Attenuation",
        "How much what lies in front dims what is behind",
        attenuation_place,
        attenuation_of,
    ),
    "spacing": ("Spacing", "Pull the layers apart", spacing_place, spacing_of),
}
# The slider that a mode needs, beside the spacing; others need none.
SLIDER_OF = {
    "emission": "opacity",
    "attenuated": "attenuation",
    "average": "opacity",
    "isosurface": "iso",
}
# In an average the same number is a factor on the mean.
AVERAGE_WORD = "Brightness"


class Controls(QWidget):
    """Controls that give commands.

    Attributes
    ----------
    wished, dragged : Signal(str, object)
        A command's kind and arguments; of a drag `drag_ended` is the end.
    """

    wished = Signal(str, object)
    dragged = Signal(str, object)
    drag_ended = Signal()

    def follow(self, state, wish, contents):
        """Show what is in force.

        Parameters
        ----------
        state : State
        wish : StackWish
        contents : StackContents or None
            As drawn.
        """
        raise NotImplementedError

    def set_theme(self, theme):
        """Colours of what is painted here."""


class Sliders(Controls):
    """One slider for each number of the settings; those that a mode needs are seen."""

    def __init__(self, widest=None):
        super().__init__()
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_PX)
        self.row = row
        self.sliders = {name: self._slider(name) for name in SLIDERS}
        for slider in self.sliders.values():
            if widest is not None:
                slider.setMaximumWidth(widest)
            row.addWidget(slider, 1)

    def _slider(self, name):
        slider = LabelledSlider(*SLIDERS[name])
        kind = f"stack.{name}"
        slider.moved.connect(lambda value: self.dragged.emit(kind, {name: value}))
        slider.released.connect(self.drag_ended)
        slider.given.connect(lambda value: self.wished.emit(kind, {name: value}))
        return slider

    def let_in(self, names):
        """Show these sliders only."""
        for name, slider in self.sliders.items():
            slider.setVisible(name in names)
        self.setVisible(bool(names))

    def follow(self, state, wish, contents):
        for name, slider in self.sliders.items():
            slider.show_value(getattr(state.stack, name))
        averages = state.stack.mode == "average"
        self.sliders["opacity"].call(AVERAGE_WORD if averages else SLIDERS["opacity"][0])


class Section(Controls):
    """A strip of widgets: side by side or, in a narrow pane, below each other."""

    def __init__(self, *widgets):
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(SPACE_PX + 4, 5, SPACE_PX + 4, 2)
        self._row.setSpacing(6)
        for widget in widgets:
            self._row.addWidget(widget)
        self.setMinimumWidth(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def stand(self, across):
        """Side by side, or below each other."""
        ways = QBoxLayout.Direction
        self._row.setDirection(ways.LeftToRight if across else ways.TopToBottom)


class LookSection(Section):
    """The sliders that have no room in the bar."""

    def __init__(self):
        self.sliders = Sliders()
        super().__init__(self.sliders)
        self.sliders.wished.connect(self.wished)
        self.sliders.dragged.connect(self.dragged)
        self.sliders.drag_ended.connect(self.drag_ended)

    def stand(self, across):
        ways = QBoxLayout.Direction
        self.sliders.row.setDirection(ways.LeftToRight if across else ways.TopToBottom)

    def follow(self, state, wish, contents):
        self.sliders.follow(state, wish, contents)


class RangeSection(Section):
    """Whose value ranges, and the range under the colour bar as numbers."""

    def __init__(self):
        self._scales = Choice(
            (
                ("layer", "Per layer", "Each layer in its own value range (R)"),
                ("common", "Common", "One value range for all layers (C)"),
            )
        )
        self._ranges = Choice(
            (
                ("study", "Study", "Ranges over all samples (T)"),
                ("sample", "Sample", "Ranges of the sample shown (S)"),
            )
        )
        self._whose = dim_label()
        self.low, self.high = NumberEdit("Lowest value"), NumberEdit("Highest value")
        self.reset = word_button("Reset", "Forget the range set by hand (Ctrl+R)")
        super().__init__(
            row_of(self._scales, None, self._ranges),
            row_of(self._whose, self.low, dim_label("to"), self.high, self.reset),
        )
        self._slab = self._layer = None
        self._scales.chosen.connect(lambda scale: self.wished.emit("stack.scale", {"scale": scale}))
        self._ranges.chosen.connect(lambda name: self.wished.emit("stack.range", {"range": name}))
        self.low.given.connect(lambda value: self._limit(value, None))
        self.high.given.connect(lambda value: self._limit(None, value))
        self.reset.clicked.connect(
            lambda: self.wished.emit("stack.limits.reset", {"layer": self._layer})
        )

    def _limit(self, low, high):
        """A range typed by hand; of a signed layer the other end follows."""
        if self._slab is None:
            return
        first, last = ends_of(self._slab)
        if self._slab.signed:
            largest = abs(low if low is not None else high)
            first, last = -largest, largest
        else:
            first, last = (first if low is None else low), (last if high is None else high)
        if first < last:
            self.wished.emit("stack.limits", {"layer": self._layer, "low": first, "high": last})
        else:
            self._show_ends()

    def _show_ends(self):
        low, high = (None, None) if self._slab is None else ends_of(self._slab)
        self.low.show_value(low)
        self.high.show_value(high)

    def follow(self, state, wish, contents):
        stack = state.stack
        self._scales.show_choice(stack.scale)
        self._ranges.show_choice(stack.range)
        able = contents is not None and is_settable(wish)
        self._slab, self._layer = barred(wish, contents) if able else (None, None)
        self._show_ends()
        nothing = "focus a layer" if self._slab is None else "all layers"
        nothing = nothing if is_settable(wish) else "centred on zero"
        self._whose.setText(self._layer or nothing)
        by_hand = stack.limits_of(self._layer) if self._layer else stack.common_limits
        self.reset.setVisible(by_hand is not None)


class ClipSection(Section):
    """The part of every volume that is drawn, along its three axes."""

    def __init__(self):
        self.sliders = {axis: RangeSlider() for axis in AXES}
        self._words = {axis: dim_label() for axis in AXES}
        self._reset = word_button("Reset", "Whole volumes (Shift+C)")
        super().__init__(*(self._line(axis) for axis in AXES), row_of(self._reset))
        for axis, slider in self.sliders.items():
            slider.moved.connect(
                lambda low, high, axis=axis: self.dragged.emit("stack.clip", _clip(axis, low, high))
            )
            slider.released.connect(self.drag_ended)
            slider.given.connect(
                lambda low, high, axis=axis: self.wished.emit("stack.clip", _clip(axis, low, high))
            )
        self._reset.clicked.connect(lambda: self.wished.emit("stack.clip.reset", {}))

    def _line(self, axis):
        word, shown = dim_label(axis.capitalize()), self._words[axis]
        word.setMinimumWidth(54)
        shown.setMinimumWidth(66)
        return row_of(word, self.sliders[axis], shown, stretch=False)

    def set_theme(self, theme):
        for slider in self.sliders.values():
            slider.set_theme(theme)

    def follow(self, state, wish, contents):
        for axis, (low, high) in zip(AXES, state.stack.clip, strict=True):
            self.sliders[axis].show_range(low, high)
            self._words[axis].setText(f"{100 * low:.0f} to {100 * high:.0f} %")
        self._reset.setVisible(state.stack.clip != WHOLE)


class CurveSection(Section):
    """The transfer curve over the histogram of the focused layer."""

    def __init__(self):
        self.editor = CurveEditor()
        self.counted = dim_label()
        self.counted.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._reset = word_button("Reset", "The usual curve")
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(2)
        above = row_of(self.counted, self._reset, stretch=False)
        above.layout().setStretch(0, 1)
        column.addWidget(above)
        column.addWidget(self.editor)
        super().__init__(holder)
        self._source = self._shown = None
        self._histogram = None
        self.editor.moved.connect(lambda points: self.dragged.emit("stack.curve", _points(points)))
        self.editor.released.connect(self.drag_ended)
        self.editor.given.connect(lambda points: self.wished.emit("stack.curve", _points(points)))
        self.editor.pointed.connect(self._say)
        self._reset.clicked.connect(lambda: self.wished.emit("stack.curve", _points(None)))

    def set_theme(self, theme):
        self.editor.set_theme(theme)

    def follow(self, state, wish, contents):
        """The histogram is counted while the section is seen."""
        self._reset.setVisible(state.stack.curve is not None)
        if self.isHidden():
            # Nobody looks: no answer is held.
            self._source = self._shown = self._histogram = None
            return
        answer = None if wish.contents is None else wish.contents.answer
        slab = None if contents is None or not wish.highlight else contents.slab(wish.highlight)
        if slab is None or answer is None or slab.name not in answer.maps:
            self._source = self._shown = self._histogram = None
        else:
            whole = wish.histograms.get(slab.name)
            source = answer if whole is None else whole[0]
            shown = (slab.name, *ends_of(slab))
            if source is not self._source or shown != self._shown:
                self._histogram = self._counts_of(slab, answer, whole, wish.over)
                self._source, self._shown = source, shown
        self.editor.show_curve(state.stack.curve, self._histogram)
        self._say("")

    @staticmethod
    def _counts_of(slab, answer, whole, over):
        """Over the study where it is complete and wanted, else of the sample shown."""
        if whole is not None:
            return summed(*whole, *ends_of(slab), slab.signed, over)
        return histogram_of(answer.maps[slab.name], *ends_of(slab), slab.signed)

    def _say(self, words):
        """What is under the pointer, or what the histogram counts."""
        shown = self._histogram
        if not words and shown is not None:
            some = f"{shown.values:,} of " if shown.values < shown.of else ""
            words = f"{self._shown[0]}, {shown.over}: {some}{shown.of:,} values, log counts"
            if shown.outside:
                words += f", {shown.outside:,} outside"
        self.counted.setText(words or "one curve for all layers; focus a layer for its histogram")


class LayersSection(Section):
    """Which layers are drawn, their names, the input's picture."""

    def __init__(self):
        self._focused = dim_label()
        self._solo = word_button("Only this", "Draw the focused layer alone (O)", checkable=True)
        self._hide = word_button("Hide", "Leave the focused layer out (H)", checkable=True)
        self._show_all = word_button("Show all", "Draw every layer again (Shift+H)")
        self._labels = word_button("Names", "Names of layers (N)", checkable=True)
        self._picture = word_button(
            "Input", "The input's picture before the layers (Shift+N)", checkable=True
        )
        super().__init__(
            row_of(self._focused, self._solo, self._hide),
            row_of(self._show_all, self._labels, self._picture),
        )
        self._focus = None
        self._solo.clicked.connect(
            lambda on: self.wished.emit("stack.solo", {"layer": self._focus if on else None})
        )
        self._hide.clicked.connect(
            lambda on: self.wished.emit(
                "stack.hide" if on else "stack.show", {"layer": self._focus}
            )
        )
        self._show_all.clicked.connect(lambda: self.wished.emit("stack.show", {}))
        self._labels.clicked.connect(lambda on: self.wished.emit("stack.labels", {"labels": on}))
        self._picture.clicked.connect(lambda on: self.wished.emit("stack.picture", {"picture": on}))

    def follow(self, state, wish, contents):
        stack, hidden = state.stack, len(state.stack.hidden)
        self._focus = wish.highlight
        self._focused.setText(self._focus or "focus a layer")
        self._solo.setEnabled(self._focus is not None or stack.solo is not None)
        self._solo.setChecked(stack.solo is not None)
        self._hide.setEnabled(self._focus is not None)
        self._hide.setChecked(self._focus in stack.hidden)
        self._show_all.setVisible(bool(hidden or stack.solo))
        self._show_all.setText(f"Show all ({hidden} hidden)" if hidden else "Show all")
        self._labels.setChecked(stack.labels)
        self._picture.setChecked(stack.picture)


def _clip(axis, low, high):
    return {"axis": axis, "low": round(low, 4), "high": round(high, 4)}


def _points(points):
    return {"points": None if points is None else [list(point) for point in points]}
