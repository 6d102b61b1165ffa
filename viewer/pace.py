"""How fast long work goes and how long it will take, from its reports: terminal and window agree.

A piece of work has steps that count anew (opening, then running, then writing), so its pace is
that of the present step, and of the last half minute of it: what was slow at the start, or fast,
says nothing about the rest.
"""

from collections import deque

REMEMBERED_SECONDS = 30.0
LEAST_SECONDS = 1.0


class Pace:
    """Follows the reports of one task."""

    def __init__(self):
        self._total = None
        self._reports = deque()

    def read(self, progress):
        """Take a report.

        Parameters
        ----------
        progress : Progress

        Returns
        -------
        (float or None, float or None)
            Units a second, and seconds left of this step; None while they cannot be known.
        """
        if not progress.total:
            self._total = None
            return None, None
        reports = self._reports
        begun = reports and reports[0][1] < progress.done >= reports[-1][1]
        if progress.total != self._total or not begun:
            reports.clear()
            self._total = progress.total
        reports.append((progress.seconds, progress.done))
        while len(reports) > 2 and progress.seconds - reports[1][0] >= REMEMBERED_SECONDS:
            reports.popleft()
        seconds, done = (last - first for first, last in zip(reports[0], reports[-1], strict=True))
        if done <= 0 or seconds < LEAST_SECONDS:
            return None, None
        return done / seconds, (progress.total - progress.done) * seconds / done
