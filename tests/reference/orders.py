"""Orders and their quality from their definitions: float64, slow, small."""

from itertools import permutations

import numpy as np


def projections(values):
    """Along the first principal component, without a rule for its sign: float64[C]."""
    rows = np.asarray(values, np.float64).reshape(len(values), -1)
    left, sizes, _ = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    return left[:, 0] * sizes[0]


def distances(values):
    """Euclidean distances, float64[C, C]."""
    rows = np.asarray(values, np.float64).reshape(len(values), -1)
    return np.sqrt(((rows[:, None] - rows) ** 2).sum(axis=2))


def length(between, order):
    """Sum of the distances of neighbours."""
    return sum(between[a, b] for a, b in zip(order, order[1:], strict=False))


def quality(values, order, seed=0):
    """Length over that of a hundred random orders: mean and deviation."""
    between, random = distances(values), np.random.default_rng(seed)
    rows = np.tile(np.arange(len(between), dtype=np.int32), (100, 1))
    chance = [length(between, each) for each in random.permuted(rows, axis=1)]
    ratios = length(between, order) / np.array(chance)
    return ratios.mean(), ratios.std()


def shortest_path(between):
    """Length of the shortest path of all."""
    return min(length(between, each) for each in permutations(range(len(between))))


def shortest_of_tree(between, merges):
    """Length of the shortest path among all orders of a tree's leaves (SciPy's linkage)."""
    count = len(between)

    def orders(node):
        if node < count:
            return [[node]]
        left, right = (orders(int(each)) for each in merges[node - count, :2])
        return [a + b for x, y in ((left, right), (right, left)) for a in x for b in y]

    return min(length(between, each) for each in orders(2 * count - 2))


def fiedler(between, neighbour=7, least=1e-6):
    """Second eigenvector of the normalised Laplacian, by all eigenvectors: float64[C]."""
    scale = np.sort(between, axis=1)[:, min(neighbour, len(between) - 1)]
    alike = np.maximum(least, np.exp(-(between**2) / np.outer(scale, scale)))
    root = np.sqrt(alike.sum(axis=1))
    values, vectors = np.linalg.eigh(np.eye(len(root)) - alike / np.outer(root, root))
    return vectors[:, 1] / root


def kendall(first, second):
    """Tau of two orders: pairs that stand alike less pairs that do not, over all pairs."""
    a, b = np.argsort(first), np.argsort(second)
    pairs = np.triu_indices(len(a), 1)
    signs = np.sign(np.subtract.outer(a, a)[pairs] * np.subtract.outer(b, b)[pairs])
    return signs.mean()
