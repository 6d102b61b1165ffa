"""The process that runs ONNX Runtime: `python -m engine.run.child`, started by `process.Child`.

A hostile file can crash ONNX Runtime, so it runs here, where a crash takes nobody with it. The
main thread does one request after the other; a second one reads the pipe, so that a cancel is
heard in the middle of a long run, and so that the end of the pipe, which is the end of the
parent, ends this process at once whatever it does.
"""

import json
import os
import queue
import signal
import sys
import threading
import time

from engine.errors import Cancelled, InputError, LamellaError, MachineError
from engine.run import limits, wire

OFTEN = 0.1
"""Seconds between two reports of the same kind of progress."""


class Conversation:
    """This end of the pipe: requests come in, reports and answers go out.

    Attributes
    ----------
    cancelled : threading.Event
        Set when the parent asked to stop what runs now.
    """

    def __init__(self, requests, answers, from_parent, to_parent):
        self._requests = requests
        self._answers = answers
        self._from_parent = from_parent
        self._to_parent = to_parent
        self._queue = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._on_cancel = None
        self._said = ("", 0.0)
        self.cancelled = threading.Event()

    def listen(self):
        """Read the pipe until its end, which ends the process (the second thread runs this)."""
        while True:
            try:
                message = wire.receive(self._requests)
            except wire.Closed:
                os._exit(0)
            if message["op"] == "cancel":
                self._cancel()
            else:
                self.cancelled.clear()
                self._queue.put(message)

    def _cancel(self):
        with self._lock:
            self.cancelled.set()
            if self._on_cancel is not None:
                self._on_cancel()

    def on_cancel(self, action):
        """Call `action` when a cancel comes (None: nothing); at once when it already came."""
        with self._lock:
            self._on_cancel = action
            if action is not None and self.cancelled.is_set():
                action()

    def check(self):
        """Raise `Cancelled` when the parent asked to stop."""
        if self.cancelled.is_set():
            raise Cancelled()

    def next(self):
        """The next request with its arrays; a cancel of the one before is forgotten by then."""
        message = self._queue.get()
        message["arrays"] = self._from_parent.take(message["arrays"])
        return message

    def report(self, done, total, what):
        """Tell the parent how far the work is; raises `Cancelled` as `tasks.Task.report` does.

        Of reports that say the same words, one every tenth of a second is sent.
        """
        self.check()
        now = time.monotonic()
        if what != self._said[0] or now > self._said[1] + OFTEN:
            self._said = (what, now)
            wire.send(self._answers, {"progress": [done, total, what]})

    def answer(self, result, arrays=None):
        """End a request with its result."""
        table = self._to_parent.put(arrays or {})
        wire.send(self._answers, {"result": result, "arrays": table})

    def fail(self, error):
        """End a request with an error."""
        wire.send(self._answers, {"error": described(error)})


def described(error):
    """An error as JSON; what is no `LamellaError` is the program's own fault, or the memory's."""
    if isinstance(error, MemoryError):
        error = MachineError("not enough memory", remedy="choose a smaller --batch or --memory")
    if not isinstance(error, LamellaError):
        import traceback

        sys.stderr.write("".join(traceback.format_exception(error)))
        error = MachineError(f"{type(error).__name__}: {error}", where="the runtime's process")
    fields = ("where", "expected", "got", "remedy")
    facts = {name: getattr(error, name) for name in fields}
    facts = {name: None if value is None else str(value) for name, value in facts.items()}
    kind = next(
        k for k in (InputError, Cancelled, MachineError, LamellaError) if isinstance(error, k)
    )
    return {"kind": kind.__name__, "what": error.what, **facts}


def own_pipes():
    """Take the pipes off standard input and output, which libraries like to write to."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return requests, answers


def serve(conversation):
    """Answer requests until the process ends."""
    from engine.run.worker import Worker

    worker = Worker(conversation)
    while True:
        message = conversation.next()
        try:
            result, arrays = worker.do(message)
        except Exception as error:  # noqa: BLE001 (the parent tells the person)
            conversation.fail(error)
        else:
            conversation.answer(result, arrays)


def main():
    """Run as `python -m engine.run.child ARGUMENTS` with the arguments as JSON."""
    arguments = json.loads(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limits.end_with_parent(arguments["parent"])
    requests, answers = own_pipes()
    conversation = Conversation(
        requests,
        answers,
        wire.SharedFile.open(arguments["from_parent"]),
        wire.SharedFile.open(arguments["to_parent"]),
    )
    threading.Thread(target=conversation.listen, name="pipe", daemon=True).start()
    limits.die_first()
    try:
        serve(conversation)
    except wire.Closed:
        os._exit(0)


if __name__ == "__main__":
    main()
