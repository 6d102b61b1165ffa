"""The dialogs for movies and pictures: how large, how many frames a second, where."""

import re
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
)

from viewer.qt.style import MARGIN

SIZES = ("1280 × 720", "1920 × 1080", "2560 × 1440", "3840 × 2160", "640 × 360")
RATES = ("30", "60", "25", "15", "10")
MOVIE, FRAMES = "Movie (MP4)", "Pictures (a folder of PNG)"
LARGEST = 16384


@dataclass(frozen=True)
class Wanted:
    """What a person chose.

    Attributes
    ----------
    path : str
    size : (int, int)
        Pixels.
    fps : float
        Of a movie.
    what : str
        Of a picture: what it shows.
    """

    path: str
    size: tuple
    fps: float = 0.0
    what: str = ""


def size_of(text):
    """``'1280 × 720'`` as (width, height), or None."""
    found = re.fullmatch(r"\s*(\d+)\s*[xX×* ]\s*(\d+)\s*", text)
    if found is None:
        return None
    size = int(found[1]), int(found[2])
    return size if all(0 < side <= LARGEST for side in size) else None


class _OutputDialog(QDialog):
    """A form with a size and a place."""

    def __init__(self, parent, title, sizes, path):
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(460)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(2 * MARGIN)
        self.form.setVerticalSpacing(MARGIN)
        self.size_box = QComboBox()
        self.size_box.setEditable(True)
        self.size_box.addItems(sizes)
        self.size_box.currentTextChanged.connect(self.check)
        self.path_line = QLineEdit(path)
        self.path_line.textChanged.connect(self.check)
        choose = QPushButton("Choose...")
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose)
        place = QHBoxLayout()
        place.addWidget(self.path_line, 1)
        place.addWidget(choose)
        self.fill_form()
        self.form.addRow("Size", self.size_box)
        self.form.addRow("File", place)
        self.words = QLabel()
        self.words.setProperty("dim", True)
        self.words.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(
            self.accept_word, QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * MARGIN, 2 * MARGIN, 2 * MARGIN, 2 * MARGIN)
        column.setSpacing(2 * MARGIN)
        column.addLayout(self.form)
        column.addWidget(self.words)
        column.addWidget(self.buttons)
        self.check()

    accept_word = "Save"

    def fill_form(self):
        """Rows above size and place."""

    def fault(self):
        """Why it cannot be accepted, or an empty text."""
        if size_of(self.size_box.currentText()) is None:
            return f"A size is two numbers up to {LARGEST:,}: 1280 × 720."
        path = Path(self.path_line.text())
        if not self.path_line.text().strip() or not path.absolute().parent.is_dir():
            return "There is no such folder."
        return ""

    def hint(self):
        """What is said when nothing is wrong."""
        return ""

    def check(self, *_):
        """Say what is wrong, or what will come."""
        fault = self.fault()
        self.accept_button.setEnabled(not fault)
        self.words.setText(fault or self.hint())

    def _choose(self):
        if path := self.ask_path():
            self.path_line.setText(path)

    def ask_path(self):
        """A file dialog's answer."""
        raise NotImplementedError

    def wanted(self):
        """`Wanted`, as the form says."""
        raise NotImplementedError

    @property
    def size_px(self):
        """(width, height)."""
        return size_of(self.size_box.currentText())


class RenderDialog(_OutputDialog):
    """Asks how a session becomes a movie."""

    accept_word = "Render"

    def __init__(self, parent, path, seconds):
        self._seconds = seconds
        super().__init__(parent, "Render Movie", SIZES, path)

    def fill_form(self):
        self.kind_box = QComboBox()
        self.kind_box.addItems((MOVIE, FRAMES))
        self.kind_box.currentTextChanged.connect(self._follow_kind)
        self.fps_box = QComboBox()
        self.fps_box.setEditable(True)
        self.fps_box.addItems(RATES)
        self.fps_box.currentTextChanged.connect(self.check)
        self.form.addRow("As", self.kind_box)
        self.form.addRow("Frames a second", self.fps_box)

    @property
    def _is_movie(self):
        return self.kind_box.currentText() == MOVIE

    def _follow_kind(self, _text):
        path = Path(self.path_line.text())
        self.path_line.setText(str(path.with_suffix(".mp4" if self._is_movie else "")))
        self.check()

    @property
    def _fps(self):
        try:
            fps = float(self.fps_box.currentText())
        except ValueError:
            return None
        return fps if 0 < fps <= 240 else None

    def fault(self):
        if self._fps is None:
            return "Frames a second are a number up to 240."
        if self._is_movie and Path(self.path_line.text()).suffix.lower() != ".mp4":
            return "A movie's name ends in .mp4."
        return super().fault()

    def hint(self):
        frames = max(1, round(self._seconds * self._fps))
        return f"{self._seconds:.1f} s, {frames:,} frames; the window stays free meanwhile."

    def ask_path(self):
        if self._is_movie:
            return QFileDialog.getSaveFileName(
                self, "Render Movie", self.path_line.text(), "Movies (*.mp4)"
            )[0]
        return QFileDialog.getExistingDirectory(self, "A folder for the pictures")

    def wanted(self):
        return Wanted(str(Path(self.path_line.text()).absolute()), self.size_px, self._fps)


class PictureDialog(_OutputDialog):
    """Asks how large a picture is and what it shows."""

    def __init__(self, parent, path, choices, size):
        self._choices = choices
        here = f"{size[0]} × {size[1]}"
        super().__init__(parent, "Save Picture", (here, *SIZES), path)

    def fill_form(self):
        self.what_box = QComboBox()
        for name, title in self._choices:
            self.what_box.addItem(title, name)
        self.form.addRow("What", self.what_box)

    def fault(self):
        if Path(self.path_line.text()).suffix.lower() != ".png":
            return "A picture's name ends in .png."
        return super().fault()

    def ask_path(self):
        return QFileDialog.getSaveFileName(
            self, "Save Picture", self.path_line.text(), "PNG (*.png)"
        )[0]

    def wanted(self):
        path = str(Path(self.path_line.text()).absolute())
        return Wanted(path, self.size_px, what=self.what_box.currentData())


def ask(dialog):
    """Show a dialog; `Wanted`, or None when it was cancelled."""
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    wanted = dialog.wanted() if accepted else None
    dialog.deleteLater()
    return wanted
