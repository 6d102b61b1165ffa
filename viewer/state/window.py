"""What of the window belongs to a session: theme, layout, the size of text. Not its geometry."""

from dataclasses import dataclass

from viewer.state.layout import STANDARD, Layout

THEMES = ("dark", "light")


@dataclass(frozen=True)
class WindowSettings:
    """Theme and panes.

    Attributes
    ----------
    theme : str
        ``'dark'`` or ``'light'``.
    layout : Layout
        Where the panes stand.
    only : str or None
        The pane that fills the window alone.
    presenting : bool
        Panes only, text larger.
    """

    theme: str = "dark"
    layout: Layout = STANDARD
    only: str | None = None
    presenting: bool = False
