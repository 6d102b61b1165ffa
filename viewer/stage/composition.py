"""The open views in one picture: in their layout, with titles and captions, without panels.

What a movie's frame and a picture of the whole window are. A view is drawn into a framebuffer of
its own, and only when it is outdated; the picture is put together from these, and only when one
of them, a title or a caption has changed.
"""

from dataclasses import dataclass

from viewer.gl.api import GL
from viewer.gl.objects import Framebuffer, bound_framebuffer
from viewer.gl.theme import SPACE_PX, TEXT_PX, THEMES
from viewer.state.layout import DRAWN, TITLES, drawn, rectangles
from viewer.views.pen import Pen
from viewer.visuals.glyphs import measure, shorten
from viewer.visuals.overlay import Overlay

# A picture of this size has one pixel to a logical pixel; others are that many times larger.
PLAIN = (1280, 720)
SMALLEST_RATIO = 0.85
PRESENTING = 1.35
TITLE_HEIGHT = 24
CAPTION_PX = 20
CAPTION_SHARE = 0.72
CAPTION_SHARE_ASIDE = 0.28
CAPTION_OPACITY = 0.9
# Captions on top leave a view's own heading, two lines of text, free.
BELOW_HEADING = 64


@dataclass(frozen=True)
class Plan:
    """Where everything of a picture stands, in pixels from its upper left corner.

    Attributes
    ----------
    width, height : int
    ratio : float
        Pixels to a logical pixel.
    title : int
        Height of a pane's title.
    panes : dict of str to (int, int, int, int)
        Left, top, width and height, title included.
    floating : tuple of str
        Panes that stand over the others.
    """

    width: int
    height: int
    ratio: float
    title: int
    panes: dict
    floating: tuple = ()

    @property
    def groups(self):
        """Names of panes that do not overlap, group by group from below."""
        fixed = tuple(name for name in self.panes if name not in self.floating)
        return (fixed, *((name,) for name in self.floating))

    def inside(self, name):
        """Where a pane's view stands, below its title."""
        left, top, width, height = self.panes[name]
        title = min(self.title, height - 1)
        return left, top + title, width, height - title


def shown(state):
    """The state as a picture without panels shows it: the window has drawn views only."""
    window = state.window
    only = window.only if window.only in DRAWN else None
    return state.with_part("window", layout=drawn(window.layout), only=only)


def ratio_of(width, height, presenting=False):
    """Pixels to a logical pixel: text stays readable in small pictures and grows with large."""
    ratio = max(SMALLEST_RATIO, min(width / PLAIN[0], height / PLAIN[1]))
    return ratio * (PRESENTING if presenting else 1.0)


def plan(window, width, height, ratio=None):
    """Where the drawn views of a window stand in a picture.

    Parameters
    ----------
    window : WindowSettings
    width, height : int
        Pixels.
    ratio : float, optional
        Pixels to a logical pixel; by default what `ratio_of` says.

    Returns
    -------
    Plan
    """
    ratio = ratio or ratio_of(width, height, window.presenting)
    gap, title = max(1, round(ratio)), round(TITLE_HEIGHT * ratio)
    if window.only in DRAWN:
        return Plan(width, height, ratio, title, {window.only: (0, 0, width, height)})
    layout = drawn(window.layout)
    floating = tuple(part.pane for part in layout.floating)
    panes = rectangles(layout, width, height, gap)
    panes |= {name: _inside(panes[name], width, height) for name in floating}
    return Plan(width, height, ratio, title, panes, floating)


def _inside(box, width, height):
    """A floating pane's rectangle moved into the picture, and made smaller where it must."""
    left, top, across, down = box
    across, down = min(across, width), min(down, height)
    return min(max(0, left), width - across), min(max(0, top), height - down), across, down


class Composition:
    """Draws a stage into one picture.

    Parameters
    ----------
    stage : Stage
        Brought in step by its own `refresh`; its views are drawn with one context.
    """

    def __init__(self, stage):
        self._stage = stage
        self._stale = set(stage.views)
        self._frames = {}
        self._over = Overlay()
        self._drawn = None
        for name, view in stage.views.items():
            view.outdated.connect(lambda name=name: self._stale.add(name))

    def draw(self, context, width, height, state, captions=()):
        """Draw into the framebuffer that is bound.

        Parameters
        ----------
        context : Context
        width, height : int
            Of the framebuffer, pixels.
        state : State
        captions : sequence of (str, str)
            Text, and where: ``'top'``, ``'bottom'``, ``'left'``, ``'right'`` or ``'middle'``.

        Returns
        -------
        bool
            False: the framebuffer of the last call holds this already; nothing was drawn.
        """
        target = bound_framebuffer()
        made = plan(state.window, width, height)
        for name in [name for name in self._frames if name not in made.panes]:
            self._frames.pop(name)[0].release()
            self._stale.add(name)
        places = {name: made.inside(name) for name in made.panes if name in self._stage.views}
        redrawn = [self._bring(context, name, box, made.ratio) for name, box in places.items()]
        details = tuple(self._stage.views[name].detail for name in places)
        key = (target, made, state.window.theme, details, tuple(captions))
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, target)
        if key == self._drawn and not any(redrawn):
            return False
        self._drawn = key
        self._compose(context, made, places, THEMES[state.window.theme], captions, target)
        return True

    def _bring(self, context, name, box, ratio):
        """Draw a view anew if it is outdated or has another size; whether it was."""
        width, height = box[2:]
        frame, before = self._frames.get(name, (None, None))
        if before == (width, height, ratio) and name not in self._stale:
            return False
        if frame is None or (frame.width, frame.height) != (width, height):
            if frame is not None:
                frame.release()
            frame = Framebuffer(context, width, height)
        self._frames[name] = frame, (width, height, ratio)
        self._stale.discard(name)
        frame.bind()
        self._stage.views[name].draw(context, width, height, ratio)
        return True

    def _compose(self, context, made, places, theme, captions, target):
        GL.glDisable(GL.GL_SCISSOR_TEST)
        self._over.clear()
        self._over.rectangle(0, 0, made.width, made.height, theme.line if places else theme.window)
        for group in made.groups:
            names = [name for name in group if name in places]
            for name in names:
                add_title(self._over, made, name, self._stage.views[name].detail, theme)
            self._over.draw(context, made.width, made.height)
            self._over.clear()
            for name in names:
                self._copy(self._frames[name][0], places[name], made.height, target)
        for text, place in captions:
            add_caption(self._over, made, text, place, theme)
        self._over.draw(context, made.width, made.height)

    @staticmethod
    def _copy(frame, box, height, target):
        left, top, across, down = box
        low = height - top - down
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, frame.name)
        GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, target)
        area = (0, 0, across, down, left, low, left + across, low + down)
        GL.glBlitFramebuffer(*area, GL.GL_COLOR_BUFFER_BIT, GL.GL_NEAREST)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, target)

    def release(self):
        """Delete its GL objects; the context is current."""
        for frame, _ in self._frames.values():
            frame.release()
        self._frames.clear()
        self._over.release()
        self._stale = set(self._stage.views)
        self._drawn = None


def add_title(overlay, made, name, detail, theme):
    """A pane's title with what it shows, in dim text, on its own ground.

    Parameters
    ----------
    overlay : Overlay
    made : Plan
    name : str
    detail : str
    theme : Theme
    """
    left, top, width, height = made.panes[name]
    line = max(1, round(made.ratio))
    if name in made.floating:
        overlay.rectangle(left - line, top - line, width + 2 * line, height + 2 * line, theme.line)
    high = min(made.title, height - 1)
    overlay.rectangle(left, top, width, high, theme.panel)
    overlay.rectangle(left, top + high - line, width, line, theme.line)
    size = round(TEXT_PX * made.ratio)
    space = SPACE_PX * made.ratio
    base = top + high / 2 + 0.36 * size
    title = shorten(TITLES[name], width - 2 * space, size, "medium")
    overlay.text(left + space, base, title, theme.text, size, face="medium")
    start = left + 2 * space + measure(title, size, "medium")
    room = left + width - space - start
    if room > 3 * size:
        overlay.text(start, base, shorten(detail, room, size), theme.dim, size)


def add_caption(overlay, made, text, place, theme):
    """Words over the views, on a ground that keeps them readable.

    Parameters
    ----------
    overlay : Overlay
    made : Plan
    text : str
        Broken into lines where it is too long, and at its own line ends.
    place : str
        ``'top'``, ``'bottom'``, ``'left'``, ``'right'`` or ``'middle'``.
    theme : Theme
    """
    size = round(CAPTION_PX * made.ratio)
    aside = place in ("left", "right")
    room = (CAPTION_SHARE_ASIDE if aside else CAPTION_SHARE) * made.width
    lines = wrapped(text, room, size)
    if not lines:
        return
    step, inner = round(1.4 * size), round(0.7 * size)
    width = round(max(measure(line, size, "medium") for line in lines)) + 2 * inner
    height = step * len(lines) + round(0.9 * inner)
    left, top = _caption_corner(made, place, width, height)
    overlay.rectangle(left, top, width, height, theme.panel, CAPTION_OPACITY)
    edges = (left, top, left + width, top + height)
    Pen(overlay, 1.0, theme).frame(edges, theme.line, 1.0, max(1, round(made.ratio)))
    for number, line in enumerate(lines):
        base = top + 0.45 * inner + step * number + step / 2 + 0.36 * size
        overlay.text(left + width / 2, base, line, theme.text, size, face="medium", align=0.5)


def _caption_corner(made, place, width, height):
    edge = round(2 * SPACE_PX * made.ratio)
    left, top = round((made.width - width) / 2), round((made.height - height) / 2)
    if place == "left":
        left = edge
    elif place == "right":
        left = made.width - width - edge
    elif place == "top":
        top = made.title + round(BELOW_HEADING * made.ratio)
    elif place == "bottom":
        top = made.height - height - edge
    return left, top


def wrapped(text, room, size):
    """Lines of a caption, each no wider than its room; a word that is too long is cut.

    Parameters
    ----------
    text : str
    room : float
        Pixels.
    size : int
        Of the letters, pixels.

    Returns
    -------
    list of str
    """
    lines = []
    for part in text.strip().splitlines():
        line = ""
        for word in part.split():
            longer = f"{line} {word}" if line else word
            if line and measure(longer, size, "medium") > room:
                lines.append(line)
                longer = word
            line = shorten(longer, room, size, "medium")
        lines.append(line)
    return lines
