"""Statistics of pairs, as the window keeps them: asked for once, of how many points."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest

from engine.errors import LamellaError
from engine.tasks import Task
from tests.pretend_engine import Data
from tests.viewer.views.made_points import points_of
from viewer.session.session import Session
from viewer.state.layout import LAYOUTS
from viewer.studio.facts import READY, Facts, StudySummary
from viewer.studio.pairs import (
    LEFT_OUT,
    PairKeeper,
    PairTable,
    classes_of,
    most_points,
    wanted_of,
    write_pairs,
)


class Jobs:
    """Does work when told."""

    def __init__(self):
        self.waiting = []

    def start(self, title, work, *, done, failed, ended):
        job = SimpleNamespace(title=title, cancelled=False)
        job.cancel = lambda: setattr(job, "cancelled", True)
        self.waiting.append((job, work, done, failed, ended))
        return job

    def work(self):
        job, work, done, failed, ended = self.waiting.pop(0)
        if not job.cancelled:
            try:
                done(work(None))
            except ValueError as error:
                failed(error)
        ended()
        return job.title


class Studio:
    def __init__(self, facts):
        from psygnal import Signal

        class Changes:
            changed = Signal()

        self.session, self.facts, self.jobs = Session(clock=lambda: 0.0), facts, Jobs()
        self._changes = Changes()
        self.changed = self._changes.changed
        self.failed = SimpleNamespace(emit=lambda *_: None)

    def tell(self, pairs):
        self.facts = self.facts.but(pairs=pairs)


@pytest.fixture
def studio():
    random = np.random.default_rng(2)
    sample = np.arange(90)
    values = random.normal(0, 1, (5, 90)) + 3 * (sample % 3) * (np.arange(5) == 2)[:, None]
    values[4] = 0
    data = Data(90)
    facts = Facts(phase=READY, data=data, labels=data.labels, points={"conv1": points_of(values)})
    made = Studio(facts)
    made.keeper = PairKeeper(made, made.tell)
    made.session.do("window.choose", layout="Matrix")
    made.session.do("focus.layer", layer="conv1")
    return made


def test_the_overview_gets_its_statistic_once(studio):
    assert studio.jobs.work() == "Correlation of conv1"
    table = studio.facts.pairs["key", "", "correlation"]
    assert table.values.shape == (5, 5) and table.low == -1.0
    values = studio.facts.points["conv1"].columns
    expected = np.corrcoef([values.values(c, values.fine[c]) for c in range(4)])
    assert table.values[:4, :4] == pytest.approx(expected, abs=1e-4)
    assert np.isnan(table.values[4]).all()
    assert "90 points" in table.words
    studio.session.do("focus.sample", sample=3)
    assert not studio.jobs.waiting
    studio.session.do("matrix.statistic", statistic="separation")
    studio.jobs.work()
    assert studio.facts.pairs["key", "", "separation"].ranked[0][:2].count(2) == 1
    studio.session.do("matrix.statistic", statistic="correlation")
    assert not studio.jobs.waiting


def test_what_is_not_wanted_any_more_is_stopped_and_not_kept(studio):
    studio.session.do("matrix.overview", shown=False)
    job = studio.jobs.waiting[0][0]
    assert job.cancelled
    studio.jobs.work()
    assert studio.facts.pairs == {}


def test_what_a_person_cancels_is_not_begun_again(studio):
    job, _, _, _, ended = studio.jobs.waiting.pop()
    ended()
    assert studio.facts.pairs["key", "", "correlation"].failure == "cancelled"
    assert not studio.jobs.waiting


def test_nothing_is_wanted_while_no_matrix_is_in_sight(studio):
    assert wanted_of(studio.session.state, studio.facts)
    studio.session.do("window.choose", layout="Stack")
    assert "matrix" not in str(LAYOUTS["Stack"])
    assert wanted_of(studio.session.state, studio.facts) == {}


def test_separation_without_classes_says_so(studio):
    studio.jobs.work()
    studio.facts = studio.facts.but(labels=None)
    studio.session.do("matrix.statistic", statistic="separation")
    studio.jobs.work()
    table = studio.facts.pairs["key", "", "separation"]
    assert table.values is None and "labels" in table.failure


def test_classes_are_labels_else_predictions_and_rare_ones_are_left_out():
    points = points_of(np.zeros((1, 4)), sample=[0, 1, 2, 3])
    facts = Facts(labels=np.array([5, -1, 5, 2], np.int32))
    codes, count = classes_of(points, facts)
    assert count == 2 and codes[1] == LEFT_OUT and codes[0] == codes[2] != codes[3]
    predicted = StudySummary(predicted=np.array([1, 1, 0, 0], np.int32))
    codes, count = classes_of(points, Facts(summary=predicted))
    assert count == 2 and codes[0] == codes[1] != codes[2]
    many = points_of(np.zeros((1, 600)))
    codes, count = classes_of(many, Facts(labels=np.arange(600, dtype=np.int32) // 2))
    assert count == 254 and (codes == LEFT_OUT).sum() == 600 - 2 * 254


def test_wide_layers_take_a_sample_of_the_points():
    few = SimpleNamespace(channels=8, count=1000)
    wide = SimpleNamespace(channels=4096, count=1_000_000)
    assert most_points("correlation", few) == 1000
    assert 2000 <= most_points("correlation", wide) < 1_000_000
    assert most_points("distance", few) == 1000
    assert most_points("distance", wide) == 250


def test_a_statistic_is_written_as_a_table(tmp_path):
    values = np.array([[1.0, 0.25], [np.nan, -0.5]], np.float32)
    table = PairTable("correlation", values, -1.0, 1.0, "90 points")
    path = tmp_path / "pairs.csv"
    assert write_pairs(path, table, "conv2", "conv1", Task()) == 2
    with open(path, newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["correlation of 90 points", "conv1:0", "conv1:1"]
    assert lines[1] == ["conv2:0", "1", "0.25"] and lines[2] == ["conv2:1", "", "-0.5"]
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(LamellaError):
        write_pairs(tmp_path / "absent" / "pairs.csv", table, "conv2", "conv1", Task())
    assert list(tmp_path.iterdir()) == [path]
