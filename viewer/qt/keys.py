"""Keys stay with what they are for: shortcuts of the window do not take a slider's arrows.

Qt gives a key to a shortcut before the widget that has the focus sees it. A button that was
reached by Tab is pressed with Space, a slider is moved with arrows, a list is walked through: these
keys are theirs while they have the focus. A click does not give buttons and sliders the focus, so
that the keys of the views work on after one.
"""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QScrollBar,
    QTabBar,
)

Key = Qt.Key
ACROSS = {Key.Key_Left, Key.Key_Right}
DOWN = {Key.Key_Up, Key.Key_Down}
FAR = {Key.Key_Home, Key.Key_End, Key.Key_PageUp, Key.Key_PageDown}
OWN = (
    (QAbstractButton, {Key.Key_Space}),
    (QAbstractSlider, ACROSS | DOWN | FAR),
    (QComboBox, DOWN | {Key.Key_Space, Key.Key_Home, Key.Key_End}),
    (QAbstractSpinBox, DOWN | {Key.Key_PageUp, Key.Key_PageDown}),
    (QAbstractItemView, DOWN | FAR | {Key.Key_Space}),
    (QTabBar, ACROSS),
)
KINDS = tuple(kind for kind, _ in OWN)
PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class KeyKeeper(QObject):
    """An event filter of the controls that have keys of their own."""

    def watch(self, widget):
        """A widget got the focus: its own keys are kept for it."""
        if isinstance(widget, KINDS):
            widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        if event.type() != QEvent.Type.ShortcutOverride or event.modifiers() not in PLAIN:
            return False
        for kind, keys in OWN:
            if isinstance(watched, kind) and event.key() in keys:
                event.accept()
                return True
        return False


def reach_by_tab(widget):
    """Let Tab reach every button and slider below a widget, and no click give them the focus."""
    for kind in (QAbstractButton, QAbstractSlider):
        for each in widget.findChildren(kind):
            if not isinstance(each, QScrollBar):
                each.setFocusPolicy(Qt.FocusPolicy.TabFocus)
