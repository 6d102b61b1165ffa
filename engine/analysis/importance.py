"""Importance of filters: how strongly a class score answers to each, averaged over samples.

By default the norm of the score's gradient by a filter's weights, one norm a sample, then the mean
of the norms ([CNN-VIS] 3.2.3). Beside it, to compare: how active a
filter's channel is, and activation x gradient.
"""

from dataclasses import dataclass, field

import numpy as np

from engine.errors import InputError

MEASURES = ("gradient", "activation-mean", "activation-max", "gradient-x-activation")
"""What counts as important; see `importance`."""

NORMS = ("l1", "l2", "max")
"""Of the gradient by a filter's weights."""

MOST_BYTES = 384 * 2**20
"""What one run of the graph may take, as estimated: it decides how many samples go together."""

MOST_TOGETHER = 32
"""Samples in one run."""

MEASURE_WORDS = {
    "gradient": "{norm} of the gradient of {score} by each filter's weights (bias left out)",
    "activation-mean": "mean magnitude of each channel's activation",
    "activation-max": "largest magnitude of each channel's activation",
    "gradient-x-activation": "magnitude of activation x gradient of {score}, summed over each map",
}
NORM_WORDS = {"l1": "L1 norm", "l2": "L2 norm", "max": "largest magnitude"}


@dataclass(frozen=True, eq=False)
class Importance:
    """Importance of filters.

    Attributes
    ----------
    values : dict of str to float64[F]
        By layer: the mean over the samples, one number a filter. NaN where a sample's is.
    samples : int
        How many were averaged.
    measure, norm : str
    of_class : int or None
    labelled, predicted : int
        Of the samples: how many stood for the score of their label, of their prediction.
    skipped : tuple of (int, str, str)
        Samples that could not be read: index, name, reason.
    not_finite : dict of str to int
        By layer: samples with numbers that are not finite, where there are any.
    indices : int64[samples]
        Which samples.
    classes : int64[samples]
        Whose score each stood for; -1 where activity alone was measured.
    per_sample : dict of str to float32[samples, F]
        Where it was asked for, else empty.
    words : str
        What was measured, one sentence for a person.
    notes : tuple of str
    """

    values: dict
    samples: int
    measure: str
    norm: str
    of_class: int | None
    labelled: int = 0
    predicted: int = 0
    skipped: tuple = ()
    not_finite: dict = field(default_factory=dict)
    indices: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    classes: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    per_sample: dict = field(default_factory=dict)
    words: str = ""
    notes: tuple = ()

    @property
    def nbytes(self):
        """Bytes of all arrays."""
        arrays = (*self.values.values(), *self.per_sample.values(), self.indices, self.classes)
        return sum(array.nbytes for array in arrays)


def importance(
    network,
    data,
    layers=None,
    *,
    of_class=None,
    norm="l2",
    measure="gradient",
    samples=None,
    labels=None,
    preprocessing=None,
    explainer=None,
    device=None,
    per_sample=False,
    task=None,
):
    """How important filters are.

    Parameters
    ----------
    network : engine.network.network.Network
    data : engine.data.DataSet
    layers : str or sequence of str, optional
        All that have filters, by default.
    of_class : int, optional
        The score of this class over the samples labelled so. Without it each sample's own label,
        where it is a class of the network, else its prediction.
    norm : {"l2", "l1", "max"}
        Of ``measure="gradient"``.
    measure : {"gradient", "activation-mean", "activation-max", "gradient-x-activation"}
        ``gradient``: the norm of the score's gradient by the filter's weights, its bias left out.
        ``activation-mean`` and ``-max``: the mean and the largest magnitude of the channel after
        the activation function. ``gradient-x-activation``: the magnitude of the sum of activation
        times gradient over the channel's map, to first order how far the score moves when the
        channel is put to zero (Molchanov et al. 2017). The score is the one before a final
        softmax; that of a network with one score for two classes is positive for the second.
    samples : sequence of int, optional
        All by default.
    labels : int[N], optional
        Of all samples of the data set, -1 where it is not known. Its own by default, made to fit
        the class scores as `engine.data.fit_labels` does.
    preprocessing : Preprocessing, optional
        The network's by default.
    explainer : engine.attribution.explainer.Explainer, optional
        Keeps the child process and the built graphs between calls.
    device : {None, "cpu", "cuda"}
    per_sample : bool
        Keep each sample's numbers, too.
    task : engine.tasks.Task, optional
        Told how far it is after each batch.

    Returns
    -------
    Importance

    Raises
    ------
    InputError
        When a layer has no filters, the network no class scores, or no sample is left.
    MachineError, Cancelled
    """
    from engine.analysis.weighing import Weigher

    _check("--measure", measure, MEASURES)
    _check("--norm", norm, NORMS)
    weigher = Weigher(network, data, preprocessing or network.preprocessing, labels)
    chosen = weigher.choose(samples, of_class, measure)
    names = weigher.layers(layers, measure)
    with explaining(network, explainer, device, task) as found:
        return weigher.weigh(found, names, chosen, measure, norm, of_class, per_sample, task)


def weight_gradients(explainer, inputs, target, layers, task=None):
    """Gradients of a target by the weights of layers, for each sample.

    Parameters
    ----------
    explainer : engine.attribution.explainer.Explainer
        Its graph for these layers is built once for all targets of one tensor.
    inputs : the input's dtype, ``[N, ...]`` or one sample without N
        As the preprocessing gives them.
    target : str
        See `engine.gradient.targets`.
    layers : str or sequence of str
    task : engine.tasks.Task, optional

    Returns
    -------
    dict of str to float32[N, F, I, *kernel]
        By layer, filters first; ``I`` is the inputs of one group. Quantised networks: of the real
        numbers that their integers stand for.

    Raises
    ------
    InputError, MachineError, Cancelled
    """
    from engine.analysis.weighing import gradients_by_weights

    layers = [layers] if isinstance(layers, str) else list(dict.fromkeys(layers))
    return gradients_by_weights(explainer, inputs, target, tuple(layers), task)


def weights_of(network, layer):
    """The weights of a layer, filters first: see `engine.gradient.filters.weights_of`."""
    from engine.gradient.filters import weights_of

    return weights_of(network, layer)


def _check(name, value, allowed):
    if value not in allowed:
        raise InputError(f"one of {', '.join(allowed)}", where=name, got=value)


def explaining(network, explainer, device, task):
    """An explainer: the given one, or one with a child process of its own that ends with it."""
    from contextlib import contextmanager, nullcontext

    if explainer is not None:
        return nullcontext(explainer)

    @contextmanager
    def own():
        from engine.attribution.explainer import Explainer
        from engine.run.runner import Runner

        with Runner(network.path, device=device, task=task) as runner:
            yield Explainer(network, runner)

    return own()
