"""Kinds of commands that say how things are drawn: the stack's settings."""

from viewer.session.checks import number, one_of
from viewer.session.command import kind
from viewer.state.stack import MODES, RANGES, SCALES


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
