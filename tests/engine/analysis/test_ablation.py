"""Error rates without filters equal a plain loop; curves and tables are these rates."""

import contextlib
import threading

import numpy as np
import onnxruntime
import pytest
from PIL import Image

import engine
from engine.analysis.ablation import Ablation
from engine.errors import Cancelled, InputError
from engine.network.network import open_network
from engine.run.runner import Runner
from engine.tasks import Task
from tests.engine.analysis import ablated
from tests.engine.network.building import saved
from tests.reference.ablation import scores_without

SAMPLES = 150
OFF = {"one": (0, 3), "two": (1,)}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small network and pictures with labels, two thirds of which it predicts."""
    folder = tmp_path_factory.mktemp("ablation")
    network = open_network(saved(ablated.chain(), folder), preprocess={"preset": "zero-one"})
    random = np.random.default_rng(3)
    images = random.integers(0, 256, (SAMPLES, 8, 8, 3), dtype=np.uint8)
    session = onnxruntime.InferenceSession(network.path, providers=["CPUExecutionProvider"])
    inputs = network.preprocessing.batch(images)
    predicted = session.run(None, {"x": inputs})[0].argmax(1)
    labels = np.where(random.random(SAMPLES) < 0.67, predicted, random.integers(0, 5, SAMPLES))
    labels[::10] = -1
    np.savez(folder / "data.npz", images=images, labels=labels)
    data = engine.open_data(folder / "data.npz")
    assert (data.labels == labels).all()
    with Runner(network.path, device="cpu", threads=2) as runner:
        yield network, data, runner, inputs, predicted


@pytest.fixture
def ablation(made):
    network, data, runner, _, _ = made
    return Ablation(network, runner, data, batch=8)


def plain(made, off, values=None):
    """Predicted classes by the slow way."""
    network, _, _, inputs, _ = made
    return scores_without(network, network.feeds_for(inputs), off, values).argmax(1)


def check_rates(rates, predicted, labels):
    """Counted by hand, a sample at a time."""
    known = [(p, k) for p, k in zip(predicted, labels, strict=True) if k >= 0]
    assert rates.samples == rates.of == len(known)
    assert rates.wrong == sum(p != k for p, k in known)
    assert rates.overall == rates.wrong / len(known)
    for number, rate, samples in rates.per_class:
        here = [p for p, k in known if k == number]
        assert samples == len(here)
        assert rate == pytest.approx(sum(p != number for p in here) / len(here))
        assert rates.of_class(number) == rate
    assert np.array_equal(rates.predicted, predicted)


def test_rates_equal_a_plain_loop(made, ablation):
    labels = made[1].labels
    check_rates(ablation.base(), made[4], labels)
    check_rates(ablation.rates(OFF), plain(made, OFF), labels)
    check_rates(ablation.rates({"one": (0,)}), plain(made, {"one": (0,)}), labels)
    assert ablation.rates({"one": ()}) is ablation.base()
    assert 0 < ablation.base().overall < ablation.rates(OFF).overall


def test_means_are_those_of_the_finite_values(made, ablation):
    network, _, _, inputs, _ = made
    values = {layer: ablation.means(layer) for layer in OFF}
    for name, found in values.items():
        session = onnxruntime.InferenceSession(exposed(network, network.layer(name).post))
        maps = session.run(None, {"x": inputs})[0].astype(float)
        np.testing.assert_allclose(found, maps.mean((0, 2, 3)), rtol=1e-6)
    rates = ablation.rates(OFF, by="mean")
    check_rates(rates, plain(made, OFF, values), made[1].labels)


def exposed(network, name):
    """The network's bytes with one more tensor as its only output."""
    from engine.network.load import read_model
    from engine.rewrite.expose import expose

    return expose(read_model(network.path), [name]).SerializeToString()


def test_what_is_not_finite_has_no_part_in_a_mean(tmp_path):
    network = open_network(saved(ablated.not_finite(), tmp_path), preprocess={"preset": "zero-one"})
    np.savez(tmp_path / "data.npz", images=np.zeros((6, 8, 8, 3), np.uint8), labels=[0] * 6)
    data = engine.open_data(tmp_path / "data.npz")
    with Runner(network.path, device="cpu", threads=1) as runner:
        means = Ablation(network, runner, data).means("one")
    np.testing.assert_allclose(means, [1, 0, 0, np.sqrt(2)], rtol=1e-6)


@pytest.mark.parametrize("memory", [0, 20_000, None])
def test_what_is_kept_changes_nothing(made, memory):
    network, data, runner, _, _ = made
    ablation = Ablation(network, runner, data, memory=memory, batch=8)
    for off in (OFF, {"two": (1,)}, OFF, {"one": (2,)}):
        assert np.array_equal(ablation.rates(off).predicted, plain(made, off))
    kept, words = ablation.survey.kept, ablation.survey.words
    assert kept == 0 if memory == 0 else kept == SAMPLES if memory is None else 0 < kept < SAMPLES
    assert words == "" if memory is None else f"kept for {kept} of 150 samples" in words


@pytest.mark.parametrize("parallel", [False, True])
def test_requests_of_a_single_run(made, monkeypatch, parallel):
    """A slow network does one set of filters a request; what crosses waits for the next."""
    from engine.run import survey

    monkeypatch.setattr(survey, "SLICE", 1e-9)
    network, data, runner, _, _ = made
    ablation = Ablation(network, runner, data, memory=0, batch=16)
    ablation.survey.parallel = parallel
    ablation.predictions([OFF])
    asked, requests = runner.ask, []

    def counted(op, arrays=None, **arguments):
        requests.append(arguments.get("runs"))
        return asked(op, arrays, **arguments)

    monkeypatch.setattr(runner, "ask", counted)
    sets = [{"one": (0,)}, {"one": (1, 2)}, {"one": (3,)}]
    found = ablation.predictions(sets)
    for predicted, off in zip(found, sets, strict=True):
        assert np.array_equal(predicted, plain(made, off))
    assert requests.count(1) >= 3 * (SAMPLES // 16 - 2) // (2 if parallel else 1)


def test_one_batch_after_the_other_gives_the_same(made):
    network, data, runner, _, _ = made
    ablation = Ablation(network, runner, data, batch=32)
    ablation.survey.parallel = False
    assert np.array_equal(ablation.rates(OFF).predicted, plain(made, OFF))


def test_a_curve_is_made_of_rates(made, ablation):
    importance = np.array([3.0, 1, np.nan, 5, 2, 4])
    curve = ablation.curve("one", importance, steps=20, of_class=2, randoms=4)
    assert curve.removed.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert np.array_equal(curve.share, curve.removed / 6)
    ascending = [2, 1, 4, 0, 5, 3]
    for line, order in ((curve.ascending, ascending), (curve.descending, ascending[::-1])):
        for place, count in enumerate(curve.removed):
            rates = ablation.rates({"one": order[:count]})
            assert line.overall[place] == rates.overall
            assert line.of_class[place] == rates.of_class(2)
    assert curve.samples == curve.of == (made[1].labels >= 0).sum()
    check_band(ablation, curve)


def check_band(ablation, curve):
    """The mean and t sqrt(1 + 1/R) s of four random orders, by hand."""
    from scipy import stats

    random = np.random.default_rng(0)
    orders = [random.permutation(6) for _ in range(4)]
    place = 3
    rates = [ablation.rates({"one": order[:place]}) for order in orders]
    for band, values in (
        ("overall", [each.overall for each in rates]),
        ("of_class", [each.of_class(2) for each in rates]),
    ):
        mean, far = np.mean(values), np.std(values, ddof=1) * np.sqrt(1 + 1 / 4)
        far *= stats.t(3).ppf(0.975)
        sides = (curve.random.mean, curve.random.low, curve.random.high)
        found = [getattr(side, band)[place] for side in sides]
        np.testing.assert_allclose(found, [mean, max(0, mean - far), min(1, mean + far)])


def test_a_curve_comes_bit_by_bit(ablation):
    seen = []
    curve = ablation.curve("two", np.arange(7.0), steps=3, randoms=0, partial=seen.append)
    assert curve.random is None and curve.ascending.of_class is None
    counts = [each.samples for each in seen]
    assert counts == sorted(counts) and 0 < counts[0] <= counts[-1] == curve.of
    assert np.array_equal(seen[-1].ascending.overall, curve.ascending.overall)


def test_the_table_removes_the_least_and_the_most(ablation):
    importance = {"one": [3.0, 1, 2, 5, np.nan, 4], "two": np.arange(7.0)[::-1]}
    rows = ablation.table(importance)
    assert [(row.layer, row.least, row.most) for row in rows] == [("one", 1, 3), ("two", 6, 0)]
    for row in rows:
        assert row.before is ablation.base()
        for rates, channel in ((row.without_least, row.least), (row.without_most, row.most)):
            again = ablation.rates({row.layer: (channel,)})
            assert rates.overall == again.overall and rates.per_class == again.per_class


def test_parts_are_said_and_are_of_the_whole(made, ablation):
    seen = []
    whole = ablation.rates(OFF, partial=seen.append)
    assert seen and seen[-1].samples == whole.samples
    for part in seen:
        assert part.of == whole.of and 0 < part.samples <= part.of
        run = part.predicted != -2
        assert np.array_equal(part.predicted[run], whole.predicted[run])


def test_a_cancel_is_heard_and_work_goes_on_after_it(ablation):
    task = Task()
    with pytest.raises(Cancelled):
        ablation.rates(OFF, task=task, partial=lambda rates: task.cancel())
    assert ablation.rates(OFF).samples


def test_cuts_by_turns_with_cancels_between(made):
    """Nothing that a cancelled evaluation has kept is taken for what enters another cut."""
    network, data, runner, _, _ = made
    ablation = Ablation(network, runner, data, batch=1)
    for turn, off in enumerate(({"one": (0,)}, {"two": (1,)}, OFF, {"two": (3,)}) * 2):
        task = Task()
        timer = threading.Timer(0.002 * turn, task.cancel)
        timer.start()
        with contextlib.suppress(Cancelled):
            ablation.rates(off, task=task)
        timer.join()
    for off in ({"two": (1,)}, {"one": (0,)}):
        assert np.array_equal(ablation.rates(off).predicted, plain(made, off))


def test_a_new_child_process_is_told_everything_again(made, ablation):
    before = ablation.rates(OFF)
    scores = ablation.scores(made[3][0], OFF)
    made[2].restart()
    assert np.array_equal(ablation.rates(OFF).predicted, before.predicted)
    assert np.array_equal(ablation.scores(made[3][0], OFF), scores)


def test_two_take_turns_on_one_child_process(made):
    network, data, runner, _, _ = made
    both = [Ablation(network, runner, data, samples=count, batch=8) for count in (40, 90)]
    for off in (OFF, {"two": (2,)}):
        for ablation, count in zip(both, (40, 90), strict=True):
            assert np.array_equal(ablation.rates(off).predicted, plain(made, off)[:count])


def test_a_sample_is_answered_while_the_data_are_evaluated(made, ablation):
    found = []
    expected = ablation.scores(made[3][0], OFF)
    parts = []

    def ask():
        found.append(ablation.scores(made[3][0], OFF))

    def meanwhile(rates):
        if not parts:
            thread = threading.Thread(target=ask)
            thread.start()
            thread.join(20)
        parts.append(rates)

    ablation.rates({"one": (1,)}, partial=meanwhile)
    assert len(found) == 1 and np.array_equal(found[0], expected)


def test_unreadable_samples_are_left_out_and_said(made, tmp_path):
    network, runner = made[0], made[2]
    random = np.random.default_rng(0)
    for label in range(5):
        (tmp_path / str(label)).mkdir()
        for place in range(4):
            picture = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(picture).save(tmp_path / str(label) / f"{place}.png")
    broken = tmp_path / "3" / "2.png"
    broken.write_bytes(broken.read_bytes()[:60])
    data = engine.open_data(tmp_path)
    rates = Ablation(network, runner, data).rates(OFF)
    assert rates.samples == 19 and rates.of == 20
    assert rates.predicted[14] == -2 and (np.delete(rates.predicted, 14) >= 0).all()
    assert [samples for _, _, samples in rates.per_class] == [4, 4, 4, 3, 4]
    assert len(rates.notes) == 1 and "2.png" in rates.notes[0]


def test_what_is_wrong_is_said(made, ablation):
    network, data, runner, _, _ = made
    with pytest.raises(InputError, match="no channel 6"):
        ablation.rates({"one": (6,)})
    with pytest.raises(InputError, match=r"no layer 'three_'"):
        ablation.check({"three_": (0,)})
    with pytest.raises(InputError, match="there is no class 5"):
        ablation.curve("one", np.arange(6), of_class=5)
    with pytest.raises(InputError, match="one importance for each filter"):
        ablation.curve("one", np.arange(5))
    with pytest.raises(InputError, match="at least two"):
        ablation.curve("one", np.arange(6), steps=1)
    with pytest.raises(InputError, match="finite"):
        ablation.table({"one": [np.nan] * 6})
    without = Ablation(network, runner, data, np.full(SAMPLES, -1))
    for ask in (without.base, lambda: without.rates(OFF), lambda: without.curve("one", range(6))):
        with pytest.raises(InputError, match="need labels"):
            ask()
    assert (without.predictions([OFF])[0] == plain(made, OFF)).all()
    few = Ablation(network, runner, data, np.zeros(SAMPLES, int))
    with pytest.raises(InputError, match="no sample is labelled 1"):
        few.curve("one", range(6), of_class=1)


def test_a_network_without_class_scores(made, tmp_path):
    from tests.engine.network.building import model, node, weight

    nodes = [node("Conv", "x w", "y", "one")]
    proto = model(nodes, {"x": ("N", 3, 8, 8)}, "y", {"w": weight(4, 3, 3, 3)})
    network = open_network(saved(proto, tmp_path))
    with pytest.raises(InputError, match="no class scores"):
        Ablation(network, made[2], made[1])


def test_digits_of_a_network_that_somebody_else_trained(shared_models, shared_data):
    """Keras, channels last: rates, and those of a curve, are those of plain ONNX Runtime."""
    network = open_network(shared_models / "mnist_tensorspace_keras_tf2onnx.onnx")
    data = engine.open_data(shared_data / "mnist" / "t10k-images-idx3-ubyte.gz", limit=300)
    inputs = network.preprocessing.batch(data.images(0, 300))
    layer = next(each for each in network.layers[1:] if each.kind == "conv")
    filters = layer.output_shape[0]
    with Runner(network.path, device="cpu", threads=1) as runner:
        ablation = Ablation(network, runner, data)
        assert ablation.base().overall < 0.03
        last_first = -np.arange(filters)
        curve = ablation.curve(layer.name, last_first, steps=4, of_class=7, randoms=0)
    for place, count in enumerate(curve.removed):
        off = {layer.name: range(filters - count, filters)}
        predicted = scores_without(network, network.feeds_for(inputs), off).argmax(1)
        wrong = predicted != data.labels
        assert curve.ascending.overall[place] == wrong.mean()
        assert curve.ascending.of_class[place] == wrong[data.labels == 7].mean()
    assert curve.ascending.overall[-1] > 0.5
