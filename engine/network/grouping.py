"""Group a graph's nodes into layers as a person counts them.

From a main node (Conv, Gemm, pool, Add of two computed tensors, normalisation, attention's
products, anything else that mixes) a layer absorbs forward, while its tensor has one reader, what
belongs to it: quantisation, constant Add and Mul, BatchNorm, one activation function. Data movement
belongs to no layer. A table in ``tests/engine/network/test_grouping.py`` fixes the odd cases.
"""

from dataclasses import dataclass, field

from engine.network import operators
from engine.network.patterns import Patterns

_INTEGER_MAINS = frozenset(
    "ConvInteger MatMulInteger QLinearConv QLinearMatMul QLinearAdd QLinearMul QGemm QLinearConcat "
    "QLinearAveragePool QLinearGlobalAveragePool QLinearReduceMean QLinearLeakyRelu QLinearSigmoid "
    "QLinearSoftmax QLinearConvTranspose QLinearWhere".split()
)


@dataclass
class Group:
    """The nodes of one layer, before its axes and costs are known.

    Attributes
    ----------
    main : Node
        Gives the layer its name and kind.
    kind : str
    nodes : list of Node
    pre, post : str
        Before and after the activation function.
    """

    main: object
    kind: str
    nodes: list = field(default_factory=list)
    pre: str = ""
    post: str = ""

    @property
    def raw(self):
        """Every tensor that the layer's nodes make, in order."""
        ordered = sorted(self.nodes, key=lambda node: node.index)
        return tuple(name for node in ordered for name in node.outputs if name)


def data_tensors(graph):
    """The tensors that depend on the values of the network's inputs, not on shapes alone.

    The scale and zero point of DynamicQuantizeLinear count as constants: they only rescale.
    """
    data = {tensor.name for tensor in graph.inputs}
    for node in graph.nodes:
        if node.op_type in operators.SHAPE_ONLY or not any(name in data for name in node.reads):
            continue
        outputs = node.outputs[:1] if node.op_type == "DynamicQuantizeLinear" else node.outputs
        data.update(name for name in outputs if name)
    return data


def group_layers(graph, data, shapes, dtypes, axes):
    """Group the nodes of a graph into layers.

    Parameters
    ----------
    graph : Graph
    data : set of str
        From `data_tensors`.
    shapes, dtypes : dict
        From the probe.
    axes : Axes

    Returns
    -------
    list of Group
        In the order of their main nodes.
    """
    return _Grouping(graph, data, shapes, dtypes, axes).run()


class _Grouping:
    def __init__(self, graph, data, shapes, dtypes, axes):
        self.graph = graph
        self.data = data
        self.shapes = shapes
        self.dtypes = dtypes
        self.axes = axes
        self.outputs = {tensor.name for tensor in graph.outputs}
        self.patterns = Patterns(graph, data, self.outputs)
        self.taken = set()
        self.groups = []

    def run(self):
        for node in self.graph.nodes:
            if node.index in self.taken or not any(name in self.data for name in node.reads):
                continue
            group = self._written_out(node) or self._main(node)
            if group is None:
                continue
            self.groups.append(group)
            self.taken.update(each.index for each in group.nodes)
            self._absorb(group)
        return sorted(self.groups, key=lambda group: group.main.index)

    # main nodes

    def _main(self, node):
        post = self._result(node)
        if post is None:
            return None
        kind = self._kind(node)
        if kind is None:
            return None
        pre = post
        if kind == "activation":
            pre = next(name for name in node.inputs if name in self.data)
        return Group(node, kind, [node], pre, post)

    def _result(self, node):
        """The first output that holds real numbers computed from the data, or None."""
        for name in node.outputs:
            if name in self.data and self._is_real(name, node):
                return name
        return None

    def _is_real(self, name, node):
        if name in self.shapes and name not in self.dtypes:
            return True
        dtype = self.dtypes.get(name, "")
        return dtype.startswith(("float", "bfloat")) or (
            node.op_type in _INTEGER_MAINS or (dtype in ("uint8", "int8") and self._quantised(name))
        )

    def _quantised(self, name):
        from engine.rewrite.expose import scale_of

        return scale_of(name, self.graph.producer, self.graph.consumers) is not None

    def _kind(self, node):
        op = node.op_type
        computed = self._computed(node)
        kind = operators.kind_of(op)
        if kind is not None:
            return kind
        if op in operators.PRODUCTS:
            return "linear" if len(computed) < 2 else self._product_kind(node)
        if op == "Einsum":
            return "linear" if len(computed) < 2 else self._product_kind(node)
        if op in operators.REDUCTIONS:
            return self._reduction_kind(node)
        if op in operators.SUMS:
            return "add" if len(computed) > 1 else None
        if op in operators.MULTIPLICATIONS:
            return "mul" if len(computed) > 1 else None
        if op in operators.EXTREMES:
            return op.lower() if len(computed) > 1 else "activation"
        if op in ("Concat", "QLinearConcat"):
            return "concat" if len(computed) > 1 else None
        if op in operators.ACTIVATIONS:
            return "activation"
        if op in operators.MOVEMENTS or op in operators.FUNCTIONS:
            return None
        return op.lower()

    def _computed(self, node):
        """The inputs with values computed from the data, repeated ones counted."""
        return [name for name in node.inputs if name in self.data]

    def _product_kind(self, node):
        feeds = self._next_ops(node.outputs[0], operators.SOFTMAXES)
        comes = any(self._previous_op(name) for name in node.inputs)
        return "attention" if feeds or comes else "matmul"

    def _next_ops(self, name, wanted):
        """Whether a tensor reaches one of these operators through scaling and masking alone."""
        waiting, seen = [name], set()
        while waiting:
            each = waiting.pop()
            for node in self.graph.consumers.get(each, ()):
                if node.op_type in wanted or self._starts_softmax(node, each):
                    return True
                passes = operators.SUMS | operators.MULTIPLICATIONS | operators.QUANTISERS
                passes |= operators.PASSING | {"Cast", "Where", "Clip", "Max", "Reshape"}
                if node.op_type in passes and node.index not in seen and len(seen) < 40:
                    seen.add(node.index)
                    waiting.append(node.outputs[0])
        return False

    def _starts_softmax(self, node, entry):
        return node.op_type in ("ReduceMax", "Exp") and bool(self.patterns.softmax(entry, node))

    def _previous_op(self, name):
        """Whether a tensor comes from a Softmax through data movement alone."""
        while name in self.graph.producer and name in self.data:
            node = self.graph.producer[name]
            if node.op_type in operators.SOFTMAXES:
                return True
            if node.op_type == "Div" and self.groups:
                return any(
                    g.kind == "softmax" and g.main in g.nodes and node in g.nodes
                    for g in self.groups
                )
            if node.op_type not in operators.MOVEMENTS or not node.inputs:
                return False
            name = node.inputs[0]
        return False

    def _reduction_kind(self, node):
        name = next(name for name in node.inputs if name in self.data)
        letters = self.axes[name]
        reduced = self._reduced_axes(node, len(letters))
        return "pool" if all(letters[axis] not in ("C", "N") for axis in reduced) else "reduce"

    def _reduced_axes(self, node, rank):
        axes = node.attributes.get("axes")
        if axes is None and node.input(1) and node.op_type != "QLinearReduceMean":
            value = self.graph.constant(node.input(1))
            axes = None if value is None else value.ravel().tolist()
        return range(rank) if axes is None else [int(axis) % rank for axis in axes]

    def _written_out(self, node):
        """A normalisation, softmax or activation function that begins here and was written out."""
        entry = next((name for name in node.inputs if name in self.data), None)
        if entry is None or not self._is_real_tensor(entry):
            return None
        op = node.op_type
        region, kind = None, None
        if op in (
            "ReduceMean",
            "Pow",
            "Mul",
            "ReduceL2",
            "ReduceSumSquare",
            "ReduceL1",
            "Abs",
            "Cast",
        ):
            region, kind = self.patterns.normalisation(entry, node), "norm"
        if region is None and op in ("ReduceMax", "Exp"):
            region, kind = self.patterns.softmax(entry, node), "softmax"
        if region is None and (op in _ARM_STARTS or op in operators.ACTIVATIONS):
            region, kind = self.patterns.activation(entry, False, node), "activation"
        if region is None or any(each.index in self.taken for each in region.nodes):
            return None
        pre = entry if kind == "activation" else region.exit
        return Group(region.nodes[0], kind, list(region.nodes), pre, region.exit)

    def _is_real_tensor(self, name):
        return self.dtypes.get(name, "float32").startswith(("float", "bfloat")) or (
            name in self.graph.producer and self._is_real(name, self.graph.producer[name])
        )

    # what a layer absorbs

    def _absorb(self, group):
        active = group.kind == "activation"
        while True:
            tensor = group.post
            if tensor in self.outputs:
                return
            readers = self.graph.consumers[tensor]
            if any(node.index in self.taken for node in readers):
                return
            if len(readers) == 1 and self._restores(group, readers[0]):
                self._take(group, [readers[0]], readers[0].outputs[0])
                continue
            if len(readers) == 1:
                moved, node = self._through_movement(group, readers[0])
                if node is None:
                    return
                source = moved[-1].outputs[0] if moved else tensor
                if self._belongs(node, source):
                    self._take(group, [*moved, node], self._carried(node))
                    continue
                nodes = [node] if self._is_activation(node, source) else None
                if nodes is None and (moved or source != tensor):
                    return
            else:
                moved, source, nodes = [], tensor, None
            if active:
                return
            if nodes is None:
                region = self.patterns.activation(source, True)
                if region is None or any(each.index in self.taken for each in region.nodes):
                    return
                nodes = list(region.nodes)
            active = True
            end = _first_of(nodes[-1].outputs, self.data)
            self._take(group, [*moved, *nodes], end)
            group.pre = source
            continue

    def _take(self, group, nodes, post):
        was_pre = group.pre == group.post and group.kind != "activation"
        group.nodes += nodes
        group.post = post
        if was_pre:
            group.pre = post
        self.taken.update(node.index for node in nodes)

    def _carried(self, node):
        return _first_of(node.outputs, self.data)

    def _belongs(self, node, tensor):
        """Quantisation, a constant Add or Mul, or BatchNorm."""
        op = node.op_type
        if op in operators.QUANTISERS:
            return node.input(0) == tensor
        if op == "BatchNormalization":
            return node.input(0) == tensor
        if op in ("Add", "Sub", "Sum", "Mul", "Div", "QLinearAdd", "QLinearMul", "Affine"):
            if len(self._computed(node)) != 1 or not self._keeps_shape(node, tensor):
                return False
            return op != "Div" or node.input(0) == tensor
        return False

    def _is_activation(self, node, tensor):
        op = node.op_type
        if op not in operators.ACTIVATIONS | operators.FUNCTIONS | operators.EXTREMES:
            return False
        if len(self._computed(node)) != 1 or not self._keeps_shape(node, tensor):
            return False
        return self._carried(node) is not None and self._is_real(self._carried(node), node)

    def _keeps_shape(self, node, tensor):
        output = self._carried(node)
        if output is None:
            return False
        before, after = self.shapes.get(tensor), self.shapes.get(output)
        return before is None or after is None or before == after

    def _restores(self, group, node):
        """Whether a Reshape behind a norm takes back the one before it: an exported GroupNorm."""
        before = self.graph.producer.get(group.main.input(0))
        if group.kind != "norm" or node.op_type != "Reshape" or len(group.nodes) != 1:
            return False
        if before is None or before.op_type != "Reshape":
            return False
        shape = self.shapes.get(before.input(0))
        return shape is not None and shape == self.shapes.get(self._carried(node))

    def _through_movement(self, group, node):
        """Look through data movement that keeps the channels for what belongs to the layer."""
        moved = []
        while self._keeps_channels(group, node):
            output = self._carried(node)
            readers = self.graph.consumers.get(output, ())
            if output in self.outputs or len(readers) != 1 or len(moved) > 8:
                return [], None
            moved.append(node)
            node = readers[0]
        if not moved:
            return moved, node
        source = moved[-1].outputs[0]
        worth = self._belongs(node, source) or self._is_activation(node, source)
        if not worth or node.op_type in operators.QUANTISERS:
            return [], None
        return moved, node

    def _keeps_channels(self, group, node):
        if self._carried(node) is None or node.input(0) not in self.data:
            return False
        op = node.op_type
        if op in operators.PASSING or op == "Transpose":
            return True
        if op == "Cast":
            return self.dtypes.get(node.outputs[0], "").startswith(("float", "bfloat"))
        if op not in ("Reshape", "Squeeze", "Unsqueeze") or group.kind not in ("linear", "norm"):
            return False
        return self._channels(node.input(0)) == self._channels(node.outputs[0])

    def _channels(self, name):
        from engine.network.axes import channel_axis

        place = channel_axis(self.axes[name])
        return None if place is None else self.shapes[name][place]


_ARM_STARTS = frozenset("Mul Div Add Pow Exp Neg Abs Sub".split())


def _first_of(names, data):
    return next((name for name in names if name in data), None)
