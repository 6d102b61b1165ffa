"""What one run of a network tells about all its tensors."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Probe:
    """Every tensor at one set of input shapes.

    Attributes
    ----------
    shapes : dict of str to tuple of int
        Inputs, and every tensor that nodes of the main graph compute; sequences and maps have no
        entry.
    dtypes : dict of str to str
        NumPy's names; ONNX Runtime's own name for sequences and maps.
    values : dict of str to ndarray
        int32 and int64 tensors of at most 64 elements.
    inputs, outputs : dict of str to (str, tuple)
        dtype and declared shape, as ONNX Runtime understood the file; names of free dimensions
        are text, nameless ones None.
    seconds : float
        For everything, sessions included.
    provider : str
    notes : tuple of str
    """

    shapes: dict
    dtypes: dict
    values: dict
    inputs: dict
    outputs: dict
    seconds: float
    provider: str
    notes: tuple

    @classmethod
    def from_answer(cls, result, values):
        """From what the child answered."""

        def declared(table):
            return {name: (dtype, tuple(shape)) for name, (dtype, shape) in table.items()}

        return cls(
            shapes={name: tuple(shape) for name, shape in result["shapes"].items()},
            dtypes=result["dtypes"],
            values={name: np.asarray(value) for name, value in values.items()},
            inputs=declared(result["inputs"]),
            outputs=declared(result["outputs"]),
            seconds=result["seconds"],
            provider=result["provider"],
            notes=tuple(result["notes"]),
        )


def probe(path, shapes=None, *, feeds=None, tensors=None, device="cpu", seconds=None, task=None):
    """Run a network once, in a child process of its own, and learn every tensor's shape.

    To try several shapes use one `runner.Runner` and its method of this name; the parameters are
    those.

    Raises
    ------
    InputError
        The file crashes ONNX Runtime, or it cannot run it, or not at these shapes.
    """
    from engine.run.runner import Runner

    with Runner(path, device=device, seconds=seconds, task=task) as runner:
        return runner.probe(shapes, feeds=feeds, tensors=tensors, task=task)
