"""Extraction against a plain run and statistics in float64; policies, errors, limits."""

import json
import re
import shutil
from unittest import mock

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

import engine
from engine.errors import Cancelled, InputError, MachineError
from engine.run import extract as extraction
from engine.run.sessions import Runtime
from tests.engine.run import in_this_process, models

ZERO_ONE = {"preset": "zero-one"}


def open_small(path, **options):
    return engine.open_network(path, preprocess=options or ZERO_ONE)


def plain(path, inputs, tensors, batch=None):
    """The tensors of a file, run plainly in batches by ONNX Runtime without optimisations."""
    import onnxruntime

    model = onnx.load(path)
    known = {value.name for value in model.graph.output}
    for name in set(tensors) - known:
        model.graph.output.append(helper.make_empty_tensor_value_info(name))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    name, size = session.get_inputs()[0].name, batch or len(inputs)
    runs = [
        session.run(list(tensors), {name: inputs[i : i + size]})
        for i in range(0, len(inputs), size)
    ]
    return {t: np.concatenate([run[i] for run in runs]) for i, t in enumerate(tensors)}


def inputs_of(path):
    with np.load(path) as archive:
        return archive["images"].transpose(0, 3, 1, 2).astype(np.float32) / 255


@pytest.fixture(scope="module")
def network(small):
    return open_small(small)


@pytest.fixture(scope="module")
def expected(network, small, pictures):
    tensors = [layer.post for layer in network.layers] + [layer.pre for layer in network.layers]
    return plain(small, inputs_of(pictures), list(dict.fromkeys(tensors)))


@pytest.fixture(scope="module")
def full(network, pictures, tmp_path_factory):
    """A study in full, both sides, float32, several blocks; and its report."""
    folder = tmp_path_factory.mktemp("studies") / "full.study"
    report = engine.extract(
        network, pictures, folder, keep="pre,post", dtype="float32", policy="full", batch=7
    )
    return engine.open_study(folder), report


def test_values_are_those_of_a_plain_run(network, full, expected):
    study, report = full
    assert study.layers == [layer.name for layer in network.layers]
    assert len(study.layers) == 4
    for layer in network.layers:
        for which in ("pre", "post"):
            got = study.activations(layer.name, which)[:]
            want = expected[getattr(layer, which)].reshape(got.shape)
            assert got.dtype == np.float32
            np.testing.assert_allclose(got, want, rtol=0, atol=2e-6 * np.abs(want).max())
    assert report.difference_from_plain < 1e-5


def test_statistics_are_those_of_float64(network, full, expected):
    study, _ = full
    for layer in network.layers:
        values = study.activations(layer.name)[:].astype(np.float64)
        found = study.statistics(layer.name)
        by_channel = np.moveaxis(values, 1, 0).reshape(values.shape[1], -1)
        np.testing.assert_allclose(found.mean(), by_channel.mean(1), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(found.std(), by_channel.std(1), rtol=1e-10)
        np.testing.assert_array_equal(found.minimum, by_channel.min(1))
        np.testing.assert_array_equal(found.zeros, (by_channel == 0).sum(1))
        assert (found.histogram.sum(1) + found.below + found.above == by_channel.shape[1]).all()
        pooled = study.pooled(layer.name)
        flat = values.reshape(*values.shape[:2], -1)
        np.testing.assert_array_equal(pooled.maximum, flat.max(2))
        np.testing.assert_array_equal(pooled.argmax, flat.argmax(2))
        np.testing.assert_allclose(pooled.mean, flat.mean(2), rtol=1e-6, atol=1e-9)


def test_scores_labels_and_accuracy(network, full, expected, pictures):
    study, report = full
    with np.load(pictures) as archive:
        labels = archive["labels"]
    np.testing.assert_allclose(study.scores, expected["y"], rtol=1e-4, atol=1e-5)
    assert np.array_equal(study.labels, labels)
    assert report.accuracy == (expected["y"].argmax(1) == labels).mean()
    assert report.samples == 100 and report.samples_reused == 0 and report.skipped == []


def test_the_report_says_what_was_kept(full, network):
    study, report = full
    rows = {row["name"]: row for row in report.as_json()["layers"]}
    assert list(rows) == study.layers
    for layer in network.layers:
        row = rows[layer.name]
        assert row["kept"] == "post,pre" and row["policy"] == "full" and row["dtype"] == "float32"
        assert row["shape"] == list(layer.output_shape)
        assert row["bytes"] >= 2 * 100 * 4 * np.prod(layer.output_shape)
    assert report.batch == 7 and report.seconds > 0 and report.seconds_plain_inference > 0
    assert study.report["samples"] == 100
    assert study.network["difference_from_plain"] == report.difference_from_plain
    assert extraction.Report.from_json(report.as_json()) == report


def test_a_second_run_does_nothing(full, network, pictures, monkeypatch):
    study, report = full
    monkeypatch.setattr(extraction, "_run", None)
    again = engine.extract(
        network, pictures, study.path, keep="pre,post", dtype="float32", policy="full", batch=7
    )
    assert again.samples_reused == again.samples == 100
    assert again.accuracy == report.accuracy and again.layers == report.layers


def test_other_inputs_are_another_study(full, network, pictures, small):
    study, _ = full
    with pytest.raises(InputError, match="made with another .+ there, .+ asked for"):
        in_this_process.run(network, pictures, study.path, policy="full", batch=7)
    other = open_small(small, preset="imagenet", crop=1.0)
    with pytest.raises(InputError, match="another preprocessing"):
        in_this_process.run(
            other, pictures, study.path, keep="pre,post", dtype="float32", policy="full", batch=7
        )


@pytest.mark.parametrize("policy", ["sampled", "pooled"])
def test_policies(network, pictures, full, policy, tmp_path):
    report = in_this_process.run(
        network, pictures, tmp_path / "s", policy=policy, batch=7, quantiles=3, limit=20,
        positions=5, layers=["conv*", "fc"],
    )  # fmt: skip
    study, whole = engine.open_study(tmp_path / "s"), full[0]
    assert study.layers == ["conv1", "conv2", "fc"] and report.samples == 20
    for name in study.layers:
        np.testing.assert_array_equal(study.pooled(name).maximum, whole.pooled(name).maximum[:20])
    values = whole.activations("conv1")[:20].reshape(20, 4, -1)
    quantiles = np.quantile(values, [0, 0.5, 1], axis=2).transpose(1, 2, 0)
    np.testing.assert_allclose(study.pooled("conv1").quantiles, quantiles, rtol=1e-6)
    if policy == "pooled":
        with pytest.raises(InputError, match="only pooled"):
            study.activations("conv1")
        return
    places = study.positions("conv1")
    assert places.shape == (20, 5, 2)
    got = study.activations("conv1")[:]
    flat = places[..., 0] * 12 + places[..., 1]
    want = np.take_along_axis(values, flat[:, None], axis=2)
    np.testing.assert_array_equal(got, want.astype(np.float16))
    assert study.activations("fc")[:].shape == (20, 10)


def test_by_default_half_precision_with_its_loss(network, pictures, full, tmp_path):
    report = in_this_process.run(network, pictures, tmp_path / "s", batch=7)
    study = engine.open_study(tmp_path / "s")
    want = full[0].activations("conv1")[:]
    got = study.activations("conv1")[:]
    assert got.dtype == np.float16 and {row["policy"] for row in report.layers} == {"full"}
    np.testing.assert_array_equal(got, want.astype(np.float16))
    loss = report.loss["conv1/post"]
    assert 0 < loss["relative"] <= 2**-11 and loss["overflowed"] == 0


def test_channels_last_is_turned(small, pictures, full, tmp_path):
    path = tmp_path / "last.onnx"
    model = onnx.load(small)
    model.graph.input[0].type.CopyFrom(
        helper.make_tensor_type_proto(TensorProto.FLOAT, ["N", 12, 12, 3])
    )
    moved = [
        helper.make_node("Transpose", ["x"], ["first"], "t1", perm=[0, 3, 1, 2]),
        model.graph.node[0],
        helper.make_node("Transpose", ["c1"], ["c1_last"], "t2", perm=[0, 2, 3, 1]),
        helper.make_node("Relu", ["c1_last"], ["r1_last"], "relu1"),
        helper.make_node("Transpose", ["r1_last"], ["r1"], "t3", perm=[0, 3, 1, 2]),
    ]
    moved[1].input[0] = "first"
    rest = list(model.graph.node)[2:]
    del model.graph.node[:]
    model.graph.node.extend([*moved, *rest])
    onnx.save(model, path)
    network = open_small(path)
    assert network.layer("conv1").file_layout == "NHWC"
    engine.extract(network, pictures, tmp_path / "s", dtype="float32", policy="full", batch=7)
    study = engine.open_study(tmp_path / "s")
    np.testing.assert_allclose(
        study.activations("conv1")[:], full[0].activations("conv1")[:], rtol=0, atol=1e-5
    )
    np.testing.assert_allclose(study.scores, full[0].scores, rtol=1e-4, atol=1e-5)


def test_a_fixed_batch_is_padded(tmp_path, pictures, full):
    path = models.convolutions(tmp_path / "four.onnx", batch=4)
    network = open_small(path)
    assert network.batch == 4
    report = in_this_process.run(
        network, pictures, tmp_path / "s", dtype="float32", policy="full", limit=10
    )
    assert report.batch == 4
    study = engine.open_study(tmp_path / "s")
    for name in study.layers:
        np.testing.assert_allclose(
            study.activations(name)[:], full[0].activations(name)[:10], rtol=0, atol=1e-5
        )


def test_a_batch_that_is_only_declared_free_is_not_used(tmp_path, pictures):
    path = models.save(
        tmp_path / "m.onnx",
        [
            helper.make_node("Reshape", ["x", "shape"], ["f"], "flat"),
            helper.make_node("MatMul", ["f", "w"], ["y"], "fc"),
        ],
        {"shape": np.array([1, 432]), "w": np.ones((432, 10), np.float32)},
        inputs=[("x", TensorProto.FLOAT, ["N", 3, 12, 12])],
        outputs=[("y", TensorProto.FLOAT, ["N", 10])],
    )
    network = open_small(path)
    report = in_this_process.run(network, pictures, tmp_path / "s", limit=9)
    assert report.batch == 1 and report.samples == 9
    assert any("only 1 runs" in note for note in network.notes)
    want = inputs_of(pictures)[:9].sum((1, 2, 3))
    np.testing.assert_allclose(engine.open_study(tmp_path / "s").scores[:, 0], want, rtol=1e-4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, pictures):
    """12 PNG files of which three are broken, one in the first batch."""
    folder = tmp_path_factory.mktemp("folder")
    with np.load(pictures) as archive:
        for i, image in enumerate(archive["images"][:12]):
            Image.fromarray(image).save(folder / f"p{i}.png")
    for i in (1, 6, 7):
        data = (folder / f"p{i}.png").read_bytes()
        (folder / f"p{i}.png").write_bytes(data[: len(data) // 2])
    return folder


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_broken_pictures_are_skipped_counted_and_listed(network, folder, full, batch, tmp_path):
    report = in_this_process.run(
        network, folder, tmp_path / "s", batch=batch, dtype="float32", policy="full"
    )
    study = engine.open_study(tmp_path / "s")
    good = [0, 2, 3, 4, 5, 8, 9, 10, 11]
    assert report.samples == 9
    assert [row["name"] for row in report.skipped] == ["p1.png", "p6.png", "p7.png"]
    assert all(row["reason"] for row in report.skipped)
    assert study.samples.index.tolist() == good
    assert study.samples.names[:2] == ["p0.png", "p2.png"]
    got, want = study.activations("conv1")[:], full[0].activations("conv1")[:12][good]
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-5)


def test_nothing_but_broken_pictures(network, folder, tmp_path):
    only = tmp_path / "only"
    only.mkdir()
    shutil.copy(folder / "p1.png", only)
    with pytest.raises(InputError, match="none of the 1 samples can be read; p1.png"):
        in_this_process.run(network, only, tmp_path / "s")


def large(path, gain):
    """x * gain, then a Relu: `gain` decides whether half precision holds it."""
    return models.save(
        path,
        [
            helper.make_node("Conv", ["x", "w"], ["c"], "conv", kernel_shape=[1, 1]),
            helper.make_node("Relu", ["c"], ["r"], "relu"),
            helper.make_node("GlobalAveragePool", ["r"], ["g"], "pool"),
            helper.make_node("Flatten", ["g"], ["y"], "flat"),
        ],
        {"w": np.full((2, 1, 1, 1), gain, np.float32)},
        inputs=[("x", TensorProto.FLOAT, ["N", 1, 4, 4])],
        outputs=[("y", TensorProto.FLOAT, ["N", 2])],
    )


def floats(path, values):
    """One float picture a value; it is a ramp from 0 to that value."""
    ramp = np.linspace(0.01, 1, 16, dtype=np.float32).reshape(4, 4)
    np.save(path, np.asarray(values, np.float32)[:, None, None] * ramp)
    return path


def test_large_values_are_kept_in_float32_from_the_start(tmp_path):
    network = open_small(large(tmp_path / "m.onnx", 1e5), preset="raw")
    data = floats(tmp_path / "x.npy", np.linspace(1, 2, 12))
    report = in_this_process.run(network, data, tmp_path / "s", batch=3)
    study = engine.open_study(tmp_path / "s")
    assert {row["name"]: row["dtype"] for row in report.layers}["conv"] == "float32"
    assert np.isfinite(study.activations("conv")[:]).all()
    assert study.activations("conv")[:].max() == np.float32(2e5)


def test_a_layer_that_overflows_later_is_written_again(tmp_path):
    network = open_small(large(tmp_path / "m.onnx", 1e3), preset="raw")
    values = np.ones(60)
    values[41] = 500.0
    data = floats(tmp_path / "x.npy", values)
    report = in_this_process.run(network, data, tmp_path / "s", batch=3, policy="full")
    study = engine.open_study(tmp_path / "s")
    got = study.activations("conv")[:]
    assert got.dtype == np.float32 and np.isfinite(got).all()
    assert got.max() == np.float32(5e5) and study.statistics("conv").posinfs.sum() == 0
    ramp = np.linspace(0.01, 1, 16, dtype=np.float32).reshape(4, 4)
    want = (values[:, None, None, None] * ramp).astype(np.float32) * np.float32(1e3)
    np.testing.assert_allclose(got, np.repeat(want, 2, axis=1), rtol=1e-6)
    assert {row["name"]: row["dtype"] for row in report.layers}["conv"] == "float32"
    other = in_this_process.run(
        network, data, tmp_path / "t", batch=3, policy="full", dtype="float32"
    )
    assert other.samples == 60
    np.testing.assert_array_equal(engine.open_study(tmp_path / "t").activations("conv")[:], got)


def test_nan_and_infinite_values_are_true_and_counted(tmp_path):
    network = open_small(large(tmp_path / "m.onnx", 1.0), preset="raw")
    values = np.ones(8)
    values[3], values[5] = np.nan, np.inf
    report = in_this_process.run(
        network, floats(tmp_path / "x.npy", values), tmp_path / "s", batch=2
    )
    study = engine.open_study(tmp_path / "s")
    got, counted = study.activations("conv")[:], study.statistics("conv")
    assert np.isnan(got[3]).any() and np.isposinf(got[5]).any()
    assert counted.nans.tolist() == np.isnan(got).sum((0, 2, 3)).tolist()
    assert counted.posinfs.tolist() == np.isposinf(got).sum((0, 2, 3)).tolist()
    assert report.samples == 8 and np.isfinite(counted.maximum).all()


def test_the_size_is_said_before_anything_is_written(network, pictures, tmp_path):
    seen = []

    def confirm(size):
        seen.append(size)
        return False

    with pytest.raises(Cancelled, match="not confirmed"):
        engine.extract(network, pictures, tmp_path / "s", policy="full", batch=8, confirm=confirm)
    (size,) = seen
    values = 100 * 2 * sum(np.prod(layer.output_shape) for layer in network.layers)
    assert values < size.bytes < 4 * values and size.free > size.bytes
    assert size.samples_left == size.samples == 100 and size.batch == 8
    assert not (tmp_path / "s").exists()


def test_a_disk_that_is_too_small_is_told_before(network, pictures, tmp_path, monkeypatch):
    from engine.run import extraction as inside

    monkeypatch.setattr(inside, "free_bytes", lambda folder: 1000)
    with pytest.raises(MachineError, match=r"will take .* GB and .* GB are free"):
        in_this_process.run(network, pictures, tmp_path / "s", batch=8)
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"policy": "some"}, "--policy: one of"),
        ({"keep": "none"}, "--keep: post, pre"),
        ({"dtype": "int8"}, "--dtype"),
        ({"batch": 0}, "--batch: a whole number"),
        ({"positions": 0}, "--positions"),
        ({"quantiles": 1}, "--quantiles"),
        ({"device": "tpu"}, "--device"),
        ({"layers": ["nothing*"]}, "no layer fits"),
    ],
)
def test_options_without_meaning_are_told(network, pictures, tmp_path, options, said):
    with pytest.raises(InputError, match=said):
        engine.extract(network, pictures, tmp_path / "s", **options)
    assert not (tmp_path / "s").exists()


def test_preprocessing_that_does_not_fit_is_told(network, pictures, tmp_path):
    from dataclasses import replace

    wrong = replace(network.preprocessing, size=(14, 14))
    with pytest.raises(InputError, match="does not fit the network's input"):
        in_this_process.run(network, pictures, tmp_path / "s", preprocessing=wrong)


def test_the_least_memory_is_told_and_works(network, pictures, tmp_path):
    with pytest.raises(InputError, match="--memory.*at least [0-9]+ MB") as raised:
        in_this_process.run(network, pictures, tmp_path / "s", memory=1000, limit=8)
    least = int(re.search("at least ([0-9]+) MB", str(raised.value))[1])
    memory = (least + 50) * 10**6  # this process may have grown
    report = in_this_process.run(network, pictures, tmp_path / "s", memory=memory, limit=8)
    assert report.memory == memory


def test_no_layer_at_all_is_refused(network, pictures, tmp_path):
    with pytest.raises(InputError, match="no layer"):
        engine.extract(network, pictures, tmp_path / "s", layers=[])


def test_a_study_continued_with_another_onnx_runtime_says_so(network, pictures, tmp_path):
    with mock.patch.object(Runtime, "version", "1.0"):
        in_this_process.run(network, pictures, tmp_path / "s", limit=8)
    header = json.loads((tmp_path / "s" / "study.json").read_text())
    del header["report"]
    (tmp_path / "s" / "study.json").write_text(json.dumps(header))
    report = in_this_process.run(network, pictures, tmp_path / "s", limit=8)
    assert any("begun with ONNX Runtime 1.0, continued with" in note for note in report.notes)


def test_bfloat16_layers_are_kept_as_numbers(pictures, tmp_path):
    weights = {"w": np.random.default_rng(0).standard_normal((2, 3, 1, 1)).astype(np.float32)}
    path = models.save(
        tmp_path / "b.onnx",
        [
            helper.make_node("Conv", ["x", "w"], ["c"], "conv"),
            helper.make_node("Cast", ["c"], ["b"], to=TensorProto.BFLOAT16),
            helper.make_node("Concat", ["b", "b"], ["d"], "twice", axis=1),
            helper.make_node("Cast", ["d"], ["y"], to=TensorProto.FLOAT),
        ],
        weights,
        inputs=[("x", TensorProto.FLOAT, ["N", 3, 12, 12])],
        outputs=[("y", TensorProto.FLOAT, None)],
    )
    in_this_process.run(open_small(path), pictures, tmp_path / "s", policy="full", dtype="float32")
    with engine.open_study(tmp_path / "s") as study:
        conv, twice = study.activations("conv")[:], study.activations("twice")[:]
    np.testing.assert_allclose(twice[:, :2], conv, rtol=2**-8)  # bfloat16 has 8 bits
    assert (twice[:, :2] != conv).any() and (twice[:, 2:] == twice[:, :2]).all()
