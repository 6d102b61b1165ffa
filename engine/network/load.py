"""Read a model file safely: structure, sizes, names, operator sets, external data; no code runs.

Nothing is believed that the file says about itself before it is checked: lengths against the bytes
that are there (`wire`), tensor shapes against their data (`tensors`), paths of external data
against the model's folder. What passes can still crash a runtime, which is why inference runs in a
child process.
"""

import hashlib
import mmap
import os
from pathlib import Path

from engine.errors import InputError
from engine.network import tensors
from engine.network.weightless import without_large_weights
from engine.network.wire import check_structure

OLDEST_OPSET = 7
"""ONNX Runtime runs operator set 7 and newer."""

KNOWN_DOMAINS = frozenset(
    (
        "",
        "ai.onnx",
        "ai.onnx.ml",
        "ai.onnx.training",
        "ai.onnx.preview",
        "ai.onnx.preview.training",
        "com.microsoft",
        "com.microsoft.nchwc",
        "com.microsoft.experimental",
        "com.ms.internal.nhwc",
    )
)
"""Domains whose operators ONNX Runtime brings along."""

_LARGEST_PROTOBUF = 2**31 - 1
_CHUNK = 1 << 22

# What people open by mistake: (bytes, at, what it is, the way out).
_FOREIGN = (
    (
        b"version https://git-lfs",
        0,
        "a Git LFS pointer, not the model itself",
        "run `git lfs pull`",
    ),
    (
        b"PK\x03\x04",
        0,
        "a ZIP archive (PyTorch, Keras and NumPy save these)",
        "export the network to ONNX",
    ),
    (b"\x89HDF\r\n\x1a\n", 0, "an HDF5 file (Keras saves these)", "convert it with tf2onnx"),
    (b"TFL3", 4, "a TensorFlow Lite model", "convert it with tf2onnx --tflite"),
    (b"ORTM", 4, "a model in ONNX Runtime's own format", "open the ONNX file it was made from"),
    (b"\x80\x02", 0, "a Python pickle (PyTorch saves these)", "export the network to ONNX"),
    (b"\x1f\x8b", 0, "a gzip archive", "unpack it"),
    (b"\x89PNG", 0, "a PNG picture", "give the network first, then the data"),
    (b"\xff\xd8\xff", 0, "a JPEG picture", "give the network first, then the data"),
)


def read_model(path, *, map_weights=False):
    """Read and check a model; its external data stays on disk.

    Parameters
    ----------
    path : str or Path
        The ONNX file.
    map_weights : bool
        Leave weights of a megabyte and more in the file, marked as external data that lies there:
        to look at a network, not to run what is returned.

    Returns
    -------
    onnx.ModelProto
        The model with its local functions written out as nodes, external data not loaded.

    Raises
    ------
    InputError
        When the file is missing, damaged, not ONNX, too old, needs an operator domain that ONNX
        Runtime does not have, or points to external data that is absent or outside its folder.
    """
    path = existing_file(path)
    model = _parse(path, map_weights)
    _check_names(model, path)
    _check_operator_sets(model, path)
    folder = path.parent
    for tensor in every_tensor(model):
        tensors.check(tensor, folder, path.name)
    _check_domains(model, path)
    if model.functions:
        from engine.rewrite.inline import inline_functions

        model = inline_functions(model, path.name)
    return model


def existing_file(path):
    """Return ``path`` as a `Path`, or raise `InputError` when no file can be read there."""
    path = Path(path)
    if path.is_dir():
        raise InputError("a folder, not a model", where=path, remedy="name the ONNX file in it")
    if not path.exists():
        raise InputError("no such file", where=path, remedy="check the path")
    if not path.is_file():
        raise InputError("not a regular file", where=path, remedy="name an ONNX file")
    if not os.access(path, os.R_OK):
        raise InputError("it may not be read", where=path, remedy="change its permissions")
    return path


def external_files(model, path):
    """Return the files that hold a model's external data, each once, by name.

    Parameters
    ----------
    model : onnx.ModelProto
        As `read_model` gave it.
    path : str or Path
        The file it was read from.

    Returns
    -------
    list of Path
    """
    folder = Path(path).parent
    found = set()
    for tensor in every_tensor(model):
        if tensor.data_location == tensor.EXTERNAL:
            found.add(tensors.external_part(tensor, folder, Path(path).name)[0])
    return sorted(found - {Path(path).resolve()})


def hash_model(path, model=None):
    """SHA-256 over a model file and its external data, as hexadecimal text.

    Two networks with this hash compute the same; names of the files do not count, the order of
    external files (by name) does.
    """
    path = Path(path)
    model = read_model(path, map_weights=True) if model is None else model
    digest = hashlib.sha256()
    for name in [path, *external_files(model, path)]:
        with open(name, "rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def opset_of(model):
    """The version of the main operator set, or None where a model imports none."""
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    return max(versions) if versions else None


def every_tensor(model):
    """Yield each TensorProto of a model, those of attributes, subgraphs and functions too."""
    yield from _tensors_of_graph(model.graph)
    for function in model.functions:
        for node in function.node:
            yield from _tensors_of_node(node)
        for attribute in function.attribute_proto:
            yield from _tensors_of_attribute(attribute)


def _tensors_of_graph(graph):
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        yield from _tensors_of_node(node)


def _tensors_of_node(node):
    for attribute in node.attribute:
        yield from _tensors_of_attribute(attribute)


def _tensors_of_attribute(attribute):
    if attribute.HasField("t"):
        yield attribute.t
    yield from attribute.tensors
    if attribute.HasField("g"):
        yield from _tensors_of_graph(attribute.g)
    for graph in attribute.graphs:
        yield from _tensors_of_graph(graph)
    sparse = list(attribute.sparse_tensors)
    if attribute.HasField("sparse_tensor"):
        sparse.append(attribute.sparse_tensor)
    for each in sparse:
        yield from (each.values, each.indices)


def _parse(path, map_weights):
    import onnx
    from google.protobuf.message import DecodeError

    size = path.stat().st_size
    if size == 0:
        raise InputError("the file is empty", where=path, remedy="export or copy it again")
    if size > _LARGEST_PROTOBUF:
        raise InputError(
            "larger than 2 GB in one file, which protobuf cannot hold",
            where=path,
            remedy="export it with its weights as external data",
        )
    with open(path, "rb") as file:
        _refuse_foreign(file.read(32), path)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            check_structure(data, path)
            mapped = map_weights and not path.is_symlink()
            content = without_large_weights(data, path.name) if mapped else bytes(data)
        model = onnx.ModelProto()
        try:
            model.ParseFromString(content)
        except (DecodeError, UnicodeDecodeError) as fault:
            raise InputError(
                f"the protobuf in it cannot be read ({str(fault) or 'malformed'})",
                where=path,
                remedy="the file is damaged or no ONNX model: export or copy it again",
            ) from None
    if not model.graph.node:
        raise InputError(
            "not an ONNX model: its graph has no nodes", where=path, remedy="export it again"
        )
    return model


def _check_names(model, path):
    """Refuse names that are no text: protobuf hands these on as bytes."""
    names = [value.name for graph in (model.graph,) for value in (*graph.input, *graph.output)]
    names += [value.name for value in model.graph.value_info]
    names += [tensor.name for tensor in every_tensor(model)]
    nodes = [*every_node(model.graph), *(n for f in model.functions for n in every_node(f))]
    for node in nodes:
        names += [node.name, node.op_type, node.domain, *node.input, *node.output]
        names += [attribute.name for attribute in node.attribute]
    names += [text for entry in model.metadata_props for text in (entry.key, entry.value)]
    names += [entry.domain for entry in model.opset_import]
    names += [model.producer_name, model.producer_version]
    names += [
        dimension.dim_param
        for value in (*model.graph.input, *model.graph.output)
        for dimension in value.type.tensor_type.shape.dim
    ]
    wrong = next((name for name in names if not isinstance(name, str)), None)
    if wrong is not None:
        raise InputError(
            f"the name {wrong[:40]!r} in it is not text (UTF-8)",
            where=path,
            remedy="the file is damaged: export or copy it again",
        )


def _refuse_foreign(start, path):
    for magic, at, what, remedy in _FOREIGN:
        if start[at : at + len(magic)] == magic:
            raise InputError(f"{what}, not an ONNX model", where=path, remedy=remedy)
    if len(start) >= 8 and all(byte in b"\t\n\r" or 32 <= byte < 127 for byte in start):
        raise InputError("a text file, not an ONNX model", where=path, remedy="name an ONNX file")


def _check_operator_sets(model, path):
    main = any(node.domain in ("", "ai.onnx") for node in model.graph.node)
    version = opset_of(model)
    if version is None and main:
        raise InputError(
            f"it names no operator set (IR version {model.ir_version}, made by "
            f"{model.producer_name or 'an unknown exporter'})",
            where=path,
            remedy="export it again with an exporter from 2018 or later",
        )
    if version is not None and version < OLDEST_OPSET:
        raise InputError(
            f"its operator set {version} is too old for ONNX Runtime",
            where=path,
            expected=f"{OLDEST_OPSET} or newer",
            remedy="convert it with onnx.version_converter or export it again",
        )


def _check_domains(model, path):
    local = {(function.domain, function.name) for function in model.functions}
    imported = {entry.domain for entry in model.opset_import} | {"", "ai.onnx"}
    for node in every_node(model.graph):
        if (node.domain, node.op_type) in local:
            continue
        if node.domain in KNOWN_DOMAINS and node.domain in imported:
            continue
        name = node.name or next(iter(node.output), node.op_type)
        raise InputError(
            f"node {name!r} needs the operator {node.op_type} of domain {node.domain!r}, "
            "which is not part of ONNX Runtime",
            where=path,
            remedy=_way_out(node.domain),
        )


def every_node(graph):
    """Yield each NodeProto of a GraphProto, subgraphs included."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from every_node(attribute.g)
            for inner in attribute.graphs:
                yield from every_node(inner)


def _way_out(domain):
    if domain == "com.microsoft.extensions":
        return "export the network without its pre- and post-processing steps"
    if domain in ("onnx.brevitas", "qonnx.custom_op.general", "finn.custom_op.general"):
        return "export it with QuantizeLinear and DequantizeLinear (QCDQ) instead"
    return "export it with standard ONNX operators only"
