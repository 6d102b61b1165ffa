"""What is explained: classes by their names, or any target as typed; shared by panels, in Qt."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter

from viewer.state.attribution import FOCUS, LABEL, PREDICTED
from viewer.studio.attributing import class_target, target_words
from viewer.studio.predictions import class_name
from viewer.views.controls import Menu
from viewer.views.strips import show_choice

TARGETS = (
    (PREDICTED, "Predicted class"),
    (LABEL, "Its label"),
    (FOCUS, "Focused unit"),
)
LINES = 24


class TargetMenu(Menu):
    """Classes are found by a part of their names; what is none of them is a target as typed.

    Attributes
    ----------
    chosen : Signal(str)
        A target as commands take it.
    left : Signal
        The person is done with it: the keyboard belongs elsewhere again.
    """

    chosen = Signal(str)
    left = Signal()

    def __init__(self, tip="What is explained: a class by its name, or LAYER:CHANNEL@y,x"):
        super().__init__(tip)
        self._listed = None
        for value, word in TARGETS:
            self.addItem(word, value)
        self.setMaxVisibleItems(LINES)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.completer().setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer().setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.lineEdit().returnPressed.connect(self._typed)
        self.lineEdit().editingFinished.connect(self._put_back)
        self.activated.connect(self._activated)

    def _activated(self, at):
        self.chosen.emit(self.itemData(at))
        self.left.emit()

    def _typed(self):
        text = self.currentText().strip()
        if text and self.findText(text, Qt.MatchFlag.MatchFixedString) < 0:
            self.chosen.emit(text)
            self.left.emit()

    def _put_back(self):
        """What was typed and not given, or was refused, gives way to what is in force."""
        self.setEditText(self.itemText(self.currentIndex()))

    def follow(self, target, facts):
        """Offer the classes, and mark what is in force; what is not offered is added."""
        self._list_classes(facts)
        if self.findData(target) < 0:
            self.addItem(target_words(target, facts), target)
        show_choice(self, target)

    def _list_classes(self, facts):
        """Offer the classes by name, after what follows the sample or the focus."""
        scores = None if facts.network is None else facts.network.scores
        listed = (scores, facts.class_names)
        if self._listed is not None and all(
            one is other for one, other in zip(listed, self._listed, strict=True)
        ):
            return
        self._listed = listed
        while self.count() > len(TARGETS):
            self.removeItem(self.count() - 1)
        if scores is None:
            return
        self.insertSeparator(self.count())
        for index in range(scores.classes):
            self.addItem(class_name(index, facts.class_names), class_target(scores, index))
