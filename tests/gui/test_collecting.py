"""Garbage is collected in the main thread, never in a worker's."""

import threading

import pytest

pytestmark = pytest.mark.gui


class Loop:
    """Refers to itself, and says in which thread it goes."""

    def __init__(self, gone):
        self.itself = self
        self.gone = gone

    def __del__(self):
        self.gone.append(threading.current_thread())


def test_what_a_worker_allocates_collects_nothing_there(application, wait):
    gone, kept = [], []
    Loop(gone)
    worker = threading.Thread(target=lambda: kept.extend([] for _ in range(50_000)))
    worker.start()
    worker.join()
    assert gone == []
    wait(lambda: gone)
    assert gone == [threading.main_thread()]
