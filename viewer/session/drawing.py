"""Kinds of commands that say how things are drawn: the stack's settings, theme and panes."""

from viewer.session.checks import number, one_of, text_or_none
from viewer.session.command import kind
from viewer.state.stack import MODES, RANGES, SCALES
from viewer.state.window import PANES, THEMES


@kind("stack.mode")
def stack_mode(state, *, mode):
    """Emission and absorption, or maximum intensity."""
    return state.with_part("stack", mode=one_of("mode", mode, MODES))


@kind("stack.scale")
def stack_scale(state, *, scale):
    """Each layer in its own value range, or all in one."""
    return state.with_part("stack", scale=one_of("scale", scale, SCALES))


@kind("stack.range")
def stack_range(state, *, range):
    """Value ranges over the study, or of the sample shown."""
    return state.with_part("stack", range=one_of("range", range, RANGES))


@kind("stack.spacing", merges=True)
def stack_spacing(state, *, spacing):
    """Pull the layers apart or push them together."""
    return state.with_part("stack", spacing=number("spacing", spacing, 0.0, 4.0))


@kind("stack.opacity", merges=True)
def stack_opacity(state, *, opacity):
    """Denser or thinner volumes."""
    return state.with_part("stack", opacity=number("opacity", opacity, 0.05, 8.0))


@kind("stack.labels")
def stack_labels(state, *, labels):
    """Show or hide the layers' names."""
    return state.with_part("stack", labels=bool(labels))


@kind("window.theme", undo=None)
def window_theme(state, *, theme):
    """Dark or light."""
    return state.with_part("window", theme=one_of("theme", theme, THEMES))


@kind("window.pane", undo=None)
def window_pane(state, *, pane, shown):
    """Show or hide a pane."""
    one_of("pane", pane, PANES)
    panes = tuple(name for name in PANES if (shown if name == pane else name in state.window.panes))
    only = state.window.only
    return state.with_part("window", panes=panes, only=None if only not in panes else only)


@kind("window.only", undo=None)
def window_only(state, *, pane):
    """Let one pane fill the window, or (None) bring the others back."""
    if text_or_none("pane", pane) is not None:
        one_of("pane", pane, state.window.panes)
    return state.with_part("window", only=pane)
