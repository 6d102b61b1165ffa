"""How letters of axes flow through each operator: see `engine.network.axes`.

``None`` stands for the letters of a tensor that are not known yet, ``"?"`` for one axis.
"""

import math

from engine.network import operators
from engine.network.axis_groups import regroup

_SPATIAL = {0: (), 1: ("W",), 2: ("H", "W"), 3: ("D", "H", "W")}


def channels_first(rank):
    """``N C`` and the spatial letters for a rank, as convolutions have them."""
    return ("N", "C", *_SPATIAL.get(rank - 2, ("T",) * max(0, rank - 2)))[:rank]


def default_letters(shape):
    """What a tensor's axes are when nothing else says so."""
    rank = len(shape)
    if rank == 3:
        return ("N", "T", "C")
    if rank == 4 and shape[3] in (1, 3, 4) and shape[1] not in (1, 3, 4):
        return ("N", "H", "W", "C")
    return channels_first(rank)


class AxisRules:
    """Solve for the letters of all data tensors: seeds, then forward and backward until stable."""

    def __init__(self, graph, shapes, values, data, batch=1):
        self.graph = graph
        self.shapes = shapes
        self.values = values
        self.data = {name for name in data if name in shapes}
        self.letters = {}
        self.batch = batch

    def solve(self):
        """Return the letters of each data tensor, a dict of tuples."""
        self._seed(operators.CHANNELS_FIRST | operators.CHANNELS_LAST)
        nodes = [node for node in self.graph.nodes if any(name in self.data for name in node.reads)]
        self._flow(nodes)
        self._seed(operators.WINDOW_POOLS | operators.GLOBAL_POOLS)
        self._flow(nodes)
        self._guess_the_rest(nodes)
        return {name: self._complete(name) for name in self.data}

    def _flow(self, nodes):
        for _ in range(4):
            before = len(self.letters)
            for node in nodes:
                self._forward(node)
            for node in reversed(nodes):
                self._backward(node)
            if len(self.letters) == before:
                break

    def _seed(self, kinds):
        """Operators that define their axes; pools only where nothing else has said so."""
        for node in self.graph.nodes:
            if node.op_type in kinds:
                last = node.op_type in operators.CHANNELS_LAST
                last = last or bool(node.attributes.get("channels_last", 0))
                for name in (node.input(0), *node.outputs[:1]):
                    if name in self.data and len(self.shapes[name]) >= 2:
                        letters = channels_first(len(self.shapes[name]))
                        turned = (letters[0], *letters[2:], letters[1])
                        self.letters.setdefault(name, turned if last else letters)

    def _guess_the_rest(self, nodes):
        for tensor in self.graph.inputs:
            self._guess(tensor.name)
        for node in nodes:
            self._forward(node)
            for name in node.outputs:
                self._guess(name)

    def _guess(self, name):
        if name in self.data and name not in self.letters:
            self.letters[name] = default_letters(self.shapes[name])

    def _complete(self, name):
        letters = list(self.letters.get(name) or default_letters(self.shapes[name]))
        for place, letter in enumerate(letters):
            if letter == "?":
                letters[place] = "T"
        return tuple(letters)

    def _set(self, name, letters):
        if name in self.data and name not in self.letters and letters is not None:
            if len(letters) == len(self.shapes[name]):
                self.letters[name] = tuple(letters)

    def _known(self, name):
        return self.letters.get(name)

    # forward

    def _forward(self, node):
        if all(name in self.letters or name not in self.data for name in node.outputs):
            return
        rule = getattr(self, "_forward_" + _RULES.get(node.op_type, "any"))
        letters = rule(node)
        for name in node.outputs:
            self._set(name, letters)

    def _first(self, node):
        """Letters and shape of the first data input with known letters."""
        for name in node.inputs:
            if name in self.data and name in self.letters:
                return self.letters[name], self.shapes[name]
        return None, None

    def _forward_any(self, node):
        if node.op_type in operators.SAME_SHAPE:
            return self._broadcast(node)
        letters, shape = self._first(node)
        output = next((name for name in node.outputs if name in self.data), None)
        if letters is None or output is None or len(self.shapes[output]) != len(shape):
            return None
        return letters

    def _broadcast(self, node):
        output = next((name for name in node.outputs if name in self.data), None)
        if output is None:
            return None
        shape = self.shapes[output]
        merged, own = ["?"] * len(shape), set()
        for name in node.inputs:
            letters = self._known(name)
            if letters is None:
                continue
            shift = len(shape) - len(letters)
            for place, letter in enumerate(letters):
                at = place + shift
                if at < 0 or (merged[at] != "?" and at in own):
                    continue
                merged[at] = letter
                if self.shapes[name][place] == shape[at]:
                    own.add(at)
        return None if all(letter == "?" for letter in merged) else merged

    def _forward_transpose(self, node):
        letters, shape = self._first(node)
        if letters is None:
            return None
        perm = node.attributes.get("perm") or tuple(reversed(range(len(shape))))
        return [letters[axis] for axis in perm] if len(perm) == len(letters) else None

    def _forward_reshape(self, node):
        letters, shape = self._first(node)
        output = node.outputs[0]
        if letters is None or output not in self.shapes:
            return None
        return regroup(letters, shape, self.shapes[output], self.batch)

    def _axes_of(self, node, rank):
        axes = node.attributes.get("axes")
        if axes is None and node.input(1):
            axes = self._value(node.input(1))
        if axes is None:
            return None
        return sorted({int(axis) % rank if rank else 0 for axis in axes})

    def _value(self, name):
        value = self.values.get(name)
        value = self.graph.constant(name) if value is None else value
        return None if value is None else value.ravel().tolist()

    def _forward_unsqueeze(self, node):
        letters, shape = self._first(node)
        output = node.outputs[0]
        if letters is None or output not in self.shapes:
            return None
        axes = self._axes_of(node, len(self.shapes[output]))
        return None if axes is None else _inserted(letters, axes, len(self.shapes[output]))

    def _forward_squeeze(self, node):
        letters, shape = self._first(node)
        if letters is None:
            return None
        axes = self._axes_of(node, len(shape))
        if axes is None:
            axes = [axis for axis, size in enumerate(shape) if size == 1]
        return [letter for axis, letter in enumerate(letters) if axis not in axes]

    def _forward_reduce(self, node):
        letters, shape = self._first(node)
        if letters is None or node.attributes.get("keepdims", 1):
            return letters
        axes = self._axes_of(node, len(shape))
        if node.op_type in ("ArgMax", "ArgMin"):
            axes = [node.attributes.get("axis", 0) % len(shape)]
        axes = range(len(shape)) if axes is None else axes
        return [letter for axis, letter in enumerate(letters) if axis not in axes]

    def _forward_gather(self, node):
        letters = self._known(node.input(0))
        if letters is None or node.input(1) not in self.shapes:
            indices = self.graph.constant(node.input(1))
            rank = None if indices is None else indices.ndim
        else:
            rank = len(self.shapes[node.input(1)])
        if letters is None or rank is None:
            return None
        axis = node.attributes.get("axis", 0) % len(letters)
        middle = [letters[axis]] if rank == 1 else ["T"] * rank
        return [*letters[:axis], *middle, *letters[axis + 1 :]]

    def _forward_product(self, node):
        left, right = self._operands(node)
        a = self._known(left) if left in self.data else None
        b = self._known(right) if right in self.data else None
        output = node.outputs[0]
        if output not in self.shapes:
            return None
        rank = len(self.shapes[output])
        if left in self.data and right in self.data:
            if a is None or b is None or len(a) != rank:
                return None
            return _joined([*a[:-1], b[-1]], rank)
        if left in self.data:
            return None if a is None or len(a) != rank else [*a[:-1], "C"]
        return None if b is None or len(b) != rank else [*b[:-2], "C", b[-1]]

    def _operands(self, node):
        if node.op_type == "QLinearMatMul":
            return node.input(0), node.input(3)
        return node.input(0), node.input(1)

    def _forward_gemm(self, node):
        letters = self._known(node.input(0))
        if letters is None:
            return None
        rows = letters[1 if node.attributes.get("transA", 0) else 0]
        return [rows if rows != "C" else "T", "C"]

    def _forward_recurrent(self, node):
        output = node.outputs[0]
        if output in self.shapes and len(self.shapes[output]) == 4:
            return ["T", "D", "N", "C"] if not node.attributes.get("layout", 0) else list("NTDC")
        return None

    def _forward_einsum(self, node):
        equation = str(node.attributes.get("equation", "")).replace(" ", "")
        if "->" not in equation or "." in equation:
            return None
        inputs, output = equation.split("->")
        meaning = {}
        for name, subscript in zip(node.inputs, inputs.split(","), strict=False):
            for letter, symbol in zip(self._known(name) or (), subscript, strict=False):
                meaning.setdefault(symbol, letter)
        if not meaning:
            return None
        letters = [meaning.get(symbol, "C") for symbol in output]
        return _joined(letters, len(letters))

    # backward

    def _backward(self, node):
        output = next((name for name in node.outputs if name in self.letters), None)
        if output is None:
            return
        letters, shape = self.letters[output], self.shapes[output]
        for name in node.inputs:
            if name not in self.data or name in self.letters:
                continue
            self._set(name, self._earlier(node, name, letters, shape))

    def _earlier(self, node, name, letters, shape):
        op, before = node.op_type, self.shapes[name]
        if op == "Transpose":
            perm = node.attributes.get("perm") or tuple(reversed(range(len(letters))))
            earlier = ["?"] * len(letters)
            for place, axis in enumerate(perm):
                earlier[axis] = letters[place]
            return earlier
        if op in ("Reshape", "Flatten"):
            return regroup(letters, shape, before, self.batch)
        if op == "Unsqueeze":
            axes = self._axes_of(node, len(letters))
            if axes is not None:
                return [each for axis, each in enumerate(letters) if axis not in axes]
        if op == "Squeeze":
            axes = self._axes_of(node, len(before))
            if axes is None:
                axes = [axis for axis, size in enumerate(before) if size == 1]
            return _inserted(letters, axes, len(before))
        if op in operators.SAME_SHAPE or op in ("Concat", "Split", "Gather"):
            same_rank = len(before) == len(letters)
            return letters if same_rank and math.prod(before) > 1 else None
        return None


def _inserted(letters, axes, rank):
    """Letters with new axes of size 1: the batch in front, missing channels, else positions."""
    result, rest = [], list(letters)
    for place in range(rank):
        if place not in axes:
            result.append(rest.pop(0) if rest else "T")
        elif place == 0 and not any("N" in letter for letter in letters):
            result.append("N")
        elif "C" not in letters and "C" not in result:
            result.append("C")
        else:
            result.append("T")
    return result


def _joined(letters, rank):
    """Letters of a product of two computed tensors: the last axes are positions beside heads."""
    if rank >= 4 and letters[0] in ("N", "T"):
        return [letters[0], "C", *(["T"] * (rank - 2))]
    return letters


_RULES = {
    "Transpose": "transpose",
    "Reshape": "reshape",
    "Flatten": "reshape",
    "Unsqueeze": "unsqueeze",
    "Squeeze": "squeeze",
    "Gather": "gather",
    "Concat": "any",
    "Einsum": "einsum",
    "ArgMax": "reduce",
    "ArgMin": "reduce",
    "LSTM": "recurrent",
    "GRU": "recurrent",
    "RNN": "recurrent",
}
_RULES |= dict.fromkeys(operators.PRODUCTS, "product")
_RULES |= dict.fromkeys(operators.GENERAL_PRODUCTS, "gemm")
_RULES |= dict.fromkeys(operators.REDUCTIONS, "reduce")
