"""Tensors as they lie in a file: their sizes checked, their values read only when asked for."""

import math
import os
from pathlib import Path, PureWindowsPath

import numpy as np

from engine.errors import InputError

MAX_ELEMENTS = 1 << 36
"""Most elements of one tensor: 64 G, beyond any published network."""

MAX_RANK = 64

# TensorProto.DataType: (name as NumPy says it, bits of an element, field that holds typed values,
# elements per entry of that field).
DATA_TYPES = {
    1: ("float32", 32, "float_data", 1),
    2: ("uint8", 8, "int32_data", 1),
    3: ("int8", 8, "int32_data", 1),
    4: ("uint16", 16, "int32_data", 1),
    5: ("int16", 16, "int32_data", 1),
    6: ("int32", 32, "int32_data", 1),
    7: ("int64", 64, "int64_data", 1),
    8: ("str", 0, "string_data", 1),
    9: ("bool", 8, "int32_data", 1),
    10: ("float16", 16, "int32_data", 1),
    11: ("float64", 64, "double_data", 1),
    12: ("uint32", 32, "uint64_data", 1),
    13: ("uint64", 64, "uint64_data", 1),
    14: ("complex64", 64, "float_data", 0.5),
    15: ("complex128", 128, "double_data", 0.5),
    16: ("bfloat16", 16, "int32_data", 1),
    17: ("float8e4m3fn", 8, "int32_data", 1),
    18: ("float8e4m3fnuz", 8, "int32_data", 1),
    19: ("float8e5m2", 8, "int32_data", 1),
    20: ("float8e5m2fnuz", 8, "int32_data", 1),
    21: ("uint4", 4, "int32_data", 2),
    22: ("int4", 4, "int32_data", 2),
    23: ("float4e2m1", 4, "int32_data", 2),
    24: ("float8e8m0", 8, "int32_data", 1),
    25: ("uint2", 2, "int32_data", 4),
    26: ("int2", 2, "int32_data", 4),
}

_PLAIN = frozenset(
    "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool".split()
    + ["complex64", "complex128"]
)


def dtype_name(code):
    """NumPy's name for a TensorProto data type, or ``"unknown(code)"``."""
    return DATA_TYPES[code][0] if code in DATA_TYPES else f"unknown({code})"


def check(tensor, folder, model_name):
    """Check one TensorProto's type, shape and data against each other; allocates nothing.

    Parameters
    ----------
    tensor : onnx.TensorProto
    folder : Path
        The model's folder, which external data may not leave.
    model_name : str
        The file's name, for messages.

    Raises
    ------
    InputError
        Naming the tensor and the fault.
    """
    where = f"{model_name}, tensor {tensor.name!r}"
    again = "the file is damaged: export or copy it again"
    if tensor.data_type not in DATA_TYPES:
        raise InputError(
            f"it has the unknown data type {tensor.data_type}", where=where, remedy=again
        )
    if len(tensor.dims) > MAX_RANK:
        raise InputError(f"it has {len(tensor.dims)} axes", where=where, remedy=again)
    if any(size < 0 for size in tensor.dims):
        raise InputError(f"it has a negative size, {list(tensor.dims)}", where=where, remedy=again)
    count = math.prod(tensor.dims)
    if count > MAX_ELEMENTS:
        raise InputError(
            f"its shape {list(tensor.dims)} is absurdly large", where=where, remedy=again
        )
    if tensor.data_location == tensor.EXTERNAL:
        external_part(tensor, folder, model_name)
        return
    _, bits, field, per_entry = DATA_TYPES[tensor.data_type]
    if tensor.raw_data or not getattr(tensor, field):
        needed, present = (count * bits + 7) // 8, len(tensor.raw_data)
        unit = "bytes"
    else:
        needed, present = math.ceil(count / per_entry), len(getattr(tensor, field))
        unit = "values"
    if needed != present:
        raise InputError(
            f"its shape {list(tensor.dims)} does not fit its data",
            where=where,
            expected=f"{needed:,} {unit}",
            got=f"{present:,}",
            remedy=again,
        )


def external_part(tensor, folder, model_name):
    """Return where a tensor's external data lies, checked.

    Returns
    -------
    (Path, int, int)
        The file, the offset of the first byte and the number of bytes.

    Raises
    ------
    InputError
        When the file is missing, outside ``folder`` (absolute, by ``..`` or by a link), too short,
        or of a length that does not fit the tensor's shape.
    """
    where = f"{model_name}, tensor {tensor.name!r}"
    entries = {entry.key: entry.value for entry in tensor.external_data}
    file = _inside(entries.get("location", ""), folder, where)
    offset = _whole_number(entries.get("offset", "0"), "offset", where)
    needed = (math.prod(tensor.dims) * DATA_TYPES[tensor.data_type][1] + 7) // 8
    length = _whole_number(entries.get("length", str(needed)), "length", where)
    if tensor.data_type == tensor.STRING:
        raise InputError("text cannot be external data", where=where, remedy="export it again")
    if length != needed:
        raise InputError(
            f"its shape {list(tensor.dims)} does not fit its external data",
            where=where,
            expected=f"{needed:,} bytes",
            got=f"{length:,}",
            remedy="export or copy the model and its data again",
        )
    size = file.stat().st_size
    if offset + length > size:
        raise InputError(
            f"its external data {file.name!r} is too short",
            where=where,
            expected=f"{offset + length:,} bytes",
            got=f"{size:,}",
            remedy="copy the file again",
        )
    return file, offset, length


def _inside(location, folder, where):
    remedy = "keep the file beside the model and name it by a relative path"
    outside = (
        not location
        or "\0" in location
        or os.path.isabs(location)
        or PureWindowsPath(location).anchor
        or ".." in Path(location).parts
        or ".." in PureWindowsPath(location).parts
    )
    if outside:
        raise InputError(
            f"its external data {location!r} is not inside the model's folder",
            where=where,
            remedy=remedy,
        )
    folder = Path(folder).resolve()
    try:
        file = (folder / location).resolve()
        is_there = file.is_file()  # raises for a name that is too long
    except (OSError, RuntimeError) as fault:
        reason = getattr(fault, "strerror", None) or "its links go round in circles"
        raise InputError(
            f"its external data {location[:80]!r} cannot be found ({reason})",
            where=where,
        ) from None
    if not file.is_relative_to(folder):
        raise InputError(
            f"its external data {location!r} is a link that leads out of the model's folder",
            where=where,
            remedy=remedy,
        )
    if not is_there:
        raise InputError(
            f"its external data {location!r} is missing",
            where=where,
            remedy=f"copy the file into {folder}",
        )
    return file


def _whole_number(text, what, where):
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InputError(
            f"the {what} of its external data is {text[:40]!r}, not a number of bytes", where=where
        )
    return int(text)


def values(tensor, folder, model_name=""):
    """Read a checked tensor's values.

    Returns
    -------
    ndarray
        External data of plain types is memory-mapped, not read.
    """
    from onnx import numpy_helper

    name = dtype_name(tensor.data_type)
    if tensor.data_location == tensor.EXTERNAL:
        file, offset, length = external_part(tensor, folder, model_name)
        if name in _PLAIN and length:
            kind = np.dtype(name).newbyteorder("<")
            mapped = np.memmap(file, kind, "r", offset, tuple(tensor.dims))
            return mapped if mapped.flags.aligned else np.array(mapped)
        with open(file, "rb") as opened:
            opened.seek(offset)
            copy = type(tensor)(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
            copy.raw_data = opened.read(length)
            return numpy_helper.to_array(copy)
    if name in _PLAIN and tensor.raw_data:
        flat = np.frombuffer(tensor.raw_data, np.dtype(name).newbyteorder("<"))
        return flat.reshape(tuple(tensor.dims))
    return numpy_helper.to_array(tensor)
