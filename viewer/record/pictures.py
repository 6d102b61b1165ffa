"""Pictures at any size, in a window or without a screen: views drawn anew, and PNG files.

A picture of a view has its legend and colour bar, because the view draws them itself; a larger
picture has the same composition with more pixels, text included.
"""

import errno
import os
from pathlib import Path

from engine.errors import InputError, MachineError
from viewer.gl.api import GL
from viewer.gl.context import EglContext
from viewer.gl.objects import Framebuffer, bound_framebuffer
from viewer.gl.theme import THEMES
from viewer.stage.composition import draw_ground, in_sight, plan
from viewer.state.layout import in_front


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


def picture_of_view(view, context, size, ratio=None):
    """A view as it stands, drawn anew at full quality.

    Parameters
    ----------
    view : View
        Drawn before with the same context; it draws itself again at its own size afterwards.
    context : Context
        The view's, current.
    size : (int, int)
        Width and height, pixels.
    ratio : float, optional
        Pixels to a logical pixel; by default the view's own composition fills the picture.

    Returns
    -------
    uint8[height, width, 3]

    Raises
    ------
    InputError
        Larger than the graphics driver can draw.
    """
    width, height = size
    if ratio is None:
        ratio = min(width / max(1.0, view.width), height / max(1.0, view.height))
    target, animates = bound_framebuffer(), view.animates
    view.animates = False
    try:
        with Canvas(width, height, context) as canvas:
            return canvas.picture(lambda *place: view.draw(*place, ratio))
    finally:
        view.animates = animates
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, target)
        view.outdated.emit()


def picture_of_stage(stage, state, enter, size):
    """The views that can be seen, in their layout with titles, as in a movie.

    Parameters
    ----------
    stage : Stage
    state : State
    enter : callable(str) -> Context
        Makes the context of a pane's view current; each may have one of its own.
    size : (int, int)
        Width and height, pixels.

    Returns
    -------
    uint8[height, width, 3]

    Raises
    ------
    InputError
        No view can be seen; larger than the graphics driver can draw.
    """
    window = in_sight(state)
    names = [name for name in in_front(window.layout, window.only) if name in stage.views]
    if not names:
        raise InputError("there is no view to take a picture of", remedy="open a pane")
    made = plan(window, *size)
    details = {name: stage.views[name].detail for name in names}
    with Canvas(*size, enter(names[0])) as canvas:
        ground = canvas.picture(
            lambda context, *_: draw_ground(context, made, details, THEMES[window.theme])
        )
    picture = ground.copy()
    for name in (name for group in made.groups for name in group if name in details):
        left, top, width, height = made.panes[name]
        place = slice(top, top + height), slice(left, left + width)
        picture[place] = ground[place]
        left, top, width, height = made.inside(name)
        pixels = picture_of_view(stage.views[name], enter(name), (width, height), made.ratio)
        room = picture[max(0, top) : top + height, max(0, left) : left + width]
        room[...] = pixels[max(0, -top) :, max(0, -left) :][: room.shape[0], : room.shape[1]]
    return picture


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
