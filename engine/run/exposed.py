"""A network's file with more outputs, without parsing it: protobuf's concatenation is a merge.

Two serialised messages behind each other are, by the definition of protobuf, their merge: repeated
fields are appended. So a file that is followed by a few bytes that say "graph: these outputs too"
is the same network with these outputs, whatever the size of its weights. ONNX Runtime infers the
types. `engine.rewrite.expose` does the same to a parsed network; a test compares the two.
"""

import mmap
import os

from engine.errors import InputError

# field numbers of onnx.proto
MODEL_GRAPH, MODEL_FUNCTIONS = 7, 25
GRAPH_NODE, GRAPH_OUTPUT = 1, 12
NODE_INPUT, NODE_OUTPUT, NODE_OP_TYPE = 1, 2, 4
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


def outputs(names):
    """The bytes that make tensors outputs of the file they follow.

    Parameters
    ----------
    names : iterable of str
        Tensors that nodes of the main graph compute and that are no outputs yet.
    """
    entries = [_field(GRAPH_OUTPUT, _field(VALUE_INFO_NAME, name)) for name in names]
    return _field(MODEL_GRAPH, b"".join(entries)) if entries else b""


def shapes(names):
    """The bytes that make the *shapes* of tensors outputs, named `SHAPE_OF` + tensor.

    The tensors themselves are then freed as early as in a plain run.
    """
    entries = []
    for name in names:
        node = _field(NODE_INPUT, name) + _field(NODE_OUTPUT, SHAPE_OF + name)
        entries.append(_field(GRAPH_NODE, node + _field(NODE_OP_TYPE, "Shape")))
        entries.append(_field(GRAPH_OUTPUT, _field(VALUE_INFO_NAME, SHAPE_OF + name)))
    return _field(MODEL_GRAPH, b"".join(entries)) if entries else b""


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

    def hidden(self, names):
        """Those of `names` that are no outputs; `InputError` for what is not computed at all."""
        unknown = set(names).difference(self.computed, self.outputs)
        if unknown:
            raise InputError(
                f"no node of the main graph computes the tensor {min(unknown)!r}", where=self.path
            )
        outputs = set(self.outputs)
        return [name for name in names if name not in outputs]


def _mapped(file, path):
    if not os.fstat(file.fileno()).st_size:
        raise InputError("the file is empty", where=path, todo="copy it again")
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
                "it is no ONNX file, or a part of one", where=path, todo="copy or export it again"
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
        "it is no ONNX file, or a part of one", where=path, todo="copy or export it again"
    )


def _texts(data, start, stop, number, path):
    spans = [(first, last) for n, first, last in _fields(data, start, stop, path) if n == number]
    return [data[first:last].decode("utf-8", "replace") for first, last in spans]
