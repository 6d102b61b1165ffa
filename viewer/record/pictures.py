"""Pictures without a screen: a context and a framebuffer to draw into, and PNG files."""

import os
from pathlib import Path

from engine.errors import InputError, MachineError
from viewer.gl.context import EglContext
from viewer.gl.objects import Framebuffer


class Canvas:
    """A picture of a fixed size that is drawn into again and again; a context manager.

    Parameters
    ----------
    width, height : int
        Pixels.
    context : viewer.gl.context.Context, optional
        The current one (a window's, for a screenshot); by default an `EglContext` of its own.
    """

    def __init__(self, width, height, context=None):
        if width < 1 or height < 1:
            raise InputError("a picture needs at least one pixel", got=f"{width} x {height}")
        self._own, self._framebuffer = context is None, None
        self.context = context or EglContext()
        most = self.context.capabilities.max_texture_size
        if max(width, height) > most:
            self.close()
            raise InputError(
                "the picture is too large for the graphics driver",
                got=f"{width} x {height}",
                expected=f"at most {most} pixels a side",
            )
        self.width, self.height = int(width), int(height)
        self._framebuffer = Framebuffer(self.context, width, height)

    def picture(self, draw):
        """What ``draw(context, width, height)`` draws; uint8[height, width, 3]."""
        if self._own:
            self.context.make_current()
        self._framebuffer.bind()
        draw(self.context, self.width, self.height)
        return self._framebuffer.read()[..., :3].copy()

    def close(self):
        """Free the framebuffer, and the context when it is its own."""
        if self._own:
            self.context.close()
        elif self._framebuffer is not None:
            self._framebuffer.release()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def save_png(path, pixels):
    """Write a picture under another name, then rename it: never half a file.

    Parameters
    ----------
    path : str or Path
    pixels : uint8[H, W, 3]

    Raises
    ------
    MachineError
        When it cannot be written (a full disk, no permission).
    """
    from PIL import Image

    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    try:
        Image.fromarray(pixels).save(part, format="PNG", compress_level=4)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def cannot_write(path, error):
    """The `MachineError` that says why a file cannot be written."""
    reason = error.strerror or str(error)
    return MachineError(f"cannot write ({reason})", where=path, remedy="choose another place")
