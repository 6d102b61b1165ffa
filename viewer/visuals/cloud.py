"""A cloud of points as discs in space, from three columns of 16-bit codes that are uploaded once.

What changes with a colour is one byte a point, with a selection or a turn the order of drawing.
"""

import ctypes
from dataclasses import dataclass

import numpy as np

from viewer.gl.api import GL
from viewer.gl.camera import clip_from_world
from viewer.gl.objects import Buffer, Texture, VertexArray
from viewer.gl.theme import rgb
from viewer.visuals.frame import draw_frame

# What the farthest corner keeps of its colour, and what points beside a selection keep of theirs.
FARTHEST, FAINT = 0.6, 0.4


@dataclass(frozen=True)
class CloudLook:
    """How points are drawn.

    Attributes
    ----------
    diameter, selected_diameter : float
        Pixels.
    opacity, selected_opacity : float
    is_faint : bool
        Whether those that are not selected are drawn fainter.
    theme : Theme
    """

    diameter: float
    selected_diameter: float
    opacity: float
    selected_opacity: float
    is_faint: bool
    theme: object


class CloudPoints:
    """Draws a cloud; makes its buffers again when it meets another context.

    Attributes
    ----------
    uploads : int
        Columns uploaded so far.
    """

    def __init__(self):
        self._context = self._vertices = self._bare = self._groups = self._colours = self._index = (
            None
        )
        self._columns, self._uploaded, self._shown = [], (None, None, None), None
        self.uploads = 0

    def draw(self, context, columns, groups, colours, shown, matrix, depths, look):
        """Draw into the present viewport, blended over what is there.

        Parameters
        ----------
        context : Context
        columns : sequence of uint16[P]
            Codes along x, y and z; the same arrays are not uploaded again.
        groups : uint8[P]
        colours : float32[G, 3]
        shown : object
            ``others`` and ``selected``: uint32[n], in the order of drawing.
        matrix : float64[4, 4]
            From codes to clip space.
        depths : (float, float)
            View distance of the nearest and the farthest corner.
        look : CloudLook
        """
        if not len(colours) or not shown.count:
            return
        if context is not self._context:
            self._make(context)
        self._upload(columns, groups, colours)
        program = context.program("scatter/scatter.vert", "points/point.frag")
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        GL.glEnable(GL.GL_PROGRAM_POINT_SIZE)
        GL.glDisable(GL.GL_DEPTH_TEST)
        program.use()
        self._colours.bind(0)
        program.set(
            colours=0,
            clip_from_codes=np.asarray(matrix, np.float32),
            depths=tuple(map(float, depths)),
            farthest=FARTHEST,
            background=rgb(look.theme.view),
            grey=rgb(look.theme.edge),
        )
        self._vertices.bind()
        if shown is not self._shown:
            self._index.write(np.concatenate([shown.others, shown.selected]))
            self._shown = shown
        GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, self._index.name)
        first = len(shown.others)
        self._pass(program, 0, first, look.diameter, look.opacity, look.is_faint)
        self._pass(
            program,
            first,
            len(shown.selected),
            look.selected_diameter,
            look.selected_opacity,
            False,
        )
        GL.glDisable(GL.GL_PROGRAM_POINT_SIZE)
        GL.glDisable(GL.GL_BLEND)
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)

    def _pass(self, program, first, count, diameter, opacity, is_faint):
        if not count:
            return
        program.set(
            diameter=float(diameter), opacity=float(opacity), colourful=FAINT if is_faint else 1.0
        )
        start = ctypes.c_void_p(4 * first)
        GL.glDrawElements(GL.GL_POINTS, count, GL.GL_UNSIGNED_INT, start)

    def _upload(self, columns, groups, colours):
        old_columns, old_groups, old_colours = self._uploaded
        if old_columns is None or any(
            a is not b for a, b in zip(columns, old_columns, strict=True)
        ):
            self._upload_columns(columns, old_columns or (None,) * 3)
        if groups is not old_groups:
            self._groups.write(groups)
            self._vertices.attribute(3, self._groups, 1, GL.GL_UNSIGNED_BYTE, 1, 0)
        if colours is not old_colours:
            if self._colours is None or self._colours.shape[1] != len(colours):
                if self._colours is not None:
                    self._colours.release()
                self._colours = Texture(self._context, (1, len(colours)), GL.GL_RGBA32F)
            texels = np.concatenate([colours, np.ones((len(colours), 1))], axis=1)
            self._colours.write(texels[None].astype(np.float32))
        self._uploaded = (tuple(columns), groups, colours)

    def _upload_columns(self, columns, old):
        for location, (column, before) in enumerate(zip(columns, old, strict=True)):
            if column is before:
                continue
            self._columns[location].write(column)
            self.uploads += 1
            self._vertices.attribute(
                location, self._columns[location], 1, GL.GL_UNSIGNED_SHORT, 2, 0
            )

    def _make(self, context):
        self._context, self._uploaded, self._shown = context, (None, None, None), None
        self._vertices, self._bare = VertexArray(context), VertexArray(context)
        self._colours = None
        self._columns = [Buffer(context) for _ in range(3)]
        self._groups, self._index = Buffer(context), Buffer(context)

    def frame(self, context, camera, size, corners, edges, colour):
        """Draw edges of a box into the present viewport.

        Parameters
        ----------
        camera : Camera
        size : (int, int)
            Of the viewport, pixels.
        corners : (float[3], float[3])
        edges : int
            Bits, as of `viewer.visuals.frame.edge_mask`.
        colour : tuple of float
            RGBA 0 to 1.
        """
        if context is not self._context:
            self._make(context)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        GL.glDisable(GL.GL_DEPTH_TEST)
        self._bare.bind()
        matrix = clip_from_world(camera, size[0] / size[1]).astype(np.float32)
        draw_frame(context, matrix, tuple(map(float, size)), *corners, edges, colour)
        GL.glDisable(GL.GL_BLEND)
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)

    def release(self):
        """Delete its objects; the context must be current."""
        owned = (self._vertices, self._bare, self._groups, self._colours, self._index)
        for each in (*owned, *self._columns):
            if each is not None:
                each.release()
        self.__init__()
