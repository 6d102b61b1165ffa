"""One OpenGL context without a screen for all drawing tests, and pictures to draw into."""

import numpy as np
import pytest


@pytest.fixture
def context(_egl):
    """The context, current."""
    _egl.make_current()
    return _egl


@pytest.fixture
def picture(context):
    """``picture(draw, width, height)`` -> uint8[height, width, 3] of what ``draw()`` drew."""
    from viewer.gl.objects import Framebuffer

    def take(draw, width, height):
        framebuffer = Framebuffer(context, width, height)
        framebuffer.bind()
        draw()
        pixels = framebuffer.read()[..., :3].copy()
        framebuffer.release()
        return pixels

    return take


@pytest.fixture
def rng():
    return np.random.default_rng(7)
