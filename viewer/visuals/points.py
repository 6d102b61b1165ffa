"""Points of cells as discs, from columns that are uploaded once: 16 bits a channel and point.

What changes with a colour or a selection is one byte a point. Points of one cell are drawn with
one call, those that are not selected first.
"""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from viewer.gl.api import GL
from viewer.gl.objects import Buffer, Texture, VertexArray

BUDGET_BYTES = 256 * 2**20


@dataclass(frozen=True, eq=False)
class DiscCell:
    """One cell's points.

    Attributes
    ----------
    x, y : (hashable, uint16[P])
        Key of a column and its codes; the same key is the same column.
    box : (left, top, width, height)
        Pixels of the framebuffer that show the range.
    clip : (left, top, width, height)
        Whole pixels outside of which nothing is drawn.
    ends : ((low, high), (low, high))
        Codes along x and along y.
    points : int or uint32[n]
        How many, from the first; or which ones.
    rows : float
        Diagonal cells: part of the height for a row a group; else 0.
    """

    x: tuple
    y: tuple
    box: tuple
    clip: tuple
    ends: tuple
    points: object
    rows: float = 0.0


@dataclass(frozen=True)
class DiscLook:
    """Diameter (pixels) and opacity of the points that are not selected, and of those that are."""

    diameter: float
    opacity: float
    selected_diameter: float
    selected_opacity: float


class Discs:
    """Draws discs; makes its buffers again when it meets another context."""

    def __init__(self):
        self._context = self._vertices = self._planes = self._colours = self._indices = None
        self._columns = OrderedDict()
        self._shown = None
        self.uploads = 0

    def draw(self, context, cells, width_px, height_px, planes, colours, look, selecting):
        """Draw into the bound framebuffer.

        Parameters
        ----------
        context : Context
        cells : sequence of DiscCell
        width_px, height_px : int
            Of the framebuffer.
        planes : uint8[P]
            Group of each point; G: left out; G + 1 more: selected.
        colours : float32[G, 3]
        look : DiscLook
        selecting : bool
            Whether there are selected points.
        """
        if not len(colours) or not cells:
            return
        if context is not self._context:
            self._make(context)
        self._upload(planes, colours)
        program = context.program("points/point.vert", "points/point.frag")
        GL.glViewport(0, 0, width_px, height_px)
        GL.glEnable(GL.GL_SCISSOR_TEST)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        GL.glEnable(GL.GL_PROGRAM_POINT_SIZE)
        GL.glDisable(GL.GL_DEPTH_TEST)
        program.use()
        self._colours.bind(0)
        view = (float(width_px), float(height_px))
        program.set(colours=0, view=view, groups=float(len(colours)))
        self._vertices.bind()
        self._vertices.attribute(2, self._planes, 1, GL.GL_UNSIGNED_BYTE, 1, 0)
        for cell in cells:
            self._draw_cell(program, cell, height_px, look, selecting)
        GL.glDisable(GL.GL_PROGRAM_POINT_SIZE)
        GL.glDisable(GL.GL_BLEND)
        GL.glDisable(GL.GL_SCISSOR_TEST)
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)

    def _draw_cell(self, program, cell, height_px, look, selecting):
        left, top, width, height = cell.clip
        if width <= 0 or height <= 0:
            return
        GL.glScissor(left, height_px - top - height, width, height)
        for location, column in enumerate((cell.x, cell.y)):
            buffer = self._column(*column)
            self._vertices.attribute(location, buffer, 1, GL.GL_UNSIGNED_SHORT, 2, 0)
        (x0, x1), (y0, y1) = cell.ends
        ends = (float(x0), 1.0 / (x1 - x0), float(y0), 1.0 / (y1 - y0))
        program.set(box=tuple(float(part) for part in cell.box), ends=ends, rows=float(cell.rows))
        whole = isinstance(cell.points, (int, np.integer))
        if not whole:
            self._indices.write(cell.points)
            GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, self._indices.name)
        passes = [(0.0, look.diameter, look.opacity)]
        if selecting:
            passes.append((1.0, look.selected_diameter, look.selected_opacity))
        for selected, diameter, opacity in passes:
            program.set(selected=selected, diameter=float(diameter), opacity=float(opacity))
            if whole:
                GL.glDrawArrays(GL.GL_POINTS, 0, int(cell.points))
            else:
                GL.glDrawElements(GL.GL_POINTS, len(cell.points), GL.GL_UNSIGNED_INT, None)

    def _column(self, key, codes):
        buffer = self._columns.get(key)
        if buffer is None:
            most = max(2, BUDGET_BYTES // max(1, codes.nbytes))
            while len(self._columns) >= most:
                self._columns.popitem(last=False)[1].release()
            buffer = self._columns[key] = Buffer(self._context)
            buffer.write(codes)
            self.uploads += 1
        self._columns.move_to_end(key)
        return buffer

    def _upload(self, planes, colours):
        shown = (planes, colours)
        if self._shown is not None and all(a is b for a, b in zip(self._shown, shown, strict=True)):
            return
        self._planes.write(planes)
        if self._colours is None or self._colours.shape[1] != len(colours):
            if self._colours is not None:
                self._colours.release()
            self._colours = Texture(self._context, (1, len(colours)), GL.GL_RGBA32F)
        self._colours.write(np.concatenate([colours, np.ones((len(colours), 1))], axis=1)[None])
        self._shown = shown

    def _make(self, context):
        self._context, self._columns, self._shown = context, OrderedDict(), None
        self._vertices, self._colours = VertexArray(context), None
        self._planes, self._indices = Buffer(context), Buffer(context)

    def forget_columns(self):
        """Other points are shown: delete the columns; the context must be current."""
        while self._columns:
            self._columns.popitem()[1].release()

    def release(self):
        """Delete its objects; the context must be current."""
        owned = (self._vertices, self._planes, self._colours, self._indices)
        for each in (*owned, *self._columns.values()):
            if each is not None:
                each.release()
        self.__init__()
