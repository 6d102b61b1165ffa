"""Kinds of commands about importance and ablation."""

from dataclasses import replace

from engine.errors import InputError
from viewer.session.checks import index, number, one_of
from viewer.session.command import CAMERA, kind
from viewer.state.importance import (
    MEASURES,
    NARROWEST_BAR,
    NORMS,
    PARTS,
    WAYS,
    WIDEST_BAR,
    WIDEST_GRID,
    ImportanceCamera,
)

FAR = 1e6


@kind("importance.measure")
def importance_measure(state, *, measure):
    """By what a filter counts as important."""
    return state.with_part("importance", measure=one_of("measure", measure, MEASURES))


@kind("importance.norm")
def importance_norm(state, *, norm):
    """Which norm of the weight gradient."""
    return state.with_part("importance", norm=one_of("norm", norm, NORMS))


@kind("importance.class")
def importance_class(state, *, of_class):
    """For the score of one class, over the samples labelled so; None: each sample's own."""
    of_class = None if of_class is None else index("of_class", of_class)
    return state.with_part("importance", of_class=of_class)


@kind("importance.columns")
def importance_columns(state, *, columns):
    """So many columns of the grid; None: as near to square as possible."""
    if columns is not None:
        columns = min(WIDEST_GRID, max(1, index("columns", columns)))
    return state.with_part("importance", columns=columns)


@kind("importance.bars")
def importance_bars(state, *, by_rank):
    """Sort the bars by importance, or as the channels stand."""
    return state.with_part("importance", by_rank=bool(by_rank))


@kind("importance.part")
def importance_part(state, *, part, shown):
    """Show a part of the view, or not; the one shown last has room first."""
    one_of("part", part, PARTS)
    others = tuple(each for each in state.importance.parts if each != part)
    parts = (*others, part) if shown else others
    return state.with_part("importance", parts=parts, only=None)


@kind("importance.only")
def importance_only(state, *, part):
    """Show one part alone; None: all that were chosen."""
    only = None if part is None else one_of("part", part, PARTS)
    return state.with_part("importance", only=only)


@kind("importance.switch")
def importance_switch(state, *, layer, channel, off):
    """Switch a filter off, or on again."""
    channel = index("channel", channel)
    channels = {*state.importance.off_of(_named(layer))} - {channel}
    return _with_off(state, layer, channels | ({channel} if off else set()))


@kind("importance.off")
def importance_off(state, *, layer, channels):
    """Switch exactly these filters of a layer off."""
    if not isinstance(channels, (list, tuple)):
        raise InputError("not a list of channels", where="channels", got=channels)
    return _with_off(state, _named(layer), {index("channels", each) for each in channels})


@kind("importance.on")
def importance_on(state):
    """Switch all filters of all layers on again."""
    return state.with_part("importance", off=())


@kind("importance.by")
def importance_by(state, *, by):
    """Put zero in place of a channel that is off, or its mean."""
    return state.with_part("importance", by=one_of("by", by, WAYS))


@kind("importance.look", undo=CAMERA, merges=True)
def importance_look(state, *, bars=None, step=None, rates=None, table=None):
    """Scroll bars, classes and table, and set the width of a bar: what is given is set."""
    rows = {"bars": bars, "rates": rates, "table": table}
    given = {name: number(name, at, 0.0, FAR) for name, at in rows.items() if at is not None}
    if step is not None:
        given["step"] = number("step", step, NARROWEST_BAR, WIDEST_BAR)
    return state.with_part("importance_camera", **given)


@kind("importance.reset", undo=CAMERA)
def importance_reset(state):
    """All bars, and the first rows of everything."""
    return replace(state, importance_camera=ImportanceCamera())


def _named(layer):
    if not isinstance(layer, str) or not layer:
        raise InputError("no layer was named", where="layer", got=layer)
    return layer


def _with_off(state, layer, channels):
    """A state in which exactly these channels of a layer are off."""
    others = [entry for entry in state.importance.off if entry[0] != layer]
    entry = [(layer, tuple(sorted(channels)))] if channels else []
    return state.with_part("importance", off=tuple(sorted(others + entry)))
