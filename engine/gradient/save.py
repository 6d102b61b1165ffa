"""Writes a graph of gradients as files that plain ONNX Runtime runs without Lamella.

Weights that lie inside the network's file are copied into the new one. A network that keeps them
beside itself, or is too large for that, gets them beside the new file, too: as references to the
same data where that lies in the same folder (nothing is copied), else as ``NAME.data``.
"""

import os
from pathlib import Path

from engine.errors import InputError
from engine.network import tensors

MOST_INSIDE = 1 << 30
"""Bytes of weights that are kept inside one file; protobuf ends at twice that."""

_CHUNK = 1 << 24


def save(gradients, path):
    """Write ``path``, and ``path.data`` beside it where that is needed.

    Parameters
    ----------
    gradients : engine.gradient.build.Gradients
    path : str or Path

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    InputError
        When the place is the network's own file, or its folder does not exist.
    """
    import onnx

    path = Path(path)
    folder = path.parent.resolve()
    if not folder.is_dir():
        raise InputError("there is no such folder", where=path.parent)
    model = onnx.ModelProto()
    model.CopyFrom(gradients.model)
    sources = _sources(model, gradients.folder)
    taken = {file for _, file, _, _ in sources} | {Path(gradients.source).resolve()}
    if path.resolve() in taken or path.with_name(path.name + ".data").resolve() in taken:
        raise InputError("that is the network's own file", where=path, remedy="choose another -o")
    data = path.with_name(path.name + ".data")
    written = _place(sources, gradients.folder, folder, data)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(model.SerializeToString())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return [path, *written]


def _sources(model, folder):
    """External tensors: (tensor, file, offset, length)."""
    found = []
    for tensor in model.graph.initializer:
        if tensor.data_location == tensor.EXTERNAL:
            found.append((tensor, *tensors.external_part(tensor, folder, "the network")))
    return [(tensor, file.resolve(), start, size) for tensor, file, start, size in found]


def _place(sources, from_folder, to_folder, data):
    """Give every external tensor its place; returns the data files that were written."""
    inside = [each for each in sources if each[1].suffix == ".onnx"]
    if sum(size for _, _, _, size in sources) <= MOST_INSIDE and len(inside) == len(sources):
        for tensor, file, start, size in sources:
            _embed(tensor, file, start, size)
        return []
    same = Path(from_folder).resolve() == to_folder
    moved = inside if same else sources
    if not moved:
        return []
    _write_data(moved, data)
    return [data]


def _embed(tensor, file, start, size):
    with open(file, "rb") as opened:
        opened.seek(start)
        tensor.raw_data = opened.read(size)
    del tensor.external_data[:]
    tensor.data_location = tensor.DEFAULT


def _write_data(sources, data):
    part = data.with_name(data.name + ".part")
    try:
        with open(part, "wb") as target:
            for tensor, file, start, size in sources:
                target.seek(-(-target.tell() // 4096) * 4096)
                place = target.tell()
                _copy(file, start, size, target)
                entries = {"location": data.name, "offset": str(place), "length": str(size)}
                del tensor.external_data[:]
                for key, value in entries.items():
                    tensor.external_data.add(key=key, value=value)
        os.replace(part, data)
    finally:
        part.unlink(missing_ok=True)


def _copy(file, start, size, target):
    with open(file, "rb") as source:
        source.seek(start)
        while size:
            chunk = source.read(min(size, _CHUNK))
            if not chunk:
                raise InputError("it ended while it was copied", where=file)
            target.write(chunk)
            size -= len(chunk)
