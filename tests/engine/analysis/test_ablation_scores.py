"""Scores of a sample without filters equal those of the channel set in NumPy and run on from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analysis.ablation import Ablation
from engine.errors import InputError
from engine.network.network import open_network
from engine.run.runner import Runner
from tests.engine.analysis import ablated
from tests.engine.network.building import saved
from tests.reference.ablation import scores_without


class Opened:
    """A network in a child process, with a data set that has no samples to read."""

    def __init__(self, path):
        self.network = open_network(path)
        self.runner = Runner(path, device="cpu", threads=1)
        self.ablation = Ablation(self.network, self.runner, Nothing(), np.zeros(4, np.int32))

    def picture(self, seed=0):
        """A random input of the network."""
        random = np.random.default_rng(seed).random(self.network.input_shape)
        if self.network.input_dtype.startswith("float"):
            return (random * 2 - 0.5).astype(self.network.input_dtype)
        return (random * 255).astype(self.network.input_dtype)

    def check(self, off, seed=0, by="zero", tolerance=1e-5):
        """Compare, relative to the largest score; returns ours."""
        picture = self.picture(seed)
        values = None
        if by == "mean":
            values = {layer: self.ablation.means(layer) for layer in off}
        expected = scores_without(self.network, self.network.feeds_for(picture), off, values)[0]
        found = self.ablation.scores(picture, off, by)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, 0, tolerance * np.abs(expected).max())
        assert found.argmax() == expected.argmax()
        return found


class Nothing:
    """Stands for a data set where only one picture is looked at."""

    kind, path, labels, classes, class_origin = "npz", "nothing", None, None, None

    def __len__(self):
        return 4


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A function from a network's name to it, `Opened` once."""
    found = {}

    def open_(name):
        if name not in found:
            path = saved(ablated.NETWORKS[name](), tmp_path_factory.mktemp(name))
            found[name] = Opened(path)
        return found[name]

    yield open_
    for each in found.values():
        each.runner.close()


@pytest.mark.parametrize("name", ablated.NETWORKS)
def test_every_layer_of_every_kind_of_network(opened, name):
    one = opened(name)
    for layer in one.network.layers:
        channels = layer.output_shape[0]
        if layer.channel_axis is None:
            with pytest.raises(InputError, match="no channels to switch off"):
                one.ablation.scores(one.picture(), {layer.name: (0,)})
            continue
        one.ablation._means[layer.name] = np.linspace(-1, 2, channels)
        one.check({layer.name: (0, channels - 1)})
        one.check({layer.name: (channels // 2,)}, by="mean")


@given(st.data())
@settings(max_examples=12)
def test_any_filters_of_any_layers(opened, data):
    one = opened("residual")
    off = {
        layer.name: data.draw(st.sets(st.integers(0, layer.output_shape[0] - 1), max_size=4))
        for layer in one.network.layers
    }
    one.check(off, seed=data.draw(st.integers(0, 3)))


def test_a_dead_filter_changes_no_bit(opened):
    one = opened("chain")
    for seed in range(4):
        picture = one.picture(seed)
        same = one.ablation.scores(picture, {"one": (2,)})
        assert np.array_equal(same, one.ablation.scores(picture, {"one": ()}))
        assert not np.array_equal(same, one.ablation.scores(picture, {"one": (1,)}))


def test_nan_and_infinity_leave_no_trace(tmp_path):
    one = Opened(saved(ablated.not_finite(), tmp_path))
    with one.runner:
        picture = one.picture()
        assert np.isnan(one.ablation.scores(picture, {})).all()
        assert not np.isfinite(one.ablation.scores(picture, {"one": (1,)})).any()
        found = one.check({"one": (1, 2)})
        assert np.isfinite(found).all()
        one.ablation._means["one"] = np.full(4, 0.25)
        assert np.isfinite(one.check({"one": (1, 2)}, by="mean")).all()


def test_an_old_operator_set_without_where(tmp_path):
    one = Opened(saved(ablated.residual(opset=8), tmp_path))
    with one.runner:
        one.check({"stem": (0, 3), "sum": (2,)})


def test_a_fixed_batch(tmp_path):
    one = Opened(saved(ablated.chain(batch=3), tmp_path))
    with one.runner:
        one.check({"one": (0, 3)})
        picture = one.picture()[0]
        assert np.array_equal(
            one.ablation.scores(picture, {"one": (1,)}),
            one.ablation.scores(one.picture()[:1], {"one": (1,)}),
        )


def test_what_lies_before_runs_once_for_a_picture(opened, monkeypatch):
    one = opened("residual")
    picture, runs = one.picture(7), []
    asked = one.runner.ask

    def counted(op, arrays=None, **arguments):
        if op == "compute":
            runs.append(arguments["keep"])
        return asked(op, arrays, **arguments)

    monkeypatch.setattr(one.runner, "ask", counted)
    for channel in range(3):
        one.ablation.scores(picture, {"left": (channel,)})
    assert [bool(keep) for keep in runs] == [True, False, False, False]
    one.ablation.scores(picture + 1, {"left": (0,)})
    assert bool(runs[4])


def test_what_is_wrong_is_said(opened):
    one = opened("chain")
    picture = one.picture()
    for off, words in (
        ({"one": (6,)}, "has no channel 6"),
        ({"one": (-1,)}, "has no channel -1"),
        ({"on": (1,)}, "no layer 'on'"),
    ):
        with pytest.raises(InputError, match=words):
            one.ablation.scores(picture, off)
    with pytest.raises(InputError, match="by zero or mean"):
        one.ablation.scores(picture, {"one": (1,)}, by="noise")
    with pytest.raises(InputError, match="does not fit"):
        one.ablation.scores(picture[..., :4], {"one": (1,)})


SHARED = (
    "cifar10_resnet20_ts13",
    "cifar10_resnet8_int8_mlperf_tf2onnx",
    "mnist-8_cntk",
    "vit_mnist_op17",
    "vww_mobilenetv1_025_tf2onnx",
    "tinyvgg10_tf2onnx",
    "digits_sklearn_mlp_zipmap",
)


@pytest.mark.parametrize("name", SHARED)
def test_real_networks(shared_models, name):
    one = Opened(shared_models / f"{name}.onnx")
    with one.runner:
        layers = one.network.layers
        for place in sorted({0, len(layers) // 2, len(layers) - 2}):
            layer = layers[place]
            count = layer.output_shape[0]
            one.ablation._means[layer.name] = np.full(count, 0.7)
            one.check({layer.name: (0, count // 2)})
            one.check({layer.name: (0, count // 2)}, by="mean")
