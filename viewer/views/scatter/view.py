"""The scatter view: three channels of a layer as a cloud of points that turns."""

import time
from dataclasses import replace
from functools import partial

import numpy as np

from engine.embedding.projected import inside_projection
from viewer.gl.api import GL
from viewer.gl.camera import smooth
from viewer.gl.theme import rgb
from viewer.state.hover import Hovered
from viewer.views.asking import Asking
from viewer.views.card import PointCard, card_of
from viewer.views.pen import Pen
from viewer.views.point_facts import position_of
from viewer.views.point_legend import draw as draw_legend
from viewer.views.point_marks import draw_foot, draw_outline, draw_ring, stroke_words
from viewer.views.scatter.axes import draw_axes
from viewer.views.scatter.budget import Budget
from viewer.views.scatter.build import (
    CODES,
    camera_of,
    clip_from_codes,
    cloud_of,
    coloured,
    depths_of,
    parted,
    pixels_of,
    point_at,
    point_of,
    shown_of,
)
from viewer.views.scatter.hands import FOOT, HEAD, LEGEND_WIDTH, ScatterHands, between
from viewer.views.scatter.resolve import legend_of, resolve
from viewer.visuals.cloud import CloudLook, CloudPoints
from viewer.visuals.frame import ALL_EDGES, edge_mask
from viewer.visuals.legend import add_legend
from viewer.visuals.overlay import Overlay

MOTION_SECONDS = 0.15
NEAR_PX = 8.0
# Selected points are so much larger than others, and others so much smaller beside them.
LARGER, SMALLER = 1.5, 0.8
LEAST_OPACITY = 0.9
# Of fewer points than this the discs are larger, up to so many times.
FEW, LARGER_MOST = 20_000, 2.0
ROW = 18
TOP = 8
CORNERS = np.full(3, -0.5), np.full(3, 0.5)


class ScatterView(ScatterHands):
    """Points of the active layer along three of its channels.

    Attributes
    ----------
    drawn : int
        Points of the last picture.
    """

    name = "scatter"

    def __init__(self):
        super().__init__()
        self._builder = self._facts = None
        self._asking = Asking(self.name)
        self._groups_wish = None
        self._mask = None
        self._mask_of = (None, None)
        self._parts = self._shown = self._places = (None, None)
        self._focused = (None, -1)
        self._hovered = self._own_hover = None
        self._budget = Budget()
        self.drawn = 0
        self._points = CloudPoints()
        self._under, self._over = Overlay(), Overlay()
        self._card = PointCard(self.name, self.outdated.emit)

    # what is shown

    def follow(self, state, hovered, facts, builder):
        self._builder, self._facts = builder, facts
        self._asking.builder = builder
        old, self.wish = self.wish, resolve(state, facts, self.theme)
        wish = self.wish
        self.detail = wish.detail
        if self.choice.follow(wish.choices):
            self.outdated.emit()
        if not wish.same_cloud(old):
            self._follow_points(wish)
        if wish.camera != old.camera:
            self._follow_camera(old)
        self._follow_groups(wish)
        self._follow_selected(wish)
        others = hovered if hovered != self._own_hover else None
        if others != self._hovered:
            self._hovered = others
            self.outdated.emit()
        if not wish.same_marks(old) or wish.selected is not old.selected:
            self.outdated.emit()

    @property
    def pending(self):
        return self.wish.late or bool(self._asking)

    def _follow_points(self, wish):
        """Another cloud; until it is there the one of the same points stays."""
        if wish.points is None or self.cloud is None or self.cloud.points is not wish.points:
            self._take_cloud(None)
            self.coloured = self._groups_wish = None
        if wish.points is None:
            self._asking.forget("cloud", "groups")
            return
        points, channels = wish.points, wish.channels
        self._asking.ask("cloud", lambda: cloud_of(points, channels), self._take_cloud)

    def _take_cloud(self, cloud):
        if cloud is not None and cloud.points is not self.wish.points:
            return
        self.cloud = cloud
        self._grip = None
        self._parts = self._shown = self._places = (None, None)
        self._focused = (None, -1)
        self._point = -1
        self._tell(-1)
        self.outdated.emit()

    def _follow_groups(self, wish):
        if wish.groups is None or wish.groups.same_as(self._groups_wish):
            return
        wanted = self._groups_wish = wish.groups

        def came(answer):
            if wanted is self._groups_wish:
                self.coloured = answer
                self.outdated.emit()

        self._asking.ask("groups", lambda: coloured(wanted), came)

    def _follow_selected(self, wish):
        """The mask of what is selected; while that is worked out the former one stays."""
        of = (wish.points, wish.selected)
        if all(a is b for a, b in zip(of, self._mask_of, strict=True)):
            return
        self._mask_of = of
        self._mask = None
        if wish.points is not None and wish.selected is not None:
            self._mask = wish.selected.of(wish.points)
        self._parts = (None, None)

    # from where

    def _follow_camera(self, old):
        self._budget.moves()
        if self.animates and self._grip is None and old.points is self.wish.points:
            self._motion = (time.monotonic(), self._camera_now(old.camera))

    def _camera_now(self, camera=None):
        """The camera of the state, or on its way there."""
        camera = camera or self.wish.camera
        if self._motion is None:
            return camera
        began, start = self._motion
        fraction = (time.monotonic() - began) / MOTION_SECONDS
        if fraction >= 1:
            self._motion = None
            return camera
        return between(start, camera, smooth(fraction))

    # drawing

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        self._under.clear()
        self._over.clear()
        if self.cloud is None or self.coloured is None:
            self._message(Pen(self._under, ratio, self.theme))
            self._under.draw(context, width_px, height_px)
            return
        began, before = time.perf_counter(), (self._shown[1], self._points.uploads)
        area = self.area
        camera = camera_of(self._camera_now(), area[0] / area[1])
        self._cube(context, camera, height_px, ratio)
        # A picture whose order is kept says little, one that uploads or compiles too much.
        is_new = self._shown[1] is not before[0] or not self._budget.is_measured
        if is_new and self._points.uploads == before[1]:
            if self.animates and context.capabilities.is_software:
                GL.glFinish()
            self._budget.took(self.drawn, (time.perf_counter() - began) * 1000)
        self._marks(context, camera, width_px, height_px, ratio)
        if self._motion is not None:
            self.outdated.emit()

    def _message(self, pen):
        if self.choice.choices:
            self.choice.draw(pen, self.width, self.height)
            return
        lines = (self.wish.message or ("computing" if self.pending else "")).split("\n")
        top = self.height / 2 - len(lines) * ROW / 2
        for number, line in enumerate(lines):
            base = top + (number + 0.7) * ROW
            pen.text(self.width / 2, base, line, self.theme.dim, align=0.5, room=self.width - 20)

    def _cube(self, context, camera, height_px, ratio):
        """Frame and points, in the part of the view that is the cube's."""
        width, height = (max(1, round(part * ratio)) for part in self.area)
        GL.glViewport(0, height_px - round(HEAD * ratio) - height, width, height)
        aspect = self.area[0] / self.area[1]
        matrix = clip_from_codes(self.cloud, camera, aspect)
        shown = self._shown_for(matrix)
        front = edge_mask(*CORNERS, camera.eye_or_direction)
        self._frame(context, camera, (width, height), ALL_EDGES & ~front, 0.7)
        look = self._look(ratio)
        groups = self.coloured.groups
        self._points.draw(
            context, self.cloud.columns, groups.codes, groups.colours, shown,
            matrix, depths_of(camera), look,
        )  # fmt: skip
        self._frame(context, camera, (width, height), front, 0.3)
        self.drawn = shown.count

    def _frame(self, context, camera, size, edges, opacity):
        colour = (*rgb(self.theme.edge), opacity)
        self._points.frame(context, camera, size, CORNERS, edges, colour)

    def _look(self, ratio):
        drawn, selecting = self.wish.drawn, self._mask is not None
        small = SMALLER if selecting else 1.0
        scarce = min(LARGER_MOST, max(1.0, (FEW / max(1, self.cloud.count)) ** 0.25))
        size = drawn.size * scarce * ratio
        return CloudLook(
            diameter=max(1.0, size * small),
            selected_diameter=max(2.0, size * LARGER),
            opacity=drawn.opacity,
            selected_opacity=max(LEAST_OPACITY, drawn.opacity),
            is_faint=selecting,
            theme=self.theme,
        )

    def _shown_for(self, matrix):
        """The points of a picture, in order; kept while nothing of it changes."""
        count = self._budget.count(self.cloud.count, self.animates)
        if self._parts[0] != count:
            self._parts = (count, parted(self.cloud, count, self._mask))
            self._shown = (None, None)
        if self._shown[0] is None or not np.array_equal(self._shown[0], matrix):
            self._shown = (matrix, shown_of(self.cloud, matrix, self._parts[1]))
            self._places = (None, None)
        return self._shown[1]

    def _marks(self, context, camera, width_px, height_px, ratio):
        """Words round the cloud, and what lies over it."""
        size = (width_px, height_px)
        pen, area = Pen(self._under, ratio, self.theme), self.area
        legend = legend_of(self.wish, self.drawn, self.cloud)
        add_legend(self._under, legend, self.theme, area[0] * ratio, self.height * ratio, ratio)
        draw_axes(pen, self.cloud, camera, area, HEAD)
        self._rows_of_legend = ()
        if self.has_legend:
            box = (area[0] + 8, TOP, LEGEND_WIDTH - 16, self.height - FOOT - TOP)
            self._rows_of_legend, self._scrolled = draw_legend(
                pen, box, self.coloured, self._scrolled, self._legend_row
            )
        stroke = self._grip.stroke if self._grip is not None and self._grip.moved else None
        said = stroke_words(stroke) if stroke is not None else ""
        foot = (0.0, self.height - FOOT, self.width, FOOT)
        draw_foot(pen, foot, [self.wish.words], said)
        self._under.draw(context, *size)
        over = Pen(self._over, ratio, self.theme)
        ringed = (self._focus_point(), "accent"), (self._pointed(), "text"), (self._point, "text")
        for point, colour in ringed:
            at = None if point < 0 else self._place_of(point, camera)
            if at is not None:
                draw_ring(over, *at, getattr(self.theme, colour))
        if stroke is not None:
            draw_outline(over, stroke)
        self._over.draw(context, *size)
        if self._point >= 0 and self._grip is None:
            at = self._place_of(self._point, camera)
            if at is not None:
                self._card.draw(context, *size, ratio, self.theme, at)

    @property
    def is_coarse(self):
        return self._budget.is_coarse

    def rest(self):
        """Draw all points that a picture may have."""
        if self._budget.refine():
            self.outdated.emit()

    # pointing

    def _place_of(self, point, camera):
        """Where a point appears, logical pixels, or None behind the eye or where it is not."""
        cloud, area = self.cloud, self.area
        if any(int(column[point]) >= CODES for column in cloud.columns):
            return None
        matrix = clip_from_codes(cloud, camera, area[0] / area[1])
        x, y, distance = pixels_of(cloud, matrix, np.array([point]), *area)
        return (float(x[0]), float(y[0]) + HEAD) if distance[0] > 0 else None

    def _focus_point(self):
        """The point of the focused sample, and unit, or -1; found once."""
        focus, points = self.wish.focus, self.cloud.points
        key = (points, focus.sample, focus.unit)
        if self._focused[0] != key:
            self._focused = (key, point_of(points, focus))
        return self._focused[1]

    def _pointed(self):
        """The point of the unit that the pointer is over in another view, or -1."""
        hovered, points = self._hovered, self.cloud.points
        if hovered is None or hovered.unit is None or hovered.layer != points.columns.layer:
            return -1
        return point_of(points, replace(self.wish.focus, unit=tuple(hovered.unit)))

    def hover_at(self, pointer):
        point, row = -1, None
        if pointer is not None and self.cloud is not None and self.coloured is not None:
            if self._is_beside(pointer):
                row = self._row_at(pointer)
            else:
                point = self._point_at(pointer)
        if (point, row) == (self._point, self._legend_row):
            return
        self._point, self._legend_row = point, row
        card, again, points = None, None, self.cloud.points if self.cloud is not None else None
        if point >= 0:
            again = partial(card_of, points, point, self.cloud.channels, self._facts)
            card = again()
        self._card.show(card, self._facts, self._builder, points, again)
        self._tell(point)
        self.outdated.emit()

    def _tell(self, point):
        """Tell the other views which unit is under the pointer."""
        hovered = None
        if point >= 0:
            points = self.cloud.points
            unit = position_of(points, point) if points.kind != "pooled" else ()
            hovered = Hovered(points.columns.layer, None, unit or None)
        if hovered != self._own_hover:
            self._own_hover = hovered
            self.hovered.emit(hovered)

    def _row_at(self, pointer):
        for group, (left, top, width, height) in self._rows_of_legend:
            if left <= pointer.x < left + width and top <= pointer.y < top + height:
                return group
        return None

    def _point_at(self, pointer):
        """The point under the pointer among those that are drawn, or -1."""
        matrix, shown = self._shown
        if shown is None or self._motion is not None:
            return -1
        if self._places[0] is not shown:
            index = shown.index
            self._places = (shown, (index, pixels_of(self.cloud, matrix, index, *self.area)))
        index, places = self._places[1]
        look = self._look(1.0)
        diameters = (look.diameter, look.selected_diameter)
        at = (pointer.x, pointer.y - HEAD)
        found = point_at(places, len(shown.others), at, diameters, NEAR_PX)
        return -1 if found < 0 else int(index[found])

    def stroke_grew(self, stroke):
        """Count what is inside, in the builder's thread."""
        region, cloud = self.outline_of(stroke), self.cloud

        def work():
            inside = inside_projection(
                cloud.points.columns, cloud.channels, region["matrix"], region["polygon"]
            )
            return int(np.count_nonzero(inside))

        def came(count):
            stroke.count = count
            self.outdated.emit()

        self._builder.ask(f"{self.name}.stroke", work, came)

    def release(self):
        for part in (self._points, self._under, self._over, self._card):
            part.release()
