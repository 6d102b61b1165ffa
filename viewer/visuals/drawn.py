"""A slab or a picture with its textures, which its values change without making new ones.

The first new values of a slab make a second texture, and from then on values go into the one that
the last picture did not use: a series plays without waiting for the graphics card to finish with
the texture it draws from, and without making a GL object.
"""

import numpy as np

from viewer.gl.api import GL
from viewer.gl.objects import Texture
from viewer.visuals import transfer as colouring
from viewer.visuals.look import clipped_edges
from viewer.visuals.slab import Picture


class Drawn:
    """A slab or a picture, uploaded.

    Attributes
    ----------
    part : Slab or Picture
    texture : Texture
        Of its present values.
    order : Texture or None
        Of the channels.
    uniforms : dict
        Of `slab.frag`, that follow from the slab alone.
    defines : tuple of str
        Which variant of `slab.frag` the slab needs.
    """

    def __init__(self, context, part):
        self.part = part
        self.order = None
        self.uniforms, self.defines = {}, ()
        self._context = context
        self.texture = self._new_texture(part)
        self._spare = None
        self._write(part)

    def _new_texture(self, part):
        if isinstance(part, Picture):
            return Texture(self._context, part.pixels.shape[:2], GL.GL_RGBA8)
        linear = not (part.opaque or part.sharp)
        return Texture(self._context, part.values.shape, GL.GL_R16F, linear=linear)

    def fits(self, part):
        """Whether another part can take over the textures."""
        if type(part) is not type(self.part):
            return False
        if isinstance(part, Picture):
            return part.pixels.shape == self.part.pixels.shape
        own = (self.part.values.shape, self.part.opaque, self.part.sharp)
        return (part.values.shape, part.opaque, part.sharp) == own

    def update(self, part, *, rings=True):
        """Take over another part that fits: no new objects for new values.

        ``rings``: whether there is memory for a second texture.
        """
        old, self.part = self.part, part
        self._write(part, old, rings)

    def cut(self, look):
        """Uniforms of what clip planes leave of the slab, or None where that is nothing."""
        if self._cut is None or self._cut[0] != look.clip:
            self._cut = look.clip, _cut(self.part, look)
        return self._cut[1]

    def _write(self, part, old=None, rings=False):
        self._cut = None
        if isinstance(part, Picture):
            if old is None or old.pixels is not part.pixels:
                alpha = np.full((*part.pixels.shape[:2], 1), 255, np.uint8)
                self.texture.write(np.concatenate([part.pixels[..., :3], alpha], 2))
                self.texture.build_mipmaps()
            return
        self.uniforms, self.defines = _uniforms(part), _defines(part)
        if old is None or old.values is not part.values:
            if old is not None and rings:
                self.texture, self._spare = self._spare or self._new_texture(part), self.texture
            self.texture.write(part.values)
        self._write_order(part, old)

    def _write_order(self, part, old):
        if part.order is None:
            if self.order is not None:
                self.order.release()
                self.order = None
        elif self.order is None or old is None or old.order is not part.order:
            if self.order is None:
                self.order = Texture(self._context, (1, part.values.shape[0]), GL.GL_R16UI)
            self.order.write(np.asarray(part.order, np.uint16)[None])

    def release(self):
        """Delete the textures."""
        for texture in (self.texture, self._spare, self.order):
            if texture is not None:
                texture.release()


def _cut(slab, look):
    low, high = clipped_edges(look, slab)
    if (high <= low).any():
        return None
    corner, extent = np.array(slab.corner), np.array(slab.extent)
    voxels = np.array(slab.values.shape[::-1], float)
    ends = corner + extent * low, corner + extent * high
    vectors = {
        "box_low": np.minimum(*ends),
        "box_high": np.maximum(*ends),
        "part_low": voxels * low,
        "part_high": voxels * high,
    }
    return {name: tuple(float(part) for part in vector) for name, vector in vectors.items()}


def _uniforms(slab):
    channels, rows, columns = slab.values.shape
    vectors = {
        "corner": slab.corner,
        "extent": slab.extent,
        "voxels": (columns, rows, channels),
        "index_from_stored": colouring.index_from_value(
            slab.low, slab.high, slab.signed, slab.unit
        ),
    }
    found = {name: tuple(float(part) for part in vector) for name, vector in vectors.items()}
    return found | {"row": int(slab.signed) + 2 * int(slab.opaque), "signed": bool(slab.signed)}


def _defines(slab):
    wanted = (
        ("ORDERED", slab.order is not None),
        ("SPECIALS", bool(slab.specials)),
        ("CELLS", slab.opaque),
    )
    return tuple(name for name, is_wanted in wanted if is_wanted)
