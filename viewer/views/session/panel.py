"""The session pane: the steps with their times; play, record, edit, save. Everything by key too."""

from PySide6.QtCore import QEvent, QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from viewer.gl.theme import SPACE_PX, THEMES
from viewer.session.captions import PLACES
from viewer.views.session.model import LASTS, TIME, WHAT, StepModel
from viewer.views.session.resolve import NOTHING, status, time_text

ROW_PX = 22
WIDE_PX = 240
LONGEST_PAUSE = 1.5


class SessionPanel(QStackedWidget):
    """The list of a document's steps and what can be done with it.

    Parameters
    ----------
    document : Document

    Attributes
    ----------
    pressed : Signal(str)
        A dialog of the window, by the name of its method: ``'save_session'``.
    wrong : Signal(str)
        A sentence on what was typed.
    """

    pressed = Signal(str)
    wrong = Signal(str)

    def __init__(self, document, parent=None):
        super().__init__(parent)
        self.setObjectName("pane")
        self.document = document
        self.model = StepModel(document, self)
        self.model.wrong.connect(self.wrong)
        self.model.moved.connect(self._select)
        self.table = StepTable(self)
        self._nothing = _dim(NOTHING)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setMargin(2 * SPACE_PX)
        self.addWidget(self._nothing)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, SPACE_PX // 2, 0, SPACE_PX // 2)
        column.setSpacing(SPACE_PX // 2)
        column.addLayout(self._head())
        beside = QHBoxLayout()
        beside.setContentsMargins(0, 0, SPACE_PX // 2, 0)
        beside.addWidget(self.table)
        column.addLayout(beside, 1)
        column.addLayout(self._foot())
        self._status = _dim("")
        self._status.setContentsMargins(SPACE_PX, 0, SPACE_PX, 0)
        column.addWidget(self._status)
        self.addWidget(inner)
        self._shown_place = -1
        self._set_theme(self.model.theme)
        document.changed.connect(self._changed)
        self._refresh()

    def minimumSizeHint(self):
        return QSize(140, 80)

    def _head(self):
        self._play = _button("Play", self._toggle, "Play the session from the mark, or stop (F5)")
        self._here = _button("Play from Here", self.play_here, "Play from the chosen step (Ctrl+↵)")
        self._record = _button("Record", self._take_in, "What you do becomes steps, at the mark")
        self._record.setCheckable(True)
        self._time = _dim("")
        self._time.setWordWrap(False)
        return _row(self._play, self._here, self._record, None, self._time)

    def _foot(self):
        self._caption = _button("Caption", self.add_caption, "Put a caption before the chosen step")
        self._wait = _button("Wait", self.add_wait, "Put a wait before the chosen step")
        self._delete = _button("Delete", self.delete, "Delete the chosen steps (Del)")
        self._more = _button("More", None, "Everything else that can be done with the list")
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(lambda: self.fill_menu(self._menu))
        self._more.setMenu(self._menu)
        return _row(self._caption, self._wait, self._delete, self._more, None)

    def _set_along(self, along):
        self.model.along = along

    @property
    def detail(self):
        """What it shows, for its title bar."""
        count = len(self.document.steps)
        steps = f"{count:,} step{'' if count == 1 else 's'}" if count else ""
        return ", ".join(filter(None, (self.document.title, steps)))

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self):
        """Leave out of a narrow pane what is in the menu too."""
        room = self.width() - 2 * SPACE_PX
        _show_what_fits(room, (self._play, self._record, self._time), (self._here,))
        _show_what_fits(room, (self._more,), (self._caption, self._wait, self._delete))

    # keeping in step

    def _set_theme(self, theme):
        self.model.set_theme(theme)
        self.table.setStyleSheet(
            f"selection-background-color: {theme.line}; selection-color: {theme.text};"
        )

    def showEvent(self, event):
        super().showEvent(event)
        self._refresh()
        self._make_room()

    def _changed(self):
        if self.isVisible():
            self._refresh()

    def _refresh(self):
        document, player = self.document, self.document.player
        theme = THEMES[document.session.state.window.theme]
        if theme is not self.model.theme:
            self._set_theme(theme)
        chosen, focused = self.chosen, QApplication.focusWidget()
        typed = focused is not None and self.table.isAncestorOf(focused)
        if self.model.refresh():
            if chosen:
                self._select(chosen[0], len(chosen) if _in_a_row(chosen) else 1)
            if typed:  # the field that was typed into went with the old rows
                self.table.setFocus()
        self.setCurrentIndex(1 if document.steps else 0)
        self._play.setText("Pause" if player.playing else "Play")
        self._record.setChecked(document.taking_in and document.asked_for)
        for button in (self._play, self._here):
            button.setEnabled(len(document.steps) > 1)
        whole = self.width() >= WIDE_PX
        of = f" of {time_text(player.length)}" if whole else ""
        self._time.setText(time_text(player.seconds) + of)
        text = status(document)
        self._status.setText(text)
        self._status.setVisible(bool(text))
        if player.place != self._shown_place:
            self._shown_place = player.place
            if player.playing or not self.table.hasFocus():
                self.table.scrollTo(self.model.index(max(0, player.place - 1), WHAT))

    # what is chosen

    @property
    def chosen(self):
        """Rows of the chosen steps, in order."""
        return sorted(index.row() for index in self.table.selectionModel().selectedRows())

    @property
    def before(self):
        """Where something is put in: before the current step, or at the end."""
        index = self.table.currentIndex()
        return index.row() if index.isValid() and self.chosen else len(self.document.steps)

    def _select(self, first, count=1):
        last = len(self.document.steps) - 1
        if last < 0:
            return
        first = min(first, last)
        model = self.table.selectionModel()
        flags = QItemSelectionModel.SelectionFlag
        model.setCurrentIndex(self.model.index(first, WHAT), flags.ClearAndSelect | flags.Rows)
        for row in range(first + 1, min(first + count, last + 1)):
            model.select(self.model.index(row, WHAT), flags.Select | flags.Rows)

    # what can be done

    def _toggle(self):
        player = self.document.player
        player.pause() if player.playing else player.play()

    def _take_in(self):
        self.document.take_in(self._record.isChecked())

    def play_here(self):
        """Play from the chosen step: the state is that before it."""
        self.document.player.play(self.before)

    def go_here(self):
        """Bring the window to where it was after the chosen step, without playing."""
        if self.chosen:
            self.document.player.go_to(self.chosen[-1] + 1)

    def delete(self):
        """Delete the chosen steps."""
        if chosen := self.chosen:
            self.document.editing.delete(chosen)
            self._select(chosen[0])

    def move(self, down):
        """Move the chosen steps by one place."""
        chosen = self.chosen
        if not chosen or (chosen[-1] + 1 >= len(self.document.steps) if down else not chosen[0]):
            return
        places = self.document.editing.move(chosen, chosen[-1] + 2 if down else chosen[0] - 1)
        self._select(places.start, len(places))

    def add_caption(self):
        """Put in a caption and let its words be typed."""
        place = self.before
        self.document.editing.insert(place, "caption", text="Caption", place="bottom", seconds=4.0)
        self._select(place)
        self.table.edit(self.model.index(place, WHAT))

    def add_wait(self):
        """Put in a wait and let its length be typed."""
        place = self.before
        self.document.editing.insert(place, "wait", seconds=2.0)
        self._select(place)
        self.table.edit(self.model.index(place, LASTS))

    def edit_time(self):
        """Type another time for the current step."""
        if self.chosen:
            self.table.edit(self.model.index(self.before, TIME))

    def set_caption_place(self, place):
        """Put the chosen caption elsewhere in the picture."""
        self.document.editing.change(self.before, place=place)

    def fill_menu(self, menu):
        """Everything that can be done with the list, as it stands now."""
        menu.clear()
        editing, chosen = self.document.editing, self.chosen
        one = bool(chosen)
        _entry(menu, "Go to This Step", "Return", self.go_here, one)
        _entry(menu, "Play from Here", "Ctrl+Return", self.play_here, one)
        menu.addSeparator()
        _entry(menu, "Put in a Caption", "Ins", self.add_caption)
        _entry(menu, "Put in a Wait", "Shift+Ins", self.add_wait)
        menu.addSeparator()
        _entry(menu, "Change the Time", "F2", self.edit_time, one)
        along = menu.addAction("Later Steps Go Along")
        along.setCheckable(True)
        along.setChecked(self.model.along)
        along.toggled.connect(self._set_along)
        _entry(menu, "Move Up", "Alt+Up", lambda: self.move(False), one)
        _entry(menu, "Move Down", "Alt+Down", lambda: self.move(True), one)
        _entry(menu, "Delete", "Del", self.delete, one)
        if one and self.document.steps[self.before].kind == "caption":
            places = menu.addMenu("Caption at the")
            for place in PLACES:
                _entry(places, place.capitalize(), "", lambda p=place: self.set_caption_place(p))
        _entry(
            menu,
            f"No Pause above {LONGEST_PAUSE:g} s",
            "",
            lambda: editing.shorten_pauses(LONGEST_PAUSE),
            bool(self.document.steps),
        )
        menu.addSeparator()
        _entry(menu, "Undo in the List", "Ctrl+Z", editing.undo, editing.can_undo)
        _entry(menu, "Redo in the List", "Ctrl+Shift+Z", editing.redo, editing.can_redo)
        menu.addSeparator()
        for text, method in (
            ("New Session", "new_session"),
            ("Open Session...", "open_session"),
            ("Save Session", "save_session"),
            ("Save Session As...", "save_session_as"),
            ("Save with Its Data...", "save_session_with_data"),
        ):
            _entry(menu, text, "", lambda method=method: self.pressed.emit(method))

    def contextMenuEvent(self, event):
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu)
        menu.popup(event.globalPos())

    def press_key(self, key):
        """Do what a key of the list means, ``'Alt+Up'``; whether it means anything."""
        editing = self.document.editing
        does = {
            "Del": self.delete,
            "Backspace": self.delete,
            "Return": self.go_here,
            "Enter": self.go_here,
            "Ctrl+Return": self.play_here,
            "F2": self.edit_time,
            "Ins": self.add_caption,
            "Shift+Ins": self.add_wait,
            "Alt+Up": lambda: self.move(False),
            "Alt+Down": lambda: self.move(True),
            "Space": self._toggle,
            "Ctrl+Z": editing.undo,
            "Ctrl+Shift+Z": editing.redo,
            "Ctrl+Y": editing.redo,
            "Ctrl+A": self.table.selectAll,
        }.get(key)
        if does is not None:
            does()
        return does is not None


KEYS = frozenset(
    "Del Backspace Return Enter Ctrl+Return F2 Ins Shift+Ins Alt+Up Alt+Down Space Ctrl+Z "
    "Ctrl+Shift+Z Ctrl+Y Ctrl+A Up Down PgUp PgDown Home End Shift+Up Shift+Down".split()
)


class StepTable(QTableView):
    """The list; its own keys come before the window's while it has the focus."""

    def __init__(self, panel):
        super().__init__()
        self._panel = panel
        self.setModel(panel.model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.SelectedClicked)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Steps of the session")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.verticalHeader().setMinimumSectionSize(ROW_PX)
        header = self.horizontalHeader()
        header.hide()
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(WHAT, QHeaderView.ResizeMode.Stretch)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.doubleClicked.connect(self._double_clicked)

    def changeEvent(self, event):
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            metrics = self.fontMetrics()
            self.setColumnWidth(TIME, metrics.horizontalAdvance("00:00.0") + 2 * SPACE_PX)
            self.setColumnWidth(LASTS, metrics.horizontalAdvance("000.0 s") + 2 * SPACE_PX)
            self.verticalHeader().setDefaultSectionSize(max(ROW_PX, metrics.height() + 6))

    def _double_clicked(self, index):
        if not index.flags() & Qt.ItemFlag.ItemIsEditable:
            self._panel.go_here()

    def event(self, event):
        types = self.state() == QAbstractItemView.State.EditingState
        is_ours = event.type() == QEvent.Type.ShortcutOverride and _key(event) in KEYS
        if is_ours and not types:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event):
        types = self.state() == QAbstractItemView.State.EditingState
        if types or not self._panel.press_key(_key(event)):
            super().keyPressEvent(event)


def _key(event):
    """A key event as Qt writes shortcuts: ``'Alt+Up'``."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return QKeySequence(event.key() | modifiers.value).toString()


def _show_what_fits(room, always, spare):
    """Show the spare widgets that have room beside those always shown, in their order."""
    left = room - sum(widget.sizeHint().width() + 2 for widget in always)
    for widget in spare:
        left -= widget.sizeHint().width() + 2
        widget.setVisible(left >= 0)


def _in_a_row(rows):
    return rows[-1] - rows[0] == len(rows) - 1


def _entry(menu, text, keys, does, enabled=True):
    entry = menu.addAction(f"{text}\t{keys}" if keys else text)
    entry.setEnabled(enabled)
    entry.triggered.connect(lambda: does())


def _button(text, does, tip):
    button = QPushButton(text)
    button.setProperty("flat", True)
    button.setToolTip(tip)
    if does is not None:
        button.clicked.connect(lambda: does())
    return button


def _row(*parts):
    row = QHBoxLayout()
    row.setContentsMargins(SPACE_PX // 2, 0, SPACE_PX, 0)
    row.setSpacing(2)
    for part in parts:
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part)
    return row


def _dim(text):
    label = QLabel(text)
    label.setProperty("dim", True)
    label.setWordWrap(True)
    return label
