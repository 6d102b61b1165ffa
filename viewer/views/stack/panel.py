"""The stack's controls, the banner for a guessed preprocessing, the plate of empty states."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from viewer.gl.theme import SPACE_PX

SPACING_STEPS, OPACITY_STEPS = 80, 80


class StackPanel(QWidget):
    """Banner, canvas and controls of the stack.

    Attributes
    ----------
    wished : Signal(str, object)
        A command: kind and arguments (dict).
    dragged : Signal(str, object)
        A movement of a slider; `drag_ended` ends it.
    pressed : Signal(str)
        A button of the plate or the banner, by its action's name.
    """

    wished = Signal(str, object)
    dragged = Signal(str, object)
    drag_ended = Signal()
    pressed = Signal(str)

    def __init__(self, canvas):
        super().__init__()
        self.setObjectName("pane")
        self.canvas = canvas
        self._parts = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._banner = BannerWidget()
        self._banner.pressed.connect(self.pressed)
        column.addWidget(self._banner)
        column.addWidget(canvas, 1)
        column.addWidget(self._controls())
        self._plate = PlateWidget(canvas)
        self._plate.pressed.connect(self.pressed)

    def _controls(self):
        bar = QWidget()
        bar.setObjectName("bar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(SPACE_PX, 3, SPACE_PX, 3)
        row.setSpacing(2)
        self._modes = self._choice(
            row, "stack.mode", "mode", (("emission", "Emission"), ("maximum", "Maximum"))
        )
        row.addSpacing(SPACE_PX)
        self._scales = self._choice(
            row, "stack.scale", "scale", (("layer", "Range per layer"), ("common", "Common"))
        )
        row.addSpacing(SPACE_PX)
        self._ranges = self._choice(
            row, "stack.range", "range", (("study", "Study"), ("sample", "Sample"))
        )
        row.addStretch(1)
        self._spacing = self._slider(row, "Spacing", "stack.spacing", 0, SPACING_STEPS)
        self._opacity = self._slider(row, "Opacity", "stack.opacity", 0, OPACITY_STEPS)
        self._parts += [(button, 360) for button in self._scales.values()]
        self._parts += [(button, 560) for button in self._ranges.values()]
        fit = _flat("Fit")
        fit.setToolTip("See the whole stack (F)")
        fit.clicked.connect(lambda: self.wished.emit("camera.fit", {}))
        row.addWidget(fit)
        bar.setMinimumWidth(0)
        bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return bar

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self._leave_out()

    def _leave_out(self):
        """What does not fit beside the mode is left out; menus and keys have it all."""
        room = self.width()
        for part, least in self._parts:
            part.setVisible(room >= least)

    def minimumSizeHint(self):
        return QSize(200, 160)

    def _choice(self, row, kind, name, choices):
        group = QButtonGroup(self)
        buttons = {}
        for value, word in choices:
            button = _flat(word)
            button.setCheckable(True)
            button.clicked.connect(
                lambda _=False, value=value: self.wished.emit(kind, {name: value})
            )
            group.addButton(button)
            row.addWidget(button)
            buttons[value] = button
        return buttons

    def _slider(self, row, word, kind, low, high):
        label = QLabel(word)
        label.setProperty("dim", True)
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(low, high)
        slider.setMinimumWidth(40)
        slider.setMaximumWidth(90)
        slider.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        name = kind.partition(".")[2]
        to_value = spacing_of if name == "spacing" else opacity_of
        slider.sliderMoved.connect(lambda place: self.dragged.emit(kind, {name: to_value(place)}))
        slider.sliderReleased.connect(self.drag_ended)
        slider.actionTriggered.connect(
            lambda _: (
                None
                if slider.isSliderDown()
                else self.wished.emit(kind, {name: to_value(slider.sliderPosition())})
            )
        )
        slider.setToolTip(word)
        self._parts += [(label, 720), (slider, 640)]
        row.addWidget(label)
        row.addSpacing(4)
        row.addWidget(slider)
        row.addSpacing(SPACE_PX)
        return slider

    def show_wish(self, wish, state):
        """Show settings, banner and plate."""
        self._modes[state.stack.mode].setChecked(True)
        self._scales[state.stack.scale].setChecked(True)
        self._ranges[state.stack.range].setChecked(True)
        for slider, place in (
            (self._spacing, round(state.stack.spacing / 4 * SPACING_STEPS)),
            (self._opacity, place_of_opacity(state.stack.opacity)),
        ):
            if not slider.isSliderDown():
                slider.setValue(place)
        self._banner.show_banner(wish.banner)
        self._plate.show_plate(wish.plate)


def spacing_of(place):
    """Spacing 0 to 4 at a place of the slider."""
    return place / SPACING_STEPS * 4.0


def opacity_of(place):
    """Opacity at a place of the slider: 1/8 to 8, by its logarithm."""
    return round(8.0 ** (2 * place / OPACITY_STEPS - 1), 4)


def place_of_opacity(opacity):
    """The place of an opacity on the slider."""
    from math import log

    return round((log(opacity, 8) + 1) / 2 * OPACITY_STEPS)


def _flat(word):
    button = QPushButton(word)
    button.setProperty("flat", True)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button


class BannerWidget(QWidget):
    """One calm line with buttons, the first of them the one that is meant."""

    pressed = Signal(str)

    def __init__(self):
        super().__init__()
        self.setObjectName("notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._shown = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(SPACE_PX + 4, 5, SPACE_PX, 5)
        self._row.setSpacing(SPACE_PX)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._row.addWidget(self._text, 1)
        self._buttons = []
        self.hide()

    def show_banner(self, banner):
        """Show a `Banner`, or hide for None."""
        if banner == self._shown:
            return
        self._shown = banner
        self.setVisible(banner is not None)
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        if banner is None:
            return
        self._text.setText(banner.text)
        for number, (word, action) in enumerate(banner.buttons):
            button = QPushButton(word)
            button.setProperty("primary", number == 0)
            button.clicked.connect(lambda _=False, action=action: self.pressed.emit(action))
            self._row.addWidget(button)
            self._buttons.append(button)


class PlateWidget(QWidget):
    """Words, a moving bar and buttons in the middle of a canvas."""

    pressed = Signal(str)

    def __init__(self, canvas):
        super().__init__(canvas)
        self._shown = None
        column = QVBoxLayout(self)
        column.setSpacing(SPACE_PX)
        self._title = QLabel()
        self._title.setObjectName("heading")
        self._sentence = QLabel()
        self._sentence.setProperty("dim", True)
        self._sentence.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._buttons = QHBoxLayout()
        for label in (self._title, self._sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addWidget(self._bar)
        column.addLayout(self._buttons)
        self.hide()
        canvas.installEventFilter(self)

    def show_plate(self, plate):
        """Show a `Plate`, or hide for None."""
        if plate == self._shown:
            return
        self._shown = plate
        self.setVisible(plate is not None)
        if plate is None:
            return
        self._title.setText(plate.title)
        self._sentence.setText(plate.sentence or "")
        self._bar.setVisible(plate.busy)
        while self._buttons.count():
            widget = self._buttons.takeAt(0).widget()
            if widget is not None:
                widget.deleteLater()
        if plate.buttons:
            self._buttons.addStretch(1)
            for word, action in plate.buttons:
                button = QPushButton(word)
                button.clicked.connect(lambda _=False, action=action: self.pressed.emit(action))
                self._buttons.addWidget(button)
            self._buttons.addStretch(1)
        self._center()

    def eventFilter(self, watched, event):
        if event.type() == event.Type.Resize:
            self._center()
        return False

    def _center(self):
        canvas = self.parentWidget()
        width = max(120, min(440, canvas.width() - 2 * SPACE_PX))
        column = self.layout()
        column.activate()
        height = max(column.heightForWidth(width), column.sizeHint().height())
        self.setFixedSize(width, height)
        self.move((canvas.width() - self.width()) // 2, (canvas.height() - self.height()) // 2)
