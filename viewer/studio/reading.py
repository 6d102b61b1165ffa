"""The one thread that reads the study: what it says about all samples, while it grows."""

import threading
from pathlib import Path

import numpy as np

from engine.errors import LamellaError
from viewer.studio.facts import StudySummary
from viewer.studio.recorded import is_whole


def summarise(study, predict):
    """What a study says about all samples so far.

    Parameters
    ----------
    study : engine Study
    predict : callable(float32[N, K]) -> int32[N]
        The predicted class of each sample.

    Returns
    -------
    StudySummary
    """
    samples = np.asarray(study.samples.index)
    predicted = np.full(int(samples.max()) + 1 if samples.size else 0, -1, np.int32)
    scores = study.scores
    if scores is not None and samples.size:
        predicted[samples] = predict(np.asarray(scores))
    ranges = {}
    for name in study.layers:
        statistics = study.statistics(name)
        low, high = np.asarray(statistics.minimum), np.asarray(statistics.maximum)
        finite = np.isfinite(low) & np.isfinite(high)
        if finite.any():
            ranges[name] = (float(low[finite].min()), float(high[finite].max()))
    plans = {name: study.kept(name) for name in study.layers}
    return StudySummary(
        predicted,
        ranges,
        int(samples.size),
        {name: kept_words(plan) for name, plan in plans.items()},
        frozenset(name for name, plan in plans.items() if is_whole(plan)),
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
        self._closed = False
        self._thread = None

    def look(self, path, predict):
        """Read the study's summary (again), soon; a wish not yet begun is forgotten."""
        with self._condition:
            self._wish = (Path(path), predict)
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
                while self._wish is None and not self._closed:
                    self._condition.wait()
                if self._closed:
                    return
                (path, predict), self._wish = self._wish, None
            if not (path / "study.json").exists():
                continue
            try:
                with self._engine.open_study(path) as study:
                    summary = summarise(study, predict)
            except LamellaError as error:
                self._inbox.post(self._on_failure, "Reading the study", error)
            except Exception as error:  # noqa: BLE001  (told to the person by the error door)
                self._inbox.post(self._on_failure, "Reading the study", error)
            else:
                self._inbox.post(self._on_summary, path, summary)
