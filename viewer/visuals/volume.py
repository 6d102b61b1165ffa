"""A stack of activation volumes, each followed by rays in its own box and laid over the others.

Slabs that do not overlap can be drawn one after the other, the farthest first, with
premultiplied blending: the result is that of one ray through all of them. So there is one draw
a layer, no depth test, and front faces are culled, which also holds when the eye is inside.
The maximum over the whole stack is gathered by blending with GL_MAX and coloured at the end.

What is drawn goes into a picture of its own (coarser while moving; half floats, or the rounding
of every slab would add up), which is then laid over the background of whatever framebuffer was
bound.
"""

from dataclasses import replace

import numpy as np

from viewer.gl.api import GL
from viewer.gl.camera import clip_from_world, seen_height_px
from viewer.gl.objects import Framebuffer, Texture, VertexArray, bound_framebuffer
from viewer.gl.theme import rgb
from viewer.visuals import transfer as colouring
from viewer.visuals.drawing_order import back_to_front
from viewer.visuals.fitting import Limits, fit_all
from viewer.visuals.frame import draw_frame, edge_mask
from viewer.visuals.look import Look
from viewer.visuals.quality import FULL
from viewer.visuals.slab import Picture, Slab
from viewer.visuals.transfer import DENSITY

MODES = {"emission": "volume/emission.glsl", "maximum": "volume/maximum.glsl"}
_HOOKS = {mode: (("mode", file),) for mode, file in MODES.items()}
_NOTHING = (-8.0, -8.0, 0.0, 0.0)


class _Drawn:
    """A slab or a picture with its textures."""

    def __init__(self, context, part):
        self.part = part
        self.order = None
        self.uniforms, self.defines = {}, ()
        if isinstance(part, Picture):
            self.texture = Texture(context, part.pixels.shape[:2], GL.GL_RGBA8)
        else:
            self.texture = Texture(context, part.values.shape, GL.GL_R16F, linear=not part.opaque)
        self._write(part)

    def fits(self, part):
        """Whether another part can take over the textures."""
        if type(part) is not type(self.part):
            return False
        if isinstance(part, Picture):
            return part.pixels.shape == self.part.pixels.shape
        return part.values.shape == self.part.values.shape

    def update(self, part):
        """Take over another part of the same shape: no new objects for new values."""
        old, self.part = self.part, part
        self._write(part, old)

    def _write(self, part, old=None):
        if isinstance(part, Picture):
            if old is None or old.pixels is not part.pixels:
                alpha = np.full((*part.pixels.shape[:2], 1), 255, np.uint8)
                self.texture.write(np.concatenate([part.pixels[..., :3], alpha], 2))
                self.texture.build_mipmaps()
            return
        self.uniforms, self.defines = _uniforms(part), _defines(part)
        if old is None or old.values is not part.values:
            self.texture.write(part.values)
        if old is not None and old.opaque != part.opaque:
            self.texture.filter(not part.opaque)
        if part.order is None:
            if self.order is not None:
                self.order.release()
                self.order = None
        elif old is None or old.order is not part.order or self.order is None:
            if self.order is None:
                shape = (1, part.values.shape[0])
                self.order = Texture(self.texture.context, shape, GL.GL_R16UI)
            self.order.write(np.asarray(part.order, np.uint16)[None])

    def release(self):
        """Delete the textures."""
        self.texture.release()
        if self.order is not None:
            self.order.release()


def _uniforms(slab):
    """Uniforms of `slab.frag` that follow from the slab alone."""
    channels, rows, columns = slab.values.shape
    voxels = np.array([columns, rows, channels], float)
    low, high = slab.box
    index = colouring.index_from_value(slab.low, slab.high, slab.signed, slab.unit)
    vectors = {
        "box_low": low,
        "box_high": high,
        "corner": slab.corner,
        "extent": slab.extent,
        "voxels": voxels,
        "part_low": voxels * slab.low_edge,
        "part_high": voxels * slab.high_edge,
        "index_from_stored": index,
    }
    found = {name: tuple(float(part) for part in vector) for name, vector in vectors.items()}
    return found | {"row": int(slab.signed) + 2 * int(slab.opaque), "signed": bool(slab.signed)}


def _defines(slab):
    """Which variant of `slab.frag` the slab needs."""
    wanted = (
        ("ORDERED", slab.order is not None),
        ("SPECIALS", bool(slab.specials)),
        ("CELLS", slab.opaque),
    )
    return tuple(name for name, is_wanted in wanted if is_wanted)


class VolumeStack:
    """Slabs and pictures, drawn together.

    Attributes
    ----------
    slabs : tuple of Slab
    pictures : tuple of Picture
    badges : list of str
        What was reduced to fit the graphics card, known after the first draw.
    """

    def __init__(self, slabs=(), pictures=(), *, texels=Limits.texels):
        self.slabs, self.pictures, self.badges = (), (), []
        self._texels = texels
        self._context = None
        self._drawn = []
        self._pending = True
        self._targets = {}
        self._vertices = self._table = self._table_of = None
        self.set_layers(slabs, pictures)

    def set_layers(self, slabs, pictures=()):
        """Show these slabs and pictures; textures of unchanged shapes are kept and refilled.

        Parameters
        ----------
        slabs : sequence of Slab
        pictures : sequence of Picture
        """
        self.slabs, self.pictures = tuple(slabs), tuple(pictures)
        self._pending = True

    def update_values(self, arrays):
        """Replace the values of slabs, everything else unchanged.

        Parameters
        ----------
        arrays : dict of str to float16[C, H, W]
            By the slab's name, stored as `slab.encode` does with the same unit.
        """
        self.set_layers(
            [
                replace(slab, values=arrays[slab.name]) if slab.name in arrays else slab
                for slab in self.slabs
            ],
            self.pictures,
        )

    def boxes(self):
        """Lowest and highest corners of everything; float64[N, 3] each."""
        boxes = [part.box for part in (*self.slabs, *self.pictures)]
        low = np.array([low for low, _ in boxes]).reshape(-1, 3)
        return low, np.array([high for _, high in boxes]).reshape(-1, 3)

    def draw(self, context, camera, width, height, look=None, quality=FULL):
        """Draw into the framebuffer that is bound.

        Parameters
        ----------
        context : viewer.gl.context.Context
            The current one; objects are made in it at need.
        camera : viewer.gl.camera.Camera
        width, height : int
            Of the framebuffer, in physical pixels.
        look : Look, optional
        quality : Quality, optional
        """
        look = look or Look()
        target = bound_framebuffer()
        self._attach(context)
        self._upload()
        self._upload_table(look.transfer)
        wide, high = (max(1, round(side * quality.scale)) for side in (width, height))
        scene = self._target("scene", wide, high, GL.GL_RGBA16F)
        matrix = clip_from_world(camera, width / height).astype(np.float32)
        self._vertices.bind()
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_SCISSOR_TEST)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendEquation(GL.GL_FUNC_ADD)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        scene.bind()
        _clear((0.0, 0.0, 0.0, 0.0))
        count = len(self._drawn)
        pass_ = _Pass(context, camera, matrix, wide, high, look, quality, count)
        order = self._order(camera)
        if look.mode == "maximum":
            self._draw_maximum(pass_, order, scene)
        else:
            for drawn in order:
                pass_.frame(drawn.part, front=False)
                self._draw_body(pass_, drawn)
                pass_.frame(drawn.part, front=True)
        self._compose(context, scene, target, width, height, look)
        _reset()

    def release(self):
        """Delete every object; the context must be current. It can be drawn again after that."""
        for drawn in self._drawn:
            drawn.release()
        for owned in (*self._targets.values(), self._vertices, self._table):
            if owned is not None:
                owned.release()
        self._forget()

    def _forget(self):
        self._drawn, self._targets = [], {}
        self._vertices = self._table = self._table_of = None
        self._context = None
        self._pending = True

    def _attach(self, context):
        if self._context is context:
            return
        if self._context is not None:
            self._forget()
        self._context = context
        self._vertices = VertexArray(context)
        self._table = Texture(context, (4, colouring.ENTRIES), GL.GL_RGBA32F)

    def _upload(self):
        if not self._pending:
            return
        facts = self._context.capabilities
        limits = Limits(facts.max_texture_size, facts.max_array_layers, self._texels)
        parts, self.badges = fit_all(self.slabs, limits)
        wanted = [part for split in parts for part in split] + list(self.pictures)
        old, self._drawn = self._drawn, []
        for part in wanted:
            match = next((drawn for drawn in old if drawn.fits(part)), None)
            if match is None:
                self._drawn.append(_Drawn(self._context, part))
            else:
                old.remove(match)
                match.update(part)
                self._drawn.append(match)
        for drawn in old:
            drawn.release()
        self._pending = False

    def _upload_table(self, transfer):
        if self._table_of != transfer:
            self._table.write(colouring.table(transfer))
            self._table_of = transfer

    def _target(self, name, width, height, internal_format):
        found = self._targets.get(name)
        if found is None or (found.width, found.height) != (width, height):
            if found is not None:
                found.release()
            found = Framebuffer(self._context, width, height, internal_format)
            self._targets[name] = found
        return found

    def _order(self, camera):
        boxes = [drawn.part.box for drawn in self._drawn]
        order = back_to_front(
            [low for low, _ in boxes], [high for _, high in boxes], camera.eye_or_direction
        )
        return [self._drawn[index] for index in order]

    def _draw_body(self, pass_, drawn):
        if isinstance(drawn.part, Picture):
            pass_.picture(drawn)
        else:
            pass_.slab(drawn, self._table)

    def _draw_maximum(self, pass_, order, scene):
        volumes = [drawn for drawn in order if isinstance(drawn.part, Slab)]
        first = order.index(volumes[0]) if volumes else len(order)
        for number, drawn in enumerate(order):
            if number == first:
                self._gather_maximum(pass_, volumes, scene)
            if isinstance(drawn.part, Picture):
                pass_.picture(drawn)
                pass_.frame(drawn.part, front=True)

    def _gather_maximum(self, pass_, volumes, scene):
        for drawn in volumes:
            pass_.frame(drawn.part, front=False)
        best = self._target("maximum", scene.width, scene.height, GL.GL_RGBA16F)
        best.bind()
        _clear(_NOTHING)
        GL.glBlendEquation(GL.GL_MAX)
        for drawn in volumes:
            pass_.slab(drawn, self._table)
        GL.glBlendEquation(GL.GL_FUNC_ADD)
        scene.bind()
        program = pass_.context.program("screen/triangle.vert", "volume/maximum_colour.frag")
        program.use()
        best.texture.bind(0)
        self._table.bind(1)
        program.set(maximum=0, colours=1)
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)
        for drawn in volumes:
            pass_.frame(drawn.part, front=True)

    def _compose(self, context, scene, target, width, height, look):
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, target)
        GL.glViewport(0, 0, width, height)
        GL.glDisable(GL.GL_BLEND)
        program = context.program("screen/triangle.vert", "screen/composite.frag")
        program.use()
        scene.texture.bind(0)
        program.set(picture=0, background=rgb(look.theme.view))
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)


class _Pass:
    """One picture being drawn: the uniforms that all slabs share."""

    def __init__(self, context, camera, matrix, width, height, look, quality, boxes):
        self.context, self.camera, self.matrix = context, camera, matrix
        self.view = (float(width), float(height))
        self.look, self.quality = look, quality
        self.eye = tuple(float(part) for part in camera.eye_or_direction)
        # Many boxes close together: fainter edges, or they would be all that is seen.
        self.frame_opacity = min(1.0, (24 / max(1, boxes)) ** 0.5)

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
        """The rays through one slab."""
        slab, look = drawn.part, self.look
        program = self.context.program(
            "volume/slab.vert", "volume/slab.frag", _HOOKS[look.mode], drawn.defines
        )
        program.use()
        drawn.texture.bind(0)
        table.bind(1)
        if drawn.order is not None:
            drawn.order.bind(2)
        opacity = 1e6 / look.unit if slab.opaque else DENSITY * look.transfer.opacity / look.unit
        program.set(
            clip_from_world=self.matrix,
            eye=self.eye,
            spacing=float(self.quality.step),
            jitter=1.0 if look.jitter else 0.0,
            gap=self._gap(slab) if slab.opaque else 0.0,
            density=float(opacity * slab.density),
            values=0,
            colours=1,
            order=2,
            **drawn.uniforms,
        )
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


def _clear(colour):
    GL.glClearBufferfv(GL.GL_COLOR, 0, np.array(colour, np.float32))


def _reset():
    GL.glBindVertexArray(0)
    GL.glUseProgram(0)
    GL.glActiveTexture(GL.GL_TEXTURE0)
