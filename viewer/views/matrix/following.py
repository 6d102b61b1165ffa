"""Keeps the matrix in step with state and facts: asks for what it lacks, takes what came. No GL."""

import numpy as np

from viewer.views.asking import Asking
from viewer.views.grouping import wish_of
from viewer.views.matrix.build import alone, arranged, coloured, met, scene_of
from viewer.views.matrix.hands import MatrixHands
from viewer.views.matrix.overview import Overview, picture_of
from viewer.views.matrix.resolve import resolve


class MatrixFollowing(MatrixHands):
    """The part of the matrix view that follows state and facts."""

    def __init__(self):
        super().__init__()
        self._builder = self._facts = None
        self._hovered = self._own_hover = None
        self._selected = self._preview = None
        self._selected_of = (None, None)
        self._focused = self._pointed = -1
        self._groups_wish = None
        self._asking = Asking(self.name)
        self._wanted = self._focused_of = None
        self._made_of = self._pictured = ()
        self._orders = None
        self._overview = Overview()

    def follow(self, state, hovered, facts, builder):
        self._builder, self._facts = builder, facts
        self._asking.builder = builder
        wish = resolve(state, facts)
        self.detail = wish.detail
        if self.choice.follow(wish.choices):
            self.outdated.emit()
        drawn, target = self._looks()
        old, self.wish = self.wish, wish
        before = self._standing()
        self._look = None
        self._follow_points(wish)
        self._follow_groups(wish)
        self._follow_selected(wish)
        self._arrange(wish)
        self._follow_overview(wish)
        self._follow_focus(wish, old)
        if drawn is not None and before is self._standing() and self.scene is not None:
            now = self.look()
            if now != target:
                self.begin_motion(drawn)
        others = hovered if hovered != self._own_hover else None
        if others != self._hovered:
            self._hovered = others
            self._follow_hovered(others, wish.focus.sample)
            self.outdated.emit()
        if self._differs(wish, old):
            self.outdated.emit()

    def _looks(self):
        """The look that is drawn and the one that it moves to, before something changes."""
        return (None, None) if self.scene is None else (self.look_now(), self.look())

    def _standing(self):
        """What has to stay the same for a movement to mean something."""
        return self.shown

    @staticmethod
    def _differs(wish, old):
        parts = ("message", "settings", "drawn", "camera", "focus", "words")
        if any(getattr(wish, part) != getattr(old, part) for part in parts):
            return True
        return wish.table is not old.table or wish.selected is not old.selected

    @property
    def pending(self):
        return self.wish.late or bool(self._asking) or (self.animates and self.cells.pending)

    def _follow_points(self, wish):
        """The points of one layer at once; those of two meet in the builder's thread."""
        if wish.points is None:
            if self.shown is not None or self._asking:
                self._asking.forget("meet", "more", "groups", "selected")
                self._take_points(None)
            return
        wanted = (wish.points, wish.others)
        if self._wanted == wanted:
            return
        if wish.others is None:
            self._asking.forget("meet")
            shown = alone(wish.points)
            if self._goes_on(shown):
                self._wanted = wanted
                self._swap_points(shown, wish)
            else:
                self._take_points(shown)
        else:
            self._take_points(None)
            self._wanted, network = wanted, wish.network
            self._asking.ask("meet", lambda: met(network, *wanted), self._take_met)
        self._wanted = wanted

    def _goes_on(self, shown):
        """Whether these are more points of the same layer: a study that grows."""
        present = self.shown
        if self.scene is None or present.joint is not None:
            return False
        one, other = present.rows, shown.rows
        return (one.layer, one.channels) == (other.layer, other.channels)

    def _swap_points(self, shown, wish):
        """Show more points as soon as they have their groups; until then the former ones stay."""
        wanted = wish_of(shown.points, self._facts, wish.drawn, self.theme)

        def came(colouring):
            if self._wanted != shown.made_of:
                return
            look, grip = self._look, self._grip
            self._take_points(shown)
            self._look, self._grip = look, grip
            self._wanted = shown.made_of
            self._groups_wish, self.colouring = wanted, colouring
            self._follow_selected(self.wish)
            self._arrange(self.wish)

        self._asking.ask("more", lambda: coloured(wanted), came)

    def _take_met(self, shown):
        if shown.made_of == self._wanted:
            self._take_points(shown)
            self._wanted = shown.made_of
            self._follow_groups(self.wish)
            self._follow_selected(self.wish)
            self._arrange(self.wish)

    def _take_points(self, shown):
        self.shown, self._wanted = shown, None
        self._look = self._motion = self._grip = None
        self._groups_wish = self.colouring = self.scene = self.arrangement = None
        self._selected, self._preview, self._selected_of = None, None, (None, None)
        self._point, self._focused, self._pointed = -1, -1, -1
        self._spot, self._words = None, ""
        self.cells.show(None)
        self.outdated.emit()

    def _follow_groups(self, wish):
        shown = self.shown
        if shown is None:
            return
        wanted = wish_of(shown.points, self._facts, wish.drawn, self.theme)
        if wanted.same_as(self._groups_wish):
            return
        self._groups_wish = wanted

        def came(colouring):
            if wanted is self._groups_wish and shown is self.shown:
                self.colouring = colouring
                self._arrange(self.wish)
                self.outdated.emit()

        self._asking.ask("groups", lambda: coloured(wanted), came)

    def _follow_selected(self, wish):
        shown, selected = self.shown, wish.selected
        if shown is None or self._selected_of == (shown, selected):
            return
        self._selected_of = wanted = (shown, selected)
        if selected is None:
            self._asking.forget("selected")
            self._take_selected(None)
            return

        def came(codes):
            if wanted == self._selected_of:
                self._take_selected(codes)

        self._asking.ask("selected", lambda: shown.selected(selected), came)

    def _take_selected(self, codes):
        self._selected, self._preview = codes, None
        if self.colouring is not None:
            self._arrange(self.wish)
        self.outdated.emit()

    def _arrange(self, wish):
        """Make the scene of what is there, where it is another one."""
        shown = self.shown
        if shown is None or self.colouring is None or wish.points is None:
            return
        hides = wish.settings.hides_constant
        selected = self._selected if self._preview is None else self._preview
        self._orders = wish.orders.after(self._orders)
        arrangement = arranged(shown.rows, shown.columns, self._orders.by_layer, hides=hides)
        if arrangement.same_as(self.arrangement):
            arrangement = self.arrangement
        made_of = (
            shown, arrangement, self.colouring, selected,
            wish.drawn.size, wish.drawn.opacity, wish.settings.form, wish.settings.ranges,
        )  # fmt: skip
        if self.scene is not None and _same(self._made_of, made_of):
            return
        self._made_of, self.arrangement = made_of, arrangement
        self.scene = scene_of(
            shown, arrangement, self.colouring, selected, wish.settings, wish.drawn
        )
        self.cells.show(self.scene)
        self.outdated.emit()

    def _follow_overview(self, wish):
        """Have the overview's picture made anew, where it is another one."""
        wanted = (wish.table, self.arrangement, self.theme)
        if self.scene is None or not wish.settings.shows_overview or self._pictured == wanted:
            return
        self._pictured = wanted
        if wish.table is None or wish.table.values is None:
            self._asking.forget("overview")
            self._overview.show(None)
            return

        def came(pixels):
            if self._pictured == wanted:
                self._overview.show(pixels)
                self.outdated.emit()

        self._asking.ask("overview", lambda: picture_of(*wanted), came)

    def _follow_focus(self, wish, old):
        """Find the point of the unit in focus."""
        shown, focus = self.shown, wish.focus
        if shown is None or (focus == old.focus and self._focused_of is shown):
            return
        self._focused_of, self._focused = shown, -1

        def came(point):
            if self._focused_of is shown and self.wish.focus == focus:
                self._focused = point
                self.outdated.emit()

        self._find_point("focus", focus.sample, focus.unit, came)

    def _follow_hovered(self, hovered, sample):
        """Find the point of the unit that the pointer is over in another view."""
        self._pointed = -1
        if hovered is None or self.shown is None or hovered.layer != self.shown.rows.layer:
            return

        def came(point):
            if self._hovered is hovered:
                self._pointed = point
                self.outdated.emit()

        if hovered.unit is not None:
            self._find_point("pointed", sample, hovered.unit, came)

    def _find_point(self, slot, sample, unit, came):
        """Ask for the point of a sample's unit, where the points are units of the rows' layer."""
        points = self.shown.points
        place = place_of(points, unit) if self.shown.units_of_rows else None
        if place is not None:
            self._asking.ask(slot, lambda: points.index(sample, place), came)


def place_of(points, unit):
    """The flat position of a unit among a layer's points, or None where it has none.

    Parameters
    ----------
    points : engine Points
    unit : tuple of int or None
    """
    if points.kind == "pooled" or not points.positions:
        return 0
    if unit is None or len(unit) != len(points.positions):
        return None
    if not all(at < n for at, n in zip(unit, points.positions, strict=True)):
        return None
    return int(np.ravel_multi_index(unit, points.positions))


def _same(one, other):
    """Whether a scene would be made of the same: arrays by identity, settings by value."""
    return len(one) == len(other) and all(
        a is b or (not isinstance(b, np.ndarray) and not isinstance(a, np.ndarray) and a == b)
        for a, b in zip(one, other, strict=True)
    )
