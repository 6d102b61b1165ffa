"""Which unit stands where in the feature maps, and where the maps stand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.state.maps import LARGEST, SMALLEST
from viewer.views.maps.grids import absent, grid_of, place_of, take, unit_at
from viewer.views.maps.wall import HEAD, Item, Wall

SHAPES = st.lists(st.integers(1, 7), min_size=1, max_size=4).map(tuple)


@given(SHAPES)
def test_every_unit_stands_at_one_place_and_is_found_there(shape):
    grid = grid_of(shape)
    values = np.arange(np.prod(shape)).reshape(shape)
    maps = take(grid, values, np.arange(grid.maps))
    assert maps.shape == (grid.maps, grid.rows, grid.columns)
    found = []
    for number in range(grid.maps):
        for row in range(grid.rows):
            for column in range(grid.columns):
                unit = unit_at(grid, number, row, column)
                missing = absent(grid)
                assert (unit is None) == (missing is not None and bool(missing[row, column]))
                if unit is not None:
                    channel, place = unit
                    assert values[(channel, *place)] == maps[number, row, column]
                    assert place_of(grid, channel, place) == (number, row, column)
                    found.append(unit)
    assert len(set(found)) == np.prod(shape)


@pytest.mark.parametrize(
    ("count", "rows", "columns", "lead"),
    [(196, 14, 14, 0), (197, 15, 14, 1), (7, 3, 3, 0), (2, 1, 2, 0), (50, 8, 7, 1), (12, 3, 4, 0)],
)
def test_tokens_stand_in_rows(count, rows, columns, lead):
    grid = grid_of((5, count))
    assert (grid.rows, grid.columns, grid.lead) == (rows, columns, lead)


def test_a_class_token_stands_alone_above_the_patches():
    grid = grid_of((3, 197))
    assert unit_at(grid, 1, 0, 0) == (1, (0,))
    assert unit_at(grid, 1, 0, 1) is None
    assert unit_at(grid, 1, 1, 0) == (1, (1,))
    assert unit_at(grid, 1, 14, 13) == (1, (196,))


def test_what_is_not_there_has_no_place():
    assert place_of(grid_of((4, 3, 3)), 4, (0, 0)) is None
    assert place_of(grid_of((4, 3, 3)), 1, (3, 0)) is None
    assert place_of(grid_of((4, 3, 3)), 1, None) == (1, None, None)
    assert unit_at(grid_of((4, 3, 3)), 1, 3, 0) is None
    assert grid_of((3, 0, 4)).maps == 0 and place_of(grid_of((3, 0, 4)), 0, None) is None


ITEMS = st.lists(
    st.builds(Item, st.integers(0, 300), st.integers(1, 40), st.integers(1, 40), st.booleans()),
    min_size=1,
    max_size=12,
)
SIZES = st.floats(SMALLEST, LARGEST)


@given(ITEMS, st.floats(40, 1500), st.floats(40, 900), SIZES, st.floats(0, 1))
def test_maps_stand_apart_inside_the_view_and_are_found(items, width, height, size, share):
    wall = Wall(items, width, height, size)
    assert wall.total == pytest.approx(sum(block.height for block in wall.blocks))
    scroll = share * wall.longest
    for block, first, last in wall.visible(scroll):
        assert 0 <= first <= last <= block.count
        for slot in {first, (first + last) // 2, last - 1} & set(range(first, last)):
            left, top, wide, tall = block.box(slot)
            assert left >= 0 and left + wide <= width + 1e-6 or wide <= 9
            assert block.top + HEAD <= top and top + tall <= block.top + block.height + 1e-6
            hit = wall.at(left + wide / 2, top + tall / 2)
            assert (hit.block.index, hit.slot) == (block.index, slot)
            assert hit.across == pytest.approx(0.5) and hit.down == pytest.approx(0.5)


@given(ITEMS, st.floats(200, 1500), st.floats(100, 900), SIZES, st.floats(0, 1))
def test_all_maps_in_sight_are_drawn(items, width, height, size, share):
    wall = Wall(items, width, height, size)
    scroll = share * wall.longest
    drawn = {block.index: range(first, last) for block, first, last in wall.visible(scroll)}
    for block in wall.blocks:
        for slot in range(block.count):
            _, top, _, tall = block.box(slot)
            if top + tall > scroll and top < scroll + wall.height:
                assert slot in drawn[block.index]


@given(ITEMS, SIZES, SIZES, st.floats(0, 1))
def test_a_place_is_the_same_in_every_size(items, one, other, share):
    first = Wall(items, 900, 300, one)
    place = first.place_of(share * first.total)
    assert first.place_of(first.clipped(first.scroll_of(place))) <= place + 1e-4
    second = Wall(items, 700, 500, other)
    scroll = second.scroll_of(place)
    if scroll < second.longest:
        assert second.place_of(scroll) == pytest.approx(place, abs=1e-4)


@given(ITEMS, SIZES, st.floats(0, 1), st.data())
def test_showing_brings_a_map_into_sight(items, size, share, data):
    wall = Wall(items, 800, 400, size)
    blocks = [block for block in wall.blocks if block.count]
    if not blocks:
        return
    block = data.draw(st.sampled_from(blocks))
    slot = data.draw(st.integers(0, block.count - 1))
    scroll = wall.showing(block.index, slot, share * wall.longest)
    assert 0 <= scroll <= wall.longest
    _, top, _, tall = block.box(slot)
    assert top - scroll >= -1e-6
    assert top + tall - scroll <= wall.height + 1e-6 or tall > wall.height - HEAD - 20
    assert wall.showing(block.index, slot, scroll) == pytest.approx(scroll)


def test_one_map_can_fill_the_view():
    wall = Wall([Item(3, 100, 200)], 820, 400, LARGEST)
    _, _, width, height = wall.blocks[0].box(0)
    assert height <= 400 - HEAD and width <= 820
    assert width >= 0.9 * 720  # its height decides
    assert wall.blocks[0].across == 1


def test_cells_stay_together_and_readable():
    wall = Wall([Item(4096, 1, 1), Item(8, 20, 20)], 800, 400, 48)
    _, _, width, height = wall.blocks[0].box(0)
    assert width == height == 16
    assert wall.blocks[0].lines == -(-4096 // wall.blocks[0].across)


def test_folded_layers_are_their_heading():
    wall = Wall([Item(50, 8, 8, True), Item(5, 8, 8)], 500, 400, 40)
    assert wall.blocks[0].count == 0 and wall.blocks[0].height < 30
    assert wall.at(100, 5).slot is None
