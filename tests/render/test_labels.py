"""Labels: never over each other, never outside, the important ones first."""

from hypothesis import given
from hypothesis import strategies as st

from viewer.visuals.labels import Wish, place

VIEW = (800, 500)

WISHES = st.builds(
    lambda x, y, width, height, urgent: Wish(x, (y + 5, y + 7, y + 5), width, height, urgent, y),
    x=st.floats(-50, 850),
    y=st.floats(-50, 550),
    width=st.floats(10, 160),
    height=st.floats(10, 40),
    urgent=st.booleans(),
)


def box(wish, found):
    return found.left, found.top, found.left + wish.width, found.top + wish.height


def meet(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@given(st.lists(WISHES, max_size=40))
def test_labels_never_overlap_and_stay_inside(wishes):
    taken = [(0, 0, 200, 60), (0, 430, 220, 500)]
    places = place(wishes, VIEW, taken)
    boxes = [box(*pair) for pair in zip(wishes, places, strict=True) if pair[1] is not None]
    for first in range(len(boxes)):
        left, top, right, bottom = boxes[first]
        assert left >= 0 and top >= 0 and right <= VIEW[0] and bottom <= VIEW[1]
        assert not any(meet(boxes[first], other) for other in taken)
        assert not any(meet(boxes[first], boxes[second]) for second in range(first))


@given(st.lists(WISHES, max_size=25))
def test_leaders_cross_no_label(wishes):
    places = place(wishes, VIEW)
    shown = [pair for pair in zip(wishes, places, strict=True) if pair[1] is not None]
    for wish, found in shown:
        if found.top - wish.foot > wish.height / 2:
            leader = (wish.x - 0.5, wish.foot, wish.x + 0.5, found.top)
            others = [box(*pair) for pair in shown if pair[0] is not wish]
            assert not any(meet(leader, other) for other in others)


def test_a_lone_label_hangs_in_the_middle_below_its_box():
    wish = Wish(400, (210, 210, 210), 60, 30, foot=204)
    (found,) = place([wish], VIEW)
    assert (found.left, found.top) == (370, 210)


def test_urgent_labels_come_first_and_crowds_are_thinned_evenly():
    wishes = [Wish(300 + 5 * n, (200,) * 3, 80, 30, foot=195) for n in range(41)]
    wishes[17] = Wish(385, (200,) * 3, 80, 30, urgent=True, foot=195)
    places = place(wishes, VIEW)
    assert places[17] is not None
    assert (places[17].left, places[17].top) == (345, 200)
    assert 2 <= sum(found is not None for found in places) < 41
    row = [Wish(20 + 18 * n, (300,) * 3, 70, 30, foot=295) for n in range(41)]
    shown = [n for n, found in enumerate(place(row, VIEW)) if found is not None]
    assert shown[0] == 0 and shown[-1] == 40
    assert max(b - a for a, b in zip(shown, shown[1:], strict=False)) <= 6


def test_nothing_to_place():
    assert place([], VIEW) == []
