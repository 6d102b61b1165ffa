"""Train the sample network *shapes*: a VGG-like network on pictures of shapes (`pictures.py`).

Writes `shapes.onnx`, `checkpoints/` (before training and after chosen epochs) and `shapes.npz`
(the pictures it is shown on, none of which it was trained on). About five minutes on two cores.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent)]

from pictures import CLASSES, SIZE, make_pictures  # noqa: E402
from training import accuracy, sequential, train, write_onnx  # noqa: E402

BLOCKS = ((16, 16), (24, 24), (48, 48), (72, 72))
TRAINING_PICTURES = 4000
SHOWN_PICTURES = 320
EPOCHS = 14
CHECKPOINTS = (0, 2, 4, 6, 8, 11, 14)


def make_network():
    """Four blocks of two 3 x 3 convolutions and a pooling, the mean, two linear layers.

    Batch normalisation after every convolution.
    """
    steps, channels = [], 3
    for block, widths in enumerate(BLOCKS, start=1):
        for place, width in enumerate(widths, start=1):
            name = f"conv{block}_{place}"
            steps += [
                (name, nn.Conv2d(channels, width, 3, padding=1, bias=False)),
                (f"{name}_norm", nn.BatchNorm2d(width)),
                (f"{name}_relu", nn.ReLU()),
            ]
            channels = width
        steps.append((f"pool{block}", nn.MaxPool2d(2, 2)))
    return sequential(
        [
            *steps,
            ("average", nn.AdaptiveAvgPool2d(1)),
            ("flatten", nn.Flatten()),
            ("fc1", nn.Linear(channels, 32)),
            ("fc1_relu", nn.ReLU()),
            ("scores", nn.Linear(32, len(CLASSES))),
        ]
    )


def augment(images, generator):
    """Mirror, turn by quarters, and permute the colours of a batch."""
    turns = int(torch.randint(4, (), generator=generator))
    images = torch.rot90(images, turns, (2, 3))
    if torch.randint(2, (), generator=generator):
        images = images.flip(3)
    return images[:, torch.randperm(3, generator=generator)]


def as_input(images):
    """uint8[N, H, W, 3] as the network takes it: float32[N, 3, H, W], 0 to 1."""
    return torch.from_numpy(images.transpose(0, 3, 1, 2).astype(np.float32) / 255)


def main():
    torch.manual_seed(3)
    network = make_network()
    images, labels = make_pictures(TRAINING_PICTURES, seed=1)
    shown, shown_labels = make_pictures(SHOWN_PICTURES, seed=2)
    targets, shown_targets = (torch.from_numpy(x.astype(np.int64)) for x in (labels, shown_labels))
    facts = {
        "input_shape": (3, SIZE, SIZE),
        "classes": len(CLASSES),
        "name": "shapes",
    }
    pictures, shown_pictures = as_input(images), as_input(shown)
    settings = {"rate": 4e-3, "decay": 2e-2, "slimming": 8e-3}
    epochs = train(network, pictures, targets, epochs=EPOCHS, augment=augment, **settings)
    for epoch in epochs:
        if epoch in CHECKPOINTS:
            path = FOLDER / "checkpoints" / f"shapes_epoch{epoch:02d}.onnx"
            write_onnx(network, path, **facts)
            print(f"{path.name}: accuracy {accuracy(network, shown_pictures, shown_targets):.3f}")
    write_onnx(network, FOLDER / "shapes.onnx", **facts)
    np.savez_compressed(
        FOLDER / "shapes.npz", images=shown, labels=shown_labels, classes=np.array(CLASSES)
    )


if __name__ == "__main__":
    main()
