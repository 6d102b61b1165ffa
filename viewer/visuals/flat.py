"""A picture drawn flat into a rectangle of a view, in pixels from its upper left corner."""

import numpy as np

from viewer.gl.api import GL
from viewer.gl.objects import Texture, VertexArray


class FlatPicture:
    """One RGB picture; textures of an unchanged shape are refilled, not made again.

    Sharp squares when enlarged, averaged when reduced.

    Parameters
    ----------
    averages : bool
        False: sharp rectangles at any size, for pictures that are enlarged one way only.
    """

    def __init__(self, *, averages=True):
        self._averages = averages
        self._context = self._texture = self._vertices = None
        self._pixels = None
        self._pending = False

    def set_pixels(self, pixels):
        """Show another picture.

        Parameters
        ----------
        pixels : uint8[H, W, 3] or None
        """
        self._pending = self._pending or pixels is not self._pixels
        self._pixels = pixels

    @property
    def shape(self):
        """Rows and columns of the picture."""
        return self._pixels.shape[:2]

    def draw(self, context, width_px, height_px, place, opacity=1.0):
        """Draw into the bound framebuffer.

        Parameters
        ----------
        width_px, height_px : int
            Of the framebuffer.
        place : tuple of float
            Left, top, width, height in pixels.
        opacity : float
            Below 1 what was drawn before shines through.
        """
        if self._pixels is None:
            return
        self._upload(context)
        left, top, width, height = place
        matrix = np.diag([2.0 / width_px, -2.0 / height_px, 1.0, 1.0])
        matrix[:2, 3] = -1.0, 1.0
        GL.glViewport(0, 0, width_px, height_px)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_BLEND)
        if opacity < 1:
            GL.glEnable(GL.GL_BLEND)
            GL.glBlendEquation(GL.GL_FUNC_ADD)
            GL.glBlendColor(0.0, 0.0, 0.0, opacity)
            GL.glBlendFunc(GL.GL_CONSTANT_ALPHA, GL.GL_ONE_MINUS_CONSTANT_ALPHA)
        self._vertices.bind()
        program = context.program("picture/picture.vert", "picture/picture.frag")
        program.use()
        self._texture.bind(0)
        program.set(
            clip_from_world=matrix,
            corner=(left, top, 0.0),
            extent=(width, height, 0.0),
            pixels=0,
        )
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 6)
        GL.glDisable(GL.GL_BLEND)
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)

    def _upload(self, context):
        if self._context is not context:
            self._context, self._vertices, self._texture = context, VertexArray(context), None
            self._pending = True
        if not self._pending:
            return
        shape = self._pixels.shape[:2]
        if self._texture is None or self._texture.shape != shape:
            if self._texture is not None:
                self._texture.release()
            self._texture = Texture(context, shape, GL.GL_RGBA8)
        opaque = np.full((*shape, 1), 255, np.uint8)
        self._texture.write(np.concatenate([self._pixels[..., :3], opaque], 2))
        if self._averages:
            self._texture.build_mipmaps()
        self._pending = False

    def release(self):
        """Delete its objects; the context must be current."""
        for owned in (self._texture, self._vertices):
            if owned is not None:
                owned.release()
        self._context = self._texture = self._vertices = None
        self._pending = True
