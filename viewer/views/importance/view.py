"""Importance of filters, and what the network does without them."""

from dataclasses import replace

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import TEXT_PX, rgb
from viewer.views.importance.hands import ImportanceHands
from viewer.views.importance.part import rate_words
from viewer.views.importance.places import FOOT, MARGIN, ROW
from viewer.views.importance.resolve import NO_LAYER, resolve
from viewer.views.pen import Pen
from viewer.visuals.overlay import Overlay

HINT = "click: look at a filter · double click or X: off, on again"
NO_PARTS = "No part is shown.\nChoose some below."
SHORT = {"rates": "error rates"}
OF_A_LAYER = {"grid", "bars", "curve"}


def meanwhile(wish, old):
    """The wish with what was known before of scores and rates that are being found, faintly."""
    scores, rates = wish.scores, wish.rates
    known = [row for row in old.scores.rows if row[2] is not None]
    if scores.late and not scores.after and known and scores.sample == old.scores.sample:
        if wish.all_off:
            scores = replace(scores, rows=old.scores.rows, after=old.scores.after)
    if rates.late and rates.after is None and old.rates.after is not None and wish.all_off:
        rates = replace(rates, before=old.rates.before, after=old.rates.after, rows=old.rates.rows)
    return replace(wish, scores=scores, rates=rates)


class ImportanceView(ImportanceHands):
    """A layer's filters as a grid and as bars; scores and error rates without some of them."""

    name = "importance"

    def __init__(self):
        super().__init__()
        self._over = Overlay()

    def follow(self, state, hovered, facts, builder):
        wish = resolve(state, hovered, facts)
        old, self.wish = self.wish, meanwhile(wish, self.wish)
        wish = self.wish
        self.detail = wish.detail
        if not wish.same_as(old):
            self.point_again()
            self.outdated.emit()

    @property
    def pending(self):
        return self.wish.late

    # drawing

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        self._over.clear()
        pen = Pen(self._over, ratio, self.theme)
        message = self._message()
        if message:
            self._say(pen, message)
        else:
            for part in self.parts():
                part.draw(pen)
        if self._stands:
            self._foot(pen)
        self._over.draw(context, width_px, height_px)

    def _message(self):
        """What stands in place of the parts."""
        wish = self.wish
        if wish.message:
            return wish.message
        if not wish.settings.shown:
            return NO_PARTS
        only_of_layer = set(wish.settings.shown) <= OF_A_LAYER
        return NO_LAYER if wish.layer is None and only_of_layer else ""

    def _say(self, pen, message):
        lines = message.split("\n")
        top = self.height / 2 - len(lines) * (ROW + 2) / 2
        for place, line in enumerate(lines):
            base, room = top + (place + 0.7) * (ROW + 2), self.width - 2 * MARGIN
            pen.text(self.width / 2, base, line, self.theme.dim, align=0.5, room=room)

    def _foot(self, pen):
        theme, top, right = self.theme, self.height - FOOT, self.width - MARGIN
        base = top + FOOT / 2 + TEXT_PX * 0.36
        pen.rectangle(0, top, self.width, FOOT, theme.panel)
        badge = self._badge()
        if badge:
            if pen.width_of(badge) > 0.45 * self.width:
                badge = self.wish.off_words
            pen.text(right, base, badge, theme.wrong, align=1.0)
            right -= pen.width_of(badge) + 2 * MARGIN
        pen.text(MARGIN, base, self._words(), theme.dim, room=max(20.0, right - MARGIN))

    def _badge(self):
        """What is not as in the file, and that other views do not follow it."""
        words = self.wish.off_words
        return f"{words} here, on in other views" if words else ""

    def _words(self):
        wish = self.wish
        if self.pointed is not None and self.pointed.words:
            return self.pointed.words
        words = []
        if wish.weighed is not None:
            words.append(wish.weighed.over)
            if wish.weighed.is_estimate:
                words.append("the rest is being weighed" if wish.weighs else "an estimate")
        arrangement = self.arrangement()
        left_out, rates = arrangement.left_out, wish.rates
        if rates.after is not None and "rates" not in arrangement.boxes:
            then = rate_words(rates.after.overall)
            words.insert(0, f"error rate {rate_words(rates.before.overall)} → {then}")
        if left_out:
            names = ", ".join(SHORT.get(name, name) for name in left_out)
            words.append(f"no room: {names}")
        return " · ".join([*words, *([HINT] if self.animates else [])])  # a movie takes no clicks

    def release(self):
        self._over.release()
