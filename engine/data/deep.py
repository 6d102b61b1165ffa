"""Colour pictures of 16 bits a channel, which Pillow reduces to 8 bits.

They are decoded by the copy of ffmpeg that reads videos, some 50 ms a picture.
"""

import os
import subprocess

import numpy as np

_PNG = b"\x89PNG\r\n\x1a\n"


def deep_colours(image):
    """What to ask ffmpeg for, when an opened Pillow image would lose bits; else None."""
    stored = str(image.tile[0][3]) if image.tile else ""
    if image.format not in ("PNG", "TIFF") or ";16" not in stored:
        return None
    return {"RGB": "rgb48be", "RGBA": "rgba64be"}.get(image.mode)


def decode_deep(path, wanted, orientation=1):
    """``uint16[H, W, 3]``, or with alpha 4 channels, turned by its EXIF orientation.

    Raises
    ------
    ValueError
        When ffmpeg cannot read it.
    """
    from imageio_ffmpeg import get_ffmpeg_exe

    with open(path, "rb") as file:
        demuxer = "png_pipe" if file.read(8) == _PNG else "tiff_pipe"
    source = ["-protocol_whitelist", "file", "-f", demuxer, "-i", f"file:{os.path.abspath(path)}"]
    sink = ["-frames:v", "1", "-pix_fmt", wanted, "-c:v", "pam", "-f", "image2pipe", "-"]
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", *source, *sink]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    header, _, values = done.stdout.partition(b"ENDHDR\n")
    if not values:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ValueError(said[-1] if said else "no picture in it")
    facts = dict(line.split(b" ", 1) for line in header.splitlines() if b" " in line)
    shape = tuple(int(facts[key]) for key in (b"HEIGHT", b"WIDTH", b"DEPTH"))
    picture = np.frombuffer(values, ">u2", np.prod(shape)).reshape(shape).astype(np.uint16)
    return oriented(picture, orientation)


def oriented(picture, orientation):
    """Turn and mirror a picture as EXIF orientations 1 to 8 ask for."""
    if orientation in (5, 6, 7, 8):
        picture = picture.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return picture[::-1] if orientation in (3, 4, 7, 8) else picture
