"""The sample view: picture, box, words and bars, drawn through `viewer.gl`."""

import numpy as np

from viewer.gl.api import GL
from viewer.gl.theme import TEXT_PX, TITLE_PX, rgb
from viewer.views.gestures import LEFT, NO_BUTTON
from viewer.views.pen import Pen
from viewer.views.sample.build import (
    LINE,
    MARGIN,
    ROW,
    SLIDER,
    WORDS_FROM,
    box_in_view,
    center_after,
    layout,
    most_lines,
    pixel_at,
    share_text,
)
from viewer.views.sample.legend import MOST_FAILURE, draw_lines, lines_of, number_of
from viewer.views.sample.resolve import (
    SampleWish,
    is_late,
    resolve,
    shows_of,
    unit_at,
    value_at_pixel,
)
from viewer.views.signed_map import coloured, grey, reduced, scale_of
from viewer.views.view import View
from viewer.visuals.flat import FlatPicture
from viewer.visuals.overlay import Overlay

CLICK_PX = 4
ZOOM_PER_NOTCH = 1.25
SHOWS_WORDS = {"file": "", "network": "as the network gets it"}


class SampleView(View):
    """The focused sample with its predictions.

    Attributes
    ----------
    wish : SampleWish
    bar : (viewer.views.range_bar.Bar, float) or None
        The attribution's colour bar as it was drawn last, and the top of its line.
    """

    name = "sample"

    def __init__(self):
        super().__init__()
        self.wish = SampleWish()
        self._picture, self._heat = FlatPicture(), FlatPicture()
        self._found = self._coloured = None
        self._scale = self._scaled = None
        self._lines, self.bar = (), None
        self._late = self._waits = False
        self._overlay = Overlay()
        self._grip = None
        self._pointed = None
        self._state = self._facts = None

    def follow(self, state, hovered, facts, builder):
        self._state, self._facts = state, facts
        self._late = is_late(state, facts)
        self.detail = SHOWS_WORDS[shows_of(state)]
        wish = resolve(state, hovered, facts)
        over = wish.attribution
        # A sample that is played appears with what lies over it.
        self._waits = bool(
            self.is_playing and over is not None and over.computing and self._found is not None
        )
        if not self._waits:
            self.show_wish(wish)

    @property
    def pending(self):
        over = self.wish.attribution
        return self._late or self._waits or (over is not None and over.computing)

    def show_wish(self, wish):
        """Show another sample, box, attribution or message."""
        old, self.wish = self.wish, wish
        is_grey = wish.attribution is not None
        if wish.picture is not old.picture or is_grey != (old.attribution is not None):
            pixels = None if wish.picture is None else shown(wish.picture)
            self._picture.set_pixels(grey(pixels) if is_grey and pixels is not None else pixels)
        self._take_attribution(wish.attribution)
        if not wish.same_as(old):
            self.outdated.emit()

    def _take_attribution(self, over):
        """What lies over the picture; the former stays while another of the sample is computed."""
        if over is None or over.failure:
            self._found = None
        elif over.found is not None or (self._found and self._found.sample != over.sample):
            self._found = over.found
        if self._found is None:
            self._scale = self._scaled = None
        elif over.found is self._found or self._scaled is None:
            scaled = self._found, over.within, over.limit
            if self._scaled != scaled:
                self._scale = scale_of(self._found.heat, over.within, over.limit)
                self._scaled = scaled

    # drawing

    def _places(self, ratio=1.0):
        wish = self.wish
        return layout(
            self.width,
            self.height,
            wish.picture.shape,
            len(wish.predictions),
            ratio,
            zoom=wish.camera.zoom,
            center=wish.camera.center,
            slides=wish.frames is not None,
            legend=len(self._lines),
        )

    def paint(self, context, width_px, height_px, ratio):
        GL.glClearBufferfv(GL.GL_COLOR, 0, np.array([*rgb(self.theme.view), 1.0], np.float32))
        self._overlay.clear()
        self.bar = None
        pen = Pen(self._overlay, ratio, self.theme)
        if self.wish.picture is None:
            self._message(pen)
        else:
            over = self.wish.attribution
            self._lines = () if over is None else self._lines_of(over, pen)
            places = self._places(ratio)
            self._draw_picture(context, width_px, height_px, places, ratio)
            self._box(pen, places)
            self._slider(pen, places)
            about = (over, self._found, self._scale)
            # A movie performed twice has the same pictures: how long it took is the window's.
            timed, top = self.animates, places.legend_top
            self.bar = draw_lines(pen, self._lines, *about, top, self.width, timed=timed)
            self._words(pen, places)
            self._bars(pen, places)
        self._overlay.draw(context, width_px, height_px)

    def _lines_of(self, over, pen):
        """What is said about the attribution, as far as there is room."""
        shape, slides = self.wish.picture.shape, self.wish.frames is not None
        room = self.width - 2 * MARGIN
        most = most_lines(self.height, self.width, shape, slides)
        if over.failure and self.height >= WORDS_FROM:
            most += MOST_FAILURE
        return lines_of(over, self._found, self._scale, pen.width_of, room)[:most]

    def _draw_picture(self, context, width_px, height_px, places, ratio):
        left, top, width, height = (round(part * ratio) for part in places.area)
        GL.glEnable(GL.GL_SCISSOR_TEST)
        GL.glScissor(left, height_px - top - height, width, height)
        on_screen = tuple(round(part * ratio) for part in places.picture)
        self._picture.draw(context, width_px, height_px, on_screen)
        if self._found is not None:
            self._draw_heat(context, width_px, height_px, places, ratio)
        GL.glDisable(GL.GL_SCISSOR_TEST)

    def _draw_heat(self, context, width_px, height_px, places, ratio):
        over, found = self.wish.attribution, self._found
        left, top, width, height = places.picture
        rows, columns = self.wish.picture.shape[:2]
        y0, x0, y1, x1 = over.box
        down, across = height / rows, width / columns
        edges = (left + x0 * across, top + y0 * down, left + x1 * across, top + y1 * down)
        x0, y0, x1, y1 = (round(edge * ratio) for edge in edges)
        place = (x0, y0, max(1, x1 - x0), max(1, y1 - y0))
        factor = max(1, round(min(found.heat.shape[0] / place[3], found.heat.shape[1] / place[2])))
        wanted = (found, self.theme, self._scale, factor)
        if self._coloured != wanted:
            heat = reduced(found.heat, factor)
            self._heat.set_pixels(coloured(heat, self._scale.limit, self.theme))
            self._coloured = wanted
        self._heat.draw(context, width_px, height_px, place, over.opacity)

    def _message(self, pen):
        lines = (self.wish.message or ("computing" if self.wish.computing else "")).split("\n")
        top = self.height / 2 - len(lines) * ROW / 2
        for place, line in enumerate(lines):
            pen.text(
                self.width / 2, top + (place + 0.7) * ROW, line, self.theme.dim, align=0.5,
                room=self.width - 2 * MARGIN,
            )  # fmt: skip

    def _box(self, pen, places):
        if self.wish.box is None:
            return
        box = box_in_view(self.wish.box, self.wish.picture.shape, places.picture)
        if box is None:
            return
        left, top, width, height = places.area
        lows, highs = (left, top), (left + width, top + height)
        inside = [
            min(high, max(low, part))
            for part, low, high in zip(box, lows * 2, highs * 2, strict=True)
        ]
        if inside[0] < inside[2] and inside[1] < inside[3]:
            pen.frame(inside, "#000000", 0.6, 3)
            pen.frame(inside, "#ffffff", 1.0, 1)

    def _slider(self, pen, places):
        if places.slider is None:
            return
        (first, count), (left, middle, width) = self.wish.frames, places.slider
        said = f"frame {self.wish.sample - first + 1:,} of {count:,}"
        width = max(20.0, width - pen.width_of(f"frame {count:,} of {count:,}") - MARGIN)
        share = (self.wish.sample - first) / (count - 1)
        pen.rectangle(left, middle - 1, width, 2, self.theme.line)
        pen.rectangle(left, middle - 1, width * share, 2, self.theme.accent)
        pen.rectangle(left + width * share - 3, middle - 7, 6, 14, self.theme.accent)
        right = self.width - MARGIN
        pen.text(right, middle + TEXT_PX * 0.36, said, self.theme.dim, align=1.0)

    def _words(self, pen, places):
        wish, theme = self.wish, self.theme
        left, right = MARGIN, self.width - MARGIN
        base = places.text_top + 0.7 * ROW
        state = "computing" if wish.computing and not self.is_playing else ""
        room = right - left - pen.width_of(state) - MARGIN
        pen.text(left, base, wish.name, theme.text, size=TITLE_PX, face="medium", room=room)
        pen.text(right, base, state, theme.dim, align=1.0)
        base += ROW
        if wish.message:
            pen.text(left, base, wish.message, theme.dim, room=right - left)
        elif wish.right is None:
            label = f"label {wish.label}" if wish.label else "no label"
            pen.text(left, base, label, theme.dim, room=right - left)
        else:
            word, colour = ("right", theme.right) if wish.right else ("wrong", theme.wrong)
            pen.text(left, base, f"label {wish.label}", theme.text, room=right - left - 60)
            pen.text(right, base, word, colour, align=1.0, face="medium")
        bottom = self.height - MARGIN
        if bottom - ROW > (places.rows[-1] if places.rows else base):
            pen.text(left, bottom, self._said(), theme.dim, room=right - left)

    def _said(self):
        """What is pointed at: a pixel with its values, or the unit whose field is drawn."""
        wish = self.wish
        if self._pointed is not None:
            row, column = self._pointed
            if row < wish.picture.shape[0] and column < wish.picture.shape[1]:
                values = np.atleast_1d(wish.picture[row, column])
                said = " ".join(f"{value:.4g}" for value in values[:8])
                over = self._attribution_at(row, column)
                return f"row {row}, column {column}: {over or said}"
        return f"box: field of {wish.unit}" if wish.unit else ""

    def _attribution_at(self, row, column):
        """The value that lies over a pixel, in words; empty where there is none."""
        over = self.wish.attribution
        if over is None or over.computing:
            return ""
        value = value_at_pixel(over, row, column)
        return "" if value is None else f"attribution {number_of(value)}"

    def _bars(self, pen, places):
        wish, theme = self.wish, self.theme
        number_width = pen.width_of("< 0.001")
        names_width = 0.44 * (self.width - 2 * MARGIN)
        bar_left = MARGIN + names_width
        bar_width = max(10.0, self.width - MARGIN - number_width - 10 - bar_left)
        for middle, prediction in zip(places.rows, wish.predictions, strict=False):
            base = middle + TEXT_PX * 0.36
            is_label = wish.label == prediction.name
            colour = theme.text if is_label or not wish.label else theme.dim
            pen.text(MARGIN, base, prediction.name, colour, room=names_width - 10)
            pen.rectangle(bar_left, middle - 4, bar_width, 8, theme.line)
            length = bar_width * prediction.share
            if length * pen.ratio >= 1:
                shade = theme.right if is_label else theme.dim
                pen.rectangle(bar_left, middle - 4, length, 8, shade)
            pen.text(self.width - MARGIN, base, share_text(prediction.share), theme.text, align=1.0)

    def release(self):
        self._picture.release()
        self._heat.release()
        self._overlay.release()

    # gestures

    def press(self, pointer):
        if self.wish.picture is None:
            return
        bar = self.bar[0] if self._is_on_bar(pointer) else None
        self._grip = _Grip(pointer, self.wish.camera, self._on_slider(pointer), bar)
        if self._grip.slides:
            self._slide(pointer)

    def _is_on_bar(self, pointer):
        if self.bar is None or self._found is not self.wish.attribution.found:
            return False
        bar, top = self.bar
        return bar.holds(pointer, top) and pointer.y < top + LINE

    def _on_slider(self, pointer):
        slider = self._places().slider
        return slider is not None and abs(pointer.y - slider[1]) <= SLIDER / 2

    def _slide(self, pointer):
        (first, count), (left, _, width) = self.wish.frames, self._places().slider
        width = max(20.0, width - self._frame_words_width(count) - MARGIN)
        share = min(1.0, max(0.0, (pointer.x - left) / width))
        self.dragged.emit("focus.sample", {"sample": first + round(share * (count - 1))})

    def _frame_words_width(self, count):
        return Pen(self._overlay, 1.0, self.theme).width_of(f"frame {count:,} of {count:,}")

    def move(self, pointer):
        if self.wish.picture is None:
            return
        grip = self._grip
        if grip is None or pointer.button == NO_BUTTON:
            self._point(
                pixel_at(self._places().picture, self.wish.picture.shape, pointer.x, pointer.y)
            )
        elif grip.slides:
            self._slide(pointer)
        elif grip.bar is not None:
            self._widen(grip, pointer)
        else:
            self._drag(grip, pointer)

    def _widen(self, grip, pointer):
        """Drag an end of the colour bar: the other one goes the other way."""
        dx, dy = pointer.from_start(grip.start)
        grip.moved = grip.moved or max(abs(dx), abs(dy)) >= CLICK_PX
        end = grip.bar.end_at(grip.start.x)
        if grip.moved and end is not None:
            self.dragged.emit("attribution.limit", {"limit": grip.bar.dragged(end, dx)[1]})

    def _drag(self, grip, pointer):
        dx, dy = pointer.from_start(grip.start)
        grip.moved = grip.moved or max(abs(dx), abs(dy)) >= CLICK_PX
        if not grip.moved or grip.camera.zoom == 1:
            return
        _, _, width, height = self._places().picture
        x, y = grip.camera.center
        center = [min(1.0, max(0.0, x - dx / width)), min(1.0, max(0.0, y - dy / height))]
        self.dragged.emit("sample.move", {"center": center})

    def lift(self, pointer):
        grip, self._grip = self._grip, None
        if grip is None:
            return
        if grip.moved or grip.slides:
            self.drag_ended.emit()
        elif pointer.button == LEFT and grip.bar is None:
            self._click(pointer)

    def _click(self, pointer):
        """The unit of the active layer that looks at the pixel."""
        pixel = pixel_at(self._places().picture, self.wish.picture.shape, pointer.x, pointer.y)
        found = None if pixel is None else unit_at(self._state, self._facts, *pixel)
        if found is not None:
            layer, channel, unit = found
            self.wished.emit("focus.unit", {"layer": layer, "channel": channel, "unit": list(unit)})

    def double_press(self, pointer):
        self._grip = None
        if self.wish.picture is not None and self._is_on_bar(pointer):
            if self.wish.attribution.limit is not None:
                self.wished.emit("attribution.limit", {"limit": None})
        elif self.wish.camera.zoom != 1:
            self.wished.emit("sample.fit", {})

    def wheel(self, pointer, steps):
        if self.wish.picture is None:
            return
        zoom = min(64.0, max(1.0, self.wish.camera.zoom * ZOOM_PER_NOTCH**steps))
        places = self._places()
        factor = zoom / self.wish.camera.zoom
        center = center_after(places.picture, places.area, factor, pointer.x, pointer.y)
        self.wished.emit("sample.move", {"zoom": zoom, "center": list(center)})

    def leave(self):
        self._point(None)

    def _point(self, pixel):
        if pixel != self._pointed:
            self._pointed = pixel
            self.outdated.emit()


class _Grip:
    """A button held: where it went down, what was seen then, whether it moves slider or bar."""

    def __init__(self, start, camera, slides, bar):
        self.start = start
        self.camera = camera
        self.slides = slides
        self.bar = bar
        self.moved = False


def shown(picture):
    """A picture of any dtype and channels as uint8[H, W, 3] to look at."""
    from engine.data.pictures import shown as as_rgb

    return as_rgb(picture)
