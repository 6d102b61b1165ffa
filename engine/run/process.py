"""The parent's end of a child process: start it, ask it, hear its last words, end it.

Every wait has an end: the pipe closes when the child dies, a request may have a time limit, and a
cancel that the child does not follow within `PATIENCE` seconds ends the child.
"""

import collections
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from engine.errors import Cancelled, InputError, MachineError
from engine.run import wire

PATIENCE = 3.0
LAST_WORDS = 40
# glibc: keep freed memory, because fresh pages for every batch cost a third of its reduction
MALLOC = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
}
DETAILS = ("where", "expected", "got", "remedy")

# Linux kills a child when the thread that started it ends, so one thread starts them all
_spawner = ThreadPoolExecutor(1, thread_name_prefix="lamella-spawner")


class Child:
    """One process of `engine.run.child`.

    Parameters
    ----------
    subject : str
        What it works on (the model's file): named when it dies.
    """

    def __init__(self, subject):
        self.subject = str(subject)
        self._to_child = wire.SharedFile.create()
        self._from_child = wire.SharedFile.create()
        self._answers = queue.SimpleQueue()
        self._words = collections.deque(maxlen=LAST_WORDS)
        self._lock = threading.Lock()
        self._ended = None
        self._process = _spawner.submit(self._start).result()
        self.pid = self._process.pid
        self._threads = [
            threading.Thread(target=target, name=f"lamella-{self.pid}", daemon=True)
            for target in (self._read_answers, self._read_words)
        ]
        for thread in self._threads:
            thread.start()

    def _start(self):
        arguments = {
            "parent": os.getpid(),
            "from_parent": self._to_child.place,
            "to_parent": self._from_child.place,
        }
        inherited = [p for p in (self._to_child.place, self._from_child.place) if type(p) is int]
        path = [os.path.abspath(entry) for entry in sys.path]
        return subprocess.Popen(
            # -P: a file beside the person's pictures must not be taken for a module
            [sys.executable, "-P", "-m", "engine.run.child", json.dumps(arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            pass_fds=inherited if os.name == "posix" else (),
            env={**os.environ, **MALLOC, "PYTHONPATH": os.pathsep.join(path)},
        )

    def _read_answers(self):
        descriptor = self._process.stdout.fileno()
        while True:
            try:
                self._answers.put(wire.receive(descriptor))
            except wire.Closed:
                self._answers.put(None)
                return

    def _read_words(self):
        for line in self._process.stderr:
            self._words.append(line.decode(errors="replace").rstrip()[:400])

    @property
    def alive(self):
        """Whether the process still runs."""
        return self._process.poll() is None

    def ask(self, op, arrays=None, *, seconds=None, patience=PATIENCE, task=None, **arguments):
        """Do one request and wait for its answer.

        Parameters
        ----------
        op : str
            A name that `worker.Worker` knows; `arguments` are its JSON arguments.
        arrays : dict of ndarray, optional
            Sent beside it.
        seconds : float, optional
            The longest silence; after it the child is ended and `InputError` raised.
        patience : float
            Seconds that it has to follow a cancel.
        task : engine.tasks.Task, optional
            Progress goes there; its cancel stops the request.

        Returns
        -------
        result : object
            JSON.
        arrays : dict of ndarray

        Raises
        ------
        InputError, MachineError, Cancelled
            As the child told it, or because it died, or took too long.
        """
        with self._lock:
            if not self.alive:
                raise self._epitaph(op)
            table = self._to_child.put(arrays or {})
            request = {"op": op, "arrays": table, "arguments": arguments}
            answered = False
            try:
                wire.send(self._process.stdin.fileno(), request)
                message = self._wait(op, seconds, patience, task)
                answered = True
            except wire.Closed:
                raise self._epitaph(op) from None
            finally:
                if not answered:  # it is in the middle of something that nobody waits for
                    self.kill("it was ended in the middle of a request")
            if "error" in message:
                raise told(message["error"])
            return message["result"], self._from_child.take(message["arrays"])

    def _wait(self, op, seconds, patience, task):
        """Follow the child's messages up to the answer."""
        heard, cancelled = time.monotonic(), None
        while True:
            now = time.monotonic()
            if seconds is not None and now > heard + seconds:
                self.kill(f"the runtime did not finish ({op}) within {seconds:.0f} s and was ended")
                raise self._epitaph(op)
            if cancelled is not None and now > cancelled + patience:
                self.kill("the runtime did not follow a cancel and was ended")
                raise Cancelled(where=task.title or None)
            if cancelled is None and task is not None and task.cancelled:
                cancelled = now
                wire.send(self._process.stdin.fileno(), {"op": "cancel"})
            try:
                message = self._answers.get(timeout=0.1)
            except queue.Empty:
                continue
            if message is None:
                raise wire.Closed()
            if "progress" not in message:
                return message
            heard = time.monotonic()
            _pass_on(task, message["progress"])

    def _epitaph(self, op):
        """The error for a child that died: the file's fault, except when memory ran out."""
        if self._ended is not None:
            return InputError(self._ended, where=self.subject)
        code = self._process.wait()
        for thread in self._threads:
            thread.join(1.0)
        words = [line for line in self._words if line.strip()]
        last = f"; it said last: {words[-1]}" if words else ""
        if code == -9 and op != "probe":
            return MachineError(
                f"the runtime's process was killed during {op}, by somebody or because memory ran "
                f"out{last}",
                where=self.subject,
                remedy="start again (finished parts are used again), with a smaller --memory if it "
                "happens again",
            )
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return InputError(
            f"the runtime crashed on this file during {op} ({how}{last})",
            where=self.subject,
            remedy="the file may be damaged; export the network again",
        )

    def cancel(self):
        """Ask it to stop what it does now; the request then ends with `Cancelled`."""
        if self.alive:
            try:
                wire.send(self._process.stdin.fileno(), {"op": "cancel"})
            except wire.Closed:
                return

    def kill(self, why="the runtime was ended"):
        """End it at once; `why` is what later requests say."""
        if not self.alive:
            return
        self._ended = why
        self._process.kill()
        self._process.wait()

    def close(self):
        """End it and free what it held."""
        if self._process.stdin.closed:
            return
        self._process.stdin.close()
        try:
            self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            self.kill()
        for thread in self._threads:
            thread.join(1.0)
        self._process.stdout.close()
        self._process.stderr.close()
        for shared in (self._to_child, self._from_child):
            shared.close()
            shared.unlink()


def _pass_on(task, progress):
    """Report to the task; that it was cancelled is seen, and told to the child, a moment later."""
    if task is not None:
        with contextlib.suppress(Cancelled):
            task.report(*progress)


def told(facts):
    """The error that a child described."""
    kind = {"InputError": InputError, "Cancelled": Cancelled}.get(facts["kind"], MachineError)
    return kind(facts["what"], **{name: facts.get(name) for name in DETAILS})
