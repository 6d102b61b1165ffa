"""The comparison's grid: what it shows, where it stands, gestures that become commands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.attribution.result import Check
from engine.errors import InputError
from tests.viewer.studio.test_comparing import facts_of, seen_state
from viewer.gl.theme import DARK, rgb
from viewer.session.replay import replay
from viewer.session.session import Session
from viewer.state.comparison import COLUMNS, LARGEST, ComparisonCamera
from viewer.studio import comparing
from viewer.studio.attributing import Explained
from viewer.studio.questions import Found
from viewer.views.comparison.actions import ACTIONS
from viewer.views.comparison.build import SEEN, Look, make, shrunk
from viewer.views.comparison.marks import bare, card_lines, short_check, wrapped
from viewer.views.comparison.places import FOOT, TOP, Grid, sharp
from viewer.views.comparison.resolve import RANGE_WORDS, Cell, beyond, resolve
from viewer.views.comparison.view import ComparisonView
from viewer.views.gestures import LEFT, Pointer
from viewer.views.range_bar import Bar
from viewer.views.signed_map import grey, signed_over

HEAT = np.arange(64, dtype=np.float32).reshape(8, 8) - 20


def answered(state, facts, **more):
    """Facts in which every question has an answer: heats as large as their place."""
    found = {}
    for place, question in enumerate(comparing.questions(state, facts)):
        heat = np.full((8, 8), place + 1, np.float32)
        heat[0] *= -1
        value = Explained(
            question.key[-5], question.key[-4], heat, place + 1.0, seconds=0.5, **more
        )
        found[question.key] = Found(value)
    return facts.but(explanations=found)


class Desk:
    """A view with a session, as the stage ties them."""

    def __init__(self, facts, state=None, size=(500, 400)):
        self.session, self.facts = Session(clock=lambda: 0.0), facts
        self.session.holder.set(state or seen_state())
        self.view, self.given, self.hovered = ComparisonView(), [], []
        self.view.width, self.view.height = size
        self.view.wished.connect(self.give)
        self.view.dragged.connect(lambda kind, args: self.session.drag(kind, **args))
        self.view.drag_ended.connect(self.session.end_drag)
        self.view.hovered.connect(self.hovered.append)
        self.follow()

    def give(self, kind, args):
        self.given.append((kind, args))
        self.session.do(kind, **args)
        self.follow()

    def follow(self):
        self.view.follow(self.session.state, None, self.facts, None)

    @property
    def camera(self):
        return self.session.state.comparison_camera

    def middle(self, row, column):
        grid = self.view.grid()
        left, top, wide, tall = grid.picture(row, column, self.view.scroll(grid))
        return left + wide / 2, top + tall / 2

    def click(self, x, y):
        self.view.press(Pointer(x, y, LEFT))
        self.view.lift(Pointer(x, y, LEFT))


# what is shown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"phase": "empty"}, "Drop a network"),
        ({"data": None}, "No pictures yet"),
        ({"recording": object()}, "without it"),
        ({"answer": None}, "kept in full"),
    ],
)
def test_without_something_to_show_it_says_why(change, said):
    rows = "layers" if "answer" in change else "samples"
    wish = resolve(seen_state(rows=rows), facts_of(**change))
    assert said in wish.message or wish.late
    assert not wish.rows and "No method" in resolve(seen_state(methods=()), facts_of()).message


def test_heads_say_name_label_and_prediction():
    facts = facts_of()
    facts.labels[1] = 2
    wish = resolve(seen_state(), facts)
    assert wish.heads[0].name == "0.png"
    names = facts.class_names
    assert wish.heads[0].lines == ((f"label {names[0]}", "text"), ("right", "right"))
    assert wish.heads[1].lines[1] == (f"predicted {names[1]}, wrong", "wrong")
    layers = resolve(seen_state(rows="layers"), facts)
    assert layers.heads[0].name == "conv1" and layers.heads[0].lines[0][0] == "channel 0"
    assert "3 layers" in layers.detail and "strongest channel" in layers.words


def test_cells_are_late_then_found_or_failed():
    state, facts = seen_state(methods=("gradient", "guided")), facts_of()
    wish = resolve(state, facts)
    assert wish.late and len(wish.cells) == 16 and all(cell.is_late for cell in wish.cells.values())
    facts = answered(state, facts)
    key = comparing.questions(state, facts)[1].key
    facts.explanations[key] = Found(failure="no rule for Odd (node 'odd_1')")
    wish = resolve(state, facts)
    assert not wish.late and wish.cells[0, 1].failure.startswith("no rule")
    assert wish.cells[0, 0].found.method == "gradient" and not wish.cells[0, 0].is_late
    assert card_lines(wish.cells[0, 1]) == ["no rule for Odd (node 'odd_1')"]


def test_an_input_without_rows_and_columns_is_said():
    state, facts = seen_state(methods=("gradient",)), facts_of()
    key = comparing.questions(state, facts)[0].key
    facts = facts.but(explanations={key: Found(Explained(0, "gradient", None, 0.0))})
    assert "no rows and columns" in resolve(state, facts).cells[0, 0].failure


@pytest.mark.parametrize(
    ("mode", "limits"),
    [
        ("cell", (1, 2, 3, 4)),
        ("row", (2, 2, 4, 4)),
        ("column", (15, 16, 15, 16)),
        ("all", (16,) * 4),
    ],
)
def test_what_shares_a_range_has_the_largest_magnitude_as_its_end(mode, limits):
    state = seen_state(methods=("gradient", "guided"), range=mode)
    wish = resolve(state, answered(state, facts_of()))
    assert tuple(wish.cells[at].limit for at in ((0, 0), (0, 1), (1, 0), (1, 1))) == limits
    assert RANGE_WORDS[mode] in wish.words


def test_checks_are_said_in_short_and_whole_on_the_card():
    holds = Explained(
        0, "lrp", HEAT, 43.0, Check("conservation", 0.00002, True), 0.1, notes=("a b",)
    )
    assert short_check(holds, DARK) == ("holds, off < 0.01 %", DARK.dim)
    fails = Explained(0, "lrp", HEAT, 43.0, Check("conservation", 0.12, False))
    assert short_check(fails, DARK) == ("does not hold, off 12 %", DARK.wrong)
    assert short_check(Explained(0, "guided", HEAT, 43.0), DARK) == ("no check", DARK.dim)
    state = seen_state(methods=("lrp:flat",))
    facts = facts_of()
    key = comparing.questions(state, facts)[0].key
    cell = resolve(state, facts.but(explanations={key: Found(holds)})).cells[0, 0]
    lines = card_lines(cell)
    assert lines[0].startswith("Conservation holds") and "A b." in lines


def test_outliers_lie_beyond_the_range_as_in_the_sample_view():
    heat = np.ones((8, 8), np.float32)
    heat[0, 0] = 100
    state, facts = seen_state(methods=("gradient",)), facts_of()
    key = comparing.questions(state, facts)[0].key
    facts = facts.but(explanations={key: Found(Explained(0, "gradient", heat, 100.0))})
    for within, limit in ((0.9, 1.0), (1.0, 100.0)):
        wish = resolve(state.with_part("attribution", within=within), facts)
        assert wish.cells[0, 0].limit == limit


def test_small_cells_show_the_strongest_value_not_a_mean():
    facts = facts_of()
    heat = np.tile(np.array([[1, -1], [-1, 0.5]], np.float32), (4, 4))
    look = Look(1, ("k",), 1.0, 0.0, factor=2)
    made = make([(look, heat)], {}, facts.data, facts.preprocessing, DARK)[0][look]
    assert made.shape == (4, 4, 3)
    assert (made == signed_over(None, np.ones((4, 4), np.float32), 1.0, 0.0, DARK)).all()
    picture = np.arange(25 * 3, dtype=np.uint8).reshape(5, 5, 3)
    assert shrunk(picture, 2).shape == (3, 3, 3)
    assert (shrunk(picture, 2)[0, 0] == np.rint(picture[:2, :2].mean((0, 1)))).all()


def test_a_failure_is_said_without_the_path_of_the_file():
    assert bare("/a/b.onnx: no layer: x") == "no layer: x"
    assert bare("no gradient: none") == "no gradient: none"


def test_sentences_are_wrapped_and_cut():
    pen = type("Pen", (), {"width_of": staticmethod(lambda text, size=0: 5.0 * len(text))})
    assert wrapped(pen, "one two three", 40, 5) == ["one two", "three"]
    assert wrapped(pen, "one two three", 20, 2) == ["one", "two …"]


# colours


def test_zero_is_the_background_and_what_is_far_from_it_hides_the_picture():
    picture = np.full((2, 2, 3), 200, np.uint8)
    values = np.array([[0.0, 1.0], [-1.0, np.nan]], np.float32)
    made = signed_over(picture, values, 1.0, 0.0, DARK).astype(int)
    assert np.abs(made[0, 0] - np.array(rgb(DARK.view)) * 255).max() <= 2
    assert made[0, 1, 0] > made[0, 1, 2] and made[1, 0, 2] > made[1, 0, 0]
    assert np.abs(made[1, 1] - np.array(rgb(DARK.nan)) * 255).max() <= 1
    over = signed_over(picture, values, 1.0, 1.0, DARK).astype(int)
    assert (over[0, 0] == 200).all() and np.abs(over[0, 1] - made[0, 1]).max() <= 1
    assert (signed_over(picture, None, 0.0, 1.0, DARK) == 200).all()
    assert (signed_over(None, values * 0, 0.0, 0.5, DARK)[0, 1] == made[0, 0]).all()


def test_values_of_another_size_cover_their_share():
    values = np.array([[1.0, -1.0]], np.float32)
    made = signed_over(np.zeros((4, 6, 3), np.uint8), values, 1.0, 0.5, DARK)
    assert (made[:, :3] == made[0, 0]).all() and (made[:, 3:] == made[0, 5]).all()


def test_pictures_are_made_and_a_broken_one_leaves_the_values():
    facts = facts_of()
    looks = [(Look(3), None), (Look(3, ("k",), 1.0), HEAT), (Look(2, SEEN), None), (Look(2), None)]
    made, read = make(looks, {}, facts.data, facts.preprocessing, DARK)
    assert made[looks[0][0]] is None and made[looks[1][0]].shape == (8, 8, 3)
    assert (made[looks[2][0]] == facts.preprocessing.as_seen(facts.data.image(2))).all()
    assert (made[looks[3][0]] == grey(read[2])).all() and read[3] is None
    assert make(looks[3:], read, None, None, DARK)[1] == {}


# where it stands


@given(
    width=some.floats(160, 2000), height=some.floats(120, 1500), size=some.floats(32, 1024),
    rows=some.integers(1, 64), columns=some.integers(1, 18),
    row=some.floats(0, 80), column=some.floats(0, 20),
)  # fmt: skip
def test_scrolls_are_within_and_places_are_found_again(
    width, height, size, rows, columns, row, column
):
    grid = Grid(width, height, (48, 64), size, rows, columns)
    scroll = grid.scroll_of(ComparisonCamera(row, column, size=size))
    for pixels, longest in zip(scroll, grid.longest, strict=True):
        assert 0 <= pixels <= longest
    again = grid.place_of(*scroll)
    assert np.allclose(
        grid.scroll_of(ComparisonCamera(again[1], again[0], size=size)), scroll, atol=1e-6
    )
    in_rows, in_columns = grid.in_sight(scroll)
    assert len(in_rows) and len(in_columns)
    for at_row in (in_rows[0], in_rows[-1]):
        left, top, wide, tall = grid.picture(at_row, in_columns[0], scroll)
        assert top < height - FOOT + 1 and top + grid.step[1] > TOP - 1


def test_enlarged_pixels_are_squares_of_one_size():
    left, top, wide, tall = sharp((10, 20, 112, 112), (32, 32), 1.0)
    assert (wide, tall) == (96, 96) and (left, top) == (10, 20)
    assert sharp((0, 0, 112, 112), (224, 224), 2.0) == (0, 0, 224, 224)


# gestures


def test_a_click_looks_at_the_sample_or_the_channel_everywhere():
    desk = Desk(facts_of())
    desk.click(*desk.middle(1, 0))
    assert desk.given == [("focus.sample", {"sample": 1})]
    assert desk.view.wish.focused == 1
    desk.click(20, desk.middle(2, 0)[1])  # on the row's head
    assert desk.given[-1] == ("focus.sample", {"sample": 2})
    desk = Desk(facts_of(), seen_state(rows="layers"))
    desk.click(*desk.middle(1, 0))
    assert desk.given == [("focus.channel", {"layer": "conv2", "channel": 0})]
    assert desk.view.wish.focused == 1


def test_layers_are_pointed_at():
    desk = Desk(facts_of(), seen_state(rows="layers"))
    desk.view.move(Pointer(*desk.middle(0, 1)))
    assert (desk.hovered[-1].layer, desk.hovered[-1].channel) == ("conv1", 0)
    assert desk.view.pointed[1:] == (0, 1)
    desk.view.leave()
    assert desk.hovered[-1] is None


def test_the_wheel_scrolls_and_zooms_where_there_is_more_than_fits():
    desk = Desk(facts_of())
    x, y = desk.middle(1, 0)
    desk.view.wheel(Pointer(x, y), -1)
    assert desk.camera.row > 0 and desk.camera.column == 0
    desk.view.wheel(Pointer(x, y, modifiers=frozenset({"shift"})), 1)
    assert desk.camera.column == 0  # nothing is left of it
    for _ in range(30):
        desk.view.wheel(Pointer(x, y, modifiers=frozenset({"ctrl"})), 1)
    wide, tall = desk.view.grid().cell
    assert 250 < max(wide, tall) == desk.camera.size < desk.view.height  # it fills the view
    desk.view.wheel(Pointer(x, y, modifiers=frozenset({"shift"})), -1)
    assert desk.camera.column > 0
    wide = Desk(facts_of(), seen_state(rows="layers"), size=(1600, 1200))
    wide.view.wheel(Pointer(300, 300), -1)
    assert wide.given == []  # all of it is there


def test_zooming_keeps_the_cell_under_the_pointer():
    desk = Desk(
        facts_of(), seen_state(methods=COLUMNS).with_part("comparison_camera", row=2, column=3)
    )
    x, y = desk.middle(3, 4)
    for _ in range(4):
        desk.view.wheel(Pointer(x, y, modifiers=frozenset({"ctrl"})), 1)
    grid = desk.view.grid()
    assert grid.at(x, y, desk.view.scroll(grid)) == (3, 4)


def test_a_drag_moves_the_grid_and_is_one_command():
    desk = Desk(facts_of())
    x, y = desk.middle(1, 0)
    desk.view.press(Pointer(x, y, LEFT))
    desk.view.move(Pointer(x, y - 60, LEFT))
    desk.view.move(Pointer(x, y - 90, LEFT))
    desk.view.lift(Pointer(x, y - 90, LEFT))
    moved = desk.view.grid().step[1] * desk.camera.row
    assert np.isclose(moved, 90) and desk.given == []
    assert [command.kind for command in desk.session.commands] == ["comparison.look"]


def test_a_double_click_fills_the_view_and_goes_back():
    desk = Desk(facts_of())
    desk.view.double_press(Pointer(*desk.middle(1, 1), LEFT))
    grid = desk.view.grid()
    assert desk.camera.size > 200 and grid.at(*desk.middle(1, 1), desk.view.scroll(grid)) == (1, 1)
    desk.view.double_press(Pointer(*desk.middle(1, 1), LEFT))
    assert desk.camera.size == ComparisonCamera().size


def test_keys_scroll_and_zoom():
    desk = Desk(facts_of())
    assert desk.view.takes("pagedown") and not desk.view.takes("left")
    assert desk.view.key("end") and desk.camera.row > 2
    assert desk.view.key("home") and desk.camera.row == 0
    assert desk.view.key("+") and desk.camera.size > 112
    assert not Desk(facts_of(data=None)).view.takes("end")


# commands


def test_columns_stand_in_one_order_whatever_is_chosen_first():
    session = Session(clock=lambda: 0.0)
    for method in ("lrp:flat", "occlusion", "gradient"):
        session.do("comparison.method", method=method, shown=True)
    shown = session.state.comparison.methods
    assert list(shown) == sorted(shown, key=COLUMNS.index) and len(set(shown)) == len(shown)
    for method in shown:
        session.do("comparison.method", method=method, shown=False)
    assert session.state.comparison.methods == ()
    with pytest.raises(InputError):
        session.do("comparison.method", method="lrp", shown=True)
    with pytest.raises(InputError):
        session.do("comparison.range", range="none")
    session.do("comparison.look", row=4, size=1e9)
    assert session.state.comparison_camera == ComparisonCamera(row=4.0, size=LARGEST)
    session.do("comparison.reset")
    assert session.state.comparison_camera == ComparisonCamera()


def test_every_action_gives_what_its_command_takes():
    session, facts = Session(clock=lambda: 0.0), facts_of()
    session.do("comparison.look", row=3, column=1, size=200)
    own = ("comparison.limit.wider", "comparison.limit.narrower", "comparison.limit.own")
    for action in ACTIONS:
        if action.wish is None or action.name in own:  # they have tests of their own
            continue
        given = action.wish(session.state, facts)
        assert given is not None, action.name
        session.do(given[0], **given[1])
        if action.checked is not None and not action.name.startswith("comparison.method"):
            assert action.checked(session.state), action.name
        session.do("comparison.look", row=3, column=1, size=200)


# the range that all cells share


def shared(**changes):
    state = seen_state(range="all", methods=("gradient", "lrp:flat"), **changes)
    return state, answered(state, facts_of())


def bar_of(limit):
    return Bar(None, -limit, limit, True, 300.0, 80.0)


def test_the_range_of_all_cells_can_be_set_and_what_lies_beyond_is_counted():
    state, facts = shared()
    wish = resolve(state, facts)
    assert {cell.limit for cell in wish.cells.values()} == {16.0}
    assert wish.words.endswith(RANGE_WORDS["all"])
    state, facts = shared(limit=15.5)
    wish = resolve(state, facts)
    assert {cell.limit for cell in wish.cells.values()} == {15.5}
    assert beyond(wish.cells.values()) == (64, 16 * 64)
    assert wish.words.startswith("one range for all set by hand, 6.2 % of the values beyond · ")
    assert any("beyond the ends" in line for line in card_lines(wish.cells[7, 1]))
    assert not any("beyond" in line for line in card_lines(wish.cells[0, 0]))
    state = state.with_part("comparison", range="cell")
    assert {cell.limit for cell in resolve(state, facts).cells.values()} == set(range(1, 17))


def test_odd_values_are_not_counted_as_beyond():
    heat = np.array([[np.nan, np.inf, 3.0, -3.0, 1.0]], np.float32)
    assert beyond((Cell(found=Explained(0, "gradient", heat, 3.0), limit=2.0), Cell())) == (2, 5)


def test_an_end_of_the_bar_is_dragged_and_a_double_click_gives_the_own_range_back():
    state, facts = shared()
    desk = Desk(facts, state)
    desk.view.bar = bar_of(16.0)
    y = desk.view.height - FOOT / 2
    desk.view.press(Pointer(380, y, LEFT))
    for x in (400, 440):
        desk.view.move(Pointer(x, y, LEFT))
    desk.view.lift(Pointer(440, y, LEFT))
    assert desk.session.state.comparison.limit == 32.0
    assert desk.camera == state.comparison_camera and not desk.given
    desk.session.do("undo")  # the whole drag at once
    assert desk.session.state.comparison.limit is None
    desk.session.do("redo")
    desk.follow()
    desk.view.double_press(Pointer(340, y, LEFT))
    assert desk.given == [("comparison.limit", {"limit": None})]
    assert desk.session.state.comparison.limit is None
    assert replay(desk.session.commands, state).session.state == desk.session.state


def test_where_each_cell_has_its_own_range_the_bar_is_not_draggable():
    state = seen_state(range="cell", methods=("gradient",))
    desk = Desk(answered(state, facts_of()), state)
    desk.view.bar = bar_of(3.0)  # that of the cell pointed at
    y = desk.view.height - FOOT / 2
    desk.view.press(Pointer(380, y, LEFT))
    desk.view.move(Pointer(440, y, LEFT))
    desk.view.lift(Pointer(440, y, LEFT))
    assert desk.session.state.comparison.limit is None
    assert "each cell in its own range" in desk.view.wish.words


def test_the_range_has_actions_where_there_is_one():
    state, facts = shared()
    wishes = {action.name: action.wish for action in ACTIONS}
    wider = wishes["comparison.limit.wider"](state, facts)
    assert wider == ("comparison.limit", {"limit": 20.0})
    assert wishes["comparison.limit.own"](state, facts) is None
    given, _ = shared(limit=2.0)
    assert wishes["comparison.limit.narrower"](given, facts)[1]["limit"] == 1.6
    assert wishes["comparison.limit.own"](given, facts)[1] == {"limit": None}
    assert wishes["comparison.limit.wider"](seen_state(), facts) is None
