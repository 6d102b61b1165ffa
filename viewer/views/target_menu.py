"""What is explained: classes by their names, or any target as typed; shared by panels, in Qt."""

from PySide6.QtCore import Qt

from viewer.state.attribution import FOCUS, LABEL, PREDICTED
from viewer.studio.attributing import class_target, target_words
from viewer.views.class_menu import ClassMenu
from viewer.views.strips import show_choice

TARGETS = (
    (PREDICTED, "Predicted class"),
    (LABEL, "Its label"),
    (FOCUS, "Focused unit"),
)


class TargetMenu(ClassMenu):
    """Classes are found by a part of their names; what is none of them is a target as typed.

    ``chosen`` gives a target as commands take it.
    """

    def __init__(self, tip="What is explained: a class by its name, or LAYER:CHANNEL@y,x"):
        super().__init__(tip, TARGETS)
        self.lineEdit().returnPressed.connect(self._typed)

    def _typed(self):
        text = self.currentText().strip()
        if text and self.findText(text, Qt.MatchFlag.MatchFixedString) < 0:
            self.chosen.emit(text)
            self.left.emit()

    def follow(self, target, facts):
        """Offer the classes, and mark what is in force; what is not offered is added."""
        self.list_classes(facts, class_target)
        if self.findData(target) < 0:
            self.addItem(target_words(target, facts), target)
        show_choice(self, target)
