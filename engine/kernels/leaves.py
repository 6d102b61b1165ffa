"""The optimal order of a tree's leaves (Bar-Joseph, Gifford and Jaakkola 2001), as products.

With the leaves of every node side by side, the shortest path through the leaves of a node that
begins at i, in one half, and ends at j, in the other, is

    M[i, j] = min over h, l of M[i, h] + d[h, l] + M[l, j]

with h at the far end of i's half and l at that of j's: two products of matrices in which sums stand
for products and minima for sums. Rows are independent, so that threads can share a node, and all
inner loops run along memory.
"""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def shortest_ends(distances, low, split, high, cut_left, cut_right, first, stop, shortest):
    """Shortest paths through the leaves of a node, for some of the leaves where they begin.

    Parameters
    ----------
    distances : float32[n, n]
        Of leaves in the order of the tree.
    low, split, high : int
        Leaves of the two halves: low to split, split to high.
    cut_left, cut_right : int
        Where the halves are split in turn; at their first leaf where they are one leaf.
    first, stop : int
        Leaves of the left half.
    shortest : float32[n, n]
        Symmetric; filled for the two halves, 0 on the diagonal. M[i, j] and M[j, i] are set.
    """
    size = high - split
    row = np.empty(size, np.float32)
    found = np.empty(size, np.float32)
    for i in range(first, stop):
        row[:] = np.inf
        found[:] = np.inf
        begin, end = low, split
        if split - low > 1:
            begin, end = (cut_left, split) if i < cut_left else (low, cut_left)
        for h in range(begin, end):
            before, across = shortest[i, h], distances[h, split:high]
            for k in range(size):
                length = before + across[k]
                row[k] = length if length < row[k] else row[k]
        for k in range(size):
            begin, end = 0, 1
            if size > 1:
                cut = cut_right - split
                begin, end = (cut, size) if k < cut else (0, cut)
            after, before = shortest[split + k, split:high], row[k]
            for j in range(begin, end):
                length = before + after[j]
                found[j] = length if length < found[j] else found[j]
        for k in range(size):
            shortest[i, split + k] = found[k]
            shortest[split + k, i] = found[k]


@njit(nogil=True, cache=True)
def best_order(distances, nodes, shortest):
    """The order whose path is the shortest that the tree allows.

    Parameters
    ----------
    distances, shortest : float32[n, n]
        As `shortest_ends` has filled them for all nodes.
    nodes : int32[n - 1, 5]
        Of every node, the root first: low, split, high, and the nodes of its halves; -1 for a leaf.

    Returns
    -------
    int32[n]
    """
    size = distances.shape[0]
    low, split, high = nodes[0, 0], nodes[0, 1], nodes[0, 2]
    least, start, end = np.inf, low, split
    for i in range(low, split):
        for j in range(split, high):
            if shortest[i, j] < least:
                least, start, end = shortest[i, j], i, j
    found = np.empty(size, np.int32)
    stack = np.empty((size + 1, 4), np.int32)  # a node, its first and last leaf, where it begins
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = 0, start, end, 0
    held = 1
    while held:
        held -= 1
        node, i, j, at = stack[held]
        if node < 0:
            found[at] = i
            continue
        low, split, high = nodes[node, 0], nodes[node, 1], nodes[node, 2]
        left, right = nodes[node, 3], nodes[node, 4]
        one, two, count = left, right, split - low
        if i >= split:
            one, two, count = right, left, high - split
        h, k = _inner_ends(distances, nodes, shortest, one, two, i, j)
        stack[held, 0], stack[held, 1], stack[held, 2], stack[held, 3] = one, i, h, at
        held += 1
        stack[held, 0], stack[held, 1], stack[held, 2], stack[held, 3] = two, k, j, at + count
        held += 1
    return found


@njit(nogil=True, cache=True)
def _inner_ends(distances, nodes, shortest, one, two, i, j):
    """Where the path from i leaves its half, and enters that of j."""
    a0, a1 = _far(nodes, one, i)
    b0, b1 = _far(nodes, two, j)
    least, best_h, best_l = np.inf, a0, b0
    for h in range(a0, a1):
        for k in range(b0, b1):
            length = shortest[i, h] + distances[h, k] + shortest[k, j]
            if length < least:
                least, best_h, best_l = length, h, k
    return best_h, best_l


@njit(nogil=True, cache=True)
def _far(nodes, node, leaf):
    """The leaves at which a path through a node can end that begins at a leaf of it."""
    if node < 0:
        return leaf, leaf + 1
    low, split, high = nodes[node, 0], nodes[node, 1], nodes[node, 2]
    if leaf < split:
        return split, high
    return low, split


def warm():
    """Compile the kernels of this module."""
    distances, shortest = np.ones((2, 2), np.float32), np.zeros((2, 2), np.float32)
    shortest_ends(distances, 0, 1, 2, 0, 1, 0, 1, shortest)
    best_order(distances, np.array([[0, 1, 2, -1, -1]], np.int32), shortest)
