"""Tiles and what is counted next: slots, levels, slices, generations, the middle first."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from tests.viewer.views.made_points import columns_of
from viewer.state.matrix import MatrixCamera
from viewer.views.matrix import counting
from viewer.views.matrix.cells import Cells, count_text
from viewer.views.matrix.counting import Counted, Job, Slice, next_level, spread_of
from viewer.views.matrix.diagonal import Distribution
from viewer.views.matrix.layout import Detail, Scene, sight_of
from viewer.views.matrix.tiles import (
    DIAGONAL,
    MIRRORED,
    Sheet,
    Summary,
    Wanted,
    parts_of,
)


@pytest.fixture
def scene():
    rng = np.random.default_rng(3)
    columns = columns_of(np.maximum(rng.normal(size=(50, 20_000)), 0))
    order = rng.permutation(50).astype(np.int32)
    groups = rng.integers(0, 3, 20_000).astype(np.uint8)
    return Scene(columns, columns, order, order, groups, rng.random((3, 3)).astype(np.float32))


def test_tiles_are_named_by_their_channels(scene):
    sight = sight_of((0, 0, 400, 300), MatrixCamera(20.3, 11.2, 4.0), scene.shape)
    for detail in (Detail(64), Detail(256, 2)):
        wanted = Wanted(scene, sight, detail)
        x, y, across, up = parts_of(wanted.keys, 50, detail.tiles)
        first = sight.row_span[0], sight.column_span[0]
        for i, j in ((0, 0), (3, 2), (2, 4)):
            down, right = wanted.first[0] + i, wanted.first[1] + j
            row = scene.row_order[first[0] + down // detail.tiles]
            column = scene.column_order[first[1] + right // detail.tiles]
            place = right % detail.tiles, detail.tiles - 1 - down % detail.tiles
            flags = wanted.flags[i, j]
            if column > row:
                assert flags == MIRRORED
                row, column, place = column, row, place[::-1]
            else:
                assert flags == (DIAGONAL if row == column else 0)
            got = (x[i, j], y[i, j], (across[i, j], up[i, j]))
            assert got == (column, row, place)


def test_what_is_in_the_middle_comes_first_and_mirrors_once(scene):
    sight = sight_of((0, 0, 300, 300), MatrixCamera(25, 25, 10.0), scene.shape)
    wanted = Wanted(scene, sight, Detail(32))
    every = np.ones(wanted.keys.shape, bool)
    keys = wanted.nearest(every, 1000)
    assert len(keys) == len(set(keys.tolist())) == 55
    assert set(keys.tolist()) == set(wanted.keys.ravel().tolist())
    middle = wanted.keys[4:6, 4:6].ravel().tolist()
    assert set(keys[: len(set(middle))].tolist()) == set(middle)
    assert set(wanted.nearest(every, 3).tolist()) <= set(middle)
    every[4:6, 4:6] = False
    assert not set(wanted.nearest(every, 9).tolist()) & {int(key) for key in wanted.keys[4, 4:6]}


@pytest.mark.parametrize("detail", [Detail(256), Detail(256, 1)])
def test_the_least_recently_seen_tiles_make_room(detail):
    sheet = Sheet(512)
    sheet.begin(detail, (30, 30))
    assert sheet.capacity == 32
    first = sheet.place(np.arange(32), picture=1)
    assert len(set(first.tolist())) == 32
    sheet.see(first[:10], 5)
    placed = sheet.place(np.arange(100, 110), picture=6)
    assert len(placed) == 10
    assert (sheet.find(np.arange(10)) == first[:10]).all()
    assert (sheet.find(np.arange(32)) < 0).sum() == 10
    more = sheet.place(np.arange(200, 300), picture=6)  # what was placed for this picture stays
    assert len(more) == 22 and (sheet.find(np.arange(100, 110)) == placed).all()
    sheet.begin(detail, (30, 30))
    assert (sheet.find(np.arange(400)) == -1).all()


def test_rows_that_changed_are_told_once():
    sheet = Sheet(512)
    sheet.begin(Detail(64), (9, 9))
    slots = sheet.place(np.arange(80), 1)
    sheet.counted(slots[64:70], 100, 1)
    assert sheet.take_dirty() == (64, 128)
    first, last = sheet.take_dirty()
    assert first >= last
    sheet.spoil()
    assert sheet.take_dirty() == (0, 128)


def test_levels_grow_tenfold_and_are_left_out_when_all_is_quick():
    slow, quick = (lambda tiles, points: 1 + tiles * points), (lambda tiles, points: 0.0)
    soon = lambda tiles, points: 2e-6 * points  # noqa: E731
    nothing = np.zeros(5, np.int64)
    assert next_level(nothing, 250_000, slow) == 1000
    assert next_level(np.full(5, 1000), 250_000, slow) == 10_000
    assert next_level(np.full(5, 100_000), 250_000, slow) == 250_000
    assert next_level(np.array([250_000, 10_000]), 250_000, slow) == 100_000
    assert next_level(np.full(5, 250_000), 250_000, slow) is None
    assert next_level(nothing, 250_000, quick) == 250_000
    assert next_level(nothing, 50_000, soon) == 1000
    assert next_level(np.full(5, 1000), 50_000, soon) == 50_000
    assert next_level(nothing, 300, slow) == 300
    assert next_level(nothing[:0], 300, slow) is None
    assert next_level(nothing, 0, slow) is None


def test_bins_grow_where_points_are_few():
    assert spread_of(Detail(256), 10_000_000) == 0
    assert spread_of(Detail(256), 1000) == 2
    assert spread_of(Detail(256, 7), 1000) == 7
    assert spread_of(Detail(4), 1) == 0


def test_slices_do_at_least_one_job_in_order_and_stop_when_cancelled():
    done = []
    jobs = [Job(lambda n=n: done.append(n), None) for n in range(2000)]
    finished = Slice(jobs, seconds=0.0).run()
    assert 1 <= len(finished) < 2000 and sorted(done) == list(range(len(done)))
    assert len(Slice(jobs, seconds=None).run()) == 2000
    work, begun = Slice(jobs, seconds=None), threading.Event()
    work.cancel()
    assert work.run() == [] and not begun.is_set()


def test_a_failing_job_is_told():
    with pytest.raises(ZeroDivisionError):
        Slice([Job(lambda: 1 / 0, None)]).run()


class Now:
    """A builder that answers at once, or when told."""

    def __init__(self):
        self.waiting = []

    def ask(self, slot, work, on_answer):
        assert slot == "matrix.tiles"
        self.waiting.append((work, on_answer))

    def answer(self):
        work, on_answer = self.waiting.pop(0)
        on_answer(work())


class Drawn(Cells):
    """Cells that see without drawing."""

    def see(self, scene, camera, box=(0, 0, 300, 300)):
        self.show(scene)
        self.sight = sight_of(box, camera, scene.shape)
        self._look_around()
        self._drawn += 1
        if self._detail is not None:
            self._views()


def test_cells_are_refined_until_exact_one_slice_at_a_time(scene, monkeypatch):
    monkeypatch.setattr(counting, "AT_ONCE_SECONDS", 0.0)
    monkeypatch.setattr(counting, "SOON_SECONDS", 0.0)
    cells, builder, told = Drawn(), Now(), []
    cells.see(scene, MatrixCamera(25, 25, 8.0))
    assert cells.pending and cells.words == "computing" and cells.share_exact == 0
    seen = []
    for _ in range(500):
        cells.ask(builder, lambda: told.append(1))
        if not builder.waiting:
            break
        cells.ask(builder, lambda: told.append(1))
        assert len(builder.waiting) == 1  # the next slice waits for the last one
        builder.answer()
        seen.append(cells.words)
    levels = list(dict.fromkeys(seen))
    assert levels[-3:] == ["1,000 of 20,000 points", "10,000 of 20,000 points", "exact"]
    assert len(told) == len(seen) and not cells.pending and cells.share_exact == 1


def test_what_was_counted_for_another_selection_does_not_count(scene):
    cells, builder = Drawn(), Now()
    camera = MatrixCamera(25, 25, 4.0)
    cells.see(scene, camera)
    cells.ask(builder, lambda: None)
    selected = replace(scene, selected=(scene.groups == 1).astype(np.uint8))
    cells.see(selected, camera)
    builder.answer()
    assert cells.pending and cells.least_points == 0
    while cells.pending:
        cells.ask(builder, lambda: None)
        builder.answer()
    kept = cells._near.texels.copy()
    # the same by value, another size of discs, another order: nothing is counted again
    same = replace(selected, groups=scene.groups.copy(), size=9.0)
    cells.see(same, camera)
    assert not cells.pending
    other = replace(same, row_order=same.row_order[::-1], column_order=same.column_order[::-1])
    cells.see(other, camera)
    cells.ask(None, lambda: None)
    cells.see(replace(other, colours=other.colours[::-1].copy()), camera)
    assert cells.pending
    assert kept.any()


def test_other_points_forget_everything(scene):
    cells = Drawn()
    cells.see(scene, MatrixCamera(25, 25, 4.0))
    cells.ask(None, lambda: None)
    assert not cells.pending
    fewer = columns_of(np.ones((50, 10)))
    cells.see(
        replace(scene, rows=fewer, columns=fewer, groups=np.zeros(10, np.uint8)),
        MatrixCamera(25, 25, 4.0),
    )
    assert cells.least_points == 0
    cells.show(None)
    assert cells.total_points == 0


def test_tiles_of_the_former_zoom_stand_in(scene):
    cells = Drawn()
    cells.see(scene, MatrixCamera(25, 25, 8.0))
    cells.ask(None, lambda: None)
    cells.see(scene, MatrixCamera(25, 25, 4.0))
    near, far = cells._views()
    assert (near.table == 0).all() and far is not None and (far.table != 0).all()
    cells.ask(None, lambda: None)
    near, far = cells._views()
    assert (near.table != 0).all() and far is None
    cells.see(scene, MatrixCamera(25, 25, 8.0))
    assert not cells.pending  # and are there at once when one zooms back


def test_a_summary_moves_with_the_order(scene):
    cells, camera = Drawn(), MatrixCamera(25, 25, 90.0)
    cells.see(scene, camera)
    assert cells._detail is None
    cells.ask(None, lambda: None)
    old, texels = cells._summary, cells._summary.texels.copy()
    assert old.is_mirrored and (texels == texels.swapaxes(0, 1)).all() and texels.any()
    turned = replace(scene, row_order=scene.row_order[::-1], column_order=scene.column_order[:20])
    cells.see(turned, camera)
    assert (cells._summary.texels == texels[::-1, :20]).all() and cells.pending
    cells.ask(None, lambda: None)
    assert np.abs(cells._summary.texels.astype(int) - texels[::-1, :20]).max() == 0


def test_vast_matrices_have_some_cells_first(scene, monkeypatch):
    from viewer.views.matrix import cells as module

    monkeypatch.setattr(module, "COARSE_FROM_SECONDS", 0.0)
    monkeypatch.setattr(counting, "AT_ONCE_SECONDS", 0.0)
    monkeypatch.setattr(counting, "SOON_SECONDS", 0.0)
    cells, builder, seen = Drawn(), Now(), []
    cells.see(scene, MatrixCamera(25, 25, 90.0))
    while cells.pending:
        cells.ask(builder, lambda: None)
        builder.answer()
        if cells.words not in seen:
            seen.append(cells.words)
            if len(seen) == 1:
                some = cells._summary.texels.copy()
            if len(seen) == 2:
                first = cells._summary.texels.copy()
    assert seen[0] == "one colour for 8 x 8 cells, 1,000 of 20,000 points"
    assert seen[1] == "one colour a cell, 1,000 of 20,000 points"
    assert seen[-1] == "one colour a cell, exact"
    # blocks of 32 begin at 0 and 32: in each, cells 0, 8, ... stand for their neighbours
    place = np.arange(50) // 32 * 32 + np.arange(50) % 32 // 8 * 8
    assert (some == first[np.ix_(place, place)]).all() and (some != first).any()


def test_blocks_of_a_mirrored_summary_are_counted_once(scene):
    summary = Summary(scene)
    sight = sight_of((0, 0, 90, 90), MatrixCamera(), scene.shape)
    assert sorted(map(tuple, summary.blocks_in(sight))) == [(0, 0), (0, 1), (1, 1)]
    part = sight_of((0, 0, 20, 20), MatrixCamera(40, 10, 10.0), scene.shape)
    assert list(map(tuple, summary.blocks_in(part))) == [(0, 1)]


def test_a_distribution_counts_each_point_once(scene):
    counted = Counted(scene)
    fine, zero = scene.columns.fine[3], int(scene.columns.zero[3])
    made = Distribution(fine, counted.codes, 20_000, (0, 65536), zero, 256, 3, False)
    for group in range(3):
        mine = fine[scene.groups == group]
        want = np.histogram(mine[mine != zero], 256, (0, 65536))[0]
        assert (made.counts[group] == want).all() and made.zeros[group] == (mine == zero).sum()
    assert made.bars().sum() == pytest.approx((fine == zero).mean())
    ranged = Distribution(fine, counted.codes, 20_000, (zero + 1, 40_000), zero, 64, 3, False)
    assert ranged.zero_at < 0
    inside = (fine > zero) & (fine < 40_000)
    assert ranged.counts.sum() == inside.sum()


def test_heights_are_roots_of_counts_in_one_scale(scene):
    made = Distribution(
        scene.columns.fine[3], Counted(scene).codes, 20_000, (0, 65536), 0, 256, 3, False
    )
    heights = made.curves()
    sums = made.counts.reshape(3, heights.shape[1], -1).sum(2)
    assert heights.max() == 1 and np.allclose(heights**2 * sums.max(), sums, atol=1e-3)


def test_scenes_that_do_not_fit_together_are_refused(scene):
    with pytest.raises(ValueError, match="differ"):
        Counted(replace(scene, groups=scene.groups[:-1]))
    with pytest.raises(ValueError, match="differ"):
        Cells().show(replace(scene, selected=np.zeros(3, np.uint8)))


def test_words_of_counts():
    assert [count_text(n) for n in (0, 999, 10_000, 1_014_000)] == ["0", "999", "10,000", "1.0 M"]
