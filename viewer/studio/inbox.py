"""How workers reach the main thread: they post a call, the main thread makes it.

The window replaces `Inbox.wake` by a queued Qt signal; without Qt (movies, tests) `pump` or
`wait` make the calls.
"""

import queue
import time

from engine.errors import MachineError


class Inbox:
    """Calls for the main thread, in the order in which they were posted; any thread may post."""

    def __init__(self):
        self._calls = queue.SimpleQueue()
        self.wake = lambda: None

    def post(self, call, *args):
        """Have ``call(*args)`` made in the main thread, soon."""
        self._calls.put((call, args))
        self.wake()

    def pump(self):
        """Make all calls posted so far; returns how many."""
        count = 0
        while True:
            try:
                call, args = self._calls.get_nowait()
            except queue.Empty:
                return count
            count += 1
            try:
                call(*args)
            except BaseException:
                self.wake()  # what is left is not forgotten
                raise

    def wait(self, until, seconds=60.0):
        """Pump until ``until()`` is true; MachineError when it is not within ``seconds``."""
        end = time.monotonic() + seconds
        while not until():
            try:
                call, args = self._calls.get(timeout=0.05)
            except queue.Empty:
                if time.monotonic() > end:
                    raise MachineError(f"no answer within {seconds:g} s") from None
                continue
            call(*args)
