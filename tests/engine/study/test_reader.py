"""The reader: what it gives, what it refuses, damage, dropped and added parts, a writer at work."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.errors import InputError
from engine.study.layout import part_path, part_paths
from engine.study.reader import open_study
from engine.study.writer import StudyWriter
from tests.engine.study import making
from tests.reference import statistics

ROOT = Path(__file__).resolve().parents[3]
PLANS = {plan.key: plan for plan in making.PLANS}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studies") / "a.study"
    making.extract(folder, parts=(1, 4))
    return folder


@pytest.fixture
def copy(made, tmp_path):
    shutil.copytree(made, tmp_path / "a.study")
    return tmp_path / "a.study"


@pytest.fixture
def study(made):
    with open_study(made) as found:
        yield found


def test_layers_samples_and_facts(study):
    assert study.layers == ["conv1", "pool.1~2", "tokens", "fc"]
    indices = [i for i in range(making.SAMPLES) if i != making.BROKEN]
    assert study.samples.index.tolist() == indices
    assert study.samples.names == [f"pictures/ä{i}.png" for i in indices]
    assert study.samples.groups == ["film" if i % 2 else None for i in indices]
    assert len(study) == len(study.samples) == 39 and study.is_complete
    assert study.samples[1] == (1, "pictures/ä1.png", "film")
    assert [sample.index for sample in study.samples] == indices
    assert repr(study.samples) == "<39 samples: pictures/ä0.png ... pictures/ä39.png>"
    assert study.skipped == [(making.BROKEN, "bad.png", "it is empty")]
    assert study.labels.dtype == np.int32 and (study.labels == np.array(indices) % 3).all()
    assert study.classes == ["cat", "dog", "owl"] and study.network == {"path": "n.onnx"}
    assert study.preprocessing == {"preset": "imagenet"} and study.data == {"kind": "folder"}
    assert study.report == {} and "39 samples, 4 layers" in repr(study)
    assert study.samples.row(14) == 13
    with pytest.raises(InputError, match="sample 13 is not"):
        study.samples.row(13)


def test_scores_predictions_and_accuracy(study):
    expected = np.stack([making.score(i) for i in study.samples.index])
    assert (study.scores == expected).all() and study.scores.dtype == np.float32
    assert (study.predictions == expected.argmax(axis=1)).all()
    assert study.accuracy == (expected.argmax(axis=1) == study.labels).mean()


@pytest.mark.parametrize("key", [k for k, p in PLANS.items() if p.policy == "full"])
def test_full_layers_are_kept_as_they_were(study, key):
    expected = making.all_values(PLANS[key]).astype(PLANS[key].dtype)
    got = study.activations(*key)
    assert got.shape == expected.shape and got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(got[7:30:5, ::-1], expected[7:30:5, ::-1])
    np.testing.assert_array_equal(got[[38, 0, 17, 17]], expected[[38, 0, 17, 17]])
    np.testing.assert_array_equal(got[-1, 2], expected[-1, 2])


def test_sampled_layers_say_where_their_values_stand(study):
    expected = making.all_values(PLANS["pool.1~2", "post"])
    values, places = study.activations("pool.1~2")[...], study.positions("pool.1~2")
    assert values.shape == (39, 3, 4) and places.shape == (39, 4, 2) and places.dtype == np.int32
    for n in range(39):
        for s, (row, column) in enumerate(places[n]):
            np.testing.assert_array_equal(values[n, :, s], expected[n, :, row, column])
    full = study.positions("conv1")
    assert full.shape == (39, 63, 2) and full[5, 8].tolist() == [1, 1]
    assert study.positions("fc").shape == (39, 1, 0)
    assert study.positions("tokens")[0, :, 0].tolist() == list(range(11))


@pytest.mark.parametrize("key", list(PLANS))
def test_pooled_values_are_those_of_the_maps(study, key):
    expected = making.all_values(PLANS[key]).reshape(39, PLANS[key].channels, -1)
    pooled = study.pooled(*key)
    for n in (0, 3, 10, 38):
        for c in range(PLANS[key].channels):
            one = statistics.of_map(expected[n, c])
            assert pooled.argmax[n, c] == one["argmax"]
            np.testing.assert_equal(pooled.maximum[n, c], np.float32(one["maximum"]))
            # rounded to float32 once
            np.testing.assert_allclose(pooled.mean[n, c], one["mean"], rtol=3e-7)
            np.testing.assert_allclose(pooled.std[n, c], one["std"], rtol=3e-7, atol=1e-12)
    places = pooled.places
    assert places.shape == (39, PLANS[key].channels, len(PLANS[key].positions))
    if PLANS[key].positions:
        flat = np.ravel_multi_index(np.moveaxis(np.maximum(places, 0), -1, 0), PLANS[key].positions)
        assert (flat[pooled.argmax >= 0] == pooled.argmax[pooled.argmax >= 0]).all()


def test_quantiles_are_kept_where_asked_for(study):
    expected = making.all_values(PLANS["conv1", "pre"])[8, 2]
    got = study.pooled("conv1", "pre").quantiles
    assert got.shape == (39, 5, 4)
    np.testing.assert_allclose(
        got[8, 2], statistics.quantiles_of_map(expected.ravel(), 4), rtol=3e-7
    )
    assert study.pooled("conv1").quantiles is None


@pytest.mark.parametrize("key", list(PLANS))
def test_statistics_are_those_of_all_values(study, key):
    got = study.statistics(*key)
    for c in range(PLANS[key].channels):
        expected = statistics.of_channel(making.all_values(PLANS[key])[:, c], -2, 2)
        for name in ("count", "zeros", "nans", "posinfs", "neginfs", "below", "above"):
            assert getattr(got, name)[c] == expected[name], name
        # float64 sums of some thousand values in another order
        np.testing.assert_allclose(got.sum[c], expected["sum"], rtol=1e-11, atol=1e-10)
        np.testing.assert_allclose(got.deviations[c], expected["deviations"], rtol=1e-10)
        assert got.minimum[c] == np.float32(expected["minimum"])
        assert got.histogram[c].sum() == expected["histogram"].sum()
        assert np.abs(np.cumsum(got.histogram[c] - expected["histogram"])).max() <= 1
    assert got.low == -2 and got.high == 2


def test_every_dataset_says_what_it_is(made):
    def check(name, item):
        if isinstance(item, h5py.Dataset):
            assert {"axes", "unit", "origin", "method"} <= item.attrs.keys(), name
            assert len(item.attrs["axes"].split(", ")) >= item.ndim > 0

    for path in part_paths(made):
        with h5py.File(path) as file:
            file.visititems(check)
            assert file["values/conv1:post"].attrs["axes"] == "sample, channel, row, column"
            assert file["values/conv1:post"].attrs["origin"] == "float32"


@pytest.mark.parametrize(
    "ask, message",
    [
        (lambda s: s.activations("conv1", "pre"), "only pooled values were kept.*--policy"),
        (lambda s: s.activations("conv2"), "no layer conv2; did you mean conv1"),
        (lambda s: s.statistics("fc", "pre"), "pre-activation values.*--keep post,pre"),
        (lambda s: s.pooled("xyz"), "Study.layers"),
    ],
)
def test_what_is_not_there_is_said_with_the_way_out(study, ask, message):
    with pytest.raises(InputError, match=message):
        ask(study)


# -- damage ----------------------------------------------------------------------------------


def test_no_study(tmp_path):
    with pytest.raises(InputError, match="no study"):
        open_study(tmp_path)
    with pytest.raises(InputError, match="no study"):
        open_study(tmp_path / "nowhere")
    (tmp_path / "study.json").write_bytes(b"\xff\x00")
    with pytest.raises(InputError, match="header is damaged"):
        open_study(tmp_path)
    (tmp_path / "study.json").write_text('{"format": "other"}')
    with pytest.raises(InputError, match="not the header"):
        open_study(tmp_path)
    (tmp_path / "study.json").write_text('{"format": "lamella-study", "version": 99}')
    with pytest.raises(InputError, match="newer Lamella"):
        open_study(tmp_path)


@pytest.mark.parametrize("change", [{"plan": {"layers": [{}]}}, {"identity": None}, {"plan": 3}])
def test_a_header_with_wrong_entries(copy, change):
    header = json.loads((copy / "study.json").read_text("utf-8"))
    (copy / "study.json").write_text(json.dumps({**header, **change}))
    with pytest.raises(InputError, match="study.json|another study"):
        open_study(copy)


@pytest.mark.parametrize("harm", ["empty", "half", "zeros", "random", "text", "no blocks"])
def test_a_damaged_part_is_named(copy, harm):
    path = part_path(copy, 1)
    data = path.read_bytes()
    harmed = {
        "empty": b"",
        "half": data[: len(data) // 2],
        "zeros": bytes(len(data)),
        "random": np.random.default_rng(0).bytes(len(data)),
        "text": b"hello",
    }
    if harm == "no blocks":
        with h5py.File(path, "a") as file:
            del file["blocks"]
    else:
        path.write_bytes(harmed[harm])
    for attempt in (open_study, lambda folder: StudyWriter(folder, making.HEADER)):
        with pytest.raises(InputError, match="00001.h5.*damaged.*delete it") as caught:
            attempt(copy)
        assert caught.value.exit_status == 2
    path.unlink()
    making.extract(copy)  # the way out
    with open_study(copy) as study:
        assert study.is_complete


def test_a_part_that_lacks_something_is_named_when_it_is_read(copy):
    with h5py.File(part_path(copy, 1), "a") as file:
        del file["values/conv1:post"]
        del file["pooled/mean"]
    with open_study(copy) as study:
        assert study.activations("conv1")[3].shape == (5, 9, 7)
        with pytest.raises(InputError, match="00001.h5.*damaged"):
            study.activations("conv1")[...]
        with pytest.raises(InputError, match="00001.h5.*damaged"):
            study.pooled("conv1")


def test_mutated_parts_end_in_an_error_or_a_study(copy):
    """In a process of its own, because HDF5 itself has to live with them."""
    done = subprocess.run(
        [sys.executable, "-c", MUTATE, str(copy)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    opened, refused = map(int, done.stdout.split())
    assert opened + refused == 120 and refused > 10


MUTATE = """
import random, sys
from pathlib import Path
from engine.errors import InputError
from engine.study.layout import part_path
from engine.study.reader import open_study
from tests.engine.study import making
folder = Path(sys.argv[1])
path = part_path(folder, 1)
data = path.read_bytes()
draw = random.Random(0)
found = [0, 0]
for turn in range(120):
    harmed = bytearray(data)
    for _ in range(draw.choice([1, 4, 64])):
        harmed[draw.randrange(min(len(data), draw.choice([100, 3000, len(data)])))] = draw.randrange(256)
    path.unlink()
    path.write_bytes(harmed)
    try:
        with open_study(folder) as study:
            making.everything(study)
        found[0] += 1
    except InputError as error:
        assert "00001.h5" in str(error), error
        found[1] += 1
print(*found)
"""  # noqa: E501


# -- parts come and go -----------------------------------------------------------------------


def test_a_part_can_be_dropped_and_added(copy, made):
    with open_study(copy) as study:
        assert study.statistics("fc").count.sum() > 0 and study.refresh() is False
        part = part_path(copy, 1)
        aside = part.rename(copy / "aside.h5")
        assert study.refresh() is True
        kept = [i for i in range(40) if not 10 <= i < 25]
        assert study.samples.index.tolist() == kept
        few = making.all_values(PLANS["tokens", "post"])[
            [i for i, n in enumerate(x for x in range(40) if x != making.BROKEN) if n in kept]
        ]
        np.testing.assert_array_equal(study.activations("tokens"), few)
        assert not study.is_complete
        aside.rename(copy / "parts" / "00017.h5")  # as another machine may have called it
        assert study.refresh() is True
        with open_study(made) as whole:
            making.assert_same(making.everything(study), making.everything(whole))


def test_a_part_that_went_is_told_until_the_reader_looks_again(copy):
    with open_study(copy) as study:
        part_path(copy, 1).unlink()
        study.close()
        with pytest.raises(InputError, match="00001.h5: this part of the study is gone.*refresh"):
            study.activations("fc")[...]
        study.refresh()
        assert len(study.activations("fc")[...]) == len(study) == 25


def test_a_part_of_another_study_is_refused(copy, tmp_path):
    other = {**making.HEADER, "identity": {"network": "n2"}}
    making.extract(tmp_path / "b.study", header=other)
    shutil.copy(part_path(tmp_path / "b.study", 0), part_path(copy, 9))
    with pytest.raises(InputError, match="00009.h5.*another study"):
        open_study(copy)


def test_parts_with_the_same_samples_are_refused(copy):
    shutil.copy(part_path(copy, 1), part_path(copy, 9))
    with pytest.raises(InputError, match="00009.h5: it holds samples 10 to 15, which 00001.h5"):
        open_study(copy)


def test_other_files_in_the_folder_are_no_parts(copy):
    (copy / "parts" / "00009.h5.tmp").write_bytes(b"unfinished")
    (copy / "parts" / "notes.h5").write_bytes(b"mine")
    with open_study(copy / "study.json") as study:
        assert len(study) == 39


# -- while a writer writes -------------------------------------------------------------------


def test_reading_while_another_process_writes(tmp_path):
    folder = tmp_path / "a.study"
    writer = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout.readline() == "begun\n"
    seen = []
    with open_study(folder) as study:
        while writer.poll() is None or study.refresh():
            study.refresh()
            size = len(study)
            values = study.activations("tokens")
            assert values.shape[0] == size == len(study.samples) == len(study.labels)
            expected = making.all_values(PLANS["tokens", "post"])[:size]
            np.testing.assert_array_equal(values, expected)
            assert study.statistics("tokens").values.sum() == expected.size
            seen.append(size)
        making.extract(tmp_path / "b.study")
        with open_study(tmp_path / "b.study") as whole:
            making.assert_same(making.everything(study), making.everything(whole))
    assert writer.returncode == 0 and seen == sorted(seen) and seen[-1] == 39


SLOW = """
import sys, time
from engine.study.writer import StudyWriter
from tests.engine.study import making
with StudyWriter(sys.argv[1], making.HEADER) as writer:
    making.begin(writer)
    print("begun", flush=True)
    for first, stop in making.blocks():
        writer.add(making.block(first, stop))
        writer._finish_part()
        time.sleep(0.05)
"""


def test_several_threads_may_ask(study):
    failures = []
    expected = making.all_values(PLANS["conv1", "post"]).astype(np.float16)

    def ask(seed):
        random = np.random.default_rng(seed)
        for _ in range(20):
            rows = random.integers(0, 39, 6)
            if not np.array_equal(study.activations("conv1")[rows], expected[rows], equal_nan=True):
                failures.append(seed)
            study.statistics("tokens")

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_an_empty_study(tmp_path):
    with StudyWriter(tmp_path / "a.study", making.HEADER) as writer:
        making.begin(writer)
    with open_study(tmp_path / "a.study") as study:
        assert len(study) == 0 and study.scores is None and study.accuracy is None
        assert study.activations("conv1")[...].shape == (0, 5, 9, 7)
        assert study.pooled("conv1").maximum.shape == (0, 5)
        assert np.isnan(study.statistics("conv1").mean()).all()
        assert study.positions("pool.1~2").shape == (0, 4, 2)


def test_a_study_in_which_nothing_could_be_read(tmp_path):
    with StudyWriter(tmp_path / "a.study", making.HEADER) as writer:
        writer.begin(making.PLANS, batch=1, block=1, samples=1)
        nothing = making.block(making.BROKEN, making.BROKEN + 1)
        assert len(nothing.samples) == 0
        writer.add(nothing)
    with open_study(tmp_path / "a.study") as study:
        assert len(study) == 0 and study.is_complete and len(study.skipped) == 1
        making.everything(study)
        assert study.accuracy is None and study.predictions.shape == (0,)
