"""What every view is to its host, the window's canvas or a movie: draws, hears gestures, asks."""

from psygnal import Signal

from viewer.gl.theme import DARK


class View:
    """A picture with gestures; knows no Qt. Sizes and positions in logical pixels unless named px.

    Attributes
    ----------
    outdated : Signal
        The picture is no longer right; the host should draw again.
    theme : Theme
    width, height : float
        Of the last draw.
    """

    outdated = Signal()

    def __init__(self):
        self.theme = DARK
        self.width, self.height = 1.0, 1.0

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
