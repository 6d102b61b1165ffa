"""A lasso resolved to samples and points of two layers, and the mean volume of what it selects.

The layer is that of `tests.benchmarks.matrix_data`; the other layer's points are a tenth of its
own. Kernels and the page cache are warm.
"""

import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from engine.selections.describing import Lasso
from engine.selections.resolving import resolve
from engine.tasks import Task
from tests.benchmarks import matrix_data
from tests.benchmarks.report import Figure, Goal
from viewer.studio.doors import EngineDoor
from viewer.studio.facts import ExtractionFacts, Facts
from viewer.studio.inbox import Inbox
from viewer.studio.means import MeanMaps, MeanWork
from viewer.studio.reading import StudyReader
from viewer.studio.recorded import RecordedData
from viewer.studio.selecting import Selected, known_of

LASSO_SECONDS, MEAN_SECONDS = 0.15, 1.0
VERTICES, RUNS, CHOSEN = 30, 7, 600


def figures():
    """The figures of this file with the function that measures each."""
    rows = (
        (
            "lasso",
            f"a lasso of {VERTICES} vertices to samples and points, in every layer; N = 1,000,000",
            LASSO_SECONDS,
            lasso_seconds,
        ),
        (
            "mean",
            f"mean maps and volume over {CHOSEN} selected samples, 512 x 13 x 13, exact",
            MEAN_SECONDS,
            mean_seconds,
        ),
    )
    return [
        (Figure(f"selection.{name}", what, "s", Goal("<=", value=bound)), measured(measure))
        for name, what, bound, measure in rows
    ]


def measured(measure):
    """The function that measures a figure, or says why it cannot."""

    def run(figure, place):
        reason = matrix_data.missing()
        return figure.skip(reason) if reason else figure.measured(measure())

    return run


def lasso_seconds():
    """Seconds from a lasso's corners to all that it selects."""
    points = matrix_data.points()
    some = slice(points.count // 10)
    fewer = {name: getattr(points, name)[some] for name in ("sample", "row", "place")}
    columns = matrix_data.first_points(points.columns, slice(0, 8), some)
    other = replace(points, columns=replace(columns, layer="other"), **fewer)
    facts = Facts(data=range(matrix_data.CROPS), points={matrix_data.LAYER: points})
    taken = []
    for run in range(RUNS):
        lasso = _lasso(points, 0.5 + run / 10)
        started = time.perf_counter()
        brushed = resolve((("replace", lasso),), known_of(facts))
        Selected(brushed.samples).of(other)
        taken.append(time.perf_counter() - started)
    return taken


def _lasso(points, size):
    """A wavy outline round the middle of the two widest channels."""
    x, y = (int(channel) for channel in matrix_data.by_variance()[:2])
    corners = []
    for angle in np.linspace(0, 2 * np.pi, VERTICES, endpoint=False):
        radius = size * (1 + 0.3 * np.sin(5 * angle))
        corner = []
        for channel, part in ((x, np.cos(angle)), (y, np.sin(angle))):
            values = points.columns.values(channel, points.columns.fine[channel, :10_000])
            corner.append(float(values.mean() + radius * part * values.std()))
        corners.append(tuple(corner))
    return Lasso(matrix_data.LAYER, x, y, tuple(corners))


def mean_seconds():
    """Seconds until the kept layer's mean over some samples is exact."""
    engine, study = EngineDoor(), matrix_data.study_path()
    with engine.open_study(study) as opened:
        data = RecordedData(opened, None)
    network = SimpleNamespace(layers=())
    facts = Facts(
        network=network,
        data=data,
        study_path=study,
        extraction=ExtractionFacts("opened"),
        recording=True,
    )
    reader = StudyReader(Inbox(), engine, None, None)
    taken = []
    try:
        for run in range(RUNS):
            samples = np.random.default_rng(run).permutation(len(data))[:CHOSEN]
            work = MeanWork(engine, reader, facts, samples, MeanMaps("", wanted=CHOSEN))
            told = []
            started = time.perf_counter()
            work.run(Task(), lambda means, told=told: told.append(time.perf_counter()))
            taken.append(told[0] - started)
    finally:
        reader.close()
    return taken
