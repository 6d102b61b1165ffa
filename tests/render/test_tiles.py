"""Tiles: shader functions against their twins, pictures against numbers, what is kept and freed."""

import numpy as np
import pytest

from tests.reference import tiles as reference
from viewer.gl.api import GL
from viewer.gl.objects import Framebuffer
from viewer.gl.theme import DARK, rgb
from viewer.views.maps.build import Ranges, contents_of
from viewer.views.maps.loading import Loader, Sight
from viewer.views.maps.resolve import MapsWish
from viewer.views.maps.sheets import SheetKey, packing, texels_of, tiles_of
from viewer.views.maps.view import MapsView
from viewer.views.maps.wall import Item, Wall
from viewer.visuals import transfer
from viewer.visuals.tile_layout import SHEET_ROWS, TILE, index_of, index_of_value
from viewer.visuals.tiles import SHEET_BYTES, TileAtlas, TileSet, fill

from .test_shader_functions import evaluate  # noqa: F401  (a fixture)

pytestmark = pytest.mark.gl


def test_covered_and_share(evaluate, rng):  # noqa: F811
    for place, wide, size in rng.uniform((0, 0.1, 1), (9, 12, 9), (30, 3)):
        got = evaluate("area.frag", what=0, rest=np.array([place, wide, size, 0]))
        assert np.allclose(got[:2], reference.covered(place, wide, size), atol=1e-5)
    for low, high in rng.uniform(0, 4, (20, 2)):
        got = evaluate("area.frag", what=1, rest=np.array([2.0, low, high, 0]))[0]
        assert np.isclose(got, reference.share_of_texel(2.0, (low, high)), atol=1e-6)


def test_indices_are_those_of_the_volumes():
    for low, high, signed in ((0.0, 3.0, False), (-2.0, 2.0, True), (0.0, 0.0, False)):
        factor, offset = index_of_value(low, high)
        assert (factor, offset) == transfer.index_from_value(low, high, signed)


def test_indices_of_special_values():
    values = np.array([np.nan, np.inf, -np.inf, 5.0, -5.0, 0.0])
    got = index_of(values, 0.0, 1.0)
    assert [reference.index_of(value, 0.0, 1.0) for value in values] == pytest.approx(list(got))


def draw_one(context, values, box, level):
    """One layer's first map drawn alone into a picture of its own size."""
    contents = contents_of([("a", "conv", values)])
    layer = contents.layers[0]
    atlas, tiles = TileAtlas(4 * SHEET_BYTES), TileSet()
    frame = Framebuffer(context, *box)
    frame.bind()
    GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([1, 0, 1, 1], np.float32))
    atlas.begin(context)
    pack = packing(layer.grid, level)
    places = {}
    for number in range(-(-pack.parts_per_map // pack.parts_per_sheet)):
        key = SheetKey(contents.number, 0, level, number)
        atlas.put(key, *texels_of(layer, key))
        places[number] = atlas.get(key)
    boxes = np.array([[0, 0, *box]], float)
    drawn = tiles_of(contents, layer, (np.array([0]), boxes), Ranges(), places, level)
    tiles.draw(context, atlas, drawn, *box, transfer.Transfer(theme=DARK))
    pixels = frame.read()[..., :3].copy()
    for owned in (frame, atlas, tiles):
        owned.release()
    return pixels, layer


def compare(context, values, box, level, missing=None, tolerance=2):
    """Against the slow picture; a level of detail only changes what is averaged twice."""
    pixels, layer = draw_one(context, values, box, level)
    table = transfer.table(transfer.Transfer(theme=DARK))
    low, high = (-layer.high, layer.high) if layer.is_signed else (0.0, layer.high)
    if layer.is_signed:
        high = max(-layer.low, layer.high)
        low = -high
    from viewer.views.maps.grids import take

    plane = take(layer.grid, values, np.array([0]))[0]
    want, empty = reference.picture(plane, box, low, high, table, int(layer.is_signed), missing)
    want[empty] = (255, 0, 255)
    off = np.abs(pixels.astype(int) - want).max(-1)
    assert (off <= tolerance).mean() > 0.995, (off.max(), np.argwhere(off > tolerance)[:5])


def test_enlarged_maps_are_sharp_squares(context, rng):
    compare(context, rng.random((2, 5, 7)).astype(np.float32), (70, 50), 0)


def test_reduced_maps_are_means_over_the_area(context, rng):
    compare(context, rng.random((2, 30, 30)).astype(np.float32), (20, 20), 0, tolerance=3)


def test_a_level_of_detail_is_exact_where_pixels_hold_whole_squares(context, rng):
    compare(context, rng.normal(size=(1, 32, 48)).astype(np.float32), (12, 8), 2, tolerance=3)


def test_special_values_win_over_their_square(context, rng):
    values = rng.random((1, 32, 32)).astype(np.float32)
    values[0, 3, 5], values[0, 20, 9], values[0, 25, 30] = np.nan, np.inf, -np.inf
    pixels, _ = draw_one(context, values, (16, 16), 1)
    for colour, place in (
        (DARK.nan, (1, 2)),
        (DARK.infinite, (10, 4)),
        (DARK.negative_infinite, (12, 15)),
    ):
        assert np.allclose(pixels[place] / 255, rgb(colour), atol=0.01)
    assert not np.allclose(pixels[5, 5] / 255, rgb(DARK.nan), atol=0.1)


def test_absent_places_show_what_is_behind(context, rng):
    values = 1 + rng.random((1, 7)).astype(np.float32)  # 3 x 3 places, two of them absent
    pixels, _ = draw_one(context, values, (30, 30), 0)
    assert (pixels[25, 15] == (255, 0, 255)).all() and (pixels[25, 25] == (255, 0, 255)).all()
    assert not (pixels[25, 5] == (255, 0, 255)).all()


def test_maps_larger_than_a_sheet_are_whole(context):
    side = SHEET_ROWS + 40
    ramp = np.linspace(0, 1, side, dtype=np.float32)
    values = np.broadcast_to(ramp, (1, side, side)).copy()
    compare(context, values, (side, 8), 0, tolerance=4)


def test_values_beyond_the_range_have_a_colour_of_their_own(context):
    values = np.array([[[0.5, 2.0]]], np.float32)
    contents = contents_of([("a", "conv", values)], ranges={"a": (0.0, 1.0)})
    flat = tiles_of(
        contents, contents.layers[0], (np.array([0]), np.zeros((1, 4)) + 4), Ranges(), {}, 16
    )
    assert flat["flat"][0] == transfer.ABOVE  # its mean is 1.25
    assert (flat["page"] == -1).all()


def test_what_is_not_there_is_drawn_in_its_mean(context, picture):
    values = np.full((3, 8, 8), 0.5, np.float32)
    values[1] = 1.0
    contents = contents_of([("a", "conv", values)])
    boxes = np.array([[0, 0, 4, 4], [4, 0, 4, 4], [8, 0, 4, 4]], float)
    drawn = tiles_of(contents, contents.layers[0], (np.arange(3), boxes), Ranges(), {}, 16)
    atlas, tiles = TileAtlas(SHEET_BYTES), TileSet()
    look = transfer.Transfer(theme=DARK)

    def draw():
        atlas.begin(context)
        tiles.draw(context, atlas, drawn, 12, 4, look)

    pixels = picture(draw, 12, 4)
    table = transfer.table(look)[0, :, :3]
    for x, value in ((1, 0.5), (5, 1.0), (9, 0.5)):
        want = table[int(reference.index_of(value, 0, 1))]
        assert np.allclose(pixels[2, x] / 255, want, atol=0.01)
    atlas.release()
    tiles.release()


def test_the_atlas_drops_what_was_not_used_for_longest(context):
    atlas = TileAtlas(2 * SHEET_BYTES)
    texels = np.ones((2, 2), np.float16)
    atlas.begin(context)
    assert atlas.put("a", texels, 1.0) and atlas.put("b", texels, 2.0)
    assert not atlas.put("c", texels, 1.0)  # both are in this picture
    atlas.begin(context)
    assert atlas.get("a").unit == 1.0
    assert atlas.put("c", texels, 4.0)
    assert "b" not in atlas and "a" in atlas and atlas.get("c").unit == 4.0
    assert len({atlas.get("a").page, atlas.get("c").page}) == 2
    atlas.keep_only(lambda key: key == "c")
    assert len(atlas) == 1
    atlas.release()


def test_a_sheet_is_one_upload(context, rng):
    contents = contents_of([("a", "conv", rng.random((64, 16, 16), dtype=np.float32))])
    wall = Wall([Item(64, 16, 16)], 400, 300, 32)
    loader = Loader()
    sight = Sight(contents, wall, 0.0, 1.0)
    loader.bring(context, sight, None, lambda: None)
    assert loader.atlas.uploads == len(sight.keys()) == 1
    loader.bring(context, sight, None, lambda: None)
    assert loader.atlas.uploads == 1
    tiles = loader.tiles(sight, Ranges(), 0.0, 1.0)
    assert tiles.dtype == TILE and len(tiles) == 64 and (tiles["page"] >= 0).all()
    assert loader.share_sharp == 1.0
    loader.release()


def view_of(layers, **wish):
    view = MapsView()
    view.contents = contents_of(layers)
    view.wish = MapsWish(**wish)
    return view


def test_a_view_released_leaves_nothing_and_draws_again(context, rng, picture):
    before = context.live()
    view = view_of([("a", "conv", rng.random((40, 9, 9), dtype=np.float32))])
    first = picture(lambda: view.draw(context, 300, 200), 300, 200)
    view.release()
    after = context.live()
    made = {kind: after[kind] - before[kind] for kind in after if after[kind] != before[kind]}
    assert set(made) <= {"Program", "GlyphAtlas", "Texture"} and made.get("Texture", 0) <= 1
    assert (picture(lambda: view.draw(context, 300, 200), 300, 200) == first).all()
    view.release()


def test_every_odd_layer_is_drawn(context, rng, picture):
    odd = {
        "constant": np.full((4, 5, 5), 3.0, np.float32),
        "zero": np.zeros((4, 5, 5), np.float32),
        "nothing": np.full((3, 4, 4), np.nan, np.float32),
        "one": np.array([2.0], np.float32),
        "number": np.float32(2.0),
        "unit": rng.random((1, 1, 1), dtype=np.float32),
        "cells": rng.normal(size=300).astype(np.float32),
        "tokens": rng.normal(size=(12, 17)).astype(np.float32),
        "bars": rng.normal(size=(5, 1, 90)).astype(np.float32),
        "deep": rng.normal(size=(2, 3, 4, 5)).astype(np.float32),
        "half": rng.random((4, 6, 6)).astype(np.float16),
        "bytes": rng.integers(0, 255, (4, 6, 6)).astype(np.uint8),
        "empty": np.zeros((3, 0, 4), np.float32),
        "huge": np.array([[[3e38, -3e38]]], np.float32),
    }
    for mode in ("channel", "layer", "common"):
        view = view_of(
            [(name, "conv", values) for name, values in odd.items()], ranges=Ranges(mode)
        )
        for place in (0.0, 3.0, 8.0):
            view._place = place
            pixels = picture(lambda view=view: view.draw(context, 400, 260, 1.0), 400, 260)
            assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 5
        view.release()


def test_filled_boxes_count_from_the_upper_left(context, picture):
    def draw():
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.zeros(4, np.float32))
        fill([(2, 1, 3, 2), (-5, 4, 7, 9)], (1.0, 0.0, 0.0), 6)

    red = picture(draw, 8, 6)[..., 0] > 0
    want = np.zeros((6, 8), bool)
    want[1:3, 2:5] = want[4:, :2] = True
    assert (red == want).all()


@pytest.mark.parametrize("size", [(3, 2), (40, 10), (12, 300), (700, 30)])
def test_panes_of_any_size_are_drawn(context, rng, picture, size):
    view = view_of([("a", "conv", rng.random((40, 9, 9), dtype=np.float32))])
    view._size = 4096.0
    picture(lambda: view.draw(context, *size), *size)
    view.release()


def test_more_than_the_atlas_holds_is_drawn_in_means_from_the_middle_outwards(context, rng):
    contents = contents_of([("a", "conv", rng.random((64, 256, 256), dtype=np.float32))])
    wall = Wall([Item(64, 256, 256)], 1100, 700, 256)
    loader = Loader()
    loader.atlas = TileAtlas(2 * SHEET_BYTES)
    sight = Sight(contents, wall, 0.0, 1.0)
    assert len(sight.keys()) > 2
    loader.bring(context, sight, None, lambda: None)
    assert loader.crowded and len(loader.atlas) == 2
    tiles = loader.tiles(sight, Ranges(), 0.0, 1.0)
    assert 0 < (tiles["page"] >= 0).sum() < len(tiles) and 0 < loader.share_sharp < 1
    loader.release()


def test_slow_pictures_are_coarse_while_moving_and_exact_at_rest(context, rng, picture):
    layers = [("a", "conv", rng.random((12, 90, 90), dtype=np.float32))]
    exact = view_of(layers)
    exact._size = 60.0
    want = picture(lambda: exact.draw(context, 400, 300), 400, 300)
    view = view_of(layers)
    view._size, view._is_slow = 60.0, True
    view._moves()
    moving = picture(lambda: view.draw(context, 400, 300), 400, 300)
    assert view.is_coarse and (moving != want).any()
    told = []
    view.outdated.connect(lambda: told.append(True))
    view.rest()
    assert told
    assert (picture(lambda: view.draw(context, 400, 300), 400, 300) == want).all()
    assert not view.is_coarse
    for each in (exact, view):
        each.release()
