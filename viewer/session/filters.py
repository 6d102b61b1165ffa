"""Kinds of commands of the Top filters view."""

from viewer.session.checks import number
from viewer.session.command import kind


@kind("filters.share", merges=True)
def filters_share(state, *, share):
    """The share of its filter's maximum that a unit needs to be projected."""
    return state.with_part("filters", share=number("share", share, 0.0, 1.0))
