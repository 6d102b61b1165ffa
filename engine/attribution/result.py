"""What a method found: a map over the input's values, with its check and how it came about."""

from dataclasses import dataclass, field

import numpy as np

TOLERANCE = 0.01
"""Most that a check may be off, as a part of what it is about."""


@dataclass(frozen=True)
class Check:
    """A method's own test of its result.

    Attributes
    ----------
    name : {"conservation", "completeness"}
    value : float
        How far it is off: a part of the target's value.
    holds : bool
        Whether that is at most `TOLERANCE`.
    """

    name: str
    value: float
    holds: bool

    @classmethod
    def of(cls, name, difference, whole):
        """From what is lacking and what it is a part of."""
        value = abs(float(difference)) / max(abs(float(whole)), 1e-12)
        return cls(name, value, bool(value <= TOLERANCE))

    def as_json(self):
        return {"name": self.name, "value": self.value, "holds": self.holds}


@dataclass(frozen=True)
class Account:
    """What became of the relevance at one node (LRP).

    Attributes
    ----------
    node : str
    arrived, left : float
        Relevance at its output and at its inputs.
    absorbed : float
        What biases, constants and epsilon took, worked out from the outputs' side.
    """

    node: str
    arrived: float
    left: float
    absorbed: float


@dataclass(frozen=True, eq=False)
class Attribution:
    """The result of one method for one picture.

    Attributes
    ----------
    method, target : str
    values : float32, the input's shape
        In the file's own layout, a batch of one.
    layout : str
        Letters of the axes of ``values``.
    score : float
        The target's value (LRP: the relevance that started).
    kept : dict of str to float32
        Gradient or relevance of layers between the input and the target, in the file's layouts.
    check : Check or None
    accounts : tuple of Account
        LRP: every node that absorbs, in the order of the walk.
    settings : dict
        What the method was given: rule, steps, seed, baseline, layer ...
    seconds : float
    notes : tuple of str
        What a person should know: what counted as a constant, what was split evenly.
    of_pixels : bool
        Whether the values are of whole pixels, repeated for every channel.
    """

    method: str
    target: str
    values: np.ndarray
    layout: str
    score: float
    kept: dict = field(default_factory=dict)
    check: Check | None = None
    accounts: tuple = ()
    settings: dict = field(default_factory=dict)
    seconds: float = 0.0
    notes: tuple = ()
    of_pixels: bool = False

    @property
    def absorbed(self):
        """The part of the relevance that biases, constants and epsilon took (LRP), or None."""
        if not self.accounts:
            return None
        return sum(each.absorbed for each in self.accounts) / (self.score or 1.0)

    def heat(self):
        """The values summed over channels: float32[H, W], or ``[K]`` without rows and columns."""
        letters = list(self.layout)
        values = np.asarray(self.values, np.float64)
        for axis in reversed(range(len(letters))):
            if letters[axis] == "N":
                values = values[(slice(None),) * axis + (0,)]
                del letters[axis]
            elif letters[axis] == "C":
                values = values.mean(axis) if self.of_pixels else values.sum(axis)
                del letters[axis]
        return values.astype(np.float32)

    def as_json(self):
        """The document of ``lamella attribute --json``, without the colours' scale."""
        document = {
            "method": self.method,
            "target": self.target,
            "shape": list(self.values.shape),
            "check": None if self.check is None else self.check.as_json(),
            "seconds": self.seconds,
            "score": self.score,
            "settings": self.settings,
            "kept": {name: list(values.shape) for name, values in self.kept.items()},
            "notes": list(self.notes),
        }
        if self.accounts:
            document["absorbed"] = self.absorbed
        return document
