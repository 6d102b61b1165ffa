"""Kinds of commands about importance and ablation."""

from viewer.session.checks import index, one_of
from viewer.session.command import kind
from viewer.state.importance import MEASURES


@kind("importance.measure")
def importance_measure(state, *, measure):
    """By what a filter counts as important."""
    return state.with_part("importance", measure=one_of("measure", measure, MEASURES))


@kind("importance.switch")
def importance_switch(state, *, layer, channel, off):
    """Switch a filter off, or on again."""
    channel = index("channel", channel)
    channels = {*state.importance.off_of(layer)} - {channel} | ({channel} if off else set())
    others = [entry for entry in state.importance.off if entry[0] != layer]
    entry = [(layer, tuple(sorted(channels)))] if channels else []
    return state.with_part("importance", off=tuple(sorted(others + entry)))
