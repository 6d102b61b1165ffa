"""What the OpenGL of a context is and can do: names, limits, whether it is software."""

from dataclasses import asdict, dataclass

from viewer.gl.api import GL

_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software", "gdi generic")


@dataclass(frozen=True)
class Capabilities:
    """Facts about one context.

    Attributes
    ----------
    renderer, vendor, version, shading_language : str
        As the driver says them.
    is_software : bool
        Whether the processor draws: slower, so views start coarser while moving.
    max_texture_size : int
        Texels along rows and columns of a map.
    max_3d_texture_size : int
        Texels along each axis of a 3D texture (reported; activation volumes do not use one).
    max_array_layers : int
        Channels that one texture array holds; more are split.
    max_texture_units : int
        Textures that a shader reads at once.
    """

    renderer: str
    vendor: str
    version: str
    shading_language: str
    is_software: bool
    max_texture_size: int
    max_3d_texture_size: int
    max_array_layers: int
    max_texture_units: int

    def as_json(self):
        """The same as a dict of plain values."""
        return asdict(self)


def read_capabilities():
    """`Capabilities` of the current context."""
    names = [
        _text(name)
        for name in (GL.GL_RENDERER, GL.GL_VENDOR, GL.GL_VERSION, GL.GL_SHADING_LANGUAGE_VERSION)
    ]
    return Capabilities(
        *names,
        is_software=any(word in names[0].lower() for word in _SOFTWARE),
        max_texture_size=int(GL.glGetIntegerv(GL.GL_MAX_TEXTURE_SIZE)),
        max_3d_texture_size=int(GL.glGetIntegerv(GL.GL_MAX_3D_TEXTURE_SIZE)),
        max_array_layers=int(GL.glGetIntegerv(GL.GL_MAX_ARRAY_TEXTURE_LAYERS)),
        max_texture_units=int(GL.glGetIntegerv(GL.GL_MAX_TEXTURE_IMAGE_UNITS)),
    )


def _text(name):
    value = GL.glGetString(name)
    return value.decode(errors="replace") if value else ""
