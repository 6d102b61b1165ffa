"""Frames to an MP4 file: ffmpeg in a process of its own, fed by a thread from a short queue.

H.264, yuv420p, BT.709: what every player shows. The number of encoder threads is fixed and
nothing of time or machine goes into the file, so equal frames give equal bytes. While a movie
grows it is ``NAME.part.mp4``, a file of fragments of one second each, which plays up to the last
of them whatever happens to the encoder, the disk or this program; at the end it is copied once
into the plain order that players like best, and gets its name. ffmpeg ends with its input, so it
never outlives the program.
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

LONGEST_SIDE = 8192
_WAITING, _WAITING_BYTES = 6, 256 << 20
_END = None
_EXACT = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1")
_LAYOUTS = {"rgb24": 3, "bgra": 4}


def even(size):
    """A size (width, height) that the encoder takes: odd sides are one pixel larger."""
    width, height = size
    return int(width) + int(width) % 2, int(height) + int(height) % 2


def check_movie(path, width, height):
    """Say what cannot be a movie before anything is made.

    Raises
    ------
    InputError
        Odd, empty or giant sides; a place that cannot be.
    """
    path = Path(path)
    if width % 2 or height % 2 or width < 2 or height < 2:
        raise InputError("a movie needs even sides", got=f"{width} x {height}", where=path)
    if max(width, height) > LONGEST_SIDE:
        raise InputError(
            "the movie is too large for any player",
            got=f"{width} x {height}",
            expected=f"at most {LONGEST_SIDE} pixels a side",
            where=path,
        )
    if path.is_dir():
        raise InputError("there is a folder of this name", where=path, remedy="choose another")
    if not path.parent.is_dir():
        raise InputError("the folder does not exist", where=path.parent)


class Encoder:
    """One movie being written.

    Parameters
    ----------
    path : str or Path
        ``*.mp4``; replaced when it exists.
    width, height : int
        Of the movie: even numbers of pixels.
    fps : float
    live : bool
        Encode fast rather than small, for recording while a person works.
    source : (int, int), optional
        Width and height of the frames given, when they differ: ffmpeg fits them into the movie.
    pixels : str
        ``'rgb24'`` or ``'bgra'`` (as Qt and OpenGL have them; the fourth byte means nothing).

    Attributes
    ----------
    frames : int
        How many were taken.
    source : (int, int)
        Width and height of the frames given.
    """

    def __init__(self, path, width, height, fps, *, live=False, source=None, pixels="rgb24"):
        check_movie(path, width, height)
        self.path, self.frames = Path(path), 0
        self.source = tuple(source or (width, height))
        self._shape = (*self.source[::-1], _LAYOUTS[pixels])
        self._part = self.path.with_name(f"{self.path.stem}.part.mp4")
        try:
            self._part.write_bytes(b"")
        except OSError as error:
            raise cannot_write(self.path, error) from error
        self._messages = tempfile.TemporaryFile()
        words = _reading(self.source, pixels, fps) + _encoding((width, height), self.source, live)
        self._process = self._start([*words, *_FRAGMENTS, str(self._part)])
        room = _WAITING_BYTES // int(np.prod(self._shape))
        self._queue = queue.Queue(maxsize=max(1, min(_WAITING, room)))
        self._broken = threading.Event()
        self._thread = threading.Thread(target=self._feed, name="movie encoder", daemon=True)
        self._thread.start()

    @property
    def open(self):
        """Whether it was neither finished nor aborted."""
        return not self._messages.closed

    @property
    def broken(self):
        """Whether the encoder takes nothing any more: `finish` says why."""
        return self._broken.is_set() or self._process.poll() is not None

    def write(self, frame, times=1):
        """Add a frame, several times when it stands still; waits while the encoder is behind.

        Parameters
        ----------
        frame : uint8[height, width, 3] (4 for ``'bgra'``)
            Not changed by the caller any more.
        times : int

        Raises
        ------
        MachineError
            When the encoder has stopped (a full disk, killed); what was finished is kept.
        """
        while not self.broken:
            if self._put(frame, times, wait=0.1):
                return
        self.finish()

    def offer(self, frame, times=1):
        """Add a frame unless the encoder is behind: at once, and whether it was taken."""
        return not self.broken and self._put(frame, times, wait=0.0)

    def _put(self, frame, times, wait):
        if frame.shape != self._shape or frame.dtype != np.uint8:
            raise ValueError(f"a frame of {frame.shape} for a movie of {self._shape}")
        try:
            if wait:
                self._queue.put((np.ascontiguousarray(frame), times), timeout=wait)
            else:
                self._queue.put_nowait((np.ascontiguousarray(frame), times))
        except queue.Full:
            return False
        self.frames += times
        return True

    def finish(self):
        """End the movie and give the file its name; returns the number of frames.

        Raises
        ------
        MachineError
            When the encoder could not write the file. What can be played of it is kept, and
            the sentence says how much.
        """
        self._end()
        if self._process.returncode or self._broken.is_set():
            raise self._salvaged(self._fault())
        ordered = self._part.with_suffix(".ordered.mp4")
        try:
            if not _copied(self._part, ordered):
                os.replace(self._part, ordered)  # no room for a second copy: fragments play too
            os.replace(ordered, self.path)
        except OSError as error:
            raise self._salvaged(cannot_write(self.path, error)) from error
        finally:
            self._clean(ordered)
        return self.frames

    def abort(self):
        """End the encoder and remove its file."""
        self._broken.set()
        if self._process.poll() is None:
            self._process.kill()
        self._end()
        self._clean()

    def _salvaged(self, error):
        """The error after what can be played got the movie's name."""
        kept = frames_in(self._part)
        if kept:
            try:
                os.replace(self._part, self.path)
                error.what += f"; the first {kept} frames are kept"
            except OSError as fault:
                error.what += f"; what was finished is in {self._part} ({fault.strerror})"
                return error
        self._clean()
        return error

    def _clean(self, *more):
        for path in (self._part, *more):
            path.unlink(missing_ok=True)
        self._messages.close()

    def _start(self, words):
        try:
            return subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._messages,
                start_new_session=True,
                pipesize=1 << 20,
            )
        except OSError as error:
            self._clean()
            raise _no_encoder(f"{words[0]}: {error.strerror or error}") from error

    def _feed(self):
        while (item := self._queue.get()) is not _END:
            frame, times = item
            try:
                for _ in range(0 if self._broken.is_set() else times):
                    self._process.stdin.write(frame.data)
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
        full = any("No space left" in line or "File too large" in line for line in lines)
        if full or status == -getattr(signal, "SIGXFSZ", 0):
            remedy = "free some space, or choose another folder"
            return MachineError("the disk is full", where=self.path, remedy=remedy)
        if status < 0:
            what = f"the movie encoder was ended from outside (signal {-status})"
            return MachineError(what, where=self.path)
        last = lines[-1] if lines else f"status {status}"
        return MachineError(f"the movie encoder stopped ({last})", where=self.path)


def ffmpeg():
    """Path of the encoder.

    Raises
    ------
    MachineError
        When there is none.
    """
    import imageio_ffmpeg

    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise _no_encoder("ffmpeg was not found") from error


def _no_encoder(reason):
    return MachineError(
        f"the movie encoder does not start ({reason})",
        remedy="pip install --force-reinstall imageio-ffmpeg, or write PNG frames into a folder",
    )


def frames_in(path):
    """How many frames of a movie can be played, a damaged one's included."""
    words = [ffmpeg(), "-v", "quiet", "-i", str(path), "-map", "0:v:0"]
    words += ["-fps_mode", "passthrough", "-f", "null", "-progress", "pipe:1", os.devnull]
    said = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
    counts = [line.partition("=")[2] for line in said.splitlines() if line.startswith("frame=")]
    return int(counts[-1]) if counts else 0


def _copied(source, target):
    """Whether a movie of fragments was copied into the plain order."""
    words = [ffmpeg(), "-v", "error", "-y", "-i", str(source), "-c", "copy", *_EXACT]
    words += ["-movflags", "+faststart", str(target)]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode == 0


_FRAGMENTS = (
    *("-movflags", "+empty_moov+default_base_moof", "-frag_duration", "1000000"),
    *("-flush_packets", "1"),
)


def _reading(source, pixels, fps):
    return [
        ffmpeg(),
        *("-hide_banner", "-loglevel", "error", "-y"),
        *("-f", "rawvideo", "-pix_fmt", pixels, "-s", f"{source[0]}x{source[1]}"),
        *("-framerate", str(fps), "-i", "pipe:0", "-an"),
    ]


def _encoding(size, source, live):
    speed = ["-preset", "ultrafast", "-crf", "16"] if live else ["-preset", "medium", "-crf", "17"]
    fit = (
        "" if size == tuple(source) else "{}:{}:force_original_aspect_ratio=decrease:".format(*size)
    )
    pad = "" if size == source else ",pad={}:{}:-1:-1".format(*size)
    colours = f"scale={fit}out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+bitexact"
    return [
        *("-vf", f"{colours}{pad},format=yuv420p", "-c:v", "libx264", *speed, "-threads", "4"),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
        *_EXACT,
    ]
