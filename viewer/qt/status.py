"""The status line: study, sample, layer, what is exact and what is not, running tasks."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from viewer.qt.panes import ElidedLabel
from viewer.qt.style import MARGIN, tabular
from viewer.qt.tasks import TaskSummary
from viewer.studio.seriating import value_at as shown_value
from viewer.studio.weighed import off_words
from viewer.studio.weighing import known_off


class StatusLine(QWidget):
    """One line at the bottom of the window.

    Parameters
    ----------
    jobs : Jobs
    """

    def __init__(self, jobs):
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 0, MARGIN, 0)
        row.setSpacing(2 * MARGIN)
        self._study = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._study.setProperty("dim", True)
        self._looked_at = ElidedLabel(fills=False)
        self._exact = ElidedLabel(fills=False)
        self._exact.setProperty("dim", True)
        self._recording = QLabel()
        self._recording.setProperty("alarm", True)
        self._recording.hide()
        self.tasks = TaskSummary(jobs)
        font = tabular(self.font())
        for label in (self._study, self._looked_at, self._exact, self._recording, self.tasks):
            label.setFont(font)
        row.addWidget(self._study, 1)
        row.addWidget(self._looked_at)
        row.addWidget(self._exact)
        row.addWidget(self._recording)
        row.addWidget(self.tasks)

    def show_words(self, study, looked_at, exact):
        """Show three texts."""
        self._study.setText(study)
        self._looked_at.setText(looked_at)
        self._exact.setText(exact)

    def show_recording(self, words):
        """Say that the window is recorded, and for how long."""
        self._recording.setText(words)
        self._recording.setVisible(bool(words))


def study_words(facts):
    """Where the study lies and how far it is."""
    if facts.study_path is None:
        return ""
    path = str(facts.study_path)
    home = str(Path.home())
    if home != "/" and path.startswith(home):
        path = "~" + path[len(home) :]
    phases = {
        "none": "not begun",
        "unconfirmed": "waits for the preprocessing to be confirmed",
        "running": "",
        "done": "complete",
        "opened": "opened",
        "stopped": "stopped",
        "failed": "failed",
    }
    said = phases[facts.extraction.phase]
    return f"{path}  {said}"


def looked_at_words(state, hovered, facts):
    """The sample, the layer, and the unit under the pointer with its value."""
    words, focus = [], state.focus
    if facts.sample_count:
        sample = min(state.focus.sample, facts.sample_count - 1)
        words.append(f"sample {sample + 1} of {facts.sample_count:,}")
    place = hovered or focus
    if place.layer is not None:
        words.append(unit_words(place.layer, place.channel, place.unit))
        value = value_at(facts, place.layer, place.channel, place.unit)
        if value is not None:
            words.append(f"= {value:.6g}")
        kept = shown_value(state, facts, place.layer, place.channel, place.unit)
        if kept is not None:
            words.append(f"{kept[0]} {kept[1]:.6g}")
    if hovered is not None and hovered.says:
        words.append(hovered.says)
    return "  ".join(words)


def value_at(facts, layer, channel, unit):
    """The activation of a unit for the sample shown, as computed; None where there is none."""
    maps = {} if facts.answer is None else facts.answer.maps
    if layer not in maps or channel is None:
        return None
    values, place = maps[layer], (channel, *(unit or ()))
    inside = all(at < size for at, size in zip(place, values.shape, strict=False))
    return float(values[place]) if len(place) == values.ndim and inside else None


def unit_words(layer, channel, unit):
    """A layer, channel or unit as it is printed and parsed: ``conv3_2:17@12,5``."""
    text = layer if channel is None else f"{layer}:{channel}"
    return text if not unit else f"{text}@{','.join(str(place) for place in unit)}"


def exact_words(state, facts):
    """How exact what is shown is, and what is switched off in one view only."""
    words = []
    if facts.answer is not None and facts.answer.maps:
        words.append("volumes exact to half precision")
    off = "" if facts.network is None else off_words(known_off(state, facts))
    return "  ".join([*words, *([f"{off} in Importance"] if off else [])])
