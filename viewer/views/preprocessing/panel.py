"""The preprocessing panel: picture as the network gets it, parameters, reason, comparison."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.gl.theme import DARK, SPACE_PX
from viewer.views.preprocessing.resolve import PRESETS, PreprocessingWish, number_text, numbers
from viewer.views.preprocessing.table import TrialTable, pixmap

SEEN_PX = 96
FORM_PX = 420
STRETCH, WHOLE, PART = "stretch to size", "largest centred piece", "crop to fraction"


class PreprocessingPanel(QStackedWidget):
    """Everything about how a picture becomes the network's input.

    Attributes
    ----------
    confirmed : Signal
        The person says that it is right.
    corrected : Signal(object)
        The person wants these options (dict) against the guess.
    wrong : Signal(str)
        A sentence on what was typed.
    """

    confirmed = Signal()
    corrected = Signal(object)
    wrong = Signal(str)

    def __init__(self):
        super().__init__()
        self.setObjectName("pane")
        self.thumbnails = None
        self._theme = DARK
        self._wish = PreprocessingWish()
        self._options = {}
        self._message = _dim("")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setMargin(2 * SPACE_PX)
        self.addWidget(self._message)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(SPACE_PX, SPACE_PX, SPACE_PX, SPACE_PX)
        column.setSpacing(SPACE_PX)
        column.addLayout(self._head())
        form = QWidget()
        form.setLayout(self._form())
        form.layout().setContentsMargins(0, 0, 0, 0)
        form.setMaximumWidth(FORM_PX)
        column.addWidget(form)
        self._table_title = QLabel("Presets, tried on the first samples")
        column.addWidget(self._table_title)
        self._table = TrialTable()
        self._table.chosen.connect(self.corrected)
        self._sideways = QScrollArea()
        self._sideways.setWidget(self._table)
        self._sideways.setWidgetResizable(True)
        self._sideways.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(self._sideways)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.addWidget(scroll)

    def minimumSizeHint(self):
        return QSize(120, 80)

    def _head(self):
        row = QHBoxLayout()
        row.setSpacing(SPACE_PX)
        self._seen = QLabel()
        self._seen.setFixedSize(SEEN_PX, SEEN_PX)
        self._seen.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._seen.setToolTip("The focused sample as the network gets it, before mean and std")
        words = QVBoxLayout()
        self._state = QLabel()
        self._state.setWordWrap(True)
        self._reason = _dim("")
        self._confirm = QPushButton("Confirm")
        self._confirm.setProperty("primary", True)
        self._confirm.clicked.connect(self.confirmed)
        self._back = QPushButton("Back to the guess")
        self._back.clicked.connect(lambda: self.corrected.emit({}))
        buttons = QHBoxLayout()
        buttons.addWidget(self._confirm)
        buttons.addWidget(self._back)
        buttons.addStretch(1)
        words.addWidget(self._state)
        words.addWidget(self._reason)
        words.addStretch(1)
        words.addLayout(buttons)
        row.addWidget(self._seen, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row

    def _form(self):
        form = QFormLayout()
        form.setHorizontalSpacing(SPACE_PX)
        form.setVerticalSpacing(SPACE_PX // 2)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._preset = _combo(PRESETS)
        self._preset.activated.connect(
            lambda: self.corrected.emit({"preset": self._preset.currentText()})
        )
        self._size = QLineEdit()
        self._crop_kind = _combo((STRETCH, WHOLE, PART))
        self._crop = QLineEdit()
        self._crop.setFixedWidth(64)
        crop = QHBoxLayout()
        crop.addWidget(self._crop_kind, 1)
        crop.addWidget(self._crop)
        self._channels = _combo(("RGB", "BGR", "grey"))
        self._scale, self._mean, self._std = QLineEdit(), QLineEdit(), QLineEdit()
        self._layout = _combo(("NCHW", "NHWC", "NHW", "NK", "CHW", "HWC", "HW", "NCWH", "NWHC"))
        for name, field in (
            ("Preset", self._preset),
            ("Size", self._size),
            ("Fit", crop),
            ("Channels", self._channels),
            ("Scale, times", self._scale),
            ("Mean, minus", self._mean),
            ("Deviation, over", self._std),
            ("Layout", self._layout),
        ):
            label = _dim(name)
            label.setWordWrap(False)
            form.addRow(label, field)
        self._size.setToolTip("Rows × columns")
        for field in (self._size, self._scale, self._mean, self._std):
            field.setMinimumWidth(40)
        self._crop_kind.activated.connect(self._crop_changed)
        self._crop.editingFinished.connect(self._crop_typed)
        self._channels.activated.connect(self._channels_changed)
        self._layout.activated.connect(lambda: self._correct("layout", self._layout.currentText()))
        self._size.editingFinished.connect(self._size_typed)
        for name, field in (("scale", self._scale), ("mean", self._mean), ("std", self._std)):
            field.editingFinished.connect(lambda name=name, field=field: self._typed(name, field))
        return form

    def set_theme(self, theme):
        """Draw in another theme."""
        self._theme = theme
        self._show_table()

    def show_wish(self, wish, options):
        """Show what is in force; `options` are the person's so far."""
        old, self._wish, self._options = self._wish, wish, dict(options)
        self._message.setText(wish.message)
        self.setCurrentIndex(0 if wish.message else 1)
        if wish.message:
            return
        self._state.setText(self._state_words())
        self._reason.setText(f"{wish.summary}.\nReason: {wish.reason}.")
        self._confirm.setVisible(wish.needs_word)
        self._back.setVisible(wish.changed)
        if wish.seen is None:
            self._seen.clear()
        elif wish.seen is not old.seen:
            self._seen.setPixmap(pixmap(wish.seen, SEEN_PX))
        if old.preprocessing is None or wish.preprocessing.digest() != old.preprocessing.digest():
            self._fill(wish.preprocessing)
        self._show_table()

    def _state_words(self):
        if self._wish.needs_word:
            return "Guessed, and not certain: please confirm or change it."
        if self._wish.changed:
            return "Set by you; the study made with the guess is kept."
        return "Guessed with a certain reason, or confirmed."

    def _show_table(self):
        wish = self._wish
        shown = bool(wish.columns) and self.thumbnails is not None
        self._table_title.setVisible(shown)
        self._sideways.setVisible(shown)
        if shown:
            self._table.show_trials(wish.columns, wish.labels, self.thumbnails, self._theme)
            bar = self._sideways.horizontalScrollBar().sizeHint().height()
            self._sideways.setFixedHeight(self._table.sizeHint().height() + bar)

    def _fill(self, preprocessing):
        self._preset.setCurrentText(preprocessing.preset)
        self._size.setText("{} × {}".format(*preprocessing.size))
        crop = preprocessing.crop
        self._crop_kind.setCurrentText(STRETCH if crop is None else WHOLE if crop == 1 else PART)
        self._crop.setVisible(crop is not None and crop != 1)
        self._crop.setText("" if crop is None else f"{crop:g}")
        names = {"rgb": "RGB", "bgr": "BGR", "gray": "grey"}
        self._channels.setCurrentText(names.get(preprocessing.channels, ""))
        self._channels.setEnabled(preprocessing.channels in names)
        self._scale.setText(f"{preprocessing.scale:.6g}")
        self._mean.setText(number_text(preprocessing.mean))
        self._std.setText(number_text(preprocessing.std))
        self._layout.setCurrentText(preprocessing.layout)

    # what the person does

    def _correct(self, name, value):
        if self._options.get(name, ...) != value:
            self.corrected.emit({**self._options, name: value})

    def _crop_changed(self):
        kind = self._crop_kind.currentText()
        self._correct("crop", {STRETCH: None, WHOLE: 1.0, PART: 0.875}[kind])

    def _crop_typed(self):
        present = self._wish.preprocessing.crop
        value = self._read(self._crop, "Fit")
        if value is not None and present is not None and value[0] != present:
            self._correct("crop", value[0])

    def _channels_changed(self):
        channels = self._channels.currentText()
        if channels == "grey":
            self._correct("gray", True)
        else:
            self._correct("bgr", channels == "BGR")

    def _size_typed(self):
        value = self._read(self._size, "Size")
        if value is None:
            return
        size = tuple(round(side) for side in (value * 2 if len(value) == 1 else value[:2]))
        if size != tuple(self._wish.preprocessing.size):
            self._correct("size", size)

    def _typed(self, name, field):
        value = self._read(field, name)
        present = getattr(self._wish.preprocessing, name)
        if value is None or number_text(value) == number_text(_tuple(present)):
            return
        self._correct(name, value[0] if name == "scale" else value)

    def _read(self, field, name):
        try:
            return numbers(field.text().replace("×", " ").replace("x", " "), name)
        except ValueError as error:
            self.wrong.emit(str(error))
            self._fill(self._wish.preprocessing)
            return None


def _tuple(value):
    return value if isinstance(value, tuple) else (value,)


def _dim(text):
    label = QLabel(text)
    label.setProperty("dim", True)
    label.setWordWrap(True)
    return label


class _Choice(QComboBox):
    """A choice that the wheel passes over: scrolling the panel must not change a parameter."""

    def wheelEvent(self, event):
        event.ignore()


def _combo(choices):
    combo = _Choice()
    combo.addItems(choices)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(4)
    combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return combo
