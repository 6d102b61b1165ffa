"""Small controls of the panels: words to press, sliders, a range slider, a number."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSlider,
    QWidget,
)

from viewer.gl.theme import DARK, SPACE_PX
from viewer.visuals.legend import number

KNOB_PX = 5
# What a key moves an end of a range slider by; with Shift five times as far.
KEY_STEP = 0.01


class _Keyed:
    """A widget that keeps its keys from the window's shortcuts while Tab has brought it the focus.

    A click does not bring it there, so that after it shortcuts go on working.
    """

    KEYS = ()

    def event(self, event):
        if event.type() == event.Type.ShortcutOverride and event.key() in self.KEYS:
            if not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
                event.accept()
                return True
        return super().event(event)


class _Word(_Keyed, QPushButton):
    KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)

    def keyPressEvent(self, event):
        if event.key() in self.KEYS:
            self.click()
        else:
            super().keyPressEvent(event)


class _Slider(_Keyed, QSlider):
    KEYS = (
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
    )


class Menu(_Keyed, QComboBox):
    """Choices behind one word."""

    KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space)

    def __init__(self, tip):
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(tip)

    def wheelEvent(self, event):
        event.ignore()


def word_button(word, tip="", *, checkable=False):
    """A word that can be pressed, by a click or, after Tab, by Space and Return."""
    button = _Word(word)
    button.setProperty("flat", True)
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setToolTip(tip)
    return button


def dim_label(text=""):
    """A quiet word."""
    label = QLabel(text)
    label.setProperty("dim", True)
    return label


def row_of(*widgets, stretch=True):
    """Widgets side by side, in a widget; None: a gap."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for widget in widgets:
        if widget is None:
            row.addSpacing(SPACE_PX)
        else:
            row.addWidget(widget)
    if stretch:
        row.addStretch(1)
    return holder


class Choice(QWidget):
    """Alternatives as words, one of them in force.

    Attributes
    ----------
    chosen : Signal(str)
        By a person.
    """

    chosen = Signal(str)

    def __init__(self, choices):
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        group = QButtonGroup(self)
        self._buttons = {}
        for value, word, tip in choices:
            button = word_button(word, tip, checkable=True)
            button.clicked.connect(lambda _=False, value=value: self.chosen.emit(value))
            group.addButton(button)
            row.addWidget(button)
            self._buttons[value] = button

    def show_choice(self, value):
        """Mark what is in force."""
        self._buttons[value].setChecked(True)


class LabelledSlider(QWidget):
    """A word and a slider of a number.

    Parameters
    ----------
    word, tip : str
    place_of, value_of : callable(float) -> float
        From the number to a place 0 to 1 along the slider, and back.

    Attributes
    ----------
    moved : Signal(float)
        While it is dragged; `released` ends it.
    given : Signal(float)
        A click beside the knob or a key.
    """

    STEPS = 200

    moved = Signal(float)
    released = Signal()
    given = Signal(float)

    def __init__(self, word, tip, place_of, value_of):
        super().__init__()
        self._place_of, self._value_of = place_of, value_of
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._slider = _Slider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, self.STEPS)
        self._slider.setSingleStep(5)
        self._slider.setPageStep(20)
        self._slider.setMinimumWidth(40)
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(tip)
        self._word = dim_label(word)
        row.addWidget(self._word)
        row.addWidget(self._slider, 1)
        self._slider.sliderMoved.connect(lambda place: self.moved.emit(self._value(place)))
        self._slider.sliderReleased.connect(self.released)
        self._slider.actionTriggered.connect(self._acted)

    def call(self, word):
        """Give it another word."""
        self._word.setText(word)

    def _value(self, place):
        return self._value_of(place / self.STEPS)

    def _acted(self, _):
        if not self._slider.isSliderDown():
            self.given.emit(self._value(self._slider.sliderPosition()))

    def show_value(self, value):
        """Show a number, unless it is being dragged."""
        if not self._slider.isSliderDown():
            self._slider.setValue(round(self._place_of(value) * self.STEPS))


class RangeSlider(_Keyed, QWidget):
    """Two knobs on a line: the part between them.

    Keys: Tab chooses the control; Left and Right move the last knob touched, Home and End choose
    the first and the last knob, Backspace takes the whole line again.

    Attributes
    ----------
    moved : Signal(float, float)
        While dragged, 0 to 1; `released` ends it.
    given : Signal(float, float)
        By a key or a double click.
    """

    moved = Signal(float, float)
    released = Signal()
    given = Signal(float, float)

    KEYS = (
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_Backspace,
    )

    def __init__(self, least=0.01):
        super().__init__()
        self._ends = [0.0, 1.0]
        self._least = least
        self._knob = 1
        self._held = None
        self._theme = DARK
        self.setMinimumWidth(70)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self):
        return QSize(140, 20)

    def set_theme(self, theme):
        """Colours."""
        self._theme = theme
        self.update()

    def show_range(self, low, high):
        """Show a range, unless it is being dragged."""
        if self._held is None and [low, high] != self._ends:
            self._ends = [low, high]
            self.update()

    def _x_of(self, place):
        return KNOB_PX + 1 + place * (self.width() - 2 * KNOB_PX - 2)

    def _place_at(self, x):
        return (x - KNOB_PX - 1) / max(1, self.width() - 2 * KNOB_PX - 2)

    def _moved_to(self, place):
        """The ends after the present knob moved."""
        low, high = self._ends
        if self._knob == 0:
            return [min(max(0.0, place), high - self._least), high]
        return [low, max(min(1.0, place), low + self._least)]

    def mousePressEvent(self, event):
        if event.button() != Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        low, high = (self._x_of(end) for end in self._ends)
        self._knob = 0 if abs(x - low) < abs(x - high) or x < low else 1
        grabs = min(abs(x - low), abs(x - high)) <= 2 * KNOB_PX
        inside = low < x < high and not grabs
        self._held = (x, tuple(self._ends), inside)

    def mouseMoveEvent(self, event):
        if self._held is None:
            return
        x = event.position().x()
        start, (low, high), slides = self._held
        if slides:
            by = self._place_at(x) - self._place_at(start)
            by = min(max(by, -low), 1.0 - high)
            self._ends = [low + by, high + by]
        else:
            self._ends = self._moved_to(self._place_at(x))
        self.moved.emit(*self._ends)
        self.update()

    def mouseReleaseEvent(self, event):
        if self._held is not None:
            self._held = None
            self.released.emit()

    def mouseDoubleClickEvent(self, event):
        self._held = None
        self.given.emit(0.0, 1.0)

    def keyPressEvent(self, event):
        key = event.key()
        far = 5 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            by = KEY_STEP * far * (1 if key == Qt.Key.Key_Right else -1)
            self.given.emit(*self._moved_to(self._ends[self._knob] + by))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._knob = int(key == Qt.Key.Key_End)
            self.update()
        elif key == Qt.Key.Key_Backspace:
            self.given.emit(0.0, 1.0)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event):
        theme, middle = self._theme, self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right = (self._x_of(end) for end in self._ends)
        first, last = self._x_of(0.0), self._x_of(1.0)
        painter.fillRect(QRectF(first, middle - 1, last - first, 2), QColor(theme.line))
        painter.fillRect(QRectF(left, middle - 1, right - left, 2), QColor(theme.dim))
        painter.setPen(Qt.PenStyle.NoPen)
        for knob, x in enumerate((left, right)):
            marked = self._held is not None or self.hasFocus()
            marked = marked and (knob == self._knob or (self._held or (0, 0, False))[2])
            painter.setBrush(QColor(theme.accent if marked else theme.text))
            painter.drawEllipse(QPointF(x, middle), KNOB_PX, KNOB_PX)
        painter.end()


class NumberEdit(QLineEdit):
    """A number that can be typed.

    Attributes
    ----------
    given : Signal(float)
        A finite number was typed; what is none is put back.
    """

    given = Signal(float)

    def __init__(self, tip):
        super().__init__()
        self._value = None
        self.setFixedWidth(72)
        self.setToolTip(tip)
        self.editingFinished.connect(self._finished)

    def show_value(self, value):
        """Show a number (None: nothing to set), unless it is being typed."""
        self._value = value
        self.setEnabled(value is not None)
        if not (self.hasFocus() and self.isModified()):
            self._put_back()

    def _put_back(self):
        self.setText("" if self._value is None else number(self._value, 4))
        self.setModified(False)

    def _finished(self):
        if not self.isModified():
            return
        try:
            value = float(self.text().replace("\u2212", "-").replace(",", "."))
        except ValueError:
            value = None
        if value is None or abs(value) == float("inf") or value != value:
            self._put_back()
            return
        self.setModified(False)
        self.given.emit(value)
