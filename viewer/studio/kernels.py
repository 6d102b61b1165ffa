"""What is asked about one filter: its weights, of a first layer also what it gives."""

from dataclasses import dataclass

import numpy as np

from viewer.studio.questions import Question, key_of

WHAT = "filter weights"
INPUT = "input"


@dataclass(frozen=True, eq=False)
class Kernel:
    """One filter of a convolution.

    Attributes
    ----------
    layer : str
    channel : int
    weights : float32[C, kh, kw]
        One window for each channel that it reads; quantised ones as real numbers.
    before, after : float32[H, W] or None
        What the filter gives for the sample, before and after the activation function; only of
        layers that read the picture itself.
    """

    layer: str
    channel: int
    weights: np.ndarray
    before: np.ndarray | None = None
    after: np.ndarray | None = None

    @property
    def nbytes(self):
        """Bytes of its arrays."""
        maps = (self.weights, self.before, self.after)
        return sum(each.nbytes for each in maps if each is not None)


def has_kernel(layer):
    """Whether a layer is a convolution over rows and columns."""
    return "Conv" in layer.op_types and len(layer.output_shape) == 3


def question(state, facts, order):
    """The `Question` about the filter in focus, else the strongest of the range, or None.

    Parameters
    ----------
    order : viewer.studio.projecting.Ordered
        Of the active layer.
    """
    layer = facts.network.layer(order.layer)
    if not has_kernel(layer) or not len(order.order):
        return None
    focused = state.focus.channel if state.focus.layer == order.layer else None
    channel = int(order.order[order.within(state.filters.first, state.filters.last)[0]])
    if focused is not None and focused < len(order.order):
        channel = focused
    reads_picture = tuple(layer.sources) == (INPUT,)
    sample = facts.answer.question.sample if reads_picture else None
    picture = facts.answer.picture if reads_picture else None
    key = key_of(facts, WHAT, order.layer, channel, sample)

    def find(tools, task):
        return kernel_of(tools, facts, order.layer, channel, picture, task)

    return Question(key, f"Weights of {order.layer}", find)


def kernel_of(tools, facts, layer, channel, picture=None, task=None):
    """Read a filter's weights; with a picture also what it gives before and after its activation.

    Returns
    -------
    Kernel
    """
    from engine.gradient.wanted import find_wanted
    from engine.run.sample import run_sample

    explainer, network = tools.explainer, facts.network
    wanted = find_wanted(f"weights:{layer}", network, explainer.forward)
    weights = np.asarray(explainer.forward.graph.constant(wanted.tensor), np.float32)[channel]
    maps = []
    for which in ("pre", "post") if picture is not None else ():
        found, _ = run_sample(
            explainer.runner, network, facts.preprocessing, picture, [layer], which, task
        )
        maps.append(found[layer][channel])
    return Kernel(layer, channel, weights, *maps)
