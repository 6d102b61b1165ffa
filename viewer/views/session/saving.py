"""The dialog of *Save with its data*: which samples, with the study or without, and how large."""

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QRadioButton,
    QVBoxLayout,
)

from viewer.amounts import byte_text
from viewer.gl.theme import SPACE_PX

WIDTH = 440


class SavingDialog(QDialog):
    """Asks what is to be saved with a session.

    Parameters
    ----------
    used, everything : viewer.session.bundle.Plan
        With the samples that the session shows, and with all.
    """

    def __init__(self, used, everything, parent=None):
        super().__init__(parent)
        self.setWindowTitle("Save Session with Its Data")
        self.setMinimumWidth(WIDTH)
        self._used, self._everything = used, everything
        column = QVBoxLayout(self)
        column.setSpacing(SPACE_PX)
        text = QLabel(
            "One folder with the session, its network and its samples, that opens anywhere."
        )
        text.setWordWrap(True)
        column.addWidget(text)
        self._shown = QRadioButton(self._samples_text("Samples that the session shows", used))
        self._all = QRadioButton(self._samples_text("All samples", everything))
        same = used.samples == everything.samples
        (self._all if same else self._shown).setChecked(True)
        for button in (self._shown, self._all):
            button.setVisible(used.data is not None and not (same and button is self._shown))
            button.toggled.connect(self._follow)
            column.addWidget(button)
        size = byte_text(used.sizes.get("study", 0))
        self._study = QCheckBox(f"The study, so that nothing is computed anew: {size}")
        self._study.setChecked(used.study is not None)
        self._study.setVisible(used.study is not None)
        self._study.toggled.connect(self._follow)
        column.addWidget(self._study)
        for note in used.notes:
            label = QLabel(f"{note[0].upper()}{note[1:]}.")
            label.setProperty("dim", True)
            label.setWordWrap(True)
            column.addWidget(label)
        self._total = QLabel()
        column.addWidget(self._total)
        buttons = QDialogButtonBox.StandardButton
        box = QDialogButtonBox(buttons.Save | buttons.Cancel)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        column.addWidget(box)
        self._follow()

    @staticmethod
    def _samples_text(words, plan):
        size = byte_text(plan.sizes.get("data", 0))
        return f"{words}: {len(plan.samples):,}, {size}"

    @property
    def wants_everything(self):
        """Whether all samples are to be saved."""
        return self._all.isChecked()

    @property
    def wants_study(self):
        """Whether the study is to be saved."""
        return self._study.isChecked()

    def wanted(self):
        """What was chosen: (all samples, the study too)."""
        return self.wants_everything, self.wants_study

    @property
    def total(self):
        """Bytes of what is chosen."""
        plan = self._everything if self.wants_everything else self._used
        return plan.bytes - (0 if self.wants_study else plan.sizes.get("study", 0))

    def _follow(self):
        self._total.setText(f"Together at most {byte_text(self.total)}.")
