"""The parent's handle on a network that runs in a child process."""

import os

from engine.errors import InputError
from engine.run.probe import Probe
from engine.run.process import Child

SECONDS = 60.0
SECONDS_PER_GIGABYTE = 30.0


class Runner:
    """One network file, ready to run in a child process of its own.

    When the child dies the request that it did raises an error, and so does every later one:
    `restart` starts another.

    Parameters
    ----------
    path : str
        The ONNX file.
    device : {None, "cpu", "cuda"}
        None: CUDA where it works, else the CPU.
    threads : int, optional
        Threads for one operator; by default one a core.
    seconds : float, optional
        Time limit of each request; by default 60 s and 30 s more for each GB of the file.
    task : engine.tasks.Task, optional

    Attributes
    ----------
    provider : str
        What runs it, as told to a person: ``"CPU"``, ``"CUDA (NVIDIA H200)"``.
    notes : list of str
        Why not what was asked for.
    """

    def __init__(self, path, *, device=None, threads=None, seconds=None, task=None):
        self.path = os.path.abspath(path)
        if not os.path.isfile(self.path):
            raise InputError("there is no such file", where=path)
        self._arguments = {"path": self.path, "device": device, "threads": threads}
        self._patience = SECONDS + SECONDS_PER_GIGABYTE * size_with_data(self.path) / 1e9
        self.seconds = seconds or self._patience
        self.provider, self.notes, self.on_gpu, self.threads = "", [], False, 0
        self._child = None
        self.restart(task=task)

    def restart(self, task=None):
        """End the child, if it lives, and start another."""
        self.close()
        self._child = Child(self.path)
        facts, _ = self._child.ask("open", seconds=self._patience, task=task, **self._arguments)
        self._learn(facts)

    def _learn(self, facts):
        self.provider, self.notes = facts["provider"], facts["notes"]
        self.on_gpu, self.threads = facts["on_gpu"], facts["threads"]

    @property
    def pid(self):
        """The child's process id."""
        return self._child.pid

    @property
    def alive(self):
        """Whether the child lives."""
        return self._child is not None and self._child.alive

    def probe(self, shapes=None, *, feeds=None, tensors=None, task=None):
        """Run once on stand-ins and learn every tensor's shape.

        Parameters
        ----------
        shapes : dict of str to tuple of int, optional
            Shapes of inputs; an input that is not named gets its declared shape with 1 for
            what is free.
        feeds : dict of str to ndarray, optional
            Values of inputs; the others get random numbers, always the same.
        tensors : iterable of str, optional
            Which tensors; by default all that nodes of the main graph compute.

        Returns
        -------
        Probe
        """
        shapes = {name: [int(n) for n in shape] for name, shape in (shapes or {}).items()}
        tensors = None if tensors is None else list(tensors)
        result, values = self._child.ask(
            "probe", feeds, seconds=self.seconds, task=task, shapes=shapes, tensors=tensors
        )
        self._learn(result)
        return Probe.from_answer(result, values)

    def run(self, feeds, tensors, *, seconds=None, task=None):
        """Run once.

        Parameters
        ----------
        feeds : dict of str to ndarray
            All inputs.
        tensors : list of str or exposed.Exposure
            Outputs, or any tensors that nodes of the main graph compute.

        Returns
        -------
        dict of str to ndarray
            In the file's own layout.

        Raises
        ------
        InputError, MachineError, Cancelled
        """
        tensors = [t if isinstance(t, str) else t.as_json() for t in dict.fromkeys(tensors)]
        facts, arrays = self._child.ask(
            "run", feeds, seconds=seconds or self.seconds, task=task, tensors=tensors
        )
        self._learn(facts)
        return arrays

    def ask(self, op, arrays=None, **arguments):
        """One request of `worker.Worker`, without a time limit unless given."""
        return self._child.ask(op, arrays, **arguments)

    def close(self):
        """End the child."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def size_with_data(path):
    """Bytes of a model's file and of the files beside it that could be its external data."""
    folder = os.path.dirname(os.path.abspath(path))
    stem = os.path.splitext(os.path.basename(path))[0]
    with os.scandir(folder) as entries:
        beside = [e for e in entries if e.name.startswith(stem) or e.name.endswith(".data")]
        return sum(entry.stat().st_size for entry in beside if entry.is_file())
