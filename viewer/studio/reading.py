"""The one thread that reads the study: what it says about all samples, while it grows."""

import threading
from collections import deque
from concurrent.futures import Future
from pathlib import Path

import numpy as np

from engine.errors import Cancelled, LamellaError
from engine.tasks import Task
from viewer.studio.facts import LayerNumbers, StudySummary
from viewer.studio.predictions import class_means, confidences
from viewer.studio.recorded import is_whole


def summarise(study, kind):
    """What a study says about all samples so far.

    Parameters
    ----------
    study : engine Study
    kind : engine Scores or None
        How its scores are read.

    Returns
    -------
    StudySummary
    """
    samples = np.asarray(study.samples.index)
    predicted = np.full(int(samples.max()) + 1 if samples.size else 0, -1, np.int32)
    confidence = np.full(len(predicted), np.nan, np.float32)
    scores = study.scores
    means = None
    if scores is not None and kind is not None and samples.size:
        scores = np.asarray(scores)
        with np.errstate(over="ignore", invalid="ignore"):
            means = class_means(scores, study.labels, kind)
        predicted[samples] = kind.predict(scores)
        confidence[samples] = confidences(scores, kind)
    ranges, numbers, histograms = {}, {}, {}
    for name in study.layers:
        statistics = study.statistics(name)
        counts = statistics.layer_histogram()
        histograms[name] = (counts, float(statistics.low), float(statistics.high))
        found = numbers_of(statistics)
        if found is not None:
            numbers[name] = found
            ranges[name] = (found.lowest, found.largest)
    plans = {name: study.kept(name) for name in study.layers}
    return StudySummary(
        predicted,
        ranges,
        int(samples.size),
        {name: kept_words(plan) for name, plan in plans.items()},
        frozenset(name for name, plan in plans.items() if is_whole(plan)),
        numbers,
        histograms,
        confidence,
        means,
    )


def numbers_of(statistics):
    """A layer's numbers from those of its channels; None without a finite value.

    Parameters
    ----------
    statistics : engine ChannelStatistics

    Returns
    -------
    LayerNumbers or None
    """
    low, high = np.asarray(statistics.minimum), np.asarray(statistics.maximum)
    finite = np.isfinite(low) & np.isfinite(high)
    if not finite.any():
        return None
    lowest, largest = low[finite], high[finite]
    constant = lowest == largest
    counted = np.asarray(statistics.count)[finite]
    return LayerNumbers(
        channels=len(low),
        constant=int(constant.sum()),
        silent=int((constant | (largest <= 0)).sum()),
        mean=float(np.asarray(statistics.sum)[finite].sum() / max(1, counted.sum())),
        lowest=float(lowest.min()),
        largest=float(largest.max()),
    )


def kept_words(plan):
    """What was kept of a layer: ``'all 1,024 positions'``, ``'16 of 1,024 positions'``."""
    if plan.policy == "pooled":
        return "maximum, mean and deviation of each map"
    if not plan.positions:
        return "all values"
    if is_whole(plan):
        return f"all {plan.units:,} positions"
    return f"{min(plan.sampled, plan.units):,} of {plan.units:,} positions"


class StudyReader:
    """The thread that reads the study that is open.

    Parameters
    ----------
    inbox : Inbox
    engine : EngineDoor
    on_summary : callable(Path, StudySummary)
        Called in the main thread.
    on_failure : callable(title, exception)
        Called in the main thread.
    """

    def __init__(self, inbox, engine, on_summary, on_failure):
        self._inbox = inbox
        self._engine = engine
        self._on_summary = on_summary
        self._on_failure = on_failure
        self._condition = threading.Condition()
        self._wish = None
        self._calls = deque()
        self._closed = False
        self._thread = None

    def look(self, path, kind):
        """Read the study's summary (again), soon; a wish not yet begun is forgotten."""
        with self._condition:
            self._wish = (Path(path), kind)
            self._begin()

    def read(self, work):
        """What ``work()`` returns or raises, called in this thread; another thread waits for it."""
        future = Future()
        with self._condition:
            if self._closed:
                raise Cancelled()
            self._calls.append((future, work))
            self._begin()
        return future.result()

    def read_study(self, path, work, task):
        """What ``work(study, task)`` returns of an open study, called in this thread.

        Others are served between two of its steps: whenever it reports to the task, or asks it.
        """

        def read():
            with self._engine.open_study(path) as study:
                return work(study, _Patient(task, self.let_others))

        return self.read(read)

    def soon(self, work, done, failed):
        """Have ``work()`` called in this thread, and ``done(result)`` in the main thread.

        ``failed(exception)`` is called there instead when it raises.
        """
        future = Future()
        future.add_done_callback(lambda future: self._inbox.post(_deliver, future, done, failed))
        with self._condition:
            if self._closed:
                return
            self._calls.append((future, work))
            self._begin()

    def let_others(self):
        """Serve what others wait for, between two steps of long work in this thread."""
        while not self._closed and self._serve():
            pass

    def _begin(self):
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="study", daemon=True)
            self._thread.start()
        self._condition.notify()

    def close(self, seconds=10.0):
        """End the thread."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self):
        while True:
            with self._condition:
                while self._wish is None and not self._calls and not self._closed:
                    self._condition.wait()
                if self._closed:
                    self._refuse()
                    return
            self._serve()

    def _serve(self):
        """Do one thing that is asked for; whether there was one."""
        with self._condition:
            wish, self._wish = self._wish, None
            call = self._calls.popleft() if wish is None and self._calls else None
        if call is not None:
            _answer(*call)
        elif wish is not None:
            self._look(*wish)
        return call is not None or wish is not None

    def _look(self, path, kind):
        if not (path / "study.json").exists():
            return
        try:
            with self._engine.open_study(path) as study:
                summary = summarise(study, kind)
        except LamellaError as error:
            self._inbox.post(self._on_failure, "Reading the study", error)
        except Exception as error:  # noqa: BLE001  (told to the person by the error door)
            self._inbox.post(self._on_failure, "Reading the study", error)
        else:
            self._inbox.post(self._on_summary, path, summary)

    def _refuse(self):
        while self._calls:
            self._calls.popleft()[0].set_exception(Cancelled())


class _Patient(Task):
    """A task that lets others have the thread it is made in, whenever it is asked there."""

    def __init__(self, task, let_others):
        super().__init__(task.title)
        self._task, self._let_others = task, let_others
        self._thread = threading.get_ident()

    def report(self, done, total=None, what=""):
        self._task.report(done, total, what)
        self._let()

    def check(self):
        self._task.check()
        self._let()

    def cancel(self):
        self._task.cancel()

    @property
    def cancelled(self):
        return self._task.cancelled

    def _let(self):
        if threading.get_ident() == self._thread:
            self._let_others()


def _deliver(future, done, failed):
    error = future.exception()
    if error is None:
        done(future.result())
    elif not isinstance(error, Cancelled):
        failed(error)


def _answer(future, work):
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001  (raised where the result is waited for)
        future.set_exception(error)
