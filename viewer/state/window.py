"""What of the window belongs to a session: theme and panes. Not its geometry."""

from dataclasses import dataclass

THEMES = ("dark", "light")
PANES = ("network", "stack", "sample", "preprocessing", "tasks", "filmstrip")


@dataclass(frozen=True)
class WindowSettings:
    """Theme and panes.

    Attributes
    ----------
    theme : str
        ``'dark'`` or ``'light'``.
    panes : tuple of str
        Panes shown, of `PANES`, sorted as there.
    only : str or None
        The pane that fills the window alone.
    """

    theme: str = "dark"
    panes: tuple[str, ...] = PANES
    only: str | None = None
