"""Short paths: permutations, never longer than before, as short as can be where that is known."""

import numpy as np
import pytest

from engine.kernels.paths import (
    greedy_path,
    nearest_channels,
    path_length,
    path_lengths,
    refined_path,
)
from tests.reference import orders as reference


def distances_of(size, seed=0, dimensions=2):
    places = np.random.default_rng(seed).random((size, dimensions))
    return reference.distances(places).astype(np.float32)


def refined(distances, order=None, kicks=64):
    size = len(distances)
    nearest = nearest_channels(distances, min(10, size - 1))
    return refined_path(distances, np.arange(size) if order is None else order, nearest, kicks)


@pytest.mark.parametrize("size", [2, 3, 4, 5, 8, 30, 200])
@pytest.mark.parametrize("kicks", [0, 64])
def test_a_permutation_that_is_not_longer(size, kicks):
    distances = distances_of(size)
    before = np.random.default_rng(1).permutation(size)
    found = refined(distances, before, kicks)
    assert sorted(found) == list(range(size))
    assert path_length(distances, found) <= path_length(distances, before) * (1 + 1e-6)


def test_small_ones_are_nearly_the_shortest():
    lengths = []
    for seed in range(30):
        distances = distances_of(7, seed)
        found = path_length(distances, refined(distances))
        lengths.append(found / reference.shortest_path(distances))
    assert min(lengths) > 1 - 1e-6 and np.mean(lengths) < 1.02 and max(lengths) < 1.2


def test_no_turn_of_a_piece_makes_it_shorter():
    distances = distances_of(40)
    nearest = nearest_channels(distances, 39)
    found = list(refined_path(distances, np.arange(40), nearest, 64))
    length = reference.length(distances, found)
    for i in range(40):
        for j in range(i + 1, 40):
            turned = found[:i] + found[i : j + 1][::-1] + found[j + 1 :]
            assert reference.length(distances, turned) > length - 1e-4


def test_no_move_of_up_to_three_makes_it_shorter():
    distances = distances_of(30)
    nearest = nearest_channels(distances, 29)
    found = list(refined_path(distances, np.arange(30), nearest, 64))
    length = reference.length(distances, found)
    for count in (1, 2, 3):
        for i in range(30 - count + 1):
            piece, rest = found[i : i + count], found[:i] + found[i + count :]
            for at in range(len(rest) + 1):
                for moved in (piece, piece[::-1]):
                    tried = rest[:at] + moved + rest[at:]
                    assert reference.length(distances, tried) > length - 1e-4


def test_channels_on_a_line_come_back_in_order():
    places = np.random.default_rng(3).permutation(50).astype(np.float64)
    distances = np.abs(places[:, None] - places).astype(np.float32)
    along = places[refined(distances)]
    assert (np.abs(np.diff(along)) == 1).all()


def test_equal_channels():
    assert sorted(refined(np.zeros((9, 9), np.float32))) == list(range(9))


def test_nearest_are_the_nearest():
    distances = distances_of(40, 5)
    found = nearest_channels(distances, 6)
    others = distances + np.diag(np.full(40, np.inf, np.float32))
    np.testing.assert_array_equal(found, np.argsort(others, axis=1, kind="stable")[:, :6])


@pytest.mark.parametrize("size", [1, 2, 3, 40])
def test_greedy_path(size):
    places = np.random.default_rng(size).random(size)
    distance = np.abs(places[:, None] - places).astype(np.float32)
    path = greedy_path(distance)
    assert sorted(path) == list(range(size))
    if size == 3:  # the longest of three steps is left out
        steps = distance[path[:-1], path[1:]].sum()
        assert np.isclose(steps, distance[np.triu_indices(3, 1)].sum() - distance.max())


def test_lengths():
    distances, orders = distances_of(6), np.array([[0, 1, 2, 3, 4, 5], [5, 0, 4, 1, 3, 2]])
    wanted = [reference.length(distances, each) for each in orders]
    np.testing.assert_allclose(path_lengths(distances, orders), wanted, rtol=1e-6)
    assert path_length(distances, np.array([3])) == 0
