"""Choose concrete input shapes for a network: try, believe what runs, say what was tried.

A file's declared shapes are wishes: a batch that is declared free may be fixed by a Reshape inside,
and a free picture size may allow only some sizes. So shapes are proposed here and probed in the
child process.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from engine.errors import InputError
from engine.network import operators
from engine.network.preprocessing_guess import layout_of, usual_sizes

COMMON_SIZES = (224, 256, 320, 640, 416, 512, 28, 32, 64, 96, 128, 299, 384, 1024, 48, 720)
_LARGEST_INPUT = 1 << 30
_PICTURE_TYPES = ("float32", "float16", "float64", "bfloat16", "uint8", "int8", "uint16", "int32")


@dataclass
class Chosen:
    """Shapes that run, and what was learned on the way.

    Attributes
    ----------
    probe : engine.run.probe.Probe
        At ``shapes``.
    shapes : dict of str to tuple of int
        Of every input.
    batch : int
        1, or the batch that the file fixes.
    batch_axes : dict of str to (int or None)
        Where the batch is, for tensors whose shape is known at two batches.
    other : Probe or None
        At another picture size, where sizes are free.
    two_shapes : dict
        Shapes at a batch of 2, where that runs.
    """

    probe: object
    shapes: dict
    batch: int
    batch_is_free: bool = False
    size_is_free: bool = False
    batch_axes: dict = field(default_factory=dict)
    other: object = None
    two_shapes: dict = field(default_factory=dict)
    feeds: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)


def image_input(graph):
    """The input that takes the picture: the first with most axes among those of a fitting type.

    Raises
    ------
    InputError
        When the network has no such input.
    """
    fitting = [
        tensor
        for tensor in graph.inputs
        if tensor.dtype in _PICTURE_TYPES and (tensor.shape is None or 1 <= len(tensor.shape) <= 5)
    ]
    if not fitting:
        what = ", ".join(f"{each.name}: {each.dtype}" for each in graph.inputs) or "none"
        raise InputError(
            "it has no input that could take a picture",
            where=graph.path,
            got=what,
            remedy="export the part of the network that takes pictures",
        )

    def rank(tensor):
        axes = 4 if tensor.shape is None else len(tensor.shape)
        return (axes == 4, axes == 3, axes, tensor.dtype != "int32")

    return max(fitting, key=rank)


def input_layout(graph, tensor):
    """The layout of the image input, from the operators it meets first, else from its shape.

    Returns
    -------
    str
        ``"NCHW"``, ``"NHWC"``, ``"NHW"``, ``"CHW"`` ...
    """
    if tensor.shape is None:
        return "NCHW"
    seen = _letters_before_convolution(graph, tensor)
    if seen is not None:
        return seen
    try:
        return layout_of(tensor)[0]
    except InputError:
        return {1: "K", 2: "NK", 3: "NTC", 5: "NCDHW"}.get(len(tensor.shape), "NCHW")


def _letters_before_convolution(graph, tensor):
    """Letters that a convolution or pool gives the input through Transposes alone."""
    letters = list(range(len(tensor.shape)))
    name = tensor.name
    for _ in range(12):
        readers = [
            n for n in graph.consumers.get(name, ()) if n.op_type not in operators.SHAPE_ONLY
        ]
        for node in readers:
            if node.op_type in operators.CHANNELS_FIRST and node.input(0) == name:
                if len(letters) != 4:
                    return None
                placed = dict(zip(letters, "NCHW", strict=True))
                return "".join(placed[axis] for axis in range(4))
        node = next((n for n in readers if n.op_type in _FOLLOWED), None)
        if node is None:
            return None
        if node.op_type == "Transpose":
            perm = node.attributes.get("perm") or tuple(reversed(range(len(letters))))
            if sorted(perm) != list(range(len(letters))):
                return None
            letters = [letters[axis] for axis in perm]
        name = node.outputs[0]
    return None


_FOLLOWED = (
    operators.QUANTISERS
    | operators.PASSING
    | operators.ACTIVATIONS
    | frozenset("Transpose Cast Sub Add Mul Div Pad Slice ImageScaler".split())
)


def choose(graph, runner, tensor, size=None):
    """Find shapes at which a network runs.

    Parameters
    ----------
    graph : Graph
    runner : engine.run.runner.Runner
        Anything with ``probe(shapes, feeds=...)``, ``alive`` and ``restart()``.
    tensor : Tensor
        The image input.
    size : (int, int), optional
        Rows and columns that a person wants.

    Returns
    -------
    Chosen

    Raises
    ------
    InputError
        When nothing that was tried runs; the sentence is that of the first attempt.
    """
    return _Chooser(graph, runner, tensor, size).choose()


class _Chooser:
    def __init__(self, graph, runner, tensor, size):
        self.graph = graph
        self.runner = runner
        self.tensor = tensor
        self.size = size
        self.layout = input_layout(graph, tensor)
        self.declared = tensor.shape
        if self.declared is None:
            self.declared = (None,) * 4
        self.notes = []

    def choose(self):
        self._check_size()
        sizes = self._sizes()
        batch = self._fixed_batch()
        first_error = None
        for attempt in sizes:
            shapes = self._shapes(attempt, batch or 1)
            try:
                probe = self._probe(shapes)
            except InputError as error:
                first_error = first_error or error
                continue
            return self._learn(probe, shapes, attempt, batch)
        raise first_error

    def _learn(self, probe, shapes, size, batch):
        chosen = Chosen(probe, shapes, batch or 1, feeds=self._feeds(shapes), notes=self.notes)
        if batch is None:
            self._try_batch(chosen, size)
        elif batch > 1:
            chosen.notes.append(f"the file fixes the batch to {batch}")
        if self._free_size_axes():
            rows, columns = self._image_size(shapes[self.tensor.name])
            self._try_other_size(chosen, (rows, columns))
            if self.size is None:
                chosen.notes.append(f"the picture size is free: {rows}x{columns} was chosen")
        for name in chosen.feeds:
            chosen.notes.append(f"the input {name!r} gets {_said(chosen.feeds[name])}")
        return chosen

    def _try_batch(self, chosen, size):
        """Does the batch that is declared free really work, and where is it in each tensor?"""
        two = self._shapes(size, 2)
        try:
            probe = self._probe(two)
        except InputError as error:
            chosen.notes.append(f"the batch is declared free, but only 1 runs ({error.what})")
            return
        if any(node.op_type.startswith("DynamicQuantize") for node in self.graph.nodes):
            chosen.notes.append(
                "it finds its quantisation anew for each batch, so that samples would change each "
                "other: they are run one by one"
            )
            return
        chosen.batch_is_free = True
        chosen.two_shapes = dict(probe.shapes) | two
        for name, shape in chosen.probe.shapes.items():
            chosen.batch_axes[name] = _doubled(shape, probe.shapes.get(name))
        wrong = [
            output.name
            for output in self.graph.outputs
            if chosen.batch_axes.get(output.name, 0) is None and chosen.probe.shapes[output.name]
        ]
        if wrong:
            chosen.batch_is_free = False
            chosen.notes.append(
                f"the batch is declared free, but the output {wrong[0]!r} does not grow with it: "
                "1 is used"
            )

    def _try_other_size(self, chosen, size):
        rows, columns = size
        others = [(rows + 32, columns + 32), (2 * rows, 2 * columns), (rows + 64, columns + 96)]
        for other in others:
            try:
                probe = self._probe(self._shapes(other, chosen.batch))
            except InputError:
                continue
            chosen.size_is_free, chosen.other = True, probe
            return
        self.notes.append(
            f"the picture size is declared free, but nothing else than {rows}x{columns} ran"
        )

    def _probe(self, shapes):
        for name, shape in shapes.items():
            if math.prod(shape) > _LARGEST_INPUT:
                raise InputError(
                    f"its input {name!r} takes {math.prod(shape):,} values",
                    where=self.graph.path,
                    remedy="choose a smaller --size, or export it again",
                )
        if not self.runner.alive:
            self.runner.restart()
        return self.runner.probe(shapes, feeds=self._feeds(shapes))

    # shapes

    def _free_axes(self):
        return [i for i, size in enumerate(self.declared) if not isinstance(size, int) or size == 0]

    def _free_size_axes(self):
        return [i for i in self._free_axes() if self._letter(i) in ("H", "W", "D", "T")]

    def _letter(self, axis):
        return self.layout[axis] if axis < len(self.layout) else "?"

    def _fixed_batch(self):
        """The batch that the file fixes, or None when it is free; 1 when there is no such axis."""
        if "N" not in self.layout:
            return 1
        axis = self.layout.index("N")
        return None if axis in self._free_axes() else self.declared[axis]

    def _check_size(self):
        if self.size is None:
            return
        for letter, wanted in zip("HW", self.size, strict=True):
            axis = self.layout.find(letter)
            if axis < 0 or axis in self._free_axes() or self.declared[axis] == wanted:
                continue
            rows, columns = self._image_size(self.declared)
            raise InputError(
                f"the network's input {self.tensor.name!r} has a fixed size",
                where=self.graph.path,
                expected=f"{rows}x{columns}",
                got=f"{self.size[0]}x{self.size[1]}",
                remedy="leave --size out, or export the network with free sizes",
            )

    def _image_size(self, shape):
        sizes = [shape[self.layout.index(letter)] for letter in "HW" if letter in self.layout]
        return (1, shape[-1]) if len(sizes) < 2 else tuple(sizes)

    def _sizes(self):
        """Sizes to try, the most plausible first."""
        if self.size is not None:
            return [tuple(self.size)]
        if not self._free_size_axes():
            return [None]
        channels = self._channels()
        words = f"{self.graph.path.stem}".lower()
        sizes = [*usual_sizes(channels, self._declared_classes(), words), *COMMON_SIZES]
        return [(each, each) for each in dict.fromkeys(sizes)]

    def _channels(self):
        axis = self.layout.find("C")
        size = self.declared[axis] if axis >= 0 else 1
        return size if isinstance(size, int) and size > 0 else 3

    def _declared_classes(self):
        for tensor in self.graph.outputs:
            if tensor.shape and len(tensor.shape) == 2 and isinstance(tensor.shape[1], int):
                return tensor.shape[1] if tensor.shape[1] > 1 else None
            if self._ends_in_a_classifier(tensor.name):
                return 2
        return None

    def _ends_in_a_classifier(self, name):
        """Whether an output comes from a linear layer or a global pool, through a Softmax or so."""
        ends = operators.GENERAL_PRODUCTS | operators.PRODUCTS | operators.GLOBAL_POOLS
        through = operators.SOFTMAXES | {"Sigmoid", "Reshape", "Flatten", "Squeeze", "Add"}
        while name in self.graph.producer:
            node = self.graph.producer[name]
            if node.op_type in ends:
                return True
            if node.op_type not in through:
                return False
            name = node.inputs[0]
        return False

    def _shapes(self, size, batch):
        """A concrete shape for each input; the same symbol gets the same number everywhere."""
        symbols, image = {}, []
        for axis, declared in enumerate(self.declared):
            if isinstance(declared, int) and declared > 0:
                image.append(declared)
                continue
            image.append(self._fill(self._letter(axis), size, batch))
            if isinstance(declared, str):
                symbols[declared] = image[-1]
        shapes = {self.tensor.name: tuple(image)}
        for other in self.graph.inputs:
            if other.name == self.tensor.name or other.shape is None:
                continue
            shapes[other.name] = tuple(
                each
                if isinstance(each, int) and each > 0
                else symbols.get(each, batch if not i else 1)
                for i, each in enumerate(other.shape)
            )
        return shapes

    def _fill(self, letter, size, batch):
        if letter == "N":
            return batch
        if letter == "C":
            return 3
        if letter in ("H", "W"):
            return (size or (224, 224))["HW".index(letter)]
        return (size or (16, 16))[1] if letter in ("T", "D", "K") else 1

    # other inputs

    def _feeds(self, shapes):
        """Constant values for the inputs that take no picture."""
        feeds = {}
        for tensor in self.graph.inputs:
            if tensor.name != self.tensor.name and tensor.name in shapes:
                feeds[tensor.name] = self._constant(tensor, shapes)
        return feeds

    def _constant(self, tensor, shapes):
        shape = shapes[tensor.name]
        name = tensor.name.lower()
        dtype = np.dtype(tensor.dtype if tensor.dtype in _PLAIN else "float32")
        if dtype.kind == "b":
            return np.full(shape, "train" not in name)
        if "size" in name or "shape" in name:
            picture = self._image_size(shapes[self.tensor.name])
            if shape and shape[-1] == 2:
                return np.broadcast_to(np.array(picture, dtype), shape).copy()
        ones = any(word in name for word in ("scale", "mask", "factor", "ratio"))
        return np.full(shape, 1 if ones else 0, dtype)


_PLAIN = frozenset(
    "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool".split()
)


def _doubled(one, two):
    """The axis that grew with the batch, or None."""
    if two is None or len(one) != len(two):
        return None
    grown = [axis for axis, (a, b) in enumerate(zip(one, two, strict=True)) if b == 2 * a and a]
    same = all(
        a == b for axis, (a, b) in enumerate(zip(one, two, strict=True)) if axis not in grown
    )
    return grown[0] if len(grown) == 1 and same else None


def _said(value):
    flat = value.ravel()
    if value.size <= 4:
        return ", ".join(str(each) for each in flat.tolist())
    return f"{flat[0]} everywhere"
