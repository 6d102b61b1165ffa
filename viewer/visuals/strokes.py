"""One picture of a stack being drawn: frames, pictures and the rays through each slab."""

import numpy as np

from viewer.gl.api import GL
from viewer.gl.camera import seen_height_px
from viewer.gl.theme import rgb
from viewer.visuals.frame import draw_frame, edge_mask
from viewer.visuals.look import optical_density

# For each mode the file that fills slab.frag's hook; sheets of units in modes that show surfaces
# are drawn as in emission, where they are solid.
_HOOKS = {
    mode: (("mode", f"volume/{mode}.glsl"),)
    for mode in ("emission", "maximum", "attenuated", "average", "isosurface", "slabs")
}
_SOLID_SHEETS = ("isosurface", "slabs")
# How much the attenuated maximum absorbs along the scene's unit of length at full strength.
ABSORPTION = 3.0


class Strokes:
    """Draws the parts of one picture, with the uniforms that they share.

    Parameters
    ----------
    context : Context
    camera : Camera
    matrix : float32[4, 4]
        Clip space from the world.
    width, height : int
        Of the framebuffer, pixels.
    look : Look
    quality : Quality
    boxes : int
        How many there are.
    """

    def __init__(self, context, camera, matrix, width, height, look, quality, boxes):
        self.context, self.camera, self.matrix = context, camera, matrix
        self.view = (float(width), float(height))
        self.look, self.quality = look, quality
        self.eye = tuple(float(part) for part in camera.eye_or_direction)
        # Many boxes close together: fainter edges, or they would be all that is seen.
        self.frame_opacity = min(1.0, (24 / max(1, boxes)) ** 0.5)
        if look.is_clipped:
            self.frame_opacity *= 0.5

    def frame(self, part, *, front):
        """The edges behind or before a box."""
        look = self.look
        if not look.frames:
            return
        low, high = part.box
        mask = edge_mask(low, high, self.eye)
        marked = look.highlight is not None and part.name == look.highlight
        opacity = (
            (0.9 if marked else 0.6 * self.frame_opacity) if front else 0.25 * self.frame_opacity
        )
        colour = (*rgb(look.theme.accent if marked else look.theme.edge), opacity)
        width = (1.5 if marked else 1.0) * look.pixel_ratio * max(self.quality.scale, 0.6)
        edges = mask if front else ~mask & 0xFFF
        draw_frame(self.context, self.matrix, self.view, low, high, edges, colour, width)

    def picture(self, drawn):
        """A flat picture."""
        program = self.context.program("picture/picture.vert", "picture/picture.frag")
        program.use()
        drawn.texture.bind(0)
        program.set(
            clip_from_world=self.matrix,
            corner=drawn.part.corner,
            extent=drawn.part.extent,
            pixels=0,
        )
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 6)

    def slab(self, drawn, table):
        """The rays through what clip planes leave of one slab."""
        slab, look = drawn.part, self.look
        part = drawn.cut(look)
        if part is None:
            return
        mode = "emission" if slab.opaque and look.mode in _SOLID_SHEETS else look.mode
        program = self.context.program(
            "volume/slab.vert", "volume/slab.frag", _HOOKS[mode], drawn.defines
        )
        program.use()
        drawn.texture.bind(0)
        table.bind(1)
        if drawn.order is not None:
            drawn.order.bind(2)
        program.set(
            clip_from_world=self.matrix,
            eye=self.eye,
            spacing=float(self.quality.step),
            jitter=1.0 if look.jitter else 0.0,
            gap=self._gap(slab) if slab.opaque else 0.0,
            density=float(optical_density(look, slab)),
            absorption=ABSORPTION * float(look.attenuation) / look.unit,
            iso=float(look.iso),
            lighting=bool(look.lighting),
            unit=float(look.unit),
            values=0,
            colours=1,
            order=2,
            **drawn.uniforms,
            **part,
        )
        self._box()

    def laid(self, drawn, texture):
        """What the attenuated maximum found in a slab, laid over what is behind it."""
        part = drawn.cut(self.look)
        if part is None:
            return
        program = self.context.program("volume/slab.vert", "volume/attenuate.frag")
        program.use()
        texture.bind(0)
        program.set(clip_from_world=self.matrix, slab=0, factor=True, **part)
        GL.glBlendEquation(GL.GL_FUNC_ADD)
        GL.glBlendFuncSeparate(GL.GL_ZERO, GL.GL_SRC_ALPHA, GL.GL_ZERO, GL.GL_ONE)
        self._box()
        program.set(factor=False)
        GL.glBlendEquation(GL.GL_MAX)
        self._box()

    def _box(self):
        GL.glEnable(GL.GL_CULL_FACE)
        GL.glCullFace(GL.GL_FRONT)
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 36)
        GL.glDisable(GL.GL_CULL_FACE)

    def _gap(self, slab):
        """Width of the gap round a cell in voxels: none when cells are a few pixels large."""
        low, high = slab.box
        cell = abs(slab.extent[1]) / slab.values.shape[1]
        shown = seen_height_px(self.camera, cell, self.view[1], (low + high) / 2)
        return 0.06 * float(np.clip((shown - 5) / 5, 0, 1))
