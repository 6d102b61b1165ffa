"""Methods beside slow ones, their settings, their refusals, and what they keep."""

import json

import numpy as np
import pytest

from engine.attribution.attribute import save
from engine.attribution.explainer import NOISE, Explainer
from engine.attribution.lrp.composites import composite_of
from engine.attribution.occlusion import discrepancies
from engine.attribution.pictures import plain_input
from engine.errors import InputError, MachineError
from engine.network.network import open_network
from engine.run.runner import Runner
from tests.engine.network.building import model, node, saved, weight
from tests.reference import attribution as reference


def scores_of(peer, picture):
    """The target's score of one picture, straight from the network."""
    x = np.asarray(picture, np.float32)
    found = peer.explainer.runner.run(
        {"x": x.reshape(1, *x.shape[-3:])}, [peer.network.scores.tensor]
    )
    return float(next(iter(found.values()))[0, int(peer.target.partition(":")[2])])


@pytest.mark.parametrize("fill", ["grey", "random"])
def test_occlusion(peers, fill):
    peer = peers("plain")
    found = peer.explainer.attribute(peer.x, "occlusion", peer.target, square=7, fill=fill, seed=3)
    assert found.settings["square"] == 7 and found.settings["step"] == 3
    cover = plain_input(peer.network, 128)[0]
    if fill == "random":
        low, high = (plain_input(peer.network, grey)[0].astype(float) for grey in (0, 255))
        cover = low + np.random.default_rng(3).random((1, *low.shape))[0] * (high - low)
        assert found.settings["seed"] == 3
    starts = sorted({*range(0, 18, 3), 17})
    total, count = np.zeros((24, 24)), np.zeros((24, 24))
    whole = scores_of(peer, peer.x)
    for top in starts:
        for left in starts:
            covered = peer.x[0].astype(float).copy()
            there = np.s_[:, top : top + 7, left : left + 7]
            covered[there] = cover[there]
            total[there[1:]] += whole - scores_of(peer, covered)
            count[there[1:]] += 1
    slow = total / count
    scale = np.abs(slow).max()
    assert np.allclose(found.values, np.broadcast_to(slow, (1, 3, 24, 24)), atol=1e-3 * scale)
    if fill == "grey":
        other = reference.occlusion(
            lambda x: scores_of(peer, x), peer.x[0].astype(float), 7, 3, cover[:, :7, :7]
        )
        assert np.allclose(other, slow, atol=1e-3 * scale)


def test_discrepancy_maps_of_units(peers):
    peer = peers("plain")
    maps = discrepancies(peer.explainer, peer.x, "n5", square=8, seed=1)
    assert maps.shape == (12, 24, 24) and maps.dtype == np.float32
    values = peer.explainer.runner.run({"x": peer.x}, ["n6"])["n6"][0]
    channel, row, column = np.unravel_index(values.argmax(), values.shape)
    found = peer.explainer.attribute(
        peer.x, "occlusion", f"n5:{channel}@{row},{column}", square=8, fill="random", seed=1
    )
    largest = np.abs(maps[channel]).max()
    assert largest > 0 and np.allclose(maps[channel], found.heat(), atol=1e-5 * largest)


def test_smoothgrad_is_the_mean_of_noisy_gradients_and_repeats(peers):
    peer = peers("residual")
    found = peer.explainer.attribute(peer.x, "smoothgrad", peer.target, steps=5, seed=4)
    deviation = NOISE * float(peer.x.max() - peer.x.min())
    slow = 0
    for place in range(5):
        noise = np.random.default_rng((4, place)).standard_normal(peer.x.shape[1:])
        noisy = (peer.x + deviation * noise[None]).astype(np.float32)
        slow = slow + peer.explainer.attribute(noisy, "gradient", peer.target).values / 5
    assert np.allclose(found.values, slow, atol=1e-5 * np.abs(slow).max())
    again = peer.explainer.attribute(peer.x, "smoothgrad", peer.target, steps=5, seed=4)
    other = peer.explainer.attribute(peer.x, "smoothgrad", peer.target, steps=5, seed=5)
    assert np.array_equal(found.values, again.values)
    assert not np.array_equal(found.values, other.values)


def test_top_units_start_with_their_activations(peers):
    peer = peers("residual")
    found = peer.explainer.attribute(peer.x, "gradient", "b0:2", top_units=0.9)
    assert "units of b0:2" in " ".join(found.notes) and found.settings == {"top_units": 0.9}
    lrp = peer.explainer.attribute(peer.x, "lrp", "b0:2", top_units=0.9, rule="epsilon")
    assert lrp.score == pytest.approx(found.score) and lrp.check.holds
    for method, target in (("smoothgrad", "b0:2"), ("gradient", "class:1"), ("guided", "b0:2@1,1")):
        with pytest.raises(InputError):
            peer.explainer.attribute(peer.x, method, target, top_units=0.9)


def test_relevance_of_every_layer_is_kept(peers, tmp_path):
    peer = peers("plain")
    found = peer.explainer.attribute(peer.x, "lrp", peer.target, keep="all", rule="z-plus")
    assert {"n0", "n2", "n5", "n4"} <= set(found.kept)
    absorbed = {each.node: each.absorbed for each in found.accounts}
    below = found.kept["n2"].sum() - absorbed["n2"]
    assert found.kept["n0"].sum() == pytest.approx(below, rel=1e-3, abs=1e-6)
    path = tmp_path / "out.h5"
    save(found, path)
    import h5py

    with h5py.File(path) as file:
        assert np.array_equal(file["values"], found.values)
        assert np.array_equal(file["layers/n2"], found.kept["n2"])
        assert json.loads(file.attrs["check"])["name"] == "conservation"
        assert len(file["accounts"]) == len(found.accounts)
    save(found, tmp_path / "out.npy")
    assert np.array_equal(np.load(tmp_path / "out.npy"), found.values)


def explained(nodes, constants, shape, tmp_path, runs, seed=0, output="y"):
    """Results of a network written by hand: ``runs`` are keywords of `Explainer.attribute`."""
    path = saved(model(nodes, {"x": ("N", *shape)}, output, constants), tmp_path)
    network = open_network(path)
    x = np.random.default_rng(seed).normal(size=(1, *shape)).astype(np.float32)
    with Runner(path, device="cpu", threads=1) as runner:
        explainer = Explainer(network, runner)
        return [explainer.attribute(x, **each) for each in runs]


def test_activations_that_deconvnet_is_not_defined_for(tmp_path):
    nodes = [
        node("Conv", "x w", "a"),
        node("Sigmoid", "a", "b", name="the_gate"),
        node("GlobalAveragePool", "b", "c"),
        node("Flatten", "c", "y"),
    ]
    for method in ("deconvnet", "guided"):
        with pytest.raises(InputError, match="the_gate"):
            explained(
                nodes,
                {"w": weight(4, 3, 3, 3)},
                (3, 8, 8),
                tmp_path,
                [{"method": method, "target": "class:1"}],
            )


def attention(tmp_path, rule):
    """Tokens, LayerNorm, attention of one head, a gated step, a residual sum."""
    size, tokens = 8, 6
    nodes = [
        node("Conv", "x w", "patches", strides=[2, 2]),
        node("Reshape", "patches shape", "rows"),
        node("Transpose", "rows", "tokens", perm=[0, 2, 1]),
        node("LayerNormalization", "tokens gain shift", "normed"),
        *(node("MatMul", f"normed {k}w", k) for k in "qkv"),
        node("Transpose", "k", "kt", perm=[0, 2, 1]),
        node("MatMul", "q kt", "products"),
        node("Softmax", "products", "weights"),
        node("MatMul", "weights v", "mixed"),
        node("Add", "mixed tokens", "sum"),
        node("Sigmoid", "sum", "gate"),
        node("Mul", "sum gate", "swished"),
        node("ReduceMean", "swished", "mean", axes=[1], keepdims=0),
        node("Gemm", "mean head bias", "y"),
    ]
    constants = {
        "w": weight(size, 3, 2, 2),
        "shape": np.array([0, size, tokens]),
        "gain": np.abs(weight(size)) + 0.5,
        "shift": weight(size, seed=1) * 0.1,
        "head": weight(size, 5, seed=2),
        "bias": weight(5, seed=3) * 0.1,
    }
    constants |= {f"{k}w": weight(size, size, seed=i) * 0.4 for i, k in enumerate("qkv")}
    runs = [{"method": "lrp", "target": "class:2", "rule": rule, "keep": ["MatMul_v", "MatMul_q"]}]
    return explained(nodes, constants, (3, 4, 6), tmp_path, runs)[0]


@pytest.mark.parametrize("rule", ["epsilon", "z-plus", "gamma", "alpha2-beta1"])
def test_relevance_is_conserved_through_attention_and_gates(tmp_path, rule):
    found = attention(tmp_path, rule)
    assert found.check.holds and found.check.value < 1e-3
    assert "constants" in " ".join(found.notes)
    assert not found.kept["MatMul_q"].any() and found.kept["MatMul_v"].any()


def test_products_of_computed_tensors_split_evenly_and_say_so(tmp_path):
    nodes = [
        node("Conv", "x w", "a"),
        node("Conv", "x u", "b"),
        node("Mul", "a b", "c", name="the_product"),
        node("GlobalAveragePool", "c", "d"),
        node("Flatten", "d", "y"),
    ]
    constants = {"w": weight(4, 3, 3, 3), "u": weight(4, 3, 3, 3, seed=1)}
    runs = [{"method": "lrp", "target": "class:2", "rule": "epsilon", "keep": ["Conv_a", "Conv_b"]}]
    found = explained(nodes, constants, (3, 8, 8), tmp_path, runs)[0]
    assert any("evenly" in text and "the_product" in text for text in found.notes)
    assert np.allclose(found.kept["Conv_a"], found.kept["Conv_b"])
    assert found.kept["Conv_a"].sum() == pytest.approx(found.score / 2, rel=1e-3)
    assert found.check.holds


def test_scores_start_before_the_softmax(tmp_path):
    nodes = [
        node("Flatten", "x", "a"),
        node("Gemm", "a w", "b"),
        node("Softmax", "b", "y"),
    ]
    runs = [{"method": "lrp", "target": f"{what}:2"} for what in ("class", "logit")]
    a, b = explained(nodes, {"w": weight(12, 4)}, (3, 2, 2), tmp_path, runs)
    assert np.array_equal(a.values, b.values) and a.values.any()
    assert any("Softmax" in text and "starts" in text for text in a.notes)


@pytest.mark.parametrize(
    "text",
    ["", "zplus", "epsilon=", "gamma=-1", "alpha-beta=2", "alpha-beta=1,1", "flat=1", "gamma=x"],
)
def test_rules_that_are_none(text):
    with pytest.raises(InputError):
        composite_of(text)


def test_rules_by_name():
    assert composite_of("epsilon=0.25").dense.epsilon == 0.25
    assert composite_of("gamma=0.1").convolution.gamma == 0.1
    assert composite_of("alpha-beta=3,2").dense.alpha == 3
    assert composite_of("epsilon-gamma-box").first.name == "z-box"
    assert "z-plus" in composite_of("z-box").words


def test_requests_that_make_no_sense(peers):
    peer = peers("plain")
    with pytest.raises(InputError, match="there is no method"):
        peer.explainer.attribute(peer.x, "lime", peer.target)
    with pytest.raises(InputError, match="does not fit"):
        peer.explainer.attribute(peer.x[:, :, 1:], "gradient", peer.target)
    with pytest.raises(InputError, match="grey, random"):
        peer.explainer.attribute(peer.x, "occlusion", peer.target, fill="blue")


@pytest.mark.parametrize("method", ["gradient", "deconvnet", "guided"])
def test_a_known_forward_pass_gives_the_same(peers, method):
    peer = peers("residual")
    target = "n0:2"
    whole = peer.explainer.attribute(peer.x, method, target)
    known = peer.explainer.remember(peer.x, method, target)
    assert whole.values.any() and np.array_equal(known(), known())
    assert np.allclose(known(), whole.values, atol=1e-6 * np.abs(whole.values).max())
    other = peer.explainer.remember(-peer.x, method, "class:2")
    with pytest.raises(MachineError, match="no longer"):
        known()
    assert other().shape == peer.x.shape
