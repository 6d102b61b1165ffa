"""Mean maps: of the selection, from the study or the network, remembered, cancelled, told."""

import numpy as np
import pytest

from engine.errors import Cancelled
from tests.pretend_engine import Data, PretendEngine
from viewer.session.session import Session
from viewer.studio import cache
from viewer.studio.inputs import input_of
from viewer.studio.means import (
    BLOCK_BYTES,
    INPUT,
    SEEK_BYTES,
    MeanMaps,
    Sums,
    chosen_samples,
    row_blocks,
)
from viewer.studio.selecting import Selected
from viewer.studio.studio import Studio


class Engine(PretendEngine):
    """Counts runs; its study, when there is one, keeps a layer whole."""

    def __init__(self):
        super().__init__()
        self.runs, self.study = [], None
        self.layers_run = []

    def run_sample(self, runner, network, preprocessing, picture, layers=None):
        self.runs.append(int(picture.flat[0]))
        self.layers_run.append(layers)
        maps, scores = super().run_sample(runner, network, preprocessing, picture, layers)
        if layers is not None:
            names = [layers] if isinstance(layers, str) else layers
            maps = {name: maps[name] for name in names}
        return maps, scores

    def open_study(self, path):
        return self.study if self.study is not None else super().open_study(path)


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    made = Studio(Session(), Engine(), extracts=False)
    made.session.do("window.layout", **_layout())
    made.session.do("open", network="net.onnx", data="pictures")
    made.inbox.wait(lambda: made.facts.answer is not None, 20)
    yield made
    made.close()


def _layout():
    from viewer.state.layout import LAYOUTS
    from viewer.state.tree import as_json

    return {"layout": as_json(LAYOUTS["Feature maps"])}


def finished(studio):
    studio.inbox.wait(lambda: studio.facts.means is not None and not studio.facts.means.running, 20)
    return studio.facts.means


def test_without_a_selection_it_is_the_mean_of_all_samples_that_can_be_read(studio):
    studio.session.do("maps.set", set="mean")
    means = finished(studio)
    good = [value for value in range(12) if value != 3]
    assert means.wanted == 12 and means.counts["conv1"] == 11 and not means.is_exact
    assert means.words == "mean of 11 of 12 samples"
    assert means.maps["conv2"][1, 1, 1] == pytest.approx(np.mean(good))
    assert means.maps["conv1"].flat[0] == pytest.approx(np.mean(good) + 1)
    assert means.maps[INPUT].shape == (3, 8, 8)


def test_of_the_selection_and_remembered(studio):
    studio.session.do("maps.set", set="mean")
    studio.session.do("select.brush", mode="replace", region={"kind": "samples", "items": [1, 5]})
    means = finished(studio)
    assert means.maps["fc"][2] == pytest.approx(3.0) and means.is_exact
    assert means.words == "mean of 2 samples"
    runs = len(studio.engine.runs)
    studio.session.do("select.brush", mode="replace", region={"kind": "samples", "items": [2]})
    assert finished(studio).maps["fc"][2] == pytest.approx(2.0)
    studio.session.do("select.brush", mode="replace", region={"kind": "samples", "items": [1, 5]})
    assert studio.facts.means is means
    assert len(studio.engine.runs) == runs + 1


def test_back_to_the_sample_nothing_runs_on(studio):
    studio.session.do("maps.set", set="mean")
    studio.session.do("maps.set", set="sample")
    assert studio.facts.means is None
    studio.inbox.wait(lambda: not studio.jobs.running, 20)
    assert studio.facts.means is None


def test_out_of_sight_nothing_is_averaged(studio):
    studio.session.do("window.pane", pane="maps", shown=False)
    studio.session.do("maps.set", set="mean")
    assert studio.facts.means is None and not studio.jobs.running
    studio.session.do("window.pane", pane="maps", shown=True)
    assert finished(studio).maps


def test_for_the_sample_view_alone_no_network_is_run(studio):
    from viewer.state.layout import Layout, pane, row
    from viewer.state.tree import as_json

    studio.session.do("window.layout", layout=as_json(Layout(pane("sample"))))
    runs = len(studio.engine.runs)
    studio.session.do("select.brush", mode="replace", region={"kind": "samples", "items": [1, 5]})
    studio.session.do("sample.set", set="mean")
    means = finished(studio)
    assert set(means.maps) == {INPUT} and not means.whole and (means.seen == 3).all()
    assert means.words_of((INPUT,)) == "mean of 2 samples" and means.layers == ()
    assert len(studio.engine.runs) == runs
    both = row((0.5, pane("sample")), (0.5, pane("stack")))
    studio.session.do("window.layout", layout=as_json(Layout(both)))
    assert studio.facts.means is means
    studio.session.do("stack.set", set="mean")
    whole = finished(studio)
    assert whole.whole and len(whole.layers) == 3 and len(studio.engine.runs) == runs + 2
    studio.session.do("stack.set", set="sample")
    assert studio.facts.means is whole
    studio.session.do("sample.set", set="sample")
    assert studio.facts.means is None


def test_kept_layers_are_told_before_the_pictures_are_averaged():
    from types import SimpleNamespace

    from viewer.studio.means import MeanWork

    class Half(MeanWork):
        def _read_study(self, task):
            self._sums.add("conv1", np.full((4, 8, 8), 6.0), 3)
            return ("conv1",)

        def _run_network(self, names, task, news):
            assert told and told[0].maps["conv1"].flat[0] == 2.0 and names == ["conv2"]

    told = []
    layers = [SimpleNamespace(name=name) for name in ("conv1", "conv2")]
    facts = SimpleNamespace(network=SimpleNamespace(layers=layers), recording=None)
    work = Half(None, None, facts, np.arange(3), MeanMaps("k", wanted=3))
    assert work.run(None, told.append).words_of(("conv1",)) == "mean of 3 samples"


def test_cancelled_it_keeps_what_was_done_and_says_so(studio):
    engine = studio.engine
    run = engine.run_sample

    def slow(*args):
        if len(engine.runs) == 4:
            for job in studio.jobs.running:
                job.cancel()
        return run(*args)

    engine.run_sample = slow
    engine.runs.clear()
    studio.session.do("maps.set", set="mean")
    means = finished(studio)
    assert not means.is_exact and means.failure is None
    done = means.counts["conv1"]
    assert done == 5 and means.words == "mean of 5 of 12 samples"
    assert means.maps["fc"][2] == pytest.approx(np.mean(engine.runs[:5]))


def test_a_layer_that_the_study_kept_whole_is_not_run(studio):
    class Plan:
        policy, positions, channels, units, sampled = "full", (4, 4), 6, 16, 16

    class Pooled(Plan):
        policy = "pooled"

    class Study:
        layers = ["conv1", "conv2"]
        samples = type("Samples", (), {"index": np.arange(12)})
        values = np.arange(12 * 6 * 16, dtype=np.float16).reshape(12, 6, 4, 4)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def kept(self, name):
            return Plan() if name == "conv2" else Pooled()

        def activations(self, name):
            return self.values

    studio.engine.study = Study()
    studio._set(extraction=type(studio.facts.extraction)("done"))
    studio.engine.layers_run.clear()
    studio.session.do(
        "select.brush", mode="replace", region={"kind": "samples", "items": [2, 6, 9]}
    )
    studio.session.do("maps.set", set="mean")
    means = finished(studio)
    want = Study.values[[2, 6, 9]].astype(np.float64).mean(0)
    assert np.allclose(means.maps["conv2"], want)
    assert means.counts["conv2"] == 3 and set(means.maps) == {"conv1", "conv2", "fc", INPUT}
    assert all("conv2" not in names for names in studio.engine.layers_run)


@pytest.mark.parametrize("row_bytes", [1, 40_000, 900_000, 40_000_000])
@pytest.mark.parametrize("share", [0.004, 0.1, 0.9, 1.0])
def test_every_row_is_read_once_in_order(row_bytes, share):
    count = 3000
    values = np.arange(count)
    rows = np.flatnonzero(np.random.default_rng(1).random(count) < share)
    read, found = 0, []
    for window, some in row_blocks(rows, row_bytes):
        block = values[window]
        read += len(block)
        found += block[some].tolist()
        assert len(block) * row_bytes <= max(row_bytes, BLOCK_BYTES)
    assert found == rows.tolist()
    assert read * row_bytes <= len(rows) * (row_bytes + SEEK_BYTES)
    assert list(row_blocks(rows[:0], row_bytes)) == []


def test_the_order_of_samples_is_fair_and_always_the_same():
    first = chosen_samples(None, 50)
    assert sorted(first) == list(range(50)) and list(first) != list(range(50))
    assert list(first) == list(chosen_samples(None, 50))
    some = Selected(Data().labels == 1)
    assert sorted(chosen_samples(some, 12)) == [1, 4, 7, 10]
    assert len(chosen_samples(Selected(np.zeros(12, bool)), 12)) == 12


def test_sums_keep_what_is_not_finite():
    sums = Sums()
    sums.add("a", np.array([1.0, np.nan, np.inf]))
    sums.add("a", np.array([3.0, 1.0, 1.0]))
    assert np.array_equal(sums.means()["a"], [2, np.nan, np.inf], equal_nan=True)


def test_words_before_the_first_sample():
    assert "300" in MeanMaps("k", wanted=300).words


@pytest.mark.parametrize(
    ("layout", "shape"), [("NCHW", (3, 4, 5)), ("NHWC", (4, 5, 3)), ("NK", (60,)), ("HW", (4, 5))]
)
def test_the_input_is_channels_first(layout, shape):
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)

    class Given:
        size = (4, 5)

        def __call__(self, picture):
            return values

    given = Given()
    given.layout = layout
    got = input_of(given, None)
    assert got.shape == ((1, 4, 5) if layout == "HW" else (3, 4, 5))
    if layout == "NCHW":
        assert (got == values).all()
    if layout == "NK":
        assert got[1, 0, 1] == values[4]


def test_the_reader_gives_results_and_errors_to_who_waits(studio):
    reader = studio._reader
    assert reader.read(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        reader.read(lambda: 1 // 0)
    reader.close()
    with pytest.raises(Cancelled):
        reader.read(lambda: 7)
