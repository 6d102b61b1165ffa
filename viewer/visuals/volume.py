"""A stack of activation volumes, each followed by rays in its own box and laid over the others.

Slabs that do not overlap can be drawn one after the other, the farthest first, with
premultiplied blending: the result is that of one ray through all of them. So there is one draw
a layer, no depth test, and front faces are culled, which also holds when the eye is inside.
The modes that show one value for the whole ray are gathered first, by blending too (maximum:
GL_MAX; average: sums; attenuated maximum: what is behind times what a slab lets through, then
GL_MAX), and coloured at the end.

What is drawn goes into a picture of its own (coarser while moving; half floats, or the rounding
of every slab would add up), which is then laid over the background of whatever framebuffer was
bound.
"""

from dataclasses import replace

import numpy as np

from viewer.gl.api import GL
from viewer.gl.camera import clip_from_world
from viewer.gl.objects import (
    Framebuffer,
    Texture,
    VertexArray,
    bound_framebuffer,
    out_of_memory,
)
from viewer.gl.theme import rgb
from viewer.visuals import transfer as colouring
from viewer.visuals.drawing_order import back_to_front
from viewer.visuals.drawn import Drawn
from viewer.visuals.fitting import Fitter, Limits
from viewer.visuals.look import Look
from viewer.visuals.quality import FULL
from viewer.visuals.slab import Picture, Slab
from viewer.visuals.strokes import Strokes

# What the modes that show one value for a ray are gathered over, and how.
_NOTHING = {
    "maximum": (-8.0, -8.0, 0.0, 0.0),
    "average": (0.0, 0.0, 0.0, 0.0),
    "attenuated": (0.0, 0.0, 0.0, 0.0),
}
# Below so many values, less memory would not help.
_LEAST_TEXELS = 1 << 20


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
        self._fitter = Fitter()
        self._by_mean = False
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

    def draw(self, context, camera, width, height, look=None, quality=FULL, band=None):
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
        band : (int, int), optional
            (number, count): of the full picture, cut into so many bands, draw this one alone and
            show it, the ones above it as they were drawn before, and the last whole picture below.
            Number after number, with everything else unchanged, a picture that takes long gets
            sharp from the top without holding anything up. From count on nothing is drawn anew.
        """
        look = look or Look()
        target = bound_framebuffer()
        self._pool_by(look.mode == "average")
        self.upload(context)
        self._upload_table(look.transfer)
        self._vertices.bind()
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_SCISSOR_TEST)
        if band is None:
            sides = (max(1, round(side * quality.scale)) for side in (width, height))
            scene = self._target("scene", *sides, GL.GL_RGBA16F)
            self._paint(scene, camera, width / height, look, quality)
            self._compose(scene, target, width, height, look)
        else:
            self._draw_band(band, camera, target, width, height, look)
        _reset()

    def _draw_band(self, band, camera, target, width, height, look):
        number, count = band
        full = self._target("full", width, height, GL.GL_RGBA16F)
        top, bottom = (round(height * edge / count) for edge in (number, number + 1))
        if number < count:
            GL.glEnable(GL.GL_SCISSOR_TEST)
            GL.glScissor(0, height - bottom, width, bottom - top)
            self._paint(full, camera, width / height, look, FULL)
            GL.glDisable(GL.GL_SCISSOR_TEST)
            if bottom < height and "scene" in self._targets:
                self._compose(self._targets["scene"], target, width, height, look)
        GL.glEnable(GL.GL_SCISSOR_TEST)
        GL.glScissor(0, max(0, height - bottom), width, min(bottom, height))
        self._compose(full, target, width, height, look)
        GL.glDisable(GL.GL_SCISSOR_TEST)

    def _paint(self, scene, camera, aspect, look, quality):
        """Volumes and pictures, premultiplied over nothing, into a framebuffer of ours."""
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendEquation(GL.GL_FUNC_ADD)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        scene.bind()
        _clear((0.0, 0.0, 0.0, 0.0))
        matrix = clip_from_world(camera, aspect).astype(np.float32)
        sides, count = (scene.width, scene.height), len(self._drawn)
        strokes = Strokes(self._context, camera, matrix, *sides, look, quality, count)
        order = self._order(camera)
        if look.mode in _NOTHING:
            self._draw_results(strokes, order, scene)
            return
        for drawn in order:
            strokes.frame(drawn.part, front=False)
            self._draw_body(strokes, drawn)
            strokes.frame(drawn.part, front=True)

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

    def upload(self, context):
        """Bring new layers to the graphics card; `draw` does it too.

        Parameters
        ----------
        context : viewer.gl.context.Context
            The current one.
        """
        self._attach(context)
        if not self._pending:
            return
        while not self._take_over():
            for drawn in self._drawn:
                drawn.release()
            self._drawn = []
            self._texels //= 2
        self._pending = False

    def _take_over(self):
        """Textures for the present layers; False when the graphics card has no memory for them."""
        facts = self._context.capabilities
        limits = Limits(facts.max_texture_size, facts.max_array_layers, self._texels)
        parts, self.badges = self._fitter.fit(self.slabs, limits, self._by_mean)
        wanted = [part for split in parts for part in split] + list(self.pictures)
        size = sum(part.values.size for split in parts for part in split)
        rings = 2 * size <= self._texels
        old, self._drawn, made = self._drawn, [], 0
        for part in wanted:
            fitting = [drawn for drawn in old if drawn.fits(part)]
            # Its own textures before those of another layer of the same shape.
            match = min(fitting, key=lambda drawn: drawn.part.name != part.name, default=None)
            if match is None:
                self._drawn.append(Drawn(self._context, part))
                made += 1
            else:
                old.remove(match)
                match.update(part, rings=rings)
                self._drawn.append(match)
        for drawn in old:
            drawn.release()
        return not made or self._texels < _LEAST_TEXELS or not out_of_memory()

    def _pool_by(self, mean):
        if mean != self._by_mean:
            self._by_mean = mean
            # Only what was pooled is other than before.
            self._pending = self._pending or bool(self.badges)

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

    def _draw_body(self, strokes, drawn):
        if isinstance(drawn.part, Picture):
            strokes.picture(drawn)
        else:
            strokes.slab(drawn, self._table)

    def _draw_results(self, strokes, order, scene):
        """A mode that shows one value for a ray: pictures before and behind the volumes as such."""
        volumes = [drawn for drawn in order if isinstance(drawn.part, Slab)]
        first = order.index(volumes[0]) if volumes else len(order)
        for number, drawn in enumerate(order):
            if number == first:
                self._draw_result(strokes, volumes, scene)
            if isinstance(drawn.part, Picture):
                strokes.picture(drawn)
                strokes.frame(drawn.part, front=True)

    def _draw_result(self, strokes, volumes, scene):
        for drawn in volumes:
            strokes.frame(drawn.part, front=False)
        look = strokes.look
        gathered = self._target("gathered", scene.width, scene.height, GL.GL_RGBA16F)
        gathered.bind()
        _clear(_NOTHING[look.mode])
        if look.mode == "attenuated":
            self._gather_attenuated(strokes, volumes, gathered)
        else:
            GL.glBlendEquation(GL.GL_MAX if look.mode == "maximum" else GL.GL_FUNC_ADD)
            GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE)
            for drawn in volumes:
                strokes.slab(drawn, self._table)
        GL.glBlendEquation(GL.GL_FUNC_ADD)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        scene.bind()
        colour = f"volume/{look.mode}_colour.frag"
        program = strokes.context.program("screen/triangle.vert", colour)
        program.use()
        gathered.texture.bind(0)
        self._table.bind(1)
        by_density = look.transfer.curve is not None
        gain = float(look.transfer.opacity)
        program.set(gathered=0, colours=1, by_density=by_density, gain=gain)
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)
        for drawn in volumes:
            strokes.frame(drawn.part, front=True)

    def _gather_attenuated(self, strokes, volumes, gathered):
        """Back to front: each slab by itself, then laid over what is behind it."""
        one = self._target("one", gathered.width, gathered.height, GL.GL_RGBA16F)
        for drawn in volumes:
            one.bind()
            GL.glDisable(GL.GL_BLEND)
            strokes.slab(drawn, self._table)
            GL.glEnable(GL.GL_BLEND)
            gathered.bind()
            strokes.laid(drawn, one.texture)

    def _compose(self, scene, target, width, height, look):
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, target)
        GL.glViewport(0, 0, width, height)
        GL.glDisable(GL.GL_BLEND)
        program = self._context.program("screen/triangle.vert", "screen/composite.frag")
        program.use()
        scene.texture.bind(0)
        program.set(picture=0, background=rgb(look.theme.view))
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)


def _clear(colour):
    GL.glClearBufferfv(GL.GL_COLOR, 0, np.array(colour, np.float32))


def _reset():
    GL.glBindVertexArray(0)
    GL.glUseProgram(0)
    GL.glActiveTexture(GL.GL_TEXTURE0)
