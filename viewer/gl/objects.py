"""Buffers, vertex arrays, textures and framebuffers: owned by a context, counted, released.

Each wraps one GL name. Nothing is deleted by garbage collection, because the right context may
not be current then: owners call `release`, or the context does it for all.
"""

import ctypes

import numpy as np

from engine.errors import MachineError
from viewer.gl.api import GL, glVertexAttribPointer

# internal format -> (format, type, NumPy dtype) of the pixels that are uploaded or read
PIXELS = {
    GL.GL_R8: (GL.GL_RED, GL.GL_UNSIGNED_BYTE, np.uint8),
    GL.GL_RGBA8: (GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, np.uint8),
    GL.GL_R16F: (GL.GL_RED, GL.GL_HALF_FLOAT, np.float16),
    GL.GL_R32F: (GL.GL_RED, GL.GL_FLOAT, np.float32),
    GL.GL_RGBA16F: (GL.GL_RGBA, GL.GL_HALF_FLOAT, np.float16),
    GL.GL_RGBA32F: (GL.GL_RGBA, GL.GL_FLOAT, np.float32),
    GL.GL_R16UI: (GL.GL_RED_INTEGER, GL.GL_UNSIGNED_SHORT, np.uint16),
    GL.GL_R32UI: (GL.GL_RED_INTEGER, GL.GL_UNSIGNED_INT, np.uint32),
}


class Owned:
    """One GL name that belongs to a context."""

    def __init__(self, context, name):
        self.context = context
        self.name = int(name)
        context.keep(self)

    def _delete(self, name):
        raise NotImplementedError

    def release(self):
        """Delete it; its context must be current. Harmless when repeated."""
        if self.name:
            self._delete(self.name)
            self.forget()
            self.context.drop(self)

    def forget(self):
        """Its context has gone: nothing is left to delete."""
        self.name = 0


class Buffer(Owned):
    """Vertex data that is written anew whenever it changes."""

    def __init__(self, context):
        super().__init__(context, GL.glGenBuffers(1))

    def _delete(self, name):
        GL.glDeleteBuffers(1, [name])

    def write(self, array):
        """Replace the contents by a NumPy array's bytes."""
        array = np.ascontiguousarray(array)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self.name)
        GL.glBufferData(GL.GL_ARRAY_BUFFER, array.nbytes, array, GL.GL_STREAM_DRAW)


class VertexArray(Owned):
    """How vertex attributes lie in buffers; without attributes: vertices made in the shader."""

    def __init__(self, context):
        super().__init__(context, GL.glGenVertexArrays(1))

    def _delete(self, name):
        GL.glDeleteVertexArrays(1, [name])

    def bind(self):
        """Make it the one that draws."""
        GL.glBindVertexArray(self.name)

    def attribute(self, location, buffer, count, kind, stride, offset, normalized=False):
        """Attribute ``location``: ``count`` values of GL type ``kind`` in ``buffer``."""
        self.bind()
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, buffer.name)
        GL.glEnableVertexAttribArray(location)
        glVertexAttribPointer(location, count, kind, normalized, stride, ctypes.c_void_p(offset))


class Texture(Owned):
    """A 2D texture, or an array of 2D layers: never interpolated from layer to layer.

    Parameters
    ----------
    context : Context
    shape : tuple of int
        (rows, columns) or (layers, rows, columns).
    internal_format : int
        A key of `PIXELS`.
    linear : bool
        Bilinear inside a layer; else nearest.
    """

    def __init__(self, context, shape, internal_format, *, linear=False):
        super().__init__(context, GL.glGenTextures(1))
        self.shape = tuple(int(size) for size in shape)
        self.internal_format = internal_format
        self.target = GL.GL_TEXTURE_2D if len(shape) == 2 else GL.GL_TEXTURE_2D_ARRAY
        pixels, kind, _ = PIXELS[internal_format]
        self.bind(0)
        if len(self.shape) == 2:
            rows, columns = self.shape
            GL.glTexImage2D(self.target, 0, internal_format, columns, rows, 0, pixels, kind, None)
        else:
            layers, rows, columns = self.shape
            GL.glTexImage3D(
                self.target, 0, internal_format, columns, rows, layers, 0, pixels, kind, None
            )
        GL.glTexParameteri(self.target, GL.GL_TEXTURE_MAX_LEVEL, 0)
        GL.glTexParameteri(self.target, GL.GL_TEXTURE_WRAP_S, GL.GL_CLAMP_TO_EDGE)
        GL.glTexParameteri(self.target, GL.GL_TEXTURE_WRAP_T, GL.GL_CLAMP_TO_EDGE)
        self.filter(linear)

    @property
    def nbytes(self):
        """Bytes of its texels."""
        channels = 4 if PIXELS[self.internal_format][0] == GL.GL_RGBA else 1
        return int(np.prod(self.shape)) * channels * PIXELS[self.internal_format][2]().nbytes

    def _delete(self, name):
        GL.glDeleteTextures(1, [name])

    def bind(self, unit):
        """Make it readable at a texture unit."""
        GL.glActiveTexture(GL.GL_TEXTURE0 + unit)
        GL.glBindTexture(self.target, self.name)

    def filter(self, linear):
        """Bilinear or nearest."""
        self.bind(0)
        kind = GL.GL_LINEAR if linear else GL.GL_NEAREST
        GL.glTexParameteri(self.target, GL.GL_TEXTURE_MIN_FILTER, kind)
        GL.glTexParameteri(self.target, GL.GL_TEXTURE_MAG_FILTER, kind)

    def build_mipmaps(self):
        """Average it down for small sizes; sharp squares when enlarged."""
        self.bind(0)
        GL.glTexParameteri(self.target, GL.GL_TEXTURE_MAX_LEVEL, 1000)
        GL.glGenerateMipmap(self.target)
        GL.glTexParameteri(self.target, GL.GL_TEXTURE_MIN_FILTER, GL.GL_LINEAR_MIPMAP_LINEAR)

    def write(self, array, at=None):
        """Upload texels into the existing storage.

        Parameters
        ----------
        array : ndarray
            Of the texture's shape (RGBA formats: one more axis of 4); converted to its dtype.
        at : tuple of int, optional
            First texel, as the shape: a part is written.
        """
        pixels, kind, dtype = PIXELS[self.internal_format]
        array = np.ascontiguousarray(array, dtype)
        start = at or (0,) * len(self.shape)
        shape = array.shape[: len(self.shape)]
        if not all(s + n <= size for s, n, size in zip(start, shape, self.shape, strict=True)):
            raise ValueError(f"texels {shape} at {start} do not fit a texture of {self.shape}")
        self.bind(0)
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
        if len(self.shape) == 2:
            GL.glTexSubImage2D(
                self.target, 0, start[1], start[0], shape[1], shape[0], pixels, kind, array
            )
        else:
            GL.glTexSubImage3D(
                self.target,
                0,
                *(start[2], start[1], start[0]),
                *(shape[2], shape[1], shape[0]),
                pixels,
                kind,
                array,
            )


class Framebuffer(Owned):
    """A picture to draw into: one colour texture, no depth.

    Parameters
    ----------
    context : Context
    width, height : int
        Pixels.
    internal_format : int
        A key of `PIXELS`.
    """

    def __init__(self, context, width, height, internal_format=GL.GL_RGBA8):
        super().__init__(context, GL.glGenFramebuffers(1))
        self.width, self.height = int(width), int(height)
        self.texture = Texture(context, (height, width), internal_format, linear=True)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self.name)
        GL.glFramebufferTexture2D(
            GL.GL_FRAMEBUFFER,
            GL.GL_COLOR_ATTACHMENT0,
            GL.GL_TEXTURE_2D,
            self.texture.name,
            0,
        )
        status = GL.glCheckFramebufferStatus(GL.GL_FRAMEBUFFER)
        if status != GL.GL_FRAMEBUFFER_COMPLETE:
            self.release()
            raise MachineError(
                f"the graphics driver refuses a picture of {width} x {height} pixels",
                got=f"status 0x{int(status):x}",
                remedy="choose a smaller size",
            )

    def _delete(self, name):
        GL.glDeleteFramebuffers(1, [name])
        self.texture.release()

    def bind(self):
        """Draw into it, over its whole size."""
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self.name)
        GL.glViewport(0, 0, self.width, self.height)

    def read(self):
        """Its pixels, first row on top: dtype and channels of its format."""
        self.bind()
        return read_pixels(self.width, self.height, self.texture.internal_format)


def read_pixels(width, height, internal_format=GL.GL_RGBA8):
    """Pixels of the bound framebuffer, first row on top.

    Returns
    -------
    ndarray[height, width, 4] or [height, width]
        uint8 for RGBA8, float16 or float32 for float formats.
    """
    pixels, kind, dtype = PIXELS[internal_format]
    channels = (4,) if pixels == GL.GL_RGBA else ()
    out = np.empty((height, width, *channels), dtype)
    GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)
    GL.glReadPixels(0, 0, width, height, pixels, kind, out)
    return out[::-1]


def bound_framebuffer():
    """Name of the framebuffer that is bound for drawing (the window's is not always 0)."""
    return int(GL.glGetIntegerv(GL.GL_DRAW_FRAMEBUFFER_BINDING))


def out_of_memory():
    """Whether the driver has run out of memory since this was asked last."""
    found = False
    while (error := GL.glGetError()) != GL.GL_NO_ERROR:
        found = found or error == GL.GL_OUT_OF_MEMORY
    return found
