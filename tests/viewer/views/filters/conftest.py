"""An OpenGL context without a screen, for the Top filters' own pictures."""

import pytest


@pytest.fixture
def draw(_egl):
    """``draw(desk, width, height, ratio=1)`` -> uint8[height, width, 3] of a desk's view."""
    from viewer.gl.objects import Framebuffer

    _egl.make_current()
    seen = []

    def take(desk, width=700, height=600, ratio=1.0):
        seen.append(desk.view)
        framebuffer = Framebuffer(_egl, width, height)
        framebuffer.bind()
        desk.view.draw(_egl, width, height, ratio)
        pixels = framebuffer.read()[..., :3].copy()
        framebuffer.release()
        return pixels

    yield take
    _egl.make_current()
    for view in seen:
        view.release()
    assert _egl.live().keys() <= {"Program", "Texture"}  # those of every overlay of the context
