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
    rows, columns = back.sizes(y)[0] // back.batch, back.sizes(y)[1]
    if not (back.per_sample and back.graph.is_constant(bias)) or rows <= 1:
        return back.unbroadcast(gradient, y, bias)
    split = back.reshape(gradient, (None, rows, columns))
    return back.sum_to(split, (None, rows, columns), bias)


def row_products(back, rows, sizes, gradient, result_sizes):
    """For each sample, the product of its rows with their gradients: ``[N, K, M]``.

    Parameters
    ----------
    rows : str
        ``[N.., K]``, the batch outermost.
    sizes : tuple of int
        Its shape at `Backward.batch` samples.
    gradient : str
        ``[N.., M]``.
    result_sizes : tuple of int
        The gradient's shape likewise.
    """
    count = int(np.prod(sizes[:-1])) // back.batch
    left = back.reshape(rows, (None, count, sizes[-1]))
    right = back.reshape(gradient, (None, count, result_sizes[-1]))
    return back.op("MatMul", back.op("Transpose", left, perm=[0, 2, 1]), right)


@rule("MatMul")
def matmul(back, node, gradients):
    """Y = A B over the last two axes, the others broadcast; vectors are rows or columns of one."""
    product = _Product(back, node, gradients[0])
    a, b = node.inputs[:2]
    return [
        product.left() if back.wants(a) else None,
        product.right() if back.wants(b) else None,
    ]


class _Product:
    """A MatMul whose vectors have been made matrices: names and shapes of A, B and dY."""

    def __init__(self, back, node, gradient):
        self.back = back
        self.a, self.b = node.inputs[:2]
        self.matrix_a, self.shape_a = self.a, back.shape(self.a)
        self.matrix_b, self.shape_b = self.b, back.shape(self.b)
        shape = list(back.shape(node.outputs[0]))
        if len(self.shape_b) == 1:
            self.matrix_b = back.op("Unsqueeze", self.b, back.constant([1]))
            self.shape_b = (*self.shape_b, 1)
            shape.append(1)
        if len(self.shape_a) == 1:
            self.matrix_a = back.op("Unsqueeze", self.a, back.constant([0]))
            self.shape_a = (1, *self.shape_a)
            shape.insert(len(shape) - 1, 1)
        self.shape_y = tuple(shape)
        whole = len(shape) == len(back.shape(node.outputs[0]))
        self.gradient = gradient if whole else back.reshape(gradient, self.shape_y)

    def left(self):
        """dA = dY B'; for one matrix of weights a Gemm, which needs no turned copy of them."""
        back = self.back
        if len(back.shape(self.b)) == 2 and len(back.shape(self.a)) > 1:
            rows = self.gradient
            if len(self.shape_y) > 2:
                rows = back.reshape(rows, (None, self.shape_y[-1]))
            product = back.op("Gemm", rows, self.b, transB=1)
            return product if len(self.shape_y) == 2 else back.reshape(product, self.shape_a)
        full = back.op("MatMul", self.gradient, turned(back, self.matrix_b, len(self.shape_b)))
        return self._fitted(full, (*self.shape_y[:-1], self.shape_a[-1]), self.a)

    def right(self):
        """dB = A' dY; for one matrix of weights, over all rows at once."""
        back, b = self.back, self.b
        if len(back.shape(b)) == 2 and (len(self.shape_a) > 2 or self._is_alone()):
            if self._is_alone():
                sizes = [back.sizes(self.a), [*back.sizes(self.a)[:-1], self.shape_y[-1]]]
                return row_products(back, self.matrix_a, sizes[0], self.gradient, sizes[1])
            rows = back.reshape(self.matrix_a, (None, self.shape_a[-1]))
            columns = back.reshape(self.gradient, (None, self.shape_y[-1]))
            return back.op("Gemm", rows, columns, transA=1)
        full = back.op("MatMul", turned(back, self.matrix_a, len(self.shape_a)), self.gradient)
        return self._fitted(full, (*self.shape_y[:-2], *self.shape_b[-2:]), b)

    def _is_alone(self):
        """Whether B is a constant whose gradient is wanted for each sample of A."""
        back = self.back
        return back.per_sample and back.graph.is_constant(self.b) and None in self.shape_a

    def _fitted(self, full, shape, name):
        """Summed to the shape of an operand, over all rows where that is a vector."""
        if len(self.back.shape(name)) > 1:
            return self.back.sum_to(full, shape, name)
        summed = self.back.reduce_sum(full, list(range(len(shape) - 2)))
        return self.back.reshape(summed, self.back.shape(name))


def turned(back, name, rank):
    """A tensor with its last two axes swapped."""
    return back.op("Transpose", name, perm=[*range(rank - 2), rank - 1, rank - 2])
