"""Write a model's local functions out as nodes, so that the graph holds standard operators only.

Exporters of PyTorch and TensorFlow wrap parts of a network in functions that the file itself
defines. A call is replaced by the function's nodes; inner tensors get the call's name in front, and
names of the graph's own tensors stay as they are.
"""

from engine.errors import InputError

MAX_NODES = 200_000
"""Most nodes after inlining: calls of calls of calls grow without bound in a hostile file."""


def inline_functions(model, where):
    """Return a model without local functions that computes the same.

    Parameters
    ----------
    model : onnx.ModelProto
        Checked by `engine.network.load`.
    where : object
        The file, for messages.

    Returns
    -------
    onnx.ModelProto
        The same object, its graph's nodes replaced.

    Raises
    ------
    InputError
        When functions call each other in a circle, or inlining gives more than `MAX_NODES` nodes.
    """
    functions = {(each.domain, each.name, each.overload): each for each in model.functions}
    inliner = _Inliner(functions, where)
    if inliner.count(model.graph.node, ()) > MAX_NODES:
        inliner.fault(f"its functions unfold to more than {MAX_NODES:,} nodes")
    nodes = inliner.expand(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    imported = {entry.domain: entry.version for entry in model.opset_import}
    for function in model.functions:
        for entry in function.opset_import:
            if entry.domain not in imported:
                imported[entry.domain] = entry.version
                model.opset_import.add(domain=entry.domain, version=entry.version)
    del model.functions[:]
    return model


class _Inliner:
    def __init__(self, functions, where):
        self.functions = functions
        self.where = where
        self.calls = 0
        self.sizes = {}

    def count(self, nodes, stack):
        """How many nodes these unfold to, found without unfolding; refuses circles."""
        total = 0
        for node in nodes:
            key = _key(node)
            total += sum(self.count(body.node, stack) for body in _bodies(node))
            if key not in self.functions:
                total += 1
                continue
            if key in stack:
                self.fault(f"its function {node.op_type!r} calls itself")
            if key not in self.sizes:
                self.sizes[key] = self.count(self.functions[key].node, (*stack, key))
            total += self.sizes[key]
        return total

    def expand(self, nodes):
        result = []
        for node in nodes:
            if _key(node) in self.functions:
                result += self.expand(self.call(node, self.functions[_key(node)]))
            else:
                result.append(self.expand_bodies(node))
        return result

    def expand_bodies(self, node):
        for body in _bodies(node):
            inner = self.expand(body.node)
            del body.node[:]
            body.node.extend(inner)
        return node

    def call(self, node, function):
        """The function's nodes with their tensors renamed and its attributes filled in."""
        self.calls += 1
        prefix = (
            f"{node.name or node.output[0]}/" if node.name or node.output else f"call_{self.calls}/"
        )
        names = dict(zip(function.input, node.input, strict=False))
        names |= dict.fromkeys(function.input[len(node.input) :], "")
        passed = dict(zip(function.output, node.output, strict=False))
        passed = {inner: outer for inner, outer in passed.items() if outer}
        straight = [name for name in passed if name in names]
        given = {each.name: each for each in node.attribute}
        given = {each.name: each for each in function.attribute_proto} | given
        rename = _Names(names | {k: v for k, v in passed.items() if k not in names}, prefix)
        copies = []
        for inner in function.node:
            copy = type(inner)()
            copy.CopyFrom(inner)
            _rename(copy, rename)
            _fill(copy, given)
            copies.append(copy)
        for name in straight:
            copies.append(
                type(node)(op_type="Identity", input=[names[name]], output=[passed[name]])
            )
        return copies

    def fault(self, what):
        raise InputError(what, where=self.where, remedy="export it again")


def _key(node):
    return node.domain, node.op_type, node.overload


def _bodies(node):
    """The subgraphs in a node's attributes."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


class _Names:
    def __init__(self, known, prefix):
        self.known = dict(known)
        self.prefix = prefix

    def __call__(self, name):
        return self.known.setdefault(name, self.prefix + name) if name else ""


def _rename(node, rename):
    node.name = rename.prefix + (node.name or "")
    if node.name == rename.prefix:
        node.name = rename.prefix + node.op_type
    node.input[:] = [rename(name) for name in node.input]
    node.output[:] = [rename(name) for name in node.output]
    for body in _bodies(node):
        for each in body.node:
            _rename(each, rename)
        for value in (*body.input, *body.output, *body.initializer):
            value.name = rename(value.name)


def _fill(node, given):
    """Replace attributes that refer to the function's own by the values of the call."""
    for body in _bodies(node):
        for each in body.node:
            _fill(each, given)
    for place in reversed(range(len(node.attribute))):
        attribute = node.attribute[place]
        if not attribute.ref_attr_name:
            continue
        name, source = attribute.name, given.get(attribute.ref_attr_name)
        if source is None:
            del node.attribute[place]
        else:
            attribute.CopyFrom(source)
            attribute.name = name
