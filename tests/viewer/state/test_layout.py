"""Layouts: rectangles fill the window without overlap, panes come and go, JSON keeps them."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from viewer.state.layout import (
    DRAWN,
    LAYOUTS,
    PANES,
    Floating,
    Layout,
    Split,
    Tabs,
    column,
    drawn,
    from_json,
    in_front,
    pane,
    panes_of,
    places,
    rectangles,
    row,
    with_pane,
    without,
)
from viewer.state.tree import as_json


@st.composite
def layouts(draw):
    """Any arrangement of some of the panes."""
    names = draw(st.lists(st.sampled_from(PANES), unique=True))
    floats = draw(st.integers(0, len(names)))
    floating = tuple(Floating(name, 0.1, 0.2, 0.3, 0.4) for name in names[:floats])
    return Layout(_node(draw, names[floats:]), floating)


def _node(draw, names):
    if not names:
        return None
    if len(names) == 1 or draw(st.booleans()):
        return Tabs(tuple(names), draw(st.sampled_from(names)))
    cut = draw(st.integers(1, len(names) - 1))
    share = draw(st.floats(0.05, 0.95))
    parts = ((share, _node(draw, names[:cut])), (1 - share, _node(draw, names[cut:])))
    return Split(draw(st.booleans()), parts)


@given(layouts())
def test_json_gives_the_same_layout_back(layout):
    assert from_json(json.loads(json.dumps(as_json(layout)))) == layout


@given(layouts(), st.integers(300, 3000), st.integers(300, 2000))
def test_rectangles_lie_inside_and_do_not_overlap(layout, width, height):
    found = rectangles(Layout(layout.root), width, height, gap=2)
    assert set(found) == {place.current for place in places(layout.root)}
    covered = np.zeros((height, width), np.uint8)
    for left, top, across, down in found.values():
        assert across > 0 and down > 0
        covered[top : top + down, left : left + across] += 1
    assert covered.max(initial=0) <= 1
    assert not found or covered.sum() >= 0.9 * width * height - 3000


def test_shares_are_the_sizes():
    layout = Layout(row((1, pane("stack")), (3, column((1, pane("sample")), (1, pane("maps"))))))
    assert rectangles(layout, 401, 201, gap=1) == {
        "stack": (0, 0, 100, 201),
        "sample": (101, 0, 300, 100),
        "maps": (101, 101, 300, 100),
    }


@given(layouts(), st.sampled_from(PANES))
def test_a_pane_closes_and_comes_back_in_front(layout, name):
    closed = without(layout, name)
    assert panes_of(closed) == tuple(other for other in panes_of(layout) if other != name)
    back = with_pane(closed, name)
    assert name in in_front(back)
    assert set(panes_of(back)) == {*panes_of(closed), name}


@given(layouts())
def test_a_movie_shows_drawn_views_only(layout):
    assert set(panes_of(drawn(layout))) == set(panes_of(layout)) & set(DRAWN)


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_layouts_to_choose_hold_each_pane_once(name):
    names = [name for place in places(LAYOUTS[name].root) for name in place.panes]
    assert len(names) == len(set(names)) and set(names) <= set(PANES)


@pytest.mark.parametrize(
    "content",
    [
        {"root": {"panes": ["ceiling"], "current": "ceiling"}},
        {"root": {"panes": ["stack"], "current": "sample"}},
        {"root": {"across": True, "parts": []}},
        {"root": {"across": True, "parts": [[0, {"panes": ["stack"], "current": "stack"}]]}},
        {"root": {"panes": ["stack", "stack"], "current": "stack"}},
        {"floating": [{"pane": "stack", "x": 0, "y": 0, "width": -1, "height": 1}]},
        {"root": 3},
        [],
        None,
    ],
)
def test_what_is_no_layout_is_said(content):
    with pytest.raises(InputError, match="layout"):
        from_json(content)
