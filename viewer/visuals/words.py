"""Many short texts that move together: the letters of each are laid out once, then only moved.

`Overlay` lays its letters out anew for every picture, which is right for a legend; a graph has
hundreds of names in sight while it is dragged.
"""

import numpy as np

from viewer.gl.api import GL
from viewer.gl.objects import Buffer, VertexArray
from viewer.visuals.glyphs import PLACES, GlyphAtlas, advance

_VERTEX = np.dtype([("place", "f4", 2), ("atlas", "f4", 2), ("colour", "u1", 4)])
_CORNERS = np.array([[0, 0], [1, 0], [0, 1], [0, 1], [1, 0], [1, 1]], np.float32)
_KEPT = 20_000


class Words:
    """Texts in pixels from the upper left corner, drawn with one call."""

    def __init__(self):
        self._context = None
        self._owned = ()
        self._runs, self._mark = {}, None
        self.clear()

    def clear(self):
        """Forget what was added; letters that were laid out are kept."""
        self._wanted = []

    def add(self, x, y, text, size, colour, *, face="regular"):
        """A line of text that starts at ``x`` on the base line ``y``, both rounded.

        Parameters
        ----------
        size : int
            Pixels.
        colour : tuple of int
            RGBA 0 to 255.
        """
        if text:
            self._wanted.append((round(x), round(y), (text, face, size), colour))

    def draw(self, context, width_px, height_px):
        """Draw over the framebuffer that is bound."""
        if not self._wanted:
            return
        if self._context is not context:
            self._make(context)
        atlas = context.shared("glyphs", GlyphAtlas)
        vertices = self._vertices_of(atlas.sheet)
        atlas.bind(0)
        buffer, array = self._owned
        buffer.write(vertices)
        program = context.program("overlay/overlay.vert", "overlay/overlay.frag")
        program.use()
        program.set(view=(float(width_px), float(height_px)), atlas=0)
        GL.glViewport(0, 0, width_px, height_px)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_CULL_FACE)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendEquation(GL.GL_FUNC_ADD)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        array.bind()
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, len(vertices))
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)

    def _vertices_of(self, sheet):
        try:
            return self._gather(sheet)
        except OverflowError:
            sheet.start_over()
            return self._gather(sheet)

    def _gather(self, sheet):
        # Another user of the sheet may have started it over: then every letter stands elsewhere.
        mark = sheet.glyph("n", "regular", 12, 0)
        if mark is not self._mark or len(self._runs) > _KEPT:
            self._runs, self._mark = {}, mark
        runs = []
        for _, _, key, _ in self._wanted:
            run = self._runs.get(key)
            if run is None:
                run = self._runs[key] = _laid_out(sheet, *key)
            runs.append(run)
        vertices = np.concatenate(runs)
        counts = [len(run) for run in runs]
        places = np.array([wanted[:2] for wanted in self._wanted], np.float32)
        vertices["place"] += np.repeat(places, counts, axis=0)
        colours = np.array([wanted[3] for wanted in self._wanted], np.uint8)
        vertices["colour"] = np.repeat(colours, counts, axis=0)
        return vertices

    def _make(self, context):
        self._context = context
        buffer, array = Buffer(context), VertexArray(context)
        size = _VERTEX.itemsize
        array.attribute(0, buffer, 2, GL.GL_FLOAT, size, 0)
        array.attribute(1, buffer, 2, GL.GL_FLOAT, size, 8)
        array.attribute(2, buffer, 4, GL.GL_UNSIGNED_BYTE, size, 16, True)
        self._owned = (buffer, array)
        self._runs, self._mark = {}, None

    def release(self):
        """Delete its objects; the context must be current."""
        for owned in self._owned:
            owned.release()
        self._context, self._owned = None, ()


def _laid_out(sheet, text, face, size):
    """Vertices of a text whose pen starts at (0, 0)."""
    boxes, pen = [], 0.0
    for letter in text:
        place = int(round(pen * PLACES))
        glyph = sheet.glyph(letter, face, size, place % PLACES)
        if glyph is not None:
            left = place // PLACES + glyph.left
            boxes.append((left, glyph.top, glyph.width, glyph.height, glyph.column, glyph.row))
        pen += advance(letter, face, size)
    vertices = np.zeros((len(boxes), 6), _VERTEX)
    if boxes:
        box = np.array(boxes, np.float32)[:, None]
        rows, columns = sheet.pixels.shape
        vertices["place"] = box[..., :2] + _CORNERS * box[..., 2:4]
        vertices["atlas"] = (box[..., 4:] + _CORNERS * box[..., 2:4]) / (columns, rows)
    return vertices.reshape(-1)
