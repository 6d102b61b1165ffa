"""Train the sample network *digits*: a LeNet-like network on scikit-learn's digits, enlarged.

Writes `digits.onnx` and `checkpoints/`. The pictures ship with scikit-learn: 8 x 8 with values 0
to 16, enlarged here to 32 x 32 as the program's own `sample:digits` does. Under a minute.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER.parent), str(FOLDER.parent.parent)]

from training import accuracy, sequential, train, write_onnx  # noqa: E402

from engine.data import open_data  # noqa: E402

SIZE = 32
TEST_EVERY = 5
EPOCHS = 12
CHECKPOINTS = (0, 1, 2, 3, 5, 8, 12)


def make_network():
    """Two 5 x 5 convolutions with poolings, then two linear layers, after LeNet-5."""
    return sequential(
        [
            ("conv1", nn.Conv2d(1, 8, 5, padding=2)),
            ("conv1_relu", nn.ReLU()),
            ("pool1", nn.MaxPool2d(2, 2)),
            ("conv2", nn.Conv2d(8, 16, 5, padding=2)),
            ("conv2_relu", nn.ReLU()),
            ("pool2", nn.MaxPool2d(2, 2)),
            ("flatten", nn.Flatten()),
            ("fc1", nn.Linear(16 * 8 * 8, 24)),
            ("fc1_relu", nn.ReLU()),
            ("scores", nn.Linear(24, 10)),
        ]
    )


def main():
    torch.manual_seed(1)
    data = open_data("sample:digits")
    images = np.stack([data.image(index) for index in range(len(data))])
    pictures = torch.from_numpy(images[:, None].astype(np.float32) / 255)
    labels = torch.from_numpy(np.asarray(data.labels, dtype=np.int64))
    test = torch.arange(len(labels)) % TEST_EVERY == 0
    facts = {
        "input_shape": (1, SIZE, SIZE),
        "classes": 10,
        "name": "digits",
    }
    network = make_network()
    epochs = train(network, pictures[~test], labels[~test], epochs=EPOCHS, rate=2e-3, decay=1e-2)
    for epoch in epochs:
        if epoch in CHECKPOINTS:
            path = FOLDER / "checkpoints" / f"digits_epoch{epoch:02d}.onnx"
            write_onnx(network, path, **facts)
            print(f"{path.name}: accuracy {accuracy(network, pictures[test], labels[test]):.3f}")
    write_onnx(network, FOLDER / "digits.onnx", **facts)


if __name__ == "__main__":
    main()
