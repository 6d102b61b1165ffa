"""A network's file with more outputs, without parsing it: protobuf's concatenation is a merge.

Two serialised messages behind each other are, by the definition of protobuf, their merge: repeated
fields are appended. So a file that is followed by a few bytes that say "graph: these outputs too"
is the same network with these outputs, whatever the size of its weights. ONNX Runtime infers the
types. `engine.rewrite.expose` does the same to a parsed network; a test compares the two.
"""

import mmap
import os
from dataclasses import asdict, dataclass

from engine.errors import InputError

# field numbers of onnx.proto
MODEL_GRAPH, MODEL_FUNCTIONS = 7, 25
GRAPH_NODE, GRAPH_OUTPUT = 1, 12
NODE_INPUT, NODE_OUTPUT, NODE_OP_TYPE, NODE_ATTRIBUTE, NODE_DOMAIN = 1, 2, 4, 5, 7
ATTRIBUTE_NAME, ATTRIBUTE_I, ATTRIBUTE_TYPE, INTEGER = 1, 3, 20, 2
VALUE_INFO_NAME = 1
LENGTH_DELIMITED = 2

SHAPE_OF = "lamella/shape/"


def _varint(number):
    data = bytearray()
    while number > 0x7F:
        data.append(number & 0x7F | 0x80)
        number >>= 7
    data.append(number)
    return bytes(data)


def _field(number, data):
    """One field of bytes, text or an embedded message."""
    data = data.encode() if isinstance(data, str) else data
    return _varint(number << 3 | LENGTH_DELIMITED) + _varint(len(data)) + data


@dataclass(frozen=True)
class Exposure:
    """How a tensor is to be seen from outside.

    Attributes
    ----------
    tensor : str
        Its name in the file.
    name : str
        The output's name; the tensor's own when nothing has to be done to it.
    op : str
        ``""``, or the operator that makes the output: ``"DequantizeLinear"`` for quantised
        values, ``"Identity"`` for inputs and constants.
    inputs : tuple of str
        That operator's inputs.
    domain : str
    integers : tuple of (str, int)
        That operator's attributes.
    """

    tensor: str
    name: str
    op: str = ""
    inputs: tuple = ()
    domain: str = ""
    integers: tuple = ()

    @classmethod
    def of(cls, entry):
        """From a tensor's name, from JSON, or itself."""
        if isinstance(entry, cls):
            return entry
        if isinstance(entry, str):
            return cls(entry, entry)
        pairs = tuple(tuple(pair) for pair in entry["integers"])
        return cls(**{**entry, "inputs": tuple(entry["inputs"]), "integers": pairs})

    def as_json(self):
        """Plain data for `of`."""
        return asdict(self)


def outputs(entries):
    """The bytes that make tensors outputs of the file they follow.

    Parameters
    ----------
    entries : iterable of str or Exposure
        What nodes of the main graph compute and what is no output yet.
    """
    fields = []
    for exposure in map(Exposure.of, entries):
        if exposure.op:
            fields.append(_field(GRAPH_NODE, _node(exposure)))
        fields.append(_field(GRAPH_OUTPUT, _field(VALUE_INFO_NAME, exposure.name)))
    return _field(MODEL_GRAPH, b"".join(fields)) if fields else b""


def _node(exposure):
    pieces = [_field(NODE_INPUT, name) for name in exposure.inputs]
    pieces += [_field(NODE_OUTPUT, exposure.name), _field(NODE_OP_TYPE, exposure.op)]
    for name, value in exposure.integers:
        integer = _varint(ATTRIBUTE_I << 3) + _varint(value % (1 << 64))
        kind = _varint(ATTRIBUTE_TYPE << 3) + _varint(INTEGER)
        pieces.append(_field(NODE_ATTRIBUTE, _field(ATTRIBUTE_NAME, name) + integer + kind))
    if exposure.domain:
        pieces.append(_field(NODE_DOMAIN, exposure.domain))
    return b"".join(pieces)


def shapes(names):
    """The bytes that make the *shapes* of tensors outputs, named `SHAPE_OF` + tensor.

    The tensors themselves are then freed as early as in a plain run.
    """
    return outputs(Exposure(name, SHAPE_OF + name, "Shape", (name,)) for name in names)


class ModelFile:
    """An ONNX file's bytes, and what its main graph computes, without the weights in memory.

    Parameters
    ----------
    path : str
        Checked by `engine.network.load` before, so that its external data stays in its folder.

    Attributes
    ----------
    outputs : tuple of str
    computed : tuple of str
        All that nodes of the main graph compute, in the file's order.
    """

    def __init__(self, path):
        self.path = path
        self._inlined = None
        try:
            with open(path, "rb") as file, _mapped(file, path) as data:
                self._scan(data)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=path) from error

    def _scan(self, data):
        outputs, computed = [], {}
        for number, start, stop in _fields(data, 0, len(data), self.path):
            if number == MODEL_FUNCTIONS:
                return self._inline()
            if number != MODEL_GRAPH:
                continue
            for inner, first, last in _fields(data, start, stop, self.path):
                if inner == GRAPH_NODE:
                    computed |= dict.fromkeys(_texts(data, first, last, NODE_OUTPUT, self.path))
                elif inner == GRAPH_OUTPUT:
                    outputs += _texts(data, first, last, VALUE_INFO_NAME, self.path)
        computed.pop("", None)
        self.outputs, self.computed = tuple(outputs), tuple(computed)

    def _inline(self):
        """Local functions hide tensors: take the graph in which they are written out."""
        from engine.network.load import read_model

        model = read_model(self.path)
        self.outputs = tuple(output.name for output in model.graph.output)
        names = {name: None for node in model.graph.node for name in node.output if name}
        self.computed = tuple(names)
        self._inlined = model.SerializeToString()

    def bytes(self, more=b""):
        """The file followed by `more`, in one copy."""
        if self._inlined is not None:
            return self._inlined + more
        with open(self.path, "rb") as file, _mapped(file, self.path) as data:
            return b"".join((data, more))

    def hidden(self, entries):
        """Those of `entries` that are no outputs yet; `InputError` for what is not computed."""
        outputs, computed = set(self.outputs), set(self.computed)
        hidden = []
        for exposure in map(Exposure.of, entries):
            name = exposure.tensor
            if exposure.op != "Identity" and name not in computed and name not in outputs:
                raise InputError(
                    f"no node of the main graph computes the tensor {name!r}", where=self.path
                )
            if exposure.name not in outputs:
                hidden.append(exposure)
        return hidden


def _mapped(file, path):
    if not os.fstat(file.fileno()).st_size:
        raise InputError("the file is empty", where=path, remedy="copy it again")
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _fields(data, start, stop, path):
    """Each field of a message that has a length: its number, where it starts and stops."""
    while start < stop:
        tag, start = _number(data, start, stop, path)
        wire = tag & 7
        if wire == 0:
            _, start = _number(data, start, stop, path)
            continue
        if wire == LENGTH_DELIMITED:
            length, start = _number(data, start, stop, path)
        else:
            length = {1: 8, 5: 4}.get(wire, stop)
        if start + length > stop:
            raise InputError(
                "it is no ONNX file, or a part of one", where=path, remedy="copy or export it again"
            )
        if wire == LENGTH_DELIMITED:
            yield tag >> 3, start, start + length
        start += length


def _number(data, start, stop, path):
    value = shift = 0
    while start < stop and shift < 64:
        byte = data[start]
        start += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, start
        shift += 7
    raise InputError(
        "it is no ONNX file, or a part of one", where=path, remedy="copy or export it again"
    )


def _texts(data, start, stop, number, path):
    spans = [(first, last) for n, first, last in _fields(data, start, stop, path) if n == number]
    return [data[first:last].decode("utf-8", "replace") for first, last in spans]
