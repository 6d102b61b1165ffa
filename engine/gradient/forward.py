"""The forward graph that a backward pass stands beside: its nodes, shapes and dtypes."""

import numpy as np

from engine.errors import InputError
from engine.network.graph import Graph


class Forward:
    """A prepared model (see `prepare`) with the shape of every tensor.

    Parameters
    ----------
    model : onnx.ModelProto
        Of one operator set, `engine.gradient.OPSET` or newer; its large weights may lie outside.
    path : str or Path
        The file it came from; external data lies in its folder.
    sizes : dict of str to tuple of int
        Shapes at a batch of one (or the batch that the file fixes).
    two_sizes : dict of str to tuple of int
        Shapes at twice that batch; empty where it is fixed.
    dtypes : dict of str to str
    batched : iterable of str
        Where the batch is fixed: tensors whose first axis is the batch.
    batch : int
        Of ``sizes``: 1, or what the file fixes.
    notes : tuple of str
        What a person should know of the preparation.
    aliases : dict of str to str
        Tensors of the file that stand for another one here: an integer input for its real values.

    Attributes
    ----------
    graph : engine.network.graph.Graph
    opset : int
    names : frozenset of str
        Every tensor and initializer.
    """

    def __init__(
        self, model, path, sizes, two_sizes, dtypes, batched=(), batch=1, notes=(), aliases=None
    ):
        self.model = model
        self.path = path
        self.batch = batch
        self.notes = tuple(notes)
        self.aliases = dict(aliases or {})
        self.graph = Graph(model, path)
        self.opset = self.graph.opset
        self.names = frozenset(self.graph.consumers)
        self.dtypes = dict(dtypes)
        self._sizes = dict(sizes)
        self._two = dict(two_sizes)
        self._batched = frozenset(batched)
        self._shapes = {}
        self._complete()

    def shape(self, name):
        """The shape of a tensor, None at the axis of the batch."""
        if name not in self._shapes:
            self._shapes[name] = self._with_batch(name, self.sizes(name))
        return self._shapes[name]

    def sizes(self, name):
        """The shape of a tensor at a batch of one."""
        if name in self._sizes:
            return self._sizes[name]
        shape = self.graph.constant_shape(name)
        if shape is None:
            raise InputError(f"the shape of the tensor {name!r} is not known", where=self.path)
        self._sizes[name] = tuple(int(size) for size in shape)
        return self._sizes[name]

    def dtype(self, name):
        """NumPy's name of a tensor's dtype."""
        if name not in self.dtypes:
            value = self.graph.constant(name)
            if value is None:
                raise InputError(f"the type of the tensor {name!r} is not known", where=self.path)
            self.dtypes[name] = str(value.dtype)
        return self.dtypes[name]

    def real(self, name):
        """The tensor that stands for one of the file's: its real values."""
        return self.aliases.get(name, name)

    def add_output(self, node, place):
        """Let a node give an optional output that it does not give; returns its name."""
        made = next(p for p in self.model.graph.node if p.output and p.output[0] == node.outputs[0])
        while len(made.output) <= place:
            made.output.append("")
        if not made.output[place]:
            made.output[place] = f"{made.output[0]}/output_{place}"
        return made.output[place]

    def replaced(self, model):
        """The same with another model: nodes edited, tensors that kept their name unchanged."""
        return Forward(
            model,
            self.path,
            self._sizes,
            self._two,
            self.dtypes,
            self._batched,
            self.batch,
            self.notes,
            self.aliases,
        )

    def _with_batch(self, name, sizes):
        if self.graph.is_constant(name):
            return sizes
        two = self._two.get(name)
        if two is not None and len(two) == len(sizes):
            return tuple(None if a != b else a for a, b in zip(sizes, two, strict=True))
        return (None, *sizes[1:]) if name in self._batched and sizes else sizes

    def _complete(self):
        """Infer the shapes and dtypes of what a preparation has added."""
        from engine.network.tensors import dtype_name

        for tensor in self.model.graph.initializer:
            self.dtypes.setdefault(tensor.name, dtype_name(tensor.data_type))
        made = [name for node in self.graph.nodes for name in node.outputs if name]
        lacking = [n for n in made if n not in self._sizes or n not in self.dtypes]
        if not lacking:
            return
        found = inferred(self.model, self._sizes, self.dtypes)
        second = inferred(self.model, self._two, self.dtypes) if self._two else {}
        for name in lacking:
            if name not in found:
                continue
            dtype, shape = found[name]
            self.dtypes.setdefault(name, dtype)
            if shape is not None and name not in self._sizes:
                self._sizes[name] = shape
                if second.get(name, (None, None))[1] is not None:
                    self._two[name] = second[name][1]
                elif not self._two and self._takes_batched(name):
                    self._batched |= {name}

    def _takes_batched(self, name):
        node = self.graph.producer[name]
        sizes = self._sizes[name]
        return bool(sizes) and any(
            each in self._batched and self._sizes.get(each, (0,))[:1] == sizes[:1]
            for each in node.inputs
        )


def inferred(model, sizes, dtypes):
    """Types of a model's tensors by shape inference, from those that are known.

    Returns
    -------
    dict of str to (str, tuple of int or None)
    """
    import onnx
    from onnx import helper, shape_inference

    from engine.network.tensors import dtype_name

    light = onnx.ModelProto()
    light.CopyFrom(model)
    del light.graph.value_info[:]
    del light.graph.output[:]
    for value in light.graph.input:
        if value.name in sizes:
            code = value.type.tensor_type.elem_type
            value.CopyFrom(helper.make_tensor_value_info(value.name, code, sizes[value.name]))
    made = {name for node in light.graph.node for name in node.output if name}
    for name in made & sizes.keys():
        code = _code(dtypes.get(name))
        if code:
            info = helper.make_tensor_value_info(name, code, sizes[name])
            light.graph.value_info.append(info)
    result = shape_inference.infer_shapes(light, data_prop=True)
    found = {}
    for value in result.graph.value_info:
        typed = value.type.tensor_type
        if not typed.elem_type:
            continue
        known = typed.HasField("shape") and all(d.HasField("dim_value") for d in typed.shape.dim)
        shape = tuple(d.dim_value for d in typed.shape.dim) if known else None
        found[value.name] = (dtype_name(typed.elem_type), shape)
    return found


def _code(dtype):
    """ONNX's number of a dtype, or None for what is no plain tensor."""
    import onnx

    if dtype is None:
        return None
    if dtype == "bfloat16":
        return onnx.TensorProto.BFLOAT16
    try:
        return onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    except TypeError:
        return None
