"""Find functions of one tensor that exporters wrote out: Gelu, SiLU, Mish, LayerNorm, Softmax.

All of them are small regions of the graph with one way in and one way out: every node depends on
nothing but one tensor and constants, and only the last node's output is read from outside. So no
list of node sequences is needed, which every exporter and version would lengthen: grow the region
of allowed operators from the tensor, and take the first node where its arms have joined again.
"""

from dataclasses import dataclass

from engine.network import operators

_ELEMENTWISE = (
    operators.ACTIVATIONS
    | operators.FUNCTIONS
    | operators.SUMS
    | operators.MULTIPLICATIONS
    | operators.EXTREMES
    | operators.QUANTISERS
    | operators.PASSING
    | frozenset(("Cast", "Where", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"))
)

_STATISTICS = frozenset(
    "ReduceMean ReduceSum ReduceSumSquare ReduceL2 ReduceL1 Sub Add Mul Div Pow Sqrt Reciprocal "
    "Cast Identity Expand Max Clip Neg Abs".split()
)
_ROOTS = frozenset(("Sqrt", "ReduceL2", "ReduceL1", "Pow"))
_EXPONENTIALS = frozenset("ReduceMax Sub Exp ReduceSum Div Cast Identity Mul Log".split())

_LARGEST = 40


@dataclass(frozen=True)
class Region:
    """Nodes that compute ``exit`` from ``entry`` and constants, in order."""

    entry: str
    exit: str
    nodes: tuple


class Patterns:
    """Looks for regions in a graph.

    Parameters
    ----------
    graph : Graph
    data : set of str
        Tensors that depend on the inputs' values; all others count as constants.
    outputs : set of str
        The graph's outputs, which are read from outside.
    """

    def __init__(self, graph, data, outputs):
        self.graph = graph
        self.data = data
        self.outputs = outputs

    def activation(self, entry, whole, start=None):
        """An activation function with several arms.

        Parameters
        ----------
        entry : str
            What it is a function of.
        whole : bool
            Whether all readers of ``entry`` must belong to it (absorbed by the layer before).
        start : Node, optional
            A node that must belong to it.

        Returns
        -------
        Region or None
        """
        region = self._grow(entry, _ELEMENTWISE)
        readers = {node.index for node in self.graph.consumers[entry]}
        found = []
        for last in self._joins(entry, region):
            if self._is_residual(entry, last):
                continue
            inside = self._closed(entry, last, region)
            if inside is None or not any(n.op_type in operators.BENDING for n in inside):
                continue
            indices = {node.index for node in inside}
            if start is not None and start.index not in indices:
                continue
            if readers <= indices:
                return Region(entry, _output(last, self.data), inside)
            found.append(Region(entry, _output(last, self.data), inside))
        return found[0] if found and not whole else None

    def _is_residual(self, entry, node):
        """Whether a node adds the entry itself to something: a skip connection, not an arm."""
        if node.op_type not in operators.SUMS:
            return False
        for name in node.reads:
            passing = operators.QUANTISERS | operators.PASSING
            while name != entry and name in self.graph.producer:
                maker = self.graph.producer[name]
                if maker.op_type not in passing:
                    break
                name = maker.inputs[0]
            if name == entry:
                return True
        return False

    def normalisation(self, entry, start):
        """A LayerNorm, RMSNorm or L2 norm that was written out, beginning with ``start``."""

        def complete(nodes):
            kinds = {node.op_type for node in nodes}
            reduced = any(kind.startswith("Reduce") and kind != "ReduceMax" for kind in kinds)
            return reduced and kinds & _ROOTS and kinds & {"Div", "Mul"} and self._has_root(nodes)

        return self._first_complete(entry, start, _STATISTICS, complete)

    def softmax(self, entry, start):
        """A Softmax that was written out, beginning with ``start``."""

        def complete(nodes):
            return {"Exp", "ReduceSum", "Div"} <= {node.op_type for node in nodes}

        return self._first_complete(entry, start, _EXPONENTIALS, complete)

    def _has_root(self, nodes):
        for node in nodes:
            if node.op_type != "Pow" and node.op_type in _ROOTS:
                return True
            if node.op_type == "Pow":
                power = self.graph.constant(node.input(1))
                if power is not None and power.size == 1 and abs(float(power.ravel()[0])) == 0.5:
                    return True
        return False

    def _first_complete(self, entry, start, allowed, complete):
        region = self._grow(entry, allowed)
        if start.index not in region:
            return None
        for last in self._joins(entry, region):
            inside = self._closed(entry, last, region)
            if inside and complete(inside) and start.index in {node.index for node in inside}:
                return Region(entry, _output(last, self.data), inside)
        return None

    def _grow(self, entry, allowed):
        """All nodes, by index, that compute with allowed operators from ``entry`` alone."""
        found, inside = {}, {entry}
        waiting = list(self.graph.consumers[entry])
        while waiting and len(found) < _LARGEST:
            node = waiting.pop(0)
            if node.index in found or node.op_type not in allowed:
                continue
            reads = [name for name in node.reads if name in self.data]
            if not all(name in inside for name in reads):
                continue
            found[node.index] = node
            for name in node.outputs:
                inside.add(name)
                waiting.extend(self.graph.consumers.get(name, ()))
        return found

    def _joins(self, entry, region):
        """Nodes of a region that bring arms together, in order."""
        for index in sorted(region):
            node = region[index]
            arms = {name for name in node.reads if name in self.data}
            twice = len([name for name in node.reads if name == entry]) > 1
            if len(arms) > 1 or twice:
                yield node

    def _closed(self, entry, last, region):
        """The nodes between ``entry`` and ``last``, or None when one of them is read elsewhere."""
        inside, waiting = {last.index: last}, [last]
        while waiting:
            for name in waiting.pop().reads:
                node = self.graph.producer.get(name)
                if name != entry and name in self.data and node and node.index not in inside:
                    if node.index not in region:
                        return None
                    inside[node.index] = node
                    waiting.append(node)
        for node in inside.values():
            for name in node.outputs:
                leaks = name in self.outputs or any(
                    reader.index not in inside for reader in self.graph.consumers.get(name, ())
                )
                if node is not last and leaks:
                    return None
        return tuple(inside[index] for index in sorted(inside))


def _output(node, data):
    return next(name for name in node.outputs if name in data)
