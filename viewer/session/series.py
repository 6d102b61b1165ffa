"""Kinds of commands of the series of gradient volumes."""

from viewer.session.checks import index
from viewer.session.command import kind


@kind("series.step", merges=True)
def series_step(state, *, step):
    """Show a step of the series, the last one at most; its first sample comes into focus."""
    step = index("step", step)
    if not state.series.steps:
        return state
    step = min(step, len(state.series.steps) - 1)
    changed = state.with_part("series", step=step)
    return changed.with_part("focus", sample=state.series.steps[step].samples[0])
