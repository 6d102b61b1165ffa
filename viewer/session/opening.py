"""Kinds of commands about the files: opening, preprocessing, extraction."""

from dataclasses import fields, replace

from engine.errors import InputError
from viewer.session.checks import text_or_none
from viewer.session.command import kind
from viewer.state.attribution import PREDICTED
from viewer.state.comparison import ComparisonCamera
from viewer.state.filters import FiltersCamera, FilterSettings
from viewer.state.focus import Focus
from viewer.state.importance import ImportanceCamera
from viewer.state.maps import MapsCamera
from viewer.state.matrix import MatrixCamera
from viewer.state.network import NetworkCamera
from viewer.state.sample import FilmSettings, SampleCamera
from viewer.state.scatter import ScatterCamera
from viewer.state.selection import NamedSelections, Selection
from viewer.state.source import (
    ALL,
    AUTOMATIC,
    NONE,
    ExtractionChoice,
    PreprocessingChoice,
    Source,
)

OPTIONS = ("bgr", "crop", "gray", "layout", "mean", "preset", "scale", "size", "std")
USUAL = FilterSettings()


def frozen_options(options):
    """Preprocessing options as sorted (name, value) pairs, lists as tuples.

    Raises
    ------
    InputError
        A name that is no option.
    """
    for name in options:
        if name not in OPTIONS:
            raise InputError("no such option", where=f"preprocessing {name}", expected=OPTIONS)
    pairs = ((name, options[name]) for name in sorted(options))
    return tuple(
        (name, tuple(value) if isinstance(value, list) else value) for name, value in pairs
    )


@kind("open", undo=None)
def open_files(state, *, network=None, data=None, study=None, preprocessing=None, **more):
    """Open a network with data, or a study; what was looked at before is forgotten."""
    names = {item.name for item in fields(Source)} - {"network", "data", "study"}
    if wrong := set(more) - names:
        raise InputError("no such argument", where="open", got=", ".join(sorted(wrong)))
    for name, value in (("network", network), ("data", data), ("study", study)):
        text_or_none(name, value)
    options = frozen_options(preprocessing or {})
    return replace(
        without_what_is_of_one_network(state),
        source=Source(network=network, data=data, study=study, **more),
        preprocessing=PreprocessingChoice(options, confirmed=bool(options)),
        extraction=ExtractionChoice(),
    )


def without_what_is_of_one_network(state):
    """The state without what names layers, channels or samples, and without places in views."""
    return replace(
        state,
        focus=Focus(),
        selection=Selection(),
        selections=NamedSelections(),
        stack=replace(state.stack, limits=(), common_limits=None, hidden=(), solo=None),
        network=replace(state.network, exceptions=(), find=""),
        network_camera=NetworkCamera(),
        attribution=replace(state.attribution, target=PREDICTED, limits=()),
        maps=replace(state.maps, folded=()),
        maps_camera=MapsCamera(size=state.maps_camera.size),
        matrix=replace(state.matrix, columns_from=None, ranges=()),
        matrix_camera=MatrixCamera(),
        scatter_camera=ScatterCamera(),
        filters=replace(state.filters, layers=(), first=USUAL.first, last=USUAL.last),
        filters_camera=FiltersCamera(),
        comparison=replace(state.comparison, limit=None),
        comparison_camera=ComparisonCamera(size=state.comparison_camera.size),
        importance=replace(state.importance, off=(), of_class=None),
        importance_camera=ImportanceCamera(),
        sample_camera=SampleCamera(),
        film=FilmSettings(),
    )


@kind("preprocess.set")
def preprocess_set(state, *, options):
    """Prepare pictures otherwise than guessed; this is the person's word, so it is confirmed."""
    return replace(
        state, preprocessing=PreprocessingChoice(frozen_options(options), confirmed=True)
    )


@kind("preprocess.confirm")
def preprocess_confirm(state):
    """Say that the preprocessing shown is right."""
    return state.with_part("preprocessing", confirmed=True)


@kind("extract.start", undo=None)
def extract_start(state, *, layer=None):
    """Extract all samples; with a layer, keep that layer in full beside them."""
    if text_or_none("layer", layer) is not None:
        full = tuple(sorted({*state.extraction.full, layer}))
        return state.with_part("extraction", full=full)
    return replace(
        state,
        extraction=replace(state.extraction, wanted=ALL),
        preprocessing=replace(state.preprocessing, confirmed=True),
    )


@kind("extract.cancel", undo=None)
def extract_cancel(state):
    """Stop extracting; what is finished is kept."""
    return state.with_part("extraction", wanted=NONE)


@kind("extract.automatic", undo=None)
def extract_automatic(state):
    """Extract as soon as the preprocessing is certain (as after opening)."""
    return state.with_part("extraction", wanted=AUTOMATIC)
