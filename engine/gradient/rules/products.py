"""Gradients of matrix products: dA = dY B', dB = A' dY, in the shapes of the file."""

import numpy as np

from engine.gradient.rules import rule


@rule("Gemm")
def gemm(back, node, gradients):
    """Y = alpha A' B' + beta C with optional transposes: products of dY with the other factor."""
    a, b = node.inputs[:2]
    given = node.attributes
    alpha = given.get("alpha", 1.0)
    turn_a, turn_b = given.get("transA", 0), given.get("transB", 0)
    gradient = gradients[0]
    result = [None, None, None]
    if back.wants(a) and turn_a:
        result[0] = back.op("Gemm", b, gradient, alpha=alpha, transA=turn_b, transB=1)
    elif back.wants(a):
        result[0] = back.op("Gemm", gradient, b, alpha=alpha, transB=1 - turn_b)
    if back.wants(b):
        result[1] = _second_factor(back, node, gradient, alpha, turn_a, turn_b)
    if back.wants(node.input(2)):
        scaled = gradient
        beta = given.get("beta", 1.0)
        if beta != 1:
            scaled = back.op("Mul", gradient, back.number(beta, node.inputs[2]))
        result[2] = _to_bias(back, scaled, node)
    return result


def _second_factor(back, node, gradient, alpha, turn_a, turn_b):
    a, b = node.inputs[:2]
    if not (back.per_sample and back.graph.is_constant(b) and None in back.shape(a)):
        if turn_b:
            return back.op("Gemm", gradient, a, alpha=alpha, transA=1, transB=turn_a)
        return back.op("Gemm", a, gradient, alpha=alpha, transA=1 - turn_a)
    if turn_a:
        a_rows = back.op("Transpose", a, perm=[1, 0])
        sizes = back.sizes(a)[::-1]
    else:
        a_rows, sizes = a, back.sizes(a)
    product = row_products(back, a_rows, sizes, gradient, back.sizes(node.outputs[0]))
    if turn_b:
        product = back.op("Transpose", product, perm=[0, 2, 1])
    return product if alpha == 1 else back.op("Mul", product, back.number(alpha, b))


def _to_bias(back, gradient, node):
    """The sum over the rows; for each sample where that is wanted."""
    bias, y = node.inputs[2], node.outputs[0]
    rows = back.sizes(y)[0]
    if not (back.per_sample and back.graph.is_constant(bias)) or rows == 1:
        return back.unbroadcast(gradient, y, bias)
    split = back.reshape(gradient, (None, rows, back.sizes(y)[1]))
    return back.sum_to(split, (None, *back.sizes(y)), bias)


def row_products(back, rows, sizes, gradient, result_sizes):
    """For each sample, the product of its rows with their gradients: ``[N, K, M]``.

    Parameters
    ----------
    rows : str
        ``[N.., K]``, the batch outermost.
    sizes : tuple of int
        Its shape at a batch of one.
    gradient : str
        ``[N.., M]``.
    result_sizes : tuple of int
        The gradient's shape at a batch of one.
    """
    count = int(np.prod(sizes[:-1]))
    left = back.reshape(rows, (None, count, sizes[-1]))
    right = back.reshape(gradient, (None, count, result_sizes[-1]))
    return back.op("MatMul", back.op("Transpose", left, perm=[0, 2, 1]), right)


@rule("MatMul")
def matmul(back, node, gradients):
    """Y = A B over the last two axes, the others broadcast; vectors are rows or columns of one."""
    a, b = node.inputs[:2]
    gradient = gradients[0]
    shape_a, shape_b, shape_y = (
        list(back.shape(a)),
        list(back.shape(b)),
        list(back.shape(node.outputs[0])),
    )
    matrix_a, matrix_b = a, b
    if len(shape_a) == 1:
        matrix_a = back.op("Unsqueeze", a, back.constant([0]))
        shape_a = [1, *shape_a]
        shape_y.insert(len(shape_y) - (len(shape_b) > 1), 1)
    if len(shape_b) == 1:
        matrix_b = back.op("Unsqueeze", b, back.constant([1]))
        shape_b = [*shape_b, 1]
        shape_y.append(1)
    if len(shape_y) != len(back.shape(node.outputs[0])):
        gradient = back.reshape(gradient, shape_y)
    result = [None, None]
    if back.wants(a):
        full = back.op("MatMul", gradient, turned(back, matrix_b, len(shape_b)))
        result[0] = (
            back.sum_to(full, (*shape_y[:-1], shape_a[-1]), a)
            if len(back.shape(a)) > 1
            else _vector(back, full, shape_y, shape_a[-1], 0)
        )
    if back.wants(b):
        result[1] = _right_factor(back, node, gradient, matrix_a, shape_a, shape_b, shape_y)
    return result


def _right_factor(back, node, gradient, matrix_a, shape_a, shape_b, shape_y):
    b = node.inputs[1]
    alone = back.per_sample and back.graph.is_constant(b) and None in shape_a
    if len(back.shape(b)) == 2 and len(shape_a) > 2 or (alone and len(shape_b) == 2):
        sizes = [1 if n is None else n for n in shape_a]
        sizes_y = [1 if n is None else n for n in shape_y]
        sizes, sizes_y = (_at_batch_one(back, node.inputs[0], sizes), sizes_y)
        if alone:
            return row_products(back, matrix_a, sizes, gradient, sizes_y)
        rows = back.reshape(matrix_a, (None, shape_a[-1]))
        return back.op("Gemm", rows, back.reshape(gradient, (None, shape_y[-1])), transA=1)
    full = back.op("MatMul", turned(back, matrix_a, len(shape_a)), gradient)
    if len(back.shape(b)) > 1:
        return back.sum_to(full, (*shape_y[:-2], *shape_b[-2:]), b)
    return _vector(back, full, shape_y, shape_b[-2], -1)


def _at_batch_one(back, name, sizes):
    found = back.sizes(name)
    return list(found) if len(found) == len(sizes) else [1, *found]


def _vector(back, full, shape_y, size, axis):
    """The gradient of a vector: the sum over what it was repeated for."""
    lead = list(range(len(shape_y) - 2))
    return back.reshape(back.reduce_sum(full, lead), (size,))


def turned(back, name, rank):
    """A tensor with its last two axes swapped."""
    return back.op("Transpose", name, perm=[*range(rank - 2), rank - 1, rank - 2])
