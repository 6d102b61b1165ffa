"""All cells of a scatterplot matrix drawn with one triangle, from sheets of counted tiles.

What was counted lies on the processor (`viewer.views.matrix.tiles`); here rows of it that have
changed are uploaded, and a table says for every tile in sight where it is.
"""

from dataclasses import dataclass

import numpy as np

from viewer.gl.api import GL
from viewer.gl.objects import Texture, VertexArray

# Lines between cells appear from the one size on and are whole at the other, pixels.
LINES_FROM, LINES_WHOLE = 8.0, 20.0


@dataclass(frozen=True, eq=False)
class SheetView:
    """What is read from one sheet.

    Attributes
    ----------
    sheet : object
        With ``texels``, ``detail``, ``take_dirty()`` and ``spoil()``.
    table : uint32[rows, columns]
        Of the tiles in sight: slot + 1 and flags.
    first : (int, int)
        Row and column of the table's first tile, from the first tile of the first cell in sight.
    """

    sheet: object
    table: np.ndarray
    first: tuple


@dataclass(frozen=True)
class Look:
    """How it is drawn: pad (share of a cell), colours (RGB 0 to 1), strength of the density."""

    pad: float
    background: tuple
    line: tuple
    strength: float = 1.0


class MatrixPicture:
    """Draws a matrix in sight; makes its textures again when it meets another context."""

    def __init__(self):
        self._context = self._vertices = self._blank = self._flat = self._none = None
        self._sheets, self._tables = {}, {}
        self._summary = self._summary_of = None

    def draw(self, context, sight, height_px, look, near=None, far=None, summary=None):
        """Draw into the bound framebuffer.

        Parameters
        ----------
        context : Context
        sight : Sight
        height_px : int
            Of the framebuffer.
        look : Look
        near, far : SheetView or None
            Tiles, and what stands in for those that are missing. Without `near` every cell has
            one colour, that of the summary.
        summary : Summary or None
        """
        if context is not self._context:
            self._make(context)
        self._upload(context, near, far, summary)
        bottom = height_px - sight.top - sight.height
        GL.glViewport(sight.left, bottom, sight.width, sight.height)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_CULL_FACE)
        GL.glDisable(GL.GL_BLEND)
        lacks = near is not None and bool((near.table == 0).any())
        defines = ("NEAR",) * (near is not None) + ("LACKS",) * lacks
        program = context.program("screen/triangle.vert", "matrix/matrix.frag", (), defines)
        program.use()
        program.set(**self._place(sight, height_px, look), **self._bind(near, far, summary))
        self._vertices.bind()
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)

    def _place(self, sight, height_px, look):
        rows, columns = sight.row_span, sight.column_span
        first = (columns[0], rows[0])
        shown = (sight.size - LINES_FROM) / (LINES_WHOLE - LINES_FROM)
        return {
            "corner": (float(sight.left), float(height_px - sight.top)),
            "start": (sight.x - first[0], sight.y - first[1]),
            "size": float(sight.size),
            "pad": float(look.pad),
            "count": (float(columns[1] - first[0]), float(rows[1] - first[1])),
            "first": tuple(float(part) for part in first),
            "background": tuple(look.background),
            "line": (*look.line, min(max(shown, 0.0), 1.0)),
            "strength": float(look.strength),
        }

    def _bind(self, near, far, summary):
        shape = (1, 1) if summary is None else summary.texels.shape
        found = {"summary": 4, "summary_size": (float(shape[1]), float(shape[0]))}
        for unit, (name, view) in enumerate((("near", near), ("far", far))):
            table = self._blank if view is None else self._tables[name]
            table.bind(2 * unit)
            texels = self._flat if view is None else self._sheets[view.sheet]
            texels.bind(2 * unit + 1)
            found[f"{name}_table"], found[f"{name}_texels"] = 2 * unit, 2 * unit + 1
            found[name], found[f"{name}_last"] = (1.0, 1.0, 0.0, 0.0), (0.0, 0.0)
            if view is not None:
                detail = view.sheet.detail
                rows, columns = view.table.shape
                place = (detail.tiles, detail.bins, view.first[1], view.first[0])
                found[name] = tuple(float(part) for part in place)
                found[f"{name}_last"] = (float(columns - 1), float(rows - 1))
        (self._none if summary is None else self._summary).bind(4)
        return found

    def _upload(self, context, near, far, summary):
        views = [view for view in (near, far) if view is not None]
        for sheet in [sheet for sheet in self._sheets if all(v.sheet is not sheet for v in views)]:
            if len(self._sheets) > 2:
                self._sheets.pop(sheet).release()
        for name, view in (("near", near), ("far", far)):
            if view is not None:
                self._upload_sheet(context, view.sheet)
                self._upload_table(context, name, view.table)
        if summary is not None:
            self._upload_summary(context, summary)

    def _upload_sheet(self, context, sheet):
        if sheet not in self._sheets:
            shape = sheet.texels.shape[:2]
            self._sheets[sheet] = Texture(context, shape, GL.GL_RGBA8, linear=True)
            sheet.spoil()
        first, last = sheet.take_dirty()
        if first < last:
            self._sheets[sheet].write(sheet.texels[first:last], (first, 0))

    def _upload_table(self, context, name, table):
        texture = self._tables.get(name)
        if texture is None or any(a > b for a, b in zip(table.shape, texture.shape, strict=True)):
            former = (64, 64)
            if texture is not None:
                former = texture.shape
                texture.release()
            sizes = zip(former, table.shape, strict=True)
            shape = [max(old, _power_of_two(new)) for old, new in sizes]
            texture = self._tables[name] = Texture(context, shape, GL.GL_R32UI)
        texture.write(table, (0, 0))

    def _upload_summary(self, context, summary):
        if self._summary_of is not summary:
            shape = tuple(_power_of_two(size) for size in summary.texels.shape[:2])
            if self._summary is None or self._summary.shape != shape:
                if self._summary is not None:
                    self._summary.release()
                self._summary = Texture(context, shape, GL.GL_RGBA8, linear=True)
                self._summary.write(np.zeros((*shape, 4), np.uint8))
            self._summary_of = summary
            summary.spoil()
        changed = summary.take_dirty()
        for top, left, rows, columns in changed:
            part = summary.texels[top : top + rows, left : left + columns]
            self._summary.write(part, (top, left))
        if changed:
            _average_down(self._summary)

    def _make(self, context):
        self._context = context
        self._sheets, self._tables = {}, {}
        self._summary = self._summary_of = None
        self._vertices = VertexArray(context)
        self._blank = Texture(context, (1, 1), GL.GL_R32UI)
        self._blank.write(np.zeros((1, 1), np.uint32))
        # What stands in where there is no far sheet or no summary; of the same kind as these.
        self._flat, self._none = (
            Texture(context, (4, 4), GL.GL_RGBA8, linear=True) for _ in range(2)
        )
        for texture in (self._flat, self._none):
            texture.write(np.zeros((4, 4, 4), np.uint8))
        _average_down(self._none)

    def release(self):
        """Delete its objects; the context must be current."""
        owned = [self._vertices, self._blank, self._flat, self._none, self._summary]
        for each in (*owned, *self._sheets.values(), *self._tables.values()):
            if each is not None:
                each.release()
        self.__init__()


def _power_of_two(size):
    """Sizes of textures: for others, software drawing compiles its shaders anew (150 ms)."""
    return 1 << (size - 1).bit_length()


def _average_down(texture):
    """Averages for small cells; bilinear when enlarged."""
    texture.build_mipmaps()
    texture.bind(0)
    GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_MAG_FILTER, GL.GL_LINEAR)
