"""Importance against a slow second implementation, its classes, samples, measures and refusals."""

import numpy as np
import pytest
from onnx import TensorProto, helper

import engine
from engine.analysis import weighing
from engine.analysis.importance import MEASURES
from engine.attribution.explainer import Explainer
from engine.errors import Cancelled, InputError
from engine.run.runner import Runner
from engine.tasks import Task
from tests.engine.gradient.networks import saved, weights
from tests.reference import weights as slow

COUNT = 11
W1, B1 = weights(3, 1, 3, 3, seed=1), weights(3, seed=2) * 0.1
W2, B2 = weights(4, 3, 3, 3, seed=3), weights(4, seed=4) * 0.1
W3, B3 = weights(5, 64, seed=5), weights(5, seed=6) * 0.1
CHAIN = [
    ("conv", W1, B1, 1),
    ("relu",),
    ("maxpool", 2),
    ("conv", W2, B2, 1),
    ("relu",),
    ("flatten",),
    ("dense", W3, B3),
]
PLACES = {"conv1": 0, "conv2": 3, "fc": 6}


def chain_network(path, *, batch="N", end="Softmax", classes=5):
    """`CHAIN` as a file; with one class its score is one number for two classes.

    A batch of None: its input has no axis for one.
    """
    constants = {"w1": W1, "b1": B1, "w2": W2, "b2": B2, "w3": W3[:classes], "b3": B3[:classes]}
    last = "l" if end else "y"
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["c1"], "conv1", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c1"], ["r1"], "relu1"),
        helper.make_node("MaxPool", ["r1"], ["p1"], "pool1", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["p1", "w2", "b2"], ["c2"], "conv2", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c2"], ["r2"], "relu2"),
        helper.make_node("Flatten", ["r2"], ["f"], "flatten"),
        helper.make_node("Gemm", ["f", "w3", "b3"], [last], "fc", transB=1),
    ]
    if end:
        nodes.append(helper.make_node(end, ["l"], ["y"], "end"))
    shape = [batch, 1, 8, 8]
    if batch is None:
        shape, batch = [1, 8, 8], 1
        constants["first"] = np.array([0])
        nodes[0].input[0] = "u"
        nodes.insert(0, helper.make_node("Unsqueeze", ["x", "first"], ["u"], "unsqueeze"))
    inputs = [("x", TensorProto.FLOAT, shape)]
    return saved(path, nodes, inputs, [("y", TensorProto.FLOAT, [batch, classes])], constants)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("importance")


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(0, 256, (COUNT, 8, 8), np.uint8)


@pytest.fixture(scope="module")
def data(folder, pictures):
    labels = np.array([0, 1, 2, 3, 4, 0, 1, 2, 0, -1, -1])
    np.savez(folder / "data.npz", images=pictures)
    return engine.open_data(folder / "data.npz", labels=labels)


@pytest.fixture(scope="module")
def explainer(folder):
    yield from opened(chain_network(folder / "chain.onnx"))


def opened(path):
    network = engine.open_network(path, preprocess={"preset": "zero-one"})
    with Runner(network.path, device="cpu", threads=1) as runner:
        yield Explainer(network, runner)


def inputs(pictures):
    return pictures[:, None].astype(np.float64) / 255


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_as_the_slow_implementation(explainer, data, pictures, norm):
    found = engine.importance(explainer.network, data, norm=norm, explainer=explainer)
    expected = slow.importance(CHAIN, inputs(pictures), data.labels, norm)
    assert list(found.values) == list(PLACES)
    for layer, place in PLACES.items():
        assert found.values[layer].dtype == np.float64
        assert np.allclose(found.values[layer], expected[place], rtol=2e-5, atol=1e-7), layer
    assert found.samples == COUNT and found.labelled == 9 and found.predicted == 2
    assert list(found.classes[:9]) == [0, 1, 2, 3, 4, 0, 1, 2, 0]
    scores = [slow.run(CHAIN, x)[-1] for x in inputs(pictures)[9:]]
    assert list(found.classes[9:]) == [int(each.argmax()) for each in scores]
    assert "(9 by their label, 2 by their prediction)" in found.words
    assert found.notes[-1] == "the score is that before the softmax"


def test_of_a_class_over_its_samples(explainer, data, pictures):
    found = engine.importance(
        explainer.network, data, "conv2", of_class=0, explainer=explainer, per_sample=True
    )
    chosen = [0, 5, 8]
    expected = slow.importance(CHAIN, inputs(pictures)[chosen], [0, 0, 0], "l2")
    assert np.allclose(found.values["conv2"], expected[3], rtol=2e-5)
    assert list(found.indices) == chosen and found.samples == 3
    each = found.per_sample["conv2"]
    assert each.shape == (3, 4) and np.allclose(each.mean(0), found.values["conv2"])
    assert found.nbytes == 4 * 8 + 3 * 4 * 4 + 2 * 3 * 8
    assert "score of class 0" in found.words and "3 samples labelled 0" in found.words


def test_chosen_samples_and_other_labels(explainer, data, pictures):
    samples = [7, 3, 3, 10]
    labels = np.full(COUNT, 2)
    found = engine.importance(
        explainer.network, data, "conv1", samples=samples, labels=labels, explainer=explainer
    )
    expected = slow.importance(CHAIN, inputs(pictures)[[3, 7, 10]], [2, 2, 2], "l2")
    assert list(found.indices) == [3, 7, 10]  # each once
    assert np.allclose(found.values["conv1"], expected[0], rtol=2e-5)


def test_a_label_that_is_no_class_of_the_network_is_none(explainer, data):
    labels = np.where(data.labels == 0, 7, data.labels)
    found = engine.importance(explainer.network, data, "conv1", labels=labels, explainer=explainer)
    assert found.labelled == 6 and found.predicted == 5 and found.classes.max() < 5


def test_labels_are_made_to_fit_the_scores(explainer, folder, pictures):
    np.savez(folder / "moved.npz", images=pictures)
    moved = engine.open_data(folder / "moved.npz", labels=[1, 2, 3, 4, 5, 1, 2, 3, 1, 5, 5])
    found = engine.importance(explainer.network, moved, "conv1", of_class=0, explainer=explainer)
    assert list(found.indices) == [0, 5, 8]
    assert any("the labels count from 1 to 5" in note for note in found.notes)


def test_batches_change_nothing(explainer, data, monkeypatch):
    whole = engine.importance(explainer.network, data, explainer=explainer)
    monkeypatch.setattr(weighing, "MOST_TOGETHER", 3)
    parts = engine.importance(explainer.network, data, explainer=explainer)
    for layer in PLACES:
        assert np.allclose(whole.values[layer], parts.values[layer], rtol=1e-5)
    assert list(whole.indices) == list(parts.indices)


def test_activity_and_activation_x_gradient(explainer, data, pictures):
    classes = engine.importance(explainer.network, data, "fc", explainer=explainer).classes
    values = [slow.run(CHAIN, x) for x in inputs(pictures)]
    maps = np.array([each[5] for each in values]).reshape(COUNT, 4, -1)
    expected = {"activation-mean": maps.mean(2), "activation-max": maps.max(2)}
    # by hand: the slope of score k by the flattened activation is a row of the last layer
    slopes = W3[classes].astype(float).reshape(COUNT, 4, -1)
    expected["gradient-x-activation"] = np.abs((slopes * maps).sum(2))
    for measure, numbers in expected.items():
        found = engine.importance(
            explainer.network, data, "conv2", measure=measure, explainer=explainer
        )
        assert np.allclose(found.values["conv2"], numbers.mean(0), rtol=2e-5), measure
        assert found.measure == measure and found.samples == COUNT
    pool = engine.importance(
        explainer.network, data, "pool1", measure="activation-max", explainer=explainer
    )
    assert pool.values["pool1"].shape == (3,)  # layers without weights have activity


def test_activation_x_gradient_is_what_switching_off_does(folder, data, pictures):
    """Of the last layer but one the score is linear: first order is all there is."""
    for explainer in opened(chain_network(folder / "linear.onnx", end=None)):
        found = engine.importance(
            explainer.network,
            data,
            "conv2",
            measure="gradient-x-activation",
            explainer=explainer,
            per_sample=True,
        )
    for place, x in enumerate(inputs(pictures)):
        entered = slow.run(CHAIN, x)[5].reshape(4, -1)
        row = W3[found.classes[place]].astype(float).reshape(4, -1)
        moved = [abs((row[c] * entered[c]).sum()) for c in range(4)]
        assert np.allclose(found.per_sample["conv2"][place], moved, rtol=2e-5, atol=1e-6)


def test_a_score_for_two_classes(folder, data, pictures):
    """The class decides the sign alone, so norms are those of the one score."""
    expected = slow.importance([*CHAIN[:-1], ("dense", W3[:1], B3[:1])], inputs(pictures),
                               [0] * COUNT, "l2")  # fmt: skip
    labels = np.array([0, 1] * 5 + [-1])
    for explainer in opened(chain_network(folder / "binary.onnx", end=None, classes=1)):
        assert explainer.network.scores.binary
        for of_class in (None, 0, 1):
            found = engine.importance(
                explainer.network, data, "conv1", of_class=of_class, labels=labels,
                explainer=explainer, per_sample=True,
            )  # fmt: skip
            if of_class is None:
                assert np.allclose(found.values["conv1"], expected[0], rtol=2e-5)
                score = slow.run([*CHAIN[:-1], ("dense", W3[:1], B3[:1])], inputs(pictures)[10])
                assert found.classes[10] == int(score[-1][0] > 0)
            else:
                assert found.samples == 5 and set(found.classes) == {of_class}


@pytest.mark.parametrize("batch", [1, 4, None])
def test_a_fixed_batch(folder, data, explainer, batch):
    expected = engine.importance(explainer.network, data, explainer=explainer)
    for fixed in opened(chain_network(folder / f"fixed{batch}.onnx", batch=batch)):
        found = engine.importance(fixed.network, data, explainer=fixed)
    for layer in PLACES:
        assert np.allclose(found.values[layer], expected.values[layer], rtol=1e-4), layer
    assert np.array_equal(found.classes, expected.classes)


def test_broken_samples_are_counted_and_left_out(folder, pictures, explainer):
    from PIL import Image

    place = folder / "files"
    place.mkdir()
    for number, picture in enumerate(pictures[:5]):
        Image.fromarray(picture).save(place / f"{number}.png")
    (place / "2.png").write_bytes((place / "2.png").read_bytes()[:60])
    files = engine.open_data(place)
    found = engine.importance(
        explainer.network, files, "conv2", labels=[0, 1, 2, 3, 4], explainer=explainer
    )
    expected = slow.importance(CHAIN, inputs(pictures)[[0, 1, 3, 4]], [0, 1, 3, 4], "l2")
    assert found.samples == 4 and list(found.indices) == [0, 1, 3, 4]
    assert [(index, name) for index, name, _ in found.skipped] == [(2, "2.png")]
    assert np.allclose(found.values["conv2"], expected[3], rtol=2e-5)
    with pytest.raises(InputError, match="none of the 1 samples can be read; 2.png"):
        engine.importance(explainer.network, files, "conv2", samples=[2], explainer=explainer)


def test_numbers_that_are_not_finite_are_said(folder, explainer):
    images = np.zeros((3, 8, 8), np.float32)
    images[1] = np.inf
    np.savez(folder / "infinite.npz", images=images)
    data = engine.open_data(folder / "infinite.npz")
    found = engine.importance(explainer.network, data, "conv1", explainer=explainer)
    assert found.not_finite == {"conv1": 1} and not np.isfinite(found.values["conv1"]).all()


def test_progress_and_cancel(explainer, data, monkeypatch):
    monkeypatch.setattr(weighing, "MOST_TOGETHER", 2)
    told = []
    task = Task("importance", on_progress=told.append)
    engine.importance(explainer.network, data, "conv1", explainer=explainer, task=task)
    steps = [each.done for each in told if each.what == "importance"]
    assert steps == sorted(steps) and steps[-1] == COUNT and len(steps) >= 5
    stopped = Task("importance", on_progress=lambda each: stopped.cancel())
    with pytest.raises(Cancelled):
        engine.importance(explainer.network, data, "conv1", explainer=explainer, task=stopped)
    again = engine.importance(explainer.network, data, "conv1", explainer=explainer)
    assert again.samples == COUNT


def test_the_graph_is_built_once_for_all_classes(explainer, data):
    made = []

    def graph(key, make):
        return type(explainer).graph(explainer, key, lambda: made.append(key) or make())

    explainer.graph = graph
    for of_class in (0, 1, 2, None):
        engine.importance(
            explainer.network, data, ["conv2", "fc"], of_class=of_class, explainer=explainer
        )
    del explainer.graph
    assert len(made) == 1


REFUSED = [
    ({"layers": "pool1"}, "'pool1' \\(pool\\) has no filters"),
    ({"layers": "conv9"}, "no layer 'conv9'"),
    ({"of_class": 5}, "there is no class 5.*expected 0 to 4"),
    ({"of_class": 4, "samples": [0, 1]}, "none of the 2 samples is labelled 4"),
    ({"norm": "l3"}, "--norm: one of l1, l2, max"),
    ({"measure": "beauty"}, "--measure: one of gradient"),
    ({"samples": [11]}, "there are 11 samples, counted from 0"),
    ({"samples": []}, "no sample to measure with"),
    ({"labels": [1, 2]}, "2 labels for 11 samples"),
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED)
def test_what_is_refused(explainer, data, given, sentence):
    given = {"layers": "conv1"} | given
    with pytest.raises(InputError, match=sentence):
        engine.importance(explainer.network, data, explainer=explainer, **given)


def test_a_class_needs_labels(explainer, folder, pictures):
    np.savez(folder / "plain.npz", images=pictures)
    data = engine.open_data(folder / "plain.npz")
    with pytest.raises(InputError, match="no labels, which a class needs"):
        engine.importance(explainer.network, data, "conv1", of_class=1, explainer=explainer)


@pytest.mark.parametrize("measure", MEASURES)
def test_real_networks(shared_models, measure, tmp_path):
    """Quantised, residual, attention, last-axis: numbers for every filter, none negative."""
    names = ("cifar10_resnet8_int8_mlperf_tf2onnx", "vit_mnist_op17")
    for name in names:
        network = engine.open_network(shared_models / f"{name}.onnx")
        size = network.preprocessing.size
        shape = (3, *size, 3) if network.preprocessing.channel_count == 3 else (3, *size)
        images = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
        data = _opened(tmp_path / f"{name}.npz", images)
        found = engine.importance(network, data, measure=measure)
        assert len(found.values) >= 8
        for layer, values in found.values.items():
            assert np.isfinite(values).all() and (values >= 0).all(), layer
        quantised = any("quantised" in each for each in found.notes)
        assert quantised == ("int8" in name)


def _opened(path, images):
    np.savez(path, images=images)
    return engine.open_data(path)
