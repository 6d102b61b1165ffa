"""Orders of a study's layer: by all samples, by one; kept, cancelled, refused."""

import h5py
import numpy as np
import pytest

from engine.analysis import orders
from engine.analysis.orders import studies
from engine.embedding import reading
from engine.errors import Cancelled, InputError
from engine.study.reader import open_study
from engine.tasks import Task
from tests.engine.study import making

LAYERS = ("conv1", "pool.1~2", "tokens", "fc")


@pytest.fixture
def study(tmp_path):
    making.extract(tmp_path / "a.study")
    with open_study(tmp_path / "a.study") as found:
        yield found


def stacked(study, layer, rows=slice(None)):
    """All stored values of each channel, float32[C, P]."""
    values = study.activations(layer)[rows].astype(np.float32)
    values = values.reshape(len(values), values.shape[1], -1)
    return values.swapaxes(0, 1).reshape(values.shape[1], -1)


def without_strange(values):
    return values[np.isfinite(values).all(axis=1)]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("block", [200, 1 << 24])
def test_the_likeness_is_that_of_all_values(study, layer, block, monkeypatch):
    monkeypatch.setattr(reading, "BLOCK_BYTES", block)
    found = orders.likeness_of_study(study, layer, keep=False)
    values = stacked(study, layer)
    wanted = orders.likeness_of(values.astype(np.float64))
    np.testing.assert_array_equal(found.varied, wanted.varied)
    np.testing.assert_array_equal(found.not_finite, wanted.not_finite)
    size = np.abs(wanted.products).max()
    np.testing.assert_allclose(found.products, wanted.products, atol=2e-6 * size)
    np.testing.assert_allclose(found.distances, wanted.distances, rtol=1e-3)
    for name in ("means", "maxima", "variances"):
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=1e-6)
    for method in ("pca", "path"):
        one, other = (orders.order(each, method, compare=False) for each in (found, wanted))
        np.testing.assert_array_equal(one.channels, other.channels)


def test_its_words_say_of_what(study):
    assert orders.likeness_of_study(study, "conv1").words.startswith(
        "channels over all 63 positions of 39 samples"
    )
    assert "4 of 36 positions" in orders.likeness_of_study(study, "pool.1~2").words
    pooled = orders.likeness_of_study(study, "conv1", "pre")
    assert "the maximum of each map" in pooled.words
    some = orders.likeness_of_study(study, "fc", samples=[2, 5])
    assert some.words.startswith("channels over 2 of 39 samples")


def test_some_samples(study):
    rows = np.array([5, 2, 9])
    mask = np.zeros(len(study), bool)
    mask[rows] = True
    wanted = orders.likeness_of(stacked(study, "tokens", np.sort(rows)).astype(np.float64))
    for samples in (rows, mask):
        found = orders.likeness_of_study(study, "tokens", samples=samples)
        np.testing.assert_allclose(found.distances, wanted.distances, rtol=1e-4)
    none = orders.likeness_of_study(study, "tokens", samples=[])
    assert len(none.varied) == 0 and sorted(orders.order(none, "path").channels) == [0, 1, 2, 3]


def test_dead_and_constant_channels_over_blocks(study, monkeypatch):
    values = np.zeros((39, 4, 11), np.float32)
    values[:, 1] = 2
    values[20:, 2] = 1  # constant in every block, not over all
    values[:, 3] = np.random.default_rng(0).random((39, 11))
    monkeypatch.setattr(reading.Source, "values", lambda self, a, b: values[a:b])
    monkeypatch.setattr(reading, "BLOCK_BYTES", 4 * 44 * 10)
    found = orders.likeness_of_study(study, "tokens", keep=False)
    assert list(found.varied) == [2, 3]
    assert list(found.dead) == [1, 0, 0, 0] and list(found.constant) == [1, 1, 0, 0]


def test_it_is_kept_and_read_back(study, monkeypatch):
    calls, summed = [], studies._summed
    monkeypatch.setattr(studies, "_summed", lambda *a: (calls.append(1), summed(*a))[1])
    first, second = (orders.likeness_of_study(study, "conv1") for _ in range(2))
    assert len(calls) == 1 and len(list(study.path.glob("results/*.h5"))) == 1
    np.testing.assert_array_equal(first.products, second.products)
    orders.likeness_of_study(study, "conv1", samples=[1])
    orders.likeness_of_study(study, "fc")
    assert len(calls) == 3
    (path, *_) = study.path.glob("results/*.h5")
    with h5py.File(path) as file:
        assert file["products"].attrs["unit"] == "activation^2"


@pytest.mark.parametrize("method", orders.METHODS)
def test_an_order_is_kept_and_read_back(study, method, monkeypatch):
    first = orders.order_of_study(study, "tokens", method)
    monkeypatch.setattr(studies, "order", None)
    again = orders.order_of_study(study, "tokens", method)
    np.testing.assert_array_equal(first.channels, again.channels)
    np.testing.assert_array_equal(first.apart, again.apart)
    assert first.words == again.words and first.clusters == again.clusters
    np.testing.assert_equal(
        [first.quality, first.quality_spread, first.quality_of_best, first.compared],
        [again.quality, again.quality_spread, again.quality_of_best, again.compared],
    )


def test_orders_of_other_places_are_kept_by_what_they_depend_on(study):
    values = np.random.default_rng(0).random((7, 5))
    values[2] = 0
    made = orders.order(orders.likeness_of(values, "filters"), "kmeans", clusters=2)
    orders.keep_order(study, made, basis="weights", layer="conv1")
    found = orders.kept_order(study, 7, basis="weights", layer="conv1")
    np.testing.assert_array_equal(found.channels, made.channels)
    assert found.words == made.words and found.clusters == made.clusters and found.dead == 1
    assert orders.kept_order(study, 7, basis="weights", layer="fc") is None
    assert orders.kept_order(study, 8, basis="weights", layer="conv1") is None
    (path,) = study.path.glob("results/*.h5")
    with h5py.File(path, "r+") as file:
        file["channels"][...] = 3
    assert orders.kept_order(study, 7, basis="weights", layer="conv1") is None


def test_a_full_disk_costs_the_keeping_only(study, monkeypatch):
    def full(*_):
        raise OSError(28, "no space left")

    monkeypatch.setattr(studies.keeping, "making", full)
    assert sorted(orders.order_of_study(study, "fc", "pca").channels) == list(range(6))
    assert not list(study.path.glob("results/*.h5"))


def test_one_sample(study):
    found = orders.likeness_of_sample(study, "conv1", 20)
    row = study.samples.row(20)
    np.testing.assert_allclose(
        found.distances,
        orders.likeness_of(study.activations("conv1")[row].astype(np.float32)).distances,
    )
    assert found.words == "maps of sample 20"
    sampled = orders.likeness_of_sample(study, "pool.1~2", 20)
    assert sampled.words == "maps of sample 20 at 4 of 36 positions"


def test_what_is_refused(study, monkeypatch):
    with pytest.raises(InputError, match="sample 13 is not in the study.*one of 39"):
        orders.likeness_of_sample(study, "conv1", 13)
    with pytest.raises(InputError, match="only pooled values"):
        orders.likeness_of_sample(study, "conv1", 3, "pre")
    with pytest.raises(InputError, match="there is no layer"):
        orders.order_of_study(study, "conv9", "pca")
    for samples in ([99], [-1], np.ones(3, bool)):
        with pytest.raises(InputError):
            orders.likeness_of_study(study, "conv1", samples=samples)
    monkeypatch.setattr(studies, "MOST", 4)
    with pytest.raises(InputError, match="4 channels at most"):
        orders.likeness_of_study(study, "conv1")


def test_progress_and_cancelling(study, monkeypatch):
    monkeypatch.setattr(reading, "BLOCK_BYTES", 4 * 44 * 10)
    said = []
    orders.likeness_of_study(study, "tokens", task=Task("", said.append), keep=False)
    assert [each.done for each in said] == [0, 10, 20, 30, 39]
    task = Task("", lambda progress: progress.done >= 10 and task.cancel())
    with pytest.raises(Cancelled):
        orders.likeness_of_study(study, "tokens", task=task)
    assert not list(study.path.glob("results/*"))
