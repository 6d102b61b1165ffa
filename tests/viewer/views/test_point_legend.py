"""The legend of points: rows, what is said below them, scrolling; drawn into a list of lines."""

from types import SimpleNamespace

import numpy as np
import pytest

from viewer.gl.theme import DARK
from viewer.views.grouping import Groups
from viewer.views.pen import Pen
from viewer.views.point_legend import ROW, draw


class Lines:
    """An overlay that keeps lines of text: (x, y, string)."""

    def __init__(self):
        self.lines = []

    def text(self, x, y, string, colour, size, **more):
        self.lines.append((x, y, string))

    def rectangle(self, *args):
        pass


def drawn(count, words, width, height, scrolled=0, left_out=0):
    groups = Groups(
        np.zeros(1, np.uint8), tuple(f"class {n}" for n in range(count)),
        np.ones((count, 3), np.float32), tuple(range(count)), "class", words,
    )  # fmt: skip
    colouring = SimpleNamespace(groups=groups, counts=np.ones(count, int), left_out=left_out)
    overlay = Lines()
    rows, scrolled = draw(
        Pen(overlay, 1.0, DARK), (10, 0, width, height), colouring, scrolled, None
    )
    return rows, scrolled, [line for *_, line in overlay.lines], overlay.lines


WORDS = "the 20 most frequent of 1,000 classes, others grey"


@pytest.mark.parametrize("height", [600, 300, 190])
def test_what_is_not_shown_by_itself_is_said_whole_however_narrow_and_low(height):
    rows, _, said, lines = drawn(21, WORDS, 110, height, left_out=1234)
    assert WORDS in " ".join(said) and "1,234 points left out" in " ".join(said)
    assert not any("…" in line for line in said if line in WORDS)
    assert max(y for _, y, _ in lines) <= height
    assert rows


def test_rows_that_do_not_fit_are_counted_and_scrolled_to():
    rows, _, said, _ = drawn(21, "", 150, ROW * 8)
    assert len(rows) == 6 and "15 more" in said
    rows, scrolled, said, _ = drawn(21, "", 150, ROW * 8, scrolled=4)
    assert [group for group, _ in rows] == [4, 5, 6, 7, 8, 9] and "4 above, 11 below" in said
    rows, scrolled, _, _ = drawn(21, "", 150, ROW * 8, scrolled=99)
    assert scrolled == 15 and rows[-1][0] == 20


def test_all_rows_that_fit_are_shown_unscrolled():
    rows, scrolled, said, _ = drawn(3, "", 150, 300, scrolled=2)
    assert len(rows) == 3 and scrolled == 0 and "more" not in " ".join(said)
