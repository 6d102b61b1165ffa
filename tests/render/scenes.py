"""Small stacks to draw in tests."""

import numpy as np

from viewer.gl.camera import Camera, fit
from viewer.visuals.slab import Slab, encode
from viewer.visuals.transfer import Transfer
from viewer.visuals.volume import Look


def slab(values, *, name="layer", front=0.0, depth=10.0, size=(32.0, 32.0), **details):
    """A slab centred on the axis, its values within 0..1 (or -1..1 when signed)."""
    stored, unit, specials = encode(np.asarray(values))
    facts = {"low": 0.0, "high": 1.0, "signed": False, "specials": specials} | details
    width, height = size
    return Slab(
        name=name,
        values=stored,
        unit=unit,
        corner=(-width / 2, height / 2, -front),
        extent=(width, -height, -depth),
        **facts,
    )


def ahead(slabs, width, height, *, fov=0.0, azimuth=0.0, elevation=0.0, margin=0.0):
    """A camera that sees all slabs, by default straight on without perspective."""
    boxes = [part.box for part in slabs]
    return fit(
        Camera(azimuth, elevation, fov=fov),
        [low for low, _ in boxes],
        [high for _, high in boxes],
        width / height,
        (margin,) * 4,
    )


def plain(mode="emission", *, gray=False, **details):
    """A look without frames."""
    return Look(mode=mode, frames=False, transfer=Transfer(gray=gray, **details), unit=10.0)


def smooth_noise(rng, channels, size):
    """float32[channels, size, size] blobs from 0 to 1, half of it zero as after a ReLU."""
    noise = rng.normal(size=(channels, size, size))
    for axis in (1, 2):
        noise = noise + np.roll(noise, 1, axis) + np.roll(noise, -1, axis)
    noise = np.maximum(noise, 0)
    return (noise / noise.max()).astype(np.float32)


def levels_apart(picture, reference):
    """float64[H, W] largest difference of the colours, in levels of 255."""
    return np.abs(picture.astype(float) - reference * 255).max(-1)
