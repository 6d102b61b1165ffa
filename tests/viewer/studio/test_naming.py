"""Named selections and the study's file: read, written, taken back, left alone by movies."""

from types import SimpleNamespace

import numpy as np
import pytest

from engine.analysis.named_orders import NamedOrder
from engine.errors import InputError, MachineError
from engine.selections.describing import Region, Spots
from tests.pretend_engine import PretendEngine
from viewer.session.session import Session
from viewer.studio import cache
from viewer.studio.facts import StudySummary
from viewer.studio.naming import numbered
from viewer.studio.recorded import in_rows
from viewer.studio.studio import Studio

OLD = (("replace", Region("samples", (1, 2))),)


class Engine(PretendEngine):
    """Keeps what is written, by path."""

    def __init__(self):
        super().__init__()
        self.kept, self.there, self.fault_of_names = {"old": OLD}, True, None

    def read_selections(self, path):
        if self.fault_of_names is not None:
            raise self.fault_of_names
        return dict(self.kept)

    def change_selections(self, path, changes):
        if self.fault_of_names is not None:
            raise self.fault_of_names
        if self.there:
            kept = {**self.kept, **changes}
            self.kept = {name: steps for name, steps in kept.items() if steps is not None}
        return self.there


class OrderEngine(Engine):
    """Keeps named orders, too."""

    def __init__(self):
        super().__init__()
        self.orders = {"old": NamedOrder("conv1", (1, 0, 2, 3))}

    def read_named_orders(self, path):
        return dict(self.orders)

    def change_named_orders(self, path, changes):
        kept = {**self.orders, **changes}
        self.orders = {name: order for name, order in kept.items() if order is not None}
        return True


@pytest.fixture
def make(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    made = []

    def studio(engine=None, **options):
        one = Studio(Session(), engine or Engine(), extracts=False, **options)
        one.failures = []
        one.failed.connect(lambda title, error: one.failures.append(str(error)))
        one.session.do("open", network="net.onnx", data="pictures")
        one.inbox.wait(lambda: one.facts.answer is not None, 20)
        made.append(one)
        return one

    yield studio
    for one in made:
        one.close()


def save(studio, name, *items):
    region = {"kind": "samples", "items": list(items)}
    studio.session.do("select.brush", mode="replace", region=region)
    studio.session.do("select.save", name=name)


def kept(studio, *names):
    studio.inbox.wait(lambda: sorted(studio.engine.kept) == sorted(names), 20)


def quiet(studio):
    """Whatever was asked of the study's thread is done."""
    for _ in range(3):
        studio.inbox.pump()
        studio._reader.read(lambda: None)
    studio.inbox.pump()


def test_what_the_study_has_is_read_and_what_is_saved_is_written(make):
    studio = make()
    studio.inbox.wait(lambda: studio.facts.selections == {"old": OLD}, 20)
    save(studio, "new", 3)
    kept(studio, "new", "old")
    assert studio.engine.kept["new"] == studio.session.state.selection.steps
    studio.session.do("select.forget", name="old")
    kept(studio, "new")
    studio.session.do("undo")
    kept(studio, "new", "old")
    studio.session.do("undo")
    kept(studio, "old")


def test_what_was_saved_is_not_lost_when_the_program_ends(make):
    studio = make()
    studio.inbox.wait(lambda: studio.facts.selections, 20)
    save(studio, "last", 3)
    studio.close()
    assert sorted(studio.engine.kept) == ["last", "old"]


def test_orders_are_kept_as_selections_are(make):
    studio = make(OrderEngine())
    studio.inbox.wait(lambda: "old" in studio.facts.orders, 20)
    order = {"layer": "conv1", "channels": [3, 1, 0, 2]}
    studio.session.do("orders.save", name="mine", order=order)
    studio.inbox.wait(lambda: "mine" in studio.engine.orders, 20)
    assert studio.engine.orders["mine"] == NamedOrder("conv1", (3, 1, 0, 2))
    studio.session.do("orders.forget", name="old")
    studio.inbox.wait(lambda: list(studio.engine.orders) == ["mine"], 20)
    assert studio.failures == []


def test_a_session_that_begins_anew_takes_nothing_away(make):
    studio = make()
    studio.inbox.wait(lambda: studio.facts.selections, 20)
    save(studio, "mine", 3)
    kept(studio, "mine", "old")
    studio.session.restart(studio.session.commands[:1])
    quiet(studio)
    assert sorted(studio.engine.kept) == ["mine", "old"]
    assert sorted(studio.facts.selections) == ["mine", "old"]
    studio.session.do("select.forget", name="mine")
    kept(studio, "old")


def test_another_network_does_not_empty_the_file(make):
    studio = make()
    studio.inbox.wait(lambda: studio.facts.selections, 20)
    save(studio, "mine", 3)
    kept(studio, "mine", "old")
    studio.session.do("open", network="other.onnx", data="pictures")
    studio.inbox.wait(lambda: studio.facts.answer is not None, 20)
    quiet(studio)
    assert sorted(studio.engine.kept) == ["mine", "old"]


def test_without_a_study_they_wait_for_it(make):
    studio = make()
    studio.inbox.wait(lambda: studio.facts.selections, 20)
    studio.engine.there = False
    save(studio, "mine", 3)
    quiet(studio)
    assert sorted(studio.engine.kept) == ["old"]
    studio.engine.there = True
    studio._set(trials=())
    kept(studio, "mine", "old")


def test_what_another_window_saved_meanwhile_stays(make):
    studio = make()
    studio.inbox.wait(lambda: studio.facts.selections, 20)
    studio.engine.kept["theirs"] = OLD
    save(studio, "mine", 3)
    kept(studio, "mine", "old", "theirs")
    studio.session.do("undo")
    kept(studio, "old", "theirs")


def test_a_movie_writes_nothing(make):
    studio = make(saves=False)
    studio.inbox.wait(lambda: studio.facts.selections, 20)
    save(studio, "mine", 3)
    quiet(studio)
    assert sorted(studio.engine.kept) == ["old"]


def test_a_damaged_file_is_told_and_left_as_it_is(make):
    engine = Engine()
    engine.fault_of_names = InputError("the named selections are damaged")
    studio = make(engine)
    studio.inbox.wait(lambda: studio.failures, 20)
    engine.fault_of_names = None
    save(studio, "mine", 3)
    quiet(studio)
    assert "damaged" in studio.failures[0]
    assert sorted(engine.kept) == ["old"]


def test_a_full_disk_is_told_once(make):
    studio = make()
    studio.inbox.wait(lambda: studio.facts.selections, 20)
    studio.engine.fault_of_names = MachineError("the disk is full")
    save(studio, "mine", 3)
    studio.inbox.wait(lambda: studio.failures, 20)
    studio._set(trials=())
    quiet(studio)
    assert len(studio.failures) == 1


def test_samples_are_numbered_as_in_the_data_set():
    steps = (
        ("replace", Region("samples", (0, 2))),
        ("add", Spots("a", ((1, 4),))),
        ("add", Region("class", (1,))),
    )
    data = SimpleNamespace(index=np.array([3, 5, 9]))
    there = numbered(steps, data)
    assert there[0][1].items == (3, 9) and there[1][1].points == ((5, 4),)
    assert there[2] == steps[2]
    assert numbered(there, data, to_rows=True) == steps
    lacking = numbered(there, SimpleNamespace(index=np.array([3])), to_rows=True)
    assert lacking[0][1].items == (0,) and lacking[1][1].points == ()
    assert numbered(steps, SimpleNamespace()) is steps


def test_predictions_are_by_the_rows_of_what_is_looked_at():
    summary = StudySummary(
        predicted=np.array([7, -1, 5, 6], np.int32),
        samples=3,
        confidence=np.array([0.1, np.nan, 0.2, 0.3], np.float32),
    )
    found = in_rows(summary, SimpleNamespace(index=np.array([0, 2, 3, 9])))
    assert found.predicted.tolist() == [7, 5, 6, -1]
    assert np.allclose(found.confidence[:3], [0.1, 0.2, 0.3]) and np.isnan(found.confidence[3])
    assert in_rows(summary, SimpleNamespace()) is summary
