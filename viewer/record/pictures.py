"""Pictures without a screen: a context and a framebuffer to draw into, and PNG files."""

import errno
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
        self._own, self._framebuffer, self._last = context is None, None, None
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
        """What ``draw(context, width, height)`` draws; uint8[height, width, 3].

        When ``draw`` returns False it has drawn nothing, because nothing changed: the array of
        the call before comes back.
        """
        if self._own:
            self.context.make_current()
        self._framebuffer.bind()
        if draw(self.context, self.width, self.height) is not False or self._last is None:
            self._last = self._framebuffer.read()[..., :3].copy()
        return self._last

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


def save_png(path, pixels, dots_per_inch=None):
    """Write a picture under another name, then rename it: never half a file.

    Parameters
    ----------
    path : str or Path
    pixels : uint8[H, W, 3]
    dots_per_inch : float, optional
        Written into the file, so that it is printed at the size that was meant.

    Raises
    ------
    MachineError
        When it cannot be written (a full disk, no permission).
    """
    from PIL import Image

    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    facts = {} if dots_per_inch is None else {"dpi": (dots_per_inch, dots_per_inch)}
    try:
        Image.fromarray(pixels).save(part, format="PNG", compress_level=4, **facts)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def cannot_write(path, error):
    """The `MachineError` that says why a file cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        remedy = "free some space, or choose another folder"
        return MachineError("the disk is full", where=path, remedy=remedy)
    reason = error.strerror or str(error)
    return MachineError(f"cannot write ({reason})", where=path, remedy="choose another place")
