"""Kinds of commands of the slices view: what is cut, where, how it is shown, what part is seen."""

from dataclasses import replace

from viewer.session.checks import index, number, one_of
from viewer.session.command import CAMERA, kind
from viewer.state.slices import CLOSEST, SOURCES, SlicesCamera


@kind("slices.source")
def slices_source(state, *, source):
    """What is cut: activations, gradient, relevance, weights or their gradient."""
    return state.with_part("slices", source=one_of("source", source, SOURCES))


@kind("slices.cut", merges=True)
def slices_cut(state, *, row=None, column=None, channel=None):
    """Cut elsewhere: what is given is set, the rest stays where it is.

    Row and column are shares of the map's height and width; the channel gets the focus, whose
    unit stays.
    """
    if channel is not None:
        state = state.with_part("focus", channel=index("channel", channel))
    places = {"row": row, "column": column}
    given = {
        name: number(name, value, 0.0, 1.0) for name, value in places.items() if value is not None
    }
    if not given:
        return state
    return state.with_part("slices", looked_at=(state.focus.layer, state.focus.unit), **given)


@kind("slices.before")
def slices_before(state, *, shown):
    """Show the cuts in the order of the file beside those in the order chosen, or only these."""
    return state.with_part("slices", before=bool(shown))


@kind("slices.bars")
def slices_bars(state, *, shown):
    """Part the clusters of k-means by white bars, or do not."""
    return state.with_part("slices", bars=bool(shown))


@kind("slices.look", undo=CAMERA, merges=True)
def slices_look(state, *, zoom=None, channels=None, center=None):
    """Zoom and move the cuts: what is given is set, the rest stays."""
    camera = state.slices_camera
    if zoom is not None:
        camera = replace(camera, zoom=number("zoom", zoom, 1.0, CLOSEST))
    if channels is not None:
        camera = replace(camera, channels=number("channels", channels, 1.0, CLOSEST))
    if center is not None:
        across, down, deep = (number("center", part, 0.0, 1.0) for part in center)
        camera = replace(camera, center=(across, down, deep))
    return replace(state, slices_camera=camera)


@kind("slices.fit", undo=CAMERA)
def slices_fit(state):
    """See every cut as a whole."""
    return replace(state, slices_camera=SlicesCamera())
