"""Every method gives what Captum and Zennit give, on plain, residual and mixed networks."""

import numpy as np
import pytest

from engine.errors import InputError

RULES = (
    "epsilon=0.001",
    "gamma=0.3",
    "alpha-beta=2,1",
    "z-plus",
    "z-box",
    "flat",
    "w-square",
    "epsilon-plus",
    "alpha2-beta1",
    "epsilon-gamma-box",
)
CAM_LAYERS = {"plain": "n5", "residual": "add_b", "mixed": "join"}


def off(found, expected):
    """The largest difference as a part of the largest value."""
    return np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-12)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["plain", "residual", "mixed"])
def test_lrp_is_zennits_and_conserves(peers, name, rule):
    peer = peers(name)
    found = peer.explainer.attribute(peer.x, "lrp", peer.target, rule=rule)
    assert off(found.values, peer.found[f"lrp/{rule}"]) < 2e-4
    assert found.score == pytest.approx(float(peer.found["score"]), rel=1e-4)
    assert found.check.name == "conservation" and found.check.holds and found.check.value < 1e-3
    for each in found.accounts:
        scale = 1e-3 * max(abs(each.arrived), abs(found.score))
        assert each.left == pytest.approx(each.arrived - each.absorbed, abs=scale), each.node
    whole = found.values.sum(dtype=np.float64) + found.absorbed * found.score
    assert whole == pytest.approx(found.score, rel=1e-3)


@pytest.mark.parametrize("method", ["gradient", "input-x-gradient", "deconvnet", "guided"])
@pytest.mark.parametrize("name", ["plain", "residual"])
def test_one_backward_pass_is_captums(peers, name, method):
    peer = peers(name)
    found = peer.explainer.attribute(peer.x, method, peer.target)
    assert off(found.values, peer.found[method]) < 1e-4
    assert found.values.dtype == np.float32 and found.values.shape == peer.x.shape


@pytest.mark.parametrize("method", ["deconvnet", "guided"])
@pytest.mark.parametrize("name", ["plain", "residual"])
def test_units_of_convolutions(peers, name, method):
    peer = peers(name)
    layer = {"plain": "tensor=n5", "residual": "tensor=b3"}[name]
    found = peer.explainer.attribute(peer.x, method, f"{layer}:4@3,2")
    assert off(found.values, peer.found[f"{method}-unit"]) < 1e-4


@pytest.mark.parametrize("name", ["plain", "residual", "mixed"])
def test_integrated_gradients(peers, name):
    peer = peers(name)
    found = peer.explainer.attribute(peer.x, "integrated-gradients", peer.target, steps=64)
    assert off(found.values, peer.found["integrated-gradients"]) < 1e-4
    assert found.settings["steps"] == 64 and found.settings["baseline"] == 0
    lacking = found.values.sum() - (found.score - found.settings["score_of_baseline"])
    share = abs(lacking) / abs(found.score - found.settings["score_of_baseline"])
    assert found.check.name == "completeness"
    assert found.check.value == pytest.approx(share, rel=0.05, abs=1e-4)


def test_integrated_gradients_take_the_steps_that_completeness_needs(peers):
    peer = peers("mixed")
    found = peer.explainer.attribute(peer.x, "integrated-gradients", peer.target)
    assert found.check.holds and found.settings["steps"] in (64, 128, 256, 512)
    whole = peer.explainer.attribute(
        peer.x, "integrated-gradients", peer.target, steps=8, baseline=peer.x * 0.5
    )
    assert whole.settings["baseline"] == "given"


@pytest.mark.parametrize("name", ["plain", "residual", "mixed"])
def test_grad_cam(peers, name):
    peer = peers(name)
    layer = CAM_LAYERS[name]
    found = peer.explainer.attribute(peer.x, "grad-cam", peer.target, layer=layer)
    expected = peer.found["grad-cam"]
    assert np.abs(found.values - expected).max() <= 1e-4 * max(1e-6, expected.max())
    assert found.settings["layer"] == layer
    if name != "mixed":
        both = peer.explainer.attribute(peer.x, "guided-grad-cam", peer.target, layer=layer)
        assert off(both.values, expected * peer.found["guided"]) < 1e-4


def test_grad_cam_finds_the_last_layer_with_maps(peers):
    peer = peers("residual")
    found = peer.explainer.attribute(peer.x, "grad-cam", peer.target)
    assert found.settings["layer"] == "add_b"
    with pytest.raises(InputError, match="rows and columns"):
        peer.explainer.attribute(peer.x, "grad-cam", peer.target, layer="e2")
