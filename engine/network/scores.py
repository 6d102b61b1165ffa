"""Which output of a network are its class scores, and how to read them.

The rule: the first output of N x K real numbers with K > 1 (N x K x 1 x 1 and the maps of a ZipMap
count too), of a float type or of an 8-bit one through its scale; else N x 1 as the score of two
classes. Integers of 64 bits are decisions, never scores.
"""

from dataclasses import asdict, dataclass

import numpy as np

from engine.errors import InputError
from engine.network import operators
from engine.network.layers import Quantisation, quantisation

_ENDS = {
    "Softmax": "softmax",
    "QLinearSoftmax": "softmax",
    "LogSoftmax": "log-softmax",
    "Sigmoid": "sigmoid",
    "QLinearSigmoid": "sigmoid",
    "HardSigmoid": "sigmoid",
}


@dataclass(frozen=True)
class Scores:
    """How to read class scores.

    Attributes
    ----------
    tensor : str
        The raw tensor to run for.
    output : str
        The output it belongs to, as the file calls it.
    classes : int
        2 for a binary score.
    binary : bool
        One number a sample: the second class where it passes ``threshold``.
    activation : {"none", "softmax", "log-softmax", "sigmoid"}
        What the network itself ends with.
    quantisation : Quantisation or None
    labels : tuple of str or None
        Class names where the file has them (ZipMap).
    reason : str
    """

    tensor: str
    output: str
    classes: int
    binary: bool
    activation: str
    quantisation: Quantisation | None
    labels: tuple[str, ...] | None
    reason: str

    @property
    def needs_softmax(self):
        """Whether a softmax (a binary score: a sigmoid) makes probabilities of the scores."""
        return self.activation in ("none", "log-softmax")

    @property
    def threshold(self):
        """Where a binary score becomes the second class."""
        return 0.5 if self.activation == "sigmoid" else 0.0

    def read(self, array):
        """Scores as float32[N, K] (binary: float32[N, 1]) from the tensor's value."""
        array = np.asarray(array)
        if self.quantisation is not None and array.dtype.kind in "iu":
            array = self.quantisation.real(array)
        width = 1 if self.binary else self.classes
        return np.ascontiguousarray(array, np.float32).reshape(-1, width)

    def predict(self, scores):
        """The class of each sample, int32[N], from what `read` gave; -1 where all are NaN."""
        if self.binary:
            chosen = (scores[:, 0] > self.threshold).astype(np.int32)
        else:
            filled = np.where(np.isnan(scores), -np.inf, scores)
            chosen = filled.argmax(1).astype(np.int32)
        chosen[np.isnan(scores).all(1)] = -1
        return chosen

    def as_json(self):
        """Plain data; `from_json` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, document):
        """From what `as_json` gave."""
        document = dict(document)
        scale = document["quantisation"]
        if scale is not None:
            scale = {k: tuple(v) if isinstance(v, list) else v for k, v in scale.items()}
            document["quantisation"] = Quantisation(**scale)
        labels = document["labels"]
        document["labels"] = None if labels is None else tuple(labels)
        return cls(**document)


def find_scores(graph, shapes, dtypes, batch=1, name=None):
    """Find the class scores of a network.

    Parameters
    ----------
    graph : Graph
    shapes, dtypes : dict
        From the probe.
    batch : int
        The batch at which ``shapes`` were found.
    name : str, optional
        A person's choice: an output, or any raw tensor.

    Returns
    -------
    (Scores or None, str)
        And the reason, for a person.

    Raises
    ------
    InputError
        When the chosen tensor has no class scores.
    """
    finder = _Finder(graph, shapes, dtypes, batch)
    outputs = [tensor.name for tensor in graph.outputs]
    if name is not None:
        found = finder.read(name, f"chosen: {name}")
        if found is None:
            raise InputError(
                f"{name!r} has no class scores",
                expected="floats of shape [N, classes]",
                got=finder.describe(name),
                remedy=f"choose one of the outputs {', '.join(outputs)}",
            )
        return found, found.reason
    readings = [finder.read(each, f"the first output of N x K numbers: {each}") for each in outputs]
    many = [each for each in readings if each is not None and not each.binary]
    one = [each for each in readings if each is not None and each.binary]
    if many or one:
        found = (many or one)[0]
        return found, found.reason
    what = "; ".join(f"{each} {finder.describe(each)}" for each in outputs[:4])
    return None, f"no output holds one number for each class ({what})"


class _Finder:
    def __init__(self, graph, shapes, dtypes, batch):
        self.graph = graph
        self.shapes = shapes
        self.dtypes = dtypes
        self.batch = batch

    def read(self, output, reason):
        tensor, labels = self._behind_zipmap(output)
        shape, dtype = self.shapes.get(tensor), self.dtypes.get(tensor, "")
        if shape is None:
            return None
        scale = quantisation(self.graph, tensor) if dtype in ("int8", "uint8") else None
        if not (dtype.startswith("float") or dtype in ("int8", "uint8")):
            return None
        if len(shape) == 4 and shape[2:] == (1, 1):
            shape = shape[:2]
        if len(shape) == 1 and not self._batched():
            shape = (self.batch, *shape)
        if len(shape) != 2 or shape[0] != self.batch or shape[1] < 1:
            return None
        end = self._end(tensor)
        binary = shape[1] == 1
        if binary:
            threshold = 0.5 if end == "sigmoid" else 0
            reason = f"one number a sample: two classes, the second above {threshold} ({output})"
        if labels is not None and len(labels) != shape[1]:
            labels = None
        classes = 2 if binary else shape[1]
        return Scores(tensor, output, classes, binary, end, scale, labels, reason)

    def _batched(self):
        """Whether the inputs have a batch axis in front (pictures without one have up to 3)."""
        return any(len(self.shapes.get(each.name, ())) > 3 for each in self.graph.inputs)

    def _behind_zipmap(self, output):
        node = self.graph.producer.get(output)
        if node is None or node.op_type != "ZipMap":
            return output, None
        labels = node.attributes.get("classlabels_strings")
        labels = labels or node.attributes.get("classlabels_int64s")
        return node.inputs[0], None if labels is None else tuple(str(each) for each in labels)

    def _end(self, tensor):
        """The function that the network ends with, looking back through data movement."""
        while tensor in self.graph.producer:
            node = self.graph.producer[tensor]
            if node.op_type in _ENDS:
                return _ENDS[node.op_type]
            if node.op_type == "LinearClassifier":
                post = node.attributes.get("post_transform", "NONE")
                return {"SOFTMAX": "softmax", "LOGISTIC": "sigmoid"}.get(post, "none")
            if node.op_type.startswith("TreeEnsemble") or node.op_type == "Normalizer":
                return "softmax"
            if node.op_type not in operators.MOVEMENTS or not node.inputs:
                return "none"
            tensor = node.inputs[0]
        return "none"

    def describe(self, name):
        shape = self.shapes.get(self._behind_zipmap(name)[0])
        dtype = self.dtypes.get(name, "unknown")
        return f"{dtype}{list(shape)}" if shape is not None else dtype
