"""Kinds of commands of the series of gradient volumes."""

from dataclasses import replace

from engine.errors import InputError
from viewer.session.checks import index, number, one_of, text_or_none
from viewer.session.command import kind
from viewer.state.series import (
    CHECKS,
    CHOSEN_ROLES,
    DIFFERENCES,
    FASTEST,
    MOST_EACH,
    MOST_STEPS,
    PICTURES,
    ROLES,
    SLOWEST,
    SeriesStep,
)


@kind("series.step", merges=True)
def series_step(state, *, step):
    """Show a step of the series, the last one at most; its first sample comes into focus."""
    step = index("step", step)
    if not state.series.steps:
        return state
    return _at(state, min(step, len(state.series.steps) - 1))


def _at(state, step):
    """The state at a step: its first sample is in focus."""
    changed = state.with_part("series", step=step)
    return changed.with_part("focus", sample=state.series.steps[step].samples[0])


@kind("series.build")
def series_build(state, *, groups, target=None):
    """A new series; the gradients of weights stand in the stack, where they can be played.

    Parameters
    ----------
    groups : list of [name, role, [sample, ...]]
    target : str, optional
        What is explained from now on.
    """
    steps = tuple(_step(*group) for group in groups)
    if not steps:
        raise InputError("a series has at least one step", where="groups")
    changed = state.with_part("series", steps=_few(steps), reference=0)
    if state.stack.values in ("activations", "weights"):
        changed = changed.with_part("stack", source="weight-gradient", set="sample")
    if text_or_none("target", target):
        changed = changed.with_part("attribution", target=target)
    return _at(changed, 0)


def _step(name, role, samples):
    samples = tuple(index("samples", sample) for sample in samples)
    if not samples:
        raise InputError("a step has at least one sample", where="samples")
    return SeriesStep(_named(name), samples, one_of("role", role, ROLES))


def _named(name):
    if not isinstance(name, str) or not name.strip():
        raise InputError("a step has a name", where="name", got=name)
    return name.strip()


def _few(steps):
    if len(steps) > MOST_STEPS:
        raise InputError(
            "too many steps", where="series", expected=f"{MOST_STEPS} at most", got=len(steps)
        )
    return steps


@kind("series.add")
def series_add(state, *, name, samples, role="other"):
    """One more step at the end, of one or more samples; it is shown."""
    steps = _few((*state.series.steps, _step(name, role, samples)))
    return _at(state.with_part("series", steps=steps), len(steps) - 1)


@kind("series.remove")
def series_remove(state, *, step):
    """Without a step; the one after it is shown where it was shown."""
    series, step = state.series, _known(state, step)
    steps = (*series.steps[:step], *series.steps[step + 1 :])

    def after(at):
        return max(0, min(at - (at > step), len(steps) - 1))

    reference = 0 if series.reference == step else after(series.reference)
    return state.with_part("series", steps=steps, step=after(series.step), reference=reference)


def _known(state, step):
    step, count = index("step", step), len(state.series.steps)
    if step >= count:
        raise InputError("no such step", where="step", expected=f"less than {count}", got=step)
    return step


@kind("series.move")
def series_move(state, *, step, to):
    """Move a step to another place; what is shown and the reference stay the same steps."""
    series, step = state.series, _known(state, step)
    places = list(range(len(series.steps)))
    places.insert(min(index("to", to), len(places) - 1), places.pop(step))
    return state.with_part(
        "series",
        steps=tuple(series.steps[place] for place in places),
        step=places.index(series.step),
        reference=places.index(series.reference),
    )


@kind("series.rename")
def series_rename(state, *, step, name):
    """Call a step something else."""
    step = _known(state, step)
    steps = list(state.series.steps)
    steps[step] = replace(steps[step], name=_named(name))
    return state.with_part("series", steps=tuple(steps))


@kind("series.clear")
def series_clear(state):
    """No series; how it is shown stays."""
    return state.with_part("series", steps=(), step=0, reference=0)


@kind("series.reference")
def series_reference(state, *, step):
    """The step that differences are taken to."""
    return state.with_part("series", reference=_known(state, step))


@kind("series.difference")
def series_difference(state, *, difference):
    """The gradients themselves, or less those of the reference step or of the step before."""
    return state.with_part("series", difference=one_of("difference", difference, DIFFERENCES))


@kind("series.unfolding")
def series_unfolding(state, *, unfolding):
    """How input channels and kernel places lie side by side."""
    from engine.gradient.unfolding import UNFOLDINGS

    return state.with_part("series", unfolding=one_of("unfolding", unfolding, tuple(UNFOLDINGS)))


@kind("series.rate", merges=True)
def series_rate(state, *, rate):
    """Steps a second when the series is played."""
    return state.with_part("series", rate=number("rate", rate, SLOWEST, FASTEST))


@kind("series.choose")
def series_choose(state, *, role, label):
    """The class for a role of the next series (None: the one suggested; -1: none)."""
    one_of("role", role, CHOSEN_ROLES)
    if label is not None and label != -1:
        index("label", label)
    choice = replace(state.series.choice, **{role: label})
    return state.with_part("series", choice=choice)


@kind("series.each", merges=True)
def series_each(state, *, each):
    """How many samples that are classified right, and as many wrong, of each class."""
    each = max(1, min(index("each", each), MOST_EACH))
    return state.with_part("series", choice=replace(state.series.choice, each=each))


@kind("series.together")
def series_together(state, *, together):
    """One step for the samples of one kind together, or one a sample."""
    choice = replace(state.series.choice, together=bool(together))
    return state.with_part("series", choice=choice)


@kind("series.picture")
def series_picture(state, *, picture):
    """How a step is one small picture."""
    return state.with_part("series", picture=one_of("picture", picture, PICTURES))


@kind("series.check")
def series_check(state, *, check):
    """Which computed gradients stand beside finite differences."""
    return state.with_part("series", check=one_of("check", check, CHECKS))


@kind("series.checked", merges=True)
def series_checked(state, *, checked):
    """How many of them."""
    return state.with_part("series", checked=max(1, min(index("checked", checked), MOST_EACH)))


@kind("series.weight")
def series_weight(state, *, layer, filter, input, kernel):
    """Pick one weight: its layer and filter come into focus, and it can be checked.

    Parameters
    ----------
    layer : str
    filter, input, kernel : int
        The filter, its input channel, and the place in its kernel, counted row by row.
    """
    if text_or_none("layer", layer) is None:
        return state.with_part("series", weight=None)
    weight = (layer, *(index("weight", part) for part in (filter, input, kernel)))
    changed = state.with_part("series", weight=weight)
    return changed.with_part("focus", layer=layer, channel=filter, unit=None)
