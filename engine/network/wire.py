"""Check the protobuf structure of a model file before anything is allocated for it.

A protobuf message is a list of (field number, wire type, value). Values of wire type 2 carry their
length, and a hostile or damaged length is what makes a parser ask for gigabytes. This module walks
the bytes of a memory-mapped file, following only the messages that an ONNX model consists of
(onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), and never copies a value.
"""

from typing import NamedTuple

from engine.errors import InputError

MAX_DEPTH = 24
"""Deepest nesting of subgraphs that is followed; protobuf itself stops at 100 messages."""

MAX_MESSAGES = 4_000_000
"""Most messages in one file; the largest published networks have some hundred thousand."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

# What lies in the length-delimited fields of each message: the name of another message, or the
# required wire type of a plain value. A field that is not listed is skipped by its wire type.
_MESSAGES = {
    "model": {7: "graph", 8: "opset", 14: "pair", 20: "training", 25: "function"},
    "opset": {},
    "pair": {},
    "training": {1: "graph", 2: "graph", 3: "pair", 4: "pair"},
    "graph": {
        1: "node",
        5: "tensor",
        11: "value",
        12: "value",
        13: "value",
        14: "annotation",
        15: "sparse",
        16: "pair",
    },
    "annotation": {2: "pair"},
    "value": {2: "type", 4: "pair"},
    "type": {
        1: "tensor type",
        4: "element type",
        5: "map type",
        8: "tensor type",
        9: "element type",
    },
    "tensor type": {2: "shape"},
    "element type": {1: "type"},
    "map type": {2: "type"},
    "shape": {1: "dimension"},
    "dimension": {},
    "node": {5: "attribute", 9: "pair"},
    "attribute": {
        5: "tensor",
        6: "graph",
        10: "tensor",
        11: "graph",
        14: "type",
        15: "type",
        22: "sparse",
        23: "sparse",
    },
    "tensor": {13: "pair", 16: "pair"},
    "sparse": {1: "tensor", 2: "tensor"},
    "function": {7: "node", 9: "opset", 11: "attribute", 12: "value", 14: "pair"},
}

# Fields that must have this wire type where they occur: what tells ONNX from foreign protobuf.
_REQUIRED = {
    "model": {1: _VARINT, 2: _BYTES, 3: _BYTES, 4: _BYTES, 7: _BYTES, 8: _BYTES},
    "graph": {1: _BYTES, 2: _BYTES, 5: _BYTES, 11: _BYTES, 12: _BYTES},
    "node": {1: _BYTES, 2: _BYTES, 3: _BYTES, 4: _BYTES, 5: _BYTES, 7: _BYTES},
    "tensor": {2: _VARINT, 8: _BYTES, 9: _BYTES},
}


class Broken(Exception):
    """The bytes are not a well-formed ONNX model; the text says how, without the file."""


def check_structure(data, where):
    """Walk the messages of a model and check that every length lies inside its parent.

    Parameters
    ----------
    data : bytes or mmap
        The whole file.
    where : object
        The file, for the message.

    Raises
    ------
    InputError
        When a length points outside the file, a field is malformed, messages are nested too
        deeply, or the file holds no graph.

    Notes
    -----
    Cost: one step per field above the level of tensors' data, some 0.1 s for 1,000 nodes.
    """
    walk = _Walk(data)
    try:
        walk.message("model", 0, len(data), 0)
    except Broken as fault:
        raise InputError(
            str(fault),
            where=where,
            remedy="the file is damaged or no ONNX model: export or copy it again",
        ) from None
    if not walk.has_graph:
        raise InputError(
            "not an ONNX model: it holds no graph", where=where, remedy="export it again"
        )


class Field(NamedTuple):
    """One field of a message: where it begins, and where its value starts and stops."""

    number: int
    wire: int
    begin: int
    start: int
    stop: int

    def whole(self, data):
        """The field's bytes, tag and length included."""
        return data[self.begin : self.stop]


def fields(data, start, stop, kind="message", inside=()):
    """Yield the fields of a message that lies at ``data[start:stop]``.

    Raises
    ------
    Broken
        When a field is malformed or reaches beyond the message.
    """
    position = start
    while position < stop:
        begin = position
        tag, position = varint(data, position, stop)
        number, wire = tag >> 3, tag & 7
        if number == 0 or wire not in (_VARINT, _FIXED64, _BYTES, _FIXED32):
            raise Broken(f"at byte {position} there is no field of a {kind}")
        value = position
        if wire == _VARINT:
            _, position = varint(data, position, stop)
        else:
            length = 8 if wire == _FIXED64 else 4
            if wire == _BYTES:
                length, value = varint(data, position, stop)
            position = value + length
            if position > stop:
                part = inside[number] if number in inside else kind
                raise Broken(
                    f"it ends in the middle of a {part}"
                    if stop == len(data)
                    else f"at byte {value} a length points outside of its {kind}"
                )
        yield Field(number, wire, begin, value, position)


def varint(data, position, stop):
    """A number of protobuf's variable length, and the position behind it."""
    value = shift = 0
    while position < stop:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > 63:
            raise Broken(f"at byte {position} a number is longer than ten bytes")
    raise Broken("it ends in the middle of a number")


def varint_bytes(number):
    """A number as protobuf writes it."""
    data = bytearray()
    while number > 0x7F:
        data.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*data, number])


class _Walk:
    def __init__(self, data):
        self.data = data
        self.messages = 0
        self.has_graph = False

    def message(self, kind, start, stop, depth):
        self.messages += 1
        if self.messages > MAX_MESSAGES:
            raise Broken(f"it holds more than {MAX_MESSAGES:,} messages")
        if depth > 4 * MAX_DEPTH:
            raise Broken("its messages are nested too deeply")
        inside, required = _MESSAGES[kind], _REQUIRED.get(kind, {})
        for field in fields(self.data, start, stop, kind, inside):
            if required.get(field.number, field.wire) != field.wire:
                raise Broken(f"at byte {field.start} a {kind} has a field of the wrong type")
            if field.wire == _BYTES and field.number in inside:
                self.has_graph |= kind == "model" and field.number == 7
                self.message(inside[field.number], field.start, field.stop, depth + 1)
