"""Kinds of commands of the sample view and the filmstrip."""

from dataclasses import replace

from viewer.session.checks import number, one_of, place
from viewer.session.command import CAMERA, kind
from viewer.state.sample import LISTED, SETS, SHOWS, SampleCamera

ZOOMS = (1.0, 64.0)


@kind("sample.set")
def sample_set(state, *, set):
    """The focused sample, or the mean of the selection's pictures."""
    return state.with_part("sample", set=one_of("set", set, SETS))


@kind("sample.shows")
def sample_shows(state, *, shows):
    """The picture as it is in its file, or as the network gets it."""
    return state.with_part("sample", shows=one_of("shows", shows, SHOWS))


@kind("sample.move", undo=CAMERA, merges=True)
def sample_move(state, *, zoom=None, center=None):
    """Look at another part of the picture."""
    camera = state.sample_camera
    if zoom is not None:
        camera = replace(camera, zoom=number("zoom", zoom, *ZOOMS))
    if center is not None:
        camera = replace(camera, center=place("center", center))
    return replace(state, sample_camera=camera)


@kind("sample.fit", undo=CAMERA)
def sample_fit(state):
    """See the whole picture."""
    return replace(state, sample_camera=SampleCamera())


@kind("film.listed")
def film_listed(state, *, listed):
    """List all samples, those selected, or those predicted wrong."""
    return state.with_part("film", listed=one_of("listed", listed, LISTED))
