"""Which points are drawn as discs: those in sight when they are few, selected ones sooner.

Discs replace the density while it fades, between a budget and a quarter of it. In large cells only
the points in sight are drawn, and count; they are found in the builder's thread, in a window
somewhat larger than the view, so that a small movement needs no new search.
"""

import math
from dataclasses import dataclass

import numpy as np

from engine.kernels.mixing import UNSELECTED, points_among, points_inside
from viewer.views.matrix.counting import Job
from viewer.views.matrix.diagonal import rows_share
from viewer.views.matrix.layout import PAD, codes_in_range, share_of_range
from viewer.visuals.points import DiscCell, DiscLook, Discs

# Points drawn in about 40 ms of two cores by software, and what a graphics card draws in time.
BUDGET_SOFTWARE, BUDGET_CARD = 200_000, 8_000_000
MOST_CELLS = 400
CELLS_FROM = 40.0
SEARCH_CELLS = 24
FADES_OVER = 4.0
# How much more than what is in sight is looked at, and drawn, so that discs at its edge are whole.
MARGIN, SEEN = 0.35, 0.03
# So many points of a cell are looked through for every picture.
SEARCHED_AT_ONCE = 20_000
SELECTED_LARGER, OTHERS_SMALLER = 1.6, 0.7
# Where fewer points than this are in sight their discs are larger: up to so many times, and not
# more than this part of a cell.
FEW, LARGER_MOST = 20_000, 2.0
LARGEST_IN_CELL = 0.03


_NO_POINTS = np.zeros(0, np.uint32)


@dataclass(frozen=True, eq=False)
class Found:
    """Points of one cell in a window.

    Attributes
    ----------
    window : (x0, x1, y0, y1)
        Codes, half open.
    points : uint32[n]
        As many as there was room for, from the first.
    count : int
        How many there are.
    """

    window: tuple
    points: np.ndarray
    count: int


class Dots:
    """Chooses discs for a scene in sight and draws them.

    Attributes
    ----------
    share : float
        How far discs have taken the place of the density, 0 to 1.
    pending : bool
        Whether points are being looked for.
    words : str
        What the discs are: ``'exact'``, ``'10,000 of 1.0 M points'``.
    """

    def __init__(self):
        self.share, self.pending, self.words = 0.0, False, ""
        self._scene = self._counted = self._sight = None
        self._ratio = 1.0
        self._found, self._missing = {}, []
        self._selected = np.zeros(0, np.uint32)
        self._cells, self._marked = [], []
        self._amount = self._amount_marked = 0
        self._discs = Discs()
        self._columns_of = None
        self._asked_for = None

    @property
    def diagonal_alone(self):
        """Whether no cell but diagonal ones is in sight: these are always counted."""
        return bool(self._cells) and all(cell.rows for cell in self._cells)

    def show(self, scene, counted):
        """Another scene is shown."""
        if counted is not self._counted:
            if not self._has_same_points(scene):
                self._found = {}
            self._selected = np.zeros(0, np.uint32)
            if scene is not None and scene.selected is not None:
                shown = (scene.selected != 0) & (counted.codes != 2 * counted.group_count + 1)
                self._selected = np.flatnonzero(shown).astype(np.uint32)
        self._scene, self._counted = scene, counted
        self._sight, self._missing = None, []

    def _has_same_points(self, scene):
        """Whether what was found still holds: the same points, the same of them left out."""
        old = self._scene
        if scene is None or old is None or scene.columns is not old.columns:
            return False
        return scene.rows is old.rows and np.array_equal(scene.groups, old.groups)

    def look(self, sight, ratio, is_software):
        """Decide what is drawn of a sight."""
        scene = self._scene
        self._ratio = ratio
        budget = BUDGET_SOFTWARE if is_software else BUDGET_CARD
        self.share, self.words, self.pending = 0.0, "", False
        self._sight, self._budget, self._missing = sight, budget, []
        self._cells, self._marked = [], []
        if sight.size < CELLS_FROM or not 0 < sight.cells <= MOST_CELLS:
            return
        places = [(i, j) for i in range(*sight.row_span) for j in range(*sight.column_span)]
        if scene.form != "density":
            self._choose(places)
        if self.share < 1.0 and len(self._selected):
            self._mark(places)

    def _choose(self, places):
        scene, total = self._scene, self._scene.count
        forced = scene.form == "points"
        amount, points, exact = len(places) * total, dict.fromkeys(places, total), True
        if amount > self._budget and len(places) <= SEARCH_CELLS:
            found = {place: self._in_sight(*place) for place in places}
            if all(each is not None for each in found.values()):
                amount = sum(count for _, count in found.values())
                points = {place: each for place, (each, _) in found.items()}
                exact = all(len(each) == count for each, count in found.values())
        if amount > self._budget or not exact:
            if not forced:
                return
            most = max(1, self._budget // len(places))
            points = {
                place: min(total, most) if isinstance(each, int) else each[:most]
                for place, each in points.items()
            }
            exact = False
        self._amount = amount
        self.share = 1.0 if forced else _faded(amount, self._budget)
        self._cells = [self._cell(*place, points[place]) for place in places]
        drawn = sum(each if isinstance(each, int) else len(each) for each in points.values())
        self.words = "exact" if exact else self._words_of(drawn, amount)

    def _words_of(self, drawn, amount):
        from viewer.views.matrix.cells import count_text

        total = self._scene.count
        share = min(1.0, drawn / max(1, amount))
        return f"{count_text(max(1, round(share * total)))} of {count_text(total)} points"

    def _mark(self, places):
        """Selected points over the density."""
        amount = len(self._selected) * len(places)
        if amount <= self._budget:
            self._marked = [self._cell(*place, self._selected) for place in places]
            self._amount_marked = amount
            self._marked_share = _faded(amount, self._budget)

    def _channels(self, row, column):
        return int(self._scene.column_order[column]), int(self._scene.row_order[row])

    def _cell(self, row, column, points):
        scene, sight = self._scene, self._sight
        x, y = self._channels(row, column)
        rows = 0.0
        if scene.is_diagonal(row, column):
            rows = rows_share(self._counted.group_count, 256)
        return DiscCell(
            (("x", scene.columns, x) if not scene.is_symmetric else (scene.rows, x),
             scene.columns.fine[x]),
            (("y", scene.rows, y) if not scene.is_symmetric else (scene.rows, y),
             scene.rows.fine[y]),
            sight.inner_box(row, column),
            _clip(sight, row, column),
            (scene.column_range(x), scene.row_range(y)),
            points,
            rows,
        )  # fmt: skip

    # points in sight of large cells

    def _window(self, row, column, margin):
        """Codes in sight of a cell, somewhat more: (x0, x1, y0, y1)."""
        sight = self._sight
        x, y = self._channels(row, column)
        left, top, width, height = sight.inner_box(row, column)
        share = np.array([sight.left - left, sight.left + sight.width - left]) / width
        up = 1.0 - np.array([sight.top + sight.height - top, sight.top - top]) / height
        if self._scene.is_diagonal(row, column):
            up = np.array([0.0, 1.0])
        window = []
        for ends, range_ in ((share, self._scene.column_range(x)), (up, self._scene.row_range(y))):
            ends = np.clip(ends, -PAD, 1.0 + PAD)
            more = margin * (ends[1] - ends[0])
            ends = np.clip([ends[0] - more, ends[1] + more], 0.0, 1.0)
            low, high = codes_in_range(ends, range_)
            window += [max(0, math.floor(low) - 1), min(65280, math.ceil(high) + 1)]
        return tuple(window)

    def _in_sight(self, row, column):
        """(points in sight of a cell, how many there are), or None while they are looked for.

        The same whatever was looked for before: of what was found in a larger window those in
        sight, all of them; or the first ones in sight when there are more than are ever drawn.
        """
        key = x, y = self._channels(row, column)
        seen, found = self._window(row, column, SEEN), self._found.get(key)
        if found is None or not _covers(found.window, seen):
            return self._look_for(key, self._window(row, column, MARGIN))
        is_whole = found.count == len(found.points)
        if not is_whole and found.window == seen:
            return found.points, found.count
        fine = self._scene.columns.fine[x], self._scene.rows.fine[y]
        about = found.count * _share_inside(*fine, found.points[:4096], seen)
        if about > 1.5 * self._budget and self._scene.form != "points":
            return _NO_POINTS, about  # too many in any case
        if not is_whole:
            return self._look_for(key, seen)
        here = np.empty(len(found.points), np.uint32)
        here = here[: points_among(*fine, found.points, seen, here)]
        wanted = self._window(row, column, MARGIN)
        if found.count > 8 * len(here) + SEARCHED_AT_ONCE and found.window != wanted:
            self._missing.append((key, wanted))  # less to look through for the next picture
        return here, len(here)

    def _look_for(self, key, window):
        self._missing.append((key, window))
        self.pending = True

    def jobs(self):
        """Jobs that look for points in sight."""
        return [self._job(*missing) for missing in self._missing]

    def _job(self, key, window):
        scene, counted = self._scene, self._counted
        room, made = np.empty(min(scene.count, 2 * self._budget), np.uint32), []

        def run():
            x, y = scene.columns.fine[key[0]], scene.rows.fine[key[1]]
            count = points_inside(
                x, y, counted.codes, counted.group_count, scene.count, window, room
            )
            made.append(Found(window, room[: min(count, len(room))].copy(), count))

        def done():
            if scene is self._scene or self._has_same_points(scene):
                self._found[key] = made[0]
                self._missing = [each for each in self._missing if each[0] != key]

        return Job(run, done)

    # drawing

    def draw(self, context, width_px, height_px):
        """Draw into the bound framebuffer."""
        if self._columns_of is not None and self._columns_of[0] is context:
            if self._columns_of[1] != (self._scene.rows, self._scene.columns):
                self._discs.forget_columns()
        self._columns_of = context, (self._scene.rows, self._scene.columns)
        counted, selecting = self._counted, self._counted.selecting
        size = (width_px, height_px)
        if self._cells:
            look = self._look(self.share, self._amount)
            colours = counted.colours
            self._discs.draw(context, self._cells, *size, counted.codes, colours, look, selecting)
        if self._marked:
            look = self._look(self._marked_share, self._amount_marked, marked=True)
            colours = counted.colours
            self._discs.draw(context, self._marked, *size, counted.codes, colours, look, True)

    def _look(self, share, amount, marked=False):
        scene, selecting = self._scene, self._counted.selecting
        scarce = min(LARGER_MOST, max(1.0, (FEW / max(1, amount)) ** 0.25))
        asked = max(1.0, scene.size * self._ratio)
        diameter = min(asked * scarce, max(asked, LARGEST_IN_CELL * self._sight.size))
        opacity = min(1.0, scene.opacity * scarce**0.5) * share
        others = (diameter, opacity)
        if selecting:
            others = (max(1.0, OTHERS_SMALLER * diameter), 1.3 * UNSELECTED * opacity)
        if marked:
            others = (1.0, 0.0)
        return DiscLook(*others, SELECTED_LARGER * diameter, min(1.0, 1.35 * opacity))

    def nearest(self, spot, sight, radius):
        """The point nearest a spot within so many pixels, or -1."""
        scene, counted = self._scene, self._counted
        x, y = self._channels(spot.row, spot.column)
        ends_x, ends_y = scene.column_range(x), scene.row_range(y)
        _, _, width, height = sight.inner_box(spot.row, spot.column)
        wide = radius * (ends_x[1] - ends_x[0]) / width
        tall = radius * (ends_y[1] - ends_y[0]) / height
        diagonal = scene.is_diagonal(spot.row, spot.column)
        window = [spot.x - wide - 1, spot.x + wide + 1, spot.y - tall - 1, spot.y + tall + 1]
        if diagonal:
            window[2:] = 0, 65280
        window = [max(0, math.floor(window[0])), min(65280, math.ceil(window[1])),
                  max(0, math.floor(window[2])), min(65280, math.ceil(window[3]))]  # fmt: skip
        if window[0] >= window[1] or window[2] >= window[3]:
            return -1
        room = np.empty(scene.count, np.uint32)
        a, b = scene.columns.fine[x], scene.rows.fine[y]
        count = points_inside(
            a, b, counted.codes, counted.group_count, scene.count, tuple(window), room
        )
        found = room[:count]
        if not count:
            return -1
        across = (share_of_range(a[found] + 0.5, ends_x) - spot.across) * width
        up = share_of_range(b[found] + 0.5, ends_y)
        if diagonal:
            up = self._up_in_rows(found)
        away = np.hypot(across, (up - spot.up) * height)
        best = len(away) - 1 - int(np.argmin(away[::-1]))
        return int(found[best]) if away[best] <= radius else -1

    def _up_in_rows(self, points):
        """Where a diagonal cell's dots lie; as shaders/points/point.vert."""
        count = self._counted.group_count
        group = self._counted.codes[points].astype(float) % (count + 1)
        place = (group + 0.15 + 0.7 * jitter_of(points)) / count
        return rows_share(count, 256) * (1.0 - place)

    def release(self):
        """Delete every GL object; the context is current."""
        self._discs.release()
        self._columns_of = None


def jitter_of(points):
    """A place within a row, 0 to 1, that looks random and is always the same for a point."""
    n = np.asarray(points, np.uint32)
    n = (n ^ (n >> np.uint32(16))) * np.uint32(0x7FEB352D)
    n = (n ^ (n >> np.uint32(15))) * np.uint32(0x846CA68B)
    return ((n ^ (n >> np.uint32(16))) >> np.uint32(8)).astype(float) / 2**24


def _faded(amount, budget):
    """How far discs are there, 0 at the budget, 1 at a quarter of it."""
    if amount <= 0:
        return 1.0
    place = min(1.0, max(0.0, math.log(budget / amount) / math.log(FADES_OVER)))
    return place * place * (3.0 - 2.0 * place)


def _share_inside(x, y, points, window):
    """Which part of some points is in a window."""
    here = points_among(x, y, points, window, np.empty(len(points), np.uint32))
    return here / max(1, len(points))


def _covers(window, other):
    return (
        window[0] <= other[0]
        and window[1] >= other[1]
        and window[2] <= other[2]
        and window[3] >= other[3]
    )


def _clip(sight, row, column):
    """The whole pixels of a cell within the box, without the line on its left and top."""
    left, top, size, _ = sight.cell_box(row, column)
    first_x, first_y = math.ceil(left - 0.5) + 1, math.ceil(top - 0.5) + 1
    last_x, last_y = math.ceil(left + size - 0.5), math.ceil(top + size - 0.5)
    first_x, first_y = max(first_x, sight.left), max(first_y, sight.top)
    last_x = min(last_x, sight.left + sight.width)
    last_y = min(last_y, sight.top + sight.height)
    return first_x, first_y, last_x - first_x, last_y - first_y
