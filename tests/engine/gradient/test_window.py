"""Windows give what dense matrices give, touch only receptive fields, and are chosen by cost."""

import numpy as np
import pytest

from engine.errors import InputError
from engine.gradient import window
from engine.gradient.chain import chain_to
from engine.kernels.top_units import groups, top_units
from engine.network.graph import Graph
from tests.engine.network.building import DirectRunner, model, node, saved, weight
from tests.reference import attribution as reference

NETWORKS = {
    "plain": [("conv", 4, 3, 1, 1), ("relu",), ("conv", 5, 3, 1, 1), ("relu",), ("pool", 2, 2, 0)],
    "few channels, deep": [
        ("conv", 3, 5, 2, 2),
        ("leaky", 0.2),
        ("pool", 3, 2, 1),
        ("conv", 6, 3, 1, 0),
        ("clip", 2.0),
    ],
    "groups and dilation": [
        ("conv", 4, 3, 1, 1),
        ("relu",),
        ("conv", 4, 3, 1, 2, {"group": 2, "dilations": [2, 2]}),
        ("relu",),
        ("conv", 4, 3, 1, 1, {"group": 4}),
    ],
    "norms": [("conv", 4, 3, 1, 1), ("norm",), ("relu",), ("scale",), ("conv", 3, 3, 2, 1)],
}


class Made:
    """A chain as ONNX, as dense steps, and with its forward pass."""

    def __init__(self, plan, folder, size=(17, 19), seed=0):
        self.random = np.random.default_rng(seed)
        self.shape = (2, *size)
        self.nodes, self.constants, self.dense = [], {}, []
        shape, name = self.shape, "x"
        for place, step in enumerate(plan):
            shape = getattr(self, f"add_{step[0]}")(shape, name, f"t{place}", *step[1:])
            name = f"t{place}"
        self.tensor, self.end = name, shape
        proto = model(self.nodes, {"x": (1, *self.shape)}, name, self.constants)
        path = self.path = saved(proto, folder)
        self.x = self.random.normal(size=(1, *self.shape)).astype(np.float32)
        self.shapes = DirectRunner(path).probe(feeds={"x": self.x}).shapes
        self.chain = chain_to(Graph(proto, path), self.shapes, "x", name)
        values = reference.forward(self.dense, self.x)
        self.maps = {"x": self.x[0]}
        for place, made in enumerate(self.of):
            tensor = f"t{place}"
            self.maps[tensor] = values[made].reshape(self.shapes[tensor][1:]).astype(np.float32)

    @property
    def of(self):
        """For each node the number of dense steps up to it."""
        return range(1, len(self.dense) + 1)

    def add_conv(self, shape, source, name, filters, size, stride, padding, more=None):
        more = more or {}
        group, dilation = more.get("group", 1), more.get("dilations", [1])[0]
        weights = self.random.normal(size=(filters, shape[0] // group, size, size))
        self.constants[f"{name}w"] = weights.astype(np.float32)
        attributes = {"strides": [stride] * 2, "pads": [padding] * 4, **more}
        self.nodes.append(node("Conv", f"{source} {name}w", name, **attributes))
        wide = np.zeros((filters, shape[0], *[(size - 1) * dilation + 1] * 2))
        per = filters // group
        for g in range(group):
            channels = slice(g * (shape[0] // group), (g + 1) * (shape[0] // group))
            rows = slice(g * per, (g + 1) * per)
            wide[rows, channels, ::dilation, ::dilation] = self.constants[f"{name}w"][rows]
        matrix, out = reference.convolution_matrix(wide, shape, stride, padding)
        self.dense.append(("linear", matrix, np.zeros(len(matrix))))
        return out

    def add_relu(self, shape, source, name):
        self.nodes.append(node("Relu", source, name))
        self.dense.append(("relu",))
        return shape

    def add_leaky(self, shape, source, name, slope):
        self.nodes.append(node("LeakyRelu", source, name, alpha=slope))
        self.dense.append(("leaky", slope))
        return shape

    def add_clip(self, shape, source, name, most):
        self.constants |= {"zero": np.float32(0), "most": np.float32(most)}
        self.nodes.append(node("Clip", f"{source} zero most", name))
        self.dense.append(("clip", most))
        return shape

    def add_pool(self, shape, source, name, size, stride, padding):
        attributes = {"kernel_shape": [size] * 2, "strides": [stride] * 2, "pads": [padding] * 4}
        self.nodes.append(node("MaxPool", source, name, **attributes))
        windows, out = reference.pool_windows(shape, size, stride, padding)
        self.dense.append(("maxpool", windows))
        return out

    def add_norm(self, shape, source, name):
        keys = ("gain", "shift", "mean", "variance")
        values = dict(zip(keys, np.abs(self.random.normal(size=(4, shape[0]))) + 0.3, strict=True))
        self.constants |= {f"{name}{k}": v.astype(np.float32) for k, v in values.items()}
        inputs = " ".join([source, *(f"{name}{k}" for k in keys)])
        self.nodes.append(node("BatchNormalization", inputs, name, epsilon=1e-5))
        factor = values["gain"] / np.sqrt(values["variance"] + 1e-5)
        return self.add_diagonal(shape, factor, values["shift"] - values["mean"] * factor)

    def add_scale(self, shape, source, name):
        factor = self.random.normal(size=(shape[0], 1, 1)).astype(np.float32)
        self.constants[f"{name}k"] = factor
        self.nodes.append(node("Mul", f"{name}k {source}", name))
        return self.add_diagonal(shape, factor.ravel(), np.zeros(shape[0]))

    def add_diagonal(self, shape, factor, offset):
        size = shape[1] * shape[2]
        self.dense.append(("linear", np.diag(np.repeat(factor, size)), np.repeat(offset, size)))
        return shape

    def slow(self, seeds, method, group):
        """The dense picture of one group, float64[C, H, W]."""
        seed = np.zeros(self.end)
        chosen = seeds.group == group
        seed[tuple(seeds.units[chosen].T)] = seeds.values[chosen]
        back = reference.backward(self.dense, self.x, seed, method)[0]
        return back.reshape(self.shape)


@pytest.mark.parametrize("plan", NETWORKS)
@pytest.mark.parametrize("method", window.METHODS)
def test_windows_are_what_dense_matrices_give(plan, method, tmp_path):
    made = Made(NETWORKS[plan], tmp_path)
    seeds = window.strongest(made.chain, made.maps[made.tensor], 0.6)
    assert len(seeds) > 1
    found = window.project(made.chain, seeds, made.maps, method, threads=2)
    for i, (box, part) in enumerate(zip(found.box, found.values, strict=True)):
        slow = made.slow(seeds, method, i)
        inside = slow[:, box[0] : box[2], box[1] : box[3]].transpose(1, 2, 0)
        scale = np.abs(slow).max() + 1e-12
        np.testing.assert_allclose(part, inside, atol=1e-5 * scale)
        slow[:, box[0] : box[2], box[1] : box[3]] = 0
        assert not slow.any()


def test_pictures_of_a_channel_add_up(tmp_path):
    made = Made(NETWORKS["plain"], tmp_path)
    seeds = window.strongest(made.chain, made.maps[made.tensor], 0.7)
    found = window.project(made.chain, seeds, made.maps, "deconvnet")
    whole = found.whole(made.shape, channel=1)
    of_one = [i for i in range(len(seeds)) if found.channel[i] == 1]
    slow = sum(made.slow(seeds, "deconvnet", i) for i in of_one)
    np.testing.assert_allclose(whole, slow, atol=1e-4 * np.abs(slow).max())
    everything = sum(made.slow(seeds, "deconvnet", i) for i in range(len(seeds)))
    np.testing.assert_allclose(found.whole(made.shape), everything, atol=1e-4)


def test_many_groups_go_in_chunks_with_the_same_result(tmp_path, monkeypatch):
    made = Made(NETWORKS["plain"], tmp_path)
    seeds = window.strongest(made.chain, made.maps[made.tensor], 0.6)
    whole = window.project(made.chain, seeds, made.maps, "guided")
    monkeypatch.setattr(window, "CHUNK_BYTES", 3000)
    parts = window.project(made.chain, seeds, made.maps, "guided", threads=3)
    for a, b in zip(whole.values, parts.values, strict=True):
        assert np.array_equal(a, b)


def test_switches_can_be_given_and_ties_take_the_first(tmp_path):
    made = Made([("pool", 2, 2, 0)], tmp_path, size=(4, 4))
    flat = {"x": np.ones((2, 4, 4), np.float32)}
    switches = window.switches_of(made.chain, flat)
    assert not switches["x"].any()
    seeds = window.Seeds(np.array([[1, 1, 0]]), np.array([3.0], np.float32), np.array([0]))
    other = {"x": np.full((2, 2, 2), 3, np.int16)}
    for given, place in ((None, (1, 2, 0)), (other, (1, 3, 1))):
        found = window.project(made.chain, seeds, flat, "gradient", switches=given)
        whole = found.whole(made.shape)
        assert whole[place] == 3 and np.count_nonzero(whole) == 1


def test_chosen_units():
    maps = np.array([[[0, 1, 0.99], [0.5, 0.97, 1]], [[-1, -2, -3], [-4, -5, -6]]], np.float32)
    maps[0, 0, 0] = np.nan
    units, maxima = top_units(maps, 0.98)
    assert units.tolist() == [[0, 0, 1], [0, 0, 2], [0, 1, 2]]
    assert maxima.tolist() == [1, -1]
    assert top_units(maps, 0.98, most=2)[0].tolist() == units[:2].tolist()
    large = np.random.default_rng(0).random((3, 70, 41)).astype(np.float32)
    slow = np.argwhere(large >= np.float32(0.9) * large.max((1, 2), keepdims=True))
    assert np.array_equal(top_units(large, 0.9)[0], slow)


def test_groups_are_connected_boxes_of_one_channel():
    boxes = np.array([[0, 0, 2, 2], [5, 5, 7, 7], [1, 1, 6, 6], [9, 9, 10, 10], [0, 0, 9, 9]])
    assert groups(np.array([0, 0, 0, 0, 1]), boxes).tolist() == [0, 0, 0, 1, 2]


def test_what_is_no_chain_says_why(tmp_path):
    nodes = [node("Conv", "x w", "a"), node("Sigmoid", "a", "b"), node("Add", "a b", "y")]
    proto = model(nodes, {"x": (1, 2, 5, 5)}, "y", {"w": weight(2, 2, 3, 3)})
    graph = Graph(proto, saved(proto, tmp_path))
    shapes = {"x": (1, 2, 5, 5), **dict.fromkeys("aby", (1, 2, 3, 3))}
    assert "Sigmoid" in chain_to(graph, shapes, "x", "b")
    assert "Add" in chain_to(graph, shapes, "x", "y")
    assert chain_to(graph, shapes, "x", "a").tensor == "a"


def test_small_windows_cost_less_than_the_graph_and_large_ones_more(tmp_path):
    plan = [("conv", 8, 3, 1, 1), ("relu",)] * 2
    made = Made(plan, tmp_path, size=(12, 12))
    one = window.Seeds(np.array([[0, 5, 5]]), np.ones(1, np.float32), np.zeros(1, np.int64))
    assert window.seconds(made.chain, one) < window.seconds_of_graph(made.chain, one)
    everywhere = np.argwhere(np.ones((8, 12, 12)))
    group = np.arange(len(everywhere))
    many = window.Seeds(everywhere, np.ones(len(group), np.float32), group)
    assert window.seconds(made.chain, many) > window.seconds_of_graph(made.chain, many)
    with pytest.raises(InputError, match="lrp"):
        window.project(made.chain, one, made.maps, "lrp")
