"""Kinds of commands of the slices view."""

from viewer.session.checks import one_of
from viewer.session.command import kind
from viewer.state.slices import SOURCES


@kind("slices.source")
def slices_source(state, *, source):
    """What is cut: activations, gradient, relevance or weights."""
    return state.with_part("slices", source=one_of("source", source, SOURCES))
