"""The cells of the scatterplot matrix: density zoomed out, discs zoomed in, drawn into a box."""

import itertools
import math

import numpy as np

from viewer.gl.theme import rgb
from viewer.views.matrix.counting import (
    COARSE,
    COARSE_FROM_SECONDS,
    COARSE_STEP,
    LEVELS,
    Counted,
    Slice,
    next_level,
    summary_jobs,
    tile_jobs,
)
from viewer.views.matrix.layout import (
    BINS_LEAST,
    PAD,
    Detail,
    Scene,
    Spot,
    detail_for,
    sight_of,
)
from viewer.views.matrix.places import Places
from viewer.views.matrix.tiles import BLOCK, WIDTH, Sheet, Summary, Wanted
from viewer.visuals.matrix import Look, MatrixPicture, SheetView
from viewer.visuals.tiles import fill

__all__ = ["Cells", "Scene", "Spot", "count_text"]

# Texels of a sheet for so many pixels of the view: each tile in sight, and as much again.
LOW, TALL = 2048, 4096
LOW_PIXELS = 2_200_000
MOST_FAR_TILES = 300_000
_generations = itertools.count(1)


def count_text(count):
    """``'10,000'``, ``'1.0 M'``."""
    return f"{count:,}" if count < 1_000_000 else f"{count / 1e6:.1f} M"


class Cells(Places):
    """Draws a `Scene` into rectangles; counts what is in sight, the middle first.

    Attributes
    ----------
    sight : Sight or None
        Of the last picture.
    """

    def __init__(self):
        super().__init__()
        self._counted = None
        self._generation = self._drawn = self._looked = 0
        self._near = self._far = self._summary = None
        self._detail = self._wanted = None
        self._points_of = self._points_now = None
        self._slice = self._asked_by = None
        self._picture = MatrixPicture()

    # what is shown

    def show(self, scene):
        """Show another `Scene`, or None.

        Tiles stay as far as they are right, and are shown until better ones are there as far as
        they are of the same points.
        """
        old, self._scene = self._scene, scene
        if scene is old:
            return
        if scene is None or old is None or not _same_points(scene, old):
            self._forget()
        if scene is not None and (self._counted is None or not _same_counts(scene, old)):
            self._generation = next(_generations)
            self._counted = Counted(scene)
            self._cancel()
        self._wanted = None
        self._dots.show(scene, self._counted)
        if None not in (scene, old, self.sight, self._asked_by) and scene.shape == old.shape:
            self._look_around()  # counting begins before the next picture, not after it
            self.ask(*self._asked_by)

    def _forget(self):
        self._cancel()
        self._counted = self._summary = self._detail = self._wanted = None
        for sheet in (self._near, self._far):
            if sheet is not None:
                sheet.begin(None, (0, 0))

    def _cancel(self):
        if self._slice is not None:
            self._slice.cancel()
            self._slice = None

    # drawing

    def draw(self, context, box_px, width_px, height_px, ratio, camera, theme):
        """Draw into a rectangle of the bound framebuffer.

        Parameters
        ----------
        context : Context
        box_px : (int, int, int, int)
            Left, top, width, height, pixels of the framebuffer from its upper left.
        width_px, height_px : int
            Of the framebuffer.
        ratio : float
            Physical pixels by logical ones.
        camera : MatrixCamera
        theme : Theme
        """
        self._ratio = ratio
        scene = self._scene
        if scene is None or not min(scene.shape):
            fill([tuple(round(part) for part in box_px)], rgb(theme.view), height_px)
            self.sight = None
            return
        sight = sight_of(box_px, camera, scene.shape)
        if sight != self.sight or self._wanted is None:
            self.sight = sight
            self._look_around()
        self._drawn += 1
        near, far = self._views()
        self._dots.look(sight, ratio, context.capabilities.is_software)
        look = Look(PAD, rgb(theme.view), rgb(theme.line), 1.0 - self._dots.share)
        summary = self._summary
        if near is not None and not (summary and summary.is_shown and summary.fits(scene)):
            summary = None
        self._picture.draw(context, sight, height_px, look, near, far, summary)
        self._dots.draw(context, width_px, height_px)

    def _look_around(self):
        """Find out what is in sight, at which detail, and where it is."""
        scene, sight = self._scene, self.sight
        self._looked += 1
        detail = detail_for(sight.size)
        if detail is None:
            if self._summary is None or not self._summary.fits(scene):
                self._summary = Summary(scene, self._summary)
            self._detail, self._wanted = None, self._summary.blocks_in(sight)
            return
        height = LOW if sight.width * sight.height <= LOW_PIXELS else TALL
        if self._near is None or self._near.height < height:
            self._near, self._far = Sheet(height), Sheet(height)
        wanted = Wanted(scene, sight, detail)
        # by the height that is needed: a picture does not depend on how large the view has been
        while wanted.keys.size > _capacity(height, detail) and detail.bins > BINS_LEAST:
            detail = Detail(detail.bins // 2, detail.zoom)
            wanted = Wanted(scene, sight, detail)
        self._choose(detail)
        self._detail, self._wanted = detail, wanted

    def _choose(self, detail):
        """Have the near sheet hold tiles of a detail; the far one what was there before."""
        if self._near.detail == detail:
            return
        if self._far.detail == detail:
            self._near, self._far = self._far, self._near
            return
        if self._near.points.any():
            self._near, self._far = self._far, self._near
        scene = self._scene
        self._near.begin(detail, (scene.columns.channels, scene.rows.channels))

    def _views(self):
        """What is read from the near and the far sheet, or None."""
        if self._detail is None:
            return None, None
        near = self._view(self._near, self._wanted)
        far = None
        tiles = 0 if self._far.detail is None else self._far.detail.tiles
        if tiles and self.sight.cells * tiles**2 <= MOST_FAR_TILES and (near.table == 0).any():
            far = self._view(self._far, Wanted(self._scene, self.sight, self._far.detail))
        return near, far

    def _view(self, sheet, wanted):
        slots = sheet.find(wanted.keys)
        there = slots >= 0
        sheet.see(slots[there], self._drawn)
        there &= sheet.points[slots] > 0
        table = np.where(there, (slots + 1).astype(np.uint32) | wanted.flags, 0).astype(np.uint32)
        return SheetView(sheet, table, wanted.first)

    # what is counted

    def _points(self):
        """Over how many points what is in sight is counted in this generation: int64[T]."""
        there = self._summary if self._detail is None else self._near
        key = (self._looked, there.version, self._generation)
        if key != self._points_of:
            at = tuple(self._wanted.T) if self._detail is None else there.find(self._wanted.keys)
            points = np.where(there.stamp[at] == self._generation, there.points[at], 0)
            if self._detail is not None:
                points[at < 0] = 0
            self._points_of, self._points_now = key, points
        return self._points_now

    @property
    def pending(self):
        """Whether something in sight is not counted over all points yet."""
        return self.share_exact < 1.0 or (self.sight is not None and self._dots.pending)

    @property
    def is_counting(self):
        """Whether a slice is on its way."""
        return self._slice is not None

    @property
    def total_points(self):
        """Points of the scene; 0 without one."""
        return 0 if self._scene is None else self._scene.count

    @property
    def least_points(self):
        """Over how many points all that is in sight is counted at least."""
        if self.sight is None or self._wanted is None:
            return self.total_points
        return int(self._points().min(initial=self.total_points))

    @property
    def words(self):
        """What is shown: ``'exact'``, ``'10,000 of 1.0 M points'``."""
        if self.sight is None or self._wanted is None:
            return ""
        total = self._scene.count
        if self._dots.share == 1.0 and not self._dots.diagonal_alone:
            return self._dots.words
        least = self.least_points
        kind = "one colour a cell, " if self._detail is None else ""
        if least >= total:
            return f"{kind}exact"
        if not least:
            return f"{kind}computing"
        if least == COARSE and self._detail is None:
            kind, least = f"one colour for {COARSE_STEP} x {COARSE_STEP} cells, ", LEVELS[0]
        return f"{kind}{count_text(least)} of {count_text(total)} points"

    @property
    def share_exact(self):
        """Which part of what is in sight is counted over all points, 0 to 1."""
        if self.sight is None or self._wanted is None:
            return 1.0
        points = self._points()
        return float((points >= self._scene.count).mean()) if points.size else 1.0

    @property
    def not_finite(self):
        """Values of the channels in sight that are not finite: such points are not drawn."""
        if self.sight is None:
            return 0
        scene = self._scene
        rows = scene.row_order[slice(*self.sight.row_span)]
        columns = scene.column_order[slice(*self.sight.column_span)]
        if scene.is_symmetric:
            return int(scene.rows.not_finite[np.union1d(rows, columns)].sum())
        return int(scene.rows.not_finite[rows].sum() + scene.columns.not_finite[columns].sum())

    def ask(self, builder, outdated):
        """Have the next slice of what is missing counted, if anything is.

        Parameters
        ----------
        builder : Builder or None
            None: count all of it now.
        outdated : callable()
            Called in the main thread when a better picture can be drawn.
        """
        self._asked_by = None if builder is None else (builder, outdated)
        if self.sight is None or self._wanted is None or self._slice is not None:
            return
        if builder is None:
            while jobs := self._jobs(self._scene.count):
                for job in Slice(jobs, None).run():
                    job.done()
            return
        jobs = self._jobs()
        if not jobs:
            return
        self._slice = work = Slice(jobs)

        def came(finished):
            if self._slice is work:
                self._slice = None
            for job in finished:
                job.done()
            outdated()

        builder.ask("matrix.tiles", work.run, came)

    def _jobs(self, level=None):
        """What to do next: finding points in sight, then tiles that lack points."""
        found = self._dots.jobs()
        points, counted = self._points(), self._counted
        total = self._scene.count
        detail = self._detail or Detail(4)
        each = BLOCK * BLOCK if self._detail is None else 1

        def seconds(tiles, points):
            return counted.seconds(tiles * each, points, detail)

        if level is None:
            level = next_level(points, total, seconds)
        if level is None or not (points < level).any():
            return found
        is_coarse = self._is_vast(points, level, seconds)
        lacks = points < (COARSE if is_coarse else level)
        most = max(1, math.ceil(0.1 / seconds(1, level)))
        args = (level, self._generation)
        if self._detail is None:
            blocks = self._wanted[lacks][:most]
            jobs = summary_jobs(self._scene, counted, self._summary, blocks, *args, is_coarse)
            return found + jobs
        lacking = self._wanted.nearest(lacks, most)
        args = (lacking, *args, self._drawn)
        return found + tile_jobs(self._scene, counted, self._near, *args)

    def _is_vast(self, points, level, seconds):
        """Whether even the first level takes its time, so that some of the cells come first."""
        if self._detail is not None or level != LEVELS[0] or points.min() >= COARSE:
            return False
        return seconds(len(points), level) > COARSE_FROM_SECONDS

    def release(self):
        """Delete every GL object; the context is current."""
        self._picture.release()
        self._dots.release()


def _capacity(height, detail):
    """Tiles that a sheet of so many rows of texels holds."""
    return (WIDTH // detail.bins) * (height // detail.bins)


def _same_points(scene, old):
    """Whether tiles of one scene mean something in the other."""
    return scene.rows is old.rows and scene.columns is old.columns


def _same_counts(scene, old):
    """Whether tiles of one scene are right in the other."""
    same = all(
        _equal(getattr(scene, part), getattr(old, part))
        for part in ("groups", "colours", "selected")
    )
    return same and scene.ranges == old.ranges and scene.column_ranges == old.column_ranges


def _equal(a, b):
    return a is b or (a is not None and b is not None and np.array_equal(a, b))
