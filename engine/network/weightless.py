"""A model's bytes without its large weights, which stay in the file and are mapped when needed.

Parsing a network of 500 MB would copy its weights into this process, although only their shapes
matter here. So each large `raw_data` of an initializer is left out of what is parsed, and a
reference to its place in the same file is put in its stead, in ONNX's own words for external data.
"""

from engine.network.wire import fields, varint_bytes

LARGE = 1 << 20
"""Weights of this many bytes and more stay on disk."""

_MODEL_GRAPH, _MODEL_FUNCTIONS = 7, 25
_GRAPH_INITIALIZER = 5
_TENSOR_RAW_DATA, _TENSOR_EXTERNAL, _TENSOR_LOCATION = 9, 13, 14
_BYTES = 2


def without_large_weights(data, name):
    """Bytes to parse in place of a file's.

    Parameters
    ----------
    data : mmap
        The file, checked by `engine.network.wire.check_structure`.
    name : str
        The file's name, without folder.

    Returns
    -------
    bytes
        The file's own where it holds no large weight, or local functions (which are written out
        and handed on as a whole).
    """
    top = list(fields(data, 0, len(data)))
    graphs = [each for each in top if each.number == _MODEL_GRAPH]
    if len(graphs) != 1 or any(each.number == _MODEL_FUNCTIONS for each in top):
        return bytes(data)
    inner = list(fields(data, graphs[0].start, graphs[0].stop))
    large = {each: _large_data(data, each) for each in inner if each.number == _GRAPH_INITIALIZER}
    if not any(large.values()):
        return bytes(data)
    graph = b"".join(
        _mapped_tensor(data, each, large[each], name) if large.get(each) else each.whole(data)
        for each in inner
    )
    return b"".join(
        _field(_MODEL_GRAPH, graph) if each.number == _MODEL_GRAPH else each.whole(data)
        for each in top
    )


def _large_data(data, tensor):
    """The one raw_data field of a tensor when it is large, else None."""
    if tensor.stop - tensor.start < LARGE:
        return None
    inside = list(fields(data, tensor.start, tensor.stop))
    raw = [each for each in inside if each.number == _TENSOR_RAW_DATA]
    if len(raw) != 1 or any(each.number == _TENSOR_LOCATION for each in inside):
        return None
    return raw[0] if raw[0].stop - raw[0].start >= LARGE else None


def _mapped_tensor(data, tensor, raw, name):
    kept = [
        each.whole(data)
        for each in fields(data, tensor.start, tensor.stop)
        if each.number != _TENSOR_RAW_DATA
    ]
    entries = {"location": name, "offset": str(raw.start), "length": str(raw.stop - raw.start)}
    for key, value in entries.items():
        entry = _field(1, key.encode()) + _field(2, value.encode())
        kept.append(_field(_TENSOR_EXTERNAL, entry))
    kept.append(varint_bytes(_TENSOR_LOCATION << 3) + varint_bytes(1))
    return _field(_GRAPH_INITIALIZER, b"".join(kept))


def _field(number, data):
    return varint_bytes(number << 3 | _BYTES) + varint_bytes(len(data)) + data
