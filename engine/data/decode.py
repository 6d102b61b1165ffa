"""Picture files as arrays, by Pillow: modes, EXIF orientation, bit depths, broken files.

What comes out: palette, CMYK and other colour spaces as RGB (RGBA where there is transparency);
1-bit as 0 and 255; 16-bit grey as uint16; 32-bit integers as uint16 where they fit, else float32;
EXIF orientation applied; of an animation the first frame. Colours of 16 bits a channel (PNG, TIFF)
are read by `engine.data.deep`.
"""

import contextlib
from pathlib import Path

import numpy as np

from engine.data.dataset import BrokenSample
from engine.data.deep import decode_deep, deep_colours

PICTURE_SUFFIXES = frozenset(
    ".png .jpg .jpeg .jpe .jfif .bmp .dib .tif .tiff .webp .avif .gif .ppm .pgm .pbm .pnm .pfm "
    ".jp2 .j2k .tga .pcx .ico .icns .dds .sgi .rgb .qoi .apng .npy".split()
)
FORMATS = (
    "PNG", "JPEG", "BMP", "DIB", "TIFF", "WEBP", "AVIF", "GIF", "PPM", "JPEG2000", "TGA",
    "PCX", "ICO", "ICNS", "DDS", "SGI", "QOI",
)  # fmt: skip
# not EPS, which would run Ghostscript on a program in the file
_ORIENTATION = 0x0112
_KEPT = ("L", "RGB", "RGBA", "LA", "F")
_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")


def looks_like_picture(path):
    """Whether a file's suffix, or its first bytes where it has none, are those of a picture."""
    suffix = Path(path).suffix.lower()
    if suffix:
        return suffix in PICTURE_SUFFIXES
    try:
        with open(path, "rb") as file:
            return file.read(8).startswith(_STARTS)
    except OSError:
        return False


def decode(path, name=None):
    """The picture in a file.

    Parameters
    ----------
    path : path
    name : str, optional
        What to call it in the message.

    Returns
    -------
    dtype[H, W] or dtype[H, W, C]

    Raises
    ------
    BrokenSample
        When the file is missing, empty, truncated, no picture, or absurdly large.
    """
    from PIL import ImageOps

    if str(path).lower().endswith(".npy"):
        return _decode_npy(path, name)
    with opened_picture(path, name) as image:
        wanted = deep_colours(image)
        if wanted is not None:
            return decode_deep(path, wanted, image.getexif().get(_ORIENTATION, 1))
        image.load()
        return as_array(ImageOps.exif_transpose(image))


def decode_small(path, size, name=None):
    """The picture at about `size` pixels, ``uint8[h, w, 3]``; JPEGs are decoded small, so quickly.

    Raises
    ------
    BrokenSample
    """
    from PIL import Image, ImageOps

    from engine.data.pictures import shown

    if str(path).lower().endswith((".jpg", ".jpeg")):
        with opened_picture(path, name) as source:
            source.draft("RGB" if source.mode == "RGB" else source.mode, (2 * size, 2 * size))
            source.load()
            picture = as_array(ImageOps.exif_transpose(source))
    else:
        picture = decode(path, name)
    image = Image.fromarray(shown(picture))
    image.thumbnail((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(image)


def as_array(image):
    """A Pillow image as an array of one of the kinds that this module promises."""
    mode = image.mode
    if mode == "1":
        image = image.convert("L")
    elif mode in ("P", "PA"):
        transparent = mode == "PA" or "transparency" in image.info
        image = image.convert("RGBA" if transparent else "RGB")
    elif mode in ("La", "RGBa"):
        image = image.convert({"La": "LA", "RGBa": "RGBA"}[mode])
    elif mode.startswith("I"):
        return _integers(np.asarray(image))
    elif mode not in _KEPT:
        image = image.convert("RGB")
    elif mode in ("L", "RGB") and "transparency" in image.info:
        image = image.convert("LA" if mode == "L" else "RGBA")
    return np.asarray(image)


def _integers(values):
    if values.dtype.itemsize == 2:
        return values.astype(np.uint16)
    fits = values.min(initial=0) >= 0 and values.max(initial=0) <= 65535
    return values.astype(np.uint16 if fits else np.float32)


@contextlib.contextmanager
def opened_picture(path, name=None):
    """A Pillow image whose every failure, on opening or reading, is a `BrokenSample`."""
    from PIL import Image

    try:
        with Image.open(path, formats=FORMATS) as image:
            yield image
    except BrokenSample:
        raise
    except Exception as error:
        raise _broken(error, path, name) from error


def _broken(error, path, name):
    from PIL import Image, UnidentifiedImageError

    if isinstance(error, FileNotFoundError):
        what = "the file is gone"
    elif isinstance(error, PermissionError):
        what = "the file may not be read"
    elif isinstance(error, Image.DecompressionBombError):
        what = "the picture has more than 178 million pixels"
    elif isinstance(error, UnidentifiedImageError):
        empty = Path(path).is_file() and not Path(path).stat().st_size
        what = "the file is empty" if empty else "this is not a picture that can be read"
    else:
        what = f"the picture is damaged: {error or type(error).__name__}"
    return BrokenSample(" ".join(what.split()), where=name or str(path))


def _decode_npy(path, name):
    from engine.data.npz import read_npy
    from engine.errors import InputError

    try:
        picture = read_npy(path)
    except InputError as error:
        raise BrokenSample(error.what, where=name or str(path)) from error
    except OSError as error:
        raise BrokenSample("the file may not be read", where=name or str(path)) from error
    if picture.ndim not in (2, 3) or not picture.size or picture.dtype.kind not in "biuf":
        raise BrokenSample("the array is no picture [H, W] or [H, W, C]", where=name or str(path))
    return np.asarray(picture)
