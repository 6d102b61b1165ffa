"""Open an ONNX file as a network: its graph, its layers, what goes in and what comes out."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.errors import InputError
from engine.network import cost, sizing
from engine.network.axes import Axes, layout_letters, position_axes
from engine.network.graph import Graph
from engine.network.grouping import data_tensors, group_layers
from engine.network.layers import LayerBuilder
from engine.network.load import existing_file, hash_model, read_model
from engine.network.receptive_field import ReceptiveFields
from engine.network.scores import find_scores
from engine.network.summary import NetworkSummary, image_axes, tensor_json
from engine.tasks import Task


@dataclass(frozen=True, kw_only=True)
class Network(NetworkSummary):
    """A network whose file is at hand.

    Attributes
    ----------
    graph : Graph
        The real graph, branches and all.
    shapes, dtypes : dict
        Of every tensor at the chosen shapes.
    values : dict of str to ndarray
        Small integer tensors at the chosen shapes.
    feeds : dict of str to ndarray
        Constant values for the inputs that take no picture.
    two_shapes : dict
        Shapes at a batch of 2, where that runs: they tell where the batch is.
    axes : Axes
        The letters of the axes of every tensor.
    """

    graph: Graph
    shapes: dict[str, tuple[int, ...]]
    dtypes: dict[str, str]
    values: dict[str, Any]
    feeds: dict[str, Any]
    fields: ReceptiveFields | None = field(repr=False)
    two_shapes: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False)
    axes: Axes | None = field(default=None, repr=False)

    def summary(self):
        """The facts without the file, as a `NetworkSummary`."""
        names = NetworkSummary.__dataclass_fields__
        return NetworkSummary(**{name: getattr(self, name) for name in names})

    def box(self, layer, *position):
        """The exact receptive field of a unit, in pixels of the network's input.

        Parameters
        ----------
        layer : str
        *position : int
            Row and column (or whatever positions the layer has); none for a layer without.

        Returns
        -------
        (int, int, int, int)
            First row, first column, row and column after the last; not clipped.
        """
        found = self.layer(layer)
        if self.fields is None:
            raise InputError("its input is no picture: no receptive fields", where=self.path)
        axes = position_axes(layout_letters(found.file_layout))
        sizes = found.output_shape[1:]
        inside = len(position) == len(sizes) and all(
            0 <= place < size for place, size in zip(position, sizes, strict=True)
        )
        if not inside:
            raise InputError(
                f"layer {layer!r} has no unit at {position}", expected=f"positions below {sizes}"
            )
        return self.fields.box(found.post, axes, tuple(position))

    def boxes(self, layer):
        """The receptive fields of all units of one channel, as `box` gives each.

        Returns
        -------
        int64[*positions, 4]
        """
        found = self.layer(layer)
        if self.fields is None:
            raise InputError("its input is no picture: no receptive fields", where=self.path)
        axes = position_axes(layout_letters(found.file_layout))
        return self.fields.boxes(found.post, axes, found.output_shape[1:])

    def feeds_for(self, batch):
        """All inputs for a batch of pictures (an array in the file's own layout)."""
        return {self.image_input: batch, **self._repeated(batch.shape[0])}

    def _repeated(self, count):
        """The other inputs, repeated where their first axis is the batch."""
        import numpy as np

        declared = {tensor.name: tensor.shape for tensor in self.inputs}
        image = declared[self.image_input]
        repeated = {}
        for name, value in self.feeds.items():
            shape = declared[name]
            free = bool(shape) and not isinstance(shape[0], int) and bool(image)
            grows = self.batch_is_free and free and value.shape[:1] == (1,)
            repeated[name] = np.repeat(value, count, 0) if grows and count != 1 else value
        return repeated


def open_network(path, *, size=None, scores=None, preprocess=None, device=None, task=None):
    """Open an ONNX file.

    Parameters
    ----------
    path : str or Path
    size : (int, int) or int, optional
        Rows and columns of the input, where the file leaves them free.
    scores : str, optional
        The output (or raw tensor) that holds the class scores.
    preprocess : dict or Preprocessing, optional
        Options of `engine.network.preprocessing.with_options`, over the guess.
    device : {None, "cpu", "cuda"}
        Where the network is tried; the CPU by default.
    task : Task, optional

    Returns
    -------
    Network

    Raises
    ------
    InputError
        When the file is damaged, cannot be run, or does not fit the options.

    Notes
    -----
    Starts one child process and runs the network there once to three times.
    """
    task = task or Task()
    path = existing_file(path)
    try:
        return _opened(path, size, scores, preprocess, device, task)
    except _MISFITS as error:
        raise InputError(
            f"its graph contradicts itself ({type(error).__name__}: {error})",
            where=path,
            remedy="export it again; if ONNX Runtime runs it, tell us about the file",
        ) from error


# What a graph raises whose attributes or shapes fit no operator's definition, although it parses.
_MISFITS = (
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
    ZeroDivisionError,
)


def _opened(path, size, scores, preprocess, device, task):
    task.report(0, 4, f"reading {path.name}")
    model = read_model(path, map_weights=True)
    graph = Graph(model, path)
    sha256 = hash_model(path, model)
    task.report(1, 4, f"running {path.name} once")
    image = sizing.image_input(graph)
    chosen = _probed(graph, image, _size(size, preprocess), device, task)
    task.report(2, 4, "finding layers")
    network = _assembled(graph, image, chosen, model, sha256, scores)
    task.report(3, 4, "guessing the preprocessing")
    network = _with_preprocessing(network, image, preprocess)
    task.report(4, 4, "opened")
    return network


def _size(size, preprocess):
    if size is None and isinstance(preprocess, dict):
        size = preprocess.get("size")
    if size is None:
        return None
    size = (size, size) if isinstance(size, int) else tuple(int(each) for each in size)
    if len(size) != 2 or min(size) < 1 or max(size) > 1 << 15:
        raise InputError("the size is not two numbers above 0", got=size, remedy="--size 224x224")
    return size


def _probed(graph, image, size, device, task):
    from engine.run.runner import Runner

    try:
        with Runner(graph.path, device=device or "cpu", task=task) as runner:
            return sizing.choose(graph, runner, image, size)
    except InputError as error:
        raise _too_new(error, graph) or error from None


def _too_new(error, graph):
    """A plain sentence where ONNX Runtime refuses a file that is newer than it, else None."""
    remedy = "export it for an older version, or update onnxruntime"
    if "official released onnx opset" in error.what:
        what = f"its operator set {graph.opset} is newer than this ONNX Runtime runs"
        return InputError(what, where=graph.path, remedy=remedy)
    versions = re.search(r"Unsupported model IR version: (\d+), max.*: (\d+)", error.what)
    if versions is None:
        return None
    what = "its IR version is newer than this ONNX Runtime reads"
    expected, got = f"{versions[2]} or older", versions[1]
    return InputError(what, where=graph.path, expected=expected, got=got, remedy=remedy)


def _assembled(graph, image, chosen, model, sha256, scores):
    probe = chosen.probe
    shapes = dict(probe.shapes)
    shapes |= {name: tuple(shape) for name, shape in chosen.shapes.items()}
    dtypes = {tensor.name: tensor.dtype for tensor in graph.inputs} | dict(probe.dtypes)
    data = data_tensors(graph)
    axes = Axes(
        graph,
        shapes,
        probe.values,
        data,
        chosen.batch_axes,
        chosen.batch,
        chosen.two_shapes,
    )
    groups = group_layers(graph, data, shapes, dtypes, axes)
    groups = [group for group in groups if group.post in shapes]
    letters = axes[image.name]
    notes = list(chosen.notes) + list(probe.notes)
    fields = _fields(graph, shapes, probe.values, image.name, letters)
    other = None if chosen.other is None else chosen.other.shapes
    builder = LayerBuilder(graph, groups, data, axes, shapes, chosen.batch, fields, other)
    found, reason = find_scores(graph, shapes, dtypes, chosen.batch, scores)
    return Network(
        path=str(graph.path),
        sha256=sha256,
        inputs=graph.inputs,
        outputs=graph.outputs,
        opset=graph.opset,
        producer=f"{model.producer_name} {model.producer_version}".strip(),
        nodes=len(graph.nodes),
        layers=builder.build(),
        image_input=image.name,
        input_shape=shapes[image.name],
        input_dtype=image.dtype,
        input_layout=axes.layout(image.name),
        batch=chosen.batch,
        batch_is_free=chosen.batch_is_free,
        size_is_free=chosen.size_is_free,
        scores=found,
        scores_reason=reason,
        preprocessing=None,
        notes=tuple(dict.fromkeys(notes)),
        graph=graph,
        shapes=shapes,
        dtypes=dtypes,
        values=probe.values,
        feeds=chosen.feeds,
        fields=fields,
        two_shapes=chosen.two_shapes,
        axes=axes,
    )


def _fields(graph, shapes, values, name, letters):
    if not 2 <= len(letters) <= 4 and len(letters) != 1:
        return None
    return ReceptiveFields(graph, shapes, values, name, image_axes(letters))


def _with_preprocessing(network, image, preprocess):
    from engine.network.preprocessing import Preprocessing, with_options
    from engine.network.preprocessing_guess import first_nodes, guess

    if isinstance(preprocess, Preprocessing):
        return replace(network, preprocessing=preprocess)
    try:
        guessed = guess(
            image,
            network.input_shape,
            metadata=network.graph.metadata,
            producer=network.producer,
            network_name=Path(network.path).stem,
            classes=network.classes,
            first_nodes=first_nodes(network.graph, image.name),
        )
    except InputError as error:
        if preprocess:
            raise
        return replace(network, notes=(*network.notes, error.what))
    if preprocess:
        guessed = with_options(guessed, **preprocess)
    return replace(network, preprocessing=guessed)


def info_json(network):
    """The document of `lamella info --json`."""
    guess = network.preprocessing
    params, macs = cost.total(network.layers)
    return {
        "path": network.path,
        "sha256": network.sha256,
        "inputs": [_input_json(network, tensor) for tensor in network.inputs],
        "outputs": [tensor_json(tensor) for tensor in network.outputs],
        "opset": network.opset,
        "producer": network.producer,
        "nodes": network.nodes,
        "params": params,
        "macs": macs,
        "batch_is_free": network.batch_is_free,
        "size_is_free": network.size_is_free,
        "scores": _scores_json(network),
        "preprocessing": None if guess is None else guess.as_json(),
        "difference_from_plain": network.difference_from_plain,
        "notes": list(network.notes),
        "layers": [layer.as_json() for layer in network.layers],
    }


def _input_json(network, tensor):
    document = tensor_json(tensor)
    if tensor.name == network.image_input:
        document["chosen_shape"] = list(network.input_shape)
        document["layout"] = network.input_layout
    return document


def _scores_json(network):
    if network.scores is None:
        return {"output": None, "reason": network.scores_reason}
    found = network.scores
    return {
        "output": found.output,
        "classes": found.classes,
        "binary": found.binary,
        "activation": found.activation,
        "reason": found.reason,
    }
