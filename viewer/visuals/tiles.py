"""Many small pictures drawn with one call from an atlas: what is in sight, and no more, is there.

The atlas is one array of texture layers. A layer holds a *sheet*, some tiles that belong
together and came in one upload; the sheet that was not used for longest makes room for a new one.
Values are uploaded, not colours: another range or theme needs no upload.
"""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from viewer.gl.api import GL
from viewer.gl.objects import Buffer, Texture, VertexArray
from viewer.visuals import transfer as colouring
from viewer.visuals.tile_layout import SHEET_COLUMNS, SHEET_ROWS, TILE

SHEET_BYTES = SHEET_ROWS * SHEET_COLUMNS * 2
BUDGET_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Place:
    """Where a sheet is: the atlas' page, and the unit of its stored values."""

    page: int
    unit: float


class TileAtlas:
    """Sheets of texels on the graphics card, the least recently used one replaced first.

    Parameters
    ----------
    budget : int
        Bytes of texture memory; at least one sheet.
    """

    def __init__(self, budget=BUDGET_BYTES):
        self.capacity = max(1, budget // SHEET_BYTES)
        self._context = self._texture = None
        self._places = OrderedDict()
        self._free = []
        self._frame = 0
        self._used = {}
        self.uploads = 0

    def begin(self, context):
        """A new picture: sheets touched from now on stay until the next one."""
        if context is not self._context:
            self._context = context
            layers = GL.glGetIntegerv(GL.GL_MAX_ARRAY_TEXTURE_LAYERS)
            self.capacity = min(self.capacity, int(layers))
            shape = (self.capacity, SHEET_ROWS, SHEET_COLUMNS)
            self._texture = Texture(context, shape, GL.GL_R16F)
            self._places.clear()
            self._free = list(range(self.capacity))[::-1]
        self._frame += 1

    def __len__(self):
        return len(self._places)

    def __contains__(self, key):
        return key in self._places

    def get(self, key):
        """The `Place` of a sheet, or None; it counts as used now."""
        place = self._places.get(key)
        if place is not None:
            self._places.move_to_end(key)
            self._used[key] = self._frame
        return place

    def put(self, key, texels, unit):
        """Upload a sheet; False when every page is in use for the present picture.

        Parameters
        ----------
        key : hashable
        texels : float16[rows, columns]
            At most a sheet.
        unit : float
            Of the stored values.
        """
        if key in self._places:
            return True
        if not self._free:
            oldest = next(iter(self._places))
            if self._used[oldest] == self._frame:
                return False
            self._drop(oldest)
        page = self._free.pop()
        self._texture.write(np.asarray(texels)[None], (page, 0, 0))
        self.uploads += 1
        self._places[key] = Place(page, unit)
        self._used[key] = self._frame
        return True

    def keep_only(self, wanted):
        """Forget every sheet whose key ``wanted(key)`` does not want."""
        for key in [key for key in self._places if not wanted(key)]:
            self._drop(key)

    def _drop(self, key):
        self._free.append(self._places.pop(key).page)
        del self._used[key]

    def bind(self, unit):
        """Make it readable at a texture unit."""
        self._texture.bind(unit)

    def release(self):
        """Delete its texture; the context must be current."""
        if self._texture is not None:
            self._texture.release()
        self._context = self._texture = None
        self._places.clear()
        self._used.clear()


def fill(boxes, colour, height_px):
    """Fill rectangles of the bound framebuffer with one colour, by clearing: nothing is quicker.

    Parameters
    ----------
    boxes : sequence of (left, top, width, height)
        Whole pixels, from the upper left.
    colour : float[3]
        0 to 1.
    """
    shade = np.array([*colour, 1.0], np.float32)
    GL.glEnable(GL.GL_SCISSOR_TEST)
    for left, top, width, height in boxes:
        GL.glScissor(left, height_px - top - height, width, height)
        GL.glClearBufferfv(GL.GL_COLOR, 0, shade)
    GL.glDisable(GL.GL_SCISSOR_TEST)


class TileSet:
    """Draws tiles (`viewer.visuals.tile_layout.TILE`) from an atlas, all in one call."""

    def __init__(self):
        self._context = self._buffer = self._vertices = self._colours = None
        self._transfer = None

    def draw(self, context, atlas, tiles, width_px, height_px, transfer, down=0.0):
        """Draw into the bound framebuffer.

        Parameters
        ----------
        atlas : TileAtlas
        tiles : TILE[T]
        width_px, height_px : int
            Of the framebuffer.
        transfer : Transfer
            Its colours are used, its opacity is not.
        down : float
            Pixels added to every tile's top.
        """
        if not len(tiles):
            return
        if context is not self._context:
            self._make(context)
        if transfer != self._transfer:
            self._colours.write(colouring.table(transfer))
            self._transfer = transfer
        self._buffer.write(tiles)
        program = context.program("tiles/tile.vert", "tiles/tile.frag")
        program.use()
        atlas.bind(0)
        self._colours.bind(1)
        program.set(view=(float(width_px), float(height_px)), down=float(down), pages=0, colours=1)
        GL.glViewport(0, 0, width_px, height_px)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_CULL_FACE)
        GL.glDisable(GL.GL_BLEND)
        self._vertices.bind()
        GL.glDrawArraysInstanced(GL.GL_TRIANGLES, 0, 6, len(tiles))
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)

    def _make(self, context):
        self._context, self._transfer = context, None
        self._buffer, self._vertices = Buffer(context), VertexArray(context)
        self._colours = Texture(context, (4, colouring.ENTRIES), GL.GL_RGBA32F)
        size, offset = TILE.itemsize, 0
        for location, count in enumerate((4, 4, 2, 3)):
            self._vertices.attribute(location, self._buffer, count, GL.GL_FLOAT, size, offset)
            GL.glVertexAttribDivisor(location, 1)
            offset += 4 * count
        GL.glBindVertexArray(0)

    def release(self):
        """Delete its objects; the context must be current."""
        for owned in (self._buffer, self._vertices, self._colours):
            if owned is not None:
                owned.release()
        self._context = self._buffer = self._vertices = self._colours = None
