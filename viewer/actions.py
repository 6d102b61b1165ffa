"""What a person can do, by name: the one description behind menus, shortcuts and the palette."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """One thing to do: it gives a command, or asks the window for a dialog.

    Attributes
    ----------
    name : str
        ``'stack.mode.emission'``; one for each action.
    text : str
        As in the menu: ``'Emission and Absorption'``.
    menu : str
        ``'Stack'``, or with a submenu ``'Stack/Mode'``. Actions of one menu stand together.
    keys : tuple of str
        ``'Ctrl+F'``, ``'E'``; the first is shown.
    wish : callable(State, Facts) -> (kind, args) or None, optional
        The command to give now; None: it cannot be done now, the entry is grey.
    method : str
        Instead of a command, the method of the window that asks the person.
    checked : callable(State) -> bool, optional
        Whether it is in force, for alternatives and switches.
    """

    name: str
    text: str
    menu: str
    keys: tuple[str, ...] = ()
    wish: Callable | None = None
    method: str = ""
    checked: Callable | None = None


def always(kind, **args):
    """A wish that is always the same command."""
    return lambda state, facts: (kind, args)
