"""A graph made of a network's file, run in the child process of the network's `Runner`."""

import hashlib

import numpy as np

from engine.errors import InputError

MOST_BYTES = (1 << 31) - 1


class Graph:
    """A model that is run beside a network.

    Parameters
    ----------
    runner : engine.run.runner.Runner
        Of the network's file; external data of the model lies in that file's folder.
    model : onnx.ModelProto
    level : {"all", "basic", "none"}
        ONNX Runtime's optimisations.
    threads : int, optional
        For one operator; by default the runner's.

    Attributes
    ----------
    key : str
        What the child process knows it by.
    inputs, outputs : tuple of str
    """

    def __init__(self, runner, model, level="all", threads=None):
        self._runner = runner
        self._level, self._threads = level, threads
        self._bytes = _serialised(model, runner.path)
        digest = hashlib.blake2b(self._bytes, digest_size=16)
        digest.update(f"{level} {threads}".encode())
        self.key = digest.hexdigest()
        self._pid = None
        self.inputs = tuple(value.name for value in model.graph.input)
        self.outputs = tuple(value.name for value in model.graph.output)
        self.open()

    def open(self, task=None):
        """Hand the model over, if that has not been done."""
        if self._pid == self._runner.pid:
            return
        model = np.frombuffer(self._bytes, np.uint8)
        seconds = self._runner.seconds
        arguments = {"key": self.key, "level": self._level, "threads": self._threads}
        self._runner.ask("graph", {"model": model}, seconds=seconds, task=task, **arguments)
        self._pid = self._runner.pid

    def open_again(self, task=None):
        """Hand the model over once more: the child has dropped it."""
        self._pid = None
        self.open(task)

    def run(self, feeds, outputs=None, *, keep=None, use=None, forget=(), seconds=None, task=None):
        """Run once.

        Parameters
        ----------
        feeds : dict of str to ndarray
        outputs : list of str, optional
            All by default.
        keep : dict of str to str, optional
            Outputs that stay in the child, and under which name, for other graphs.
        use : dict of str to str, optional
            Inputs that are such values.
        forget : iterable of str
            Such values that are dropped first.

        Returns
        -------
        dict of str to ndarray

        Raises
        ------
        InputError, MachineError, Cancelled
        """
        arguments = {
            "key": self.key,
            "outputs": list(self.outputs if outputs is None else outputs),
            "keep": dict(keep or {}),
            "use": dict(use or {}),
            "forget": list(forget),
        }
        feeds = {name: value for name, value in feeds.items() if name in self.inputs}
        limit = seconds or self._runner.seconds
        self.open(task)
        facts, found = self._runner.ask("compute", feeds, seconds=limit, task=task, **arguments)
        if not facts["known"]:  # the child drops graphs that were not used for long
            self.open_again(task)
            _, found = self._runner.ask("compute", feeds, seconds=limit, task=task, **arguments)
        return found


def _serialised(model, where):
    try:
        data = model.SerializeToString()
    except ValueError as error:
        raise InputError(f"the graph does not fit one message: {error}", where=where) from None
    if len(data) > MOST_BYTES:
        raise InputError("the graph is larger than 2 GB", where=where)
    return data
