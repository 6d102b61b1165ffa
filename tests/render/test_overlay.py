"""Text and plain surfaces: letters in the atlas, figures of one width, what is drawn where."""

import numpy as np
import pytest

from viewer.gl.api import GL
from viewer.gl.theme import DARK, rgb
from viewer.visuals.glyphs import FACES, GlyphSheet, advance, line_metrics, measure, shorten
from viewer.visuals.legend import (
    ColourBar,
    Legend,
    _lines,
    add_legend,
    bar_box,
    legend_boxes,
    number,
)
from viewer.visuals.overlay import Overlay


def draw(context, picture, fill, width=200, height=60):
    overlay = Overlay()
    fill(overlay)

    def paint():
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([0, 0, 0, 1], np.float32))
        overlay.draw(context, width, height)

    pixels = picture(paint, width, height)
    overlay.release()
    return pixels


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("size", [11, 12, 14, 24])
def test_figures_have_one_width(face, size):
    widths = {advance(digit, face, size) for digit in "0123456789"}
    assert len(widths) == 1
    assert measure("1111", size, face) == measure("8888", size, face)
    assert advance("i", face, size) < advance("w", face, size)


def test_letters_are_packed_without_overlap_and_found_again():
    sheet = GlyphSheet(256)
    seen = {}
    for letter in "Hamburgefonstiv 0123456789×·∞−éß":
        for place in range(4):
            glyph = sheet.glyph(letter, "regular", 13, place)
            assert sheet.glyph(letter, "regular", 13, place) is glyph
            if glyph is not None:
                seen[letter, place] = glyph
    assert not any(key[0] == " " for key in seen)
    owner = np.zeros(sheet.pixels.shape, int)
    for glyph in seen.values():
        owner[glyph.row : glyph.row + glyph.height, glyph.column : glyph.column + glyph.width] += 1
    assert owner.max() == 1 and not owner[:4, :4].any()
    assert (sheet.pixels[:4, :4] == 255).all()
    assert sheet.pixels[owner == 0][:].sum() == 255 * 16


def test_a_full_atlas_says_so_and_starts_over():
    sheet = GlyphSheet(64)
    with pytest.raises(OverflowError):
        for code in range(33, 127):
            sheet.glyph(chr(code), "regular", 20, 0)
    sheet.start_over()
    assert sheet.glyph("a", "regular", 20, 0) is not None


@pytest.mark.gl
def test_text_stands_on_its_base_line(context, picture):
    pixels = draw(context, picture, lambda o: o.text(20, 40, "HHH", "#ffffff", 20))[..., 0]
    rows, columns = np.flatnonzero(pixels.max(1) > 128), np.flatnonzero(pixels.max(0) > 128)
    above, _ = line_metrics("regular", 20)
    assert rows[-1] == 39 and rows[0] == 40 - above
    assert 20 <= columns[0] <= 24
    assert abs(columns[-1] - (20 + measure("HHH", 20))) <= 3


@pytest.mark.gl
@pytest.mark.parametrize("align", [0.0, 0.5, 1.0])
def test_text_is_aligned(context, picture, align):
    pixels = draw(context, picture, lambda o: o.text(100, 40, "MMM", "#ff8000", 16, align=align))
    columns = np.flatnonzero(pixels[..., 0].max(0) > 60)
    wanted = 100 - align * measure("MMM", 16)
    assert abs(columns[0] - wanted) <= 2
    strongest = pixels.reshape(-1, 3)[pixels[..., 0].argmax()]
    assert np.abs(strongest.astype(int) - (255, 128, 0)).max() <= 2


@pytest.mark.gl
def test_surfaces_lines_and_gradients(context, picture):
    def fill(overlay):
        overlay.rectangle(10, 5, 20, 10, "#ff0000")
        overlay.rectangle(10, 5, 20, 10, "#0000ff", opacity=0.5)
        overlay.line(50, 20.5, 90, 20.5, "#00ff00")
        overlay.gradient(100, 10, 64, 8, [[n / 63, 0, 0] for n in range(64)])
        overlay.gradient(180, 10, 8, 40, [[0, 0, 0], [1, 1, 1]], upright=True)

    pixels = draw(context, picture, fill)
    assert np.abs(pixels[10, 20].astype(int) - (128, 0, 128)).max() <= 1
    assert not pixels[10, 31].any() and not pixels[4, 20].any()
    assert (pixels[20, 50:90, 1] == 255).all() and not pixels[21, 50:90].any()
    assert not pixels[19, 50:90].any()
    ramp = pixels[14, 100:164, 0].astype(int)
    assert ramp[0] == 0 and ramp[-1] == 255 and (np.diff(ramp) >= 0).all()
    assert pixels[45, 184, 0] == 0 and pixels[12, 184, 0] == 255


@pytest.mark.gl
def test_more_letters_than_the_atlas_holds_still_draw(context, picture):
    def fill(overlay):
        for size in range(8, 40):
            overlay.text(2, 40, "many letters", "#ffffff", size)

    overlay_only = draw(context, picture, lambda o: o.text(2, 40, "many", "#ffffff", 20))
    assert draw(context, picture, fill).any()
    again = draw(context, picture, lambda o: o.text(2, 40, "many", "#ffffff", 20))
    assert np.array_equal(overlay_only, again)


@pytest.mark.gl
def test_an_empty_overlay_draws_nothing_and_release_can_be_repeated(context, picture):
    before = context.live()["Buffer"]
    assert not draw(context, picture, lambda overlay: None).any()
    overlay = Overlay()
    overlay.release()
    overlay.release()
    assert context.live()["Buffer"] == before


@pytest.mark.parametrize(
    "value, text",
    [
        (0, "0"),
        (1, "1"),
        (12.345, "12.3"),
        (0.5, "0.5"),
        (1234.6, "1235"),
        (0.00123, "0.00123"),
        (4.07e-5, "4.07e\u221205"),
        (-3.14159, "\u22123.14"),
        (123456, "123456"),
        (1.5e9, "1.50e+09"),
    ],
)
def test_numbers_have_as_many_digits_as_they_mean(value, text):
    assert number(value) == text


FULL = Legend(
    "conv3",
    "post-activation",
    ("emission", "maps at 1/2"),
    ColourBar("conv3", -2.5, 2.5, signed=True, nan=3, infinite=1),
    ColourBar("another", 0.0, 1.0),
)


@pytest.mark.gl
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_a_legend_stays_in_the_boxes_that_it_says_it_takes(context, picture, ratio):
    width, height = round(640 * ratio), round(400 * ratio)
    pixels = draw(
        context, picture, lambda o: add_legend(o, FULL, DARK, width, height, ratio), width, height
    )
    covered = np.zeros((height, width), bool)
    for left, top, right, bottom in legend_boxes(FULL, width, height, ratio):
        covered[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1] = True
    assert pixels.any(-1)[covered].any() and not pixels.any(-1)[~covered].any()
    left, top, right, bottom = bar_box(width, height, ratio)
    middle = pixels[int((top + bottom) / 2), int((left + right) / 2)] / 255
    assert np.abs(middle - rgb(DARK.view)).max() < 0.03


@pytest.mark.parametrize("width", [60, 150, 300, 500, 900])
def test_title_and_badges_never_overlap(width):
    legend = Legend("a network with a long name", "post-activation", ("10,000 of 2.1 M", "exact"))
    lines = _lines(legend, width, 1.0)
    assert len(lines) == 4
    for first, line in enumerate(lines):
        assert line.left >= 0 and line.left + line.width <= width
        for other in lines[:first]:
            sides = line.left >= other.left + other.width or other.left >= line.left + line.width
            assert sides or abs(line.base - other.base) >= max(line.size, other.size)


def test_text_is_shortened_to_its_room():
    assert shorten("conv", 100, 12) == "conv"
    short = shorten("a_very_long_layer_name", 60, 12)
    assert short.endswith("…") and measure(short, 12) <= 60 and short.startswith("a_ve")
    assert shorten("long", 1, 12) == ""


def test_an_empty_legend_takes_nothing():
    assert legend_boxes(Legend(), 100, 100) == []


@pytest.mark.parametrize("end", ["\n", "\r", "\x1c", "\x85", "\u2029"])
def test_the_end_of_a_line_within_a_text_takes_the_room_of_a_space(end):
    assert measure(f"a{end}b", 13) == measure("a b", 13)
    assert GlyphSheet().glyph(end, "regular", 13, 0) is None


def test_many_shapes_at_once_are_those_drawn_one_by_one(context, picture):
    boxes = [(2, 3, 10, 5), (20, 8, 7, 30), (60, 1, 3, 3)]
    shades = np.array([rgb("#ff8800"), rgb("#0088ff"), rgb("#ffffff")])
    ends = [(5.5, 50, 5.5, 10), (70, 5, 110, 45), (120, 50, 150, 5)]

    def single(overlay):
        for box, shade in zip(boxes, shades, strict=True):
            overlay.rectangle(*box, shade, 0.5)
        for end in ends:
            overlay.line(*end, "#40ff40", width=2.0)

    def together(overlay):
        overlay.rectangles(boxes, shades, 0.5)
        overlay.lines(ends, "#40ff40", width=np.full(3, 2.0))

    one = draw(context, picture, single)
    assert one.any() and np.array_equal(draw(context, picture, together), one)


def test_a_band_lies_between_its_lines_and_is_left_out_where_there_is_none(context, picture):
    places, low = np.array([10.0, 60, 110, 160]), np.array([50.0, 50, np.nan, 50])
    high = np.array([10.0, 30, 30, 30])
    pixels = draw(context, picture, lambda over: over.band(places, low, high, "#ffffff"))[..., 0]
    assert pixels[40, 30] == 255 and pixels[12, 40] == 0 and pixels[55, 30] == 0
    assert not pixels[:, 62:].any()
