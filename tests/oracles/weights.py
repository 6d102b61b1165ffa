"""Gradients by weights, from PyTorch's autograd in float64, on small networks; runs in `.oracles`.

``python -m tests.oracles.weights`` writes ``tests/oracles/weights/NAME.npz`` (`make oracles`) for
the networks of ``tests/oracles/attribution``: of the score of class `CLASS` and each of `SAMPLES`
pictures, every filter's norms for each layer, and `SAMPLED` numbers of its gradient.
"""

from pathlib import Path

import numpy as np
import onnx

HERE = Path(__file__).parent
FOLDER = HERE / "weights"
NAMES = ("plain", "residual", "mixed")
CLASS, SAMPLES, SAMPLED = 3, 3, 40


def pictures(model):
    """float32[SAMPLES, ...]: always the same."""
    sizes = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    shape = (SAMPLES, *sizes[1:])
    return np.random.default_rng(11).uniform(-1, 1, shape).astype(np.float32)


def products(model):
    """By the name of a Conv's or Gemm's node: its weights."""
    kinds = ("Conv", "Gemm")
    return {node.name: node.input[1] for node in model.graph.node if node.op_type in kinds}


def places(size):
    """Which numbers of a gradient of so many are kept."""
    return np.sort(np.random.default_rng(size).choice(size, min(size, SAMPLED), replace=False))


def write(name):
    """The reference values of one network."""
    from tests.oracles.torch_graph import gradient

    model = onnx.load(HERE / "attribution" / f"{name}.onnx")
    weights = products(model)
    found = {key: [] for node in weights for key in (f"{node}/norms", f"{node}/numbers")}
    for x in pictures(model):
        _, slopes = gradient(
            model,
            {model.graph.input[0].name: x[None]},
            model.graph.output[0].name,
            CLASS,
            list(weights.values()),
        )
        for node, tensor in weights.items():
            rows = np.abs(slopes[tensor].reshape(len(slopes[tensor]), -1))
            norms = [rows.sum(1), np.sqrt((rows**2).sum(1)), rows.max(1)]
            found[f"{node}/norms"].append(norms)
            flat = slopes[tensor].ravel()
            found[f"{node}/numbers"].append(flat[places(flat.size)])
    FOLDER.mkdir(exist_ok=True)
    kept = {key: np.array(values, np.float32) for key, values in found.items()}
    np.savez_compressed(FOLDER / f"{name}.npz", **kept)
    print(f"{name}: {len(weights)} layers")


def main():
    for name in NAMES:
        write(name)


if __name__ == "__main__":
    main()
