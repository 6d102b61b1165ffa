"""The card beside a hovered point: what it says, its receptive field, where it stands."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.pretend_engine import Data, Network
from tests.viewer.views.made_points import points_of
from viewer.gl.theme import DARK
from viewer.studio.facts import READY, Facts, StudySummary
from viewer.views.card import KEPT_PICTURES, PICTURE, PointCard, fractions_of, placed, small_picture
from viewer.views.pen import Pen
from viewer.views.point_facts import Card, box_of, card_of, position_of


@pytest.fixture
def facts():
    network, data = Network("net.onnx", certain=True), Data()
    summary = StudySummary(
        predicted=np.array([0, 2] + [-1] * 10, np.int32),
        confidence=np.array([0.75, 0.5] + [np.nan] * 10, np.float32),
    )
    return Facts(
        phase=READY, network=network, data=data, labels=data.labels, summary=summary,
        class_names=tuple(data.classes), preprocessing=network.preprocessing,
    )  # fmt: skip


@pytest.fixture
def points():
    values = np.array([[0.0, 1.5, -2.0], [np.nan, 3.0, 1.0]])
    return points_of(values, [0, 1, 2], [0, 9, 15], (4, 4), layer="conv2")


class AtOnce:
    """A builder that answers at once and writes down what it was asked."""

    def __init__(self):
        self.asked = []

    def ask(self, slot, function, on_answer):
        self.asked.append(slot)
        on_answer(function())


def test_a_card_names_sample_unit_classes_and_values(points, facts):
    card = card_of(points, 0, (1, 0, 1), facts)
    assert (card.sample, card.name, card.unit) == (0, "0.png", "conv2@0,0")
    assert (card.label, card.predicted, card.right) == ("cat", "cat", True)
    assert card.values == (("channel 1", "not finite"), ("channel 0", "0"))
    assert [line[0] for line in card.lines] == [
        "0.png", "conv2@0,0", "cat", "predicted, right", "channel 1", "channel 0",
    ]  # fmt: skip
    wrong = card_of(points, 1, (0,), facts)
    assert wrong.right is False and ("fox, predicted, wrong", "0.500") == wrong.lines[3][:2]
    unknown = card_of(points, 2, (), facts)
    assert unknown.predicted == "" and unknown.right is None and unknown.confidence is None


def test_stored_values_are_told_where_they_are_known(points, facts):
    stored = np.array([1.5000012, 3.25], np.float32)
    card = card_of(points, 1, (0, 1, 99), facts, stored, (("early:3", np.inf),))
    assert card.values == (("channel 0", "1.5"), ("channel 1", "3.25"), ("early:3", "+∞"))


def test_the_box_is_that_of_the_network_for_the_points_position(points, facts):
    assert position_of(points, 1) == (2, 1)
    card = card_of(points, 1, (0,), facts)
    assert card.box == facts.network.box("conv2", 2, 1)
    whole = points_of(np.zeros((1, 2)), layer="fc")
    assert card_of(whole, 0, (0,), facts).box is None and card_of(whole, 0, (), facts).unit == "fc"
    without_file = facts.but(network=SimpleNamespace())
    assert box_of(without_file, "conv2", (2, 1)) is None


def test_a_box_lands_on_the_picture_through_the_preprocessing(facts):
    box, shape = (1, 2, 5, 9), (16, 32, 3)
    y0, x0, y1, x1 = fractions_of(box, facts.preprocessing, shape)
    inside = facts.preprocessing.box_in_picture(box, shape)
    assert np.allclose((y0 * 16, x0 * 32, y1 * 16, x1 * 32), inside)
    assert fractions_of(None, facts.preprocessing, shape) is None
    assert fractions_of(box, facts.preprocessing, None) is None


def test_a_broken_picture_is_grey_and_has_no_box(facts):
    pixels, shape = small_picture(facts.data, 3)
    assert shape is None and (pixels == pixels[0, 0, 0]).all()
    pixels, shape = small_picture(facts.data, 4)
    assert shape == (8, 8, 3) and max(pixels.shape[:2]) <= 2 * PICTURE


def test_pictures_are_asked_for_once_and_the_oldest_go(points, facts):
    builder, arrived = AtOnce(), []
    card = PointCard("matrix", lambda: arrived.append(1))
    first, second = (card_of(points, point, (0,), facts) for point in (0, 1))
    assert card.show(first, facts, builder) and card.has_picture
    assert not card.show(first, facts, builder)
    assert card.show(second, facts, builder) and card.show(first, facts, builder)
    assert builder.asked == ["matrix.card"] * 2 and len(arrived) == 2
    assert card.show(None, facts, builder) and not card.has_picture
    many = points_of(np.zeros((1, KEPT_PICTURES + 20)))
    data = Data(KEPT_PICTURES + 20)
    for point in range(many.count):
        card.show(card_of(many, point, (), facts.but(data=data)), facts.but(data=data), builder)
    assert len(card._pictures) == KEPT_PICTURES


def test_stored_values_replace_those_of_codes_unless_another_point_is_shown(points, facts):
    waiting, arrived = [], []
    facts = facts.but(stored=lambda *asked: waiting.append(asked))
    card = PointCard("matrix", lambda: arrived.append(1))
    again = [partial(card_of, points, point, (0,), facts) for point in (0, 1)]
    card.show(again[1](), facts, AtOnce(), points, again[1])
    asked, point, answer = waiting.pop()
    assert asked is points and point == 1 and card.card.values == (("channel 0", "1.5"),)
    answer(np.array([1.4999, 3.0], np.float32))
    assert card.card.values == (("channel 0", "1.5"),)  # as many digits as they mean
    answer(np.array([1.4, 3.0], np.float32))
    card.show(again[1](), facts, AtOnce(), points, again[1])
    late = waiting.pop()[2]
    card.show(again[0](), facts, AtOnce(), points, again[0])
    late(np.array([9.0, 9.0], np.float32))
    assert card.card.values == (("channel 0", "0"),)
    waiting.pop()[2](np.array([0.25, 9.0], np.float32))
    assert card.card.values == (("channel 0", "0.25"),) and len(arrived) >= 2


@given(
    x=some.floats(0, 400), y=some.floats(0, 300),
    width=some.floats(10, 150), height=some.floats(10, 120),
)  # fmt: skip
def test_a_card_stays_inside_and_off_the_pointer(x, y, width, height):
    left, top = placed((x, y), (width, height), (400.0, 300.0))
    assert left >= 0 and top >= 0 and left + width <= 400 and top + height <= 300
    assert not (left < x < left + width and top < y < top + height)


class Lines:
    """An overlay that keeps its lines of text."""

    def __init__(self):
        self.lines = []

    def text(self, x, y, string, *args, **more):
        self.lines.append(string)

    def rectangle(self, *args):
        pass


@given(left=some.floats(0, 900), value=some.floats(1e-6, 1e6), ratio=some.sampled_from((1, 1.5, 2)))
def test_no_row_of_a_card_is_cut_by_a_rounding(left, value, ratio):
    values = (("channel 10", f"{value:.4g}"), ("channel 8", f"{value / 3:.3e}"))
    card = PointCard("matrix", lambda: None)
    card.card = Card(0, 0, "171", "conv2_1@27,7", "star", right=True, values=values)
    pen = Pen(Lines(), ratio, DARK)
    size, _ = card._measure(pen, None)
    card._rows(pen, left, 0.0, size[0])
    assert not [line for line in pen.overlay.lines if "\u2026" in line]
