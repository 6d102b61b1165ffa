"""Frames to an MP4 file: ffmpeg in a process of its own, fed by a thread from a short queue.

H.264, yuv420p, BT.709: what every player shows. The number of encoder threads is fixed and
nothing of time or machine goes into the file, so equal frames give equal bytes. The file is
written under another name and renamed when it is whole; ffmpeg ends with its input, so it never
outlives the program.
"""

import os
import queue
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

import numpy as np

from engine.errors import InputError, MachineError
from viewer.record.pictures import cannot_write

_WAITING = 6
_END = None


def even(size):
    """A size (width, height) that the encoder takes: odd sides are one pixel larger."""
    width, height = size
    return int(width) + int(width) % 2, int(height) + int(height) % 2


class Encoder:
    """One movie being written.

    Parameters
    ----------
    path : str or Path
        ``*.mp4``; replaced when it exists.
    width, height : int
        Even numbers of pixels.
    fps : float
    live : bool
        Encode fast rather than small, for recording while a person works.
    """

    def __init__(self, path, width, height, fps, *, live=False):
        if width % 2 or height % 2 or width < 2 or height < 2:
            raise InputError("a movie needs even sides", got=f"{width} x {height}", where=path)
        if not fps > 0:
            raise InputError("a movie needs frames per second above 0", got=fps, where=path)
        self.path, self.frames = Path(path), 0
        self._shape = (height, width, 3)
        self._part = self.path.with_name(f".{self.path.stem}.part.mp4")
        if not self.path.parent.is_dir():
            raise InputError("the folder does not exist", where=self.path.parent)
        self._messages = tempfile.TemporaryFile()
        self._process = self._start(_command(self._part, width, height, fps, live))
        self._queue = queue.Queue(maxsize=_WAITING)
        self._broken = threading.Event()
        self._thread = threading.Thread(target=self._feed, name="movie encoder", daemon=True)
        self._thread.start()

    def write(self, frame):
        """Add a frame; waits while the encoder is behind.

        Parameters
        ----------
        frame : uint8[height, width, 3]

        Raises
        ------
        MachineError
            When the encoder has stopped (a full disk, killed).
        """
        if frame.shape != self._shape or frame.dtype != np.uint8:
            raise ValueError(f"a frame of {frame.shape} for a movie of {self._shape}")
        data = np.ascontiguousarray(frame)
        while not self._broken.is_set():
            try:
                self._queue.put(data, timeout=0.1)
            except queue.Full:
                continue
            self.frames += 1
            return
        self.abort(self._fault())

    def finish(self):
        """End the movie and give the file its name; returns the number of frames.

        Raises
        ------
        MachineError
            When the encoder could not write the file.
        """
        self._end()
        if self._process.returncode or self._broken.is_set():
            self.abort(self._fault())
        try:
            os.replace(self._part, self.path)
        except OSError as error:
            self.abort(cannot_write(self.path, error))
        self._messages.close()
        return self.frames

    def abort(self, error=None):
        """End the encoder and remove its file; raises ``error`` when one is given."""
        self._broken.set()
        if self._process.poll() is None:
            self._process.kill()
        self._end()
        self._part.unlink(missing_ok=True)
        self._messages.close()
        if error is not None:
            raise error

    def _start(self, command):
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._messages,
                start_new_session=True,
            )
        except OSError as error:
            self._messages.close()
            raise MachineError(
                f"the movie encoder does not start ({error.strerror or error})",
                where=command[0],
                remedy="pip install --force-reinstall imageio-ffmpeg",
            ) from error

    def _feed(self):
        while (data := self._queue.get()) is not _END:
            if self._broken.is_set():
                continue
            try:
                self._process.stdin.write(data.data)
            except OSError:
                self._broken.set()

    def _end(self):
        if self._thread.is_alive():
            self._queue.put(_END)
            self._thread.join()
        try:
            self._process.stdin.close()
        except OSError:
            self._broken.set()
        self._process.wait()

    def _fault(self):
        """Why the encoder stopped, in a sentence."""
        status = self._process.wait()
        self._messages.seek(0)
        lines = self._messages.read().decode(errors="replace").strip().splitlines()
        remedy = "free some space, or choose another folder"
        if any("No space left" in line for line in lines) or status == -signal.SIGXFSZ:
            return MachineError(
                f"the disk is full after {self.frames} frames", where=self.path, remedy=remedy
            )
        if status < 0:
            what = f"the movie encoder was ended from outside (signal {-status})"
            return MachineError(what, where=self.path, remedy="record again")
        last = lines[-1] if lines else f"status {status}"
        return MachineError(f"the movie encoder stopped ({last})", where=self.path)


def _command(path, width, height, fps, live):
    import imageio_ffmpeg

    speed = ["-preset", "ultrafast", "-crf", "16"] if live else ["-preset", "medium", "-crf", "17"]
    colours = "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+bitexact"
    return [
        imageio_ffmpeg.get_ffmpeg_exe(),
        *("-hide_banner", "-loglevel", "error", "-y"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"),
        *("-framerate", str(fps), "-i", "pipe:0", "-an"),
        *("-vf", f"{colours},format=yuv420p", "-c:v", "libx264", *speed, "-threads", "4"),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1"),
        *("-movflags", "+faststart", str(path)),
    ]
