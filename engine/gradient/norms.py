"""One number for every filter and sample, emitted beside the backward pass.

The norm of a filter's weight gradient does not always need the gradient. A fully connected layer
that sees one row a sample has the gradient ``dy x'``: the norm of filter f is ``|dy_f|`` times that
of ``x``, exactly, for L1, L2 and the maximum.
"""

import numpy as np

NORM_OPERATORS = {"l1": "ReduceL1", "l2": "ReduceL2"}


def filter_norms(back, filters, gradient, norm, alone):
    """Norms ``[N, F]`` of the weight gradients of a layer.

    Parameters
    ----------
    back : engine.gradient.backward.Backward
        After its walk.
    filters : engine.gradient.filters.Filters
    gradient : str
        Of the operand, ``[N, *sizes]``, or ``[*sizes]`` where samples are run alone.
    norm : {"l1", "l2", "max"}
    alone : bool

    Returns
    -------
    (str, bool)
        And whether the gradient itself is made for it.
    """
    if not alone:
        quick = _of_one_row(back, filters, norm)
        if quick is not None:
            return quick, False
    lead = (1,) if alone else (None,)
    rows = back.reshape(gradient, (*lead, *filters.split))
    if filters.order != tuple(range(len(filters.order))):
        rows = back.op("Transpose", rows, perm=[0, *(1 + axis for axis in filters.order)])
    each = int(np.prod(filters.shape[1:], dtype=np.int64))
    rows = back.reshape(rows, (*lead, filters.count, each))
    return _reduced(back, rows, norm, 2), True


def _of_one_row(back, filters, norm):
    """``|dy| |x|`` of a fully connected layer that sees one row a sample, or None."""
    node, graph = filters.node, back.graph
    arrived = back.gradients.get(node.outputs[0])
    plain = node.op_type in ("Gemm", "MatMul") and node.inputs[1] == filters.tensor
    used_once = graph.consumers.get(filters.tensor, ()) == [node]
    if not plain or not used_once or arrived is None or len(filters.sizes) != 2:
        return None
    data = node.inputs[0]
    shape = back.shape(data)
    if shape[:1] != (None,) or back.sizes(data)[0] != back.batch or set(shape[1:-1]) - {1}:
        return None
    x = back.reshape(data, (None, filters.shape[1]))
    dy = back.reshape(arrived, (None, filters.count))
    alpha = node.attributes.get("alpha", 1.0) if node.op_type == "Gemm" else 1.0
    product = back.op("Mul", back.op("Abs", dy), _reduced(back, x, norm, 1, keepdims=1))
    return product if alpha == 1 else back.op("Mul", product, back.number(abs(alpha), data))


def _reduced(back, name, norm, axis, keepdims=0):
    axes = back.constant([axis])
    if norm == "max":
        return back.op("ReduceMax", back.op("Abs", name), axes, keepdims=keepdims)
    return back.op(NORM_OPERATORS[norm], name, axes, keepdims=keepdims)


def activity(back, place, measure):
    """How active channels are, ``[N, C]``: mean or maximum of the magnitude over the positions."""
    turned = back.op("Abs", place.layout.turn(back, place.tensor))
    positions = list(range(2, 2 + len(place.layout.positions)))
    if not positions:
        return turned
    reduce = "ReduceMean" if measure == "activation-mean" else "ReduceMax"
    return back.op(reduce, turned, back.constant(positions), keepdims=0)


def taylor(back, place, gradient):
    """``|sum of activation x gradient|`` over the positions of each channel, ``[N, C]``.

    To first order, how far the score moves when the channel is put to zero (Molchanov et al. 2017,
    *Pruning convolutional neural networks for resource efficient inference*, section 2.2).
    """
    if gradient is None:
        turned = place.layout.turn(back, place.tensor)
        product = back.op("Sub", turned, turned)
    else:
        product = place.layout.turn(back, back.op("Mul", place.tensor, gradient))
    positions = list(range(2, 2 + len(place.layout.positions)))
    summed = back.reduce_sum(product, positions, keepdims=False)
    return back.op("Abs", summed)
