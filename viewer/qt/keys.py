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
    QDockWidget,
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
PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class KeyKeeper(QObject):
    """An event filter of the application."""

    def eventFilter(self, watched, event):
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride:
            return self._keeps(watched, event)
        if kind == QEvent.Type.Show and isinstance(watched, (QAbstractButton, QAbstractSlider)):
            reach_by_tab(watched)
        return False

    @staticmethod
    def _keeps(watched, event):
        if event.modifiers() not in PLAIN:
            return False
        for kind, keys in OWN:
            if isinstance(watched, kind) and event.key() in keys:
                event.accept()
                return True
        return False


def reach_by_tab(control):
    """Let Tab reach a button or slider of a pane, and no click give it the focus."""
    if isinstance(control, QScrollBar):
        return
    above = control.parentWidget()
    while above is not None and not isinstance(above, QDockWidget):
        if above.objectName() == "title":
            return
        above = above.parentWidget()
    if above is not None:
        control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
