"""Cut a graph in two at some of its tensors: what they depend on, and what depends on them.

What the second half needs of the first becomes its inputs. So that half can run again and again
for the same picture, whose forward pass stays known.
"""


def halve(model, roots, types=None):
    """Cut a model.

    Parameters
    ----------
    model : onnx.ModelProto
        Its nodes in an order that runs.
    roots : iterable of str
        Tensors; what depends on them is the second half.
    types : callable(str) -> onnx.ValueInfoProto or None, optional
        The type of a tensor that crosses the cut; what it does not know shape inference finds.

    Returns
    -------
    (onnx.ModelProto, onnx.ModelProto)
        The outputs of the first are the inputs of the second (the roots among them where they are
        read) and the model's outputs that do not depend on the roots; those of the second are the
        model's other outputs. Nodes that depend on constants alone stand in both.
    """
    graph = model.graph
    constants = {each.name for each in graph.initializer}
    constants |= {each.values.name for each in graph.sparse_initializer}
    late, fixed = set(roots), set(constants)
    second_nodes = []
    for node in graph.node:
        reads = _reads(node)
        if any(name in late for name in reads) and not set(node.output) & set(roots):
            late.update(node.output)
            second_nodes.append(node)
        elif all(name in fixed for name in reads):
            fixed.update(node.output)
    wanted = [each.name for each in graph.output]
    cut = [name for node in second_nodes for name in _reads(node)]
    cut += [name for name in wanted if name in set(roots)]
    made_late = {name for node in second_nodes for name in node.output}
    cut = [n for n in dict.fromkeys(cut) if n not in made_late and n not in fixed]
    early = [name for name in wanted if name not in made_late and name not in cut]
    first = _part(model, [*cut, *early], ())
    known = {name: types(name) for name in cut} if types is not None else {}
    if any(known.get(name) is None for name in cut):
        known = _types(first) | {name: value for name, value in known.items() if value is not None}
    second = _part(model, [name for name in wanted if name in made_late], [known[n] for n in cut])
    return first, second


def _reads(node):
    """What a node reads; bodies of If, Loop and Scan from outside of themselves, too."""
    names = [name for name in node.input if name]
    for attribute in node.attribute:
        for body in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
            inside = {value.name for value in body.input}
            inside |= {each.name for each in body.initializer}
            inside |= {name for inner in body.node for name in inner.output}
            read = [name for inner in body.node for name in _reads(inner)]
            read += [value.name for value in body.output]
            names += [name for name in read if name not in inside]
    return names


def _part(model, outputs, inputs):
    """The model that makes these outputs from these inputs (its own, where none are given)."""
    given = {value.name for value in inputs}
    needed, waiting = set(), list(outputs)
    maker = {name: node for node in model.graph.node for name in node.output}
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        if name in maker and name not in given:
            waiting.extend(_reads(maker[name]))
    part = type(model)(ir_version=model.ir_version, producer_name=model.producer_name)
    part.opset_import.extend(model.opset_import)
    graph = part.graph
    graph.name = model.graph.name
    graph.node.extend(
        node
        for node in model.graph.node
        if any(n in needed and n not in given for n in node.output)
    )
    graph.initializer.extend(each for each in model.graph.initializer if each.name in needed)
    graph.sparse_initializer.extend(
        each for each in model.graph.sparse_initializer if each.values.name in needed
    )
    graph.input.extend(inputs or model.graph.input)
    known = {value.name: value for value in (*model.graph.output, *model.graph.input)}
    for name in outputs:
        if name in known:
            graph.output.append(known[name])
        else:
            graph.output.add(name=name)
    return part


def _types(model):
    """The type of every tensor that shape inference knows, outputs' types filled in."""
    from onnx import shape_inference

    light = type(model)()
    light.CopyFrom(model)
    plain = {value.name for value in light.graph.output if not value.HasField("type")}
    kept = [value for value in light.graph.output if value.name not in plain]
    kept = [type(value).FromString(value.SerializeToString()) for value in kept]
    del light.graph.output[:]
    light.graph.output.extend(kept)
    found = shape_inference.infer_shapes(light, data_prop=True).graph
    types = {each.name: each for each in (*found.value_info, *found.output, *found.input)}
    for value in model.graph.output:
        if value.name in types:
            value.CopyFrom(types[value.name])
    return types
