"""Kinds of commands about the attribution: method, target, how it is shown."""

from engine.attribution import METHODS
from engine.attribution.lrp.composites import composite_of
from engine.errors import InputError
from engine.gradient.targets import parse_target
from viewer.session.checks import index, number, one_of
from viewer.session.command import kind
from viewer.state.attribution import (
    FOCUS,
    LABEL,
    LARGEST_LIMIT,
    LAYERS,
    LEAST_LIMIT,
    MOST_STEPS,
    PREDICTED,
    RULES,
)


@kind("attribution.method")
def attribution_method(state, *, method):
    """The method by which the focused sample is explained."""
    return state.with_part("attribution", method=one_of("method", method, METHODS))


@kind("attribution.target")
def attribution_target(state, *, target):
    """What is explained: the predicted class, the label's, what is focused, or any target."""
    if not isinstance(target, str):
        raise InputError("not a target", where="target", got=target)
    if target not in (PREDICTED, LABEL, FOCUS):
        parse_target(target)
    return state.with_part("attribution", target=target)


@kind("attribution.rule")
def attribution_rule(state, *, rule):
    """The rule of LRP, or a composite of rules."""
    if not isinstance(rule, str):
        raise InputError("no such choice", where="rule", expected=" or ".join(RULES), got=rule)
    composite_of(rule)
    return state.with_part("attribution", rule=rule)


@kind("attribution.layer")
def attribution_layer(state, *, layer):
    """Whose maps Grad-CAM weights: the last ones before the target, or the active layer's."""
    return state.with_part("attribution", layer=one_of("layer", layer, LAYERS))


@kind("attribution.steps", merges=True)
def attribution_steps(state, *, steps):
    """How many pictures are averaged over; None: the method's own number."""
    if steps is not None:
        steps = min(MOST_STEPS, max(1, index("steps", steps)))
    return state.with_part("attribution", steps=steps)


@kind("attribution.seed", merges=True)
def attribution_seed(state, *, seed):
    """The seed of SmoothGrad's noise."""
    return state.with_part("attribution", seed=index("seed", seed) % 2**32)


@kind("attribution.show")
def attribution_show(state, *, shown):
    """Lay the attribution over the sample's picture, or take it away."""
    return state.with_part("attribution", shown=bool(shown))


@kind("attribution.opacity", merges=True)
def attribution_opacity(state, *, opacity):
    """Opacity of what lies over the picture."""
    return state.with_part("attribution", opacity=number("opacity", opacity, 0.0, 1.0))


@kind("attribution.within")
def attribution_within(state, *, within):
    """The share of the values that lie within the ends of the colour map; none are given then."""
    within = number("within", within, 0.5, 1.0)
    return state.with_part("attribution", within=within, limits=_limits(state, None))


@kind("attribution.limit", merges=True)
def attribution_limit(state, *, limit):
    """The end of the range of the method's values over the picture; None: its own again."""
    if limit is not None:
        limit = number("limit", limit, LEAST_LIMIT, LARGEST_LIMIT)
    return state.with_part("attribution", limits=_limits(state, limit))


def _limits(state, limit):
    """Ends of ranges, with another one for the method in force."""
    settings = state.attribution
    others = [entry for entry in settings.limits if entry[0] != settings.method]
    return tuple(sorted(others + ([] if limit is None else [(settings.method, limit)])))
