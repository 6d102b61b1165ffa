"""A menu of classes after some fixed choices, found by a part of their names; shared by panels."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter

from viewer.studio.predictions import class_name
from viewer.views.controls import Menu

LINES = 24


class ClassMenu(Menu):
    """Fixed choices, then the network's classes.

    Parameters
    ----------
    tip : str
    fixed : sequence of (value, word)

    Attributes
    ----------
    chosen : Signal(object)
        The value of a fixed choice, or of a class (see `list_classes`).
    left : Signal
        The person is done with it: the keyboard belongs elsewhere again.
    """

    chosen = Signal(object)
    left = Signal()

    def __init__(self, tip, fixed):
        super().__init__(tip)
        self._fixed, self._listed = len(fixed), None
        for value, word in fixed:
            self.addItem(word, value)
        self.setMaxVisibleItems(LINES)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.completer().setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer().setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.lineEdit().editingFinished.connect(self.put_back)
        self.activated.connect(self._activated)

    def _activated(self, at):
        self.chosen.emit(self.itemData(at))
        self.left.emit()

    def put_back(self):
        """What was typed and not given, or was refused, gives way to what is in force."""
        self.setEditText(self.itemText(self.currentIndex()))
        self.lineEdit().setCursorPosition(0)

    def list_classes(self, facts, value_of=lambda scores, index: index):
        """Offer the network's classes by name.

        Parameters
        ----------
        facts : Facts
        value_of : callable(engine Scores, int) -> object
            What is chosen with a class.
        """
        scores = None if facts.network is None else facts.network.scores
        listed = (scores, facts.class_names)
        if self._listed is not None and all(
            one is other for one, other in zip(listed, self._listed, strict=True)
        ):
            return
        self._listed = listed
        while self.count() > self._fixed:
            self.removeItem(self.count() - 1)
        if scores is None:
            return
        self.insertSeparator(self.count())
        for index in range(scores.classes):
            self.addItem(class_name(index, facts.class_names), value_of(scores, index))
