"""A layer's filters: where its weights lie in the graph, and how to turn them filters first.

Operators keep weights in their own orders: a Conv ``[F, I / group, *kernel]``, a ConvTranspose
``[I, F / group, *kernel]``, a Gemm or MatMul ``[I, F]`` or ``[F, I]``. Turned, all are
``[F, I, *kernel]``. Weights are those of the Conv, ConvTranspose, Gemm or MatMul of a layer; its
bias and its BatchNorm do not belong to them.
"""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from engine.errors import InputError
from engine.gradient.wanted import PRODUCTS, nodes_of

_FORWARDS = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Filters:
    """The weights of a layer.

    Attributes
    ----------
    layer : str
    tensor : str
        The operand of the forward graph.
    node : engine.network.graph.Node
        That multiplies by it.
    sizes : tuple of int
        The operand's own shape.
    split, order, shape : tuple of int
        A reshape, then a permutation, then a reshape turn the operand filters first.
    alone : bool
        Samples do not lie one behind the other where these weights are used (or the operator mixes
        their rows): gradients are taken of one sample at a time.
    """

    layer: str
    tensor: str
    node: object
    sizes: tuple
    split: tuple
    order: tuple
    shape: tuple
    alone: bool = False

    @property
    def count(self):
        """How many filters."""
        return self.shape[0]

    @property
    def is_turned(self):
        """Whether the operand is filters first as it lies."""
        return self.order == tuple(range(len(self.order)))

    def first(self, array):
        """The operand, or its gradients ``[N, *operand]``, filters first.

        Parameters
        ----------
        array : ndarray, ``[*sizes]`` or ``[N, *sizes]``

        Returns
        -------
        ndarray, ``[F, I, *kernel]`` or ``[N, F, I, *kernel]``
        """
        lead = array.shape[: array.ndim - len(self.sizes)]
        found = array.reshape(*lead, *self.split)
        found = found.transpose(*range(len(lead)), *(len(lead) + axis for axis in self.order))
        return found.reshape(*lead, *self.shape)

    def back(self, array):
        """The inverse of `first`, for weights ``[F, I, *kernel]`` without samples."""
        sizes = [self.split[axis] for axis in self.order]
        return array.reshape(sizes).transpose(np.argsort(self.order)).reshape(self.sizes)


def forward_of(network):
    """The forward graph of a network as gradients take it; made once for each opened network."""
    from engine.gradient.prepare import prepare

    if network.graph not in _FORWARDS:
        _FORWARDS[network.graph] = prepare(network)
    return _FORWARDS[network.graph]


def filters_of(network, forward, layer):
    """The filters of a layer.

    Parameters
    ----------
    network : engine.network.network.Network
    forward : engine.gradient.forward.Forward
    layer : str

    Returns
    -------
    Filters or None
        None where the layer has no weights of a Conv, ConvTranspose, Gemm or MatMul.
    """
    for node in nodes_of(network.layer(layer), network, forward):
        if node.op_type not in PRODUCTS or node.domain:
            continue
        place = next((p for p in (1, 0) if forward.graph.is_constant(node.inputs[p])), None)
        if place is not None:
            return _turned(layer, node, place, network, forward)
    return None


def needed_filters(network, forward, layer):
    """As `filters_of`; an `InputError` where there are none."""
    found = filters_of(network, forward, layer)
    if found is None:
        kind = network.layer(layer).kind
        raise InputError(
            f"the layer {layer!r} ({kind}) has no filters: no weights of a convolution or a "
            "fully connected layer",
            where=network.path,
            remedy="`lamella info` lists the layers with their parameters",
        )
    return found


def layers_with_filters(network, forward=None):
    """Names of the layers that have weights, in order of depth."""
    forward = forward or forward_of(network)
    return [e.name for e in network.layers if filters_of(network, forward, e.name) is not None]


def weights_of(network, layer):
    """The weights of a layer as the file has them, filters first.

    Nothing is folded into them (no BatchNorm); integers of a quantised file stand as the real
    numbers that they mean, half precision as float32.

    Parameters
    ----------
    network : engine.network.network.Network
    layer : str

    Returns
    -------
    float32[F, I, *kernel] or None
        ``I`` is the inputs of one group. None where the layer has none.
    """
    forward = forward_of(network)
    filters = filters_of(network, forward, layer)
    value = None if filters is None else forward.graph.constant(filters.tensor)
    return None if value is None else np.ascontiguousarray(filters.first(value), np.float32)


def _turned(layer, node, place, network, forward):
    tensor = node.inputs[place]
    sizes = tuple(forward.sizes(tensor))
    split, order, shape = _moves(node, place, sizes)
    alone = _is_alone(node, place, tensor, network, forward)
    return Filters(layer, tensor, node, sizes, split, order, shape, alone)


def _moves(node, place, sizes):
    """How an operand is turned: the sizes it is split into, their order, the shape it gets."""
    rank = len(sizes)
    if node.op_type == "Conv":
        return sizes, tuple(range(rank)), sizes
    if node.op_type == "ConvTranspose":
        group, kernel = node.attributes.get("group", 1), sizes[2:]
        split = (group, sizes[0] // group, *sizes[1:])
        order = (0, 2, 1, *range(3, rank + 1))
        return split, order, (group * sizes[1], sizes[0] // group, *kernel)
    if rank == 1:
        return (1, *sizes), (0, 1), (1, *sizes)
    if node.op_type == "Gemm":
        filters_first = node.attributes.get("transB" if place else "transA", 0) == place
    else:
        filters_first = place == 0
    last = (rank - 2, rank - 1) if filters_first else (rank - 1, rank - 2)
    order = (*last, *range(rank - 2))
    return sizes, order, tuple(sizes[axis] for axis in order)


def _is_alone(node, place, tensor, network, forward):
    """Whether gradients of every sample cannot come from one run."""
    if node.op_type == "Gemm" and (place == 0 or node.attributes.get("transA", 0)):
        return True
    letters = network.axes.letters if network.axes else {}
    readers = forward.graph.consumers.get(tensor, ())
    near = [name for reader in readers for name in (*reader.inputs, *reader.outputs)]
    first = [letters[name][:1] for name in near if name in letters and name != tensor]
    if any(each and not each[0].strip("(").startswith("N") for each in first):
        return True
    return any(forward.shape(n)[:1] != (None,) for n in node.outputs if n)
