"""Checks gradients by weights against central differences of the score itself, in float64.

The network is run in float64 (`engine.gradient.double`), one weight moved up and down by a step at
a time. Rounding then stays far below the difference; what is left is the curvature, and kinks: a
rectifier or a maximum pool that turns within the step has no one slope there, which is counted.
"""

from dataclasses import dataclass, field

import numpy as np

from engine.errors import InputError

VALUE = "lamella/value"

STEP = 1e-6
"""Of a weight of magnitude 1 or less; larger ones move in proportion."""

SHRUNK = (1.0, 0.1, 0.01)
"""A step at a kink is tried again that much smaller."""

ROUNDING = 4e-15
"""Of a score in float64, as a share of it (of 1, for a smaller one)."""

KINK = 2e-6
"""Slopes to both sides that differ by this share of the layer's largest gradient: a kink."""


@dataclass(frozen=True, eq=False)
class Validation:
    """Gradients of some weights, and what differences give for them.

    Attributes
    ----------
    places : int64[n]
        Flat indices into the layer's weights ``[F, I, *kernel]``.
    computed : float64[n]
        By the graph of gradients, which computes in float32.
    differences : float64[n]
        (score above - score below) / (2 step), in float64.
    left, right : float64[n]
        The slopes to both sides.
    kinks : bool[n]
        Where they differ: the score has no one slope there.
    steps : float64[n]
        By which each weight was moved: the step, or a smaller one where a kink was too near.
    step : float
        Of a weight of magnitude 1 or less, as it was asked for.
    error : float
        Largest distance of both, as a share of the largest gradient compared; kinks left out.
        NaN where all lie at kinks.
    floor : str
        What limits the comparison, for a person.
    score : float
    """

    places: np.ndarray
    computed: np.ndarray
    differences: np.ndarray
    left: np.ndarray
    right: np.ndarray
    kinks: np.ndarray
    steps: np.ndarray
    step: float
    error: float
    floor: str
    score: float
    notes: tuple = field(default=())

    @property
    def nbytes(self):
        """Bytes of all arrays."""
        return sum(array.nbytes for array in vars(self).values() if isinstance(array, np.ndarray))


def finite_differences(
    network, inputs, target, layer, places, *, step=None, explainer=None, device=None, task=None
):
    """Central differences of a target for chosen weights, beside the computed gradients.

    Parameters
    ----------
    network : engine.network.network.Network
    inputs : the input's dtype, one sample, with or without N
        As the preprocessing gives it.
    target : str
        See `engine.gradient.targets`.
    layer : str
    places : int[n]
        Flat indices into the layer's weights, filters first (`weights_of`).
    step : float, optional
        `STEP` by default; made smaller where a kink lies within it.
    explainer : engine.attribution.explainer.Explainer, optional
        Keeps the child process and the built graphs between calls.
    device : {None, "cpu"}
        float64 is computed on the CPU; the gradient where it says.
    task : engine.tasks.Task, optional
        Told after each weight.

    Returns
    -------
    Validation

    Raises
    ------
    InputError, MachineError, Cancelled
    """
    from engine.analysis.importance import explaining

    step = STEP if step is None else float(step)
    if not 0 < step < 1:
        raise InputError("a step lies between 0 and 1", got=step)
    with explaining(network, explainer, device, task) as found:
        return _compared(found, inputs, target, layer, places, step, task)


def _compared(explainer, inputs, target, layer, places, step, task):
    from engine.analysis.importance import weight_gradients
    from engine.gradient.filters import needed_filters

    network, forward = explainer.network, explainer.forward
    filters = needed_filters(network, forward, layer)
    places = np.asarray(places, np.int64).ravel()
    weights = forward.graph.constant(filters.tensor)
    if weights is None:
        raise InputError(f"the weights of {layer!r} cannot be read", where=network.path)
    if not len(places) or places.min() < 0 or places.max() >= weights.size:
        raise InputError(f"the layer {layer!r} has {weights.size:,} weights, counted from 0")
    gradient = weight_gradients(explainer, inputs, target, layer, task)[layer]
    if len(gradient) != 1:
        raise InputError("one sample is checked at a time", got=f"{len(gradient)} samples")
    score = _Score(explainer, inputs, target, filters)
    own = filters.first(np.arange(weights.size).reshape(filters.sizes)).ravel()[places]
    at = np.unravel_index(own[0], filters.sizes)
    base = score(at, float(weights[at]), task)
    largest, rows = float(np.abs(gradient).max()), []
    for done, flat in enumerate(own):
        if task is not None:
            task.report(done, len(own), "finite differences")
        at = np.unravel_index(flat, filters.sizes)
        rows.append(_slopes(score, at, float(weights[at]), base, step, KINK * largest, task))
    differences, left, right, steps, kinks = np.array(rows).T
    computed = gradient[0].ravel()[places].astype(np.float64)
    largest = max(np.abs(computed).max(), np.abs(differences).max())
    distances = np.abs(computed - differences)[kinks == 0]
    error = float(distances.max() / (largest or 1.0)) if len(distances) else float("nan")
    words = _floor(step, base, score.narrow, int(kinks.sum()), len(kinks))
    return Validation(
        places,
        computed,
        differences,
        left,
        right,
        kinks.astype(bool),
        steps,
        step,
        error,
        words,
        float(base),
    )


def _slopes(score, at, value, base, step, bend, task):
    """Central, left and right slope by one weight, the step they took, and whether they bend."""
    for share in SHRUNK:
        moved = share * step * max(1.0, abs(value))
        above, below = score(at, value + moved, task), score(at, value - moved, task)
        up, down = (value + moved) - value, value - (value - moved)
        left, right = (base - below) / down, (above - base) / up
        rounding = 4 * ROUNDING * max(1.0, abs(base)) / moved
        bends = not abs(right - left) <= bend + rounding
        if not bends:
            break
    return (above - below) / (up + down), left, right, moved, bends


def _floor(step, base, narrow, kinks, count):
    """What limits the comparison."""
    rounding = ROUNDING * max(1.0, abs(base)) / step
    words = f"differences in float64 at a step of {step:g}, sure to about {rounding:.0e}; "
    words += "the gradients are computed in float32"
    if narrow:
        words += f"; {', '.join(narrow)} in float32, which limits the differences to about 1e-2"
    if kinks:
        words += f"; {kinks} of {count} weights lie at a kink and do not count"
    return words


class _Score:
    """The target's value in float64 with one weight replaced."""

    def __init__(self, explainer, inputs, target, filters):
        network, forward = explainer.network, explainer.forward
        inputs = np.asarray(inputs)
        lacks_batch = inputs.ndim == len(network.input_shape) - 1
        self._explainer, self._picture = explainer, inputs[None] if lacks_batch else inputs
        built, self._graph = explainer.graph(
            ("float64", target, filters.tensor),
            lambda: _value_graph(network, forward, target, filters.tensor),
        )
        self.narrow = built.narrow

    def __call__(self, at, value, task=None):
        from engine.gradient.double import NUMBER, PLACE

        more = {PLACE: np.array([at], np.int64), NUMBER: np.array([value], np.float64)}
        found = self._explainer.run(self._graph, self._picture, [VALUE], task=task, **more)
        return float(found[VALUE].ravel()[0])


@dataclass(frozen=True, eq=False)
class _ValueGraph:
    model: object
    narrow: tuple


def _value_graph(network, forward, target, moved):
    """A target's value in float64, one number of a constant replaced."""
    from engine.gradient.assemble import Output, assemble
    from engine.gradient.backward import Backward
    from engine.gradient.double import double
    from engine.gradient.targets import Targets, parse_target

    back = Backward(forward)
    value, seeds = Targets(network, back, forward).emit(parse_target(target), target)
    dtype = forward.dtype(next(iter(seeds)))
    shape = ("N",) if network.batch_is_free else (forward.batch,)
    model, _ = assemble(network, forward, back.emitter, [Output(VALUE, value, dtype, shape)])
    return _ValueGraph(*double(model, forward, moved))
