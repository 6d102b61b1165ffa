"""Preprocessing against the slow reference, against Pillow, and against what a person expects."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.errors import InputError
from engine.network.preprocessing import PRESETS, Preprocessing, resize, with_options, with_preset
from tests.reference import preprocessing as reference

RGB = Preprocessing("zero-one", (8, 8))


def picture(seed, height, width, channels, dtype=np.uint8):
    random = np.random.default_rng(seed)
    shape = (height, width) if channels == 1 else (height, width, channels)
    if np.dtype(dtype).kind == "f":
        return random.standard_normal(shape).astype(dtype)
    return random.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def tolerance(p, dtype):
    """Levels that rounding costs, carried through scale and std.

    8-bit pictures are rounded after luma or alpha, and twice in Pillow's resize: 2 levels of 255.
    16-bit ones are rounded after luma or alpha and after the resize: 2 levels. Floats: float32.
    """
    top = np.iinfo(dtype).max if np.dtype(dtype).kind in "iu" else 1.0
    unit = {"unit": 1 / top, "raw": 1.0, "int8": 255 / top}[p.integers]
    levels = 2.01 * unit if np.dtype(dtype).kind in "iu" else 2e-5
    return (levels * abs(p.scale) + 1e-6) / min(p.std) + 1e-5


@settings(max_examples=150)
@given(
    seed=st.integers(0, 1000),
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    size=st.tuples(st.integers(1, 24), st.integers(1, 24)),
    channels=st.sampled_from([1, 2, 3, 4]),
    dtype=st.sampled_from([np.uint8, np.uint16, np.float32, np.float64]),
    preset=st.sampled_from(sorted(PRESETS)),
    crop=st.sampled_from([None, 1.0, 0.875, 0.3]),
    wanted=st.sampled_from([("rgb", 3), ("gray", 1), ("gray", 3)]),
)
def test_equals_reference(seed, shape, size, channels, dtype, preset, crop, wanted):
    base = Preprocessing("raw", size, channels=wanted[0], channel_count=wanted[1])
    p = replace(with_preset(base, preset), crop=crop)
    source = picture(seed, *shape, channels, dtype)
    got = p(source)
    assert got.shape == (wanted[1], *size) and got.dtype == np.float32
    expected = reference.preprocess(source, p)
    largest = np.abs(expected).max() * 1e-6
    assert np.abs(got - expected).max() <= tolerance(p, dtype) + largest


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("shape", [(7, 9), (64, 20), (3, 3)])
def test_reference_resize_is_pillows(dtype, shape):
    source = picture(1, 31, 17, 3, dtype)
    got = resize(source, shape)
    assert got.dtype == dtype
    allowed = 1.01 if dtype == np.uint8 else 1e-5  # Pillow rounds 8-bit pictures in between
    assert np.abs(got - reference.resize(source, shape)).max() <= allowed


def test_imagenet_as_torchvision_does_it():
    p = with_preset(Preprocessing("raw", (224, 224)), "imagenet")
    source = picture(2, 300, 400, 3)
    image = Image.fromarray(source).resize((341, 256), Image.Resampling.BILINEAR)
    cropped = np.asarray(image)[16:240, 58:282]  # CenterCrop: round((341 - 224) / 2) = 58
    expected = (cropped / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    assert np.allclose(p(source), expected.transpose(2, 0, 1), atol=1e-6)


@pytest.mark.parametrize(
    "preset, value, expected",
    [
        ("zero-one", 255, (1.0,) * 3),
        ("minus-one-one", 0, (-1.0,) * 3),
        ("minus-one-one", 255, (1.0,) * 3),
        ("raw", 255, (255.0,) * 3),
        ("int8", 0, (-128.0,) * 3),
        ("caffe", 100, (100 - 103.939, 100 - 116.779, 100 - 123.68)),
        ("imagenet", 0, (-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225)),
    ],
)
def test_presets_by_value(preset, value, expected):
    p = with_preset(RGB, preset)
    got = p(np.full((8, 8, 3), value, np.uint8))
    assert np.allclose(got[:, 4, 4], expected, atol=1e-5)


def test_caffe_is_blue_first():
    source = np.zeros((8, 8, 3), np.uint8)
    source[..., 0] = 200  # red
    got = with_preset(RGB, "caffe")(source)
    assert np.allclose(got[:, 0, 0], (-103.939, -116.779, 200 - 123.68), atol=1e-4)


def test_sixteen_bit_becomes_zero_to_one_and_floats_stay():
    assert RGB(np.full((8, 8), 65535, np.uint16)).max() == 1.0
    assert RGB(np.full((8, 8), 300.0)).max() == 300.0
    raw = with_preset(RGB, "raw")
    assert raw(np.full((8, 8), 65535, np.uint16)).max() == 65535.0


@pytest.mark.parametrize(
    "dtype, preset, values, expected",
    [
        ("int8", "int8", (0, 128, 255), (-128, 0, 127)),
        ("uint8", "raw", (0, 128, 255), (0, 128, 255)),
        ("float16", "zero-one", (0, 51, 255), (0.0, 0.2, 1.0)),
        ("int32", "raw", (0, 7, 255), (0, 7, 255)),
    ],
)
def test_input_dtypes(dtype, preset, values, expected):
    p = replace(with_preset(RGB, preset), dtype=dtype, size=(1, 3))
    got = p(np.array([values], np.uint8))
    assert got.dtype == dtype
    assert np.allclose(got[0, 0], expected, atol=1e-3)


def test_one_byte_inputs_take_sixteen_bit_pictures():
    p = replace(with_preset(RGB, "raw"), dtype="uint8", size=(1, 2))
    assert p(np.array([[0, 65535]], np.uint16))[0, 0].tolist() == [0, 255]


@pytest.mark.parametrize("layout", ["NCHW", "NHWC", "CHW", "HWC", "NK"])
def test_layouts_hold_the_same_numbers(layout):
    source = picture(3, 8, 8, 3)
    plain = RGB(source)
    p = replace(RGB, layout=layout)
    got = p(source)
    assert got.shape == p.input_shape and got.flags.c_contiguous
    expected = {"NK": plain.ravel()}.get(
        layout, plain if layout.endswith("CHW") else plain.transpose(1, 2, 0)
    )
    assert np.array_equal(got, expected)


def test_layouts_without_channels():
    source = picture(4, 8, 8, 1)
    for layout, shape in (("NHW", (8, 8)), ("HW", (8, 8)), ("NK", (64,))):
        p = Preprocessing("zero-one", (8, 8), channels="gray", channel_count=1, layout=layout)
        assert np.allclose(p(source), (source / 255).reshape(shape))


def test_flat_input_resizes_to_a_square():
    p = Preprocessing("zero-one", (8, 8), channels="gray", channel_count=1, layout="NK", scale=16.0)
    assert np.allclose(p(np.full((32, 32), 255, np.uint8)), 16.0)


def test_many_channels_pass_as_they_are():
    p = Preprocessing("zero-one", (4, 4), channels="as-is", channel_count=5)
    source = picture(5, 4, 4, 5)
    assert np.allclose(p(source), source.transpose(2, 0, 1) / 255)
    with pytest.raises(InputError, match="expected 5, got 3"):
        p(picture(5, 4, 4, 3))


def test_alpha_counts_as_black():
    source = np.zeros((8, 8, 4), np.uint8)
    source[..., :3], source[:4, :, 3] = 200, 255
    got = RGB(source)
    assert np.allclose(got[:, :4], 200 / 255) and not got[:, 4:].any()


def test_grey_is_luma_as_pillow():
    source = picture(6, 8, 8, 3)
    p = with_options(with_preset(RGB, "raw"), gray=True)
    expected = np.asarray(Image.fromarray(source).convert("L"))
    assert np.array_equal(p(source), np.repeat(expected[None], 3, axis=0))


@pytest.mark.parametrize("preset", sorted(PRESETS))
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_batch_is_one_by_one(preset, channels, dtype):
    p = with_preset(RGB, preset)
    same = np.stack([picture(i, 8, 8, channels, dtype) for i in range(3)])
    assert np.array_equal(p.batch(same), np.stack([p(one) for one in same]))
    mixed = [picture(i, 5 + i, 9, channels, dtype) for i in range(3)]
    assert np.array_equal(p.batch(mixed), np.stack([p(one) for one in mixed]))
    assert p.batch([]).shape == (0, 3, 8, 8)


def test_as_seen_is_the_cropped_picture_in_colours_that_a_person_knows():
    source = np.zeros((10, 20, 3), np.uint8)
    source[:, 10:] = (255, 0, 0)
    p = replace(with_preset(RGB, "caffe"), size=(10, 10), crop=1.0)
    seen = p.as_seen(source)
    assert seen.shape == (10, 10, 3) and seen.dtype == np.uint8
    assert seen[5, 9].tolist() == [255, 0, 0] and seen[5, 0].tolist() == [0, 0, 0]


@given(
    shape=st.tuples(st.integers(1, 500), st.integers(1, 500)),
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    crop=st.sampled_from([None, 1.0, 0.875, 0.5]),
    box=st.tuples(*[st.floats(-50, 350)] * 4),
)
def test_boxes_come_back(shape, size, crop, box):
    p = Preprocessing("zero-one", size, crop=crop)
    got = p.box_in_picture(box, shape)
    resized, origin = p.resized_shape(shape), p.crop_origin(shape)
    for i in (0, 1, 2, 3):  # forward again
        axis = i % 2
        forward = got[i] * resized[axis] / shape[axis] - origin[axis]
        assert forward == pytest.approx(box[i], abs=1e-6)
    whole = p.box_in_picture((0, 0, *size), shape)
    assert whole[0] >= -1e-9 and whole[1] >= -1e-9
    assert whole[2] <= shape[0] + 1e-6 and whole[3] <= shape[1] + 1e-6
    if crop is None:
        assert whole == pytest.approx((0, 0, *shape))


@pytest.mark.parametrize("crop", [None, 1.0, 0.875])
@pytest.mark.parametrize("shape", [(120, 200), (200, 120), (64, 64)])
def test_a_box_lies_over_what_the_network_sees(crop, shape):
    source = np.zeros(shape, np.uint8)
    top, left = shape[0] // 2 - 10, shape[1] // 2 - 15
    source[top : top + 10, left : left + 20] = 255
    p = Preprocessing(
        "zero-one", (96, 96), crop=crop, channels="gray", channel_count=1, layout="NHW"
    )
    rows, columns = np.nonzero(p(source) > 0.5)
    box = (rows.min(), columns.min(), rows.max() + 1, columns.max() + 1)
    got = p.box_in_picture(box, shape)
    # half a pixel of the network on each side, in pixels of the picture
    room = 0.51 * max(s / r for s, r in zip(shape, p.resized_shape(shape), strict=True))
    assert np.abs(np.array(got) - (top, left, top + 10, left + 20)).max() <= room + 1e-9


def test_json_and_digest():
    p = with_preset(RGB, "imagenet")
    again = Preprocessing.from_json(p.as_json())
    assert again == p and again.reason == p.reason
    assert replace(p, reason="other", certain=False).digest() == p.digest()
    assert replace(p, mean=(0.4, 0.4, 0.4)).digest() != p.digest()
    assert replace(RGB, mean=(0.5,)).digest() == replace(RGB, mean=(0.5,) * 3).digest()
    assert "imagenet" in str(p) and "8 x 8" in str(p)


def test_options_go_over_the_guess():
    guess = replace(RGB, certain=False, reason="a habit")
    assert with_options(guess) is guess
    p = with_options(guess, preset="caffe", size=(10, 12), crop=None, std=2, bgr=False)
    assert p.certain and p.size == (10, 12) and p.crop is None
    assert p.std == (2.0,) and p.channels == "rgb" and p.integers == "raw"
    assert p.reason == "the preset caffe, --size, --std, --bgr and --crop given"
    p = with_options(guess, mean=[1, 2, 3], scale=255, layout="nhwc")
    assert p.mean == (1.0, 2.0, 3.0) and p.layout == "NHWC" and p.preset == "zero-one"
    assert "did you mean" not in p.reason
    assert "did you mean --preprocess raw" in with_options(guess, mean=127).reason
    assert with_options(with_options(guess, gray=True), gray=False).channels == "rgb"


def test_imagenet_crops_only_large_inputs():
    assert with_options(RGB, preset="imagenet").crop == 1.0
    assert with_options(RGB, preset="imagenet", size=224).crop == 0.875


@pytest.mark.parametrize(
    "options, message",
    [
        ({"preset": "vgg"}, "unknown preset 'vgg'"),
        ({"size": (0, 5)}, "rows and columns"),
        ({"crop": 1.5}, "fraction above 0"),
        ({"mean": [1, 2]}, "mean: give one number or one for each channel"),
        ({"std": 0}, "must not be 0"),
        ({"scale": float("nan")}, "must not be 0"),
        ({"layout": "NWHX"}, "unknown layout"),
        ({"layout": "NHW"}, "do not fit"),
    ],
)
def test_options_without_meaning(options, message):
    with pytest.raises(InputError, match=message):
        with_options(RGB, **options)


@pytest.mark.parametrize(
    "not_a_picture", [np.zeros(5), np.zeros((0, 3)), np.zeros((2, 2), "U3"), np.zeros((1, 2, 2, 3))]
)
def test_not_a_picture(not_a_picture):
    with pytest.raises(InputError, match="not a picture"):
        RGB(not_a_picture)


def test_strange_values_do_not_stop():
    source = np.array([[np.nan, np.inf], [-np.inf, 1.0]], np.float32)
    p = replace(RGB, size=(2, 2), channels="gray", channel_count=1)
    assert np.array_equal(p(source)[0], source, equal_nan=True)
    eight = replace(with_preset(p, "raw"), dtype="uint8")
    assert eight(source)[0].tolist() == [[0, 255], [0, 1]]
    assert p.as_seen(source).dtype == np.uint8
