"""Strips of controls below a view of points, and the one of the points themselves, in Qt."""

import math

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from viewer.gl.theme import SPACE_PX
from viewer.state.points import LARGEST, LEAST_OPACITY, SMALLEST
from viewer.views.controls import LabelledSlider, Menu
from viewer.views.panel import CanvasPanel

MODIFIERS = (
    (Qt.KeyboardModifier.ShiftModifier, "shift"),
    (Qt.KeyboardModifier.ControlModifier, "ctrl"),
    (Qt.KeyboardModifier.AltModifier, "alt"),
)


MODES = (
    ("replace", "instead"),
    ("add", "in addition"),
    ("subtract", "without"),
    ("intersect", "only among"),
)
"""How what is drawn changes the selection, in words."""


class Section(QWidget):
    """A strip of widgets side by side.

    Attributes
    ----------
    wished : Signal(str, object)
    dragged : Signal(str, object)
    drag_ended : Signal()
    """

    wished = Signal(str, object)
    dragged = Signal(str, object)
    drag_ended = Signal()

    def __init__(self, *widgets):
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(SPACE_PX + 4, 4, SPACE_PX + 4, 2)
        self.row.setSpacing(6)
        for widget in widgets:
            self.row.addWidget(widget)
        self.setMinimumWidth(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def follow(self, state, facts):
        """Show the settings."""
        raise NotImplementedError


def menu_of(tip, choices, given):
    """Choices behind a word; ``given(value)`` is called when a person chooses."""
    menu = Menu(tip)
    for value, word in choices:
        menu.addItem(word, value)
    menu.activated.connect(lambda at: given(menu.itemData(at)))
    return menu


def as_wide_as(menu, letters, opened):
    """Give a menu the width of so many letters, and its list, when opened, so many pixels."""
    menu.setMinimumContentsLength(letters)
    menu.setSizeAdjustPolicy(menu.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    menu.view().setMinimumWidth(opened)
    return menu


class SwitchMenu(QMenu):
    """Switches that can be set one after the other: a click leaves it open."""

    def mouseReleaseEvent(self, event):
        action = self.activeAction()
        if action is not None and action.isCheckable() and action.isEnabled():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)


def letters_for(choices):
    """How many letters a menu of choices is wide: long words are cut."""
    return max(6, min(12, max(len(word) for _, word in choices) - 3))


def show_choice(menu, value):
    """Mark what is in force."""
    at = menu.findData(value)
    if at >= 0 and at != menu.currentIndex():
        menu.setCurrentIndex(at)


class DotSection(Section):
    """Size and opacity of points.

    Parameters
    ----------
    *widgets : QWidget
        That stand after them.
    """

    def __init__(self, *widgets):
        self.size = LabelledSlider(
            "Size", "Diameter of a point",
            lambda size: math.log(size / SMALLEST) / math.log(LARGEST / SMALLEST),
            lambda place: SMALLEST * (LARGEST / SMALLEST) ** place,
        )  # fmt: skip
        self.opacity = LabelledSlider(
            "Opacity", "Of one point",
            lambda opacity: math.sqrt(opacity),
            lambda place: max(LEAST_OPACITY, place**2),
        )  # fmt: skip
        super().__init__(self.size, self.opacity, *widgets)
        for slider in (self.size, self.opacity):
            slider.setMaximumWidth(220)
        self.row.addStretch(1)
        for name in ("size", "opacity"):
            slider, kind = getattr(self, name), f"points.{name}"
            slider.moved.connect(lambda v, n=name, k=kind: self.dragged.emit(k, {n: v}))
            slider.released.connect(self.drag_ended)
            slider.given.connect(lambda v, n=name, k=kind: self.wished.emit(k, {n: v}))

    def follow(self, state, facts):
        self.size.show_value(state.points.size)
        self.opacity.show_value(state.points.opacity)


class KeyedPanel(CanvasPanel):
    """A canvas whose view takes keys that are shortcuts elsewhere: its `takes` says which."""

    def __init__(self, canvas):
        super().__init__(canvas)
        canvas.installEventFilter(self)

    def eventFilter(self, watched, event):
        """Keys that mean the view while it has the keyboard, though menus have them too."""
        if event.type() == QEvent.Type.ShortcutOverride:
            if self.canvas.view.takes(*_key(event)):
                event.accept()
                return True
        elif event.type() == QEvent.Type.KeyPress:
            name, modifiers = _key(event)
            is_tab = name in ("tab", "backtab")  # Qt would move the keyboard's focus
            if is_tab and self.canvas.view.takes(name, modifiers):
                return self.canvas.view.key(name, modifiers)
        return super().eventFilter(watched, event)


def _key(event):
    """Name and modifiers of a key, as views get them."""
    name = QKeySequence(event.key()).toString().lower()
    held = event.modifiers()
    return name, frozenset(word for flag, word in MODIFIERS if held & flag)
