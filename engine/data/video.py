"""Videos as frames: ffmpeg (through imageio's own copy) for films, Pillow for animated pictures.

Frames are counted once by decoding them, because containers lie about their number, and every frame
is given as it is stored, none repeated or dropped to fit a rate. Reading is by going forward from
where the reader stands, or from the beginning; so a frame has the same pixels however it is
reached. Frames gone past are kept in a cache that all videos share.
"""

import contextlib
import hashlib
import subprocess
import threading
from collections import OrderedDict
from pathlib import Path

import numpy as np

from engine.data.dataset import BrokenSample, DataSet
from engine.errors import InputError

VIDEO_SUFFIXES = frozenset(
    ".mp4 .m4v .mov .avi .mkv .webm .mpg .mpeg .wmv .flv .ogv .ts .mts .3gp .y4m".split()
)
ANIMATED_SUFFIXES = frozenset((".gif", ".webp", ".apng", ".png", ".avif"))
_CHUNK = 8 << 20
_CACHE_BYTES = 256 << 20
_OPEN_READERS = 4
_PIPE_BYTES = 1 << 20
_PLAIN = ["-fps_mode", "passthrough"]
_SAFE = ["-protocol_whitelist", "file,pipe"]


class _Cache:
    """The frames decoded last, by (path, frame), up to a number of bytes."""

    def __init__(self, limit):
        self._limit = limit
        self._frames = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key):
        with self._lock:
            if key in self._frames:
                self._frames.move_to_end(key)
            return self._frames.get(key)

    def put(self, key, frame):
        with self._lock:
            old = self._frames.pop(key, None)
            self._bytes += frame.nbytes - (0 if old is None else old.nbytes)
            self._frames[key] = frame
            while self._bytes > self._limit and len(self._frames) > 1:
                self._bytes -= self._frames.popitem(last=False)[1].nbytes


_cache = _Cache(_CACHE_BYTES)
_readers: OrderedDict = OrderedDict()
_readers_lock = threading.Lock()


class Video:
    """The frames of one file; safe for several threads.

    Parameters
    ----------
    path : path

    Attributes
    ----------
    count : int
        Frames that can be decoded.

    Raises
    ------
    InputError
        When nothing can be decoded.
    """

    def __init__(self, path, task=None):
        self.path = Path(path)
        self._key = (str(self.path), self.path.stat().st_mtime_ns)
        self._lock = threading.Lock()
        self._reader, self._next = None, 0
        animated = self.path.suffix.lower() in ANIMATED_SUFFIXES
        self._frames = self._pillow_frames if animated else self._ffmpeg_frames
        self.count = _animation_length(self.path) if animated else self._counted(task)
        if not self.count:
            raise InputError(
                "this is not a video that ffmpeg can read",
                where=path,
                remedy="convert it to .mp4 with H.264",
            )

    def frame(self, k):
        """Frame `k`: uint8[H, W, 3] (or what the animation holds).

        Raises
        ------
        BrokenSample
        """
        name = f"{self.path.name}#{k}"
        found = _cache.get((*self._key, k))
        if found is not None:
            return found
        with self._lock:
            found = _cache.get((*self._key, k))
            if found is not None:
                return found
            if self._reader is None or k < self._next:
                self.close()
                self._reader, self._next = self._frames(), 0
            _keep_few_open(self)
            try:
                while True:
                    frame = next(self._reader)
                    _cache.put((*self._key, self._next), frame)
                    self._next += 1
                    if self._next > k:
                        return frame
            except StopIteration:
                self._reader = None
                raise BrokenSample("the video ends before this frame", where=name) from None
            except BrokenSample as error:
                self._reader = None
                raise BrokenSample(error.what, where=name) from error

    def close(self):
        """End the decoder; the next frame starts one again."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _ffmpeg_frames(self):
        """Frames as ffmpeg writes them to a pipe: PPM pictures, each with its own size."""
        sink = ["-map", "0:v:0", *_PLAIN, "-pix_fmt", "rgb24", "-c:v", "ppm", "-f", "image2pipe"]
        with _ffmpeg(self.path, [*sink, "-"], _PIPE_BYTES) as pipe:
            while pipe.readline() == b"P6\n":
                width, height = map(int, pipe.readline().split())
                pipe.readline()  # 255, the largest value
                data = pipe.read(3 * width * height)
                if len(data) < 3 * width * height:
                    return
                yield np.frombuffer(data, np.uint8).reshape(height, width, 3)

    def _pillow_frames(self):
        from PIL import ImageSequence

        from engine.data.decode import as_array, opened_picture

        with opened_picture(self.path, self.path.name) as image:
            for frame in ImageSequence.Iterator(image):
                picture = as_array(frame if frame.mode != "P" else frame.convert("RGB"))
                picture.flags.writeable = False
                yield picture

    def _counted(self, task):
        """Count by decoding, with the options that frames are read with, and throw the pixels
        away."""
        count = 0
        sink = ["-map", "0:v:0", *_PLAIN, "-f", "null", "-progress", "pipe:1", "-"]
        with _ffmpeg(self.path, sink) as lines:
            for line in lines:
                if line.startswith(b"frame="):
                    count = int(line[6:])
                    if task is not None:
                        task.report(count, None, f"counting the frames of {self.path.name}")
        return count


@contextlib.contextmanager
def _ffmpeg(path, sink, buffer=-1):
    """What ffmpeg writes to its standard output; the process ends with the block."""
    from imageio_ffmpeg import get_ffmpeg_exe

    source = ["-nostdin", "-v", "error", *_SAFE, "-i", str(Path(path).resolve())]
    silent = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [get_ffmpeg_exe(), *source, *sink]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=buffer, **silent)
    try:
        yield process.stdout
    finally:
        process.stdout.close()
        process.kill()
        process.wait()


class VideoData(DataSet):
    """The frames of one video as samples; the video is their group."""

    def __init__(self, path, video, stop):
        digits = len(str(video.count - 1))
        names = [f"{video.path.name}#{k:0{digits}d}" for k in range(stop)]
        groups = [video.path.name] * stop
        super().__init__(path, "video", stop, names=names, groups=groups)
        self._video = video

    def _read(self, i):
        return self._video.frame(i)

    def _feed(self, digest, task):
        content = hashlib.sha256()
        with open(self._video.path, "rb") as file:
            while part := file.read(_CHUNK):
                content.update(part)
                if task is not None:
                    task.report(file.tell(), None, "reading the video once")
        digest.update(content.digest())


def is_animated(path):
    """Whether a picture file holds more than one frame."""
    if Path(path).suffix.lower() not in ANIMATED_SUFFIXES:
        return False
    try:
        return _animation_length(path) > 1
    except InputError:
        return False


def _animation_length(path):
    from engine.data.decode import opened_picture

    try:
        with opened_picture(path, str(path)) as image:
            return getattr(image, "n_frames", 1)
    except BrokenSample as error:
        raise InputError(error.what, where=path, remedy="save it again") from error


def _keep_few_open(video):
    """Close the decoders used longest ago; each is a process or an open file."""
    with _readers_lock:
        _readers[id(video)] = video
        _readers.move_to_end(id(video))
        surplus = [_readers.popitem(last=False)[1] for _ in range(len(_readers) - _OPEN_READERS)]
    for other in surplus:
        if other is not video and other._lock.acquire(blocking=False):
            try:
                other.close()
            finally:
                other._lock.release()
