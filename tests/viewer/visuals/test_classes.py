"""Class colours: told apart by every colour vision, inside sRGB, even round the circle."""

import numpy as np
import pytest

from viewer.visuals.classes import COLOURS, class_colours, hex_of

# Machado, Oliveira, Fernandes 2009, severity 1, on linear RGB.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def cielab(colours, vision):
    """CIELAB (D65) of sRGB colours [N, 3] as a vision sees them."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.transpose(VISIONS[vision]), 0, 1)
    xyz = seen @ XYZ.T / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize(("count", "least"), [(10, 17.0), (20, 14.0)])
def test_every_vision_tells_ten_and_twenty_classes_apart(vision, count, least):
    lab = cielab(class_colours(count), vision)
    apart = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    assert apart[~np.eye(count, dtype=bool)].min() > least


@pytest.mark.parametrize("count", [0, 1, 10, 20, 21, 1000])
def test_as_many_colours_as_classes(count):
    colours = class_colours(count)
    assert colours.shape == (count, 3)
    assert ((colours >= 0) & (colours <= 1)).all()


def test_the_circle_has_one_lightness_and_neighbours_are_alike():
    lab = cielab(class_colours(100), "normal")
    assert np.ptp(lab[:, 0]) < 12
    steps = np.linalg.norm(lab - np.roll(lab, 1, axis=0), axis=1)
    assert steps.max() < 8


def test_a_colour_as_text():
    assert [hex_of(colour) for colour in class_colours(3)] == list(COLOURS[:3])
