"""The task list: what runs, how far it is, how fast, how long it will take, and Cancel."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from viewer.qt.panes import ElidedLabel
from viewer.qt.style import MARGIN


def duration(seconds):
    """Seconds as a person says them: ``8 s``, ``3 min``, ``2 h 10 min``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def progress_sentence(job):
    """How far a job is: ``120 of 800 samples, 35 a second, 20 s left``."""
    progress = job.progress
    if job.stopping:
        return "stopping; what is finished is kept"
    if progress is None:
        return "starting"
    if not job.unit or not progress.total:
        return progress.what or "working"
    parts = [f"{progress.done:,.0f} of {progress.total:,.0f} {job.unit}"]
    if job.rate:
        parts.append(f"{job.rate:.3g} a second")
    if progress.seconds_left is not None and progress.done < progress.total:
        parts.append(f"{duration(progress.seconds_left)} left")
    return ", ".join(parts)


class TaskRow(QWidget):
    """One job."""

    def __init__(self, job):
        super().__init__()
        self.job = job
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setHorizontalSpacing(MARGIN)
        grid.setVerticalSpacing(3)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._sentence = ElidedLabel()
        self._sentence.setProperty("dim", True)
        self._cancel = QPushButton("Cancel")
        self._cancel.clicked.connect(lambda: job.cancel_as_person())
        title = ElidedLabel(job.title)
        grid.addWidget(title, 0, 0)
        grid.addWidget(self._cancel, 0, 1, 3, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._bar, 1, 0)
        grid.addWidget(self._sentence, 2, 0)
        grid.setColumnStretch(0, 1)
        self.refresh()

    def refresh(self):
        """Show the job's last report."""
        fraction = None if self.job.progress is None else self.job.progress.fraction
        if fraction is None:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(fraction * 1000))
        self._sentence.setText(progress_sentence(self.job))
        self._cancel.setEnabled(not self.job.stopping)


class TaskList(QScrollArea):
    """All running jobs, one below the other."""

    def __init__(self, jobs):
        super().__init__()
        self._jobs = jobs
        self._rows = {}
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self._idle = QLabel("Nothing is running.")
        self._idle.setProperty("dim", True)
        self._column.addWidget(self._idle)
        self._column.addStretch(1)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        jobs.changed.connect(self.refresh)
        self.refresh()

    def refresh(self):
        """Follow the jobs."""
        running = {job.number: job for job in self._jobs.running}
        for number in [number for number in self._rows if number not in running]:
            row = self._rows.pop(number)
            self._column.removeWidget(row)
            row.deleteLater()
        for number, job in running.items():
            if number not in self._rows:
                self._rows[number] = TaskRow(job)
                self._column.insertWidget(self._column.count() - 1, self._rows[number])
            self._rows[number].refresh()
        self._idle.setVisible(not running)

    def close_list(self):
        """Listen no more."""
        self._jobs.changed.disconnect(self.refresh)


class TaskSummary(QWidget):
    """The running jobs in the status line: the first one's bar, words and Cancel."""

    def __init__(self, jobs):
        super().__init__()
        self._jobs = jobs
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(MARGIN)
        self._text = QLabel()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(90)
        self._cancel = QPushButton("Cancel")
        self._cancel.setProperty("flat", True)
        self._cancel.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._cancel.clicked.connect(self._cancel_first)
        for part in (self._text, self._bar, self._cancel):
            row.addWidget(part)
        jobs.changed.connect(self.refresh)
        self.refresh()

    def _cancel_first(self):
        if self._jobs.running:
            self._jobs.running[0].cancel_as_person()

    def refresh(self):
        """Follow the jobs."""
        running = self._jobs.running
        for part in (self._text, self._bar, self._cancel):
            part.setVisible(bool(running))
        if not running:
            return
        job = running[0]
        more = f"  and {len(running) - 1} more" if len(running) > 1 else ""
        self._text.setText(f"{job.title}: {progress_sentence(job)}{more}")
        fraction = None if job.progress is None else job.progress.fraction
        self._bar.setRange(0, 0 if fraction is None else 1000)
        self._bar.setValue(round((fraction or 0) * 1000))
        self._cancel.setEnabled(not job.stopping)

    def close_summary(self):
        """Listen no more."""
        self._jobs.changed.disconnect(self.refresh)
