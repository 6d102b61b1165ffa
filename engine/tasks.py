"""Long work as a person sees it: how far it is, what it does, and a way to stop it.

The engine reports to a `Task` and asks it between steps whether to go on. Who shows the
progress (a terminal, the window's task list, nobody) is not the engine's business.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import Cancelled


@dataclass(frozen=True)
class Progress:
    """One report: ``done`` of ``total`` units (``total`` None: unknown), doing ``what``."""

    done: float
    total: float | None
    what: str
    seconds: float

    @property
    def fraction(self):
        """Done as a fraction 0 to 1, or None while the total is unknown."""
        return None if not self.total else min(1.0, self.done / self.total)


class Task:
    """Progress and cancellation of one piece of long work; safe to use from several threads.

    Parameters
    ----------
    title : str
        What the person started: ``"Extracting shapes"``.
    on_progress : callable(Progress), optional
        Called at every report, in the thread that does the work.
    """

    def __init__(self, title="", on_progress: Callable[[Progress], None] | None = None):
        self.title = title
        self._on_progress = on_progress
        self._cancel = threading.Event()
        self._started = time.monotonic()

    def report(self, done, total=None, what=""):
        """Say how far the work is; raises `Cancelled` when a person has cancelled."""
        self.check()
        if self._on_progress is not None:
            seconds = time.monotonic() - self._started
            self._on_progress(Progress(done, total, what, seconds))

    def cancel(self):
        """Ask the work to stop at its next check."""
        self._cancel.set()

    @property
    def cancelled(self):
        """Whether a person has cancelled."""
        return self._cancel.is_set()

    def check(self):
        """Raise `Cancelled` when a person has cancelled."""
        if self._cancel.is_set():
            raise Cancelled(where=self.title or None)
