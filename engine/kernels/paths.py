"""Short paths through channels: grown greedily, then 2-opt and or-opt with lists of neighbours.

The path is held as a round trip through one more place that is at distance 0 from all others: where
it stands, the path begins and ends. A channel is looked at again only when one of its two
neighbours has changed (Bentley 1992), and joined only to channels that are among its nearest.
"""

import numpy as np
from numba import njit

NEAREST = 10
"""How many neighbours of a channel are tried."""
_LONGEST_LOG = (
    2000  # pieces that are turned around before the changes of a kick are left as they are
)
_LEAST = 1e-7  # of the mean distance: what a change has to gain


@njit(nogil=True, cache=True)
def path_length(distances, order):
    """Sum of the distances of neighbours in an order: float32[V, V], int[V]."""
    total = 0.0
    for i in range(order.size - 1):
        total += distances[order[i], order[i + 1]]
    return total


@njit(nogil=True, cache=True)
def path_lengths(distances, orders):
    """`path_length` of each of several orders, int[n, V]: float64[n]."""
    found = np.empty(orders.shape[0])
    for n in range(orders.shape[0]):
        found[n] = path_length(distances, orders[n])
    return found


@njit(nogil=True, cache=True)
def greedy_path(distance):
    """A path through all items, grown at the end that has the nearer next one.

    Starts with the nearest two; of equally near ones the first.

    Parameters
    ----------
    distance : float32[C, C]
        Symmetric, no NaN.

    Returns
    -------
    int32[C]
    """
    size = distance.shape[0]
    path = np.empty(2 * size + 1, np.int32)
    free = np.ones(size, np.bool_)
    start, head, tail = 0, size, size
    least = np.inf
    for i in range(size):
        for j in range(i):
            if distance[i, j] < least:
                least, start = distance[i, j], j
    path[size] = start
    free[start] = False
    for _ in range(size - 1):
        before, a = _next(distance[path[head]], free)
        after, b = _next(distance[path[tail]], free)
        if b <= a:
            tail += 1
            path[tail], chosen = after, after
        else:
            head -= 1
            path[head], chosen = before, before
        free[chosen] = False
    return path[head : tail + 1].copy()


@njit(nogil=True, cache=True)
def _next(distance, free):
    best, least = -1, np.inf
    for i in range(free.size):
        if free[i] and (best < 0 or distance[i] < least):
            best, least = i, distance[i]
    return best, least


@njit(nogil=True, cache=True)
def nearest_channels(distances, count):
    """The nearest other channels of each, the nearest first.

    Parameters
    ----------
    distances : float32[V, V]
    count : int
        Below V.

    Returns
    -------
    int32[V, count]
    """
    size = distances.shape[0]
    found = np.empty((size, count), np.int32)
    best = np.empty(count, np.float32)
    for i in range(size):
        row, held = distances[i], 0
        for j in range(size):
            if j == i or (held == count and row[j] >= best[count - 1]):
                continue
            k = min(held, count - 1)
            while k > 0 and best[k - 1] > row[j]:
                best[k], found[i, k] = best[k - 1], found[i, k - 1]
                k -= 1
            best[k], found[i, k] = row[j], j
            held = min(held + 1, count)
    return found


@njit(nogil=True, cache=True)
def refined_path(distances, order, nearest, kicks):
    """A path made shorter by 2-opt and or-opt as long as one of them helps, then kicked.

    A kick exchanges two pieces that follow each other (a small double bridge, as Martin, Otto and
    Felten 1991), refines what it touched, and is taken back when that did not make it shorter.

    Parameters
    ----------
    distances : float32[V, V]
        Symmetric, no NaN.
    order : int[V]
    nearest : int32[V, K]
        As of `nearest_channels`.
    kicks : int

    Returns
    -------
    int32[V]
        The same for the same arguments.
    """
    size = order.size
    tour = np.empty(size + 1, np.int32)
    tour[:size], tour[size] = order, size
    place = np.empty(size + 1, np.int32)
    for i in range(size + 1):
        place[tour[i]] = i
    waiting, waits = np.empty(size + 1, np.int32), np.zeros(size + 1, np.bool_)
    log = np.zeros((_LONGEST_LOG + 1, 2), np.int32)
    least = _LEAST * path_length(distances, order) / max(1, size)
    touched = tour[:size].copy()
    _settle(distances, nearest, tour, place, touched, waiting, waits, least, log)
    random = np.uint64(88172645463325252)
    few = np.empty(6, np.int32)
    for _ in range(kicks if size >= 8 else 0):
        log[0, 0] = 0
        random = _next_random(random)
        gain = _kick(distances, tour, place, random, few, log)
        gain += _settle(distances, nearest, tour, place, few, waiting, waits, least, log)
        if gain < 0:
            for k in range(log[0, 0], 0, -1):
                _reverse(tour, place, log[k, 0], log[k, 1])
    start = place[size]
    found = np.empty(size, np.int32)
    for i in range(size):
        found[i] = tour[(start + 1 + i) % (size + 1)]
    return found


@njit(nogil=True, cache=True)
def _settle(distances, nearest, tour, place, touched, waiting, waits, least, log):
    """2-opt and or-opt at some channels and where these lead; how much shorter the path is."""
    size, total = tour.size, 0.0
    first, held = 0, 0
    changed = np.empty(6, np.int32)
    for each in touched:
        held = _wait(each, first, held, waiting, waits)
    while held:
        channel = waiting[first]
        first, held = (first + 1) % size, held - 1
        waits[channel] = False
        while log[0, 0] < _LONGEST_LOG - 3:
            gain = _turn(distances, nearest, tour, place, channel, least, changed, log)
            if gain == 0:
                gain = _move(distances, nearest, tour, place, channel, least, changed, log)
            if gain == 0:
                break
            total += gain
            for each in changed:
                held = _wait(each, first, held, waiting, waits)
    return total


@njit(nogil=True, cache=True, inline="always")
def _wait(channel, first, held, waiting, waits):
    """Put a channel at the end of those that wait, unless it is there; how many wait then."""
    if channel == waiting.size - 1 or waits[channel]:
        return held
    waiting[(first + held) % waiting.size] = channel
    waits[channel] = True
    return held + 1


@njit(nogil=True, cache=True, inline="always")
def _next_random(state):
    """The next of a series of random numbers (Marsaglia 2003)."""
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    return state ^ (state << np.uint64(17))


@njit(nogil=True, cache=True)
def _kick(distances, tour, place, random, touched, log):
    """Exchange two pieces that follow each other; how much shorter the path is (mostly longer)."""
    size = tour.size
    most = np.uint64(max(1, min(30, size // 4)))
    start = np.int64(random % np.uint64(size))
    one = 1 + np.int64((random >> np.uint64(20)) % most)
    two = 1 + np.int64((random >> np.uint64(40)) % most)
    before, a = tour[start], tour[(start + 1) % size]
    b, c = tour[(start + one) % size], tour[(start + one + 1) % size]
    d, after = tour[(start + one + two) % size], tour[(start + one + two + 1) % size]
    now = _between(distances, before, a) + _between(distances, b, c)
    now += _between(distances, d, after)
    then = _between(distances, before, c) + _between(distances, d, a)
    then += _between(distances, b, after)
    _exchange(tour, place, before, a, d, after, log)
    _exchange(tour, place, before, d, c, b, log)
    _exchange(tour, place, d, b, a, after, log)
    touched[0], touched[1], touched[2] = before, a, b
    touched[3], touched[4], touched[5] = c, d, after
    return now - then


@njit(nogil=True, cache=True, inline="always")
def _between(distances, a, b):
    """Distance of two channels, 0 from the place that is none."""
    size = distances.shape[0]
    if a == size or b == size:
        return np.float32(0)
    return distances[a, b]


@njit(nogil=True, cache=True, inline="always")
def _beside(tour, place, channel, step):
    """The channel after (step 1) or before (-1) one."""
    at = place[channel] + step
    if at == tour.size:
        at = 0
    elif at < 0:
        at = tour.size - 1
    return tour[at]


@njit(nogil=True, cache=True)
def _turn(distances, nearest, tour, place, channel, least, touched, log):
    """2-opt: join a channel to a near one, and those after (or before) the two to each other."""
    for step in (1, -1):
        beside = _beside(tour, place, channel, step)
        now = _between(distances, channel, beside)
        for k in range(-1, nearest.shape[1]):
            near = distances.shape[0] if k < 0 else nearest[channel, k]
            gain = now - _between(distances, channel, near)
            if gain <= least:
                break
            other = _beside(tour, place, near, step)
            gain += _between(distances, near, other) - _between(distances, beside, other)
            if gain > least and near != beside and other != channel:
                _exchange(tour, place, channel, beside, near, other, log)
                touched[:3] = channel
                touched[3], touched[4], touched[5] = beside, near, other
                return gain
    return 0.0


@njit(nogil=True, cache=True)
def _move(distances, nearest, tour, place, channel, least, touched, log):
    """Or-opt: a channel with up to two behind it moves beside one that is near to it."""
    size = tour.size
    for step in (1, -1):
        before = _beside(tour, place, channel, -step)
        end = channel
        for length in range(min(3, size - 3)):
            if length:
                end = _beside(tour, place, end, step)
            after = _beside(tour, place, end, step)
            if after == before:
                break
            saved = _between(distances, before, channel) + _between(distances, end, after)
            saved -= _between(distances, before, after)
            for k in range(-1, nearest.shape[1]):
                near = distances.shape[0] if k < 0 else nearest[channel, k]
                gain = saved - _between(distances, channel, near)
                if gain <= least:
                    break
                if (place[near] - place[channel]) * step % size <= length:
                    continue  # it is one of those that move
                for side in (step, -step):
                    other = _beside(tour, place, near, side)
                    if (side == step and near == before) or (
                        side != step and near in (before, after)
                    ):
                        continue
                    more = _between(distances, near, other) - _between(distances, end, other)
                    if gain + more <= least:
                        continue
                    a, b = (near, other) if side == step else (other, near)
                    _exchange(tour, place, before, channel, a, b, log)
                    if a != after:
                        _exchange(tour, place, before, a, after, end, log)
                    if side == step:
                        _exchange(tour, place, a, end, channel, b, log)
                    touched[0], touched[1], touched[2] = before, channel, end
                    touched[3], touched[4], touched[5] = after, near, other
                    return gain + more
    return 0.0


@njit(nogil=True, cache=True)
def _exchange(tour, place, a, b, c, d, log):
    """In place of the steps a b and c d, which lead the same way, a c and b d."""
    size = tour.size
    if _beside(tour, place, a, 1) == b:
        first, last = place[b], place[c]
    else:
        first, last = place[a], place[d]
    if 2 * ((last - first) % size + 1) > size:  # the rest turned around is the same round trip
        first, last = (last + 1) % size, (first - 1) % size
    _reverse(tour, place, first, last)
    count = min(log[0, 0] + 1, _LONGEST_LOG)
    log[0, 0], log[count, 0], log[count, 1] = count, first, last


@njit(nogil=True, cache=True)
def _reverse(tour, place, first, last):
    """Turn around what stands from one place on to another."""
    size = tour.size
    for _ in range(((last - first) % size + 1) // 2):
        x, y = tour[first], tour[last]
        tour[first], tour[last] = y, x
        place[y], place[x] = first, last
        first = first + 1 if first + 1 < size else 0
        last = last - 1 if last else size - 1


def warm():
    """Compile the kernels of this module."""
    distances = np.ones((4, 4), np.float32)
    order = np.arange(4)
    path_lengths(distances, order.reshape(1, 4))
    path_length(distances, order.astype(np.int32))
    greedy_path(distances)
    nearest = nearest_channels(distances, 2)
    for each in (order, order.astype(np.int32)):
        refined_path(distances, each, nearest, 1)
