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

from viewer.pace import Pace
from viewer.qt.panes import ElidedLabel
from viewer.qt.style import MARGIN
from viewer.studio.jobs import CANCELLED, DONE, FAILED, RUNNING

KEPT = 5


def duration(seconds):
    """Seconds as a person says them: ``8 s``, ``3 min``, ``2 h 10 min``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def progress_sentence(job, pace):
    """How far a job is: ``120 of 800 samples, 35 a second, 20 s left``.

    Parameters
    ----------
    job : Job
    pace : Pace
        Of this job; it reads every report that is shown.
    """
    progress = job.progress
    rate, left = (None, None) if progress is None else pace.read(progress)
    if job.stopping:
        return "stopping; what is finished is kept"
    if progress is None:
        return "starting"
    if not job.unit or not progress.total:
        return progress.what or "working"
    parts = [f"{progress.done:,.0f} of {progress.total:,.0f} {job.unit}"]
    if rate is not None and progress.done < progress.total:
        parts += [f"{rate:.3g} a second", f"{duration(left)} left"]
    return ", ".join(parts)


def ended_sentence(job):
    """How a job ended: ``done: 320 samples in 14 s``."""
    progress = job.progress
    counted = progress is not None and job.unit and progress.total
    taken = "" if progress is None or progress.seconds < 1 else f" in {duration(progress.seconds)}"
    if job.status == DONE:
        return f"done: {progress.done:,.0f} {job.unit}{taken}" if counted else f"done{taken}"
    if job.status == CANCELLED:
        far = f" after {progress.done:,.0f} {job.unit}" if counted else ""
        return f"cancelled{far}; what is finished is kept"
    return f"failed: {job.failure}" if job.failure else "failed"


class TaskRow(QWidget):
    """One job: while it runs a bar and Cancel, afterwards how it ended."""

    def __init__(self, job):
        super().__init__()
        self.job = job
        self._pace = Pace()
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
        grid.addWidget(ElidedLabel(job.title), 0, 0)
        grid.addWidget(self._cancel, 0, 1, 3, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._bar, 1, 0)
        grid.addWidget(self._sentence, 2, 0)
        grid.setColumnStretch(0, 1)
        self.refresh()

    @property
    def sentence(self):
        """What the row says."""
        return self._sentence.text()

    def refresh(self):
        """Show the job's last report, or its end."""
        running = self.job.status == RUNNING
        self._bar.setVisible(running)
        self._cancel.setVisible(running)
        if not running:
            self._sentence.setText(ended_sentence(self.job))
            self._sentence.setProperty("warn", self.job.status == FAILED)
            self._sentence.style().polish(self._sentence)
            return
        show_fraction(self._bar, self.job)
        self._sentence.setText(progress_sentence(self.job, self._pace))
        self._cancel.setEnabled(not self.job.stopping)


def show_fraction(bar, job):
    """How far a job is, on a bar; moving to and fro where that is not known."""
    fraction = None if job.progress is None else job.progress.fraction
    bar.setRange(0, 0 if fraction is None else 1000)
    bar.setValue(round((fraction or 0) * 1000))


class TaskList(QScrollArea):
    """All running jobs, one below the other, and below them the last ones that ended."""

    def __init__(self, jobs):
        super().__init__()
        self._jobs = jobs
        self.rows = {}
        self._ended = []
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
        for number in [number for number in self.rows if number not in running]:
            self._keep(self.rows.pop(number))
        for number, job in running.items():
            if number not in self.rows:
                self.rows[number] = TaskRow(job)
                self._column.insertWidget(len(self.rows), self.rows[number])
            self.rows[number].refresh()
        self._idle.setVisible(not running and not self._ended)

    def _keep(self, row):
        """Put a job that has ended below those that run, the latest first; forget the oldest."""
        self._column.removeWidget(row)
        self._column.insertWidget(1 + len(self.rows), row)
        row.refresh()
        self._ended.insert(0, row)
        for old in self._ended[KEPT:]:
            self._column.removeWidget(old)
            old.deleteLater()
        del self._ended[KEPT:]

    @property
    def ended(self):
        """Titles and sentences of the last jobs that ended, the latest first."""
        return [(row.job.title, row.sentence) for row in self._ended]

    @property
    def detail(self):
        """For the pane's title: how many run."""
        return f"{len(self.rows)} running" if self.rows else ""

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
        self._text = ElidedLabel(fills=False)
        self._paces = {}
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
        self._paces = {job.number: self._paces.get(job.number) or Pace()}
        sentence = progress_sentence(job, self._paces[job.number])
        self._text.setText(f"{job.title}: {sentence}{more}")
        show_fraction(self._bar, job)
        self._cancel.setEnabled(not job.stopping)

    def close_summary(self):
        """Listen no more."""
        self._jobs.changed.disconnect(self.refresh)
