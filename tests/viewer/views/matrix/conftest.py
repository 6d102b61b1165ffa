"""An OpenGL context without a screen, for the matrix' own pictures."""

import numpy as np
import pytest


@pytest.fixture
def draw(_egl):
    """``draw(desk, width, height, ratio=1)`` -> uint8[height, width, 3] of a desk's view."""
    from viewer.gl.objects import Framebuffer

    _egl.make_current()
    seen = []

    def take(desk, width=700, height=480, ratio=1.0):
        seen.append(desk.view)
        desk.view.width, desk.view.height = width / ratio, height / ratio
        framebuffer = Framebuffer(_egl, width, height)
        for _ in range(4):  # what a first picture asks for stands in the next one
            framebuffer.bind()
            desk.view.draw(_egl, width, height, ratio)
        pixels = framebuffer.read()[..., :3].copy()
        framebuffer.release()
        return pixels

    yield take
    _egl.make_current()
    for view in seen:
        view.release()


@pytest.fixture
def differing():
    """How many pixels of two pictures differ."""
    return lambda one, other: int(np.any(one != other, axis=-1).sum())
