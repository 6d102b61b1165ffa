"""Picture files of every mode, and pictures as colours, grey, and something to look at."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from engine.data import BrokenSample, open_data
from engine.data.decode import decode
from engine.data.deep import oriented
from engine.data.pictures import shown, to_grey, to_rgb, without_alpha

RANDOM = np.random.default_rng(0)
RGB = RANDOM.integers(0, 256, (6, 8, 3), np.uint8)
GREY = RANDOM.integers(0, 256, (6, 8), np.uint8)


def saved(tmp_path, image, name="x.png", **options):
    path = tmp_path / name
    image.save(path, **options)
    return decode(path)


@pytest.mark.parametrize("name", ["x.png", "x.bmp", "x.tif", "x.ppm", "x.webp", "x.tga"])
def test_colours_come_back(tmp_path, name):
    options = {"lossless": True} if name == "x.webp" else {}
    assert np.array_equal(saved(tmp_path, Image.fromarray(RGB), name, **options), RGB)


def test_modes(tmp_path):
    assert np.array_equal(saved(tmp_path, Image.fromarray(GREY)), GREY)
    bits = saved(tmp_path, Image.fromarray(GREY > 127).convert("1"))
    assert np.array_equal(bits, np.where(GREY > 127, 255, 0)) and bits.dtype == np.uint8
    rgba = np.dstack([RGB, GREY])
    assert np.array_equal(saved(tmp_path, Image.fromarray(rgba)), rgba)
    la = np.dstack([GREY, GREY[::-1]])
    assert np.array_equal(saved(tmp_path, Image.fromarray(la)), la)


def test_palette(tmp_path):
    image = Image.fromarray(RGB).quantize(256)
    assert np.array_equal(saved(tmp_path, image), np.asarray(image.convert("RGB")))
    clear = saved(tmp_path, image, transparency=image.getpixel((0, 0)))
    assert clear.shape == (6, 8, 4) and clear[0, 0, 3] == 0


def test_sixteen_bit(tmp_path):
    deep = RANDOM.integers(0, 65536, (6, 8), np.uint16)
    for name in ("x.png", "x.tif"):
        got = saved(tmp_path, Image.fromarray(deep), name)
        assert got.dtype == np.uint16 and np.array_equal(got, deep)


def test_floats_and_wide_integers(tmp_path):
    values = RANDOM.standard_normal((6, 8)).astype(np.float32)
    got = saved(tmp_path, Image.fromarray(values), "x.tif")
    assert got.dtype == np.float32 and np.array_equal(got, values)
    wide = saved(tmp_path, Image.fromarray(np.array([[-5, 100000]], np.int32)), "y.tif")
    assert wide.dtype == np.float32 and wide.tolist() == [[-5, 100000]]


def test_cmyk_becomes_rgb(tmp_path):
    got = saved(tmp_path, Image.new("CMYK", (8, 6), (0, 0, 0, 0)), "x.tif")
    assert got.shape == (6, 8, 3) and (got == 255).all()


def test_exif_orientation_is_honoured(tmp_path):
    source = np.zeros((16, 32, 3), np.uint8)
    source[:, :16] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    got = saved(tmp_path, Image.fromarray(source), "x.jpg", exif=exif, quality=95)
    assert got.shape == (32, 16, 3) and got[:14].mean() > 250 and got[18:].mean() < 5
    thumbnail = open_data(tmp_path / "x.jpg").thumbnail(0, 16)
    assert thumbnail.shape == (16, 8, 3) and thumbnail[2].mean() > 250


def test_the_first_frame_of_an_animation_in_a_folder(tmp_path):
    frames = [Image.fromarray(np.full((4, 4), v, np.uint8)) for v in (10, 200)]
    frames[0].save(tmp_path / "x.gif", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "y.png")
    data = open_data(tmp_path)
    assert len(data) == 2 and data.image(0)[0, 0].max() == 10


def test_programs_in_pictures_are_not_run(tmp_path):
    path = tmp_path / "x.png"
    path.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n")
    with pytest.raises(BrokenSample, match="not a picture"):
        decode(path)


def test_absurdly_large_pictures(tmp_path, monkeypatch):
    Image.fromarray(GREY).save(tmp_path / "x.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(BrokenSample, match="million pixels"):
        decode(tmp_path / "x.png")


def test_thumbnails_keep_the_aspect(tmp_path):
    Image.fromarray(np.full((300, 150, 3), 77, np.uint8)).save(tmp_path / "x.jpg")
    thumbnail = open_data(tmp_path).thumbnail(0, 64)
    assert thumbnail.shape == (64, 32, 3) and abs(int(thumbnail.mean()) - 77) <= 1
    assert open_data(tmp_path).thumbnail(0, 1000).shape == (300, 150, 3)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_alpha_over_black(dtype):
    top = np.iinfo(dtype).max if np.dtype(dtype).kind == "u" else 1.0
    picture = np.zeros((2, 2, 4), dtype)
    picture[..., :3] = top
    picture[0, :, 3], picture[1, :, 3] = top, top / 2
    got = without_alpha(picture)
    assert got.shape == (2, 2, 3) and got.dtype == dtype
    assert (got[0] == top).all() and np.allclose(got[1] / top, 0.5, atol=0.01)
    grey = without_alpha(picture[..., 2:])
    assert grey.shape == (2, 2) and grey.dtype == dtype


def test_grey_and_colour():
    assert np.array_equal(to_grey(RGB), np.asarray(Image.fromarray(RGB).convert("L")))
    assert np.allclose(to_grey(RGB / 255.0), RGB @ [0.299, 0.587, 0.114] / 255)
    deep = to_grey(RGB.astype(np.uint16) * 257)
    assert deep.dtype == np.uint16 and np.abs(deep / 257.0 - to_grey(RGB)).max() <= 1
    assert np.array_equal(to_rgb(GREY), np.dstack([GREY] * 3))
    assert to_grey(GREY[:, :, None]).shape == GREY.shape
    with pytest.raises(ValueError):
        to_rgb(np.zeros((2, 2, 7)))


@pytest.mark.parametrize(
    "picture, expected",
    [
        (np.array([[0, 65535]], np.uint16), (0, 255)),
        (np.array([[False, True]]), (0, 255)),
        (np.array([[0.0, 0.5, 1.0]]), (0, 128, 255)),
        (np.array([[-1.0, 0.0, 1.0]]), (0, 128, 255)),
        (np.array([[0.0, 51.0, 255.0]]), (0, 51, 255)),
        (np.array([[-10.0, 0.0, 10.0]]), (0, 128, 255)),
        (np.array([[-128, 127]], np.int8), (0, 255)),
        (np.array([[np.nan, 1.0, np.inf]]), (255, 255, 255)),
        (np.array([[np.nan]]), (0,)),
        (np.array([[5000.0]]), (0,)),
    ],
)
def test_shown(picture, expected):
    got = shown(picture)
    assert got.dtype == np.uint8 and got.shape == (*picture.shape, 3)
    assert got[0, :, 0].tolist() == list(expected)


def test_many_channels_are_shown_by_their_first_three():
    picture = RANDOM.integers(0, 256, (4, 4, 7), np.uint8)
    assert np.array_equal(shown(picture), picture[..., :3])


def png16(values):
    """A PNG of 16 bits a channel, written from the format's definition (Pillow cannot)."""

    def chunk(kind, content):
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", width, height, 16, {3: 2, 4: 6}[channels], 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def tiff16(values):
    """An uncompressed TIFF of 16 bits a channel."""
    height, width, channels = values.shape
    tags = [(256, 3, 1, width), (257, 3, 1, height), (258, 3, 3, 8), (259, 3, 1, 1),
            (262, 3, 1, 2), (273, 4, 1, 14), (277, 3, 1, channels), (278, 3, 1, height),
            (279, 4, 1, values.size * 2)]  # fmt: skip
    directory = struct.pack("<H", len(tags))
    directory += b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    body = struct.pack("<3H", 16, 16, 16) + values.astype("<u2").tobytes()
    return b"II*\0" + struct.pack("<I", 8 + len(body)) + body + directory


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("write, channels", [(png16, 3), (png16, 4), (tiff16, 3)])
def test_sixteen_bit_colours(tmp_path, write, channels):
    deep = RANDOM.integers(0, 65536, (6, 8, channels), np.uint16)
    path = tmp_path / ("x.png" if write is png16 else "x.tif")
    path.write_bytes(write(deep))
    got = decode(path)
    assert got.dtype == np.uint16 and np.array_equal(got, deep)
    assert open_data(path).thumbnail(0).shape == (6, 8, 3)
    path.write_bytes(write(deep)[:60])
    with pytest.raises(BrokenSample):
        decode(path)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientations_as_pillow(orientation):
    image = Image.fromarray(RGB)
    image.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(image))
    assert np.array_equal(oriented(RGB, orientation), expected)
