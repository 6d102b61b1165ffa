"""Multiply-adds counted one by one: every output value's products, by loops over the definition."""

from itertools import product


def convolution(x, weight, strides, pads, dilations, group):
    """Products of a convolution; a tap on padding counts, as hardware does it.

    Parameters
    ----------
    x : (N, C, *positions)
    weight : (M, C / group, *kernel)
    pads : (begins..., ends...)
    """
    axes = len(x) - 2
    sizes = []
    for axis in range(axes):
        length = x[2 + axis] + pads[axis] + pads[axis + axes]
        reach = dilations[axis] * (weight[2 + axis] - 1) + 1
        sizes.append(len(range(0, length - reach + 1, strides[axis])))
    count = 0
    for _ in product(range(x[0]), range(weight[0]), *(range(size) for size in sizes)):
        for _ in product(range(x[1] // group), *(range(size) for size in weight[2:])):
            count += 1
    return count


def transposed_convolution(x, weight, group):
    """Products of a transposed convolution: each input value meets each tap once.

    ``weight`` is (C, M / group, *kernel).
    """
    count = 0
    for _ in product(*(range(size) for size in x)):
        for _ in product(*(range(size) for size in weight[1:])):
            count += 1
    return count


def matrix_product(a, b):
    """Products of ``a @ b`` with NumPy's broadcasting."""
    shared = max(len(a), len(b)) - 2
    left = (1,) * (shared + 2 - len(a)) + tuple(a)
    right = (1,) * (shared + 2 - len(b)) + tuple(b)
    batch = [max(p, q) for p, q in zip(left[:-2], right[:-2], strict=True)]
    count = 0
    for _ in product(*(range(size) for size in batch), range(left[-2]), range(right[-1])):
        for _ in range(left[-1]):
            count += 1
    return count
