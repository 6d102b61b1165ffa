"""Triangles that read the atlas of letters, in pixels from the upper left corner: one draw call."""

import numpy as np

from viewer.gl.api import GL
from viewer.gl.objects import Buffer, VertexArray
from viewer.visuals.glyphs import GlyphAtlas

VERTEX = np.dtype([("place", "f4", 2), ("atlas", "f4", 2), ("colour", "u1", 4)])
CORNERS = np.array([[0, 0], [1, 0], [0, 1], [0, 1], [1, 0], [1, 1]], np.float32)


def letter_quads(boxes, sheet):
    """Two triangles for each letter, without colour.

    Parameters
    ----------
    boxes : sequence of (left, top, width, height, column, row)
        In pixels: where a letter is drawn, and where it stands in the sheet.
    sheet : viewer.visuals.glyphs.GlyphSheet

    Returns
    -------
    VERTEX[len(boxes), 6]
    """
    vertices = np.zeros((len(boxes), 6), VERTEX)
    if len(boxes):
        box = np.array(boxes, np.float32)[:, None]
        rows, columns = sheet.pixels.shape
        vertices["place"] = box[..., :2] + CORNERS * box[..., 2:4]
        vertices["atlas"] = (box[..., 4:] + CORNERS * box[..., 2:4]) / (columns, rows)
    return vertices


class Triangles:
    """A buffer that is filled and drawn anew for every picture."""

    def __init__(self):
        self._context = self._buffer = self._array = None

    def draw(self, context, gather, width_px, height_px):
        """Draw over the framebuffer that is bound.

        Parameters
        ----------
        context : Context
        gather : callable(sheet) -> VERTEX[N]
            Called again after the sheet of letters had to start over.
        width_px, height_px : int
            Of the framebuffer.
        """
        if self._context is not context:
            self._make(context)
        atlas = context.shared("glyphs", GlyphAtlas)
        try:
            vertices = gather(atlas.sheet)
        except OverflowError:
            atlas.sheet.start_over()
            vertices = gather(atlas.sheet)
        atlas.bind(0)
        self._buffer.write(vertices)
        program = context.program("overlay/overlay.vert", "overlay/overlay.frag")
        program.use()
        program.set(view=(float(width_px), float(height_px)), atlas=0)
        GL.glViewport(0, 0, width_px, height_px)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_CULL_FACE)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendEquation(GL.GL_FUNC_ADD)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        self._array.bind()
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, len(vertices))
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)

    def _make(self, context):
        self._context = context
        self._buffer, self._array = Buffer(context), VertexArray(context)
        size = VERTEX.itemsize
        self._array.attribute(0, self._buffer, 2, GL.GL_FLOAT, size, 0)
        self._array.attribute(1, self._buffer, 2, GL.GL_FLOAT, size, 8)
        self._array.attribute(2, self._buffer, 4, GL.GL_UNSIGNED_BYTE, size, 16, True)

    def release(self):
        """Delete its objects; the context must be current."""
        for owned in (self._buffer, self._array):
            if owned is not None:
                owned.release()
        self._context = self._buffer = self._array = None
