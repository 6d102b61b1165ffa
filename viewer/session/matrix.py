"""Kinds of commands of the matrix view: what is shown, in which order, and where a person is."""

from dataclasses import replace

from engine.errors import InputError
from viewer.session.checks import index, number, one_of, text_or_none
from viewer.session.command import CAMERA, kind
from viewer.state.matrix import (
    FINEST,
    FORMS,
    MOST_PLACES,
    STATISTICS,
    TOOLS,
    MatrixCamera,
)
from viewer.state.selection import MODES

FARTHEST = 1e5
LARGEST = 1e30


@kind("matrix.look", undo=CAMERA, merges=True)
def matrix_look(state, *, x=None, y=None, span=None):
    """Pan and zoom: what is given is set, the rest stays."""
    limits = {"x": (0.0, FARTHEST), "y": (0.0, FARTHEST), "span": (FINEST, FARTHEST)}
    given = {"x": x, "y": y, "span": span}
    changes = {
        name: number(name, value, *limits[name])
        for name, value in given.items()
        if value is not None
    }
    return replace(
        state, matrix_camera=replace(state.matrix_camera, looked_at=_now(state), **changes)
    )


@kind("matrix.fit", undo=CAMERA)
def matrix_fit(state):
    """See the whole matrix."""
    return replace(state, matrix_camera=MatrixCamera(looked_at=_now(state)))


@kind("matrix.point", merges=True)
def matrix_point(state, *, sample, layer, channel=None, unit=None):
    """Focus a point's sample, layer, channel and unit; the place in the matrix stays."""
    focus = replace(
        state.focus,
        sample=index("sample", sample),
        layer=text_or_none("layer", layer),
        channel=None if channel is None else index("channel", channel),
        unit=None if unit is None else tuple(index("unit", place) for place in unit),
    )
    camera = state.matrix_camera
    if camera.is_in_force(state.focus):
        places = (*camera.looked_at, (focus.layer, focus.channel))
        places = tuple(dict.fromkeys(places))[-MOST_PLACES:]
        camera = replace(camera, looked_at=places)
    return replace(state, focus=focus, matrix_camera=camera)


@kind("matrix.constant")
def matrix_constant(state, *, hidden):
    """Leave out constant and dead channels, or show them."""
    return state.with_part("matrix", hides_constant=bool(hidden))


@kind("matrix.form")
def matrix_form(state, *, form):
    """Density, points, or the one from far and the other from near."""
    return state.with_part("matrix", form=one_of("form", form, FORMS))


@kind("matrix.tool")
def matrix_tool(state, *, tool):
    """What a drag does: pan, or select by lasso, rectangle or single points."""
    return state.with_part("matrix", tool=one_of("tool", tool, TOOLS))


@kind("matrix.mode")
def matrix_mode(state, *, mode):
    """How what is drawn changes the selection."""
    return state.with_part("matrix", mode=one_of("mode", mode, MODES))


@kind("matrix.statistic")
def matrix_statistic(state, *, statistic):
    """What the overview shows of each pair of channels."""
    return state.with_part("matrix", statistic=one_of("statistic", statistic, STATISTICS))


@kind("matrix.overview")
def matrix_overview(state, *, shown):
    """Show the overview, or not."""
    return state.with_part("matrix", shows_overview=bool(shown))


@kind("matrix.legend")
def matrix_legend(state, *, shown):
    """Show the legend, or not."""
    return state.with_part("matrix", shows_legend=bool(shown))


@kind("matrix.columns")
def matrix_columns(state, *, layer):
    """Columns from another layer (None: from the active one); the whole matrix is seen."""
    layer = text_or_none("layer", layer)
    if layer == state.matrix.columns_from:
        return state
    changed = state.with_part("matrix", columns_from=layer)
    return replace(changed, matrix_camera=MatrixCamera(looked_at=()))


@kind("matrix.range", merges=True)
def matrix_range(state, *, layer, channel, low, high):
    """The value range of the axes of one channel."""
    low, high = number("low", low, -LARGEST, LARGEST), number("high", high, -LARGEST, LARGEST)
    if not isinstance(layer, str) or not low < high:
        raise InputError("not a range of a layer's channel", where=layer, got=(low, high))
    entry = (layer, index("channel", channel), low, high)
    others = tuple(other for other in state.matrix.ranges if other[:2] != entry[:2])
    return state.with_part("matrix", ranges=tuple(sorted((*others, entry))))


@kind("matrix.range.reset")
def matrix_range_reset(state, *, layer=None, channel=None):
    """Forget ranges set by hand: of a channel, of a layer, or all."""
    kept = tuple(
        entry
        for entry in state.matrix.ranges
        if (layer is not None and entry[0] != layer)
        or (channel is not None and entry[1] != channel)
    )
    return state.with_part("matrix", ranges=kept)


def _now(state):
    return ((state.focus.layer, state.focus.channel),)
