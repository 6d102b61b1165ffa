"""Kinds of commands of the comparison: its columns, its rows, how cells look, where one is."""

from dataclasses import replace

from viewer.session.checks import number, one_of
from viewer.session.command import CAMERA, kind
from viewer.state.attribution import LARGEST_LIMIT, LEAST_LIMIT
from viewer.state.comparison import COLUMNS, LARGEST, RANGES, ROWS, SMALLEST, ComparisonCamera

MOST_ROWS = 1e6


@kind("comparison.method")
def comparison_method(state, *, method, shown):
    """Give a method a column, or take it away."""
    one_of("method", method, COLUMNS)
    chosen = (
        {*state.comparison.methods, method} if shown else {*state.comparison.methods} - {method}
    )
    return state.with_part("comparison", methods=tuple(one for one in COLUMNS if one in chosen))


@kind("comparison.rows")
def comparison_rows(state, *, rows):
    """Samples or layers in the rows."""
    return state.with_part("comparison", rows=one_of("rows", rows, ROWS))


@kind("comparison.range")
def comparison_range(state, *, range):
    """One range of values for each cell, each row, each column, or for all."""
    return state.with_part("comparison", range=one_of("range", range, RANGES))


@kind("comparison.limit", merges=True)
def comparison_limit(state, *, limit):
    """The end of the range that all cells share; None: their own again."""
    if limit is not None:
        limit = number("limit", limit, LEAST_LIMIT, LARGEST_LIMIT)
    return state.with_part("comparison", limit=limit)


@kind("comparison.background", merges=True)
def comparison_background(state, *, opacity):
    """How much of the grey picture is seen behind the values."""
    return state.with_part("comparison", background=number("opacity", opacity, 0.0, 1.0))


@kind("comparison.look", undo=CAMERA, merges=True)
def comparison_look(state, *, row=None, column=None, size=None):
    """Scroll and zoom: what is given is set, the rest stays."""
    given = {}
    if row is not None:
        given["row"] = number("row", row, 0.0, MOST_ROWS)
        given["looked_at"] = _focused(state)
    if column is not None:
        given["column"] = number("column", column, 0.0, len(COLUMNS))
    if size is not None:
        given["size"] = number("size", size, SMALLEST, LARGEST)
    return state.with_part("comparison_camera", **given)


@kind("comparison.reset", undo=CAMERA)
def comparison_reset(state):
    """The first row and column, cells of the usual size."""
    return replace(state, comparison_camera=ComparisonCamera(looked_at=_focused(state)))


def _focused(state):
    return state.focus.sample, state.focus.layer, state.focus.channel
