"""Kinds of commands of the comparison."""

from viewer.session.checks import one_of
from viewer.session.command import kind


@kind("comparison.rows")
def comparison_rows(state, *, rows):
    """Samples or layers in the rows."""
    return state.with_part("comparison", rows=one_of("rows", rows, ("samples", "layers")))
