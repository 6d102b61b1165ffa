"""Published architectures against gradients that PyTorch's autograd gave in float64 (stored).

Two forward passes round differently: a near-tie in a pool or at a Relu flips, and the gradient of
single pixels then differs by up to a hundredth although both are right. So the stored values are
compared by their bulk here; ``python -m tests.oracles.compare`` compares all nine architectures
with the same switches, where the largest difference is below 1e-6 of the largest value.
"""

from pathlib import Path

import numpy as np
import onnx
import pytest

import engine
from tests.engine.gradient.networks import picture_network, run_saved
from tests.oracles import light_networks
from tests.oracles.compare import run_with_switches

STORED = Path(light_networks.__file__).parent / "gradients"
QUICK = ("squeezenet", "shufflenet", "inception_v1", "inception_v2", "resnet50")


@pytest.mark.parametrize("name", QUICK)
def test_stored_gradients(tmp_path, name):
    stored = np.load(STORED / f"{name}.npz")
    model = light_networks.light_network(name)
    onnx.save(model, tmp_path / "network.onnx")
    entry = model.graph.input[0]
    x = light_networks.picture([d.dim_value for d in entry.type.tensor_type.shape.dim])
    network = engine.open_network(tmp_path / "network.onnx")
    gradients = engine.gradient_graph(network, f"logit:{stored['best']}")
    values, _ = run_with_switches(gradients, network.path, {entry.name: x})
    assert values["value_0"][0] == pytest.approx(stored["value"], rel=1e-5)
    whole = values["gradient_0_input"].ravel()
    found, expected = whole[stored["places"]], stored["gradient"]
    assert np.corrcoef(found, expected)[0, 1] > 0.999
    apart = np.abs(found - expected) / stored["largest"]
    assert np.median(apart) < 1e-4 and apart.max() < 2e-2
    assert np.linalg.norm(whole) == pytest.approx(stored["norm"], rel=1e-3)


def test_the_graph_runs_in_plain_onnx_runtime_alone(tmp_path):
    path = picture_network(tmp_path / "network.onnx")
    network = engine.open_network(path)
    gradients = engine.gradient_graph(network, "class:1")
    path.unlink()
    with pytest.raises(engine.InputError):
        engine.gradient_graph(network, "class:1")
    found = run_saved(gradients, tmp_path / "gone.onnx", {"x": np.ones((2, 2, 6, 8), np.float32)})
    assert found["gradient_0_input"].shape == (2, 2, 6, 8)
