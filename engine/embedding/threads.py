"""Work on many points shared among the processor's cores: kernels that let other threads run."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache

LEAST = 1 << 17  # points below which handing work to another thread costs more than it saves


def cores():
    """How many threads pay: the cores that this process may use, at most 16."""
    try:
        return min(16, len(os.sched_getaffinity(0)))
    except AttributeError:  # macOS, Windows
        return min(16, os.cpu_count() or 1)


def spread(work, count, least=LEAST):
    """Call ``work(first, stop)`` on ranges that make up 0 to count, several at a time.

    Parameters
    ----------
    work : callable
        Must not call `spread` itself.
    count : int
    least : int
        Items that a range holds at least.

    Returns
    -------
    list
        What each call returned, in order.
    """
    pieces = max(1, min(cores(), count // max(1, least)))
    edges = [count * i // pieces for i in range(pieces + 1)]
    ranges = list(zip(edges, edges[1:], strict=False))
    waiting = [_pool().submit(work, *each) for each in ranges[1:]]
    first = work(*ranges[0])
    return [first, *(each.result() for each in waiting)]


def _pool():
    with _lock:
        return _made()


_lock = threading.Lock()


@cache
def _made():
    return ThreadPoolExecutor(cores(), thread_name_prefix="points")
