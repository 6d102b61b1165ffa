"""Long work in threads of its own, as a person sees it: title, progress, time left, Cancel."""

import itertools
import threading
import time

from psygnal import Signal

from engine.errors import Cancelled, LamellaError
from engine.tasks import Task

RUNNING, DONE, FAILED, CANCELLED = "running", "done", "failed", "cancelled"
SECONDS_BETWEEN_REPORTS = 0.1


class Job:
    """One piece of long work.

    Attributes
    ----------
    title : str
    unit : str
        What is counted: ``'samples'``; empty when the numbers mean nothing to a person.
    status : str
        ``'running'``, ``'done'``, ``'failed'`` or ``'cancelled'``.
    progress : Progress or None
        The last report.
    stopping : bool
        Whether it was asked to stop.
    failure : str or None
        Why it failed, one sentence.
    on_cancel : callable() or None
        Called when a person cancels it.
    """

    def __init__(self, number, title, unit):
        self.number = number
        self.title = title
        self.unit = unit
        self.status = RUNNING
        self.progress = None
        self.task = None
        self.stopping = False
        self.failure = None
        self.on_cancel = None

    def cancel(self):
        """Ask it to stop; it keeps what it has finished."""
        self.stopping = True
        self.task.cancel()

    def cancel_as_person(self):
        """Stop it, and let who started it record the wish (``on_cancel``)."""
        self.cancel()
        if self.on_cancel is not None:
            self.on_cancel()

    @property
    def rate(self):
        """Units a second, or None before anything is done."""
        progress = self.progress
        if progress is None or not progress.done or not progress.seconds:
            return None
        return progress.done / progress.seconds


class Jobs:
    """All jobs that run now.

    Parameters
    ----------
    inbox : Inbox
    on_failure : callable(title, exception)
        Told of failures that nobody else handles.

    Attributes
    ----------
    changed : Signal
        Some job began, reported or ended; emitted in the main thread.
    running : list of Job
        Those that a person sees.
    """

    changed = Signal()

    def __init__(self, inbox, on_failure):
        self._inbox = inbox
        self._on_failure = on_failure
        self._numbers = itertools.count(1)
        self._threads, self._jobs, self._timers = {}, {}, {}
        self.running = []

    def start(self, title, work, *, unit="", done=None, failed=None, ended=None, patience=0.0):
        """Run ``work(task)`` in a thread.

        Parameters
        ----------
        work : callable(Task) -> object
        done : callable(result), optional
            Called in the main thread.
        failed : callable(exception), optional
            Called in the main thread instead of the jobs' ``on_failure``.
        ended : callable(), optional
            Called in the main thread after any end, cancelling included.
        patience : float
            Seconds that it may take before a person sees it.

        Returns
        -------
        Job
        """
        job = Job(next(self._numbers), title, unit)
        job.task = Task(title, self._reporter(job))
        thread = threading.Thread(
            target=self._run, args=(job, work, done, failed, ended), name=title, daemon=True
        )
        self._threads[job.number], self._jobs[job.number] = thread, job
        if patience:
            timer = threading.Timer(patience, self._inbox.post, (self._show, job))
            timer.daemon = True
            self._timers[job.number] = timer
            timer.start()
        else:
            self._show(job)
        thread.start()
        return job

    def _show(self, job):
        if job.status == RUNNING:
            self.running.append(job)
            self.changed.emit()

    def _reporter(self, job):
        last = [0.0, ""]

        def report(progress):
            now = time.monotonic()
            finished = progress.total is not None and progress.done >= progress.total
            news = finished or progress.what != last[1]
            if news or now - last[0] >= SECONDS_BETWEEN_REPORTS:
                last[:] = now, progress.what
                self._inbox.post(self._reported, job, progress)

        return report

    def _reported(self, job, progress):
        job.progress = progress
        if job.status == RUNNING:
            self.changed.emit()

    def _run(self, job, work, done, failed, ended):
        try:
            result = work(job.task)
        except Cancelled:
            self._inbox.post(self._finished, job, CANCELLED, None, (), ended)
        except Exception as error:  # noqa: BLE001  (told to the person by the error door)
            job.failure = sentence(error)[0]
            told = failed or (lambda fault: self._on_failure(job.title, fault))
            self._inbox.post(self._finished, job, FAILED, told, (error,), ended)
        else:
            self._inbox.post(self._finished, job, DONE, done, (result,), ended)

    def _finished(self, job, status, call, args, ended):
        job.status = status
        if job.number in self._timers:
            self._timers.pop(job.number).cancel()
        if job in self.running:
            self.running.remove(job)
        del self._threads[job.number], self._jobs[job.number]
        try:
            if call is not None and not (status == DONE and job.task.cancelled):
                call(*args)
            if ended is not None:
                ended()
        finally:
            self.changed.emit()

    def close(self, seconds=10.0):
        """Cancel all and wait for their ends."""
        for job in list(self._jobs.values()):
            job.cancel()
        end = time.monotonic() + seconds
        for thread in list(self._threads.values()):
            thread.join(max(0.0, end - time.monotonic()))
        self._inbox.pump()


def sentence(error):
    """An exception as one sentence for a person, and whether it was foreseen."""
    if isinstance(error, LamellaError):
        return str(error), True
    return f"Something unforeseen went wrong: {type(error).__name__}: {error}", False
