"""The slices as they are drawn: every cell has the colour of its value; lines, bars, odd values."""

import numpy as np
import pytest

from tests.reference import slices as slow
from tests.viewer.views.slices.slices_desk import facts_of, put_order, state_of, volume_values
from viewer.gl.objects import Framebuffer
from viewer.gl.theme import DARK, LIGHT, rgb
from viewer.state.hover import Hovered
from viewer.views.slices.motion import Motion
from viewer.views.slices.view import SlicesView

SIZE = (720, 320)
pytestmark = pytest.mark.gl
ORDER = (3, 0, 5, 1, 4, 2)


@pytest.fixture
def draw(context):
    made = []

    def drawn(state, facts, hovered=None, theme=DARK, size=SIZE, ratio=1.0, view=None):
        view = view or SlicesView()
        frame = Framebuffer(context, *size)
        made.extend((view, frame))
        view.set_theme(theme)
        view.follow(state, hovered, facts, None)
        frame.bind()
        view.draw(context, *size, ratio)
        return view, frame.read()[..., :3].astype(int)

    yield drawn
    for each in made:
        each.release()


def cell(view, pixels, kind, row, column, ratio=1.0, at=(0.5, 0.5), before=False):
    """The pixel at a share of a cell of a cut."""
    frames = [frame for frame in view.frames if frame.cut.kind == kind]
    frame = frames[0] if before else frames[-1]
    x, y = frame.x.begin(column + at[0]), frame.y.begin(row + at[1])
    return pixels[int(y * ratio), int(x * ratio)]


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_every_cell_has_the_colour_of_its_value(draw, monkeypatch, theme, ratio):
    values = volume_values()
    values[2, 1, 3], values[4, 2, 2], values[1, 2, 0] = np.nan, np.inf, -np.inf
    put_order(monkeypatch, ORDER)
    size = tuple(int(part * ratio) for part in SIZE)
    state = state_of(channel=2, row=0.6, column=0.5, before=True)
    view, pixels = draw(state, facts_of(values), theme=theme, size=size, ratio=ratio)
    ends = view.range
    orders = (("xy", 2, None), ("xc", 2, ORDER), ("yc", 2, ORDER))
    for kind, at, order in orders:
        for before in (False, True) if order else (False,):
            placed = range(6) if before or order is None else order
            expected = slow.cut(values, kind, at, list(placed))
            for row, line in enumerate(expected):
                for column, value in enumerate(line):
                    colour = slow.colour_of(value, ends.low, ends.high, ends.signed, theme)
                    found = cell(view, pixels, kind, row, column, ratio, before=before)
                    assert np.abs(found - colour).max() <= 2, (kind, row, column, value)


def test_enlarged_cells_are_squares_of_one_colour(draw):
    view, pixels = draw(state_of(channel=5, row=0.9, column=0.9), facts_of())
    for row, column in ((0, 0), (1, 2), (2, 1)):
        spots = [
            cell(view, pixels, "xy", row, column, at=(across, down))
            for across in (0.12, 0.5, 0.88)
            for down in (0.12, 0.5, 0.88)
        ]
        assert len({tuple(spot) for spot in spots}) == 1


def test_with_more_channels_than_pixels_the_strongest_is_seen(draw):
    values = np.zeros((3000, 2, 2), np.float32)
    values[1234] = 1.0
    view, pixels = draw(state_of(channel=2999), facts_of(values))
    frame = next(frame for frame in view.frames if frame.cut.kind == "xc")
    left, top, right, bottom = (round(part) for part in frame.box)
    lit = np.abs(pixels[top:bottom, left + 6] - np.array(rgb(DARK.view)) * 255).max(1) > 60
    rows = np.flatnonzero(lit)
    assert (rows < bottom - top - 2).sum() == 1 and abs(
        rows[0] / (bottom - top) - 1234 / 3000
    ) < 0.01


def test_rows_move_back_to_the_order_of_the_file(draw):
    state, facts = state_of(channel=2, row=0.6, column=0.5), facts_of()
    view, still = draw(state, facts)
    view.animates, view._motion = True, Motion(lambda: 0.0)
    view._motion.reorder(np.array(ORDER), len(ORDER))
    view, moving = draw(state, facts, view=view)
    view._motion.stop()
    view, after = draw(state, facts, view=view)
    assert np.abs(moving - still).max() > 20
    assert np.array_equal(after, still)


def test_bars_stand_between_clusters_and_can_be_taken_away(draw, monkeypatch):
    put_order(monkeypatch, ORDER, (0, 4))
    bar = np.rint(np.array(rgb(DARK.text)) * 255)
    state, facts = state_of(channel=3, row=0.1, column=0.1), facts_of()
    view, pixels = draw(state, facts)
    found = cell(view, pixels, "xc", 4, 3, at=(0.5, 0.0))
    assert np.abs(found - bar).max() <= 1
    view, pixels = draw(state.with_part("slices", bars=False), facts)
    assert np.abs(cell(view, pixels, "xc", 4, 3, at=(0.5, 0.0)) - bar).max() > 20


def test_cutting_lines_stand_where_the_others_are_cut(draw):
    accent = np.rint(np.array(rgb(DARK.accent)) * 255)
    view, pixels = draw(state_of(channel=4, row=0.3, column=0.9), facts_of())
    near = {}
    for kind, edge in (
        ("xy", (0.0, 0.5, 1, 4)),
        ("xc", (0.0, 0.5, 1, 4)),
        ("yc", (0.0, 0.5, 2, 1)),
    ):
        across, down, row, column = edge
        near[kind] = cell(view, pixels, kind, row, column, at=(across, down))
    assert all(np.abs(found - accent).max() < 60 for found in near.values()), near


def test_the_unit_pointed_at_elsewhere_is_framed(draw):
    state, facts = state_of(channel=2, row=0.1, column=0.1), facts_of()
    view, plain = draw(state, facts)
    view, shown = draw(state, facts, Hovered("conv1", 2, (2, 3)))
    assert (plain != shown).any()
    frame = view.frames[0]
    left, right = (round(frame.x.begin(column)) for column in (3, 4))
    row = shown[int(frame.y.begin(2.5)), left - 2 : right + 2]
    assert (row.min(1) > 200).sum() == 2  # both sides of the frame, white on every colour


def test_small_and_odd_volumes_are_drawn_in_any_room(draw):
    for shape in ((6,), (6, 9), (1, 1, 1), (1, 5, 5), (40, 2, 3, 4), (3, 1, 7)):
        for size in ((700, 200), (160, 500), (150, 110), (40, 30)):
            values = np.full(shape, np.nan) if shape == (6, 9) else volume_values(shape)
            view, pixels = draw(state_of(), facts_of(values.astype(np.float32)), size=size)
            assert np.ptp(pixels) > 20 or size == (40, 30)


def test_a_picture_is_made_anew_only_when_something_of_it_changes(draw):
    state, facts = state_of(channel=1), facts_of()
    view, first = draw(state, facts)
    made = {name: key for name, (key, _) in view._pictures.items()}
    view, again = draw(state, facts, view=view)
    assert all(view._pictures[name][0] is key for name, key in made.items())
    moved = state.with_part("slices", row=0.9)
    view, _ = draw(moved, facts, view=view)
    changed = {name for name, key in made.items() if view._pictures[name][0] is not key}
    assert changed == {("xc", True)}


def test_a_new_order_and_a_new_zoom_are_moved_to(draw, monkeypatch):
    from viewer.views.slices.motion import SECONDS, Motion

    clock = [0.0]
    view = SlicesView()
    view.animates, view._motion = True, Motion(lambda: clock[0])
    state, facts = state_of(channel=5, row=0.1, column=0.1), facts_of()
    _, first = draw(state, facts, view=view)
    put_order(monkeypatch, ORDER)
    told = []
    view.outdated.connect(lambda: told.append(1))
    _, begun = draw(state, facts, view=view)
    frame = next(each for each in view.frames if each.cut.kind == "xc")
    spots = [(int(frame.y.begin(row + 0.3)), int(frame.x.begin(3.5))) for row in range(5)]
    assert all((begun[spot] == first[spot]).all() for spot in spots) and told
    clock[0] = SECONDS
    _, after = draw(state, facts, view=view)
    assert any((after[spot] != first[spot]).any() for spot in spots)
    _, closer = draw(state.with_part("slices_camera", zoom=8.0), facts, view=view)
    assert (closer == after).mean() > 0.97  # on its way, but not yet gone
    clock[0] = 3 * SECONDS
    _, there = draw(state.with_part("slices_camera", zoom=8.0), facts, view=view)
    assert (there != after).any(2).mean() > 0.1


def test_kernels_of_unfolded_weights_are_told_apart(draw):
    from viewer.studio import slicing
    from viewer.studio.questions import Found
    from viewer.studio.step_values import StepValues

    state, facts = state_of(source="weights", row=0.01, column=0.01), facts_of()
    (question,) = slicing.questions(state, facts)
    weights = np.zeros((4, 5, 3, 3), np.float32)  # five inputs: one place of the grid is empty
    found = Found(StepValues("weights", {"conv1": weights}))
    view, pixels = draw(state, facts.but(explanations={question.key: found}))
    back, panel = (np.array(rgb(colour)) * 255 for colour in (DARK.view, DARK.panel))
    frame = view.frames[0]
    assert frame.x.count == 9 and frame.y.count == 6
    across = pixels[int(frame.y.begin(1.5)), :]
    for column, stands in ((3, True), (6, True), (4, False), (7, False)):
        spot = across[int(round(frame.x.begin(column)))]
        assert (np.abs(spot - back).max() > 15) == stands, column
    absent = cell(view, pixels, "xy", 4, 7)
    assert np.abs(absent - panel).max() <= 1
    assert np.abs(cell(view, pixels, "xy", 4, 4) - back).max() <= 2
