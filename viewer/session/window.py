"""Kinds of commands that say how the window stands: theme and layout of the panes."""

from viewer.session.checks import one_of, text_or_none
from viewer.session.command import kind
from viewer.state import layout as layouts
from viewer.state.window import THEMES


@kind("window.theme", undo=None)
def window_theme(state, *, theme):
    """Dark or light."""
    return state.with_part("window", theme=one_of("theme", theme, THEMES))


def _laid_out(state, layout):
    """A state with another layout; what was alone and is gone is alone no more."""
    only = state.window.only
    only = only if only in layouts.panes_of(layout) else None
    return state.with_part("window", layout=layout, only=only)


@kind("window.layout", undo=None)
def window_layout(state, *, layout):
    """Lay the panes out as a person has moved them."""
    return _laid_out(state, layouts.from_json(layout))


@kind("window.choose", undo=None)
def window_choose(state, *, layout):
    """Take one of the program's layouts."""
    one_of("layout", layout, tuple(layouts.LAYOUTS))
    return state.with_part("window", layout=layouts.LAYOUTS[layout], only=None)


@kind("window.pane", undo=None)
def window_pane(state, *, pane, shown):
    """Show a pane, in front, or close it."""
    one_of("pane", pane, layouts.PANES)
    change = layouts.with_pane if shown else layouts.without
    return _laid_out(state, change(state.window.layout, pane))


@kind("window.only", undo=None)
def window_only(state, *, pane):
    """Let one pane fill the window, or (None) bring the others back."""
    if text_or_none("pane", pane) is not None:
        one_of("pane", pane, layouts.PANES)
        if pane not in layouts.panes_of(state.window.layout):
            state = state.with_part("window", layout=layouts.with_pane(state.window.layout, pane))
    return state.with_part("window", only=pane)


@kind("window.presenting", undo=None)
def window_presenting(state, *, presenting):
    """Panes only, text larger, for a room; or everything again."""
    return state.with_part("window", presenting=bool(presenting))
