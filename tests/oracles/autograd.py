"""Gradients by PyTorch's autograd on published architectures; runs in `.oracles`.

``python -m tests.oracles.autograd`` writes ``tests/oracles/gradients/NAME.npz`` (`make oracles`):
for the class of the largest score, its value before the Softmax and its gradient with respect to
the input at `SAMPLED` places. ``--ask FILE`` answers one question of a test: with the switches of
another forward pass.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx

from tests.oracles.light_networks import NAMES, before_softmax, light_network, picture
from tests.oracles.torch_graph import TorchGraph, gradient

SAMPLED = 2000
FOLDER = Path(__file__).parent / "gradients"


def write(name):
    """The reference values of one architecture."""
    import torch

    model = light_network(name)
    entry = model.graph.input[0]
    x = picture([d.dim_value for d in entry.type.tensor_type.shape.dim])
    logits = before_softmax(model)
    with torch.no_grad():
        scores = TorchGraph(model).run({entry.name: torch.from_numpy(x).double()})[logits]
    best = int(scores.reshape(-1).argmax())
    value, found = gradient(model, {entry.name: x}, logits, best, [entry.name])
    whole = found[entry.name].ravel()
    places = np.sort(np.random.default_rng(2).choice(whole.size, SAMPLED, replace=False))
    np.savez_compressed(
        FOLDER / f"{name}.npz",
        best=best,
        value=value,
        places=places.astype(np.int32),
        gradient=whole[places].astype(np.float32),
        largest=np.abs(whole).max(),
        norm=np.linalg.norm(whole),
    )
    print(f"{name}: class {best}, value {value:.6g}, largest slope {np.abs(whole).max():.3g}")


def answer(path):
    """Read a question, compute, write ``PATH.answer.npz``."""
    asked = np.load(path, allow_pickle=False)
    model = onnx.load(str(asked["model"]))
    given = {name: asked[name] for name in asked.files}
    feeds = {n.removeprefix("feed/"): v for n, v in given.items() if n.startswith("feed/")}
    switches = {n.removeprefix("switch/"): v for n, v in given.items() if n.startswith("switch/")}
    wanted = [str(name) for name in given["wanted"]]
    value, found = gradient(
        model, feeds, str(given["output"]), int(given["place"]), wanted, switches
    )
    np.savez(f"{path}.answer.npz", value=value, **{f"gradient/{n}": v for n, v in found.items()})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ask")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    if arguments.ask:
        answer(arguments.ask)
        return
    FOLDER.mkdir(exist_ok=True)
    for name in NAMES:
        if arguments.only in name:
            write(name)


if __name__ == "__main__":
    main()
