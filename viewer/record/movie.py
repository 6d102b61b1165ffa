"""Movies without a screen: every frame drawn in turn, encoded or kept as PNG files."""

from pathlib import Path

from engine.errors import Cancelled, InputError
from engine.tasks import Task
from viewer.record.encoder import Encoder, even
from viewer.record.pictures import Canvas, cannot_write, save_png


def render(draw, path, *, frames, size=(1280, 720), fps=30, task=None, context=None):
    """Draw frames into a movie or a folder of pictures.

    Parameters
    ----------
    draw : callable(context, width, height, number)
        Draws frame ``number`` (from 0) into the framebuffer that is bound.
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
        A name that means no format; no OpenGL; a full disk; a dead encoder.
    """
    task = task or Task("Rendering")
    path = Path(path)
    is_movie = path.suffix.lower() == ".mp4"
    if not is_movie and path.suffix and not path.is_dir():
        raise InputError(
            "movies are written as .mp4, pictures into a folder", where=path, got=path.suffix
        )
    if frames < 1:
        raise InputError("there is no frame to draw", where=path)
    width, height = even(size) if is_movie else size
    with Canvas(width, height, context) as canvas:
        sink = Encoder(path, width, height, fps) if is_movie else _Folder(path, frames)
        try:
            for number in range(frames):
                task.report(number, frames, f"frame {number + 1} of {frames}")
                sink.write(canvas.picture(lambda *place, n=number: draw(*place, n)))
        except Cancelled as error:
            kept = sink.finish() if sink.frames else sink.abort() or 0
            raise Cancelled(
                "cancelled", where=path, got=f"{kept} of {frames} frames, kept"
            ) from error
        except BaseException:
            sink.abort()
            raise
        written = sink.finish()
        task.report(frames, frames, "done")
    return written


class _Folder:
    """PNG files ``frame_00001.png`` and on."""

    def __init__(self, path, frames):
        self.path, self.frames = path, 0
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
