"""The thread that makes arrays for the views: for each view the last wish only."""

import threading
from collections import OrderedDict


class Builder:
    """Runs pure functions off the main thread, one at a time, the last wish of each slot.

    Parameters
    ----------
    inbox : Inbox
    on_failure : callable(title, exception)
        Called in the main thread.
    """

    def __init__(self, inbox, on_failure):
        self._inbox = inbox
        self._on_failure = on_failure
        self._condition = threading.Condition()
        self._wishes = OrderedDict()
        self._last = {}
        self._number = 0
        self._closed = False
        self._thread = None

    def ask(self, slot, function, on_answer):
        """Have ``function()`` called, and ``on_answer(result)`` in the main thread.

        A wish of the same slot that is not begun is forgotten; an answer that came too late for a
        newer wish is delivered only if the newer one is not there yet, so that pictures follow a
        slider that is still being moved.
        """
        with self._condition:
            self._number += 1
            self._wishes[slot] = (self._number, function, on_answer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="builder", daemon=True)
                self._thread.start()
            self._condition.notify()

    def forget(self, slot):
        """Neither begin nor deliver what was asked for."""
        with self._condition:
            self._wishes.pop(slot, None)
            self._number += 1
            self._last[slot] = self._number

    def apart(self, name):
        """The same builder with slots of its own, for a second stage beside the window's."""
        return _Apart(self, name)

    def close(self, seconds=10.0):
        """End the thread."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self):
        while True:
            with self._condition:
                while not self._wishes and not self._closed:
                    self._condition.wait()
                if self._closed:
                    return
                slot, (number, function, on_answer) = self._wishes.popitem(last=False)
            try:
                result = function()
            except Exception as error:  # noqa: BLE001  (told to the person by the error door)
                self._inbox.post(self._on_failure, "Preparing a picture", error)
            else:
                self._inbox.post(self._deliver, slot, number, on_answer, result)

    def _deliver(self, slot, number, on_answer, result):
        if number > self._last.get(slot, 0):
            self._last[slot] = number
            on_answer(result)


class _Apart:
    """A builder whose slots nobody else uses."""

    def __init__(self, builder, name):
        self._builder = builder
        self._name = name

    def ask(self, slot, function, on_answer):
        """As `Builder.ask`."""
        self._builder.ask((self._name, slot), function, on_answer)

    def forget(self, slot):
        """As `Builder.forget`."""
        self._builder.forget((self._name, slot))
