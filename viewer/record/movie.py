"""Movies without a screen: every frame drawn in turn, encoded or kept as PNG files."""

import re
from pathlib import Path

from engine.errors import Cancelled, InputError, LamellaError
from engine.tasks import Task
from viewer.record.encoder import Encoder, check_movie, even
from viewer.record.pictures import Canvas, cannot_write, save_png

FASTEST = 240
_FRAME = re.compile(r"frame_(\d{5,})\.png")


def is_movie(path):
    """Whether a name means a movie; else it is a folder for pictures.

    Raises
    ------
    InputError
        It means another format.
    """
    path = Path(path)
    if path.suffix.lower() == ".mp4":
        return True
    if path.suffix and not path.is_dir():
        raise InputError(
            "movies are written as .mp4, pictures into a folder", where=path, got=path.suffix
        )
    return False


def check_place(path, size, fps, frames):
    """Say what is wrong with where a movie goes, before anything long begins; see `render`."""
    if frames < 1:
        raise InputError("there is no frame to draw", where=path)
    if not 0 < fps <= FASTEST:
        raise InputError(f"frames a second are above 0, up to {FASTEST}", got=fps, where=path)
    if is_movie(path):
        check_movie(path, *even(size))
    else:
        _check_folder(Path(path), frames)


def render(draw, path, *, frames, size=(1280, 720), fps=30, task=None, context=None):
    """Draw frames into a movie or a folder of pictures.

    Parameters
    ----------
    draw : callable(context, width, height, number)
        Draws frame ``number`` (from 0) into the framebuffer that is bound. Returns False when
        that holds it already: the frame before is taken once more.
    path : str or Path
        ``*.mp4``: a movie; a folder, or a name without extension: PNG files in it.
    frames : int
        How many.
    size : (int, int)
        Width and height; a movie's odd sides grow by one pixel.
    fps : float
        Frames a second.
    task : Task, optional
        Progress and cancel; frames that were finished are kept.
    context : Context, optional
        The current one; by default one without a screen is made and closed.

    Returns
    -------
    int
        Frames written.

    Raises
    ------
    Cancelled
        By the task; says how many frames are kept, and where.
    InputError, MachineError
        A name that means no format; no OpenGL; a full disk; a dead encoder. Frames that were
        finished are kept, and the sentence says so.
    """
    task = task or Task("Rendering")
    path = Path(path)
    check_place(path, size, fps, frames)
    width, height = even(size) if is_movie(path) else size
    with Canvas(width, height, context) as canvas:
        sink = Encoder(path, width, height, fps) if is_movie(path) else _Folder(path, frames)
        try:
            for number in range(frames):
                task.report(number, frames, f"frame {number + 1} of {frames}")
                sink.write(canvas.picture(lambda *place, n=number: draw(*place, n)))
        except BaseException as error:
            raise _ended(sink, error, frames) from error
        written = sink.finish()
        task.report(frames, frames, "done")
    return written


def _ended(sink, error, frames):
    """The error that ended a movie early, after what was finished was kept."""
    if not sink.open:
        return error
    if not sink.frames:
        sink.abort()
        kept = 0
    else:
        kept = sink.finish()
    if isinstance(error, Cancelled):
        return Cancelled(where=sink.path, got=f"{kept} of {frames} frames, kept")
    if isinstance(error, LamellaError) and kept:
        error.what += f"; the first {kept} frames are kept in {sink.path}"
    return error


def _check_folder(path, frames):
    """A folder that holds more frames than will be written would end with another movie's."""
    if path.exists() and not path.is_dir():
        raise InputError("there is a file of this name", where=path, remedy="choose another")
    present = path.iterdir() if path.is_dir() else ()
    numbers = [int(found[1]) for item in present if (found := _FRAME.fullmatch(item.name))]
    if numbers and max(numbers) > frames:
        raise InputError(
            "the folder holds frames of a longer movie",
            where=path,
            expected=f"at most {frames}",
            got=max(numbers),
            remedy="empty it, or choose another folder",
        )


class _Folder:
    """PNG files ``frame_00001.png`` and on."""

    def __init__(self, path, frames):
        self.path, self.frames, self.open = path, 0, True
        self._digits = max(5, len(str(frames)))
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(path, error) from error

    def write(self, frame):
        save_png(self.path / f"frame_{self.frames + 1:0{self._digits}}.png", frame)
        self.frames += 1

    def finish(self):
        return self.frames

    def abort(self):
        """Whole pictures stay."""
