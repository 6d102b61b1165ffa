"""What every view is to its host, the window's canvas or a movie: draws, hears gestures, asks."""

from psygnal import Signal

from viewer.gl.theme import DARK


class View:
    """A picture with gestures; knows no Qt. Sizes and positions in logical pixels unless named px.

    Attributes
    ----------
    name : str
        Of its pane.
    outdated : Signal
        The picture is no longer right; the host should draw again.
    wished : Signal(str, dict)
        A command that the person gave: kind and arguments.
    dragged : Signal(str, dict)
        One movement of a drag.
    drag_ended : Signal
    hovered : Signal(object)
        `Hovered` under the pointer, or None.
    asked : Signal(str)
        A dialog of the window, by the name of its method.
    theme : Theme
    animates : bool
        Whether motions take their time and what moves is drawn coarsely (the window), or every
        picture is final (movies, tests).
    detail : str
        What it shows, for its title bar.
    width, height : float
        Of the last draw.
    playing : viewer.session.playing.Playing or None
        That which plays samples; see `play_with`.
    """

    name = ""
    outdated = Signal()
    wished = Signal(str, dict)
    dragged = Signal(str, dict)
    drag_ended = Signal()
    hovered = Signal(object)
    asked = Signal(str)

    def __init__(self):
        self.theme = DARK
        self.animates = False
        self.detail = ""
        self.width, self.height = 1.0, 1.0
        self.playing = None

    def play_with(self, playing):
        """Learn whether samples are played, and draw again when that changes.

        Parameters
        ----------
        playing : viewer.session.playing.Playing
        """
        self.playing = playing
        playing.changed.connect(self.outdated.emit)

    @property
    def is_playing(self):
        """Whether samples follow each other: what was shown stays until the next is all there."""
        return self.playing is not None and self.playing.running

    def follow(self, state, hovered, facts, builder):
        """Bring the view in step: resolve what it should show, ask for what it lacks.

        Parameters
        ----------
        state : State
        hovered : Hovered or None
        facts : Facts
        builder : Builder
            Makes arrays off the main thread: ``ask(name, function, on_answer)``.
        """
        raise NotImplementedError

    @property
    def pending(self):
        """Whether something was asked for and is not there yet: a movie's frame waits for it."""
        return False

    def set_theme(self, theme):
        """Draw in another theme."""
        if theme is not self.theme:
            self.theme = theme
            self.outdated.emit()

    def draw(self, context, width_px, height_px, ratio=1.0):
        """Draw into the bound framebuffer of ``width_px`` x ``height_px`` physical pixels."""
        self.width, self.height = width_px / ratio, height_px / ratio
        self.paint(context, width_px, height_px, ratio)

    def paint(self, context, width_px, height_px, ratio):
        """The drawing itself."""
        raise NotImplementedError

    def release(self):
        """Delete every GL object; the context is current."""

    @property
    def is_coarse(self):
        """Whether the last picture was coarser than at rest; the host draws again soon."""
        return False

    def rest(self):
        """Nothing moves any more: draw at full quality."""

    def press(self, pointer):
        """A button went down."""

    def move(self, pointer):
        """The pointer moved, with or without a button."""

    def lift(self, pointer):
        """A button went up."""

    def wheel(self, pointer, steps):
        """The wheel turned by ``steps`` notches, away from the person positive."""

    def leave(self):
        """The pointer left the view."""

    def double_press(self, pointer):
        """A button went down twice, quickly."""

    def key(self, name, modifiers=frozenset()):
        """A key that no shortcut took went down: ``'left'``, ``'pageup'``, ``'a'``.

        Returns
        -------
        bool
            Whether the view did something.
        """
        return False
