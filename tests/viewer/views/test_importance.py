"""The importance view: where its parts stand, what they show, gestures that become commands."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.analysis.ablation import Row
from engine.analysis.ablation_curve import Plan
from engine.analysis.rates import rates_of
from engine.errors import InputError
from engine.tasks import Task
from tests.viewer.studio.test_weighing import answered, many, seen_state
from tests.viewer.views.test_sample_views import ready
from viewer.gl.theme import DARK, LIGHT, rgb
from viewer.session.session import Session
from viewer.state.hover import Hovered
from viewer.state.importance import PARTS, ImportanceCamera
from viewer.studio import ordering, weighing
from viewer.studio.importance_tables import write_curve, write_importance, write_rates
from viewer.studio.questions import Found
from viewer.studio.weighed import Scored, Table
from viewer.views.box import Box
from viewer.views.gestures import LEFT, Pointer
from viewer.views.importance.actions import ACTIONS
from viewer.views.importance.curve import area_of, ceiling_of
from viewer.views.importance.part import rate_words
from viewer.views.importance.places import FOOT, LEAST, arranged, columns_of, grid_in
from viewer.views.importance.resolve import NO_NETWORK, best_of, resolve
from viewer.views.importance.view import ImportanceView
from viewer.views.session.words import words_of
from viewer.views.shades import limits_of, shades_of
from viewer.visuals.transfer import colours

VALUES = np.array([2.0, 6.0, 1.0, 4.0, 5.0, 3.0])
OFF = (("conv2", (1, 4)),)
LABELS = np.arange(12) % 3


def rates(wrong):
    """Error rates with the first samples predicted wrong."""
    predicted = LABELS.astype(np.int32)
    predicted[:wrong] = (predicted[:wrong] + 1) % 3
    return rates_of(predicted, LABELS, 3)


def curve(of_class=None):
    """A threshold curve in which only sets without channel 1 are wrong."""
    plan = Plan.of(VALUES, 6, 4, 3, 0)
    wrong = np.array([1 in chosen for chosen in plan.sets])
    predicted = np.where(wrong[:, None], (LABELS + 1) % 3, LABELS).astype(np.int32)
    return plan.curve(predicted, LABELS, of_class)


def everything(state, facts=None):
    """Facts in which all questions of a state have answers."""
    facts = answered(state, facts or ready(), VALUES)
    facts = answered(state, facts, VALUES, layer=None)
    found = dict(facts.measured)
    for question in weighing.questions(state, facts):
        name = question.key[0]
        if name == "scores without":
            found[question.key] = Found(Scored(np.array([0.0, 4.0, 1.0], np.float32)))
        elif name == "rates":
            found[question.key] = Found(rates(5 if question.key[-2] else 1))
        elif name == "curve without":
            found[question.key] = Found(curve(state.importance.of_class))
        elif name == "table without":
            row = Row("conv2", 2, 1, rates(1), rates(1), rates(9))
            found[question.key] = Found(Table((row,), 2))
    return facts.but(measured=found)


class Desk:
    """A view with a session, as the stage ties them."""

    def __init__(self, state=None, facts=None, size=(900, 700)):
        self.session = Session(clock=lambda: 0.0)
        self.session.holder.set(state or seen_state())
        self.facts = facts or everything(self.session.state)
        self.view, self.given, self.hovered = ImportanceView(), [], []
        self.view.width, self.view.height = size
        self.view.wished.connect(self.give)
        self.view.hovered.connect(self.hovered.append)
        self.follow()

    def give(self, kind, args):
        self.given.append((kind, args))
        self.session.do(kind, **args)
        self.follow()

    def follow(self, hovered=None):
        self.view.follow(self.session.state, hovered, self.facts, None)

    def part(self, name):
        return next(part for part in self.view.parts() if part.name == name)

    def cell(self, channel):
        """The middle of a filter's cell."""
        part = self.part("grid")
        place = list(part.channels).index(channel)
        left, top, wide, tall = part.grid().cell(place)
        return left + wide / 2, top + tall / 2

    def click(self, x, y):
        self.view.press(Pointer(x, y, LEFT))
        self.view.lift(Pointer(x, y, LEFT))


# places


@given(
    width=some.integers(1, 3000), height=some.integers(1, 2000),
    parts=some.lists(some.sampled_from(PARTS), unique=True).map(tuple),
)  # fmt: skip
def test_parts_stand_beside_each_other_inside_the_view(width, height, parts):
    found = arranged(width, height, parts)
    assert set(found.boxes) | set(found.left_out) == set(parts)
    assert not parts or parts[-1] in found.boxes  # the one shown last has room first
    boxes = list(found.boxes.values())
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = one.right <= other.left or other.right <= one.left
            assert apart or one.bottom <= other.top or other.bottom <= one.top
        if len(boxes) > 1:
            assert one.left >= 0 and one.right <= width and one.bottom <= height - FOOT + 1
    if len(boxes) > 1:
        for name, box in found.boxes.items():
            assert box.width >= LEAST[name][0] - 1 and box.height >= LEAST[name][1] - 1


@pytest.mark.parametrize(
    ("count", "columns"), [(1, 1), (6, 3), (16, 4), (64, 8), (96, 12), (97, 10), (512, 32)]
)
def test_the_grid_is_as_near_to_square_as_possible(count, columns):
    assert columns_of(count) == columns


@given(
    count=some.integers(1, 5000), chosen=some.none() | some.integers(1, 256),
    width=some.integers(20, 900), height=some.integers(20, 900),
)  # fmt: skip
def test_every_filter_has_one_cell_and_is_found_there(count, chosen, width, height):
    grid = grid_in(Box(5, 7, width, height), count, chosen)
    assert grid.columns * grid.rows >= count > grid.columns * (grid.rows - 1)
    for place in {0, count // 2, count - 1}:
        left, top, wide, tall = grid.cell(place)
        assert grid.at(left + wide / 2, top + tall / 2) == place
    assert grid.at(4, 7) is None and grid.at(5, 6) is None
    assert chosen is None or grid.columns == min(chosen, count)


def test_the_report_s_grid_by_choice():
    assert columns_of(96) == 12 and columns_of(96, 16) == 16


# colours and words


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_colours_rise_evenly_and_signed_values_are_centred(theme):
    table = colours(theme, False)
    shades = shades_of(np.array([0.0, 2.0, 4.0]), theme)
    assert np.array_equal(shades[[0, 2]], table[[0, -1]])
    assert limits_of(np.array([-1.0, 3.0, np.nan])) == (-3.0, 3.0)
    odd = shades_of(np.array([-1.0, np.nan, np.inf, 1.0]), theme)
    assert np.allclose(odd[1], rgb(theme.nan)) and np.allclose(odd[2], rgb(theme.infinite))
    assert np.array_equal(odd[0], colours(theme, True)[0])
    assert np.isfinite(shades_of(np.zeros(3), theme)).all()


def test_rates_have_as_many_digits_as_they_mean():
    said = [rate_words(rate) for rate in (0.0, 0.00001, 0.0031, 0.25, 1.0, None, np.nan)]
    assert said == ["0 %", "< 0.01 %", "0.31 %", "25.0 %", "100 %", "–", "–"]


# what is shown


def test_before_and_after_of_scores_and_rates():
    state = seen_state(off=OFF)
    wish = resolve(state, None, everything(state))
    assert [row[0] for row in wish.scores.rows] == ["cat", "dog", "fox"]
    assert (wish.scores.before, wish.scores.after) == ("cat", "dog")
    assert wish.rates.before.wrong == 1 and wish.rates.after.wrong == 5
    assert [row[4] for row in wish.rates.rows] == [4, 4, 4]
    assert not wish.late and wish.off == (1, 4)
    assert wish.detail.endswith("2 filters off") and "L2 norm" in wish.detail


def test_with_all_filters_on_there_is_no_after():
    wish = resolve(seen_state(), None, everything(seen_state()))
    assert wish.rates.after is None and wish.scores.after == "" and wish.off_words == ""
    assert all(row[2] is None for row in wish.scores.rows)


def test_the_best_class_after_is_always_shown():
    before, after = np.linspace(1, 0, 10), np.eye(10)[8]
    names = [row[0] for row in best_of(before, after, None)]
    assert names == ["class 0", "class 1", "class 2", "class 3", "class 8"]


def test_what_is_missing_is_waited_for_and_what_fails_is_said():
    state = seen_state(off=OFF)
    assert resolve(state, None, ready()).late
    facts = everything(state)
    asked = weighing.rates_question(state, facts, OFF)
    failed = facts.but(measured={**facts.measured, asked.key: Found(failure="It went wrong.")})
    wish = resolve(state, None, failed)
    assert wish.rates.message == "It went wrong." and not wish.rates.late
    assert resolve(state, None, facts.but(recording=object())).message == NO_NETWORK
    assert resolve(state, None, facts.but(data=None)).message.startswith("No pictures")
    facts = everything(state, ready(labels=None))
    assert "No labels" in resolve(state, None, facts).rates.message


def test_many_classes_stand_by_their_change():
    state = seen_state(off=OFF)
    facts = everything(state)
    asked = weighing.rates_question(state, facts, ()), weighing.rates_question(state, facts, OFF)
    labels = np.arange(100) % 50
    predicted = labels.astype(np.int32)
    worse = predicted.copy()
    worse[7] = 0
    measured = {
        asked[0].key: Found(rates_of(predicted, labels, 50)),
        asked[1].key: Found(rates_of(worse, labels, 50)),
    }
    wish = resolve(state, None, facts.but(measured={**facts.measured, **measured}))
    assert wish.rates.sorted and wish.rates.rows[0][0] == 7 and len(wish.rates.rows) == 50


def test_while_a_click_is_answered_the_former_numbers_stay():
    desk = Desk(seen_state(off=OFF))
    known = desk.view.wish.scores.rows
    desk.session.do("importance.switch", layer="conv2", channel=0, off=True)
    desk.follow()
    assert desk.view.pending and desk.view.wish.scores.rows == known
    desk.session.do("importance.on")
    desk.follow()
    assert all(row[2] is None for row in desk.view.wish.scores.rows)


def test_the_curve_s_axis_ends_above_its_lines():
    state = seen_state(parts=("curve",), of_class=1)
    wish = resolve(state, None, everything(state))
    assert wish.curve.value.ascending.of_class is not None
    assert ceiling_of(wish.curve.value, [False, True]) == 1.0


# gestures


def test_a_click_looks_at_a_filter_and_a_double_click_switches_it_off_and_on():
    desk = Desk()
    x, y = desk.cell(3)
    desk.click(x, y)
    assert desk.given == [("focus.channel", {"layer": "conv2", "channel": 3})]
    desk.view.double_press(Pointer(x, y, LEFT))
    assert desk.session.state.importance.off == (("conv2", (3,)),)
    desk.view.double_press(Pointer(x, y, LEFT))
    assert desk.session.state.importance.off == ()


def test_pointing_says_channel_value_and_rank_and_tells_the_others():
    desk = Desk(seen_state(off=OFF))
    x, y = desk.cell(4)
    desk.view.move(Pointer(x, y))
    assert desk.view.pointed.words == "conv2:4 · importance 5 · rank 2 of 6 · off"
    assert desk.hovered[-1] == Hovered("conv2", 4)
    plot = desk.part("bars").plot
    desk.view.move(Pointer(plot.left + 1, plot.top + plot.height / 2))
    assert desk.hovered[-1] == Hovered("conv2", 1)  # the most important one
    desk.view.leave()
    assert desk.hovered[-1] is None


def test_keys_walk_through_the_grid_and_switch():
    desk = Desk()
    assert desk.view.key("right") and desk.session.state.focus.channel == 0
    desk.view.key("right")
    desk.view.key("down")
    assert desk.session.state.focus.channel == 4
    assert not desk.view.key("q") and desk.view.takes("x")
    desk.view.key("x")
    assert desk.session.state.importance.off == (("conv2", (4,)),)
    desk.view.key("down")
    assert desk.session.state.focus.channel == 4  # at the edge it stays


def test_a_heading_s_part_stands_alone_and_with_all_again():
    desk = Desk()
    box = desk.part("bars").box
    desk.view.double_press(Pointer(box.left + 5, box.top + 5, LEFT))
    assert set(desk.view.arrangement().boxes) == {"bars"}
    box = desk.part("bars").box
    desk.view.double_press(Pointer(box.left + 5, box.top + 5, LEFT))
    assert len(desk.view.arrangement().boxes) == 4


def test_the_wheel_scrolls_bars_and_makes_them_wider():
    desk = Desk(facts=everything(seen_state()))
    plot = desk.part("bars").plot
    inside = plot.left + plot.width / 2, plot.top + plot.height / 2
    desk.view.wheel(Pointer(*inside), -3)
    assert desk.given == []  # all of them are in sight
    for _ in range(8):
        desk.view.wheel(Pointer(*inside, modifiers=frozenset({"ctrl"})), 1)
    before = desk.part("bars").step
    assert before == 64
    desk.view.width = 420
    desk.view.wheel(Pointer(desk.part("bars").plot.left + 9, inside[1]), -1)
    assert desk.session.state.importance_camera != ImportanceCamera()
    desk.session.do("camera.undo")


def test_filters_stand_in_the_order_in_force(monkeypatch):
    order = SimpleNamespace(channels=np.array([5, 0, 4, 1, 3, 2]))
    monkeypatch.setattr(ordering, "order_of", lambda state, facts, layer: order)
    monkeypatch.setattr(ordering, "badge", lambda state, facts, layer: "PCA 0.8 of random")
    desk = Desk(seen_state(by_rank=False))
    assert list(desk.part("grid").channels) == list(desk.part("bars").channels)
    assert list(desk.part("grid").channels) == [5, 0, 4, 1, 3, 2]
    grid = desk.part("grid").grid()
    left, top, wide, tall = grid.cell(0)
    desk.view.move(Pointer(left + wide / 2, top + tall / 2))
    assert desk.hovered[-1] == Hovered("conv2", 5)
    assert desk.view.wish.order_words == "PCA 0.8 of random"


def test_bars_stand_by_rank_or_as_the_channels():
    assert list(Desk().part("bars").channels) == [1, 4, 3, 5, 0, 2]
    assert list(Desk(seen_state(by_rank=False)).part("bars").channels) == list(range(6))


def test_a_row_of_the_table_leads_to_its_filters():
    desk = Desk(seen_state(parts=("table",)))
    part = desk.part("table")
    _, least, most = part._halves()
    y = part.list_box.top + 4
    desk.click(most[0] + 3, y)
    assert desk.given[-1] == ("focus.channel", {"layer": "conv2", "channel": 1})
    desk.view.move(Pointer(least[0] + 3, y))
    assert "1 wrong with it, 1 without" in desk.view.pointed.words


def test_a_click_on_a_class_weighs_for_it_and_one_on_the_curve_switches_off():
    desk = Desk(seen_state(parts=("rates", "curve")))
    box = desk.part("rates").list_box
    desk.click(box.left + 4, box.top + 20)
    assert desk.given[-1] == ("importance.class", {"of_class": 1})
    desk.click(box.left + 4, box.top + 20)
    assert desk.given[-1] == ("importance.class", {"of_class": None})
    area = area_of(desk.part("curve").panels[0][0])
    desk.click(area.left + area.width * 0.6, area.top + 20)
    wanted = {"layer": "conv2", "channels": [0, 2, 3, 5]}
    assert desk.given[-1] == ("importance.off", wanted)
    assert curve().removed.tolist() == [0, 2, 4, 6]


def test_a_view_without_layer_parts_or_room_stands():
    for state, size in (
        (seen_state().with_part("focus", layer=None), (900, 700)),
        (seen_state(parts=()), (300, 200)),
        (seen_state(parts=PARTS, of_class=1), (160, 120)),
    ):
        desk = Desk(state, facts=everything(seen_state()), size=size)
        for x in range(0, size[0], 37):
            for y in range(0, size[1], 23):
                desk.view.move(Pointer(float(x), float(y)))
                desk.view.wheel(Pointer(float(x), float(y)), 1)


# actions


def given_by(name, state, facts):
    return next(action for action in ACTIONS if action.name == name).wish(state, facts)


def test_actions_switch_the_least_and_the_most_important_off():
    state = seen_state()
    facts = everything(state)
    wanted = {"layer": "conv2", "channels": [0, 2, 5]}
    assert given_by("importance.least.50", state, facts) == ("importance.off", wanted)
    most = {"layer": "conv2", "channels": [1]}
    assert given_by("importance.most.one", state, facts) == ("importance.off", most)
    assert given_by("importance.least.50", state, ready()) is None
    assert given_by("importance.all.on", state, facts) is None
    off = seen_state(off=OFF).with_part("focus", channel=1)
    assert given_by("importance.all.on", off, facts) == ("importance.on", {})
    assert given_by("importance.filter.switch", off, facts)[1]["off"] is False
    assert given_by("importance.class.label", state, facts) == ("importance.class", {"of_class": 0})


def test_commands_check_what_files_say():
    session = Session()
    for kind, args in (
        ("importance.off", {"layer": "conv2", "channels": [1, -2]}),
        ("importance.off", {"layer": "conv2", "channels": 3}),
        ("importance.switch", {"layer": "", "channel": 0, "off": True}),
        ("importance.part", {"part": "else", "shown": True}),
        ("importance.class", {"of_class": -1}),
    ):
        with pytest.raises(InputError):
            session.do(kind, **args)
    session.do("importance.off", layer="b", channels=[3, 1, 3])
    session.do("importance.off", layer="a", channels=[2])
    assert session.state.importance.off == (("a", (2,)), ("b", (1, 3)))
    session.do("importance.off", layer="b", channels=[])
    assert session.state.importance.off == (("a", (2,)),)
    session.do("open", network="other.onnx")
    assert session.state.importance.off == ()


def test_sessions_say_in_words_what_was_done():
    session = Session(clock=lambda: 0.0)
    for kind, args, said in (
        ("switch", {"layer": "a", "channel": 3, "off": True}, "switch a:3 off"),
        ("switch", {"layer": "a", "channel": 3, "off": False}, "switch a:3 on again"),
        ("off", {"layer": "a", "channels": [1, 2]}, "switch 2 filters of a off"),
        ("on", {}, "switch all filters on again"),
        ("class", {"of_class": 4}, "importance for class 4"),
        ("class", {"of_class": None}, "importance for each own label"),
        ("look", {"bars": 3.0}, "scroll: importance"),
        ("look", {"step": 9.0}, "zoom: importance"),
    ):
        session.do(f"importance.{kind}", **args)
        assert words_of(session.commands[-1]) == said


# tables


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_numbers_go_into_tables(tmp_path):
    state = seen_state(off=OFF)
    facts = everything(state)
    layer = weighing.weighed_of(state, facts, "conv2")
    path = tmp_path / "a.csv"
    assert write_importance(path, [layer], state.importance, Task()) == 6
    rows = read(path)
    assert rows[2][:5] == ["conv2", "1", "6", "1", "yes"] and rows[3][3:5] == ["6", ""]
    names = ("cat", "dog", "fox")
    assert write_rates(path, rates(1), rates(5), names, OFF, "zero", Task()) == 4
    rows = read(path)
    assert rows[1][:2] == ["all", "12"] and float(rows[1][3]) == pytest.approx(5 / 12)
    assert rows[1][4:] == ["conv2:1 conv2:4", "zero"] and rows[2][0] == "cat"
    found = curve(1)
    assert write_curve(path, found, "dog", Task()) == len(found.share)
    rows = read(path)
    assert len(rows[0]) == 12 == len(rows[1]) and rows[0][-1] == "random high, dog"
    last = [float(row[3]) for row in rows[1:]]
    assert last == pytest.approx(found.descending.overall.tolist())


def test_a_curve_without_random_orders_has_empty_fields(tmp_path):
    line = SimpleNamespace(overall=np.array([0.0, 1.0]), of_class=None)
    made = SimpleNamespace(
        share=np.array([0.0, 1.0]), removed=np.array([0, 6]), ascending=line, descending=line,
        random=None,
    )  # fmt: skip
    write_curve(tmp_path / "c.csv", made, "", Task())
    assert read(tmp_path / "c.csv")[1] == ["0", "0", "0", "0", "", "", ""]


def test_estimates_are_said():
    state, facts = seen_state(), many(500)
    view = ImportanceView()
    view.follow(state, None, answered(state, facts, VALUES, few=200), None)
    assert "over 200 of 500 samples" in view._words()


def test_while_the_preprocessing_is_only_guessed_every_part_says_so():
    state = seen_state(parts=PARTS)
    wish = resolve(state, None, ready(confirmed=False))
    said = (wish.rates.message, wish.curve.message, wish.table.message)
    assert said == (weighing.UNCONFIRMED,) * 3
    assert not wish.late and not wish.rates.late
